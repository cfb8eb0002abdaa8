/* SPDX-License-Identifier: MIT */
/* Where the tree of a new image goes. */
#ifndef DMK_IMAGE_PLACE_H
#define DMK_IMAGE_PLACE_H

#include "look/look.h"

/* Counts the data, plans the tree and puts it behind them where its file is theirs and nothing else
 * is said, but over nothing that may be data: -EEXIST. Of an image whose files are open and whose
 * info is what the options say. */
int dmk_place(struct dmk_image *image, struct dmk_error *err) DMK_MUST_CHECK;
/* The end of superblock and tree in their file. */
uint64_t dmk_place_end(const struct dmk_image_info *info);

#endif
