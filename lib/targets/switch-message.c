/* SPDX-License-Identifier: MIT */
/* switch's set_region_mappings: which region is on which path. All its numbers are hexadecimal. */
#include "switch.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* The mappings as key=value has them: words of the kernel's. */
struct mapping_words {
	const char *const *words;
	uint32_t n_words;
	uint32_t unused;
	void *owned;
	uint64_t reserved[8];
};

/* Of either case. */
static int hex_digit(char c)
{
	return dmk_hex_digit(c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c);
}

/* Digits up to the end or to stop, which is stepped over. The kernel wraps what is too long: here
 * it is refused. */
static bool read_hex(const char **text, char stop, uint64_t max, uint64_t *ret_value)
{
	const char *s = *text;
	uint64_t value = 0;

	if (hex_digit(*s) < 0)
		return false;
	for (; hex_digit(*s) >= 0; s++) {
		if (value > max >> 4)
			return false;
		value = value << 4 | (uint64_t)hex_digit(*s);
	}
	if (*s != stop || value > max)
		return false;
	*text = stop ? s + 1 : s;
	*ret_value = value;
	return true;
}

/* "REGION:PATH", ":PATH" or "RCYCLE,COUNT" */
static bool read_mapping(const char *text, struct dmk_switch_mapping *ret_mapping)
{
	struct dmk_switch_mapping mapping = { .kind = DMK_SWITCH_REGION };
	uint64_t path;

	if ((*text | 0x20) == 'r') {
		text++;
		mapping.kind = DMK_SWITCH_REPEAT;
		if (!read_hex(&text, ',', UINT64_MAX, &mapping.cycle) ||
		    !read_hex(&text, '\0', UINT64_MAX, &mapping.count))
			return false;
	} else {
		if (*text == ':') {
			text++;
			mapping.kind = DMK_SWITCH_NEXT;
		} else if (!read_hex(&text, ':', UINT64_MAX, &mapping.region)) {
			return false;
		}
		if (!read_hex(&text, '\0', UINT32_MAX, &path))
			return false;
		mapping.path = (uint32_t)path;
	}
	*ret_mapping = mapping;
	return true;
}

static int print_mapping(const struct dmk_switch_mapping *mapping, char *buf, size_t size)
{
	switch (mapping->kind) {
	case DMK_SWITCH_REGION:
		dmk_print_text(buf, size, "%" PRIx64 ":%" PRIx32, mapping->region, mapping->path);
		return 0;
	case DMK_SWITCH_NEXT:
		dmk_print_text(buf, size, ":%" PRIx32, mapping->path);
		return 0;
	case DMK_SWITCH_REPEAT:
		dmk_print_text(buf, size, "R%" PRIx64 ",%" PRIx64, mapping->cycle, mapping->count);
		return 0;
	default:
		return -EINVAL;
	}
}

/* Goes along as the kernel does: *region is the last one that was set, 0 at the begin. */
static int step(const struct dmk_switch_mapping *mapping, const char *word, uint64_t *region,
		struct dmk_error *err)
{
	uint64_t next = *region;
	bool too_far = false;

	if (mapping->kind == DMK_SWITCH_REGION) {
		next = mapping->region;
	} else if (mapping->kind == DMK_SWITCH_NEXT) {
		too_far = __builtin_add_overflow(next, UINT64_C(1), &next);
	} else {
		if (mapping->cycle == 0 || mapping->cycle - 1 > *region)
			return dmk_refuse(err, word,
					  "must repeat from 1 to %" PRIu64
					  " mappings: only so many come before it",
					  *region + (*region != UINT64_MAX));
		too_far = __builtin_add_overflow(next, mapping->count, &next);
	}
	if (too_far)
		return dmk_refuse(err, word, "goes too far");
	*region = next;
	return 0;
}

static int validate_words(const void *value, struct dmk_error *err)
{
	const struct mapping_words *words = value;
	uint64_t region = 0;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < words->n_words; i++) {
		const char *word = words->words[i];
		struct dmk_switch_mapping mapping;

		if (!read_mapping(word, &mapping))
			return dmk_refuse(err, word,
					  "must be REGION:PATH, :PATH or RCYCLE,COUNT, in "
					  "hexadecimal numbers");
		r = step(&mapping, word, &region, err);
	}
	return r;
}

static void format_words(const void *value, struct dmk_text *out)
{
	const struct mapping_words *words = value;

	for (uint32_t i = 0; i < words->n_words; i++)
		dmk_text_add(out, "%s%s", i ? " " : "", words->words[i]);
}

#define DMK_ROWS_OF struct mapping_words

static const struct dmk_row rows[] = {
	{ DMK_ROW("mapping", TEXT,
		  "REGION:PATH, :PATH (the next region) or RCYCLE,COUNT (the last CYCLE for the "
		  "next COUNT), in hexadecimal numbers"),
	  DMK_FIELD(words), DMK_COUNT(n_words), .key_flags = DMK_KEY_REQUIRED | DMK_KEY_REPEATED },
};

static int validate_mappings(const void *value, struct dmk_error *err)
{
	const struct dmk_switch_message *message = value;
	uint64_t region = 0;
	int r = 0;

	if (message->n_mappings == 0 || !message->mappings)
		return dmk_refuse(err, "mappings", "at least one is needed");
	for (uint32_t i = 0; r == 0 && i < message->n_mappings; i++) {
		char word[64];

		if (print_mapping(&message->mappings[i], word, sizeof(word)) < 0)
			return dmk_refuse(err, "kind",
					  "of mapping number %" PRIu32 ": no such kind", i);
		r = step(&message->mappings[i], word, &region, err);
	}
	return r;
}

static void format_mappings(const void *value, struct dmk_text *out)
{
	const struct dmk_switch_message *message = value;

	for (uint32_t i = 0; i < message->n_mappings; i++) {
		char word[64] = "";

		if (print_mapping(&message->mappings[i], word, sizeof(word)) == 0)
			dmk_text_add(out, "%s%s", i ? " " : "", word);
	}
}

static const struct dmk_form mappings_form = {
	.syntax = "MAPPING...",
	.value_size = sizeof(struct dmk_switch_message),
	.format = format_mappings,
	.validate = validate_mappings,
};

const struct dmk_message dmk_switch_messages[1] = {
	{ DMK_MESSAGE_WITH("set-region-mappings", "set_region_mappings", "MAPPING...", rows,
			   "put regions on paths"),
	  .form.format = format_words, .form.validate = validate_words, .typed = &mappings_form },
};
