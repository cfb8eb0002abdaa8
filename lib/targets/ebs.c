/* SPDX-License-Identifier: MIT */
/* ebs: logical blocks smaller than the device's own. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

extern const struct dmk_target dmk_target_ebs;

#define DMK_ROWS_OF struct dmk_ebs

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("device", DEVICE, "the device below"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the segment begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
	/* At most a page, which is 64 KiB on some machines. */
	{ DMK_REQUIRED("emulated-sectors", SECTORS,
		       "the logical block that is shown: 1s, 2s, 4s or 8s"),
	  DMK_FIELD(emulated_sectors), .min = 1, .max = 128, .flags = DMK_ROW_POWER_OF_TWO },
	/* Not an optional argument with a count: parse and format are ours. */
	{ DMK_ROW("underlying-sectors", SECTORS,
		  "the block that is used below; default: what the device says"),
	  DMK_WORD("underlying_sectors", DMK_EBS_UNDERLYING_SECTORS), DMK_FIELD(underlying_sectors),
	  .min = 1, .max = 32768, .flags = DMK_ROW_POWER_OF_TWO },
};

static const struct dmk_row *const underlying = &rows[3];

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_ebs *ebs = value;
	struct dmk_word word;
	int r = dmk_rows_read(&dmk_target_ebs.table, words, value);

	if (r < 0 || !dmk_words_next(words, &word))
		return r;
	ebs->options |= underlying->option;
	return dmk_row_read(underlying, &word, value, &ebs->owned, words->error);
}

static void format(const void *value, struct dmk_text *out)
{
	dmk_rows_print(&dmk_target_ebs.table, value, out);
	if (!dmk_row_present(&dmk_target_ebs.table, underlying, value))
		return;
	dmk_text_add(out, " ");
	dmk_row_print(underlying, value, out);
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_ebs *ebs = value;

	if (ebs->underlying_sectors == 0 || ebs->offset_sectors % ebs->underlying_sectors == 0)
		return 0;
	return dmk_refuse(err, "offset",
			  "%" PRIu64 " is no multiple of underlying_sectors, %" PRIu64,
			  ebs->offset_sectors, ebs->underlying_sectors);
}

static uint32_t block_bytes(const void *value)
{
	return (uint32_t)((const struct dmk_ebs *)value)->emulated_sectors * 512;
}

const struct dmk_target dmk_target_ebs = {
	.info = { .type = "ebs",
		  .summary = "logical blocks smaller than the device's own",
		  .example = "ebs device=/dev/vdb emulated-sectors=1s underlying-sectors=8s",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE OFFSET EMULATED-SECTORS [UNDERLYING-SECTORS]",
		DMK_ROWS(rows, struct dmk_ebs),
		DMK_OPTIONS(struct dmk_ebs),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.block_bytes = block_bytes,
};
