/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_STATS_REPLY_H
#define DMKIT_STATS_REPLY_H

#include "common/cli.h"

/* What is known of the form of this message's reply, which is printed then, with --json into the
 * object that is open; false: nothing was. */
bool show_reply(struct cli *cli, const char *text, const char *reply);

#endif
