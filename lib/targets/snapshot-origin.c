/* SPDX-License-Identifier: MIT */
/* snapshot-origin: a device with snapshots; what is overwritten here is copied to them first. */
#include "rows/target.h"

static const struct dmk_row rows[] = {
	{
		.name = "origin",
		.kind = DMK_KEY_DEVICE,
		.key_flags = DMK_KEY_REQUIRED,
		.help = "the device below, of which there are snapshots",
		.offset = offsetof(struct dmk_snapshot_origin, origin_device),
		.flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA,
	},
};

const struct dmk_target dmk_target_snapshot_origin = {
	.info = { .type = "snapshot-origin",
		  .summary = "a device with snapshots: what is overwritten is copied to them first",
		  .example = "snapshot-origin origin=/dev/vdb",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "ORIGIN",
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_snapshot_origin),
	},
};
