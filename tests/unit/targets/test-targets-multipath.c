/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void golden(void **state)
{
	(void)state;
	check_golden_tables(dmk_target_find("multipath"));
}

static void bad(void **state)
{
	(void)state;
	check_bad_lines(dmk_target_find("multipath"));
}

static void golden_status(void **state)
{
	FILE *file = open_lines("golden", "multipath");
	struct golden golden_line;
	char line[4096];
	int n = 0;

	(void)state;
	while (next_line(file, line, sizeof(line))) {
		if (!read_golden(line, "status:", &golden_line))
			continue;
		check_form_round_trip(dmk_target_find("multipath")->status, golden_line.params);
		n++;
	}
	fclose(file);
	assert_true(n > 10);
}

static void status_fields(void **state)
{
	struct dmk_multipath_status status;

	(void)state;
	assert_int_equal(
		dmk_multipath_parse_status("2 1 3 0 2 2 D 2 972 0 1 3 8:0 A 0 1 2 3 A 0 2 1 "
					   "8:16 F 4294967295 x 8:32 A 1 y",
					   &status, NULL),
		0);
	assert_int_equal(status.queue_io, 1);
	assert_int_equal(status.pg_init_count, 3);
	assert_int_equal(status.current_group, 2);
	assert_int_equal(status.n_groups, 2);
	assert_int_equal(status.n_paths, 3);
	assert_int_equal(status.n_failed_paths, 1);
	assert_int_equal(status.groups[0].state, DMK_MULTIPATH_GROUP_DISABLED);
	assert_int_equal(status.groups[0].n_args, 2);
	assert_string_equal(status.groups[0].args[0], "972");
	assert_int_equal(status.groups[0].n_info, 3);
	assert_string_equal(status.groups[0].paths[0].info[2], "3");
	assert_int_equal(status.groups[1].state, DMK_MULTIPATH_GROUP_ACTIVE);
	assert_int_equal(status.groups[1].n_paths, 2);
	assert_string_equal(status.groups[1].paths[0].device, "8:16");
	assert_int_equal(status.groups[1].paths[0].state, DMK_MULTIPATH_PATH_FAILED);
	assert_int_equal(status.groups[1].paths[0].fail_count, UINT32_MAX);
	assert_int_equal(status.groups[1].paths[1].state, DMK_MULTIPATH_PATH_ACTIVE);
	assert_string_equal(status.groups[1].paths[1].info[0], "y");
	dmk_multipath_status_clear(&status);
	dmk_multipath_status_clear(NULL);
}

static void bad_status(void **state)
{
	static const char *const lines[] = {
		"",
		"1 0 0 0 1 1",
		"2 2 0 0 0 0",
		"2 0 x 0 0 0",
		"2 0 0 1 0 0",
		"2 0 0 0 0 1",
		"2 0 0 0 1 2 A 0 1 0 8:0 A 0",
		"2 0 0 0 1 1",
		"2 0 0 0 1024 1 A 0 1 0 8:0 A 0",
		"2 0 0 0 1 1 X 0 1 0 8:0 A 0",
		"2 0 0 0 1 1 AA 0 1 0 8:0 A 0",
		"2 0 0 0 1 1 A 0 0 0 8:0 A 0",
		"2 0 0 0 1 1 A 0 1024 0 8:0 A 0",
		"2 0 0 0 1 1 A 0 1 1024 8:0 A 0",
		"2 0 0 0 1 1 A 0 1 0 8:0 E 0",
		"2 0 0 0 1 1 A 0 1 0 8:0 A x",
		"2 0 0 0 1 1 A 0 1 0 8:0 A 0 x",
		"2 0 0 0 1 1 A 1024 1 0 8:0 A 0",
	};
	struct dmk_multipath_status status = { .n_groups = 7 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_multipath_parse_status(lines[i], &status, &err), -EINVAL);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.n_groups, 7);
}

static void status_keys(void **state)
{
	static const char *const expected[][2] = {
		{ "queue-io", "0" },	       { "pg-init-count", "0" },
		{ "current-group", "1" },      { "paths", "2" },
		{ "failed-paths", "1" },       { "group", "active" },
		{ "group", "disabled,972,0" }, { "path", "1@1:0,failed,2,0,100" },
		{ "path", "2@1:1,active,0" },
	};
	struct dmk_key_values values;

	(void)state;
	assert_int_equal(
		dmk_status_to_keys("multipath",
				   "2 0 0 0 2 1 A 0 1 2 1:0 F 2 0 100 D 2 972 0 1 0 1:1 A 0",
				   &values, NULL),
		0);
	assert_int_equal(values.count, DMK_ARRAY_SIZE(expected));
	for (uint32_t i = 0; i < values.count; i++) {
		assert_string_equal(values.items[i].key, expected[i][0]);
		assert_string_equal(values.items[i].value, expected[i][1]);
	}
	dmk_key_values_clear(&values);
}

/* "key=value key=value ..." -> the parameters, or the failure's words. */
static void check_keys(const char *words, const char *params, const char *told)
{
	char *copy = strdup(words), *saved = NULL;
	struct dmk_key_value pairs[16];
	struct dmk_segment segment;
	struct dmk_table *table;
	uint32_t n = 0;

	for (char *word = strtok_r(copy, " ", &saved); word; word = strtok_r(NULL, " ", &saved)) {
		char *value = strchr(word, '=');

		*value++ = '\0';
		pairs[n++] = (struct dmk_key_value){ .key = word, .value = value };
	}
	assert_int_equal(dmk_table_new(&table), 0);
	if (params) {
		if (dmk_table_add_keys(table, "multipath", pairs, n) < 0)
			fail_msg("%s: %s: %s", words, dmk_table_error(table)->argument,
				 dmk_table_error(table)->detail);
		assert_int_equal(dmk_table_get(table, 0, &segment), 0);
		assert_string_equal(segment.params, params);
	} else {
		assert_int_equal(dmk_table_add_keys(table, "multipath", pairs, n), -EINVAL);
		assert_told(table, told);
	}
	dmk_table_free(table);
	free(copy);
}

static void keys(void **state)
{
	(void)state;
	check_keys("size=8s queue-mode=bio group=round-robin path=/dev/a path=/dev/b",
		   "2 queue_mode bio 0 1 1 round-robin 0 2 0 /dev/a /dev/b", NULL);
	/* A path is of the group that it follows, or of the one that it names. */
	check_keys("size=8s group=round-robin path=8:0,1 group=service-time path=8:16,1,100 "
		   "path=8:32,1,5 path=1@8:48,2",
		   "0 0 2 1 round-robin 0 2 1 8:0 1 8:48 2 service-time 0 2 2 8:16 1 100 8:32 1 5",
		   NULL);
	check_keys("size=8s initial-group=2 hw-handler=emc,1,0 group=round-robin,a,b "
		   "group=historical-service-time,972,3 path=2@8:0 path=1@8:1 path=2@8:2",
		   "0 3 emc 1 0 2 2 round-robin 2 a b 1 0 8:1 historical-service-time 2 972 3 2 0 "
		   "8:0 8:2",
		   NULL);
	check_keys("size=8s group=io-affinity path=/dev/disk/by-path/a:b@c,0000000f\\,ffffffff",
		   "0 0 1 1 io-affinity 0 1 1 /dev/disk/by-path/a:b@c 0000000f,ffffffff", NULL);
	check_keys("size=8s queue-if-no-path=yes pg-init-retries=5 pg-init-delay-msecs=2s "
		   "retain-attached-hw-handler=yes",
		   "6 queue_if_no_path pg_init_retries 5 pg_init_delay_msecs 2000 "
		   "retain_attached_hw_handler 0 0 0",
		   NULL);
	/* A backslash before a comma or another one is the keys' own quote. */
	check_keys("size=8s group=round-robin path=/dev/a\\x20b\\\\,1",
		   "0 0 1 1 round-robin 0 1 1 /dev/a\\\\x20b\\\\ 1", NULL);
	check_keys("size=8s initial-group=1", "0 0 0 0", NULL);
}

static void bad_keys(void **state)
{
	(void)state;
	check_keys("size=8s path=/dev/a", NULL, "path: there is no group= before it");
	check_keys("size=8s group=round-robin path=2@/dev/a", NULL,
		   "its group must be one from 1 to 1");
	check_keys("size=8s group=round-robin path=0@/dev/a", NULL, "its group must be one from");
	check_keys("size=8s group=round-robin", NULL, "a group has 1 to 1024 paths");
	check_keys("size=8s group=round-robin path=/dev/a,1 path=/dev/b", NULL,
		   "'/dev/b' has 0 words behind the device, the first path of its group 1");
	check_keys("size=8s group=round-robin path=/dev/a,x", NULL, "x: the repeat count must be");
	check_keys("size=8s group=round-robin path=/dev/a,", NULL, "path: is empty");
	check_keys("size=8s group= path=/dev/a", NULL, "group: is empty");
	check_keys("size=8s group=round-robin path=", NULL, "path: is empty");
	check_keys("size=8s group=round-robin path=/dev/a\nb", NULL, "holds a newline");
	check_keys("size=8s group=round-robin path=/dev/a initial-group=2", NULL,
		   "initial-group: 2 is not allowed: there are 1 groups");
	check_keys("size=8s hw-handler=", NULL, "hw-handler: is empty");
	check_keys("size=8s hw-handler=a hw-handler=b", NULL, "hw-handler: given twice");
	check_keys("queue-mode=bio", NULL, "size");
}

/* More groups and paths than room grows by at once, and the kernel's limit. */
static void many(void **state)
{
	enum {
		PATHS = 1024
	};
	struct dmk_key_value *pairs = calloc(PATHS + 3, sizeof(*pairs));
	char(*texts)[16] = calloc(PATHS + 1, sizeof(*texts));
	struct dmk_multipath multipath;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	pairs[0] = (struct dmk_key_value){ .key = "group", .value = "round-robin" };
	pairs[1] = (struct dmk_key_value){ .key = "size", .value = "8s" };
	for (int i = 0; i <= PATHS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "8:%d,1", i);
		pairs[i + 2] = (struct dmk_key_value){ .key = "path", .value = texts[i] };
	}
	assert_int_equal(dmk_table_add_keys(table, "multipath", pairs, PATHS + 2), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_int_equal(dmk_multipath_parse_table(segment.params, &multipath, NULL), 0);
	assert_int_equal(multipath.groups[0].n_paths, PATHS);
	for (int i = 0; i < PATHS; i++) {
		texts[i][strcspn(texts[i], ",")] = '\0';
		assert_string_equal(multipath.groups[0].paths[i].device, texts[i]);
		texts[i][strlen(texts[i])] = ',';
	}
	dmk_multipath_clear(&multipath);
	dmk_table_reset(table);
	assert_int_equal(dmk_table_add_keys(table, "multipath", pairs, PATHS + 3), -EINVAL);
	assert_told(table, "path: a group may have at most 1024");
	dmk_table_free(table);
	free(pairs);
	free(texts);
}

static void generated(void **state)
{
	static const char *const selectors[] = { "round-robin", "queue-length", "service-time" };
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint32_t groups = 1 + (uint32_t)(next_random(&seed) % 5);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, "0 0 %u %u", groups,
			     1 + (unsigned int)(next_random(&seed) % groups));
		for (uint32_t g = 0; g < groups; g++) {
			uint32_t which = next_random(&seed) % 3;
			uint32_t n = 1 + (uint32_t)(next_random(&seed) % 8);
			uint32_t args = next_random(&seed) % (which == 2 ? 3 : 2);

			dmk_text_add(&text, " %s 0 %u %u", selectors[which], n, args);
			for (uint32_t k = 0; k < n; k++) {
				dmk_text_add(&text, " 8:%u",
					     (unsigned int)(next_random(&seed) % 256));
				if (args > 0)
					dmk_text_add(&text, " %u",
						     (unsigned int)next_random(&seed));
				if (args > 1)
					dmk_text_add(&text, " %u",
						     (unsigned int)(next_random(&seed) % 101));
			}
		}
		check_round_trip(dmk_target_find("multipath"), text.data);
		check_keys_round_trip("multipath", text.data, 8);
		dmk_text_free(&text);
	}
}

static void builder(void **state)
{
	const char *const args_a[] = { "1", "10" }, *const args_b[] = { "1", "20" };
	const struct dmk_multipath_path paths[] = { { "/dev/sda", args_a }, { "8:16", args_b } };
	struct dmk_multipath_group group = {
		.selector = "service-time", .paths = paths, .n_paths = 2, .n_path_args = 2
	};
	struct dmk_multipath multipath = { .groups = &group, .n_groups = 1, .pg_init_retries = 3 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_multipath(table, 0, 4096, &multipath), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "2 pg_init_retries 3 0 1 1 service-time 0 2 2 /dev/sda 1 "
			    "10 8:16 1 20");
	/* It must be alone. */
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), -EINVAL);
	dmk_table_reset(table);
#define REFUSED(change, text)                                                                   \
	do {                                                                                    \
		struct dmk_multipath saved = multipath;                                         \
		struct dmk_multipath_group saved_group = group;                                 \
		change;                                                                         \
		assert_int_equal(dmk_table_add_multipath(table, 0, 4096, &multipath), -EINVAL); \
		assert_told(table, text);                                                       \
		multipath = saved;                                                              \
		group = saved_group;                                                            \
	} while (0)
	REFUSED(group.n_paths = 0, "a group has 1 to 1024 paths");
	REFUSED(group.n_paths = 1025, "a group has 1 to 1024 paths");
	REFUSED(group.paths = NULL, "a group has 1 to 1024 paths");
	REFUSED(group.selector = NULL, "group: is missing");
	REFUSED(group.selector = "a b", "group holds a blank");
	REFUSED(group.n_args = 1, "its words are missing");
	REFUSED(group.n_args = 1025, "takes at most 1024 words");
	REFUSED(group.unused = 1, "unused: must be zero");
	REFUSED(multipath.groups = NULL, "there may be 0 to 1024 groups");
	REFUSED(multipath.n_groups = 1025, "there may be 0 to 1024 groups");
	REFUSED(multipath.initial_group = 2, "there are 1 groups");
	REFUSED(multipath.pg_init_retries = 51, "pg_init_retries: 51 is not allowed");
	REFUSED(multipath.queue_mode = 4, "queue_mode: must be one of");
	REFUSED(multipath.n_hw_handler_args = 1, "hw-handler: is missing");
	REFUSED(multipath.options = 1 << 9, "options: unknown bits 0x200");
	REFUSED(multipath.reserved[7] = 1, "reserved: must be zero");
#undef REFUSED
	assert_int_equal(dmk_table_add_multipath(table, 0, 4096, NULL), -EINVAL);
	dmk_table_free(table);
}

static void messages(void **state)
{
	static const struct {
		uint32_t message;
		const char *name;
		const char *text;
	} cases[] = {
		{ DMK_MULTIPATH_MESSAGE_QUEUE_IF_NO_PATH, "queue-if-no-path", "queue_if_no_path" },
		{ DMK_MULTIPATH_MESSAGE_FAIL_IF_NO_PATH, "fail-if-no-path", "fail_if_no_path" },
		{ DMK_MULTIPATH_MESSAGE_DISABLE_GROUP, "disable-group", "disable_group 3" },
		{ DMK_MULTIPATH_MESSAGE_ENABLE_GROUP, "enable-group", "enable_group 3" },
		{ DMK_MULTIPATH_MESSAGE_SWITCH_GROUP, "switch-group", "switch_group 3" },
		{ DMK_MULTIPATH_MESSAGE_FAIL_PATH, "fail-path", "fail_path 8:16" },
		{ DMK_MULTIPATH_MESSAGE_REINSTATE_PATH, "reinstate-path", "reinstate_path 8:16" },
	};
	struct dmk_multipath_message message = { .group = 3, .path = "8:16" };
	struct dmk_key_value group = { .key = "group", .value = "3" };
	struct dmk_key_value path = { .key = "path", .value = "8:16" };
	struct dmk_error err;
	char *text;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		const struct dmk_key_value *pair = strstr(cases[i].text, "path 8") ? &path : &group;
		uint32_t n = strchr(cases[i].text, ' ') ? 1 : 0;

		message.message = cases[i].message;
		assert_int_equal(dmk_multipath_format_message(&message, &text, &err), 0);
		assert_string_equal(text, cases[i].text);
		free(text);
		assert_string_equal(dmk_target_message("multipath", (uint32_t)i)->name,
				    cases[i].name);
		assert_int_equal(dmk_target_message("multipath", (uint32_t)i)->n_keys, n);
		assert_int_equal(
			dmk_message_from_keys("multipath", cases[i].name, pair, n, &text, &err), 0);
		assert_string_equal(text, cases[i].text);
		free(text);
	}
	assert_null(dmk_target_message("multipath", DMK_ARRAY_SIZE(cases)));
	message.message = 8;
	assert_int_equal(dmk_multipath_format_message(&message, &text, &err), -EINVAL);
	message.message = 0;
	assert_int_equal(dmk_multipath_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "message");
	assert_int_equal(dmk_multipath_format_message(NULL, &text, NULL), -EINVAL);
	message = (struct dmk_multipath_message){ .message = DMK_MULTIPATH_MESSAGE_FAIL_PATH };
	assert_int_equal(dmk_multipath_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "path");
	message.message = DMK_MULTIPATH_MESSAGE_SWITCH_GROUP;
	assert_int_equal(dmk_multipath_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "group");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),	 cmocka_unit_test(bad),
		cmocka_unit_test(golden_status), cmocka_unit_test(status_fields),
		cmocka_unit_test(bad_status),	 cmocka_unit_test(status_keys),
		cmocka_unit_test(keys),		 cmocka_unit_test(bad_keys),
		cmocka_unit_test(many),		 cmocka_unit_test(generated),
		cmocka_unit_test(builder),	 cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
