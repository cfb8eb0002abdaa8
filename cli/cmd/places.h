/* SPDX-License-Identifier: MIT */
/* Where devices are mounted. */
#ifndef DMKIT_PLACES_H
#define DMKIT_PLACES_H

#include "common/cli.h"

/* Several words, each with its NUL. */
struct words {
	char *text;
	size_t length;
};

/* What is mounted where, and swapped on. */
struct places;
/* /proc/self/mountinfo and /proc/swaps; without /proc there is nothing in it. NULL: no memory. */
struct places *places_read(struct cli *cli);
void places_free(struct places *places);

/* One more word. It aborts without memory. */
void words_add(struct words *words, const char *word);
/* Adds all of the device. */
void places_find(const struct places *places, uint32_t major, uint32_t minor, struct words *words);

#endif
