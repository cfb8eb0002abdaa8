/* SPDX-License-Identifier: MIT */
/* File systems that say their own size: ext2, ext3, ext4, squashfs, erofs. */
#ifndef DMK_IMAGE_FILE_SYSTEM_H
#define DMK_IMAGE_FILE_SYSTEM_H

#include "file.h"

#define DMK_FILE_SYSTEM_TYPE_SIZE 16

/* 1, and type and size; 0: none of these, or not a sound one. offset: where it begins in file. */
int dmk_file_system_find(const struct dmk_file *file, uint64_t offset_bytes,
			 char type[DMK_FILE_SYSTEM_TYPE_SIZE], uint64_t *ret_size_bytes);

#endif
