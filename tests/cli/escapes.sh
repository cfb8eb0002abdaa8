#!/bin/bash
# SPDX-License-Identifier: MIT
# Names and replies with control characters on a real kernel: `./dev lab -- tests/cli/escapes.sh`. A name is one line in a
# pipe, and nothing that goes to a terminal is a control character but the ends of lines.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
export LC_ALL=C.UTF-8 NO_COLOR=1

lines=$'a\nb 0:0 x'   # a second line that looks like another device's
colour=$'c\xc2\x9b31m' # U+009B, which some terminals take for an escape sequence's beginning
title=$'\e]0;title\a'

"$DMKIT" create "$lines" linear device=/dev/ram0 size=8s --uuid $'u\nv\tw'
"$DMKIT" create "$colour" --table "0 8 linear /dev/ram1 0"
"$DMKIT" create 'größe' zero size=8s

# The lines that are no text.
controls() { # FILE
	LC_ALL=C tr -d '\n' <"$1" | LC_ALL=C grep -aP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]'
}

# --- a pipe: one line each -----------------------------------------------------------------------------------

check 'list' 0 $'a\\x0ab 0:0 x\tDM:0\tu\\x0av\\x09w\t0\nc\xc2\x9b31m\tDM:1\t-\t0\ngröße\tDM:2\t-\t0' '' -- list
check 'table' 0 $'a\\x0ab 0:0 x: 0 8 linear 1:0 0\nc\xc2\x9b31m: 0 8 linear 1:1 0\ngröße: 0 8 zero' '' -- table
check 'deps' 0 $'a\\x0ab 0:0 x: 1:0\nc\xc2\x9b31m: 1:1\ngröße:' '' -- deps
for verb in status 'status --raw' 'table --pretty' 'list --state'; do
	# shellcheck disable=SC2086
	"$DMKIT" $verb >"$work/lines"
	expect "$verb: a line for each device" test "$(wc -l <"$work/lines")" -eq 3
done
check 'an error is one line' 3 '' '%such' -- info $'no\nsuch'
check 'the whole name in JSON' 0 json '' -- list --json
expect 'JSON has no C0' grep -qF '"name": "a\u000ab 0:0 x"' "$work/out"
expect 'JSON has no C1' grep -qF '"name": "c\u009b31m"' "$work/out"
expect 'JSON has what is no control character' grep -qF '"name": "größe"' "$work/out"

# --- a reply -------------------------------------------------------------------------------------------------

"$DMKIT" message größe --raw "@stats_create - /1 $title" >"$work/ignored"
"$DMKIT" message größe --raw "@stats_create - /1 other" >"$work/ignored"
check 'a reply is raw in a pipe' 0 $'0: 0+8 8 '"$title"$' -\n1: 0+8 8 other -' '' -- message größe --raw @stats_list
printf '0 8 \xc2\x9b31m \e[31m\n' >"$work/table"
"$DMKIT" check --offline "$work/table" 2>"$work/err"
"$DMKIT" check "$work/table" >>"$work/err" 2>&1
expect 'a quoted line has none' test -s "$work/err" -a -z "$(controls "$work/err")"

# --- a terminal ----------------------------------------------------------------------------------------------

if ! type script >/dev/null 2>&1; then
	skip 'a terminal' 'no script(1) here'
	finish
fi
tty() { # ARGUMENT...
	script -qec "$(printf '%q ' "$DMKIT" "$@")" /dev/null </dev/null | tr -d '\r' >"$work/out"
}
for words in list 'list --state' 'list --json' info 'info --json' table 'table --pretty' 'table --json' status 'status --raw' \
	deps tree 'tree --json' export 'message größe --raw @stats_list' 'message größe --raw @stats_list --json' 'message größe @stats_list' \
	"info $colour$title" "holders ${colour}x"; do
	# shellcheck disable=SC2086
	tty $words
	# shellcheck disable=SC2086
	keep 0 "$work/out" /dev/null $words
	expect "on a terminal: ${words//[^a-z @_-]/?}" test -s "$work/out" -a -z "$(controls "$work/out")"
done
tty message größe --raw @stats_list
expect 'a reply keeps its lines' test "$(cat "$work/out")" = '0: 0+8 8 \x1b]0;title\x07 -
1: 0+8 8 other -'

tty message größe @stats_list
expect 'columns do too' test "$(cat "$work/out")" = 'REGION START LENGTH STEP PROGRAM          AUX TIMES
0      0     8      8    \x1b]0;title\x07 -   ms
1      0     8      8    other            -   ms'

"$DMKIT" remove --all
finish
