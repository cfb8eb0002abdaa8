#!/bin/bash
# SPDX-License-Identifier: MIT
# dmkit monitor on a real kernel: `./dev lab -- tests/cli/monitor.sh`. Needs /dev/ram0 to /dev/ram5 of 16 MiB.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

within() { # COMMAND...: that it succeeds within 5 s
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" && return
		sleep 0.05
	done
	return 1
}
told() { # NAME LINE: the line comes in both forms, and once. A pattern of grep -E.
	within grep -qxE -- "$2" "$work/lines"
	expect "$1" test "$(grep -cxE -- "$2" "$work/lines")" -eq 1
}
json_told() { # NAME PATTERN
	within grep -qE -- "$2" "$work/json-lines"
	expect "$1, JSON" test "$(grep -cE -- "$2" "$work/json-lines")" -eq 1
}
armed() { # PID: it has looked, and sleeps in poll
	grep -qE 'do_sys_poll|do_poll' "/proc/$1/wchan" 2>/dev/null || grep -q '^State:.S' "/proc/$1/status"
}

# Through pipes: each line has to come when it happens. Bash lets background jobs ignore SIGINT.
env --default-signal=INT "$DMKIT" monitor > >(cat >"$work/lines") 2>"$work/errors" &
lines=$!
"$DMKIT" monitor --json > >(cat >"$work/json-lines") 2>"$work/json-errors" &
jsons=$!
"$DMKIT" monitor one two >"$work/named" &
named=$!
for pid in $lines $jsons $named; do within armed "$pid"; done
sleep 0.5

dm create a linear device=/dev/ram0 size=1MiB
told 'a device is made' 'created a'
told 'and has its table' 'resumed a'
json_told 'a device is made' '^\{"event": "created", "name": "a", "uuid": "", "major": [0-9]+, "minor": 0, "event_nr": 0\}$'
dm rename a one
told 'a rename' 'renamed a to one'
json_told 'a rename' '^\{"event": "renamed", "name": "one", "old_name": "a", "uuid": "", .*"event_nr": 1\}$'
dm set-uuid one U-1
told 'a uuid' 'uuid-set one: U-1'
dm load one linear device=/dev/ram0 offset=1MiB size=1MiB
dm suspend one
sleep 0.2
expect 'a load and a suspend are nothing' test "$(tail -n 1 "$work/lines")" = 'uuid-set one: U-1'
dm resume one
told 'a resume with another table' 'resumed one'
json_told 'a resume' '"event": "resumed", "name": "one"'
dm remove one
told 'a removal' 'removed one'
json_told 'a removal' '"event": "removed", "name": "one", "uuid": "U-1"'
within grep -q removed "$work/named"
expect 'only named ones' test "$(cat "$work/named")" = 'renamed a to one
uuid-set one: U-1
resumed one
removed one'

dd if=/dev/zero of=/dev/ram1 bs=4096 count=4 2>/dev/null
dm create pool thin-pool metadata=/dev/ram1 data=/dev/ram2 block-size=64KiB low-water-mark=250
dm message pool create-thin id=0
dm create thin thin pool=/dev/mapper/pool id=0 size=8MiB
timeout 10 dd if=/dev/zero of=/dev/mapper/thin bs=64k count=20 oflag=direct 2>/dev/null
told 'a thin pool below its low-water mark' 'event pool 1: thin-pool: mode rw, .*data [0-9]+/256 blocks .*'
json_told 'a thin pool below its low-water mark' '"event": "event", "name": "pool", .*"event_nr": 1, "segments": \[\{.*"type": "thin-pool", .*"values": \{.*"data": \{"used_blocks": [0-9]+, "total_blocks": 256\}'
dm remove thin pool

# It keeps its log: else writes would wait for somebody to repair the mirror.
dm create bad linear device=/dev/ram3 size=4MiB
dm create m mirror region-size=512KiB device=/dev/ram4:0 device=/dev/mapper/bad:0 handle-errors=yes keep-log=yes \
	sync=yes size=4MiB
within grep -q '^event m .*in-sync-regions 8/8 ' "$work/lines"
dm replace bad error size=4MiB
timeout 10 dd if=/dev/zero of=/dev/mapper/m bs=4k count=4 oflag=direct 2>/dev/null
told 'a leg of a mirror is lost' 'event m [0-9]+: mirror: failed 1, .*health AD.*'
json_told 'a leg of a mirror is lost' '"event": "event", "name": "m", .*"health": "alive"}, .*"health": "write-failed"'
dm remove m bad

dd if=/dev/zero of=/dev/ram5 bs=4096 count=4 2>/dev/null
dm create orig linear device=/dev/ram4 size=4MiB
dm create cow linear device=/dev/ram5 size=64KiB
dm create s --table '0 8192 snapshot /dev/mapper/orig /dev/mapper/cow N 8'
timeout 10 dd if=/dev/zero of=/dev/mapper/s bs=4k count=64 oflag=direct 2>/dev/null
told 'a snapshot overflows' 'event s 1: snapshot: state invalid'
json_told 'a snapshot overflows' '"event": "event", "name": "s", .*"status": "Invalid", "values": \{"state": "invalid"\}'
dm remove s cow orig

# Whoever follows the lines knows in the end what is there.
for ((i = 0; i < 50; i++)); do
	"$DMKIT" create "q$i" zero size=8s
	((i % 3)) && "$DMKIT" remove "q$i"
done
within grep -q '^resumed q48$' "$work/lines"
sleep 0.5
awk '$1 == "created" { there[$2] = 1 } $1 == "removed" { delete there[$2] }
	$1 == "renamed" { delete there[$2]; there[$4] = 1 } END { for (name in there) print name }' "$work/lines" |
	LC_ALL=C sort >"$work/followed"
"$DMKIT" list | cut -f 1 | LC_ALL=C sort >"$work/there"
expect '50 quick ones: what is there is told' cmp "$work/followed" "$work/there"
expect 'there are 17' test "$(wc -l <"$work/there")" -eq 17
dm remove --all

keep 0 "$work/json-lines" "$work/json-errors" monitor --json
expect 'the JSON is an object a line' python3 -c '
import json, sys
for line in open(sys.argv[1]):
    assert {"event", "name", "uuid", "major", "minor", "event_nr"} <= json.loads(line).keys()' "$work/json-lines"

# --- how it ends -------------------------------------------------------------------------------------------

start=${EPOCHREALTIME/./}
kill -INT $lines
wait $lines
expect 'Ctrl-C ends it, by the signal' test $? -eq 130
expect 'at once' test $((${EPOCHREALTIME/./} - start)) -lt 500000
kill -TERM $jsons
wait $jsons
expect 'TERM ends it' test $? -eq 143
kill -TERM $named
expect 'without a word' test ! -s "$work/errors" -a ! -s "$work/json-errors"
check 'the deadline ends it, well' 0 '' '' -- monitor --deadline 200ms
check 'the deadline, JSON' 0 '' '' -- monitor --json --deadline 0
check 'a path that leads nowhere' 3 '' "dmkit: monitor: there is no 'a/b'" -- monitor a/b
dm create z zero size=8s
"$DMKIT" monitor --deadline 3s >/dev/full 2>"$work/err" &
sleep 0.5
dm remove z
wait $!
expect 'a full disk is exit 1' test $? -eq 1
# The reader of a pipe goes: it ends, although nothing happens.
mkfifo "$work/fifo"
"$DMKIT" monitor --deadline 20s >"$work/fifo" &
exec 7<"$work/fifo"
sleep 0.3
exec 7<&-
wait $!
expect 'it ends when nobody reads' test $? -eq 141

# Asleep: it asks nothing of the kernel while nothing happens. Counted from its first ppoll() on.
strace -o "$work/trace" "$DMKIT" monitor --deadline 2s
expect 'idle, it sleeps in one call' test "$(sed -n '/ppoll(/,$p' "$work/trace" | grep -c 'poll(\|ioctl(')" -eq 1
finish
