/* SPDX-License-Identifier: MIT */
/* Codewords: parity beside libfec's own, and what is wrong in them made right. */
#include "../unit.h"

#include <stdlib.h>
#include <string.h>

#include <fec.h>

#include "make/rs.h"

/* No multiple of what is computed at a time. */
#define SIZE 2500
#define TRIES 200

static uint8_t memory[DMK_RS_BYTES][SIZE], before[DMK_RS_BYTES][SIZE];
static uint8_t *columns[DMK_RS_BYTES];

static void random_data(uint32_t roots)
{
	for (uint32_t i = 0; i < DMK_RS_BYTES; i++) {
		columns[i] = memory[i];
		for (uint32_t j = 0; j < SIZE; j++)
			memory[i][j] = i < DMK_RS_BYTES - roots ? (uint8_t)(rand() >> 7) : 0xee;
	}
}

static struct dmk_rs *encoded(uint32_t roots)
{
	struct dmk_rs *rs = NULL;

	assert_int_equal(dmk_rs_new(&rs, roots, NULL), 0);
	random_data(roots);
	dmk_rs_fill(rs, columns, SIZE);
	memcpy(before, memory, sizeof(memory));
	return rs;
}

/* n of them, ascending. */
static void random_places(uint8_t *places, uint32_t n)
{
	uint32_t found = 0;
	bool taken[DMK_RS_BYTES] = { false };

	while (found < n) {
		uint32_t place = (uint32_t)rand() % DMK_RS_BYTES;

		found += !taken[place];
		taken[place] = true;
	}
	found = 0;
	for (uint32_t i = 0; i < DMK_RS_BYTES; i++)
		if (taken[i])
			places[found++] = (uint8_t)i;
}

static void test_parity(void **state)
{
	(void)state;
	for (uint32_t roots = DMK_RS_MIN_ROOTS; roots <= DMK_RS_MAX_ROOTS; roots++) {
		struct dmk_rs *rs = encoded(roots);
		void *libfec = init_rs_char(8, 0x11d, 0, 1, (int)roots, 0);

		assert_non_null(libfec);
		for (uint32_t j = 0; j < SIZE; j++) {
			uint8_t codeword[DMK_RS_BYTES], parity[DMK_RS_MAX_ROOTS];

			for (uint32_t i = 0; i < DMK_RS_BYTES; i++)
				codeword[i] = memory[i][j];
			encode_rs_char(libfec, codeword, parity);
			assert_memory_equal(parity, codeword + DMK_RS_BYTES - roots, roots);
		}
		free_rs_char(libfec);
		dmk_rs_free(rs);
	}
}

/* The bytes of one and two, far too few for a vector. */
static void test_short(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 65; size++) {
		struct dmk_rs *rs = encoded(7);

		for (uint32_t i = DMK_RS_BYTES - 7; i < DMK_RS_BYTES; i++)
			memset(memory[i], 0, SIZE);
		dmk_rs_fill(rs, columns, size);
		for (uint32_t i = DMK_RS_BYTES - 7; i < DMK_RS_BYTES; i++) {
			assert_memory_equal(memory[i], before[i], size);
			assert_true(dmk_all_zero(memory[i] + size, SIZE - size));
		}
		dmk_rs_free(rs);
	}
}

static void test_erasures(void **state)
{
	(void)state;
	for (uint32_t roots = DMK_RS_MIN_ROOTS; roots <= DMK_RS_MAX_ROOTS; roots++) {
		struct dmk_rs *rs = encoded(roots);

		for (uint32_t n = 0; n <= roots; n++) {
			uint8_t places[DMK_RS_MAX_ROOTS];

			random_places(places, n);
			for (uint32_t i = 0; i < n; i++)
				memset(memory[places[i]], rand(), SIZE);
			dmk_rs_missing(rs, places, n);
			dmk_rs_fill(rs, columns, SIZE);
			assert_memory_equal(memory, before, sizeof(memory));
		}
		dmk_rs_free(rs);
	}
}

static bool one_of(const uint8_t *places, int n, uint8_t place)
{
	for (int i = 0; i < n; i++)
		if (places[i] == place)
			return true;
	return false;
}

/* As many as can be: n whose place is told, half of the rest whose place is not. */
static void test_errors(void **state)
{
	(void)state;
	for (uint32_t roots = DMK_RS_MIN_ROOTS; roots <= DMK_RS_MAX_ROOTS; roots++) {
		struct dmk_rs *rs = encoded(roots);

		for (uint32_t j = 0; j < TRIES; j++) {
			uint32_t n = (uint32_t)rand() % (roots + 1), more = (roots - n) / 2;
			uint8_t places[DMK_RS_MAX_ROOTS], found[DMK_RS_MAX_ROOTS],
				told[DMK_RS_MAX_ROOTS];
			uint8_t codeword[DMK_RS_BYTES], whole[DMK_RS_BYTES];
			uint32_t n_told = 0;
			int n_found;

			for (uint32_t i = 0; i < DMK_RS_BYTES; i++)
				whole[i] = codeword[i] = memory[i][j];
			random_places(places, n + more);
			for (uint32_t i = 0; i < n + more; i++) {
				codeword[places[i]] ^= (uint8_t)(1 + rand() % 255);
				if (i % 2 == 0 ? n_told < n : n + more - i <= n - n_told)
					told[n_told++] = places[i];
			}
			n_found = dmk_rs_correct(rs, codeword, told, n_told, found);
			assert_memory_equal(codeword, whole, sizeof(whole));
			assert_int_equal(n_found, n + more);
			for (uint32_t i = 0; i < n + more; i++)
				assert_true(one_of(found, n_found, places[i]));
		}
		dmk_rs_free(rs);
	}
}

#ifdef HAVE_ISAL
/* Whole columns, some of which are told. With as many as roots all could be. */
static void test_locate(void **state)
{
	(void)state;
	for (uint32_t roots = DMK_RS_MIN_ROOTS; roots <= DMK_RS_MAX_ROOTS; roots++) {
		struct dmk_rs *rs = encoded(roots);

		for (uint32_t n = 0; n <= roots; n++) {
			uint8_t places[DMK_RS_MAX_ROOTS], found[DMK_RS_MAX_ROOTS];

			random_places(places, n);
			for (uint32_t i = 0; i < n; i++)
				for (uint32_t j = 0; j < SIZE; j++)
					memory[places[i]][j] ^= (uint8_t)(rand() >> 7);
			assert_int_equal(dmk_rs_locate(rs, columns, SIZE, places, n / 2, found),
					 n < roots ? n : 0);
			if (n < roots)
				assert_memory_equal(found, places, n);
			memcpy(memory, before, sizeof(memory));
		}
		dmk_rs_free(rs);
	}
}
#endif

/* With 24 roots and 13 wrong bytes a wrong answer has a chance of less than 1 in 10^10. */
static void test_too_many(void **state)
{
	struct dmk_rs *rs = encoded(DMK_RS_MAX_ROOTS);

	(void)state;
	for (uint32_t j = 0; j < TRIES; j++) {
		uint8_t places[DMK_RS_MAX_ROOTS], found[DMK_RS_MAX_ROOTS];
		uint8_t codeword[DMK_RS_BYTES], damaged[DMK_RS_BYTES];

		random_places(places, DMK_RS_MAX_ROOTS / 2 + 1);
		for (uint32_t i = 0; i < DMK_RS_BYTES; i++)
			codeword[i] = memory[i][j];
		for (uint32_t i = 0; i <= DMK_RS_MAX_ROOTS / 2; i++)
			codeword[places[i]] ^= 0x55;
		memcpy(damaged, codeword, sizeof(damaged));
		assert_int_equal(dmk_rs_correct(rs, codeword, NULL, 0, found), -1);
		assert_memory_equal(codeword, damaged, sizeof(damaged));
	}
	dmk_rs_free(rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parity),	 cmocka_unit_test(test_short),
		cmocka_unit_test(test_erasures), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_too_many),
#ifdef HAVE_ISAL
		cmocka_unit_test(test_locate),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
