/* SPDX-License-Identifier: MIT */
/* What stands in the place of help, and of the commands that the minimal command leaves out. */
#include <string.h>

#include "cli.h"
#include "stats-reply.h"

void print_usage(FILE *out)
{
	fputs("usage: dmkit [OPTION]... COMMAND [ARGUMENT]...\ncommands:", out);
	for (size_t i = 0; command_at(i); i++) {
		if (command_at(i)->run != cmd_left_out)
			fprintf(out, " %s", command_at(i)->name);
	}
	fputs("\nThis is the minimal build: targets as text alone, and no help.\n", out);
}

void print_command_help(const struct cli *cli, const struct command *command)
{
	(void)cli;
	printf("usage: dmkit %s %s\n", command->name, command->args);
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = option_row((enum opt)i);

		if (row->global || (command->options & BIT(i)))
			printf(" --%s%s%s", row->name, row->value ? " " : "",
			       row->value ? row->value : "");
	}
	putchar('\n');
}

int cmd_left_out(struct cli *cli, char **args, int n)
{
	(void)args;
	(void)n;
	return usage_error(cli, cli->command->name, "this build leaves it out");
}

int cmd_help(struct cli *cli, char **args, int n)
{
	const struct command *command = n > 0 ? command_find(args[0]) : NULL;

	if (n == 0 && !(cli->options.given & cli->command->options)) {
		print_usage(stdout);
		return EXIT_DONE;
	}
	if (!command || command->run == cmd_left_out)
		return usage_error(cli, n > 0 ? args[0] : "", "this build leaves it out");
	print_command_help(cli, command);
	return EXIT_DONE;
}

int create_concise(struct cli *cli, char **args, int n, const struct dmk_create_options *create)
{
	(void)create;
	return cmd_left_out(cli, args, n);
}

bool show_reply(struct cli *cli, const char *text, const char *reply)
{
	(void)cli;
	(void)text;
	(void)reply;
	return false;
}

int check_first(struct cli *cli, struct dmk_table *table, const struct dmk_id *id)
{
	(void)table;
	(void)id;
	return given(cli, OPT_CHECK) ? usage_error(cli, "check", "this build leaves --check out")
				     : EXIT_DONE;
}
