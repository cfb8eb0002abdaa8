/* SPDX-License-Identifier: MIT */
/* What device-mapper's own statistics messages answer. */
#include "rows/target.h"

#include <errno.h>
#include <string.h>

/* One line of a reply, as words. */
struct line {
	struct dmk_words words;
	void *owned; /* its text */
};

static uint32_t count_lines(const char *reply)
{
	uint32_t n = 0;

	for (; *reply; reply++)
		n += *reply == '\n' || !reply[1];
	return n;
}

static int no_memory(struct dmk_error *err)
{
	return dmk_fail(err, -ENOMEM, "no memory");
}

/* Cuts the next line off *reply. */
static int next_line(const char **reply, const char *syntax, struct dmk_error *err,
		     struct line *ret_line)
{
	size_t length = strcspn(*reply, "\n");
	struct line line = { 0 };
	char *text = dmk_arena_text(&line.owned, *reply, length);

	if (!text)
		return no_memory(err);
	*reply += length + ((*reply)[length] == '\n');
	line.words = dmk_words_of(text, syntax, err);
	if (err)
		err->line++;
	*ret_line = line;
	return 0;
}

static int bad_word(const struct dmk_words *words, const struct dmk_word *word, const char *why)
{
	return dmk_fail_word(words->error, -EINVAL, word->text, word->length, word->column, "%s",
			     why);
}

/* "START+LENGTH" */
static int read_range(struct dmk_words *words, uint64_t *ret_start, uint64_t *ret_length)
{
	struct dmk_word word;
	int r = dmk_words_need(words, "the range", &word);
	const char *plus = r < 0 ? NULL : memchr(word.text, '+', word.length);
	size_t digits = plus ? (size_t)(plus - word.text) : 0;

	if (r < 0)
		return r;
	if (!plus || dmk_parse_u64(word.text, digits, UINT64_MAX, ret_start) < 0 ||
	    dmk_parse_u64(plus + 1, word.length - digits - 1, UINT64_MAX, ret_length) < 0)
		return bad_word(words, &word, "the range must be START+LENGTH");
	return 0;
}

/* Numbers with `separator` between them. */
static int read_numbers(const struct dmk_words *words, const struct dmk_word *word, char separator,
			void **owned, const uint64_t **ret_numbers, uint32_t *ret_n)
{
	const char *at = word->text, *end = word->text + word->length;
	uint64_t *numbers;
	uint32_t n = 1, i = 0;

	for (const char *c = at; c < end; c++)
		n += *c == separator;
	numbers = dmk_arena_array(owned, n, sizeof(*numbers));
	if (!numbers)
		return no_memory(words->error);
	for (;;) {
		const char *next = memchr(at, separator, (size_t)(end - at));
		size_t length = (size_t)((next ? next : end) - at);

		if (dmk_parse_u64(at, length, UINT64_MAX, &numbers[i++]) < 0)
			return bad_word(words, word, "a histogram must be numbers");
		if (!next)
			break;
		at = next + 1;
	}
	*ret_numbers = numbers;
	*ret_n = n;
	return 0;
}

static bool cut_end(struct dmk_word *aux, const char *word)
{
	size_t length = strlen(word);
	const char *end = aux->text + aux->length - length;

	if (aux->length < length || memcmp(end, word, length) != 0 ||
	    (aux->length > length && end[-1] != ' '))
		return false;
	aux->length -= length;
	if (aux->length)
		aux->length--;
	return true;
}

/*
 * The rest of a line of the list: AUX [precise_timestamps] [histogram:N,N...]. AUX is whatever the
 * program gave, blanks too: the options are what its end is not.
 */
static int read_rest(struct dmk_words *words, struct dmk_stats_region *region, void **owned)
{
	static const char prefix[] = "histogram:";
	size_t start = words->position + (words->text[words->position] == ' ');
	struct dmk_word aux = { .text = words->text + start,
				.length = strlen(words->text + start),
				.column = (uint32_t)start + 1 };
	size_t last = aux.length;
	int r = 0;

	while (last && aux.text[last - 1] != ' ')
		last--;
	if (strncmp(aux.text + last, prefix, sizeof(prefix) - 1) == 0) {
		struct dmk_word bounds = aux;

		bounds.text += last + sizeof(prefix) - 1;
		bounds.length -= last + sizeof(prefix) - 1;
		bounds.column += (uint32_t)(last + sizeof(prefix) - 1);
		r = read_numbers(words, &bounds, ',', owned, &region->bounds, &region->n_bounds);
		aux.length = last ? last - 1 : 0;
	}
	if (cut_end(&aux, "precise_timestamps"))
		region->options |= DMK_STATS_PRECISE_TIMESTAMPS;
	region->aux_data = dmk_arena_text(owned, aux.text, aux.length);
	return r == 0 && !region->aux_data ? no_memory(words->error) : r;
}

/* "ID: START+LENGTH STEP PROGRAM AUX ..." */
static int read_region(struct dmk_words *words, struct dmk_stats_region *region, void **owned)
{
	struct dmk_word word;
	uint64_t id = 0;
	int r = dmk_words_need(words, "the region", &word);

	if (r < 0)
		return r;
	if (word.text[word.length - 1] != ':' ||
	    dmk_parse_u64(word.text, word.length - 1, INT32_MAX, &id) < 0)
		return bad_word(words, &word, "the region must be a number and ':'");
	region->region_id = (uint32_t)id;
	r = read_range(words, &region->start_sectors, &region->length_sectors);
	if (r == 0)
		r = dmk_words_number(words, "the step", 1, UINT64_MAX, &region->step_sectors);
	if (r == 0)
		r = dmk_words_need(words, "the program", &word);
	if (r < 0)
		return r;
	region->program_id = dmk_arena_text(owned, word.text, word.length);
	return region->program_id ? read_rest(words, region, owned) : no_memory(words->error);
}

/* "START+LENGTH" and 13 counters, then the histogram where there is one. */
static int read_area(struct dmk_words *words, struct dmk_stats_area *area, void **owned)
{
	uint64_t *const before[] = { &area->reads,	     &area->reads_merged,
				     &area->sectors_read,    &area->time_reading,
				     &area->writes,	     &area->writes_merged,
				     &area->sectors_written, &area->time_writing };
	uint64_t *const behind[] = { &area->time_busy, &area->time_in_queue,
				     &area->time_busy_reading, &area->time_busy_writing };
	struct dmk_word word;
	uint64_t in_flight = 0;
	int r = read_range(words, &area->start_sectors, &area->length_sectors);

	for (size_t i = 0; r == 0 && i < DMK_ARRAY_SIZE(before); i++)
		r = dmk_words_number(words, "a counter", 0, UINT64_MAX, before[i]);
	if (r == 0)
		r = dmk_words_need(words, "the I/O in flight", &word);
	if (r < 0)
		return r;
	/* The kernel adds two counters up that others change meanwhile: it may be below 0. */
	if (dmk_parse_u64(word.text + (*word.text == '-'), word.length - (*word.text == '-'),
			  INT32_MAX, &in_flight) < 0)
		return bad_word(words, &word, "the I/O in flight must be a number");
	area->in_flight = *word.text == '-' ? -(int32_t)in_flight : (int32_t)in_flight;
	for (size_t i = 0; r == 0 && i < DMK_ARRAY_SIZE(behind); i++)
		r = dmk_words_number(words, "a counter", 0, UINT64_MAX, behind[i]);
	if (r == 0 && dmk_words_next(words, &word))
		r = read_numbers(words, &word, ':', owned, &area->histogram, &area->n_histogram);
	return r == 0 ? dmk_words_end(words) : r;
}

static void begin(struct dmk_error *err, const char *reply)
{
	dmk_begin_parse(err, DMK_VERB_PARSE_REPLY, "", reply);
}

int dmk_stats_parse_create(const char *reply, uint32_t *ret_region_id, struct dmk_error *ret_error)
{
	const char *text = reply ? reply : "";
	uint64_t id = 0;
	struct dmk_words words;
	int r;

	begin(ret_error, reply);
	words = dmk_words_of(text, "REGION", ret_error);
	r = dmk_words_number(&words, "the region", 0, INT32_MAX, &id);
	if (r == 0)
		r = dmk_words_end(&words);
	if (r == 0)
		*ret_region_id = (uint32_t)id;
	return r;
}

int dmk_stats_parse_list(const char *reply, struct dmk_stats_regions *ret_regions,
			 struct dmk_error *ret_error)
{
	const char *at = reply ? reply : "";
	struct dmk_stats_regions regions = { 0 };
	struct dmk_stats_region *items;
	int r = 0;

	begin(ret_error, reply);
	items = dmk_arena_array(&regions.owned, count_lines(at), sizeof(*items));
	if (!items)
		return no_memory(ret_error);
	regions.items = items;
	while (r == 0 && *at) {
		struct line line;

		r = next_line(&at, "REGION: START+LENGTH STEP PROGRAM AUX [OPTION...]", ret_error,
			      &line);
		if (r < 0)
			break;
		r = read_region(&line.words, &items[regions.count++], &regions.owned);
		dmk_arena_free(&line.owned);
	}
	if (r < 0) {
		dmk_arena_free(&regions.owned);
		return r;
	}
	if (ret_error)
		ret_error->line = 0;
	*ret_regions = regions;
	return 0;
}

void dmk_stats_regions_clear(struct dmk_stats_regions *regions)
{
	if (!regions)
		return;
	dmk_arena_free(&regions->owned);
	*regions = (struct dmk_stats_regions){ 0 };
}

int dmk_stats_parse_print(const char *reply, struct dmk_stats_areas *ret_areas,
			  struct dmk_error *ret_error)
{
	const char *at = reply ? reply : "";
	struct dmk_stats_areas areas = { 0 };
	struct dmk_stats_area *items;
	int r = 0;

	begin(ret_error, reply);
	items = dmk_arena_array(&areas.owned, count_lines(at), sizeof(*items));
	if (!items)
		return no_memory(ret_error);
	areas.items = items;
	while (r == 0 && *at) {
		struct line line;

		r = next_line(&at, "START+LENGTH and 13 counters [HISTOGRAM]", ret_error, &line);
		if (r < 0)
			break;
		r = read_area(&line.words, &items[areas.count++], &areas.owned);
		dmk_arena_free(&line.owned);
	}
	if (r < 0) {
		dmk_arena_free(&areas.owned);
		return r;
	}
	if (ret_error)
		ret_error->line = 0;
	*ret_areas = areas;
	return 0;
}

void dmk_stats_areas_clear(struct dmk_stats_areas *areas)
{
	if (!areas)
		return;
	dmk_arena_free(&areas->owned);
	*areas = (struct dmk_stats_areas){ 0 };
}
