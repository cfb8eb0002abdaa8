/* SPDX-License-Identifier: MIT */
/* Where each digest of a hash tree stands. */
#ifndef DMK_IMAGE_TREE_H
#define DMK_IMAGE_TREE_H

#include "dmkit-image.h"
#include "base/util.h"

/* Level 0 has the digests of data, the last one is one block. They lie in the file from the last one
 * down to 0. No level: data is one block. */
struct dmk_tree {
	uint32_t levels;
	uint32_t per_block;    /* digests in a block of the tree, a power of 2 */
	uint32_t slot_bytes;   /* from one digest to the next in a block */
	uint64_t n_blocks;     /* of all levels */
	uint64_t offset_bytes; /* of the tree in its file */
	uint64_t first
		[DMK_IMAGE_MAX_LEVELS]; /* of each level, from the tree's begin on, in blocks */
	uint64_t blocks[DMK_IMAGE_MAX_LEVELS];
};

/* Fills what of info follows: levels, tree_*, hash_start_block. -EOVERFLOW, -EINVAL. */
int dmk_tree_plan(struct dmk_image_info *info, struct dmk_tree *ret_tree,
		  struct dmk_error *err) DMK_MUST_CHECK;

#endif
