/* SPDX-License-Identifier: MIT */
/* Several devices, one after another, by what stands on what: a device whose lower one is suspended
 * cannot write out what is in flight, and waits for ever. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

struct pick {
	struct handle handle;
	unsigned depth; /* mappings below it, the longest way down */
	size_t index;	/* as the words stood */
};

static unsigned depth_of(const struct graph *graph, unsigned *depths, const struct node *node)
{
	unsigned *depth = &depths[node - graph->nodes];

	if (*depth)
		return *depth;
	*depth = 1;
	for (uint32_t i = 0; i < node->n_deps; i++) {
		const struct node *below = graph_find(graph, &node->deps[i]);
		unsigned more = below ? depth_of(graph, depths, below) + 1 : 0;

		if (more > *depth)
			*depth = more;
	}
	return *depth;
}

static int compare_picks(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;

	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* A name that is not there has depth 0: the verb says so. */
static void measure(const struct graph *graph, unsigned *depths, struct pick *pick)
{
	for (size_t i = 0; i < graph->n; i++) {
		if (strcmp(graph->nodes[i].name, pick->handle.name) == 0)
			pick->depth = depth_of(graph, depths, &graph->nodes[i]);
	}
}

/* Those that begin so, or those that the words name. *ret_status: of the first that failed. */
static size_t pick_all(struct cli *cli, const struct graph *graph, char **names, int n,
		       struct pick *picks, int *ret_status)
{
	size_t n_picks = 0;

	*ret_status = EXIT_DONE;
	for (size_t i = 0; given(cli, OPT_PREFIX) && i < graph->n; i++) {
		const char *name = graph->nodes[i].name;

		if (strncmp(name, cli->options.prefix, strlen(cli->options.prefix)) == 0)
			picks[n_picks++].handle.name = name;
	}
	for (int i = 0; i < n; i++) {
		int status = find_handle(cli, names[i], &picks[n_picks].handle);

		if (status == EXIT_DONE)
			n_picks++;
		else if (*ret_status == EXIT_DONE)
			*ret_status = status;
	}
	return n_picks;
}

static int call_each(struct cli *cli, const struct pick *picks, size_t n, bool top_first,
		     each_fn fn)
{
	struct each each = { .all = given(cli, OPT_PREFIX), .prefix = true };
	int first = EXIT_DONE;

	for (size_t i = 0; i < n; i++) {
		int status;

		each.id.name = picks[top_first ? n - 1 - i : i].handle.name;
		/* After Ctrl-C the others were not meant any more. */
		if (signals_caught())
			return first != EXIT_DONE ? first
						  : fail_errno(cli, -ECANCELED, each.id.name,
							       cli->command->name);
		arm_deadline(cli);
		status = fn(cli, &each);
		if (first == EXIT_DONE)
			first = status;
	}
	return first;
}

int each_ordered(struct cli *cli, char **names, int n, bool top_first, each_fn fn)
{
	struct graph graph;
	struct pick *picks;
	unsigned *depths;
	int first, status;
	size_t n_picks = 0;

	if (n < 2 && !(given(cli, OPT_PREFIX) && n == 0 && !addressed(cli)))
		return each_device(cli, names, n, fn);
	first = check_devices(cli, n);
	if (first == EXIT_DONE)
		first = graph_read(cli, &graph);
	if (first != EXIT_DONE)
		return first;
	depths = calloc(graph.n + 1, sizeof(*depths));
	picks = calloc(graph.n + (size_t)n + 1, sizeof(*picks));
	if (depths && picks)
		n_picks = pick_all(cli, &graph, names, n, picks, &first);
	else
		first = fail_errno(cli, -ENOMEM, "", cli->command->name);
	for (size_t i = 0; i < n_picks; i++) {
		/* The words' order where the depth is the same. */
		picks[i].index = top_first ? n_picks - i : i;
		measure(&graph, depths, &picks[i]);
	}
	if (n_picks > 0) {
		qsort(picks, n_picks, sizeof(*picks), compare_picks);
		status = call_each(cli, picks, n_picks, top_first, fn);
		if (first == EXIT_DONE)
			first = status;
	}
	free(picks);
	free(depths);
	graph_free(&graph);
	return first;
}
