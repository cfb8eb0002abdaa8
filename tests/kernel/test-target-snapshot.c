/* SPDX-License-Identifier: MIT */
/* snapshot on the real kernel: it keeps what its origin had, and says how full it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define MIB (1024 * 1024)
#define COW "/dev/mapper/cow"

/* A store begins where this is zero. */
static void wipe_store(const char *path)
{
	static const uint8_t zeros[65536];

	assert_true(write_at(path, 0, zeros, 32768));
}

static void make_snapshot(struct dmk *dm, const char *name, const struct dmk_snapshot *snapshot)
{
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_snapshot(table, 0, RAM_SECTORS, snapshot), 0);
	assert_ok(dm, dmk_create(dm, name, table, NULL, NULL));
	dmk_table_free(table);
}

static struct dmk_snapshot_status status_of(struct dmk *dm, const char *name)
{
	struct dmk_snapshot_status status;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_status(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_snapshot_parse_status(segment.params, &status, NULL), 0);
	dmk_segments_free(segments);
	return status;
}

static struct dmk_snapshot table_of(struct dmk *dm, const char *name)
{
	struct dmk_snapshot snapshot;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "snapshot");
	assert_int_equal(segment.length_sectors, RAM_SECTORS);
	assert_int_equal(dmk_snapshot_parse_table(segment.params, &snapshot, NULL), 0);
	dmk_segments_free(segments);
	return snapshot;
}

static void expect(const char *path, uint64_t offset, const uint8_t *bytes, size_t size)
{
	uint8_t *got = malloc(size);

	assert_true(read_at(path, offset, got, size));
	assert_memory_equal(got, bytes, size);
	free(got);
}

static void snapshot_keeps_what_the_origin_had(void **state)
{
	const struct dmk_snapshot snapshot = { .origin_device = RAM0,
					       .cow_device = RAM1,
					       .store = DMK_SNAPSHOT_PERSISTENT,
					       .chunk_sectors = 8 };
	uint8_t *before = malloc(MIB), *after = malloc(MIB), *own = malloc(65536);
	struct dmk_snapshot_status status;

	fill_pattern(before, MIB, 1);
	fill_pattern(after, MIB, 2);
	fill_pattern(own, 65536, 3);
	assert_true(write_at(RAM0, 0, before, MIB));
	wipe_store(RAM1);
	make_device(*state, "base", "0 32768 snapshot-origin " RAM0);
	make_snapshot(*state, "snap", &snapshot);
	status = status_of(*state, "snap");
	assert_int_equal(status.state, DMK_SNAPSHOT_ACTIVE);
	assert_int_equal(status.used_sectors, 16);
	assert_int_equal(status.metadata_sectors, 16);
	assert_int_equal(status.total_sectors, RAM_SECTORS);
	expect(node_path("snap"), 0, before, MIB);

	/* The origin changes, the snapshot does not. */
	assert_true(write_at(node_path("base"), 0, after, MIB / 2));
	expect(node_path("base"), 0, after, MIB / 2);
	expect(node_path("base"), MIB / 2, before + MIB / 2, MIB / 2);
	expect(node_path("snap"), 0, before, MIB);
	status = status_of(*state, "snap");
	assert_int_equal(status.used_sectors, 16 + MIB / 2 / 512);
	assert_int_equal(status.metadata_sectors, 16);

	/* And the other way round. */
	assert_true(write_at(node_path("snap"), MIB / 2, own, 65536));
	expect(node_path("snap"), MIB / 2, own, 65536);
	expect(node_path("base"), MIB / 2, before + MIB / 2, 65536);
	status = status_of(*state, "snap");
	assert_int_equal(status.used_sectors, 16 + MIB / 2 / 512 + 128);

	/* A persistent store is there again. */
	remove_device(*state, "snap");
	make_snapshot(*state, "snap", &snapshot);
	expect(node_path("snap"), 0, before, MIB / 2);
	expect(node_path("snap"), MIB / 2, own, 65536);
	remove_device(*state, "snap");
	remove_device(*state, "base");
	free(own);
	free(after);
	free(before);
}

static void snapshot_reads_back_as_it_was_made(void **state)
{
	static const struct {
		uint32_t store;
		uint64_t chunk, reads_back;
		uint64_t options;
	} rows[] = {
		{ DMK_SNAPSHOT_PERSISTENT, 8, 8, 0 },
		{ 0, 0, 8, 0 },
		{ DMK_SNAPSHOT_PERSISTENT, DMK_SNAPSHOT_CHUNK_OF_STORE, 32, 0 },
		{ DMK_SNAPSHOT_PERSISTENT_OVERFLOW, 16, 16, 0 },
		{ DMK_SNAPSHOT_TRANSIENT, 128, 128, 0 },
		/* With these, Linux 7.2.7 divides by 0 where a chunk has less than 512 sectors. */
		{ DMK_SNAPSHOT_PERSISTENT, 512, 512, DMK_SNAPSHOT_DISCARD_ZEROES_COW },
		{ DMK_SNAPSHOT_TRANSIENT, 512, 512,
		  DMK_SNAPSHOT_DISCARD_ZEROES_COW | DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dmk_snapshot snapshot = { .origin_device = RAM0,
						 .cow_device = RAM1,
						 .store = rows[i].store,
						 .chunk_sectors = rows[i].chunk,
						 .options = rows[i].options };

		wipe_store(RAM1);
		make_snapshot(*state, "snap", &snapshot);
		snapshot = table_of(*state, "snap");
		assert_string_equal(snapshot.origin_device, "1:0");
		assert_string_equal(snapshot.cow_device, "1:1");
		assert_int_equal(snapshot.store,
				 rows[i].store ? rows[i].store : DMK_SNAPSHOT_PERSISTENT);
		assert_int_equal(snapshot.chunk_sectors, rows[i].reads_back);
		assert_int_equal(snapshot.options, rows[i].options);
		dmk_snapshot_clear(&snapshot);
		assert_int_equal(status_of(*state, "snap").state, DMK_SNAPSHOT_ACTIVE);
		remove_device(*state, "snap");
	}
}

/* A table that is loaded beside a live one has no chunk size yet. */
static void snapshot_loaded_beside_a_live_one(void **state)
{
	const struct dmk_snapshot snapshot = { .origin_device = RAM0,
					       .cow_device = RAM1,
					       .store = DMK_SNAPSHOT_PERSISTENT,
					       .chunk_sectors = 16 };
	const struct dmk_query_options inactive = { .flags = DMK_QUERY_INACTIVE };
	struct dmk_table *table;
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_snapshot parsed;

	wipe_store(RAM1);
	make_snapshot(*state, "snap", &snapshot);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_snapshot(table, 0, RAM_SECTORS, &snapshot), 0);
	assert_ok(*state, dmk_load(*state, DMK_NAME("snap"), table, NULL, NULL));
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("snap"), &inactive, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.params, "1:0 1:1 P 0");
	assert_int_equal(dmk_snapshot_parse_table(segment.params, &parsed, NULL), 0);
	assert_true(parsed.chunk_sectors == DMK_SNAPSHOT_CHUNK_OF_STORE);
	dmk_snapshot_clear(&parsed);
	dmk_segments_free(segments);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("snap"), NULL, NULL));
	parsed = table_of(*state, "snap");
	assert_int_equal(parsed.chunk_sectors, 16);
	dmk_snapshot_clear(&parsed);
	remove_device(*state, "snap");
	dmk_table_free(table);
}

/* A full store: of P the snapshot is lost, of PO a write to it says so. */
static void snapshot_that_is_full(void **state)
{
	struct dmk_snapshot snapshot = { .origin_device = RAM0,
					 .cow_device = COW,
					 .store = DMK_SNAPSHOT_PERSISTENT,
					 .chunk_sectors = 8 };
	uint8_t *bytes = malloc(MIB);

	fill_pattern(bytes, MIB, 4);
	wipe_store(RAM1);
	make_device(*state, "cow", "0 256 linear " RAM1 " 0");
	make_device(*state, "base", "0 32768 snapshot-origin " RAM0);
	make_snapshot(*state, "snap", &snapshot);
	assert_int_equal(status_of(*state, "snap").total_sectors, 256);
	assert_true(write_at(node_path("base"), 0, bytes, MIB));
	assert_int_equal(status_of(*state, "snap").state, DMK_SNAPSHOT_INVALID);
	assert_false(read_at(node_path("snap"), 0, bytes, 4096));
	remove_device(*state, "snap");
	remove_device(*state, "base");

	wipe_store(COW);
	snapshot.store = DMK_SNAPSHOT_PERSISTENT_OVERFLOW;
	make_snapshot(*state, "snap", &snapshot);
	assert_false(write_at(node_path("snap"), 0, bytes, MIB));
	assert_int_equal(status_of(*state, "snap").state, DMK_SNAPSHOT_OVERFLOW);
	remove_device(*state, "snap");
	remove_device(*state, "cow");
	free(bytes);
}

static void snapshot_by_keys(void **state)
{
	const struct dmk_key_value pairs[] = {
		{ .key = "origin", .value = RAM0 },
		{ .key = "cow", .value = RAM1 },
		{ .key = "persistent", .value = "N" },
		{ .key = "chunksize", .value = "64KiB" },
	};
	struct dmk_snapshot snapshot;
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "snapshot", pairs, 4), 0);
	assert_ok(*state, dmk_create(*state, "snap", table, NULL, NULL));
	snapshot = table_of(*state, "snap");
	assert_int_equal(snapshot.store, DMK_SNAPSHOT_TRANSIENT);
	assert_int_equal(snapshot.chunk_sectors, 128);
	dmk_snapshot_clear(&snapshot);
	remove_device(*state, "snap");
	dmk_table_free(table);
}

#define T(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(snapshot_keeps_what_the_origin_had),
		T(snapshot_reads_back_as_it_was_made),
		T(snapshot_loaded_beside_a_live_one),
		T(snapshot_that_is_full),
		T(snapshot_by_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
