/* SPDX-License-Identifier: MIT */
/* export: live devices as one text that makes them again, here or at the kernel's boot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/json.h"
#include "read/devices.h"
#include "read/graph.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/secrets.h"

struct choice {
	struct graph graph;
	bool *wanted; /* of each node */
	bool *seen;
	struct dmk_segments **tables; /* in the order in which they can be made */
	uint32_t n;
};

static int choose_one(struct cli *cli, struct choice *choice, char **names, int n)
{
	const struct node *node;
	struct dmk_info info;
	struct dmk_id id;
	int status = take_device(cli, &names, &n, &id);

	if (status != EXIT_DONE)
		return status;
	if (dmk_get_info(cli->dm, &id, NULL, &info) < 0)
		return fail(cli);
	node = graph_find(&choice->graph, &(struct dmk_devno){ info.major, info.minor });
	/* Made since the list was read: it cannot be below one that was listed. */
	if (!node)
		return fail_errno(cli, -EAGAIN, info.name, "list device");
	choice->wanted[node - choice->graph.nodes] = true;
	return EXIT_DONE;
}

static int choose(struct cli *cli, struct choice *choice, char **names, int n)
{
	int status = EXIT_DONE;

	if (addressed(cli))
		return choose_one(cli, choice, names, n);
	for (size_t i = 0; n == 0 && i < choice->graph.n; i++)
		choice->wanted[i] = true;
	for (int i = 0; i < n && status == EXIT_DONE; i++)
		status = choose_one(cli, choice, names + i, 1);
	return status;
}

static int check_keys(struct cli *cli, struct dmk_segments *table)
{
	struct dmk_segment segment;

	while (!given(cli, OPT_SHOW_KEYS) && dmk_segments_next(table, &segment) > 0) {
		if (has_secret(segment.type, segment.params))
			return usage_error(cli, dmk_segments_info(table)->name,
					   "the table of '%s' holds a key: --show-keys writes it "
					   "out, for whoever reads it",
					   dmk_segments_info(table)->name);
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

		/* At boot nobody else has made it by then. */
		if (status == EXIT_DONE && below && choice->wanted[index] &&
		    given(cli, OPT_DM_MOD_CREATE) && !choice->wanted[below - choice->graph.nodes])
			status = usage_error(cli, below->name,
					     "'%s' stands on '%s', which has to be named as well",
					     node->name, below->name);
		if (status != EXIT_DONE)
			return status;
	}
	if (!choice->wanted[index])
		return EXIT_DONE;
	if (dmk_get_table(cli->dm, DMK_DEVNO(node->major, node->minor), NULL,
			  &choice->tables[choice->n]) < 0)
		return each_fail(cli, &each);
	/* Another one has its number now, and may stand on what comes behind it. */
	if (strcmp(dmk_segments_info(choice->tables[choice->n])->name, node->name) != 0) {
		dmk_segments_free(choice->tables[choice->n]);
		return fail_errno(cli, -EAGAIN, node->name, "list device");
	}
	return check_keys(cli, choice->tables[choice->n++]);
}

static int compare_numbers(const void *a, const void *b)
{
	const struct dmk_devno *x = a, *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

/* The disks below, once each: dm-mod.waitfor= can wait for them. */
static void put_disks(struct json *json, const struct choice *choice)
{
	struct dmk_devno *disks;
	size_t n = 0, room = 1;

	for (size_t i = 0; i < choice->graph.n; i++)
		room += choice->graph.nodes[i].n_deps;
	disks = calloc(room, sizeof(*disks));
	for (size_t i = 0; disks && i < choice->graph.n; i++) {
		const struct node *node = &choice->graph.nodes[i];

		for (uint32_t d = 0; choice->wanted[i] && d < node->n_deps; d++) {
			if (!graph_find(&choice->graph, &node->deps[d]))
				disks[n++] = node->deps[d];
		}
	}
	if (n > 0)
		qsort(disks, n, sizeof(*disks), compare_numbers);
	json_array(json, "disks");
	for (size_t i = 0; i < n; i++) {
		char name[256], path[300];

		if (i > 0 && compare_numbers(&disks[i - 1], &disks[i]) == 0)
			continue;
		disk_name(disks[i].major, disks[i].minor, name, sizeof(name));
		snprintf(path, sizeof(path), "/dev/%s", name);
		json_string(json, NULL, path);
	}
	json_close(json);
	free(disks);
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
	put_reply(stdout, cli->out_tty, text);
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
		return fail_with(cli, &error);
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
			status = take(cli, &choice, &choice.graph.nodes[i],
				      n == 0 && !addressed(cli));
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
