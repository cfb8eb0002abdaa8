/* SPDX-License-Identifier: MIT */
/* device-mapper's own messages: every device understands them, whatever its targets. What they
 * answer is read in stats.c. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Optional arguments have words here only so that they may be missing: where they stand in the
 * text, the formats below say. */
#define ROW_ID                                                                   \
	{                                                                        \
		DMK_REQUIRED("region-id", NUMBER, "what stats-create answered"), \
			DMK_FIELD(region_id), .max = INT32_MAX                   \
	}

#define DMK_ROWS_OF struct dmk_core_message

static const struct dmk_row create_rows[] = {
	{ DMK_DEFAULT("start", SECTORS, "0", "where the region begins"), DMK_FIELD(start_sectors) },
	{ DMK_DEFAULT("length", SECTORS, "0", "how long it is; 0 is the whole device"),
	  DMK_FIELD(length_sectors) },
	{ DMK_ROW("step", SECTORS, "how long each of its areas is, which are counted one by one"),
	  DMK_FIELD(step_sectors), .word = "step", .min = 1 },
	{ DMK_ROW("areas", NUMBER, "or how many there are, of one length"), DMK_FIELD(areas),
	  .word = "areas", .min = 1 },
	{ DMK_ROW("precise-timestamps", FLAG,
		  DMK_SINCE_LINUX(4, 2, "times in nanoseconds, not in milliseconds")),
	  DMK_WORD("precise_timestamps", DMK_STATS_PRECISE_TIMESTAMPS) },
	{ DMK_ROW("histogram", TEXT,
		  DMK_SINCE_LINUX(4, 2,
				  "N,N,...: rising bounds of the times that are counted apart")),
	  DMK_FIELD(histogram), .word = "histogram" },
	{ DMK_ROW("program-id", TEXT, "whose region it is"), DMK_FIELD(program_id),
	  .word = "program_id" },
	{ DMK_ROW("aux-data", TEXT, "a word kept with it"), DMK_FIELD(aux_data),
	  .word = "aux_data" },
};

static const struct dmk_row id_rows[] = { ROW_ID };

static const struct dmk_row list_rows[] = {
	{ DMK_ROW("program-id", TEXT, "only this program's regions"), DMK_FIELD(program_id),
	  .word = "program_id" },
};

static const struct dmk_row print_rows[] = {
	ROW_ID,
	{ DMK_ROW("starting-line", NUMBER, "from this area on, counted from 0"),
	  DMK_WORD("starting_line", DMK_STATS_STARTING_LINE), DMK_FIELD(starting_line),
	  .flags = DMK_ROW_WIDE },
	{ DMK_ROW("number-of-lines", NUMBER, "so many areas"),
	  DMK_WORD("number_of_lines", DMK_STATS_NUMBER_OF_LINES), DMK_FIELD(number_of_lines),
	  .flags = DMK_ROW_WIDE },
};

static const struct dmk_row aux_rows[] = {
	ROW_ID,
	{ DMK_REQUIRED("aux-data", TEXT, "a word kept with the region"), DMK_FIELD(aux_data) },
};

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

#define OPTIONS .form.options_at = offsetof(DMK_ROWS_OF, options) + 1

/* In the order of enum dmk_core_message_kind. Statistics: Linux 3.12. */
static const struct dmk_message messages[] = {
	{ DMK_MESSAGE("cancel-deferred-remove", "@cancel_deferred_remove",
		      "take a deferred removal back (Linux 3.13)"),
	  OPTIONS },
	{ DMK_MESSAGE_WITH("stats-create", "@stats_create",
			   "RANGE STEP [COUNT OPTION...] [PROGRAM [AUX]]", create_rows,
			   "count I/O in a region; the answer is its number"),
	  OPTIONS, .form.validate = validate_create, .form.format = format_create },
	{ DMK_MESSAGE_WITH("stats-delete", "@stats_delete", "REGION", id_rows, "forget a region"),
	  OPTIONS },
	{ DMK_MESSAGE_WITH("stats-clear", "@stats_clear", "REGION", id_rows,
			   "set a region's counters to 0"),
	  OPTIONS },
	{ DMK_MESSAGE_WITH("stats-list", "@stats_list", "[PROGRAM]", list_rows, "list the regions"),
	  OPTIONS, .form.format = format_list },
	{ DMK_MESSAGE_WITH("stats-print", "@stats_print", "REGION [STARTING-LINE NUMBER-OF-LINES]",
			   print_rows, "show a region's counters, a line for each area"),
	  OPTIONS, .form.format = format_print },
	{ DMK_MESSAGE_WITH("stats-print-clear", "@stats_print_clear",
			   "REGION [STARTING-LINE NUMBER-OF-LINES]", print_rows,
			   "show them and set them to 0, in one step"),
	  OPTIONS, .form.format = format_print },
	{ DMK_MESSAGE_WITH("stats-set-aux", "@stats_set_aux", "REGION AUX", aux_rows,
			   "keep another word with a region"),
	  OPTIONS },
};

/* Not a target: only its messages count. */
const struct dmk_target dmk_core_messages = {
	DMK_MESSAGES(messages),
};
