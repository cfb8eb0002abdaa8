/* SPDX-License-Identifier: MIT */
/* multipath's status: its groups, and each path with what its selector says of it. */
#include "multipath.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Of rows. */
enum {
	PATHS = 3
};

struct state {
	char letter;
	const char *name;
};

static const struct state group_states[] = {
	[DMK_MULTIPATH_GROUP_ACTIVE] = { 'A', "active" },
	[DMK_MULTIPATH_GROUP_ENABLED] = { 'E', "enabled" },
	[DMK_MULTIPATH_GROUP_DISABLED] = { 'D', "disabled" },
};

static const struct state path_states[] = {
	[DMK_MULTIPATH_PATH_ACTIVE] = { 'A', "active" },
	[DMK_MULTIPATH_PATH_FAILED] = { 'F', "failed" },
};

static int read_state(struct dmk_words *words, const struct state *states, size_t n,
		      const char *what, uint32_t *ret_state)
{
	struct dmk_word word;
	int r = dmk_words_need(words, what, &word);

	if (r < 0)
		return r;
	for (uint32_t i = 1; i < n; i++) {
		if (word.length == 1 && *word.text == states[i].letter) {
			*ret_state = i;
			return 0;
		}
	}
	return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
			     "%s must be %s", what, states == path_states ? "A or F" : "A, E or D");
}

static int read_number(struct dmk_words *words, const char *what, uint32_t min, uint32_t max,
		       uint32_t *ret_number)
{
	uint64_t number = 0;
	int r = dmk_words_number(words, what, min, max, &number);

	if (r == 0)
		*ret_number = (uint32_t)number;
	return r;
}

static int read_path(struct dmk_words *words, struct dmk_multipath_status *status,
		     const struct dmk_multipath_group_status *group,
		     struct dmk_multipath_path_status *path)
{
	struct dmk_word word;
	int r = dmk_words_need(words, "path", &word);

	if (r < 0)
		return r;
	path->device = dmk_arena_word(&status->owned, &word);
	if (!path->device)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	r = read_state(words, path_states, DMK_ARRAY_SIZE(path_states), "the path's state",
		       &path->state);
	if (r == 0)
		r = read_number(words, "the fail count", 0, UINT32_MAX, &path->fail_count);
	if (r == 0)
		r = dmk_multipath_read_words(words, &status->owned, "path", group->n_info,
					     &path->info);
	status->n_paths++;
	status->n_failed_paths += path->state == DMK_MULTIPATH_PATH_FAILED;
	return r;
}

static int read_group(struct dmk_words *words, struct dmk_multipath_status *status,
		      struct dmk_multipath_group_status *group)
{
	struct dmk_multipath_path_status *paths;
	int r = read_state(words, group_states, DMK_ARRAY_SIZE(group_states), "the group's state",
			   &group->state);

	if (r == 0)
		r = read_number(words, "the number of selector words", 0, DMK_MULTIPATH_MAX,
				&group->n_args);
	if (r == 0)
		r = dmk_multipath_read_words(words, &status->owned, "group", group->n_args,
					     &group->args);
	if (r == 0)
		r = read_number(words, "the number of paths", 1, DMK_MULTIPATH_MAX,
				&group->n_paths);
	if (r == 0)
		r = read_number(words, "the number of words per path", 0, DMK_MULTIPATH_MAX,
				&group->n_info);
	if (r < 0)
		return r;
	if (dmk_words_left(words) < (uint64_t)group->n_paths * (3 + group->n_info))
		return dmk_fail_word(words->error, -EINVAL, "path", 4,
				     (uint32_t)words->previous_end + 1,
				     "%" PRIu32 " paths must follow, here are %" PRIu64 " words",
				     group->n_paths, dmk_words_left(words));
	paths = dmk_arena_array(&status->owned, group->n_paths, sizeof(*paths));
	if (!paths)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	group->paths = paths;
	for (uint32_t i = 0; r == 0 && i < group->n_paths; i++)
		r = read_path(words, status, group, &paths[i]);
	return r;
}

static int read_groups(struct dmk_words *words, struct dmk_multipath_status *status)
{
	struct dmk_multipath_group_status *groups;
	uint32_t n = status->n_groups;
	int r = 0;

	/* STATE 0 1 0 DEVICE STATE FAILS is the shortest. */
	if (dmk_words_left(words) / 7 < n)
		return dmk_fail_word(words->error, -EINVAL, "group", 5,
				     (uint32_t)words->previous_end + 1,
				     "%" PRIu32 " groups must follow, here are %" PRIu64 " words",
				     n, dmk_words_left(words));
	groups = dmk_arena_array(&status->owned, n, sizeof(*groups));
	if (!groups)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	status->groups = groups;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = read_group(words, status, &groups[i]);
	return r;
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_multipath_status *status = value;
	uint32_t constant;
	int r = read_number(words, "the number of feature words", 2, 2, &constant);

	if (r == 0)
		r = read_number(words, "queue-io", 0, 1, &status->queue_io);
	if (r == 0)
		r = read_number(words, "pg-init-count", 0, UINT32_MAX, &status->pg_init_count);
	if (r == 0)
		r = read_number(words, "the number of hardware handler words", 0, 0, &constant);
	if (r == 0)
		r = read_number(words, "the number of groups", 0, DMK_MULTIPATH_MAX,
				&status->n_groups);
	if (r == 0)
		r = read_number(words, "current-group", status->n_groups ? 1 : 0, status->n_groups,
				&status->current_group);
	return r < 0 || status->n_groups == 0 ? r : read_groups(words, status);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_multipath_status *status = value;

	dmk_text_add(out, "2 %" PRIu32 " %" PRIu32 " 0 %" PRIu32 " %" PRIu32, status->queue_io,
		     status->pg_init_count, status->n_groups, status->current_group);
	for (uint32_t i = 0; i < status->n_groups; i++) {
		const struct dmk_multipath_group_status *group = &status->groups[i];

		dmk_text_add(out, " %c ", group_states[group->state].letter);
		dmk_multipath_print_words(group->args, group->n_args, out);
		dmk_text_add(out, " %" PRIu32 " %" PRIu32, group->n_paths, group->n_info);
		for (uint32_t k = 0; k < group->n_paths; k++) {
			const struct dmk_multipath_path_status *path = &group->paths[k];

			dmk_text_add(out, " %s %c %" PRIu32, path->device,
				     path_states[path->state].letter, path->fail_count);
			for (uint32_t n = 0; n < group->n_info; n++)
				dmk_text_add(out, " %s", path->info[n]);
		}
	}
}

static uint32_t count_groups(const void *value)
{
	const struct dmk_multipath_status *status = value;

	return status->n_groups;
}

static void print_group(const void *value, uint32_t index, struct dmk_text *out)
{
	const struct dmk_multipath_status *status = value;
	const struct dmk_multipath_group_status *group = &status->groups[index];

	dmk_text_add(out, "%s", group_states[group->state].name);
	for (uint32_t i = 0; i < group->n_args; i++)
		dmk_multipath_join(group->args[i], false, out);
}

static uint32_t count_paths(const void *value)
{
	const struct dmk_multipath_status *status = value;

	return status->n_paths;
}

static void print_path(const void *value, uint32_t index, struct dmk_text *out)
{
	const struct dmk_multipath_status *status = value;
	const struct dmk_multipath_group_status *group = status->groups;
	const struct dmk_multipath_path_status *path;

	while (index >= group->n_paths)
		index -= group++->n_paths;
	path = &group->paths[index];
	dmk_text_add(out, "%u@", (unsigned int)(group - status->groups) + 1);
	dmk_multipath_join(path->device, true, out);
	dmk_text_add(out, ",%s,%" PRIu32, path_states[path->state].name, path->fail_count);
	for (uint32_t i = 0; i < group->n_info; i++)
		dmk_multipath_join(path->info[i], false, out);
}

static const struct dmk_custom groups_key = { .count = count_groups,
					      .print = print_group,
					      .fields = "state,args*" };
static const struct dmk_custom paths_key = { .count = count_paths,
					     .print = print_path,
					     .fields = "group#@device,state,fails#,info*" };

static const struct dmk_trouble paths_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .what = "it has no path at all: I/O waits, or fails",
	  .mend = "a table with paths: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble failed_trouble[] = {
	{ .when = DMK_TROUBLE_FULL,
	  .other = PATHS,
	  .value = 100,
	  .what = "all paths have failed: I/O waits, or fails",
	  .mend = "mend a path, then, unless multipathd does it: dmkit message @ "
		  "reinstate-path path=MAJOR:MINOR" },
	{ .when = DMK_TROUBLE_ABOVE,
	  .what = "paths have failed; others are left",
	  .mend = "mend them, then, unless multipathd does it: dmkit message @ "
		  "reinstate-path path=MAJOR:MINOR" },
	DMK_NO_TROUBLE,
};

#define DMK_ROWS_OF struct dmk_multipath_status

static const struct dmk_row rows[] = {
	{ DMK_ROW("queue-io", NUMBER, "1: I/O waits until a group was chosen and made ready"),
	  DMK_FIELD(queue_io), .max = 1 },
	{ DMK_ROW("pg-init-count", NUMBER, "tries of the hardware handler so far"),
	  DMK_FIELD(pg_init_count) },
	{ DMK_ROW("current-group", NUMBER, "the group in use or next, from 1"),
	  DMK_FIELD(current_group), .max = DMK_MULTIPATH_MAX },
	{ DMK_ROW("paths", NUMBER, "of all groups"), DMK_FIELD(n_paths), .trouble = paths_trouble },
	{ DMK_ROW("failed-paths", NUMBER, "how many of them failed"), DMK_FIELD(n_failed_paths),
	  .trouble = failed_trouble },
	{ DMK_ROW("group", RECORD,
		  "STATE[,ARG...], once per group; STATE is active, enabled or disabled"),
	  .key_flags = DMK_KEY_REPEATED, DMK_CUSTOM(&groups_key) },
	{ DMK_ROW("path", RECORD,
		  "GROUP@DEVICE,STATE,FAILS[,INFO...]; STATE is active or failed, INFO what the "
		  "selector counts"),
	  .key_flags = DMK_KEY_REPEATED, DMK_CUSTOM(&paths_key) },
};

const struct dmk_form dmk_multipath_status_form = {
	.syntax = "2 QUEUE-IO PG-INIT-COUNT 0 GROUPS CURRENT-GROUP [STATE ARGS [ARG...] PATHS "
		  "INFOS [DEVICE STATE FAILS [INFO...]]...]...",
	DMK_ROWS(rows, struct dmk_multipath_status),
	.parse = parse,
	.format = format,
};
