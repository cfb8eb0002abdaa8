/* SPDX-License-Identifier: MIT */
/* What snapshot and snapshot-merge share: one constructor and one status in the kernel. */
#ifndef DMK_TARGETS_SNAPSHOT_H
#define DMK_TARGETS_SNAPSHOT_H

#include "rows/target.h"

/* The rows of one of the two, which differ in the stores that they can have. The kernel reads a
 * store's first letters alone, in either case; a chunksize of 0 is what a table shows that was
 * loaded while the device has a live one; discards are of Linux 5.3. */
#define DMK_ROWS_OF struct dmk_snapshot
#define DMK_SNAPSHOT_ROWS(store_choices, store_help, discard_since)                                \
	{                                                                                          \
		{ DMK_REQUIRED("origin", DEVICE, "the device of which it is a snapshot"),          \
		  DMK_FIELD(origin_device), .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },         \
			{ DMK_REQUIRED("cow", DEVICE,                                              \
				       "the device that keeps what changes; zero its first 4 KiB " \
				       "for a new store"),                                         \
			  DMK_FIELD(cow_device) },                                                 \
			{ DMK_DEFAULT("persistent", CHOICE, "P", store_help), DMK_FIELD(store),    \
			  .choices = (store_choices), .flags = DMK_ROW_ANY_CASE },                 \
			{ DMK_DEFAULT("chunksize", SECTORS, "4KiB",                                \
				      "how much is copied at a time, a power of two; 0: as the "   \
				      "store on cow says"),                                        \
			  DMK_FIELD(chunk_sectors), .max = 2097152, .flags = DMK_ROW_ZERO_APART }, \
			{ DMK_ROW("discard-zeroes-cow", FLAG,                                      \
				  "a discard of whole chunks zeroes them in the store"),           \
			  DMK_WORD("discard_zeroes_cow", DMK_SNAPSHOT_DISCARD_ZEROES_COW),         \
			  .since = (discard_since) },                                              \
			{ DMK_ROW("discard-passdown-origin", FLAG,                                 \
				  "a discard goes to the origin's device too; needs "              \
				  "discard-zeroes-cow"),                                           \
			  DMK_WORD("discard_passdown_origin",                                      \
				   DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN),                          \
			  .since = (discard_since) },                                              \
	}

#define DMK_SNAPSHOT_SYNTAX "ORIGIN COW PERSISTENT CHUNKSIZE [COUNT OPTION...]"

int dmk_snapshot_validate(const void *value, struct dmk_error *err) DMK_MUST_CHECK;
extern const struct dmk_form dmk_snapshot_status_form;

#endif
