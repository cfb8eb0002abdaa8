/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli.h"

#define COLUMN 16 /* where the summaries of commands begin */

static void print_options(FILE *out, uint64_t which, bool global)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = option_row((enum opt)i);
		char word[64];

		if (row->global != global || (!global && !(which & BIT(i))))
			continue;
		snprintf(word, sizeof(word), "--%s%s%s", row->name, row->value ? " " : "",
			 row->value ? row->value : "");
		fprintf(out, "  %-22s ", word);
		put_wrapped(out, row->help, 25);
	}
}

void print_usage(FILE *out)
{
	HELP_TEXT(more) =
		"\n'dmkit help COMMAND', 'dmkit help targets' and 'dmkit help TARGET' say more.\n"
		"Called as dmsetup, or as 'dmkit dmsetup', it is that command: dmkit(8).\n"
		"Exit codes: 0 done, 1 failed, 2 usage, 3 no such mapping, 4 busy, 5 not "
		"permitted,\n"
		"6 no device-mapper in this kernel, 7 deadline passed.\n";

	/* Without a command, by mistake: short. */
	fputs("usage: dmkit [OPTION]... COMMAND [ARGUMENT]...\n", out);
	if (out == stderr) {
		fputs("commands: ", out);
		for (size_t i = 0; command_at(i); i++)
			fprintf(out, "%s%s", i ? " " : "", command_at(i)->name);
		fputs("\n'dmkit help' says more\n", out);
		return;
	}
	dmk_texts_unpack();
	fputs("\nCommands:\n", out);
	for (size_t i = 0; command_at(i); i++)
		fprintf(out, "  %-*s %s\n", COLUMN - 1, command_at(i)->name,
			command_at(i)->summary);
	fputs("\nOptions of all commands, before or after COMMAND:\n", out);
	print_options(out, 0, true);
	fputs(more, out);
}

static void print_examples(const char *examples)
{
	while (*examples) {
		size_t length = strcspn(examples, "\n");

		/* eval lines begin with another word than dmkit. */
		printf("  %s%.*s\n", strncmp(examples, "eval ", 5) == 0 ? "" : "dmkit ",
		       (int)length, examples);
		examples += length + 1;
	}
}

void print_command_help(const struct cli *cli, const struct command *command)
{
	(void)cli;
	dmk_texts_unpack();
	printf("usage: dmkit %s%s%s\n", command->name, *command->args ? " " : "", command->args);
	printf("\n%s\n", command->summary);
	if (*command->details) {
		putchar('\n');
		put_wrapped(stdout, command->details, 0);
	}
	if (command->options) {
		fputs("\nOptions:\n", stdout);
		print_options(stdout, command->options, false);
	}
	fputs("\nOptions of all commands:\n", stdout);
	print_options(stdout, 0, true);
	fputs("\nExamples:\n", stdout);
	print_examples(command->examples);
}

static const char *kind_text(const struct dmk_key *key)
{
	switch (key->kind) {
	case DMK_KEY_TEXT:
		return "text";
	case DMK_KEY_DEVICE:
		return "path or MAJOR:MINOR";
	case DMK_KEY_NUMBER:
		return "number";
	case DMK_KEY_SIGNED:
		return "number, also negative";
	case DMK_KEY_SECTORS:
		return "size in whole sectors: 4096s, 2MiB, plain bytes";
	case DMK_KEY_BYTES:
		return "size in bytes: 4096, 4KiB";
	case DMK_KEY_FLAG:
		return "yes or no";
	case DMK_KEY_HEX:
		return "hex digits, - for none";
	case DMK_KEY_DEVICE_OFFSET:
		return "DEVICE:OFFSET, OFFSET as a size in whole sectors";
	case DMK_KEY_BLOCKS:
		return "count of blocks";
	case DMK_KEY_CHOICE:
		return key->allowed ? key->allowed : "word";
	case DMK_KEY_MS:
		return "milliseconds: 500, 500ms, 2s";
	case DMK_KEY_RECORD:
		return "text of several parts";
	default:
		return "value";
	}
}

void describe_key(const struct dmk_key *key, char *line, size_t size)
{
	const char *fallback = key->fallback;

	if (!fallback && !(key->flags & DMK_KEY_REQUIRED) && key->kind == DMK_KEY_FLAG)
		fallback = "no";
	snprintf(line, size, "%s (%s%s%s%s%s%s%s)", key->help ? key->help : "", kind_text(key),
		 key->flags & DMK_KEY_REQUIRED ? "; required" : "", fallback ? "; default " : "",
		 fallback ? fallback : "",
		 key->flags & DMK_KEY_REPEATED ? "; several times, in order" : "",
		 *key->since ? "; since " : "", key->since);
}

static void print_key(const struct dmk_key *key)
{
	char line[1024];

	describe_key(key, line, sizeof(line));
	printf("  %-22s ", key->name);
	put_wrapped(stdout, line, 25);
}

/* The words that stand for a key that may not stand on a command line itself. */
static void print_secret_key(const struct dmk_key *key, const char *indent)
{
	char name[64], line[512];

	snprintf(name, sizeof(name), "%s-file", key->name);
	snprintf(line, sizeof(line), "%s. A file with the %s, - is standard input%s%s",
		 key->help ? key->help : "", key->name, *key->since ? "; since " : "", key->since);
	printf("%s%-22s ", indent, name);
	put_wrapped(stdout, line, 25);
	snprintf(name, sizeof(name), "%s-fd", key->name);
	printf("%s%-22s the same from an open file descriptor\n", indent, name);
	snprintf(name, sizeof(name), "%s-format", key->name);
	printf("%s%-22s of these two: raw (default) or hex\n", indent, name);
	if (strcmp(key->name, "key") == 0) {
		printf("%s%-22s ", indent, "keyring");
		put_wrapped(stdout, "instead: TYPE:DESCRIPTION of a key in the kernel's keyring",
			    25);
		printf("%s%-22s of a key in the keyring, in bytes\n", indent, "key-size");
	}
}

/* type NULL: device-mapper's own. */
static void print_messages(const char *type)
{
	const struct dmk_message_info *info;
	struct dmk_key key;

	for (uint32_t i = 0; (info = dmk_target_message(type, i)); i++) {
		char line[512];

		if (i == 0)
			fputs("\nMessages (dmkit message NAME MESSAGE [KEY=VALUE]...):\n", stdout);
		snprintf(line, sizeof(line), "%s%s%s", info->help, info->since ? "; since " : "",
			 info->since ? info->since : "");
		printf("  %-22s ", info->name);
		put_wrapped(stdout, line, 25);
		for (uint32_t k = 0; dmk_message_key(type, info->name, k, &key) == 0; k++) {
			if (key.flags & DMK_KEY_SECRET) {
				print_secret_key(&key, "    ");
				continue;
			}
			fputs("  ", stdout);
			print_key(&key);
		}
	}
}

static bool has_size_key(const char *type)
{
	struct dmk_key key;

	for (uint32_t i = 0; dmk_target_key(type, i, &key) == 0; i++) {
		if (strcmp(key.name, "size") == 0)
			return true;
	}
	return false;
}

static int unknown_topic(struct cli *cli, const char *topic)
{
	struct nearest nearest;

	nearest_begin(&nearest, topic, strlen(topic));
	for (size_t i = 0; command_at(i); i++)
		nearest_look(&nearest, command_at(i)->name);
	for (uint32_t i = 0; dmk_target_info_at(i); i++)
		nearest_look(&nearest, dmk_target_info_at(i)->type);
	return usage_error(cli, topic, "'%s' is neither a command nor a target that dmkit knows%s",
			   topic, nearest_text(&nearest, ""));
}

int print_target_help(struct cli *cli, const char *type)
{
	const struct dmk_target_info *info = dmk_target_info_find(type);
	struct dmk_key key;

	if (!info)
		return unknown_topic(cli, type);
	dmk_texts_unpack();
	printf("%s: %s\n\nKeys:\n", info->type, info->summary);
	/* Every target has it. */
	if (!has_size_key(type))
		print_key(&(const struct dmk_key){
			.name = "size",
			.kind = DMK_KEY_SECTORS,
			.help = "length of the segment; without it what the keys say, or the rest "
				"of the device",
		});
	for (uint32_t i = 0; dmk_target_key(type, i, &key) == 0; i++) {
		if (key.flags & DMK_KEY_SECRET)
			print_secret_key(&key, "  ");
		else if (!(key.flags & DMK_KEY_LAYOUT))
			print_key(&key);
	}
	print_messages(type);
	printf("\nExample:\n  dmkit create NAME %s\n", info->example);
	return EXIT_DONE;
}

void print_target_keys(const char *type)
{
	struct dmk_key key;

	if (!has_size_key(type))
		puts("size=");
	for (uint32_t i = 0; dmk_target_key(type, i, &key) == 0; i++) {
		if (key.flags & DMK_KEY_SECRET)
			put_key_words(stdout, &key);
		else if (!(key.flags & DMK_KEY_LAYOUT))
			printf("%s=\n", key.name);
	}
}

void print_core_messages(void)
{
	dmk_texts_unpack();
	fputs("device-mapper's own messages, which every device understands\n", stdout);
	print_messages(NULL);
}
