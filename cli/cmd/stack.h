/* SPDX-License-Identifier: MIT */
/* What the commands of stacks share. */
#ifndef DMKIT_CMD_STACK_H
#define DMKIT_CMD_STACK_H

#include "common/cli.h"
#include "dmkit-stack.h"

/* stack-show.c: the steps of a plan, of apply as what was done. Returns how many change something. */
uint32_t show_plan(struct cli *cli, const char *stack, struct dmk_plan *plan, bool done);

#endif
