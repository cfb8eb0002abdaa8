/* SPDX-License-Identifier: MIT */
/* What the table and the status of cache have in common. */
#ifndef DMK_TARGETS_CACHE_H
#define DMK_TARGETS_CACHE_H

#include "rows/target.h"

struct dmk_cache_features {
	uint32_t mode; /* enum dmk_cache_mode, 0: not given */
	bool metadata2;
	bool no_discard_passdown;
	uint32_t word_order; /* as in struct dmk_cache */
};

extern const struct dmk_choice dmk_cache_modes[];
extern const struct dmk_form dmk_cache_status_form;

/* COUNT FEATURE... */
int dmk_cache_read_features(struct dmk_words *words,
			    struct dmk_cache_features *ret_features) DMK_MUST_CHECK;
void dmk_cache_print_features(const struct dmk_cache_features *features, struct dmk_text *out);

/* COUNT [KEY VALUE]..., as an array of "KEY:VALUE" in the arena. */
int dmk_cache_read_pairs(struct dmk_words *words, const char *what, void **owned,
			 const char *const **ret_pairs, uint32_t *ret_n) DMK_MUST_CHECK;
void dmk_cache_print_pairs(const char *const *pairs, uint32_t n, struct dmk_text *out);

#endif
