/* SPDX-License-Identifier: MIT */
/* The bytes of requests; test-reply.c has those of replies. */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/request.h"

static void stamps(void **state)
{
	/* The lowest driver that knows each command. */
	static const uint32_t minors[DMK_CMD_COUNT] = {
		[DM_LIST_VERSIONS_CMD] = 1,    [DM_TARGET_MSG_CMD] = 2,
		[DM_DEV_SET_GEOMETRY_CMD] = 6, [DMK_CMD_ARM_POLL] = 37,
		[DMK_CMD_TARGET_VERSION] = 41,
	};
	struct dm_ioctl io;

	(void)state;
	for (uint32_t command = 0; command < DMK_CMD_COUNT; command++) {
		memset(&io, 0xff, sizeof(io));
		dmk_request_init(&io, command, 4096);
		assert_int_equal(io.version[0], 4);
		assert_int_equal(io.version[1], minors[command]);
		assert_int_equal(io.version[2], 0);
		assert_int_equal(io.data_size, 4096);
		assert_int_equal(io.data_start, sizeof(io));
		assert_true(dmk_all_zero(&io.target_count,
					 sizeof(io) - offsetof(struct dm_ioctl, target_count)));
	}
	assert_null(dmk_command_find(DMK_CMD_COUNT));
	assert_null(dmk_command_find(UINT32_MAX));
	assert_string_equal(dmk_command_find(DM_TABLE_LOAD_CMD)->name, "DM_TABLE_LOAD");
}

static void changes(void **state)
{
	static const uint32_t asks[] = { DM_VERSION_CMD,	DM_LIST_DEVICES_CMD,
					 DM_DEV_STATUS_CMD,	DM_DEV_WAIT_CMD,
					 DM_TABLE_DEPS_CMD,	DM_TABLE_STATUS_CMD,
					 DM_LIST_VERSIONS_CMD,	DMK_CMD_ARM_POLL,
					 DMK_CMD_TARGET_VERSION };
	int n = 0;

	(void)state;
	for (uint32_t command = 0; command < DMK_CMD_COUNT; command++)
		n += dmk_command_changes(command);
	assert_int_equal(n, DMK_CMD_COUNT - DMK_ARRAY_SIZE(asks));
	for (size_t i = 0; i < DMK_ARRAY_SIZE(asks); i++)
		assert_int_equal(dmk_command_changes(asks[i]), 0);
	assert_int_equal(dmk_command_changes(99), 0);
}

static void names_and_uuids(void **state)
{
	static const char *const names[] = {
		".", "..", "control", "...", "control2", "\xff\x01 \n"
	};
	char text[DM_UUID_LEN + 2];
	struct dmk_error err = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	text[DM_NAME_LEN - 1] = '\0';
	assert_int_equal(dmk_check_name(text, NULL), 0);
	text[DM_NAME_LEN - 1] = 'x';
	text[DM_NAME_LEN] = '\0';
	assert_int_equal(dmk_check_name(text, &err), -ENAMETOOLONG);
	assert_string_equal(err.detail, "a name is at most 127 bytes long, this one has 128");
	assert_int_equal(dmk_check_uuid(text, NULL), 0);
	text[DM_NAME_LEN] = 'x';
	text[DM_UUID_LEN] = '\0';
	assert_int_equal(dmk_check_uuid(text, &err), -ENAMETOOLONG);
	assert_string_equal(err.detail, "a uuid is at most 128 bytes long, this one has 129");
	assert_int_equal(dmk_check_name("", NULL), -EINVAL);
	assert_int_equal(dmk_check_uuid("", NULL), -EINVAL);
	assert_int_equal(dmk_check_name(NULL, NULL), -EINVAL);
	assert_int_equal(dmk_check_name("a/b", &err), -EINVAL);
	assert_string_equal(err.argument, "a/b");
	assert_int_equal(dmk_check_uuid("a/b", NULL), -EINVAL);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(names); i++) {
		/* What older kernels let a device be called is named, but not given. */
		assert_int_equal(dmk_check_name(names[i], NULL), 0);
		assert_int_equal(dmk_check_new_name(names[i], &err), i < 3 ? -EINVAL : 0);
		assert_int_equal(dmk_name_has_no_node(names[i]), i < 3);
	}
}

static void types(void **state)
{
	(void)state;
	assert_int_equal(dmk_check_type("fifteen-letters", NULL), 0);
	assert_int_equal(dmk_check_type("sixteen--letters", NULL), -ENAMETOOLONG);
	assert_int_equal(dmk_check_type("", NULL), -EINVAL);
	assert_int_equal(dmk_check_type(NULL, NULL), -EINVAL);
	assert_int_equal(dmk_check_type("two words", NULL), -EINVAL);
	assert_int_equal(dmk_check_type("a\tb", NULL), -EINVAL);
	assert_int_equal(dmk_check_type("a\x7f", NULL), -EINVAL);
}

static void ids(void **state)
{
	static const struct {
		struct dmk_id id;
		int result;
		const char *text;
	} cases[] = {
		{ { .name = "n" }, 0, "n" },
		{ { .uuid = "u" }, 0, "u" },
		{ { .major = 254, .minor = 3 }, 0, "254:3" },
		{ { .major = 4095, .minor = 1048575 }, 0, "4095:1048575" },
		{ { .major = 4096 }, -EINVAL, "4096:0" },
		{ { .major = 1, .minor = 1048576 }, -EINVAL, "1:1048576" },
		{ { .minor = 3 }, -EINVAL, "0:3" },
		{ { .name = NULL }, -EINVAL, "0:0" },
		{ { .name = "n", .uuid = "u" }, -EINVAL, "n" },
		{ { .name = "n", .major = 1 }, -EINVAL, "n" },
		{ { .uuid = "u", .major = 1 }, -EINVAL, "u" },
		{ { .name = "" }, -EINVAL, "" },
		{ { .name = "n", .reserved = { 0, 0, 0, 1 } }, -EINVAL, "n" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct dmk_error err = { 0 };

		assert_int_equal(dmk_check_id(&cases[i].id, &err), cases[i].result);
		assert_int_equal(err.code, cases[i].result);
		assert_int_equal(err.detail[0] == '\0', cases[i].result == 0);
		dmk_id_text(&cases[i].id, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void ids_in_requests(void **state)
{
	struct dm_ioctl io;

	(void)state;
	dmk_request_init(&io, DM_DEV_STATUS_CMD, sizeof(io));
	dmk_request_id(&io, DMK_NAME("name"));
	assert_string_equal(io.name, "name");
	assert_string_equal(io.uuid, "");
	assert_int_equal(io.dev, 0);
	dmk_request_init(&io, DM_DEV_STATUS_CMD, sizeof(io));
	dmk_request_id(&io, DMK_UUID("uuid"));
	assert_string_equal(io.name, "");
	assert_string_equal(io.uuid, "uuid");
	dmk_request_init(&io, DM_DEV_STATUS_CMD, sizeof(io));
	dmk_request_id(&io, DMK_DEVNO(254, 300));
	assert_int_equal(io.dev, 0x10fe2c);
	assert_string_equal(io.name, "");
}

static void device_numbers(void **state)
{
	/* huge_encode_dev() of include/linux/kdev_t.h. */
	static const struct {
		uint32_t major, minor;
		uint64_t dev;
	} cases[] = {
		{ 0, 0, 0 },
		{ 8, 1, 0x801 },
		{ 254, 255, 0xfeff },
		{ 254, 256, 0x10fe00 },
		{ 4095, 1048575, 0xffffffff },
		{ 4095, 0, 0xfff00 },
		{ 0, 1048575, 0xfff000ff },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		uint32_t major = 7, minor = 7;

		assert_int_equal(dmk_dev_encode(cases[i].major, cases[i].minor), cases[i].dev);
		dmk_dev_decode(cases[i].dev, &major, &minor);
		assert_int_equal(major, cases[i].major);
		assert_int_equal(minor, cases[i].minor);
	}
	for (uint32_t bit = 0; bit < 20; bit++) {
		uint32_t major, minor;

		dmk_dev_decode(dmk_dev_encode(1u << bit % 12, 1u << bit), &major, &minor);
		assert_int_equal(major, 1u << bit % 12);
		assert_int_equal(minor, 1u << bit);
	}
}

/* `next` of a load counts from its own spec, and the bytes between are zero (T2). */
static void specs(void **state)
{
	const struct dmk_segment segment = { .start_sectors = 5,
					     .length_sectors = 6,
					     .type = "linear",
					     .params = "/dev/a 0 and more" };
	struct dm_target_spec spec;
	char bytes[64];

	(void)state;
	assert_int_equal(sizeof(spec), 40);
	assert_int_equal(dmk_spec_size(0), 48);
	assert_int_equal(dmk_spec_size(7), 48);
	assert_int_equal(dmk_spec_size(8), 56);
	memset(bytes, 0xff, sizeof(bytes));
	dmk_spec_write(bytes, &segment, 8);
	memcpy(&spec, bytes, sizeof(spec));
	assert_int_equal(spec.sector_start, 5);
	assert_int_equal(spec.length, 6);
	assert_int_equal(spec.status, 0);
	assert_int_equal(spec.next, 56);
	assert_string_equal(spec.target_type, "linear");
	assert_true(dmk_all_zero(spec.target_type + 6, 10));
	assert_memory_equal(bytes + 40, "/dev/a 0\0\0\0\0\0\0\0\0\xff", 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps),
		cmocka_unit_test(changes),
		cmocka_unit_test(names_and_uuids),
		cmocka_unit_test(types),
		cmocka_unit_test(ids),
		cmocka_unit_test(ids_in_requests),
		cmocka_unit_test(device_numbers),
		cmocka_unit_test(specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
