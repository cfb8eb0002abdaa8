/* SPDX-License-Identifier: MIT */
/*
 * Many devices at a time. A removal waits some 20 ms in the kernel for grace periods, outside of
 * its locks, and these overlap: so several threads remove, each with a connection of its own. What
 * stands on something goes first, and what it stood on is ready as soon as nothing is left on it.
 * The caller's thread works like the others, and alone does what only one may: it looks at the
 * time, notices that it is cancelled, adds threads, and tells the caller what became of each.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "holders.h"
#include "order.h"
#include "remove.h"
#include "threads.h"

#define DEFAULT_THREADS 64
#define MOST_THREADS 4096
#define MOST_DEVICES 1048576 /* minors that the kernel has */
#define FIRST_PAUSE_NS INT64_C(2000000)
#define PAUSES 8 /* each twice as long as the one before: 2 ms to 256 ms */
#define TELL_NS INT64_C(250000000)
#define NONE DMK_ORDER_NONE

/* What is kept of a device that did not go at once. */
struct trouble {
	struct dmk_removal removal;
	struct dmk_error error;
};

enum state {
	WAITS = 0, /* something stands on it; or it is ready, or to be tried again */
	GONE,
	FAILED
};

struct item {
	uint32_t next;	/* in the queue that it stands in */
	uint32_t above; /* what still stands on it */
	uint32_t tries;
	uint8_t state;	/* enum state */
	uint8_t pause;	/* which comes next */
	bool forced;	/* it has its error table */
	uint32_t flags; /* of the last reply: DMK_INFO_* */
	int32_t code;
	int64_t due_ns;
	struct trouble *trouble; /* malloc'd */
};

struct queue {
	uint32_t first; /* meaningless while length is 0 */
	uint32_t last;
	uint32_t length;
};

struct many;

struct worker {
	struct dmk dm;
	struct many *many;
	struct dmk_thread thread;
};

struct many {
	/* These do not change while there are threads. */
	struct dmk *dm;
	const struct dmk_id *ids;
	const struct dmk_remove_options *options;
	const struct dmk_many_options *how;
	struct dmk_limit limit;
	struct dmk_order order;
	struct worker *workers; /* the caller's thread uses these, and n_ and max_workers, alone */
	uint32_t n_workers;
	uint32_t max_workers;
	int64_t started_ns;
	int64_t tell_ns; /* when to tell the caller that it still takes time */

	/* These stand under the lock. */
	struct dmk_lock lock;
	struct item *items;
	struct queue ready;
	struct queue busy[PAUSES]; /* by pause: each in the order in which it is due */
	struct queue gone;	   /* and the caller does not know it yet */
	uint32_t n_active;	   /* being tried at this moment */
	uint32_t n_idle;	   /* threads that wait for work */
	bool stop;
	bool asleep; /* the caller's thread waits in poll() */
};

static void put(struct many *many, struct queue *queue, uint32_t index)
{
	if (queue->length++ == 0)
		queue->first = index;
	else
		many->items[queue->last].next = index;
	queue->last = index;
}

static uint32_t take(struct many *many, struct queue *queue)
{
	uint32_t index = queue->first;

	if (queue->length == 0)
		return NONE;
	queue->length--;
	queue->first = many->items[index].next;
	return index;
}

static void make_ready(struct many *many, uint32_t index)
{
	put(many, &many->ready, index);
	if (many->n_idle > 0)
		dmk_lock_wake(&many->lock);
}

/* Those whose pause is over are ready again. When the next one's will be; INT64_MAX: there is none.
 */
static int64_t end_pauses(struct many *many)
{
	int64_t next = INT64_MAX;
	int64_t now = 0;

	for (size_t i = 0; i < PAUSES; i++) {
		struct queue *queue = &many->busy[i];

		while (queue->length > 0) {
			int64_t due = many->items[queue->first].due_ns;

			if (now == 0)
				now = dmk_now_ns();
			if (due > now) {
				next = due < next ? due : next;
				break;
			}
			make_ready(many, take(many, queue));
		}
	}
	return next;
}

/* One try, without the lock: nobody else has this item. */
static int try_item(struct many *many, struct dmk *dm, uint32_t index)
{
	struct item *item = &many->items[index];
	struct dmk_removal fresh = { .id = &many->ids[index], .options = many->options };
	struct dmk_removal *removal = item->trouble ? &item->trouble->removal : &fresh;
	int r = dmk_begin_id(dm, DMK_VERB_REMOVE, removal->id);

	if (r == 0 && (many->options->flags & DMK_REMOVE_FORCE) && !item->forced) {
		r = dmk_remove_put_error(dm, removal->id, &many->limit);
		if (r == -EBUSY) /* of the load: trying the removal again would not help */
			item->pause = PAUSES;
		item->forced = r == 0;
	}
	if (r == 0)
		r = dmk_remove_try(dm, removal);
	item->tries++;
	item->flags = removal->info.flags;
	if (r == 0)
		return 0;
	if (!item->trouble) {
		item->trouble = malloc(sizeof(*item->trouble));
		if (item->trouble)
			item->trouble->removal = fresh;
	}
	if (item->trouble) {
		item->trouble->error = dm->error;
		item->trouble->error.tries = item->tries;
		item->trouble->error.spent_ms = (dmk_now_ns() - many->started_ns) / 1000000;
	}
	return r;
}

static void release_below(struct many *many, uint32_t index)
{
	const struct dmk_order_place *place = &many->order.places[index];

	for (uint32_t i = 0; i < place->n_deps; i++) {
		uint32_t below = dmk_order_below(&many->order, index, i);

		if (below != NONE && --many->items[below].above == 0 &&
		    many->items[below].state == WAITS)
			make_ready(many, below);
	}
}

/* Under the lock again: what the try came to. */
static void settle(struct many *many, uint32_t index, int r)
{
	struct item *item = &many->items[index];
	int64_t now;

	item->code = r;
	if (r == 0) {
		item->state = GONE;
		put(many, &many->gone, index);
		release_below(many, index);
		return;
	}
	now = dmk_now_ns();
	if (r != -EBUSY || item->pause == PAUSES || now >= many->limit.end_ns) {
		item->state = FAILED;
		return;
	}
	/* The last try is at the end, not a pause before it. */
	item->due_ns = now + (FIRST_PAUSE_NS << item->pause);
	if (item->due_ns > many->limit.end_ns)
		item->due_ns = many->limit.end_ns;
	put(many, &many->busy[item->pause], index);
	if (item->pause + 1 < PAUSES)
		item->pause++;
}

/* One item from begin to end; false: none is ready. */
static bool work(struct many *many, struct dmk *dm)
{
	uint32_t index = take(many, &many->ready);
	int r;

	if (index == NONE)
		return false;
	many->n_active++;
	dmk_lock_leave(&many->lock);
	r = try_item(many, dm, index);
	dmk_lock_enter(&many->lock);
	many->n_active--;
	settle(many, index, r);
	return true;
}

static void *run_worker(void *data)
{
	struct worker *worker = data;
	struct many *many = worker->many;

	dmk_lock_enter(&many->lock);
	while (!many->stop) {
		if (many->ready.length == 0) {
			dmk_lock_wait(&many->lock);
			continue;
		}
		many->n_idle--; /* it was idle from the start */
		work(many, &worker->dm);
		many->n_idle++;
		if (many->asleep)
			dmk_lock_ring(&many->lock);
		many->asleep = false;
	}
	dmk_lock_leave(&many->lock);
	return NULL;
}

/* As many as there is work for now, beside the caller's own. */
static void add_workers(struct many *many)
{
	uint32_t wanted = many->max_workers - many->n_workers;
	uint32_t before = many->n_workers;
	struct dmk_signals signals;

	if (many->ready.length <= many->n_idle + 1)
		return;
	if (wanted > many->ready.length - many->n_idle - 1)
		wanted = many->ready.length - many->n_idle - 1;
	if (wanted == 0)
		return;
	many->n_idle += wanted;
	/* Those that are there begin while the next ones are made. */
	dmk_lock_leave(&many->lock);
	dmk_signals_block(&signals);
	while (many->n_workers < before + wanted) {
		struct worker *worker = &many->workers[many->n_workers];

		worker->many = many;
		if (dmk_twin(many->dm, &worker->dm) < 0)
			break;
		if (dmk_thread_start(&worker->thread, run_worker, worker) < 0) {
			dmk_close(&worker->dm);
			break;
		}
		many->n_workers++;
	}
	dmk_signals_restore(&signals);
	dmk_lock_enter(&many->lock);
	if (many->n_workers < before + wanted) {
		many->n_idle -= before + wanted - many->n_workers;
		many->max_workers = many->n_workers; /* no more are to be had */
	}
}

static void end_workers(struct many *many)
{
	many->stop = true;
	dmk_lock_wake_all(&many->lock);
	dmk_lock_leave(&many->lock);
	for (uint32_t i = 0; i < many->n_workers; i++) {
		dmk_thread_join(&many->workers[i].thread);
		dmk_close(&many->workers[i].dm);
	}
	dmk_lock_enter(&many->lock);
}

/* Tells the caller, without the lock, which devices went since the last time. */
static void tell(struct many *many)
{
	const struct dmk_many_options *how = many->how;
	uint32_t index;

	while ((index = take(many, &many->gone)) != NONE) {
		uint32_t flags = many->items[index].flags;

		if (!how->removed)
			continue;
		dmk_lock_leave(&many->lock);
		how->removed(how->userdata, index, flags, NULL);
		dmk_lock_enter(&many->lock);
	}
	if (how->waiting && dmk_now_ns() >= many->tell_ns) {
		dmk_lock_leave(&many->lock);
		how->waiting(how->userdata);
		many->tell_ns = dmk_now_ns() + TELL_NS;
		dmk_lock_enter(&many->lock);
	}
}

/* Until a thread has done something, a pause is over, or it is time to tell. -ECANCELED. */
static int sleep_until(struct many *many, int64_t until_ns)
{
	struct dmk_limit limit = { .end_ns = until_ns };
	int r;

	if (many->how->waiting && many->tell_ns < limit.end_ns)
		limit.end_ns = many->tell_ns;
	many->asleep = many->n_active > 0;
	dmk_lock_leave(&many->lock);
	r = dmk_limit_poll(many->dm, &limit, many->lock.bell);
	dmk_lock_enter(&many->lock);
	many->asleep = false;
	if (r == 0)
		dmk_lock_silence(&many->lock);
	return r == -ECANCELED ? r : 0;
}

/* Until each is gone, has failed or waits for one that has. 0 or -ECANCELED. */
static int run(struct many *many)
{
	int r = 0;

	for (uint32_t i = 0; i < many->order.n; i++) {
		many->items[i].above = many->order.places[i].above + many->order.places[i].again;
		if (many->items[i].above == 0)
			put(many, &many->ready, i);
	}
	while (r == 0) {
		int64_t due = end_pauses(many);

		if (dmk_canceled(many->dm)) {
			r = -ECANCELED;
			break;
		}
		add_workers(many);
		if (!work(many, many->dm)) {
			if (many->n_active == 0 && due == INT64_MAX)
				break;
			r = sleep_until(many, due);
		}
		tell(many);
	}
	end_workers(many);
	tell(many);
	return r;
}

/* What became of one that is still there, for the caller. Owned by the item or the connection. */
static const struct dmk_error *failure_of(struct many *many, uint32_t index)
{
	struct item *item = &many->items[index];
	struct trouble *trouble = item->trouble;
	struct dmk *dm = many->dm;

	if (item->code == -EBUSY && trouble && trouble->removal.seen)
		dmk_note_holders(trouble->removal.info.major, trouble->removal.info.minor,
				 &trouble->error);
	if (trouble && item->code != -ECANCELED)
		return &trouble->error;
	/* Its id was good enough to get here, or its own failure stands in the error already. */
	if (dmk_begin_id(dm, DMK_VERB_REMOVE, &many->ids[index]) == 0)
		(void)dmk_fail_step(dm, DMK_STEP_REMOVE, item->code);
	return &dm->error;
}

/* What is left, in the caller's order: each is tried in the end, and its failure told. The first
 * one's is the call's. */
static int tell_failures(struct many *many, int r, struct dmk_error *ret_first)
{
	const struct dmk_many_options *how = many->how;
	int first = 0;

	for (uint32_t i = 0; i < many->order.n; i++) {
		struct item *item = &many->items[i];
		const struct dmk_error *err;

		if (item->state == GONE)
			continue;
		if (item->state == WAITS)
			item->code = r < 0 ? r : try_item(many, many->dm, i);
		err = item->code < 0 ? failure_of(many, i) : NULL;
		if (first == 0 && err) {
			first = item->code;
			*ret_first = *err;
		}
		if (how->removed)
			how->removed(how->userdata, i, item->flags, err);
	}
	return first;
}

static void drop(struct many *many)
{
	for (uint32_t i = 0; i < many->order.n && many->items; i++)
		free(many->items[i].trouble);
	free(many->items);
	free(many->workers);
	dmk_order_free(&many->order);
}

/* Threads are for what waits in the kernel: a hook stays in one. */
static void prepare_threads(struct many *many, uint32_t n)
{
	uint32_t threads = many->how->max_threads ? many->how->max_threads : DEFAULT_THREADS;

	if (many->dm->transport || many->dm->dry_run)
		threads = 1;
	threads = threads < n ? threads : n;
	if (threads > 1)
		many->workers = calloc(threads - 1, sizeof(*many->workers));
	many->max_workers = many->workers ? threads - 1 : 0;
	if (dmk_lock_init(&many->lock, many->max_workers > 0) < 0)
		many->max_workers = 0;
}

static int remove_them(struct many *many, uint32_t n)
{
	struct dmk *dm = many->dm;
	struct dmk_error first;
	int r = dmk_connect(dm);

	if (r < 0)
		return r;
	many->started_ns = dm->started_ns;
	many->tell_ns = many->started_ns + TELL_NS;
	r = dmk_order_read(dm, many->ids, n, &many->order);
	many->items = calloc(n, sizeof(*many->items));
	if (r < 0 || !many->items) {
		drop(many);
		dmk_begin(dm, DMK_VERB_REMOVE, NULL);
		return dmk_fail_step(dm, DMK_STEP_REMOVE, -ENOMEM);
	}
	prepare_threads(many, n);
	dmk_lock_enter(&many->lock);
	r = run(many);
	dmk_lock_leave(&many->lock);
	dmk_lock_destroy(&many->lock);
	r = tell_failures(many, r, &first);
	drop(many);
	if (r < 0)
		dm->error = first;
	return dmk_done(dm, r);
}

int dmk_remove_many(struct dmk *dm, const struct dmk_id *ids, uint32_t n,
		    const struct dmk_remove_options *options, const struct dmk_many_options *how)
{
	static const struct dmk_remove_options plain;
	static const struct dmk_many_options alone;
	struct many many = { .dm = dm,
			     .ids = ids,
			     .options = options ? options : &plain,
			     .how = how ? how : &alone };
	int r;

	dmk_begin(dm, DMK_VERB_REMOVE, NULL);
	r = dmk_remove_check(dm, many.options, DMK_REMOVE_DEFERRED | DMK_REMOVE_FORCE);
	if (r == 0)
		r = dmk_check_options(dm, many.how->flags, 0, many.how->reserved);
	if (r < 0)
		return r;
	if (many.how->max_threads > MOST_THREADS)
		return dmk_fail_argument(dm, -EINVAL, "at most %u threads", MOST_THREADS);
	if (n > MOST_DEVICES)
		return dmk_fail_argument(dm, -EINVAL, "at most %u devices, as many as there can be",
					 MOST_DEVICES);
	r = dmk_limit_start(dm, many.options->timeout_ms, DMK_REMOVE_MS, &many.limit);
	return r < 0 || n == 0 ? r : remove_them(&many, n);
}
