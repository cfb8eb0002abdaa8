#!/bin/bash
# SPDX-License-Identifier: MIT
# Paths with blanks and backslashes, keys in messages and behind mistyped targets, on a real kernel:
# `./dev lab -- tests/cli/words.sh`. Needs /dev/ram0 to /dev/ram3.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

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

# --- messages with keys ------------------------------------------------------------------------------------

old=$(printf '%064d' 7) new=$(printf '%064d' 8) newer=$(printf '%064d' 9)
printf '0 64 crypt aes-xts-plain64 %s 0 /dev/ram1 0\n' "$old" >"$work/table"
dm create c --table-file "$work/table"
dm suspend c
printf %s "$new" >"$work/key"
key_is() { # KEY
	expect "the key is the one that ends in ${1: -1}" grep -qF -- "$1" <("$DMKIT" table c --show-keys)
}
hidden() { # NAME: of what was written last
	expect "$1: no key is shown" bash -c "! grep -q '0000000[789]' '$work/out' '$work/err'"
}

refusal='the message would show its key to every process: use key-set with key-file= or key-fd=, or --raw -'
check 'a key in a typed message' 2 '' '%key= would show the key to every process' -- message c key-set "key=$new"
hidden 'a key in a typed message'
for text in "key set $new" " KEY  set $new" $'key\tset\t'"$new" "k\\ey set $new" $'\xa0key set '"$new"; do
	check "a key in a text: ${text:0:8}" 2 '' "%$refusal" -- message c "$text"
	check "a key in a raw text: ${text:0:8}" 2 '' "%$refusal" -- message c --raw "$text"
done
check 'a key in several texts' 2 '' "%$refusal" -- message c key set "$new" --trace
hidden 'a key in several texts'
check 'a key for a mapping that is not there' 2 '' "%$refusal" -- message nope key-set "key=$new"
key_is "$old"
check 'a key out of a file, --trace' 0 '' '*' -- message c --trace key-set key-file="$work/key" key-format=hex
expect 'a key out of a file, --trace: it is hidden' \
	grep -q 'DM_TARGET_MSG name=c flags=secure-data sector=0: (hidden) -> 0' "$work/err"
hidden 'a key out of a file, --trace'
key_is "$new"
printf ' key\tset %s\n' "$newer" >"$work/text"
input=$work/text check 'a text on standard input, --trace' 0 '' '*' -- message c --raw - --trace
expect 'a text on standard input, --trace: it is hidden' \
	grep -q 'DM_TARGET_MSG name=c flags=secure-data sector=0: (hidden) -> 0' "$work/err"
hidden 'a text on standard input, --trace'
key_is "$newer"
input=$work/key check 'a key on standard input' 0 '' '' -- message c key-set key-file=- key-format=hex
key_is "$new"
exec 9<"$work/text"
check 'a key out of a descriptor that holds no key' 2 '' '%is not hex' -- message c key-set key-fd=9 key-format=hex
exec 9<&-
check 'a key and no source' 2 '' "%'key': this key is missing" -- message c key-set
check 'a key in a dry run' 0 'DM_TARGET_MSG name=c flags=secure-data sector=0: (hidden)' '' \
	-- message c --dry-run key-set key-file="$work/key" key-format=hex
printf 'a\0b' >"$work/nul"
input=$work/nul check 'a text with a NUL' 2 '' '%NUL byte' -- message c --raw -
check 'a key in the keyring is only named' 1 '' '*' -- message c key set :32:logon:nosuch
check 'a key is wiped by words' 0 '' '' -- message c key wipe
dm remove c

# --- keys behind what is no target -------------------------------------------------------------------------

for type in Crypt dm-crypt lcrypt INTEGRITY cyrpt; do
	printf '0 8 %s aes-xts-plain64 %s 0 1:0 0\n' "$type" "$new" >"$work/table"
	check "$type" 1 '' '*' -- create x --table-file "$work/table" --trace
	expect "$type: refused by the kernel" grep -q 'unknown target type' "$work/err"
	hidden "$type"
	check "$type, JSON" 1 '' '*' -- create x --table-file "$work/table" --json
	hidden "$type, JSON"
	check "$type in a dry run" 0 '*' '' -- create x --table-file "$work/table" --dry-run
	hidden "$type in a dry run"
	check "$type checked" 2 '*' '*' -- check "$work/table"
	hidden "$type checked"
	check "$type checked, JSON" 2 '*' '*' -- check "$work/table" --json
	hidden "$type checked, JSON"
done
for line in "0,8,crypt,aes-xts-plain64,$new,0,1:0,0" "0 8crypt aes-xts-plain64 $new 0 1:0 0" \
	"$new 0 8 crypt aes-xts-plain64" "0 8 $new crypt" "9 8 Crypt aes $new 0 1:0 0" "0 x linear $new"; do
	printf '%s\n' "$line" >"$work/table"
	check "unreadable: ${line:0:12}" 2 '*' '*' -- create x --table-file "$work/table"
	hidden "unreadable: ${line:0:12}"
	check "unreadable: ${line:0:12}, checked" 2 '*' '*' -- check "$work/table"
	hidden "unreadable: ${line:0:12}, checked"
	check "unreadable: ${line:0:12}, JSON" 2 '*' '*' -- check "$work/table" --json
	hidden "unreadable: ${line:0:12}, JSON"
done
check 'nothing is left' 0 '' '' -- list
finish
