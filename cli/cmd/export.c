/* SPDX-License-Identifier: MIT */
/* export: live devices as one text that makes them again, here or at the kernel's boot, or as a
 * stack. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/stack.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/json.h"
#include "common/nearest.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/secrets.h"

struct choice {
	struct dmk_graph *graph;
	bool *wanted; /* of each node */
	bool *seen;
	struct dmk_segments **tables; /* in the order in which they can be made */
	uint32_t n;
};

static int choose_one(struct cli *cli, struct choice *choice, char **names, int n)
{
	const struct dmk_graph_node *node;
	struct dmk_info info;
	struct dmk_id id;
	int status = take_device(cli, &names, &n, &id);

	if (status != EXIT_DONE)
		return status;
	if (dmk_get_info(cli->dm, &id, NULL, &info) < 0)
		return fail(cli);
	node = dmk_graph_find(choice->graph, info.major, info.minor);
	/* Made since the list was read: it cannot be below one that was listed. */
	if (!node || !node->name)
		return fail_errno(cli, -EAGAIN, info.name, "list device");
	choice->wanted[node->index] = true;
	return EXIT_DONE;
}

/* All devices of the stack of that name; false: it is not up. */
static bool choose_stack(struct choice *choice, const char *name)
{
	const struct dmk_graph_node *node;
	bool found = false;

	for (uint32_t i = 0; (node = dmk_graph_at(choice->graph, i)); i++) {
		if (node->name && behind_stack(node->uuid, name)) {
			choice->wanted[i] = true;
			found = true;
		}
	}
	return found;
}

static bool is_device(const struct choice *choice, const char *name)
{
	const struct dmk_graph_node *node;

	for (uint32_t i = 0; (node = dmk_graph_at(choice->graph, i)); i++)
		if (node->name && strcmp(node->name, name) == 0)
			return true;
	return false;
}

static bool is_first_of(const struct choice *choice, uint32_t index, const char *stack)
{
	for (uint32_t i = 0; i < index; i++)
		if (behind_stack(dmk_graph_at(choice->graph, i)->uuid, stack))
			return false;
	return true;
}

static int fail_neither(struct cli *cli, const struct choice *choice, const char *name)
{
	const struct dmk_error err = { .code = -ENXIO, .step = DMK_STEP_STATUS };
	const struct dmk_graph_node *node;
	struct nearest nearest;
	char text[512];

	nearest_begin(&nearest, name, strlen(name));
	for (uint32_t i = 0; (node = dmk_graph_at(choice->graph, i)); i++) {
		char stack[DMK_STACK_NAME_SIZE];

		if (!node->name)
			continue;
		nearest_look(&nearest, node->name);
		if (stack_of_uuid(node->uuid, stack) && is_first_of(choice, i, stack))
			nearest_look(&nearest, stack);
	}
	snprintf(text, sizeof(text), "export: there is neither a stack nor a device '%s'", name);
	nearest_add(&nearest, text, sizeof(text));
	return fail_said(cli, &err, text);
}

/* A word may be both: then it is the stack with --stack alone. */
static int choose(struct cli *cli, struct choice *choice, char **names, int n)
{
	const struct dmk_graph_node *node;
	int status = EXIT_DONE;

	if (addressed(cli))
		return choose_one(cli, choice, names, n);
	for (uint32_t i = 0; n == 0 && (node = dmk_graph_at(choice->graph, i)); i++)
		choice->wanted[i] = node->name;
	for (int i = 0; i < n && status == EXIT_DONE; i++) {
		bool device = is_device(choice, names[i]);

		if ((device && !given(cli, OPT_STACK)) || !choose_stack(choice, names[i]))
			status = device || !given(cli, OPT_STACK) || strchr(names[i], '/')
					 ? choose_one(cli, choice, names + i, 1)
					 : fail_neither(cli, choice, names[i]);
	}
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
static int take(struct cli *cli, struct choice *choice, const struct dmk_graph_node *node, bool all)
{
	uint32_t index = node->index;
	const struct each each = { .all = all };

	if (choice->seen[index])
		return EXIT_DONE;
	choice->seen[index] = true;
	for (uint32_t i = 0; i < node->n_below; i++) {
		const struct dmk_graph_node *below = node->below[i];
		int status = take(cli, choice, below, all);

		/* At boot nobody else has made it by then. */
		if (status == EXIT_DONE && below->name && choice->wanted[index] &&
		    given(cli, OPT_DM_MOD_CREATE) && !choice->wanted[below->index])
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

/* The disks below, once each: dm-mod.waitfor= can wait for them. */
static void put_disks(struct json *json, const struct choice *choice)
{
	const struct dmk_graph_node *node;

	for (uint32_t i = 0; (node = dmk_graph_at(choice->graph, i)) && node->name; i++) {
		for (uint32_t d = 0; choice->wanted[i] && d < node->n_below; d++) {
			if (!node->below[d]->name)
				choice->wanted[node->below[d]->index] = true;
		}
	}
	json_array(json, "disks");
	for (uint32_t i = 0; (node = dmk_graph_at(choice->graph, i)); i++) {
		char name[256], path[300];

		if (node->name || !choice->wanted[i])
			continue;
		disk_name(node->major, node->minor, name, sizeof(name));
		snprintf(path, sizeof(path), "/dev/%s", name);
		json_string(json, NULL, path);
	}
	json_close(json);
}

static void put(struct cli *cli, const struct choice *choice, const char *text)
{
	bool boot = given(cli, OPT_DM_MOD_CREATE);

	if (given(cli, OPT_JSON)) {
		json_item(cli);
		json_string(&cli->json, "form",
			    given(cli, OPT_STACK) ? "stack"
			    : boot		  ? "dm-mod.create"
						  : "concise");
		json_string(&cli->json, "text", text);
		json_array(&cli->json, "devices");
		for (uint32_t i = 0; i < choice->n; i++)
			json_string(&cli->json, NULL, dmk_segments_info(choice->tables[i])->name);
		json_close(&cli->json);
		put_disks(&cli->json, choice);
		json_close(&cli->json);
		return;
	}
	if (given(cli, OPT_STACK)) {
		put_reply(stdout, cli->out_tty, text);
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
	if (given(cli, OPT_STACK)) {
		int status = format_stack(cli, choice->graph, choice->wanted, choice->tables,
					  choice->n, &text);

		if (status != EXIT_DONE)
			return status;
	} else if (dmk_concise_format(choice->tables, choice->n, flags, &text, &error) < 0) {
		return fail_with(cli, &error);
	}
	put(cli, choice, text);
	free(text);
	return EXIT_DONE;
}

int cmd_export(struct cli *cli, char **args, int n)
{
	struct choice choice = { 0 };
	size_t count;
	int status;

	if (given(cli, OPT_CONCISE) + given(cli, OPT_DM_MOD_CREATE) + given(cli, OPT_STACK) > 1)
		return usage_error(cli, "concise",
				   "--concise, --dm-mod.create and --stack are forms of the same");
	/* A stack's name may be among them. */
	status = graph_read(cli, n > 0 || given(cli, OPT_STACK) ? DMK_LIST_UUID : 0, &choice.graph);
	if (status != EXIT_DONE)
		return status;
	count = dmk_graph_count(choice.graph);
	choice.wanted = calloc(count + 1, sizeof(*choice.wanted));
	choice.seen = calloc(count + 1, sizeof(*choice.seen));
	choice.tables = calloc(count + 1, sizeof(*choice.tables));
	if (!choice.wanted || !choice.seen || !choice.tables)
		status = fail_errno(cli, -ENOMEM, "", "export");
	else
		status = choose(cli, &choice, args, n);
	for (uint32_t i = 0; i < count && status == EXIT_DONE; i++) {
		if (choice.wanted[i])
			status = take(cli, &choice, dmk_graph_at(choice.graph, i),
				      n == 0 && !addressed(cli));
	}
	if (status == EXIT_DONE)
		status = write_out(cli, &choice);
	for (uint32_t i = 0; i < choice.n; i++)
		dmk_segments_free(choice.tables[i]);
	free(choice.tables);
	free(choice.seen);
	free(choice.wanted);
	dmk_graph_free(choice.graph);
	return status;
}
