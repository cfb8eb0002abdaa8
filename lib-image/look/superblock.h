/* SPDX-License-Identifier: MIT */
/* The 512 bytes in front of a hash tree. Not trusted: every number is checked. */
#ifndef DMK_IMAGE_SUPERBLOCK_H
#define DMK_IMAGE_SUPERBLOCK_H

#include "dmkit-image.h"
#include "base/util.h"

#define DMK_SUPERBLOCK_BYTES 512

/* Sets info's version, block sizes, data_blocks, algorithm, digest size, salt, uuid. */
int dmk_superblock_read(const uint8_t bytes[DMK_SUPERBLOCK_BYTES], struct dmk_image_info *info,
			struct dmk_error *err) DMK_MUST_CHECK;
void dmk_superblock_write(const struct dmk_image_info *info, uint8_t bytes[DMK_SUPERBLOCK_BYTES]);

bool dmk_block_size_fits(uint32_t size_bytes);

#endif
