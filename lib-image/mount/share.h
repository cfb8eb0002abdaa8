/* SPDX-License-Identifier: MIT */
/* One mapping under several mounts of the same image. */
#ifndef DMK_IMAGE_SHARE_H
#define DMK_IMAGE_SHARE_H

#include "below.h"

/* Holds the mapping of that name, if it is one of the same image by the same words: mapping's table
 * is compared, all but its devices. -ENXIO: there is none of that name; -EEXIST: another one has it;
 * -EAGAIN: it is just being made, or goes away. */
int dmk_share_find(struct dmk_layer *ret_layer, const struct dmk_mapping *mapping, const char *name,
		   struct dmk_error *err) DMK_MUST_CHECK;

#endif
