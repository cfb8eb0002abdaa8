/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include <stdbool.h>
#include <string.h>

#include "dmkit.h"

/* More edits than these are another word. */
#define MOST_EDITS 2

uint32_t dmk_word_distance(const char *a, const char *b)
{
	uint32_t rows[3][DMK_NAME_SIZE];
	size_t length = strlen(a), width = strlen(b);

	if (length >= DMK_NAME_SIZE || width >= DMK_NAME_SIZE)
		return UINT32_MAX;
	for (uint32_t j = 0; j <= width; j++)
		rows[0][j] = j;
	for (uint32_t i = 1; i <= length; i++) {
		uint32_t *row = rows[i % 3], *above = rows[(i + 2) % 3],
			 *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			if (above[j] + 1 < row[j])
				row[j] = above[j] + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[length % 3][width];
}

/* What knows no capitals is written in small letters. */
static uint32_t edits(const char *word, const char *candidate)
{
	char small[DMK_NAME_SIZE];
	size_t length = strlen(word);

	if (length >= sizeof(small))
		return UINT32_MAX;
	for (size_t i = 0; i <= length; i++)
		small[i] = word[i] >= 'A' && word[i] <= 'Z' ? word[i] - 'A' + 'a' : word[i];
	return dmk_word_distance(small, candidate);
}

void dmk_nearest_look(struct dmk_nearest *nearest, const char *candidate)
{
	size_t length = strlen(nearest->word);
	uint32_t n = edits(nearest->word, candidate);
	bool begins = length > 1 && strncmp(candidate, nearest->word, length) == 0;

	/* What was only begun is near too; of a short word with mistakes less is left. */
	if (begins && n > MOST_EDITS)
		n = MOST_EDITS;
	if (n > MOST_EDITS || (!begins && n * 2 > length) || (nearest->best && n >= nearest->edits))
		return;
	nearest->best = candidate;
	nearest->edits = n;
}
