/* SPDX-License-Identifier: MIT */
/* The static command's own qsort() and strstr() do what libc's do. */
#include <stdlib.h>
#include <string.h>

void own_qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *));
char *own_strstr(const char *text, const char *word);
#undef strstr
#define qsort own_qsort
#define strstr own_strstr
#include "../../cli/libc.c"
#undef qsort
#undef strstr

#include "unit.h"

static size_t compared;

static int by_number(const void *a, const void *b)
{
	uint32_t left, right;

	compared++;
	memcpy(&left, a, sizeof(left));
	memcpy(&right, b, sizeof(right));
	return left < right ? -1 : left > right;
}

/* All that 0 to 6 numbers of 0 to 5 can be, sizes of 4 and 12 bytes. */
static void sorts(void **state)
{
	uint32_t values[6][3], expected[6][3];

	(void)state;
	for (uint32_t n = 0; n <= 6; n++) {
		for (uint32_t code = 0; code < 46656; code++) {
			uint32_t left = code;

			for (uint32_t i = 0; i < n; i++, left /= 6)
				for (uint32_t k = 0; k < 3; k++)
					values[i][k] = left % 6;
			if (left)
				break;
			memcpy(expected, values, sizeof(values));
			own_qsort(values, n, sizeof(values[0]), by_number);
			qsort(expected, n, sizeof(expected[0]), by_number);
			assert_memory_equal(values, expected, n * sizeof(values[0]));
		}
	}
}

/* Sorted, reversed and all the same are no worse than mixed. */
static void sorts_many(void **state)
{
	static uint32_t values[10000];
	const uint32_t n = 10000;

	(void)state;
	for (uint32_t order = 0; order < 4; order++) {
		for (uint32_t i = 0; i < n; i++)
			values[i] = order == 0	 ? i
				    : order == 1 ? n - i
				    : order == 2 ? 7
						 : i * 7919 % n;
		compared = 0;
		own_qsort(values, n, sizeof(values[0]), by_number);
		assert_true(compared < 20 * 10000 * 2);
		for (uint32_t i = 1; i < n; i++)
			assert_true(values[i - 1] <= values[i]);
	}
}

static void finds(void **state)
{
	static const char *const texts[] = {
		"", "a", "ab", "aab", "aaab", "abab", "xabx", "b", "ba"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			assert_ptr_equal(own_strstr(texts[i], texts[k]),
					 strstr(texts[i], texts[k]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts),
		cmocka_unit_test(sorts_many),
		cmocka_unit_test(finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
