/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_delay delay;

	(void)state;
	assert_int_equal(dmk_delay_parse_table("8:0 1 2", &delay, NULL), 0);
	assert_string_equal(delay.device, "8:0");
	assert_int_equal(delay.offset_sectors, 1);
	assert_int_equal(delay.delay_ms, 2);
	assert_int_equal(delay.options, 0);
	assert_null(delay.write_device);
	dmk_delay_clear(&delay);
	assert_int_equal(dmk_delay_parse_table("8:0 1 2 8:1 3 4", &delay, NULL), 0);
	assert_int_equal(delay.options, DMK_DELAY_WRITE);
	assert_string_equal(delay.write_device, "8:1");
	assert_int_equal(delay.write_offset_sectors, 3);
	assert_int_equal(delay.write_delay_ms, 4);
	assert_null(delay.flush_device);
	dmk_delay_clear(&delay);
	assert_int_equal(dmk_delay_parse_table("8:0 1 2 8:1 3 4 8:2 5 6", &delay, NULL), 0);
	assert_int_equal(delay.options, DMK_DELAY_WRITE | DMK_DELAY_FLUSH);
	assert_string_equal(delay.flush_device, "8:2");
	assert_int_equal(delay.flush_offset_sectors, 5);
	assert_int_equal(delay.flush_delay_ms, 6);
	dmk_delay_clear(&delay);
	dmk_delay_clear(NULL);
}

static void assert_built(struct dmk_table *table, const struct dmk_delay *delay, const char *params)
{
	struct dmk_segment segment;

	dmk_table_reset(table);
	if (dmk_table_add_delay(table, 0, 8, delay) < 0)
		fail_msg("%s: %s", dmk_table_error(table)->argument,
			 dmk_table_error(table)->detail);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, params);
}

static void builder(void **state)
{
	struct dmk_delay delay = { .device = "a", .delay_ms = 5 };
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_built(table, &delay, "a 0 5");
	delay.write_device = "b"; /* enough, without its bit */
	assert_built(table, &delay, "a 0 5 b 0 0");
	delay.options = DMK_DELAY_WRITE;
	delay.flush_device = "c";
	delay.flush_delay_ms = 7;
	assert_built(table, &delay, "a 0 5 b 0 0 c 0 7");
	dmk_table_free(table);
}

static void builder_refuses(void **state)
{
	static const struct {
		struct dmk_delay delay;
		const char *told;
	} bad[] = {
		{ { .delay_ms = 1 }, "device: is missing" },
		{ { .device = "a", .write_delay_ms = 1 }, "write_device: is missing" },
		{ { .device = "a", .write_offset_sectors = 1 }, "write_device: is missing" },
		{ { .device = "a", .options = DMK_DELAY_WRITE }, "write_device: is missing" },
		{ { .device = "a", .write_device = "b", .flush_delay_ms = 1 },
		  "flush_device: is missing" },
		{ { .device = "a", .flush_device = "c" },
		  "write_device: is missing: flush_device needs it" },
		{ { .device = "a", .options = 4 }, "options: unknown bits 0x4" },
		{ { .device = "a", .unused = 1 }, "unused: must be zero" },
		{ { .device = "a\nb" }, "newline" },
	};
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_table_add_delay(table, 0, 8, &bad[i].delay), -EINVAL);
		assert_told(table, bad[i].told);
	}
	dmk_table_free(table);
}

static void keys(void **state)
{
	static const struct dmk_key_value pairs[] = {
		{ .key = "device", .value = "a" },	 { .key = "delay", .value = "2s" },
		{ .key = "write-device", .value = "b" }, { .key = "write-delay", .value = "500ms" },
		{ .key = "size", .value = "8s" },
	};
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "delay", pairs, 5), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "a 0 2000 b 0 500");
	/* A delay for writes alone, without their device. */
	assert_int_equal(dmk_table_add_keys(table, "delay",
					    (const struct dmk_key_value[]){ pairs[0], pairs[1],
									    pairs[3], pairs[4] },
					    4),
			 -EINVAL);
	assert_told(table, "write-device");
	dmk_table_free(table);
}

static void statuses(void **state)
{
	static const char *const bad[] = { "", "1", "x 0 0", "0 0 x", "0 0 0 0", "0 0 4294967296" };
	struct dmk_delay_status status;

	(void)state;
	assert_int_equal(dmk_delay_parse_status("1 2 3", &status, NULL), 0);
	assert_int_equal(status.reads, 1);
	assert_int_equal(status.writes, 2);
	assert_int_equal(status.flushes, 3);
	dmk_delay_status_clear(&status);
	/* Before Linux 4.18 */
	assert_int_equal(dmk_delay_parse_status("4 5", &status, NULL), 0);
	assert_int_equal(status.writes, 5);
	assert_int_equal(status.flushes, 0);
	dmk_delay_status_clear(&status);
	status.reads = 9;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++)
		assert_int_equal(dmk_delay_parse_status(bad[i], &status, NULL), -EINVAL);
	assert_int_equal(status.reads, 9);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),   cmocka_unit_test(builder),
		cmocka_unit_test(keys),	    cmocka_unit_test(builder_refuses),
		cmocka_unit_test(statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
