/* SPDX-License-Identifier: MIT */
/* Parameters as words, and the memory that a parsed value's words live in. */
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The kernel's isspace() (lib/ctype.c) is that of Latin-1: a no-break space ends a word there, even
 * where it is the second byte of a UTF-8 letter such as U+00E0. */
static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c == 0xa0;
}

struct dmk_words dmk_words_of(const char *params, const char *syntax, struct dmk_error *err)
{
	return (struct dmk_words){ .text = params ? params : "", .syntax = syntax, .error = err };
}

/* Everything but the end may be quoted by a backslash (dm_split_args() of dm-table.c). */
bool dmk_words_next(struct dmk_words *words, struct dmk_word *ret_word)
{
	const char *text = words->text;
	size_t start = words->position;
	bool escaped = false;
	size_t end;

	while (is_blank(text[start]))
		start++;
	words->position = start;
	if (!text[start])
		return false;
	for (end = start; text[end] && !is_blank(text[end]); end++) {
		if (text[end] == '\\' && text[end + 1]) {
			escaped = true;
			end++;
		}
	}
	words->position = end;
	words->previous_end = end;
	*ret_word = (struct dmk_word){ .text = text + start,
				       .length = end - start,
				       .column = (uint32_t)start + 1,
				       .escaped = escaped };
	return true;
}

int dmk_words_need(struct dmk_words *words, const char *what, struct dmk_word *ret_word)
{
	if (dmk_words_next(words, ret_word))
		return 0;
	return dmk_fail_word(words->error, -EINVAL, what, strlen(what),
			     (uint32_t)words->previous_end + 1, "missing; the parameters are %s",
			     words->syntax);
}

int dmk_words_number(struct dmk_words *words, const char *what, uint64_t min, uint64_t max,
		     uint64_t *ret_value)
{
	struct dmk_word word;
	uint64_t value = 0;
	int r = dmk_words_need(words, what, &word);

	if (r < 0)
		return r;
	if (dmk_parse_u64(word.text, word.length, max, &value) < 0 || value < min)
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "%s must be a number from %" PRIu64 " to %" PRIu64, what, min,
				     max);
	*ret_value = value;
	return 0;
}

int dmk_words_end(struct dmk_words *words)
{
	struct dmk_word word;

	if (!dmk_words_next(words, &word))
		return 0;
	if (!*words->syntax)
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "one word too many; there are no parameters");
	return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
			     "one word too many; the parameters are %s", words->syntax);
}

uint64_t dmk_words_left(const struct dmk_words *words)
{
	struct dmk_words rest = *words;
	struct dmk_word word;
	uint64_t n = 0;

	while (dmk_words_next(&rest, &word))
		n++;
	return n;
}

bool dmk_word_is(const struct dmk_word *word, const char *s)
{
	return strlen(s) == word->length && strncasecmp(word->text, s, word->length) == 0;
}

void dmk_word_text(const struct dmk_word *word, char *buf)
{
	for (size_t i = 0; i < word->length; i++) {
		if (word->escaped && word->text[i] == '\\' && i + 1 < word->length)
			i++;
		*buf++ = word->text[i];
	}
	*buf = '\0';
}

bool dmk_word_quotes_much(const struct dmk_word *word)
{
	for (size_t i = 0; word->escaped && i + 1 < word->length; i++) {
		if (word->text[i] != '\\')
			continue;
		i++;
		if (word->text[i] != '\\' && !is_blank(word->text[i]))
			return true;
	}
	return false;
}

bool dmk_params_quote_much(const char *params, const char *path)
{
	struct dmk_words words = dmk_words_of(params, NULL, NULL);
	struct dmk_word word;
	char device[512];
	bool found = false;

	while (!found && dmk_words_next(&words, &word)) {
		if (!dmk_word_quotes_much(&word) || word.length >= sizeof(device))
			continue;
		dmk_word_text(&word, device);
		found = strcmp(device, path) == 0;
		dmk_wipe(device, word.length); /* it may have been a key */
	}
	return found;
}

bool dmk_words_skip(struct dmk_words *words, const char *s)
{
	struct dmk_words rest = *words;
	struct dmk_word word;

	if (!dmk_words_next(&rest, &word) || !dmk_word_is(&word, s))
		return false;
	*words = rest;
	return true;
}

bool dmk_words_next_is(const struct dmk_words *words, const char *s)
{
	struct dmk_words rest = *words;

	return dmk_words_skip(&rest, s);
}

bool dmk_word_is_exactly(const struct dmk_word *word, const char *s)
{
	return strlen(s) == word->length && memcmp(word->text, s, word->length) == 0;
}

struct chunk {
	struct chunk *next;
	size_t size;
	_Alignas(max_align_t) unsigned char bytes[];
};

static void *arena_bytes(void **owned, size_t size)
{
	struct chunk *chunk;
	size_t all;

	if (__builtin_add_overflow(sizeof(*chunk), size, &all))
		return NULL;
	chunk = calloc(1, all);
	if (!chunk)
		return NULL;
	chunk->next = *owned;
	chunk->size = size;
	*owned = chunk;
	return chunk->bytes;
}

void *dmk_arena_array(void **owned, size_t n, size_t size)
{
	size_t all;

	return __builtin_mul_overflow(n, size, &all) ? NULL : arena_bytes(owned, all);
}

char *dmk_arena_text(void **owned, const char *s, size_t length)
{
	char *copy = arena_bytes(owned, length + 1);

	if (copy)
		memcpy(copy, s, length);
	return copy;
}

char *dmk_arena_word(void **owned, const struct dmk_word *word)
{
	char *copy = dmk_arena_text(owned, word->text, word->length);

	if (copy)
		dmk_word_text(word, copy);
	return copy;
}

void dmk_arena_free(void **owned)
{
	struct chunk *chunk = *owned;

	while (chunk) {
		struct chunk *next = chunk->next;

		dmk_wipe(chunk->bytes, chunk->size);
		free(chunk);
		chunk = next;
	}
	*owned = NULL;
}

/* What a path holds that the kernel would cut it at or take away is quoted: dm_split_args(). */
void dmk_text_add_path(struct dmk_text *out, const char *path)
{
	for (size_t n; *path; path += n) {
		for (n = 0; path[n] && path[n] != '\\' && !is_blank(path[n]); n++)
			;
		dmk_text_add_bytes(out, path, n);
		if (path[n]) {
			dmk_text_add_bytes(out, "\\", 1);
			dmk_text_add_bytes(out, path + n++, 1);
		}
	}
}

static int missing(const char *what, const char *s, struct dmk_error *err)
{
	if (s && *s)
		return 0;
	return dmk_refuse(err, what, "is %s", s ? "empty" : "missing");
}

int dmk_check_word(const char *what, const char *s, struct dmk_error *err)
{
	int r = missing(what, s, err);

	if (r < 0)
		return r;
	for (size_t i = 0; s[i]; i++) {
		if (is_blank(s[i]))
			return dmk_refuse(err, s,
					  "%s holds a blank (byte %zu, 0x%02x), where the "
					  "kernel would cut it",
					  what, i + 1, (unsigned char)s[i]);
		if (s[i] == '\\')
			return dmk_refuse(err, s,
					  "%s holds a backslash, which the kernel would take away",
					  what);
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return dmk_refuse(err, s, "%s holds a control character (byte %zu, 0x%02x)",
					  what, i + 1, (unsigned char)s[i]);
	}
	return 0;
}

int dmk_check_path(const char *what, const char *s, struct dmk_error *err)
{
	int r = missing(what, s, err);

	if (r < 0)
		return r;
	for (size_t i = 0; s[i]; i++)
		if (s[i] == '\n' || ((unsigned char)s[i] < ' ' && !is_blank(s[i])) || s[i] == 0x7f)
			return dmk_refuse(err, s,
					  "%s holds a %s (byte %zu, 0x%02x), which no line of a "
					  "table can: give it as MAJOR:MINOR",
					  what, s[i] == '\n' ? "newline" : "control character",
					  i + 1, (unsigned char)s[i]);
	return 0;
}

int dmk_check_hex(const char *what, const char *s, struct dmk_error *err)
{
	int r = missing(what, s, err);
	size_t length;

	if (r < 0)
		return r;
	length = strspn(s, "0123456789abcdefABCDEF");
	if (s[length])
		return dmk_refuse(err, s, "%s must be hex digits", what);
	if (length % 2)
		return dmk_fail_word(err, -EINVAL, s, length, 0,
				     "%s must be an even number of hex digits, not %zu", what,
				     length);
	return 0;
}
