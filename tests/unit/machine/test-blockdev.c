/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "machine/blockdev.h"
#include "dmkit.h"
#include "../fake-os.h"

#define DISKSEQ _IOR(0x12, 128, uint64_t)

static unsigned long read_ahead;
static int sets;
static unsigned long failing;

static int answer(unsigned long command, void *argument)
{
	const uint64_t bytes = UINT64_C(5) << 40, sequence = 99;

	if (command == failing)
		return -EIO;
	switch (command) {
	case BLKGETSIZE64:
		memcpy(argument, &bytes, sizeof(bytes));
		return 0;
	case BLKSSZGET:
	case BLKPBSZGET:
		*(int *)argument = command == BLKSSZGET ? 512 : 4096;
		return 0;
	case BLKROGET:
		*(int *)argument = 1;
		return 0;
	case BLKRAGET:
		memcpy(argument, &read_ahead, sizeof(read_ahead));
		return 0;
	case BLKRASET:
		read_ahead = (unsigned long)argument;
		sets++;
		return 0;
	case DISKSEQ:
		memcpy(argument, &sequence, sizeof(sequence));
		return 0;
	default:
		return -ENOTTY;
	}
}

static int set_up(void **state)
{
	(void)state;
	os_reset();
	os.ioctl = answer;
	read_ahead = 256;
	sets = 0;
	failing = 0;
	os_add((struct os_file){ .path = "/dev/vdb", .mode = S_IFBLK, .major = 252, .minor = 16 });
	os_add((struct os_file){
		.path = "/dev/gone", .mode = S_IFBLK, .major = 252, .error = ENXIO });
	os_add((struct os_file){
		.path = "/dev/shut", .mode = S_IFBLK, .major = 252, .error = EACCES });
	os_add((struct os_file){ .path = "/dev/fifo", .mode = S_IFIFO });
	os_add((struct os_file){ .path = "/etc/file", .mode = S_IFREG });
	os_add((struct os_file){ .path = "/sys/dev/block", .mode = S_IFDIR });
	os_add((struct os_file){ .path = "/sys/dev/block/252:16" });
	os_add((struct os_file){ .path = "/sys/dev/block/252:16/uevent",
				 .content = "MAJOR=252\nMINOR=16\nDEVNAME=vdb\n" });
	os_add((struct os_file){ .path = "/sys/dev/block/252:17/uevent",
				 .content = "DEVNAME=vdb\n" });
	os_add((struct os_file){ .path = "/sys/dev/block/252:18/uevent",
				 .content = "MAJOR=252\n" });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(os.open_fds, 0);
	return 0;
}

static void asked_by_path_and_number(void **state)
{
	static const char *const names[] = { "/dev/vdb", "252:16" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct dmk_blockdev got = { 0 };

		assert_int_equal(dmk_get_blockdev(names[i], &got), 0);
		assert_true(got.size_bytes == UINT64_C(5) << 40);
		assert_int_equal(got.major, 252);
		assert_int_equal(got.minor, 16);
		assert_int_equal(got.logical_block_bytes, 512);
		assert_int_equal(got.physical_block_bytes, 4096);
		assert_int_equal(got.read_ahead_sectors, 256);
		assert_int_equal(got.readonly, 1);
		assert_int_equal(got.diskseq, 99);
	}
}

static void an_old_kernel_has_no_sequence(void **state)
{
	struct dmk_blockdev got;

	(void)state;
	failing = DISKSEQ;
	assert_int_equal(dmk_get_blockdev("/dev/vdb", &got), 0);
	assert_int_equal(got.diskseq, 0);
}

static void each_question_may_fail(void **state)
{
	static const unsigned long questions[] = { BLKGETSIZE64, BLKSSZGET, BLKPBSZGET, BLKROGET,
						   BLKRAGET };
	struct dmk_blockdev got = { .major = 77 };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(questions); i++) {
		failing = questions[i];
		assert_int_equal(dmk_get_blockdev("/dev/vdb", &got), -EIO);
		assert_int_equal(got.major, 77);
		assert_int_equal(os.open_fds, 0);
	}
}

static void not_to_be_opened(void **state)
{
	static const struct {
		const char *device;
		int code;
	} cases[] = {
		{ "/dev/none", -ENOENT },  { "/dev/gone", -ENXIO },   { "/dev/shut", -EACCES },
		{ "/dev/fifo", -ENOTBLK }, { "/etc/file", -ENOTBLK }, { "9:9", -ENXIO },
		{ "252:17", -ENXIO },  /* its node is another device's */
		{ "252:18", -ENODEV }, /* it has no node */
		{ "", -ENOENT },	   { "252:", -ENOENT },
	};
	struct dmk_blockdev got = { .major = 77 };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		assert_int_equal(dmk_get_blockdev(cases[i].device, &got), cases[i].code);
		assert_int_equal(got.major, 77);
	}
}

static void why_it_is_missing(void **state)
{
	static const struct {
		const char *device;
		int code;
		const char *why;
	} cases[] = {
		{ "/dev/vdb", 0, NULL },
		{ "252:16", 0, NULL },
		{ "/dev/none", -ENOENT, "it does not exist" },
		{ "/dev/fifo", -ENOTBLK, "it is not a block device" },
		{ "/dev/gone", -ENXIO, "the node is there, its device is not" },
		{ "/dev/shut", -EACCES, "it could not be opened" },
		{ "9:9", -ENXIO, "there is no block device with this number" },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		const char *why = "?";

		assert_int_equal(dmk_blockdev_missing(cases[i].device, &why), cases[i].code);
		if (cases[i].why)
			assert_string_equal(why, cases[i].why);
		else
			assert_null(why);
	}
}

static void read_ahead_is_set(void **state)
{
	(void)state;
	assert_int_equal(dmk_blockdev_set_read_ahead("/dev/vdb", 128, true), 0);
	assert_int_equal(read_ahead, 256);
	assert_int_equal(sets, 0);
	assert_int_equal(dmk_blockdev_set_read_ahead("/dev/vdb", 1024, true), 0);
	assert_int_equal(read_ahead, 1024);
	assert_int_equal(dmk_blockdev_set_read_ahead("/dev/vdb", 0, false), 0);
	assert_int_equal(read_ahead, 0);
	assert_int_equal(dmk_set_read_ahead("/dev/vdb", 64, 0), 0);
	assert_int_equal(dmk_set_read_ahead("/dev/vdb", 32, DMK_READ_AHEAD_MINIMUM), 0);
	assert_int_equal(read_ahead, 64);
	assert_int_equal(dmk_set_read_ahead("/dev/vdb", 32, 2), -EINVAL);
	failing = BLKRASET;
	assert_int_equal(dmk_blockdev_set_read_ahead("/dev/vdb", 8, false), -EIO);
	failing = BLKRAGET;
	assert_int_equal(dmk_blockdev_set_read_ahead("/dev/vdb", 8, true), -EIO);
	assert_int_equal(dmk_blockdev_set_read_ahead("/dev/none", 8, true), -ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(asked_by_path_and_number), TEST(an_old_kernel_has_no_sequence),
		TEST(each_question_may_fail),	TEST(not_to_be_opened),
		TEST(why_it_is_missing),	TEST(read_ahead_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
