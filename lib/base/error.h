/* SPDX-License-Identifier: MIT */
/* Filling a struct dmk_error. Every function takes err == NULL and then only returns the code. */
#ifndef DMK_ERROR_H
#define DMK_ERROR_H

#include "dmkit.h"
#include "util.h"

/* Sets code and detail, keeps the rest, and returns code: `return dmk_fail(err, -EINVAL, "...")`.
 */
int dmk_fail(struct dmk_error *err, int code, const char *format, ...) DMK_PRINTF(3, 4);
/* The same, naming the word at fault (length bytes of it) and its column, counted from 1, 0: none.
 */
int dmk_fail_word(struct dmk_error *err, int code, const char *word, size_t length, uint32_t column,
		  const char *format, ...) DMK_PRINTF(6, 7);
/* The most frequent: -EINVAL, all of word, no column. */
int dmk_refuse(struct dmk_error *err, const char *word, const char *format, ...) DMK_PRINTF(3, 4);
/* "mount /srv (pid 812, sh)": a holder as sentences have it. */
void dmk_say_holder(struct dmk_room *room, const struct dmk_holder *holder);

#endif
