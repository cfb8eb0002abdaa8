/* SPDX-License-Identifier: MIT */
/* A plan as it is told: step by step, tables with the names of the stack's devices. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/blockdev.h"
#include "plan.h"
#include "wire/table.h"
#include "words.h"

/* The name that a device's number has in the text: @NAME, or the path that is wanted. */
struct names {
	struct dmk_text list; /* NUL-terminated: "MAJOR:MINOR", then what it is called */
};

static int add_path(void *userdata, const char *word, struct dmk_text *out)
{
	struct names *names = userdata;
	uint32_t major, minor;

	(void)out;
	if (word[0] != '/' || dmk_blockdev_number(word, &major, &minor) < 0)
		return 0;
	dmk_text_add(&names->list, "%u:%u", major, minor);
	dmk_text_add_bytes(&names->list, "", 1);
	dmk_text_add_bytes(&names->list, word, strlen(word) + 1);
	return dmk_text_error(&names->list);
}

static int find_names(const struct dmk_plan *plan, const struct dmk_plan_item *item,
		      struct names *names)
{
	struct dmk_segment segment;
	int r = 0;

	for (uint32_t i = 0; i < item->stands_on.n; i++) {
		const struct dmk_plan_item *below = &plan->items[item->stands_on.to[i]];

		dmk_text_add(&names->list, "%u:%u", below->major, below->minor);
		dmk_text_add_bytes(&names->list, "", 1);
		dmk_text_add(&names->list, "@%s", below->name);
		dmk_text_add_bytes(&names->list, "", 1);
	}
	for (uint32_t i = 0; item->swap && r == 0 && i < dmk_table_count(item->wanted->table); i++)
		if (dmk_table_get(item->wanted->table, i, &segment) == 0)
			r = dmk_change_words(segment.params, add_path, names, NULL);
	return r < 0 ? r : dmk_text_error(&names->list);
}

static int name_of_number(void *userdata, const char *word, struct dmk_text *out)
{
	const struct names *names = userdata;
	const char *at = names->list.data;
	uint32_t major, minor;

	if (!at || !dmk_parse_devno(word, &major, &minor))
		return 0;
	while (at < names->list.data + names->list.length) {
		const char *name = at + strlen(at) + 1;

		if (strcmp(at, word) == 0) {
			dmk_text_add(out, "%s", name);
			return 1;
		}
		at = name + strlen(name) + 1;
	}
	return 0;
}

/* names NULL: the words as they are. */
static int add_line(struct dmk_text *text, const struct dmk_segment *segment, struct names *names)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text named = { 0 };
	DMK_CLEANUP(dmk_free_ptr) char *hidden = NULL;
	const char *params;
	int r = dmk_params_hide_keys(segment->type, segment->params, &hidden);

	if (r < 0)
		return r;
	params = r == 1 ? hidden : segment->params;
	if (names) {
		r = dmk_change_words(params, name_of_number, names, &named);
		if (r < 0)
			return r;
		params = named.data ? named.data : "";
	}
	dmk_text_add(text, "%s%" PRIu64 " %" PRIu64 " %s%s%s", text->length ? "\n" : "",
		     segment->start_sectors, segment->length_sectors, segment->type,
		     params[0] ? " " : "", params);
	return dmk_text_error(text);
}

static int tell_before(const struct dmk_plan *plan, struct dmk_plan_item *item)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	struct names names = { 0 };
	struct dmk_segment segment;
	int r = find_names(plan, item, &names);

	dmk_segments_rewind(item->live);
	while (r == 0 && dmk_segments_next(item->live, &segment) == 1)
		r = add_line(&text, &segment, &names);
	dmk_segments_rewind(item->live);
	dmk_text_free(&names.list);
	if (r == 0) {
		item->before = text.data;
		text.data = NULL;
	}
	return r;
}

static int tell_after(struct dmk_plan_item *item)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	struct dmk_segment segment;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < dmk_table_count(item->wanted->table); i++) {
		r = dmk_table_get(item->wanted->table, i, &segment);
		if (r == 0)
			r = add_line(&text, &segment, NULL);
	}
	if (r == 0) {
		item->after = text.data;
		text.data = NULL;
	}
	return r;
}

int dmk_plan_describe(struct dmk_plan *plan)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[i];

		if (item->up && !item->half)
			r = tell_before(plan, item);
		if (r == 0 && item->wanted && (item->swap || !item->up || item->half))
			r = tell_after(item);
	}
	return r;
}

void dmk_plan_settle(struct dmk_plan *plan)
{
	plan->names = NULL;
	free(plan->others);
	plan->others = NULL;
	for (uint32_t i = 0; i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[i];

		dmk_segments_free(item->live);
		dmk_edges_free(&item->stands_on);
		dmk_edges_free(&item->before_it);
		free(item->sent);
		item->live = NULL;
		item->sent = NULL;
		item->wanted = NULL;
	}
}

int dmk_plan_next(struct dmk_plan *plan, struct dmk_plan_step *ret_step)
{
	const struct dmk_plan_item *item;

	if (plan->position == plan->n_steps)
		return 0;
	item = &plan->items[plan->steps[plan->position++]];
	*ret_step = item->step;
	ret_step->name = item->name;
	ret_step->before = item->before;
	ret_step->after = item->after;
	if (!item->after && item->step.kind != DMK_PLAN_REMOVE)
		ret_step->after = item->before;
	return 1;
}

void dmk_plan_rewind(struct dmk_plan *plan)
{
	plan->position = 0;
}

uint32_t dmk_plan_changes(const struct dmk_plan *plan)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < plan->n_steps; i++)
		n += plan->items[plan->steps[i]].step.kind != DMK_PLAN_KEEP;
	return n;
}

void dmk_plan_free(struct dmk_plan *plan)
{
	if (!plan)
		return;
	dmk_plan_settle(plan);
	for (uint32_t i = 0; i < plan->n; i++) {
		free(plan->items[i].before);
		free(plan->items[i].after);
	}
	for (uint32_t i = plan->n_fds; i-- > 0;)
		close(plan->fds[i]);
	free(plan->fds);
	free(plan->items);
	free(plan->order);
	free(plan->steps);
	free(plan);
}
