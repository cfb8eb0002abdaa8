/* SPDX-License-Identifier: MIT */
/* One value as a whole: from text, to text, away. */
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

static bool has_options(const struct dmk_form *form)
{
	for (uint32_t i = 0; i < form->n_rows; i++)
		if (form->rows[i].word)
			return true;
	return false;
}

static int parse_rows(const struct dmk_form *form, struct dmk_words *words, void *value)
{
	int r = dmk_rows_read(form, words, value);

	if (r == 0 && has_options(form))
		r = dmk_rows_read_options(form, words, value);
	return r;
}

static bool is_secret(const struct dmk_form *form)
{
	for (uint32_t i = 0; i < form->n_rows; i++)
		if (form->rows[i].key_flags & DMK_KEY_SECRET)
			return true;
	return false;
}

/*
 * Where the words are wrong, any of them may be the key: the error does not repeat one that holds
 * the digits of 8 bytes. A path is none.
 */
static void hide_key(const struct dmk_form *form, struct dmk_error *err)
{
	if (!err || err->argument[0] == '/' || !is_secret(form) ||
	    !dmk_digits_run(err->argument, strlen(err->argument), 16))
		return;
	dmk_wipe(err->argument, sizeof(err->argument));
	dmk_copy_text(err->argument, sizeof(err->argument), "(hidden)");
}

int dmk_form_parse(const struct dmk_form *form, const char *text, void *ret_value,
		   struct dmk_error *err)
{
	struct dmk_words words = dmk_words_of(text, form->syntax, err);
	int r;

	memset(ret_value, 0, form->value_size);
	r = form->parse ? form->parse(&words, ret_value) : parse_rows(form, &words, ret_value);
	if (r == 0)
		r = dmk_words_end(&words);
	if (r == 0 && form->validate)
		r = form->validate(ret_value, err);
	if (r < 0) {
		dmk_form_clear(form, ret_value);
		hide_key(form, err);
	}
	return r;
}

void *dmk_form_read(const struct dmk_form *form, const char *text)
{
	void *value = malloc(form->value_size);

	if (value && dmk_form_parse(form, text, value, NULL) == 0)
		return value;
	free(value);
	return NULL;
}

int dmk_form_validate(const struct dmk_form *form, const void *value, bool sound_alone,
		      struct dmk_error *err)
{
	const unsigned char *end = (const unsigned char *)value + form->value_size;
	int r;

	if (!dmk_all_zero(end - DMK_RESERVED_BYTES, DMK_RESERVED_BYTES))
		return dmk_refuse(err, "reserved", "must be zero");
	r = dmk_rows_check(form, value, sound_alone, err);
	if (r == 0 && form->validate)
		r = form->validate(value, err);
	if (r < 0)
		hide_key(form, err);
	return r;
}

int dmk_form_format(const struct dmk_form *form, const void *value, struct dmk_text *out,
		    struct dmk_error *err)
{
	if (form->format) {
		form->format(value, out);
	} else {
		dmk_rows_print(form, value, out);
		dmk_rows_print_options(form, value, out);
	}
	if (is_secret(form))
		dmk_no_dump(out->data, out->capacity);
	return dmk_text_error(out) < 0 ? dmk_fail(err, -ENOMEM, "no memory") : 0;
}

void dmk_form_clear(const struct dmk_form *form, void *value)
{
	if (!value)
		return;
	dmk_arena_free(dmk_owned_of(form, value));
	dmk_wipe(value, form->value_size);
}

void dmk_key_values_clear(struct dmk_key_values *values)
{
	if (!values)
		return;
	dmk_arena_free(&values->owned);
	*values = (struct dmk_key_values){ 0 };
}
