/* SPDX-License-Identifier: MIT */
/* A request that can block in the kernel while I/O hangs below: run where it can be killed. */
#ifndef DMK_KILLABLE_H
#define DMK_KILLABLE_H

#include "limit.h"

/*
 * Runs run(dm, shared, size) in a process of its own, on a copy of the size bytes at request which
 * is copied back when it has ended in time. Returns what run returned (0 or a negative errno);
 * -ETIMEDOUT at the limit's end and -ECANCELED when the caller cancels: then the process was
 * killed, the kernel has undone the request, and dm->stuck tells if it could not be killed.
 * -EINTR with dm->unanswered: the process ended without an answer, killed by another, or the kernel
 * answered so; whether the request was done has to be looked at. -EAGAIN, -ENOMEM: no process could
 * be had.
 */
int dmk_run_killable(struct dmk *dm, const struct dmk_limit *limit,
		     int (*run)(struct dmk *dm, void *request), void *request,
		     uint32_t size) DMK_MUST_CHECK;

#endif
