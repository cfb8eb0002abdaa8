/* SPDX-License-Identifier: MIT */
/* All rows of a form: positional arguments, then the optional ones behind their count. */
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

uint64_t *dmk_options_of(const struct dmk_form *form, void *value)
{
	if (!form->options_at)
		return NULL;
	return (uint64_t *)((unsigned char *)value + form->options_at - 1);
}

void **dmk_owned_of(const struct dmk_form *form, void *value)
{
	return (void **)((unsigned char *)value + form->value_size - DMK_TAIL_BYTES);
}

static uint64_t options_in(const struct dmk_form *form, const void *value)
{
	if (!form->options_at)
		return 0;
	return *(const uint64_t *)((const unsigned char *)value + form->options_at - 1);
}

bool dmk_row_present(const struct dmk_form *form, const struct dmk_row *row, const void *value)
{
	if (!row->word)
		return true;
	if (dmk_row_is_list(row))
		return dmk_row_count(row, value) != 0;
	if (options_in(form, value) & row->option)
		return true;
	if (row->n_parts)
		row = row->parts;
	if (row->kind == DMK_KEY_FLAG)
		return false;
	if (row->kind == DMK_KEY_CHOICE)
		return dmk_row_number(row, value) != 0;
	return dmk_row_is_number(row) ? dmk_row_number(row, value) != 0
				      : dmk_row_text(row, value) != NULL;
}

/* Another row that is there and does not go with this one. */
static const struct dmk_row *conflict_of(const struct dmk_form *form, const struct dmk_row *row,
					 const void *value)
{
	for (uint32_t i = 0; row->exclusive && i < form->n_rows; i++) {
		const struct dmk_row *other = &form->rows[i];

		if (other != row && other->exclusive == row->exclusive &&
		    dmk_row_present(form, other, value))
			return other;
	}
	return NULL;
}

static int check_options(const struct dmk_form *form, const void *value, struct dmk_error *err)
{
	uint64_t unknown = options_in(form, value);

	for (uint32_t i = 0; i < form->n_rows; i++)
		unknown &= ~(uint64_t)form->rows[i].option;
	if (unknown)
		return dmk_refuse(err, "options", "unknown bits 0x%" PRIx64, unknown);
	return 0;
}

/* What may follow row's value in the same word. */
static const struct dmk_row *tail_of(const struct dmk_form *form, const struct dmk_row *row)
{
	const struct dmk_row *next = row + 1;

	return next < form->rows + form->n_rows && (next->flags & DMK_ROW_TAIL) ? next : NULL;
}

/* A tail needs its head, and a head that held a ':' would be cut there. */
static int check_tail(const struct dmk_form *form, const struct dmk_row *row, const void *value,
		      struct dmk_error *err)
{
	const char *name = dmk_row_name(row);

	if ((row->flags & DMK_ROW_TAIL) && !dmk_row_present(form, row - 1, value))
		return dmk_refuse(err, name, "needs %s", dmk_row_name(row - 1));
	if (tail_of(form, row) && strchr(dmk_row_text(row, value), ':'))
		return dmk_refuse(err, name, "may not hold ':'; what would follow it is %s",
				  tail_of(form, row)->name);
	return 0;
}

int dmk_rows_check(const struct dmk_form *form, const void *value, bool sound_alone,
		   struct dmk_error *err)
{
	int r = sound_alone ? 0 : check_options(form, value, err);

	for (uint32_t i = 0; r == 0 && i < form->n_rows; i++) {
		const struct dmk_row *row = &form->rows[i];
		const struct dmk_row *other;

		if ((sound_alone && !row->word) || !dmk_row_present(form, row, value))
			continue;
		/* One that shares its bit with another may be missing beside it. */
		if (!sound_alone || dmk_row_is_zero(row, value))
			r = dmk_row_check(row, value, err);
		if (r == 0)
			r = check_tail(form, row, value, err);
		other = r < 0 ? NULL : conflict_of(form, row, value);
		if (other && other < row)
			r = dmk_refuse(err, row->word, "does not go together with %s", other->word);
	}
	return r;
}

int dmk_rows_read(const struct dmk_form *form, struct dmk_words *words, void *value)
{
	void **owned = dmk_owned_of(form, value);

	for (uint32_t i = 0; i < form->n_rows; i++) {
		const struct dmk_row *row = &form->rows[i];
		struct dmk_word word;
		int r;

		if (row->word)
			continue;
		r = dmk_words_need(words, dmk_row_name(row), &word);
		if (r == 0)
			r = dmk_row_read(row, &word, value, owned, words->error);
		if (r < 0)
			return r;
	}
	return 0;
}

void dmk_rows_print(const struct dmk_form *form, const void *value, struct dmk_text *out)
{
	for (uint32_t i = 0; i < form->n_rows; i++) {
		if (form->rows[i].word)
			continue;
		if (out->length)
			dmk_text_add(out, " ");
		dmk_row_print(&form->rows[i], value, out);
	}
}

int dmk_rows_read_some(const struct dmk_form *form, uint32_t first, uint32_t n,
		       struct dmk_words *words, void *value)
{
	int r = 0;

	for (uint32_t i = first; r == 0 && i < first + n; i++) {
		struct dmk_word word;

		r = dmk_words_need(words, dmk_row_name(&form->rows[i]), &word);
		if (r == 0)
			r = dmk_row_read(&form->rows[i], &word, value, dmk_owned_of(form, value),
					 words->error);
	}
	return r;
}

void dmk_rows_print_some(const struct dmk_form *form, uint32_t first, uint32_t n, const void *value,
			 struct dmk_text *out)
{
	for (uint32_t i = first; i < first + n; i++) {
		if (out->length)
			dmk_text_add(out, " ");
		dmk_row_print(&form->rows[i], value, out);
	}
}

/* "unknown; allowed: a b c", as many of them as there is room for. */
static int unknown_option(const struct dmk_form *form, const struct dmk_word *word,
			  struct dmk_error *err)
{
	char allowed[sizeof(err->detail)] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < form->n_rows; i++) {
		const char *name = form->rows[i].word;

		if (!name || (form->rows[i].flags & DMK_ROW_TAIL))
			continue;
		if (used + strlen(name) + sizeof("unknown; allowed: ...") >= sizeof(allowed)) {
			dmk_print_text(allowed + used, sizeof(allowed) - used, " ...");
			break;
		}
		dmk_print_text(allowed + used, sizeof(allowed) - used, "%s%s", used ? " " : "",
			       name);
		used += strlen(allowed + used);
	}
	return dmk_unknown_word(err, dmk_fail_word(err, -EINVAL, word->text, word->length,
						   word->column, "unknown; allowed: %s", allowed));
}

const struct dmk_row *dmk_row_of_word(const struct dmk_form *form, const struct dmk_word *word,
				      struct dmk_word *ret_rest)
{
	for (uint32_t i = 0; i < form->n_rows; i++) {
		const struct dmk_row *row = &form->rows[i];
		size_t length = row->word ? strlen(row->word) : 0;

		if (!row->word || (row->flags & DMK_ROW_TAIL))
			continue;
		if (!(row->flags & DMK_ROW_COLON)) {
			if (form->exact ? dmk_word_is_exactly(word, row->word)
					: dmk_word_is(word, row->word))
				return row;
		} else if (word->length > length && word->text[length] == ':') {
			struct dmk_word name = *word;

			name.length = length;
			*ret_rest = *word;
			ret_rest->text += length + 1;
			ret_rest->length -= length + 1;
			ret_rest->column += (uint32_t)length + 1;
			if (dmk_word_is_exactly(&name, row->word))
				return row;
		}
	}
	return NULL;
}

static int read_parts(const struct dmk_form *form, struct dmk_words *words,
		      const struct dmk_row *row, const struct dmk_word *name, void *value,
		      uint64_t *left)
{
	struct dmk_word word;
	int r = 0;

	if (*left < row->n_parts)
		return dmk_fail_word(words->error, -EINVAL, name->text, name->length, name->column,
				     "needs %u values, and the count ends before", row->n_parts);
	*left -= row->n_parts;
	for (uint32_t i = 0; r == 0 && i < row->n_parts; i++) {
		r = dmk_words_need(words, dmk_row_name(&row->parts[i]), &word);
		if (r == 0)
			r = dmk_row_read(&row->parts[i], &word, value, dmk_owned_of(form, value),
					 words->error);
	}
	return r;
}

/* What stands behind "word:" : value[:tail], or part:part, where the last one may hold a ':'. */
static int read_colon(const struct dmk_form *form, const struct dmk_row *row, struct dmk_word rest,
		      void *value, struct dmk_error *err)
{
	const struct dmk_row *tail = tail_of(form, row);
	uint32_t n = row->n_parts ? row->n_parts : 1 + (tail != NULL);
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < n; i++) {
		const struct dmk_row *part = row->n_parts ? &row->parts[i] : i ? tail : row;
		const char *colon = i + 1 < n ? memchr(rest.text, ':', rest.length) : NULL;
		struct dmk_word word = rest;

		if (colon)
			word.length = (size_t)(colon - rest.text);
		if (word.length == 0 || (i + 1 < row->n_parts && !colon))
			return dmk_fail_word(err, -EINVAL, row->word, strlen(row->word),
					     rest.column, "needs %s behind ':'",
					     word.length ? "another value" : "a value");
		r = dmk_row_read(part, &word, value, dmk_owned_of(form, value), err);
		if (!colon)
			break;
		rest.text += word.length + 1;
		rest.length -= word.length + 1;
		rest.column += (uint32_t)word.length + 1;
	}
	return r;
}

/* One of `left` words that the count still announces, and its value. */
static int read_option(const struct dmk_form *form, struct dmk_words *words, void *value,
		       uint64_t *left)
{
	uint64_t *options = dmk_options_of(form, value);
	const struct dmk_row *row, *other;
	struct dmk_word word, rest;
	int r = 0;

	if (!dmk_words_next(words, &word))
		return dmk_fail_word(
			words->error, -EINVAL, "", 0, (uint32_t)words->previous_end + 1,
			"words are missing: the count announces %" PRIu64 " more", *left);
	row = dmk_row_of_word(form, &word, &rest);
	if (!row)
		return unknown_option(form, &word, words->error);
	if ((*options & row->option) && !dmk_row_is_list(row))
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "given twice");
	other = conflict_of(form, row, value);
	if (other)
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "does not go together with %s", other->word);
	*left -= 1;
	*options |= row->option;
	if (row->kind == DMK_KEY_FLAG)
		return 0;
	if (row->flags & DMK_ROW_COLON)
		return read_colon(form, row, rest, value, words->error);
	if (row->n_parts)
		return read_parts(form, words, row, &word, value, left);
	if (*left == 0)
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "needs a value, and the count ends here");
	*left -= 1;
	r = dmk_words_need(words, row->word, &rest);
	return r < 0 ? r : dmk_row_read(row, &rest, value, dmk_owned_of(form, value), words->error);
}

int dmk_rows_read_words(const struct dmk_form *form, struct dmk_words *words, void *value,
			uint64_t n)
{
	int r = 0;

	while (r == 0 && n)
		r = read_option(form, words, value, &n);
	return r;
}

int dmk_rows_read_options(const struct dmk_form *form, struct dmk_words *words, void *value)
{
	struct dmk_word word;
	uint64_t count;
	int r;

	if (dmk_words_left(words) == 0)
		return 0;
	r = dmk_words_number(words, "the count of optional words", 0, UINT32_MAX, &count);
	if (r == 0)
		r = dmk_rows_read_words(form, words, value, count);
	if (r == 0 && dmk_words_next(words, &word))
		r = dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				  "comes after the last of the words that the count (%" PRIu64
				  ") announces",
				  count);
	return r;
}

/* How many words a row that is there makes. */
static uint32_t words_of_row(const struct dmk_row *row, const void *value)
{
	uint32_t n = dmk_row_is_list(row) ? dmk_row_count(row, value) : 1;

	if (row->flags & DMK_ROW_TAIL)
		return 0;
	if (row->n_parts && !(row->flags & DMK_ROW_COLON))
		return 1 + row->n_parts;
	return row->kind == DMK_KEY_FLAG || (row->flags & DMK_ROW_COLON) ? n : 2 * n;
}

static void print_option(const struct dmk_row *row, const void *value, struct dmk_text *out)
{
	const char *separator = row->flags & DMK_ROW_COLON ? ":" : " ";

	if (dmk_row_is_list(row)) {
		for (uint32_t i = 0; i < dmk_row_count(row, value); i++) {
			dmk_text_add(out, " %s%s", row->word, separator);
			dmk_row_print_at(row, value, i, out);
		}
		return;
	}
	if (row->flags & DMK_ROW_TAIL) {
		dmk_text_add(out, ":");
		dmk_row_print(row, value, out);
		return;
	}
	dmk_text_add(out, " %s", row->word);
	for (uint32_t i = 0; i < row->n_parts; i++) {
		dmk_text_add(out, "%s", separator);
		dmk_row_print(&row->parts[i], value, out);
	}
	if (row->n_parts || row->kind == DMK_KEY_FLAG)
		return;
	dmk_text_add(out, "%s", separator);
	dmk_row_print(row, value, out);
}

uint32_t dmk_rows_count_words(const struct dmk_form *form, const void *value)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < form->n_rows; i++)
		if (form->rows[i].word && dmk_row_present(form, &form->rows[i], value))
			count += words_of_row(&form->rows[i], value);
	return count;
}

void dmk_rows_print_words(const struct dmk_form *form, const void *value, struct dmk_text *out)
{
	for (uint32_t i = 0; i < form->n_rows; i++) {
		const struct dmk_row *row = &form->rows[i];

		if (row->word && dmk_row_present(form, row, value))
			print_option(row, value, out);
	}
}

void dmk_rows_print_options(const struct dmk_form *form, const void *value, struct dmk_text *out)
{
	uint32_t count = dmk_rows_count_words(form, value);

	if (count == 0)
		return;
	dmk_text_add(out, " %" PRIu32, count);
	dmk_rows_print_words(form, value, out);
}
