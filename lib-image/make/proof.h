/* SPDX-License-Identifier: MIT */
/* What verify and repair begin and end with. */
#ifndef DMK_IMAGE_PROOF_H
#define DMK_IMAGE_PROOF_H

#include "look/look.h"

/* The options', in bytes, of the size that the image's algorithm has. err is not NULL. */
int dmk_root_digest(const struct dmk_image *image, uint8_t *ret_digest,
		    struct dmk_error *err) DMK_MUST_CHECK;
/* -EBUSY: the files that were read are not what they were when they were opened. */
int dmk_image_unchanged(const struct dmk_image *image, struct dmk_error *err) DMK_MUST_CHECK;

#endif
