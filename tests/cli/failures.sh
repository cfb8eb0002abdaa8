#!/bin/bash
# SPDX-License-Identifier: MIT
# With --json each failure is one document on standard error, how many there are at a time; and what is said of a name that
# is taken and of a message that nobody takes: `./dev lab -- tests/cli/failures.sh`.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

# What one document has in it is validated with all that the suite has kept.
fails() { # NAME EXIT CAUSES STDOUT -- ARGUMENT...: one document for each of CAUSES, in that order
	local name=$1 causes=$3
	check "$name" "$2" "$4" '*' "${@:5}"
	sed -E 's/^\{"error": \{"cause": "([a-z-]+)".*\}\}$/\1/' "$work/err" | xargs >"$work/causes"
	expect "$name: one document for each failure" diff "$work/causes" - <<<"$causes"
	if [[ $4 == '' ]]; then
		"$DMKIT" "${@:6}" 2>&1 <"${input:-/dev/null}" | cut -c 1-11 | sort -u >"$work/begins"
		expect "$name: nothing else where both go to one place" diff "$work/begins" - <<<'{"error": {'
	fi
}

"$DMKIT" create a zero size=8s
"$DMKIT" create b error size=8s --uuid UU

# --- several at a time --------------------------------------------------------------------------------------

fails 'info of several' 3 'not-found not-found' json -- info x a y --json
fails 'suspend of several' 3 'not-found not-found' json -- suspend x a y --json
fails 'resume of several' 3 'not-found' json -- resume a x --json
fails 'remove of several' 3 'not-found not-found not-found' '' -- remove x /dev/nosuch y --json
exec 7<"/dev/mapper/a" 8<"/dev/mapper/b"
fails 'remove of some that are open' 4 'busy not-found busy' '' -- remove a x b --json --deadline 0
fails 'remove --all of what is open' 4 'busy busy' '' -- remove --all --json --deadline 0
fails 'remove --prefix' 4 'busy' '' -- remove --prefix a --json --deadline 0
exec 7<&- 8<&-
"$DMKIT" create c zero size=8s
fails 'remove of some' 3 'not-found' json -- remove x c --json
"$DMKIT" create c zero size=8s
"$DMKIT" remove x c y --json >"$work/both" 2>&1
expect 'errors do not stand in the array where both go to one place' diff <(grep -v '^{"error": {.*}}$' "$work/both") - <<'END'
[
  {"device": "c", "deferred": false}
]
END

# --- words and texts ----------------------------------------------------------------------------------------

fails 'no command' 2 bad-input '' -- --json
fails 'an unknown command' 2 bad-input '' -- lst --json
fails 'an unknown option before --json' 2 bad-input '' -- info --bogus x --json
fails 'a bad value before --json' 2 bad-input '' -- remove --deadline soon x --json
fails 'two mistakes' 2 bad-input '' -- remove --bogus --deadline soon --json
fails 'words that are missing' 2 bad-input '' -- create --json
fails 'a target that is none' 2 bad-input '' -- create d nosuch size=8s --json
fails 'an unknown key' 2 bad-input '' -- create d linear devic=/dev/ram0 --json
fails 'a file that is not there' 1 no-file '' -- create d --table-file "$work/none" --json
fails 'concise' 2 bad-input '' -- create --concise 'd,e' --json
fails 'concise, the second of two' 2 bad-input '' -- create --concise 'd,,,rw,0 8 zero;e,,,rw,0 8 zero x' --json
printf '0 8 zero x\n0 8 zero y\n' >"$work/text"
input=$work/text fails 'a text on standard input' 2 bad-input '' -- create d --table-file - --json
expect 'a text on standard input: the device in it' grep -qF '"device": "d"' "$work/err"
"$DMKIT" list --json >/dev/full 2>"$work/err"
expect 'a full disk: one document' grep -qE '^\{"error": \{"cause": "no-space", .*\}\}$' "$work/err"
check 'check of nothing at all' 2 '' '/dev/null:1:1: error: the table is empty' -- check /dev/null

# --- what is taken, and what is not taken -------------------------------------------------------------------

check 'rename to a name that is there' 1 '' "%rename 'a': there is a mapping 'b' already" -- rename a b
fails 'the same as JSON' 1 exists '' -- rename a b --json
check 'a uuid that is there' 1 '' "%set-uuid 'a': there is a mapping with uuid 'UU' already" -- set-uuid a UU
fails 'it, as JSON' 1 exists '' -- set-uuid a UU --json
check 'a message to a target without any' 1 '' "%message 'a': zero takes no messages" -- message a hello
fails 'the message as JSON' 1 refused '' -- message a hello --json
check 'a message that device-mapper does not know' 1 '' '%@stats_hello' -- message a @stats_hello
expect 'it is not the target that is told of' bash -c '! grep -q "no messages" "$1"' - "$work/err"
check 'statistics of a region that is not there' 1 '' "%message 'a': there is no such region" -- message a @stats_print 99
check 'a key that is missing' 2 '' '%give key-file=, key-fd= or keyring=' -- create d crypt device=/dev/ram0 \
	cipher=aes-xts-plain64
check 'keys are called as they are written' 2 '' "%'use-fec-from-device': is missing" -- create d verity data=/dev/ram0 \
	hash=/dev/ram1 data-blocks=1 hash-start=0 root-digest="$(printf '0%.0s' {1..64})" fec-roots=2
check 'in a text as the kernel calls them' 2 '' '*' -- create d --table \
	"0 8 verity 1 /dev/ram0 /dev/ram1 4096 4096 1 0 sha256 $(printf '0%.0s' {1..64}) - 2 fec_roots 2"
expect 'in a text as the kernel calls them: said' grep -q "'use_fec_from_device': is missing" "$work/err"

"$DMKIT" remove --all
finish
