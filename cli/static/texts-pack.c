/* SPDX-License-Identifier: MIT */
/*
 * Packs help texts when the static command is built: TEXTS, the bytes of the linked section, become
 * an assembler file that defines dmk_texts_packed. texts.c takes them out again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/texts-model.h"

static unsigned int n_bytes;

static void put_byte(FILE *out, uint32_t byte)
{
	fprintf(out, "%s%u", n_bytes++ % 16 ? "," : "\n\t.byte ", byte);
}

int main(int argc, char **argv)
{
	struct texts_model *m = calloc(1, sizeof(*m));
	FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
	FILE *out = in ? fopen(argv[2], "w") : NULL;
	uint32_t low = 0, high = UINT32_MAX;
	int byte;

	if (!m || !out) {
		fprintf(stderr, "usage: texts-pack TEXTS OUT.S\n");
		return 1;
	}
	fputs("\t.section .rodata.dmk_texts_packed,\"a\"\n\t.globl "
	      "dmk_texts_packed\ndmk_texts_packed:",
	      out);
	texts_begin(m);
	while ((byte = getc(in)) != EOF) {
		for (int i = 7; i >= 0; i--) {
			uint32_t bit = (uint32_t)byte >> i & 1;
			uint32_t middle = texts_middle(m, low, high);

			if (bit)
				high = middle;
			else
				low = middle + 1;
			for (; (low ^ high) >> 24 == 0; low <<= 8, high = high << 8 | 255)
				put_byte(out, high >> 24);
			texts_learn(m, bit);
		}
	}
	for (int i = 24; i >= 0; i -= 8)
		put_byte(out, low >> i & 255);
	fputs("\n\t.section .note.GNU-stack,\"\"\n", out);
	return ferror(in) || fclose(out) != 0;
}
