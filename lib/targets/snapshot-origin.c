/* SPDX-License-Identifier: MIT */
/* snapshot-origin: a device with snapshots; what is overwritten here is copied to them first. */
#include "rows/target.h"

#define DMK_ROWS_OF struct dmk_snapshot_origin

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("origin", DEVICE, "the device below, of which there are snapshots"),
	  DMK_FIELD(origin_device), .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
};

const struct dmk_target dmk_target_snapshot_origin = {
	.info = { .type = "snapshot-origin",
		  .summary = "a device with snapshots: what is overwritten is copied to them first",
		  .example = "snapshot-origin origin=/dev/vdb",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "ORIGIN",
		DMK_ROWS(rows, struct dmk_snapshot_origin),
	},
};
