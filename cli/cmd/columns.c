/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/columns.h"
#include "common/disks.h"
#include "common/term.h"
#include "show/errors.h"
#include "show/output.h"

static const struct column_row {
	char name[12];
	char heading[9];
	bool number; /* on the right */
	unsigned wants;
} rows_of[COLUMN_COUNT] = {
	[COLUMN_NAME] = { "name", "NAME", false, 0 },
	[COLUMN_DEVICE] = { "device", "DEVICE", false, 0 },
	[COLUMN_KERNEL_NAME] = { "kernel-name", "KERNEL", false, 0 },
	[COLUMN_UUID] = { "uuid", "UUID", false, 0 },
	[COLUMN_EVENT] = { "event", "EVENT", true, 0 },
	[COLUMN_SIZE] = { "size", "SIZE", true, WANT_TABLE },
	[COLUMN_TYPES] = { "types", "TYPES", false, WANT_TABLE },
	[COLUMN_STATE] = { "state", "STATE", false, WANT_STATE },
	[COLUMN_TABLES] = { "tables", "TABLES", false, WANT_STATE },
	[COLUMN_RO] = { "ro", "RO", false, WANT_STATE },
	[COLUMN_OPEN] = { "open", "OPEN", true, WANT_STATE },
	[COLUMN_SEGMENTS] = { "segments", "SEGMENTS", true, WANT_STATE },
	[COLUMN_MOUNT] = { "mount", "MOUNT", false, WANT_MOUNTS },
	[COLUMN_USED_BY] = { "used-by", "USED BY", false, WANT_STATE | WANT_MOUNTS | WANT_USERS },
};

/* COLUMN_COUNT: none. */
static enum column find(const char *name, size_t length)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (strncmp(rows_of[i].name, name, length) == 0 && !rows_of[i].name[length])
			return (enum column)i;
	}
	return COLUMN_COUNT;
}

static int unknown(struct cli *cli, const char *option, const char *word, size_t length)
{
	char all[256];
	char name[64];
	size_t used = 0;

	for (size_t i = 0; i < COLUMN_COUNT && used < sizeof(all); i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, " %s", rows_of[i].name);
	snprintf(name, sizeof(name), "%.*s", (int)(length < 60 ? length : 60), word);
	return usage_error(cli, name, "--%s: no column '%s'; there are:%s", option, name, all);
}

/* One word of a list with commas is taken off. */
static const char *next_word(const char **list, size_t *ret_length)
{
	const char *word = *list;

	*ret_length = strcspn(word, ",");
	*list = word + *ret_length + (word[*ret_length] == ',');
	return word;
}

static bool has(const enum column *at, uint32_t n, enum column column)
{
	for (uint32_t i = 0; i < n; i++) {
		if (at[i] == column)
			return true;
	}
	return false;
}

static int take_list(struct cli *cli, const char *list, bool sort, struct columns *columns)
{
	enum column *at = sort ? columns->sort : columns->at;
	uint32_t *n = sort ? &columns->n_sort : &columns->n;
	size_t length;

	do {
		const char *word = next_word(&list, &length);
		bool descending = sort && *word == '-';
		enum column column = find(word + descending, length - descending);
		const char *option = sort ? "sort" : "columns";

		if (column == COLUMN_COUNT)
			return unknown(cli, option, word, length);
		if (has(at, *n, column))
			return usage_error(cli, rows_of[column].name, "--%s: '%s' is there twice",
					   option, rows_of[column].name);
		columns->descending[*n] = descending;
		at[(*n)++] = column;
		columns->wants |= rows_of[column].wants;
	} while (*list);
	return EXIT_DONE;
}

int columns_take(struct cli *cli, const char *defaults, struct columns *ret_columns)
{
	const char *list = given(cli, OPT_COLUMNS) ? cli->options.columns : defaults;
	struct columns columns = { 0 };
	int status = EXIT_DONE;

	/* More of them behind those that are there anyway. */
	if (*list == '+') {
		list++;
		status = take_list(cli, defaults, false, &columns);
	}
	if (status == EXIT_DONE)
		status = take_list(cli, list, false, &columns);
	if (status == EXIT_DONE && given(cli, OPT_SORT))
		status = take_list(cli, cli->options.sort, true, &columns);
	*ret_columns = columns;
	return status;
}

/* ---- sort ---- */

static uint64_t number_of(const struct facts *facts, enum column column)
{
	switch (column) {
	case COLUMN_DEVICE:
	case COLUMN_KERNEL_NAME:
		return (uint64_t)facts->major << 32 | facts->minor;
	case COLUMN_EVENT:
		return facts->event_nr;
	case COLUMN_SIZE:
		return facts->size_sectors;
	case COLUMN_STATE:
		return facts->flags & DMK_INFO_SUSPENDED;
	case COLUMN_TABLES:
		return facts->flags & (DMK_INFO_LIVE_TABLE | DMK_INFO_INACTIVE_TABLE);
	case COLUMN_RO:
		return facts->flags & DMK_INFO_READONLY;
	case COLUMN_OPEN:
		return facts->open_count > 0 ? (uint64_t)facts->open_count : 0;
	case COLUMN_SEGMENTS:
		return facts->segments;
	default:
		return 0;
	}
}

static const char *text_of(const struct facts *facts, enum column column)
{
	const struct words *words = &facts->mounts;

	switch (column) {
	case COLUMN_NAME:
		return facts->name;
	case COLUMN_UUID:
		return facts->uuid ? facts->uuid : "";
	case COLUMN_TYPES:
		return facts->types;
	case COLUMN_USED_BY:
		if (words->length == 0)
			words = &facts->users;
		/* fall through */
	case COLUMN_MOUNT:
		return words->length ? words->text : "";
	default:
		return "";
	}
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;
	const struct columns *columns = x->columns;

	for (uint32_t i = 0; i < columns->n_sort; i++) {
		enum column column = columns->sort[i];
		uint64_t first = number_of(x->facts, column);
		uint64_t second = number_of(y->facts, column);
		int order = first < second ? -1 : first > second;

		if (order == 0)
			order = strcmp(text_of(x->facts, column), text_of(y->facts, column));
		if (order != 0)
			return columns->descending[i] ? -order : order;
	}
	return x->index < y->index ? -1 : x->index > y->index;
}

void rows_sort(const struct columns *columns, struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rows[i].columns = columns;
		rows[i].index = i;
	}
	if (columns->n_sort > 0 && n > 0)
		qsort(rows, n, sizeof(*rows), compare);
}

/* ---- what stands in a column ---- */

char *join_words(const struct words *words)
{
	char *text = malloc(words->length + 1);

	if (!text)
		abort();
	if (words->length)
		memcpy(text, words->text, words->length);
	for (size_t i = 0; i + 1 < words->length; i++) {
		if (!text[i])
			text[i] = ',';
	}
	text[words->length] = '\0';
	return text;
}

const char *shown_size(const struct cli *cli, uint64_t sectors, char buf[static SIZE_TEXT])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB" };
	uint64_t whole = sectors / 2;
	uint64_t rest = sectors % 2 * 512; /* of 1024 */
	uint64_t tenths;
	size_t unit = 0;

	/* As far as bytes fit in 64 bits. */
	if (given(cli, OPT_BYTES) && sectors <= UINT64_MAX / 512) {
		snprintf(buf, SIZE_TEXT, "%" PRIu64, sectors * 512);
		return buf;
	}
	if (sectors < 2) {
		snprintf(buf, SIZE_TEXT, "%" PRIu64 "B", sectors * 512);
		return buf;
	}
	while (whole >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	/* Never more than there is: the tenths are cut. */
	tenths = rest * 10 / 1024;
	if (tenths)
		snprintf(buf, SIZE_TEXT, "%" PRIu64 ".%" PRIu64 "%s", whole, tenths, units[unit]);
	else
		snprintf(buf, SIZE_TEXT, "%" PRIu64 "%s", whole, units[unit]);
	return buf;
}

static const char *table_word(uint32_t flags)
{
	static const char *const words[] = { "none", "live", "inactive", "live+inactive" };

	return words[!!(flags & DMK_INFO_LIVE_TABLE) + 2 * !!(flags & DMK_INFO_INACTIVE_TABLE)];
}

/* "/mnt,/srv", else who stands on it, else that it is open all the same: for whom costs a walk
 * over all processes, which `dmkit holders` does. */
static char *used_by(const struct facts *facts)
{
	if (facts->mounts.length || facts->users.length)
		return join_words(facts->mounts.length ? &facts->mounts : &facts->users);
	return strdup(facts->open_count > 0 ? "(open)" : "-");
}

/* What only mappings have; "-": there is none. */
static const char *state_cell(const struct facts *facts, enum column column, char *buf, size_t size)
{
	switch (column) {
	case COLUMN_EVENT:
		snprintf(buf, size, "%u", facts->event_nr);
		return facts->has_event_nr ? buf : "-";
	case COLUMN_STATE:
		return facts->flags & DMK_INFO_SUSPENDED ? "suspended" : "active";
	case COLUMN_TABLES:
		return table_word(facts->flags);
	case COLUMN_RO:
		return facts->flags & DMK_INFO_READONLY ? "yes" : "no";
	case COLUMN_OPEN:
		snprintf(buf, size, "%d", facts->open_count);
		return facts->open_count < 0 ? "-" : buf;
	case COLUMN_SEGMENTS:
		snprintf(buf, size, "%u", facts->segments);
		return buf;
	default:
		return "-";
	}
}

/* free() */
static char *cell_of(const struct cli *cli, const struct facts *facts, enum column column)
{
	char buf[64];
	const char *text = "-";

	switch (column) {
	case COLUMN_DEVICE:
		text = format_devno(facts->major, facts->minor, buf);
		break;
	case COLUMN_KERNEL_NAME:
		snprintf(buf, sizeof(buf), "dm-%u", facts->minor);
		text = facts->mapping ? buf : facts->name;
		break;
	case COLUMN_SIZE:
		if (facts->size_sectors)
			text = shown_size(cli, facts->size_sectors, buf);
		break;
	case COLUMN_MOUNT:
		if (facts->mounts.length)
			return join_words(&facts->mounts);
		break;
	case COLUMN_USED_BY:
		return used_by(facts);
	case COLUMN_NAME:
	case COLUMN_UUID:
	case COLUMN_TYPES:
		text = text_of(facts, column);
		break;
	default:
		if (facts->mapping)
			text = state_cell(facts, column, buf, sizeof(buf));
	}
	return strdup(*text ? text : "-");
}

/* ---- rows ---- */

static enum colour colour_of(const struct facts *facts, enum column column)
{
	switch (column) {
	case COLUMN_NAME:
		return facts->mapping ? COLOUR_NAME : COLOUR_NONE;
	case COLUMN_STATE:
		return facts->flags & DMK_INFO_SUSPENDED ? COLOUR_WARNING : COLOUR_NONE;
	case COLUMN_MOUNT:
		return facts->mounts.length ? COLOUR_PLACE : COLOUR_NONE;
	case COLUMN_USED_BY:
		return facts->mounts.length ? COLOUR_PLACE : COLOUR_NONE;
	default:
		return COLOUR_NONE;
	}
}

static void put_cell(const struct cli *cli, const char *text, enum colour colour)
{
	bool raw = (given(cli, OPT_RAW) || given(cli, OPT_ZERO)) && !cli->out_tty;

	if (colour != COLOUR_NONE)
		put_colour(cli, colour);
	if (raw)
		fputs(text, stdout);
	else
		put_text(stdout, cli->out_tty, text);
	if (colour != COLOUR_NONE)
		put_colour(cli, COLOUR_NONE);
}

static void put_blanks(size_t n)
{
	while (n-- > 0)
		putchar(' ');
}

/* The columns that the drawing of a tree takes: of UTF-8 each character is one. */
static size_t prefix_width(const char *prefix)
{
	return prefix ? text_width(true, prefix) : 0;
}

static size_t cell_width(const struct cli *cli, const struct row *row, enum column column,
			 const char *text)
{
	return text_width(cli->out_tty || utf8_locale(), text) +
	       (row && column == COLUMN_NAME
			? prefix_width(row->prefix) + (row->suffix ? strlen(row->suffix) : 0)
			: 0);
}

/* Where the columns stand. On a terminal that is too narrow a row goes on in another line. */
struct layout {
	size_t width[COLUMN_COUNT];
	bool breaks[COLUMN_COUNT]; /* before this column */
};

#define NEXT_LINE "\n    "

static void find_breaks(const struct columns *columns, size_t most, struct layout *layout)
{
	size_t at = 0;

	for (uint32_t i = 0; i < columns->n; i++) {
		size_t needs = layout->width[i];

		/* Only its longest run over the edge, and nothing stands behind them. */
		if (i + 1 == columns->n && needs > 20)
			needs = 20;
		layout->breaks[i] = i > 0 && at + needs > most;
		if (layout->breaks[i])
			at = sizeof(NEXT_LINE) - 2;
		at += layout->width[i] + 2;
	}
}

static bool are_empty(char *const *cells, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(cells[i], "-") != 0)
			return false;
	}
	return true;
}

/* row NULL: the heading. layout NULL: no columns, but tabs. */
static void put_row(const struct cli *cli, const struct columns *columns, const struct row *row,
		    char *const *cells, const struct layout *layout)
{
	const size_t *width = layout ? layout->width : NULL;

	for (uint32_t i = 0; i < columns->n; i++) {
		enum column column = columns->at[i];
		bool last = i + 1 == columns->n;
		const char *text = row ? cells[i] : rows_of[column].heading;
		size_t blanks = width ? width[i] - cell_width(cli, row, column, text) : 0;

		if (rows_of[column].number)
			put_blanks(blanks);
		if (row && row->prefix && column == COLUMN_NAME)
			fputs(row->prefix, stdout);
		put_cell(cli, text, row ? colour_of(row->facts, column) : COLOUR_HEADING);
		if (row && row->suffix && column == COLUMN_NAME)
			fputs(row->suffix, stdout);
		if (last)
			break;
		if (layout && layout->breaks[i + 1]) {
			if (row && are_empty(cells + i + 1, columns->n - i - 1))
				break;
			fputs(NEXT_LINE, stdout);
			continue;
		}
		if (!rows_of[column].number)
			put_blanks(blanks);
		fputs(width ? "  " : "\t", stdout);
	}
	putchar(given(cli, OPT_ZERO) ? '\0' : '\n');
}

void rows_print(const struct cli *cli, const struct columns *columns, const struct row *rows,
		size_t n, bool aligned)
{
	bool headed = aligned && n > 0 && !given(cli, OPT_NO_HEADINGS);
	char **cells = calloc(n + 1, columns->n * sizeof(*cells));
	struct layout layout = { 0 };
	size_t *width = layout.width;

	if (!cells)
		abort();
	for (uint32_t i = 0; headed && i < columns->n; i++)
		width[i] = strlen(rows_of[columns->at[i]].heading);
	for (size_t r = 0; r < n; r++) {
		for (uint32_t i = 0; i < columns->n; i++) {
			char *text = cell_of(cli, rows[r].facts, columns->at[i]);
			size_t have;

			if (!text)
				abort();
			have = cell_width(cli, &rows[r], columns->at[i], text);
			if (have > width[i])
				width[i] = have;
			cells[r * columns->n + i] = text;
		}
	}
	if (cli->out_tty)
		find_breaks(columns, term_width(stdout), &layout);
	if (headed)
		put_row(cli, columns, NULL, NULL, &layout);
	for (size_t r = 0; r < n; r++) {
		put_row(cli, columns, &rows[r], &cells[r * columns->n], aligned ? &layout : NULL);
		for (uint32_t i = 0; i < columns->n; i++)
			free(cells[r * columns->n + i]);
	}
	free(cells);
}
