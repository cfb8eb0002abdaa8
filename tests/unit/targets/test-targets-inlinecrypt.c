/* SPDX-License-Identifier: MIT */
#include "../lines.h"

#define KEY32 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY64 KEY32 KEY32
#define ZEROS32 "0000000000000000000000000000000000000000000000000000000000000000"

static void lengths(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
#define CHECK(params, length) dmk_target_check("inlinecrypt", (params), (length), false, &err)
	assert_int_equal(CHECK("aes-xts-plain64 " KEY64 " 0 8:16 0", 7), 0);
	assert_int_equal(
		CHECK("aes-xts-plain64 " KEY64 " 0 8:16 0 2 sector_size:4096 iv_large_sectors", 7),
		-EINVAL);
	assert_string_equal(err.argument, "size");
	assert_int_equal(CHECK("aes-xts-plain64 " KEY32 " 0 8:16 0", 8), -EINVAL);
	assert_string_equal(err.argument, "key");
	assert_non_null(strstr(err.detail, "is of 32 bytes, where aes-xts-plain64 needs 64"));
	assert_int_equal(CHECK("aes-xts-plain64 " KEY32 " 0 8:16 0 1 keytype:hw-wrapped", 8), 0);
	assert_int_equal(CHECK("aes-xts-plain64 00ff 0 8:16 0 1 keytype:hw-wrapped", 8), -EINVAL);
	assert_int_equal(CHECK("aes-xts-plain64 :32:logon:k 0 8:16 0", 8), -EINVAL);
#undef CHECK
}

/* Wherever the key stands in what is wrong, no error has it. */
static void keys_are_hidden(void **state)
{
	static const char *const lines[] = {
		"aes-xts-plain64 " KEY64,
		"aes-xts-plain64 " KEY64 "0 0 8:16 0",
		"aes-xts-plain64 " KEY64 "xy 0 8:16 0",
		"aes-xts-plain64 x " KEY64 " 8:16 0",
		"aes-xts-plain64 00 0 8:16 0 1 " KEY64,
		"aes-xts-plain64 00 0 8:16 " KEY64,
	};
	struct dmk_inlinecrypt inlinecrypt = { .cipher = "a", .device = "8:0" };
	struct dmk_key_values values;
	struct dmk_table *table;
	struct dmk_error err;
	char *text;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		struct dmk_inlinecrypt parsed;

		assert_int_equal(dmk_inlinecrypt_parse_table(lines[i], &parsed, &err), -EINVAL);
		assert_null(strstr(err.argument, "0011"));
		assert_null(strstr(err.detail, "0011"));
		assert_null(strstr(err.params, "0011"));
	}
	assert_int_equal(dmk_table_new(&table), 0);
	inlinecrypt.key = KEY64 " x";
	assert_int_equal(dmk_table_add_inlinecrypt(table, 0, 8, &inlinecrypt), -EINVAL);
	assert_null(strstr(dmk_table_error(table)->argument, "0011"));
	assert_null(strstr(dmk_table_error(table)->detail, "0011"));
	dmk_table_free(table);
	/* As the kernel prints it. */
	assert_int_equal(
		dmk_params_hide_keys("inlinecrypt", "aes-xts-plain64 " KEY32 " 1 0 8:16 0", &text),
		1);
	assert_string_equal(text, "aes-xts-plain64 " ZEROS32 " 1 0 8:16 0");
	free(text);
	assert_int_equal(dmk_params_to_keys("inlinecrypt", "aes-xts-plain64 " KEY32 " 1 0 8:16 0",
					    &values, &err),
			 0);
	assert_string_equal(values.items[0].key, "key");
	assert_true(values.items[0].info->flags & DMK_KEY_SECRET);
	dmk_key_values_clear(&values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(keys_are_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
