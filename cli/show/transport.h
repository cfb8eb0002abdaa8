/* SPDX-License-Identifier: MIT */
/* The requests on their way: --dry-run, --trace, --deadline. */
#ifndef DMKIT_TRANSPORT_H
#define DMKIT_TRANSPORT_H

#include "common/cli.h"

void transport_install(struct cli *cli);
/* Before each of several calls: what is left of --deadline is this one's limit. */
void arm_deadline(struct cli *cli);

#endif
