/* SPDX-License-Identifier: MIT */
/* delay: I/O that waits; writes and flushes may have a place and a delay of their own. */
#include "rows/target.h"

#include <string.h>

#define FIELD(name) .offset = offsetof(struct dmk_delay, name)

enum {
	GROUP = 3 /* DEVICE OFFSET DELAY */
};

/* Those with a word are no optional arguments with a count: parse and format are ours. Linux (6.1)
 * takes a delay of 2^32 ms as 0: here it is refused. */
/* clang-format off */
static const struct dmk_row rows[] = {
	{ .name = "device", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,
	  .help = "the device below",
	  FIELD(device), .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_NAME_DEFAULT("offset", "0"), .kind = DMK_KEY_SECTORS,
	  .help = "where on the device the segment begins",
	  FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
	{ .name = "delay", .kind = DMK_KEY_MS, .key_flags = DMK_KEY_REQUIRED,
	  .help = "how long all I/O waits, or only reads with write-device=",
	  FIELD(delay_ms) },

	{ DMK_OPTION("write-device", DMK_KEY_DEVICE, 0, "where writes go; it may be the same device"),
	  .word = "write_device", .option = DMK_DELAY_WRITE, FIELD(write_device),
	  .flags = DMK_ROW_AREA },
	{ DMK_OPTION("write-offset", DMK_KEY_SECTORS, 0, "where on write-device the segment begins"),
	  .word = "write_offset", .option = DMK_DELAY_WRITE, FIELD(write_offset_sectors),
	  .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_OPTION("write-delay", DMK_KEY_MS, 0, "how long writes wait"),
	  .word = "write_delay", .option = DMK_DELAY_WRITE, FIELD(write_delay_ms) },

	{ DMK_OPTION("flush-device", DMK_KEY_DEVICE, 0, "where flushes go (Linux 4.18)"),
	  .word = "flush_device", .option = DMK_DELAY_FLUSH, FIELD(flush_device),
	  .flags = DMK_ROW_AREA },
	{ DMK_OPTION("flush-offset", DMK_KEY_SECTORS, 0, "where on flush-device the segment begins"),
	  .word = "flush_offset", .option = DMK_DELAY_FLUSH, FIELD(flush_offset_sectors),
	  .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_OPTION("flush-delay", DMK_KEY_MS, 0, "how long flushes wait"),
	  .word = "flush_delay", .option = DMK_DELAY_FLUSH, FIELD(flush_delay_ms) },
};
/* clang-format on */

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

static const struct dmk_row status_rows[] = {
	{
		.name = "reads",
		.kind = DMK_KEY_NUMBER,
		.help = "how many reads wait now",
		.offset = offsetof(struct dmk_delay_status, reads),
	},
	{
		.name = "writes",
		.kind = DMK_KEY_NUMBER,
		.help = "how many writes wait now",
		.offset = offsetof(struct dmk_delay_status, writes),
	},
	{
		.name = "flushes",
		.kind = DMK_KEY_NUMBER,
		.help = "how many flushes wait now",
		.offset = offsetof(struct dmk_delay_status, flushes),
	},
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
	DMK_ROWS(status_rows),
	.value_size = sizeof(struct dmk_delay_status),
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
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_delay),
		DMK_OPTIONS(struct dmk_delay),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
};
