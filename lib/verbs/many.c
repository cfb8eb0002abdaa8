/* SPDX-License-Identifier: MIT */
/*
 * Many devices at a time. A removal waits some 20 ms in the kernel for grace periods, outside of
 * its locks, and these overlap: so several threads remove, each with a connection of its own. What
 * stands on something goes first, and what it stood on is ready as soon as nothing is left on it.
 * The caller's thread works like the others, and alone does what only one may: it looks at the
 * time, notices that it is cancelled, adds threads, and tells the caller what became of each.
 */
#include "many.h"

#include <errno.h>

static void put(struct dmk_many *many, struct dmk_queue *queue, uint32_t index)
{
	if (queue->length++ == 0)
		queue->first = index;
	else
		many->items[queue->last].next = index;
	queue->last = index;
}

static uint32_t take(struct dmk_many *many, struct dmk_queue *queue)
{
	uint32_t index = queue->first;

	if (queue->length == 0)
		return DMK_NO_ITEM;
	queue->length--;
	queue->first = many->items[index].next;
	return index;
}

static void make_ready(struct dmk_many *many, uint32_t index)
{
	put(many, &many->ready, index);
	if (many->n_idle > 0)
		dmk_lock_wake(&many->lock);
}

/* Those whose pause is over are ready again. When the next one's will be; INT64_MAX: there is none.
 */
static int64_t end_pauses(struct dmk_many *many)
{
	int64_t next = INT64_MAX;
	int64_t now = 0;

	for (size_t i = 0; i < DMK_PAUSES; i++) {
		struct dmk_queue *queue = &many->busy[i];

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

static void release_below(struct dmk_many *many, uint32_t index)
{
	const struct dmk_graph_node *node = dmk_graph_at(&many->graph, index);

	for (uint32_t i = 0; i < node->n_below; i++) {
		uint32_t below = node->below[i]->index;

		if (below < many->n && --many->items[below].above == 0 &&
		    many->items[below].state == DMK_ITEM_WAITS)
			make_ready(many, below);
	}
}

/* Under the lock again: what the try came to. */
static void settle(struct dmk_many *many, uint32_t index, int r)
{
	struct dmk_item *item = &many->items[index];
	int64_t now;

	item->code = r;
	if (r == 0) {
		item->state = DMK_ITEM_GONE;
		put(many, &many->gone, index);
		release_below(many, index);
		return;
	}
	now = dmk_now_ns();
	if (r != -EBUSY || now >= item->end_ns) {
		item->state = DMK_ITEM_FAILED;
		return;
	}
	/* The last try is at the end, not a pause before it. */
	item->due_ns = now + dmk_pause_ns(item->pause);
	if (item->due_ns > item->end_ns)
		item->due_ns = item->end_ns;
	put(many, &many->busy[item->pause], index);
	if (item->pause + 1 < DMK_PAUSES)
		item->pause++;
}

/* One item from begin to end; false: none is ready. */
static bool work(struct dmk_many *many, struct dmk *dm)
{
	uint32_t index = take(many, &many->ready);
	int r;

	if (index == DMK_NO_ITEM)
		return false;
	many->n_active++;
	dmk_lock_leave(&many->lock);
	r = many->try(many, dm, index);
	dmk_lock_enter(&many->lock);
	many->n_active--;
	settle(many, index, r);
	return true;
}

static void *run_worker(void *data)
{
	struct dmk_worker *worker = data;
	struct dmk_many *many = worker->many;

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
static void add_workers(struct dmk_many *many)
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
		struct dmk_worker *worker = &many->workers[many->n_workers];

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

static void end_workers(struct dmk_many *many)
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
static void tell(struct dmk_many *many)
{
	const struct dmk_many_options *how = many->how;
	uint32_t index;

	while ((index = take(many, &many->gone)) != DMK_NO_ITEM) {
		uint32_t flags = many->items[index].flags;

		if (!how->removed)
			continue;
		dmk_lock_leave(&many->lock);
		many->dm->udev.note = many->items[index].note;
		many->dm->udev.error = many->items[index].note_error;
		many->dm->udev.waited_ms = many->items[index].waited_ms;
		how->removed(how->userdata, index, flags, NULL);
		dmk_lock_enter(&many->lock);
	}
	if (how->waiting && dmk_now_ns() >= many->tell_ns) {
		dmk_lock_leave(&many->lock);
		how->waiting(how->userdata);
		many->tell_ns = dmk_now_ns() + DMK_MANY_TELL_NS;
		dmk_lock_enter(&many->lock);
	}
}

/* Until a thread has done something, a pause is over, or it is time to tell. -ECANCELED. */
static int sleep_until(struct dmk_many *many, int64_t until_ns)
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

int dmk_many_run(struct dmk_many *many)
{
	int r = 0;

	for (uint32_t i = 0; i < many->n; i++) {
		const struct dmk_graph_node *node = dmk_graph_at(&many->graph, i);

		/* The same device as an earlier one waits for ever. */
		many->items[i].above = node->n_above;
		if (node->major && dmk_graph_find(&many->graph, node->major, node->minor) != node)
			many->items[i].above++;
		if (many->items[i].above == 0)
			put(many, &many->ready, i);
	}
	while (r == 0) {
		int64_t due;

		if (dmk_canceled(many->dm)) {
			r = -ECANCELED;
			break;
		}
		add_workers(many);
		/* Not before: that lets go of the lock, and what was tried meanwhile pauses now. */
		due = end_pauses(many);
		if (!work(many, many->dm)) {
			if (many->n_active == 0 && due == INT64_MAX)
				break;
			r = sleep_until(many, due);
		}
		tell(many);
	}
	tell(many);
	end_workers(many);
	tell(many);
	return r;
}
