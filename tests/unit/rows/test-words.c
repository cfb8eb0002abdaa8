/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void splits_like_the_kernel(void **state)
{
	/* A no-break space (0xa0) is a blank to the kernel. */
	struct dmk_words words = dmk_words_of(" a\tbb\v\xc3\xa0 \\  c\\ d\\\\ e\\", "X", NULL);
	static const struct {
		const char *text;
		uint32_t column;
	} expected[] = { { "a", 2 },  { "bb", 4 },     { "\xc3", 7 },
			 { " ", 10 }, { "c d\\", 13 }, { "e\\", 20 } };
	struct dmk_word word;
	void *owned = NULL;

	(void)state;
	assert_int_equal(dmk_words_left(&words), 6);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(expected); i++) {
		assert_true(dmk_words_next(&words, &word));
		assert_string_equal(dmk_arena_word(&owned, &word), expected[i].text);
		assert_int_equal(word.column, expected[i].column);
	}
	assert_false(dmk_words_next(&words, &word));
	assert_int_equal(dmk_words_end(&words), 0);
	dmk_arena_free(&owned);
	assert_null(owned);
}

static void missing_and_too_many(void **state)
{
	struct dmk_error err = { 0 };
	struct dmk_words words = dmk_words_of("a  ", "A B", &err);
	struct dmk_word word;

	(void)state;
	assert_int_equal(dmk_words_end(&words), -EINVAL);
	assert_string_equal(err.argument, "a");
	assert_string_equal(err.detail, "one word too many; the parameters are A B");
	assert_int_equal(err.column, 1);
	assert_int_equal(dmk_words_need(&words, "b", &word), -EINVAL);
	assert_string_equal(err.argument, "b");
	assert_string_equal(err.detail, "missing; the parameters are A B");
	assert_int_equal(err.column, 2);
}

static void numbers(void **state)
{
	struct dmk_error err = { 0 };
	struct dmk_words words =
		dmk_words_of("007 18446744073709551615 18446744073709551616 5 4", "N", &err);
	uint64_t number = 1;

	(void)state;
	assert_int_equal(dmk_words_number(&words, "n", 0, UINT64_MAX, &number), 0);
	assert_int_equal(number, 7);
	assert_int_equal(dmk_words_number(&words, "n", 0, UINT64_MAX, &number), 0);
	assert_true(number == UINT64_MAX);
	assert_int_equal(dmk_words_number(&words, "n", 0, UINT64_MAX, &number), -EINVAL);
	assert_int_equal(dmk_words_number(&words, "n", 0, 4, &number), -EINVAL);
	assert_string_equal(err.detail, "n must be a number from 0 to 4");
	assert_int_equal(dmk_words_number(&words, "n", 5, 9, &number), -EINVAL);
	assert_int_equal(err.column, 49);
	assert_true(number == UINT64_MAX);
}

static void arena(void **state)
{
	void *owned = NULL;
	char *text = dmk_arena_text(&owned, "abcdef", 3);
	unsigned char *bytes = dmk_arena_array(&owned, 1000, 8);

	(void)state;
	assert_string_equal(text, "abc");
	assert_true(dmk_all_zero(bytes, 8000));
	assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
	assert_null(dmk_arena_array(&owned, SIZE_MAX, 2));
	assert_null(dmk_arena_array(&owned, SIZE_MAX, 1));
	dmk_arena_free(&owned);
	dmk_arena_free(&owned);
}

static void checks(void **state)
{
	(void)state;
	assert_int_equal(dmk_check_word("w", "/dev/mapper/\xc3\xa9#%", NULL), 0);
	assert_int_equal(dmk_check_word("w", NULL, NULL), -EINVAL);
	assert_int_equal(dmk_check_word("w", "", NULL), -EINVAL);
	for (int c = 1; c < 256; c++) {
		char word[3] = { 'a', (char)c, '\0' };
		bool bad = c <= ' ' || c == 0x7f || c == 0xa0 || c == '\\';

		assert_int_equal(dmk_check_word("w", word, NULL), bad ? -EINVAL : 0);
	}
	assert_int_equal(dmk_check_hex("h", "0aF9", NULL), 0);
	assert_int_equal(dmk_check_hex("h", "0aF", NULL), -EINVAL);
	assert_int_equal(dmk_check_hex("h", "0g", NULL), -EINVAL);
	assert_int_equal(dmk_check_hex("h", "", NULL), -EINVAL);
	assert_int_equal(dmk_check_hex("h", NULL, NULL), -EINVAL);
}

/* Rows that none of the built-in targets has yet: "word:value", wide bytes, and TEXT that is
 * optional. */
struct made_up {
	const char *device;
	uint64_t options;
	const char *mode;
	uint64_t journal_bytes;
	uint32_t tags;
	void *owned;
	uint64_t reserved[8];
};

static const struct dmk_row made_up_rows[] = {
	{ .name = "device",
	  .kind = DMK_KEY_DEVICE,
	  .key_flags = DMK_KEY_REQUIRED,
	  .offset = offsetof(struct made_up, device) },
	{ .name = "mode",
	  .kind = DMK_KEY_TEXT,
	  .word = "mode",
	  .option = 1,
	  .offset = offsetof(struct made_up, mode),
	  .flags = DMK_ROW_COLON },
	{ .name = "journal",
	  .kind = DMK_KEY_BYTES,
	  .word = "journal",
	  .option = 2,
	  .offset = offsetof(struct made_up, journal_bytes),
	  .flags = DMK_ROW_COLON | DMK_ROW_WIDE },
	{ .name = "tags",
	  .kind = DMK_KEY_NUMBER,
	  .word = "tags",
	  .option = 4,
	  .offset = offsetof(struct made_up, tags) },
	{ .name = "fast", .kind = DMK_KEY_FLAG, .word = "fast", .option = 8 },
};

static const struct dmk_target made_up_target = {
	.info = { .type = "made-up" },
	.table = {
		.syntax = "DEVICE [COUNT OPTION...]",
		DMK_ROWS(made_up_rows, struct made_up),
		DMK_OPTIONS(struct made_up),
	},
};

static void rows_with_colons(void **state)
{
	struct made_up value;
	struct dmk_error err = { 0 };
	struct dmk_text text = { 0 };

	(void)state;
	check_round_trip(&made_up_target, "1:0");
	check_round_trip(&made_up_target, "1:0 4 mode:J:x journal:1099511627776 tags 0");
	check_round_trip(&made_up_target, "1:0 2 journal:0 fast");
	check_cut(&made_up_target, "1:0 5 mode:J journal:1 tags 0 fast");
	assert_int_equal(dmk_form_parse(&made_up_target.table, "1:0 1 journal:x", &value, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "x");
	assert_int_equal(err.column, 15);
	assert_int_equal(dmk_form_parse(&made_up_target.table, "1:0 1 journal", &value, &err),
			 -EINVAL);
	assert_string_equal(err.detail, "unknown; allowed: mode journal tags fast");
	assert_int_equal(dmk_form_parse(&made_up_target.table, "1:0 1 fast:1", &value, &err),
			 -EINVAL);
	/* A field that is not zero counts without its bit. */
	value = (struct made_up){ .device = "1:0", .tags = 3, .mode = "J" };
	assert_int_equal(dmk_form_format(&made_up_target.table, &value, &text, &err), 0);
	assert_string_equal(text.data, "1:0 3 mode:J tags 3");
	dmk_text_free(&text);
}

static void registry(void **state)
{
	const struct dmk_target_info *info, *before = NULL;
	struct dmk_key key;
	uint32_t n = 0, statuses = 0;

	(void)state;
	for (; (info = dmk_target_info_at(n)); n++) {
		uint32_t keys = 0;

		assert_true(!before || strcmp(before->type, info->type) < 0);
		assert_ptr_equal(dmk_target_info_find(info->type), info);
		assert_true(strstr(info->example, info->type) && *info->summary);
		for (; dmk_target_key(info->type, keys, &key) == 0; keys++)
			assert_true(*key.name && key.kind && *key.help);
		assert_int_equal(keys, info->n_keys);
		assert_string_equal(key.name, "size");
		for (uint32_t i = 0; dmk_target_status_key(info->type, i, &key) == 0;
		     i++, statuses++)
			assert_true(*key.name && key.kind && !(key.flags & DMK_KEY_REQUIRED));
		before = info;
	}
	assert_true(n >= 5 && statuses > n);
	assert_int_equal(dmk_target_status_key("nothing", 0, &key), -ENOENT);
	assert_int_equal(dmk_target_status_key("linear", 0, &key), -ENOENT);
	assert_int_equal(dmk_target_status_key("thin-pool", UINT32_MAX, &key), -ENOENT);
	assert_null(dmk_target_info_find("nothing"));
	assert_null(dmk_target_info_find(NULL));
	assert_int_equal(dmk_target_key("nothing", 0, &key), -ENOENT);
	assert_null(dmk_target_info_at(UINT32_MAX));
	assert_int_equal(dmk_target_key("linear", UINT32_MAX, &key), -ENOENT);
	assert_int_equal(dmk_target_check("nothing", "what ever", 1, false, NULL), 0);
}

static void distance(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		uint32_t far;
	} cases[] = {
		{ "", "", 0 },		{ "size", "size", 0 },
		{ "", "size", 4 },	{ "sze", "size", 1 },
		{ "sizes", "size", 1 }, { "side", "size", 1 },
		{ "adta", "data", 1 },	{ "Size", "size", 1 },
		{ "ca", "abc", 3 },	{ "kitten", "sitting", 3 },
		{ "ba", "ab", 1 },
	};
	char word[DMK_NAME_SIZE + 1] = "";

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		assert_int_equal(dmk_word_distance(cases[i].a, cases[i].b), cases[i].far);
		assert_int_equal(dmk_word_distance(cases[i].b, cases[i].a), cases[i].far);
	}
	memset(word, 'x', DMK_NAME_SIZE - 1);
	assert_int_equal(dmk_word_distance(word, ""), DMK_NAME_SIZE - 1);
	assert_int_equal(dmk_word_distance(word, word), 0);
	word[DMK_NAME_SIZE - 1] = 'x';
	assert_true(dmk_word_distance(word, word) == UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance),
		cmocka_unit_test(splits_like_the_kernel),
		cmocka_unit_test(missing_and_too_many),
		cmocka_unit_test(numbers),
		cmocka_unit_test(arena),
		cmocka_unit_test(checks),
		cmocka_unit_test(rows_with_colons),
		cmocka_unit_test(registry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
