/* SPDX-License-Identifier: MIT */
/* Forward error correction: RS(255, 255 - roots) over bytes that lie far from each other, as
 * dm-verity has it. */
#ifndef DMK_IMAGE_FEC_H
#define DMK_IMAGE_FEC_H

#include "look/look.h"

/* What parity covers, and where it lies. */
struct dmk_fec {
	struct dmk_file file;
	uint32_t roots;
	uint32_t block_bytes;
	uint64_t data_blocks;  /* covered: all of data, */
	uint64_t hash_first;   /* then, of the tree's file, blocks from this one on, */
	uint64_t hash_blocks;  /* so many */
	uint64_t rounds;       /* rows of 255 - roots blocks */
	uint64_t offset_bytes; /* of the parity in file */
	uint64_t n_blocks;     /* of parity */
};

/* Fills *ret_fec for the image and opens its file. options->fec, fec_roots, fec_offset_bytes. */
int dmk_fec_open(struct dmk_fec *ret_fec, const struct dmk_image *image, enum dmk_file_mode mode,
		 struct dmk_error *err) DMK_MUST_CHECK;
void dmk_fec_close(struct dmk_fec *fec);
/* Writes the parity of an image whose data and tree are complete; progress and cancel are the
 * image's options'. */
int dmk_fec_encode(struct dmk_fec *fec, const struct dmk_image *image,
		   struct dmk_error *err) DMK_MUST_CHECK;

#endif
