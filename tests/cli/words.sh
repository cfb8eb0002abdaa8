#!/bin/bash
# SPDX-License-Identifier: MIT
# Paths with blanks and backslashes, on a real kernel: `./dev lab -- tests/cli/words.sh`. Needs /dev/ram0 to /dev/ram3.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
if [[ -z $dm_major ]] || ! there=$("$DMKIT" list) || [[ -n $there ]]; then
	echo 'not ok - the lab: device-mapper, without devices'
	exit 1
fi

dm() { # ARGUMENT...: a step that is not the thing tested
	"$DMKIT" "$@" || printf '# failed: dmkit %s\n' "$*"
}

ln -s ram0 '/dev/My\x20Data'
ln -s ram1 '/dev/a\b'
ln -s ram2 /dev/ab
ln -s ram3 $'/dev/tab\there'
dm create 'my disk' linear device=/dev/ram0 size=64s

check 'a path with a blank by keys' 0 '' '' -- create top linear device='/dev/mapper/my disk' size=8s
check 'it is that device' 0 '0 8 linear DM:0 0' '' -- table top
dm remove top
check 'a path with a backslash by keys' 0 '' '' -- create top linear 'device=/dev/My\x20Data'
check 'it is that device, too' 0 '0 32768 linear 1:0 0' '' -- table top
dm remove top
check 'a path with a tab in a list' 0 '' '' -- create top striped chunk=8s device=$'/dev/tab\there:16s' \
	'device=/dev/a\b' size=16s
check 'they are those devices' 0 '0 16 striped 2 8 1:3 16 1:1 0' '' -- table top
dm remove top
check 'a path with a newline' 2 '' '%device holds a newline' -- create top linear device=$'/dev/new\nline' size=8s

check 'what is sent has the quotes' 0 'DM_DEV_CREATE name=top
DM_TABLE_LOAD name=top targets=1: 0 8 linear /dev/My\\x20Data 0
DM_DEV_SUSPEND name=top' '' -- create top linear 'device=/dev/My\x20Data' size=8s --dry-run
check 'table text as the kernel quotes it' 0 '' '' -- create top --table '0 8 linear /dev/mapper/my\ disk 0'
check 'it is that device by text' 0 '0 8 linear DM:0 0' '' -- table top
dm remove top

# --- what the kernel reads is another path -----------------------------------------------------------------

hint='a backslash of a table'\''s text quotes the next byte: \\ is one'
says() { # NAME EXIT STDERR TABLE: what check says of it; STDERR '': nothing
	printf '%s\n' "$4" >"$work/table"
	input=$work/table check "$1" "$2" '*' '*' -- check -
	if [[ $3 ]]; then
		expect "$1: what it says" grep -qF -- "$3" "$work/out" "$work/err"
	else
		expect "$1: nothing is said" test ! -s "$work/out" -a ! -s "$work/err"
	fi
}

check 'a path that the kernel reads otherwise' 1 '' "%'/dev/nob': it does not exist; $hint" \
	-- create top --table '0 8 linear /dev/no\b 0'
says 'check: a path that the kernel reads otherwise' 2 "'/dev/nob': it does not exist; $hint" '0 8 linear /dev/no\b 0'
says 'check: one that leads elsewhere' 0 "'/dev/ab': so the kernel reads it; $hint" '0 8 linear /dev/a\b 0'
says 'check: a quoted backslash' 0 '' '0 8 linear /dev/a\\b 0'
says 'check: a quoted blank' 0 '' '0 8 linear /dev/mapper/my\ disk 0'
dm remove 'my disk'
check 'nothing is left' 0 '' '' -- list
finish
