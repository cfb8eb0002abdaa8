/* SPDX-License-Identifier: MIT */
/* Who must be there before whom, as indexes. */
#ifndef DMK_STACK_ORDER_H
#define DMK_STACK_ORDER_H

#include "base/util.h"

struct dmk_edges {
	uint32_t *to;
	uint32_t n;
};

/* Once each. -ENOMEM. */
int dmk_edges_add(struct dmk_edges *edges, uint32_t to) DMK_MUST_CHECK;
void dmk_edges_free(struct dmk_edges *edges);
/* One of those that are not placed; there is one. */
uint32_t dmk_edges_left(const struct dmk_edges *edges, const bool *placed);

/* All n, each after those that edges[it] leads to, else by number. -ELOOP: there is a circle, and
 * what is not in placed is in it or behind it; -ENOMEM. placed is all false before. */
int dmk_edges_sort(const struct dmk_edges *edges, uint32_t n, uint32_t *ret_order,
		   bool *placed) DMK_MUST_CHECK;

#endif
