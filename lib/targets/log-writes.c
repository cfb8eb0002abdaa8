/* SPDX-License-Identifier: MIT */
/* log-writes: one device, and another on which all its writes are recorded. */
#include "rows/target.h"

#include <errno.h>
#include <string.h>

/* A mark's room in the log: a logical block, of 4096 bytes at most here, less the entry's head of
 * 32 bytes and a NUL. */
#define MAX_MARK_BYTES (4096 - 32 - 1)

#define DMK_ROWS_OF struct dmk_log_writes

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("device", DEVICE, "the device below, from its first sector on"),
	  DMK_FIELD(device), .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_REQUIRED("log-device", DEVICE, "the device that gets the log"),
	  DMK_FIELD(log_device) },
};

static const struct dmk_trouble disabled_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .what = "the log could not be written: nothing is recorded any more",
	  .mend = "mend the log's device, or give it a longer one, and begin the log anew: "
		  "dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_log_writes_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("logged-entries", NUMBER, "how many entries the log has"),
	  DMK_FIELD(logged_entries), .flags = DMK_ROW_WIDE },
	{ DMK_ROW("highest-allocated-sector", NUMBER, "the log's last sector that is used"),
	  DMK_FIELD(highest_allocated_sector), .flags = DMK_ROW_WIDE },
	/* A word without a count before it: parse and format are ours. */
	{ DMK_ROW("logging-disabled", FLAG, "the log failed: nothing is recorded any more"),
	  DMK_WORD("logging_disabled", DMK_LOG_WRITES_LOGGING_DISABLED),
	  .trouble = disabled_trouble },
};

static const struct dmk_form status_form;

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_log_writes_status *status = value;
	int r = dmk_rows_read(&status_form, words, value);

	if (r == 0 && dmk_words_skip(words, status_rows[2].word))
		status->options |= DMK_LOG_WRITES_LOGGING_DISABLED;
	return r;
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_log_writes_status *status = value;

	dmk_rows_print(&status_form, value, out);
	if (status->options & DMK_LOG_WRITES_LOGGING_DISABLED)
		dmk_text_add(out, " %s", status_rows[2].word);
}

static const struct dmk_form status_form = {
	.syntax = "LOGGED-ENTRIES HIGHEST-ALLOCATED-SECTOR [logging_disabled]",
	DMK_ROWS(status_rows, struct dmk_log_writes_status),
	DMK_OPTIONS(struct dmk_log_writes_status),
	.parse = parse_status,
	.format = format_status,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_log_writes_message

static const struct dmk_row mark_rows[] = {
	{ DMK_REQUIRED("mark", TEXT,
		       "one word; the log keeps 479 bytes of it, or 4063 where blocks "
		       "are of 4096"),
	  DMK_FIELD(mark) },
};

static int validate_mark(const void *value, struct dmk_error *err)
{
	const struct dmk_log_writes_message *message = value;

	if (message->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (strlen(message->mark) > MAX_MARK_BYTES)
		return dmk_refuse(err, "mark", "is too long: the log has room for %d bytes",
				  MAX_MARK_BYTES);
	return 0;
}

static const struct dmk_message messages[] = {
	{ DMK_MESSAGE_WITH("mark", "mark", "MARK", mark_rows, "put a mark into the log"),
	  .form.validate = validate_mark },
};

const struct dmk_target dmk_target_log_writes = {
	.info = { .type = "log-writes",
		  .summary = "one device, and another on which its writes are recorded",
		  .example = "log-writes device=/dev/vdb log-device=/dev/vdc",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE LOG-DEVICE",
		DMK_ROWS(rows, struct dmk_log_writes),
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
};
