/* SPDX-License-Identifier: MIT */
/* Several devices, one after another, by what stands on what: a device whose lower one is suspended
 * cannot write out what is in flight, and waits for ever. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/signals.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/transport.h"

struct order {
	struct dmk_graph *graph;
	bool *wanted;	/* of each node */
	bool *numbered; /* by its number, which another one does not get with the name */
	bool *seen;
	const struct dmk_graph_node **nodes; /* what is wanted, each after what it stands on */
	size_t n;
};

int graph_read(struct cli *cli, uint32_t flags, struct dmk_graph **ret_graph)
{
	const struct dmk_list_options options = { .flags = flags };
	struct dmk_devices *devices;

	if (dmk_list(cli->dm, &options, &devices) < 0 ||
	    dmk_graph_read(cli->dm, devices, ret_graph) < 0)
		return fail(cli);
	return EXIT_DONE;
}

static void put(struct order *order, const struct dmk_graph_node *node)
{
	if (order->seen[node->index])
		return;
	order->seen[node->index] = true;
	for (uint32_t i = 0; i < node->n_below; i++)
		put(order, node->below[i]);
	if (order->wanted[node->index])
		order->nodes[order->n++] = node;
}

static bool is_it(const struct dmk_graph_node *node, const struct dmk_id *id, size_t length)
{
	if (!node->name)
		return false;
	if (id->name)
		return strncmp(node->name, id->name, length) == 0;
	return node->major == id->major && node->minor == id->minor;
}

static bool want(const struct cli *cli, struct order *order, const struct dmk_id *id)
{
	bool prefix = given(cli, OPT_PREFIX);
	size_t length = prefix ? strlen(id->name) : DMK_NAME_SIZE;
	const struct dmk_graph_node *node;
	bool found = false;

	for (uint32_t i = 0; (node = dmk_graph_at(order->graph, i)); i++) {
		if (is_it(node, id, length)) {
			order->wanted[i] = found = true;
			order->numbered[i] = !id->name;
		}
	}
	return found || prefix;
}

/* One that is not there is tried at once: the verb says so. */
static int want_named(struct cli *cli, struct order *order, const char *word, each_fn fn)
{
	struct handle handle;
	int status = find_handle(cli, word, &handle);

	if (status == EXIT_DONE && !want(cli, order, &handle.id))
		status = fn(cli, &(struct each){ .id = handle.id });
	return status;
}

static int call_each(struct cli *cli, struct order *order, bool top_first, each_fn fn)
{
	struct each each = { .all = given(cli, OPT_PREFIX), .prefix = true };
	const struct dmk_graph_node *node;
	int first = EXIT_DONE;

	for (uint32_t i = 0; (node = dmk_graph_at(order->graph, i)); i++)
		put(order, node);
	for (size_t i = 0; i < order->n; i++) {
		int status;

		node = order->nodes[top_first ? order->n - 1 - i : i];
		each.id = order->numbered[node->index] ? *DMK_DEVNO(node->major, node->minor)
						       : (struct dmk_id){ .name = node->name };
		/* After Ctrl-C the others were not meant any more. */
		if (signals_caught())
			return first != EXIT_DONE ? first
						  : fail_errno(cli, -ECANCELED, node->name,
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
	struct order order = { 0 };
	int first = check_devices(cli, n);
	size_t count;
	int status;

	if (first != EXIT_DONE || addressed(cli) || n == 1)
		return first != EXIT_DONE ? first : each_device(cli, names, n, fn);
	first = graph_read(cli, 0, &order.graph);
	if (first != EXIT_DONE)
		return first;
	count = dmk_graph_count(order.graph);
	order.wanted = calloc(count + 1, 3 * sizeof(*order.wanted));
	order.nodes = calloc(count + 1, sizeof(*order.nodes));
	if (!order.wanted || !order.nodes) {
		first = fail_errno(cli, -ENOMEM, "", cli->command->name);
	} else {
		order.numbered = order.wanted + count;
		order.seen = order.numbered + count;
		if (n == 0)
			want(cli, &order, &(struct dmk_id){ .name = cli->options.prefix });
		for (int i = 0; i < n; i++) {
			status = want_named(cli, &order, names[i], fn);
			if (first == EXIT_DONE)
				first = status;
		}
		status = call_each(cli, &order, top_first, fn);
		if (first == EXIT_DONE)
			first = status;
	}
	free(order.nodes);
	free(order.wanted);
	dmk_graph_free(order.graph);
	return first;
}
