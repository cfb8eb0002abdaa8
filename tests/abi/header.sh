#!/bin/bash
# SPDX-License-Identifier: MIT
# The header by itself: C11 and C++17, pedantically, with both compilers where they are; twice; before and after others.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

printf '#include <dmkit.h>\n#include <dmkit.h>\nint main(void) { return 0; }\n' >"$work/alone.c"
printf '#include <string.h>\n#include <linux/dm-ioctl.h>\n#include <dmkit.h>\nint main(void) { return 0; }\n' >"$work/after.c"
printf '#include <dmkit-static.h>\nDMK_ONLY_TARGETS(linear);\nint main(void) { return 0; }\n' >"$work/one.c"
printf '#include <dmkit-static.h>\nDMK_ONLY_TARGETS(cache, crypt, error, linear, thin, thin_pool, verity, zero);\n' >"$work/eight.c"
kinds='alone after one eight'
for file in $kinds; do cp "$work/$file.c" "$work/$file.cc"; done
warnings=(-Wall -Wextra -Wpedantic -pedantic-errors -Wundef -Wshadow -Werror -Iinclude -fsyntax-only)

for cc in gcc clang; do
	type -P "$cc" >/dev/null || continue
	for file in $kinds; do
		for std in c11 c17 c2x; do
			quiet "$cc takes it as $std ($file)" "$cc" -std=$std "${warnings[@]}" -Wstrict-prototypes "$work/$file.c"
		done
	done
done
for cxx in g++ clang++; do
	type -P "$cxx" >/dev/null || continue
	for file in $kinds; do
		for std in c++11 c++17 c++20; do
			quiet "$cxx takes it as $std ($file)" "$cxx" -std=$std "${warnings[@]}" "$work/$file.cc"
		done
	done
done

grep -nE '^[[:space:]]*(int|unsigned|long|char|bool|size_t)[[:space:]]+[a-z_]+(\[[^]]*\])?;' include/*.h | grep -vE 'char [a-z_]+\[' |
	report 'structures have members of fixed width alone'
grep -nE '^#include' include/*.h | grep -vE '<(stddef|stdint|dmkit)\.h>|"dmkit(-targets)?\.h"' | report 'it includes stddef.h, stdint.h and its own two alone'
grep -nE '^#define [a-z]|^#define [A-Z]' include/*.h | grep -vE '#define (DMK_|DMKIT_((TARGETS|STATIC|IMAGE|STACK)_)?H)' |
	report 'its macros begin with DMK_'
finish
