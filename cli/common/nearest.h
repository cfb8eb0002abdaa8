/* SPDX-License-Identifier: MIT */
/* What a mistyped word may have been meant to be. */
#ifndef DMKIT_NEAREST_H
#define DMKIT_NEAREST_H

#include "dmkit.h"

#define NEAREST_MOST 3
struct nearest {
	char word[DMK_NAME_SIZE];
	char words[NEAREST_MOST][DMK_NAME_SIZE]; /* the nearest first */
	unsigned far[NEAREST_MOST];
	unsigned n;
	char text[NEAREST_MOST * (DMK_NAME_SIZE + 4) + 32];
};
void nearest_begin(struct nearest *nearest, const char *word, size_t length);
void nearest_look(struct nearest *nearest, const char *candidate);
/* "; the nearest: --table, --target", `before` before each of them, or "". */
const char *nearest_text(struct nearest *nearest, const char *before);
/* Behind what stands in text. */
void nearest_add(struct nearest *nearest, char *text, size_t size);

#endif
