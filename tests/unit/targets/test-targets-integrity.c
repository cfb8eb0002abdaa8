/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static const struct dmk_integrity good = {
	.device = "/dev/vdb",
	.mode = DMK_INTEGRITY_JOURNAL,
	.internal_hash = "hmac(sha256)",
	.internal_hash_key = "0001aBcD",
};

static void fields(void **state)
{
	struct dmk_integrity integrity;

	(void)state;
	assert_int_equal(dmk_integrity_parse_table(
				 "8:0 16 - B 17 journal_mac:crc32c journal_crypt:ctr(aes):0a0B "
				 "internal_hash:hmac(sha256):ff legacy_recalculate fix_hmac "
				 "fix_padding bitmap_flush_interval:0 "
				 "sectors_per_bit:18446744073709551615 commit_time:7 "
				 "journal_watermark:0 buffer_sectors:4 interleave_sectors:3 "
				 "journal_sectors:4294967295 allow_discards reset_recalculate "
				 "block_size:4096 meta_device:8:16",
				 &integrity, NULL),
			 0);
	assert_string_equal(integrity.device, "8:0");
	assert_int_equal(integrity.offset_sectors, 16);
	assert_int_equal(integrity.tag_bytes, 0);
	assert_int_equal(integrity.mode, DMK_INTEGRITY_BITMAP);
	assert_int_equal(integrity.options, 0x3ffff & ~DMK_INTEGRITY_RECALCULATE);
	assert_string_equal(integrity.meta_device, "8:16");
	assert_string_equal(integrity.internal_hash, "hmac(sha256)");
	assert_string_equal(integrity.internal_hash_key, "ff");
	assert_string_equal(integrity.journal_crypt, "ctr(aes)");
	assert_string_equal(integrity.journal_crypt_key, "0a0B");
	assert_string_equal(integrity.journal_mac, "crc32c");
	assert_null(integrity.journal_mac_key);
	assert_true(integrity.sectors_per_bit == UINT64_MAX);
	assert_int_equal(integrity.block_size_bytes, 4096);
	assert_true(integrity.journal_sectors == UINT32_MAX);
	assert_int_equal(integrity.interleave_sectors, 3);
	assert_int_equal(integrity.buffer_sectors, 4);
	assert_int_equal(integrity.journal_watermark_percent, 0);
	assert_int_equal(integrity.commit_time_ms, 7);
	assert_int_equal(integrity.bitmap_flush_interval_ms, 0);
	dmk_integrity_clear(&integrity);
	assert_true(dmk_all_zero(&integrity, sizeof(integrity)));
	dmk_integrity_clear(NULL);
}

/* Sets of options, drawn, in the kernel's order, in every mode. */
static void generated(void **state)
{
	static const char *const words[] = {
		"meta_device:1:2",
		"block_size:1024",
		"recalculate",
		"reset_recalculate",
		"allow_discards",
		"journal_sectors:0",
		"interleave_sectors:32768",
		"buffer_sectors:128",
		"journal_watermark:0",
		"commit_time:10000",
		"sectors_per_bit:32768",
		"bitmap_flush_interval:10000",
		"fix_padding",
		"fix_hmac",
		"legacy_recalculate",
		"internal_hash:hmac(sha256):00ff00ff00ff00ff00ff00ff00ff00ff",
		"journal_crypt:ctr(aes)",
		"journal_mac:hmac(sha512):0a",
	};
	static const char modes[] = "JBDRI";
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		uint32_t set = (uint32_t)next_random(&seed) & ((1u << DMK_ARRAY_SIZE(words)) - 1);
		struct dmk_text text = { 0 };

		set |= 1u << 15; /* some of the others need the hash */
		dmk_text_add(&text, "1:1 %u %s %c %d", set % 100, i % 7 ? "32" : "-", modes[i % 5],
			     __builtin_popcount(set));
		for (size_t k = 0; k < DMK_ARRAY_SIZE(words); k++)
			if (set & (1u << k))
				dmk_text_add(&text, " %s", words[k]);
		check_round_trip(dmk_target_find("integrity"), text.data);
		check_keys_round_trip("integrity", text.data, 8);
		dmk_text_free(&text);
	}
}

static void builder(void **state)
{
	struct dmk_integrity integrity = good;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	integrity.options = DMK_INTEGRITY_JOURNAL_WATERMARK;
	integrity.meta_device = "8:16";
	integrity.journal_mac = "crc32";
	assert_int_equal(dmk_table_add_integrity(table, 0, 8, &integrity), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "/dev/vdb 0 - J 4 meta_device:8:16 journal_watermark:0 "
			    "internal_hash:hmac(sha256):0001aBcD journal_mac:crc32");
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), -EINVAL);
	assert_told(table, "must be the only segment of its table");
	dmk_table_reset(table);
	/* Tags of the one above; the count is there, of none. */
	integrity = (struct dmk_integrity){ .device = "8:0",
					    .tag_bytes = 28,
					    .mode = DMK_INTEGRITY_DIRECT };
	assert_int_equal(dmk_table_add_integrity(table, 0, 8, &integrity), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "8:0 0 28 D 0");
	dmk_table_free(table);
}

static void builder_refuses(void **state)
{
	struct {
		struct dmk_integrity integrity;
		const char *told;
	} cases[16];
	struct dmk_table *table;
	size_t n = 0;

	(void)state;
#define CASE(set, text)                    \
	do {                               \
		cases[n].integrity = good; \
		cases[n].integrity.set;    \
		cases[n++].told = (text);  \
	} while (0)
	CASE(device = NULL, "device: is missing");
	CASE(mode = 6, "mode: must be one of journal|bitmap|direct|recovery|inline");
	CASE(mode = UINT32_MAX, "mode: must be one of");
	CASE(tag_bytes = 256, "tag-size: 256 is not allowed");
	CASE(internal_hash = NULL, "key of internal_hash: needs internal_hash");
	CASE(internal_hash = "hmac(sha256):000102030405060708",
	     "internal_hash: may not hold ':'; what would follow it is internal-hash-key");
	CASE(internal_hash_key = "00 0102030405060708", "key of internal_hash must be hex digits");
	CASE(internal_hash_key = "", "key of internal_hash: is empty");
	CASE(journal_crypt_key = "00", "key of journal_crypt: needs journal_crypt");
	CASE(journal_mac_key = "00", "key of journal_mac: needs journal_mac");
	CASE(meta_device = "", "meta_device: is empty");
	CASE(block_size_bytes = 8192, "block_size: 8192 is not allowed");
	CASE(journal_watermark_percent = 101, "journal_watermark: 101 is not allowed");
	CASE(options = UINT64_C(1) << 19, "options: unknown bits 0x80000");
	CASE(unused = 1, "unused: must be zero");
	CASE(reserved[0] = 1, "reserved: must be zero");
#undef CASE
	assert_int_equal(n, DMK_ARRAY_SIZE(cases));
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(dmk_table_add_integrity(table, 0, 8, &cases[i].integrity),
				 -EINVAL);
		assert_told(table, cases[i].told);
		assert_null(
			memmem(dmk_table_error(table), sizeof(struct dmk_error), "01020304", 8));
	}
	dmk_table_free(table);
}

static void keys(void **state)
{
	struct dmk_key_value pairs[] = {
		{ .key = "device", .value = "/dev/vdb" },
		{ .key = "size", .value = "1MiB" },
		{ .key = "internal-hash", .value = "hmac(sha256)" },
		{ .key = "internal-hash-key", .value = "00ff" },
		{ .key = "commit-time", .value = "2s" },
		{ .key = "journal-sectors", .value = "1024" },
		{ .key = "mode", .value = "J" },
	};
	struct dmk_key_values values;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "integrity", pairs, 7), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_int_equal(segment.length_sectors, 2048);
	assert_string_equal(segment.params, "/dev/vdb 0 - J 3 journal_sectors:1024 "
					    "commit_time:2000 internal_hash:hmac(sha256):00ff");
	assert_int_equal(dmk_params_to_keys("integrity", segment.params, &values, NULL), 0);
	assert_int_equal(values.count, 5);
	assert_string_equal(values.items[4].key, "internal-hash-key");
	assert_true(values.items[4].info->flags & DMK_KEY_SECRET);
	assert_false(values.items[3].info->flags & DMK_KEY_SECRET);
	assert_string_equal(values.items[3].value, "hmac(sha256)");
	dmk_key_values_clear(&values);
	dmk_table_reset(table);
	pairs[2].key = "journal-mac";
	assert_int_equal(dmk_table_add_keys(table, "integrity", pairs, 7), -EINVAL);
	assert_told(table, "key of internal-hash: needs internal-hash");
	/* The size is not known before Linux has formatted the device. */
	pairs[1] = pairs[2];
	pairs[2].key = "internal-hash";
	assert_int_equal(dmk_table_add_keys(table, "integrity", pairs, 7), -EINVAL);
	assert_told(table, "size: this key is missing");
	dmk_table_free(table);
}

static void status(void **state)
{
	static const char *const bad[] = {
		"",	  "0", "0 8", "x 8 -", "0 x -", "0 8 x", "0 8 - -", "0 8 18014398509481984",
		"-1 8 -",
	};
	struct dmk_integrity_status status = { 0 };
	struct dmk_error err;

	(void)state;
	assert_int_equal(dmk_integrity_parse_status("17 32328 8192", &status, NULL), 0);
	assert_int_equal(status.mismatches, 17);
	assert_int_equal(status.provided_data_sectors, 32328);
	assert_int_equal(status.options, DMK_INTEGRITY_STATUS_RECALCULATED);
	assert_int_equal(status.recalculated_sectors, 8192);
	dmk_integrity_status_clear(&status);
	assert_int_equal(dmk_integrity_parse_status("0 8 -", &status, NULL), 0);
	assert_int_equal(status.options, 0);
	assert_int_equal(dmk_integrity_parse_status("0 8 0", &status, NULL), 0);
	assert_int_equal(status.options, DMK_INTEGRITY_STATUS_RECALCULATED);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_integrity_parse_status(bad[i], &status, &err), -EINVAL);
		assert_true(err.detail[0] && err.column);
	}
	assert_int_equal(status.provided_data_sectors, 8);
}

/* The kernel's own words in its own order, which Linux 7.2 changed: only the keys are others. */
static void hides_in_place(void **state)
{
	static const struct {
		const char *params;
		const char *hidden; /* NULL: there is no key */
	} cases[] = {
		{ "1:1 0 32 J 7 interleave_sectors:32768 buffer_sectors:128 journal_sectors:176 "
		  "journal_watermark:50 commit_time:10000 internal_hash:hmac(sha256):00aaBB "
		  "journal_mac:hmac(sha256):cc",
		  "1:1 0 32 J 7 interleave_sectors:32768 buffer_sectors:128 journal_sectors:176 "
		  "journal_watermark:50 commit_time:10000 internal_hash:hmac(sha256):000000 "
		  "journal_mac:hmac(sha256):00" },
		/* Blanks as they came. */
		{ "1:1  0 - J 1 internal_hash:hmac(sha256):aabb ",
		  "1:1  0 - J 1 internal_hash:hmac(sha256):0000 " },
		{ "1:1 0 - J 1 internal_hash\\:hmac(sha256)\\:a\\abb", "(hidden)" },
		{ "1:1 0 4 J 1 internal_hash:crc32c", NULL },
		{ "1:1 0 4 J 1 key:hmac(sha256):aabb", "(hidden)" },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		char *text = NULL;

		assert_int_equal(dmk_params_hide_keys("integrity", cases[i].params, &text),
				 cases[i].hidden != NULL);
		if (cases[i].hidden)
			assert_string_equal(text, cases[i].hidden);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),	  cmocka_unit_test(generated),
		cmocka_unit_test(builder),	  cmocka_unit_test(builder_refuses),
		cmocka_unit_test(keys),		  cmocka_unit_test(status),
		cmocka_unit_test(hides_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
