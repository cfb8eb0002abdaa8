#!/bin/bash
# SPDX-License-Identifier: MIT
# The README's C program, as it stands there, builds without a warning: build/readme-example, which the kernel suite runs.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

awk '/^```c$/ && !n { n = 1; on = 1; next } /^```$/ { on = 0 } on' README.md >"$work/example.c"
if ! grep -q 'int main' "$work/example.c"; then echo 'none'; fi | report 'the README has a C program'
quiet 'the README example builds' gcc -std=c11 -Wall -Wextra -Werror -Iinclude "$work/example.c" "$build/libdmkit.a" \
	-o "$build/readme-example.$$" && mv "$build/readme-example.$$" "$build/readme-example"
finish
