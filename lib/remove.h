/* SPDX-License-Identifier: MIT */
/* One try of a removal: what dmk_remove() and dmk_remove_many() do again and again. */
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
	bool error_table;     /* put in by this call, and not to be taken out again */
	bool gone;	      /* the device; what can fail now is its node */
};

int dmk_remove_check(struct dmk *dm, const struct dmk_remove_options *o,
		     uint32_t allowed) DMK_MUST_CHECK;
/* Before the first try: what udev has to do with it. */
int dmk_remove_init(struct dmk *dm, struct dmk_removal *removal) DMK_MUST_CHECK;
/* -EBUSY: it is open, and all is as it was. */
int dmk_remove_try(struct dmk *dm, struct dmk_removal *removal) DMK_MUST_CHECK;
/* Puts one error segment in, without waiting for I/O that may never end: what waits fails and lets
 * go. *ret_put: it is in; false where the device has no table. */
int dmk_remove_put_error(struct dmk *dm, const struct dmk_id *id, const struct dmk_limit *limit,
			 bool *ret_put) DMK_MUST_CHECK;

#endif
