/* SPDX-License-Identifier: MIT */
/* device-mapper's own messages: every device understands them, whatever its targets. What they
 * answer is read in stats.c. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define FIELD(name) .offset = offsetof(struct dmk_core_message, name)

/* Optional arguments have words here only so that they may be missing: where they stand in the
 * text, the formats below say. */
#define ROW_ID                                                                              \
	{                                                                                   \
		.name = "region-id", .kind = DMK_KEY_NUMBER, .key_flags = DMK_KEY_REQUIRED, \
		.help = "what stats-create answered", FIELD(region_id), .max = INT32_MAX    \
	}

/* clang-format off */
static const struct dmk_row create_rows[] = {
	{ DMK_NAME_DEFAULT("start", "0"), .kind = DMK_KEY_SECTORS,
	  .help = "where the region begins",
	  FIELD(start_sectors) },
	{ DMK_NAME_DEFAULT("length", "0"), .kind = DMK_KEY_SECTORS,
	  .help = "how long it is; 0 is the whole device",
	  FIELD(length_sectors) },
	{ .name = "step", .kind = DMK_KEY_SECTORS,
	  .help = "how long each of its areas is, which are counted one by one",
	  .word = "step", FIELD(step_sectors), .min = 1 },
	{ .name = "areas", .kind = DMK_KEY_NUMBER,
	  .help = "or how many there are, of one length",
	  .word = "areas", FIELD(areas), .min = 1 },
	{ .name = "precise-timestamps", .kind = DMK_KEY_FLAG,
	  .help = "times in nanoseconds, not in milliseconds (Linux 4.2)",
	  .word = "precise_timestamps", .option = DMK_STATS_PRECISE_TIMESTAMPS },
	{ .name = "histogram", .kind = DMK_KEY_TEXT,
	  .help = "N,N,...: rising bounds of the times that are counted apart (Linux 4.2)",
	  .word = "histogram", FIELD(histogram) },
	{ .name = "program-id", .kind = DMK_KEY_TEXT, .help = "whose region it is",
	  .word = "program_id", FIELD(program_id) },
	{ .name = "aux-data", .kind = DMK_KEY_TEXT, .help = "a word kept with it",
	  .word = "aux_data", FIELD(aux_data) },
};

static const struct dmk_row id_rows[] = { ROW_ID };

static const struct dmk_row list_rows[] = {
	{ .name = "program-id", .kind = DMK_KEY_TEXT,
	  .help = "only this program's regions",
	  .word = "program_id", FIELD(program_id) },
};

static const struct dmk_row print_rows[] = {
	ROW_ID,
	{ .name = "starting-line", .kind = DMK_KEY_NUMBER,
	  .help = "from this area on, counted from 0",
	  .word = "starting_line", .option = DMK_STATS_STARTING_LINE, FIELD(starting_line),
	  .flags = DMK_ROW_WIDE },
	{ .name = "number-of-lines", .kind = DMK_KEY_NUMBER,
	  .help = "so many areas",
	  .word = "number_of_lines", .option = DMK_STATS_NUMBER_OF_LINES, FIELD(number_of_lines),
	  .flags = DMK_ROW_WIDE },
};

static const struct dmk_row aux_rows[] = {
	ROW_ID,
	{ .name = "aux-data", .kind = DMK_KEY_TEXT, .key_flags = DMK_KEY_REQUIRED,
	  .help = "a word kept with the region",
	  FIELD(aux_data) },
};
/* clang-format on */

/* As the kernel reads it: numbers from 1 on, each more than the one before. */
static int check_histogram(const char *histogram, struct dmk_error *err)
{
	uint64_t last = 0;

	for (const char *at = histogram;; at++) {
		size_t length = strcspn(at, ",");
		uint64_t bound = 0;

		if (dmk_parse_u64(at, length, UINT64_MAX, &bound) < 0 || bound <= last)
			return dmk_fail_word(err, -EINVAL, at, length, 0,
					     "histogram must be numbers with ',' between them, "
					     "each larger than the one before");
		last = bound;
		at += length;
		if (!*at)
			return 0;
	}
}

static int validate_create(const void *value, struct dmk_error *err)
{
	const struct dmk_core_message *message = value;

	if (message->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (!message->step_sectors == !message->areas)
		return dmk_refuse(err, "step", "give one of the two: step, or the number of areas");
	if (message->start_sectors && !message->length_sectors)
		return dmk_refuse(err, "length",
				  "is missing: start needs it, the whole device begins at 0");
	return message->histogram ? check_histogram(message->histogram, err) : 0;
}

static void format_create(const void *value, struct dmk_text *out)
{
	const struct dmk_core_message *message = value;
	bool precise = message->options & DMK_STATS_PRECISE_TIMESTAMPS;
	bool named = message->program_id || message->aux_data;
	int count = precise + (message->histogram != NULL);

	if (message->length_sectors)
		dmk_text_add(out, "%" PRIu64 "+%" PRIu64, message->start_sectors,
			     message->length_sectors);
	else
		dmk_text_add(out, "-");
	if (message->areas)
		dmk_text_add(out, " /%" PRIu32, message->areas);
	else
		dmk_text_add(out, " %" PRIu64, message->step_sectors);
	/* A count of none as well: a program whose name is a number would be taken for it. */
	if (count || named)
		dmk_text_add(out, " %d%s", count, precise ? " precise_timestamps" : "");
	if (message->histogram)
		dmk_text_add(out, " histogram:%s", message->histogram);
	if (named)
		dmk_text_add(out, " %s", message->program_id ? message->program_id : "-");
	if (message->aux_data)
		dmk_text_add(out, " %s", message->aux_data);
}

static void format_list(const void *value, struct dmk_text *out)
{
	const struct dmk_core_message *message = value;

	if (message->program_id)
		dmk_text_add(out, "%s", message->program_id);
}

static void add_line(struct dmk_text *out, bool given, uint64_t line)
{
	if (given)
		dmk_text_add(out, " %" PRIu64, line);
	else
		dmk_text_add(out, " -");
}

static void format_print(const void *value, struct dmk_text *out)
{
	const struct dmk_core_message *message = value;
	bool start = message->starting_line || (message->options & DMK_STATS_STARTING_LINE);
	bool number = message->number_of_lines || (message->options & DMK_STATS_NUMBER_OF_LINES);

	dmk_text_add(out, "%" PRIu32, message->region_id);
	if (!start && !number)
		return;
	add_line(out, start, message->starting_line);
	add_line(out, number, message->number_of_lines);
}

#define VALUE .value_size = sizeof(struct dmk_core_message), DMK_OPTIONS(struct dmk_core_message)
#define N_KEYS(rows) .n_keys = DMK_ARRAY_SIZE(rows)

/* In the order of enum dmk_core_message_kind. Statistics: Linux 3.12. */
/* clang-format off */
static const struct dmk_message messages[] = {
	{ .info = { .name = "cancel-deferred-remove",
		    .help = "take a deferred removal back (Linux 3.13)" },
	  .word = "@cancel_deferred_remove",
	  .form = { .syntax = "", VALUE } },
	{ .info = { .name = "stats-create",
		    .help = "count I/O in a region; the answer is its number", N_KEYS(create_rows) },
	  .word = "@stats_create",
	  .form = { .syntax = "RANGE STEP [COUNT OPTION...] [PROGRAM [AUX]]",
		    DMK_ROWS(create_rows), VALUE,
		    .validate = validate_create, .format = format_create } },
	{ .info = { .name = "stats-delete", .help = "forget a region", N_KEYS(id_rows) },
	  .word = "@stats_delete",
	  .form = { .syntax = "REGION", DMK_ROWS(id_rows), VALUE } },
	{ .info = { .name = "stats-clear", .help = "set a region's counters to 0",
		    N_KEYS(id_rows) },
	  .word = "@stats_clear",
	  .form = { .syntax = "REGION", DMK_ROWS(id_rows), VALUE } },
	{ .info = { .name = "stats-list", .help = "list the regions", N_KEYS(list_rows) },
	  .word = "@stats_list",
	  .form = { .syntax = "[PROGRAM]", DMK_ROWS(list_rows), VALUE, .format = format_list } },
	{ .info = { .name = "stats-print", .help = "show a region's counters, a line for each area",
		    N_KEYS(print_rows) },
	  .word = "@stats_print",
	  .form = { .syntax = "REGION [STARTING-LINE NUMBER-OF-LINES]", DMK_ROWS(print_rows), VALUE,
		    .format = format_print } },
	{ .info = { .name = "stats-print-clear",
		    .help = "show them and set them to 0, in one step", N_KEYS(print_rows) },
	  .word = "@stats_print_clear",
	  .form = { .syntax = "REGION [STARTING-LINE NUMBER-OF-LINES]", DMK_ROWS(print_rows), VALUE,
		    .format = format_print } },
	{ .info = { .name = "stats-set-aux", .help = "keep another word with a region",
		    N_KEYS(aux_rows) },
	  .word = "@stats_set_aux",
	  .form = { .syntax = "REGION AUX", DMK_ROWS(aux_rows), VALUE } },
};
/* clang-format on */

/* Not a target: only its messages count. */
const struct dmk_target dmk_core_messages = {
	.messages = messages,
	.n_messages = DMK_ARRAY_SIZE(messages),
};
