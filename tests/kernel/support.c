/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

int connect_kernel(void **state)
{
	struct dmk *dm = NULL;

	if (dmk_new(&dm) < 0)
		return -1;
	*state = dm;
	return 0;
}

int leave_nothing(void **state)
{
	struct dmk *dm = *state;
	uint32_t left = count_devices(dm);

	if (left) {
		struct dmk_remove_options deferred = { .flags = DMK_REMOVE_DEFERRED };

		fprintf(stderr, "%u devices left behind\n", left);
		dmk_remove_all(dm, &deferred);
	}
	dmk_free(dm);
	return left ? -1 : 0;
}

void check_ok(struct dmk *dm, int result, const char *call, const char *file, int line)
{
	char text[DMK_ERROR_TEXT_SIZE];

	if (result >= 0) {
		assert_int_equal(dmk_last_error(dm)->code, 0);
		return;
	}
	dmk_error_format(dmk_last_error(dm), text, sizeof(text));
	print_error("%s:%d: %s: %s\n", file, line, call, text);
	_fail(file, line);
}

void check_code(struct dmk *dm, int result, int code, const char *call, const char *file, int line)
{
	char text[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(dmk_last_error(dm), text, sizeof(text));
	if (result == code && dmk_last_error(dm)->code == code)
		return;
	print_error("%s:%d: %s is %s, not %s: %s\n", file, line, call, dmk_errno_name(result),
		    dmk_errno_name(code), text);
	_fail(file, line);
}

bool linux_since(unsigned int major, unsigned int minor)
{
	struct utsname name;
	unsigned int m, n;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &m, &n), 2);
	return m > major || (m == major && n >= minor);
}

bool target_since(struct dmk *dm, const char *target, uint32_t major, uint32_t minor)
{
	struct dmk_version version;

	assert_ok(dm, dmk_get_target_version(dm, target, &version));
	return version.major > major || (version.major == major && version.minor >= minor);
}

/* Linux 6.5 no longer takes a path for a name of its boot's, and gives the errno of the lookup. */
int no_such_path(void)
{
	return linux_since(6, 5) ? -ENOENT : -ENODEV;
}

int no_block_device(void)
{
	return linux_since(6, 5) ? -ENOTBLK : -ENODEV;
}

bool ram_discards(void)
{
	FILE *file = fopen("/sys/block/ram0/queue/discard_max_bytes", "r");
	unsigned long long most = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%llu", &most), 1);
	fclose(file);
	return most > 0;
}

struct dmk_table *text_table(const char *text)
{
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_parse(table, text, strlen(text)), 0);
	return table;
}

struct dmk_info make_device(struct dmk *dm, const char *name, const char *text)
{
	struct dmk_table *table = text_table(text);
	struct dmk_info info;

	/* What the kernel takes is never refused. */
	assert_ok(dm, dmk_table_check(dm, table, NULL));
	assert_ok(dm, dmk_create(dm, name, table, NULL, &info));
	dmk_table_free(table);
	return info;
}

void remove_device(struct dmk *dm, const char *name)
{
	assert_ok(dm, dmk_remove(dm, DMK_NAME(name), NULL, NULL));
	assert_int_equal(node_rdev(name), 0);
}

bool device_exists(struct dmk *dm, const char *name)
{
	struct dmk_info info;
	int r = dmk_get_info(dm, DMK_NAME(name), NULL, &info);

	assert_true(r == 0 || r == -ENXIO);
	return r == 0;
}

uint32_t count_devices(struct dmk *dm)
{
	struct dmk_devices *devices;
	struct dmk_device device;
	uint32_t n = 0;

	if (dmk_list(dm, NULL, &devices) < 0)
		return UINT32_MAX;
	while (dmk_devices_next(devices, &device) == 1)
		n++;
	dmk_devices_free(devices);
	return n;
}

const char *node_path(const char *name)
{
	static char paths[4][512];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "/dev/mapper/%s", name);
	return path;
}

dev_t node_rdev(const char *name)
{
	struct stat st;

	if (lstat(node_path(name), &st) < 0)
		return 0;
	return S_ISBLK(st.st_mode) ? st.st_rdev : 0;
}

bool node_is(const char *name, const struct dmk_info *info)
{
	return node_rdev(name) == makedev(info->major, info->minor);
}

bool read_at(const char *path, uint64_t offset, void *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	/* What another path wrote below must not be hidden by this one's cache. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	n = pread(fd, bytes, size, (off_t)offset);
	close(fd);
	return n == (ssize_t)size;
}

bool write_at(const char *path, uint64_t offset, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = pwrite(fd, bytes, size, (off_t)offset) == (ssize_t)size;
	good = fsync(fd) == 0 && good;
	close(fd);
	return good;
}

void fill_pattern(uint8_t *bytes, size_t size, uint32_t seed)
{
	for (size_t i = 0; i < size; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(seed >> 24);
	}
}
