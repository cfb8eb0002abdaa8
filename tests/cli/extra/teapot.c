/* SPDX-License-Identifier: MIT */
/* A target that no kernel has: extra.sh adds it to a copy of the tree, to prove what a target
 * needs. */
#include "rows/target.h"

struct teapot {
	const char *device;
	uint64_t spout_sectors;
	uint64_t options;
	uint32_t cups;
	void *owned;
	uint64_t reserved[8];
};

static const struct dmk_row rows[] = {
	{ .name = "device",
	  .kind = DMK_KEY_DEVICE,
	  .key_flags = DMK_KEY_REQUIRED,
	  .help = "what the tea is in",
	  .offset = offsetof(struct teapot, device),
	  .flags = DMK_ROW_SIZE_DEVICE },
	{ DMK_NAME_DEFAULT("spout", "0"), .kind = DMK_KEY_SECTORS, .help = "where it comes out",
	  .offset = offsetof(struct teapot, spout_sectors), .flags = DMK_ROW_SIZE_OFFSET },
	{ .name = "cups",
	  .kind = DMK_KEY_NUMBER,
	  .since = DMK_V(1, 2),
	  .help = "for how many",
	  .offset = offsetof(struct teapot, cups),
	  .min = 1,
	  .max = 12,
	  .word = "cups",
	  .option = 1 },
};

static const struct dmk_message messages[] = {
	{
		.info = { .name = "pour", .help = "tip it over" },
		.word = "pour",
		.form = { .syntax = "", .value_size = sizeof(struct dmk_no_value) },
	},
};

const struct dmk_target dmk_target_teapot = {
	.info = { .type = "teapot",
		  .summary = "short and stout",
		  .example = "teapot device=/dev/vdb cups=4",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE SPOUT [COUNT OPTION...]",
		DMK_ROWS(rows),
		.value_size = sizeof(struct teapot),
		DMK_OPTIONS(struct teapot),
	},
	.messages = messages,
	.n_messages = DMK_ARRAY_SIZE(messages),
};
