/* SPDX-License-Identifier: MIT */
/* What the public parsers and builders of all targets have in common. */
#include "../table.h"
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void dmk_begin_parse(struct dmk_error *err, uint32_t verb, const char *type, const char *params)
{
	if (!err)
		return;
	*err = (struct dmk_error){ .verb = verb, .step = DMK_STEP_ARGUMENTS };
	dmk_copy_text(err->target, sizeof(err->target), type);
	dmk_copy_text(err->params, sizeof(err->params), params ? params : "");
}

static int parse_form(const struct dmk_form *form, const char *text, void *ret_value,
		      struct dmk_error *err)
{
	void *value = malloc(form->value_size);
	int r;

	if (!value)
		return dmk_fail(err, -ENOMEM, "no memory");
	r = dmk_form_parse(form, text, value, err);
	if (r == 0)
		memcpy(ret_value, value, form->value_size);
	dmk_wipe(value, form->value_size);
	free(value);
	return r;
}

int dmk_public_parse(const struct dmk_target *target, const char *params, void *ret_value,
		     struct dmk_error *ret_error)
{
	bool secret = target->flags & DMK_TARGET_SECRET;

	dmk_begin_parse(ret_error, DMK_VERB_PARSE, target->info.type, secret ? "(hidden)" : params);
	return parse_form(&target->table, params, ret_value, ret_error);
}

int dmk_public_parse_status(const struct dmk_target *target, const char *params, void *ret_status,
			    struct dmk_error *ret_error)
{
	dmk_begin_parse(ret_error, DMK_VERB_PARSE_STATUS, target->info.type, params);
	return parse_form(target->status, params, ret_status, ret_error);
}

int dmk_table_add_value(struct dmk_table *table, const struct dmk_target *target,
			uint64_t start_sectors, uint64_t length_sectors, const void *value)
{
	struct dmk_error *err = dmk_table_begin(table);
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	DMK_CLEANUP(dmk_free_ptr) void *filled = NULL;
	int r;

	dmk_copy_text(err->target, sizeof(err->target), target->info.type);
	if (!value)
		return dmk_fail(err, -EINVAL, "no values are given");
	filled = dmk_copy_bytes(value, target->table.value_size);
	if (!filled)
		return dmk_fail(err, -ENOMEM, "no memory");
	r = dmk_form_fill(&target->table, filled, err);
	if (r == 0)
		r = dmk_form_format(&target->table, filled, &text, err);
	if (r < 0)
		return r;
	if (length_sectors == 0 && target->length_sectors)
		length_sectors = target->length_sectors(filled);
	return dmk_table_add(table, start_sectors, length_sectors, target->info.type, text.data);
}
