#!/bin/bash
# SPDX-License-Identifier: MIT
# The minimal command on a real kernel: `./dev lab -- tests/cli/minimal.sh`. Needs /dev/ram0 to /dev/ram6 of 16 MiB.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
DMKIT=$here/../../build/dmkit-static-minimal
key=$(printf '%064d' 7)
zeros=$(printf '%064d' 0)

# --- what it has -------------------------------------------------------------------------------------------

check 'create' 0 '' '' -- create a --table '0 8 linear /dev/ram0 0'
check 'create, a table of several lines' 0 '' '' -- create b --uuid B-1 \
	--table $'0 8 zero\n8 16 striped 2 8 1:0 24 1:4 0\n'
check 'table' 0 '0 8 linear 1:0 0' '' -- table a
check 'table of several segments' 0 $'0 8 zero\n8 16 striped 2 8 1:0 24 1:4 0' '' -- table b
check 'table --pretty is the text' 0 "--table '0 8 linear 1:0 0'" '' -- table a --pretty
check 'status' 0 'linear' '' -- status a
check 'status --raw' 0 '0 8 linear' '' -- status a --raw
check 'list' 0 $'a\tDM:0\t-\t0\nb\tDM:1\tB-1\t0' '' -- list
for command in list info table status deps; do
	check "$command, JSON" 0 json '' -- "$command" --json
done
check 'replace' 0 '' '' -- replace a --table '0 16 linear /dev/ram0 0'
check 'load' 0 '' '' -- load a --table '0 24 linear /dev/ram0 0'
check 'suspend' 0 '' '' -- suspend a
check 'resume' 0 '' '' -- resume a
check 'what was loaded is in' 0 '0 24 linear 1:0 0' '' -- table a
check 'rename' 0 '' '' -- rename a c
check 'message' 1 '' '%Target type does not support messages' -- message c nothing
check 'a table that the kernel refuses' 1 '' '%nosuch' -- create d --table '0 8 nosuch x'
check 'no such device' 3 '' '%d' -- info d
expect 'the node is a device' test -b /dev/mapper/c

# --- keys --------------------------------------------------------------------------------------------------

check 'a key in --table' 2 '' '%--table would show the key of crypt to every process' -- create k \
	--table "0 8 crypt aes-xts-plain64 $key 0 1:4 0"
printf '0 8 crypt aes-xts-plain64 %s 0 /dev/ram4 0\n' "$key" >"$work/crypt"
check 'a key in a file' 0 '' '' -- create k --table-file "$work/crypt"
check 'it is hidden' 0 "0 8 crypt aes-xts-plain64 $zeros 0 1:4 0" '' -- table k
check 'unless it is asked for' 0 "0 8 crypt aes-xts-plain64 $key 0 1:4 0" '' -- table k --show-keys
check 'in JSON too' 0 '*' '' -- table k --json
expect 'the key is not in it' bash -c "! grep -q $key '$work/out'"
check 'and in a dry run' 0 '*' '' -- create l --table-file "$work/crypt" --dry-run
expect 'it is not in that' bash -c "! grep -q $key '$work/out' '$work/err'"
check 'and in a trace' 0 '' '*' -- replace k --table-file "$work/crypt" --trace
expect 'nor in that' bash -c "! grep -q $key '$work/out' '$work/err'"
printf '0 8 integrity 1:5 0 - D 1 internal_hash:hmac(sha256):%s\n' "$key" >"$work/integrity"
check 'a key among options' 0 '' '' -- create i --table-file "$work/integrity"
check 'it is hidden, and the rest is not' 0 "%internal_hash:hmac(sha256):$zeros" '' -- table i
check 'and that is no mistake' 0 "%internal_hash:hmac(sha256):$key" '' -- table i --show-keys
check 'a hash without a key' 0 '' '' -- create h --table '0 8 integrity 1:6 0 - D 1 internal_hash:sha256'
check 'is shown as it is' 0 '%internal_hash:sha256' '' -- table h

# --- what it leaves out ------------------------------------------------------------------------------------

for command in 'check x' tree 'holders x' monitor; do
	name=${command% x}
	# shellcheck disable=SC2086
	check "$name" 2 '' "dmkit: $name: this build leaves it out (see 'dmkit help $name')" -- $command
done
check 'key=value' 2 '' '%this build takes targets as text alone: give the table' -- create d zero size=8s
check '--check' 2 '' '%this build leaves --check out' -- create d --check --table '0 8 zero'
check 'help of a target' 2 '' '%this build leaves it out' -- help linear
check 'help' 0 '*' '' -- help
expect 'help names the commands' grep -q '^commands: create replace load clear ' "$work/out"
check 'help of a command: its usage' 0 '*' '' -- help list
expect 'its options' grep -q '^usage: dmkit list' "$work/out"

check 'remove' 0 '' '' -- remove k b i
check 'remove --all' 0 '' '' -- remove --all
check 'nothing is left' 0 '' '' -- list
finish
