/* SPDX-License-Identifier: MIT */
/* What a create that the kernel refused says of the segment and the device at fault. */
#include "../driver.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../fake-os.h"
#include "base/util.h"

static const struct {
	int code;
	const char *table;
	uint32_t segment;
	const char *target, *argument, *detail;
} cases[] = {
	{ -ENODEV, "0 8 linear /dev/vdb 0\n8 8 linear /dev/vdx 0\n", 2, "linear", "/dev/vdx",
	  "it does not exist" },
	{ -ENOTBLK, "0 8 linear /etc/file 0\n", 1, "linear", "/etc/file",
	  "it is not a block device" },
	{ -ENODEV, "0 16 striped 2 8 /dev/vdb 0 9:9 0\n", 1, "striped", "9:9",
	  "there is no block device with this number" },
	/* The path as the kernel reads it, where its backslash was meant to be one. */
	{ -ENODEV, "0 8 linear /dev/v\\db 0\n8 8 linear /dev/a\\b 0\n", 2, "linear", "/dev/ab",
	  "it does not exist; a backslash of a table's text quotes the next byte: \\\\ is one" },
	{ -ENODEV, "0 8 linear /dev/a\\\\b 0\n8 8 linear /dev/c\\ d 0\n", 2, "linear", "/dev/c d",
	  "it does not exist" },
	/* A name where its path is meant, and words that may be no name. */
	{ -ENODEV, "0 8 linear vdb 0\n", 1, "linear", "vdb", "it does not exist; /dev/vdb does" },
	{ -ENODEV, "0 8 linear /dev/vdb 0\n8 8 delay top 0 1\n", 2, "delay", "top",
	  "it does not exist; /dev/mapper/top does" },
	{ -ENODEV, "0 8 linear nosuch 0\n", 1, "linear", "nosuch", "it does not exist" },
	{ -ENODEV, "0 8 linear fd00 0\n8 8 linear PARTUUID=x 0\n", 0, "", "", "" },
	{ -ENODEV, "0 8 unknown vdb 0\n8 8 zero\n", 0, "", "", "" },
	/* Nothing is missing: one segment can be named all the same, of two none. */
	{ -ENODEV, "0 8 linear /dev/vdb 0\n", 1, "linear", "", "" },
	{ -ENODEV, "0 8 linear /dev/vdb 0\n8 8 zero\n", 0, "", "", "" },
	/* Not about devices that are away. */
	{ -EBUSY, "0 8 linear /dev/vdx 0\n", 1, "linear", "", "" },
	{ -EINVAL, "0 8 linear /dev/vdx 0\n", 1, "linear", "", "" },
};

static void refused_tables(void **state)
{
	(void)state;
	os_reset();
	os_add((struct os_file){ .path = "/dev/vdb", .mode = S_IFBLK, .major = 252 });
	os_add((struct os_file){ .path = "/dev/a\\b", .mode = S_IFBLK, .major = 252 });
	os_add((struct os_file){ .path = "/dev/mapper/top", .mode = S_IFBLK, .major = 253 });
	os_add((struct os_file){ .path = "/etc/file", .mode = S_IFREG });
	os_add((struct os_file){ .path = "/sys/dev/block", .mode = S_IFDIR });
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		const struct dmk_create_options options = { .node_policy = DMK_NODE_NONE };
		const struct dmk_error *err;
		struct dmk_table *table;

		open_driver(47);
		assert_int_equal(dmk_table_new(&table), 0);
		assert_int_equal(dmk_table_parse(table, cases[i].table, strlen(cases[i].table)), 0);
		fake_add_rule(fake, DM_TABLE_LOAD_CMD, 1, 1, FAKE_BEFORE, cases[i].code);
		assert_int_equal(dmk_create(dm, "data", table, &options, NULL), cases[i].code);
		err = dmk_last_error(dm);
		assert_int_equal(err->code, cases[i].code);
		assert_int_equal(err->step, DMK_STEP_LOAD);
		assert_int_equal(err->segment, cases[i].segment);
		assert_string_equal(err->target, cases[i].target);
		assert_string_equal(err->argument, cases[i].argument);
		assert_string_equal(err->detail, cases[i].detail);
		assert_int_equal(fake->n_devices, 0);
		dmk_table_free(table);
		close_driver();
	}
	assert_int_equal(os.open_fds, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(refused_tables) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
