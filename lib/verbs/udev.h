/* SPDX-License-Identifier: MIT */
/* The handshake with udev: what a verb does around a semaphore that udevd counts down. */
#ifndef DMK_UDEV_H
#define DMK_UDEV_H

#include "kernel/context.h"
#include "machine/nodes.h"
#include "machine/udev-cookie.h"

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
