/* SPDX-License-Identifier: MIT */
/* verity's hashes, and the tree that they make. */
#ifndef DMK_VERITY_H
#define DMK_VERITY_H

#include "rows/target.h"

bool dmk_is_known_hash(const char *algorithm);
/* NULL: none is near. */
const char *dmk_nearest_hash(const char *algorithm);
/* By the algorithm; of one that is not known, what the root digest has. */
size_t dmk_digest_bytes(const struct dmk_verity *verity);
/* All levels, in hash blocks; 0 where the root digest is the one data block's own, or the numbers
 * are beyond the kernel's. */
uint64_t dmk_verity_tree_blocks(const struct dmk_verity *verity);

#endif
