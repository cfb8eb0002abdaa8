/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"

/* Long options answer from here on, letters below. */
#define FIRST_LONG 256

static const struct option_row rows[OPT_COUNT] = {
	[OPT_JSON] = { "json", NULL, "results, and errors, as JSON", true },
	[OPT_DEADLINE] = { "deadline", "N[ms|s|m]", "try again and wait for so long; 0 tries once",
			   true },
	[OPT_NO_UDEV] = { "no-udev", NULL, "no handshake with udev (so it is today in any case)",
			  true },
	[OPT_DRY_RUN] = { "dry-run", NULL,
			  "print the requests that would change something, send none", true },
	[OPT_TRACE] = { "trace", NULL, "one line on standard error for each request", true },
	[OPT_HELP] = { "help", NULL, "this text", true },
	[OPT_VERSION] = { "version", NULL, "dmkit's own version", true },
	[OPT_TABLE] = { "table", "TEXT", "the table as the kernel's own text", false },
	[OPT_TABLE_FILE] = { "table-file", "FILE", "the same from FILE, - is standard input",
			     false },
	[OPT_NO_TABLE] = { "no-table", NULL, "make the device without a table", false },
	[OPT_READONLY] = { "readonly", NULL, "refuse writes", false },
	[OPT_UUID] = { "uuid", "UUID", "the device by its uuid; create: the uuid it gets", false },
	[OPT_DEVNO] = { "devno", "MAJOR:MINOR", "the device by its number", false },
	[OPT_MINOR] = { "minor", "N", "this minor number", false },
	[OPT_UID] = { "uid", "N", "owner of the node", false },
	[OPT_GID] = { "gid", "N", "group of the node", false },
	[OPT_MODE] = { "mode", "OCTAL", "permissions of the node, 600 unless given", false },
	[OPT_NO_NODE] = { "no-node", NULL, "leave /dev/mapper alone", false },
	[OPT_READ_AHEAD] = { "read-ahead", "[+]N", "in sectors; with + only if it is more than now",
			     false },
	[OPT_NOFLUSH] = { "noflush", NULL, "do not wait for I/O in flight, it is queued again",
			  false },
	[OPT_NO_LOCKFS] = { "no-lockfs", NULL, "do not freeze the file system", false },
	[OPT_FORCE] = { "force", NULL, "put an error table in first, so that waiting I/O lets go",
			false },
	[OPT_DEFERRED] = { "deferred", NULL, "what is open is removed when it is closed", false },
	[OPT_CANCEL_DEFERRED] = { "cancel-deferred", NULL, "take a deferred removal back", false },
	[OPT_ALL] = { "all", NULL, "every device, those on top first; never asks", false },
	[OPT_STATE] = { "state", NULL,
			"state, tables and open count too: one more request a device", false },
	[OPT_PRETTY] = { "pretty", NULL, "one line of words that `dmkit create NAME` takes back",
			 false },
	[OPT_SHOW_KEYS] = { "show-keys", NULL, "keys too, which are zeros otherwise", false },
	[OPT_INACTIVE] = { "inactive", NULL, "of the inactive table", false },
	[OPT_FLUSH] = { "flush", NULL, "let the target write out first, which can take long",
			false },
	[OPT_RAW] = { "raw", NULL, "the kernel's own text; message: exactly one TEXT", false },
	[OPT_SECTOR] = { "sector", "N", "to the segment that holds this sector", false },
	[OPT_COMMANDS] = { "commands", NULL,
			   "commands, kinds of arguments and options, for programs", false },
	[OPT_OFFLINE] = { "offline", NULL, "the text alone: ask neither the kernel nor devices",
			  false },
	[OPT_CHECK] = { "check", NULL, "check targets and devices before the kernel is asked",
			false },
	[OPT_CONCISE] = { "concise", NULL, "devices as one text, as dmsetup's --concise has it",
			  false },
	[OPT_DM_MOD_CREATE] = { "dm-mod.create", NULL,
				"the same for the kernel's command line, within its limits",
				false },
	[OPT_FIX] = { "fix", NULL, "mend what is safe to mend, and say what", false },
	[OPT_MANUAL] = { "manual", NULL, "the source of dmkit-targets(7)", false },
	[OPT_KEYS] = { "keys", NULL, "names of the keys alone, for programs", false },
};

const struct option_row *option_row(enum opt option)
{
	return &rows[option];
}

/* What a value may be, for the message; NULL: value was good and is stored. */
static const char *store(struct options *options, enum opt option, const char *value)
{
	switch (option) {
	case OPT_DEADLINE:
		if (!parse_deadline(value, &options->deadline_ms))
			return "a number with ms, s or m, plain is seconds, up to 146 years; 0 "
			       "tries once";
		break;
	case OPT_TABLE:
		options->table = value;
		break;
	case OPT_TABLE_FILE:
		options->table_file = value;
		break;
	case OPT_UUID:
		options->uuid = value;
		break;
	case OPT_DEVNO:
		if (!parse_devno(value, &options->major, &options->minor))
			return "MAJOR:MINOR, two numbers, up to 4095:1048575, MAJOR not 0";
		break;
	case OPT_MINOR:
		if (!parse_number32(value, 1048575, &options->fixed_minor))
			return "a number from 0 to 1048575";
		break;
	case OPT_UID:
		if (!parse_number32(value, UINT32_MAX - 1, &options->uid))
			return "a number from 0 to 4294967294";
		break;
	case OPT_GID:
		if (!parse_number32(value, UINT32_MAX - 1, &options->gid))
			return "a number from 0 to 4294967294";
		break;
	case OPT_MODE:
		if (!parse_mode(value, &options->mode))
			return "octal permission bits from 1 to 777";
		break;
	case OPT_READ_AHEAD:
		options->read_ahead_minimum = *value == '+';
		if (!parse_number32(value + (*value == '+'), INT32_MAX,
				    &options->read_ahead_sectors))
			return "a number of sectors from 0 to 2147483647, with + for a minimum";
		break;
	case OPT_SECTOR:
		if (!parse_number(value, UINT64_MAX, &options->sector))
			return "a number from 0 to 18446744073709551615";
		break;
	default:
		break;
	}
	return NULL;
}

/* The first thing wrong with the options. It is reported at the end, when --json is known. */
struct complaint {
	const char *argument; /* NULL: none yet */
	char text[512];
};

static void PRINTF(3, 4)
	complain(struct complaint *first, const char *argument, const char *format, ...)
{
	va_list args;

	if (first->argument)
		return;
	first->argument = argument;
	va_start(args, format);
	vsnprintf(first->text, sizeof(first->text), format, args);
	va_end(args);
}

static void take(struct options *options, enum opt option, const char *value,
		 struct complaint *first)
{
	const struct option_row *row = &rows[option];
	const char *allowed;

	/* The last one would win in silence, and two tables or uuids are never meant. */
	if (row->value && (options->given & BIT(option)))
		complain(first, row->name, "--%s is given twice", row->name);
	options->given |= BIT(option);
	allowed = store(options, option, value);
	if (allowed)
		complain(first, value, "--%s '%s': allowed is %s", row->name, value, allowed);
}

/* getopt_long()'s own messages differ between libcs, so it prints none. */
static void refuse(int answer, int letter_or_option, const char *word, struct complaint *first)
{
	const char *name =
		letter_or_option >= FIRST_LONG ? rows[letter_or_option - FIRST_LONG].name : "";

	if (answer == ':')
		complain(first, word, "--%s needs a value", name);
	else if (*name)
		complain(first, word, "--%s takes no value", name);
	else if (letter_or_option)
		complain(first, word, "unknown option -%c; after -- words may begin with -",
			 letter_or_option);
	else
		complain(first, word, "unknown option %s; after -- words may begin with -", word);
}

int options_parse(struct cli *cli, int argc, char **argv, int *ret_first)
{
	struct option table[OPT_COUNT + 1] = { 0 };
	struct complaint first = { 0 };
	int answer;

	for (int i = 0; i < OPT_COUNT; i++) {
		table[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].value ? required_argument : no_argument,
			.val = FIRST_LONG + i,
		};
	}
	opterr = 0;
	while ((answer = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (answer == 'h')
			answer = FIRST_LONG + OPT_HELP;
		if (answer >= FIRST_LONG)
			take(&cli->options, (enum opt)(answer - FIRST_LONG), optarg, &first);
		else
			refuse(answer, optopt, argv[optind - 1], &first);
	}
	*ret_first = optind;
	return first.argument ? usage_error(cli, first.argument, "%s", first.text) : EXIT_DONE;
}
