/* SPDX-License-Identifier: MIT */
/* What has to be taken for a key where nobody can say for certain. */
#include "rows/target.h"

#include <string.h>
#include <strings.h>

/* "dm-crypt" and "Crypt" are no targets, and what stands behind them is a key all the same. */
static bool sounds_secret(const char *type)
{
	static const char *const parts[] = { "crypt", "integrity" };

	for (const char *c = type; *c; c++)
		for (size_t i = 0; i < DMK_ARRAY_SIZE(parts); i++)
			if (strncasecmp(c, parts[i], strlen(parts[i])) == 0)
				return true;
	return false;
}

bool dmk_type_is_secret(const char *type)
{
	const struct dmk_target *target = dmk_target_find(type);

	return target ? target->flags & DMK_TARGET_SECRET : type && sounds_secret(type);
}

bool dmk_type_may_be_secret(const char *type)
{
	const struct dmk_target *target = dmk_target_find(type);

	return !target || target->flags & DMK_TARGET_SECRET;
}

bool dmk_segment_is_secret(const struct dmk_segment *segment)
{
	const struct dmk_target *target;

	if (!*segment->params)
		return false;
	target = dmk_target_find(segment->type);
	if (target)
		return target->flags & DMK_TARGET_SECRET;
	return sounds_secret(segment->type) ||
	       dmk_digits_run(segment->params, strlen(segment->params), DMK_KEY_DIGITS);
}

/* As dm_split_args() and crypt_message() read it. */
int dmk_message_is_secret(const char *text)
{
	struct dmk_words words = dmk_words_of(text, NULL, NULL);
	struct dmk_word word;
	char first[8];

	if (!dmk_words_next(&words, &word) || word.length >= sizeof(first))
		return false;
	dmk_word_text(&word, first);
	return strcasecmp(first, "key") == 0;
}
