/* SPDX-License-Identifier: MIT */
/* plan and apply: what a stack file says beside what is there. */
#include "cmd/commands.h"
#include "cmd/stack.h"
#include "read/stacks.h"
#include "show/errors.h"
#include "show/transport.h"

static void stack_options(struct cli *cli, struct stack_noted *noted,
			  struct dmk_stack_options *ret_options)
{
	*ret_options = (struct dmk_stack_options){ .note = note_stack, .userdata = noted };
	if (given(cli, OPT_ALLOW_BUSY))
		ret_options->flags |= DMK_STACK_ALLOW_BUSY;
	if (given(cli, OPT_STRICT))
		ret_options->flags |= DMK_STACK_STRICT;
}

/* EXIT_CHANGES where plan finds some. */
static int run(struct cli *cli, const struct stack_text *text, struct dmk_stack *stack, bool apply)
{
	struct stack_noted noted = { cli, text };
	struct dmk_stack_options options;
	struct dmk_plan *plan;
	uint32_t changes;
	int r;

	stack_options(cli, &noted, &options);
	arm_deadline(cli);
	r = apply ? dmk_stack_apply(cli->dm, stack, &options, &plan)
		  : dmk_stack_plan(cli->dm, stack, &options, &plan);
	if (r < 0)
		return fail_stack(cli, text, dmk_last_error(cli->dm));
	changes = show_plan(cli, dmk_stack_name(stack), plan, apply);
	dmk_plan_free(plan);
	return changes && !apply ? EXIT_CHANGES : EXIT_DONE;
}

/* Each file; the first failure's exit code, else EXIT_CHANGES if there are some. */
static int each_stack(struct cli *cli, char **files, int n, bool apply)
{
	int status = EXIT_DONE;

	if (n > 1 && given(cli, OPT_STACK_NAME))
		return usage_error(cli, "name", "--name is for one FILE");
	for (int i = 0; i < n; i++) {
		struct stack_text text = { 0 };
		struct dmk_stack *stack;
		int one = stack_read(cli, files[i], &text, &stack);

		if (one == EXIT_DONE) {
			one = run(cli, &text, stack, apply);
			dmk_stack_free(stack);
		}
		stack_text_drop(&text);
		if (status == EXIT_DONE || (status == EXIT_CHANGES && one != EXIT_DONE))
			status = one;
	}
	return status;
}

int cmd_plan(struct cli *cli, char **args, int n)
{
	return each_stack(cli, args, n, false);
}

int cmd_apply(struct cli *cli, char **args, int n)
{
	int status;

	if (!given(cli, OPT_DRY_RUN))
		return each_stack(cli, args, n, true);
	/* Requests that depend on the answers of those before them cannot be listed. */
	status = each_stack(cli, args, n, false);
	return status == EXIT_CHANGES ? EXIT_DONE : status;
}
