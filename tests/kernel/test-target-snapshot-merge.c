/* SPDX-License-Identifier: MIT */
/* snapshot-merge on the real kernel: afterwards the origin has what the snapshot held. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

#define MIB (1024 * 1024)

static const struct dmk_snapshot snapshot = { .origin_device = RAM0,
					      .cow_device = RAM1,
					      .store = DMK_SNAPSHOT_PERSISTENT,
					      .chunk_sectors = 16 };

static void wipe_store(void)
{
	static const uint8_t zeros[32768];

	assert_true(write_at(RAM1, 0, zeros, sizeof(zeros)));
}

static void make(struct dmk *dm, const char *name, bool merge)
{
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	if (merge)
		assert_int_equal(dmk_table_add_snapshot_merge(table, 0, RAM_SECTORS, &snapshot), 0);
	else
		assert_int_equal(dmk_table_add_snapshot(table, 0, RAM_SECTORS, &snapshot), 0);
	assert_ok(dm, dmk_create(dm, name, table, NULL, NULL));
	dmk_table_free(table);
}

/* Until used is no more than metadata. */
static void wait_for_merge(struct dmk *dm, const char *name)
{
	struct dmk_snapshot_status status;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	for (int i = 0; i < 1000; i++) {
		assert_ok(dm, dmk_get_status(dm, DMK_NAME(name), NULL, &segments));
		assert_int_equal(dmk_segments_next(segments, &segment), 1);
		assert_string_equal(segment.type, "snapshot-merge");
		assert_int_equal(dmk_snapshot_merge_parse_status(segment.params, &status, NULL), 0);
		dmk_segments_free(segments);
		assert_int_equal(status.state, DMK_SNAPSHOT_ACTIVE);
		if (status.used_sectors == status.metadata_sectors)
			return;
		usleep(10000);
	}
	fail_msg("the merge does not end");
}

static void expect(const char *path, uint64_t offset, const uint8_t *bytes, size_t size)
{
	uint8_t *got = malloc(size);

	assert_true(read_at(path, offset, got, size));
	assert_memory_equal(got, bytes, size);
	free(got);
}

static void snapshot_merge_puts_it_back(void **state)
{
	uint8_t *before = malloc(2 * MIB), *own = malloc(MIB);
	struct dmk_snapshot parsed;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	fill_pattern(before, 2 * MIB, 5);
	fill_pattern(own, MIB, 6);
	assert_true(write_at(RAM0, 0, before, 2 * MIB));
	wipe_store();
	make(*state, "snap", false);
	assert_true(write_at(node_path("snap"), 0, own, 65536));
	assert_true(write_at(node_path("snap"), MIB, own + 65536, MIB - 65536));
	remove_device(*state, "snap");
	expect(RAM0, 0, before, 2 * MIB);

	make(*state, "base", true);
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("base"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.params, "1:0 1:1 P 16");
	assert_int_equal(dmk_snapshot_merge_parse_table(segment.params, &parsed, NULL), 0);
	assert_int_equal(parsed.chunk_sectors, 16);
	dmk_snapshot_clear(&parsed);
	dmk_segments_free(segments);
	/* It is all there while it is being merged, too. */
	expect(node_path("base"), 0, own, 65536);
	expect(node_path("base"), MIB, own + 65536, MIB - 65536);
	wait_for_merge(*state, "base");
	remove_device(*state, "base");
	expect(RAM0, 0, own, 65536);
	expect(RAM0, 65536, before + 65536, MIB - 65536);
	expect(RAM0, MIB, own + 65536, MIB - 65536);
	free(own);
	free(before);
}

/* A live snapshot hands its store over: the way that LVM goes. */
static void snapshot_merge_takes_over_a_live_store(void **state)
{
	uint8_t *own = malloc(MIB);
	struct dmk_table *table;

	fill_pattern(own, MIB, 7);
	wipe_store();
	make_device(*state, "base", "0 32768 snapshot-origin " RAM0);
	make(*state, "snap", false);
	assert_true(write_at(node_path("snap"), 4096, own, MIB));
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_snapshot_merge(table, 0, RAM_SECTORS, &snapshot), 0);
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("snap"), NULL, NULL));
	assert_ok(*state, dmk_replace(*state, DMK_NAME("base"), table, NULL, NULL));
	dmk_table_free(table);
	wait_for_merge(*state, "base");
	expect(node_path("base"), 4096, own, MIB);
	remove_device(*state, "snap");
	remove_device(*state, "base");
	expect(RAM0, 4096, own, MIB);
	free(own);
}

static void snapshot_merge_with_each_option(void **state)
{
	/* Of smaller chunks with these options Linux 7.2.7 goes down. */
	const struct dmk_snapshot all = { .origin_device = RAM0,
					  .cow_device = RAM1,
					  .store = DMK_SNAPSHOT_PERSISTENT_OVERFLOW,
					  .chunk_sectors = 512,
					  .options = DMK_SNAPSHOT_DISCARD_ZEROES_COW |
						     DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_snapshot parsed;
	struct dmk_table *table;

	wipe_store();
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_snapshot_merge(table, 0, RAM_SECTORS, &all), 0);
	assert_ok(*state, dmk_create(*state, "base", table, NULL, NULL));
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("base"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_snapshot_merge_parse_table(segment.params, &parsed, NULL), 0);
	assert_int_equal(parsed.store, all.store);
	assert_int_equal(parsed.options, all.options);
	assert_int_equal(parsed.chunk_sectors, 512);
	dmk_snapshot_clear(&parsed);
	dmk_segments_free(segments);
	wait_for_merge(*state, "base");
	remove_device(*state, "base");
	dmk_table_free(table);
}

#define T(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(snapshot_merge_puts_it_back),
		T(snapshot_merge_takes_over_a_live_store),
		T(snapshot_merge_with_each_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
