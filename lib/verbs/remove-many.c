/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/holders.h"
#include "many.h"

#define DEFAULT_THREADS 64
#define MOST_THREADS 4096
#define MOST_DEVICES 1048576 /* minors that the kernel has */

/* Its time begins with its first try: until then others had theirs. */
static int begin_item(struct dmk_many *many, struct dmk *dm, uint32_t index,
		      struct dmk_removal *removal)
{
	struct dmk_item *item = &many->items[index];
	struct dmk_limit limit;
	int r = dmk_begin_id(dm, DMK_VERB_REMOVE, &many->ids[index]);

	if (r < 0 || item->tries > 0)
		return r;
	r = dmk_limit_start(dm, many->options->timeout_ms, DMK_REMOVE_MS, &limit);
	item->started_ns = dm->started_ns;
	item->end_ns = limit.end_ns;
	if (r == 0 && (many->options->flags & DMK_REMOVE_FORCE)) {
		r = dmk_remove_put_error(dm, removal, &limit);
		if (r == -EBUSY) /* of the load: trying the removal again would not help */
			item->end_ns = 0;
	}
	return r;
}

/* It is the one that was asked what it stands on: since then others have had their turn. */
static struct dmk_id id_of(const struct dmk_many *many, uint32_t index)
{
	const struct dmk_item *item = &many->items[index];

	if (!item->text)
		return many->ids[index];
	return item->by_uuid ? (struct dmk_id){ .uuid = item->text }
			     : (struct dmk_id){ .name = item->text };
}

/* One try, without the lock: nobody else has this item. */
static int try_item(struct dmk_many *many, struct dmk *dm, uint32_t index)
{
	const struct dmk_graph_node *node = dmk_graph_at(&many->graph, index);
	struct dmk_item *item = &many->items[index];
	const struct dmk_id id = id_of(many, index);
	struct dmk_removal fresh = { .options = many->options,
				     .number = { node->major, node->minor },
				     .uuid_hash = item->uuid_hash };
	struct dmk_removal *removal = item->trouble ? &item->trouble->removal : &fresh;
	int r;

	removal->id = &id;
	r = begin_item(many, dm, index, removal);
	if (r == 0 && !item->trouble)
		r = dmk_remove_init(dm, removal);
	if (r == 0)
		r = dmk_remove_try(dm, removal);
	item->tries++;
	item->flags = removal->info.flags;
	item->note = (uint8_t)dm->udev.note;
	item->note_error = dm->udev.error;
	item->waited_ms = dm->udev.waited_ms;
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
		item->trouble->error.spent_ms = (dmk_now_ns() - item->started_ns) / 1000000;
	}
	return r;
}

/* What became of one that is still there, for the caller. Owned by the item or the connection. */
static const struct dmk_error *failure_of(struct dmk_many *many, uint32_t index)
{
	struct dmk_item *item = &many->items[index];
	struct dmk_trouble *trouble = item->trouble;
	struct dmk *dm = many->dm;

	if (trouble && item->code != -ECANCELED)
		return &trouble->error;
	/* Its id was good enough to get here, or its own failure stands in the error already. */
	if (dmk_begin_id(dm, DMK_VERB_REMOVE, &many->ids[index]) == 0)
		(void)dmk_fail_step(dm, DMK_STEP_REMOVE, item->code);
	if (trouble && trouble->removal.error_table)
		dm->error.left = DMK_LEFT_ERROR_TABLE;
	return &dm->error;
}

/* Who has those that are busy: one search for all of them. */
static void note_holders(struct dmk_many *many)
{
	struct dmk_note *notes = NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; i < many->n; i++) {
		struct dmk_item *item = &many->items[i];
		struct dmk_trouble *trouble = item->trouble;

		if (item->state == DMK_ITEM_GONE || item->code != -EBUSY || !trouble ||
		    !trouble->removal.seen)
			continue;
		if (!notes)
			notes = malloc(many->n * sizeof(*notes));
		if (notes)
			notes[n++] = (struct dmk_note){ { trouble->removal.info.major,
							  trouble->removal.info.minor },
							&trouble->error };
		else if (!trouble->error.detail[0])
			dmk_copy_text(trouble->error.detail, sizeof(trouble->error.detail),
				      DMK_NO_MEMORY_FOR_HOLDERS);
	}
	if (n)
		dmk_note_holders(many->dm, notes, n);
	free(notes);
}

/* What is left, in the caller's order: each is tried in the end, and its failure told. The first
 * one's is the call's. */
static int tell_failures(struct dmk_many *many, int r, struct dmk_error *ret_first)
{
	const struct dmk_many_options *how = many->how;
	int first = 0;

	for (uint32_t i = 0; i < many->n; i++)
		if (many->items[i].state == DMK_ITEM_WAITS)
			many->items[i].code = r < 0 ? r : try_item(many, many->dm, i);
	note_holders(many);
	for (uint32_t i = 0; i < many->n; i++) {
		struct dmk_item *item = &many->items[i];
		const struct dmk_error *err;

		if (item->state == DMK_ITEM_GONE)
			continue;
		err = item->code < 0 ? failure_of(many, i) : NULL;
		many->dm->udev.note = item->note;
		many->dm->udev.error = item->note_error;
		many->dm->udev.waited_ms = item->waited_ms;
		if (first == 0 && err) {
			first = item->code;
			*ret_first = *err;
		}
		if (how->removed)
			how->removed(how->userdata, i, item->flags, err);
	}
	return first;
}

static void drop(struct dmk_many *many)
{
	for (uint32_t i = 0; i < many->n && many->items; i++) {
		free(many->items[i].trouble);
		free(many->items[i].text);
	}
	free(many->items);
	free(many->workers);
	dmk_graph_drop(&many->graph);
}

/* Its number and what it stands on, by one request. An id that is none, or a device that cannot be
 * asked, stands alone: its own request will tell why. -ENOMEM alone. */
static int ask_item(struct dmk_many *many, uint32_t index)
{
	const struct dmk_id *id = &many->ids[index];
	struct dmk_graph_node *node = &many->graph.nodes[index];
	struct dmk_item *item = &many->items[index];
	struct dmk_info info;
	int r = dmk_graph_ask(many->dm, &many->graph, index, id);

	if (r == 0)
		r = dmk_reply_info(many->dm->buffer, &info);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	node->major = info.major;
	node->minor = info.minor;
	item->uuid_hash = dmk_uuid_hash(info.uuid);
	/* Numbers are given anew, and soon: its name then, and its uuid where it has one. */
	if (id->major && (info.uuid[0] || info.name[0])) {
		const char *text = info.uuid[0] ? info.uuid : info.name;

		item->by_uuid = info.uuid[0];
		item->text = dmk_copy_bytes(text, strlen(text) + 1);
		if (!item->text)
			return -ENOMEM;
	}
	return 0;
}

static int ask_all(struct dmk_many *many)
{
	int r = dmk_graph_init(&many->graph, many->n);

	many->items = calloc(many->n, sizeof(*many->items));
	if (!many->items)
		r = -ENOMEM;
	for (uint32_t i = 0; i < many->n && r == 0; i++)
		r = ask_item(many, i);
	if (r == 0)
		r = dmk_graph_link(&many->graph);
	dmk_begin(many->dm, DMK_VERB_REMOVE, NULL);
	return r < 0 ? dmk_fail_step(many->dm, DMK_STEP_DEPS, r) : 0;
}

/* Threads are for what waits in the kernel: a hook stays in one. */
static void prepare_threads(struct dmk_many *many)
{
	uint32_t threads = many->how->max_threads ? many->how->max_threads : DEFAULT_THREADS;

	if (many->dm->transport || many->dm->dry_run)
		threads = 1;
	threads = threads < many->n ? threads : many->n;
	if (threads > 1)
		many->workers = calloc(threads - 1, sizeof(*many->workers));
	many->max_workers = many->workers ? threads - 1 : 0;
	if (dmk_lock_init(&many->lock, many->max_workers > 0) < 0)
		many->max_workers = 0;
}

static int remove_them(struct dmk_many *many)
{
	struct dmk *dm = many->dm;
	struct dmk_error first;
	int r = dmk_connect(dm);

	if (r < 0)
		return r;
	/* Looked for once, here: the other threads' connections are copies. */
	r = dmk_remove_init(dm, &(struct dmk_removal){ .options = many->options });
	if (r < 0)
		return r;
	many->tell_ns = dmk_now_ns() + DMK_MANY_TELL_NS;
	r = ask_all(many);
	if (r < 0) {
		drop(many);
		return r;
	}
	prepare_threads(many);
	dmk_lock_enter(&many->lock);
	r = dmk_many_run(many);
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
	struct dmk_limit limit; /* only to be checked here */
	struct dmk_many many = { .dm = dm,
				 .ids = ids,
				 .n = n,
				 .options = options ? options : &plain,
				 .how = how ? how : &alone,
				 .try = try_item };
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
	r = dmk_limit_start(dm, many.options->timeout_ms, DMK_REMOVE_MS, &limit);
	return r < 0 || n == 0 ? r : remove_them(&many);
}
