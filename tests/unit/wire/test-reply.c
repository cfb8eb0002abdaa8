/* SPDX-License-Identifier: MIT */
/* request.c's cursors over what a kernel, or something worse, answers: cut at every byte, loops, no
 * NULs. */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/request.h"

/* Payload bytes of exactly their size, so that a sanitizer sees every step beyond. */
static struct dmk_cursor cursor_of(const void *bytes, size_t size, uint32_t left)
{
	struct dmk_cursor cursor = { .data = size ? malloc(size) : NULL,
				     .size = size,
				     .left = left,
				     .has_event_nr = true,
				     .has_uuid = true };

	if (size)
		memcpy(cursor.data, bytes, size);
	return cursor;
}

static void put_u32(char *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put_u64(char *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* Two devices as driver 4.45 lists them: "ab" with a uuid, "c" without; entries of 32 and 24 bytes.
 */
#define LIST_SIZE 56

static void make_list(char *list)
{
	memset(list, 0, LIST_SIZE);
	put_u64(list, 0xfe01);
	put_u32(list + 8, 32);
	memcpy(list + 12, "ab", 3);
	put_u32(list + 16, 7);
	put_u32(list + 20, DM_NAME_LIST_FLAG_HAS_UUID);
	memcpy(list + 24, "U-1", 4);
	put_u64(list + 32, 0xfe02);
	memcpy(list + 44, "c", 2);
	put_u32(list + 48, 9);
	put_u32(list + 52, DM_NAME_LIST_FLAG_DOESNT_HAVE_UUID);
}

static void a_list(void **state)
{
	char list[LIST_SIZE];
	struct dmk_cursor cursor;
	struct dmk_device device;

	(void)state;
	make_list(list);
	cursor = cursor_of(list, sizeof(list), 0);
	assert_int_equal(dmk_cursor_device(&cursor, &device), 1);
	assert_string_equal(device.name, "ab");
	assert_string_equal(device.uuid, "U-1");
	assert_int_equal(device.major, 254);
	assert_int_equal(device.minor, 1);
	assert_int_equal(device.event_nr, 7);
	assert_int_equal(device.has_event_nr, 1);
	assert_int_equal(dmk_cursor_device(&cursor, &device), 1);
	assert_string_equal(device.name, "c");
	assert_string_equal(device.uuid, "");
	assert_int_equal(device.event_nr, 9);
	assert_int_equal(dmk_cursor_device(&cursor, &device), 0);
	assert_int_equal(dmk_cursor_device(&cursor, &device), 0);
	free(cursor.data);
}

static void lists_of_older_drivers(void **state)
{
	char list[LIST_SIZE];
	struct dmk_cursor cursor;
	struct dmk_device device;

	(void)state;
	make_list(list);
	cursor = cursor_of(list, sizeof(list), 0);
	cursor.has_uuid = false;
	assert_int_equal(dmk_cursor_device(&cursor, &device), 1);
	assert_null(device.uuid);
	assert_int_equal(device.event_nr, 7);
	cursor.position = 0;
	cursor.has_event_nr = false;
	assert_int_equal(dmk_cursor_device(&cursor, &device), 1);
	assert_int_equal(device.has_event_nr, 0);
	assert_int_equal(device.event_nr, 0);
	free(cursor.data);
}

static void empty_lists(void **state)
{
	char none[16] = { 0 };
	struct dmk_cursor cursor = cursor_of(NULL, 0, 0);
	struct dmk_device device;

	(void)state;
	assert_int_equal(dmk_cursor_device(&cursor, &device), 0);
	cursor = cursor_of(none, sizeof(none), 0);
	assert_int_equal(dmk_cursor_device(&cursor, &device), 0);
	free(cursor.data);
}

/* The number of entries before the end; -1: it ended in -EBADMSG. More than most is a loop. */
static int walk_devices(struct dmk_cursor *cursor, int most)
{
	struct dmk_device device;
	int r, n = 0;

	while ((r = dmk_cursor_device(cursor, &device)) == 1 && n <= most) {
		assert_true(device.name >= cursor->data &&
			    device.name < cursor->data + cursor->size);
		n++;
	}
	assert_true(n <= most);
	assert_true(r == 0 || r == -EBADMSG);
	return r == 0 ? n : -1;
}

static void a_list_cut_at_every_byte(void **state)
{
	char list[LIST_SIZE];

	(void)state;
	make_list(list);
	for (size_t size = 1; size < sizeof(list); size++) {
		struct dmk_cursor cursor = cursor_of(list, size, 0);

		/* `next` of the first entry then points past the end, or the second one is short.
		 */
		assert_int_equal(walk_devices(&cursor, 2), size == 32 ? 1 : -1);
		free(cursor.data);
	}
}

static void a_list_with_bad_next(void **state)
{
	static const uint32_t bad[] = { 1, 4, 11, 57, 64, 0x7fffffff, 0xfffffff0, UINT32_MAX };
	char list[LIST_SIZE];
	struct dmk_cursor cursor;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		make_list(list);
		put_u32(list + 8, bad[i]);
		cursor = cursor_of(list, sizeof(list), 0);
		assert_int_equal(walk_devices(&cursor, 2), -1);
		free(cursor.data);
	}
	/* Every value there is, in a small list: it always ends. */
	for (uint32_t next = 0; next < 80; next++) {
		make_list(list);
		put_u32(list + 8, next);
		put_u32(list + 40, next);
		cursor = cursor_of(list, sizeof(list), 0);
		walk_devices(&cursor, 8);
		free(cursor.data);
	}
}

static void a_list_without_nuls(void **state)
{
	char list[LIST_SIZE];
	struct dmk_cursor cursor;

	(void)state;
	make_list(list);
	memset(list + 12, 'x', LIST_SIZE - 12);
	cursor = cursor_of(list, sizeof(list), 0);
	assert_int_equal(walk_devices(&cursor, 2), -1);
	free(cursor.data);
	make_list(list);
	memset(list + 24, 'u', LIST_SIZE - 24);
	cursor = cursor_of(list, sizeof(list), 0);
	assert_int_equal(walk_devices(&cursor, 2), -1);
	free(cursor.data);
}

/* Two segments as TABLE_STATUS has them: `next` from the first spec on, the last one past the end
 * (T2). */
#define TABLE_SIZE 92 /* 40 + "ab" -> 48, 40 + "c\0\0\0" */

static void make_table(char *table)
{
	const struct dm_target_spec first = {
		.sector_start = 0, .length = 8, .next = 48, .target_type = "linear"
	};
	const struct dm_target_spec second = {
		.sector_start = 8, .length = 16, .next = 96, .target_type = "striped"
	};

	memset(table, 0, TABLE_SIZE);
	memcpy(table, &first, sizeof(first));
	memcpy(table + 40, "ab", 3);
	memcpy(table + 48, &second, sizeof(second));
	memcpy(table + 88, "c", 2);
}

static void a_table(void **state)
{
	char table[TABLE_SIZE];
	struct dmk_segment segment;
	struct dmk_cursor cursor;

	(void)state;
	make_table(table);
	cursor = cursor_of(table, sizeof(table), 2);
	assert_int_equal(dmk_cursor_segment(&cursor, &segment), 1);
	assert_int_equal(segment.start_sectors, 0);
	assert_int_equal(segment.length_sectors, 8);
	assert_string_equal(segment.type, "linear");
	assert_string_equal(segment.params, "ab");
	assert_int_equal(dmk_cursor_segment(&cursor, &segment), 1);
	assert_int_equal(segment.start_sectors, 8);
	assert_string_equal(segment.type, "striped");
	assert_string_equal(segment.params, "c");
	assert_int_equal(dmk_cursor_segment(&cursor, &segment), 0);
	free(cursor.data);
}

/* The kernel writes 15 of a type's 16 bytes: the last one is not its. */
static void a_type_without_nul(void **state)
{
	char table[TABLE_SIZE];
	struct dmk_segment segment;
	struct dmk_cursor cursor;

	(void)state;
	make_table(table);
	memset(table + 24, 't', 16);
	cursor = cursor_of(table, sizeof(table), 2);
	assert_int_equal(dmk_cursor_segment(&cursor, &segment), 1);
	assert_string_equal(segment.type, "ttttttttttttttt");
	free(cursor.data);
}

static int walk_segments(struct dmk_cursor *cursor, int most)
{
	struct dmk_segment segment;
	int r, n = 0;

	while ((r = dmk_cursor_segment(cursor, &segment)) == 1 && n <= most) {
		assert_true(segment.params + strlen(segment.params) < cursor->data + cursor->size);
		n++;
	}
	assert_true(n <= most);
	assert_true(r == 0 || r == -EBADMSG);
	return r == 0 ? n : -1;
}

static void a_table_cut_at_every_byte(void **state)
{
	char table[TABLE_SIZE];

	(void)state;
	make_table(table);
	for (size_t size = 1; size < TABLE_SIZE; size++) {
		struct dmk_cursor cursor = cursor_of(table, size, 2);

		/* The last NUL is at byte 89: what follows it is not needed. */
		assert_int_equal(walk_segments(&cursor, 2), size >= 90 ? 2 : -1);
		free(cursor.data);
	}
}

static void a_table_with_bad_next_or_count(void **state)
{
	static const uint32_t bad[] = { 0, 1, 39, 93, 1000, 0x80000000, UINT32_MAX };
	char table[TABLE_SIZE];
	struct dmk_cursor cursor;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		make_table(table);
		put_u32(table + 20, bad[i]);
		cursor = cursor_of(table, sizeof(table), 2);
		assert_int_equal(walk_segments(&cursor, 2), -1);
		free(cursor.data);
		/* Backwards: the second one to the first, or to itself. */
		make_table(table);
		put_u32(table + 48 + 20, i % 2 ? 0 : 48);
		cursor = cursor_of(table, sizeof(table), 3);
		assert_int_equal(walk_segments(&cursor, 2), -1);
		free(cursor.data);
	}
	make_table(table);
	cursor = cursor_of(table, sizeof(table), UINT32_MAX);
	assert_int_equal(walk_segments(&cursor, 2), -1);
	free(cursor.data);
	cursor = cursor_of(NULL, 0, 1);
	assert_int_equal(walk_segments(&cursor, 2), -1);
	cursor = cursor_of(NULL, 0, 0);
	assert_int_equal(walk_segments(&cursor, 2), 0);
}

/* One target of 24 bytes, one of 21. */
#define TARGETS_SIZE 45

static void make_targets(char *targets)
{
	memset(targets, 0, TARGETS_SIZE);
	put_u32(targets, 24);
	put_u32(targets + 4, 1);
	put_u32(targets + 8, 6);
	put_u32(targets + 12, 2);
	memcpy(targets + 16, "striped", 8);
	put_u32(targets + 24 + 4, 3);
	memcpy(targets + 40, "zero", 5);
}

static int walk_targets(struct dmk_cursor *cursor, int most)
{
	struct dmk_target_version target;
	int r, n = 0;

	while ((r = dmk_cursor_target(cursor, &target)) == 1 && n <= most)
		n++;
	assert_true(n <= most);
	assert_true(r == 0 || r == -EBADMSG);
	return r == 0 ? n : -1;
}

static void targets(void **state)
{
	static const uint32_t bad[] = { 1, 15, 46, 0x80000000, UINT32_MAX };
	struct dmk_target_version target;
	struct dmk_cursor cursor;
	char bytes[TARGETS_SIZE];

	(void)state;
	make_targets(bytes);
	cursor = cursor_of(bytes, sizeof(bytes), 0);
	assert_int_equal(dmk_cursor_target(&cursor, &target), 1);
	assert_string_equal(target.type, "striped");
	assert_int_equal(target.version.major, 1);
	assert_int_equal(target.version.minor, 6);
	assert_int_equal(target.version.patch, 2);
	assert_int_equal(dmk_cursor_target(&cursor, &target), 1);
	assert_string_equal(target.type, "zero");
	assert_int_equal(dmk_cursor_target(&cursor, &target), 0);
	free(cursor.data);
	for (size_t size = 0; size < sizeof(bytes); size++) {
		cursor = cursor_of(bytes, size, 0);
		assert_int_equal(walk_targets(&cursor, 2), size == 0 ? 0 : size == 24 ? 1 : -1);
		free(cursor.data);
	}
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		make_targets(bytes);
		put_u32(bytes, bad[i]);
		cursor = cursor_of(bytes, sizeof(bytes), 0);
		assert_int_equal(walk_targets(&cursor, 2), -1);
		free(cursor.data);
	}
}

static void deps(void **state)
{
	static const uint32_t bad[] = { 3, 1000, 0x20000000, 0x80000000, UINT32_MAX };
	struct dmk_devno *devnos = NULL;
	struct dmk_cursor cursor;
	uint32_t count = 7;
	char bytes[24] = { 0 };

	(void)state;
	put_u32(bytes, 2);
	put_u64(bytes + 8, 0x801);
	put_u64(bytes + 16, 0x10fe2c);
	cursor = cursor_of(bytes, sizeof(bytes), 0);
	assert_int_equal(dmk_cursor_deps(&cursor, &devnos, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(devnos[0].major, 8);
	assert_int_equal(devnos[0].minor, 1);
	assert_int_equal(devnos[1].major, 254);
	assert_int_equal(devnos[1].minor, 300);
	free(devnos);
	free(cursor.data);
	devnos = NULL;
	for (size_t size = 1; size < sizeof(bytes); size++) {
		cursor = cursor_of(bytes, size, 0);
		assert_int_equal(dmk_cursor_deps(&cursor, &devnos, &count), -EBADMSG);
		free(cursor.data);
	}
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		put_u32(bytes, bad[i]);
		cursor = cursor_of(bytes, sizeof(bytes), 0);
		assert_int_equal(dmk_cursor_deps(&cursor, &devnos, &count), -EBADMSG);
		free(cursor.data);
	}
	assert_null(devnos);
	cursor = cursor_of(NULL, 0, 0);
	assert_int_equal(dmk_cursor_deps(&cursor, &devnos, &count), 0);
	assert_int_equal(count, 0);
}

static void strings(void **state)
{
	struct dmk_cursor cursor = cursor_of("answer", 7, 0);
	const char *string = NULL;

	(void)state;
	assert_int_equal(dmk_cursor_string(&cursor, &string), 0);
	assert_string_equal(string, "answer");
	cursor.size = 6;
	assert_int_equal(dmk_cursor_string(&cursor, &string), -EBADMSG);
	cursor.size = 0;
	assert_int_equal(dmk_cursor_string(&cursor, &string), -EBADMSG);
	free(cursor.data);
}

static void headers(void **state)
{
	struct dm_ioctl *io = calloc(1, 400);
	struct dmk_cursor cursor;
	struct dmk_info info;

	(void)state;
	io->data_start = 312;
	io->data_size = 305;
	assert_int_equal(dmk_reply_cursor(io, 400, &cursor), 0);
	assert_int_equal(cursor.size, 0);
	io->data_size = 400;
	io->target_count = 3;
	assert_int_equal(dmk_reply_cursor(io, 400, &cursor), 0);
	assert_int_equal(cursor.size, 88);
	assert_ptr_equal(cursor.data, (char *)io + 312);
	assert_int_equal(cursor.left, 3);
	io->data_size = 401;
	assert_int_equal(dmk_reply_cursor(io, 400, &cursor), -EBADMSG);
	io->data_size = UINT32_MAX;
	assert_int_equal(dmk_reply_cursor(io, 400, &cursor), -EBADMSG);
	io->data_size = 400;
	io->data_start = 304;
	assert_int_equal(dmk_reply_cursor(io, 400, &cursor), -EBADMSG);
	io->data_start = 401;
	assert_int_equal(dmk_reply_cursor(io, 400, &cursor), -EBADMSG);
	memset(io->name, 'n', sizeof(io->name));
	assert_int_equal(dmk_reply_info(io, &info), -EBADMSG);
	io->name[127] = '\0';
	memset(io->uuid, 'u', sizeof(io->uuid));
	assert_int_equal(dmk_reply_info(io, &info), -EBADMSG);
	io->uuid[128] = '\0';
	io->flags = DM_SUSPEND_FLAG | DM_ACTIVE_PRESENT_FLAG | DM_DEFERRED_REMOVE |
		    DM_PERSISTENT_DEV_FLAG;
	io->open_count = 3;
	assert_int_equal(dmk_reply_info(io, &info), 0);
	assert_int_equal(strlen(info.name), 127);
	assert_int_equal(strlen(info.uuid), 128);
	assert_int_equal(info.flags,
			 DMK_INFO_SUSPENDED | DMK_INFO_LIVE_TABLE | DMK_INFO_DEFERRED_REMOVE);
	assert_int_equal(info.open_count, 3);
	free(io);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list),
		cmocka_unit_test(lists_of_older_drivers),
		cmocka_unit_test(empty_lists),
		cmocka_unit_test(a_list_cut_at_every_byte),
		cmocka_unit_test(a_list_with_bad_next),
		cmocka_unit_test(a_list_without_nuls),
		cmocka_unit_test(a_table),
		cmocka_unit_test(a_type_without_nul),
		cmocka_unit_test(a_table_cut_at_every_byte),
		cmocka_unit_test(a_table_with_bad_next_or_count),
		cmocka_unit_test(targets),
		cmocka_unit_test(deps),
		cmocka_unit_test(strings),
		cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
