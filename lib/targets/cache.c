/* SPDX-License-Identifier: MIT */
/* cache: a fast device in front of a slow one. */
#include "cache.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define THRESHOLD "migration_threshold"
#define BLOCK_UNIT 64 /* sectors: DATA_DEV_BLOCK_SIZE_MIN_SECTORS of dm-cache-target.c */
#define MAX_POLICY_ARGS 512

enum {
	METADATA, /* and what follows up to ... */
	MODE = METADATA + 4,
	POLICY = MODE + 3
};

#define DMK_ROWS_OF struct dmk_cache

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("metadata", DEVICE,
		       "the device with the map; of a new cache its first 4 KiB must be zero"),
	  DMK_FIELD(metadata_device) },
	{ DMK_REQUIRED("cache", DEVICE, "the fast device"), DMK_FIELD(cache_device) },
	{ DMK_REQUIRED("origin", DEVICE, "the slow one, with the data"), DMK_FIELD(origin_device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_REQUIRED("block-size", SECTORS,
		       "what is cached as one: 32KiB to 1GiB, a multiple of 32KiB"),
	  DMK_FIELD(block_size_sectors), .min = BLOCK_UNIT, .max = 2097152 },

	/* No word names it: it is one. */
	{ DMK_ROW("mode", CHOICE, "how writes go (the kernel's default: writeback)"),
	  DMK_WORD("mode", DMK_CACHE_MODE), DMK_FIELD(mode), .choices = dmk_cache_modes },
	/* Linux 4.12 */
	{ DMK_ROW("metadata2", FLAG, "the metadata's second format, quicker to shut down"),
	  DMK_WORD("metadata2", DMK_CACHE_METADATA2), .since = DMK_V(1, 10) },
	/* Linux 5.1 */
	{ DMK_ROW("no-discard-passdown", FLAG, "discards do not go to the origin"),
	  DMK_WORD("no_discard_passdown", DMK_CACHE_NO_DISCARD_PASSDOWN), .since = DMK_V(2, 1) },

	{ DMK_DEFAULT("policy", TEXT, "default",
		      "what decides which blocks are cached: default, smq, cleaner, ..."),
	  DMK_FIELD(policy) },
	{ DMK_ROW("policy-arg", TEXT,
		  "KEY:VALUE, a setting of the policy or the core, such as "
		  "migration_threshold:2048"),
	  DMK_FIELD(policy_args), DMK_COUNT(n_policy_args), .key_flags = DMK_KEY_REPEATED },
	{ DMK_DEFAULT(
		  "word-order", NUMBER, "0",
		  "how a table's features stood, if not in the usual order; changes nothing else"),
	  DMK_FIELD(word_order), .key_flags = DMK_KEY_LAYOUT, .max = 5 },
};

static int validate_pair(const char *pair, struct dmk_error *err)
{
	const char *colon = strchr(pair, ':');

	if (colon && colon != pair && colon[1])
		return 0;
	return dmk_refuse(err, pair, "a policy argument must be KEY:VALUE");
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_cache *cache = value;
	int r = 0;

	if (cache->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (cache->mode > DMK_CACHE_PASSTHROUGH)
		return dmk_refuse(err, "mode", "must be writeback, writethrough or passthrough");
	if (cache->block_size_sectors % BLOCK_UNIT)
		return dmk_refuse(err, "block-size",
				  "%" PRIu64 " sectors are no multiple of %u (32 KiB)",
				  cache->block_size_sectors, BLOCK_UNIT);
	if (cache->n_policy_args > MAX_POLICY_ARGS)
		return dmk_refuse(err, "policy-arg", "%d at most", MAX_POLICY_ARGS);
	for (uint32_t i = 0; r == 0 && i < cache->n_policy_args; i++)
		r = validate_pair(cache->policy_args[i], err);
	return r;
}

/* Linux 4.6 and later: of these policies none has settings, the core has one. */
static int check_setting(const char *policy, const char *pair, struct dmk_error *err)
{
	static const char *const bare[] = { "default", "smq", "cleaner" };
	size_t length = strcspn(pair, ":");
	uint64_t number;

	if (length == strlen(THRESHOLD) && strncasecmp(pair, THRESHOLD, length) == 0)
		return dmk_parse_u64(pair + length + 1, strlen(pair + length + 1), UINT64_MAX,
				     &number) == 0
			       ? 0
			       : dmk_refuse(err, pair + length + 1,
					    THRESHOLD " must be a number of sectors");
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bare); i++)
		if (strcmp(policy, bare[i]) == 0)
			return dmk_fail_word(err, -EINVAL, pair, length, 0,
					     "policy %s has no such setting; allowed: " THRESHOLD,
					     policy);
	return 0;
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	static const char *const policies[] = { "default", "smq", "mq", "cleaner" };
	const struct dmk_cache *cache = value;
	int r = 0;

	(void)length_sectors;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(policies); i++)
		if (strcasecmp(cache->policy, policies[i]) == 0 &&
		    strcmp(cache->policy, policies[i]) != 0)
			return dmk_refuse(err, cache->policy, "must be %s: case matters",
					  policies[i]);
	for (uint32_t i = 0; r == 0 && i < cache->n_policy_args; i++)
		r = check_setting(cache->policy, cache->policy_args[i], err);
	return r;
}

static int parse(struct dmk_words *words, void *value);
static void format(const void *value, struct dmk_text *out);

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_cache_message

static const struct dmk_row set_rows[] = {
	{ DMK_REQUIRED("key", TEXT, "of the policy or the core, such as migration_threshold"),
	  DMK_FIELD(key) },
	{ DMK_REQUIRED("value", TEXT, "what it is to be"), DMK_FIELD(value) },
};
static const struct dmk_row threshold_rows[] = {
	{ DMK_REQUIRED("size", SECTORS, "how much moves at one time (the kernel's default: 1MiB)"),
	  DMK_FIELD(migration_threshold_sectors) },
};
static const struct dmk_row cblocks_rows[] = {
	{ DMK_ROW("cblocks", TEXT, "a cache block, 5, or a range without its end, 5-9"),
	  DMK_FIELD(cblocks), DMK_COUNT(n_cblocks),
	  .key_flags = DMK_KEY_REQUIRED | DMK_KEY_REPEATED },
};

/* The kernel cuts the numbers to 32 bits without a word. */
static int validate_range(const char *text, struct dmk_error *err)
{
	const char *dash = strchr(text, '-');
	size_t length = strlen(text), first = dash ? (size_t)(dash - text) : length;
	uint64_t begin = 0, end = 0;
	bool good = dmk_parse_u64(text, first, UINT32_MAX, &begin) == 0;

	if (dash)
		good = good && dmk_parse_u64(dash + 1, length - first - 1, UINT32_MAX, &end) == 0 &&
		       begin < end;
	if (good)
		return 0;
	return dmk_fail_word(err, -EINVAL, text, length, 0,
			     "must be a cache block, or BEGIN-END with END behind the last one");
}

static int validate_cblocks(const void *value, struct dmk_error *err)
{
	const struct dmk_cache_message *message = value;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < message->n_cblocks; i++)
		r = validate_range(message->cblocks[i], err);
	return r;
}

static void format_cblocks(const void *value, struct dmk_text *out)
{
	const struct dmk_cache_message *message = value;

	for (uint32_t i = 0; i < message->n_cblocks; i++)
		dmk_text_add(out, "%s%s", i ? " " : "", message->cblocks[i]);
}

/* In the order of enum dmk_cache_message_kind. */
static const struct dmk_message messages[] = {
	/* the kernel's message is KEY VALUE */
	{ DMK_MESSAGE_WITH("set", "", "KEY VALUE", set_rows,
			   "change a setting of the policy or the core") },
	{ DMK_MESSAGE_WITH("migration-threshold", "migration_threshold", "SECTORS", threshold_rows,
			   "change how much moves at one time") },
	/* Linux 3.13 */
	{ DMK_MESSAGE_WITH("invalidate-cblocks", "invalidate_cblocks", "CBLOCK|BEGIN-END...",
			   cblocks_rows,
			   "drop blocks from the cache, unwritten; in passthrough mode alone"),
	  .form.validate = validate_cblocks, .form.format = format_cblocks },
};

const struct dmk_target dmk_target_cache = {
	.info = { .type = "cache",
		  .summary = "a fast device in front of a slow one",
		  .example = "cache metadata=/dev/vdb cache=/dev/vdc origin=/dev/vdd "
			     "block-size=256KiB mode=writethrough",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "METADATA CACHE ORIGIN BLOCK-SIZE COUNT [FEATURE...] POLICY COUNT "
			  "[KEY VALUE...]",
		DMK_ROWS(rows, struct dmk_cache),
		DMK_OPTIONS(struct dmk_cache),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &dmk_cache_status_form,
	.check = check,
	DMK_MESSAGES(messages),
};

static int parse_features(struct dmk_words *words, struct dmk_cache *cache)
{
	struct dmk_cache_features features = { 0 };
	int r = dmk_cache_read_features(words, &features);

	if (r < 0)
		return r;
	cache->mode = features.mode;
	cache->word_order = features.word_order;
	if (features.mode)
		cache->options |= DMK_CACHE_MODE;
	if (features.metadata2)
		cache->options |= DMK_CACHE_METADATA2;
	if (features.no_discard_passdown)
		cache->options |= DMK_CACHE_NO_DISCARD_PASSDOWN;
	return 0;
}

static int parse(struct dmk_words *words, void *value)
{
	const struct dmk_form *form = &dmk_target_cache.table;
	struct dmk_cache *cache = value;
	int r = dmk_rows_read_some(form, METADATA, MODE - METADATA, words, cache);

	if (r == 0)
		r = parse_features(words, cache);
	if (r == 0)
		r = dmk_rows_read_some(form, POLICY, 1, words, cache);
	return r < 0 ? r
		     : dmk_cache_read_pairs(words, "the count of policy arguments", &cache->owned,
					    &cache->policy_args, &cache->n_policy_args);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_form *form = &dmk_target_cache.table;
	const struct dmk_cache *cache = value;
	struct dmk_cache_features features = {
		.mode = cache->mode,
		.metadata2 = cache->options & DMK_CACHE_METADATA2,
		.no_discard_passdown = cache->options & DMK_CACHE_NO_DISCARD_PASSDOWN,
		.word_order = cache->word_order,
	};

	dmk_rows_print_some(form, METADATA, MODE - METADATA, cache, out);
	dmk_cache_print_features(&features, out);
	dmk_rows_print_some(form, POLICY, 1, cache, out);
	dmk_cache_print_pairs(cache->policy_args, cache->n_policy_args, out);
}
