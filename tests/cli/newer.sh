#!/bin/bash
# SPDX-License-Identifier: MIT
# Options that dmkit does not know: `./dev lab -- tests/cli/newer.sh`. A kernel whose targets are newer than dmkit is
# this one, with its answer changed on the way.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

expect 'the shim builds' cc -shared -fPIC -o "$work/newer.so" "$here/newer/shim.c" -ldl
newer() { # ARGUMENT... of check: on a kernel with newer targets
	LD_PRELOAD=$work/newer.so check "$@"
}
unknown='0 8 flakey /dev/ram0 0 1 1 1 catch_fire'
echo "$unknown" >"$work/unknown"
echo '0 8 flakey /dev/ram0 0 1 1 1 catch_fire
8 8 flakey /dev/ram0 0 1 0 x' >"$work/wrong"
refused="flakey: 'catch_fire': unknown; allowed: error_reads drop_writes error_writes corrupt_bio_byte random_read_corrupt random_write_corrupt"
left="not known; left to this kernel, whose flakey is newer than what dmkit was made from"
says='the kernel says: flakey: Unrecognised flakey feature requested'

# --- this kernel: older than dmkit ---------------------------------------------------------------------------

check 'an option that dmkit does not know' 2 '' "$work/unknown:1:30: error: $refused
  $unknown
                               ^~~~~~~~~~" -- check "$work/unknown"
check 'create: refused before the kernel is asked' 2 '' "%'catch_fire': unknown" -- create a --table "$unknown"
check 'create --unchecked: the kernel judges' 1 '' "%$says" -- create a --unchecked --table "$unknown"
check 'create --unchecked, from a file' 1 '' "%$says" -- create a --unchecked --table-file "$work/unknown"
check 'create --unchecked: a gap' 1 '' '%the kernel says: ' -- create a --unchecked --table '8 8 zero'
check 'create --unchecked with what is right' 0 '' '' -- create a --unchecked --table '0 8 zero'
check 'replace --unchecked' 1 '' "%$says" -- replace a --unchecked --table "$unknown"
check 'load --unchecked' 1 '' "%$says" -- load a --unchecked --table "$unknown"
check 'what runs is what was' 0 '0 8 zero' '' -- table a
check 'a million lines, unchecked' 1 '' '%the kernel says: ' -- create big --unchecked \
	--table-file <(for ((i = 1; i < 9000; i++)); do echo "$i 1 zero"; done)
check '--unchecked is of texts' 2 '' '%--unchecked is for the text' -- create b --unchecked zero size=8s
check '--unchecked and --concise' 2 '' '%--unchecked beside it' -- create --unchecked --concise 'a,,,rw,0 8 zero'
check 'no question for what is right' 0 '*' '*' -- create b --trace --table '0 8 flakey /dev/ram0 0 1 1'
expect 'it was not asked' sh -c "! grep -q version '$work/err'"

# What Linux 6.1 has not, where no target's version tells it. Red Hat's kernels have what is years younger.
if [[ $(uname -r) == 6.1.* ]]; then
	echo '0 2048 flakey /dev/ram0 0 1 1 1 error_reads' >"$work/reads"
	check 'an option that this Linux has not' 2 '' "$work/reads:1:33: error: flakey: 'error_reads': Linux 6.1 does not have it, Linux 6.4 was the first
  0 2048 flakey /dev/ram0 0 1 1 1 error_reads
                                  ^~~~~~~~~~~" -- check "$work/reads"
	echo '0 2048 integrity /dev/ram0 0 4 I 1 internal_hash:crc32' >"$work/inline"
	check 'a value that this Linux has not' 2 '' '*' -- check "$work/inline"
	expect 'it is named, with the versions' grep -q "'I': needs integrity 1.12.0, this kernel has 1.10" "$work/err"
fi

# --- what check and the kernel refuse alike --------------------------------------------------------------------

alike() { # WHAT-CHECK-SAYS TABLE
	echo "$2" >"$work/table"
	local name=${2%%$'\n'*}
	check "check: $name" 2 '' '*' -- check "$work/table"
	expect "check says: $1" grep -qF -- "$1" "$work/err"
	check "the kernel: $name" 1 '' '%the kernel says: ' -- create alike --readonly --unchecked --table-file "$work/table"
}
digest=$(printf '%064d' 0)
alike "'FIX_PADDING': unknown" '0 2048 integrity /dev/ram0 0 4 J 2 internal_hash:crc32 FIX_PADDING'
alike "'SECTOR_SIZE:512': unknown" "0 2048 crypt aes-xts-plain64 $digest 0 /dev/ram0 0 1 SECTOR_SIZE:512"
alike "'-': is no device" '0 8 linear - 0'
alike 'only segment' "0 8 verity 1 /dev/ram0 /dev/ram1 4096 4096 256 0 sha256 $digest -
8 8 zero"
alike 'no such setting' '0 4096 cache /dev/ram0 /dev/ram1 /dev/ram2 64 0 smq 2 sequential_threshold 512'
alike 'chunksize' '0 2048 snapshot /dev/ram0 /dev/ram1 N 0'
alike 'the same device as the one before' '0 2048 snapshot /dev/ram0 1:0 P 8'
alike "more than this machine's page, 4096" '0 4096 writecache s /dev/ram0 /dev/ram1 8192 0'
alike "more than this machine's page, 4096" "0 2048 verity 1 /dev/ram0 /dev/ram1 65536 4096 16 0 sha256 $digest -"
alike "logical block" '0 2047 writecache s /dev/ram0 /dev/ram1 4096 0'
check 'an IV offset of 64 bits' 0 '' '' -- create iv --table-file \
	<(echo "0 2048 crypt aes-cbc-plain64 ${digest:0:32} 18446744073709551608 /dev/ram0 0")
check 'it has keys' 0 '*' '' -- table iv --json
expect 'it has keys: all 64 bits' grep -q '"iv_offset_sectors": 18446744073709551608' "$work/out"
check 'and words' 0 "crypt size=2048s cipher=aes-cbc-plain64 'key=hidden, 16 bytes' iv-offset=18446744073709551608s device=1:0" '*' -- table iv --pretty

# --- a newer one ---------------------------------------------------------------------------------------------

newer 'check notes it' 0 "$work/unknown:1:30: note: flakey: 'catch_fire': $left
  $unknown
                               ^~~~~~~~~~" '' -- check "$work/unknown"
newer 'check, offline' 2 '' "$work/unknown:1:30: error: $refused
  $unknown
                               ^~~~~~~~~~" -- check --offline "$work/unknown"
newer 'what dmkit knows is refused as before' 2 '' "$work/wrong:2:28: error: flakey: 'x': the count of optional words must be a number from 0 to 4294967295
  8 8 flakey /dev/ram0 0 1 0 x
                             ^" -- check "$work/wrong"
newer 'create: the kernel judges' 1 '' "%$says" -- create c --table "$unknown"
newer 'create --check' 1 '' '*' -- create c --check --table "$unknown"
expect 'create --check: a note' grep -qxF "dmkit: note: segment 1: flakey: 'catch_fire': $left" "$work/err"
newer 'create --check --json' 1 '*' '*' -- create c --check --json --table "$unknown"
expect 'create --check --json: a note' grep -q '^{"note": {"segment": 1, "target": "flakey", ' "$work/err"
"$DMKIT" remove --all
finish
