/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_flakey flakey;

	(void)state;
	assert_int_equal(dmk_flakey_parse_table("8:0 7 10 5 10 DROP_WRITES corrupt_bio_byte 32 R 1 "
						"64 random_read_corrupt 9 error_reads",
						&flakey, NULL),
			 -EINVAL);
	assert_int_equal(dmk_flakey_parse_table("8:0 7 10 5 8 DROP_WRITES corrupt_bio_byte 32 R 1 "
						"64 random_read_corrupt 9",
						&flakey, NULL),
			 0);
	assert_string_equal(flakey.device, "8:0");
	assert_int_equal(flakey.offset_sectors, 7);
	assert_int_equal(flakey.up_interval_seconds, 10);
	assert_int_equal(flakey.down_interval_seconds, 5);
	assert_int_equal(flakey.options, DMK_FLAKEY_DROP_WRITES | DMK_FLAKEY_CORRUPT_BIO_BYTE |
						 DMK_FLAKEY_RANDOM_READ_CORRUPT);
	assert_int_equal(flakey.corrupt_bio_byte, 32);
	assert_int_equal(flakey.corrupt_bio_direction, DMK_FLAKEY_READ);
	assert_int_equal(flakey.corrupt_bio_value, 1);
	assert_int_equal(flakey.corrupt_bio_flags, 64);
	assert_int_equal(flakey.random_read_corrupt, 9);
	assert_int_equal(flakey.random_write_corrupt, 0);
	dmk_flakey_clear(&flakey);
	dmk_flakey_clear(NULL);
	/* No count, as it may be written, is no words. */
	assert_int_equal(dmk_flakey_parse_table("8:0 7 10 5", &flakey, NULL), 0);
	assert_int_equal(flakey.options, 0);
	dmk_flakey_clear(&flakey);
}

static const char *built(struct dmk_table *table, const struct dmk_flakey *flakey)
{
	struct dmk_segment segment;

	dmk_table_reset(table);
	if (dmk_table_add_flakey(table, 0, 8, flakey) < 0)
		fail_msg("%s: %s", dmk_table_error(table)->argument,
			 dmk_table_error(table)->detail);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	return segment.params;
}

static void builder(void **state)
{
	struct dmk_flakey flakey = { .device = "a", .up_interval_seconds = 1 };
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_string_equal(built(table, &flakey), "a 0 1 0 0");
	flakey.options = DMK_FLAKEY_ERROR_WRITES | DMK_FLAKEY_ERROR_READS;
	assert_string_equal(built(table, &flakey), "a 0 1 0 2 error_reads error_writes");
	flakey.options = 0;
	flakey.corrupt_bio_byte = 3; /* enough, without its bit */
	flakey.corrupt_bio_direction = DMK_FLAKEY_WRITE;
	flakey.random_write_corrupt = 5;
	assert_string_equal(built(table, &flakey),
			    "a 0 1 0 7 corrupt_bio_byte 3 w 0 0 random_write_corrupt 5");
	dmk_table_free(table);
}

static void builder_refuses(void **state)
{
#define BEGIN .device = "a", .up_interval_seconds = 1
	static const struct {
		struct dmk_flakey flakey;
		const char *told;
	} bad[] = {
		{ { .device = "a" }, "must be, with up-interval" },
		{ { BEGIN, .down_interval_seconds = UINT32_MAX }, "must be, with up-interval" },
		{ { BEGIN, .options = 1 << 6 }, "options: unknown bits 0x40" },
		{ { BEGIN, .options = DMK_FLAKEY_CORRUPT_BIO_BYTE }, "corrupt_bio_byte's byte" },
		{ { BEGIN, .corrupt_bio_value = 7 }, "corrupt_bio_byte: is 0" },
		{ { BEGIN, .corrupt_bio_byte = 1, .corrupt_bio_value = 256 },
		  "corrupt_bio_byte's value" },
		{ { BEGIN, .corrupt_bio_byte = 1, .corrupt_bio_direction = 2 },
		  "corrupt_bio_byte's direction" },
		{ { BEGIN, .random_read_corrupt = 1000000001 }, "random_read_corrupt" },
		{ { BEGIN, .options = DMK_FLAKEY_DROP_WRITES | DMK_FLAKEY_ERROR_WRITES },
		  "error_writes: does not go together with drop_writes" },
		{ { BEGIN, .options = DMK_FLAKEY_ERROR_READS, .random_read_corrupt = 1 },
		  "error_reads: does not go together" },
	};
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_table_add_flakey(table, 0, 8, &bad[i].flakey), -EINVAL);
		assert_told(table, bad[i].told);
	}
	dmk_table_free(table);
}

static int add_corruption(struct dmk_table *table, const char *text)
{
	const struct dmk_key_value pairs[] = {
		{ .key = "device", .value = "a" },
		{ .key = "up-interval", .value = "1" },
		{ .key = "down-interval", .value = "2" },
		{ .key = "size", .value = "8s" },
		{ .key = "corrupt-bio-byte", .value = text },
	};

	dmk_table_reset(table);
	return dmk_table_add_keys(table, "flakey", pairs, DMK_ARRAY_SIZE(pairs));
}

/* Four words in one value. */
static void corruption_by_key(void **state)
{
	static const struct {
		const char *text, *told;
	} bad[] = {
		{ "", "needs 4 values with ':' between them" },
		{ "32", "needs 4 values" },
		{ "32:r:1", "needs 4 values" },
		{ "32:r:1:", "corrupt-bio-byte's flags" },
		{ ":r:1:0", "corrupt-bio-byte's byte" },
		{ "0:r:1:0", "corrupt-bio-byte's byte must be a number from 1" },
		{ "32:x:1:0", "x: corrupt-bio-byte's direction must be one of r|w" },
		{ "32:r:256:0", "256: corrupt-bio-byte's value must be a number from 0 to 255" },
		{ "32:r:1:0:0", "0:0: corrupt-bio-byte's flags" },
		{ "32 r 1 0", "needs 4 values" },
	};
	struct dmk_key_values values;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(add_corruption(table, "224:W:0:32"), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "a 0 1 2 5 corrupt_bio_byte 224 w 0 32");
	assert_int_equal(dmk_params_to_keys("flakey", segment.params, &values, NULL), 0);
	assert_string_equal(values.items[values.count - 1].key, "corrupt-bio-byte");
	assert_string_equal(values.items[values.count - 1].value, "224:w:0:32");
	dmk_key_values_clear(&values);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(add_corruption(table, bad[i].text), -EINVAL);
		assert_told(table, bad[i].told);
	}
	dmk_table_free(table);
}

/* Any options that go together, in the kernel's order. */
static void generated(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint64_t bits = next_random(&seed);
		bool drop = bits & 1, error = !drop && (bits & 2), reads = bits & 4;
		bool corrupt = bits & 8, random_read = !reads && (bits & 16);
		bool random_write = !drop && !error && (bits & 32);
		char direction = drop || error ? 'r' : 'w';
		struct dmk_text text = { 0 };

		if (reads && direction == 'r')
			corrupt = false;
		dmk_text_add(&text, "8:%u %llu %u %u %d", i,
			     (unsigned long long)(next_random(&seed) % (DMK_MAX_SECTORS + 1)),
			     (unsigned int)(next_random(&seed) % 1000) + 1,
			     (unsigned int)(next_random(&seed) % 1000),
			     drop + error + reads + 5 * corrupt + 2 * random_read +
				     2 * random_write);
		dmk_text_add(&text, "%s%s", reads ? " error_reads" : "",
			     drop    ? " drop_writes"
			     : error ? " error_writes"
				     : "");
		if (corrupt)
			dmk_text_add(&text, " corrupt_bio_byte %u %c %u %u",
				     (unsigned int)(next_random(&seed) % UINT32_MAX) + 1, direction,
				     (unsigned int)(next_random(&seed) % 256),
				     (unsigned int)next_random(&seed));
		if (random_read)
			dmk_text_add(&text, " random_read_corrupt %d", i);
		if (random_write)
			dmk_text_add(&text, " random_write_corrupt %d", i);
		check_round_trip(dmk_target_find("flakey"), text.data);
		check_keys_round_trip("flakey", text.data, 8);
		dmk_text_free(&text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(builder),
		cmocka_unit_test(builder_refuses),
		cmocka_unit_test(generated),
		cmocka_unit_test(corruption_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
