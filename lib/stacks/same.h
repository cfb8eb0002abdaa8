/* SPDX-License-Identifier: MIT */
/* Two tables by what they mean. */
#ifndef DMK_STACK_SAME_H
#define DMK_STACK_SAME_H

#include "dmkit.h"

/*
 * The live table and the one that is wanted, whose devices are all MAJOR:MINOR where they can be
 * told. Of a target that is known its keys are compared: the order of options, defaults, the case
 * of hex digits are no difference, nor what the kernel says of itself where nothing was given. Of
 * another one its words. 1: they mean the same; 0; -ENOMEM.
 */
int dmk_is_same_table(struct dmk_segments *live, struct dmk_table *wanted);

#endif
