/* SPDX-License-Identifier: MIT */
/* dust: reads of the blocks that were told to be bad fail. */
#include "rows/target.h"

#include <inttypes.h>
#include <string.h>

#define DMK_ROWS_OF struct dmk_dust

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("device", DEVICE, "the device below"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the segment begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_REQUIRED("blksz", BYTES, "the size of a block that goes bad as a whole"),
	  DMK_FIELD(block_size_bytes), .min = 512, .max = 1 << 30, .flags = DMK_ROW_POWER_OF_TWO },
};

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_dust *dust = value;

	return dust->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_dust *dust = value;

	if (dust->block_size_bytes / 512 <= length_sectors)
		return 0;
	return dmk_refuse(err, "blksz",
			  "%" PRIu32 " bytes are more than the segment's %" PRIu64 " sectors",
			  dust->block_size_bytes, length_sectors);
}

static const struct dmk_choice states[] = {
	{ "bypass", "bypass", DMK_DUST_BYPASS },
	{ "fail_read_on_bad_block", "fail-read-on-bad-block", DMK_DUST_FAIL_READ_ON_BAD_BLOCK },
	DMK_ALLOWED("bypass|fail-read-on-bad-block"),
};

static const struct dmk_choice logs[] = {
	{ "verbose", "verbose", 0 },
	{ "quiet", "quiet", 1 },
	DMK_ALLOWED("verbose|quiet"),
};

static const struct dmk_trouble state_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .note = true,
	  .value = DMK_DUST_FAIL_READ_ON_BAD_BLOCK,
	  .what = "reads of its bad blocks fail, as it was told",
	  .mend = "dmkit message @ disable" },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_dust_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("device", DEVICE, "the device below"), DMK_FIELD(device) },
	{ DMK_ROW("state", CHOICE, "bypass: bad blocks are as good as others"), DMK_FIELD(state),
	  .choices = states, .trouble = state_trouble },
	{ DMK_ROW("log", CHOICE, "whether blocks that come and go are logged"), DMK_FIELD(quiet),
	  .choices = logs },
};

static const struct dmk_form status_form = {
	.syntax = "DEVICE STATE LOG",
	DMK_ROWS(status_rows, struct dmk_dust_status),
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_dust_message

/* The kernel counts from the device's first sector on, and takes one block more than there is
 * (6.1). */
#define BLOCK_ROW                                                                          \
	{                                                                                  \
		DMK_REQUIRED("block", NUMBER,                                              \
			     "in blocks from the device's first sector, not from offset"), \
			DMK_FIELD(block), .flags = DMK_ROW_WIDE                            \
	}

static const struct dmk_row block_rows[] = { BLOCK_ROW };

static const struct dmk_row add_rows[] = {
	BLOCK_ROW,
	{ DMK_DEFAULT("write-fail-count", NUMBER, "0",
		      DMK_SINCE_LINUX(5, 5, "so many writes fail before one heals it")),
	  DMK_FIELD(write_fail_count), .max = 255 },
};

/* Kernels before 5.5 take no count. */
static void format_add(const void *value, struct dmk_text *out)
{
	const struct dmk_dust_message *message = value;

	dmk_text_add(out, "%" PRIu64, message->block);
	if (message->write_fail_count)
		dmk_text_add(out, " %" PRIu32, message->write_fail_count);
}

/* Number `enum dmk_dust_message_kind` less 1. */
static const struct dmk_message messages[] = {
	{ DMK_MESSAGE_WITH("addbadblock", "addbadblock", "BLOCK [WRITE-FAIL-COUNT]", add_rows,
			   "make a block bad"),
	  .form.format = format_add },
	{ DMK_MESSAGE_WITH("removebadblock", "removebadblock", "BLOCK", block_rows,
			   "make a block good") },
	{ DMK_MESSAGE_WITH("queryblock", "queryblock", "BLOCK", block_rows,
			   "say whether a block is bad") },
	{ DMK_MESSAGE("countbadblocks", "countbadblocks", "say how many blocks are bad") },
	{ DMK_MESSAGE("clearbadblocks", "clearbadblocks", "make all blocks good") },
	{ DMK_MESSAGE("listbadblocks", "listbadblocks", "say which blocks are bad (Linux 5.9)") },
	{ DMK_MESSAGE("enable", "enable", "let reads of bad blocks fail from now on") },
	{ DMK_MESSAGE("disable", "disable", "let reads of bad blocks succeed from now on") },
	{ DMK_MESSAGE("quiet", "quiet", "log blocks that come and go no more, or again") },
};

const struct dmk_target dmk_target_dust = {
	.info = { .type = "dust",
		  .summary = "a device whose blocks go bad when they are told to",
		  .example = "dust device=/dev/vdb blksz=4096",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE OFFSET BLKSZ",
		DMK_ROWS(rows, struct dmk_dust),
		.validate = validate,
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
	.check = check,
};
