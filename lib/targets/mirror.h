/* SPDX-License-Identifier: MIT */
/* What the files of mirror share. */
#ifndef DMK_TARGETS_MIRROR_H
#define DMK_TARGETS_MIRROR_H

#include "rows/target.h"

extern const struct dmk_target dmk_target_mirror;
extern const struct dmk_form dmk_mirror_status_form;

#endif
