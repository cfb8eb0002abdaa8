/* SPDX-License-Identifier: MIT */
/* Who stands on whom, in the order of a search from each listed mapping downwards. */
#include <stdlib.h>

#include "common/numbers.h"
#include "dmsetup/report/report.h"

struct search {
	struct dms_graph *graph;
	uint32_t *n_above; /* of each node, so far */
	bool *met;
};

static void meet(struct search *search, const struct dmk_graph_node *node)
{
	struct dms_graph *graph = search->graph;

	search->met[node->index] = true;
	graph->order[graph->n++] = node;
	for (uint32_t i = 0; i < node->n_below; i++) {
		uint32_t below = node->below[i]->index;

		if (!search->met[below])
			meet(search, node->below[i]);
		graph->above[graph->first_above[below] + search->n_above[below]++] = node;
	}
}

static int order(struct dms_graph *graph)
{
	uint32_t n = dmk_graph_count(graph->graph);
	struct search search = { .graph = graph };
	const struct dmk_graph_node *node;
	size_t edges = 0;
	int status = 0;

	graph->first_above = calloc(n + 1, sizeof(*graph->first_above));
	for (uint32_t i = 0; i < n && graph->first_above; i++) {
		graph->first_above[i] = edges;
		edges += dmk_graph_at(graph->graph, i)->n_above;
	}
	search.n_above = calloc(n + 1, sizeof(*search.n_above));
	search.met = calloc(n + 1, sizeof(*search.met));
	graph->order = calloc(n + 1, sizeof(*graph->order));
	graph->above = calloc(edges + 1, sizeof(*graph->above));
	if (!search.n_above || !search.met || !graph->order || !graph->above || !graph->first_above)
		status = dms_fail_memory();
	for (uint32_t i = 0; status == 0 && (node = dmk_graph_at(graph->graph, i)); i++) {
		if (!search.met[i])
			meet(&search, node);
	}
	free(search.n_above);
	free(search.met);
	return status;
}

int dms_graph_read(struct dmsetup *d, struct dms_graph *ret_graph)
{
	struct dms_graph graph = { 0 };
	struct dmk_devices *devices;
	int status = dms_list(d, DMK_LIST_UUID, &devices);

	if (status < 0)
		return -1;
	if (dmk_graph_read(d->dm, devices, &graph.graph) < 0) {
		struct dmk_id id = { 0 };

		parse_devno(dmk_last_error(d->dm)->device, &id.major, &id.minor);
		return dms_fail(d, "deps", &id);
	}
	status = order(&graph);
	if (status < 0)
		dms_graph_free(&graph);
	else
		*ret_graph = graph;
	return status;
}

void dms_graph_free(struct dms_graph *graph)
{
	dmk_graph_free(graph->graph);
	free(graph->order);
	free(graph->above);
	free(graph->first_above);
	*graph = (struct dms_graph){ 0 };
}
