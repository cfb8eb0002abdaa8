/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/help.h"
#include "common/cli.h"
#include "common/nearest.h"
#include "common/term.h"
#include "read/options.h"
#include "read/tables.h"
#include "show/errors.h"
#include "show/output.h"

#define COLUMN 16 /* where the summaries of commands begin */

const char *const exit_texts[EXIT_CODES] = {
	"done",
	"failed",
	"usage",
	"no such mapping",
	"busy",
	"not permitted",
	"no device-mapper in this kernel",
	"deadline passed",
	[EXIT_CHANGES] = "of plan: there is something to do",
};

/* What an option does in one command, where that is more than its row says: COMMAND OPTION, NUL,
 * the help, NUL. */
static const char particular[] =
	"create uuid\0the uuid that the device gets\0"
	"create deadline\0try again so long where a device of the table is missing, or name or "
	"uuid taken\0"
	"create no-node\0make no node in /dev/mapper\0"
	"create concise\0make all devices of SPEC; - is standard input\0"
	"create read-ahead\0of the device, in sectors; with + only if it is more than the kernel "
	"chose\0"
	"replace noflush\0let I/O in flight wait for the new table, as a multipath without paths "
	"needs it\0"
	"replace no-lockfs\0swap without freezing the file system\0"
	"resume noflush\0with a loaded table: do not wait for I/O in flight, it is queued again\0"
	"resume no-lockfs\0with a loaded table: swap without freezing the file system\0"
	"resume no-node\0make no node in /dev/mapper\0"
	"remove uuid\0remove the device of this uuid\0"
	"remove devno\0remove the device of this number\0"
	"remove all\0remove every device, those on top first; never asks\0"
	"remove prefix\0remove every device whose name begins with P\0"
	"remove no-node\0leave the node in /dev/mapper\0"
	"apply deadline\0all of it ends by then, or is undone\0"
	"apply dry-run\0as plan, with exit code 0\0"
	"remove deadline\0try busy devices again for so long, 5s unless given; 0 tries once\0"
	"rename no-node\0leave the node its name\0"
	"info inactive\0numbers of the inactive table\0"
	"deps inactive\0what the inactive table stands on\0"
	"table inactive\0the table that is loaded and not put in\0"
	"status inactive\0status of the inactive table\0"
	"status raw\0the kernel's own text of it\0"
	"list raw\0names as they are, where it is no terminal\0"
	"message raw\0send exactly one TEXT as it is; - is standard input\0"
	"wait deadline\0wait at most so long; 0 looks once\0"
	"monitor deadline\0end after so long, with exit code 0\0"
	"check json\0each finding as an object on standard output\0"
	"help json\0what it says, for programs: help-schema.json\0"
	"monitor json\0one object a line, as it happens\0"
	"image format uuid\0of the superblock; a random one unless given\0"
	"image format salt\0the salt, at most 256 bytes; - for none; 32 random ones unless given\0"
	"image format data-blocks\0how many blocks of DATA count; all unless given\0"
	"image format hash-offset\0where the superblock goes, or, without one, the tree; in DATA's "
	"own file its end unless given\0"
	"image format no-superblock\0write no superblock\0"
	"image format dry-run\0is refused: all that it does is write\0"
	"image verify deadline\0end after so long\0"
	"image format deadline\0end after so long, and leave nothing\0"
	"image repair deadline\0end after so long\0"
	"image repair dry-run\0say which blocks would be mended, and write nothing\0"
	"image mount name\0the mapping's name; unless given it follows from the digest\0"
	"image mount dry-run\0is refused: a mount is none of device-mapper's requests\0"
	"image umount dry-run\0is refused: a mount is none of device-mapper's requests\0"
	"image umount deadline\0wait so long for those who keep it, 5s unless given; 0 tries "
	"once\0";

const char *option_help(const struct command *command, enum opt option)
{
	const struct option_row *row = option_row(option);
	char words[40] = "";

	if (command)
		snprintf(words, sizeof(words), "%s %s", command->name, row->name);
	for (const char *text = particular; *text;) {
		const char *help = text + strlen(text) + 1;

		if (strcmp(text, words) == 0)
			return help;
		text = help + strlen(help) + 1;
	}
	return row->help;
}

/* Its own, or those of all commands, in its words where there is one. */
static void print_options(const struct command *command, bool global)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = option_row((enum opt)i);
		char word[64];

		if (row->global != global || (!global && !takes(command, (enum opt)i)))
			continue;
		snprintf(word, sizeof(word), "--%s%s%s", row->name, row->value ? " " : "",
			 row->value ? row->value : "");
		if (strlen(word) > 22)
			printf("  %s\n%*s", word, 25, "");
		else
			printf("  %-22s ", word);
		put_wrapped(stdout, option_help(command, (enum opt)i), 25);
	}
}

/* The length of what stays on one line: up to a blank that is in no brackets, an option with its
 * value, a | with what follows it. */
static size_t usage_part(const char *text)
{
	int depth = 0;
	size_t i;

	for (i = 0; text[i]; i++) {
		depth += (text[i] == '[') - (text[i] == ']');
		if (text[i] == ' ' && depth == 0 && i > 0 && text[i - 1] != '|' &&
		    !(strncmp(text, "| --", 4) == 0 && text[i + 1] != '|' && text[i + 1] != '[' &&
		      !memchr(text + 4, ' ', i - 4)))
			break;
	}
	return i;
}

static void print_synopsis(const struct command *command)
{
	unsigned width = term_width(stdout);
	unsigned indent = (unsigned)strlen("usage: dmkit ") + (unsigned)strlen(command->name);
	unsigned column = indent;

	printf("usage: dmkit %s", command->name);
	for (const char *text = command->args; *text;) {
		unsigned length = (unsigned)usage_part(text);

		if (column > indent && column + 1 + length > width) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		}
		printf(" %.*s", (int)length, text);
		column += 1 + length;
		text += length;
		text += *text == ' ';
	}
	putchar('\n');
}

static void print_exit_codes(void)
{
	char line[512];
	size_t used = 0;

	for (int i = 0; i < EXIT_CODES; i++) {
		if (exit_texts[i])
			used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%d %s",
						 i ? ", " : "Exit codes: ", i, exit_texts[i]);
	}
	snprintf(line + used, sizeof(line) - used, ".");
	put_wrapped(stdout, line, 0);
}

void print_usage(FILE *out)
{
	static const char more[] =
		"'dmkit help COMMAND', 'dmkit help targets' and 'dmkit help TARGET' say more. "
		"Called as dmsetup, or as 'dmkit dmsetup', it is that command: dmkit(8); 'dmkit "
		"help dmsetup' has what its commands are here.";

	char names[512];

	/* Without a command, by mistake: short. */
	fputs("usage: dmkit [OPTION]... COMMAND [ARGUMENT]...\n", out);
	if (out == stderr) {
		command_names(names, sizeof(names));
		fputs("commands: ", out);
		put_wrapped(out, names, 10);
		fputs("'dmkit help' says more\n", out);
		return;
	}
	fputs("\nCommands:\n", out);
	for (size_t i = 0; command_at(i); i++) {
		fprintf(out, "  %-*s ", COLUMN - 1, command_at(i)->name);
		put_wrapped(out, command_at(i)->summary, COLUMN + 2);
	}
	fputs("\nOptions of all commands, before or after COMMAND:\n", out);
	print_options(NULL, true);
	putchar('\n');
	put_wrapped(out, more, 0);
	print_exit_codes();
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
	print_synopsis(command);
	putchar('\n');
	put_wrapped(stdout, command->summary, 0);
	if (*command->details) {
		putchar('\n');
		put_wrapped(stdout, command->details, 0);
	}
	if (command->options || command->image_options) {
		fputs("\nOptions:\n", stdout);
		print_options(command, false);
	}
	fputs("\nOptions of all commands:\n", stdout);
	print_options(command, true);
	fputs("\nExamples:\n", stdout);
	print_examples(command->examples);
}

void print_group_help(const char *group)
{
	printf("usage: dmkit %s COMMAND [ARGUMENT]...\n\nCommands:\n", group);
	for (size_t i = 0; command_at(i); i++) {
		if (!command_in_group(command_at(i), group))
			continue;
		printf("  %-*s ", COLUMN - 1, command_at(i)->name);
		put_wrapped(stdout, command_at(i)->summary, COLUMN + 2);
	}
	printf("\n'dmkit help %s COMMAND' says more.\n", group);
}

void group_names(const char *group, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; command_at(i) && used < size; i++) {
		if (command_in_group(command_at(i), group))
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 command_at(i)->name);
	}
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

int unknown_topic(struct cli *cli, const char *topic)
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
	printf("%s: %s\n\nKeys:\n", info->type, info->summary);
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
	char word[KEY_WORD_SIZE];
	struct dmk_key key;

	for (uint32_t i = 0; dmk_target_key(type, i, &key) == 0; i++) {
		if (key.flags & DMK_KEY_SECRET) {
			for (unsigned w = 0; key_word(&key, w, word); w++)
				printf("%s=\n", word);
		} else if (!(key.flags & DMK_KEY_LAYOUT)) {
			printf("%s=\n", key.name);
		}
	}
}

void print_core_messages(void)
{
	fputs("device-mapper's own messages, which every device understands\n", stdout);
	print_messages(NULL);
}
