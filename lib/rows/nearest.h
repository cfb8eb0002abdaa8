/* SPDX-License-Identifier: MIT */
/* What a mistyped word may have been meant to be. */
#ifndef DMK_NEAREST_H
#define DMK_NEAREST_H

#include <stdint.h>

struct dmk_nearest {
	const char *word;
	const char *best; /* NULL: none of those that were looked at */
	uint32_t edits;	  /* of the best one */
};

void dmk_nearest_look(struct dmk_nearest *nearest, const char *candidate);

#endif
