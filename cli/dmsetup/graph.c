/* SPDX-License-Identifier: MIT */
/* Who stands on whom, in the order of a search from each listed mapping downwards. */
#include <errno.h>
#include <stdlib.h>

#include "dmsetup/report/report.h"

static uint32_t *slot_of(const struct dms_graph *graph, uint32_t major, uint32_t minor)
{
	uint32_t i = (major * 0x9e3779b1U + minor) * 0x9e3779b1U;

	for (;; i++) {
		uint32_t *slot = &graph->slots[i % graph->n_slots];

		if (*slot == 0 || (graph->nodes[*slot - 1].major == major &&
				   graph->nodes[*slot - 1].minor == minor))
			return slot;
	}
}

struct dms_node *dms_graph_find(const struct dms_graph *graph, uint32_t major, uint32_t minor)
{
	uint32_t *slot = graph->n_slots ? slot_of(graph, major, minor) : NULL;

	return slot && *slot ? &graph->nodes[*slot - 1] : NULL;
}

/* The hash has room for twice as many as there can be nodes. */
static int grow(struct dms_graph *graph)
{
	uint32_t room = graph->room ? graph->room * 2 : 64;
	struct dms_node *nodes = reallocarray(graph->nodes, room, sizeof(*nodes));
	uint32_t *order;

	if (!nodes)
		return dms_fail_memory();
	graph->nodes = nodes;
	order = reallocarray(graph->order, room, sizeof(*order));
	if (!order)
		return dms_fail_memory();
	graph->order = order;
	graph->room = room;
	free(graph->slots);
	graph->n_slots = room * 2;
	graph->slots = calloc(graph->n_slots, sizeof(*graph->slots));
	if (!graph->slots) {
		graph->n_slots = 0;
		return dms_fail_memory();
	}
	for (uint32_t i = 0; i < graph->n; i++)
		*slot_of(graph, nodes[i].major, nodes[i].minor) = i + 1;
	return 0;
}

/* The index of the node, made where there was none; or -1. */
static int64_t node_at(struct dms_graph *graph, uint32_t major, uint32_t minor)
{
	uint32_t *slot;

	if (graph->n == graph->room && grow(graph) < 0)
		return -1;
	slot = slot_of(graph, major, minor);
	if (*slot == 0) {
		graph->nodes[graph->n] = (struct dms_node){ .major = major, .minor = minor };
		*slot = ++graph->n;
	}
	return *slot - 1;
}

static int add_above(struct dms_node *node, uint32_t above)
{
	uint32_t n = node->n_above;

	/* Room doubles at each power of two. */
	if ((n & (n - 1)) == 0) {
		uint32_t *list = reallocarray(node->above, n ? n * 2 : 1, sizeof(*list));

		if (!list)
			return dms_fail_memory();
		node->above = list;
	}
	node->above[node->n_above++] = above;
	return 0;
}

static int meet(struct dmsetup *d, struct dms_graph *graph, uint32_t index)
{
	struct dms_node *node = &graph->nodes[index];
	struct dmk_devno *devnos;
	struct dmk_id id;
	uint32_t *below;
	uint32_t n;
	int status = 0;

	node->met = true;
	graph->order[graph->n_order++] = index;
	if (!node->name)
		return 0;
	/* By number: the name may be another device's by now. */
	id = (struct dmk_id){ .major = node->major, .minor = node->minor };
	if (dmk_get_deps(d->dm, &id, NULL, &devnos, &n) < 0)
		return dmk_last_error(d->dm)->code == -ENXIO ? 0 : dms_fail(d, "deps", &id);
	below = n ? calloc(n, sizeof(*below)) : NULL;
	if (n && !below)
		status = dms_fail_memory();
	node->below = below;
	for (uint32_t i = 0; i < n && status == 0; i++) {
		int64_t other = node_at(graph, devnos[i].major, devnos[i].minor);

		if (other < 0 || (!graph->nodes[other].met && meet(d, graph, (uint32_t)other) < 0))
			status = -1;
		else
			status = add_above(&graph->nodes[other], index);
		if (status == 0) {
			below[i] = (uint32_t)other;
			graph->nodes[index].n_below = i + 1;
		}
	}
	free(devnos);
	return status;
}

int dms_graph_read(struct dmsetup *d, struct dms_graph *ret_graph)
{
	struct dms_graph graph = { 0 };
	struct dmk_device device;
	int status = dms_list(d, DMK_LIST_UUID, &graph.devices);

	if (status < 0)
		return -1;
	while (status == 0 && dmk_devices_next(graph.devices, &device) > 0) {
		int64_t index = node_at(&graph, device.major, device.minor);

		if (index < 0) {
			status = -1;
			break;
		}
		graph.nodes[index].name = device.name;
		graph.nodes[index].uuid = device.uuid;
	}
	for (uint32_t i = 0, n = graph.n; i < n && status == 0; i++) {
		if (!graph.nodes[i].met)
			status = meet(d, &graph, i);
	}
	if (status < 0)
		dms_graph_free(&graph);
	else
		*ret_graph = graph;
	return status;
}

void dms_graph_free(struct dms_graph *graph)
{
	for (uint32_t i = 0; i < graph->n; i++) {
		free(graph->nodes[i].below);
		free(graph->nodes[i].above);
	}
	free(graph->nodes);
	free(graph->order);
	free(graph->slots);
	dmk_devices_free(graph->devices);
	*graph = (struct dms_graph){ 0 };
}
