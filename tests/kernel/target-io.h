/* SPDX-License-Identifier: MIT */
/* What the tests of single targets share: their texts, messages, and I/O that no cache stands
 * before. */
#ifndef DMK_TEST_TARGET_IO_H
#define DMK_TEST_TARGET_IO_H

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

/* The parameters or the status of a device with one segment; free() it. */
static inline char *text_of(struct dmk *dm, const char *name, bool status)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;
	char *text;

	if (status)
		assert_ok(dm, dmk_get_status(dm, DMK_NAME(name), NULL, &segments));
	else
		assert_ok(dm, dmk_get_table(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	text = strdup(segment.params);
	assert_int_equal(dmk_segments_next(segments, &segment), 0);
	dmk_segments_free(segments);
	assert_non_null(text);
	return text;
}

/* Makes a device of the table, which it frees. */
static inline void make_of(struct dmk *dm, const char *name, struct dmk_table *table)
{
	/* What the kernel takes is never refused. */
	assert_ok(dm, dmk_table_check(dm, table, NULL));
	assert_ok(dm, dmk_create(dm, name, table, NULL, NULL));
	dmk_table_free(table);
}

static inline struct dmk_table *new_table(void)
{
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	return table;
}

/* A device made of the key=value pairs of another one's table has the same table. */
static inline void check_copy(struct dmk *dm, const char *name, const char *type, uint64_t sectors)
{
	char *text = text_of(dm, name, false), *again;
	struct dmk_table *table = new_table();
	struct dmk_key_values values;
	struct dmk_key_value pairs[32];
	char size[32];

	assert_int_equal(dmk_params_to_keys(type, text, &values, NULL), 0);
	assert_in_range(values.count, 1, 31);
	memcpy(pairs, values.items, values.count * sizeof(pairs[0]));
	snprintf(size, sizeof(size), "%llus", (unsigned long long)sectors);
	pairs[values.count] = (struct dmk_key_value){ .key = "size", .value = size };
	assert_int_equal(dmk_table_add_keys(table, type, pairs, values.count + 1), 0);
	dmk_key_values_clear(&values);
	make_of(dm, "copy", table);
	again = text_of(dm, "copy", false);
	assert_string_equal(again, text);
	remove_device(dm, "copy");
	free(again);
	free(text);
}

/* Sends a message that a typed builder made, and frees it. *ret_reply may be NULL. */
static inline void send_text(struct dmk *dm, const char *name, char *text, char **ret_reply)
{
	assert_ok(dm, dmk_message(dm, DMK_NAME(name), text, NULL, ret_reply));
	free(text);
}

/* One bio each: O_DIRECT, from or into memory of its own. false: an I/O error. */
static inline bool direct_io(const char *path, bool writes, uint64_t offset, void *bytes,
			     size_t size)
{
	int fd = open(path, (writes ? O_WRONLY : O_RDONLY) | O_DIRECT | O_CLOEXEC);
	void *memory = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
	ssize_t n;

	assert_true(fd >= 0);
	assert_non_null(memory);
	if (writes)
		memcpy(memory, bytes, size);
	n = writes ? pwrite(fd, memory, size, (off_t)offset)
		   : pread(fd, memory, size, (off_t)offset);
	if (n == (ssize_t)size && !writes)
		memcpy(bytes, memory, size);
	close(fd);
	free(memory);
	return n == (ssize_t)size;
}

static inline bool direct_read(const char *path, uint64_t offset, void *bytes, size_t size)
{
	return direct_io(path, false, offset, bytes, size);
}

static inline bool direct_write(const char *path, uint64_t offset, const void *bytes, size_t size)
{
	return direct_io(path, true, offset, (void *)(uintptr_t)bytes, size);
}

static inline int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void sleep_ms(int64_t ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

/* A loop device over a new file that is gone with it: its fd keeps it; path gets its name. */
static inline int make_loop(char *path, size_t path_size, off_t size)
{
	char file[] = "/dev/shm/loop-XXXXXX";
	int backing = mkstemp(file), control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number, fd;

	assert_true(backing >= 0 && control >= 0);
	unlink(file);
	assert_int_equal(ftruncate(backing, size), 0);
	number = ioctl(control, LOOP_CTL_GET_FREE);
	assert_true(number >= 0);
	snprintf(path, path_size, "/dev/loop%d", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, LOOP_SET_FD, backing), 0);
	close(control);
	close(backing);
	return fd;
}

static inline void remove_loop(int fd)
{
	assert_int_equal(ioctl(fd, LOOP_CLR_FD, 0), 0);
	close(fd);
}

#endif
