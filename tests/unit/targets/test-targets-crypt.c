/* SPDX-License-Identifier: MIT */
#include "../lines.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct dmk_crypt good = {
	.cipher = "aes-xts-plain64",
	.key = KEY,
	.device = "/dev/vdb",
};

static void fields(void **state)
{
	struct dmk_crypt crypt;

	(void)state;
	assert_int_equal(
		dmk_crypt_parse_table("capi:gcm(aes)-random :32:logon:a:b 16 8:0 2048 10 "
				      "integrity_key_size:16 IV_LARGE_SECTORS sector_size:4096 "
				      "integrity:28:AEAD no_write_workqueue no_read_workqueue "
				      "submit_from_crypt_cpus high_priority same_cpu_crypt "
				      "allow_discards",
				      &crypt, NULL),
		0);
	assert_string_equal(crypt.cipher, "capi:gcm(aes)-random");
	assert_string_equal(crypt.key, ":32:logon:a:b");
	assert_string_equal(crypt.device, "8:0");
	assert_int_equal(crypt.iv_offset_sectors, 16);
	assert_int_equal(crypt.offset_sectors, 2048);
	assert_int_equal(crypt.options, 0x3ff);
	assert_int_equal(crypt.integrity_tag_bytes, 28);
	assert_int_equal(crypt.integrity_type, DMK_CRYPT_INTEGRITY_AEAD);
	assert_int_equal(crypt.sector_size_bytes, 4096);
	assert_int_equal(crypt.integrity_key_bytes, 16);
	dmk_crypt_clear(&crypt);
	assert_true(dmk_all_zero(&crypt, sizeof(crypt)));
	dmk_crypt_clear(NULL);
}

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

static void builder(void **state)
{
	struct dmk_crypt crypt = good;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	crypt.sector_size_bytes = 4096;
	crypt.integrity_tag_bytes = 16;
	crypt.integrity_type = DMK_CRYPT_INTEGRITY_NONE;
	crypt.iv_offset_sectors = 8;
	crypt.offset_sectors = 16;
	crypt.options = DMK_CRYPT_ALLOW_DISCARDS;
	assert_int_equal(dmk_table_add_crypt(table, 0, 16, &crypt), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "aes-xts-plain64 " KEY " 8 /dev/vdb 16 3 allow_discards "
			    "integrity:16:none sector_size:4096");
	assert_int_equal(dmk_table_add_crypt(table, DMK_NEXT, 12, &crypt), -EINVAL);
	assert_told(table, "size: 12 sectors are no multiple of the 8 that sector_size is");
	/* Others may stand beside it. */
	assert_int_equal(dmk_table_add_crypt(table, DMK_NEXT, 1, &good), 0);
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 1), 0);
	dmk_table_free(table);
}

static void builder_refuses(void **state)
{
	struct {
		struct dmk_crypt crypt;
		const char *told;
	} cases[16];
	struct dmk_table *table;
	size_t n = 0;

	(void)state;
#define CASE(set, text)                   \
	do {                              \
		cases[n].crypt = good;    \
		cases[n].crypt.set;       \
		cases[n++].told = (text); \
	} while (0)
	CASE(cipher = NULL, "cipher: is missing");
	CASE(cipher = "a b", "cipher holds a blank");
	CASE(key = NULL, "key: is missing");
	CASE(key = "", "key: is empty");
	CASE(key = KEY " ", "key: key holds a blank (byte 65");
	CASE(key = KEY "\n", "key: key holds a blank (byte 65");
	CASE(key = KEY "\\", "key: key holds a backslash");
	CASE(key = KEY "0", "key: must be an even number of hex digits");
	CASE(device = NULL, "device: is missing");
	CASE(device = KEY "\n", "(hidden): device holds a newline");
	CASE(offset_sectors = DMK_MAX_SECTORS + 1, "offset: 18014398509481984 is not allowed");
	CASE(sector_size_bytes = 256, "sector_size: 256 is not allowed");
	CASE(integrity_tag_bytes = 16, "integrity type: must be one of none|aead");
	CASE(options = DMK_CRYPT_INTEGRITY_KEY_SIZE, "integrity_key_size: 0 is not allowed");
	CASE(options = UINT64_C(1) << 40, "options: unknown bits 0x10000000000");
	CASE(reserved[7] = 1, "reserved: must be zero");
#undef CASE
	assert_int_equal(n, DMK_ARRAY_SIZE(cases));
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < n; i++) {
		const struct dmk_error *err;

		assert_int_equal(dmk_table_add_crypt(table, DMK_NEXT, 8, &cases[i].crypt), -EINVAL);
		assert_told(table, cases[i].told);
		err = dmk_table_error(table);
		assert_non_null(err);
		/* Nothing of the key, wherever in the error. */
		assert_null(memmem(err, sizeof(*err), KEY, 16));
		assert_null(memmem(err, sizeof(*err), KEY + 48, 16));
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

/* From keys: in an error, neither. */
static void keys(void **state)
{
	struct dmk_key_value pairs[] = {
		{ .key = "cipher", .value = "aes-xts-plain64" },
		{ .key = "device", .value = "/dev/vdb" },
		{ .key = "size", .value = "8s" },
		{ .key = "key", .value = KEY },
		{ .key = "integrity", .value = "28:none" },
	};
	struct dmk_key_values values;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "crypt", pairs, 5), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "aes-xts-plain64 " KEY " 0 /dev/vdb 0 1 integrity:28:none");
	assert_int_equal(dmk_params_to_keys("crypt", segment.params, &values, NULL), 0);
	assert_int_equal(values.count, 4);
	assert_string_equal(values.items[1].key, "key");
	assert_true(values.items[1].info->flags & DMK_KEY_SECRET);
	assert_string_equal(values.items[1].value, KEY);
	assert_string_equal(values.items[3].value, "28:none");
	dmk_key_values_clear(&values);
	assert_int_equal(dmk_table_add_keys(table, "crypt", pairs, 3), -EINVAL);
	assert_told(table, "key: this key is missing");
	pairs[3].value = KEY "0";
	assert_int_equal(dmk_table_add_keys(table, "crypt", pairs, 4), -EINVAL);
	assert_told(table, "key: must be an even number");
	pairs[3].value = "-" KEY;
	assert_int_equal(dmk_table_add_keys(table, "crypt", pairs, 4), -EINVAL);
	assert_told(table, "key: must be hex digits");
	assert_null(memmem(dmk_table_error(table), sizeof(struct dmk_error), KEY, 16));
	dmk_table_free(table);
}

static void messages(void **state)
{
	struct dmk_key key;
	struct dmk_crypt_message message = { .message = DMK_CRYPT_KEY_SET, .key = KEY };
	struct dmk_key_value pair = { .key = "key", .value = KEY };
	struct dmk_error err;
	char *text = NULL;

	(void)state;
	assert_int_equal(dmk_crypt_format_message(&message, &text, &err), 0);
	assert_string_equal(text, "key set " KEY);
	free(text);
	message.key = ":32:user:x";
	assert_int_equal(dmk_crypt_format_message(&message, &text, NULL), 0);
	assert_string_equal(text, "key set :32:user:x");
	free(text);
	message.message = DMK_CRYPT_KEY_WIPE;
	assert_int_equal(dmk_crypt_format_message(&message, &text, NULL), 0);
	assert_string_equal(text, "key wipe");
	free(text);
	text = NULL;
	message.message = DMK_CRYPT_KEY_SET;
	message.key = KEY "0";
	assert_int_equal(dmk_crypt_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "key");
	message.key = NULL;
	assert_int_equal(dmk_crypt_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.detail, "is missing");
	message = (struct dmk_crypt_message){ .message = DMK_CRYPT_KEY_WIPE + 1 };
	assert_int_equal(dmk_crypt_format_message(&message, &text, &err), -EINVAL);
	message.message = 0;
	assert_int_equal(dmk_crypt_format_message(&message, &text, &err), -EINVAL);
	assert_int_equal(dmk_crypt_format_message(NULL, &text, NULL), -EINVAL);
	assert_null(text);

	assert_int_equal(dmk_message_from_keys("crypt", "key-set", &pair, 1, &text, NULL), 0);
	assert_string_equal(text, "key set " KEY);
	free(text);
	assert_int_equal(dmk_message_key("crypt", "key-set", 0, &key), 0);
	assert_true(key.flags & DMK_KEY_SECRET);
	assert_int_equal(dmk_target_message("crypt", 0)->secret, 1);
	assert_int_equal(dmk_target_message("crypt", 1)->secret, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(generated),
		cmocka_unit_test(ciphers),
		cmocka_unit_test(builder),
		cmocka_unit_test(builder_refuses),
		cmocka_unit_test(no_error_has_the_key),
		cmocka_unit_test(keys),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
