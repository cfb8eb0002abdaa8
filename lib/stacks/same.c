/* SPDX-License-Identifier: MIT */
#include "same.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "machine/blockdev.h"
#include "rows/target.h"
#include "words.h"

/* A path as the number of the device that it leads to. */
static int number_of_path(void *userdata, const char *word, struct dmk_text *out)
{
	uint32_t major, minor;

	(void)userdata;
	if (word[0] != '/' || dmk_blockdev_number(word, &major, &minor) < 0)
		return 0;
	dmk_text_add(out, "%u:%u", major, minor);
	return 1;
}

static bool words_are_same(const char *a, const char *b)
{
	struct dmk_words left = dmk_words_of(a, "", NULL), right = dmk_words_of(b, "", NULL);
	struct dmk_word one, other;

	while (dmk_words_next(&left, &one))
		if (!dmk_words_next(&right, &other) || one.length != other.length ||
		    memcmp(one.text, other.text, one.length) != 0)
			return false;
	return !dmk_words_next(&right, &other);
}

/* A key's own text may be one that only names it, ":32:logon:name". */
static bool is_hex(const struct dmk_key_value *value)
{
	return value->info->kind == DMK_KEY_HEX ||
	       (value->info->flags & DMK_KEY_SECRET && value->value[0] != ':');
}

static bool is_same_value(const struct dmk_key_value *a, const struct dmk_key_value *b)
{
	if (strcmp(a->key, b->key) != 0)
		return false;
	return is_hex(a) && is_hex(b) ? strcasecmp(a->value, b->value) == 0
				      : strcmp(a->value, b->value) == 0;
}

/* Whether the kernel says this key of itself, with a value of its own choice. */
static bool is_kernels_choice(const struct dmk_target *target, const char *key)
{
	for (uint32_t i = 0; i < target->table.n_rows; i++)
		if (strcmp(target->table.rows[i].name, key) == 0)
			return target->table.rows[i].flags & DMK_ROW_KERNEL_FILLS;
	return false;
}

/* As if it were not there: how a text was laid out, or what is so without it. */
static bool says_nothing(const struct dmk_key_value *value)
{
	const char *fallback = value->info->fallback;

	return value->info->flags & DMK_KEY_LAYOUT ||
	       (fallback && strcmp(value->value, fallback) == 0);
}

static const struct dmk_key_value *next_value(const struct dmk_key_values *values, uint32_t *at)
{
	while (*at < values->count && says_nothing(&values->items[*at]))
		++*at;
	return *at < values->count ? &values->items[*at] : NULL;
}

/* Both in the order of the rows, and of the repeated ones in their own. */
static bool values_are_same(const struct dmk_target *target, const struct dmk_key_values *live,
			    const struct dmk_key_values *wanted)
{
	uint32_t i = 0, j = 0;

	for (;;) {
		const struct dmk_key_value *a = next_value(live, &i);
		const struct dmk_key_value *b = next_value(wanted, &j);

		if (!a && !b)
			return true;
		if (a && b && is_same_value(a, b)) {
			i++;
			j++;
			continue;
		}
		if (!a || (b && strcmp(a->key, b->key) == 0) || !is_kernels_choice(target, a->key))
			return false;
		i++;
	}
}

static int keys_are_same(const struct dmk_target *target, const char *live, const char *wanted)
{
	struct dmk_key_values a = { 0 }, b = { 0 };
	int r = dmk_params_to_keys(target->info.type, live, &a, NULL);

	if (r == 0)
		r = dmk_params_to_keys(target->info.type, wanted, &b, NULL);
	if (r == 0)
		r = values_are_same(target, &a, &b);
	else if (r != -ENOMEM)
		r = words_are_same(live, wanted);
	dmk_key_values_clear(&a);
	dmk_key_values_clear(&b);
	return r;
}

static int segments_are_same(const struct dmk_segment *live, const struct dmk_segment *wanted)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text a = { 0 };
	DMK_CLEANUP(dmk_text_free) struct dmk_text b = { 0 };
	const struct dmk_target *target = dmk_target_find(live->type);
	int r;

	if (live->start_sectors != wanted->start_sectors ||
	    live->length_sectors != wanted->length_sectors || strcmp(live->type, wanted->type) != 0)
		return 0;
	if (strcmp(live->params, wanted->params) == 0)
		return 1;
	r = dmk_change_words(live->params, number_of_path, NULL, &a);
	if (r == 0)
		r = dmk_change_words(wanted->params, number_of_path, NULL, &b);
	if (r < 0)
		return r;
	if (words_are_same(a.data, b.data))
		return 1;
	return target ? keys_are_same(target, a.data, b.data) : 0;
}

int dmk_is_same_table(struct dmk_segments *live, struct dmk_table *wanted)
{
	struct dmk_segment now, then;
	uint32_t n = dmk_table_count(wanted);
	int r = dmk_segments_count(live) == n;

	dmk_segments_rewind(live);
	for (uint32_t i = 0; r == 1 && i < n; i++) {
		if (dmk_segments_next(live, &now) != 1 || dmk_table_get(wanted, i, &then) < 0)
			return 0;
		r = segments_are_same(&now, &then);
	}
	return r;
}
