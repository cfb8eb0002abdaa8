/* SPDX-License-Identifier: MIT */
/* Terminals, and what may go there. */
#ifndef DMKIT_TERM_H
#define DMKIT_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool term_is(FILE *file);
unsigned term_columns(FILE *file); /* 0: it is no terminal, or does not say */
unsigned term_width(FILE *file);   /* in columns; 80 where it is no terminal */

/* How many bytes the valid UTF-8 sequence at s has; 0: it is none. */
size_t utf8_length(const char *s);
bool utf8_valid(const char *s);
bool utf8_locale(void); /* whether the environment says so */

#endif
