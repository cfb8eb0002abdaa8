/* SPDX-License-Identifier: MIT */
/* down, and stacks: those that are up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/columns.h"
#include "cmd/commands.h"
#include "cmd/stack.h"
#include "common/nearest.h"
#include "read/stacks.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/transport.h"

static int fail_not_up(struct cli *cli, const char *name)
{
	const struct dmk_error err = { .code = -ENXIO,
				       .verb = DMK_VERB_STACK_DOWN,
				       .step = DMK_STEP_STATUS };
	struct dmk_stack_state state;
	struct dmk_stacks *stacks;
	struct nearest nearest;
	char text[512];

	nearest_begin(&nearest, name, strlen(name));
	if (dmk_list_stacks(cli->dm, &stacks) == 0) {
		while (dmk_stacks_next(stacks, &state) == 1)
			nearest_look(&nearest, state.name);
		dmk_stacks_free(stacks);
	}
	snprintf(text, sizeof(text), "down: no stack '%s' is up", name);
	nearest_add(&nearest, text, sizeof(text));
	return fail_said(cli, &err, text);
}

struct downs {
	struct cli *cli;
	char (*names)[DMK_STACK_NAME_SIZE];
	const char **wanted; /* those of names that are names */
	int *of;	     /* which word each of them is */
	int *status;	     /* of each word */
};

static void on_down(void *userdata, uint32_t index, const struct dmk_error *error)
{
	struct downs *downs = userdata;
	struct cli *cli = downs->cli;
	const char *name = downs->wanted[index];
	int *status = &downs->status[downs->of[index]];

	if (error && error->code == -ENXIO && !error->left) {
		*status = fail_not_up(cli, name);
	} else if (error) {
		*status = fail_with(cli, error);
	} else if (given(cli, OPT_JSON) && !given(cli, OPT_DRY_RUN)) {
		json_item(cli);
		json_string(&cli->json, "stack", name);
		json_close(&cli->json);
	}
}

/* All at a time: the kernel waits for each. */
static int down(struct downs *downs, char **words, int n)
{
	struct cli *cli = downs->cli;
	const struct dmk_stack_options options = {
		.flags = given(cli, OPT_ALLOW_BUSY) ? DMK_STACK_ALLOW_BUSY : 0,
	};
	uint32_t n_wanted = 0;
	int r;

	for (int i = 0; i < n; i++) {
		downs->status[i] = stack_name(cli, words[i], downs->names[i]);
		if (downs->status[i] != EXIT_DONE)
			continue;
		downs->of[n_wanted] = i;
		downs->wanted[n_wanted++] = downs->names[i];
	}
	arm_deadline(cli);
	r = n_wanted > 0 ? dmk_stack_down_many(cli->dm, downs->wanted, n_wanted, &options, on_down,
					       downs)
			 : 0;
	for (int i = 0; i < n; i++)
		if (downs->status[i] != EXIT_DONE)
			return downs->status[i];
	/* None was tried. */
	return r < 0 ? fail(cli) : EXIT_DONE;
}

int cmd_down(struct cli *cli, char **args, int n)
{
	struct downs downs = { .cli = cli };
	size_t room = (size_t)n;
	int status;

	if (given(cli, OPT_NAME) && (n > 1 || !is_stack_file(args[0])))
		return usage_error(cli, "name", "--name is for one FILE");
	downs.names = calloc(room, sizeof(*downs.names));
	downs.wanted = calloc(room, sizeof(*downs.wanted));
	downs.of = calloc(room, sizeof(*downs.of));
	downs.status = calloc(room, sizeof(*downs.status));
	if (!downs.names || !downs.wanted || !downs.of || !downs.status)
		status = fail_errno(cli, -ENOMEM, "", "take the stacks down");
	else
		status = down(&downs, args, n);
	free(downs.names);
	free(downs.wanted);
	free(downs.of);
	free(downs.status);
	return status;
}

/* ---- stacks ---- */

static bool is_whole(const struct dmk_stack_state *state)
{
	return !state->n_suspended && !state->n_no_table;
}

static void put_state(const struct cli *cli, const struct dmk_stack_state *state)
{
	const char *before = "";

	if (is_whole(state)) {
		puts("whole");
		return;
	}
	put_colour(cli, COLOUR_WARNING);
	if (state->n_suspended) {
		printf("%u suspended", state->n_suspended);
		before = ", ";
	}
	if (state->n_no_table)
		printf("%s%u without a table", before, state->n_no_table);
	put_colour(cli, COLOUR_NONE);
	putchar('\n');
}

static void put_stack(struct cli *cli, const struct dmk_stack_state *state)
{
	if (given(cli, OPT_JSON)) {
		json_item(cli);
		json_string(&cli->json, "stack", state->name);
		json_u64(&cli->json, "devices", state->n_devices);
		json_u64(&cli->json, "open", state->n_open);
		json_u64(&cli->json, "suspended", state->n_suspended);
		json_u64(&cli->json, "without_table", state->n_no_table);
		json_bool(&cli->json, "whole", is_whole(state));
		json_close(&cli->json);
		return;
	}
	printf(cli->out_tty ? "%-20s %7u %5u  " : "%s\t%u\t%u\t", state->name, state->n_devices,
	       state->n_open);
	put_state(cli, state);
}

int cmd_stacks(struct cli *cli, char **args, int n)
{
	struct dmk_stack_state state;
	struct dmk_stacks *stacks;
	bool first = true;

	(void)args;
	(void)n;
	if (dmk_list_stacks(cli->dm, &stacks) < 0)
		return fail(cli);
	while (dmk_stacks_next(stacks, &state) == 1) {
		if (first && cli->out_tty && !given(cli, OPT_JSON)) {
			put_colour(cli, COLOUR_HEADING);
			printf("%-20s %7s %5s  STATE", "STACK", "DEVICES", "OPEN");
			put_colour(cli, COLOUR_NONE);
			putchar('\n');
		}
		first = false;
		put_stack(cli, &state);
	}
	dmk_stacks_free(stacks);
	return EXIT_DONE;
}
