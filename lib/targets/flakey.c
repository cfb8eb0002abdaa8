/* SPDX-License-Identifier: MIT */
/* flakey: a device that is good for some seconds, bad for some, and again. */
#include "rows/target.h"

#include <string.h>

extern const struct dmk_target dmk_target_flakey;

enum {
	ON_WRITE = 1
};

static const struct dmk_choice directions[] = {
	{ "r", "r", DMK_FLAKEY_READ },
	{ "w", "w", DMK_FLAKEY_WRITE },
	DMK_ALLOWED("r|w"),
};

#define DMK_ROWS_OF struct dmk_flakey

static const struct dmk_row corrupt_bio[] = {
	{ DMK_ROW("corrupt_bio_byte's byte", NUMBER, NULL), DMK_FIELD(corrupt_bio_byte), .min = 1 },
	{ DMK_ROW("corrupt_bio_byte's direction", CHOICE, NULL), DMK_FIELD(corrupt_bio_direction),
	  .choices = directions, .flags = DMK_ROW_ANY_CASE },
	{ DMK_ROW("corrupt_bio_byte's value", NUMBER, NULL), DMK_FIELD(corrupt_bio_value),
	  .max = 255 },
	{ DMK_ROW("corrupt_bio_byte's flags", NUMBER, NULL), DMK_FIELD(corrupt_bio_flags) },
};

/*
 * The target's version is 1.5.0 in Linux 6.1 and in 6.12, whatever was added in between:
 * it cannot say what a kernel has, so that no row has a `since`. The kernel itself refuses a word
 * that it does not know.
 */
static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("device", DEVICE, "the device below"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the segment begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_REQUIRED("up-interval", NUMBER, "for how many seconds it is good"),
	  DMK_FIELD(up_interval_seconds) },
	{ DMK_REQUIRED("down-interval", NUMBER,
		       "for how many seconds it is bad: all I/O fails, or what follows"),
	  DMK_FIELD(down_interval_seconds) },

	{ DMK_ROW("error-reads", FLAG, DMK_SINCE_LINUX(6, 4, "reads fail, writes do not")),
	  DMK_WORD("error_reads", DMK_FLAKEY_ERROR_READS) },
	{ DMK_ROW("drop-writes", FLAG, "writes vanish, and are said to be done"),
	  DMK_WORD("drop_writes", DMK_FLAKEY_DROP_WRITES), .exclusive = ON_WRITE },
	{ DMK_ROW("error-writes", FLAG, "writes fail, reads do not"),
	  DMK_WORD("error_writes", DMK_FLAKEY_ERROR_WRITES), .exclusive = ON_WRITE },
	{ DMK_ROW("corrupt-bio-byte", TEXT,
		  "BYTE:r|w:VALUE:FLAGS: byte number BYTE (from 1) of each read or write that has "
		  "all REQ_ bits of FLAGS becomes VALUE"),
	  DMK_WORD("corrupt_bio_byte", DMK_FLAKEY_CORRUPT_BIO_BYTE), .parts = corrupt_bio,
	  .n_parts = DMK_ARRAY_SIZE(corrupt_bio) },
	{ DMK_ROW("random-read-corrupt", NUMBER,
		  DMK_SINCE_LINUX(6, 5, "so many of 1000000000 reads get a wrong byte")),
	  DMK_WORD("random_read_corrupt", DMK_FLAKEY_RANDOM_READ_CORRUPT),
	  DMK_FIELD(random_read_corrupt), .max = 1000000000 },
	{ DMK_ROW("random-write-corrupt", NUMBER,
		  DMK_SINCE_LINUX(6, 5, "so many of 1000000000 writes get a wrong byte")),
	  DMK_WORD("random_write_corrupt", DMK_FLAKEY_RANDOM_WRITE_CORRUPT),
	  DMK_FIELD(random_write_corrupt), .max = 1000000000 },
};

/* The count always stands, as the kernel prints it: from 6.4 on, some kernels let a device without
 * count be good for ever. Before 6.4 the kernel's own text ends in a blank. */
static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_form *form = &dmk_target_flakey.table;
	size_t length;

	dmk_rows_print(form, value, out);
	length = out->length;
	dmk_rows_print_options(form, value, out);
	if (out->length == length)
		dmk_text_add(out, " 0");
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_flakey *flakey = value;
	uint64_t seconds = (uint64_t)flakey->up_interval_seconds + flakey->down_interval_seconds;
	bool corrupts = flakey->corrupt_bio_byte;
	bool corrupts_writes = corrupts && flakey->corrupt_bio_direction == DMK_FLAKEY_WRITE;
	bool corrupts_reads = corrupts && flakey->corrupt_bio_direction == DMK_FLAKEY_READ;

	if (seconds == 0 || seconds > UINT32_MAX)
		return dmk_refuse(err, "down-interval",
				  "must be, with up-interval, from 1 to 4294967295 seconds");
	if (!corrupts && (flakey->corrupt_bio_direction || flakey->corrupt_bio_value ||
			  flakey->corrupt_bio_flags))
		return dmk_refuse(err, "corrupt_bio_byte",
				  "is 0: its direction, value and flags mean nothing without it");
	/* With random_write_corrupt Linux 6.5 to 6.12 take these two. */
	if ((flakey->options & DMK_FLAKEY_DROP_WRITES) && corrupts_writes)
		return dmk_refuse(err, "drop_writes", "does not go together with corrupted writes");
	if ((flakey->options & DMK_FLAKEY_ERROR_WRITES) && corrupts_writes)
		return dmk_refuse(err, "error_writes",
				  "does not go together with corrupted writes");
	if ((flakey->options & DMK_FLAKEY_ERROR_READS) &&
	    (corrupts_reads || flakey->random_read_corrupt))
		return dmk_refuse(err, "error_reads", "does not go together with corrupted reads");
	return 0;
}

const struct dmk_target dmk_target_flakey = {
	.info = { .type = "flakey",
		  .summary = "a device that is good and bad by turns",
		  .example = "flakey device=/dev/vdb up-interval=10 down-interval=5 "
			     "corrupt-bio-byte=32:r:1:0",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE OFFSET UP-INTERVAL DOWN-INTERVAL [COUNT OPTION...]",
		DMK_ROWS(rows, struct dmk_flakey),
		DMK_OPTIONS(struct dmk_flakey),
		.format = format,
		.validate = validate,
	},
};
