/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

static int parse(const char *s, uint64_t max, uint64_t *value)
{
	return dmk_parse_u64(s, strlen(s), max, value);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "007", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
		{ "99999999999999999999x", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "\xb2", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		uint64_t value = 4711;

		assert_int_equal(parse(cases[i].text, UINT64_MAX, &value), cases[i].result);
		assert_int_equal(value, cases[i].result ? 4711 : cases[i].value);
	}
}

static void number_limits(void **state)
{
	uint64_t value = 4711;

	(void)state;
	assert_int_equal(parse("255", 255, &value), 0);
	assert_int_equal(value, 255);
	assert_int_equal(parse("256", 255, &value), -ERANGE);
	/* Only as many bytes as given are looked at. */
	assert_int_equal(dmk_parse_u64("123x", 3, 255, &value), 0);
	assert_int_equal(value, 123);
}

static void numbers_are_taken(void **state)
{
	const char *at = "  236 device-mapper";
	uint64_t value = 0;

	(void)state;
	assert_true(dmk_take_u64(&at, 236, &value));
	assert_int_equal(value, 236);
	assert_string_equal(at, " device-mapper");
	assert_false(dmk_take_u64(&at, 236, &value));
	assert_string_equal(at, " device-mapper");
	at = "237,";
	assert_false(dmk_take_u64(&at, 236, &value));
	at = "";
	assert_false(dmk_take_u64(&at, 236, &value));
	assert_int_equal(value, 236);
}

static void texts_grow(void **state)
{
	struct dmk_text text = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		dmk_text_add(&text, "%d,", i);
	assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(strlen(text.data), text.length);
	assert_memory_equal(text.data, "0,1,2,", 6);
	assert_string_equal(text.data + text.length - 4, "999,");
	dmk_text_add_bytes(&text, "a\0b", 4);
	assert_memory_equal(text.data + text.length - 4, "a\0b", 4);
	assert_int_equal(dmk_text_error(&text), 0);
	dmk_text_free(&text);
	assert_null(text.data);
	assert_int_equal(text.length, 0);
}

/* A failed allocation is remembered; what was there stays. */
static void texts_remember_failure(void **state)
{
	struct dmk_text text = { 0 };

	(void)state;
	dmk_text_add(&text, "kept");
	text.failed = true;
	dmk_text_add(&text, "more");
	dmk_text_add_bytes(&text, "more", 4);
	assert_string_equal(text.data, "kept");
	assert_int_equal(dmk_text_error(&text), -ENOMEM);
	dmk_text_free(&text);
}

static void copies_are_cut_visibly(void **state)
{
	char field[8];

	(void)state;
	dmk_copy_text(field, sizeof(field), "1234567");
	assert_string_equal(field, "1234567");
	dmk_copy_text(field, sizeof(field), "12345678");
	assert_string_equal(field, "1234...");
	dmk_copy_text(field, sizeof(field), "");
	assert_string_equal(field, "");
	dmk_print_text(field, sizeof(field), "%s", "1234567");
	assert_string_equal(field, "1234567");
	dmk_print_text(field, sizeof(field), "%d-%s", 12, "abcdefgh");
	assert_string_equal(field, "12-a...");
	/* No room for dots: then without. */
	dmk_copy_text(field, 3, "abcdef");
	assert_string_equal(field, "ab");
}

static void wiped_and_zero(void **state)
{
	char bytes[64];

	(void)state;
	memset(bytes, 'k', sizeof(bytes));
	assert_false(dmk_all_zero(bytes, sizeof(bytes)));
	dmk_wipe(bytes + 1, sizeof(bytes) - 2);
	assert_int_equal(bytes[0], 'k');
	assert_int_equal(bytes[63], 'k');
	assert_true(dmk_all_zero(bytes + 1, sizeof(bytes) - 2));
	bytes[0] = bytes[63] = 0;
	bytes[62] = 1;
	assert_false(dmk_all_zero(bytes, sizeof(bytes)));
	assert_true(dmk_all_zero(bytes, 0));
	dmk_wipe(NULL, 0);
}

static void copied_bytes(void **state)
{
	char *copy = dmk_copy_bytes("ab\0c", 4);
	void *empty = dmk_copy_bytes("", 0);

	(void)state;
	assert_memory_equal(copy, "ab\0c", 4);
	assert_non_null(empty);
	free(copy);
	free(empty);
}

static void cleanups(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), none = -1;
	void *pointer = malloc(1);

	(void)state;
	dmk_close_ptr(&fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	errno = 0;
	dmk_close_ptr(&none);
	assert_int_equal(errno, 0);
	dmk_free_ptr(&pointer);
	pointer = NULL;
	dmk_free_ptr(&pointer);
}

static void time_goes_on(void **state)
{
	int64_t start = dmk_now_ns();

	(void)state;
	usleep(2000);
	assert_in_range(dmk_now_ns() - start, 2000000, 5000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(number_limits),
		cmocka_unit_test(numbers_are_taken),
		cmocka_unit_test(texts_grow),
		cmocka_unit_test(texts_remember_failure),
		cmocka_unit_test(copies_are_cut_visibly),
		cmocka_unit_test(wiped_and_zero),
		cmocka_unit_test(copied_bytes),
		cmocka_unit_test(cleanups),
		cmocka_unit_test(time_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
