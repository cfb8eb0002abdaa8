/* SPDX-License-Identifier: MIT */
/* The words of parameters that are devices: @NAME, MAJOR:MINOR, a path. */
#ifndef DMK_STACK_WORDS_H
#define DMK_STACK_WORDS_H

#include "dmkit.h"
#include "base/util.h"

/* One word, without the kernel's quotes, of length bytes and NUL-terminated. What it is to be is
 * added to out and 1 returned; 0: it stays as it is; or a negative errno. */
typedef int (*dmk_word_fn)(void *userdata, const char *word, struct dmk_text *out);

/* params with each word that fn changes in its new form, blanks as they are. out may be NULL. */
int dmk_change_words(const char *params, dmk_word_fn fn, void *userdata,
		     struct dmk_text *out) DMK_MUST_CHECK;
/* A table of the same segments with their words changed so, which nobody checks. Locked up as a key
 * where there may be one. */
int dmk_change_table(struct dmk_table *table, dmk_word_fn fn, void *userdata,
		     struct dmk_table **ret_table) DMK_MUST_CHECK;
/* A reply as a table that can be loaded; it is rewound. */
int dmk_copy_segments(struct dmk_segments *segments, struct dmk_table **ret_table) DMK_MUST_CHECK;

#endif
