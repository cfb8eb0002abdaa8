/* SPDX-License-Identifier: MIT */
/* Blocks between a file and a hasher's memory, without a copy. */
#ifndef DMK_IMAGE_BLOCKS_H
#define DMK_IMAGE_BLOCKS_H

#include "hash/hasher.h"
#include "look/file.h"

/* How many blocks of one size to hash at a time: enough for all lanes, few enough for the second
 * cache. */
uint32_t dmk_blocks_at_a_time(uint32_t block_size_bytes);

/* n of them, which lie one behind the other in a file and are the hasher's first ones. */
struct dmk_blocks {
	struct dmk_hasher *hasher;
	const struct dmk_file *file;
	uint64_t offset_bytes; /* in the file */
	uint32_t n;
	uint32_t block_bytes;
};

int dmk_blocks_read(const struct dmk_blocks *blocks, struct dmk_error *err) DMK_MUST_CHECK;
int dmk_blocks_write(const struct dmk_blocks *blocks, struct dmk_error *err) DMK_MUST_CHECK;
#endif
