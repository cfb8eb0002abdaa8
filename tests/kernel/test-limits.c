/* SPDX-License-Identifier: MIT */
/* Many segments, many devices, names at their limits, several connections at once. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support.h"

static void a_table_of_1000_segments(void **state)
{
	struct dmk_table *table;
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_info info;
	uint32_t n = 0;

	assert_int_equal(dmk_table_new(&table), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		struct dmk_linear linear = { .device = i % 2 ? RAM1 : RAM0,
					     .offset_sectors = i * 8 };

		assert_int_equal(dmk_table_add_linear(table, DMK_NEXT, 8, &linear), 0);
	}
	assert_ok(*state, dmk_create(*state, "a", table, NULL, &info));
	assert_int_equal(info.target_count, 1000);
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), NULL, &segments));
	while (dmk_segments_next(segments, &segment) == 1) {
		char expected[32];

		snprintf(expected, sizeof(expected), "1:%u %u", n % 2, n * 8);
		assert_string_equal(segment.params, expected);
		assert_int_equal(segment.start_sectors, n * 8);
		n++;
	}
	assert_int_equal(n, 1000);
	dmk_segments_free(segments);
	dmk_table_free(table);
	remove_device(*state, "a");
}

static void devices_300_at_once(void **state)
{
	struct dmk_table *table = text_table("0 8 zero");
	char name[16];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many-%03d", i);
		assert_ok(*state, dmk_create(*state, name, table, NULL, NULL));
	}
	assert_int_equal(count_devices(*state), 300);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many-%03d", i);
		remove_device(*state, name);
	}
	dmk_table_free(table);
}

static void a_list_larger_than_its_first_room(void **state)
{
	struct dmk_table *table = text_table("0 8 zero");
	struct dmk_list_options with_uuid = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	char name[128], uuid[129];
	int n = 0;

	/* 300 of the longest names and uuids are 84,000 bytes: more than is offered at first. */
	for (int i = 0; i < 300; i++) {
		struct dmk_create_options options = { .uuid = uuid, .node_policy = DMK_NODE_NONE };

		snprintf(name, sizeof(name), "%0127d", i);
		snprintf(uuid, sizeof(uuid), "%0128d", i);
		assert_ok(*state, dmk_create(*state, name, table, &options, NULL));
	}
	assert_ok(*state, dmk_list(*state, &with_uuid, &devices));
	while (dmk_devices_next(devices, &device) == 1) {
		snprintf(name, sizeof(name), "%0127d", n);
		snprintf(uuid, sizeof(uuid), "%0128d", n);
		assert_string_equal(device.name, name);
		assert_string_equal(device.uuid, uuid);
		n++;
	}
	assert_int_equal(n, 300);
	dmk_devices_free(devices);
	assert_ok(*state, dmk_remove_all(*state, NULL));
	dmk_table_free(table);
}

static struct {
	uint32_t lists;
	uint32_t largest;
} asked;

static int count_requests(struct dmk *dm, void *userdata, uint32_t command, void *request,
			  uint32_t size)
{
	(void)userdata;
	asked.lists += command == 2; /* DM_LIST_DEVICES_CMD */
	asked.largest = size > asked.largest ? size : asked.largest;
	return dmk_transport_kernel(dm, command, request, size);
}

/* Names and uuids of a usual length, 170,000 bytes in all; and what comes after is not dearer. */
static void a_list_of_two_thousand_in_one_request(void **state)
{
	struct dmk_list_options with_uuid = { .flags = DMK_LIST_UUID };
	struct dmk_table *table = text_table("0 8 zero");
	struct dmk_devices *devices;
	struct dmk_device device;
	uint32_t n = 0;

	assert_ok(*state, dmk_set_transport(*state, count_requests, NULL));
	for (int i = 0; i < 2000; i++) {
		char name[32], uuid[96];
		struct dmk_create_options options = { .uuid = uuid, .node_policy = DMK_NODE_NONE };

		snprintf(name, sizeof(name), "layer-%04d", i);
		snprintf(uuid, sizeof(uuid), "CRYPT-VERITY-%032d-%s", i, name);
		assert_ok(*state, dmk_create(*state, name, table, &options, NULL));
	}
	asked.lists = 0;
	assert_ok(*state, dmk_list(*state, &with_uuid, &devices));
	while (dmk_devices_next(devices, &device) == 1)
		n++;
	dmk_devices_free(devices);
	assert_int_equal(n, 2000);
	assert_int_equal(asked.lists, 1);
	assert_true(asked.largest > 65536);
	asked.largest = 0;
	assert_ok(*state, dmk_create(*state, "one-more", table, NULL, NULL));
	remove_device(*state, "one-more");
	assert_in_range(asked.largest, 1, 1024);
	assert_ok(*state, dmk_remove_all(*state, NULL));
	dmk_table_free(table);
}

static void names_at_their_limits(void **state)
{
	static const char *const odd[] = { "a b",	  "it's",     "quote\"d",  "back\\slash",
					   "n\xc3\xa4me", "\xff\xfe", "tab\there", "new\nline",
					   "-dash",	  "%s%n" };
	struct dmk_table *table = text_table("0 8 zero");
	char longest[129];
	struct dmk_info info;

	memset(longest, 'n', sizeof(longest));
	longest[127] = '\0';
	assert_ok(*state, dmk_create(*state, longest, table, NULL, &info));
	assert_string_equal(info.name, longest);
	assert_true(node_is(longest, &info));
	remove_device(*state, longest);
	longest[127] = 'n';
	longest[128] = '\0';
	assert_code(*state, dmk_create(*state, longest, table, NULL, NULL), -ENAMETOOLONG);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_ok(*state, dmk_create(*state, odd[i], table, NULL, &info));
		assert_string_equal(info.name, odd[i]);
		assert_true(node_is(odd[i], &info));
		remove_device(*state, odd[i]);
	}
	dmk_table_free(table);
}

static void no_device_gets_a_refused_name(void **state)
{
	static const char *const bad[] = { "", ".", "..", "control", "a/b", "../x" };
	struct dmk_table *table = text_table("0 8 zero");

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_code(*state, dmk_create(*state, bad[i], table, NULL, NULL), -EINVAL);
		assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_ARGUMENTS);
		/* Older kernels let a device be called so, and it can be removed. */
		assert_code(*state, dmk_remove(*state, DMK_NAME(bad[i]), NULL, NULL),
			    i >= 1 && i <= 3 ? -ENXIO : -EINVAL);
	}
	dmk_table_free(table);
}

static void *cycle(void *data)
{
	const char *prefix = data;
	struct dmk_table *table = NULL;
	struct dmk *dm = NULL;
	intptr_t failed = 0;
	char name[32];

	if (dmk_new(&dm) < 0 || dmk_table_new(&table) < 0 || dmk_table_add_zero(table, 0, 8) < 0)
		return (void *)1;
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "%s-%d", prefix, i);
		if (dmk_create(dm, name, table, NULL, NULL) < 0 ||
		    dmk_remove(dm, DMK_NAME(name), NULL, NULL) < 0)
			failed++;
	}
	dmk_table_free(table);
	dmk_free(dm);
	return (void *)failed;
}

static void threads_share_nothing(void **state)
{
	static char prefixes[4][4] = { "t0", "t1", "t2", "t3" };
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, cycle, prefixes[i]), 0);
	for (int i = 0; i < 4; i++) {
		void *failed = (void *)1;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

static void a_thousand_cycles_hold_no_memory_and_no_fd(void **state)
{
	struct dmk_table *table = text_table("0 8 zero");
	struct rusage before, after;
	int fd_before, fd_after;

	for (int i = 0; i < 1000; i++) {
		if (i == 100)
			getrusage(RUSAGE_SELF, &before);
		assert_ok(*state, dmk_create(*state, "a", table, NULL, NULL));
		assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), NULL, NULL));
	}
	getrusage(RUSAGE_SELF, &after);
	assert_int_equal(before.ru_maxrss, after.ru_maxrss);
	fd_before = dup(0);
	close(fd_before);
	assert_int_equal(count_devices(*state), 0);
	fd_after = dup(0);
	close(fd_after);
	assert_int_equal(fd_before, fd_after);
	assert_true(fd_before < 10);
	dmk_table_free(table);
}

int main(void)
{
#define LIMIT_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		LIMIT_TEST(a_table_of_1000_segments),
		LIMIT_TEST(devices_300_at_once),
		LIMIT_TEST(a_list_larger_than_its_first_room),
		LIMIT_TEST(a_list_of_two_thousand_in_one_request),
		LIMIT_TEST(names_at_their_limits),
		LIMIT_TEST(no_device_gets_a_refused_name),
		LIMIT_TEST(threads_share_nothing),
		LIMIT_TEST(a_thousand_cycles_hold_no_memory_and_no_fd),
	};

	return cmocka_run_group_tests_name("kernel limits", tests, NULL, NULL);
}
