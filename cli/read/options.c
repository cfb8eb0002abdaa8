/* SPDX-License-Identifier: MIT */
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <string.h>

#include "common/cli.h"
#include "common/nearest.h"
#include "common/numbers.h"
#include "read/options.h"
#include "show/errors.h"
#include "show/results.h"

static const struct option_row rows[OPT_COUNT] = {
	[OPT_JSON] = { "json", NULL, "results, and errors, as JSON", true },
	[OPT_DEADLINE] = { "deadline", "N[ms|s|m]", "try again and wait for so long; 0 tries once",
			   true },
	[OPT_UDEV] = { "udev", "auto|on|off",
		       "wait for udev, which makes the nodes; auto, the default: where it runs",
		       true },
	[OPT_NO_UDEV] = { "no-udev", NULL, "the same as --udev off", true },
	[OPT_DRY_RUN] = { "dry-run", NULL,
			  "print the requests that would change something, send none", true },
	[OPT_TRACE] = { "trace", NULL, "one line on standard error for each request", true },
	[OPT_HELP] = { "help", NULL, "this text", true },
	[OPT_VERSION] = { "version", NULL, "dmkit's own version", true },
	[OPT_TABLE] = { "table", "TEXT", "the table as the kernel's own text" },
	[OPT_TABLE_FILE] = { "table-file", "FILE", "the same from FILE, - is standard input" },
	[OPT_NO_TABLE] = { "no-table", NULL, "make the device without a table" },
	[OPT_READONLY] = { "readonly", NULL, "refuse writes" },
	[OPT_UUID] = { "uuid", "UUID", "the device by its uuid" },
	[OPT_DEVNO] = { "devno", "MAJOR:MINOR", "the device by its number" },
	[OPT_MINOR] = { "minor", "N", "this minor number" },
	[OPT_UID] = { "uid", "USER", "owner of the node, by name or number" },
	[OPT_GID] = { "gid", "GROUP", "group of the node, by name or number" },
	[OPT_MODE] = { "mode", "OCTAL", "permissions of the node, 600 unless given" },
	[OPT_NO_NODE] = { "no-node", NULL, "leave /dev/mapper alone" },
	[OPT_NO_VERIFY] = { "no-verify", NULL, "do not read a verity device's first block" },
	[OPT_READ_AHEAD] = { "read-ahead", "[+]N",
			     "in sectors; with + only if it is more than now" },
	[OPT_NOFLUSH] = { "noflush", NULL, "do not wait for I/O in flight, it is queued again" },
	[OPT_NO_LOCKFS] = { "no-lockfs", NULL, "do not freeze the file system" },
	[OPT_FORCE] = { "force", NULL, "put an error table in first, so that waiting I/O lets go" },
	[OPT_DEFERRED] = { "deferred", NULL, "what is open is removed when it is closed" },
	[OPT_CANCEL_DEFERRED] = { "cancel-deferred", NULL, "take a deferred removal back" },
	[OPT_ALL] = { "all", NULL, "every device, those on top first; never asks" },
	[OPT_PREFIX] = { "prefix", "P", "every device whose name begins with P" },
	[OPT_STATE] = { "state", NULL,
			"state, tables and open count too: one more request a device" },
	[OPT_PRETTY] = { "pretty", NULL, "one line of words that `dmkit create NAME` takes back" },
	[OPT_SHOW_KEYS] = { "show-keys", NULL, "keys too, which are zeros otherwise" },
	[OPT_INACTIVE] = { "inactive", NULL, "of the inactive table" },
	[OPT_FLUSH] = { "flush", NULL, "let the target write out first, which can take long" },
	[OPT_RAW] = { "raw", NULL, "the kernel's own text" },
	[OPT_SECTOR] = { "sector", "N", "to the segment that holds this sector" },
	[OPT_COMMANDS] = { "commands", NULL, "commands and their options, for programs" },
	[OPT_OFFLINE] = { "offline", NULL, "the text alone: ask neither the kernel nor devices" },
	[OPT_CHECK] = { "check", NULL, "check targets and devices before the kernel is asked" },
	[OPT_UNCHECKED] = { "unchecked", NULL,
			    "the text as it is: only the kernel judges what it says" },
	[OPT_CONCISE] = { "concise", NULL, "devices as one text, as dmsetup's --concise has it" },
	[OPT_DM_MOD_CREATE] = { "dm-mod.create", NULL,
				"the same for the kernel's command line, within its limits" },
	[OPT_FIX] = { "fix", NULL, "mend what is safe to mend, and say what" },
	[OPT_KERNEL_VERSION] = { "kernel-version", "V",
				 "targets and options of Linux V, as 5.15 or 6.1.176" },
	[OPT_LONG] = { "long", NULL,
		       "-l: name, size, targets, state and where it is used; one more "
		       "request a device" },
	[OPT_COLUMNS] = { "columns", "LIST",
			  "-o: these, with commas between: name device kernel-name size uuid "
			  "event types state tables ro open segments mount used-by; +LIST: "
			  "these too" },
	[OPT_SORT] = { "sort", "LIST", "by these columns; -COLUMN is the other way round" },
	[OPT_NO_HEADINGS] = { "no-headings", NULL, "no line of headings" },
	[OPT_BYTES] = { "bytes", NULL, "sizes in bytes" },
	[OPT_COLOR] = { "color", "WHEN",
			"always, never or auto, the default: on a terminal, unless NO_COLOR "
			"is set" },
	[OPT_ZERO] = { "zero", NULL,
		       "-z: a NUL behind each device for the line's end, and names as they are" },
	[OPT_INVERSE] = { "inverse", NULL, "disks first, and on them what stands on them" },
	[OPT_SET] = { "set", "VAR=VALUE", "what ${VAR} in a stack file is; may be given again" },
	[OPT_STACK] = { "stack", NULL, "a stack file, for dmkit apply" },
	[OPT_STACK_NAME] = { "name", "NAME",
			     "of the stack; unless given it is the file's, without .stack or "
			     ".json" },
	[OPT_ALLOW_BUSY] = { "allow-busy", NULL,
			     "shrink and remove what is open as well, which goes when it is "
			     "closed" },
	[OPT_STRICT] = { "strict", NULL, "two devices over the same sectors are an error" },
	[OPT_OWNER] = { "owner", "PREFIX",

			"whose it is: once the calling process has ended, dmkit gc PREFIX removes "
			"it" },
	[OPT_YES] = { "yes", NULL, "do it, and not only say what would be done" },
	[OPT_MANUAL] = { "manual", NULL, "the source of dmkit-targets(7)" },
	[OPT_KEYS] = { "keys", NULL, "names of the keys alone, for programs" },
};

const struct option_row *option_row(enum opt option)
{
	return &rows[option];
}

static bool parse_user(const char *value, uint32_t *ret_uid)
{
	const struct passwd *user;

	if (parse_number32(value, UINT32_MAX - 1, ret_uid))
		return true;
	user = getpwnam(value);
	if (user)
		*ret_uid = user->pw_uid;
	return user;
}

static bool parse_group(const char *value, uint32_t *ret_gid)
{
	const struct group *group;

	if (parse_number32(value, UINT32_MAX - 1, ret_gid))
		return true;
	group = getgrnam(value);
	if (group)
		*ret_gid = group->gr_gid;
	return group;
}

/* Of a function:  in one is gone when it returns. */
#define ALLOW(text)                               \
	do {                                      \
		static const char allow[] = text; \
		return allow;                     \
	} while (0)

/* As option_store(), those of stacks. */
static const char *store_of_stacks(struct options *options, enum opt option, const char *value)
{
	switch (option) {
	case OPT_SET:
		if (!strchr(value, '=') || *value == '=' ||
		    strcspn(value, "${}") < strcspn(value, "="))
			ALLOW("VAR=VALUE");
		if (options->n_sets == MOST_SETS)
			ALLOW("at most 64 of them");
		options->sets[options->n_sets++] = value;
		break;
	case OPT_STACK_NAME:
		options->stack_name = value;
		break;
	case OPT_OWNER:
		options->owner = value;
		break;
	default:
		break;
	}
	return NULL;
}

/* What a value may be, for the message; NULL: value was good and is stored. */
const char *option_store(struct options *options, enum opt option, const char *value)
{
	switch (option) {
	case OPT_DEADLINE:
		if (!parse_deadline(value, &options->deadline_ms))
			ALLOW("a number with ms, s or m, plain is seconds, up to 146 years; 0 "
			      "tries once");
		break;
	case OPT_UDEV:
		if (!parse_udev(value, &options->udev))
			ALLOW("auto, on or off");
		break;
	case OPT_NO_UDEV:
		options->udev = DMK_UDEV_OFF;
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
			ALLOW("MAJOR:MINOR, two numbers, up to 4095:1048575, MAJOR not 0");
		break;
	case OPT_PREFIX:
		if (!*value)
			ALLOW("the beginning of names, not empty; all there are is --all");
		options->prefix = value;
		break;
	case OPT_MINOR:
		if (!parse_number32(value, MOST_MINORS, &options->fixed_minor))
			ALLOW("a number from 0 to 1048575");
		break;
	case OPT_UID:
		if (!parse_user(value, &options->uid))
			ALLOW("the name of a user, or a number from 0 to 4294967294");
		break;
	case OPT_GID:
		if (!parse_group(value, &options->gid))
			ALLOW("the name of a group, or a number from 0 to 4294967294");
		break;
	case OPT_MODE:
		if (!parse_mode(value, &options->mode))
			ALLOW("octal permission bits from 1 to 777");
		break;
	case OPT_READ_AHEAD:
		options->read_ahead_minimum = *value == '+';
		if (!parse_number32(value + (*value == '+'), INT32_MAX,
				    &options->read_ahead_sectors))
			ALLOW("a number of sectors from 0 to 2147483647, with + for a minimum");
		break;
	case OPT_SECTOR:
		if (!parse_number(value, UINT64_MAX, &options->sector))
			ALLOW("a number from 0 to 18446744073709551615");
		break;
	case OPT_KERNEL_VERSION:
		if (!parse_linux(value, &options->linux_release))
			ALLOW("a release of Linux from 3.0 on, as 5.15, 6.1 or 6.1.176");
		break;
	case OPT_COLUMNS:
		options->columns = value;
		break;
	case OPT_SORT:
		options->sort = value;
		break;
	case OPT_COLOR:
		options->color = value;
		if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
		    strcmp(value, "never") != 0)
			ALLOW("auto, always or never");
		break;
	default:
		return store_of_stacks(options, option, value);
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
	if (row->value && option != OPT_SET && (options->given & BIT(option)))
		complain(first, row->name, "--%s is given twice", row->name);
	options->given |= BIT(option);
	allowed = option_store(options, option, value);
	if (allowed)
		complain(first, value, "--%s '%s': allowed is %s", row->name, value, allowed);
}

enum opt option_find(const char *name, size_t length)
{
	enum opt found = OPT_COUNT;
	unsigned n = 0;

	for (int i = 0; i < OPT_COUNT; i++) {
		if (strncmp(rows[i].name, name, length) != 0)
			continue;
		if (!rows[i].name[length])
			return (enum opt)i;
		found = (enum opt)i;
		n++;
	}
	return n == 1 ? found : OPT_COUNT;
}

static void complain_unknown(struct complaint *first, const char *word, size_t length)
{
	struct nearest nearest;

	nearest_begin(&nearest, word + 2, length);
	for (int i = 0; i < OPT_COUNT; i++)
		nearest_look(&nearest, rows[i].name);
	if (nearest.n > 1 && nearest.far[1] == 0)
		complain(first, word, "option %s is the beginning of several%s", word,
			 nearest_text(&nearest, "--"));
	else
		complain(first, word, "unknown option %s%s", word,
			 nearest.n ? nearest_text(&nearest, "--")
				   : "; after -- words may begin with -");
}

static enum opt find_letter(char letter)
{
	static const struct {
		char letter;
		unsigned char option;
	} letters[] = {
		{ 'h', OPT_HELP },
		{ 'l', OPT_LONG },
		{ 'o', OPT_COLUMNS },
		{ 'z', OPT_ZERO },
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++) {
		if (letters[i].letter == letter)
			return (enum opt)letters[i].option;
	}
	return OPT_COUNT;
}

/* -l, -lz, -o LIST, -oLIST. How many words it took. */
static int take_letters(struct options *options, const char *word, const char *next,
			struct complaint *first)
{
	for (const char *letter = word + 1; *letter; letter++) {
		enum opt option = find_letter(*letter);

		if (option == OPT_COUNT) {
			complain(first, word, "unknown option -%c; after -- words may begin with -",
				 *letter);
			return 1;
		}
		if (!rows[option].value) {
			take(options, option, NULL, first);
			continue;
		}
		if (letter[1])
			take(options, option, letter + 1, first);
		else if (next)
			take(options, option, next, first);
		else
			complain(first, word, "-%c needs a value", *letter);
		return letter[1] || !next ? 1 : 2;
	}
	return 1;
}

/* A word that begins with - and is not - itself; `next` may be its value. How many words it took.
 */
static int take_word(struct options *options, const char *word, const char *next,
		     struct complaint *first)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] ? name + length + 1 : NULL;
	enum opt option = option_find(name, length);

	if (word[1] != '-')
		return take_letters(options, word, next, first);
	if (option == OPT_COUNT) {
		complain_unknown(first, word, length);
	} else if (!rows[option].value && value) {
		complain(first, word, "--%s takes no value", rows[option].name);
	} else if (rows[option].value && !value && !next) {
		complain(first, word, "--%s needs a value", rows[option].name);
	} else if (rows[option].value && !value) {
		take(options, option, next, first);
		return 2;
	} else {
		take(options, option, value, first);
	}
	return 1;
}

/* "--" */
static bool is_end(const char *word)
{
	return word[0] == '-' && word[1] == '-' && !word[2];
}

/* Not getopt_long(): its rules and messages differ between libcs. */
int options_parse(struct cli *cli, int argc, char **argv, int *ret_first)
{
	struct complaint first = { 0 };
	int words = 1;
	int i = 1;

	while (i < argc && !is_end(argv[i])) {
		if (argv[i][0] == '-' && argv[i][1])
			i += take_word(&cli->options, argv[i], argv[i + 1], &first);
		else
			argv[words++] = argv[i++];
	}
	cli->options.n_behind = i < argc ? argc - i - 1 : -1;
	for (i++; i < argc; i++)
		argv[words++] = argv[i];
	/* What is left moves to the end, as it stood. */
	*ret_first = argc - words + 1;
	memmove(argv + *ret_first, argv + 1, (size_t)(words - 1) * sizeof(*argv));
	return first.argument ? usage_error(cli, first.argument, "%s", first.text) : EXIT_DONE;
}
