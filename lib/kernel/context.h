/* SPDX-License-Identifier: MIT */
/* struct dmk: what one connection holds, and how long its calls may take. */
#ifndef DMK_CONTEXT_H
#define DMK_CONTEXT_H

#include "dmkit.h"
#include "base/error.h"
#include "kmsg.h"

#define DMK_UNDO_MS 5000 /* how long an undo tries to remove what is busy */

struct dm_ioctl;
struct dmk_limit;

struct dmk {
	int fd; /* the control node; -1 before the first request */
	bool connected;
	bool unasked; /* the driver's version: the hook did not send the question */
	bool dry_run; /* change nothing: leave nodes alone */
	bool undoing; /* failures are those of an undo: the first error stays */
	struct dmk_version driver;

	/* Every request is built here, every reply arrives here. Grows, never shrinks, but each
	 * request hands the kernel only as much of it as it needs. */
	struct dm_ioctl *buffer;
	uint32_t capacity;
	uint32_t request_size; /* of the last request: no reply is longer */
	bool secret;	       /* the last request or its reply may hold a key */
	bool kept_out;	       /* the buffer, of core dumps */

	/* What is known of udev, see udev.c. */
	struct {
		uint32_t mode; /* DMK_UDEV_* */
		uint32_t why;  /* 0: not looked yet */
		int32_t pid;
		int32_t error;
		uint32_t note; /* of this verb */
		int64_t waited_ms;
	} udev;
	bool uevent;   /* the last request made the kernel tell udevd */
	bool not_sent; /* the hook, or a dry run, only looked at it */

	/* While a request is sent that can block: when it is to be ended. */
	const struct dmk_limit *blocking;
	bool stuck;	 /* the last one could not be ended */
	bool read_later; /* it was ended, and its outcome is what a DEV_STATUS said afterwards */
	bool unanswered; /* nor is it known what became of it: its process was killed by another */
	int32_t sender;	 /* the process that sent the last request; 0: this thread */

	struct dmk_kmsg log; /* where the kernel says why */
	int64_t started_ns;  /* of the verb */

	int64_t timeout_ms;
	int64_t deadline_ns;
	const volatile int32_t *cancel_flag;
	int cancel_fd;

	dmk_transport_fn transport; /* NULL: the kernel */
	void *transport_data;
	char node_dir[256];

	/* Large, and last: the first request has no need of their pages. */
	struct dmk_error error;
	uint64_t first[128]; /* where the buffer begins: most never need more than this 1 KiB */
};

/* The same connection for another thread: settings, driver and a control fd of its own. -errno: it
 * has none. Undone by dmk_close(), which is dmk_free() for one that was not allocated. */
int dmk_twin(const struct dmk *dm, struct dmk *ret_twin) DMK_MUST_CHECK;
void dmk_close(struct dmk *dm);

/* Frees the buffer; what may be a key is wiped first. */
void dmk_drop_buffer(struct dmk *dm);
/* Takes the buffer with the last reply, to a request of more than 1 KiB, out of the context: the
 * caller frees it. */
struct dm_ioctl *dmk_take_buffer(struct dmk *dm);
/* Out of core dumps: for a request or a reply that holds a key. */
void dmk_keep_buffer_out(struct dmk *dm);

/* Every verb begins so: forgets the last error, names verb and device (device may be NULL). */
void dmk_begin(struct dmk *dm, uint32_t verb, const char *device);
/* The same for a verb on id, which is checked. */
int dmk_begin_id(struct dmk *dm, uint32_t verb, const struct dmk_id *id) DMK_MUST_CHECK;

/* Fails the verb at step; while undoing, only notes that the undo failed. Returns code. */
int dmk_fail_step(struct dmk *dm, uint32_t step, int code);
/* Ends a verb that may have failed before it succeeded: success leaves no error behind. Returns
 * result. */
int dmk_done(struct dmk *dm, int result);
/* A bad argument: step is DMK_STEP_ARGUMENTS; detail says what is allowed. Returns code. */
int dmk_fail_argument(struct dmk *dm, int code, const char *format, ...) DMK_PRINTF(3, 4);
/* -EINVAL unless flags has no bit outside allowed and the reserved words are zero. */
int dmk_check_options(struct dmk *dm, uint32_t flags, uint32_t allowed,
		      const uint64_t *reserved) DMK_MUST_CHECK;

/* -EINVAL unless the options' word between their fields is zero: so it can get a meaning. */
int dmk_check_unused(struct dmk *dm, uint32_t unused) DMK_MUST_CHECK;

#endif
