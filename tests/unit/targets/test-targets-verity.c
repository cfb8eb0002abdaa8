/* SPDX-License-Identifier: MIT */
#include "targets/verity.h"
#include "../lines.h"

#define DIGEST "f0397bd8c690bea77c9d2e76ba7a9f6ece3da4f142e09676caa67b56664800a9"
#define SHA1 "AbCdef0123456789abcdef0123456789abcdef01"

static const struct dmk_verity good = {
	.version = 1,
	.data_device = "/dev/vdb",
	.hash_device = "8:16",
	.data_block_size_bytes = 4096,
	.hash_block_size_bytes = 4096,
	.data_blocks = 2048,
	.hash_start_blocks = 1,
	.algorithm = "sha256",
	.root_digest = DIGEST,
};

/* Blocks of all levels, as `veritysetup dump` has them and the kernel asks for them. */
static void trees(void **state)
{
	static const struct {
		const char *algorithm;
		uint32_t hash_block;
		uint64_t data_blocks, blocks;
	} cases[] = {
		{ "sha256", 4096, 1, 0 },
		{ "sha256", 4096, 2, 1 },
		{ "sha256", 4096, 128, 1 },
		{ "sha256", 4096, 129, 3 },
		{ "sha256", 4096, 4096, 33 },
		{ "sha256", 4096, 16384, 129 },
		{ "sha256", 4096, 16385, 129 + 2 + 1 },
		{ "sha512", 4096, 4096, 65 },
		{ "sha1", 4096, 129, 3 }, /* 204 would fit, 128 are taken */
		{ "sha256", 1024, 1000, 33 },
		{ "sha256", 512, 17, 3 },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct dmk_verity verity = good;

		verity.algorithm = cases[i].algorithm;
		verity.hash_block_size_bytes = cases[i].hash_block;
		verity.data_blocks = cases[i].data_blocks;
		assert_int_equal(dmk_verity_tree_blocks(&verity), cases[i].blocks);
	}
}

static void hashes(void **state)
{
	struct dmk_verity verity = good;

	(void)state;
	assert_true(dmk_is_known_hash("sha256"));
	assert_false(dmk_is_known_hash("sha265"));
	assert_string_equal(dmk_nearest_hash("sha265"), "sha256");
	assert_string_equal(dmk_nearest_hash("SHA256"), "sha256");
	assert_string_equal(dmk_nearest_hash("sha-256"), "sha256");
	assert_string_equal(dmk_nearest_hash("sha51"), "sha1");
	assert_null(dmk_nearest_hash("poly1305"));
	assert_null(dmk_nearest_hash(""));
	assert_null(dmk_nearest_hash("a-name-that-is-longer-than-any"));
	assert_int_equal(dmk_digest_bytes(&verity), 32);
	verity.algorithm = "sha256-generic"; /* a driver's name: its digest is what was given */
	verity.root_digest = SHA1;
	assert_int_equal(dmk_digest_bytes(&verity), 20);
}

/* Every set of options, in the kernel's order. */
static void generated(void **state)
{
	static const char *const words[] = {
		"ignore_corruption",
		"restart_on_corruption",
		"panic_on_corruption",
		"restart_on_error",
		"panic_on_error",
		"ignore_zero_blocks",
		"check_at_most_once",
		"try_verify_in_tasklet",
		"use_fec_from_device 1:3 fec_blocks 4096 fec_start 0 fec_roots 2",
		"root_hash_sig_key_desc key:1",
	};

	(void)state;
	for (unsigned int set = 0; set < 1u << DMK_ARRAY_SIZE(words); set++) {
		unsigned int count = (unsigned int)__builtin_popcount(set & 0xff);
		struct dmk_text text = { 0 };
		struct dmk_verity verity;
		bool two = __builtin_popcount(set & 7) > 1 || __builtin_popcount(set & 0x18) > 1;

		count += (set & 0x100 ? 8 : 0) + (set & 0x200 ? 2 : 0);
		dmk_text_add(&text, "1 1:0 1:1 4096 4096 2048 1 sha256 " DIGEST " %s",
			     set % 2 ? "-" : "00Ff");
		if (count)
			dmk_text_add(&text, " %u", count);
		for (size_t i = 0; i < DMK_ARRAY_SIZE(words); i++)
			if (set & (1u << i))
				dmk_text_add(&text, " %s", words[i]);
		if (two)
			assert_int_equal(dmk_verity_parse_table(text.data, &verity, NULL), -EINVAL);
		else
			check_round_trip(dmk_target_find("verity"), text.data);
		dmk_text_free(&text);
	}
}

static void length_of_the_data(void **state)
{
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_verity(table, DMK_NEXT, 0, &good), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_int_equal(segment.length_sectors, 16384);
	dmk_table_free(table);
}

static void image(void **state)
{
	struct dmk_verity_image layer = {
		.device = "/dev/pmem0",
		.data_bytes = 8388608,
		.block_size_bytes = 4096,
		.version = 1,
		.superblock = 1,
		.algorithm = "sha256",
		.root_digest = DIGEST,
		.salt = "00ff",
	};
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_verity_image(table, &layer), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_int_equal(segment.length_sectors, 16384);
	assert_string_equal(segment.params,
			    "1 /dev/pmem0 /dev/pmem0 4096 4096 2048 2049 sha256 " DIGEST " 00ff");
	dmk_table_reset(table);
	layer.superblock = 0;
	layer.salt = NULL;
	assert_int_equal(dmk_table_add_verity_image(table, &layer), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "1 /dev/pmem0 /dev/pmem0 4096 4096 2048 2048 sha256 " DIGEST " -");
	dmk_table_reset(table);

	layer.superblock = 2;
	assert_int_equal(dmk_table_add_verity_image(table, &layer), -EINVAL);
	assert_told(table, "superblock: must be 0 or 1");
	layer.superblock = 0;
	layer.data_bytes = 0;
	assert_int_equal(dmk_table_add_verity_image(table, &layer), -EINVAL);
	assert_told(table, "data size: 0 bytes are no positive multiple of the block size 4096");
	layer.data_bytes = 4097;
	assert_int_equal(dmk_table_add_verity_image(table, &layer), -EINVAL);
	assert_told(table, "data size: 4097 bytes");
	layer.block_size_bytes = 256;
	assert_int_equal(dmk_table_add_verity_image(table, &layer), -EINVAL);
	assert_told(table, "block size: 256 is not allowed");
	layer = (struct dmk_verity_image){ .data_bytes = 4096,
					   .block_size_bytes = 4096,
					   .unused = 1 };
	assert_int_equal(dmk_table_add_verity_image(table, &layer), -EINVAL);
	assert_told(table, "reserved");
	layer.unused = 0;
	assert_int_equal(dmk_table_add_verity_image(table, &layer), -EINVAL);
	assert_told(table, "data: is missing");
	assert_int_equal(dmk_table_add_verity_image(table, NULL), -EINVAL);
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees),     cmocka_unit_test(hashes),
		cmocka_unit_test(generated), cmocka_unit_test(length_of_the_data),
		cmocka_unit_test(image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
