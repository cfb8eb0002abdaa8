/* SPDX-License-Identifier: MIT */
#ifndef DMK_CONTROL_H
#define DMK_CONTROL_H

#include "context.h"
#include "wire/request.h"

/* One request, told by a designated initialiser. */
struct dmk_call {
	uint32_t command;  /* DM_*_CMD */
	uint32_t step;	   /* what it is in an error: DMK_STEP_* */
	uint32_t flags;	   /* DM_*_FLAG */
	uint32_t event_nr; /* udev cookie and flags, see T3 */
	const struct dmk_info
		*first;		 /* the device as the verb has first seen it: a reply of another
				    one is none, see dmk_simple(); NULL: any is right */
	const struct dmk_id *id; /* which device, checked; or */
	const char *name;	 /* the header's fields as they are */
	const char *uuid;
	uint64_t dev;
	uint32_t target_count;
	bool secret;	     /* the reply may hold a key, even without DM_SECURE_DATA */
	const void *payload; /* sent behind the header */
	size_t payload_size;
	size_t reply_size; /* room for the payload of the answer; grows while the kernel asks for
			      more (T4) */
};

/* Sends a request, to the hook if there is one, again and again while a signal ends it. -ECANCELED:
 * the caller does not want it any more. */
int dmk_send(struct dmk *dm, uint32_t command, struct dm_ioctl *io, uint32_t size) DMK_MUST_CHECK;
/* The same, with header and payload written anew each time: the kernel writes over them. */
int dmk_send_call(struct dmk *dm, const struct dmk_call *call, struct dm_ioctl *io,
		  uint32_t size) DMK_MUST_CHECK;

/* The control node's minor as /proc/misc has it; -ENODEV: no device-mapper; else fopen(3)'s. */
int dmk_misc_minor(void) DMK_MUST_CHECK;

/* Opens the control node, anew: what a poll() of one fd waits for does not depend on another's. The
 * caller closes it. */
int dmk_open_control(struct dmk *dm, int *ret_fd) DMK_MUST_CHECK;
/* Is it the number of device-mapper's control node? */
struct stat;
bool dmk_is_control(const struct stat *st);

#endif
