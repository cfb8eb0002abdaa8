/* SPDX-License-Identifier: MIT */
/* Where devices are mounted, for facts.c. */
#ifndef DMKIT_PLACES_H
#define DMKIT_PLACES_H

#include "facts.h"

/* One more word. It aborts without memory. */
void words_add(struct words *words, const char *word);
/* Adds all of the device. */
void places_find(const struct places *places, uint32_t major, uint32_t minor, struct words *words);

#endif
