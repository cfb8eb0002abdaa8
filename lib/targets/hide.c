/* SPDX-License-Identifier: MIT */
/* Parameters for the eye: key material as zeros, digit for digit, as dmsetup shows it. */
#include "rows/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ":32:logon:name" only names a key, "-" is none. */
static bool is_key(const char *text, size_t length)
{
	return length > 0 && text[0] != ':' && !(length == 1 && text[0] == '-');
}

/* What stands in the word behind "NAME:"; NULL: another word. A quoted name was none to the parser.
 */
static const char *behind_name(const struct dmk_word *word, const char *name)
{
	size_t length = strlen(name);

	if (word->length <= length || strncasecmp(word->text, name, length) != 0 ||
	    word->text[length] != ':')
		return NULL;
	return word->text + length + 1;
}

/* The key of a row in the number-th word; NULL: it is not there. */
static const char *key_in(const struct dmk_form *form, uint32_t row, const struct dmk_word *word,
			  uint32_t number)
{
	const char *key;

	if (!form->rows[row].word)
		return number == row ? word->text : NULL;
	/* "word:value:key", where the row before has the word. */
	key = behind_name(word, form->rows[row - 1].word);
	key = key ? memchr(key, ':', word->length - (size_t)(key - word->text)) : NULL;
	return key ? key + 1 : NULL;
}

/* The word's key as zeros in the copy, if it is one of the form's. */
static bool hide_word(const struct dmk_form *form, const char *params, const struct dmk_word *word,
		      uint32_t number, char *copy)
{
	bool hidden = false;

	for (uint32_t i = 0; i < form->n_rows; i++) {
		const char *key = form->rows[i].key_flags & DMK_KEY_SECRET
					  ? key_in(form, i, word, number)
					  : NULL;
		size_t length = key ? word->length - (size_t)(key - word->text) : 0;

		if (!key || !is_key(key, length))
			continue;
		memset(copy + (key - params), '0', length);
		hidden = true;
	}
	return hidden;
}

/* Where they stand: the kernel's own words, in the order that this kernel gives them. */
static int hide(const struct dmk_form *form, const char *params, char **ret_text)
{
	struct dmk_words words = dmk_words_of(params, "", NULL);
	char *copy = dmk_copy_bytes(params, strlen(params) + 1);
	struct dmk_word word;
	bool hidden = false;

	if (!copy)
		return -ENOMEM;
	for (uint32_t number = 0; dmk_words_next(&words, &word); number++)
		hidden |= hide_word(form, params, &word, number, copy);
	if (!hidden) {
		dmk_wipe(copy, strlen(copy));
		free(copy);
		return 0;
	}
	*ret_text = copy;
	return 1;
}

/* What cannot be read may have its key anywhere. */
static int hide_all(char **ret_text)
{
	*ret_text = dmk_copy_bytes(DMK_HIDDEN, sizeof(DMK_HIDDEN));
	return *ret_text ? 1 : -ENOMEM;
}

static int hide_params(const struct dmk_target *target, const char *params, char **ret_text)
{
	void *value = malloc(target->table.value_size);
	int r;

	if (!value)
		return -ENOMEM;
	r = dmk_form_parse(&target->table, params, value, NULL);
	if (r == 0) {
		dmk_form_clear(&target->table, value);
		free(value);
		return hide(&target->table, params, ret_text);
	}
	free(value);
	return hide_all(ret_text);
}

int dmk_params_hide_keys(const char *type, const char *params, char **ret_text)
{
	const struct dmk_target *target = dmk_target_find(type);

	if (target)
		return target->flags & DMK_TARGET_SECRET ? hide_params(target, params, ret_text)
							 : 0;
	return dmk_type_is_secret(type) ? hide_all(ret_text) : 0;
}
