/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <errno.h>
#include <stdlib.h>

int dmk_edges_add(struct dmk_edges *edges, uint32_t to)
{
	for (uint32_t i = 0; i < edges->n; i++)
		if (edges->to[i] == to)
			return 0;
	/* Room is doubled where the count is a power of two. */
	if ((edges->n & (edges->n - 1)) == 0) {
		size_t room = edges->n ? (size_t)edges->n * 2 : 1;
		uint32_t *more = realloc(edges->to, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		edges->to = more;
	}
	edges->to[edges->n++] = to;
	return 0;
}

void dmk_edges_free(struct dmk_edges *edges)
{
	free(edges->to);
	*edges = (struct dmk_edges){ 0 };
}

uint32_t dmk_edges_left(const struct dmk_edges *edges, const bool *placed)
{
	uint32_t i = 0;

	while (placed[edges->to[i]])
		i++;
	return edges->to[i];
}

/* For each those that wait for it, one after another: of number i from first[i] on, up to
 * first[i + 1]. */
struct waiting {
	uint32_t *first;
	uint32_t *list;
};

static int find_waiting(const struct dmk_edges *edges, uint32_t n, struct waiting *ret_waiting)
{
	uint32_t *first = calloc((size_t)n + 2, sizeof(*first)), *list;
	size_t all = 0;

	for (uint32_t i = 0; first && i < n; i++)
		for (uint32_t j = 0; j < edges[i].n; j++, all++)
			first[edges[i].to[j] + 2]++;
	list = calloc(all + 1, sizeof(*list));
	*ret_waiting = (struct waiting){ first, list };
	if (!first || !list)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		first[i + 2] += first[i + 1];
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < edges[i].n; j++)
			list[first[edges[i].to[j] + 1]++] = i;
	return 0;
}

static uint32_t place(const struct dmk_edges *edges, uint32_t n, const struct waiting *waiting,
		      uint32_t *missing, uint32_t *order)
{
	uint32_t placed = 0;

	for (uint32_t i = 0; i < n; i++) {
		missing[i] = edges[i].n;
		if (missing[i] == 0)
			order[placed++] = i;
	}
	for (uint32_t done = 0; done < placed; done++) {
		uint32_t at = order[done];

		for (uint32_t i = waiting->first[at]; i < waiting->first[at + 1]; i++)
			if (--missing[waiting->list[i]] == 0)
				order[placed++] = waiting->list[i];
	}
	return placed;
}

int dmk_edges_sort(const struct dmk_edges *edges, uint32_t n, uint32_t *ret_order, bool *placed)
{
	DMK_CLEANUP(dmk_free_ptr) uint32_t *missing = calloc((size_t)n + 1, sizeof(*missing));
	struct waiting waiting;
	uint32_t n_placed = 0;
	int r = find_waiting(edges, n, &waiting);

	if (r == 0 && !missing)
		r = -ENOMEM;
	if (r == 0)
		n_placed = place(edges, n, &waiting, missing, ret_order);
	for (uint32_t i = 0; i < n_placed; i++)
		placed[ret_order[i]] = true;
	free(waiting.first);
	free(waiting.list);
	return r == 0 && n_placed < n ? -ELOOP : r;
}
