/* SPDX-License-Identifier: MIT */
/* Many devices by what stands on what, in threads: who is next, and in which one. */
#ifndef DMK_MANY_H
#define DMK_MANY_H

#include "graph.h"
#include "remove.h"
#include "base/threads.h"

#define DMK_NO_ITEM UINT32_MAX
#define DMK_MANY_TELL_NS INT64_C(250000000)

/* What is kept of a device that did not go at once. */
struct dmk_trouble {
	struct dmk_removal removal;
	struct dmk_error error;
};

enum dmk_many_state {
	DMK_ITEM_WAITS = 0, /* something stands on it; or it is ready, or to be tried again */
	DMK_ITEM_GONE,
	DMK_ITEM_FAILED
};

struct dmk_item {
	/* Which device it was when it was asked what it stands on. */
	char *text; /* malloc'd, for an id by number alone: its uuid, or its name if it has none */
	bool by_uuid;	    /* text is its uuid */
	uint32_t uuid_hash; /* dmk_uuid_hash() */
	uint32_t next;	    /* in the queue that it stands in */
	uint32_t above;	    /* what still stands on it */
	uint32_t tries;
	uint8_t state;	/* enum dmk_many_state */
	uint8_t pause;	/* which comes next */
	uint8_t note;	/* enum dmk_udev_note */
	uint32_t flags; /* of the last reply: DMK_INFO_* */
	int32_t code;
	int32_t note_error; /* what the note is about */
	int64_t waited_ms;  /* for udev */
	int64_t started_ns; /* its first try; and until when it is tried again */
	int64_t end_ns;
	int64_t due_ns;
	struct dmk_trouble *trouble; /* malloc'd */
};

struct dmk_queue {
	uint32_t first; /* meaningless while length is 0 */
	uint32_t last;
	uint32_t length;
};

struct dmk_worker {
	struct dmk dm;
	struct dmk_many *many;
	struct dmk_thread thread;
};

struct dmk_many {
	/* These do not change while there are threads. */
	struct dmk *dm;
	const struct dmk_id *ids;
	const struct dmk_remove_options *options;
	const struct dmk_many_options *how;
	/* One try, without the lock: nobody else has this item. */
	int (*try)(struct dmk_many *many, struct dmk *dm, uint32_t index);
	uint32_t n;
	struct dmk_graph
		graph; /* its first n nodes are theirs; without a number: could not be asked */
	/* The caller's thread uses these four alone. */
	struct dmk_worker *workers;
	uint32_t n_workers;
	uint32_t max_workers;
	int64_t tell_ns; /* when to tell the caller that it still takes time */

	/* These stand under the lock. */
	struct dmk_lock lock;
	struct dmk_item *items;
	struct dmk_queue ready;
	struct dmk_queue busy[DMK_PAUSES]; /* by pause: each in the order in which it is due */
	struct dmk_queue gone;		   /* and the caller does not know it yet */
	uint32_t n_active;		   /* being tried at this moment */
	uint32_t n_idle;		   /* threads that wait for work */
	bool stop;
	bool asleep; /* the caller's thread waits in poll() */
};

/* Until each is gone, has failed or waits for one that has. 0 or -ECANCELED. */
int dmk_many_run(struct dmk_many *many) DMK_MUST_CHECK;

#endif
