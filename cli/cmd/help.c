/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/help.h"
#include "common/cli.h"
#include "read/options.h"

/* command NULL: those of all. */
static void print_option_words(const struct command *command)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = option_row((enum opt)i);

		if (command ? !row->global && takes(command, (enum opt)i) : row->global)
			printf(" --%s%s", row->name, row->value ? "=" : "");
	}
}

/* One line a command: NAME OPTION... ; the first, of the name "-", has the options of all. */
static void print_commands(void)
{
	putchar('-');
	print_option_words(NULL);
	putchar('\n');
	for (size_t i = 0; command_at(i); i++) {
		const struct command *command = command_at(i);

		fputs(command->name, stdout);
		print_option_words(command);
		putchar('\n');
	}
}

static void print_targets(void)
{
	const struct dmk_target_info *info;

	for (uint32_t i = 0; (info = dmk_target_info_at(i)); i++)
		puts(info->type);
}

static int help_of(struct cli *cli, const char *topic)
{
	const struct command *command = command_find(topic);

	if (command)
		print_command_help(cli, command);
	else if (command_is_group(topic))
		print_group_help(topic);
	else
		return print_target_help(cli, topic);
	return EXIT_DONE;
}

int cmd_help(struct cli *cli, char **args, int n)
{
	char words[DMK_NAME_SIZE];
	const char *topic = n > 0 ? args[0] : NULL;

	if (given(cli, OPT_COMMANDS)) {
		print_commands();
		return EXIT_DONE;
	}
	if (given(cli, OPT_MANUAL)) {
		print_manual();
		return EXIT_DONE;
	}
	if (n > 1) {
		/* The name of a command that has two. */
		snprintf(words, sizeof(words), "%s %s", args[0], args[1]);
		if (!command_find(words))
			return unknown_topic(cli, words);
		topic = words;
	}
	if (given(cli, OPT_JSON) && !given(cli, OPT_KEYS))
		return help_json(cli, topic);
	if (!topic) {
		print_usage(stdout);
		return EXIT_DONE;
	}
	if (given(cli, OPT_KEYS))
		print_target_keys(topic);
	else if (strcmp(topic, "targets") == 0)
		print_targets();
	else if (strcmp(topic, "messages") == 0)
		print_core_messages();
	else if (strcmp(topic, "dmsetup") == 0)
		print_dmsetup_help(cli);
	else
		return help_of(cli, topic);
	return EXIT_DONE;
}
