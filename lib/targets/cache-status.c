/* SPDX-License-Identifier: MIT */
/* What cache says of itself. */
#include "cache.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char threshold_key[] = "migration_threshold:";

static const struct dmk_choice states[] = {
	{ "rw", "rw", DMK_CACHE_RW },	    { "ro", "ro", DMK_CACHE_RO },
	{ "Fail", "fail", DMK_CACHE_FAIL }, { "Error", "error", DMK_CACHE_ERROR },
	DMK_ALLOWED("rw|ro|fail|error"),
};

static const struct dmk_choice checks[] = {
	{ "-", "no", 0 },
	{ "needs_check", "yes", 1 },
	DMK_ALLOWED("no|yes"),
};

#define COUNTER(key_name, key_kind, field, text)                                                \
	{                                                                                       \
		DMK_SAID(key_name, key_kind, DMK_CACHE_STATUS_NUMBERS, text), DMK_FIELD(field), \
			.flags = DMK_ROW_WIDE                                                   \
	}

enum {
	STATE,
	METADATA_BLOCK_SIZE, /* and what follows up to ... */
	MODE = METADATA_BLOCK_SIZE + 11,
	METADATA2,
	NO_DISCARD_PASSDOWN,
	MIGRATION_THRESHOLD,
	CORE_ARG,
	POLICY,
	POLICY_ARG,
	NEEDS_CHECK
};

static const struct dmk_trouble state_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_CACHE_FAIL,
	  .what = "the cache has failed: all I/O fails",
	  .mend = "remove @, run cache_check, and if need be cache_repair, on its metadata "
		  "device, and create it again" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_CACHE_ERROR,
	  .what = "the cache's metadata cannot be read",
	  .mend = "remove @, run cache_check, and if need be cache_repair, on its metadata "
		  "device, and create it again" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_CACHE_RO,
	  .what = "the metadata are read-only: they could not be written",
	  .mend = "remove @, run cache_check on its metadata device, and create it again" },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble check_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = 1,
	  .what = "the metadata must be checked before they are written again",
	  .mend = "remove @, run cache_check --clear-needs-check-flag on its metadata "
		  "device, and create it again" },
	DMK_NO_TROUBLE,
};

#define DMK_ROWS_OF struct dmk_cache_status

/* The state comes first, being all that there is in some; the kernel puts it before needs_check. */
static const struct dmk_row rows[] = {
	{ DMK_ROW("state", CHOICE, "of the metadata; fail and error: nothing else is known"),
	  DMK_FIELD(state), .choices = states, .trouble = state_trouble },
	{ DMK_SAID("metadata-block-size", SECTORS, DMK_CACHE_STATUS_NUMBERS,
		   "of one metadata block"),
	  DMK_FIELD(metadata_block_size_sectors) },
	{ DMK_SAID("metadata", RATIO, DMK_CACHE_STATUS_NUMBERS, "metadata blocks"),
	  DMK_FIELD(metadata), .trouble = dmk_metadata_trouble },
	{ DMK_SAID("block-size", SECTORS, DMK_CACHE_STATUS_NUMBERS, "of one cache block"),
	  DMK_FIELD(block_size_sectors) },
	{ DMK_SAID("cache", RATIO, DMK_CACHE_STATUS_NUMBERS, "cache blocks"), DMK_FIELD(cache) },
	COUNTER("read-hits", NUMBER, read_hits, "reads from the cache"),
	COUNTER("read-misses", NUMBER, read_misses, "reads from the origin"),
	COUNTER("write-hits", NUMBER, write_hits, "writes to the cache"),
	COUNTER("write-misses", NUMBER, write_misses, "writes to the origin"),
	COUNTER("demotions", BLOCKS, demotions, "blocks that left the cache"),
	COUNTER("promotions", BLOCKS, promotions, "blocks that came into it"),
	COUNTER("dirty", BLOCKS, dirty_blocks, "blocks that the origin does not have yet"),
	{ DMK_SAID("mode", CHOICE, DMK_CACHE_STATUS_NUMBERS, "how writes go"), DMK_FIELD(mode),
	  .choices = dmk_cache_modes },
	{ DMK_SAID("metadata2", FLAG, DMK_CACHE_STATUS_METADATA2, "the metadata's second format") },
	{ DMK_SAID("no-discard-passdown", FLAG, DMK_CACHE_STATUS_NO_DISCARD_PASSDOWN,
		   "discards do not go to the origin") },
	{ DMK_SAID("migration-threshold", SECTORS, DMK_CACHE_STATUS_MIGRATION_THRESHOLD,
		   "how much moves at one time"),
	  DMK_FIELD(migration_threshold_sectors), .flags = DMK_ROW_ANY_NUMBER },
	{ DMK_ROW("core-arg", TEXT, "KEY:VALUE, any other setting of the core"),
	  DMK_FIELD(core_args), DMK_COUNT(n_core_args), .key_flags = DMK_KEY_REPEATED,
	  .word = "core-arg" },
	{ DMK_SAID("policy", TEXT, DMK_CACHE_STATUS_NUMBERS,
		   "what decides which blocks are cached"),
	  DMK_FIELD(policy) },
	{ DMK_ROW("policy-arg", TEXT, "KEY:VALUE, a setting of the policy"), DMK_FIELD(policy_args),
	  DMK_COUNT(n_policy_args), .key_flags = DMK_KEY_REPEATED, .word = "policy-arg" },
	{ DMK_SAID("needs-check", CHOICE, DMK_CACHE_STATUS_NUMBERS,
		   "the metadata must be checked before they are written"),
	  DMK_FIELD(needs_check), .choices = checks, .trouble = check_trouble },
};

static int parse(struct dmk_words *words, void *value);
static void format(const void *value, struct dmk_text *out);

const struct dmk_form dmk_cache_status_form = {
	.syntax = "METADATA-BLOCK-SIZE METADATA-USED/TOTAL BLOCK-SIZE CACHE-USED/TOTAL READ-HITS "
		  "READ-MISSES WRITE-HITS WRITE-MISSES DEMOTIONS PROMOTIONS DIRTY COUNT FEATURE... "
		  "COUNT CORE-ARG... POLICY COUNT POLICY-ARG... MODE NEEDS-CHECK|-, or Fail, or "
		  "Error",
	DMK_ROWS(rows, struct dmk_cache_status),
	DMK_OPTIONS(struct dmk_cache_status),
	.parse = parse,
	.format = format,
};

static int parse_features(struct dmk_words *words, struct dmk_cache_status *status)
{
	struct dmk_cache_features features = { 0 };
	uint32_t column = (uint32_t)words->previous_end + 1;
	int r = dmk_cache_read_features(words, &features);

	if (r < 0)
		return r;
	if (!features.mode || features.word_order)
		return dmk_fail_word(words->error, -EINVAL, "features", 8, column,
				     "must be [metadata2] MODE [no_discard_passdown]");
	status->mode = features.mode;
	if (features.metadata2)
		status->options |= DMK_CACHE_STATUS_METADATA2;
	if (features.no_discard_passdown)
		status->options |= DMK_CACHE_STATUS_NO_DISCARD_PASSDOWN;
	return 0;
}

/* The threshold is all there is in Linux 6.1. */
static int parse_core_args(struct dmk_words *words, struct dmk_cache_status *status)
{
	const char *const *pairs = NULL;
	const char *threshold;
	uint32_t n = 0;
	int r = dmk_cache_read_pairs(words, "the count of core arguments", &status->owned, &pairs,
				     &n);

	if (r < 0)
		return r;
	if (n && strncmp(pairs[0], threshold_key, sizeof(threshold_key) - 1) == 0) {
		threshold = pairs[0] + sizeof(threshold_key) - 1;
		if (dmk_parse_u64(threshold, strlen(threshold), UINT64_MAX,
				  &status->migration_threshold_sectors) < 0)
			return dmk_fail_word(words->error, -EINVAL, threshold, strlen(threshold),
					     (uint32_t)words->previous_end + 1,
					     "migration_threshold must be a number of sectors");
		status->options |= DMK_CACHE_STATUS_MIGRATION_THRESHOLD;
		pairs++;
		n--;
	}
	status->core_args = n ? pairs : NULL;
	status->n_core_args = n;
	return 0;
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_cache_status *status = value;
	const struct dmk_form *form = &dmk_cache_status_form;
	int r;

	if (dmk_words_next_is(words, "Fail") || dmk_words_next_is(words, "Error"))
		return dmk_rows_read_some(form, STATE, 1, words, status);
	status->options |= DMK_CACHE_STATUS_NUMBERS;
	r = dmk_rows_read_some(form, METADATA_BLOCK_SIZE, MODE - METADATA_BLOCK_SIZE, words,
			       status);
	if (r == 0)
		r = parse_features(words, status);
	if (r == 0)
		r = parse_core_args(words, status);
	if (r == 0)
		r = dmk_rows_read_some(form, POLICY, 1, words, status);
	if (r == 0)
		r = dmk_cache_read_pairs(words, "the count of policy arguments", &status->owned,
					 &status->policy_args, &status->n_policy_args);
	if (r == 0)
		r = dmk_rows_read_some(form, STATE, 1, words, status);
	if (r < 0 || dmk_words_left(words) == 0) /* old kernels end here */
		return r;
	return dmk_rows_read_some(form, NEEDS_CHECK, 1, words, status);
}

static void print_core_args(const struct dmk_cache_status *status, struct dmk_text *out)
{
	bool threshold = status->options & DMK_CACHE_STATUS_MIGRATION_THRESHOLD;

	if (!threshold) {
		dmk_cache_print_pairs(status->core_args, status->n_core_args, out);
		return;
	}
	dmk_text_add(out, " %" PRIu32 " migration_threshold %" PRIu64,
		     2 * (status->n_core_args + 1), status->migration_threshold_sectors);
	for (uint32_t i = 0; i < status->n_core_args; i++) {
		size_t key = strcspn(status->core_args[i], ":");

		dmk_text_add(out, " %.*s %s", (int)key, status->core_args[i],
			     status->core_args[i] + key + (status->core_args[i][key] != '\0'));
	}
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_cache_status *status = value;
	const struct dmk_form *form = &dmk_cache_status_form;
	struct dmk_cache_features features = {
		.mode = status->mode,
		.metadata2 = status->options & DMK_CACHE_STATUS_METADATA2,
		.no_discard_passdown = status->options & DMK_CACHE_STATUS_NO_DISCARD_PASSDOWN,
	};

	if (!(status->options & DMK_CACHE_STATUS_NUMBERS)) {
		dmk_rows_print_some(form, STATE, 1, status, out);
		return;
	}
	dmk_rows_print_some(form, METADATA_BLOCK_SIZE, MODE - METADATA_BLOCK_SIZE, status, out);
	dmk_cache_print_features(&features, out);
	print_core_args(status, out);
	dmk_rows_print_some(form, POLICY, 1, status, out);
	dmk_cache_print_pairs(status->policy_args, status->n_policy_args, out);
	dmk_rows_print_some(form, STATE, 1, status, out);
	dmk_rows_print_some(form, NEEDS_CHECK, 1, status, out);
}
