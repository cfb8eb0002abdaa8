/* SPDX-License-Identifier: MIT */
/* Forward error correction: RS(255, 255 - roots) over bytes that lie far from each other, as
 * dm-verity has it. */
#ifndef DMK_IMAGE_FEC_H
#define DMK_IMAGE_FEC_H

#include "look/parity.h"

/* In a file of its own or appended. */
static inline bool dmk_fec_wanted(const struct dmk_image_options *options)
{
	return options->fec || (options->flags & DMK_IMAGE_FEC_APPENDED);
}

/* As dmk_parity_open(); -EOPNOTSUPP: this build cannot compute parity. */
int dmk_fec_open(struct dmk_fec *ret_fec, const struct dmk_image *image, enum dmk_file_mode mode,
		 struct dmk_error *err) DMK_MUST_CHECK;
void dmk_fec_close(struct dmk_fec *fec);
/* Writes the parity of an image whose data and tree are complete; progress and cancel are the
 * image's options'. Does not sync. */
int dmk_fec_encode(struct dmk_fec *fec, const struct dmk_image *image,
		   struct dmk_error *err) DMK_MUST_CHECK;

/* size bytes of what is covered, counted from the begin of data on; zeros beyond its end, and beyond
 * the end of a file that parity will make longer. */
int dmk_fec_read_covered(const struct dmk_fec *fec, const struct dmk_image *image, void *bytes,
			 size_t size, uint64_t offset, struct dmk_error *err) DMK_MUST_CHECK;

#endif
