/* SPDX-License-Identifier: MIT */
/* dust: reads of the blocks that were told to be bad fail. */
#include "rows/target.h"

#include <inttypes.h>
#include <string.h>

static const struct dmk_row rows[] = {
	{
		.name = "device",
		.kind = DMK_KEY_DEVICE,
		.key_flags = DMK_KEY_REQUIRED,
		.help = "the device below",
		.offset = offsetof(struct dmk_dust, device),
		.flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA,
	},
	{
		DMK_NAME_DEFAULT("offset", "0"),
		.kind = DMK_KEY_SECTORS,
		.help = "where on the device the segment begins",
		.offset = offsetof(struct dmk_dust, offset_sectors),
		.flags = DMK_ROW_SIZE_OFFSET,
	},
	{
		.name = "blksz",
		.kind = DMK_KEY_BYTES,
		.key_flags = DMK_KEY_REQUIRED,
		.help = "the size of a block that goes bad as a whole",
		.offset = offsetof(struct dmk_dust, block_size_bytes),
		.min = 512,
		.max = 1 << 30,
		.flags = DMK_ROW_POWER_OF_TWO,
	},
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

static const struct dmk_row status_rows[] = {
	{
		.name = "device",
		.kind = DMK_KEY_DEVICE,
		.help = "the device below",
		.offset = offsetof(struct dmk_dust_status, device),
	},
	{
		.name = "state",
		.kind = DMK_KEY_CHOICE,
		.help = "bypass: bad blocks are as good as others",
		.offset = offsetof(struct dmk_dust_status, state),
		.choices = states,
		.trouble = state_trouble,
	},
	{
		.name = "log",
		.kind = DMK_KEY_CHOICE,
		.help = "whether blocks that come and go are logged",
		.offset = offsetof(struct dmk_dust_status, quiet),
		.choices = logs,
	},
};

static const struct dmk_form status_form = {
	.syntax = "DEVICE STATE LOG",
	DMK_ROWS(status_rows),
	.value_size = sizeof(struct dmk_dust_status),
};

/* The kernel counts from the device's first sector on, and takes one block more than there is
 * (6.1). */
#define BLOCK_ROW                                                                          \
	{                                                                                  \
		.name = "block", .kind = DMK_KEY_NUMBER, .key_flags = DMK_KEY_REQUIRED,    \
		.help = "in blocks from the device's first sector, not from offset",       \
		.offset = offsetof(struct dmk_dust_message, block), .flags = DMK_ROW_WIDE, \
	}

static const struct dmk_row block_rows[] = { BLOCK_ROW };

static const struct dmk_row add_rows[] = {
	BLOCK_ROW,
	{
		DMK_NAME_DEFAULT("write-fail-count", "0"),
		.kind = DMK_KEY_NUMBER,
		.help = "so many writes fail before one heals it (Linux 5.5)",
		.offset = offsetof(struct dmk_dust_message, write_fail_count),
		.max = 255,
	},
};

/* Kernels before 5.5 take no count. */
static void format_add(const void *value, struct dmk_text *out)
{
	const struct dmk_dust_message *message = value;

	dmk_text_add(out, "%" PRIu64, message->block);
	if (message->write_fail_count)
		dmk_text_add(out, " %" PRIu32, message->write_fail_count);
}

#define FORM(text) .syntax = text, .value_size = sizeof(struct dmk_dust_message)

/* clang-format off */
/* Number `enum dmk_dust_message_kind` less 1. */
static const struct dmk_message messages[] = {
	{ .info = { .name = "addbadblock", .help = "make a block bad",
		    .n_keys = DMK_ARRAY_SIZE(add_rows) },
	  .word = "addbadblock",
	  .form = { FORM("BLOCK [WRITE-FAIL-COUNT]"), DMK_ROWS(add_rows), .format = format_add } },
	{ .info = { .name = "removebadblock", .help = "make a block good",
		    .n_keys = DMK_ARRAY_SIZE(block_rows) },
	  .word = "removebadblock", .form = { FORM("BLOCK"), DMK_ROWS(block_rows) } },
	{ .info = { .name = "queryblock", .help = "say whether a block is bad",
		    .n_keys = DMK_ARRAY_SIZE(block_rows) },
	  .word = "queryblock", .form = { FORM("BLOCK"), DMK_ROWS(block_rows) } },
	{ .info = { .name = "countbadblocks", .help = "say how many blocks are bad" },
	  .word = "countbadblocks", .form = { FORM("") } },
	{ .info = { .name = "clearbadblocks", .help = "make all blocks good" },
	  .word = "clearbadblocks", .form = { FORM("") } },
	{ .info = { .name = "listbadblocks", .help = "say which blocks are bad (Linux 5.9)" },
	  .word = "listbadblocks", .form = { FORM("") } },
	{ .info = { .name = "enable", .help = "let reads of bad blocks fail from now on" },
	  .word = "enable", .form = { FORM("") } },
	{ .info = { .name = "disable", .help = "let reads of bad blocks succeed from now on" },
	  .word = "disable", .form = { FORM("") } },
	{ .info = { .name = "quiet", .help = "log blocks that come and go no more, or again" },
	  .word = "quiet", .form = { FORM("") } },
};
/* clang-format on */

const struct dmk_target dmk_target_dust = {
	.info = { .type = "dust",
		  .summary = "a device whose blocks go bad when they are told to",
		  .example = "dust device=/dev/vdb blksz=4096",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE OFFSET BLKSZ",
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_dust),
		.validate = validate,
	},
	.status = &status_form,
	.messages = messages,
	.n_messages = DMK_ARRAY_SIZE(messages),
	.check = check,
};
