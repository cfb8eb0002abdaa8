/* SPDX-License-Identifier: MIT */
/* switch: every region is read from the path that it was put on. */
#include <errno.h>

#include "target-io.h"

#define REGION 8 /* sectors */
#define REGIONS 64
#define SECTORS (REGION * REGIONS)

static const struct dmk_leg legs[] = { { RAM0, 0 }, { RAM1, 16 }, { "/dev/ram2", 8 } };

/* "a" over three paths; each sector there begins with the path's number and its own. */
static void make(struct dmk *dm)
{
	const struct dmk_switch map = { .region_sectors = REGION, .paths = legs, .n_paths = 3 };
	struct dmk_table *table = new_table();
	static uint8_t bytes[SECTORS * 512];

	for (uint32_t path = 0; path < 3; path++) {
		for (uint32_t sector = 0; sector < SECTORS; sector++)
			memcpy(bytes + sector * 512, (uint32_t[]){ path, sector }, 8);
		assert_true(direct_write(legs[path].device, legs[path].offset_sectors * 512, bytes,
					 sizeof(bytes)));
	}
	assert_int_equal(dmk_table_add_switch(table, 0, SECTORS, &map), 0);
	make_of(dm, "a", table);
}

/* The path of each region, as data say, in one letter each. */
static void check_paths(const char *wanted)
{
	static uint8_t bytes[SECTORS * 512];
	char paths[REGIONS + 1] = "";

	assert_true(direct_read("/dev/mapper/a", 0, bytes, sizeof(bytes)));
	for (uint32_t sector = 0; sector < SECTORS; sector++) {
		uint32_t head[2];

		memcpy(head, bytes + sector * 512, sizeof(head));
		assert_in_range(head[0], 0, 2);
		assert_int_equal(head[1], sector);
		if (sector % REGION)
			assert_int_equal(paths[sector / REGION], '0' + (char)head[0]);
		paths[sector / REGION] = (char)('0' + head[0]);
	}
	assert_string_equal(paths, wanted);
}

#define IN_TURN "0120120120120120120120120120120120120120120120120120120120120120"

static void switch_begins_in_turn(void **state)
{
	struct dmk_switch parsed;
	char *text;

	make(*state);
	check_paths(IN_TURN);
	text = text_of(*state, "a", false);
	assert_string_equal(text, "3 8 0 1:0 0 1:1 16 1:2 8");
	assert_int_equal(dmk_switch_parse_table(text, &parsed, NULL), 0);
	assert_int_equal(parsed.region_sectors, REGION);
	assert_int_equal(parsed.n_paths, 3);
	assert_int_equal(parsed.paths[1].offset_sectors, 16);
	dmk_switch_clear(&parsed);
	free(text);
	text = text_of(*state, "a", true);
	assert_string_equal(text, "");
	free(text);
	check_copy(*state, "a", "switch", SECTORS);
	remove_device(*state, "a");
}

static void set(struct dmk *dm, const struct dmk_switch_mapping *mappings, uint32_t n)
{
	const struct dmk_switch_message message = { .message = DMK_SWITCH_SET_REGION_MAPPINGS,
						    .mappings = mappings,
						    .n_mappings = n };
	char *text;

	assert_int_equal(dmk_switch_format_message(&message, &text, NULL), 0);
	send_text(dm, "a", text, NULL);
}

static void switch_puts_regions_on_paths(void **state)
{
	static const struct dmk_switch_mapping some[] = {
		{ .kind = DMK_SWITCH_REGION, .region = 0, .path = 2 },
		{ .kind = DMK_SWITCH_NEXT, .path = 2 },
		{ .kind = DMK_SWITCH_REGION, .region = 0x3f, .path = 1 },
	};
	static const struct dmk_switch_mapping all[] = {
		{ .kind = DMK_SWITCH_REGION, .region = 0, .path = 1 },
		{ .kind = DMK_SWITCH_REPEAT, .cycle = 1, .count = REGIONS - 1 },
	};
	static const struct dmk_switch_mapping pattern[] = {
		{ .kind = DMK_SWITCH_REGION, .region = 0x10, .path = 0 },
		{ .kind = DMK_SWITCH_NEXT, .path = 2 },
		{ .kind = DMK_SWITCH_REPEAT, .cycle = 2, .count = 0x10 },
	};

	make(*state);
	set(*state, some, 3);
	check_paths("2220120120120120120120120120120120120120120120120120120120120121");
	set(*state, all, 2);
	check_paths("1111111111111111111111111111111111111111111111111111111111111111");
	set(*state, pattern, 3);
	check_paths("1111111111111111020202020202020202111111111111111111111111111111");
	remove_device(*state, "a");
}

static int by_keys(struct dmk *dm, const char *const *words, uint32_t n)
{
	struct dmk_key_value pairs[8];
	char *text;
	int r;

	for (uint32_t i = 0; i < n; i++)
		pairs[i] = (struct dmk_key_value){ .key = "mapping", .value = words[i] };
	assert_int_equal(
		dmk_message_from_keys("switch", "set-region-mappings", pairs, n, &text, NULL), 0);
	r = dmk_message(dm, DMK_NAME("a"), text, NULL, NULL);
	free(text);
	return r;
}

static void switch_takes_mappings_by_key(void **state)
{
	/* The first word without a number means region 1. */
	static const char *const first[] = { ":2", ":0", "r2,A" };
	static const char *const far_away[] = { "40:0" }, *const no_path[] = { "0:3" };

	make(*state);
	assert_ok(*state, by_keys(*state, first, 3));
	check_paths("0202020202020120120120120120120120120120120120120120120120120120");
	/* What only the kernel can know. */
	assert_code(*state, by_keys(*state, far_away, 1), -EINVAL);
	assert_code(*state, by_keys(*state, no_path, 1), -EINVAL);
	remove_device(*state, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(switch_begins_in_turn, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(switch_puts_regions_on_paths, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(switch_takes_mappings_by_key, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("switch", tests, NULL, NULL);
}
