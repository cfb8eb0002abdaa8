/* SPDX-License-Identifier: MIT */
/*
 * For a static program, linked with libdmkit.a, that maps few targets and has to be small: it names
 * them, once, in one of its files, and carries what libdmkit knows of those alone:
 *
 *	#include <dmkit-static.h>
 *
 *	DMK_ONLY_TARGETS(linear, verity);
 *
 * 1 to 8 names, as `dmkit help targets` has them, with _ in the place of -. All other targets are
 * then such as the library does not know: their tables pass as text, unchecked; typed values and
 * key=value words of theirs are refused (-EINVAL). What may be a key in such a table is hidden and
 * wiped all the same. A program that names none has all of them. Since: 0.1
 */
#ifndef DMKIT_STATIC_H
#define DMKIT_STATIC_H

struct dmk_target;

#define DMK_ONLY_TARGETS(...)                                                         \
	DMK_ONLY_N(DMK_ONLY_DECLARE, __VA_ARGS__)                                     \
	extern const struct dmk_target *const dmk_targets[];                          \
	extern const unsigned dmk_n_targets;                                          \
	const struct dmk_target *const dmk_targets[] = { DMK_ONLY_N(DMK_ONLY_ADDRESS, \
								    __VA_ARGS__) };   \
	const unsigned dmk_n_targets = sizeof(dmk_targets) / sizeof(dmk_targets[0])

/* The rest is not for programs. */
#define DMK_ONLY_DECLARE(name) extern const struct dmk_target dmk_target_##name;
#define DMK_ONLY_ADDRESS(name) &dmk_target_##name,
#define DMK_ONLY_N(x, ...)                                                                     \
	DMK_ONLY_PICK(__VA_ARGS__, DMK_ONLY_8, DMK_ONLY_7, DMK_ONLY_6, DMK_ONLY_5, DMK_ONLY_4, \
		      DMK_ONLY_3, DMK_ONLY_2, DMK_ONLY_1, )                                    \
	(x, __VA_ARGS__)
#define DMK_ONLY_PICK(a, b, c, d, e, f, g, h, pick, ...) pick
#define DMK_ONLY_1(x, a) x(a)
#define DMK_ONLY_2(x, a, ...) x(a) DMK_ONLY_1(x, __VA_ARGS__)
#define DMK_ONLY_3(x, a, ...) x(a) DMK_ONLY_2(x, __VA_ARGS__)
#define DMK_ONLY_4(x, a, ...) x(a) DMK_ONLY_3(x, __VA_ARGS__)
#define DMK_ONLY_5(x, a, ...) x(a) DMK_ONLY_4(x, __VA_ARGS__)
#define DMK_ONLY_6(x, a, ...) x(a) DMK_ONLY_5(x, __VA_ARGS__)
#define DMK_ONLY_7(x, a, ...) x(a) DMK_ONLY_6(x, __VA_ARGS__)
#define DMK_ONLY_8(x, a, ...) x(a) DMK_ONLY_7(x, __VA_ARGS__)

#endif
