/* SPDX-License-Identifier: MIT */
/* What parameters need of the kernel, and which kernel has it. */
#ifndef DMK_TARGETS_NEEDS_H
#define DMK_TARGETS_NEEDS_H

#include "rows/target.h"

/* needs.c: calls fn for each need of params until it returns something else than 0, which is
 * returned. -EINVAL: they cannot be read. */
typedef int (*dmk_need_fn)(void *userdata, const struct dmk_need *need);
int dmk_target_needs(const char *type, const char *params, dmk_need_fn fn,
		     void *userdata) DMK_MUST_CHECK;

/* PAGE rows against the page of this machine. */
int dmk_target_check_page(const char *type, const char *params, uint64_t page_bytes,
			  struct dmk_error *err) DMK_MUST_CHECK;

/* kernels.c */
/* The newest version of type that dmkit was made from: 0.0.0 where none is noted. */
struct dmk_version dmk_newest_known(const char *type);
enum dmk_known {
	DMK_NO,
	DMK_YES,
	DMK_UNKNOWN
};
/*
 * Whether Linux (DMK_LINUX()) has type and all that params use. Else *ret_need is what it lacks,
 * its word NULL for the target itself, and its release the first Linux that has it, 0 where that is
 * not known.
 */
enum dmk_known dmk_kernel_has(const char *type, const char *params, uint32_t release,
			      struct dmk_need *ret_need) DMK_MUST_CHECK;

#endif
