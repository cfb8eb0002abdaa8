/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-os.h"
#include "holders.h"

#define BLOCK "/sys/dev/block/254:3/holders"

static char folder[] = "/tmp/dmkit-holders-XXXXXX";

static void touch(const char *name, bool there)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (there)
		assert_int_equal(mkdirat(AT_FDCWD, path, 0700), 0);
	else
		rmdir(path);
}

static void none_at_all(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	os_reset();
	dmk_find_holders(254, 3, &err);
	assert_int_equal(err.n_holders, 0);
	assert_int_equal(err.holders_more, 0);
}

static void devices_on_top(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	os_reset();
	os.dir = folder;
	os_add((struct os_file){ .path = BLOCK "/dm-7/dev", .content = "254:7\n" });
	os_add((struct os_file){ .path = BLOCK "/dm-7/dm/name", .content = "thin 1\n" });
	touch("dm-7", true);
	dmk_find_holders(254, 3, &err);
	assert_int_equal(err.n_holders, 1);
	assert_int_equal(err.holders[0].kind, DMK_HOLDER_MAPPING);
	assert_int_equal(err.holders[0].major, 254);
	assert_int_equal(err.holders[0].minor, 7);
	assert_string_equal(err.holders[0].name, "thin 1");
	touch("dm-7", false);
	/* Not device-mapper's, and without a number to be read. */
	touch("md127", true);
	err = (struct dmk_error){ 0 };
	dmk_find_holders(254, 3, &err);
	assert_int_equal(err.holders[0].kind, DMK_HOLDER_DEVICE);
	assert_int_equal(err.holders[0].major, 0);
	assert_string_equal(err.holders[0].name, "md127");
	touch("md127", false);
}

static void mounts(void **state)
{
	static const char mountinfo[] =
		"22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
		"30 28 254:3 / /srv/a\\040b\\134c rw,relatime shared:1 - ext4 /dev/mapper/x rw\n"
		"a line that is none\n"
		"31 28 254:33 / /other rw - ext4 /dev/mapper/y rw\n"
		"32 28 254:3 /sub /mnt\\999 rw - ext4 /dev/mapper/x rw";
	struct dmk_error err = { 0 };

	(void)state;
	os_reset();
	os_add((struct os_file){ .path = "/proc/self/mountinfo", .content = mountinfo });
	dmk_find_holders(254, 3, &err);
	assert_int_equal(err.n_holders, 2);
	assert_int_equal(err.holders[0].kind, DMK_HOLDER_MOUNT);
	assert_string_equal(err.holders[0].where, "/srv/a b\\c");
	assert_string_equal(err.holders[1].where, "/mnt\\999");
}

static void more_than_there_is_room_for(void **state)
{
	char *mountinfo = malloc(8192);
	struct dmk_error err = { 0 };
	size_t used = 0;

	(void)state;
	os_reset();
	for (int i = 0; i < 7; i++)
		used += (size_t)sprintf(mountinfo + used, "%d 1 254:3 / /%0*d rw - ext4 x rw\n", i,
					i == 0 ? 400 : 3, i);
	os_add((struct os_file){ .path = "/proc/self/mountinfo", .content = mountinfo });
	dmk_find_holders(254, 3, &err);
	assert_int_equal(err.n_holders, DMK_MAX_HOLDERS);
	assert_int_equal(err.holders_more, 3);
	/* Cut, and told to be. */
	assert_int_equal(strlen(err.holders[0].where), sizeof(err.holders[0].where) - 1);
	assert_string_equal(err.holders[0].where + sizeof(err.holders[0].where) - 4, "...");
	assert_string_equal(err.holders[3].where, "/003");
	free(mountinfo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_at_all),
		cmocka_unit_test(devices_on_top),
		cmocka_unit_test(mounts),
		cmocka_unit_test(more_than_there_is_room_for),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
