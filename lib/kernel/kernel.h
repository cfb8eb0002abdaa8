/* SPDX-License-Identifier: MIT */
/* The control node: the one funnel through which every request goes. */
#ifndef DMK_KERNEL_H
#define DMK_KERNEL_H

#include "control.h"
#include "limit.h"

/* A page with the header: what one device's table or status most often fits in. */
#define DMK_FIRST_REPLY (4096 - sizeof(struct dm_ioctl))

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

/* Opens the control node and asks the driver's version, once. */
int dmk_connect(struct dmk *dm) DMK_MUST_CHECK;

/* Is the driver at least 4.minor? After a call. */
bool dmk_driver_has(const struct dmk *dm, uint32_t minor);

/* A cursor over the last reply's payload. Fails the verb at step. */
int dmk_reply_of(struct dmk *dm, uint32_t step, struct dmk_cursor *ret_cursor) DMK_MUST_CHECK;

#endif
