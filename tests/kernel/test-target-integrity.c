/* SPDX-License-Identifier: MIT */
/* integrity on the real kernel: each mode and option, a corrupted sector, recalculation. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

#define SIZE 65536
#define RAM2 "/dev/ram2"
#define SECTORS 16000
#define KEY "00112233445566778899aabbccddeeff"

static const struct dmk_integrity example = {
	.device = RAM1,
	.mode = DMK_INTEGRITY_JOURNAL,
	.internal_hash = "crc32c",
};

/* A device that Linux formats: its superblock is zeros. */
static void wipe(const char *device)
{
	static const uint8_t zeros[8192];

	assert_true(write_at(device, 0, zeros, sizeof(zeros)));
}

static int try_integrity(struct dmk *dm, const struct dmk_integrity *integrity)
{
	struct dmk_table *table;
	int r;

	assert_int_equal(dmk_table_new(&table), 0);
	if (dmk_table_add_integrity(table, 0, SECTORS, integrity) < 0)
		fail_msg("%s: %s", dmk_table_error(table)->argument,
			 dmk_table_error(table)->detail);
	r = dmk_create(dm, "a", table, NULL, NULL);
	dmk_table_free(table);
	return r;
}

static struct dmk_integrity table_of(struct dmk *dm)
{
	struct dmk_integrity integrity;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "integrity");
	assert_int_equal(dmk_integrity_parse_table(segment.params, &integrity, NULL), 0);
	dmk_segments_free(segments);
	return integrity;
}

static struct dmk_integrity_status status_of(struct dmk *dm)
{
	struct dmk_integrity_status status;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_status(dm, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_integrity_parse_status(segment.params, &status, NULL), 0);
	dmk_segments_free(segments);
	return status;
}

static void write_and_read(uint32_t seed)
{
	static uint8_t data[SIZE], again[SIZE];

	fill_pattern(data, SIZE, seed);
	assert_true(write_at(node_path("a"), 4096, data, SIZE));
	assert_true(read_at(node_path("a"), 4096, again, SIZE));
	assert_memory_equal(again, data, SIZE);
}

/* What the kernel shows of a number that was not asked for is its own. */
#define SAME(field) assert_true(!integrity->field || parsed.field == integrity->field)
#define SAME_TEXT(field)                                  \
	assert_true(!integrity->field == !parsed.field && \
		    (!parsed.field || strcmp(integrity->field, parsed.field) == 0))

static void check_integrity(struct dmk *dm, const struct dmk_integrity *integrity)
{
	struct dmk_integrity_status status;
	struct dmk_integrity parsed;

	wipe(RAM1);
	wipe(RAM2);
	assert_ok(dm, try_integrity(dm, integrity));
	parsed = table_of(dm);
	assert_string_equal(parsed.device, "1:1");
	assert_int_equal(parsed.offset_sectors, integrity->offset_sectors);
	assert_int_equal(parsed.mode, integrity->mode);
	assert_true(parsed.tag_bytes > 0);
	assert_int_equal(integrity->options & ~parsed.options, 0);
	SAME(tag_bytes);
	SAME(block_size_bytes);
	SAME(buffer_sectors);
	SAME(journal_watermark_percent);
	SAME(commit_time_ms);
	SAME(sectors_per_bit);
	SAME(bitmap_flush_interval_ms);
	SAME_TEXT(internal_hash);
	SAME_TEXT(internal_hash_key);
	SAME_TEXT(journal_crypt);
	SAME_TEXT(journal_crypt_key);
	SAME_TEXT(journal_mac);
	SAME_TEXT(journal_mac_key);
	if (integrity->meta_device)
		assert_string_equal(parsed.meta_device, "1:2");
	dmk_integrity_clear(&parsed);
	status = status_of(dm);
	assert_true(status.provided_data_sectors >= SECTORS);
	if (integrity->internal_hash && integrity->mode != DMK_INTEGRITY_RECOVERY)
		write_and_read(7);
	assert_int_equal(status_of(dm).mismatches, 0);
	remove_device(dm, "a");
}

static void integrity_in_each_mode(void **state)
{
	static const uint32_t modes[] = { DMK_INTEGRITY_JOURNAL, DMK_INTEGRITY_BITMAP,
					  DMK_INTEGRITY_DIRECT, DMK_INTEGRITY_RECOVERY };
	struct dmk_integrity integrity = example;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		integrity.mode = modes[i];
		check_integrity(*state, &integrity);
	}
	/* Tags of its user: nobody makes them here. */
	integrity = (struct dmk_integrity){ .device = RAM1,
					    .mode = DMK_INTEGRITY_JOURNAL,
					    .tag_bytes = 28 };
	check_integrity(*state, &integrity);
	integrity.mode = DMK_INTEGRITY_DIRECT;
	check_integrity(*state, &integrity);
}

static void integrity_takes_each_option(void **state)
{
	struct dmk_integrity integrity;

#define WITH(set)                                    \
	do {                                         \
		integrity = example;                 \
		integrity.set;                       \
		check_integrity(*state, &integrity); \
	} while (0)
	WITH(offset_sectors = 8);
	WITH(tag_bytes = 4);
	WITH(tag_bytes = 2); /* cut */
	WITH(internal_hash = "sha256");
	WITH(meta_device = RAM2);
	WITH(options = DMK_INTEGRITY_ALLOW_DISCARDS);
	WITH(options = DMK_INTEGRITY_RECALCULATE);
	WITH(options = DMK_INTEGRITY_RESET_RECALCULATE);
	WITH(options = DMK_INTEGRITY_FIX_PADDING);
	WITH(options = DMK_INTEGRITY_LEGACY_RECALCULATE);
	WITH(options = DMK_INTEGRITY_JOURNAL_WATERMARK); /* 0 */
	WITH(journal_sectors = 1000);
	WITH(interleave_sectors = 4096);
	WITH(buffer_sectors = 64);
	WITH(journal_watermark_percent = 33);
	WITH(commit_time_ms = 1234);
	WITH(journal_crypt = "ctr(aes)"; integrity.journal_crypt_key = KEY);
	WITH(journal_mac = "crc32");
#undef WITH
	integrity = example;
	integrity.block_size_bytes = 4096;
	integrity.options = DMK_INTEGRITY_BLOCK_SIZE;
	check_integrity(*state, &integrity);
	integrity = example;
	integrity.mode = DMK_INTEGRITY_BITMAP;
	integrity.sectors_per_bit = 4096;
	integrity.bitmap_flush_interval_ms = 2000;
	check_integrity(*state, &integrity);
	integrity = example;
	integrity.internal_hash = "hmac(sha256)";
	integrity.internal_hash_key = KEY;
	integrity.journal_mac = "hmac(sha256)";
	integrity.journal_mac_key = KEY KEY;
	integrity.options = DMK_INTEGRITY_FIX_HMAC;
	check_integrity(*state, &integrity);
}

static void integrity_refused_by_the_kernel(void **state)
{
	static const uint8_t ones[4096] = { 1 };
	struct dmk_integrity integrity = example;

	/* A device with something on it is not formatted. */
	assert_true(write_at(RAM1, 0, ones, sizeof(ones)));
	assert_code(*state, try_integrity(*state, &integrity), -EINVAL);
	wipe(RAM1);
	/* A keyed hash without its key; one that is not there. */
	integrity.internal_hash = "hmac(sha256)";
	assert_code(*state, try_integrity(*state, &integrity), -ENOKEY);
	integrity.internal_hash = "no-such-hash";
	assert_code(*state, try_integrity(*state, &integrity), -ENOENT);
	/* What newer kernels have. */
	integrity = example;
	integrity.mode = DMK_INTEGRITY_INLINE;
	assert_code(*state, try_integrity(*state, &integrity), -EINVAL);
	assert_false(device_exists(*state, "a"));
}

/* Finds the pattern below and spoils one bit of it. */
static void spoil(const uint8_t *block)
{
	static uint8_t disk[RAM_SECTORS * 512];

	assert_true(read_at(RAM1, 0, disk, sizeof(disk)));
	for (size_t i = 0; i < sizeof(disk); i += 512) {
		if (memcmp(disk + i, block, 512) != 0)
			continue;
		disk[i + 100] ^= 4;
		assert_true(write_at(RAM1, i, disk + i, 512));
		return;
	}
	fail_msg("the data are not below");
}

static void integrity_sees_a_corrupted_sector(void **state)
{
	static uint8_t data[SIZE], again[SIZE];
	struct dmk_integrity integrity = example;

	integrity.mode = DMK_INTEGRITY_DIRECT;
	wipe(RAM1);
	assert_ok(*state, try_integrity(*state, &integrity));
	fill_pattern(data, SIZE, 8);
	assert_true(write_at(node_path("a"), 0, data, SIZE));
	remove_device(*state, "a");
	spoil(data + 8192);
	assert_ok(*state, try_integrity(*state, &integrity));
	assert_int_equal(status_of(*state).mismatches, 0);
	assert_true(read_at(node_path("a"), 0, again, 4096));
	assert_memory_equal(again, data, 4096);
	assert_false(read_at(node_path("a"), 8192, again, 4096));
	assert_true(status_of(*state).mismatches > 0);
	/* Written again it is good again. */
	assert_true(write_at(node_path("a"), 8192, data + 8192, 4096));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, data, SIZE);
	remove_device(*state, "a");
	/* Recovery mode checks nothing. */
	spoil(data + 8192);
	integrity.mode = DMK_INTEGRITY_RECOVERY;
	assert_ok(*state, try_integrity(*state, &integrity));
	assert_true(read_at(node_path("a"), 8192, again, 4096));
	assert_memory_not_equal(again, data + 8192, 512);
	remove_device(*state, "a");
}

/* Tags of what was there before: nothing can be read but with them. */
static void integrity_recalculates(void **state)
{
	static uint8_t again[4096];
	struct dmk_integrity integrity = example;
	struct dmk_integrity_status status;
	struct dmk_integrity parsed;

	wipe(RAM1);
	integrity.options = DMK_INTEGRITY_RECALCULATE;
	assert_ok(*state, try_integrity(*state, &integrity));
	parsed = table_of(*state);
	assert_true(parsed.options & DMK_INTEGRITY_RECALCULATE);
	dmk_integrity_clear(&parsed);
	for (int i = 0; i < 500; i++) {
		status = status_of(*state);
		assert_int_equal(status.options, DMK_INTEGRITY_STATUS_RECALCULATED);
		assert_true(status.recalculated_sectors <= status.provided_data_sectors);
		if (status.recalculated_sectors == status.provided_data_sectors)
			break;
		poll(NULL, 0, 10);
	}
	assert_int_equal(status.recalculated_sectors, status.provided_data_sectors);
	assert_true(read_at(node_path("a"), 4096000, again, sizeof(again)));
	assert_int_equal(status_of(*state).mismatches, 0);
	remove_device(*state, "a");
}

/* What integritysetup formats and opens is read. */
static void integrity_as_integritysetup_makes_it(void **state)
{
	struct dmk_integrity parsed;

	if (access("/usr/sbin/integritysetup", X_OK) < 0)
		skip();
	assert_int_equal(system("export DM_DISABLE_UDEV=1; integritysetup -q --no-wipe "
				"--integrity crc32c --sector-size 4096 format " RAM1
				" && integritysetup --integrity crc32c --journal-watermark 40 "
				"open " RAM1 " a"),
			 0);
	parsed = table_of(*state);
	assert_string_equal(parsed.internal_hash, "crc32c");
	assert_int_equal(parsed.tag_bytes, 4);
	assert_int_equal(parsed.block_size_bytes, 4096);
	assert_int_equal(parsed.journal_watermark_percent, 40);
	dmk_integrity_clear(&parsed);
	write_and_read(9);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), NULL, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(integrity_in_each_mode),	       TEST(integrity_takes_each_option),
		TEST(integrity_refused_by_the_kernel), TEST(integrity_sees_a_corrupted_sector),
		TEST(integrity_recalculates),	       TEST(integrity_as_integritysetup_makes_it),
	};

	return cmocka_run_group_tests_name("integrity", tests, NULL, NULL);
}
