/* SPDX-License-Identifier: MIT */
/* Parameters for the eye: key material as zeros, digit for digit, as dmsetup shows it. */
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ":32:logon:name" only names a key, "-" is none. */
static bool is_key(const char *text)
{
	return text && text[0] && text[0] != ':' && strcmp(text, "-") != 0;
}

static int hide_row(const struct dmk_row *row, void *value, void **owned)
{
	const char *text = dmk_row_text(row, value);
	char *zeros;

	if (!is_key(text))
		return 0;
	zeros = dmk_arena_text(owned, text, strlen(text));
	if (!zeros)
		return -ENOMEM;
	memset(zeros, '0', strlen(zeros));
	dmk_row_set_text(row, value, zeros);
	return 1;
}

static int hide(const struct dmk_form *form, void *value, struct dmk_text *out)
{
	int hidden = 0;

	for (uint32_t i = 0; i < form->n_rows; i++) {
		int r;

		if (!(form->rows[i].key.flags & DMK_KEY_SECRET))
			continue;
		r = hide_row(&form->rows[i], value, dmk_owned_of(form, value));
		if (r < 0)
			return r;
		hidden += r;
	}
	if (hidden == 0)
		return 0;
	return dmk_form_format(form, value, out, NULL) < 0 ? -EINVAL : 1;
}

static int hide_params(const struct dmk_target *target, const char *params, char **ret_text)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	void *value;
	char *copy;
	int r;

	value = malloc(target->table.value_size);
	if (!value)
		return -ENOMEM;
	r = dmk_form_parse(&target->table, params, value, NULL);
	if (r == 0) {
		r = hide(&target->table, value, &text);
		dmk_form_clear(&target->table, value);
	}
	free(value);
	if (r == 0)
		return 0;
	/* What cannot be read may have its key anywhere. */
	if (r < 0) {
		dmk_text_free(&text);
		dmk_text_add(&text, "(hidden)");
	}
	copy = dmk_text_error(&text) < 0 ? NULL : dmk_copy_bytes(text.data, text.length + 1);
	if (!copy)
		return -ENOMEM;
	*ret_text = copy;
	return 1;
}

int dmk_params_hide_keys(const char *type, const char *params, char **ret_text)
{
	const struct dmk_target *target = dmk_target_find(type);

	if (!target || !(target->flags & DMK_TARGET_SECRET))
		return 0;
	return hide_params(target, params, ret_text);
}
