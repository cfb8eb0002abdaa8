/* SPDX-License-Identifier: MIT */
#ifndef DMK_TYPED_H
#define DMK_TYPED_H

#include "rows/target.h"

/* After dmk_table_begin(), with the target in its error: adds a segment of the target's own value,
 * which was validated and lacks nothing. length_sectors 0: what the value implies, where it does. */
int dmk_table_add_form(struct dmk_table *table, const struct dmk_target *target,
		       uint64_t start_sectors, uint64_t length_sectors,
		       const void *value) DMK_MUST_CHECK;

#endif
