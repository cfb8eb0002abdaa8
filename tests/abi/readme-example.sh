#!/bin/bash
# SPDX-License-Identifier: MIT
# The README's C program, as it stands there, builds without a warning: build/readme-example, which the kernel suite
# runs, and build/readme-mistake, which makes the mistake that the README tells of.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

awk '/^```c$/ && !n { n = 1; on = 1; next } /^```$/ { on = 0 } on' README.md >"$work/example.c"
if ! grep -q 'int main' "$work/example.c"; then echo 'none'; fi | report 'the README has a C program'
sed 's/= 2048/= 32000/' "$work/example.c" >"$work/mistake.c"
if cmp -s "$work/example.c" "$work/mistake.c"; then echo 'none'; fi | report 'and a number for the mistake'
for name in example mistake; do
	quiet "the README $name builds" gcc -std=c11 -Wall -Wextra -Werror -Iinclude "$work/$name.c" "$build/libdmkit.a" \
		-o "$build/readme-$name.$$" && mv "$build/readme-$name.$$" "$build/readme-$name"
done
finish
