/* SPDX-License-Identifier: MIT */
/* Takes the static command's help texts out of what texts-pack.c made of them. */
#include "texts.h"

#include <stdlib.h>

#include "texts-model.h"

#define WEAK __attribute__((weak))

extern const unsigned char dmk_texts_packed[] WEAK;
/* static.ld: where the texts go. Without it, in another program, they stand where they always do.
 */
extern unsigned char dmk_texts_begin[] WEAK, dmk_texts_end[] WEAK;

void dmk_texts_unpack(void)
{
	const unsigned char *in = dmk_texts_packed;
	uint32_t low = 0, high = UINT32_MAX, code = 0;
	struct texts_model *m;

	/* What is there has a text in its first bytes. */
	if (!dmk_texts_begin || *dmk_texts_begin)
		return;
	m = calloc(1, sizeof(*m));
	if (!m)
		return;
	for (int i = 0; i < 4; i++)
		code = code << 8 | *in++;
	texts_begin(m);
	for (unsigned char *out = dmk_texts_begin; out < dmk_texts_end; out++) {
		uint32_t byte = 0;

		for (int i = 0; i < 8; i++) {
			uint32_t middle = texts_middle(m, low, high), bit = code <= middle;

			if (bit)
				high = middle;
			else
				low = middle + 1;
			for (; (low ^ high) >> 24 == 0; low <<= 8, high = high << 8 | 255)
				code = code << 8 | *in++;
			byte = byte << 1 | bit;
			texts_learn(m, bit);
		}
		*out = (unsigned char)byte;
	}
	free(m);
}
