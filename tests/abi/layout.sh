#!/bin/bash
# SPDX-License-Identifier: MIT
# Sizes, offsets and values of what is public, as layout.txt and values.txt have them, on each kind of machine. The header
# needs no C library, so that the compiler for this machine can ask for all of them.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

# One static assertion a line, with the number of this kind of machine.
{
	cat <<-'END'
		#include <dmkit.h>
		#include <stddef.h>
		#if UINTPTR_MAX > UINT32_MAX
		#define PICK(lp64, ilp32, i386) lp64
		#elif defined(__i386__)
		#define PICK(lp64, ilp32, i386) i386
		#else
		#define PICK(lp64, ilp32, i386) ilp32
		#endif
	END
	awk '/^#/ { next }
		split($1, of, ".") == 2 { what = "offsetof(struct " of[1] ", " of[2] ")" }
		split($1, of, ".") == 1 { what = "sizeof(struct " $1 ")" }
		{ print "_Static_assert(" what " == PICK(" $2 ", " $3 ", " $4 "), \"" $1 "\");" }' tests/abi/layout.txt
} >"$work/layout.c"
{
	echo '#include <dmkit.h>'
	awk '/^#/ { next } { print "_Static_assert(" $1 " == " $2 "U, \"" $1 "\");" }' tests/abi/values.txt
} >"$work/values.c"

check() { # NAME COMPILER...
	local name=$1 file
	shift
	for file in layout values; do
		quiet "$file on $name" "$@" -std=c11 -Wall -Wextra -Werror -ffreestanding -fsyntax-only -Iinclude "$work/$file.c"
	done
}

check 'this machine' gcc
if [[ $(uname -m) == x86_64 ]]; then
	check 'i386' gcc -m32
	check 'x32' gcc -mx32
fi
if type -P clang >/dev/null; then
	for target in x86_64-linux-gnu i386-linux-gnu armv7-linux-gnueabihf aarch64-linux-gnu \
		riscv64-linux-gnu s390x-linux-gnu mips-linux-gnu powerpc64le-linux-gnu; do
		check "$target, clang" clang -target "$target"
	done
fi

# What is not in the lists yet: tests/abi/missing.py --append.
sed -n 's/^struct \(dmk_[a-z0-9_]*\) {.*/\1/p' include/*.h | sort >"$work/structures"
awk '/^dmk_[a-z0-9_]* / { print $1 }' tests/abi/layout.txt | sort | comm -23 "$work/structures" - |
	report 'every structure is in layout.txt'
grep -ohE '\bDMK_[A-Z0-9_]+ = ' include/*.h | awk '{ print $1 }' | sort -u >"$work/values"
awk '/^DMK_/ { print $1 }' tests/abi/values.txt | sort | comm -23 "$work/values" - |
	report 'every enum value is in values.txt'
finish
