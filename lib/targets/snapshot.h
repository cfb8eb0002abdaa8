/* SPDX-License-Identifier: MIT */
/* What snapshot and snapshot-merge share: one constructor and one status in the kernel. */
#ifndef DMK_TARGETS_SNAPSHOT_H
#define DMK_TARGETS_SNAPSHOT_H

#include "rows/target.h"

#define DMK_SNAPSHOT_FIELD(name) .offset = offsetof(struct dmk_snapshot, name)

/* The rows of one of the two, which differ in the stores that they can have. */
/* clang-format off */
#define DMK_SNAPSHOT_ROWS(store_choices, store_help, discard_since)                               \
	{                                                                                         \
		{ .name = "origin", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,        \
		  .help = "the device of which it is a snapshot",                                 \
		  DMK_SNAPSHOT_FIELD(origin_device), .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA }, \
		{ .name = "cow", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,           \
		  .help = "the device that keeps what changes; zero its first 4 KiB "             \
			  "for a new store",                                                      \
		  DMK_SNAPSHOT_FIELD(cow_device) },                                               \
		/* The kernel reads the first letters alone, in either case. */                   \
		{ DMK_NAME_DEFAULT("persistent", "P"), .kind = DMK_KEY_CHOICE,                                   \
		  .help = store_help,                                              \
		  DMK_SNAPSHOT_FIELD(store), .choices = (store_choices),                          \
		  .flags = DMK_ROW_ANY_CASE },                                                    \
		/* 0 is what a table shows that was loaded while the device has a live one. */    \
		{ DMK_NAME_DEFAULT("chunksize", "4KiB"), .kind = DMK_KEY_SECTORS,                                   \
		  .help = "how much is copied at a time, a power of two; 0: as the " \
			  "store on cow says",                                                   \
		  DMK_SNAPSHOT_FIELD(chunk_sectors), .max = 2097152, .flags = DMK_ROW_ZERO_APART },                             \
		/* Linux 5.3 */                                                                   \
		{ .name = "discard-zeroes-cow", .kind = DMK_KEY_FLAG,                             \
		  .since = (discard_since),                                                       \
		  .help = "a discard of whole chunks zeroes them in the store",                   \
		  .word = "discard_zeroes_cow", .option = DMK_SNAPSHOT_DISCARD_ZEROES_COW },      \
		{ .name = "discard-passdown-origin", .kind = DMK_KEY_FLAG,                        \
		  .since = (discard_since),                                                       \
		  .help = "a discard goes to the origin's device too; needs "                     \
			  "discard-zeroes-cow",                                                   \
		  .word = "discard_passdown_origin",                                              \
		  .option = DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN },                               \
	}
/* clang-format on */

#define DMK_SNAPSHOT_SYNTAX "ORIGIN COW PERSISTENT CHUNKSIZE [COUNT OPTION...]"

int dmk_snapshot_validate(const void *value, struct dmk_error *err) DMK_MUST_CHECK;
extern const struct dmk_form dmk_snapshot_status_form;

#endif
