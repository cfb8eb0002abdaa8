/* SPDX-License-Identifier: MIT */
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"

#ifdef DMKIT_MINIMAL
#define OPTION(name, value, help, global) \
	{                                 \
		name, value, NULL, global \
	}
#else
#define OPTION(name, value, help, global)       \
	{                                       \
		name, value, HELP(help), global \
	}
#endif

static const struct option_row rows[OPT_COUNT] = {
	[OPT_JSON] = OPTION("json", NULL, "results, and errors, as JSON", true),
	[OPT_DEADLINE] = OPTION("deadline", "N[ms|s|m]",
				"try again and wait for so long; 0 tries once", true),
	[OPT_UDEV] = OPTION(
		"udev", "auto|on|off",
		"wait for udev, which makes the nodes; auto, the default: where it runs", true),
	[OPT_NO_UDEV] = OPTION("no-udev", NULL, "the same as --udev off", true),
	[OPT_DRY_RUN] = OPTION("dry-run", NULL,
			       "print the requests that would change something, send none", true),
	[OPT_TRACE] = OPTION("trace", NULL, "one line on standard error for each request", true),
	[OPT_HELP] = OPTION("help", NULL, "this text", true),
	[OPT_VERSION] = OPTION("version", NULL, "dmkit's own version", true),
	[OPT_TABLE] = OPTION("table", "TEXT", "the table as the kernel's own text", false),
	[OPT_TABLE_FILE] =
		OPTION("table-file", "FILE", "the same from FILE, - is standard input", false),
	[OPT_NO_TABLE] = OPTION("no-table", NULL, "make the device without a table", false),
	[OPT_READONLY] = OPTION("readonly", NULL, "refuse writes", false),
	[OPT_UUID] = OPTION("uuid", "UUID", "the device by its uuid", false),
	[OPT_DEVNO] = OPTION("devno", "MAJOR:MINOR", "the device by its number", false),
	[OPT_MINOR] = OPTION("minor", "N", "this minor number", false),
	[OPT_UID] = OPTION("uid", "USER", "owner of the node, by name or number", false),
	[OPT_GID] = OPTION("gid", "GROUP", "group of the node, by name or number", false),
	[OPT_MODE] = OPTION("mode", "OCTAL", "permissions of the node, 600 unless given", false),
	[OPT_NO_NODE] = OPTION("no-node", NULL, "leave /dev/mapper alone", false),
	[OPT_NO_VERIFY] =
		OPTION("no-verify", NULL, "do not read a verity device's first block", false),
	[OPT_READ_AHEAD] = OPTION("read-ahead", "[+]N",
				  "in sectors; with + only if it is more than now", false),
	[OPT_NOFLUSH] =
		OPTION("noflush", NULL, "do not wait for I/O in flight, it is queued again", false),
	[OPT_NO_LOCKFS] = OPTION("no-lockfs", NULL, "do not freeze the file system", false),
	[OPT_FORCE] = OPTION("force", NULL,
			     "put an error table in first, so that waiting I/O lets go", false),
	[OPT_DEFERRED] =
		OPTION("deferred", NULL, "what is open is removed when it is closed", false),
	[OPT_CANCEL_DEFERRED] =
		OPTION("cancel-deferred", NULL, "take a deferred removal back", false),
	[OPT_ALL] = OPTION("all", NULL, "every device, those on top first; never asks", false),
	[OPT_PREFIX] = OPTION("prefix", "P", "every device whose name begins with P", false),
	[OPT_STATE] = OPTION("state", NULL,
			     "state, tables and open count too: one more request a device", false),
	[OPT_PRETTY] = OPTION("pretty", NULL,
			      "one line of words that `dmkit create NAME` takes back", false),
	[OPT_SHOW_KEYS] = OPTION("show-keys", NULL, "keys too, which are zeros otherwise", false),
	[OPT_INACTIVE] = OPTION("inactive", NULL, "of the inactive table", false),
	[OPT_FLUSH] =
		OPTION("flush", NULL, "let the target write out first, which can take long", false),
	[OPT_RAW] = OPTION("raw", NULL, "the kernel's own text", false),
	[OPT_SECTOR] = OPTION("sector", "N", "to the segment that holds this sector", false),
	[OPT_COMMANDS] =
		OPTION("commands", NULL, "commands and their options, for programs", false),
	[OPT_OFFLINE] = OPTION("offline", NULL,
			       "the text alone: ask neither the kernel nor devices", false),
	[OPT_CHECK] = OPTION("check", NULL, "check targets and devices before the kernel is asked",
			     false),
	[OPT_UNCHECKED] = OPTION("unchecked", NULL,
				 "the text as it is: only the kernel judges what it says", false),
	[OPT_CONCISE] = OPTION("concise", NULL,
			       "devices as one text, as dmsetup's --concise has it", false),
	[OPT_DM_MOD_CREATE] =
		OPTION("dm-mod.create", NULL,
		       "the same for the kernel's command line, within its limits", false),
	[OPT_FIX] = OPTION("fix", NULL, "mend what is safe to mend, and say what", false),
	[OPT_KERNEL_VERSION] = OPTION("kernel-version", "V",
				      "targets and options of Linux V, as 5.15 or 6.1.176", false),
	[OPT_LONG] = OPTION("long", NULL,
			    "-l: name, size, targets, state and where it is used; one more "
			    "request a device",
			    false),
	[OPT_COLUMNS] = OPTION("columns", "LIST",
			       "-o: these, with commas between: name device kernel-name size uuid "
			       "event types state tables ro open segments mount used-by; +LIST: "
			       "these too",
			       false),
	[OPT_SORT] =
		OPTION("sort", "LIST", "by these columns; -COLUMN is the other way round", false),
	[OPT_NO_HEADINGS] = OPTION("no-headings", NULL, "no line of headings", false),
	[OPT_BYTES] = OPTION("bytes", NULL, "sizes in bytes", false),
	[OPT_COLOR] = OPTION("color", "WHEN",
			     "always, never or auto, the default: on a terminal, unless NO_COLOR "
			     "is set",
			     false),
	[OPT_ZERO] = OPTION(
		"zero", NULL,
		"-z: a NUL behind each device for the line's end, and names as they are", false),
	[OPT_INVERSE] =
		OPTION("inverse", NULL, "disks first, and on them what stands on them", false),
	[OPT_MANUAL] = OPTION("manual", NULL, "the source of dmkit-targets(7)", false),
	[OPT_KEYS] = OPTION("keys", NULL, "names of the keys alone, for programs", false),
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

/* Of a function: HELP() in one is gone when it returns. */
#define ALLOW(text)                      \
	do {                             \
		HELP_TEXT(allow) = text; \
		return allow;            \
	} while (0)

/* What a value may be, for the message; NULL: value was good and is stored. */
static const char *store(struct options *options, enum opt option, const char *value)
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
	dmk_texts_unpack();
	first->argument = argument;
	va_start(args, format);
	vsnprintf(first->text, sizeof(first->text), format, args);
	va_end(args);
}

#ifdef DMK_PACKED_TEXTS
#define complain(first, argument, format, ...)                         \
	({                                                             \
		HELP_TEXT(complaint) = format;                         \
		complain((first), (argument), complaint, __VA_ARGS__); \
	})
#endif

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
	for (i++; i < argc; i++)
		argv[words++] = argv[i];
	/* What is left moves to the end, as it stood. */
	*ret_first = argc - words + 1;
	memmove(argv + *ret_first, argv + 1, (size_t)(words - 1) * sizeof(*argv));
	return first.argument ? usage_error(cli, first.argument, "%s", first.text) : EXIT_DONE;
}
