/* SPDX-License-Identifier: MIT */
/* What an image's parity covers, and where it lies: what the kernel's table has to say of it, and
 * make/ has to know. */
#ifndef DMK_IMAGE_PARITY_H
#define DMK_IMAGE_PARITY_H

#include "look.h"

#define DMK_FEC_BYTES 255 /* of a codeword, `roots` of them parity */

/*
 * Covered is one long area: all blocks of data, then those of the tree's file from the tree's first
 * one on: up to the parity, where that is in the same file, else up to the file's end, whatever is
 * there. It is cut into 255 - roots columns of `rounds` blocks; beyond its end are zeros. A codeword
 * is the byte at the same place of each column, and its parity.
 */
struct dmk_fec {
	struct dmk_file file;
	bool own_file; /* file has an fd of its own */
	uint32_t roots;
	uint32_t block_bytes;
	uint64_t data_blocks;  /* covered: all of data, */
	uint64_t hash_first;   /* then, of the tree's file, blocks from this one on, */
	uint64_t hash_blocks;  /* so many */
	uint64_t rounds;       /* in a column */
	uint64_t offset_bytes; /* of the parity in file */
	uint64_t n_blocks;     /* of parity */
};

/* Fills *ret_fec for the image, whose numbers are complete, and opens its file. options->fec,
 * fec_roots, fec_offset_bytes. The tree may lie beyond the end of its file, to be written; not so
 * the parity in DMK_FILE_READ. */
int dmk_parity_open(struct dmk_fec *ret_fec, const struct dmk_image *image, enum dmk_file_mode mode,
		    struct dmk_error *err) DMK_MUST_CHECK;
void dmk_parity_close(struct dmk_fec *fec);

#endif
