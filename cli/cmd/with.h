/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_CMD_WITH_H
#define DMKIT_CMD_WITH_H

#include "common/cli.h"

/* Devices that are there while a command runs. */
struct rig {
	char **names;
	uint32_t n;
	bool single; /* one that nobody has named */
};

/* ---- with-run.c: the command, from its start to its end. Its exit code, or one of ours, reported.
 */
int run_with(struct cli *cli, const struct rig *rig, char **command);
/* Once nobody holds them any more: waits until they are gone, and says who still has one. */
void wait_for_end(struct cli *cli, const struct rig *rig);

#endif
