#!/bin/bash
# SPDX-License-Identifier: MIT
# Sizes, offsets and values of what is public, as abi.txt has them, on each kind of machine. The header needs no C
# library, so that the compiler for this machine can ask for all of them.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

# One static assertion a line, with the number of this kind of machine.
{
	cat <<-'END'
		#include <dmkit-stack.h>
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
		/^DMK_/ { print "_Static_assert(" $1 " == " $2 "U, \"" $1 "\");"; next }
		split($1, of, ".") == 2 { what = "offsetof(struct " of[1] ", " of[2] ")" }
		split($1, of, ".") == 1 { what = "sizeof(struct " $1 ")" }
		{ print "_Static_assert(" what " == PICK(" $2 ", " $3 ", " $4 "), \"" $1 "\");" }' tests/abi/abi.txt
} >"$work/abi.c"

check() { # NAME COMPILER...
	local name=$1
	shift
	quiet "layout and values on $name" "$@" -std=c11 -Wall -Wextra -Werror -ffreestanding -fsyntax-only -Iinclude "$work/abi.c"
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

# What is not in the list yet: tests/abi/missing.py --append.
{
	sed -n 's/^struct \(dmk_[a-z0-9_]*\) {.*/\1/p' include/*.h
	grep -ohE '\bDMK_[A-Z0-9_]+ = ' include/*.h | awk '{ print $1 }'
} | sort -u >"$work/public"
awk '/^(dmk|DMK)_[A-Za-z0-9_]* / { print $1 }' tests/abi/abi.txt | sort | comm -23 "$work/public" - |
	report 'every structure and enum value is in abi.txt'
finish
