/* SPDX-License-Identifier: MIT */
/* Who stands on whom, of a list's devices or of the caller's. */
#ifndef DMK_GRAPH_H
#define DMK_GRAPH_H

#include "kernel/context.h"

struct dmk_graph {
	struct dmk_devices *devices;  /* whose texts the nodes have; NULL: they have none */
	struct dmk_graph_node *nodes; /* those that were asked, then what else they stand on */
	const struct dmk_graph_node **below; /* of all nodes, one after another */
	uint32_t n;
	uint32_t n_asked;
	struct dmk_devno *deps; /* the same as numbers, until they are linked */
	size_t n_deps;
	size_t room;
	uint32_t *slots; /* by number, open addressing; 0: empty, else the node's index + 1 */
	uint32_t mask;
};

/* n nodes without a number, which is none's. -ENOMEM. Then, in any case, dmk_graph_drop(). */
int dmk_graph_init(struct dmk_graph *graph, uint32_t n) DMK_MUST_CHECK;
/* What node index stands on, by dmk_get_deps(); in this order. Its number is the caller's to set.
 */
int dmk_graph_ask(struct dmk *dm, struct dmk_graph *graph, uint32_t index,
		  const struct dmk_id *id) DMK_MUST_CHECK;
/* Once all were asked: what stands below each and how many above. Of two nodes of one number the
 * first is found, and the other stands on nothing. -ENOMEM. */
int dmk_graph_link(struct dmk_graph *graph) DMK_MUST_CHECK;
void dmk_graph_drop(struct dmk_graph *graph);

#endif
