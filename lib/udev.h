/* SPDX-License-Identifier: MIT */
/* The handshake with udev: semaphores that udevd counts down, and what a verb does around one. */
#ifndef DMK_UDEV_H
#define DMK_UDEV_H

#include "context.h"
#include "nodes.h"

/* ---- udev-cookie.c: the semaphores ---- */
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

/* ---- udev.c: a verb's part ---- */

/* What the verb's options say. */
struct dmk_udev_request {
	uint32_t cookie;
	uint32_t flags;
	uint32_t node_policy;
	int64_t timeout_ms;
};

/* One request with a cookie, begun before it and ended after it. */
struct dmk_handshake {
	struct dmk_udev_request request;
	uint32_t event_nr; /* for the request */
	bool on;
	bool theirs;	/* the caller's cookie: the caller waits, and the node is udevd's alone */
	bool nodes;	/* udevd makes and removes the node */
	bool waiting;	/* udevd has been told, and this verb waits for it */
	bool undone;	/* the verb is taken back where it is cancelled in its wait */
	int semid;	/* -1: none */
	int64_t end_ns; /* 0: the default, from the wait on */
};

/* When a wait for udevd ends: by the verb's timeout_ms, as dmkit.h says. */
int64_t dmk_udev_end(const struct dmk *dm, int64_t timeout_ms);

/* -EINVAL for more than 16 bits of flags, or a cookie that is none. */
int dmk_check_udev(struct dmk *dm, uint32_t cookie, uint32_t flags) DMK_MUST_CHECK;

/*
 * Before the verb's first request: whether there is a handshake, and until when it waits. Nothing
 * is made yet. Connects.
 */
int dmk_handshake_init(struct dmk *dm, const struct dmk_udev_request *request,
		       struct dmk_handshake *ret_handshake) DMK_MUST_CHECK;
/* Right before each try of the request: makes its cookie. */
int dmk_handshake_begin(struct dmk *dm, struct dmk_handshake *handshake) DMK_MUST_CHECK;
/* Right after it, r being its result: takes the cookie back where udevd was not told. */
void dmk_handshake_sent(struct dmk *dm, struct dmk_handshake *handshake, int r);
/*
 * Waits where udevd was told, for `node` to be there or, where `gone`, away; NULL: for the cookie
 * alone. Then the node is as it has to be, by udevd or by this call, if it is udevd's. Fails the
 * verb only where neither can be, or when one that is undone then is cancelled.
 */
int dmk_handshake_end(struct dmk *dm, struct dmk_handshake *handshake, const struct dmk_node *node,
		      bool gone) DMK_MUST_CHECK;

/* After a request that told udevd of more than one node, or with no cookie: this one goes too, with
 * a wait for it where there was none. */
int dmk_handshake_gone(struct dmk *dm, const struct dmk_handshake *handshake,
		       const struct dmk_node *node) DMK_MUST_CHECK;

#endif
