/* SPDX-License-Identifier: MIT */
/* The list of devices, on each driver that lists differently. */
#include "../driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

static void add_three(void)
{
	fake_add_device(fake, "b", "U-b");
	fake_add_device(fake, "a-name-of-other-length", "")->event_nr = 5;
	fake_add_device(fake, "bc", "V-bc");
}

/* "name:minor:uuid:event " for each. */
static const char *listed(const struct dmk_list_options *options)
{
	static char text[512];
	struct dmk_devices *devices;
	struct dmk_device device;
	size_t used = 0;
	int r, again = 0;

	assert_int_equal(dmk_list(dm, options, &devices), 0);
	assert_int_equal(dmk_last_error(dm)->code, 0);
	/* Twice, to see that it can be rewound. */
	for (; again < 2; again++) {
		text[used = 0] = '\0';
		while ((r = dmk_devices_next(devices, &device)) == 1)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s:%u:%s:%d ",
						 device.name, device.minor,
						 device.uuid ? device.uuid : "?",
						 device.has_event_nr ? (int)device.event_nr : -1);
		assert_int_equal(r, 0);
		dmk_devices_rewind(devices);
	}
	dmk_devices_free(devices);
	return text;
}

static void by_driver(void **state)
{
	static const struct {
		uint32_t minor;
		const char *plain, *uuids;
		uint32_t requests; /* with uuids */
	} drivers[] = {
		{ 47, "a-name-of-other-length:1:?:5 b:0:?:0 bc:2:?:0 ",
		  "a-name-of-other-length:1::5 b:0:U-b:0 bc:2:V-bc:0 ", 1 },
		{ 45, "a-name-of-other-length:1:?:5 b:0:?:0 bc:2:?:0 ",
		  "a-name-of-other-length:1::5 b:0:U-b:0 bc:2:V-bc:0 ", 1 },
		{ 44, "a-name-of-other-length:1:?:5 b:0:?:0 bc:2:?:0 ",
		  "a-name-of-other-length:1::5 b:0:U-b:0 bc:2:V-bc:0 ", 4 },
		{ 38, "a-name-of-other-length:1:?:5 b:0:?:0 bc:2:?:0 ",
		  "a-name-of-other-length:1::5 b:0:U-b:0 bc:2:V-bc:0 ", 4 },
		{ 27, "a-name-of-other-length:1:?:-1 b:0:?:-1 bc:2:?:-1 ",
		  "a-name-of-other-length:1::-1 b:0:U-b:-1 bc:2:V-bc:-1 ", 4 },
	};
	const struct dmk_list_options uuids = { .flags = DMK_LIST_UUID };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(drivers); i++) {
		open_driver(drivers[i].minor);
		assert_string_equal(listed(NULL), "");
		add_three();
		assert_string_equal(listed(NULL), drivers[i].plain);
		fake_clear_log(fake);
		assert_string_equal(listed(&uuids), drivers[i].uuids);
		assert_int_equal(fake->calls, drivers[i].requests);
		close_driver();
	}
}

static void by_prefix(void **state)
{
	static const uint32_t minors[] = { 47, 40 };
	const struct dmk_list_options name = { .name_prefix = "b" };
	const struct dmk_list_options uuid = { .uuid_prefix = "V-" };
	const struct dmk_list_options both = { .name_prefix = "b", .uuid_prefix = "U" };
	const struct dmk_list_options none = { .name_prefix = "bcd" };
	const struct dmk_list_options empty = { .name_prefix = "", .uuid_prefix = "" };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(minors); i++) {
		open_driver(minors[i]);
		add_three();
		assert_string_equal(listed(&name), "b:0:?:0 bc:2:?:0 ");
		assert_string_equal(listed(&uuid), "bc:2:V-bc:0 ");
		assert_string_equal(listed(&both), "b:0:U-b:0 ");
		assert_string_equal(listed(&none), "");
		assert_string_equal(listed(&empty),
				    "a-name-of-other-length:1:?:5 b:0:?:0 bc:2:?:0 ");
		close_driver();
	}
}

static void bad_options(void **state)
{
	struct dmk_devices *devices = NULL;
	char prefix[DMK_UUID_SIZE + 1];
	struct dmk_list_options options = { .name_prefix = prefix };

	(void)state;
	memset(prefix, 'p', sizeof(prefix));
	prefix[DMK_NAME_SIZE] = '\0';
	open_driver(47);
	assert_int_equal(dmk_list(dm, &options, &devices), -ENAMETOOLONG);
	prefix[DMK_NAME_SIZE - 1] = '\0';
	assert_string_equal(listed(&options), "");
	options.flags = 2;
	assert_int_equal(dmk_list(dm, &options, &devices), -EINVAL);
	options = (struct dmk_list_options){ .reserved = { 1 } };
	assert_int_equal(dmk_list(dm, &options, &devices), -EINVAL);
	assert_null(devices);
	dmk_devices_free(NULL);
	close_driver();
}

static void many_devices(void **state)
{
	const struct dmk_list_options uuids = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	char name[16];
	int n = 0;

	(void)state;
	open_driver(47);
	for (uint32_t i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "d%05u", i);
		fake_add_device(fake, name, name)->minor = i;
	}
	assert_int_equal(dmk_list(dm, &uuids, &devices), 0);
	while (dmk_devices_next(devices, &device) == 1) {
		snprintf(name, sizeof(name), "d%05d", n);
		assert_string_equal(device.name, name);
		assert_string_equal(device.uuid, name);
		assert_int_equal(device.minor, n++);
	}
	assert_int_equal(n, 3000);
	assert_in_range(fake->calls_of[DM_LIST_DEVICES_CMD], 1, 3);
	dmk_devices_free(devices);
	close_driver();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_driver),
		cmocka_unit_test(by_prefix),
		cmocka_unit_test(bad_options),
		cmocka_unit_test(many_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
