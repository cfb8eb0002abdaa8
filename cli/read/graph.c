/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "common/cli.h"
#include "read/devices.h"
#include "read/graph.h"
#include "show/errors.h"

static int compare_numbers(uint32_t a_major, uint32_t a_minor, uint32_t b_major, uint32_t b_minor)
{
	if (a_major != b_major)
		return a_major < b_major ? -1 : 1;
	return a_minor < b_minor ? -1 : a_minor > b_minor;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a;
	const struct node *y = *(struct node *const *)b;

	return compare_numbers(x->major, x->minor, y->major, y->minor);
}

static int compare_key(const void *key, const void *b)
{
	const struct dmk_devno *number = key;
	const struct node *node = *(struct node *const *)b;

	return compare_numbers(number->major, number->minor, node->major, node->minor);
}

struct node *graph_find(const struct graph *graph, const struct dmk_devno *number)
{
	struct node **found = NULL;

	if (graph->n > 0)
		found = bsearch(number, graph->by_number, graph->n, sizeof(*graph->by_number),
				compare_key);
	return found ? *found : NULL;
}

static int add(struct graph *graph, size_t *room, const struct dmk_device *device)
{
	struct node *node;

	if (graph->n == *room) {
		size_t more = *room ? *room * 2 : 64;
		struct node *nodes = reallocarray(graph->nodes, more, sizeof(*nodes));

		if (!nodes)
			return -ENOMEM;
		graph->nodes = nodes;
		*room = more;
	}
	node = &graph->nodes[graph->n++];
	*node = (struct node){ .major = device->major, .minor = device->minor };
	snprintf(node->name, sizeof(node->name), "%s", device->name);
	return 0;
}

static int read_nodes(struct cli *cli, struct graph *graph)
{
	struct dmk_devices *devices;
	struct dmk_device device;
	size_t room = 0;
	int r;

	if (dmk_list(cli->dm, NULL, &devices) < 0)
		return fail(cli);
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		r = add(graph, &room, &device);
		if (r < 0)
			break;
	}
	dmk_devices_free(devices);
	return r < 0 ? fail_errno(cli, r, "", "list the devices") : EXIT_DONE;
}

int graph_read(struct cli *cli, struct graph *ret_graph)
{
	static const struct each all = { .all = true };
	struct graph graph = { 0 };
	int status = read_nodes(cli, &graph);

	for (size_t i = 0; i < graph.n && status == EXIT_DONE; i++) {
		struct node *node = &graph.nodes[i];

		/* By number: the name may be another device's by now. */
		if (dmk_get_deps(cli->dm, DMK_DEVNO(node->major, node->minor), NULL, &node->deps,
				 &node->n_deps) < 0) {
			status = each_fail(cli, &all);
			node->gone = true;
		}
	}
	if (status == EXIT_DONE && graph.n > 0) {
		graph.by_number = calloc(graph.n, sizeof(*graph.by_number));
		if (!graph.by_number)
			status = fail_errno(cli, -ENOMEM, "", "list the devices");
	}
	if (status != EXIT_DONE) {
		graph_free(&graph);
		return status;
	}
	for (size_t i = 0; i < graph.n; i++)
		graph.by_number[i] = &graph.nodes[i];
	if (graph.n > 0)
		qsort(graph.by_number, graph.n, sizeof(*graph.by_number), compare_nodes);
	for (size_t i = 0; i < graph.n; i++) {
		for (uint32_t d = 0; d < graph.nodes[i].n_deps; d++) {
			struct node *below = graph_find(&graph, &graph.nodes[i].deps[d]);

			if (below)
				below->n_above++;
		}
	}
	*ret_graph = graph;
	return EXIT_DONE;
}

void graph_free(struct graph *graph)
{
	for (size_t i = 0; i < graph->n; i++)
		free(graph->nodes[i].deps);
	free(graph->nodes);
	free(graph->by_number);
	*graph = (struct graph){ 0 };
}
