/* SPDX-License-Identifier: MIT */
#include "../lines.h"

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
		cmocka_unit_test(generated),
		cmocka_unit_test(hides_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
