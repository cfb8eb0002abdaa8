/* SPDX-License-Identifier: MIT */
/* A value as key=value pairs, as from-keys.c takes them back. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct dmk_leg *legs_of(const struct dmk_row *row, const void *value, uint32_t *ret_n)
{
	*ret_n = *(const uint32_t *)((const unsigned char *)value + row->count_offset);
	return *(const struct dmk_leg *const *)((const unsigned char *)value + row->offset);
}

/* How many pairs a row makes. */
static uint32_t pairs_of(const struct dmk_form *form, const struct dmk_row *row, const void *value)
{
	uint32_t n = 1;

	if (row->is_custom)
		n = row->custom->count(value);
	else if (row->kind == DMK_KEY_DEVICE_OFFSET)
		legs_of(row, value, &n);
	else if (dmk_row_is_list(row))
		n = dmk_row_count(row, value);
	else if (!dmk_row_present(form, row, value) || dmk_row_is_fallback(row, value))
		n = 0;
	return n;
}

void dmk_row_print_value(const struct dmk_row *row, const void *value, uint32_t index,
			 struct dmk_text *out)
{
	const struct dmk_leg *legs;
	uint32_t n;

	if (row->is_custom) {
		row->custom->print(value, index, out);
		return;
	}
	if (row->kind == DMK_KEY_DEVICE) {
		/* The path itself: the quotes are the kernel's text's. */
		dmk_text_add(out, "%s",
			     dmk_row_is_list(row) ? dmk_row_list(row, value)[index]
						  : dmk_row_text(row, value));
		return;
	}
	if (dmk_row_is_list(row)) {
		dmk_row_print_at(row, value, index, out);
		return;
	}
	switch (row->kind) {
	case DMK_KEY_CHOICE:
		dmk_text_add(out, "%s", dmk_row_choice(row, value)->name);
		break;
	case DMK_KEY_FLAG:
		dmk_text_add(out, "yes");
		break;
	case DMK_KEY_DEVICE_OFFSET:
		legs = legs_of(row, value, &n);
		dmk_text_add(out, "%s:%" PRIu64 "s", legs[index].device,
			     legs[index].offset_sectors);
		break;
	case DMK_KEY_SECTORS:
		dmk_row_print(row, value, out);
		dmk_text_add(out, "s");
		break;
	default:
		dmk_row_print(row, value, out);
	}
}

static int make_pair(const struct dmk_row *row, const void *value, uint32_t index,
		     const struct dmk_key *info, void **owned, struct dmk_key_value *ret_pair)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	const struct dmk_leg *legs;
	uint32_t n;

	dmk_row_print_value(row, value, index, &text);
	if (dmk_text_error(&text) < 0)
		return -ENOMEM;
	*ret_pair = (struct dmk_key_value){ .key = row->name, .info = info };
	ret_pair->value = dmk_arena_text(owned, text.data, text.length);
	if (!ret_pair->value)
		return -ENOMEM;
	if (row->key_flags & DMK_KEY_SECRET)
		dmk_no_dump((char *)ret_pair->value, text.length);
	if (row->kind == DMK_KEY_DEVICE_OFFSET) {
		legs = legs_of(row, value, &n);
		ret_pair->number = legs[index].offset_sectors;
	} else if (row->kind == DMK_KEY_RATIO) {
		ret_pair->number = dmk_row_ratio(row, value)->used;
		ret_pair->total = dmk_row_ratio(row, value)->total;
	} else if (dmk_row_is_number_list(row)) {
		ret_pair->number = dmk_row_number_at(row, value, index);
	} else if (dmk_row_is_number(row)) {
		ret_pair->number = dmk_row_number(row, value);
	}
	return 0;
}

/* All pairs of one row. */
static int add_row(const struct dmk_form *form, const struct dmk_row *row, const void *value,
		   struct dmk_key_values *values)
{
	uint32_t n = pairs_of(form, row, value);
	struct dmk_key *info;

	if (n == 0)
		return 0;
	info = dmk_arena_array(&values->owned, 1, sizeof(*info));
	if (!info)
		return -ENOMEM;
	*info = dmk_row_key(row);
	for (uint32_t i = 0; i < n; i++) {
		int r = make_pair(row, value, i, info, &values->owned,
				  &values->items[values->count]);

		if (r < 0)
			return r;
		values->count++;
	}
	return 0;
}

static int fill(const struct dmk_form *form, const void *value, struct dmk_key_values *values)
{
	size_t all = 0;
	int r = 0;

	for (uint32_t i = 0; i < form->n_rows; i++)
		all += pairs_of(form, &form->rows[i], value);
	values->items = dmk_arena_array(&values->owned, all, sizeof(*values->items));
	if (!values->items)
		return -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < form->n_rows; i++)
		r = add_row(form, &form->rows[i], value, values);
	return r;
}

static int form_to_keys(const struct dmk_form *form, const void *value,
			struct dmk_key_values *ret_values)
{
	struct dmk_key_values values = { 0 };
	int r = fill(form, value, &values);

	if (r < 0)
		dmk_key_values_clear(&values);
	else
		*ret_values = values;
	return r;
}

static int text_to_keys(const struct dmk_form *form, const char *text,
			struct dmk_key_values *ret_values, struct dmk_error *err)
{
	DMK_CLEANUP(dmk_free_ptr) void *value = malloc(form->value_size);
	int r;

	if (!value)
		return dmk_fail(err, -ENOMEM, "no memory");
	r = dmk_form_parse(form, text, value, err);
	if (r < 0)
		return r;
	r = form_to_keys(form, value, ret_values);
	dmk_form_clear(form, value);
	return r < 0 ? dmk_fail(err, r, "no memory") : 0;
}

static int unknown_target(const char *type, struct dmk_error *err)
{
	return dmk_fail_word(err, -ENOENT, type ? type : "", type ? strlen(type) : 0, 0,
			     "dmkit does not know this target");
}

int dmk_params_to_keys(const char *type, const char *params, struct dmk_key_values *ret_values,
		       struct dmk_error *ret_error)
{
	const struct dmk_target *target = dmk_target_find(type);
	bool secret = target && (target->flags & DMK_TARGET_SECRET);

	dmk_begin_parse(ret_error, DMK_VERB_PARSE, type ? type : "", secret ? "(hidden)" : params);
	if (!target)
		return unknown_target(type, ret_error);
	return text_to_keys(&target->table, params, ret_values, ret_error);
}

/* The status of a target that has none. */
static const struct dmk_form no_status = {
	.syntax = "",
	.value_size = sizeof(struct dmk_no_value),
};

int dmk_status_to_keys(const char *type, const char *params, struct dmk_key_values *ret_values,
		       struct dmk_error *ret_error)
{
	const struct dmk_target *target = dmk_target_find(type);

	dmk_begin_parse(ret_error, DMK_VERB_PARSE_STATUS, type ? type : "", params);
	if (!target)
		return unknown_target(type, ret_error);
	return text_to_keys(target->status ? target->status : &no_status, params, ret_values,
			    ret_error);
}
