/* SPDX-License-Identifier: MIT */
/* The verbs that look, and how many requests they take; behind the fake driver. */
#include "../driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

static void info(void **state)
{
	struct dmk_query_options options = { .flags = DMK_QUERY_NO_OPEN_COUNT };
	struct dmk_info got;

	(void)state;
	open_driver(47);
	fake_set_live(fake_add_device(fake, "data", "U-1"), 8, "zero", "");
	fake_open(fake_find(fake, "data"));
	fake_find(fake, "data")->event_nr = 7;
	assert_int_equal(dmk_get_info(dm, DMK_UUID("U-1"), NULL, &got), 0);
	assert_string_equal(got.name, "data");
	assert_string_equal(got.uuid, "U-1");
	assert_int_equal(got.major, FAKE_MAJOR);
	assert_int_equal(got.minor, 0);
	assert_int_equal(got.open_count, 1);
	assert_int_equal(got.event_nr, 7);
	assert_int_equal(got.target_count, 1);
	assert_int_equal(got.flags, DMK_INFO_LIVE_TABLE);
	/* The version once, then one request. */
	assert_int_equal(fake->calls, 2);
	assert_int_equal(dmk_get_info(dm, DMK_DEVNO(FAKE_MAJOR, 0), &options, &got), 0);
	assert_int_equal(got.open_count, -1);
	assert_int_equal(fake->calls, 3);
	assert_int_equal(dmk_get_info(dm, DMK_NAME("none"), NULL, &got), -ENXIO);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_STATUS);
	assert_string_equal(dmk_last_error(dm)->device, "none");
	close_driver();
}

/* A reply of many pages: few requests, and every segment as it was. */
static void a_large_table(void **state)
{
	static const uint32_t counts[] = { 1, 40, 66, 67, 68, 69, 1000, 20000 };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	char params[64];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(counts); i++) {
		uint32_t n = 0;

		open_driver(47);
		fake_add_device(fake, "data", "");
		for (uint32_t k = 0; k < counts[i]; k++) {
			snprintf(params, sizeof(params), "%.*s 7:1 %u", (int)(k % 17),
				 "-----------------", k);
			fake_set_live(fake_find(fake, "data"), k + 1, "linear", params);
		}
		assert_int_equal(dmk_get_table(dm, DMK_NAME("data"), NULL, &segments), 0);
		assert_int_equal(dmk_segments_count(segments), counts[i]);
		while (dmk_segments_next(segments, &segment) == 1) {
			snprintf(params, sizeof(params), "%.*s 7:1 %u", (int)(n % 17),
				 "-----------------", n);
			assert_string_equal(segment.params, params);
			assert_string_equal(segment.type, "linear");
			assert_int_equal(segment.length_sectors, ++n);
		}
		assert_int_equal(n, counts[i]);
		assert_in_range(fake->calls_of[DM_TABLE_STATUS_CMD], 1, 3);
		dmk_segments_rewind(segments);
		assert_int_equal(dmk_segments_next(segments, &segment), 1);
		assert_int_equal(segment.start_sectors, 0);
		assert_string_equal(dmk_segments_info(segments)->name, "data");
		dmk_segments_free(segments);
		close_driver();
	}
	dmk_segments_free(NULL);
}

static void flags_of_table_and_status(void **state)
{
	struct dmk_query_options options = { .flags = DMK_QUERY_FLUSH | DMK_QUERY_INACTIVE };
	struct dmk_segments *segments;
	struct dmk_segment segment;

	(void)state;
	open_driver(47);
	fake_set_live(fake_add_device(fake, "data", ""), 8, "verity", "1 7:0 7:0 ...");
	assert_int_equal(dmk_get_table(dm, DMK_NAME("data"), NULL, &segments), 0);
	assert_int_equal(fake->log[1].io.flags,
			 DM_STATUS_TABLE_FLAG | DM_SECURE_DATA_FLAG | DM_NOFLUSH_FLAG);
	dmk_segments_free(segments);
	assert_int_equal(dmk_get_status(dm, DMK_NAME("data"), NULL, &segments), 0);
	assert_int_equal(fake->log[2].io.flags, DM_NOFLUSH_FLAG);
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.params, "V");
	dmk_segments_free(segments);
	/* The slot is empty: no segments, no error. */
	assert_int_equal(dmk_get_status(dm, DMK_NAME("data"), &options, &segments), 0);
	assert_int_equal(fake->log[3].io.flags, DM_QUERY_INACTIVE_TABLE_FLAG);
	assert_int_equal(dmk_segments_count(segments), 0);
	assert_int_equal(dmk_segments_next(segments, &segment), 0);
	dmk_segments_free(segments);
	options.flags = 1 << 7;
	assert_int_equal(dmk_get_status(dm, DMK_NAME("data"), &options, &segments), -EINVAL);
	assert_int_equal(fake->calls, 4);
	close_driver();
}

static void measurement_is_a_flag_of_new_drivers(void **state)
{
	struct dmk_segments *segments;

	(void)state;
	open_driver(47);
	fake_set_live(fake_add_device(fake, "data", ""), 8, "zero", "");
	assert_int_equal(dmk_get_measurement(dm, DMK_NAME("data"), NULL, &segments), 0);
	assert_int_equal(fake->log[1].io.flags, DM_NOFLUSH_FLAG | 1 << 19);
	dmk_segments_free(segments);
	close_driver();
	open_driver(44);
	assert_int_equal(dmk_get_measurement(dm, DMK_NAME("data"), NULL, &segments), -EOPNOTSUPP);
	close_driver();
}

static void deps(void **state)
{
	struct dmk_devno *devnos = (struct dmk_devno *)&state;
	uint32_t count = 9;
	char params[32];

	(void)state;
	open_driver(47);
	fake_add_device(fake, "data", "");
	assert_int_equal(dmk_get_deps(dm, DMK_NAME("data"), NULL, &devnos, &count), 0);
	assert_int_equal(count, 0);
	assert_null(devnos);
	for (uint32_t i = 0; i < 1000; i++) {
		snprintf(params, sizeof(params), "7:%u 0", i);
		fake_set_live(fake_find(fake, "data"), 8, "linear", params);
	}
	assert_int_equal(dmk_get_deps(dm, DMK_NAME("data"), NULL, &devnos, &count), 0);
	assert_int_equal(count, 1000);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(devnos[i].major, 7);
		assert_int_equal(devnos[i].minor, i);
	}
	free(devnos);
	close_driver();
}

/* "name>below,below^above " of each node; a disk's name is its number. */
static const char *drawn(const struct dmk_graph *graph)
{
	static char text[512];
	const struct dmk_graph_node *node;
	size_t used = 0;
	uint32_t i;

	text[0] = '\0';
	for (i = 0; (node = dmk_graph_at(graph, i)); i++) {
		assert_int_equal(node->index, i);
		assert_ptr_equal(dmk_graph_find(graph, node->major, node->minor), node);
		if (!node->name)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%u:%u",
						 node->major, node->minor);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s>",
					 node->name ? node->name : "", node->gone ? "!" : "");
		for (uint32_t d = 0; d < node->n_below; d++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%u:%u,",
						 node->below[d]->major, node->below[d]->minor);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "^%u ", node->n_above);
	}
	assert_int_equal(dmk_graph_count(graph), i);
	return text;
}

static const char *drawn_anew(uint32_t flags, struct dmk_graph **ret_graph)
{
	struct dmk_list_options options = { .flags = flags };
	struct dmk_devices *devices;
	struct dmk_device device;

	assert_int_equal(dmk_list(dm, &options, &devices), 0);
	/* Wherever the list stands. */
	dmk_devices_next(devices, &device);
	assert_int_equal(dmk_graph_read(dm, devices, ret_graph), 0);
	assert_int_equal(dmk_last_error(dm)->code, 0);
	return drawn(*ret_graph);
}

static void graph(void **state)
{
	struct dmk_devices *devices;
	struct dmk_graph *graph;

	(void)state;
	open_driver(47);
	assert_string_equal(drawn_anew(0, &graph), "");
	assert_null(dmk_graph_find(graph, FAKE_MAJOR, 0));
	dmk_graph_free(graph);
	fake_add_device(fake, "low", "U-low")->minor = 5;
	fake_set_live(fake_find(fake, "low"), 8, "linear", "8:1 0");
	fake_set_live(fake_find(fake, "low"), 8, "linear", "7:9 0");
	fake_add_device(fake, "a", "")->minor = 6;
	fake_set_live(fake_find(fake, "a"), 8, "linear", "9:5 0");
	fake_set_live(fake_find(fake, "a"), 8, "linear", "7:9 0");
	fake_add_device(fake, "none", "")->minor = 7;
	for (uint32_t i = 0; i < 2; i++)
		fake_add_device(fake, i ? "top2" : "top1", "")->minor = 8 + i;
	fake_set_live(fake_find(fake, "top1"), 8, "linear", "254:5 0");
	fake_set_live(fake_find(fake, "top2"), 8, "linear", "254:5 0");
	fake_set_live(fake_find(fake, "top2"), 8, "linear", "254:8 0");
	fake_clear_log(fake);
	assert_string_equal(drawn_anew(DMK_LIST_UUID, &graph),
			    "a>9:5,7:9,^0 low>8:1,7:9,^2 none>^0 top1>254:5,^1 "
			    "top2>254:5,254:8,^0 7:9>^2 8:1>^1 9:5>^1 ");
	assert_int_equal(fake->calls_of[DM_LIST_DEVICES_CMD], 1);
	assert_int_equal(fake->calls_of[DM_TABLE_DEPS_CMD], 5);
	assert_string_equal(dmk_graph_at(graph, 1)->uuid, "U-low");
	assert_null(dmk_graph_find(graph, 7, 8));
	assert_null(dmk_graph_find(graph, 0, 0));
	dmk_graph_free(graph);

	/* The second one went away meanwhile; then it cannot be asked. */
	fake_add_rule(fake, DM_TABLE_DEPS_CMD, 2, 1, FAKE_BEFORE, -ENXIO);
	assert_string_equal(drawn_anew(0, &graph), "a>9:5,7:9,^0 low!>^2 none>^0 top1>254:5,^1 "
						   "top2>254:5,254:8,^0 7:9>^1 9:5>^1 ");
	assert_null(dmk_graph_at(graph, 0)->uuid);
	dmk_graph_free(graph);
	fake_clear_rules(fake);
	fake_add_rule(fake, DM_TABLE_DEPS_CMD, 2, 1, FAKE_BEFORE, -EPERM);
	graph = NULL;
	assert_int_equal(dmk_list(dm, NULL, &devices), 0);
	assert_int_equal(dmk_graph_read(dm, devices, &graph), -EPERM);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_DEPS);
	assert_null(graph);
	close_driver();
}

static void targets(void **state)
{
	struct dmk_target_version target;
	struct dmk_version version = { 0 };
	struct dmk_targets *targets;
	int n = 0;

	(void)state;
	open_driver(47);
	assert_int_equal(dmk_driver_version(dm, &version), 0);
	assert_int_equal(version.minor, 47);
	assert_int_equal(dmk_list_targets(dm, &targets), 0);
	while (dmk_targets_next(targets, &target) == 1)
		n++;
	assert_int_equal(n, 5);
	dmk_targets_free(targets);
	dmk_targets_free(NULL);
	assert_int_equal(dmk_get_target_version(dm, "striped", &version), 0);
	assert_int_equal(version.minor, 6);
	assert_int_equal(fake->calls_of[DM_LIST_VERSIONS_CMD], 1);
	assert_int_equal(dmk_get_target_version(dm, "none", &version), -EINVAL);
	close_driver();
	/* A driver that cannot be asked for one is asked for all. */
	open_driver(40);
	assert_int_equal(dmk_get_target_version(dm, "zero", &version), 0);
	assert_int_equal(version.minor, 1);
	assert_int_equal(fake->calls_of[DMK_CMD_TARGET_VERSION], 0);
	assert_int_equal(dmk_get_target_version(dm, "none", &version), -ENXIO);
	close_driver();
}

static void messages(void **state)
{
	struct dmk_message_options secret = { .flags = DMK_MESSAGE_SECRET, .sector = 9 };
	char *reply = (char *)&state, *long_text = malloc(200001);

	(void)state;
	open_driver(47);
	fake_set_live(fake_add_device(fake, "data", ""), 8, "zero", "");
	assert_int_equal(dmk_message(dm, DMK_NAME("data"), "noted", NULL, &reply), 0);
	assert_null(reply);
	assert_int_equal(dmk_message(dm, DMK_NAME("data"), "echo a b", &secret, &reply), 0);
	assert_string_equal(reply, "a b");
	assert_int_equal(fake->log[2].io.flags, DM_SECURE_DATA_FLAG);
	free(reply);
	assert_int_equal(dmk_message(dm, DMK_NAME("data"), "echo c", NULL, NULL), 0);
	assert_int_equal(dmk_message(dm, DMK_NAME("data"), "", NULL, &reply), -EINVAL);
	assert_int_equal(dmk_message(dm, DMK_NAME("data"), "nonsense", NULL, &reply), -EINVAL);
	/* An answer larger than the first room. */
	memset(long_text, 'x', 200000);
	memcpy(long_text, "echo ", 5);
	long_text[200000] = '\0';
	assert_int_equal(dmk_message(dm, DMK_NAME("data"), long_text, NULL, &reply), 0);
	assert_int_equal(strlen(reply), 199995);
	free(reply);
	free(long_text);
	close_driver();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info),
		cmocka_unit_test(a_large_table),
		cmocka_unit_test(flags_of_table_and_status),
		cmocka_unit_test(measurement_is_a_flag_of_new_drivers),
		cmocka_unit_test(deps),
		cmocka_unit_test(graph),
		cmocka_unit_test(targets),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
