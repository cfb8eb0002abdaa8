/* SPDX-License-Identifier: MIT */
/* linear: one range of one device. */
#include "rows/target.h"

static const struct dmk_row rows[] = {
	{
		.name = "device",
		.kind = DMK_KEY_DEVICE,
		.key_flags = DMK_KEY_REQUIRED,
		.help = "the device below",
		.offset = offsetof(struct dmk_linear, device),
		.flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA,
	},
	{
		/* Linux reads beyond 2^64 with a wrap (6.1 takes 2^64 as 0): here it is refused. */
		DMK_NAME_DEFAULT("offset", "0"),
		.kind = DMK_KEY_SECTORS,
		.help = "where on the device the segment begins",
		.offset = offsetof(struct dmk_linear, offset_sectors),
		.flags = DMK_ROW_SIZE_OFFSET,
	},
};

const struct dmk_target dmk_target_linear = {
	.info = { .type = "linear",
		  .summary = "a range of one device",
		  .example = "linear device=/dev/vdb offset=1MiB size=512MiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "DEVICE OFFSET",
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_linear),
	},
};
