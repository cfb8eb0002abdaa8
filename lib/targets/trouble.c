/* SPDX-License-Identifier: MIT */
/* What the rows of a status say that means trouble. */
#include "rows/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The product is made in two, so that it does not overflow. */
static bool is_full(uint64_t used, uint64_t total, uint32_t percent)
{
	uint32_t rest = 100 - percent;

	return total > 0 &&
	       (used >= total || total - used <= total / 100 * rest + total % 100 * rest / 100);
}

static bool is_used_up(const struct dmk_form *form, const struct dmk_row *row,
		       const struct dmk_trouble *trouble, const void *value)
{
	const struct dmk_row *other = trouble->other ? &form->rows[trouble->other] : NULL;
	const struct dmk_ratio *ratio;

	if (row->kind != DMK_KEY_RATIO)
		return is_full(dmk_row_number(row, value), dmk_row_number(other, value),
			       trouble->value);
	ratio = dmk_row_ratio(row, value);
	if (!other || !dmk_row_present(form, other, value))
		return is_full(ratio->used, ratio->total, trouble->value);
	return ratio->total > 0 && (ratio->used >= ratio->total ||
				    ratio->total - ratio->used <= dmk_row_number(other, value));
}

static bool is_in(const struct dmk_form *form, const struct dmk_row *row,
		  const struct dmk_trouble *trouble, const void *value)
{
	switch (trouble->when) {
	case DMK_TROUBLE_IS:
		return row->kind == DMK_KEY_FLAG || dmk_row_number(row, value) == trouble->value;
	case DMK_TROUBLE_ABOVE:
		return dmk_row_number(row, value) > trouble->value;
	case DMK_TROUBLE_FULL:
		return is_used_up(form, row, trouble, value);
	default:
		return strpbrk(dmk_row_text(row, value), trouble->letters) != NULL;
	}
}

static int tell_row(const struct dmk_form *form, const struct dmk_row *row, const void *value,
		    dmk_trouble_fn fn, void *userdata)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	const struct dmk_trouble *trouble = row->trouble;

	if (!dmk_row_present(form, row, value))
		return 0;
	while (trouble->when && !is_in(form, row, trouble, value))
		trouble++;
	if (!trouble->when)
		return 0;
	dmk_row_print_value(row, value, 0, &text);
	if (dmk_text_error(&text) < 0)
		return -ENOMEM;
	return fn(userdata, row, trouble, text.data ? text.data : "");
}

int dmk_target_troubles(const char *type, const char *status, dmk_trouble_fn fn, void *userdata)
{
	const struct dmk_target *target = dmk_target_find(type);
	const struct dmk_form *form = target ? target->status : NULL;
	DMK_CLEANUP(dmk_free_ptr) void *value = form ? malloc(form->value_size) : NULL;
	int r = 0;

	if (!form)
		return 0;
	if (!value)
		return -ENOMEM;
	if (dmk_form_parse(form, status, value, NULL) < 0)
		return 0;
	for (uint32_t i = 0; r == 0 && i < form->n_rows; i++) {
		if (form->rows[i].trouble)
			r = tell_row(form, &form->rows[i], value, fn, userdata);
	}
	dmk_form_clear(form, value);
	return r;
}
