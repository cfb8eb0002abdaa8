/* SPDX-License-Identifier: MIT */
/* device-mapper's own messages: their texts, and what the statistics ones answer. */
#include "../lines.h"

static void create_reply(void **state)
{
	static const char *const bad[] = { "", "x", "-1", "1 2", "2147483648" };
	struct dmk_error err;
	uint32_t id = 9;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_stats_parse_create(bad[i], &id, &err), -EINVAL);
		assert_true(err.detail[0] && err.column);
	}
	assert_int_equal(dmk_stats_parse_create(NULL, &id, NULL), -EINVAL);
	assert_int_equal(id, 9);
	assert_int_equal(dmk_stats_parse_create("2147483647", &id, NULL), 0);
	assert_int_equal(id, 2147483647);
	assert_int_equal(dmk_stats_parse_create("0\n", &id, NULL), 0);
	assert_int_equal(id, 0);
}

/* As Linux 6.1 printed it; aux data may hold blanks, and look like options. */
static void list_reply(void **state)
{
	struct dmk_stats_regions regions;

	(void)state;
	assert_int_equal(dmk_stats_parse_list("0: 0+1024 256 - -\n"
					      "1: 8+64 16 prog aux x y precise_timestamps "
					      "histogram:1000,20000\n"
					      "2: 0+1024 512 7 -\n"
					      "3: 0+1024 512 - - histogram:5\n"
					      "9: 1+2 3 p  precise_timestamps\n"
					      "10: 1+2 3 p histogram:x precise_timestampss\n",
					      &regions, NULL),
			 0);
	assert_int_equal(regions.count, 6);
	assert_int_equal(regions.items[0].region_id, 0);
	assert_int_equal(regions.items[0].length_sectors, 1024);
	assert_int_equal(regions.items[0].step_sectors, 256);
	assert_string_equal(regions.items[0].program_id, "-");
	assert_string_equal(regions.items[0].aux_data, "-");
	assert_int_equal(regions.items[0].n_bounds, 0);
	assert_null(regions.items[0].bounds);
	assert_int_equal(regions.items[0].options, 0);
	assert_int_equal(regions.items[1].start_sectors, 8);
	assert_string_equal(regions.items[1].program_id, "prog");
	assert_string_equal(regions.items[1].aux_data, "aux x y");
	assert_int_equal(regions.items[1].options, DMK_STATS_PRECISE_TIMESTAMPS);
	assert_int_equal(regions.items[1].n_bounds, 2);
	assert_int_equal(regions.items[1].bounds[0], 1000);
	assert_int_equal(regions.items[1].bounds[1], 20000);
	assert_string_equal(regions.items[2].program_id, "7");
	assert_string_equal(regions.items[3].aux_data, "-");
	assert_int_equal(regions.items[3].options, 0);
	assert_int_equal(regions.items[3].bounds[0], 5);
	assert_string_equal(regions.items[4].aux_data, "");
	assert_int_equal(regions.items[4].options, DMK_STATS_PRECISE_TIMESTAMPS);
	assert_string_equal(regions.items[5].aux_data, "histogram:x precise_timestampss");
	dmk_stats_regions_clear(&regions);
	assert_true(dmk_all_zero(&regions, sizeof(regions)));
	dmk_stats_regions_clear(NULL);
	assert_int_equal(dmk_stats_parse_list(NULL, &regions, NULL), 0);
	assert_int_equal(regions.count, 0);
	dmk_stats_regions_clear(&regions);
}

static void bad_lists(void **state)
{
	static const char *const bad[] = {
		"\n",
		"0 0+8 8 - -\n",
		":\n",
		"x: 0+8 8 - -\n",
		"0: 8 8 - -\n",
		"0: 0+ 8 - -\n",
		"0: +8 8 - -\n",
		"0: 0+8 0 - -\n",
		"0: 0+8\n",
		"0: 0+8 8\n",
		"0: 0+8 8 - - histogram:1,x\n",
		"0: 0+8 8 - - histogram:\n",
	};
	struct dmk_stats_regions regions = { .count = 7 };
	struct dmk_error err;
	char text[256];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_stats_parse_list(bad[i], &regions, &err), -EINVAL);
		assert_true(err.detail[0] && err.column);
		assert_int_equal(err.line, 1);
		assert_int_equal(dmk_stats_parse_list(bad[i], &regions, NULL), -EINVAL);
		snprintf(text, sizeof(text), "0: 0+8 8 - -\n%s", bad[i]);
		assert_int_equal(dmk_stats_parse_list(text, &regions, &err), -EINVAL);
		assert_int_equal(err.line, 2);
	}
	assert_int_equal(regions.count, 7);
}

static void print_reply(void **state)
{
	struct dmk_stats_areas areas;
	const struct dmk_stats_area *area;

	(void)state;
	assert_int_equal(dmk_stats_parse_print("8+16 1 2 3 4 5 6 7 8 -9 10 11 12 13 0:1:20\n"
					       "24+16 0 0 0 0 0 0 0 0 3 0 0 0 0\n"
					       "40+16 0 0 0 0 0 0 0 0 0 0 0 0 "
					       "18446744073709551615 5",
					       &areas, NULL),
			 0);
	assert_int_equal(areas.count, 3);
	area = &areas.items[0];
	assert_int_equal(area->start_sectors, 8);
	assert_int_equal(area->length_sectors, 16);
	assert_int_equal(area->reads, 1);
	assert_int_equal(area->reads_merged, 2);
	assert_int_equal(area->sectors_read, 3);
	assert_int_equal(area->time_reading, 4);
	assert_int_equal(area->writes, 5);
	assert_int_equal(area->writes_merged, 6);
	assert_int_equal(area->sectors_written, 7);
	assert_int_equal(area->time_writing, 8);
	assert_int_equal(area->in_flight, -9);
	assert_int_equal(area->time_busy, 10);
	assert_int_equal(area->time_in_queue, 11);
	assert_int_equal(area->time_busy_reading, 12);
	assert_int_equal(area->time_busy_writing, 13);
	assert_int_equal(area->n_histogram, 3);
	assert_int_equal(area->histogram[2], 20);
	assert_int_equal(areas.items[1].in_flight, 3);
	assert_null(areas.items[1].histogram);
	assert_true(areas.items[2].time_busy_writing == UINT64_MAX);
	assert_int_equal(areas.items[2].n_histogram, 1);
	dmk_stats_areas_clear(&areas);
	assert_true(dmk_all_zero(&areas, sizeof(areas)));
	dmk_stats_areas_clear(NULL);
	assert_int_equal(dmk_stats_parse_print("", &areas, NULL), 0);
	assert_int_equal(areas.count, 0);
	dmk_stats_areas_clear(&areas);
}

static void bad_prints(void **state)
{
	static const char *const bad[] = {
		"x\n",
		"0+8\n",
		"0+8 1 2 3 4 5 6 7 8 9 10 11 12\n",
		"0+8 1 2 3 4 5 6 7 8 9 10 11 12 13 0:x\n",
		"0+8 1 2 3 4 5 6 7 8 9 10 11 12 13 0: 1\n",
		"0+8 1 2 3 4 5 6 7 8 9 10 11 12 13 0 1\n",
		"0+8 1 2 3 4 5 6 7 8 - 10 11 12 13\n",
		"0+8 1 2 3 4 5 6 7 8 x 10 11 12 13\n",
		"0+8 -1 2 3 4 5 6 7 8 9 10 11 12 13\n",
	};
	struct dmk_stats_areas areas = { .count = 7 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_stats_parse_print(bad[i], &areas, &err), -EINVAL);
		assert_true(err.detail[0] && err.column);
		assert_int_equal(err.line, 1);
		assert_int_equal(dmk_stats_parse_print(bad[i], &areas, NULL), -EINVAL);
	}
	assert_int_equal(areas.count, 7);
}

/* Every beginning of a reply is read or refused, and nothing is left behind. */
static void cut(void **state)
{
	static const char list[] = "1: 8+64 16 prog aux x precise_timestamps histogram:1,2\n"
				   "2: 0+8 8 - -\n";
	static const char print[] = "8+16 1 2 3 4 5 6 7 8 9 10 11 12 13 0:1:20\n"
				    "24+16 0 0 0 0 0 0 0 0 3 0 0 0 0 1\n";
	struct dmk_stats_regions regions;
	struct dmk_stats_areas areas;

	(void)state;
	for (size_t length = 0; length < sizeof(list); length++) {
		char *text = strndup(list, length);

		if (dmk_stats_parse_list(text, &regions, NULL) == 0)
			dmk_stats_regions_clear(&regions);
		free(text);
	}
	for (size_t length = 0; length < sizeof(print); length++) {
		char *text = strndup(print, length);

		if (dmk_stats_parse_print(text, &areas, NULL) == 0)
			dmk_stats_areas_clear(&areas);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_reply), cmocka_unit_test(list_reply),
		cmocka_unit_test(bad_lists),	cmocka_unit_test(print_reply),
		cmocka_unit_test(bad_prints),	cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
