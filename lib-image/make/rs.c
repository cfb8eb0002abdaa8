/* SPDX-License-Identifier: MIT */
/* The field's arithmetic is ISA-L's and libfec's: here are the matrices that ISA-L is given, and the
 * loops over codewords that libfec is given. */
#include "make/rs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ISAL
#include <isa-l/erasure_code.h>
#endif
#include <fec.h>

#include "base/error.h"

/* What is computed at a time: 255 pieces of this size stay in a core's second cache. */
#define PIECE_BYTES 1024
#define TABLE_BYTES 32 /* of ISA-L, for each byte of a matrix */
#define POLYNOMIAL 0x11d

struct dmk_rs {
	void *libfec;
	uint32_t roots;
	uint32_t n_missing;
	uint8_t missing[DMK_RS_MAX_ROOTS];
	uint8_t present[DMK_RS_BYTES]; /* DMK_RS_BYTES - n_missing */
#ifdef HAVE_ISAL
	uint8_t powers[DMK_RS_BYTES]; /* of the field's generator, 2 */
	uint8_t tables[TABLE_BYTES * DMK_RS_MAX_ROOTS * DMK_RS_BYTES];
#endif
};

int dmk_rs_new(struct dmk_rs **ret_rs, uint32_t roots, struct dmk_error *err)
{
	uint8_t parity[DMK_RS_MAX_ROOTS];
	struct dmk_rs *rs = calloc(1, sizeof(*rs));
	void *libfec = init_rs_char(8, POLYNOMIAL, 0, 1, (int)roots, 0);

	if (!rs || !libfec) {
		if (libfec)
			free_rs_char(libfec);
		free(rs);
		return dmk_fail(err, -ENOMEM, "no memory for a Reed-Solomon coder");
	}
	rs->libfec = libfec;
	rs->roots = roots;
#ifdef HAVE_ISAL
	rs->powers[0] = 1;
	for (uint32_t i = 1; i < DMK_RS_BYTES; i++)
		rs->powers[i] = gf_mul(rs->powers[i - 1], 2);
#endif
	for (uint32_t i = 0; i < roots; i++)
		parity[i] = (uint8_t)(DMK_RS_BYTES - roots + i);
	dmk_rs_missing(rs, parity, roots);
	*ret_rs = rs;
	return 0;
}

void dmk_rs_free(struct dmk_rs *rs)
{
	if (!rs)
		return;
	free_rs_char(rs->libfec);
	free(rs);
}

#ifdef HAVE_ISAL

/*
 * In a codeword c, the sum over i of c[i] * (2^j)^(254 - i) is 0 for each j below roots. The first
 * n of these equations, solved for the n missing bytes, are a matrix that makes them of the others:
 * the inverse of the missing bytes' columns, times the others' columns. It always has an inverse, as
 * no two columns of these powers are alike.
 */
static uint8_t coefficient(const struct dmk_rs *rs, uint32_t equation, uint32_t place)
{
	return rs->powers[equation * (DMK_RS_BYTES - 1 - place) % DMK_RS_BYTES];
}

static void plan(struct dmk_rs *rs)
{
	uint8_t ours[DMK_RS_MAX_ROOTS * DMK_RS_MAX_ROOTS];
	uint8_t inverse[DMK_RS_MAX_ROOTS * DMK_RS_MAX_ROOTS];
	uint8_t matrix[DMK_RS_MAX_ROOTS * DMK_RS_BYTES];
	uint32_t n = rs->n_missing, others = DMK_RS_BYTES - n;

	for (uint32_t i = 0; i < n * n; i++)
		ours[i] = coefficient(rs, i / n, rs->missing[i % n]);
	gf_invert_matrix(ours, inverse, (int)n);
	for (uint32_t i = 0; i < n * others; i++) {
		uint8_t sum = 0;

		for (uint32_t j = 0; j < n; j++)
			sum ^= gf_mul(inverse[i / others * n + j],
				      coefficient(rs, j, rs->present[i % others]));
		matrix[i] = sum;
	}
	ec_init_tables((int)others, (int)n, matrix, rs->tables);
}

void dmk_rs_fill(struct dmk_rs *rs, uint8_t *const columns[DMK_RS_BYTES], size_t size)
{
	uint32_t n = rs->n_missing, others = DMK_RS_BYTES - n;
	uint8_t *from[DMK_RS_BYTES], *to[DMK_RS_MAX_ROOTS];

	for (size_t at = 0; n && at < size; at += PIECE_BYTES) {
		size_t piece = size - at < PIECE_BYTES ? size - at : PIECE_BYTES;

		for (uint32_t i = 0; i < others; i++)
			from[i] = columns[rs->present[i]] + at;
		for (uint32_t i = 0; i < n; i++)
			to[i] = columns[rs->missing[i]] + at;
		ec_encode_data((int)piece, (int)others, (int)n, rs->tables, from, to);
	}
}

/* Vectors of roots bytes that are independent of each other: each has a 1 at its pivot, where those
 * that came after it have a 0. */
struct basis {
	uint32_t rank;
	uint32_t pivots[DMK_RS_MAX_ROOTS];
	uint8_t vectors[DMK_RS_MAX_ROOTS][DMK_RS_MAX_ROOTS];
};

/* Takes out of vector what the basis can make of it; false: nothing is left. */
static bool reduce(const struct basis *basis, uint32_t roots, uint8_t *vector)
{
	for (uint32_t i = 0; i < basis->rank; i++) {
		uint8_t factor = vector[basis->pivots[i]];

		for (uint32_t j = 0; factor && j < roots; j++)
			vector[j] ^= gf_mul(factor, basis->vectors[i][j]);
	}
	return !dmk_all_zero(vector, roots);
}

static void extend(struct basis *basis, uint32_t roots, uint8_t *vector)
{
	uint32_t pivot = 0;
	uint8_t factor;

	if (basis->rank == roots || !reduce(basis, roots, vector))
		return;
	while (!vector[pivot])
		pivot++;
	factor = gf_inv(vector[pivot]);
	for (uint32_t j = 0; j < roots; j++)
		basis->vectors[basis->rank][j] = gf_mul(factor, vector[j]);
	basis->pivots[basis->rank++] = pivot;
}

static void get_column(const struct dmk_rs *rs, uint32_t place, uint8_t *vector)
{
	for (uint32_t j = 0; j < rs->roots; j++)
		vector[j] = coefficient(rs, j, place);
}

/* What the equations leave of each codeword, 0 where it is whole. */
static void add_remainders(struct dmk_rs *rs, uint8_t *const columns[DMK_RS_BYTES], size_t size,
			   struct basis *basis)
{
	uint8_t matrix[DMK_RS_MAX_ROOTS * DMK_RS_BYTES];
	uint8_t rests[DMK_RS_MAX_ROOTS][PIECE_BYTES], vector[DMK_RS_MAX_ROOTS];
	uint8_t *from[DMK_RS_BYTES], *to[DMK_RS_MAX_ROOTS];

	for (uint32_t i = 0; i < rs->roots * DMK_RS_BYTES; i++)
		matrix[i] = coefficient(rs, i / DMK_RS_BYTES, i % DMK_RS_BYTES);
	ec_init_tables(DMK_RS_BYTES, (int)rs->roots, matrix, rs->tables);
	for (uint32_t j = 0; j < rs->roots; j++)
		to[j] = rests[j];
	for (size_t at = 0; at < size && basis->rank < rs->roots; at += PIECE_BYTES) {
		size_t piece = size - at < PIECE_BYTES ? size - at : PIECE_BYTES;

		for (uint32_t i = 0; i < DMK_RS_BYTES; i++)
			from[i] = columns[i] + at;
		ec_encode_data((int)piece, DMK_RS_BYTES, (int)rs->roots, rs->tables, from, to);
		for (size_t i = 0; i < piece; i++) {
			for (uint32_t j = 0; j < rs->roots; j++)
				vector[j] = rests[j][i];
			extend(basis, rs->roots, vector);
		}
	}
}

/*
 * What is left of a codeword is a sum of the equations' columns of its wrong bytes. Over many
 * codewords whose wrong bytes are in the same places, these sums make up all that those columns can
 * make; and fewer than roots of them make no other column.
 */
uint32_t dmk_rs_locate(struct dmk_rs *rs, uint8_t *const columns[DMK_RS_BYTES], size_t size,
		       const uint8_t *places, uint32_t n, uint8_t ret_places[DMK_RS_MAX_ROOTS])
{
	struct basis basis = { 0 };
	uint8_t vector[DMK_RS_MAX_ROOTS];
	uint32_t found = 0;

	for (uint32_t i = 0; i < n; i++) {
		get_column(rs, places[i], vector);
		extend(&basis, rs->roots, vector);
	}
	add_remainders(rs, columns, size, &basis);
	if (basis.rank == rs->roots)
		return 0;
	for (uint32_t i = 0; i < DMK_RS_BYTES; i++) {
		get_column(rs, i, vector);
		if (!reduce(&basis, rs->roots, vector))
			ret_places[found++] = (uint8_t)i;
	}
	return found == basis.rank ? found : 0;
}

#else

static void plan(struct dmk_rs *rs)
{
	(void)rs;
}

uint32_t dmk_rs_locate(struct dmk_rs *rs, uint8_t *const columns[DMK_RS_BYTES], size_t size,
		       const uint8_t *places, uint32_t n, uint8_t ret_places[DMK_RS_MAX_ROOTS])
{
	(void)rs;
	(void)columns;
	(void)size;
	(void)places;
	(void)n;
	(void)ret_places;
	return 0;
}

static bool parity_is_missing(const struct dmk_rs *rs)
{
	return rs->n_missing == rs->roots && rs->missing[0] == DMK_RS_BYTES - rs->roots;
}

void dmk_rs_fill(struct dmk_rs *rs, uint8_t *const columns[DMK_RS_BYTES], size_t size)
{
	uint8_t codeword[DMK_RS_BYTES] = { 0 };
	bool encode = parity_is_missing(rs);

	for (size_t at = 0; rs->n_missing && at < size; at++) {
		int places[DMK_RS_MAX_ROOTS];

		for (uint32_t i = 0; i < DMK_RS_BYTES - rs->n_missing; i++)
			codeword[rs->present[i]] = columns[rs->present[i]][at];
		for (uint32_t i = 0; i < rs->n_missing; i++)
			places[i] = rs->missing[i];
		if (encode)
			encode_rs_char(rs->libfec, codeword, codeword + DMK_RS_BYTES - rs->roots);
		else
			decode_rs_char(rs->libfec, codeword, places, (int)rs->n_missing);
		for (uint32_t i = 0; i < rs->n_missing; i++)
			columns[rs->missing[i]][at] = codeword[rs->missing[i]];
	}
}

#endif

void dmk_rs_missing(struct dmk_rs *rs, const uint8_t *places, uint32_t n)
{
	uint32_t n_present = 0;

	memcpy(rs->missing, places, n);
	rs->n_missing = n;
	for (uint32_t i = 0, next = 0; i < DMK_RS_BYTES; i++)
		if (next < n && places[next] == i)
			next++;
		else
			rs->present[n_present++] = (uint8_t)i;
	plan(rs);
}

int dmk_rs_correct(struct dmk_rs *rs, uint8_t codeword[DMK_RS_BYTES], const uint8_t *places,
		   uint32_t n, uint8_t ret_places[DMK_RS_MAX_ROOTS])
{
	int found[DMK_RS_MAX_ROOTS] = { 0 };
	int n_found;

	for (uint32_t i = 0; i < n; i++)
		found[i] = places[i];
	n_found = decode_rs_char(rs->libfec, codeword, found, (int)n);
	for (int i = 0; i < n_found; i++)
		ret_places[i] = (uint8_t)found[i];
	return n_found < 0 ? -1 : n_found;
}
