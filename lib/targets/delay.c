/* SPDX-License-Identifier: MIT */
/* delay: I/O that waits; writes and flushes may have a place and a delay of their own. */
#include "rows/target.h"

#include <string.h>

enum {
	GROUP = 3 /* DEVICE OFFSET DELAY */
};

#define DMK_ROWS_OF struct dmk_delay

/* Those with a word are no optional arguments with a count: parse and format are ours. Linux (6.1)
 * takes a delay of 2^32 ms as 0: here it is refused. */
static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("device", DEVICE, "the device below"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the segment begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_REQUIRED("delay", MS, "how long all I/O waits, or only reads with write-device="),
	  DMK_FIELD(delay_ms) },

	{ DMK_ROW("write-device", DEVICE, "where writes go; it may be the same device"),
	  DMK_WORD("write_device", DMK_DELAY_WRITE), DMK_FIELD(write_device),
	  .flags = DMK_ROW_AREA },
	{ DMK_ROW("write-offset", SECTORS, "where on write-device the segment begins"),
	  DMK_WORD("write_offset", DMK_DELAY_WRITE), DMK_FIELD(write_offset_sectors),
	  .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_ROW("write-delay", MS, "how long writes wait"),
	  DMK_WORD("write_delay", DMK_DELAY_WRITE), DMK_FIELD(write_delay_ms) },

	{ DMK_ROW("flush-device", DEVICE, DMK_SINCE_LINUX(4, 18, "where flushes go")),
	  DMK_WORD("flush_device", DMK_DELAY_FLUSH), DMK_FIELD(flush_device),
	  .flags = DMK_ROW_AREA },
	{ DMK_ROW("flush-offset", SECTORS, "where on flush-device the segment begins"),
	  DMK_WORD("flush_offset", DMK_DELAY_FLUSH), DMK_FIELD(flush_offset_sectors),
	  .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_ROW("flush-delay", MS, "how long flushes wait"),
	  DMK_WORD("flush_delay", DMK_DELAY_FLUSH), DMK_FIELD(flush_delay_ms) },
};

static bool has_write(const struct dmk_delay *delay)
{
	return (delay->options & DMK_DELAY_WRITE) || delay->write_device ||
	       delay->write_offset_sectors || delay->write_delay_ms;
}

static bool has_flush(const struct dmk_delay *delay)
{
	return (delay->options & DMK_DELAY_FLUSH) || delay->flush_device ||
	       delay->flush_offset_sectors || delay->flush_delay_ms;
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_delay *delay = value;

	for (uint32_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		struct dmk_word word;
		int r;

		if (i && i % GROUP == 0 && dmk_words_left(words) == 0)
			break;
		r = dmk_words_need(words, dmk_row_name(&rows[i]), &word);
		if (r == 0)
			r = dmk_row_read(&rows[i], &word, value, &delay->owned, words->error);
		if (r < 0)
			return r;
		delay->options |= rows[i].option;
	}
	return 0;
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_delay *delay = value;
	uint32_t n = has_flush(delay) ? 3 * GROUP : has_write(delay) ? 2 * GROUP : GROUP;

	for (uint32_t i = 0; i < n; i++) {
		if (i)
			dmk_text_add(out, " ");
		dmk_row_print(&rows[i], value, out);
	}
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_delay *delay = value;

	if (delay->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (has_write(delay) && !delay->write_device)
		return dmk_refuse(err, "write_device",
				  "is missing: write_offset and write_delay need it");
	if (has_flush(delay) && !delay->flush_device)
		return dmk_refuse(err, "flush_device",
				  "is missing: flush_offset and flush_delay need it");
	if (has_flush(delay) && !has_write(delay))
		return dmk_refuse(err, "write_device", "is missing: flush_device needs it");
	return 0;
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_delay_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("reads", NUMBER, "how many reads wait now"), DMK_FIELD(reads) },
	{ DMK_ROW("writes", NUMBER, "how many writes wait now"), DMK_FIELD(writes) },
	{ DMK_ROW("flushes", NUMBER, "how many flushes wait now"), DMK_FIELD(flushes) },
};

/* Kernels before 4.18 do not tell flushes from writes: two numbers. */
static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_delay_status *status = value;

	for (uint32_t i = 0; i < DMK_ARRAY_SIZE(status_rows); i++) {
		struct dmk_word word;
		int r;

		if (i == 2 && dmk_words_left(words) == 0)
			break;
		r = dmk_words_need(words, status_rows[i].name, &word);
		if (r == 0)
			r = dmk_row_read(&status_rows[i], &word, status, &status->owned,
					 words->error);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct dmk_form status_form = {
	.syntax = "READS WRITES FLUSHES",
	DMK_ROWS(status_rows, struct dmk_delay_status),
	.parse = parse_status,
};

const struct dmk_target dmk_target_delay = {
	.info = { .type = "delay",
		  .summary = "I/O that waits",
		  .example = "delay device=/dev/vdb delay=100ms write-device=/dev/vdb "
			     "write-delay=500ms",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE OFFSET DELAY [WRITE-DEVICE OFFSET DELAY "
			  "[FLUSH-DEVICE OFFSET DELAY]]",
		DMK_ROWS(rows, struct dmk_delay),
		DMK_OPTIONS(struct dmk_delay),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
};
