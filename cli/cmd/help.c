/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/help.h"
#include "common/cli.h"
#include "read/options.h"

static void print_option_words(uint64_t which, bool global)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = option_row((enum opt)i);

		if (row->global == global && (global || (which & BIT(i))))
			printf(" --%s%s", row->name, row->value ? "=" : "");
	}
}

/* One line a command: NAME OPTION... ; the first, of the name "-", has the options of all. */
static void print_commands(void)
{
	putchar('-');
	print_option_words(0, true);
	putchar('\n');
	for (size_t i = 0; command_at(i); i++) {
		const struct command *command = command_at(i);

		fputs(command->name, stdout);
		print_option_words(command->options, false);
		putchar('\n');
	}
}

static void print_targets(void)
{
	const struct dmk_target_info *info;

	for (uint32_t i = 0; (info = dmk_target_info_at(i)); i++)
		puts(info->type);
}

int cmd_help(struct cli *cli, char **args, int n)
{
	const struct command *command;

	if (given(cli, OPT_COMMANDS)) {
		print_commands();
		return EXIT_DONE;
	}
	if (given(cli, OPT_MANUAL)) {
		print_manual();
		return EXIT_DONE;
	}
	if (given(cli, OPT_JSON) && !given(cli, OPT_KEYS))
		return help_json(cli, n > 0 ? args[0] : NULL);
	if (n == 0) {
		print_usage(stdout);
		return EXIT_DONE;
	}
	if (strcmp(args[0], "targets") == 0 && !given(cli, OPT_KEYS)) {
		print_targets();
		return EXIT_DONE;
	}
	if (given(cli, OPT_KEYS)) {
		print_target_keys(args[0]);
		return EXIT_DONE;
	}
	if (strcmp(args[0], "messages") == 0) {
		print_core_messages();
		return EXIT_DONE;
	}
	if (strcmp(args[0], "dmsetup") == 0) {
		print_dmsetup_help(cli);
		return EXIT_DONE;
	}
	command = command_find(args[0]);
	if (!command)
		return print_target_help(cli, args[0]);
	print_command_help(cli, command);
	return EXIT_DONE;
}
