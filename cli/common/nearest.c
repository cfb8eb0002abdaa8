/* SPDX-License-Identifier: MIT */
/* What a mistyped word may have been meant to be. */
#include <stdio.h>
#include <string.h>

#include "common/nearest.h"

void nearest_begin(struct nearest *nearest, const char *word, size_t length)
{
	*nearest = (struct nearest){ 0 };
	snprintf(nearest->word, sizeof(nearest->word), "%.*s", (int)length, word);
}

void nearest_look(struct nearest *nearest, const char *candidate)
{
	size_t length = strlen(nearest->word);
	unsigned most = length < 8 ? 2 : 3;
	unsigned far = dmk_word_distance(nearest->word, candidate);
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
