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

#define FIELD(name) .offset = offsetof(struct dmk_pcache, name)
#define DATA_CRC_FIELD                                                                  \
	.option = DMK_PCACHE_DATA_CRC, .offset = offsetof(struct dmk_pcache, data_crc), \
	.choices = switches

/* clang-format off */
#define ROWS                                                                                  \
	{ .name = "cache-dev", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,    \
	  .help = "persistent memory with DAX; it is formatted where it is new",   \
	  FIELD(cache_device) },                                                              \
	{ .name = "backing-dev", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,  \
	  .help = "the slow device",                                               \
	  FIELD(backing_device), .flags = DMK_ROW_SIZE_DEVICE },                              \
	{ .name = "cache-mode", .kind = DMK_KEY_CHOICE,      \
	  .help = "the only one so far",                                           \
	  .word = "cache_mode", .option = DMK_PCACHE_CACHE_MODE, FIELD(cache_mode),           \
	  .choices = modes },                                                                 \
	{ .name = "data-crc", .kind = DMK_KEY_CHOICE,       \
	  .help = "store checksums of what is cached, and check them in reading",  \
	  .word = "data_crc", DATA_CRC_FIELD }

static const struct dmk_row rows[] = { ROWS };

/* Linux 6.18 reads data_crc and prints crc: its own table is refused by it. */
static const struct dmk_row printed_rows[] = {
	ROWS,
	{ .name = "crc", .kind = DMK_KEY_CHOICE,
	  .help = "data-crc, as the kernel prints it",
	  .word = "crc", DATA_CRC_FIELD },
};
/* clang-format on */

static const struct dmk_form printed_form = {
	.syntax = "CACHE-DEV BACKING-DEV [COUNT OPTION...]",
	DMK_ROWS(printed_rows),
	.value_size = sizeof(struct dmk_pcache),
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

#define TEXT(key_name, custom_key, text)                                                         \
	{                                                                                        \
		.name = (key_name), .kind = DMK_KEY_TEXT, .help = text, DMK_CUSTOM(&custom_key), \
	}
#define NUMBER(key_name, field, text)                                     \
	{                                                                 \
		.name = (key_name), .kind = DMK_KEY_NUMBER, .help = text, \
		.offset = offsetof(struct dmk_pcache_status, field),      \
	}

static const struct dmk_row status_rows[] = {
	TEXT("superblock-flags", superblock_flags_key, "in hex"),
	NUMBER("segments", segments, "of 16 MiB, that the cache device has"),
	NUMBER("cache-segments", cache_segments, "how many of them are the cache's"),
	NUMBER("used-segments", used_segments, "how many of those are in use"),
	NUMBER("gc-percent", gc_percent, "from how full on segments are given free"),
	TEXT("cache-flags", cache_flags_key, "in hex; bit 0: data-crc, bit 1: initialised"),
	TEXT("key-head", key_head_key, "SEGMENT:OFFSET where new keys are written"),
	TEXT("dirty-tail", dirty_tail_key, "SEGMENT:OFFSET where what is not written back begins"),
	TEXT("key-tail", key_tail_key, "SEGMENT:OFFSET where what may be given free begins"),
};

static const struct dmk_form status_form = {
	.syntax = "SUPERBLOCK-FLAGS SEGMENTS CACHE-SEGMENTS USED-SEGMENTS GC-PERCENT CACHE-FLAGS "
		  "KEY-HEAD DIRTY-TAIL KEY-TAIL",
	DMK_ROWS(status_rows),
	.value_size = sizeof(struct dmk_pcache_status),
	.parse = parse_status,
	.format = format_status,
};

static const struct dmk_row percent_row[] = {
	{
		.name = "percent",
		.kind = DMK_KEY_NUMBER,
		.key_flags = DMK_KEY_REQUIRED,
		.help = "of the segments, 0 to 90",
		.offset = offsetof(struct dmk_pcache_message, percent),
		.max = 90,
	},
};

static const struct dmk_message messages[] = {
	{
		.info = { .name = "gc-percent",
			  .help = 
				  "how full the cache is when it begins to give segments free",
			  .n_keys = 1 },
		.word = "gc_percent",
		.form = { .syntax = "PERCENT",
			  DMK_ROWS(percent_row),
			  .value_size = sizeof(struct dmk_pcache_message), },
	},
};

const struct dmk_target dmk_target_pcache = {
	.info = { .type = "pcache",
		  .summary = "persistent memory as a cache of a slower device",
		  .example = "pcache cache-dev=/dev/pmem0 backing-dev=/dev/vdb data-crc=true",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_ALONE,
	.table = {
		.syntax = "CACHE-DEV BACKING-DEV [COUNT OPTION...]",
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_pcache),
		DMK_OPTIONS(struct dmk_pcache),
		.exact = true,
		.parse = parse,
	},
	.status = &status_form,
	.messages = messages,
	.n_messages = DMK_ARRAY_SIZE(messages),
};
