/* SPDX-License-Identifier: MIT */
/* Types of file systems that libblkid knows and we do not. */
#ifndef DMK_IMAGE_BLKID_H
#define DMK_IMAGE_BLKID_H

#include "base/util.h"

/* false: it is not there, not built in, or finds none. */
bool dmk_blkid_find(int fd, char *type, size_t size);

#endif
