/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/table.h"
#include "wire/uapi.h"

static struct dmk_table *new_table(void)
{
	struct dmk_table *table = NULL;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_error(table)->code, 0);
	return table;
}

static void segments_in_wire_layout(void **state)
{
	struct dmk_table *table = new_table();
	struct dmk_segment segment;
	struct dm_target_spec spec;

	(void)state;
	assert_int_equal(dmk_table_payload_size(table), 0);
	assert_int_equal(dmk_table_add(table, 0, 8, "zero", NULL), 0);
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 16, "linear", "/dev/a 5"), 0);
	assert_int_equal(dmk_table_count(table), 2);
	assert_int_equal(dmk_table_size_sectors(table), 24);
	assert_int_equal(dmk_table_payload_size(table), 48 + 56);
	memcpy(&spec, table->data + sizeof(struct dm_ioctl), sizeof(spec));
	assert_int_equal(spec.next, 48);
	memcpy(&spec, table->data + sizeof(struct dm_ioctl) + 48, sizeof(spec));
	assert_int_equal(spec.sector_start, 8);
	assert_int_equal(spec.length, 16);
	assert_int_equal(spec.next, 56);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_int_equal(segment.start_sectors, 8);
	assert_int_equal(segment.length_sectors, 16);
	assert_string_equal(segment.type, "linear");
	assert_string_equal(segment.params, "/dev/a 5");
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "");
	assert_int_equal(dmk_table_get(table, 2, &segment), -ERANGE);
	dmk_table_free(table);
	dmk_table_free(NULL);
}

static const struct {
	uint64_t start, length;
	const char *type, *params;
	int code;
	const char *detail;
} bad_segments[] = {
	{ 9, 8, "zero", "", -EINVAL,
	  "a gap of 1 sectors: it starts at 9, but segment 1 ends at 8" },
	{ 7, 8, "zero", "", -EINVAL,
	  "an overlap of 1 sectors: it starts at 7, but segment 1 ends at 8" },
	{ 8, 0, "zero", "", -EINVAL, "a segment is at least one sector long" },
	{ 8, DMK_MAX_SECTORS - 7, "zero", "", -EOVERFLOW,
	  "it would end beyond sector 18014398509481983, the largest there is" },
	{ 8, UINT64_MAX, "zero", "", -EOVERFLOW,
	  "it would end beyond sector 18014398509481983, the largest there is" },
	{ 8, 8, "", "", -EINVAL, "a target type may not be empty" },
	{ 8, 8, NULL, "", -EINVAL, "a target type may not be empty" },
	{ 8, 8, "sixteen--letters", "", -ENAMETOOLONG,
	  "a target type is at most 15 bytes long, this one has 16" },
	{ 8, 8, "two words", "", -EINVAL, "a target type is one word" },
	{ 8, 8, "own", "a\nb", -EINVAL, "parameters may not contain a newline byte" },
	{ 8, 8, "zero", "x", -EINVAL, NULL },
	{ 8, 8, "linear", "/dev/a", -EINVAL, NULL },
};

static void bad_segments_change_nothing(void **state)
{
	struct dmk_table *table = new_table();

	(void)state;
	assert_int_equal(dmk_table_add(table, 0, 8, "own", "words"), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad_segments); i++) {
		char *before = dmk_copy_bytes(table->data, table->size);
		size_t size = table->size;

		assert_int_equal(dmk_table_add(table, bad_segments[i].start, bad_segments[i].length,
					       bad_segments[i].type, bad_segments[i].params),
				 bad_segments[i].code);
		assert_int_equal(dmk_table_error(table)->code, bad_segments[i].code);
		assert_int_equal(dmk_table_error(table)->segment, 2);
		assert_int_equal(dmk_table_error(table)->verb, DMK_VERB_PARSE);
		if (bad_segments[i].detail)
			assert_string_equal(dmk_table_error(table)->detail, bad_segments[i].detail);
		else
			assert_string_equal(dmk_table_error(table)->target, bad_segments[i].type);
		assert_int_equal(dmk_table_count(table), 1);
		assert_int_equal(dmk_table_size_sectors(table), 8);
		assert_int_equal(table->size, size);
		assert_memory_equal(table->data, before, size);
		free(before);
	}
	/* A success forgets the failure. */
	assert_int_equal(dmk_table_add(table, 8, 8, "zero", NULL), 0);
	assert_int_equal(dmk_table_error(table)->code, 0);
	assert_string_equal(dmk_table_error(table)->detail, "");
	dmk_table_free(table);
}

static void the_first_starts_at_zero(void **state)
{
	struct dmk_table *table = new_table();

	(void)state;
	assert_int_equal(dmk_table_add(table, 5, 8, "zero", NULL), -EINVAL);
	assert_string_equal(dmk_table_error(table)->detail,
			    "the first segment starts at sector 5, not at 0");
	assert_int_equal(dmk_table_add(table, DMK_NEXT, DMK_MAX_SECTORS, "zero", NULL), 0);
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 1, "zero", NULL), -EOVERFLOW);
	dmk_table_free(table);
}

static void long_parameters(void **state)
{
	struct dmk_table *table = new_table();
	char *params = malloc(DMK_MAX_PARAMS_BYTES + 2);
	struct dmk_segment segment;

	(void)state;
	memset(params, 'p', DMK_MAX_PARAMS_BYTES + 1);
	params[DMK_MAX_PARAMS_BYTES + 1] = '\0';
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "own", params), -E2BIG);
	assert_int_equal(dmk_table_count(table), 0);
	params[DMK_MAX_PARAMS_BYTES] = '\0';
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "own", params), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_int_equal(strlen(segment.params), DMK_MAX_PARAMS_BYTES);
	free(params);
	dmk_table_free(table);
}

static void reset_forgets_all(void **state)
{
	struct dmk_table *table = new_table();

	(void)state;
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "zero", NULL), 0);
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 0, "zero", NULL), -EINVAL);
	dmk_table_reset(table);
	assert_int_equal(dmk_table_count(table), 0);
	assert_int_equal(dmk_table_size_sectors(table), 0);
	assert_int_equal(dmk_table_error(table)->code, 0);
	assert_int_equal(dmk_table_add(table, 0, 8, "error", NULL), 0);
	assert_int_equal(dmk_table_count(table), 1);
	dmk_table_free(table);
}

/* What a rolled back segment held is wiped where it may have been a key. */
static void a_rolled_back_key_is_wiped(void **state)
{
	struct dmk_table *table = new_table();
	struct dmk_table_mark mark;

	(void)state;
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "zero", NULL), 0);
	mark = dmk_table_mark(table);
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "own", "KEYKEYKEY"), 0);
	table->secret = true;
	dmk_table_rollback(table, &mark);
	assert_int_equal(dmk_table_count(table), 1);
	assert_false(table->secret);
	assert_true(dmk_all_zero(
		table->data + table->size,
		table->capacity - table->size > 56 ? 56 : table->capacity - table->size));
	dmk_table_free(table);
}

/* As many segments as the kernel takes, and one more. */
static void a_million_segments(void **state)
{
	struct dmk_table *table = new_table();
	struct dmk_segment segment;

	(void)state;
	for (uint32_t i = 0; i < 1048576; i++)
		if (dmk_table_add(table, DMK_NEXT, 1, "own", "") < 0)
			fail_msg("segment %u: %s", i + 1, dmk_table_error(table)->detail);
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 1, "own", ""), -EOVERFLOW);
	assert_string_equal(dmk_table_error(table)->detail, "a table has at most 1048576 segments");
	assert_int_equal(dmk_table_error(table)->segment, 1048577);
	assert_int_equal(dmk_table_count(table), 1048576);
	assert_int_equal(dmk_table_payload_size(table), UINT64_C(1048576) * 48);
	/* Upwards it is one walk, or this would not end. */
	for (uint32_t i = 0; i < 1048576; i++) {
		assert_int_equal(dmk_table_get(table, i, &segment), 0);
		assert_true(segment.start_sectors == i);
	}
	dmk_table_free(table);
}

static void unchecked_leaves_it_to_the_kernel(void **state)
{
	struct dmk_table *table = new_table();
	struct dmk_segment segment;

	(void)state;
	dmk_table_set_unchecked(table);
	assert_int_equal(dmk_table_add(table, 5, 0, "linear", "nonsense"), 0);
	assert_int_equal(dmk_table_add(table, 3, UINT64_MAX, "thin-pool", ""), 0);
	assert_int_equal(dmk_table_count(table), 2);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_int_equal(segment.start_sectors, 3);
	assert_int_equal(segment.length_sectors, UINT64_MAX);
	assert_int_equal(dmk_table_add(table, 0, 8, "sixteen-letters-", ""), -ENAMETOOLONG);
	assert_int_equal(dmk_table_add(table, 0, 8, "zero", "a\nb"), -EINVAL);
	/* A key is one all the same. */
	assert_int_equal(dmk_table_add(table, 0, 8, "crypt", "nonsense"), 0);
	assert_true(table->secret);
	dmk_table_reset(table);
	assert_int_equal(dmk_table_add(table, 5, 8, "zero", ""), -EINVAL);
	dmk_table_free(table);
}

/* The logical block that the target itself shows: the kernel's table check asks for no less. */
static void whole_blocks(void **state)
{
	static const char zeros[] = "00000000000000000000000000000000";
	static const struct {
		uint64_t length;
		const char *type, *params, *told;
	} rows[] = {
		{ 2048, "writecache", "s 1:0 1:1 4096 0", NULL },
		{ 2047, "writecache", "s 1:0 1:1 512 0", NULL },
		{ 2047, "writecache", "s 1:0 1:1 4096 0",
		  "2047 sectors are no multiple of the 8 of the mapping's logical block" },
		{ 7, "verity", "1 1:0 1:1 4096 4096 256 0 md5 %s -", "7 sectors are no multiple" },
		{ 7, "verity", "1 1:0 1:1 512 4096 256 0 md5 %s -", NULL },
		{ 100, "integrity", "1:0 0 - D 2 block_size:4096 internal_hash:crc32",
		  "100 sectors are no multiple of the 8" },
		{ 104, "integrity", "1:0 6 - D 2 block_size:4096 internal_hash:crc32",
		  "6 is no multiple of the 8 sectors of the mapping's logical block" },
		{ 101, "integrity", "1:0 0 - D 1 internal_hash:crc32", NULL },
		{ 2048, "crypt", "aes-ecb %s 0 1:0 63 1 sector_size:4096",
		  "offset 63 is no multiple of the 8 sectors of the mapping's logical block" },
		{ 2048, "crypt", "aes-ecb %s 0 1:0 64 1 sector_size:4096", NULL },
		{ 2048, "crypt", "aes-ecb %s 0 1:0 63", NULL },
		{ 6, "ebs", "1:0 0 4", "6 sectors are no multiple of the 4" },
		{ 8, "ebs", "1:0 2 4", "offset 2 is no multiple of the 4" },
		{ 8, "ebs", "1:0 4 4", NULL },
	};
	struct dmk_table *table = new_table();
	char params[256];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		const char *mark = strstr(rows[i].params, "%s");

		snprintf(params, sizeof(params), "%.*s%s%s",
			 mark ? (int)(mark - rows[i].params) : 0, rows[i].params, mark ? zeros : "",
			 mark ? mark + 2 : rows[i].params);
		assert_int_equal(dmk_table_add(table, 0, rows[i].length, rows[i].type, params),
				 rows[i].told ? -EINVAL : 0);
		if (rows[i].told)
			assert_non_null(strstr(dmk_table_error(table)->detail, rows[i].told));
		dmk_table_reset(table);
	}
	dmk_table_free(table);
}

/* Words that are read of a live device, but that no kernel takes. */
static void what_no_kernel_takes(void **state)
{
	static const struct {
		const char *type, *params, *told;
	} rows[] = {
		{ "linear", "- 0", "is no device" },
		{ "thin", "- 0", "is no device" },
		{ "striped", "2 8 1:0 0 - 0", "is no device" },
		{ "delay", "1:0 0 1 - 0 1", "is no device" },
		{ "multipath", "0 0 1 1 round-robin 0 1 0 -", "is no device" },
		{ "raid", "raid1 1 0 2 - 1:0 - -", NULL },
		{ "raid", "raid0 1 8 2 - 1:0 - -", "none may be missing: raid0 has no copies" },
		{ "crypt",
		  "aes-ecb 00 0 1:0 0 10 allow_discards same_cpu_crypt high_priority "
		  "submit_from_crypt_cpus no_read_workqueue no_write_workqueue integrity:48:none "
		  "sector_size:4096 iv_large_sectors integrity_key_size:32",
		  "are more than the 9 that Linux reads" },
		{ "crypt", "aes-cbc-plain64 00 18446744073709551608 1:0 0", NULL },
		{ "flakey", "1:0 0 1 1 3 drop_writes random_write_corrupt 5", NULL },
		{ "flakey", "1:0 0 1 1 3 error_writes random_write_corrupt 5", NULL },
	};
	struct dmk_table *table = new_table();
	struct dmk_key_values values;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		assert_int_equal(dmk_table_add(table, 0, 64, rows[i].type, rows[i].params),
				 rows[i].told ? -EINVAL : 0);
		if (rows[i].told)
			assert_string_equal(dmk_table_error(table)->detail, rows[i].told);
		dmk_table_reset(table);
		assert_int_equal(dmk_params_to_keys(rows[i].type, rows[i].params, &values, NULL),
				 0);
		dmk_key_values_clear(&values);
	}
	dmk_table_free(table);
}

/* What is newer than this library may have words that it does not know. */
static void a_newer_target_has_other_words(void **state)
{
	static const struct dmk_version newer = { .major = 99 };
	static const struct dmk_version old = { .major = 1 };
	struct dmk_table *table = new_table();

	(void)state;
	assert_int_equal(dmk_table_add(table, 0, 8, "flakey", "1:0 0 1 1 1 catch_fire"), -EINVAL);
	assert_int_equal(dmk_table_error(table)->flags, DMK_ERROR_UNKNOWN_WORD);
	assert_string_equal(dmk_table_error(table)->target, "flakey");
	assert_int_equal(dmk_table_set_target_version(table, "flakey", &old), 0);
	assert_int_equal(dmk_table_add(table, 0, 8, "flakey", "1:0 0 1 1 1 catch_fire"), -EINVAL);
	assert_int_equal(dmk_table_set_target_version(table, "flakey", &newer), 0);
	assert_int_equal(dmk_table_add(table, 0, 8, "flakey", "1:0 0 1 1 1 catch_fire"), 0);
	assert_int_equal(dmk_table_error(table)->code, 0);
	/* What is wrong in words that are known, and other targets, as before. */
	assert_int_equal(dmk_table_add(table, 8, 8, "flakey", "1:0 x 1 1 1 catch_fire"), -EINVAL);
	assert_int_equal(dmk_table_error(table)->flags, 0);
	assert_int_equal(dmk_table_add(table, 8, 8, "writecache", "s 1:0 1:1 512 1 fast"), -EINVAL);
	assert_int_equal(dmk_table_error(table)->flags, DMK_ERROR_UNKNOWN_WORD);
	assert_int_equal(dmk_table_set_target_version(table, "", &newer), -EINVAL);
	assert_int_equal(dmk_table_set_target_version(table, "made-up", &newer), 0);
	dmk_table_reset(table);
	assert_int_equal(dmk_table_add(table, 0, 8, "flakey", "1:0 0 1 1 1 catch_fire"), -EINVAL);
	dmk_table_free(table);
}

/* What dmk_table_get() gave is good until the call, which moves the table's memory. */
static void strings_of_its_own(void **state)
{
	static const char *const first[][2] = {
		{ "linear", "/dev/a 5" },
		{ "crypt", "aes-xts-plain64 00112233 0 /dev/a 0" },
		{ "unknown-target", "all that there is" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct dmk_table *table = new_table();
		struct dmk_segment segment;

		dmk_table_set_unchecked(table);
		assert_int_equal(dmk_table_add(table, 0, 8, first[i][0], first[i][1]), 0);
		for (uint32_t n = 0; n < 200; n++) {
			assert_int_equal(dmk_table_get(table, n, &segment), 0);
			assert_int_equal(
				dmk_table_add(table, DMK_NEXT, 8, segment.type, segment.params), 0);
		}
		assert_int_equal(dmk_table_get(table, 200, &segment), 0);
		assert_int_equal(segment.start_sectors, 200 * 8);
		assert_string_equal(segment.type, first[i][0]);
		assert_string_equal(segment.params, first[i][1]);
		dmk_table_free(table);
	}
}

/* Likewise by the other ways in. */
static void strings_of_its_own_elsewhere(void **state)
{
	struct dmk_table *table = new_table();
	struct dmk_segment segment;

	(void)state;
	assert_int_equal(dmk_table_add(table, 0, 8, "a-device", "/dev/a"), 0);
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "linear", "/dev/b 0"), 0);
	for (int n = 0; n < 100; n++) {
		struct dmk_key_value pairs[] = { { .key = "device" },
						 { .key = "size", .value = "8s" } };
		struct dmk_linear linear = { .offset_sectors = 7 };

		assert_int_equal(dmk_table_get(table, 0, &segment), 0);
		linear.device = segment.params;
		assert_int_equal(dmk_table_add_linear(table, DMK_NEXT, 8, &linear), 0);
		assert_int_equal(dmk_table_get(table, 0, &segment), 0);
		pairs[0].value = segment.params;
		assert_int_equal(dmk_table_get(table, 1, &segment), 0);
		assert_int_equal(dmk_table_add_keys(table, segment.type, pairs, 2), 0);
	}
	assert_int_equal(dmk_table_get(table, 201, &segment), 0);
	assert_string_equal(segment.params, "/dev/a 0");
	dmk_table_reset(table);
	/* Parameters that are a table of their own, which doubles each time. */
	assert_int_equal(dmk_table_add(table, 0, 8, "inner", "8 8 inner 16 8 inner x"), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_int_equal(dmk_table_parse(table, segment.params, strlen(segment.params)), 0);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_int_equal(dmk_table_parse(table, segment.params, strlen(segment.params)), 0);
	assert_int_equal(dmk_table_get(table, 2, &segment), 0);
	assert_string_equal(segment.params, "x");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_of_its_own),
		cmocka_unit_test(strings_of_its_own_elsewhere),
		cmocka_unit_test(segments_in_wire_layout),
		cmocka_unit_test(bad_segments_change_nothing),
		cmocka_unit_test(the_first_starts_at_zero),
		cmocka_unit_test(long_parameters),
		cmocka_unit_test(reset_forgets_all),
		cmocka_unit_test(a_rolled_back_key_is_wiped),
		cmocka_unit_test(unchecked_leaves_it_to_the_kernel),
		cmocka_unit_test(whole_blocks),
		cmocka_unit_test(what_no_kernel_takes),
		cmocka_unit_test(a_newer_target_has_other_words),
		cmocka_unit_test(a_million_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
