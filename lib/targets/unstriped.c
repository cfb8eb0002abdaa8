/* SPDX-License-Identifier: MIT */
/* unstriped: one stripe of a striped set, as if it were alone. */
#include "rows/target.h"

#include <inttypes.h>

#define DMK_ROWS_OF struct dmk_unstriped

static const struct dmk_row rows[] = {
	/* To 2^32 - 1 for Linux, which then prints a negative number (6.1: %d). */
	{ DMK_REQUIRED("stripes", NUMBER, "how many stripes the set has"), DMK_FIELD(stripes),
	  .min = 1, .max = INT32_MAX },
	{ DMK_REQUIRED("chunk", SECTORS, "how much goes to one stripe before the next one's turn"),
	  DMK_FIELD(chunk_sectors), .min = 1, .max = UINT32_MAX },
	{ DMK_REQUIRED("stripe", NUMBER, "which one of them, from 0 to stripes - 1"),
	  DMK_FIELD(stripe), .max = INT32_MAX },
	{ DMK_REQUIRED("device", DEVICE, "the striped set"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the set begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
};

/*
 * Linux (6.1) takes a stripe that is one too large, and any where there is but one: what it takes
 * and prints is read here as well.
 */
static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_unstriped *unstriped = value;

	if (unstriped->stripe <= unstriped->stripes || unstriped->stripes == 1)
		return 0;
	return dmk_refuse(err, "stripe",
			  "%" PRIu32 " is not allowed: of %" PRIu32
			  " stripes the last one is number %" PRIu32,
			  unstriped->stripe, unstriped->stripes, unstriped->stripes - 1);
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_unstriped *unstriped = value;

	if (length_sectors % unstriped->chunk_sectors == 0)
		return 0;
	return dmk_refuse(err, "size",
			  "%" PRIu64 " sectors are no multiple of the chunk, %" PRIu64 " sectors",
			  length_sectors, unstriped->chunk_sectors);
}

/* As much as every stripe has: the rows that are whole. */
static uint64_t length_of_rest(const void *value, uint64_t rest_sectors)
{
	const struct dmk_unstriped *unstriped = value;
	uint64_t row_sectors = unstriped->chunk_sectors * unstriped->stripes;

	return rest_sectors / row_sectors * unstriped->chunk_sectors;
}

const struct dmk_target dmk_target_unstriped = {
	.info = { .type = "unstriped",
		  .summary = "one stripe of a striped set",
		  .example = "unstriped stripes=2 chunk=64KiB stripe=0 device=/dev/vdb",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "STRIPES CHUNK STRIPE DEVICE OFFSET",
		DMK_ROWS(rows, struct dmk_unstriped),
		.validate = validate,
	},
	.check = check,
	.length_of_rest = length_of_rest,
};
