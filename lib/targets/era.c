/* SPDX-License-Identifier: MIT */
/* era: a device and a note, for each of its blocks, of the era in which it was last written. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>

#define BLOCK_UNIT 8 /* sectors: MIN_BLOCK_SIZE of dm-era-target.c, which sets no other limit */

#define DMK_ROWS_OF struct dmk_era

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("metadata", DEVICE,
		       "the device with the eras; of a new one the first 4 KiB must be zero"),
	  DMK_FIELD(metadata_device) },
	{ DMK_REQUIRED("origin", DEVICE, "the device with the data"), DMK_FIELD(origin_device),
	  .flags = DMK_ROW_SIZE_DEVICE },
	{ DMK_REQUIRED("block-size", SECTORS, "what has an era of its own: a multiple of 4KiB"),
	  DMK_FIELD(block_size_sectors), .min = BLOCK_UNIT, .max = UINT32_MAX },
};

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_era *era = value;

	if (era->block_size_sectors % BLOCK_UNIT == 0)
		return 0;
	return dmk_refuse(err, "block-size", "%" PRIu64 " sectors are no multiple of %u (4 KiB)",
			  era->block_size_sectors, BLOCK_UNIT);
}

static const struct dmk_choice errors[] = {
	{ "-", "no", 0 },
	{ "Error", "yes", 1 },
	DMK_ALLOWED("no|yes"),
};

enum {
	ERROR,
	METADATA_BLOCK_SIZE, /* and what follows up to ... */
	HELD_ROOT = METADATA_BLOCK_SIZE + 3
};

static const struct dmk_trouble error_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = 1,
	  .what = "the metadata cannot be read",
	  .mend = "remove @, run era_check on its metadata device, and create it again" },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_era_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("error", CHOICE, "yes: the kernel could not tell the rest"), DMK_FIELD(error),
	  .choices = errors, .trouble = error_trouble },
	{ DMK_SAID("metadata-block-size", SECTORS, DMK_ERA_STATUS_NUMBERS, "of one metadata block"),
	  DMK_FIELD(metadata_block_size_sectors) },
	{ DMK_SAID("metadata", RATIO, DMK_ERA_STATUS_NUMBERS, "metadata blocks"),
	  DMK_FIELD(metadata), .trouble = dmk_metadata_trouble },
	{ DMK_SAID("era", NUMBER, DMK_ERA_STATUS_NUMBERS, "the current one"), DMK_FIELD(era) },
	{ DMK_SAID("held-root", NUMBER, DMK_ERA_STATUS_HELD_ROOT,
		   "the metadata block with the snapshot's root"),
	  DMK_FIELD(held_root_block), .flags = DMK_ROW_WIDE },
};

static int parse_status(struct dmk_words *words, void *value);
static void format_status(const void *value, struct dmk_text *out);

static const struct dmk_form status_form = {
	.syntax = "METADATA-BLOCK-SIZE METADATA-USED/TOTAL ERA HELD-ROOT|-, or Error",
	DMK_ROWS(status_rows, struct dmk_era_status),
	DMK_OPTIONS(struct dmk_era_status),
	.parse = parse_status,
	.format = format_status,
};

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_era_status *status = value;
	int r;

	if (dmk_words_next_is(words, "Error"))
		return dmk_rows_read_some(&status_form, ERROR, 1, words, status);
	status->options |= DMK_ERA_STATUS_NUMBERS;
	r = dmk_rows_read_some(&status_form, METADATA_BLOCK_SIZE, 3, words, status);
	if (r == 0 && dmk_words_skip(words, "-"))
		return 0;
	status->options |= DMK_ERA_STATUS_HELD_ROOT;
	return r < 0 ? r : dmk_rows_read_some(&status_form, HELD_ROOT, 1, words, status);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_era_status *status = value;

	if (!(status->options & DMK_ERA_STATUS_NUMBERS)) {
		dmk_rows_print_some(&status_form, ERROR, 1, status, out);
		return;
	}
	dmk_rows_print_some(&status_form, METADATA_BLOCK_SIZE, 3, status, out);
	if (status->options & DMK_ERA_STATUS_HELD_ROOT)
		dmk_rows_print_some(&status_form, HELD_ROOT, 1, status, out);
	else
		dmk_text_add(out, " -");
}

static int validate_message(const void *value, struct dmk_error *err)
{
	const struct dmk_era_message *message = value;

	return message->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_era_message

/* In the order of enum dmk_era_message_kind. */
static const struct dmk_message messages[] = {
	{ DMK_MESSAGE("checkpoint", "checkpoint",
		      "begin a new era, unless nothing was written in this one"),
	  .form.validate = validate_message },
	{ DMK_MESSAGE("take-metadata-snap", "take_metadata_snap",
		      "keep a copy of the metadata for others to read"),
	  .form.validate = validate_message },
	{ DMK_MESSAGE("drop-metadata-snap", "drop_metadata_snap", "drop that copy"),
	  .form.validate = validate_message },
};

const struct dmk_target dmk_target_era = {
	.info = { .type = "era",
		  .summary = "a device that notes when each block was last written",
		  .example = "era metadata=/dev/vdb origin=/dev/vdc block-size=64KiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "METADATA ORIGIN BLOCK-SIZE",
		DMK_ROWS(rows, struct dmk_era),
		.validate = validate,
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
};
