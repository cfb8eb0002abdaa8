/* SPDX-License-Identifier: MIT */
/* What the commands of stacks share. */
#ifndef DMKIT_CMD_STACK_H
#define DMKIT_CMD_STACK_H

#include "common/cli.h"
#include "dmkit-stack.h"

/* stack-show.c: the steps of a plan, of apply as what was done. Returns how many change something. */
uint32_t show_plan(struct cli *cli, const char *stack, struct dmk_plan *plan, bool done);

/* ---- export-stack.c */
/* The text of a stack file, of these tables, what a device stands on first: free(). wanted says of
 * each of the graph's devices whether it is one of them. 0 or an exit code, reported. */
int format_stack(struct cli *cli, const struct dmk_graph *graph, const bool *wanted,
		 struct dmk_segments **tables, uint32_t n, char **ret_text);
/* What stands behind DMKIT-STACK- in the uuid; NULL: it is none of that stack's. */
const char *behind_stack(const char *uuid, const char *stack);
/* The stack's name of a uuid; false: it is of none. */
bool stack_of_uuid(const char *uuid, char name[static DMK_STACK_NAME_SIZE]);

#endif
