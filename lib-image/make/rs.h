/* SPDX-License-Identifier: MIT */
/* Reed-Solomon codewords of 255 bytes, `roots` of them parity, over GF(2^8) with the polynomial
 * 0x11d, as dm-verity has them. A coder belongs to one thread. */
#ifndef DMK_IMAGE_RS_H
#define DMK_IMAGE_RS_H

#include "dmkit-image.h"
#include "base/util.h"

#define DMK_RS_BYTES 255 /* of a codeword: data, then parity */
#define DMK_RS_MIN_ROOTS 2
#define DMK_RS_MAX_ROOTS 24

struct dmk_rs;

int dmk_rs_new(struct dmk_rs **ret_rs, uint32_t roots, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_rs_free(struct dmk_rs *rs);

/* Which n bytes of a codeword, at most roots, dmk_rs_fill() computes from all others, ascending; a
 * new coder's are those of the parity. */
void dmk_rs_missing(struct dmk_rs *rs, const uint8_t *places, uint32_t n);
/* Of size codewords at a time: columns[i] is byte i of each. */
void dmk_rs_fill(struct dmk_rs *rs, uint8_t *const columns[DMK_RS_BYTES], size_t size);
/* Which columns are wrong, the n at places among them, ascending: fewer than roots of them can be
 * found, where their bytes are wrong independently of each other. 0: not found, or there are none.
 * dmk_rs_missing() is needed after it. By ISA-L alone. */
uint32_t dmk_rs_locate(struct dmk_rs *rs, uint8_t *const columns[DMK_RS_BYTES], size_t size,
		       const uint8_t *places, uint32_t n, uint8_t ret_places[DMK_RS_MAX_ROOTS]);
/* Corrects one codeword: the n bytes at places, and others wherever they are, up to
 * (roots - n) / 2. Returns how many it had to look at, their places in ret_places, or -1: too many
 * are wrong. */
int dmk_rs_correct(struct dmk_rs *rs, uint8_t codeword[DMK_RS_BYTES], const uint8_t *places,
		   uint32_t n, uint8_t ret_places[DMK_RS_MAX_ROOTS]);

#endif
