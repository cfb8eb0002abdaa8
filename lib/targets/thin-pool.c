/* SPDX-License-Identifier: MIT */
/* thin-pool: the blocks that thin devices share, and the map of whose they are. */
#include "rows/target.h"

#include <inttypes.h>
#include <string.h>

#define BLOCK_UNIT 128		/* sectors: DATA_DEV_BLOCK_SIZE_MIN_SECTORS of dm-thin.c */
#define MAX_ID ((1u << 24) - 1) /* MAX_DEV_ID there */
#define MAX_FEATURES 4		/* Linux 6.1 knows five, and takes four */

#define DMK_ROWS_OF struct dmk_thin_pool

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("metadata", DEVICE,
		       "the device with the map; of a new pool its first 4 KiB must be zero"),
	  DMK_FIELD(metadata_device) },
	{ DMK_REQUIRED("data", DEVICE, "the device with the blocks"), DMK_FIELD(data_device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_REQUIRED("block-size", SECTORS, "of one block: 64KiB to 1GiB, a multiple of 64KiB"),
	  DMK_FIELD(block_size_sectors), .min = BLOCK_UNIT, .max = 2097152 },
	{ DMK_DEFAULT("low-water-mark", BLOCKS, "0", "an event comes when fewer blocks are free"),
	  DMK_FIELD(low_water_mark_blocks) },

	{ DMK_ROW("skip-block-zeroing", FLAG, "do not fill new blocks with zeros"),
	  DMK_WORD("skip_block_zeroing", DMK_THIN_POOL_SKIP_BLOCK_ZEROING) },
	{ DMK_ROW("ignore-discard", FLAG, "no discards at all"),
	  DMK_WORD("ignore_discard", DMK_THIN_POOL_IGNORE_DISCARD), .since = DMK_V(1, 1) },
	{ DMK_ROW("no-discard-passdown", FLAG,
		  "discards free blocks, and do not go to the data device"),
	  DMK_WORD("no_discard_passdown", DMK_THIN_POOL_NO_DISCARD_PASSDOWN),
	  .since = DMK_V(1, 1) },
	{ DMK_ROW("read-only", FLAG, "change no metadata (not of a new pool)"),
	  DMK_WORD("read_only", DMK_THIN_POOL_READ_ONLY), .since = DMK_V(1, 3) },
	{ DMK_ROW("error-if-no-space", FLAG,
		  "writes fail when there is no space, they do not wait"),
	  DMK_WORD("error_if_no_space", DMK_THIN_POOL_ERROR_IF_NO_SPACE), .since = DMK_V(1, 10) },
};

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_thin_pool *pool = value;

	/* The kernel compares the words as well, before it looks which devices they are. */
	if (strcmp(pool->metadata_device, pool->data_device) == 0)
		return dmk_refuse(err, pool->data_device, "metadata and data must be two devices");
	if (pool->block_size_sectors % BLOCK_UNIT)
		return dmk_refuse(err, "block-size",
				  "%" PRIu64 " sectors are no multiple of %u (64 KiB)",
				  pool->block_size_sectors, BLOCK_UNIT);
	if (__builtin_popcountll(pool->options) > MAX_FEATURES)
		return dmk_refuse(err, "features", "the kernel takes four of the five at most");
	return 0;
}

static void format(const void *value, struct dmk_text *out);

static const struct dmk_choice modes[] = {
	{ "rw", "rw", DMK_THIN_POOL_RW },
	{ "ro", "ro", DMK_THIN_POOL_RO },
	{ "out_of_data_space", "out-of-data-space", DMK_THIN_POOL_OUT_OF_DATA_SPACE },
	{ "Fail", "fail", DMK_THIN_POOL_FAIL },
	{ "Error", "error", DMK_THIN_POOL_ERROR },
	DMK_ALLOWED("rw|ro|out-of-data-space|fail|error"),
};

/* ignore_discard: Linux 6.1 says it, its document does not. */
static const struct dmk_choice discards[] = {
	{ "discard_passdown", "passdown", DMK_THIN_POOL_DISCARD_PASSDOWN },
	{ "no_discard_passdown", "no-passdown", DMK_THIN_POOL_DISCARD_NO_PASSDOWN },
	{ "ignore_discard", "ignored", DMK_THIN_POOL_DISCARD_IGNORED },
	DMK_ALLOWED("passdown|no-passdown|ignored"),
};

static const struct dmk_choice no_space_actions[] = {
	{ "queue_if_no_space", "queue", DMK_THIN_POOL_QUEUE_IF_NO_SPACE },
	{ "error_if_no_space", "error", DMK_THIN_POOL_FAIL_IF_NO_SPACE },
	DMK_ALLOWED("queue|error"),
};

static const struct dmk_choice checks[] = {
	{ "-", "no", 0 },
	{ "needs_check", "yes", 1 },
	DMK_ALLOWED("no|yes"),
};

enum {
	MODE,
	TRANSACTION_ID, /* and what follows up to ... */
	HELD_ROOT = TRANSACTION_ID + 3,
	DISCARD,
	NO_SPACE,
	NEEDS_CHECK,
	METADATA_LOW_WATER
};

static const struct dmk_trouble mode_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_THIN_POOL_FAIL,
	  .what = "the pool has failed: all I/O to it and its thin devices fails",
	  .mend = "remove its thin devices and it, run thin_check, and if need be "
		  "thin_repair, on its metadata device, and create it again" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_THIN_POOL_ERROR,
	  .what = "the pool's metadata cannot be read",
	  .mend = "remove its thin devices and it, run thin_check, and if need be "
		  "thin_repair, on its metadata device, and create it again" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_THIN_POOL_OUT_OF_DATA_SPACE,
	  .what = "no data block is free: writes that need one wait, or fail",
	  .mend = "make its data device longer, and give it a table of that length: "
		  "dmkit replace @ ..." },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_THIN_POOL_RO,
	  .what = "the pool is read-only: its table says so, its metadata are full, or "
		  "could not be written",
	  .mend = "dmkit table @; unless that says read_only: make its metadata device "
		  "longer if it is full, check it with thin_check, and create the pool "
		  "again" },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble metadata_trouble[] = {
	{ .when = DMK_TROUBLE_FULL,
	  .note = true,
	  .other = METADATA_LOW_WATER,
	  .value = 90,
	  .what = "the metadata device is nearly full",
	  .mend = "make it longer, and load the same table again: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble check_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = 1,
	  .what = "the metadata must be checked before they are written again",
	  .mend = "remove its thin devices and it, run thin_check "
		  "--clear-needs-check-flag on its metadata device, and create it again" },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_thin_pool_status

/* The mode comes first, being all that there is in some; the kernel puts it behind the root. */
static const struct dmk_row status_rows[] = {
	{ DMK_ROW("mode", CHOICE, "what the pool can do; fail and error: nothing else is known"),
	  DMK_FIELD(mode), .choices = modes, .trouble = mode_trouble },
	{ DMK_SAID("transaction-id", NUMBER, DMK_THIN_POOL_STATUS_NUMBERS,
		   "as set-transaction-id left it"),
	  DMK_FIELD(transaction_id), .flags = DMK_ROW_WIDE },
	{ DMK_SAID("metadata", RATIO, DMK_THIN_POOL_STATUS_NUMBERS, "metadata blocks, 4 KiB each"),
	  DMK_FIELD(metadata), .trouble = metadata_trouble },
	{ DMK_SAID("data", RATIO, DMK_THIN_POOL_STATUS_NUMBERS, "data blocks"), DMK_FIELD(data) },
	{ DMK_SAID("held-root", NUMBER, DMK_THIN_POOL_STATUS_HELD_ROOT,
		   "the metadata block with the reserved snapshot's root"),
	  DMK_FIELD(held_root_block), .flags = DMK_ROW_WIDE },
	{ DMK_SAID("discard", CHOICE, DMK_THIN_POOL_STATUS_NUMBERS, "what becomes of discards"),
	  DMK_FIELD(discard), .choices = discards },
	{ DMK_SAID("no-space", CHOICE, DMK_THIN_POOL_STATUS_NUMBERS,
		   "what becomes of writes when there is no space"),
	  DMK_FIELD(no_space), .choices = no_space_actions },
	{ DMK_SAID("needs-check", CHOICE, DMK_THIN_POOL_STATUS_NUMBERS,
		   "the metadata must be checked before they are written"),
	  DMK_FIELD(needs_check), .choices = checks, .trouble = check_trouble },
	{ DMK_SAID("metadata-low-water", BLOCKS, DMK_THIN_POOL_STATUS_METADATA_LOW_WATER,
		   "an event comes when fewer metadata blocks are free"),
	  DMK_FIELD(metadata_low_water_blocks) },
};

static int parse_status(struct dmk_words *words, void *value);
static void format_status(const void *value, struct dmk_text *out);

static const struct dmk_form status_form = {
	.syntax = "TRANSACTION-ID METADATA-USED/TOTAL DATA-USED/TOTAL HELD-ROOT|- MODE DISCARD "
		  "NO-SPACE NEEDS-CHECK|- METADATA-LOW-WATER, or Fail, or Error",
	DMK_ROWS(status_rows, struct dmk_thin_pool_status),
	DMK_OPTIONS(struct dmk_thin_pool_status),
	.parse = parse_status,
	.format = format_status,
};

static int parse_held_root(struct dmk_words *words, struct dmk_thin_pool_status *status)
{
	if (dmk_words_skip(words, "-"))
		return 0;
	status->options |= DMK_THIN_POOL_STATUS_HELD_ROOT;
	return dmk_rows_read_some(&status_form, HELD_ROOT, 1, words, status);
}

/* needs_check and the low water mark came one after the other: old kernels end before them. */
static int parse_end(struct dmk_words *words, struct dmk_thin_pool_status *status)
{
	int r = 0;

	if (dmk_words_left(words))
		r = dmk_rows_read_some(&status_form, NEEDS_CHECK, 1, words, status);
	if (r < 0 || dmk_words_left(words) == 0)
		return r;
	status->options |= DMK_THIN_POOL_STATUS_METADATA_LOW_WATER;
	return dmk_rows_read_some(&status_form, METADATA_LOW_WATER, 1, words, status);
}

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_thin_pool_status *status = value;
	int r;

	if (dmk_words_next_is(words, "Fail") || dmk_words_next_is(words, "Error"))
		return dmk_rows_read_some(&status_form, MODE, 1, words, status);
	status->options |= DMK_THIN_POOL_STATUS_NUMBERS;
	r = dmk_rows_read_some(&status_form, TRANSACTION_ID, 3, words, status);
	if (r == 0)
		r = parse_held_root(words, status);
	if (r == 0)
		r = dmk_rows_read_some(&status_form, MODE, 1, words, status);
	if (r == 0)
		r = dmk_rows_read_some(&status_form, DISCARD, 2, words, status);
	return r < 0 ? r : parse_end(words, status);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_thin_pool_status *status = value;

	if (!(status->options & DMK_THIN_POOL_STATUS_NUMBERS)) {
		dmk_rows_print_some(&status_form, MODE, 1, status, out);
		return;
	}
	dmk_rows_print_some(&status_form, TRANSACTION_ID, 3, status, out);
	if (status->options & DMK_THIN_POOL_STATUS_HELD_ROOT)
		dmk_rows_print_some(&status_form, HELD_ROOT, 1, status, out);
	else
		dmk_text_add(out, " -");
	dmk_rows_print_some(&status_form, MODE, 1, status, out);
	dmk_rows_print_some(&status_form, DISCARD, 3, status, out);
	if (status->options & DMK_THIN_POOL_STATUS_METADATA_LOW_WATER)
		dmk_rows_print_some(&status_form, METADATA_LOW_WATER, 1, status, out);
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_thin_pool_message

static const struct dmk_row id_rows[] = {
	{ DMK_REQUIRED("id", NUMBER, "of the thin device, up to 16777215"), DMK_FIELD(id),
	  .max = MAX_ID },
};
static const struct dmk_row snap_rows[] = {
	{ DMK_REQUIRED("id", NUMBER, "of the new thin device, up to 16777215"), DMK_FIELD(id),
	  .max = MAX_ID },
	{ DMK_REQUIRED("origin", NUMBER,
		       "the thin device whose data it gets; suspend it first if it runs"),
	  DMK_FIELD(origin), .max = MAX_ID },
};
static const struct dmk_row transaction_rows[] = {
	{ DMK_REQUIRED("from", NUMBER, "the id as it is now: another one is refused"),
	  DMK_FIELD(from), .flags = DMK_ROW_WIDE },
	{ DMK_REQUIRED("to", NUMBER, "the new id"), DMK_FIELD(to), .flags = DMK_ROW_WIDE },
};

static int validate_message(const void *value, struct dmk_error *err)
{
	const struct dmk_thin_pool_message *message = value;

	return message->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

static int validate_snap(const void *value, struct dmk_error *err)
{
	const struct dmk_thin_pool_message *message = value;

	if (message->id == message->origin)
		return dmk_refuse(err, "id", "must be another one than origin's, which is taken");
	return validate_message(value, err);
}

/* In the order of enum dmk_thin_pool_message_kind. */
static const struct dmk_message messages[] = {
	{ DMK_MESSAGE_WITH("create-thin", "create_thin", "ID", id_rows,
			   "make a thin device, empty"),
	  .form.validate = validate_message },
	{ DMK_MESSAGE_WITH("create-snap", "create_snap", "ID ORIGIN", snap_rows,
			   "make a thin device with another one's data"),
	  .form.validate = validate_snap },
	{ DMK_MESSAGE_WITH("delete", "delete", "ID", id_rows,
			   "delete a thin device and its data, for good"),
	  .form.validate = validate_message },
	{ DMK_MESSAGE_WITH("set-transaction-id", "set_transaction_id", "FROM TO", transaction_rows,
			   "change the pool's transaction id"),
	  .form.validate = validate_message },
	{ DMK_MESSAGE("reserve-metadata-snap", "reserve_metadata_snap",
		      "keep a copy of the map for others to read"),
	  .info.since = "1.1", .form.validate = validate_message },
	{ DMK_MESSAGE("release-metadata-snap", "release_metadata_snap", "drop that copy"),
	  .info.since = "1.1", .form.validate = validate_message },
};

const struct dmk_target dmk_target_thin_pool = {
	.info = { .type = "thin-pool",
		  .summary = "blocks that thin devices share",
		  .example = "thin-pool metadata=/dev/vdb data=/dev/vdc block-size=64KiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_ALONE | DMK_TARGET_IMMUTABLE,
	.table = {
		.syntax = "METADATA DATA BLOCK-SIZE LOW-WATER-MARK [COUNT FEATURE...]",
		DMK_ROWS(rows, struct dmk_thin_pool),
		DMK_OPTIONS(struct dmk_thin_pool),
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
};

/* The kernel shows the count always, 0 too. */
static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_thin_pool *pool = value;

	dmk_rows_print(&dmk_target_thin_pool.table, pool, out);
	dmk_rows_print_options(&dmk_target_thin_pool.table, pool, out);
	if (!pool->options)
		dmk_text_add(out, " 0");
}
