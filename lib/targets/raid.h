/* SPDX-License-Identifier: MIT */
/* What the files of raid share. */
#ifndef DMK_TARGETS_RAID_H
#define DMK_TARGETS_RAID_H

#include "rows/target.h"

/* md's own limit. */
#define DMK_RAID_MAX_DEVICES 253
/* The kernel reads its numbers as int. */
#define DMK_RAID_MAX_NUMBER INT32_MAX
#define DMK_RAID_TYPES                                                             \
	"raid0|raid1|raid4|raid5_n|raid5_ls|raid5_rs|raid5_la|raid5_ra|raid6_zr|"  \
	"raid6_nr|raid6_nc|raid6_n_6|raid6_ls_6|raid6_rs_6|raid6_la_6|raid6_ra_6|" \
	"raid10|raid10_near|raid10_offset|raid10_far"

extern const struct dmk_target dmk_target_raid;
extern const struct dmk_choice dmk_raid_types[];
extern const struct dmk_form dmk_raid_status_form;
extern const struct dmk_message dmk_raid_messages[];
#define DMK_RAID_N_MESSAGES 6

/* raid-check.c: what the rows cannot say. */
int dmk_raid_validate(const struct dmk_form *form, const void *value,
		      struct dmk_error *err) DMK_MUST_CHECK;
int dmk_raid_check(const void *value, uint64_t length_sectors,
		   struct dmk_error *err) DMK_MUST_CHECK;
uint64_t dmk_raid_length_of_rest(const void *value, uint64_t rest_sectors);

#endif
