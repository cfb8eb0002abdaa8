/* SPDX-License-Identifier: MIT */
/* What a mistyped word may have been meant to be. */
#include <stdio.h>
#include <string.h>

#include "common/nearest.h"

#define LONGEST (DMK_NAME_SIZE - 1) /* words over that are far away */

/* Letters to put in, to take out, to change or, of two neighbours, to swap until a is b. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][LONGEST + 1];
	size_t length = strlen(a), width = strlen(b);

	if (length > LONGEST || width > LONGEST)
		return UINT32_MAX;
	for (unsigned j = 0; j <= width; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3],
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

void nearest_begin(struct nearest *nearest, const char *word, size_t length)
{
	*nearest = (struct nearest){ 0 };
	snprintf(nearest->word, sizeof(nearest->word), "%.*s", (int)length, word);
}

void nearest_look(struct nearest *nearest, const char *candidate)
{
	size_t length = strlen(nearest->word);
	unsigned most = length < 8 ? 2 : 3;
	unsigned far = distance(nearest->word, candidate);
	unsigned at = nearest->n;

	/* More of it is right than wrong. */
	if (far * 2 >= length)
		far = UINT32_MAX;
	/* A beginning is nearer than any mistake. */
	if (length > 1 && strncmp(candidate, nearest->word, length) == 0)
		far = 0;
	if (far > most)
		return;
	while (at > 0 && nearest->far[at - 1] > far)
		at--;
	if (at == NEAREST_MOST)
		return;
	if (nearest->n < NEAREST_MOST)
		nearest->n++;
	for (unsigned i = nearest->n - 1; i > at; i--) {
		memcpy(nearest->words[i], nearest->words[i - 1], DMK_NAME_SIZE);
		nearest->far[i] = nearest->far[i - 1];
	}
	snprintf(nearest->words[at], DMK_NAME_SIZE, "%s", candidate);
	nearest->far[at] = far;
}

const char *nearest_text(struct nearest *nearest, const char *before)
{
	size_t used = 0;

	nearest->text[0] = '\0';
	for (unsigned i = 0; i < nearest->n && used < sizeof(nearest->text); i++)
		used += (size_t)snprintf(nearest->text + used, sizeof(nearest->text) - used,
					 "%s%s%s", i ? ", " : "; the nearest: ", before,
					 nearest->words[i]);
	return nearest->text;
}

void nearest_add(struct nearest *nearest, char *text, size_t size)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s", nearest_text(nearest, ""));
}
