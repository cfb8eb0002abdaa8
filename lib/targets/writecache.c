/* SPDX-License-Identifier: MIT */
/* writecache: writes go to a fast device first, and later to the slow one. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	FUA = 1
};

static const struct dmk_choice types[] = {
	{ "s", "ssd", DMK_WRITECACHE_SSD },
	{ "p", "pmem", DMK_WRITECACHE_PMEM },
	DMK_ALLOWED("ssd|pmem"),
};

#define DMK_ROWS_OF struct dmk_writecache

static const struct dmk_row rows[] = {
	{ DMK_DEFAULT("type", CHOICE, "ssd", "what the cache is on"), DMK_FIELD(type),
	  .choices = types, .flags = DMK_ROW_ANY_CASE },
	{ DMK_REQUIRED("origin", DEVICE, "the slow device"), DMK_FIELD(origin_device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_REQUIRED("cache", DEVICE, "the fast one; of a new one the first sector must be zero"),
	  DMK_FIELD(cache_device) },
	/* The page, at most: 64 KiB on some machines. */
	{ DMK_DEFAULT("block-size", BYTES, "4096", "of the cache, at most a page"),
	  DMK_FIELD(block_size_bytes), .min = 512, .max = 65536,
	  .flags = DMK_ROW_POWER_OF_TWO | DMK_ROW_PAGE },

	/* Linux 4.19 */
	{ DMK_ROW("start-sector", SECTORS, "where on its device the cache begins"),
	  DMK_WORD("start_sector", DMK_WRITECACHE_START_SECTOR), DMK_FIELD(start_sectors),
	  .since = DMK_V(1, 1) },
	{ DMK_ROW("high-watermark", NUMBER,
		  "percent of blocks in use at which writeback begins (the kernel's default: 50)"),
	  DMK_WORD("high_watermark", DMK_WRITECACHE_HIGH_WATERMARK),
	  DMK_FIELD(high_watermark_percent), .max = 100 },
	{ DMK_ROW("low-watermark", NUMBER,
		  "percent of blocks in use at which it ends (the kernel's default: 45)"),
	  DMK_WORD("low_watermark", DMK_WRITECACHE_LOW_WATERMARK), DMK_FIELD(low_watermark_percent),
	  .max = 100 },
	{ DMK_ROW("writeback-jobs", NUMBER,
		  "how many blocks are written back at a time (the kernel's default: any number)"),
	  DMK_WORD("writeback_jobs", DMK_WRITECACHE_WRITEBACK_JOBS), DMK_FIELD(writeback_jobs) },
	{ DMK_ROW("autocommit-blocks", NUMBER,
		  "commit after so many blocks without a flush (the kernel's default: 65536, pmem "
		  "64)"),
	  DMK_WORD("autocommit_blocks", DMK_WRITECACHE_AUTOCOMMIT_BLOCKS),
	  DMK_FIELD(autocommit_blocks) },
	{ DMK_ROW("autocommit-time", MS,
		  "commit after such a time without a flush (the kernel's default: 1s)"),
	  DMK_WORD("autocommit_time", DMK_WRITECACHE_AUTOCOMMIT_TIME),
	  DMK_FIELD(autocommit_time_ms), .max = 3600000 },
	/* Linux 5.8 */
	{ DMK_ROW("max-age", MS, "write back what is older"),
	  DMK_WORD("max_age", DMK_WRITECACHE_MAX_AGE), DMK_FIELD(max_age_ms), .since = DMK_V(1, 3),
	  .max = 86400000 },
	/* Linux 5.7 */
	{ DMK_ROW("cleaner", FLAG, "take no new blocks and write all back"),
	  DMK_WORD("cleaner", DMK_WRITECACHE_CLEANER), .since = DMK_V(1, 2) },
	{ DMK_ROW("fua", FLAG, "pmem: write back with FUA (the kernel's default)"),
	  DMK_WORD("fua", DMK_WRITECACHE_FUA), .exclusive = FUA },
	{ DMK_ROW("nofua", FLAG, "pmem: write back, and flush afterwards"),
	  DMK_WORD("nofua", DMK_WRITECACHE_NOFUA), .exclusive = FUA },
	/* Linux 5.14 */
	{ DMK_ROW("metadata-only", FLAG, "cache file systems' metadata alone"),
	  DMK_WORD("metadata_only", DMK_WRITECACHE_METADATA_ONLY), .since = DMK_V(1, 5) },
	/* Linux 5.14 */
	{ DMK_ROW("pause-writeback", MS,
		  "ssd: no writeback so long after a write to the origin (the kernel's default: "
		  "3s)"),
	  DMK_WORD("pause_writeback", DMK_WRITECACHE_PAUSE_WRITEBACK),
	  DMK_FIELD(pause_writeback_ms), .since = DMK_V(1, 5), .max = 60000 },
};

/* The default of the one that is not given counts as well. */
static int validate_watermarks(const struct dmk_writecache *cache, struct dmk_error *err)
{
	uint32_t high = cache->high_watermark_percent, low = cache->low_watermark_percent;

	if (!high && !(cache->options & DMK_WRITECACHE_HIGH_WATERMARK))
		high = 50;
	if (!low && !(cache->options & DMK_WRITECACHE_LOW_WATERMARK))
		low = 45;
	if (high >= low)
		return 0;
	return dmk_refuse(err, "high_watermark", "%" PRIu32 " is below the low watermark, %" PRIu32,
			  high, low);
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_writecache *cache = value;
	const uint64_t options = cache->options;

	if (cache->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (cache->type == DMK_WRITECACHE_SSD && (options & DMK_WRITECACHE_FUA))
		return dmk_refuse(err, "fua", "goes with type pmem alone");
	if (cache->type == DMK_WRITECACHE_SSD && (options & DMK_WRITECACHE_NOFUA))
		return dmk_refuse(err, "nofua", "goes with type pmem alone");
	if (cache->type == DMK_WRITECACHE_PMEM &&
	    (cache->pause_writeback_ms || (options & DMK_WRITECACHE_PAUSE_WRITEBACK)))
		return dmk_refuse(err, "pause_writeback", "goes with type ssd alone");
	return validate_watermarks(cache, err);
}

static uint32_t block_bytes(const void *value)
{
	return ((const struct dmk_writecache *)value)->block_size_bytes;
}

static int parse(struct dmk_words *words, void *value);
static void format(const void *value, struct dmk_text *out);

#define COUNTER(key_name, key_kind, field, text)                                      \
	{                                                                             \
		DMK_SAID(key_name, key_kind, DMK_WRITECACHE_STATUS_COUNTERS, text),   \
			DMK_FIELD(field), .since = DMK_V(1, 6), .flags = DMK_ROW_WIDE \
	}

enum {
	FIRST_COUNTER = 4,
	N_COUNTERS = 10
};

static const struct dmk_trouble error_trouble[] = {
	{ .when = DMK_TROUBLE_ABOVE,
	  .what = "the cache has failed: what it has not written back is only on its device",
	  .mend = "mend the cache's device, then remove @ and create it again" },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_writecache_status

/* Linux 6.1 says 1 for any error, its document speaks of the error's number. */
static const struct dmk_row status_rows[] = {
	{ DMK_ROW("error", NUMBER, "not 0: the cache has failed"), DMK_FIELD(error),
	  .trouble = error_trouble, .flags = DMK_ROW_WIDE },
	{ DMK_ROW("blocks", BLOCKS, "of the cache"), DMK_FIELD(blocks), .flags = DMK_ROW_WIDE },
	{ DMK_ROW("free", BLOCKS, "of them"), DMK_FIELD(free_blocks), .flags = DMK_ROW_WIDE },
	{ DMK_ROW("writeback", BLOCKS, "being written back"), DMK_FIELD(writeback_blocks),
	  .flags = DMK_ROW_WIDE },
	COUNTER("reads", BLOCKS, reads, "blocks read"),
	COUNTER("read-hits", BLOCKS, read_hits, "of them from the cache"),
	COUNTER("writes", BLOCKS, writes, "blocks written"),
	COUNTER("write-hits-uncommitted", BLOCKS, write_hits_uncommitted,
		"of them over an uncommitted block"),
	COUNTER("write-hits-committed", BLOCKS, write_hits_committed,
		"of them over a committed block"),
	COUNTER("writes-around", BLOCKS, writes_around, "of them past the cache"),
	COUNTER("writes-allocate", BLOCKS, writes_allocate, "of them into a free block"),
	COUNTER("writes-blocked", NUMBER, writes_blocked_on_freelist,
		"requests that waited for a free block"),
	COUNTER("flushes", NUMBER, flushes, "flush requests"),
	COUNTER("discards", BLOCKS, discards, "blocks discarded"),
};

static int parse_status(struct dmk_words *words, void *value);
static void format_status(const void *value, struct dmk_text *out);

static const struct dmk_form status_form = {
	.syntax = "ERROR BLOCKS FREE WRITEBACK [READS READ-HITS WRITES UNCOMMITTED-HITS "
		  "COMMITTED-HITS AROUND ALLOCATE BLOCKED FLUSHES DISCARDS]",
	DMK_ROWS(status_rows, struct dmk_writecache_status),
	DMK_OPTIONS(struct dmk_writecache_status),
	.parse = parse_status,
	.format = format_status,
};

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_writecache_status *status = value;
	int r = dmk_rows_read_some(&status_form, 0, FIRST_COUNTER, words, status);

	if (r < 0 || dmk_words_left(words) == 0)
		return r;
	status->options |= DMK_WRITECACHE_STATUS_COUNTERS;
	return dmk_rows_read_some(&status_form, FIRST_COUNTER, N_COUNTERS, words, status);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_writecache_status *status = value;
	bool counters = status->options & DMK_WRITECACHE_STATUS_COUNTERS;

	dmk_rows_print_some(&status_form, 0, FIRST_COUNTER + (counters ? N_COUNTERS : 0), status,
			    out);
}

static int validate_message(const void *value, struct dmk_error *err)
{
	const struct dmk_writecache_message *message = value;

	return message->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_writecache_message

/* In the order of enum dmk_writecache_message_kind. */
static const struct dmk_message messages[] = {
	{ DMK_MESSAGE("flush", "flush", "write all back; returns when it is done"),
	  .form.validate = validate_message },
	{ DMK_MESSAGE("flush-on-suspend", "flush_on_suspend", "write all back at the next suspend"),
	  .form.validate = validate_message },
	{ DMK_MESSAGE("cleaner", "cleaner", "take no new blocks and write all back"),
	  .info.since = "1.2", .form.validate = validate_message },
	{ DMK_MESSAGE("clear-stats", "clear_stats", "set the status's counters to 0"),
	  .info.since = "1.6", .form.validate = validate_message },
};

const struct dmk_target dmk_target_writecache = {
	.info = { .type = "writecache",
		  .summary = "a slow device, writes to which go to a fast one first",
		  .example = "writecache origin=/dev/vdb cache=/dev/vdc",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "s|p ORIGIN CACHE BLOCK-SIZE COUNT [OPTION...]",
		DMK_ROWS(rows, struct dmk_writecache),
		DMK_OPTIONS(struct dmk_writecache),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
	.block_bytes = block_bytes,
};

/* The kernel refuses a text without the count. */
static int parse(struct dmk_words *words, void *value)
{
	const struct dmk_form *form = &dmk_target_writecache.table;
	struct dmk_words rest = *words;
	struct dmk_word type, count;
	int r;

	/* The names that the keys have for them are not the kernel's. */
	if (dmk_words_next(&rest, &type) && type.length > 1)
		return dmk_fail_word(words->error, -EINVAL, type.text, type.length, type.column,
				     "type must be s or p");
	r = dmk_rows_read(form, words, value);
	if (r == 0 && dmk_words_left(words) == 0)
		r = dmk_words_need(words, "the count of optional words", &count);
	return r < 0 ? r : dmk_rows_read_options(form, words, value);
}

static void format(const void *value, struct dmk_text *out)
{
	size_t before;

	dmk_rows_print(&dmk_target_writecache.table, value, out);
	before = out->length;
	dmk_rows_print_options(&dmk_target_writecache.table, value, out);
	if (out->length == before)
		dmk_text_add(out, " 0");
}
