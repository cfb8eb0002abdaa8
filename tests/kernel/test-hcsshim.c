/* SPDX-License-Identifier: MIT */
/*
 * The five tests that hcsshim's devicemapper package has of itself, each under its own name, on
 * libdmkit: what they ask of a device is asked here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

/* Its size, and that I/O fails: a read with EIO, a write with write_error. */
static void validate_device(const char *path, uint64_t sectors, int write_error)
{
	int fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
	uint64_t size_bytes = 0;
	char block[512] = "";

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, BLKGETSIZE64, &size_bytes), 0);
	assert_int_equal(size_bytes, sectors * 512);
	assert_int_equal(read(fd, block, sizeof(block)), -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(write(fd, block, sizeof(block)), -1);
	assert_int_equal(errno, write_error);
	close(fd);
}

static void path_of(struct dmk *dm, const char *name, char *path, size_t size)
{
	assert_int_equal(dmk_node_path(dm, name, path, size), 0);
	assert_string_equal(path, node_path(name));
}

static void create_error_device(struct dmk *dm, uint32_t flags, int write_error)
{
	struct dmk_create_options options = { .flags = flags };
	struct dmk_table *table;
	struct dmk_info info;
	char path[256];

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_error(table, 0, 1), 0);
	assert_int_equal(dmk_table_add_error(table, 1, 2), 0);
	assert_ok(dm, dmk_create(dm, "test-device", table, &options, &info));
	assert_int_equal(info.target_count, 2);
	path_of(dm, "test-device", path, sizeof(path));
	validate_device(path, 3, write_error);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("test-device"), NULL, NULL));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(errno, ENOENT);
	dmk_table_free(table);
}

static void TestCreateError(void **state)
{
	create_error_device(*state, 0, EIO);
}

/* It opens for writing, and then is read-only. */
static void TestReadOnlyError(void **state)
{
	create_error_device(*state, DMK_CREATE_READONLY, EPERM);
}

static void TestLinearError(void **state)
{
	struct dmk_linear linear = { .offset_sectors = 50 };
	struct dmk *dm = *state;
	struct dmk_table *table;
	char base[256], path[256];

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_error(table, 0, 100), 0);
	assert_ok(dm, dmk_create(dm, "base-device", table, NULL, NULL));
	path_of(dm, "base-device", base, sizeof(base));
	dmk_table_reset(table);
	linear.device = base;
	assert_int_equal(dmk_table_add_linear(table, 0, 50, &linear), 0);
	assert_ok(dm, dmk_create(dm, "linear-device", table, NULL, NULL));
	path_of(dm, "linear-device", path, sizeof(path));
	validate_device(path, 50, EIO);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("linear-device"), NULL, NULL));
	assert_int_equal(access(path, F_OK), -1);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("base-device"), NULL, NULL));
	assert_int_equal(access(base, F_OK), -1);
	dmk_table_free(table);
}

/* Its mock of the system call: the first removal fails, the next would not. */
struct mock {
	int error;
	int removals;
};

static int mock_ioctl(struct dmk *dm, void *userdata, uint32_t command, void *request,
		      uint32_t size)
{
	struct mock *mock = userdata;
	struct dm_ioctl *io = request;

	(void)dm;
	(void)size;
	if (command == 0) { /* DM_VERSION */
		io->version[0] = 4;
		io->version[1] = 47;
	}
	io->dev = 0xfe09;
	if (command != 4) /* DM_DEV_REMOVE */
		return 0;
	return ++mock->removals == 1 ? -mock->error : 0;
}

static void remove_mocked(int error, int code, int removals)
{
	struct mock mock = { .error = error };
	struct dmk *dm;

	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, mock_ioctl, &mock), 0);
	assert_int_equal(dmk_remove(dm, DMK_NAME("test"), NULL, NULL), code);
	assert_int_equal(dmk_last_error(dm)->code, code);
	assert_int_equal(mock.removals, removals);
	dmk_free(dm);
}

static void TestRemoveDeviceRetriesOnSyscallEBUSY(void **state)
{
	(void)state;
	remove_mocked(EBUSY, 0, 2);
}

static void TestRemoveDeviceFailsOnNonSyscallEBUSY(void **state)
{
	(void)state;
	remove_mocked(EACCES, -EACCES, 1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		CASE(TestCreateError),
		CASE(TestReadOnlyError),
		CASE(TestLinearError),
		CASE(TestRemoveDeviceRetriesOnSyscallEBUSY),
		CASE(TestRemoveDeviceFailsOnNonSyscallEBUSY),
	};

	return cmocka_run_group_tests_name("hcsshim's own tests", tests, NULL, NULL);
}
