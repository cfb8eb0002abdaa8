/* SPDX-License-Identifier: MIT */
/* How the control node is found, made, opened and verified; what a driver that is too old says. */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "../fake-os.h"
#include "kernel/kernel.h"

#define MISC " 63 cpu_dma_latency\n236 device-mapper\n 10 other\n"

static uint32_t driver[3];
static int requests;

static int answer(unsigned long command, void *argument)
{
	struct dm_ioctl *io = argument;

	requests++;
	assert_int_equal(_IOC_TYPE(command), DM_IOCTL);
	assert_int_equal(_IOC_SIZE(command), sizeof(*io));
	memcpy(io->version, driver, sizeof(driver));
	return 0;
}

static struct dmk *new_dm(void)
{
	struct dmk *dm;

	os_reset();
	os.ioctl = answer;
	requests = 0;
	memcpy(driver, (uint32_t[]){ 4, 47, 1 }, sizeof(driver));
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_node_dir(dm, "/node"), 0);
	return dm;
}

static void add_control(unsigned int major, unsigned int minor, mode_t mode, int error)
{
	os_add((struct os_file){ .path = "/node/control",
				 .mode = mode,
				 .major = major,
				 .minor = minor,
				 .error = error });
}

static void add_misc(const char *content)
{
	os_add((struct os_file){ .path = "/proc/misc", .mode = S_IFREG, .content = content });
}

static void opened_once(void **state)
{
	struct dmk *dm = new_dm();
	struct dmk_version version;
	int fd;

	(void)state;
	add_control(10, 236, S_IFCHR, 0);
	assert_int_equal(dmk_driver_version(dm, &version), 0);
	assert_int_equal(version.major, 4);
	assert_int_equal(version.minor, 47);
	assert_int_equal(version.patch, 1);
	assert_int_equal(dmk_fd(dm, &fd), 0);
	assert_int_equal(dmk_arm_poll(dm), 0);
	assert_int_equal(requests, 2);
	assert_int_equal(os.open_fds, 1);
	dmk_free(dm);
	assert_int_equal(os.open_fds, 0);
}

static void made_where_it_is_missing(void **state)
{
	struct dmk *dm = new_dm();
	struct dmk_version version;

	(void)state;
	add_misc(MISC);
	assert_int_equal(dmk_driver_version(dm, &version), 0);
	assert_string_equal(os.files[1].path, "/node");
	assert_string_equal(os.files[2].path, "/node/control");
	assert_int_equal(os.files[1].mode, S_IFDIR | 0755);
	assert_int_equal(os.files[2].mode, S_IFCHR | 0600);
	assert_int_equal(os.files[2].major, 10);
	assert_int_equal(os.files[2].minor, 236);
	dmk_free(dm);
}

/* Its number is known without /proc, and opening it may load the module. What stays without an
 * answer is taken away again. */
static void made_where_nothing_is_known_of_the_driver(void **state)
{
	static const struct {
		const char *misc;
		int error; /* of the open */
		int code;
	} cases[] = {
		{ "1 x\n", 0, 0 },
		{ NULL, 0, 0 },
		{ "1 x\n", ENODEV, -ENODEV },
		{ NULL, ENODEV, -ENODEV },
		{ NULL, ENXIO, -ENODEV },
		{ NULL, EACCES, -EACCES },
		{ "1 x\n", EACCES, -ENODEV },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct dmk *dm = new_dm();
		struct dmk_version version;
		struct stat st;

		if (cases[i].misc)
			add_misc(cases[i].misc);
		os.made_error = cases[i].error;
		assert_int_equal(dmk_driver_version(dm, &version), cases[i].code);
		assert_int_equal(requests, cases[i].code == 0);
		assert_int_equal(lstat("/node/control", &st), cases[i].code ? -1 : 0);
		assert_int_equal(lstat("/node", &st), cases[i].code ? -1 : 0);
		dmk_free(dm);
	}
}

/* An old kernel's number, which /proc/misc alone knows. */
static void another_minor(void **state)
{
	struct dmk *dm = new_dm();
	struct dmk_version version;

	(void)state;
	add_misc(" 61 device-mapper\n");
	add_control(10, 61, S_IFCHR, 0);
	assert_int_equal(dmk_driver_version(dm, &version), 0);
	dmk_free(dm);
}

static void failures(void **state)
{
	static const struct {
		const char *misc;
		unsigned int major, minor;
		mode_t mode;
		int open_error, mknod_error;
		int code;
	} cases[] = {
		{ MISC, 10, 235, S_IFCHR, 0, 0, -ENXIO }, /* some other misc device */
		{ MISC, 254, 236, S_IFBLK, 0, 0, -ENXIO },
		{ MISC, 10, 236, S_IFREG, 0, 0, -ENXIO },
		{ MISC, 10, 236, S_IFCHR, EACCES, 0, -EACCES },
		{ MISC, 10, 236, S_IFCHR, EMFILE, 0, -EMFILE },
		{ MISC, 10, 236, S_IFCHR, ENODEV, 0, -ENODEV },
		{ MISC, 10, 236, S_IFCHR, ENXIO, 0, -ENODEV },	   /* a node without a driver */
		{ "1 x\n", 10, 236, S_IFCHR, EACCES, 0, -ENODEV }, /* no driver, root or not */
		{ MISC, 0, 0, 0, 0, EPERM, -EPERM }, /* no node, and none to be made */
		{ NULL, 0, 0, 0, 0, EPERM, -EPERM }, /* of the kernel nothing is known then */
		{ "1 x\n", 0, 0, 0, 0, EPERM, -ENODEV },
		{ "1 x\n", 0, 0, 0, 0, EROFS, -ENODEV },
		{ NULL, 10, 99, S_IFCHR, ENODEV, 0, -ENXIO }, /* not the driver's answer */
		{ NULL, 10, 236, S_IFSOCK, ENXIO, 0, -ENXIO },
		{ NULL, 0, 0, S_IFDIR, EISDIR, 0, -ENXIO },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct dmk *dm = new_dm();
		struct dmk_version version = { .major = 77 };

		if (cases[i].misc)
			add_misc(cases[i].misc);
		if (cases[i].mode)
			add_control(cases[i].major, cases[i].minor, cases[i].mode,
				    cases[i].open_error);
		os.mknod_error = cases[i].mknod_error;
		assert_int_equal(dmk_driver_version(dm, &version), cases[i].code);
		assert_int_equal(version.major, 77);
		assert_int_equal(dmk_last_error(dm)->code, cases[i].code);
		assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_OPEN_CONTROL);
		assert_string_equal(dmk_last_error(dm)->argument, "/node/control");
		assert_string_not_equal(dmk_last_error(dm)->detail, "");
		assert_int_equal(requests, 0);
		assert_int_equal(os.open_fds, 0);
		dmk_free(dm);
	}
}

static void old_and_foreign_drivers(void **state)
{
	struct dmk *dm = new_dm();
	struct dmk_version version;

	(void)state;
	add_control(10, 236, S_IFCHR, 0);
	driver[0] = 5;
	assert_int_equal(dmk_driver_version(dm, &version), -EOPNOTSUPP);
	assert_string_equal(dmk_last_error(dm)->detail,
			    "the driver speaks version 5, dmkit version 4");
	dmk_free(dm);
	dm = new_dm();
	add_control(10, 236, S_IFCHR, 0);
	driver[1] = 36;
	assert_int_equal(dmk_arm_poll(dm), -EOPNOTSUPP);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_POLL);
	assert_string_equal(dmk_last_error(dm)->detail,
			    "DM_DEV_ARM_POLL needs driver version 4.37, this kernel has 4.36.1");
	assert_int_equal(requests, 1);
	dmk_free(dm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opened_once),
		cmocka_unit_test(made_where_it_is_missing),
		cmocka_unit_test(made_where_nothing_is_known_of_the_driver),
		cmocka_unit_test(another_minor),
		cmocka_unit_test(failures),
		cmocka_unit_test(old_and_foreign_drivers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
