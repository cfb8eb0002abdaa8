/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void replies(void **state)
{
	static const char stats[] =
		"{ version : 36, dataBlocksUsed : 18446744073709551615, mode : read-only, "
		"packer : { compressedFragmentsWritten : 1, compressedBlocksWritten : 2, }, "
		"journal : { diskFull : 0, entries : { started : 3, }, blocks : { started : 4, }, "
		"}, instance : 5, }";
	static const struct {
		const char *key;
		const char *value;
		uint64_t number;
	} expected[] = {
		{ "version", "36", 36 },
		{ "dataBlocksUsed", "18446744073709551615", UINT64_MAX },
		{ "mode", "read-only", 0 },
		{ "packer.compressedFragmentsWritten", "1", 1 },
		{ "packer.compressedBlocksWritten", "2", 2 },
		{ "journal.diskFull", "0", 0 },
		{ "journal.entries.started", "3", 3 },
		{ "journal.blocks.started", "4", 4 },
		{ "instance", "5", 5 },
	};
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	assert_int_equal(dmk_vdo_parse_reply(stats, &values, &err), 0);
	assert_int_equal(values.count, DMK_ARRAY_SIZE(expected));
	for (size_t i = 0; i < DMK_ARRAY_SIZE(expected); i++) {
		assert_string_equal(values.items[i].key, expected[i].key);
		assert_string_equal(values.items[i].value, expected[i].value);
		assert_true(values.items[i].number == expected[i].number);
		assert_null(values.items[i].info);
	}
	dmk_key_values_clear(&values);
	/* A blank too many, as the kernel has it. */
	assert_int_equal(dmk_vdo_parse_reply("{ version : 1, slabSize : 524288, index :  { "
					     "memorySize : 0.25, isSparse : 0, }, }",
					     &values, &err),
			 0);
	assert_int_equal(values.count, 4);
	assert_string_equal(values.items[2].key, "index.memorySize");
	assert_string_equal(values.items[2].value, "0.25");
	assert_int_equal(values.items[2].number, 0);
	dmk_key_values_clear(&values);
	assert_int_equal(dmk_vdo_parse_reply("{ }", &values, &err), 0);
	assert_int_equal(values.count, 0);
	dmk_key_values_clear(&values);
	/* Whatever the kernel had no room for. */
	for (size_t length = 0; length < strlen(stats); length++) {
		char *cut = strndup(stats, length);

		assert_int_equal(dmk_vdo_parse_reply(cut, &values, &err), -EINVAL);
		assert_true(err.column && err.column <= length + 1);
		free(cut);
	}
}

static void bad_replies(void **state)
{
	static const char *const lines[] = {
		"x", "{ a 1, }", "{ a : 1, } b", "} {", "{ a : 1, }, }",
	};
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_vdo_parse_reply(lines[i], &values, &err), -EINVAL);
		assert_true(err.detail[0] && err.column);
		assert_int_equal(dmk_vdo_parse_reply(lines[i], &values, NULL), -EINVAL);
	}
	assert_int_equal(dmk_vdo_parse_reply(NULL, &values, &err), -EINVAL);
}

/* Eight braces in each other are read, nine are not. */
static void deep_replies(void **state)
{
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	for (int depth = 8; depth <= 9; depth++) {
		struct dmk_text text = { 0 };

		for (int i = 0; i < depth; i++)
			dmk_text_add(&text, "{ a : ");
		dmk_text_add(&text, "1, }");
		for (int i = 1; i < depth; i++)
			dmk_text_add(&text, ", }");
		if (depth == 8) {
			assert_int_equal(dmk_vdo_parse_reply(text.data, &values, &err), 0);
			assert_int_equal(values.count, 1);
			assert_string_equal(values.items[0].key, "a.a.a.a.a.a.a.a");
			dmk_key_values_clear(&values);
		} else {
			assert_int_equal(dmk_vdo_parse_reply(text.data, &values, &err), -EINVAL);
			assert_string_equal(err.detail, "too many braces in each other");
		}
		dmk_text_free(&text);
	}
}

static void what_every_vdo_takes(void **state)
{
	static const struct {
		const char *params;
		const char *argument;
	} rows[] = {
		{ "V4 8:0 262144 4096 32768 16380 nosuch 1", "nosuch" },
		{ "V4 8:0 262144 4096 32768 16380 ack 2 other 4294967295 maxDiscard 8", "other" },
		{ "V3 8:0 262144 4096 32768 16380 auto", "V3" },
		{ "V1 8:0 262144 4096 off 0 32768 16380 on auto vdo .", "V1" },
		{ "8:0 4096 off 0 32768 16380 on auto vdo ack=2,bio=4", "8:0" },
	};
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		err = (struct dmk_error){ 0 };
		if (dmk_target_check("vdo", rows[i].params, 8, false, &err) != 1)
			fail_msg("'%s': '%s': %s", rows[i].params, err.argument, err.detail);
		assert_string_equal(err.argument, rows[i].argument);
		assert_int_equal(err.code, 0);
		/* They have no keys. */
		assert_int_equal(dmk_params_to_keys("vdo", rows[i].params, &values, NULL), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_every_vdo_takes),
		cmocka_unit_test(replies),
		cmocka_unit_test(bad_replies),
		cmocka_unit_test(deep_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
