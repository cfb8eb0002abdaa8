/* SPDX-License-Identifier: MIT */
/* Requests on one device whose reply is its header. Each fails the verb that runs. */
#ifndef DMK_SIMPLE_H
#define DMK_SIMPLE_H

#include "kernel.h"

/* A verb on a device without payload: sends it and reads the header of the reply. ret_info may be
 * NULL. -ENXIO also where the call says which device it has to be, and the reply is another's. */
int dmk_simple(struct dmk *dm, const struct dmk_call *call,
	       struct dmk_info *ret_info) DMK_MUST_CHECK;
/* The same for one that can block; at the limit's end the error tells the state that the device is
 * in then. */
int dmk_simple_blocking(struct dmk *dm, const struct dmk_call *call, const struct dmk_limit *limit,
			struct dmk_info *ret_info) DMK_MUST_CHECK;
int dmk_status(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_info) DMK_MUST_CHECK;

/*
 * The same number, and the same uuid or, where there is none, the same name. A number or name that
 * one of the two does not have (a reply without, a request that was not sent) says nothing.
 */
bool dmk_same_device(const struct dmk_info *first, const struct dmk_info *later);

/* Fails the verb with -ENXIO: the device that it began on is not there any more. */
int dmk_fail_other(struct dmk *dm, uint32_t step, const struct dmk_info *first);

#endif
