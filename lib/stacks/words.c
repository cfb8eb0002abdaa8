/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rows/target.h"
#include "wire/table.h"

/* The word as fn sees it; most fit. */
static int change_word(const struct dmk_word *word, dmk_word_fn fn, void *userdata,
		       struct dmk_text *out)
{
	char small[256], *text = small;
	int r;

	if (word->length >= sizeof(small)) {
		text = malloc(word->length + 1);
		if (!text)
			return -ENOMEM;
	}
	dmk_word_text(word, text);
	r = fn(userdata, text, out);
	/* It may be a key. */
	dmk_wipe(text, word->length + 1);
	if (text != small)
		free(text);
	return r;
}

int dmk_change_words(const char *params, dmk_word_fn fn, void *userdata, struct dmk_text *out)
{
	struct dmk_words words = dmk_words_of(params, "", NULL);
	const char *copied = params;
	struct dmk_word word;

	while (dmk_words_next(&words, &word)) {
		int r;

		if (out)
			dmk_text_add_bytes(out, copied, (size_t)(word.text - copied));
		r = change_word(&word, fn, userdata, out);
		if (r < 0)
			return r;
		if (r == 0 && out)
			dmk_text_add_bytes(out, word.text, word.length);
		copied = word.text + word.length;
	}
	if (!out)
		return 0;
	dmk_text_add_bytes(out, copied, strlen(copied));
	return dmk_text_error(out);
}

static int add_changed(struct dmk_table *table, const struct dmk_segment *segment, dmk_word_fn fn,
		       void *userdata)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	int r = dmk_change_words(segment->params, fn, userdata, &text);

	return r < 0 ? r
		     : dmk_table_add(table, segment->start_sectors, segment->length_sectors,
				     segment->type, text.data ? text.data : "");
}

int dmk_change_table(struct dmk_table *table, dmk_word_fn fn, void *userdata,
		     struct dmk_table **ret_table)
{
	struct dmk_table *changed;
	struct dmk_segment segment;
	int r = dmk_table_new(&changed);

	if (r < 0)
		return r;
	dmk_table_set_unchecked(changed);
	for (uint32_t i = 0; r == 0 && i < table->count; i++) {
		r = dmk_table_get(table, i, &segment);
		if (r == 0)
			r = add_changed(changed, &segment, fn, userdata);
	}
	/* What the checks would have found. */
	changed->unchecked = table->unchecked;
	changed->readonly = table->readonly;
	changed->on_trial = table->on_trial;
	if (r < 0)
		dmk_table_free(changed);
	else
		*ret_table = changed;
	return r;
}

int dmk_copy_segments(struct dmk_segments *segments, struct dmk_table **ret_table)
{
	struct dmk_segment segment;
	struct dmk_table *table;
	int r = dmk_table_new(&table);

	if (r < 0)
		return r;
	dmk_table_set_unchecked(table);
	dmk_segments_rewind(segments);
	while ((r = dmk_segments_next(segments, &segment)) == 1) {
		r = dmk_table_add(table, segment.start_sectors, segment.length_sectors,
				  segment.type, segment.params);
		if (r < 0)
			break;
	}
	dmk_segments_rewind(segments);
	if (r < 0)
		dmk_table_free(table);
	else
		*ret_table = table;
	return r;
}
