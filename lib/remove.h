/* SPDX-License-Identifier: MIT */
/* One try of a removal: what dmk_remove(), _many() and, with udevd, _all() do again and again. */
#ifndef DMK_REMOVE_H
#define DMK_REMOVE_H

#include "device.h"

#define DMK_REMOVE_MS 5000 /* how long what is busy is tried again, unless told otherwise */

/* What a try leaves for the next one and for the report. */
struct dmk_removal {
	const struct dmk_id *id;
	const struct dmk_remove_options *options;
	struct dmk_handshake udev;
	struct dmk_info info; /* of the last DEV_STATUS; open_count etc. */
	bool seen;	      /* info is valid */
};

int dmk_remove_check(struct dmk *dm, const struct dmk_remove_options *o,
		     uint32_t allowed) DMK_MUST_CHECK;
/* Before the first try: what udev has to do with it. */
int dmk_remove_init(struct dmk *dm, struct dmk_removal *removal) DMK_MUST_CHECK;
/* -EBUSY: it is open, and all is as it was. */
int dmk_remove_try(struct dmk *dm, struct dmk_removal *removal) DMK_MUST_CHECK;
/* Puts one error segment in, without waiting for I/O that may never end: what waits fails and lets
 * go. */
int dmk_remove_put_error(struct dmk *dm, const struct dmk_id *id,
			 const struct dmk_limit *limit) DMK_MUST_CHECK;
/* Each of the devices that nobody has open, and one wait for udevd, which answers. Their nodes may
 * be there still. */
int dmk_remove_each(struct dmk *dm, const struct dmk_remove_options *options,
		    struct dmk_devices *devices, struct dmk_handshake *all) DMK_MUST_CHECK;

#endif
