/* SPDX-License-Identifier: MIT */
/* with: devices that are there while a command runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/with.h"
#include "read/devices.h"
#include "read/stacks.h"
#include "show/errors.h"
#include "show/transport.h"

static void drop_rig(struct rig *rig)
{
	for (uint32_t i = 0; i < rig->n; i++)
		free(rig->names[i]);
	free(rig->names);
	*rig = (struct rig){ 0 };
}

static int fail_memory(struct cli *cli)
{
	return fail_errno(cli, -ENOMEM, "", "run");
}

/* ---- of a stack ---- */

/* The names of all that the plan makes, those on top first. A device that is there would not go
 * with the command: none may be. */
static int take_names(struct cli *cli, struct dmk_stack *stack, struct dmk_plan *plan,
		      struct rig *ret_rig)
{
	struct rig rig = { .names = calloc(dmk_stack_count(stack) + 1, sizeof(*rig.names)) };
	uint32_t n = dmk_stack_count(stack);
	struct dmk_plan_step step;
	int status = rig.names ? EXIT_DONE : fail_memory(cli);

	while (status == EXIT_DONE && dmk_plan_next(plan, &step) == 1) {
		if (step.kind != DMK_PLAN_CREATE || rig.n == n)
			status = usage_error(
				cli, step.name,
				"'%s' of stack '%s' is up already: with makes all of it, "
				"and takes all of it down",
				step.name, dmk_stack_name(stack));
		else if (!(rig.names[rig.n++] = strdup(step.name)))
			status = fail_memory(cli);
	}
	for (uint32_t i = 0; i < rig.n / 2; i++) {
		char *other = rig.names[i];

		rig.names[i] = rig.names[rig.n - 1 - i];
		rig.names[rig.n - 1 - i] = other;
	}
	*ret_rig = rig;
	return status;
}

static int with_stack(struct cli *cli, struct dmk_stack *stack, const struct stack_text *text,
		      char **command)
{
	struct stack_noted noted = { cli, text };
	struct dmk_stack_options options = { .flags = given(cli, OPT_STRICT) ? DMK_STACK_STRICT : 0,
					     .note = note_stack,
					     .userdata = &noted };
	struct rig rig = { 0 };
	struct dmk_plan *plan;
	int status;

	arm_deadline(cli);
	if (dmk_stack_plan(cli->dm, stack, &options, &plan) < 0)
		return fail_stack(cli, text, dmk_last_error(cli->dm));
	status = take_names(cli, stack, plan, &rig);
	dmk_plan_free(plan);
	if (status == EXIT_DONE) {
		/* Noted once. */
		options.note = NULL;
		options.flags |= DMK_STACK_EPHEMERAL;
		arm_deadline(cli);
		if (dmk_stack_apply(cli->dm, stack, &options, &plan) < 0) {
			status = fail_stack(cli, text, dmk_last_error(cli->dm));
		} else {
			status = run_with(cli, &rig, command);
			dmk_plan_free(plan);
			wait_for_end(cli, &rig);
		}
	}
	drop_rig(&rig);
	return status;
}

static int with_file(struct cli *cli, const char *file, char **command)
{
	struct stack_text text = { 0 };
	struct dmk_stack *stack;
	int status = stack_read(cli, file, &text, &stack);

	if (status == EXIT_DONE) {
		status = with_stack(cli, stack, &text, command);
		dmk_stack_free(stack);
	}
	stack_text_drop(&text);
	return status;
}

/* ---- of one table ---- */

static int with_table(struct cli *cli, char **words, int n, char **command)
{
	char name[32], *names[] = { name };
	struct rig rig = { .names = names, .n = 1, .single = true };
	int fd;
	struct dmk_create_options create = { .flags = DMK_CREATE_EPHEMERAL, .ret_fd = &fd };
	struct dmk_table *table;
	struct dmk_info info;
	int status;

	snprintf(name, sizeof(name), "with.%d", (int)getpid());
	if (given(cli, OPT_READONLY))
		create.flags |= DMK_CREATE_READONLY;
	cli->table_of = name;
	cli->table_verb = DMK_VERB_CREATE;
	status = get_table(cli, words, n, &table);
	if (status != EXIT_DONE)
		return status;
	if (dmk_create(cli->dm, name, table, &create, &info) < 0) {
		status = fail(cli);
	} else {
		status = run_with(cli, &rig, command);
		close(fd);
		wait_for_end(cli, &rig);
	}
	dmk_table_free(table);
	return status;
}

int cmd_with(struct cli *cli, char **args, int n)
{
	int n_behind = cli->options.n_behind;
	int n_words = n - n_behind;

	if (n_behind < 1 || n_words < 1)
		return usage_error(cli, "", "needs FILE or TYPE KEY=VALUE..., then -- COMMAND");
	/* Nothing would be there for the command. */
	if (given(cli, OPT_DRY_RUN))
		return usage_error(cli, "dry-run",
				   "a command cannot be run dry; plan FILE says what "
				   "would be made");
	if (n_words == 1 && (is_stack_file(args[0]) || strcmp(args[0], "-") == 0))
		return with_file(cli, args[0], args + n_words);
	if (cli->options.given & (BIT(OPT_SET) | BIT(OPT_STACK_NAME) | BIT(OPT_STRICT)))
		return usage_error(cli, "set", "--set, --name and --strict are for a FILE");
	return with_table(cli, args, n_words, args + n_words);
}
