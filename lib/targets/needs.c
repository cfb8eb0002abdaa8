/* SPDX-License-Identifier: MIT */
/* What a segment's parameters need of the kernel: the versions and releases that brought it. */
#include "needs.h"

#include <errno.h>
#include <inttypes.h>

static int give_choice(const struct dmk_row *row, const void *value, dmk_need_fn fn, void *userdata)
{
	const struct dmk_choice *choice =
		row->kind == DMK_KEY_CHOICE && !row->is_custom ? dmk_row_choice(row, value) : NULL;
	struct dmk_need need;

	if (!choice || (!choice->since && !choice->release))
		return 0;
	need = (struct dmk_need){ .word = choice->word,
				  .since = choice->since,
				  .release = choice->release };
	return fn(userdata, &need);
}

static int give_row(const struct dmk_form *form, const struct dmk_row *row, const void *value,
		    dmk_need_fn fn, void *userdata)
{
	struct dmk_need need = { .word = dmk_row_name(row),
				 .since = row->since,
				 .release = row->release,
				 .maybe_before = row->flags & DMK_ROW_FIXES };
	int r = 0;

	if (row->is_custom || !dmk_row_present(form, row, value))
		return 0;
	if (need.since || need.release)
		r = fn(userdata, &need);
	for (uint32_t i = 0; r == 0 && i < row->n_parts; i++)
		r = give_choice(&row->parts[i], value, fn, userdata);
	return r ? r : row->n_parts ? 0 : give_choice(row, value, fn, userdata);
}

int dmk_target_check_page(const char *type, const char *params, uint64_t page_bytes,
			  struct dmk_error *err)
{
	const struct dmk_target *target = dmk_target_find(type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	int r = 0;

	if (!target)
		return 0;
	value = dmk_form_read(&target->table, params);
	if (!value)
		return 0;
	for (uint32_t i = 0; r == 0 && i < target->table.n_rows; i++) {
		const struct dmk_row *row = &target->table.rows[i];

		if ((row->flags & DMK_ROW_PAGE) && dmk_row_number(row, value) > page_bytes)
			r = dmk_refuse(err, dmk_row_name(row),
				       "%" PRIu64 " bytes are more than this machine's page, "
				       "%" PRIu64,
				       dmk_row_number(row, value), page_bytes);
	}
	dmk_form_clear(&target->table, value);
	return r;
}

int dmk_target_needs(const char *type, const char *params, dmk_need_fn fn, void *userdata)
{
	const struct dmk_target *target = dmk_target_find(type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	struct dmk_need need = { 0 };
	int r = 0;

	if (!target)
		return 0;
	value = dmk_form_read(&target->table, params);
	if (!value)
		return -EINVAL;
	for (uint32_t i = 0; r == 0 && i < target->table.n_rows; i++)
		r = give_row(&target->table, &target->table.rows[i], value, fn, userdata);
	for (uint32_t i = 0; r == 0 && target->needs && target->needs(value, i, &need); i++)
		if (need.word)
			r = fn(userdata, &need);
	dmk_form_clear(&target->table, value);
	return r;
}
