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
	/* What it has at the first look, if that was one before; number 0:0: any. */
	struct dmk_devno number;
	uint32_t uuid_hash;
	struct dmk_seen first; /* the device that is meant: by the verb's first look at it */
	struct dmk_info info;  /* of the last DEV_STATUS; open_count etc. */
	bool known;	       /* first is valid */
	bool seen;	       /* info is valid */
	bool waited;	       /* it was busy at an earlier try */
	bool wrong;	       /* another one was removed: the error says so */
	bool error_table;      /* put in by this call, and not to be taken out again */
	bool gone;	       /* the device; what can fail now is its node */
};

int dmk_remove_check(struct dmk *dm, const struct dmk_remove_options *o,
		     uint32_t allowed) DMK_MUST_CHECK;
/* Before the first try: what udev has to do with it. */
int dmk_remove_init(struct dmk *dm, struct dmk_removal *removal) DMK_MUST_CHECK;
/* -EBUSY: it is open, and all is as it was. -ENXIO: another process has removed it. */
int dmk_remove_try(struct dmk *dm, struct dmk_removal *removal) DMK_MUST_CHECK;
/* The same verb on the device that was seen before as `first`, and no other. */
int dmk_remove_seen(struct dmk *dm, const struct dmk_info *first,
		    const struct dmk_remove_options *options) DMK_MUST_CHECK;
/* Puts one error segment in, without waiting for I/O that may never end: what waits fails and lets
 * go. removal->error_table: it is in; false where the device has no table. */
int dmk_remove_put_error(struct dmk *dm, struct dmk_removal *removal,
			 const struct dmk_limit *limit) DMK_MUST_CHECK;

/* dmk_cancel_deferred_remove(), and the node gets the mode and owner of owned. */
int dmk_cancel_removal(struct dmk *dm, const struct dmk_id *id, const struct dmk_node *owned,
		       uint32_t node_policy) DMK_MUST_CHECK;

#endif
