/* SPDX-License-Identifier: MIT */
/* The groups of words that cache has in its table and in its status. */
#include "cache.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_PAIR_WORDS 1024 /* parse_policy() of dm-cache-target.c */

enum feature {
	METADATA2,
	MODE,
	NO_DISCARD_PASSDOWN,
	N_FEATURES
};

/* By word_order; the first is that of the kernel's status. */
static const uint8_t orders[][N_FEATURES] = {
	{ METADATA2, MODE, NO_DISCARD_PASSDOWN }, { METADATA2, NO_DISCARD_PASSDOWN, MODE },
	{ MODE, METADATA2, NO_DISCARD_PASSDOWN }, { MODE, NO_DISCARD_PASSDOWN, METADATA2 },
	{ NO_DISCARD_PASSDOWN, METADATA2, MODE }, { NO_DISCARD_PASSDOWN, MODE, METADATA2 },
};

const struct dmk_choice dmk_cache_modes[] = {
	{ "writeback", "writeback", DMK_CACHE_WRITEBACK },
	{ "writethrough", "writethrough", DMK_CACHE_WRITETHROUGH },
	{ "passthrough", "passthrough", DMK_CACHE_PASSTHROUGH, .release = DMK_LINUX(3, 13) },
	DMK_ALLOWED("writeback|writethrough|passthrough"),
};

static bool has(const struct dmk_cache_features *features, enum feature feature)
{
	switch (feature) {
	case METADATA2:
		return features->metadata2;
	case MODE:
		return features->mode != 0;
	default:
		return features->no_discard_passdown;
	}
}

static const char *word_of(const struct dmk_cache_features *features, enum feature feature)
{
	if (feature == METADATA2)
		return "metadata2";
	if (feature == NO_DISCARD_PASSDOWN)
		return "no_discard_passdown";
	for (const struct dmk_choice *mode = dmk_cache_modes; mode->word; mode++)
		if (mode->value == features->mode)
			return mode->word;
	return "";
}

static int feature_of(const struct dmk_word *word, struct dmk_cache_features *given,
		      enum feature *ret_feature, struct dmk_error *err)
{
	enum feature feature = N_FEATURES;
	uint32_t mode = 0;

	if (dmk_word_is(word, "metadata2"))
		feature = METADATA2;
	else if (dmk_word_is(word, "no_discard_passdown"))
		feature = NO_DISCARD_PASSDOWN;
	for (const struct dmk_choice *choice = dmk_cache_modes; choice->word; choice++) {
		if (dmk_word_is(word, choice->word)) {
			feature = MODE;
			mode = choice->value;
		}
	}
	if (feature == N_FEATURES)
		return dmk_unknown_word(
			err, dmk_fail_word(err, -EINVAL, word->text, word->length, word->column,
					   "unknown; allowed: writeback writethrough passthrough "
					   "metadata2 no_discard_passdown"));
	if (has(given, feature))
		return dmk_fail_word(err, -EINVAL, word->text, word->length, word->column, "%s",
				     feature == MODE ? "the mode is given twice" : "given twice");
	given->metadata2 |= feature == METADATA2;
	given->no_discard_passdown |= feature == NO_DISCARD_PASSDOWN;
	given->mode |= mode;
	*ret_feature = feature;
	return 0;
}

/* Does sequence, n features, stand in this order? */
static bool stands_so(const uint8_t order[N_FEATURES], const enum feature *sequence, uint64_t n)
{
	uint64_t found = 0;

	for (int i = 0; i < N_FEATURES; i++)
		if (found < n && sequence[found] == (enum feature)order[i])
			found++;
	return found == n;
}

int dmk_cache_read_features(struct dmk_words *words, struct dmk_cache_features *ret_features)
{
	struct dmk_cache_features features = { 0 };
	enum feature sequence[N_FEATURES];
	uint64_t n = 0;
	int r = dmk_words_number(words, "the count of features", 0, N_FEATURES, &n);

	for (uint64_t i = 0; r == 0 && i < n; i++) {
		struct dmk_word word;

		r = dmk_words_need(words, "a feature", &word);
		if (r == 0)
			r = feature_of(&word, &features, &sequence[i], words->error);
	}
	if (r < 0)
		return r;
	while (!stands_so(orders[features.word_order], sequence, n))
		features.word_order++;
	*ret_features = features;
	return 0;
}

void dmk_cache_print_features(const struct dmk_cache_features *features, struct dmk_text *out)
{
	const uint8_t *order = orders[features->word_order];

	dmk_text_add(out, " %d",
		     has(features, MODE) + features->metadata2 + features->no_discard_passdown);
	for (int i = 0; i < N_FEATURES; i++)
		if (has(features, order[i]))
			dmk_text_add(out, " %s", word_of(features, order[i]));
}

static int read_pair(struct dmk_words *words, void **owned, const char **ret_pair)
{
	const char *key_text, *value_text;
	struct dmk_word key, value;
	char *pair;
	int r = dmk_words_need(words, "a key", &key);

	if (r == 0)
		r = dmk_words_need(words, "a value", &value);
	if (r < 0)
		return r;
	if (memchr(key.text, ':', key.length))
		return dmk_fail_word(words->error, -EINVAL, key.text, key.length, key.column,
				     "a key holds no ':'");
	key_text = dmk_arena_word(owned, &key);
	value_text = dmk_arena_word(owned, &value);
	pair = dmk_arena_array(owned, key.length + value.length + 2, 1);
	if (!key_text || !value_text || !pair)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	snprintf(pair, key.length + value.length + 2, "%s:%s", key_text, value_text);
	*ret_pair = pair;
	return 0;
}

int dmk_cache_read_pairs(struct dmk_words *words, const char *what, void **owned,
			 const char *const **ret_pairs, uint32_t *ret_n)
{
	const char **pairs = NULL;
	uint64_t n = 0;
	int r = dmk_words_number(words, what, 0, MAX_PAIR_WORDS, &n);

	if (r == 0 && n % 2)
		r = dmk_fail_word(words->error, -EINVAL, what, strlen(what),
				  (uint32_t)words->previous_end + 1,
				  "must be even: each key has a value");
	if (r == 0 && n) {
		pairs = dmk_arena_array(owned, n / 2, sizeof(*pairs));
		r = pairs ? 0 : dmk_fail(words->error, -ENOMEM, "no memory");
	}
	for (uint64_t i = 0; r == 0 && i < n / 2; i++)
		r = read_pair(words, owned, &pairs[i]);
	if (r < 0)
		return r;
	*ret_pairs = pairs;
	*ret_n = (uint32_t)n / 2;
	return 0;
}

void dmk_cache_print_pairs(const char *const *pairs, uint32_t n, struct dmk_text *out)
{
	dmk_text_add(out, " %" PRIu32, 2 * n);
	for (uint32_t i = 0; i < n; i++) {
		size_t key = strcspn(pairs[i], ":");

		dmk_text_add(out, " %.*s %s", (int)key, pairs[i],
			     pairs[i] + key + (pairs[i][key] != '\0'));
	}
}
