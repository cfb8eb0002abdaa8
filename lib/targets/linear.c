/* SPDX-License-Identifier: MIT */
/* linear: one range of one device. */
#include "rows/target.h"

#define DMK_ROWS_OF struct dmk_linear

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("device", DEVICE, "the device below"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	/* Linux reads beyond 2^64 with a wrap (6.1 takes 2^64 as 0): here it is refused. */
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the segment begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
};

const struct dmk_target dmk_target_linear = {
	.info = { .type = "linear",
		  .summary = "a range of one device",
		  .example = "linear device=/dev/vdb offset=1MiB size=512MiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE OFFSET",
		DMK_ROWS(rows, struct dmk_linear),
	},
};
