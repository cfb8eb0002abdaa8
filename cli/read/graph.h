/* SPDX-License-Identifier: MIT */
/* Which mapping stands on which, for tree. */
#ifndef DMKIT_GRAPH_H
#define DMKIT_GRAPH_H

#include "common/cli.h"

struct node {
	char name[DMK_NAME_SIZE];
	uint32_t major;
	uint32_t minor;
	uint32_t n_deps;
	uint32_t n_above; /* mappings that stand on it */
	struct dmk_devno *deps;
	bool gone; /* no longer there */
};

struct graph {
	struct node *nodes; /* in the kernel's order */
	struct node **by_number;
	size_t n;
};

/* One request for the list and one for each device. 0 or an exit code, reported. */
int graph_read(struct cli *cli, struct graph *ret_graph);
void graph_free(struct graph *graph);
/* NULL: not a mapping. */
struct node *graph_find(const struct graph *graph, const struct dmk_devno *number);

#endif
