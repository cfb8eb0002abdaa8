/* SPDX-License-Identifier: MIT */
/* A row: the blocks that share their codewords, one of each column, and their parity. */
#ifndef DMK_IMAGE_ROW_H
#define DMK_IMAGE_ROW_H

#include "make/fec.h"
#include "make/judge.h"
#include "make/rs.h"

struct dmk_row {
	const struct dmk_image *image;
	const struct dmk_fec *fec;
	struct dmk_judge *judge;
	struct dmk_rs *rs;
	uint64_t number;
	uint8_t *memory;
	uint8_t *parity;	     /* as it lies in its file */
	uint8_t *have[DMK_RS_BYTES]; /* blocks as they are, with what is mended of them */
	uint8_t *made[DMK_RS_BYTES]; /* of bad ones, what may be the right one */
	uint8_t bad[DMK_RS_BYTES];   /* columns of blocks whose digests are known, and others */
	uint32_t n_bad;
	bool trusted[DMK_RS_BYTES]; /* columns whose blocks are good */
	uint32_t guess;		    /* the next column to guess that it is bad */
	bool has_more;		    /* there is another guess */
	bool lost[DMK_RS_BYTES];    /* that the disk does not give */
};

/* After a failure too dmk_row_end() is needed. */
int dmk_row_begin(struct dmk_row *ret_row, const struct dmk_image *image, const struct dmk_fec *fec,
		  struct dmk_judge *judge, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_row_end(struct dmk_row *row);
/* Mends what can be of the row. */
int dmk_row_mend(struct dmk_row *row, uint64_t number, struct dmk_error *err) DMK_MUST_CHECK;

#endif
