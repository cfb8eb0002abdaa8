/* SPDX-License-Identifier: MIT */
/* For tests of targets that write metadata of their own: devices of one segment, and I/O past the
 * page cache, so that what one path wrote the other one sees. */
#ifndef DMK_TEST_ONE_TARGET_H
#define DMK_TEST_ONE_TARGET_H

#include <errno.h>

#include "target-io.h"

#define RAM2 "/dev/ram2"
#define RAM_BYTES ((size_t)RAM_SECTORS * 512)

#define KERNEL_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)

/* Of whole pages; the caller frees. */
static inline uint8_t *pages(size_t size)
{
	uint8_t *bytes = aligned_alloc(4096, size);

	assert_non_null(bytes);
	memset(bytes, 0, size);
	return bytes;
}

static inline uint8_t *pattern(size_t size, uint32_t seed)
{
	uint8_t *bytes = pages(size);

	fill_pattern(bytes, size, seed);
	return bytes;
}

/* Does the device hold these bytes there? */
static inline bool holds(const char *path, uint64_t offset, const void *bytes, size_t size)
{
	uint8_t *read = pages(size);
	bool same = direct_read(path, offset, read, size) && memcmp(read, bytes, size) == 0;

	free(read);
	return same;
}

static inline bool flush_device(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fsync(fd) == 0;

	assert_true(fd >= 0);
	close(fd);
	return good;
}

static inline void wipe(const char *path, size_t size)
{
	uint8_t *zeros = pages(size);

	assert_true(direct_write(path, 0, zeros, size));
	free(zeros);
}

/* Every test's metadata are new: on the first of the ram disks. */
static inline void wipe_metadata(void)
{
	wipe(RAM0, 65536);
}

/* As text_of(), without the blank that the kernel leaves at the end of some. */
static inline char *trimmed_text_of(struct dmk *dm, const char *name, bool status)
{
	char *text = text_of(dm, name, status);
	size_t length = strlen(text);

	while (length && text[length - 1] == ' ')
		text[--length] = '\0';
	return text;
}

/* The table as the kernel shows it, which dmkit must write just so: from its keys. */
static inline char *table_of(struct dmk *dm, const char *name, const char *type)
{
	char *params = trimmed_text_of(dm, name, false);
	struct dmk_key_value pairs[64];
	struct dmk_key_values values;
	struct dmk_segment segment;
	struct dmk_table *table;

	assert_int_equal(dmk_params_to_keys(type, params, &values, NULL), 0);
	assert_true(values.count < 63);
	memcpy(pairs, values.items, values.count * sizeof(pairs[0]));
	pairs[values.count] = (struct dmk_key_value){ .key = "size", .value = "8s" };
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, type, pairs, values.count + 1), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, params);
	dmk_table_free(table);
	dmk_key_values_clear(&values);
	return params;
}

static inline char *status_of(struct dmk *dm, const char *name)
{
	return trimmed_text_of(dm, name, true);
}

/* A device by key=value, as the command makes it: "metadata=/dev/ram0 ...". */
static inline void make_by_keys(struct dmk *dm, const char *name, const char *type,
				const char *words)
{
	struct dmk_key_value pairs[32] = { 0 };
	struct dmk_table *table = new_table();
	char text[512], *save = NULL;
	uint32_t n = 0;

	snprintf(text, sizeof(text), "%s", words);
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(word, '=');

		assert_true(equals && n < 32);
		*equals = '\0';
		pairs[n].key = word;
		pairs[n++].value = equals + 1;
	}
	if (dmk_table_add_keys(table, type, pairs, n) < 0)
		fail_msg("%s: %s: %s", words, dmk_table_error(table)->argument,
			 dmk_table_error(table)->detail);
	make_of(dm, name, table);
}

/* Sends the text that a typed builder made, and frees it; the result of dmk_message(). */
static inline int try_message(struct dmk *dm, const char *name, char *text)
{
	int r = dmk_message(dm, DMK_NAME(name), text, NULL, NULL);

	free(text);
	return r;
}

static inline void reload(struct dmk *dm, const char *name, const char *text)
{
	struct dmk_table *table = text_table(text);

	assert_ok(dm, dmk_replace(dm, DMK_NAME(name), table, NULL, NULL));
	dmk_table_free(table);
}

#endif
