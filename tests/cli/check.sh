#!/bin/bash
# SPDX-License-Identifier: MIT
# `dmkit check --offline`, on the host: what is printed, byte for byte; bad inputs; what it costs.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
input=$work/table

# says NAME STDERR TEXT...: TEXT is printf's; of it --offline says exactly this.
says() {
	local name=$1 err=$2
	shift 2
	# shellcheck disable=SC2059
	printf "$@" >"$input"
	check "$name" 2 '' "$err" -- check --offline -
}

# --- carets and hints --------------------------------------------------------------------------------------

says 'a gap' '-:2:1: error: a gap of 1 sectors: it starts at 9, but segment 1 ends at 8
  9 8 linear /dev/ram0 8
  ^' '0 8 linear /dev/ram0 0\n9 8 linear /dev/ram0 8\n'
says 'a gap that is bytes for sectors' '-:3:1: error: a gap of 1046528 sectors: it starts at 1048576, but segment 1 ends at 2048
  1048576 2048 linear 1:0 2048
  ^~~~~~~
  hint: device-mapper counts in 512-byte sectors: did you mean 2048?' \
	'# two\n0 2048 linear 1:0 0\n1048576 2048 linear 1:0 2048\n'
says 'a gap that is not' '-:2:1: error: a gap of 1046529 sectors: it starts at 1048577, but segment 1 ends at 2048
  1048577 2048 linear 1:0 2048
  ^~~~~~~' '0 2048 linear 1:0 0\n1048577 2048 linear 1:0 2048\n'
says 'an overlap' '-:2:3: error: an overlap of 1 sectors: it starts at 7, but segment 1 ends at 8
    7 8 zero
    ^' '0 8 zero\n\t 7 8 zero\n'
says 'length 0' '-:1:3: error: a segment is at least one sector long
  0 0 zero
    ^' '0 0 zero'
says 'a word of the parameters' "-:1:17: error: linear: 'x9': offset must be a number of sectors from 0 to 18014398509481983
  0 8 linear 1:0  x9
                  ^~" '0 8 linear 1:0  x9\n'
says 'a missing word: behind the line' "-:1:9: error: the target type is missing: a line is START LENGTH TYPE PARAMETERS
  0 8     
          ^" '0 8     \n'
says 'an empty file' '-:1:1: error: the table is empty' ''
says 'comments alone' '-:1:1: error: the table is empty
  # nothing
  ^' '# nothing\n\n'
says 'control bytes are shown, not sent' "-:1:3: error: '\\x1b[2J': the length is a number of sectors in decimal digits
  0 \\x1b[2J zero
    ^~~~~~~" '0 \033[2J zero\n'
says 'bytes that are no text, and some that are' "-:1:3: error: 'ü\\xff': the length is a number of sectors in decimal digits
  0 ü\\xff\\x00x zero
    ^~~~~~~~~~" '0 \303\274\377\000x zero\n'
says 'a long line is cut around the column' "-:1:513: error: linear: 'x': offset must be a number of sectors from 0 to 18014398509481983
  ...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
                                         ^" \
	"0 8 linear /$(printf 'a%.0s' {1..499}) x $(printf 'b%.0s' {1..400})\n"
key=$(printf '%064d' 777)
says 'a key is in no line' '-:2:1: error: a gap of 1 sectors: it starts at 9, but segment 1 ends at 8
  9 8 crypt (hidden)
  ^' "0 8 zero\n9 8 crypt aes-xts-plain64 $key 0 7:0 0\n"
says 'nor where the error stands behind it' "-:1:98: error: crypt: 'x': offset must be a number of sectors from 0 to 18014398509481983
  0 8 crypt (hidden)
            ^~~~~~~~" "0 8 crypt aes-xts-plain64 $key 0 7:0 x\n"
says 'nor where the line lacks a word' "-:1:3: error: 'crypt': the length is a number of sectors in decimal digits
  0 crypt (hidden)
    ^~~~~" "0 crypt aes-xts-plain64 $key 0 7:0 0\n"
says 'integrity without a key may be shown' '-:1:1: error: the first segment starts at sector 8, not at 0
  8 8 integrity 7:0 0 4 J 0
  ^' '8 8 integrity 7:0 0 4 J 0\n'

# --- several files, JSON, what cannot be read ----------------------------------------------------------------

printf '0 8 zero\n' >"$work/good"
printf '0 8 zero x\n' >"$work/bad"
input=/dev/null
check 'a good file' 0 '' '' -- check --offline "$work/good"
check 'good ones around a bad one' 2 '' "$work/bad:1:10: error: zero: 'x': $("$DMKIT" --dry-run create a --table '0 8 zero x' 2>&1 | sed -n 's/.*x'"'"': //p')
  0 8 zero x
           ^" -- check --offline "$work/good" "$work/bad" "$work/good"
check 'all good, JSON' 0 '[]' '' -- check --offline --json "$work/good"
check 'a bad one, JSON' 2 json '' -- check --offline --json "$work/bad" "$work/good" "$work/bad"
expect 'JSON: one object for each error, with place, errno and line' python3 -c '
import json, sys
errors = json.load(open(sys.argv[1]))
assert len(errors) == 2
for e in errors:
    assert (e["line"], e["column"], e["segment"], e["target"], e["argument"]) == (1, 10, 1, "zero", "x"), e
    assert e["errno"] == "EINVAL" and e["source"] == "0 8 zero x" and e["file"].endswith("/bad"), e' "$work/out"
check 'a file that is not there' 1 '' '%No such file or directory' -- check "$work/none"
check 'a folder' 1 '' '%directory' -- check "$work"
check 'the others all the same' 1 '' '*' -- check --offline "$work/none" "$work/bad"
expect 'the others all the same: said' grep -q ':1:10: error: zero' "$work/err"
if [[ ! -e /dev/mapper/control && -z $dm_major ]]; then
	check 'no device-mapper: that is said, not passed over' 6 '' '%no device-mapper' -- check "$work/good"
fi

# --- every golden line ---------------------------------------------------------------------------------------

lines=0
for golden in "$here"/../unit/golden/*.txt; do
	sed -n 's/^table: //p' "$golden" >"$work/lines"
	: >"$work/wrong"
	while IFS= read -r line; do
		lines=$((lines + 1))
		# Each is a segment of its own.
		printf '0 %s\n' "${line#* }" | "$DMKIT" check --offline - >>"$work/wrong" 2>&1 || echo "$line" >>"$work/wrong"
		for version in 6.1 6.12; do
			printf '0 %s\n' "${line#* }" | "$DMKIT" check --offline --kernel-version $version - 2>&1 |
				sed -nE "s/^-:[0-9:]* (note|error): ([^:']*: )?'([^']*)'.*/\3/p" >>"$work/release $version"
		done
	done <"$work/lines"
	expect "golden: ${golden##*/}" test -s "$work/lines" -a ! -s "$work/wrong"
done
# Just these are in no source of Linux 6.1, or 6.12.
lacks() { # VERSION WORD...
	[[ $(sort -u "$work/release $1" | xargs) == "${*:2}" ]] || { sort -u "$work/release $1" && false; }
}
expect 'golden: Linux 6.1 has all but some' lacks 6.1 allow_discards_keyed error_reads high_priority inlinecrypt integrity_key_size pcache \
	random_read_corrupt restart_on_error vdo
expect 'golden: Linux 6.12 has all but three' lacks 6.12 indexSparse inlinecrypt pcache
expect 'golden lines were there' test "$lines" -ge 150

# --- another kernel ------------------------------------------------------------------------------------------

release() { # NAME EXIT STDOUT STDERR VERSION TABLE
	printf '%s\n' "$6" >"$input"
	check "$1" "$2" "$3" "$4" -- check --offline --kernel-version "$5" -
}
input=$work/table
zeros=0000000000000000000000000000000000000000000000000000000000000000
verity="0 8 verity 1 1:0 1:1 4096 4096 1 0 sha256 $zeros -"
release 'a target that is newer' 2 '' '-:1:5: error: '"'writecache'"': Linux 4.17 does not have it, Linux 4.18 was the first
  0 8 writecache s 1:0 1:1 4096 0
      ^~~~~~~~~~' 4.17.3 '0 8 writecache s 1:0 1:1 4096 0'
release 'a target of the same release' 0 '' '' 4.18 '0 8 writecache s 1:0 1:1 4096 0'
release 'an option that is newer, by its row' 2 '' '-:1:39: error: crypt: '"'no_read_workqueue'"': Linux 5.8 does not have it, Linux 5.9 was the first
  0 8 crypt aes-xts-plain64 - 0 1:0 0 1 no_read_workqueue
                                        ^~~~~~~~~~~~~~~~~' 5.8.18 "0 8 crypt aes-xts-plain64 - 0 1:0 0 1 no_read_workqueue"
release 'an option of the same release, by its row' 0 '' '' 5.9 "0 8 crypt cipher_null-ecb - 0 1:0 0 1 no_read_workqueue"
release 'an option that is newer, by its version' 2 '' '*' 5.3 "$verity 2 root_hash_sig_key_desc x"
expect 'an option that is newer, by its version: said' grep -q "verity: 'root_hash_sig_key_desc': Linux 5.3 does not have it, Linux 5.4 was the first$" "$work/err"
release 'an option of the same release, by its version' 0 '' '' 5.4 "$verity 2 root_hash_sig_key_desc x"
release 'two options: the newer one' 2 '' '*' 5.4 "$verity 3 panic_on_corruption root_hash_sig_key_desc x"
expect 'two options: the newer one is named' grep -q "verity: 'panic_on_corruption': Linux 5.4 does" "$work/err"
release 'newer, but since when is not known' 2 '' '*' 6.1 "$verity 1 restart_on_error"
expect 'newer, but since when is not known: said' grep -q "verity: 'restart_on_error': Linux 6.1 does not have it$" "$work/err"
release 'not known' 0 '*' '' 6.6.1 "$verity 1 restart_on_error"
expect 'not known: a note' grep -q "^-:1:[0-9]*: note: verity: 'restart_on_error': whether Linux 6.6 has it is not known$" "$work/out"
release 'a target of a release to come' 0 '' '' 99.0 '0 8 writecache s 1:0 1:1 4096 0'
release 'a target that dmkit does not know' 0 "-:1:5: note: 'frob': whether Linux 6.1 has it is not known
  0 8 frob x
      ^~~~" '' 6.1 '0 8 frob x'
release 'the second segment' 2 '' '*' 3.3 "0 8 zero
8 8 era 1:0 1:1 8"
# Values, where their option is older: lacks_value RELEASE WORD SINCE TABLE, and the release before it has none.
lacks_value() {
	release "$2 is newer than $1" 2 '' '*' "$1" "$4"
	expect "$2 is newer than $1: said" grep -qF "'$2': Linux $1 does not have it, Linux $3 was the first" "$work/err"
	release "$2 in $3" 0 '' '' "$3" "$4"
}
ring="0 8 crypt aes-xts-plain64 :32"
lacks_value 6.9 I 6.11 '0 8 integrity 1:0 0 4 I 1 internal_hash:crc32'
lacks_value 5.1 B 5.2 '0 8 integrity 1:0 0 4 B 1 internal_hash:crc32'
lacks_value 5.4 key 5.11 "$ring:trusted:x 0 1:0 0"
lacks_value 5.4 key 5.7 "$ring:encrypted:x 0 1:0 0"
lacks_value 4.4 key 4.10 "$ring:logon:x 0 1:0 0"
lacks_value 4.4 capi: 4.12 "0 8 crypt capi:xts(aes)-plain64 $zeros 0 1:0 0"
lacks_value 5.4 io-affinity 5.11 '0 8 multipath 0 0 1 1 io-affinity 0 1 1 1:0 1'
lacks_value 5.4 historical-service-time 5.8 '0 8 multipath 0 0 1 1 historical-service-time 0 1 0 1:0'
lacks_value 3.0 bio 4.8 '0 8 multipath 2 queue_mode bio 0 1 1 round-robin 0 1 0 1:0'
lacks_value 3.10 passthrough 3.13 '0 64 cache 1:0 1:1 1:2 64 1 passthrough default 0'
lacks_value 3.5 PO 4.4 '0 8 snapshot 1:0 1:1 PO 8'
lacks_value 3.1 raid10 3.6 '0 8 raid raid10 1 8 2 - 1:0 - 1:1'
lacks_value 4.4 raid6_ls_6 4.8 '0 72 raid raid6_ls_6 1 8 5 - 1:0 - 1:1 - 1:2 - 1:3 - 1:4'
release 'raid0 is newer than 3.3' 2 '' '*' 3.3 '0 64 raid raid0 1 8 2 - 1:0 - 1:1'
release 'a fix may have brought it' 0 '*' '' 6.1 "0 8 integrity 1:0 0 32 J 2 allow_discards_keyed internal_hash:hmac(sha256):00"
expect 'a fix may have brought it: a note' grep -q "whether Linux 6.1 has it is not known$" "$work/out"
release 'inlinecrypt in 7.2' 0 '' '' 7.2 "0 8 inlinecrypt aes-xts-plain64 $zeros$zeros 0 1:0 0"

check 'a note, JSON' 0 json '' -- check --offline --json --kernel-version 6.1 <(echo '0 8 frob x')
expect 'a note, JSON: told from an error' grep -q '"note": true, "errno": ""' "$work/out"
for version in 5 5.x 2.6 6.1- 5.15. .5 5..1 5.15.1.1 300.1 -5.1 6.1.0-13-amd64 '' ' 6.1' 6.99999999999999999999; do
	check "no release: '$version'" 2 '' "%--kernel-version '$version': allowed is a release of Linux from 3.0 on, as 5.15, 6.1 or 6.1.176" \
		-- check --kernel-version "$version" "$work/good"
done
check 'a release is for check alone' 2 '' '%takes no --kernel-version' -- list --kernel-version 6.1

# --- bad inputs: one clear error, one pass ---------------------------------------------------------------------

# reads MOST FILE: check reads the file once, in so many calls.
reads() {
	local most=$1 file=$2 calls bytes
	strace -e trace=read -P "$file" -o "$work/trace" "$DMKIT" check --offline "$file" >/dev/null 2>&1
	calls=$(grep -c '^read(' "$work/trace")
	bytes=$(awk -F ' = ' '/^read\(/ { sum += $NF } END { printf "%d", sum }' "$work/trace")
	if ((calls > most || bytes != $(stat -c %s "$file"))); then
		echo "$calls calls, $bytes bytes"
		return 1
	fi
}

seq 0 8 7999984 | sed 's/$/ 8 zero/' >"$work/million"
echo '7999992 8 zero x' >>"$work/million"
expect 'a million lines' test "$(wc -l <"$work/million")" -eq 1000000
check 'a million lines, the last is wrong' 2 '' "$work/million:1000000:16: error: zero: 'x': $(sed -n '1s/.*x'"'"': //p' <("$DMKIT" check --offline "$work/bad" 2>&1))
  7999992 8 zero x
                 ^" -- check --offline "$work/million"
expect 'a million lines: read once' reads 2 "$work/million"
rm "$work/million"

head -c 104857600 /dev/zero >"$work/zeros"
check '100 MiB of NUL bytes' 2 '' '*' -- check --offline "$work/zeros"
expect '100 MiB of NUL bytes: one error' test "$(grep -c ': error: ' "$work/err")" -eq 1
expect '100 MiB of NUL bytes: three short lines' test "$(wc -lc <"$work/err" | xargs | awk '{ print ($1 == 3 && $2 < 2000) }')" = 1
expect '100 MiB: read once' reads 2 "$work/zeros"
rm "$work/zeros"
yes '0 8 zero' | head -c 104857600 >"$work/lines"
check '100 MiB of lines' 2 '' "$work/lines:2:1: error: an overlap of 8 sectors: it starts at 0, but segment 1 ends at 8
  0 8 zero
  ^" -- check --offline "$work/lines"
rm "$work/lines"
check 'a program' 2 '' '*' -- check --offline "$DMKIT"
expect 'a program: one error' test "$(grep -ac ': error: ' "$work/err")" -eq 1
expect 'a program: no control byte of it' test "$(LC_ALL=C tr -d '\n -~\200-\377' <"$work/err" | wc -c)" -eq 0

finish
