/* SPDX-License-Identifier: MIT */
/* Salted digests of many blocks of one size. One hasher for each thread. */
#ifndef DMK_IMAGE_HASHER_H
#define DMK_IMAGE_HASHER_H

#include "dmkit-image.h"
#include "base/util.h"

struct dmk_hasher;

int dmk_hasher_new(struct dmk_hasher **ret_hasher, const struct dmk_image_info *info,
		   uint32_t block_size_bytes, uint32_t n_blocks,
		   struct dmk_error *err) DMK_MUST_CHECK;
void dmk_hasher_free(struct dmk_hasher *hasher);

/* Where the caller puts block i, less than n_blocks, before dmk_hasher_run(). */
uint8_t *dmk_hasher_block(struct dmk_hasher *hasher, uint32_t i);
/* Digests of the first n blocks, each slot_bytes behind the one before; between them nothing is
 * written. */
int dmk_hasher_run(struct dmk_hasher *hasher, uint32_t n, uint8_t *digests, uint32_t slot_bytes,
		   struct dmk_error *err) DMK_MUST_CHECK;

#endif
