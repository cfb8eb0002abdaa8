/* SPDX-License-Identifier: MIT */
/* The hash tree over data, in one pass over it, in memory that does not grow with it. */
#ifndef DMK_IMAGE_TREE_BUILD_H
#define DMK_IMAGE_TREE_BUILD_H

#include "look/look.h"

/* Reads all of image->data, writes the tree to image->hash; root: of digest_size_bytes. err is not
 * NULL. */
int dmk_tree_build(const struct dmk_image *image, uint8_t *root,
		   struct dmk_error *err) DMK_MUST_CHECK;

#endif
