/* SPDX-License-Identifier: MIT */
/* Bad blocks out of the parity. */
#ifndef DMK_IMAGE_MEND_H
#define DMK_IMAGE_MEND_H

#include "fec.h"
#include "scan.h"

/* Decodes each bad block of the scan, from the root of the tree down, and proves it by its digest;
 * with write puts it in its place and syncs. *scan becomes what is so: `mendable` of each range,
 * data that was unproved is bad, or good and gone from it, where its block of the tree was mended. */
int dmk_mend_image(const struct dmk_image *image, struct dmk_fec *fec, const uint8_t *digest,
		   struct dmk_scan *scan, bool write, struct dmk_error *err) DMK_MUST_CHECK;

#endif
