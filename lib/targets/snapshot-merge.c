/* SPDX-License-Identifier: MIT */
/* snapshot-merge: puts what a snapshot holds back into its origin. */
#include "snapshot.h"

/* A transient store is refused here: kernels that do not refuse it themselves (Linux 6.1.176) go
 * down with it, at the resume, through a pointer that is NULL. */
static const struct dmk_choice stores[] = {
	{ "P", "P", DMK_SNAPSHOT_PERSISTENT },
	{ "PO", "PO", DMK_SNAPSHOT_PERSISTENT_OVERFLOW, .release = DMK_LINUX(4, 4) },
	DMK_ALLOWED("P|PO"),
};

static const struct dmk_row rows[] = DMK_SNAPSHOT_ROWS(
	stores, "as of the snapshot: P, or PO where a full store is told as Overflow", DMK_V(1, 5));

const struct dmk_target dmk_target_snapshot_merge = {
	.info = { .type = "snapshot-merge",
		  .summary = "puts what a snapshot holds back into its origin",
		  .example = "snapshot-merge origin=/dev/vdb cow=/dev/vdc",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_DISTINCT,
	.table = {
		.syntax = DMK_SNAPSHOT_SYNTAX,
		DMK_ROWS(rows, struct dmk_snapshot),
		DMK_OPTIONS(struct dmk_snapshot),
		.validate = dmk_snapshot_validate,
	},
	.status = &dmk_snapshot_status_form,
};
