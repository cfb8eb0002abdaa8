#!/bin/bash
# SPDX-License-Identifier: MIT
# Messages whose replies dmkit reads, and keys in messages, on a real kernel: `./dev lab -- tests/cli/messages.sh`. Needs
# /dev/ram0 and /dev/ram1 of 16 MiB.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

# --- statistics --------------------------------------------------------------------------------------------

dm create d linear device=/dev/ram0
check 'no region' 0 '' '' -- message d stats-list
check 'no region, JSON' 0 '[
  {"device": "d", "reply": "", "regions": []}
]' '' -- message d stats-list --json
check 'a region' 0 0 '' -- message d stats-create areas=2 program-id=me aux-data=mine
check 'another, JSON' 0 '[
  {"device": "d", "reply": "1", "region_id": 1}
]' '' -- message d stats-create start=8s length=16s step=8s precise-timestamps=yes histogram=1000,2000 --json
check 'the list' 0 'REGION START LENGTH STEP  PROGRAM AUX  TIMES HISTOGRAM
0      0     32768  16384 me      mine ms    -
1      8     16     8     -       -    ns    1000,2000' '' -- message d stats-list
check 'the list, --raw' 0 '0: 0+32768 16384 me mine
1: 8+16 8 - - precise_timestamps histogram:1000,2000' '' -- message d --raw @stats_list
check 'the list, JSON' 0 '[
  {"device": "d", "reply": "0: 0+32768 16384 me mine\u000a1: 8+16 8 - - precise_timestamps histogram:1000,2000\u000a", "regions": [{"region_id": 0, "start_sectors": 0, "length_sectors": 32768, "step_sectors": 16384, "program_id": "me", "aux_data": "mine", "precise_timestamps": false, "histogram": []}, {"region_id": 1, "start_sectors": 8, "length_sectors": 16, "step_sectors": 8, "program_id": "-", "aux_data": "-", "precise_timestamps": true, "histogram": [1000, 2000]}]}
]' '' -- message d stats-list --json
check 'the list, as the kernel reads the word' 0 'REGION START LENGTH STEP  PROGRAM AUX  TIMES
0      0     32768  16384 me      mine ms' '' -- message d @STATS_list me
check 'counters' 0 'START LENGTH READS R-MERGED R-SECTORS R-TIME WRITES W-MERGED W-SECTORS W-TIME IN-FLIGHT BUSY QUEUE R-BUSY W-BUSY HISTOGRAM
8     8      0     0        0         0      0      0        0         0      0         0    0     0      0      0:0:0
16    8      0     0        0         0      0      0        0         0      0         0    0     0      0      0:0:0' '' \
	-- message d stats-print region-id=1
dd if=/dev/mapper/d of=/dev/null bs=4k count=1 skip=2 iflag=direct status=none
dd if=/dev/zero of=/dev/mapper/d bs=4k count=2 seek=1 oflag=direct status=none
columns() { # NAME...: what stands there, of each area
	awk -v names="$*" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 { n = split(names, name, " "); for (i = 1; i <= n; i++) printf "%s%s", $at[name[i]], i < n ? " " : "\n" }
	' "$work/out"
}
check 'counters after I/O' 0 '*' '' -- message d stats-print region-id=1
expect 'counters after I/O: what was counted' \
	test "$(columns START READS R-SECTORS WRITES W-SECTORS IN-FLIGHT)" = $'8 0 0 1 8 0\n16 1 8 1 8 0'
check 'the same, JSON' 0 json '' -- message d stats-print region-id=1 --json
read_counters() {
	python3 -c '
import json, sys
for area in json.load(open(sys.argv[1]))[0]["areas"]:
    print(*[area[key] for key in ("start_sectors", "length_sectors", "reads", "sectors_read", "writes", "sectors_written",
                                  "in_flight")], sum(area["histogram"]))
' "$work/out"
}
expect 'the same, JSON: numbers' test "$(read_counters)" = $'8 8 0 0 1 8 0 1\n16 8 1 8 1 8 0 2'
check 'one line of them' 0 '*' '' -- message d stats-print-clear region-id=1 starting-line=1 number-of-lines=1
expect 'one line of them: it is the second' test "$(columns START READS WRITES)" = '16 1 1'
check 'cleared' 0 '*' '' -- message d @stats_print 1
expect 'cleared: that one alone' test "$(columns START READS WRITES)" = $'8 0 1\n16 0 0'
check 'counters, --raw' 0 '*' '' -- message d --raw '@stats_print 1'
expect "counters, --raw: the kernel's own text" grep -qE '^16\+8 0( [0-9]+){12} 0:0:0$' "$work/out"
check 'no such region' 1 '' "%message 'd'" -- message d stats-print region-id=7
dm message d stats-delete region-id=1
dm remove d

# --- a key ---------------------------------------------------------------------------------------------------

old=$(printf '%064d' 7) new=$(printf '%064d' 8) newer=$(printf '%064d' 9)
printf '0 64 crypt aes-xts-plain64 %s 0 /dev/ram1 0\n' "$old" >"$work/table"
dm create c --table-file "$work/table"
dm suspend c
key_is() { # KEY
	expect "the key is the one that ends in ${1: -1}" grep -qF -- "$1" <("$DMKIT" table c --show-keys)
}
printf %s "$new" >"$work/key"
exec 9<"$work/key"
check 'a key out of a descriptor' 0 '' '' -- message c key-set key-fd=9 key-format=hex
exec 9<&-
key_is "$new"
python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$newer" >"$work/key"
check 'a key out of a file, as bytes' 0 '' '' -- message c key-set key-file="$work/key"
key_is "$newer"
check 'two sources' 2 '' '%give exactly one of key-file=, key-fd= and keyring=' -- message c key-set key-file="$work/key" key-fd=9
check 'a descriptor that is not open' 1 '' '%read the key from' -- message c key-set key-fd=9
check 'no file' 1 '' '%open the key file' -- message c key-set key-file="$work/none"
check 'a message without a key takes none' 2 '' '%no such key' -- message c key-wipe key-file="$work/key"
key_is "$newer"
dm resume c
dm remove c
finish
