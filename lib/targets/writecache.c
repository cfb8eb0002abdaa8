/* SPDX-License-Identifier: MIT */
/* writecache: writes go to a fast device first, and later to the slow one. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define FIELD(name) .offset = offsetof(struct dmk_writecache, name)
#define OPTION(key_name, key_kind, version, text) \
	.name = (key_name), .kind = (key_kind), .since = (version), .help = text

enum {
	FUA = 1
};

static const struct dmk_choice types[] = {
	{ "s", "ssd", DMK_WRITECACHE_SSD },
	{ "p", "pmem", DMK_WRITECACHE_PMEM },
	DMK_ALLOWED("ssd|pmem"),
};

/* clang-format off */
static const struct dmk_row rows[] = {
	{ DMK_NAME_DEFAULT("type", "ssd"), .kind = DMK_KEY_CHOICE,
	  .help = "what the cache is on",
	  FIELD(type), .choices = types, .flags = DMK_ROW_ANY_CASE },
	{ .name = "origin", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,
	  .help = "the slow device",
	  FIELD(origin_device), .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ .name = "cache", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,
	  .help = "the fast one; of a new one the first sector must be zero",
	  FIELD(cache_device) },
	/* The page, at most: 64 KiB on some machines. */
	{ DMK_NAME_DEFAULT("block-size", "4096"), .kind = DMK_KEY_BYTES,
	  .help = "of the cache, at most a page",
	  FIELD(block_size_bytes), .min = 512, .max = 65536,
	  .flags = DMK_ROW_POWER_OF_TWO | DMK_ROW_PAGE },

	{ OPTION("start-sector", DMK_KEY_SECTORS, DMK_V(1, 1), /* Linux 4.19 */
		 "where on its device the cache begins"),
	  .word = "start_sector", .option = DMK_WRITECACHE_START_SECTOR, FIELD(start_sectors) },
	{ OPTION("high-watermark", DMK_KEY_NUMBER, 0,
		 "percent of blocks in use at which writeback begins (the kernel's default: 50)"),
	  .word = "high_watermark", .option = DMK_WRITECACHE_HIGH_WATERMARK,
	  FIELD(high_watermark_percent), .max = 100 },
	{ OPTION("low-watermark", DMK_KEY_NUMBER, 0,
		 "percent of blocks in use at which it ends (the kernel's default: 45)"),
	  .word = "low_watermark", .option = DMK_WRITECACHE_LOW_WATERMARK,
	  FIELD(low_watermark_percent), .max = 100 },
	{ OPTION("writeback-jobs", DMK_KEY_NUMBER, 0,
		 "how many blocks are written back at a time (the kernel's default: any number)"),
	  .word = "writeback_jobs", .option = DMK_WRITECACHE_WRITEBACK_JOBS,
	  FIELD(writeback_jobs) },
	{ OPTION("autocommit-blocks", DMK_KEY_NUMBER, 0,
		 "commit after so many blocks without a flush (the kernel's default: 65536, pmem 64)"),
	  .word = "autocommit_blocks", .option = DMK_WRITECACHE_AUTOCOMMIT_BLOCKS,
	  FIELD(autocommit_blocks) },
	{ OPTION("autocommit-time", DMK_KEY_MS, 0,
		 "commit after such a time without a flush (the kernel's default: 1s)"),
	  .word = "autocommit_time", .option = DMK_WRITECACHE_AUTOCOMMIT_TIME,
	  FIELD(autocommit_time_ms), .max = 3600000 },
	{ OPTION("max-age", DMK_KEY_MS, DMK_V(1, 3), /* Linux 5.8 */
		 "write back what is older"),
	  .word = "max_age", .option = DMK_WRITECACHE_MAX_AGE, FIELD(max_age_ms),
	  .max = 86400000 },
	{ OPTION("cleaner", DMK_KEY_FLAG, DMK_V(1, 2), /* Linux 5.7 */
		 "take no new blocks and write all back"),
	  .word = "cleaner", .option = DMK_WRITECACHE_CLEANER },
	{ OPTION("fua", DMK_KEY_FLAG, 0, "pmem: write back with FUA (the kernel's default)"),
	  .word = "fua", .option = DMK_WRITECACHE_FUA, .exclusive = FUA },
	{ OPTION("nofua", DMK_KEY_FLAG, 0, "pmem: write back, and flush afterwards"),
	  .word = "nofua", .option = DMK_WRITECACHE_NOFUA, .exclusive = FUA },
	{ OPTION("metadata-only", DMK_KEY_FLAG, DMK_V(1, 5), /* Linux 5.14 */
		 "cache file systems' metadata alone"),
	  .word = "metadata_only", .option = DMK_WRITECACHE_METADATA_ONLY },
	{ OPTION("pause-writeback", DMK_KEY_MS, DMK_V(1, 5), /* Linux 5.14 */
		 "ssd: no writeback so long after a write to the origin (the kernel's default: 3s)"),
	  .word = "pause_writeback", .option = DMK_WRITECACHE_PAUSE_WRITEBACK,
	  FIELD(pause_writeback_ms), .max = 60000 },
};
/* clang-format on */

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

#define STATUS(key_name, key_kind, field, in_trouble, text)                                    \
	{                                                                                      \
		.trouble = (in_trouble), .name = (key_name), .kind = (key_kind), .help = text, \
		.offset = offsetof(struct dmk_writecache_status, field), .flags = DMK_ROW_WIDE \
	}
#define COUNTER(key_name, key_kind, field, text)                                               \
	{                                                                                      \
		.name = (key_name), .kind = (key_kind), .since = DMK_V(1, 6), .help = text,    \
		.word = (key_name), .option = DMK_WRITECACHE_STATUS_COUNTERS,                  \
		.offset = offsetof(struct dmk_writecache_status, field), .flags = DMK_ROW_WIDE \
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

/* Linux 6.1 says 1 for any error, its document speaks of the error's number. */
/* clang-format off */
static const struct dmk_row status_rows[] = {
	STATUS("error", DMK_KEY_NUMBER, error, error_trouble, "not 0: the cache has failed"),
	STATUS("blocks", DMK_KEY_BLOCKS, blocks, NULL, "of the cache"),
	STATUS("free", DMK_KEY_BLOCKS, free_blocks, NULL, "of them"),
	STATUS("writeback", DMK_KEY_BLOCKS, writeback_blocks, NULL, "being written back"),
	COUNTER("reads", DMK_KEY_BLOCKS, reads, "blocks read"),
	COUNTER("read-hits", DMK_KEY_BLOCKS, read_hits, "of them from the cache"),
	COUNTER("writes", DMK_KEY_BLOCKS, writes, "blocks written"),
	COUNTER("write-hits-uncommitted", DMK_KEY_BLOCKS, write_hits_uncommitted,
		"of them over an uncommitted block"),
	COUNTER("write-hits-committed", DMK_KEY_BLOCKS, write_hits_committed,
		"of them over a committed block"),
	COUNTER("writes-around", DMK_KEY_BLOCKS, writes_around, "of them past the cache"),
	COUNTER("writes-allocate", DMK_KEY_BLOCKS, writes_allocate, "of them into a free block"),
	COUNTER("writes-blocked", DMK_KEY_NUMBER, writes_blocked_on_freelist,
		"requests that waited for a free block"),
	COUNTER("flushes", DMK_KEY_NUMBER, flushes, "flush requests"),
	COUNTER("discards", DMK_KEY_BLOCKS, discards, "blocks discarded"),
};
/* clang-format on */

static int parse_status(struct dmk_words *words, void *value);
static void format_status(const void *value, struct dmk_text *out);

static const struct dmk_form status_form = {
	.syntax = "ERROR BLOCKS FREE WRITEBACK [READS READ-HITS WRITES UNCOMMITTED-HITS "
		  "COMMITTED-HITS AROUND ALLOCATE BLOCKED FLUSHES DISCARDS]",
	DMK_ROWS(status_rows),
	.value_size = sizeof(struct dmk_writecache_status),
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

#define NO_ARGUMENTS                                                               \
	{                                                                          \
		.syntax = "", .value_size = sizeof(struct dmk_writecache_message), \
		.validate = validate_message                                       \
	}

/* In the order of enum dmk_writecache_message_kind. */
/* clang-format off */
static const struct dmk_message messages[] = {
	{ .info = { .name = "flush", .help = "write all back; returns when it is done" },
	  .word = "flush", .form = NO_ARGUMENTS },
	{ .info = { .name = "flush-on-suspend", .help = "write all back at the next suspend" },
	  .word = "flush_on_suspend", .form = NO_ARGUMENTS },
	{ .info = { .name = "cleaner", .help = "take no new blocks and write all back",
		    .since = "1.2" },
	  .word = "cleaner", .form = NO_ARGUMENTS },
	{ .info = { .name = "clear-stats", .help = "set the status's counters to 0",
		    .since = "1.6" },
	  .word = "clear_stats", .form = NO_ARGUMENTS },
};
/* clang-format on */

const struct dmk_target dmk_target_writecache = {
	.info = { .type = "writecache",
		  .summary = "a slow device, writes to which go to a fast one first",
		  .example = "writecache origin=/dev/vdb cache=/dev/vdc",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "s|p ORIGIN CACHE BLOCK-SIZE COUNT [OPTION...]",
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_writecache),
		DMK_OPTIONS(struct dmk_writecache),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
	.messages = messages,
	.n_messages = DMK_ARRAY_SIZE(messages),
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
