/* SPDX-License-Identifier: MIT */
/*
 * Help texts. The static command (-Dpacked_texts=true) carries them packed: DMK_HELP() puts a text
 * into a section of its own, which the linked file holds no bytes of. They are there once
 * dmk_texts_unpack() was called; before that they are empty. Everywhere else they are mere strings.
 */
#ifndef DMK_TEXTS_H
#define DMK_TEXTS_H

#ifdef DMK_PACKED_TEXTS
#define DMK_HELP(text) \
	(const char[]) \
	{              \
		text   \
	}
/* For what stands in functions, and for tables without pointers. */
#define DMK_PACKED(place) __attribute__((section(".rodata.__compound_literal." place)))
/* By the main thread, as often as it likes. */
void dmk_texts_unpack(void);
#else
#define DMK_HELP(text) (text)
#define DMK_PACKED(place)
static inline void dmk_texts_unpack(void)
{
}
#endif

#endif
