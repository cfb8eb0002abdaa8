/* SPDX-License-Identifier: MIT */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int dmk_graph_init(struct dmk_graph *graph, uint32_t n)
{
	*graph = (struct dmk_graph){ .n = n, .n_asked = n };
	graph->nodes = calloc((size_t)n + 1, sizeof(*graph->nodes));
	return graph->nodes ? 0 : -ENOMEM;
}

int dmk_graph_ask(struct dmk *dm, struct dmk_graph *graph, uint32_t index, const struct dmk_id *id)
{
	DMK_CLEANUP(dmk_free_ptr) struct dmk_devno *deps = NULL;
	uint32_t n;
	int r = dmk_get_deps(dm, id, NULL, &deps, &n);

	if (r < 0)
		return r;
	if (graph->n_deps + n > graph->room) {
		size_t room = (graph->n_deps + n) * 2;
		struct dmk_devno *more = realloc(graph->deps, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		graph->deps = more;
		graph->room = room;
	}
	if (n > 0)
		memcpy(graph->deps + graph->n_deps, deps, n * sizeof(*deps));
	graph->n_deps += n;
	graph->nodes[index].n_below = n;
	return 0;
}

/* The slot of a number: the one that holds it, or the empty one where it belongs. Never full. */
static uint32_t *slot_of(const struct dmk_graph *graph, uint32_t major, uint32_t minor)
{
	uint32_t hash = (minor ^ major << 20) * UINT32_C(2654435769);

	for (uint32_t i = hash >> 7;; i++) {
		uint32_t *slot = &graph->slots[i & graph->mask];
		const struct dmk_graph_node *node;

		if (*slot == 0)
			return slot;
		node = &graph->nodes[*slot - 1];
		if (node->major == major && node->minor == minor)
			return slot;
	}
}

static int make_room(struct dmk_graph *graph)
{
	uint64_t most = (uint64_t)graph->n + graph->n_deps;
	struct dmk_graph_node *nodes;
	uint64_t slots = 4;

	while (slots < most * 2)
		slots *= 2;
	if (slots > UINT32_MAX)
		return -ENOMEM;
	nodes = realloc(graph->nodes, (size_t)(most + 1) * sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	graph->nodes = nodes;
	graph->mask = (uint32_t)(slots - 1);
	graph->slots = calloc((size_t)slots, sizeof(*graph->slots));
	graph->below = calloc(graph->n_deps + 1, sizeof(*graph->below));
	return graph->slots && graph->below ? 0 : -ENOMEM;
}

static void enter(struct dmk_graph *graph, uint32_t index)
{
	struct dmk_graph_node *node = &graph->nodes[index];
	uint32_t *slot = slot_of(graph, node->major, node->minor);

	node->index = index;
	if (*slot == 0 && (node->major || index >= graph->n_asked))
		*slot = index + 1;
}

static int compare_numbers(const void *a, const void *b)
{
	const struct dmk_graph_node *x = a;
	const struct dmk_graph_node *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

/* What nobody asked about, once each: sorted, it has other slots. */
static void add_others(struct dmk_graph *graph)
{
	for (size_t i = 0; i < graph->n_deps; i++) {
		const struct dmk_devno *dep = &graph->deps[i];

		if (*slot_of(graph, dep->major, dep->minor) == 0) {
			graph->nodes[graph->n] =
				(struct dmk_graph_node){ .major = dep->major, .minor = dep->minor };
			enter(graph, graph->n++);
		}
	}
	qsort(graph->nodes + graph->n_asked, graph->n - graph->n_asked, sizeof(*graph->nodes),
	      compare_numbers);
	memset(graph->slots, 0, ((size_t)graph->mask + 1) * sizeof(*graph->slots));
	for (uint32_t i = 0; i < graph->n; i++)
		enter(graph, i);
}

int dmk_graph_link(struct dmk_graph *graph)
{
	size_t next = 0;

	if (make_room(graph) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < graph->n_asked; i++)
		enter(graph, i);
	add_others(graph);
	for (uint32_t i = 0; i < graph->n_asked; i++) {
		struct dmk_graph_node *node = &graph->nodes[i];
		uint32_t n = node->n_below;

		node->below = graph->below + next;
		if (dmk_graph_find(graph, node->major, node->minor) != node)
			node->n_below = 0;
		for (uint32_t d = 0; d < node->n_below; d++) {
			const struct dmk_devno *dep = &graph->deps[next + d];
			uint32_t below = *slot_of(graph, dep->major, dep->minor) - 1;

			graph->below[next + d] = &graph->nodes[below];
			graph->nodes[below].n_above++;
		}
		next += n;
	}
	free(graph->deps);
	graph->deps = NULL;
	return 0;
}

void dmk_graph_drop(struct dmk_graph *graph)
{
	dmk_devices_free(graph->devices);
	free(graph->nodes);
	free(graph->below);
	free(graph->deps);
	free(graph->slots);
}

/* ---- of a list ---- */

static int read_listed(struct dmk *dm, struct dmk_graph *graph, struct dmk_devices *devices)
{
	struct dmk_device device;
	uint32_t n = 0;
	int r;

	dmk_devices_rewind(devices);
	while ((r = dmk_devices_next(devices, &device)) == 1)
		n++;
	dmk_devices_rewind(devices);
	if (r == 0)
		r = dmk_graph_init(graph, n);
	graph->devices = devices;
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_LIST, r);
	for (uint32_t i = 0; i < n && dmk_devices_next(devices, &device) == 1; i++) {
		struct dmk_graph_node *node = &graph->nodes[i];

		node->major = device.major;
		node->minor = device.minor;
		node->name = device.name;
		node->uuid = device.uuid;
		/* By number: the name may be another device's by now. */
		r = dmk_graph_ask(dm, graph, i, DMK_DEVNO(device.major, device.minor));
		node->gone = r == -ENXIO;
		if (r < 0 && !node->gone)
			return dmk_fail_step(dm, DMK_STEP_DEPS, r);
	}
	r = dmk_graph_link(graph);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_DEPS, r) : dmk_done(dm, 0);
}

int dmk_graph_read(struct dmk *dm, struct dmk_devices *devices, struct dmk_graph **ret_graph)
{
	struct dmk_graph *graph = calloc(1, sizeof(*graph));
	int r;

	dmk_begin(dm, DMK_VERB_DEPS, NULL);
	if (!graph) {
		dmk_devices_free(devices);
		return dmk_fail_step(dm, DMK_STEP_DEPS, -ENOMEM);
	}
	r = read_listed(dm, graph, devices);
	if (r < 0)
		dmk_graph_free(graph);
	else
		*ret_graph = graph;
	return r;
}

void dmk_graph_free(struct dmk_graph *graph)
{
	if (!graph)
		return;
	dmk_graph_drop(graph);
	free(graph);
}

uint32_t dmk_graph_count(const struct dmk_graph *graph)
{
	return graph->n;
}

const struct dmk_graph_node *dmk_graph_at(const struct dmk_graph *graph, uint32_t index)
{
	return index < graph->n ? &graph->nodes[index] : NULL;
}

const struct dmk_graph_node *dmk_graph_find(const struct dmk_graph *graph, uint32_t major,
					    uint32_t minor)
{
	uint32_t found = *slot_of(graph, major, minor);

	return found ? &graph->nodes[found - 1] : NULL;
}
