/* SPDX-License-Identifier: MIT */
/* What the error of a verb that ends with -EBUSY says about who has the device. */
#include <stdlib.h>
#include <string.h>

#include "kernel/simple.h"
#include "holders.h"

/* The verb's own time is over by then: so long may the answer still take. */
#define SEARCH_NS INT64_C(3000000000)

static bool is_process(const struct dmk_holder *holder)
{
	return holder->kind == DMK_HOLDER_OPEN || holder->kind >= DMK_HOLDER_FILE;
}

/* A mount is often seen at the same place in many namespaces, and a process has one file system in
 * many ways: an error names each once. */
static const struct dmk_holder *find_shown(const struct dmk_error *err,
					   const struct dmk_holder *holder)
{
	for (uint32_t i = 0; i < err->n_holders; i++) {
		const struct dmk_holder *shown = &err->holders[i];

		if (holder->kind == DMK_HOLDER_MOUNT && shown->kind == DMK_HOLDER_MOUNT &&
		    strcmp(shown->where, holder->where) == 0)
			return shown;
		if (is_process(holder) && is_process(shown) && shown->pid == holder->pid)
			return shown;
	}
	return NULL;
}

static void say_scope(const struct dmk_holders_scope *scope, struct dmk_error *err)
{
	if (err->detail[0])
		return;
	if (scope->flags & DMK_HOLDERS_CUT_SHORT)
		dmk_copy_text(err->detail, sizeof(err->detail),
			      "the search for holders was cut short: there may be more");
	else if (scope->processes_unseen || scope->places_unseen)
		dmk_print_text(err->detail, sizeof(err->detail),
			       "%u of %u processes and %u other places where a holder may be could "
			       "not be looked at",
			       scope->processes_unseen, scope->processes, scope->places_unseen);
	else if (scope->flags & DMK_HOLDERS_SOME_HIDDEN)
		dmk_copy_text(err->detail, sizeof(err->detail),
			      "not all processes can be seen from here");
}

/* The first that owner has, or would have. */
static uint32_t find_first(const struct dmk_holders *holders, uint32_t owner)
{
	uint32_t low = 0, high = holders->n_found;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (holders->found[middle].owner < owner)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void dmk_show_holders(const struct dmk_holders *holders, uint32_t owner, struct dmk_error *err)
{
	uint32_t i = find_first(holders, owner);
	int32_t last = 0;

	for (; i < holders->n_found && holders->found[i].owner == owner; i++) {
		const struct dmk_holder *holder = &holders->found[i].holder;
		const struct dmk_holder *shown = find_shown(err, holder);

		/* What one process has stands together. */
		if (is_process(holder) && (shown || holder->pid == last))
			continue;
		last = is_process(holder) ? holder->pid : 0;
		if (err->n_holders == DMK_MAX_HOLDERS || shown)
			err->holders_more++;
		else
			err->holders[err->n_holders++] = *holder;
	}
	say_scope(&holders->scope, err);
}

static void search(struct dmk_holders *holders, const struct dmk *dm,
		   const struct dmk_devno *numbers, uint32_t n, const char **ret_trouble)
{
	dmk_holders_init(holders, dm, dmk_now_ns() + SEARCH_NS);
	*ret_trouble =
		dmk_search_holders(holders, numbers, n) < 0 ? DMK_NO_MEMORY_FOR_HOLDERS : NULL;
}

static void show(const struct dmk_holders *holders, uint32_t owner, const char *trouble,
		 struct dmk_error *err)
{
	if (trouble && !err->detail[0])
		dmk_copy_text(err->detail, sizeof(err->detail), trouble);
	dmk_show_holders(holders, owner, err);
}

void dmk_note_holders(const struct dmk *dm, const struct dmk_note *notes, uint32_t n)
{
	struct dmk_devno *numbers = calloc(n, sizeof(*numbers));
	struct dmk_holders holders;
	const char *trouble;

	for (uint32_t i = 0; numbers && i < n; i++)
		numbers[i] = notes[i].number;
	if (numbers) {
		search(&holders, dm, numbers, n, &trouble);
	} else {
		dmk_holders_init(&holders, dm, 0);
		trouble = DMK_NO_MEMORY_FOR_HOLDERS;
	}
	for (uint32_t i = 0; i < n; i++) {
		/* Of the same device twice, the first has what was found. */
		const struct dmk_held *held =
			dmk_find_held(&holders, notes[i].number.major, notes[i].number.minor);

		show(&holders, held ? held->owner : i, trouble, notes[i].err);
	}
	dmk_holders_clear(&holders);
	free(numbers);
}

bool dmk_is_claim(const struct dmk_holder *holder)
{
	/* A file system that is in use is mounted, seen or not. */
	return holder->kind == DMK_HOLDER_DEVICE || holder->kind == DMK_HOLDER_MOUNT ||
	       holder->kind == DMK_HOLDER_SWAP || holder->kind >= DMK_HOLDER_FILE;
}

void dmk_note_claims(const struct dmk *dm, const struct dmk_devno *numbers, uint32_t n,
		     struct dmk_error *err)
{
	struct dmk_holders holders;
	const char *trouble;
	uint32_t kept = 0;
	bool claimed = false;

	search(&holders, dm, numbers, n, &trouble);
	for (uint32_t i = 0; i < holders.n_found; i++)
		claimed = claimed || dmk_is_claim(&holders.found[i].holder);
	for (uint32_t i = 0; i < holders.n_found; i++)
		if (claimed ? dmk_is_claim(&holders.found[i].holder)
			    : holders.found[i].holder.kind != DMK_HOLDER_MAPPING)
			holders.found[kept++] = holders.found[i];
	holders.n_found = kept;
	/* The table has them all. */
	for (uint32_t i = 0; i < kept; i++)
		holders.found[i].owner = 0;
	dmk_sort_found(&holders);
	show(&holders, 0, trouble, err);
	dmk_holders_clear(&holders);
}
