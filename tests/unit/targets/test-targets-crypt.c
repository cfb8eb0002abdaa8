/* SPDX-License-Identifier: MIT */
#include "../lines.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct dmk_crypt good = {
	.cipher = "aes-xts-plain64",
	.key = KEY,
	.device = "/dev/vdb",
};

/* Every set of options, in the kernel's order. */
static void generated(void **state)
{
	static const char *const words[] = {
		"allow_discards",	  "same_cpu_crypt",    "high_priority",
		"submit_from_crypt_cpus", "no_read_workqueue", "no_write_workqueue",
		"integrity:480:none",	  "sector_size:512",   "iv_large_sectors",
		"integrity_key_size:1",
	};

	(void)state;
	for (unsigned int set = 0; set < 1u << DMK_ARRAY_SIZE(words); set++) {
		struct dmk_text text = { 0 };

		dmk_text_add(&text, "aes-xts-plain64 %s %u 1:0 %u", set % 3 ? KEY : "-", set,
			     set / 2);
		if (set)
			dmk_text_add(&text, " %d", __builtin_popcount(set));
		for (size_t i = 0; i < DMK_ARRAY_SIZE(words); i++)
			if (set & (1u << i))
				dmk_text_add(&text, " %s", words[i]);
		check_round_trip(dmk_target_find("crypt"), text.data);
		if (__builtin_popcount(set) < 10)
			check_keys_round_trip("crypt", text.data, 8);
		dmk_text_free(&text);
	}
}

static void ciphers(void **state)
{
	static const char *const taken[] = {
		"aes",
		"aes-ecb",
		"aes-plain",
		"aes-cbc-plain",
		"aes-cbc-essiv:sha256",
		"aes:64-cbc-lmk",
		"capi:ecb(aes)",
		"capi:cbc(aes)-essiv:sha256",
		"capi:authenc(hmac(sha256),xts(aes))-plain64",
		"aes-xts-brand-new:with:options",
		"capi:adiantum(xchacha12,aes)-plain64",
		"cipher_null-ecb-null",
		/* Of what the kernel knows more of, it is the judge. */
		"aes-cbc-essiv:",
		"-cbc-plain",
	};
	struct dmk_crypt crypt = good;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(taken); i++) {
		crypt.cipher = taken[i];
		if (dmk_table_add_crypt(table, DMK_NEXT, 8, &crypt) < 0)
			fail_msg("%s: %s", taken[i], dmk_table_error(table)->detail);
	}
	dmk_table_free(table);
}

/* The same of a text whose words are in the wrong places. */
static void no_error_has_the_key(void **state)
{
	static const char *const texts[] = {
		"0 8 crypt " KEY,
		"0 8 crypt aes-xts-plain64 0 " KEY " 1:0 0",
		"0 8 crypt aes-xts-plain64 " KEY " 1:0 0 0",
		"0 8 crypt aes-xts-plain64 " KEY "zz 0 1:0 0",
		"0 8 crypt aes-xts-plain64 0 1:0 0 " KEY,
		"0 8 crypt aes-xts-plain64 " KEY " 0 1:0 0 1 x:" KEY,
		"0 8 crypt aes-xts-plain64 " KEY " 0 1:0 0 1 sector_size:" KEY,
		"0 8 integrity 1:0 0 - J 1 internal_hsh:hmac(sha256):" KEY,
		"0 8 integrity 1:0 0 - J 1 internal_hash:hmac(sha256):" KEY "0",
		"0 8 integrity 1:0 0 - " KEY " 1 internal_hash:hmac(sha256):" KEY,
		"0 8 integrity 1:0 0 - J internal_hash:hmac(sha256):" KEY,
	};
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(texts); i++) {
		const struct dmk_error *err = dmk_table_error(table);
		char sentence[DMK_ERROR_TEXT_SIZE];

		assert_int_equal(dmk_table_parse(table, texts[i], strlen(texts[i])), -EINVAL);
		assert_string_equal(err->params, "(hidden)");
		assert_null(memmem(err, sizeof(*err), KEY, 16));
		dmk_error_format(err, sentence, sizeof(sentence));
		assert_null(strstr(sentence, "00010203"));
		assert_null(strstr(sentence, "; in: "));
	}
	dmk_table_free(table);
}

static void messages_are_secret(void **state)
{
	struct dmk_key key;

	(void)state;
	assert_int_equal(dmk_message_key("crypt", "key-set", 0, &key), 0);
	assert_true(key.flags & DMK_KEY_SECRET);
	assert_int_equal(dmk_target_message("crypt", 0)->secret, 1);
	assert_int_equal(dmk_target_message("crypt", 1)->secret, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),
		cmocka_unit_test(ciphers),
		cmocka_unit_test(no_error_has_the_key),
		cmocka_unit_test(messages_are_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
