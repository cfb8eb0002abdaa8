/* SPDX-License-Identifier: MIT */
/* Several ways to decode, since none can do all: what counts as mended is what its digest proves, so
 * that none has to be right. */
#include "make/row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int dmk_row_begin(struct dmk_row *ret_row, const struct dmk_image *image, const struct dmk_fec *fec,
		  struct dmk_judge *judge, struct dmk_error *err)
{
	struct dmk_row row = { .image = image, .fec = fec, .judge = judge };
	size_t block = fec->block_bytes;
	int r;

	row.memory = aligned_alloc(512, 2 * DMK_RS_BYTES * block);
	row.parity = malloc(fec->roots * block);
	if (!row.memory || !row.parity)
		r = dmk_fail(err, -ENOMEM, "no memory for a row of blocks");
	else
		r = dmk_rs_new(&row.rs, fec->roots, err);
	for (size_t i = 0; i < DMK_RS_BYTES && r == 0; i++) {
		row.have[i] = row.memory + 2 * i * block;
		row.made[i] = row.have[i] + block;
	}
	*ret_row = row;
	return r;
}

void dmk_row_end(struct dmk_row *row)
{
	dmk_rs_free(row->rs);
	free(row->memory);
	free(row->parity);
}

/* Of what is covered; beyond data and tree lies what has no digest. */
static uint64_t block_of(const struct dmk_row *row, uint32_t column)
{
	return column * row->fec->rounds + row->number;
}

static int read_parity(struct dmk_row *row, struct dmk_error *err)
{
	uint32_t roots = row->fec->roots, block = row->fec->block_bytes;
	uint64_t offset = row->fec->offset_bytes + row->number * block * roots;
	int r = dmk_file_read(&row->fec->file, row->parity, (size_t)block * roots, offset, err);

	/* One way needs none. */
	if (r == -EIO)
		memset(row->parity, 0, (size_t)block * roots);
	else if (r < 0)
		return r;
	for (uint32_t i = 0; i < roots; i++)
		for (uint32_t j = 0; j < block; j++)
			row->have[DMK_RS_BYTES - roots + i][j] = row->parity[j * roots + i];
	return 0;
}

static int read_row(struct dmk_row *row, struct dmk_error *err)
{
	uint32_t block = row->fec->block_bytes;

	for (uint32_t i = 0; i < DMK_RS_BYTES - row->fec->roots; i++) {
		const uint8_t *kept = dmk_judge_kept(row->judge, block_of(row, i));
		int r = 0;

		if (kept)
			memcpy(row->have[i], kept, block);
		else
			r = dmk_fec_read_covered(row->fec, row->image, row->have[i], block,
						 block_of(row, i) * block, err);
		row->lost[i] = r == -EIO;
		if (r == -EIO)
			memset(row->have[i], 0, block);
		else if (r < 0)
			return r;
	}
	return read_parity(row, err);
}

/* Anew each time: a mended block of the tree may have proved others in its own row. */
static void classify(struct dmk_row *row)
{
	const struct dmk_health_map *map = row->judge->map;
	uint64_t covered = row->fec->data_blocks + row->fec->hash_blocks;

	row->n_bad = 0;
	for (uint32_t i = 0; i < DMK_RS_BYTES; i++) {
		uint64_t block = block_of(row, i);
		enum dmk_health health = block < map->n_blocks ? dmk_health_get(map, block)
					 : block < covered     ? DMK_UNPROVED
							       : DMK_GOOD;

		if (i >= DMK_RS_BYTES - row->fec->roots)
			health = DMK_UNPROVED;
		row->trusted[i] = (health == DMK_GOOD && !row->lost[i]) || health == DMK_MENDED;
		if (health == DMK_BAD && dmk_health_provable(map, block))
			row->bad[row->n_bad++] = (uint8_t)i;
	}
}

/* ---- ways ------------------------------------------------------------------------------ */

/* dm-verity's option ignore_zero_blocks gives such a block without reading it. */
static bool make_zeros(struct dmk_row *row)
{
	for (uint32_t i = 0; i < row->n_bad; i++)
		memset(row->made[row->bad[i]], 0, row->fec->block_bytes);
	return true;
}

static bool is_bad(const struct dmk_row *row, uint32_t column)
{
	return memchr(row->bad, (int)column, row->n_bad) != NULL;
}

static void fill(struct dmk_row *row, const uint8_t *places, uint32_t n)
{
	uint8_t *columns[DMK_RS_BYTES];

	memcpy(columns, row->have, sizeof(columns));
	for (uint32_t i = 0; i < n; i++)
		columns[places[i]] = row->made[places[i]];
	dmk_rs_missing(row->rs, places, n);
	dmk_rs_fill(row->rs, columns, row->fec->block_bytes);
}

/* All else is good: the usual case. */
static bool make_of_others(struct dmk_row *row)
{
	if (row->n_bad > row->fec->roots)
		return false;
	fill(row, row->bad, row->n_bad);
	return true;
}

/* All that is not known to be good, but the parity, is bad. */
static bool make_of_proved(struct dmk_row *row)
{
	uint8_t places[DMK_RS_BYTES];
	uint32_t n = 0;

	for (uint32_t i = 0; i < DMK_RS_BYTES - row->fec->roots; i++)
		if (!row->trusted[i])
			places[n++] = (uint8_t)i;
	if (n > row->fec->roots || n == row->n_bad)
		return false;
	fill(row, places, n);
	return true;
}

/* Whole blocks are wrong, of which no digest tells, or the parity. */
static bool make_of_located(struct dmk_row *row)
{
	uint8_t places[DMK_RS_MAX_ROOTS];
	uint32_t n = dmk_rs_locate(row->rs, row->have, row->fec->block_bytes, row->bad, row->n_bad,
				   places);

	if (n <= row->n_bad)
		return false;
	fill(row, places, n);
	return true;
}

/* One more than is known is bad, the next one that may be: each of them is a guess. */
static bool make_of_guess(struct dmk_row *row)
{
	uint8_t places[DMK_RS_MAX_ROOTS];
	uint32_t n = 0;

	if (row->n_bad >= row->fec->roots)
		return false;
	while (row->guess < DMK_RS_BYTES && (row->trusted[row->guess] || is_bad(row, row->guess)))
		row->guess++;
	if (row->guess == DMK_RS_BYTES)
		return false;
	for (uint32_t i = 0; i < row->n_bad; i++) {
		if (n == i && row->guess < row->bad[i])
			places[n++] = (uint8_t)row->guess;
		places[n++] = row->bad[i];
	}
	if (n == row->n_bad)
		places[n++] = (uint8_t)row->guess;
	fill(row, places, n);
	row->guess++;
	row->has_more = true;
	return true;
}

static void get_codeword(const struct dmk_row *row, uint32_t at, uint8_t codeword[DMK_RS_BYTES])
{
	for (uint32_t i = 0; i < DMK_RS_BYTES; i++)
		codeword[i] = row->have[i][at];
}

static void put_codeword(struct dmk_row *row, uint32_t at, const uint8_t codeword[DMK_RS_BYTES])
{
	for (uint32_t i = 0; i < row->n_bad; i++)
		row->made[row->bad[i]][at] = codeword[row->bad[i]];
}

/* Bytes that are wrong in blocks that are not known to be bad, or in the parity. */
static bool correct_others_too(struct dmk_row *row)
{
	if (row->n_bad + 2 > row->fec->roots)
		return false;
	for (uint32_t at = 0; at < row->fec->block_bytes; at++) {
		uint8_t codeword[DMK_RS_BYTES], places[DMK_RS_MAX_ROOTS];

		get_codeword(row, at, codeword);
		(void)dmk_rs_correct(row->rs, codeword, row->bad, row->n_bad, places);
		put_codeword(row, at, codeword);
	}
	return true;
}

/* One whose errors lie in proved blocks is another codeword, by chance nearer. */
static bool correct_one(struct dmk_row *row, uint8_t codeword[DMK_RS_BYTES])
{
	uint8_t before[DMK_RS_BYTES], places[DMK_RS_MAX_ROOTS];
	int n;

	memcpy(before, codeword, sizeof(before));
	n = dmk_rs_correct(row->rs, codeword, NULL, 0, places);
	for (int i = 0; i < n; i++)
		if (row->trusted[places[i]])
			n = -1;
	if (n < 0)
		memcpy(codeword, before, sizeof(before));
	return n >= 0;
}

/* A bad block may have but few wrong bytes, and each codeword few bad blocks: so more of them than
 * roots are mended. Where that does not work out, all bad blocks are wrong there. */
static bool correct_each(struct dmk_row *row)
{
	uint32_t failed = 0;

	for (uint32_t at = 0; at < row->fec->block_bytes; at++) {
		uint8_t codeword[DMK_RS_BYTES], places[DMK_RS_MAX_ROOTS];

		get_codeword(row, at, codeword);
		if (!correct_one(row, codeword)) {
			if (row->n_bad <= row->fec->roots)
				(void)dmk_rs_correct(row->rs, codeword, row->bad, row->n_bad,
						     places);
			/* Whole blocks are wrong. */
			else if (++failed > row->fec->block_bytes / 4)
				return false;
		}
		put_codeword(row, at, codeword);
	}
	return true;
}

/* ---- and what is proved ---------------------------------------------------------------- */

static int accept_proved(struct dmk_row *row, struct dmk_error *err)
{
	int n_proved = 0;

	for (uint32_t i = 0; i < row->n_bad; i++) {
		uint8_t *made = row->made[row->bad[i]];
		uint64_t block = block_of(row, row->bad[i]);
		int r = dmk_judge_check(row->judge, block, made, err);

		if (r > 0) {
			memcpy(row->have[row->bad[i]], made, row->fec->block_bytes);
			r = dmk_judge_accept(row->judge, block, made, err);
			n_proved++;
		}
		if (r < 0)
			return r;
	}
	return n_proved;
}

/* Without writing, what is mended of a row that has to be read once more is remembered. */
static int keep_mended(struct dmk_row *row, struct dmk_error *err)
{
	const struct dmk_health_map *map = row->judge->map;
	uint32_t n_trusted = 0;
	int r = 0;

	for (uint32_t i = 0; i < DMK_RS_BYTES; i++)
		n_trusted += row->trusted[i];
	if (row->judge->write || n_trusted == DMK_RS_BYTES - row->fec->roots)
		return 0;
	for (uint32_t i = 0; i < DMK_RS_BYTES - row->fec->roots && r == 0; i++) {
		uint64_t block = block_of(row, i);

		if (block < map->n_blocks && dmk_health_get(map, block) == DMK_MENDED)
			r = dmk_judge_keep(row->judge, block, row->have[i], err);
	}
	return r;
}

int dmk_row_mend(struct dmk_row *row, uint64_t number, struct dmk_error *err)
{
	static bool (*const ways[])(struct dmk_row * row) = {
		make_zeros,	    make_of_others, make_of_proved, make_of_located,
		correct_others_too, correct_each,   make_of_guess,
	};
	int r;

	row->number = number;
	row->guess = 0;
	r = read_row(row, err);
	if (r < 0)
		return r;
	classify(row);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(ways) && row->n_bad;) {
		row->has_more = false;
		r = ways[i](row) ? accept_proved(row, err) : 0;
		if (r < 0)
			return r;
		classify(row);
		/* Fewer are bad: what was not enough may be. */
		if (r > 0)
			i = row->guess = 0;
		else if (!row->has_more)
			i++;
	}
	return keep_mended(row, err);
}
