/* SPDX-License-Identifier: MIT */
/*
 * What the packer and the unpacker of help texts share: what the next bit will be, from what stood
 * behind the last one to six bytes, and behind the last word, before. Each of these contexts has a
 * guess, and weights that learn mix them. Integers alone, so that all machines guess the same.
 */
#ifndef DMK_TEXTS_MODEL_H
#define DMK_TEXTS_MODEL_H

#include <stdint.h>

#define TEXTS_CONTEXTS 7
#define TEXTS_SLOT_BITS 16U

struct texts_model {
	/* The chance of a 1 in 22 bits, and in the lower 10 how often it was asked. */
	uint32_t slots[TEXTS_CONTEXTS][1U << TEXTS_SLOT_BITS];
	uint32_t hashes[TEXTS_CONTEXTS];
	uint32_t *guesses[TEXTS_CONTEXTS];
	int32_t inputs[TEXTS_CONTEXTS];
	int32_t weights[256][TEXTS_CONTEXTS]; /* by the bits of the byte so far */
	int16_t stretched[4096];
	uint64_t history;
	uint32_t word;
	uint32_t bits;	/* of this byte, below a 1 */
	int32_t chance; /* of a 1, of 4096 */
};

/* 4096 / (1 + e^(-x / 256)) */
static inline int32_t texts_squash(int32_t x)
{
	static const uint16_t at[] = { 1,    2,	   3,	 6,    10,   16,   27,	 45,   73,
				       120,  194,  310,	 488,  747,  1101, 1546, 2047, 2549,
				       2994, 3348, 3607, 3785, 3901, 3975, 4022, 4050, 4068,
				       4079, 4085, 4089, 4092, 4093, 4094 };
	uint32_t place, part;

	if (x > 2047)
		return 4095;
	if (x < -2047)
		return 1;
	place = (uint32_t)(x + 2048);
	part = place & 127;
	place >>= 7;
	return (int32_t)((at[place] * (128 - part) + at[place + 1] * part + 64) >> 7);
}

static inline void texts_guess(struct texts_model *m)
{
	int32_t sum = 0;

	for (uint32_t i = 0; i < TEXTS_CONTEXTS; i++) {
		uint32_t slot = (m->hashes[i] + m->bits * 0x9E3779B1U) * 0x85EBCA6BU;

		m->guesses[i] = &m->slots[i][slot >> (32 - TEXTS_SLOT_BITS)];
		m->inputs[i] = m->stretched[*m->guesses[i] >> 20];
		sum += m->inputs[i] * m->weights[m->bits][i] >> 8;
	}
	m->chance = texts_squash(sum >> 8);
}

/* A byte is whole: the contexts of the next one. */
static inline void texts_next_byte(struct texts_model *m)
{
	uint32_t byte = m->bits & 255;

	m->bits = 1;
	m->history = m->history << 8 | byte;
	m->word = (byte | 32) - 'a' < 26 ? (m->word + byte) * 0x2F0B4C47U : 0;
	for (uint32_t i = 0; i + 1 < TEXTS_CONTEXTS; i++) {
		uint64_t last = m->history & ((UINT64_C(1) << 8 * i) - 1);

		m->hashes[i] = (uint32_t)((last + i) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
	}
	m->hashes[TEXTS_CONTEXTS - 1] = m->word + byte;
}

static inline void texts_learn(struct texts_model *m, uint32_t bit)
{
	int32_t miss = (int32_t)(bit << 12) - m->chance;

	for (uint32_t i = 0; i < TEXTS_CONTEXTS; i++) {
		uint32_t slot = *m->guesses[i], times = slot & 1023;
		int32_t is = (int32_t)(slot >> 10);

		m->weights[m->bits][i] += (m->inputs[i] * miss + (1 << 10)) >> 11;
		is += (((int32_t)(bit << 22) - is) * 2) / (int32_t)(2 * times + 3);
		if (is > 4194303)
			is = 4194303;
		*m->guesses[i] = (uint32_t)is << 10 | (times + (times < 30));
	}
	m->bits = m->bits << 1 | bit;
	if (m->bits > 255)
		texts_next_byte(m);
	texts_guess(m);
}

/* m is zero. */
static inline void texts_begin(struct texts_model *m)
{
	int32_t from = 0;

	for (int32_t x = -2047; x <= 2047; x++)
		for (int32_t to = texts_squash(x); from <= to; from++)
			m->stretched[from] = (int16_t)x;
	while (from < 4096)
		m->stretched[from++] = 2047;
	for (uint32_t i = 0; i < TEXTS_CONTEXTS; i++) {
		for (uint32_t k = 0; k < 1U << TEXTS_SLOT_BITS; k++)
			m->slots[i][k] = 1U << 31;
		for (uint32_t k = 0; k < 256; k++)
			m->weights[k][i] = 1 << 14;
	}
	texts_next_byte(m);
	texts_guess(m);
}

/* Where [low, high] is parted by the chance of a 1. */
static inline uint32_t texts_middle(const struct texts_model *m, uint32_t low, uint32_t high)
{
	return low + (uint32_t)((uint64_t)(high - low) * (uint32_t)m->chance >> 12);
}

#endif
