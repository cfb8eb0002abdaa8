/* SPDX-License-Identifier: MIT */
/* pcache: persistent memory as a write-back cache of a slower device (Linux 6.18). */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct dmk_choice modes[] = {
	{ "writeback", "writeback", DMK_PCACHE_WRITEBACK },
	DMK_ALLOWED("writeback"),
};

static const struct dmk_choice switches[] = {
	{ "false", "false", DMK_PCACHE_FALSE },
	{ "true", "true", DMK_PCACHE_TRUE },
	DMK_ALLOWED("false|true"),
};

#define DMK_ROWS_OF struct dmk_pcache

#define ROWS                                                                             \
	{ DMK_REQUIRED("cache-dev", DEVICE,                                              \
		       "persistent memory with DAX; it is formatted where it is new"),   \
	  DMK_FIELD(cache_device) },                                                     \
		{ DMK_REQUIRED("backing-dev", DEVICE, "the slow device"),                \
		  DMK_FIELD(backing_device), .flags = DMK_ROW_SIZE_DEVICE },             \
		{ DMK_ROW("cache-mode", CHOICE, "the only one so far"),                  \
		  DMK_WORD("cache_mode", DMK_PCACHE_CACHE_MODE), DMK_FIELD(cache_mode),  \
		  .choices = modes },                                                    \
	{                                                                                \
		DMK_ROW("data-crc", CHOICE,                                              \
			"store checksums of what is cached, and check them in reading"), \
			DMK_WORD("data_crc", DMK_PCACHE_DATA_CRC), DMK_FIELD(data_crc),  \
			.choices = switches                                              \
	}

static const struct dmk_row rows[] = { ROWS };

/* Linux 6.18 reads data_crc and prints crc: its own table is refused by it. */
static const struct dmk_row printed_rows[] = {
	ROWS,
	{ DMK_ROW("crc", CHOICE, "data-crc, as the kernel prints it"),
	  DMK_WORD("crc", DMK_PCACHE_DATA_CRC), DMK_FIELD(data_crc), .choices = switches },
};

static const struct dmk_form printed_form = {
	.syntax = "CACHE-DEV BACKING-DEV [COUNT OPTION...]",
	DMK_ROWS(printed_rows, struct dmk_pcache),
	DMK_OPTIONS(struct dmk_pcache),
	.exact = true,
};

static int parse(struct dmk_words *words, void *value)
{
	int r = dmk_rows_read(&printed_form, words, value);

	return r < 0 ? r : dmk_rows_read_options(&printed_form, words, value);
}

/* Hex digits without 0x. */
static int read_flags(struct dmk_words *words, const char *what, uint32_t *ret_flags)
{
	static const char digits[] = "0123456789abcdef";
	struct dmk_word word;
	uint32_t flags = 0;
	int r = dmk_words_need(words, what, &word);

	if (r < 0)
		return r;
	for (size_t i = 0; i < word.length; i++) {
		const char *digit = memchr(digits, word.text[i], sizeof(digits) - 1);

		if (!digit || word.length > 8)
			return dmk_fail_word(words->error, -EINVAL, word.text, word.length,
					     word.column, "%s must be up to 8 hex digits", what);
		flags = flags << 4 | (uint32_t)(digit - digits);
	}
	*ret_flags = flags;
	return 0;
}

static int read_number(struct dmk_words *words, const char *what, uint32_t *ret_number)
{
	uint64_t number = 0;
	int r = dmk_words_number(words, what, 0, UINT32_MAX, &number);

	if (r == 0)
		*ret_number = (uint32_t)number;
	return r;
}

static int read_position(struct dmk_words *words, const char *what,
			 struct dmk_pcache_position *position)
{
	uint64_t segment = 0, offset = 0;
	struct dmk_word word;
	const char *colon;
	int r = dmk_words_need(words, what, &word);

	if (r < 0)
		return r;
	colon = memchr(word.text, ':', word.length);
	if (!colon ||
	    dmk_parse_u64(word.text, (size_t)(colon - word.text), UINT32_MAX, &segment) < 0 ||
	    dmk_parse_u64(colon + 1, word.length - (size_t)(colon + 1 - word.text), UINT32_MAX,
			  &offset) < 0)
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "%s must be SEGMENT:OFFSET", what);
	*position = (struct dmk_pcache_position){ (uint32_t)segment, (uint32_t)offset };
	return 0;
}

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_pcache_status *status = value;
	int r = read_flags(words, "superblock-flags", &status->superblock_flags);

	if (r == 0)
		r = read_number(words, "segments", &status->segments);
	if (r == 0)
		r = read_number(words, "cache-segments", &status->cache_segments);
	if (r == 0)
		r = read_number(words, "used-segments", &status->used_segments);
	if (r == 0)
		r = read_number(words, "gc-percent", &status->gc_percent);
	if (r == 0)
		r = read_flags(words, "cache-flags", &status->cache_flags);
	if (r == 0)
		r = read_position(words, "key-head", &status->key_head);
	if (r == 0)
		r = read_position(words, "dirty-tail", &status->dirty_tail);
	return r < 0 ? r : read_position(words, "key-tail", &status->key_tail);
}

static void print_position(const struct dmk_pcache_position *position, struct dmk_text *out)
{
	dmk_text_add(out, "%" PRIu32 ":%" PRIu32, position->segment, position->offset_bytes);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_pcache_status *status = value;

	dmk_text_add(out,
		     "%" PRIx32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIx32 " ",
		     status->superblock_flags, status->segments, status->cache_segments,
		     status->used_segments, status->gc_percent, status->cache_flags);
	print_position(&status->key_head, out);
	dmk_text_add(out, " ");
	print_position(&status->dirty_tail, out);
	dmk_text_add(out, " ");
	print_position(&status->key_tail, out);
}

static uint32_t count_one(const void *value)
{
	(void)value;
	return 1;
}

#define PRINTED(name, call)                                                               \
	static void print_##name(const void *value, uint32_t index, struct dmk_text *out) \
	{                                                                                 \
		const struct dmk_pcache_status *status = value;                           \
                                                                                          \
		(void)index;                                                              \
		call;                                                                     \
	}                                                                                 \
	static const struct dmk_custom name##_key = { .count = count_one, .print = print_##name }

PRINTED(superblock_flags, dmk_text_add(out, "%" PRIx32, status->superblock_flags));
PRINTED(cache_flags, dmk_text_add(out, "%" PRIx32, status->cache_flags));
PRINTED(key_head, print_position(&status->key_head, out));
PRINTED(dirty_tail, print_position(&status->dirty_tail, out));
PRINTED(key_tail, print_position(&status->key_tail, out));

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_pcache_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("superblock-flags", TEXT, "in hex"), DMK_CUSTOM(&superblock_flags_key) },
	{ DMK_ROW("segments", NUMBER, "of 16 MiB, that the cache device has"),
	  DMK_FIELD(segments) },
	{ DMK_ROW("cache-segments", NUMBER, "how many of them are the cache's"),
	  DMK_FIELD(cache_segments) },
	{ DMK_ROW("used-segments", NUMBER, "how many of those are in use"),
	  DMK_FIELD(used_segments) },
	{ DMK_ROW("gc-percent", NUMBER, "from how full on segments are given free"),
	  DMK_FIELD(gc_percent) },
	{ DMK_ROW("cache-flags", TEXT, "in hex; bit 0: data-crc, bit 1: initialised"),
	  DMK_CUSTOM(&cache_flags_key) },
	{ DMK_ROW("key-head", TEXT, "SEGMENT:OFFSET where new keys are written"),
	  DMK_CUSTOM(&key_head_key) },
	{ DMK_ROW("dirty-tail", TEXT, "SEGMENT:OFFSET where what is not written back begins"),
	  DMK_CUSTOM(&dirty_tail_key) },
	{ DMK_ROW("key-tail", TEXT, "SEGMENT:OFFSET where what may be given free begins"),
	  DMK_CUSTOM(&key_tail_key) },
};

static const struct dmk_form status_form = {
	.syntax = "SUPERBLOCK-FLAGS SEGMENTS CACHE-SEGMENTS USED-SEGMENTS GC-PERCENT CACHE-FLAGS "
		  "KEY-HEAD DIRTY-TAIL KEY-TAIL",
	DMK_ROWS(status_rows, struct dmk_pcache_status),
	.parse = parse_status,
	.format = format_status,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_pcache_message

static const struct dmk_row percent_row[] = {
	{ DMK_REQUIRED("percent", NUMBER, "of the segments, 0 to 90"), DMK_FIELD(percent),
	  .max = 90 },
};

static const struct dmk_message messages[] = {
	{ DMK_MESSAGE_WITH("gc-percent", "gc_percent", "PERCENT", percent_row,
			   "how full the cache is when it begins to give segments free") },
};

const struct dmk_target dmk_target_pcache = {
	.info = { .type = "pcache",
		  .summary = "persistent memory as a cache of a slower device",
		  .example = "pcache cache-dev=/dev/pmem0 backing-dev=/dev/vdb data-crc=true",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_ALONE,
	.table = {
		.syntax = "CACHE-DEV BACKING-DEV [COUNT OPTION...]",
		DMK_ROWS(rows, struct dmk_pcache),
		DMK_OPTIONS(struct dmk_pcache),
		.exact = true,
		.parse = parse,
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
};
