/* SPDX-License-Identifier: MIT */
/* Where devices are mounted, as this process sees it, and which are swapped on. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cmd/places.h"
#include "common/cli.h"
#include "common/numbers.h"
#include "read/tables.h"

void words_add(struct words *words, const char *word)
{
	size_t size = strlen(word) + 1;
	char *text = realloc(words->text, words->length + size);

	if (!text)
		abort();
	memcpy(text + words->length, word, size);
	words->text = text;
	words->length += size;
}

struct place_of {
	uint32_t major;
	uint32_t minor;
	size_t index; /* they stay in the order of the list */
	const char *where;
};

struct places {
	struct place_of *at; /* sorted by number */
	size_t n;
	size_t room;
	char *texts[2]; /* what where points into */
};

static int compare(const void *a, const void *b)
{
	const struct place_of *x = a;
	const struct place_of *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	if (x->minor != y->minor)
		return x->minor < y->minor ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static void add(struct places *places, uint32_t major, uint32_t minor, const char *where)
{
	if (places->n == places->room) {
		places->room = places->room ? places->room * 2 : 64;
		places->at = reallocarray(places->at, places->room, sizeof(*places->at));
		if (!places->at)
			abort();
	}
	places->at[places->n] = (struct place_of){ major, minor, places->n, where };
	places->n++;
}

/* The kernel writes blanks and line breaks as \040. */
static void unescape(char *word)
{
	char *to = word;

	while (*word) {
		unsigned code = 0;
		int digits = 0;

		while (*word == '\\' && digits < 3 && word[1 + digits] >= '0' &&
		       word[1 + digits] <= '7')
			code = code * 8 + (unsigned)(word[1 + digits++] - '0');
		*to++ = digits == 3 ? (char)code : *word;
		word += digits == 3 ? 4 : 1;
	}
	*to = '\0';
}

/* The next word of the line, cut off and as it was; NULL: there is none. */
static char *take_word(char **line)
{
	char *word = *line + strspn(*line, " \t");
	size_t length = strcspn(word, " \t");

	if (length == 0)
		return NULL;
	*line = word + length + (word[length] != '\0');
	word[length] = '\0';
	unescape(word);
	return word;
}

static bool block_device(const char *path, uint32_t *major, uint32_t *minor)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return false;
	*major = major(st.st_rdev);
	*minor = minor(st.st_rdev);
	return true;
}

/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS [TAG]... - TYPE SOURCE OPTIONS */
static void add_mount(struct places *places, char *line)
{
	char *words[5];
	const char *word = "";
	uint32_t numbers[2];
	char *colon;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		words[i] = take_word(&line);
		if (!words[i])
			return;
	}
	colon = strchr(words[2], ':');
	if (!colon)
		return;
	*colon = '\0';
	if (!parse_number32(words[2], UINT32_MAX, &numbers[0]) ||
	    !parse_number32(colon + 1, UINT32_MAX, &numbers[1]))
		return;
	/* btrfs and the like have a number of their own: there the source is all there is. */
	if (numbers[0] == 0) {
		while (word && strcmp(word, "-") != 0)
			word = take_word(&line);
		word = word && take_word(&line) ? take_word(&line) : NULL;
		if (!word || strncmp(word, "/dev/", 5) != 0 ||
		    !block_device(word, &numbers[0], &numbers[1]))
			return;
	}
	add(places, numbers[0], numbers[1], words[4]);
}

/* PATH TYPE SIZE USED PRIORITY */
static void add_swap(struct places *places, char *line)
{
	uint32_t numbers[2];
	const char *path = take_word(&line);

	if (path && block_device(path, &numbers[0], &numbers[1]))
		add(places, numbers[0], numbers[1], "[SWAP]");
}

/* Calls fn for each line; the text is kept, as what was added points into it. */
static char *each_line(struct cli *cli, struct places *places, const char *path,
		       void (*fn)(struct places *, char *))
{
	struct bytes bytes = { 0 };
	char *text = NULL;

	/* Without /proc nothing is known, which is no failure. */
	if (access(path, R_OK) == 0 && read_file(cli, path, &bytes) == EXIT_DONE)
		text = strndup(bytes.length ? bytes.data : "", bytes.length);
	drop_bytes(&bytes);
	for (char *line = text; line && *line;) {
		size_t length = strcspn(line, "\n");
		char *next = line + length + (line[length] == '\n');

		line[length] = '\0';
		fn(places, line);
		line = next;
	}
	return text;
}

struct places *places_read(struct cli *cli)
{
	struct places *places = calloc(1, sizeof(*places));

	if (!places)
		return NULL;
	places->texts[0] = each_line(cli, places, "/proc/self/mountinfo", add_mount);
	places->texts[1] = each_line(cli, places, "/proc/swaps", add_swap);
	if (places->n > 0)
		qsort(places->at, places->n, sizeof(*places->at), compare);
	return places;
}

void places_free(struct places *places)
{
	if (!places)
		return;
	free(places->at);
	free(places->texts[0]);
	free(places->texts[1]);
	free(places);
}

void places_find(const struct places *places, uint32_t major, uint32_t minor, struct words *words)
{
	struct place_of first = { .major = major, .minor = minor };
	size_t low = 0;
	size_t high = places->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&places->at[middle], &first) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < places->n && places->at[low].major == major && places->at[low].minor == minor;
	     low++)
		words_add(words, places->at[low].where);
}
