/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_SAYINGS_H
#define DMKIT_SAYINGS_H

#include <stddef.h>

#define FIX "dmkit doctor --fix"

/*
 * @n the device's name, @q the same as a word of a shell, @d its number; @p a path, @P the same as
 * a word of a shell; @o the other number, @w that disk's name; @t the detail; @e the errno's text;
 * @s the two diskseqs; @c the cookie, @a its age; @g the target, @f and @v the field of its status
 * and what that says; @x path, errno and detail, as far as they are there. No percent sign: these
 * are not printf()'s.
 */
struct saying {
	const char *kind;
	const char *text;
	const char *mend;
};

/* By enum dmk_finding_kind. */
extern const struct saying sayings[];
extern const size_t n_sayings;

#endif
