/* SPDX-License-Identifier: MIT */
/* One row: its field in a value, from and to one word. */
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

const struct dmk_trouble dmk_metadata_trouble[] = {
	{ .when = DMK_TROUBLE_FULL,
	  .note = true,
	  .value = 90,
	  .what = "the metadata device is nearly full",
	  .mend = "make it longer, and load the same table again: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

const char *dmk_row_allowed(const struct dmk_row *row)
{
	const struct dmk_choice *choice = row->choices;

	if (row->kind != DMK_KEY_CHOICE && row->kind != DMK_KEY_HEALTH)
		return NULL;
	while (choice->word)
		choice++;
	return choice->name;
}

const char *dmk_row_fallback(const struct dmk_row *row)
{
	return row->has_fallback ? row->name + strlen(row->name) + 1 : NULL;
}

static const void *field_of(const struct dmk_row *row, const void *value)
{
	return (const unsigned char *)value + row->offset;
}

static void *field_to_set(const struct dmk_row *row, void *value)
{
	return (unsigned char *)value + row->offset;
}

static bool is_wide(const struct dmk_row *row)
{
	return row->kind == DMK_KEY_SECTORS || row->kind == DMK_KEY_BLOCKS ||
	       (row->flags & DMK_ROW_WIDE);
}

bool dmk_row_is_number(const struct dmk_row *row)
{
	switch (row->kind) {
	case DMK_KEY_NUMBER:
	case DMK_KEY_SECTORS:
	case DMK_KEY_BYTES:
	case DMK_KEY_BLOCKS:
	case DMK_KEY_MS:
	case DMK_KEY_SIGNED:
		return true;
	default:
		return false;
	}
}

uint64_t dmk_row_number(const struct dmk_row *row, const void *value)
{
	uint64_t number;

	if (row->kind == DMK_KEY_SIGNED)
		return (uint64_t)(int64_t) * (const int32_t *)field_of(row, value);
	number = is_wide(row) ? *(const uint64_t *)field_of(row, value)
			      : *(const uint32_t *)field_of(row, value);
	if ((row->flags & DMK_ROW_ZERO_APART) && number == (is_wide(row) ? UINT64_MAX : UINT32_MAX))
		return 0;
	return number;
}

void dmk_row_set_number(const struct dmk_row *row, void *value, uint64_t number)
{
	if ((row->flags & DMK_ROW_ZERO_APART) && number == 0)
		number = UINT64_MAX;
	if (is_wide(row))
		*(uint64_t *)field_to_set(row, value) = number;
	else
		*(uint32_t *)field_to_set(row, value) = (uint32_t)number;
}

bool dmk_row_is_zero(const struct dmk_row *row, const void *value)
{
	if (row->is_custom || dmk_row_is_list(row) || row->kind == DMK_KEY_DEVICE_OFFSET)
		return dmk_row_count(row, value) == 0;
	if (is_wide(row))
		return *(const uint64_t *)field_of(row, value) == 0;
	if (dmk_row_is_number(row) || row->kind == DMK_KEY_CHOICE)
		return *(const uint32_t *)field_of(row, value) == 0;
	return dmk_row_text(row, value) == NULL;
}

bool dmk_row_is_list(const struct dmk_row *row)
{
	return (row->key_flags & DMK_KEY_REPEATED) && row->kind != DMK_KEY_DEVICE_OFFSET &&
	       !row->is_custom;
}

uint32_t dmk_row_count(const struct dmk_row *row, const void *value)
{
	return *(const uint32_t *)((const unsigned char *)value + row->count_offset);
}

const char *const *dmk_row_list(const struct dmk_row *row, const void *value)
{
	return *(const char *const *const *)field_of(row, value);
}

int dmk_row_append(const struct dmk_row *row, void *value, void **owned, const char *text)
{
	uint32_t n = dmk_row_count(row, value);
	const char **list = *(const char ***)field_to_set(row, value);

	/* Full at 0, 1, 2, 4, 8, ...: its room is the next power of two. */
	if ((n & (n - 1)) == 0) {
		list = dmk_arena_array(owned, n ? 2 * (size_t)n : 1, sizeof(*list));
		if (!list)
			return -ENOMEM;
		if (n)
			memcpy(list, dmk_row_list(row, value), n * sizeof(*list));
		*(const char *const **)field_to_set(row, value) = list;
	}
	list[n] = text;
	*(uint32_t *)((unsigned char *)value + row->count_offset) = n + 1;
	return 0;
}

bool dmk_row_is_number_list(const struct dmk_row *row)
{
	return dmk_row_is_list(row) && dmk_row_is_number(row);
}

static const uint32_t *numbers_of(const struct dmk_row *row, const void *value)
{
	return *(const uint32_t *const *)field_of(row, value);
}

uint64_t dmk_row_number_at(const struct dmk_row *row, const void *value, uint32_t index)
{
	return numbers_of(row, value)[index];
}

int dmk_row_append_number(const struct dmk_row *row, void *value, void **owned, uint64_t number)
{
	uint32_t n = dmk_row_count(row, value);
	uint32_t *list = *(uint32_t **)field_to_set(row, value);

	if ((n & (n - 1)) == 0) {
		list = dmk_arena_array(owned, n ? 2 * (size_t)n : 1, sizeof(*list));
		if (!list)
			return -ENOMEM;
		if (n)
			memcpy(list, numbers_of(row, value), n * sizeof(*list));
		*(const uint32_t **)field_to_set(row, value) = list;
	}
	list[n] = (uint32_t)number;
	*(uint32_t *)((unsigned char *)value + row->count_offset) = n + 1;
	return 0;
}

const struct dmk_ratio *dmk_row_ratio(const struct dmk_row *row, const void *value)
{
	return field_of(row, value);
}

const struct dmk_choice *dmk_row_choice(const struct dmk_row *row, const void *value)
{
	for (const struct dmk_choice *choice = row->choices; choice->word; choice++)
		if (choice->value == *(const uint32_t *)field_of(row, value))
			return choice;
	return NULL;
}

static bool is_word(const struct dmk_row *row, const char *word, const char *text, size_t length)
{
	if (strlen(word) != length)
		return false;
	if (row->flags & DMK_ROW_ANY_CASE)
		return strncasecmp(word, text, length) == 0;
	return memcmp(word, text, length) == 0;
}

bool dmk_row_choose(const struct dmk_row *row, void *value, const char *text, size_t length,
		    bool by_name)
{
	for (const struct dmk_choice *choice = row->choices; choice->word; choice++) {
		if (is_word(row, choice->word, text, length) ||
		    (by_name && is_word(row, choice->name, text, length))) {
			*(uint32_t *)field_to_set(row, value) = choice->value;
			return true;
		}
	}
	return false;
}

const char *dmk_row_text(const struct dmk_row *row, const void *value)
{
	return *(const char *const *)field_of(row, value);
}

void dmk_row_set_text(const struct dmk_row *row, void *value, const char *text)
{
	*(const char **)field_to_set(row, value) = text;
}

static uint64_t row_max(const struct dmk_row *row)
{
	if (row->max)
		return row->max;
	if (row->kind == DMK_KEY_SECTORS && !(row->flags & DMK_ROW_ANY_NUMBER))
		return DMK_MAX_SECTORS;
	return is_wide(row) ? UINT64_MAX : UINT32_MAX;
}

bool dmk_row_allows(const struct dmk_row *row, uint64_t number)
{
	if (row->kind == DMK_KEY_SIGNED)
		return (int64_t)number >= (int32_t)row->min && (int64_t)number <= (int32_t)row->max;
	if (number < row->min || number > row_max(row))
		return false;
	return !(row->flags & DMK_ROW_POWER_OF_TWO) || (number && (number & (number - 1)) == 0);
}

void dmk_row_limits(const struct dmk_row *row, char *buf, size_t size)
{
	static const char *const units[] = {
		[DMK_KEY_SECTORS] = " of sectors", [DMK_KEY_BYTES] = " of bytes",
		[DMK_KEY_BLOCKS] = " of blocks",   [DMK_KEY_NUMBER] = "",
		[DMK_KEY_MS] = " of milliseconds",
	};

	if (row->kind == DMK_KEY_SIGNED)
		dmk_print_text(buf, size, "a number from %d to %d", (int)row->min, (int)row->max);
	else if (row->flags & DMK_ROW_POWER_OF_TWO)
		dmk_print_text(buf, size, "a power of two from %" PRIu64 " to %" PRIu64,
			       (uint64_t)row->min, row_max(row));
	else
		dmk_print_text(buf, size, "a number%s from %" PRIu64 " to %" PRIu64,
			       units[row->kind], (uint64_t)row->min, row_max(row));
}

const char *dmk_row_name(const struct dmk_row *row)
{
	return row->word ? row->word : row->name;
}

/* "-" stands for none where that is the fallback: a salt, not a digest. */
bool dmk_row_is_no_hex(const struct dmk_row *row, const char *text)
{
	const char *fallback = dmk_row_fallback(row);

	return fallback && strcmp(fallback, "-") == 0 && (!text || strcmp(text, "-") == 0);
}

bool dmk_row_parse_number(const struct dmk_row *row, const char *text, size_t length,
			  uint64_t *ret_number)
{
	bool sign = row->kind == DMK_KEY_SIGNED && length && (*text == '-' || *text == '+');
	uint64_t number = 0;

	if (dmk_parse_u64(text + sign, length - sign, sign ? INT64_MAX : UINT64_MAX, &number) < 0)
		return false;
	*ret_number = sign && *text == '-' ? -number : number;
	return true;
}

static int read_number(const struct dmk_row *row, const struct dmk_word *word, void *value,
		       void **owned, struct dmk_error *err)
{
	char limits[128];
	uint64_t number = 0;

	if (!dmk_row_parse_number(row, word->text, word->length, &number) ||
	    !dmk_row_allows(row, number)) {
		dmk_row_limits(row, limits, sizeof(limits));
		return dmk_fail_word(err, -EINVAL, word->text, word->length, word->column,
				     "%s must be %s", dmk_row_name(row), limits);
	}
	if (!dmk_row_is_list(row))
		dmk_row_set_number(row, value, number);
	else if (dmk_row_append_number(row, value, owned, number) < 0)
		return dmk_fail(err, -ENOMEM, "no memory");
	return 0;
}

static int read_choice(const struct dmk_row *row, const struct dmk_word *word, void *value,
		       struct dmk_error *err)
{
	if (dmk_row_choose(row, value, word->text, word->length, false))
		return 0;
	return dmk_unknown_word(err, dmk_fail_word(err, -EINVAL, word->text, word->length,
						   word->column, "%s must be one of %s",
						   dmk_row_name(row), dmk_row_allowed(row)));
}

static int read_ratio(const struct dmk_row *row, const struct dmk_word *word, void *value,
		      struct dmk_error *err)
{
	const char *slash = memchr(word->text, '/', word->length);
	size_t used = slash ? (size_t)(slash - word->text) : 0;
	struct dmk_ratio ratio;

	if (!slash || dmk_parse_u64(word->text, used, UINT64_MAX, &ratio.used) < 0 ||
	    dmk_parse_u64(slash + 1, word->length - used - 1, UINT64_MAX, &ratio.total) < 0)
		return dmk_fail_word(err, -EINVAL, word->text, word->length, word->column,
				     "%s must be USED/TOTAL", dmk_row_name(row));
	memcpy(field_to_set(row, value), &ratio, sizeof(ratio));
	return 0;
}

/* An error may say what is wrong with a key, not what the key is. */
int dmk_row_without_key(const struct dmk_row *row, int result, struct dmk_error *err)
{
	if (result < 0 && err && (row->key_flags & DMK_KEY_SECRET)) {
		dmk_wipe(err->argument, sizeof(err->argument));
		dmk_copy_text(err->argument, sizeof(err->argument), dmk_row_name(row));
	}
	return result;
}

int dmk_row_read(const struct dmk_row *row, const struct dmk_word *word, void *value, void **owned,
		 struct dmk_error *err)
{
	const char *text;
	int r = 0;

	if (dmk_row_is_number(row))
		return read_number(row, word, value, owned, err);
	if (row->kind == DMK_KEY_CHOICE)
		return read_choice(row, word, value, err);
	if (row->kind == DMK_KEY_RATIO)
		return read_ratio(row, word, value, err);
	text = dmk_arena_word(owned, word);
	if (!text)
		return dmk_fail(err, -ENOMEM, "no memory");
	if (row->key_flags & DMK_KEY_SECRET)
		dmk_no_dump((char *)text, word->length);
	if (row->kind == DMK_KEY_HEX && !dmk_row_is_no_hex(row, text))
		r = dmk_row_without_key(row, dmk_check_hex(dmk_row_name(row), text, err), err);
	if (r < 0) {
		if (err)
			err->column = word->column;
		return r;
	}
	if (dmk_row_is_list(row))
		return dmk_row_append(row, value, owned, text) < 0
			       ? dmk_fail(err, -ENOMEM, "no memory")
			       : 0;
	dmk_row_set_text(row, value, text);
	return 0;
}

static void add_text(const struct dmk_row *row, const char *text, struct dmk_text *out)
{
	if (row->kind == DMK_KEY_DEVICE)
		dmk_text_add_path(out, text);
	else
		dmk_text_add_bytes(out, text, strlen(text));
}

void dmk_row_print(const struct dmk_row *row, const void *value, struct dmk_text *out)
{
	const char *text;

	for (uint32_t i = 0; i < row->n_parts; i++) {
		if (i)
			dmk_text_add(out, ":");
		dmk_row_print(&row->parts[i], value, out);
	}
	if (row->n_parts)
		return;
	if (row->kind == DMK_KEY_SIGNED) {
		dmk_text_add(out, "%" PRId64, (int64_t)dmk_row_number(row, value));
		return;
	}
	if (dmk_row_is_number(row)) {
		dmk_text_add(out, "%" PRIu64, dmk_row_number(row, value));
		return;
	}
	if (row->kind == DMK_KEY_RATIO) {
		dmk_text_add(out, "%" PRIu64 "/%" PRIu64, dmk_row_ratio(row, value)->used,
			     dmk_row_ratio(row, value)->total);
		return;
	}
	text = row->kind == DMK_KEY_CHOICE ? dmk_row_choice(row, value)->word
					   : dmk_row_text(row, value);
	if (!text)
		text = dmk_row_fallback(row); /* a salt that is NULL */
	add_text(row, text, out);
}

void dmk_row_print_at(const struct dmk_row *row, const void *value, uint32_t index,
		      struct dmk_text *out)
{
	if (dmk_row_is_number(row))
		dmk_text_add(out, "%" PRIu64, dmk_row_number_at(row, value, index));
	else
		add_text(row, dmk_row_list(row, value)[index], out);
}
