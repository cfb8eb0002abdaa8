/* SPDX-License-Identifier: MIT */
/* What is certain to be wrong with a segment in this world. */
#ifndef DMK_CHECK_H
#define DMK_CHECK_H

#include "kernel/context.h"

/* err gets the segment and its target; key material is hidden. index counts from 0. */
void dmk_name_segment(const struct dmk_segment *segment, uint32_t index, struct dmk_error *err);

/* Of a segment that the kernel refused: true, with argument and detail in err, where a device that
 * can be asked is too small or the range is not aligned to its blocks. */
bool dmk_check_areas(const struct dmk_segment *segment, struct dmk_error *err) DMK_MUST_CHECK;

/* After a load that failed: true, with the detail in dm's error, where the kernel has no such
 * target. */
bool dmk_check_target(struct dmk *dm, const char *type) DMK_MUST_CHECK;

/* "needs verity 1.5.0, this kernel has 1.4.0", in dm's error, which stays else as it was. */
bool dmk_check_version(struct dmk *dm, const struct dmk_segment *segment) DMK_MUST_CHECK;

#endif
