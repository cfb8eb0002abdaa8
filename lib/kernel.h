/* SPDX-License-Identifier: MIT */
/* The control node: the one funnel through which every request goes. */
#ifndef DMK_KERNEL_H
#define DMK_KERNEL_H

#include "context.h"
#include "request.h"

/* A page with the header: what one device's table or status most often fits in. */
#define DMK_FIRST_REPLY (4096 - sizeof(struct dm_ioctl))

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

/*
 * Sends it; connects first if need be. *ret_io (may be NULL) is the reply in the context's buffer,
 * valid until the next call. On failure the context's error has code and step, and the code is
 * returned.
 */
int dmk_call(struct dmk *dm, const struct dmk_call *call, struct dm_ioctl **ret_io);

/* The same for a request that can block while I/O hangs below: at the limit's end it is ended, the
 * kernel undoes it, and -ETIMEDOUT is returned. Without an end it is sent as any other. */
int dmk_call_blocking(struct dmk *dm, const struct dmk_call *call, const struct dmk_limit *limit,
		      struct dm_ioctl **ret_io) DMK_MUST_CHECK;

/* The same with a buffer that the caller made, whose payload of payload_size bytes stands behind
 * room for the header; with call->payload it is copied there, for each try that a signal ends. The
 * kernel writes its answer's header over ours. */
int dmk_call_in_place(struct dmk *dm, const struct dmk_call *call,
		      struct dm_ioctl *io) DMK_MUST_CHECK;

/* What dmk_call() is made of: the header of a request, and sending it, to the hook if there is one.
 */
void dmk_fill_header(struct dm_ioctl *io, const struct dmk_call *call, uint32_t size);
int dmk_send(struct dmk *dm, uint32_t command, struct dm_ioctl *io, uint32_t size) DMK_MUST_CHECK;

/* The control node's minor as /proc/misc has it; -ENODEV: no device-mapper; else fopen(3)'s. */
int dmk_misc_minor(void) DMK_MUST_CHECK;

/* Opens the control node, anew: what a poll() of one fd waits for does not depend on another's. The
 * caller closes it. */
int dmk_open_control(struct dmk *dm, int *ret_fd) DMK_MUST_CHECK;
/* Is it the number of device-mapper's control node? */
struct stat;
bool dmk_is_control(const struct stat *st);

/* Opens the control node and asks the driver's version, once. */
int dmk_connect(struct dmk *dm) DMK_MUST_CHECK;

/* Is the driver at least 4.minor? After a call. */
bool dmk_driver_has(const struct dmk *dm, uint32_t minor);

/* A cursor over the last reply's payload. Fails the verb at step. */
int dmk_reply_of(struct dmk *dm, uint32_t step, struct dmk_cursor *ret_cursor) DMK_MUST_CHECK;

/* Frees the buffer; what may be a key is wiped first. */
void dmk_drop_buffer(struct dmk *dm);

/* Takes the buffer with the last reply, to a request of more than 1 KiB, out of the context: the
 * caller frees it. */
struct dm_ioctl *dmk_take_buffer(struct dmk *dm);
/* Out of core dumps: for a request or a reply that holds a key. */
void dmk_keep_buffer_out(struct dmk *dm);

#endif
