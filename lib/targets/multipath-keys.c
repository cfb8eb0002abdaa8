/* SPDX-License-Identifier: MIT */
/*
 * multipath's nested groups by key=value: group=SELECTOR[,ARG...] and path=[GROUP@]DEVICE[,ARG...].
 * Commas join the words, for devices hold colons: MAJOR:MINOR and most of /dev/disk/by-path. GROUP
 * is written where it has to be, so that all groups can stand before all paths.
 */
#include "multipath.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int fail_key(struct dmk_error *err, const char *key, const char *why)
{
	return dmk_refuse(err, key, "%s", why);
}

static int no_memory(struct dmk_error *err)
{
	return dmk_fail(err, -ENOMEM, "no memory");
}

void dmk_multipath_join(const char *word, bool first, struct dmk_text *out)
{
	if (!first)
		dmk_text_add(out, ",");
	for (; *word; word++)
		dmk_text_add(out, "%s%c", *word == ',' || *word == '\\' ? "\\" : "", *word);
}

/* Cuts "a,b\,c\\d" into "a" and "b,c\d". */
static int split(void **owned, const char *text, const char *const **ret_words, uint32_t *ret_n)
{
	size_t length = strlen(text);
	char *copy = dmk_arena_text(owned, text, length);
	const char **words;
	uint32_t n = 1;
	size_t to = 0;

	for (size_t i = 0; i < length; i++)
		n += text[i] == ',';
	words = copy ? dmk_arena_array(owned, n, sizeof(*words)) : NULL;
	if (!words)
		return -ENOMEM;
	n = 0;
	words[n++] = copy;
	for (size_t from = 0; from < length; from++) {
		if (text[from] == '\\' && (text[from + 1] == ',' || text[from + 1] == '\\')) {
			copy[to++] = text[++from];
		} else if (text[from] == ',') {
			copy[to++] = '\0';
			words[n++] = copy + to;
		} else {
			copy[to++] = text[from];
		}
	}
	copy[to] = '\0';
	*ret_words = words;
	*ret_n = n;
	return 0;
}

/* Room for one more behind n. Only for arrays that nothing else has made: their room is the next
 * power of two. */
static void *grown(void **owned, const void *array, uint32_t n, size_t size)
{
	void *larger;

	if (n & (n - 1))
		return (void *)array;
	larger = dmk_arena_array(owned, n ? (size_t)n * 2 : 1, size);
	if (larger && n)
		memcpy(larger, array, n * size);
	return larger;
}

static int add_hw_handler(void *value, const char *text, struct dmk_error *err)
{
	struct dmk_multipath *multipath = value;
	const char *const *words;
	uint32_t n;

	if (split(&multipath->owned, text, &words, &n) < 0)
		return no_memory(err);
	multipath->hw_handler = words[0];
	multipath->hw_handler_args = words + 1;
	multipath->n_hw_handler_args = n - 1;
	return 0;
}

static uint32_t count_hw_handler(const void *value)
{
	const struct dmk_multipath *multipath = value;

	return multipath->hw_handler != NULL;
}

static void print_hw_handler(const void *value, uint32_t index, struct dmk_text *out)
{
	const struct dmk_multipath *multipath = value;

	(void)index;
	dmk_multipath_join(multipath->hw_handler, true, out);
	for (uint32_t i = 0; i < multipath->n_hw_handler_args; i++)
		dmk_multipath_join(multipath->hw_handler_args[i], false, out);
}

const struct dmk_custom dmk_multipath_hw_handler_key = {
	.add = add_hw_handler,
	.count = count_hw_handler,
	.print = print_hw_handler,
	.fields = "name,args*",
};

static int add_group(void *value, const char *text, struct dmk_error *err)
{
	struct dmk_multipath *multipath = value;
	struct dmk_multipath_group *groups;
	const char *const *words;
	uint32_t n;

	if (multipath->n_groups == DMK_MULTIPATH_MAX)
		return fail_key(err, "group", "there may be at most 1024");
	if (split(&multipath->owned, text, &words, &n) < 0)
		return no_memory(err);
	groups = grown(&multipath->owned, multipath->groups, multipath->n_groups, sizeof(*groups));
	if (!groups)
		return no_memory(err);
	groups[multipath->n_groups++] = (struct dmk_multipath_group){
		.selector = words[0],
		.args = n > 1 ? words + 1 : NULL,
		.n_args = n - 1,
	};
	multipath->groups = groups;
	return dmk_check_word("group", words[0], err);
}

static uint32_t count_groups(const void *value)
{
	const struct dmk_multipath *multipath = value;

	return multipath->n_groups;
}

static void print_group(const void *value, uint32_t index, struct dmk_text *out)
{
	const struct dmk_multipath *multipath = value;
	const struct dmk_multipath_group *group = &multipath->groups[index];

	dmk_multipath_join(group->selector, true, out);
	for (uint32_t i = 0; i < group->n_args; i++)
		dmk_multipath_join(group->args[i], false, out);
}

const struct dmk_custom dmk_multipath_group_key = {
	.add = add_group,
	.count = count_groups,
	.print = print_group,
	.fields = "selector,args*",
};

/* The length of "GROUP@" in front, 0 where there is none. */
static size_t prefix_length(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && text[digits] == '@' ? digits + 1 : 0;
}

/* Which group a path is of: the one that it names, or the last. */
static int group_of(const struct dmk_multipath *multipath, const char *text, uint32_t *ret_index,
		    struct dmk_error *err)
{
	size_t length = prefix_length(text);
	uint64_t number = multipath->n_groups;

	if (multipath->n_groups == 0)
		return fail_key(err, "path", "there is no group= before it");
	if (length &&
	    (dmk_parse_u64(text, length - 1, multipath->n_groups, &number) < 0 || !number))
		return dmk_refuse(err, "path",
				  "'%.80s': its group must be one from 1 to %" PRIu32
				  ", as many as stand before it",
				  text, multipath->n_groups);
	*ret_index = (uint32_t)number - 1;
	return 0;
}

static int add_path(void *value, const char *text, struct dmk_error *err)
{
	struct dmk_multipath *multipath = value;
	struct dmk_multipath_group *group;
	struct dmk_multipath_path *paths;
	const char *const *words;
	uint32_t n, index = 0;
	int r = group_of(multipath, text, &index, err);

	if (r < 0)
		return r;
	group = (struct dmk_multipath_group *)&multipath->groups[index];
	if (group->n_paths == DMK_MULTIPATH_MAX)
		return fail_key(err, "path", "a group may have at most 1024");
	if (split(&multipath->owned, text + prefix_length(text), &words, &n) < 0)
		return no_memory(err);
	if (group->n_paths && n - 1 != group->n_path_args)
		return dmk_refuse(err, "path",
				  "'%.80s' has %" PRIu32 " words behind the device, the first "
				  "path of its group %" PRIu32 ": each must have the same number",
				  text, n - 1, group->n_path_args);
	paths = grown(&multipath->owned, group->paths, group->n_paths, sizeof(*paths));
	if (!paths)
		return no_memory(err);
	paths[group->n_paths++] = (struct dmk_multipath_path){ words[0], n > 1 ? words + 1 : NULL };
	group->n_path_args = n - 1;
	group->paths = paths;
	return dmk_check_path("path", words[0], err);
}

static uint32_t count_paths(const void *value)
{
	const struct dmk_multipath *multipath = value;
	uint32_t n = 0;

	for (uint32_t i = 0; i < multipath->n_groups; i++)
		n += multipath->groups[i].n_paths;
	return n;
}

/* Number index of all groups' paths; *ret_group is from 0. */
static const struct dmk_multipath_path *find_path(const struct dmk_multipath *multipath,
						  uint32_t index, uint32_t *ret_group)
{
	uint32_t group = 0;

	while (index >= multipath->groups[group].n_paths)
		index -= multipath->groups[group++].n_paths;
	*ret_group = group;
	return &multipath->groups[group].paths[index];
}

static void print_path(const void *value, uint32_t index, struct dmk_text *out)
{
	const struct dmk_multipath *multipath = value;
	uint32_t group;
	const struct dmk_multipath_path *path = find_path(multipath, index, &group);

	if (multipath->n_groups > 1 || prefix_length(path->device))
		dmk_text_add(out, "%" PRIu32 "@", group + 1);
	dmk_multipath_join(path->device, true, out);
	for (uint32_t i = 0; i < multipath->groups[group].n_path_args; i++)
		dmk_multipath_join(path->args[i], false, out);
}

static const char *device_of_path(const void *value, uint32_t index)
{
	uint32_t group;

	return find_path(value, index, &group)->device;
}

const struct dmk_custom dmk_multipath_path_key = {
	.add = add_path,
	.count = count_paths,
	.print = print_path,
	.fields = "group#@device,args*",
	.device = device_of_path,
};
