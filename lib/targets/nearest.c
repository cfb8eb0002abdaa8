/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "target.h"

/* More edits than these are another word. */
#define MOST_EDITS 2
#define LONGEST 31

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* How many letters are to be put in, taken out or changed, or two neighbours swapped. */
static size_t edits(const char *from, const char *to)
{
	size_t n = strlen(from), m = strlen(to);
	size_t rows[LONGEST + 1][LONGEST + 1];

	if (n > LONGEST || m > LONGEST)
		return SIZE_MAX;
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			size_t best = i + j;
			bool differs;

			rows[i][j] = best;
			if (i == 0 || j == 0)
				continue;
			differs = lower(from[i - 1]) != to[j - 1];
			best = rows[i - 1][j] + 1;
			if (rows[i][j - 1] + 1 < best)
				best = rows[i][j - 1] + 1;
			if (rows[i - 1][j - 1] + differs < best)
				best = rows[i - 1][j - 1] + differs;
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
			    from[i - 2] == to[j - 1] && rows[i - 2][j - 2] + 1 < best)
				best = rows[i - 2][j - 2] + 1;
			rows[i][j] = best;
		}
	}
	return rows[n][m];
}

void dmk_nearest_look(struct dmk_nearest *nearest, const char *candidate)
{
	size_t length = strlen(nearest->word);
	size_t n = edits(nearest->word, candidate);

	bool begins = length > 1 && strncmp(candidate, nearest->word, length) == 0;

	/* What was only begun is near too; of a short word with mistakes less is left. */
	if (begins && n > MOST_EDITS)
		n = MOST_EDITS;
	if (n > MOST_EDITS || (!begins && n * 2 > length) || (nearest->best && n >= nearest->edits))
		return;
	nearest->best = candidate;
	nearest->edits = n;
}

void dmk_nearest_target(const char *type, char *text, size_t size)
{
	struct dmk_nearest nearest = { .word = type };

	for (uint32_t i = 0; dmk_target_info_at(i); i++)
		dmk_nearest_look(&nearest, dmk_target_info_at(i)->type);
	dmk_print_text(text, size, "%s%s", nearest.best ? "; the nearest: " : "",
		       nearest.best ? nearest.best : "");
}
