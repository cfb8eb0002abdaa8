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

#define DMK_ROWS_OF struct teapot

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("device", DEVICE, "what the tea is in"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE },
	{ DMK_DEFAULT("spout", SECTORS, "0", "where it comes out"), DMK_FIELD(spout_sectors),
	  .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_ROW("cups", NUMBER, "for how many"), DMK_WORD("cups", 1), DMK_FIELD(cups),
	  .since = DMK_V(1, 2), .min = 1, .max = 12 },
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_no_value

static const struct dmk_message messages[] = {
	{ DMK_MESSAGE("pour", "pour", "tip it over") },
};

const struct dmk_target dmk_target_teapot = {
	.info = { .type = "teapot",
		  .summary = "short and stout",
		  .example = "teapot device=/dev/vdb cups=4",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE SPOUT [COUNT OPTION...]",
		DMK_ROWS(rows, struct teapot),
		DMK_OPTIONS(struct teapot),
	},
	DMK_MESSAGES(messages),
};
