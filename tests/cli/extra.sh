#!/bin/bash
# SPDX-License-Identifier: MIT
# A target is one file, one line in the registry and one golden file: this adds a made-up one to a copy of the
# tree and looks whether help, manual, completions, grammar, messages and the tests know it by that alone.
set -u
top=$(readlink -f "${BASH_SOURCE[0]%/*}/../..")
# Of several kernels at a time each has its own.
copy=$(mktemp -d "$top/build/extra.XXXXXX")
trap 'rm -rf "$copy"' EXIT
failed=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		failed=1
	fi
}

prints() { # TEXT COMMAND...
	local text=$1
	shift
	"$@" 2>&1 | grep -qF -- "$text"
}

mkdir -p "$copy/tree"
(cd "$top" && cp -r meson.build meson_options.txt boot lib lib-image include cli man completions examples tests "$copy/tree")
cp "$top/tests/cli/extra/teapot.c" "$copy/tree/lib/targets/"
# Its line keeps the list sorted.
awk -v line="  'teapot'," 'inside && ($0 == "]" || $0 > line) { print line; inside = 0 }
	/^targets = \[/ { inside = 1 } { print }' "$top/lib/targets/meson.build" \
	>"$copy/tree/lib/targets/meson.build"
golden=$copy/tree/tests/unit/golden/teapot.txt
printf 'table: 0 8 teapot 1:0 0\ntable: 0 8 teapot 1:0 64 2 cups 4\n' >"$golden"
printf '1:0\tspout\n1:0 0 2 cups 13\tcups must be\n' >"$copy/tree/tests/unit/bad/teapot.txt"
if ! { meson setup "$copy/build" "$copy/tree" -Dtests=true && ninja -C "$copy/build" dmkit \
	tests/test-every-target dmkit-targets.7; } >"$copy/log" 2>&1; then
	echo 'not ok - the tree builds with one more target'
	tail -n 20 "$copy/log" | sed 's/^/# /'
	exit 1
fi
dmkit=$copy/build/dmkit
check 'the registry: help targets names it' prints teapot "$dmkit" help targets
check 'help: its keys with default and version' prints 'for how many' "$dmkit" help teapot
check 'help: its message' prints 'tip it over' "$dmkit" help teapot
check 'completions: its keys' prints 'spout=' "$dmkit" help --keys teapot
check 'completions: that target' prints 'teapot' sh -c '"$1" complete -- create a tea | cut -f 1' sh "$dmkit"
check 'the manual page: its section' grep -qx '.Ss teapot' "$copy/build/dmkit-targets.7"
check 'the manual page: its key' grep -qx '.It Cm cups' "$copy/build/dmkit-targets.7"
check 'the grammar: key=value becomes text' prints '0 8 teapot /dev/vdb 64 2 cups 4' \
	"$dmkit" --dry-run create t teapot size=8s device=/dev/vdb spout=64s cups=4
check 'the grammar: a number out of range is refused' prints 'from 1 to 12' \
	"$dmkit" --dry-run create t teapot size=8s device=/dev/vdb cups=13
check 'the text form is checked' prints '--table:1:20:' \
	"$dmkit" --dry-run create t --table '0 8 teapot 1:0 0 2 lids 3'
check 'the tests: its golden lines are run' prints 'teapot: golden tables' \
	env CMOCKA_MESSAGE_OUTPUT=TAP "$copy/build/tests/test-every-target"
# What is typed in JSON comes from the same rows: no target is named in the command's own code.
check 'JSON: cli/ names no target but in examples' bash -c "! grep -nE '\"(linear|striped|verity|crypt|thin)\"' '$top'/cli/*.c"
((failed)) || rm -rf "$copy"
exit $failed
