/* SPDX-License-Identifier: MIT */
/*
 * Snapshots beside what writes to their origin. A snapshot-origin, and a snapshot that is merged,
 * takes the size of the smallest chunk of all snapshots of its origin when it is resumed, and saves
 * only one chunk of each write that it does not split by that. So with one that came later a longer
 * write is saved in part, until the writer is resumed again: new snapshots come before new writers,
 * and where a writer is live it is suspended before a snapshot is there, and resumed afterwards.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "machine/blockdev.h"
#include "words.h"

/* One segment that has an origin. */
struct role {
	uint32_t item;
	bool snapshot;		 /* it is wanted, and saves what is overwritten */
	bool writer;		 /* it is live or wanted */
	struct dmk_devno origin; /* of one that is new: 0, and its index + 1 */
};

struct roles {
	struct dmk_plan *plan;
	struct role *list;
	uint32_t n;
	uint32_t room;
	struct role next;
	bool named; /* its origin was read */
};

static bool is_writer(const char *type)
{
	return strcmp(type, "snapshot-origin") == 0 || strcmp(type, "snapshot-merge") == 0;
}

static bool is_snapshot(const char *type)
{
	return strcmp(type, "snapshot") == 0 || strcmp(type, "snapshot-merge") == 0;
}

static bool is_same(const struct dmk_devno *a, const struct dmk_devno *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/* The first word alone. One that is nowhere is no origin yet. */
static int note_origin(void *userdata, const char *word, struct dmk_text *out)
{
	struct roles *roles = userdata;
	struct dmk_devno *origin = &roles->next.origin;
	const struct dmk_plan_item *item;
	uint32_t index;

	(void)out;
	if (roles->named)
		return 0;
	roles->named = true;
	if (word[0] != '@') {
		if (!dmk_parse_devno(word, &origin->major, &origin->minor) &&
		    dmk_blockdev_number(word, &origin->major, &origin->minor) < 0)
			*origin = (struct dmk_devno){ 0 };
		return 0;
	}
	index = dmk_names_find(roles->plan->names, word + 1, strlen(word + 1));
	if (index == DMK_NO_INDEX)
		return 0;
	item = &roles->plan->items[index];
	*origin = item->up && !item->half ? (struct dmk_devno){ item->major, item->minor }
					  : (struct dmk_devno){ 0, index + 1 };
	return 0;
}

static int add_role(struct roles *roles, const struct dmk_segment *segment, struct role role)
{
	int r;

	if (!role.snapshot && !role.writer)
		return 0;
	roles->next = role;
	roles->named = false;
	r = dmk_change_words(segment->params, note_origin, roles, NULL);
	if (r < 0 || (!roles->next.origin.major && !roles->next.origin.minor))
		return r;
	if (roles->n == roles->room) {
		uint32_t room = roles->room * 2 + 8;
		struct role *list = realloc(roles->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		roles->list = list;
		roles->room = room;
	}
	roles->list[roles->n++] = roles->next;
	return 0;
}

static int find_roles_of(struct roles *roles, uint32_t index)
{
	const struct dmk_plan_item *item = &roles->plan->items[index];
	struct dmk_table *wanted = item->wanted ? item->wanted->table : NULL;
	struct dmk_segment segment;
	int r = 0;

	if (item->up && !item->half) {
		dmk_segments_rewind(item->live);
		while (r == 0 && dmk_segments_next(item->live, &segment) == 1)
			r = add_role(
				roles, &segment,
				(struct role){ .item = index, .writer = is_writer(segment.type) });
		dmk_segments_rewind(item->live);
	}
	for (uint32_t i = 0; wanted && r == 0 && i < dmk_table_count(wanted); i++) {
		r = dmk_table_get(wanted, i, &segment);
		if (r == 0)
			r = add_role(roles, &segment,
				     (struct role){ .item = index,
						    .snapshot = is_snapshot(segment.type),
						    .writer = is_writer(segment.type) });
	}
	return r;
}

/* It gets its table by this apply. */
static bool comes_now(const struct dmk_plan_item *item)
{
	return dmk_item_is_new(item) || item->swap;
}

static int pair(struct dmk_plan *plan, const struct role *snapshot, const struct role *writer)
{
	struct dmk_plan_item *first = &plan->items[snapshot->item];
	struct dmk_plan_item *then = &plan->items[writer->item];

	/* Of two that are merged neither comes first. */
	if (first == then || !is_same(&snapshot->origin, &writer->origin) ||
	    (snapshot->writer && writer->snapshot))
		return 0;
	if (comes_now(first) && then->up && !then->half) {
		then->pause = true;
		first->held = dmk_item_is_new(first);
	}
	return dmk_edges_add(&then->before_it, snapshot->item);
}

/* ---- what is of no stack, or of another ---- */

static int fail_foreign(struct dmk *dm, const struct dmk_plan *plan, const struct role *snapshot,
			const struct dmk_info *info)
{
	const struct dmk_plan_item *item = &plan->items[snapshot->item];

	dmk_begin(dm, plan->verb, NULL);
	dmk_fail_word(&dm->error, -EBUSY, info->name, strlen(info->name), 0,
		      "it writes to the same origin, is none of this stack, and would save its "
		      "writes only in part until it is resumed: suspend it before, and resume it "
		      "afterwards");
	return dmk_plan_failed(dm, item, dmk_fail_step(dm, DMK_STEP_TABLE, -EBUSY));
}

/* Whether a table writes to that origin. */
static int writes_to(struct roles *roles, struct dmk_segments *table,
		     const struct dmk_devno *origin)
{
	struct dmk_segment segment;

	while (dmk_segments_next(table, &segment) == 1) {
		int r;

		if (!is_writer(segment.type))
			continue;
		roles->next = (struct role){ 0 };
		roles->named = false;
		r = dmk_change_words(segment.params, note_origin, roles, NULL);
		if (r < 0 || is_same(&roles->next.origin, origin))
			return r < 0 ? r : 1;
	}
	return 0;
}

/* One that stands on the origin. */
static int check_table(struct dmk *dm, struct roles *roles, const struct dmk_id *id,
		       const struct role *snapshot)
{
	struct dmk_segments *table;
	int r = dmk_get_table(dm, id, NULL, &table);

	if (r < 0)
		return r == -ENXIO ? 0 : r;
	r = dmk_segments_info(table)->flags & DMK_INFO_SUSPENDED
		    ? 0
		    : writes_to(roles, table, &snapshot->origin);
	if (r == 1)
		r = fail_foreign(dm, roles->plan, snapshot, dmk_segments_info(table));
	else if (r < 0)
		r = dmk_fail_step(dm, DMK_STEP_TABLE, r);
	dmk_segments_free(table);
	return r;
}

static int check_foreign(struct dmk *dm, struct roles *roles, const struct dmk_devno *number)
{
	const struct dmk_id id = { .major = number->major, .minor = number->minor };
	struct dmk_devno *below;
	uint32_t n;
	int r = dmk_get_deps(dm, &id, NULL, &below, &n);

	if (r < 0)
		return r == -ENXIO ? 0 : r;
	for (uint32_t i = 0; r == 0 && i < roles->n; i++) {
		const struct role *role = &roles->list[i];

		if (!role->snapshot || !comes_now(&roles->plan->items[role->item]))
			continue;
		for (uint32_t j = 0; r == 0 && j < n; j++)
			if (is_same(&below[j], &role->origin))
				r = check_table(dm, roles, &id, role);
	}
	free(below);
	return r;
}

static int check_others(struct dmk *dm, struct roles *roles)
{
	const struct dmk_plan *plan = roles->plan;
	bool any = false;
	int r = 0;

	for (uint32_t i = 0; i < roles->n; i++)
		any = any || (roles->list[i].snapshot && roles->list[i].origin.major &&
			      comes_now(&plan->items[roles->list[i].item]));
	for (uint32_t i = 0; any && r == 0 && i < plan->n_others; i++)
		r = check_foreign(dm, roles, &plan->others[i]);
	return r;
}

/* ---- all of it ---- */

int dmk_plan_pair_snapshots(struct dmk *dm, struct dmk_plan *plan)
{
	struct roles roles = { .plan = plan };
	int r = 0;

	for (uint32_t i = 0; plan->n_wanted && r == 0 && i < plan->n; i++)
		r = find_roles_of(&roles, i);
	for (uint32_t i = 0; i < roles.n; i++)
		for (uint32_t j = 0; r == 0 && roles.list[i].snapshot && j < roles.n; j++)
			if (roles.list[j].writer)
				r = pair(plan, &roles.list[i], &roles.list[j]);
	if (r < 0)
		r = dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	else
		r = check_others(dm, &roles);
	free(roles.list);
	return r;
}
