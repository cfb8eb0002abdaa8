/* SPDX-License-Identifier: MIT */
/* down, and stacks: those that are up. */
#include <errno.h>
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

static int down(struct cli *cli, const char *word)
{
	const struct dmk_stack_options options = {
		.flags = given(cli, OPT_ALLOW_BUSY) ? DMK_STACK_ALLOW_BUSY : 0,
	};
	char name[DMK_STACK_NAME_SIZE];
	int status;
	int r;

	status = stack_name(cli, word, name);
	if (status != EXIT_DONE)
		return status;
	arm_deadline(cli);
	r = dmk_stack_down(cli->dm, name, &options);
	if (r == -ENXIO && !dmk_last_error(cli->dm)->left)
		return fail_not_up(cli, name);
	if (r < 0)
		return fail(cli);
	if (given(cli, OPT_JSON) && !given(cli, OPT_DRY_RUN)) {
		json_item(cli);
		json_string(&cli->json, "stack", name);
		json_close(&cli->json);
	}
	return EXIT_DONE;
}

int cmd_down(struct cli *cli, char **args, int n)
{
	int status = EXIT_DONE;

	if (given(cli, OPT_STACK_NAME) && (n > 1 || !is_stack_file(args[0])))
		return usage_error(cli, "name", "--name is for one FILE");
	for (int i = 0; i < n; i++) {
		int one = down(cli, args[i]);

		if (status == EXIT_DONE)
			status = one;
	}
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
