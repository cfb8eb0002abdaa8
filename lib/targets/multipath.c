/* SPDX-License-Identifier: MIT */
/* multipath: one device behind several paths. */
#include "multipath.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

static const struct dmk_choice queue_modes[] = {
	{ "bio", "bio", DMK_MULTIPATH_QUEUE_BIO, .release = DMK_LINUX(4, 8) },
	{ "rq", "rq", DMK_MULTIPATH_QUEUE_RQ, .release = DMK_LINUX(4, 8) },
	{ "mq", "mq", DMK_MULTIPATH_QUEUE_MQ, .release = DMK_LINUX(4, 8) },
	DMK_ALLOWED("bio|rq|mq"),
};

#define DMK_ROWS_OF struct dmk_multipath

/* In the order in which Linux 6.1 prints the features. The kernel has no document of this target:
 * what is no word of its text is named here. */
static const struct dmk_row rows[] = {
	{ DMK_ROW("queue-if-no-path", FLAG, "I/O waits while no path is left, instead of failing"),
	  DMK_WORD("queue_if_no_path", DMK_MULTIPATH_QUEUE_IF_NO_PATH) },
	{ DMK_ROW("pg-init-retries", NUMBER, "how often the hardware handler tries again"),
	  DMK_WORD("pg_init_retries", DMK_MULTIPATH_PG_INIT_RETRIES), DMK_FIELD(pg_init_retries),
	  .min = 1, .max = 50 },
	/* Linux 2.6.38 */
	{ DMK_ROW("pg-init-delay-msecs", MS, "the hardware handler's pause before it tries again"),
	  DMK_WORD("pg_init_delay_msecs", DMK_MULTIPATH_PG_INIT_DELAY), DMK_FIELD(pg_init_delay_ms),
	  .max = 60000 },
	/* Linux 3.6. Linux 6.1 turns it on, and prints it, with queue_mode bio. */
	{ DMK_ROW("retain-attached-hw-handler", FLAG,
		  "a hardware handler that a path has already stays"),
	  DMK_WORD("retain_attached_hw_handler", DMK_MULTIPATH_RETAIN_ATTACHED_HW_HANDLER),
	  .since = DMK_V(1, 5) },
	/* Linux 4.8. Linux 6.1 prints bio alone. */
	{ DMK_ROW("queue-mode", CHOICE,
		  "bio takes any block device as a path and no hw-handler; the default rq, and "
		  "mq, want paths with a request queue, as SCSI disks are"),
	  DMK_WORD("queue_mode", DMK_MULTIPATH_QUEUE_MODE), DMK_FIELD(queue_mode),
	  .choices = queue_modes, .flags = DMK_ROW_ANY_CASE },
	{ DMK_ROW("hw-handler", RECORD,
		  "NAME[,ARG...] of the SCSI device handler: alua, rdac, emc, hp_sw"),
	  DMK_CUSTOM(&dmk_multipath_hw_handler_key) },
	{ DMK_ROW("group", RECORD,
		  "SELECTOR[,ARG...], once per priority group, the best first; SELECTOR is "
		  "round-robin, queue-length, service-time, "
		  "historical-service-time[,BASE-WEIGHT[,THRESHOLD-MULTIPLIER]] or io-affinity"),
	  .key_flags = DMK_KEY_REPEATED, DMK_CUSTOM(&dmk_multipath_group_key) },
	{ DMK_ROW("path", RECORD,
		  "[GROUP@]DEVICE[,ARG...]; GROUP counts from 1, without it the path is of the "
		  "last group= before it. ARG: REPEATS of round-robin, queue-length, "
		  "historical-service-time and, before THROUGHPUT (0 to 100), of service-time; "
		  "the hex mask of CPUs of io-affinity. A comma in a word is \\,"),
	  .key_flags = DMK_KEY_REPEATED, DMK_CUSTOM(&dmk_multipath_path_key),
	  .flags = DMK_ROW_SIZE_DEVICE },
	{ DMK_DEFAULT("initial-group", NUMBER, "1", "the group that is tried first, from 1"),
	  DMK_FIELD(initial_group), .max = DMK_MULTIPATH_MAX },
};

static int read_count(struct dmk_words *words, const char *what, uint32_t min, uint32_t *ret_count)
{
	uint64_t count = 0;
	int r = dmk_words_number(words, what, min, DMK_MULTIPATH_MAX, &count);

	if (r == 0)
		*ret_count = (uint32_t)count;
	return r;
}

static int read_word(struct dmk_words *words, void **owned, const char *what, const char **ret_text)
{
	struct dmk_word word;
	int r = dmk_words_need(words, what, &word);

	if (r < 0)
		return r;
	*ret_text = dmk_arena_word(owned, &word);
	return *ret_text ? 0 : dmk_fail(words->error, -ENOMEM, "no memory");
}

static int read_features(struct dmk_words *words, struct dmk_multipath *multipath)
{
	uint64_t n = 0;
	int r = dmk_words_number(words, "the number of feature words", 0, 8, &n);

	if (r == 0)
		r = dmk_rows_read_words(&dmk_target_multipath.table, words, multipath, n);
	return r;
}

static int read_hw_handler(struct dmk_words *words, struct dmk_multipath *multipath)
{
	void **owned = &multipath->owned;
	uint32_t n = 0;
	int r = read_count(words, "the number of hardware handler words", 0, &n);

	if (r < 0 || n == 0)
		return r;
	r = read_word(words, owned, "hw-handler", &multipath->hw_handler);
	multipath->n_hw_handler_args = n - 1;
	if (r == 0)
		r = dmk_multipath_read_words(words, owned, "hw-handler", n - 1,
					     &multipath->hw_handler_args);
	return r;
}

static int read_paths(struct dmk_words *words, void **owned, struct dmk_multipath_group *group)
{
	uint64_t need = (uint64_t)group->n_paths * (1 + group->n_path_args);
	struct dmk_multipath_path *paths;
	int r = 0;

	if (dmk_words_left(words) < need)
		return dmk_fail_word(words->error, -EINVAL, "path", 4,
				     (uint32_t)words->previous_end + 1,
				     "%" PRIu32 " paths with %" PRIu32
				     " words each must follow, here are %" PRIu64 " words",
				     group->n_paths, group->n_path_args, dmk_words_left(words));
	paths = dmk_arena_array(owned, group->n_paths, sizeof(*paths));
	if (!paths)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	group->paths = paths;
	for (uint32_t i = 0; r == 0 && i < group->n_paths; i++) {
		r = read_word(words, owned, "path", &paths[i].device);
		if (r == 0)
			r = dmk_multipath_read_words(words, owned, "path", group->n_path_args,
						     &paths[i].args);
	}
	return r;
}

static int read_group(struct dmk_words *words, void **owned, struct dmk_multipath_group *group)
{
	int r = read_word(words, owned, "group", &group->selector);

	if (r == 0)
		r = read_count(words, "the number of selector words", 0, &group->n_args);
	if (r == 0)
		r = dmk_multipath_read_words(words, owned, "group", group->n_args, &group->args);
	if (r == 0)
		r = read_count(words, "the number of paths", 1, &group->n_paths);
	if (r == 0)
		r = read_count(words, "the number of words per path", 0, &group->n_path_args);
	return r < 0 ? r : read_paths(words, owned, group);
}

static int read_groups(struct dmk_words *words, struct dmk_multipath *multipath)
{
	struct dmk_multipath_group *groups;
	uint32_t n = multipath->n_groups;
	int r = 0;

	/* SELECTOR 0 1 0 DEVICE is the shortest. */
	if (dmk_words_left(words) / 5 < n)
		return dmk_fail_word(
			words->error, -EINVAL, "group", 5, (uint32_t)words->previous_end + 1,
			"%" PRIu32 " groups must follow, of five words or more each; here are "
			"%" PRIu64 " words",
			n, dmk_words_left(words));
	groups = dmk_arena_array(&multipath->owned, n, sizeof(*groups));
	if (!groups)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	multipath->groups = groups;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = read_group(words, &multipath->owned, &groups[i]);
	return r;
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_multipath *multipath = value;
	uint64_t initial = 0;
	int r = read_features(words, multipath);

	if (r == 0)
		r = read_hw_handler(words, multipath);
	if (r == 0)
		r = read_count(words, "the number of groups", 0, &multipath->n_groups);
	/* Linux 6.1 takes a number beyond the last group as 1. */
	if (r == 0)
		r = dmk_words_number(words, "initial-group", multipath->n_groups ? 1 : 0,
				     multipath->n_groups, &initial);
	multipath->initial_group = (uint32_t)initial;
	return r < 0 || multipath->n_groups == 0 ? r : read_groups(words, multipath);
}

static void print_group(const struct dmk_multipath_group *group, struct dmk_text *out)
{
	dmk_text_add(out, " %s ", group->selector);
	dmk_multipath_print_words(group->args, group->n_args, out);
	dmk_text_add(out, " %" PRIu32 " %" PRIu32, group->n_paths, group->n_path_args);
	for (uint32_t i = 0; i < group->n_paths; i++) {
		dmk_text_add(out, " ");
		dmk_text_add_path(out, group->paths[i].device);
		for (uint32_t k = 0; k < group->n_path_args; k++)
			dmk_text_add(out, " %s", group->paths[i].args[k]);
	}
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_form *form = &dmk_target_multipath.table;
	const struct dmk_multipath *multipath = value;
	uint32_t initial = multipath->initial_group ? multipath->initial_group : 1;

	dmk_text_add(out, "%" PRIu32, dmk_rows_count_words(form, value));
	dmk_rows_print_words(form, value, out);
	if (multipath->hw_handler) {
		dmk_text_add(out, " %" PRIu32 " %s", multipath->n_hw_handler_args + 1,
			     multipath->hw_handler);
		for (uint32_t i = 0; i < multipath->n_hw_handler_args; i++)
			dmk_text_add(out, " %s", multipath->hw_handler_args[i]);
	} else {
		dmk_text_add(out, " 0");
	}
	dmk_text_add(out, " %" PRIu32 " %" PRIu32, multipath->n_groups,
		     multipath->n_groups ? initial : 0);
	for (uint32_t i = 0; i < multipath->n_groups; i++)
		print_group(&multipath->groups[i], out);
}

static int check_words(const char *what, const char *const *list, uint32_t n, struct dmk_error *err)
{
	int r = 0;

	if (n > DMK_MULTIPATH_MAX)
		return dmk_refuse(err, what, "takes at most 1024 words");
	if (n && !list)
		return dmk_refuse(err, what, "its words are missing");
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = dmk_check_word(what, list[i], err);
	return r;
}

/* What the selectors of Linux 6.12 want to hear; others pass. */
struct selector {
	const char *name;
	uint32_t min_path_args;
	uint32_t max_path_args;
	bool mask; /* of CPUs, not numbers */
};

static const struct selector selectors[] = {
	{ "round-robin", 0, 1, false },	 { "queue-length", 0, 1, false },
	{ "service-time", 0, 2, false }, { "historical-service-time", 0, 1, false }, /* Linux 5.8 */
	{ "io-affinity", 1, 1, true }, /* Linux 5.11 */
};

static int check_number(const char *what, const char *text, uint64_t max, struct dmk_error *err)
{
	uint64_t number;

	if (dmk_parse_u64(text, strlen(text), max, &number) == 0)
		return 0;
	return dmk_refuse(err, text, "%s must be a number from 0 to %" PRIu64, what, max);
}

static int check_path_args(const struct selector *selector, const char *const *args, uint32_t n,
			   struct dmk_error *err)
{
	int r = 0;

	if (n < selector->min_path_args || n > selector->max_path_args)
		return dmk_refuse(err, selector->name,
				  "takes %" PRIu32 " to %" PRIu32 " words per path, not %" PRIu32,
				  selector->min_path_args, selector->max_path_args, n);
	if (selector->mask && args[0][strspn(args[0], "0123456789abcdefABCDEF,")])
		return dmk_refuse(err, args[0], "a path's CPUs must be a mask in hex");
	if (!selector->mask && n > 0)
		r = check_number("the repeat count", args[0], UINT32_MAX, err);
	if (r == 0 && n > 1)
		r = check_number("the relative throughput", args[1], 100, err);
	return r;
}

static int check_group_args(const struct dmk_multipath_group *group, struct dmk_error *err)
{
	int r = 0;

	/* The other selectors read none, and take any. */
	if (strcmp(group->selector, "historical-service-time") != 0)
		return 0;
	if (group->n_args > 2)
		return dmk_refuse(err, group->selector, "takes at most two words");
	if (group->n_args > 0)
		r = check_number("the base weight", group->args[0], 1023, err);
	if (r == 0 && group->n_args > 1)
		r = check_number("the threshold multiplier", group->args[1], UINT32_MAX, err);
	return r;
}

static int check_paths(const struct dmk_multipath_group *group, struct dmk_error *err)
{
	const struct selector *selector = NULL;
	int r = 0;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(selectors); i++) {
		if (strcmp(selectors[i].name, group->selector) == 0)
			selector = &selectors[i];
		else if (strcasecmp(selectors[i].name, group->selector) == 0)
			return dmk_refuse(err, group->selector, "must be %s: case matters",
					  selectors[i].name);
	}
	for (uint32_t i = 0; r == 0 && i < group->n_paths; i++) {
		const struct dmk_multipath_path *path = &group->paths[i];

		r = dmk_check_path("path", path->device, err);
		if (r == 0)
			r = check_words("path", path->args, group->n_path_args, err);
		if (r == 0 && selector)
			r = check_path_args(selector, path->args, group->n_path_args, err);
	}
	return r;
}

static int check_group(const struct dmk_multipath_group *group, struct dmk_error *err)
{
	int r = dmk_check_word("group", group->selector, err);

	if (r == 0 && group->unused)
		r = dmk_refuse(err, "unused", "must be zero");
	if (r == 0)
		r = check_words(group->selector, group->args, group->n_args, err);
	if (r == 0)
		r = check_group_args(group, err);
	if (r == 0 && (group->n_paths == 0 || group->n_paths > DMK_MULTIPATH_MAX || !group->paths))
		r = dmk_refuse(err, group->selector, "a group has 1 to 1024 paths");
	return r < 0 ? r : check_paths(group, err);
}

static int check_hw_handler(const struct dmk_multipath *multipath, struct dmk_error *err)
{
	int r;

	/* Linux 6.1 takes one with queue_mode bio too, complains in its log and leaves it away. */
	if (!multipath->hw_handler)
		return multipath->n_hw_handler_args ? dmk_refuse(err, "hw-handler", "is missing")
						    : 0;
	r = dmk_check_word("hw-handler", multipath->hw_handler, err);
	if (r == 0 && multipath->n_hw_handler_args == DMK_MULTIPATH_MAX)
		r = dmk_refuse(err, "hw-handler", "takes at most 1024 words");
	if (r == 0)
		r = check_words("hw-handler", multipath->hw_handler_args,
				multipath->n_hw_handler_args, err);
	return r;
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_multipath *multipath = value;
	uint32_t n = multipath->n_groups;
	int r = check_hw_handler(multipath, err);

	if (r == 0 && (n > DMK_MULTIPATH_MAX || (n && !multipath->groups)))
		r = dmk_refuse(err, "group", "there may be 0 to 1024 groups");
	if (r == 0 && multipath->initial_group > (n ? n : 1))
		r = dmk_refuse(err, "initial-group",
			       "%" PRIu32 " is not allowed: there are %" PRIu32 " groups",
			       multipath->initial_group, n);
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = check_group(&multipath->groups[i], err);
	return r;
}

/* Selectors are modules of their own. */
static bool needs(const void *value, uint32_t index, struct dmk_need *ret_need)
{
	static const struct dmk_need newer[] = {
		{ .word = "historical-service-time", .release = DMK_LINUX(5, 8) },
		{ .word = "io-affinity", .release = DMK_LINUX(5, 11) },
	};
	const struct dmk_multipath *multipath = value;

	*ret_need = (struct dmk_need){ 0 };
	if (index >= multipath->n_groups)
		return false;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(newer); i++)
		if (strcmp(multipath->groups[index].selector, newer[i].word) == 0)
			*ret_need = newer[i];
	return true;
}

const struct dmk_target dmk_target_multipath = {
	.info = { .type = "multipath",
		  .summary = "one device behind several paths",
		  .example = "multipath queue-mode=bio group=round-robin path=/dev/vdb path=/dev/vdc",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_ALONE | DMK_TARGET_IMMUTABLE,
	.table = {
		.syntax = "FEATURES [FEATURE...] HANDLER-WORDS [HANDLER [ARG...]] GROUPS "
			  "INITIAL-GROUP [SELECTOR ARGS [ARG...] PATHS PATH-ARGS [DEVICE "
			  "[ARG...]]...]...",
		DMK_ROWS(rows, struct dmk_multipath),
		DMK_OPTIONS(struct dmk_multipath),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &dmk_multipath_status_form,
	.messages = dmk_multipath_messages,
	.n_messages = DMK_MULTIPATH_N_MESSAGES,
	.needs = needs,
};
