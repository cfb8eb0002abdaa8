/* SPDX-License-Identifier: MIT */
/* export: live devices as one text that makes them again, here or at the kernel's boot. */
#include <errno.h>
#include <stdlib.h>

#include "graph.h"

struct choice {
	struct graph graph;
	bool *wanted; /* of each node */
	bool *seen;
	struct dmk_segments **tables; /* in the order in which they can be made */
	uint32_t n;
};

static int choose(struct cli *cli, struct choice *choice, char **names, int n)
{
	if (n == 0) {
		for (size_t i = 0; i < choice->graph.n; i++)
			choice->wanted[i] = true;
		return EXIT_DONE;
	}
	for (int i = 0; i < n; i++) {
		const struct node *node;
		struct dmk_info info;

		if (dmk_get_info(cli->dm, DMK_NAME(strip_node_dir(names[i])), NULL, &info) < 0)
			return fail(cli);
		node = graph_find(&choice->graph, &(struct dmk_devno){ info.major, info.minor });
		/* Made since the list was read: it cannot be below one that was listed. */
		if (!node)
			return fail_errno(cli, -EAGAIN, names[i], "list device");
		choice->wanted[node - choice->graph.nodes] = true;
	}
	return EXIT_DONE;
}

/* What a device stands on comes before it. */
static int take(struct cli *cli, struct choice *choice, const struct node *node, bool all)
{
	size_t index = (size_t)(node - choice->graph.nodes);
	const struct each each = { .all = all };

	if (choice->seen[index])
		return EXIT_DONE;
	choice->seen[index] = true;
	for (uint32_t i = 0; i < node->n_deps; i++) {
		const struct node *below = graph_find(&choice->graph, &node->deps[i]);
		int status = below ? take(cli, choice, below, all) : EXIT_DONE;

		if (status != EXIT_DONE)
			return status;
	}
	if (!choice->wanted[index])
		return EXIT_DONE;
	if (dmk_get_table(cli->dm, DMK_DEVNO(node->major, node->minor), NULL,
			  &choice->tables[choice->n]) < 0)
		return each_fail(cli, &each);
	choice->n++;
	return EXIT_DONE;
}

/* The disks below, which dm-mod.waitfor= can wait for. */
static void put_disks(struct json *json, const struct choice *choice)
{
	json_array(json, "disks");
	for (size_t i = 0; i < choice->graph.n; i++) {
		const struct node *node = &choice->graph.nodes[i];

		for (uint32_t d = 0; choice->wanted[i] && d < node->n_deps; d++) {
			char name[256], path[300];

			if (graph_find(&choice->graph, &node->deps[d]))
				continue;
			disk_name(node->deps[d].major, node->deps[d].minor, name, sizeof(name));
			snprintf(path, sizeof(path), "/dev/%s", name);
			json_string(json, NULL, path);
		}
	}
	json_close(json);
}

static void put(struct cli *cli, const struct choice *choice, const char *text)
{
	bool boot = given(cli, OPT_DM_MOD_CREATE);

	if (given(cli, OPT_JSON)) {
		json_item(cli);
		json_string(&cli->json, "form", boot ? "dm-mod.create" : "concise");
		json_string(&cli->json, "text", text);
		json_array(&cli->json, "devices");
		for (uint32_t i = 0; i < choice->n; i++)
			json_string(&cli->json, NULL, dmk_segments_info(choice->tables[i])->name);
		json_close(&cli->json);
		put_disks(&cli->json, choice);
		json_close(&cli->json);
		return;
	}
	fputs(boot ? "dm-mod.create=\"" : "", stdout);
	put_text(stdout, cli->out_tty, text);
	puts(boot ? "\"" : "");
}

static int write_out(struct cli *cli, const struct choice *choice)
{
	uint32_t flags = (given(cli, OPT_SHOW_KEYS) ? DMK_CONCISE_SHOW_KEYS : 0) |
			 (given(cli, OPT_DM_MOD_CREATE) ? DMK_CONCISE_BOOT : 0);
	struct dmk_error error;
	char *text;

	if (choice->n == 0)
		return EXIT_DONE;
	if (dmk_concise_format(choice->tables, choice->n, flags, &text, &error) < 0)
		return fail_with(cli, &error, NULL);
	put(cli, choice, text);
	free(text);
	return EXIT_DONE;
}

int cmd_export(struct cli *cli, char **args, int n)
{
	struct choice choice = { 0 };
	int status;

	if (given(cli, OPT_CONCISE) && given(cli, OPT_DM_MOD_CREATE))
		return usage_error(cli, "concise",
				   "--concise and --dm-mod.create are two forms of the same");
	status = graph_read(cli, &choice.graph);
	if (status != EXIT_DONE)
		return status;
	choice.wanted = calloc(choice.graph.n + 1, sizeof(*choice.wanted));
	choice.seen = calloc(choice.graph.n + 1, sizeof(*choice.seen));
	choice.tables = calloc(choice.graph.n + 1, sizeof(*choice.tables));
	if (!choice.wanted || !choice.seen || !choice.tables)
		status = fail_errno(cli, -ENOMEM, "", "export");
	else
		status = choose(cli, &choice, args, n);
	for (size_t i = 0; i < choice.graph.n && status == EXIT_DONE; i++) {
		if (choice.wanted[i])
			status = take(cli, &choice, &choice.graph.nodes[i], n == 0);
	}
	if (status == EXIT_DONE)
		status = write_out(cli, &choice);
	for (uint32_t i = 0; i < choice.n; i++)
		dmk_segments_free(choice.tables[i]);
	free(choice.tables);
	free(choice.seen);
	free(choice.wanted);
	graph_free(&choice.graph);
	return status;
}
