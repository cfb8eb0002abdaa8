/* SPDX-License-Identifier: MIT */
/* The table that a swap is about to replace, so that it comes back where the new one is refused. */
#ifndef DMK_SWAP_H
#define DMK_SWAP_H

#include "device.h"
#include "wire/table.h"

/* What a device was before a swap. The kernel keeps nothing of it: where a target refuses at the
 * resume, the former table is gone, and the device is suspended. */
struct dmk_former {
	struct dmk_info info;
	bool known;		/* its table was read; it may have had none */
	struct dmk_table table; /* the library's to load; with a key, in locked memory */
};

/* One DM_TABLE_STATUS; nothing in a dry run. Zero it before, dmk_former_free() after, whatever
 * came of it. */
int dmk_former_read(struct dmk *dm, const struct dmk_id *id,
		    struct dmk_former *former) DMK_MUST_CHECK;
void dmk_former_free(struct dmk_former *former);

/* -EINVAL where it is certain that the kernel would refuse table in the former one's place, or not
 * do what it says. */
int dmk_foresee_swap(struct dmk *dm, const struct dmk_id *id, struct dmk_former *former,
		     struct dmk_table *table) DMK_MUST_CHECK;

/*
 * Resumes with the new table that a load left. On failure the device is as it was, without the new
 * table in its inactive slot; what is not so stands in the error's undo_code and left. handshake
 * NULL: udevd is told without a cookie.
 */
int dmk_swap_table(struct dmk *dm, const struct dmk_id *asked, struct dmk_former *former,
		   uint32_t flags, struct dmk_handshake *handshake, const struct dmk_limit *limit,
		   struct dmk_info *ret_info) DMK_MUST_CHECK;
/*
 * After a resume that failed with r: the same, of which clear says whether a table in the inactive
 * slot goes too. Returns r, or what it was in truth: -ENXIO, another device stands there; -EBUSY,
 * another process put its table in or resumed the device at the same time.
 */
int dmk_swap_failed(struct dmk *dm, const struct dmk_id *asked, struct dmk_former *former, int r,
		    bool clear) DMK_MUST_CHECK;

#endif
