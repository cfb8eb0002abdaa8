/* SPDX-License-Identifier: MIT */
#ifndef DMK_TRIAL_H
#define DMK_TRIAL_H

#include "kernel/context.h"

/*
 * Reads the first block of each segment whose target knows what that tells (verity) and asks for
 * the device's status: -EIO where the table does not fit what is on the disks, -ETIMEDOUT or
 * -ECANCELED where the read did not end. 0: it fits, or nothing is certain.
 */
int dmk_try_device(struct dmk *dm, const struct dmk_info *info, struct dmk_table *table,
		   const struct dmk_limit *limit) DMK_MUST_CHECK;

#endif
