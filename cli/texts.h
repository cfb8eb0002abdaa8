/* SPDX-License-Identifier: MIT */
/* Help texts, which the static command has packed: lib/base/texts.h. What prints them unpacks them. */
#ifndef DMKIT_TEXTS_H
#define DMKIT_TEXTS_H

#ifdef DMK_PACKED_TEXTS
/* In a function: the name of a text that is its own. */
#define HELP_TEXT(name) \
	static const char name[] __attribute__((section(".rodata.__compound_literal." #name)))
#define HELP(text)     \
	(const char[]) \
	{              \
		text   \
	}
void dmk_texts_unpack(void);
#else
#define HELP_TEXT(name) static const char name[]
#define HELP(text) (text)
static inline void dmk_texts_unpack(void)
{
}
#endif

#endif
