/* SPDX-License-Identifier: MIT */
/* The semaphores that udevd counts down. */
#ifndef DMK_UDEV_COOKIE_H
#define DMK_UDEV_COOKIE_H

#include "kernel/context.h"

#define DMK_COOKIE_PREFIX 0x0d4d0000u

/* All return a negative errno on failure. A new one's id, and its key. */
int dmk_cookie_new(int value, uint32_t *ret_cookie) DMK_MUST_CHECK;
/* The id of the one with this key. */
int dmk_cookie_open(uint32_t cookie) DMK_MUST_CHECK;
/* by is 1 or -1; -EAGAIN: it is 0 already. */
int dmk_cookie_change(int semid, int by);
/* 0: its value is 0, or it is gone; -ETIMEDOUT; -ECANCELED. */
int dmk_cookie_wait(struct dmk *dm, int semid, int64_t end_ns) DMK_MUST_CHECK;
void dmk_cookie_drop(int semid);

/* Fails the verb with one of these codes, and says why. Returns code. */
int dmk_cookie_fail(struct dmk *dm, int code);

/* When a wait for udevd ends: by the verb's timeout_ms, as dmkit.h says. */
int64_t dmk_udev_end(const struct dmk *dm, int64_t timeout_ms);

#endif
