/* SPDX-License-Identifier: MIT */
/* What multipath's files have in common: multipath.c the text, multipath-keys.c key=value,
 * multipath-status.c the status, multipath-message.c the messages. */
#ifndef DMK_MULTIPATH_H
#define DMK_MULTIPATH_H

#include "rows/target.h"

/* The kernel's own limit of all counts. */
#define DMK_MULTIPATH_MAX 1024

extern const struct dmk_target dmk_target_multipath;
extern const struct dmk_form dmk_multipath_status_form;
extern const struct dmk_custom dmk_multipath_hw_handler_key, dmk_multipath_group_key,
	dmk_multipath_path_key;
#define DMK_MULTIPATH_N_MESSAGES 7
extern const struct dmk_message dmk_multipath_messages[DMK_MULTIPATH_N_MESSAGES];

/* The next n words as an array in the arena. Nothing is allocated before the words are there. */
int dmk_multipath_read_words(struct dmk_words *words, void **owned, const char *what, uint64_t n,
			     const char *const **ret_list) DMK_MUST_CHECK;
/* "N a b c", each with a blank behind it but the last. */
void dmk_multipath_print_words(const char *const *list, uint32_t n, struct dmk_text *out);
/* "a,b": how key=value joins words; a comma in a word is "\,". */
void dmk_multipath_join(const char *word, bool first, struct dmk_text *out);

#endif
