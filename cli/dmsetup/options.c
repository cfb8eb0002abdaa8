/* SPDX-License-Identifier: MIT */
/* Options, read here and not by getopt_long(): its messages are dmsetup's only with glibc. */
#include <stdlib.h>
#include <string.h>

#include "dmsetup/options.h"

enum argument {
	NONE,
	REQUIRED,
	OPTIONAL,
	EXACT /* as REQUIRED; newer than the dmsetup whose abbreviations these are: has none */
};

/* In dmsetup's order as far as two begin alike: a message about an abbreviation lists them in it.
 * What DMS_STATS has is read so that abbreviations mean what they mean there. */
static const struct row {
	char name[16];
	uint8_t argument;
	uint8_t option;
	char letter;
} rows[] = {
	{ "alias", REQUIRED, DMS_STATS, 0 },
	{ "alldevices", NONE, DMS_STATS, 0 },
	{ "allprograms", NONE, DMS_STATS, 0 },
	{ "allregions", NONE, DMS_STATS, 0 },
	{ "area", NONE, DMS_STATS, 0 },
	{ "areas", REQUIRED, DMS_STATS, 0 },
	{ "areasize", REQUIRED, DMS_STATS, 0 },
	{ "addnodeonresume", NONE, DMS_ADDNODEONRESUME, 0 },
	{ "addnodeoncreate", NONE, DMS_ADDNODEONCREATE, 0 },
	{ "bounds", REQUIRED, DMS_STATS, 0 },
	{ "checks", NONE, DMS_CHECKS, 0 },
	{ "clear", NONE, DMS_STATS, 0 },
	{ "columns", NONE, DMS_COLUMNS, 'c' },
	{ "", NONE, DMS_COLUMNS, 'C' },
	{ "concise", NONE, DMS_CONCISE, 0 },
	{ "count", REQUIRED, DMS_COUNT, 0 },
	{ "deferred", NONE, DMS_DEFERRED, 0 },
	{ "exec", REQUIRED, DMS_EXEC, 0 },
	{ "filemap", NONE, DMS_STATS, 0 },
	{ "follow", REQUIRED, DMS_STATS, 0 },
	{ "force", NONE, DMS_FORCE, 'f' },
	{ "foreground", NONE, DMS_STATS, 0 },
	{ "gid", REQUIRED, DMS_GID, 'G' },
	{ "group", NONE, DMS_STATS, 0 },
	{ "groupid", REQUIRED, DMS_STATS, 0 },
	{ "headings", EXACT, DMS_HEADINGS, 0 },
	{ "help", NONE, DMS_HELP, 'h' },
	{ "histogram", OPTIONAL, DMS_STATS, 0 },
	{ "inactive", NONE, DMS_INACTIVE, 0 },
	{ "interval", REQUIRED, DMS_INTERVAL, 0 },
	{ "length", REQUIRED, DMS_STATS, 0 },
	{ "manglename", REQUIRED, DMS_MANGLENAME, 0 },
	{ "major", REQUIRED, DMS_MAJOR, 'j' },
	{ "minor", REQUIRED, DMS_MINOR, 'm' },
	{ "mode", REQUIRED, DMS_MODE, 'M' },
	{ "nameprefixes", NONE, DMS_NAMEPREFIXES, 0 },
	{ "nogroup", NONE, DMS_STATS, 0 },
	{ "noflush", NONE, DMS_NOFLUSH, 0 },
	{ "noheadings", NONE, DMS_NOHEADINGS, 0 },
	{ "nolockfs", NONE, DMS_NOLOCKFS, 0 },
	{ "noopencount", NONE, DMS_NOOPENCOUNT, 0 },
	{ "nosuffix", NONE, DMS_STATS, 0 },
	{ "notable", NONE, DMS_NOTABLE, 'n' },
	{ "notimesuffix", NONE, DMS_STATS, 0 },
	{ "nomonitor", NONE, DMS_STATS, 0 },
	{ "noudevrules", NONE, DMS_NOUDEVRULES, 0 },
	{ "noudevsync", NONE, DMS_NOUDEVSYNC, 0 },
	{ "options", REQUIRED, DMS_OPTIONS, 'o' },
	{ "precise", NONE, DMS_STATS, 0 },
	{ "programid", REQUIRED, DMS_STATS, 0 },
	{ "readonly", NONE, DMS_READONLY, 'r' },
	{ "raw", NONE, DMS_STATS, 0 },
	{ "readahead", REQUIRED, DMS_READAHEAD, 0 },
	{ "region", NONE, DMS_STATS, 0 },
	{ "regions", REQUIRED, DMS_STATS, 0 },
	{ "regionid", REQUIRED, DMS_STATS, 0 },
	{ "relative", NONE, DMS_STATS, 0 },
	{ "retry", NONE, DMS_RETRY, 0 },
	{ "rows", NONE, DMS_ROWS, 0 },
	{ "select", REQUIRED, DMS_SELECT, 'S' },
	{ "segments", NONE, DMS_STATS, 0 },
	{ "separator", REQUIRED, DMS_SEPARATOR, 0 },
	{ "setuuid", NONE, DMS_SETUUID, 0 },
	{ "showkeys", NONE, DMS_SHOWKEYS, 0 },
	{ "sort", REQUIRED, DMS_SORT, 'O' },
	{ "start", REQUIRED, DMS_STATS, 0 },
	{ "table", REQUIRED, DMS_TABLE, 0 },
	{ "target", REQUIRED, DMS_TARGET, 0 },
	{ "tree", NONE, DMS_TREE, 0 },
	{ "udevcookie", REQUIRED, DMS_UDEVCOOKIE, 0 },
	{ "uid", REQUIRED, DMS_UID, 'U' },
	{ "units", REQUIRED, DMS_STATS, 0 },
	{ "uuid", REQUIRED, DMS_UUID, 'u' },
	{ "unbuffered", NONE, DMS_UNBUFFERED, 0 },
	{ "unquoted", NONE, DMS_UNQUOTED, 0 },
	{ "userdata", REQUIRED, DMS_STATS, 0 },
	{ "verbose", NONE, DMS_VERBOSE, 'v' },
	{ "verifyudev", NONE, DMS_VERIFYUDEV, 0 },
	{ "version", NONE, DMS_VERSION, 0 },
	{ "yes", NONE, DMS_YES, 'y' },
};

/* The value is checked where it is read, so that the first fault on the line is the one that is
 * told. */
static int take(struct dmsetup *d, const struct row *row, const char *value)
{
	enum dms_opt option = row->option;
	char *end;

	d->given[option]++;
	d->value[option] = value;
	if (!value)
		return 0;
	/* atoi() is what dmsetup makes of a word. */
	d->number[option] = strtol(value, NULL, 10);
	if (option == DMS_MODE) {
		d->number[option] = strtol(value, &end, 8);
		if (*end || d->number[option] <= 0) {
			dms_error("Invalid argument for --mode: %s. ", value);
			return -1;
		}
	}
	if (option == DMS_INTERVAL && d->number[option] <= 0) {
		dms_error("Interval must be a positive integer.");
		return -1;
	}
	if (option == DMS_COUNT && d->number[option] < 0) {
		dms_error("Count must be zero or greater.");
		return -1;
	}
	if (option == DMS_READAHEAD && *value == '-') {
		dms_error("Negative read ahead value (%s) is not understood.", value);
		return -1;
	}
	return 0;
}

static bool begins(const struct row *row, const char *word, size_t length)
{
	return row->name[0] && strncmp(row->name, word, length) == 0 &&
	       (row->argument != EXACT || row->name[length] == '\0');
}

/* The row that the word's first length bytes name, whole or abbreviated; NULL: told. */
static const struct row *find_long(const char *program, const char *word, size_t length)
{
	const struct row *found = NULL;
	int n = 0;

	for (size_t i = 0; i < DMS_COUNT_OF(rows); i++) {
		if (!begins(&rows[i], word, length))
			continue;
		if (rows[i].name[length] == '\0')
			return &rows[i];
		found = &rows[i];
		n++;
	}
	if (n == 1)
		return found;
	if (n == 0) {
		dms_error("%s: unrecognized option '--%s'", program, word);
		return NULL;
	}
	fprintf(stderr, "%s: option '--%s' is ambiguous; possibilities:", program, word);
	for (size_t i = 0; i < DMS_COUNT_OF(rows); i++)
		if (begins(&rows[i], word, length))
			fprintf(stderr, " '--%s'", rows[i].name);
	fputc('\n', stderr);
	return NULL;
}

static bool needs_value(const struct row *row)
{
	return row->argument == REQUIRED || row->argument == EXACT;
}

/* --WORD[=VALUE]; *at is moved where the value is the next word. */
static int read_long(struct dmsetup *d, char **argv, int *at)
{
	const char *word = argv[*at] + 2;
	const char *value = strchr(word, '=');
	size_t length = value ? (size_t)(value - word) : strlen(word);
	const struct row *row = find_long(argv[0], word, length);

	if (!row)
		return -1;
	if (value && row->argument == NONE) {
		dms_error("%s: option '--%s' doesn't allow an argument", argv[0], row->name);
		return -1;
	}
	if (value)
		value++;
	else if (needs_value(row))
		value = argv[++*at];
	if (!value && needs_value(row)) {
		dms_error("%s: option '--%s' requires an argument", argv[0], row->name);
		return -1;
	}
	return take(d, row, value);
}

/* -abcVALUE or -abc VALUE. */
static int read_short(struct dmsetup *d, char **argv, int *at)
{
	for (const char *c = argv[*at] + 1; *c; c++) {
		const struct row *row = NULL;

		for (size_t i = 0; i < DMS_COUNT_OF(rows) && !row; i++)
			if (rows[i].letter == *c)
				row = &rows[i];
		if (!row) {
			dms_error("%s: invalid option -- '%c'", argv[0], *c);
			return -1;
		}
		if (needs_value(row)) {
			const char *value = c[1] ? c + 1 : argv[++*at];

			if (!value) {
				dms_error("%s: option requires an argument -- '%c'", argv[0], *c);
				return -1;
			}
			return take(d, row, value);
		}
		if (take(d, row, NULL) < 0)
			return -1;
	}
	return 0;
}

int dms_read_options(struct dmsetup *d, int argc, char **argv, char **ret_words)
{
	bool only_first = getenv("POSIXLY_CORRECT") != NULL;
	bool words = false; /* nothing but words is left */
	int n = 0;

	for (int i = 1; i < argc; i++) {
		int r = 0;

		if (words || argv[i][0] != '-' || argv[i][1] == '\0') {
			ret_words[n++] = argv[i];
			words |= only_first;
		} else if (strcmp(argv[i], "--") == 0) {
			words = true;
		} else if (argv[i][1] == '-') {
			r = read_long(d, argv, &i);
		} else {
			r = read_short(d, argv, &i);
		}
		if (r < 0)
			return -1;
	}
	return n;
}
