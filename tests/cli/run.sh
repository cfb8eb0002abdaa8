#!/bin/bash
# SPDX-License-Identifier: MIT
# The command on a real kernel: `./dev lab -- tests/cli/run.sh`. Needs /dev/ram0 to /dev/ram6 of 16 MiB.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

need_no_devices

clean() {
	dm remove --all
}
digest=$(printf '%064d' 1)
key=$(printf '%064d' 7)

# --- nothing there -----------------------------------------------------------------------------------------

for verb in list 'list --state' tree info table status deps 'remove --all' 'table --pretty'; do
	# shellcheck disable=SC2086
	check "$verb of nothing" 0 '' '' -- $verb
done
for verb in list 'list --state' tree info table status deps 'remove --all'; do
	# shellcheck disable=SC2086
	check "$verb of nothing, JSON" 0 '[]' '' -- $verb --json
done
check 'version' 0 '*' '' -- version
expect 'version: two lines' test "$(wc -l <"$work/out")" -eq 2
check 'version, JSON' 0 json '' -- version --json
check 'targets' 0 '*' '' -- targets
expect 'targets: linear is there' grep -qE $'^linear\t1\\.[0-9]+\\.[0-9]+$' "$work/out"
check 'targets, JSON' 0 json '' -- targets --json
check 'target-version' 0 '*' '' -- target-version zero
check 'target-version, JSON' 0 json '' -- target-version zero linear --json
check 'target-version: unknown' 1 '*' "dmkit: target-version: this kernel has no target 'nosuch', and no module dm-nosuch" \
	-- target-version zero nosuch
expect 'target-version: the known one all the same' grep -q '^zero' "$work/out"

# --- check -------------------------------------------------------------------------------------------------

printf '0 8 linear /dev/ram0 0\n8 8 zero\n' >"$work/good"
printf '0 8 linear /dev/ram0 0\n# more\n\n8 8 linear /dev/nosuch 0\n' >"$work/missing"
printf '0 1048576 linear /dev/ram0 2048\n' >"$work/bytes"
printf '0 8 zero\n8 8 crypt aes-xts-plain64 %s 0 /dev/ram0 32768\n' "$key" >"$work/key"
printf '0 8 nosuch\n' >"$work/nosuch"
check 'check: all is well' 0 '' '' -- check "$work/good"
check 'check: all is well, JSON' 0 '[]' '' -- check "$work/good" --json
check 'check: a device that is missing' 2 '' "$work/missing:4:12: error: linear: '/dev/nosuch': it does not exist
  8 8 linear /dev/nosuch 0
             ^~~~~~~~~~~" -- check "$work/good" "$work/missing"
check 'check: offline does not look' 0 '' '' -- check --offline "$work/missing" "$work/bytes" "$work/key" "$work/nosuch"
check 'check: bytes for sectors' 2 '' "$work/bytes:1:3: error: linear: '/dev/ram0': its size is 32768 sectors: there are no 1048576 from sector 2048 on
  0 1048576 linear /dev/ram0 2048
    ^~~~~~~
  hint: device-mapper counts in 512-byte sectors: did you mean 2048?" -- check "$work/bytes"
check 'check: a key is not shown' 2 '' "$work/key:2:$((30 + ${#key})): error: crypt: '/dev/ram0': its size is 32768 sectors: there are no 8 from sector 32768 on
  8 8 crypt (hidden)
            ^~~~~~~~" -- check "$work/key"
check 'check: an unknown target' 2 '' "$work/nosuch:1:5: error: this kernel has no target 'nosuch', and no module dm-nosuch
  0 8 nosuch
      ^~~~~~" -- check "$work/nosuch"
# As create takes a table; which the words are is seen by a target among the first two, or by a key.
check 'check: words' 0 '' '' -- check data linear device=/dev/ram0 + zero size=8s
check 'check: words without a name' 0 '' '' -- check linear device=/dev/ram0
check 'check: words, a device too small' 2 '' "dmkit: check 'data': segment 1 (linear): '/dev/ram0': its size is 32768 sectors: there are no 8 from sector 32768 on" \
	-- check data linear device=/dev/ram0 offset=32768s size=8s
check 'check: words, offline' 0 '' '' -- check --offline data linear device=/dev/nosuch size=8s
check 'check: words, a device that is missing' 2 '' "dmkit: check: segment 1 (linear): '/dev/nosuch': it does not exist" \
	-- check linear device=/dev/nosuch size=8s
check 'check: words, a key' 2 '' "%check 'data': segment 1 (linear): 'devic': no such key; the nearest: device" -- check data linear devic=/dev/ram0
check 'check: words, JSON' 2 '' json-error -- check data zero --json
check 'check: words, all is well, JSON' 0 '[]' '' -- check data zero size=8s --json
cp "$work/good" "$work/zero"
(cd "$work" && check 'check: a file with the name of a target' 0 '' '' -- check zero && exit $failures) || failures=1
check 'check: no file' 1 '' '%open nofile: No such file' -- check nofile
check 'check, JSON' 2 json '' -- check --json "$work/bytes" "$work/key"
expect 'check, JSON: the hint and its number' grep -q '"hint": ".*did you mean 2048?", "meant_sectors": 2048' "$work/out"
expect 'check, JSON: no key' test "$(grep -c "$key" "$work/out")" -eq 0
check 'create --check' 2 '' "dmkit: create 'data': segment 1 (linear): '/dev/ram0': its size is 32768 sectors: there are no 8 from sector 32768 on
  linear /dev/ram0 32768
         ^~~~~~~~~" \
	-- create data --check --table '0 8 linear /dev/ram0 32768'
check 'create --check: a missing device' 1 '' '%it does not exist' -- create data --check --table '0 8 linear /dev/nosuch 0'
check 'create --check: made nothing' 0 '' '' -- list
check 'create without it: the kernel refuses, and the size is said' 1 '' \
	"dmkit: create 'data': segment 1 (linear): '/dev/ram0': its size is 32768 sectors: there are no 8 from sector 32768 on: the kernel says: ram0 too small for target: start=32768, len=8, dev_size=32768
  linear /dev/ram0 32768
         ^~~~~~~~~" \
	-- create data --table '0 8 linear /dev/ram0 32768'
check 'create --check: made' 0 '' '' -- create data --check zero size=8s
check 'load --check: itself' 2 '' '%it is the very device that gets this table' -- load data --check linear device=/dev/mapper/data
check 'replace --check: itself' 2 '' '%it is the very device that gets this table' -- replace data --check linear device=/dev/mapper/data
check 'replace --check: done' 0 '' '' -- replace data --check linear device=/dev/ram0 size=8s
check 'create --no-table --check' 0 '' '' -- create empty --no-table --check
clean

# --- create, and every view of it --------------------------------------------------------------------------

check 'create' 0 '' '' -- create data linear device=/dev/ram0 offset=1MiB size=2MiB
expect 'create: the node' test "$(stat -c '%a %t:%T' /dev/mapper/data)" = "600 $(printf '%x' "$dm_major"):0"
check 'list' 0 $'data\tDM:0\t-\t0' '' -- list
check 'list --state' 0 $'data\tDM:0\t-\t0\tactive\tlive\t0' '' -- list --state
check 'info' 0 'name          data
uuid          -
device        DM:0
path          /dev/mapper/data
state         active
tables        live
segments      1
open count    0
event number  0' '' -- info data
check 'table' 0 '0 4096 linear 1:0 2048' '' -- table data
check 'table of all' 0 'data: 0 4096 linear 1:0 2048' '' -- table
check 'table --pretty' 0 'linear size=4096s device=1:0 offset=2048s' '' -- table --pretty data
check 'status' 0 'linear' '' -- status data
check 'status of all' 0 'data: linear' '' -- status
check 'status --raw' 0 '0 4096 linear' '' -- status data --raw
check 'deps' 0 '1:0' '' -- deps data
check 'deps of all' 0 'data: 1:0' '' -- deps
LC_ALL=C.UTF-8 check 'tree, UTF-8' 0 'data (DM:0) linear 2MiB
└─ ram0 (1:0) 16MiB' '' -- tree
LC_ALL=C check 'tree, ASCII' 0 'data (DM:0) linear 2MiB
`- ram0 (1:0) 16MiB' '' -- tree
check 'list, JSON' 0 '[
  {"name": "data", "uuid": "", "major": DM, "minor": 0, "event_nr": 0}
]' '' -- list --json
check 'info, JSON' 0 '[
  {"name": "data", "uuid": "", "path": "/dev/mapper/data", "major": DM, "minor": 0, "suspended": false, "readonly": false, "live_table": true, "inactive_table": false, "deferred_remove": false, "internal_suspend": false, "open_count": 0, "event_nr": 0, "target_count": 1}
]' '' -- info data --json
check 'table, JSON' 0 '[
  {"name": "data", "uuid": "", "major": DM, "minor": 0, "readonly": false, "suspended": false, "segments": [{"start_sectors": 0, "length_sectors": 4096, "type": "linear", "params": "1:0 2048", "keys": {"device": "1:0", "offset_sectors": 2048}}]}
]' '' -- table --json
check 'deps, JSON' 0 '[
  {"name": "data", "uuid": "", "major": DM, "minor": 0, "deps": [{"major": 1, "minor": 0, "disk": "ram0"}]}
]' '' -- deps --json
check 'tree, JSON' 0 '[
  {"name": "data", "major": DM, "minor": 0, "size_sectors": 4096, "types": ["linear"], "suspended": false, "readonly": false, "live_table": true, "inactive_table": false, "open_count": 0, "mounts": [], "stood_on_by": 0, "deps": [{"major": 1, "minor": 0, "disk": "ram0", "size_sectors": 32768}]}
]' '' -- tree --json
for verb in 'list --state' info table status deps tree; do
	# shellcheck disable=SC2086
	check "$verb is JSON" 0 json '' -- $verb --json
done
check 'by path' 0 '0 4096 linear 1:0 2048' '' -- table /dev/mapper/data
check 'by number' 0 '0 4096 linear 1:0 2048' '' -- table --devno "$dm_major:0"
check 'options before the command' 0 json '' -- --json --no-udev --deadline 1s list
check '--trace' 0 $'data\tDM:0\t-\t0' '*' -- list --trace
expect '--trace: the version and one request' test "$(normalise <"$work/err")" = 'dmkit: trace: DM_VERSION -> 0 in N us
dmkit: trace: DM_LIST_DEVICES flags=uuid -> 0 in N us'
check '--dry-run asks' 0 $'data\tDM:0\t-\t0' '' -- list --dry-run
check '--dry-run removes nothing' 0 'DM_DEV_REMOVE name=data' '' -- remove data --dry-run
expect '--dry-run leaves the node' test -b /dev/mapper/data
check 'and so it is there' 0 '1:0' '' -- deps data
dm resume data
check '--trace of a resume' 0 '' '*' -- resume data --trace
expect '--trace: and why there is no handshake with udev' \
	grep -qx 'dmkit: trace: udev: no handshake: there is no /run/udev/control' "$work/err"

# --- what fails, and how -----------------------------------------------------------------------------------

check 'name taken' 1 '' "%create 'data'" -- create data zero size=8s
# Since Linux 6.5 the errno is the look-up's own.
missing=ENODEV
linux_since 6 5 && missing=ENOENT
check 'backing device missing' 1 '' \
	"dmkit: create 'miss': segment 1 (linear): '/dev/nope': it does not exist: the kernel says: linear: Device lookup failed (-$missing)" \
	-- create miss linear device=/dev/nope size=8s
check 'the same, second segment' 1 '' "%segment 2 (linear): '/dev/nope'" \
	-- create miss zero size=8s + linear device=/dev/nope size=8s
check 'the same as JSON' 1 '' json-error -- create miss linear device=/dev/nope size=8s --json
check 'backing device missing, by number' 1 '' "%'99:99'" -- create miss linear device=99:99 size=8s
check 'load: backing device missing' 1 '' "%/dev/nope" -- load data linear device=/dev/nope size=8s
check 'unknown type' 1 '' '%nosuch' -- create miss --table '0 8 nosuch x'
check 'nothing is left of them' 0 $'data\tDM:0\t-\t0' '' -- list
expect 'no node either' test ! -e /dev/mapper/miss
for verb in clear suspend resume remove info table status deps wait 'remove --cancel-deferred'; do
	# shellcheck disable=SC2086
	check "$verb: no such mapping" 3 '' "%'none'" -- $verb none
done
check 'load: no such mapping' 3 '' "%'none'" -- load none zero size=8s
check 'replace: no such mapping' 3 '' "%'none'" -- replace none zero size=8s
check 'rename: no such mapping' 3 '' "%'none'" -- rename none x
check 'set-uuid: no such mapping' 3 '' "%'none'" -- set-uuid none x
check 'set-geometry: no such mapping' 3 '' "%'none'" -- set-geometry none 1 1 1 0
check 'message: no such mapping' 3 '' "%'none'" -- message none x
check 'by uuid: no such mapping' 3 '' '*' -- info --uuid none
check 'by number: no such mapping' 3 '' '*' -- info --devno "$dm_major:999"
check 'no such mapping, as JSON' 3 '' json-error -- info none --json
check 'one of several missing' 3 'data: 0 4096 linear 1:0 2048' "%'none'" -- table none data
if type setpriv >/dev/null 2>&1; then
	cp "$DMKIT" "$work/dmkit"
	chmod 755 "$work" "$work/dmkit"
	DMKIT="setpriv --reuid 65534 --clear-groups $work/dmkit"
	as_nobody() {
		local name=$1 status=$2
		shift 2
		setpriv --reuid 65534 --clear-groups "$work/dmkit" "$@" >"$work/out" 2>"$work/err"
		expect "$name" test $? -eq "$status"
	}
	as_nobody 'not permitted: list' 5 list
	as_nobody 'not permitted: create' 5 create x zero size=8s
	as_nobody 'usage comes first' 2 create x
	as_nobody 'help needs no permission' 0 help
	DMKIT=$work/dmkit
else
	skip 'not permitted' 'no setpriv here'
fi
"$DMKIT" list >/dev/full 2>"$work/err"
expect 'a full disk is exit 1' test $? -eq 1

# --- busy --------------------------------------------------------------------------------------------------

check 'create, JSON' 0 json '' -- create top linear device=/dev/mapper/data + zero size=1MiB --json
expect 'create, JSON: name, path and numbers' grep -q \
	'"name": "top", "uuid": "", "path": "/dev/mapper/top", "major": [0-9]*, "minor": 1,' "$work/out"
LC_ALL=C check 'tree of three' 0 'top (DM:1) linear,zero 3MiB
`- data (DM:0) linear 2MiB
   `- ram0 (1:0) 16MiB' '' -- tree
check 'busy, tried once' 4 '' "dmkit: remove 'data': Device or resource busy: held by dm-1 'top'" \
	-- remove data --deadline 0
check 'busy, tried until the deadline' 4 '' \
	"dmkit: remove 'data': Device or resource busy after N tries in N s: held by dm-1 'top'" -- remove data --deadline 300ms
check 'busy, as JSON' 4 '' json-error -- remove data --deadline 0 --json
expect 'the holder in it' grep -q '"holders": \[{"kind": "mapping", .*"name": "top"' "$work/err"
check 'those on top first, as they stand' 0 '' '' -- remove data top --deadline 0
check 'both went' 0 '' '' -- list
dm create data zero size=8s
dm create more zero size=8s
exec 5</dev/mapper/more
LC_ALL=C check 'the first failure counts, all are tried' 3 '' "dmkit: remove: there is no mapping 'none'
dmkit: remove 'more': Device or resource busy: held by root's run.sh (pid $$)" -- remove none more data --deadline 0 5<&-
exec 5<&-
dm create moreover zero size=8s
dm create less zero size=8s
check 'remove --prefix' 0 '' '' -- remove --prefix more
check 'remove --prefix of none' 0 '' '' -- remove --prefix more
check 'the others are there' 0 $'less\tDM:2\t-\t0' '' -- list
dm create more zero size=8s
exec 5</dev/mapper/more
script -qec "$DMKIT remove more less --deadline 1500ms" /dev/null 5<&- </dev/null >"$work/out" 2>&1
exec 5<&-
expect 'a terminal shows how far it is' grep -qF $'\rremoved 1 of 2' "$work/out"
expect 'and nothing of it stays' grep -qF $'\r\e[Kdmkit: remove' "$work/out"
dm remove more
expect 'the nodes went' test "$(ls /dev/mapper)" = control

dm create a linear device=/dev/ram0
dm create b linear device=/dev/mapper/a
exec 5</dev/mapper/b
LC_ALL=C check 'remove --all names what stays' 4 '' "dmkit: remove 'a': Device or resource busy: held by dm-1 'b'
dmkit: remove 'b': Device or resource busy after N tries in N s: held by root's run.sh (pid $$)" -- remove --all --deadline 100ms 5<&-
check 'remove --deferred' 0 '' '' -- remove b --deferred
check 'it waits' 0 '*' '' -- info b
expect 'it says so' grep -q '^state         active, removed when closed$' "$work/out"
check 'remove --cancel-deferred' 0 '' '' -- remove b --cancel-deferred
expect 'the node is there again' test -b /dev/mapper/b
check 'remove --force of an open one' 4 '' "%'b'" -- remove b --force --deadline 0
check 'it has the error table' 0 '0 32768 error' '' -- table b
check 'remove --deferred, JSON' 0 '[
  {"device": "b", "deferred": true}
]' '' -- remove b --deferred --json
exec 5<&-
# The kernel does it in a work queue.
for _ in {1..300}; do
	"$DMKIT" info b >/dev/null 2>&1 || break
	sleep 0.1
done
check 'it goes when it is closed' 0 $'a\tDM:0\t-\t0' '' -- list
check 'remove, JSON' 0 '[
  {"device": "a", "deferred": false}
]' '' -- remove a --json

# Four on each other, two of them on one, made in an order that names do not show.
dm create m linear device=/dev/ram0
dm create z linear device=/dev/mapper/m size=1MiB
dm create c linear device=/dev/mapper/z
dm create a linear device=/dev/mapper/m offset=1MiB size=1MiB
LC_ALL=C check 'tree of a shared one' 0 'a (DM:3) linear 1MiB
`- m (DM:0) linear 16MiB
   `- ram0 (1:0) 16MiB
c (DM:2) linear 1MiB
`- z (DM:1) linear 1MiB
   `- m (DM:0) linear 16MiB [shown above]' '' -- tree
check 'remove --all, without one retry' 0 '' '' -- remove --all --deadline 0
check 'none is left' 0 '' '' -- list
dm create m linear device=/dev/ram0
dm create z linear device=/dev/mapper/m size=1MiB
check 'remove --all --dry-run' 0 'DM_DEV_REMOVE name=z
DM_DEV_REMOVE name=m' '' -- remove --all --dry-run
check 'remove --all --json' 0 '[
  {"device": "z", "deferred": false},
  {"device": "m", "deferred": false}
]' '' -- remove --all --json

# --- load, clear, suspend, resume, replace -----------------------------------------------------------------

check 'create --no-table' 0 '' '' -- create n --no-table
check 'list --state: no table' 0 $'n\tDM:0\t-\t0\tactive\tnone\t0' '' -- list --state
check 'tree: no table' 0 'n (DM:0) [no table]' '' -- tree
check 'table: no table' 0 '' '' -- table n
check 'table of all: no table' 0 'n:' '' -- table
check 'table --json: no table' 0 '[
  {"name": "n", "uuid": "", "major": DM, "minor": 0, "readonly": false, "suspended": false, "segments": []}
]' '' -- table --json
check 'table --pretty: no table' 0 '--no-table' '' -- table --pretty n
check 'deps: none' 0 '' '' -- deps n
check 'load' 0 '' '' -- load n linear device=/dev/ram1
check 'table --inactive' 0 '0 32768 linear 1:1 0' '' -- table n --inactive
check 'deps --inactive' 0 '1:1' '' -- deps n --inactive
check 'list --state: inactive' 0 $'n\tDM:0\t-\t0\tactive\tinactive\t0' '' -- list --state
check 'clear' 0 '' '' -- clear n
check 'clear again' 0 '' '' -- clear n
check 'it is empty' 0 $'n\tDM:0\t-\t0\tactive\tnone\t0' '' -- list --state
check 'load by text' 0 '' '' -- load n --table '0 8 zero'
check 'resume' 0 '' '' -- resume n
expect 'resume makes the node' test -b /dev/mapper/n
check 'table after it' 0 '0 8 zero' '' -- table n
check 'suspend' 0 '' '' -- suspend n --noflush --no-lockfs
check 'suspend again' 0 '' '' -- suspend n
check 'list --state: suspended' 0 $'n\tDM:0\t-\t0\tsuspended\tlive\t0' '' -- list --state
check 'tree: suspended' 0 'n (DM:0) zero 4KiB [suspended]' '' -- tree
check 'resume, JSON' 0 json '' -- resume n --json
check 'load --json' 0 json '' -- load n zero size=16s --json
expect 'load --json: both tables' grep -q '"live_table": true, "inactive_table": true' "$work/out"
check 'clear --json' 0 json '' -- clear n --json
check 'suspend --json' 0 json '' -- suspend n --json
dm resume n
printf '0 8 zero\n8 8 error\n' >"$work/table"
check 'replace, from a file' 0 '' '' -- replace n --table-file "$work/table"
check 'table of it' 0 $'0 8 zero\n8 8 error' '' -- table n
input=$work/table check 'replace, from standard input' 0 '' '' -- replace n --table-file -
check 'replace --json' 0 json '' -- replace n zero size=8s --json
check 'replace that fails' 1 '' '%/dev/nope' -- replace n linear device=/dev/nope size=8s
check 'the old table runs on' 0 $'n\tDM:0\t-\t0\tactive\tlive\t0' '' -- list --state

# --- rename, uuid, geometry, message, wait -----------------------------------------------------------------

check 'set-uuid' 0 '' '' -- set-uuid n UU-1
check 'set-uuid a second time' 1 '' "%'n'" -- set-uuid n UU-2
check 'info --uuid' 0 '*' '' -- info --uuid UU-1
check 'rename by uuid' 0 '' '' -- rename --uuid UU-1 m
expect 'rename: the nodes' test ! -e /dev/mapper/n -a -b /dev/mapper/m
dm create x --no-table
check 'rename: taken' 1 '' "%'m'" -- rename m x
check 'rename, JSON' 0 json '' -- rename x y --json
check 'set-uuid, JSON' 0 json '' -- set-uuid y UU-3 --json
dm remove y
check 'set-geometry' 0 '' '' -- set-geometry m 1 2 3 0
check 'set-geometry, JSON' 0 json '' -- set-geometry m 1 2 3 0 --json
check 'message, a reply' 0 '0' '' -- message m @stats_create - 1
check 'message, words joined' 0 '1' '' -- message m @stats_create 0+8 8
check 'message --raw' 0 '0: 0+8 1 - -
1: 0+8 8 - -' '' -- message m --raw @stats_list
check 'message, JSON' 0 '[
  {"device": "m", "reply": "0: 0+8 1 - -\u000a1: 0+8 8 - -\u000a", "regions": [{"region_id": 0, "start_sectors": 0, "length_sectors": 8, "step_sectors": 1, "program_id": "-", "aux_data": "-", "precise_timestamps": false, "histogram": []}, {"region_id": 1, "start_sectors": 0, "length_sectors": 8, "step_sectors": 8, "program_id": "-", "aux_data": "-", "precise_timestamps": false, "histogram": []}]}
]' '' -- message m @stats_list --json
check 'message, no reply' 0 '' '' -- message m @stats_delete 0
check 'message, no reply, JSON' 0 '[
  {"device": "m", "reply": null}
]' '' -- message m @stats_delete 1 --json
check 'message refused' 1 '' "%'m'" -- message m nosuch
event=$("$DMKIT" list | cut -f 4)
check 'wait: the deadline' 7 '' "%'m'" -- wait m --deadline 200ms
check 'wait: the deadline, JSON' 7 '' json-error -- wait m --deadline 0 --json
check 'wait: an older number' 0 "$event" '' -- wait m $((event + 5))
check 'wait: JSON' 0 json '' -- wait m $((event + 5)) --json
dm create w zero size=8s
"$DMKIT" wait w >"$work/waited" 2>&1 &
sleep 0.3
dm set-uuid w UU-4
wait $!
expect 'wait: an event' test "$(cat "$work/waited")" = 1
"$DMKIT" wait w 2>"$work/waited" &
sleep 0.3
dm remove w
wait $!
expect 'wait: the mapping goes' test $? -eq 3
clean

# --- options of create -------------------------------------------------------------------------------------

check 'create with all of them' 0 '' '' -- create ro --readonly --uuid U --minor 77 --uid 1 --gid 2 --mode 640 \
	--read-ahead 512 linear device=/dev/ram0
expect 'owner, group, mode, minor' test "$(stat -c '%u %g %a %T' /dev/mapper/ro)" = '1 2 640 4d'
expect 'read-ahead' test "$(cat /sys/block/dm-77/queue/read_ahead_kb)" = 256
check 'read-only' 0 '*' '' -- info ro
expect 'read-only, in words' grep -q '^state         active, read-only$' "$work/out"
check 'table --pretty of it' 0 '--readonly linear size=32768s device=1:0' '' -- table --pretty ro
check 'owner and group by name' 0 '' '' -- create named zero size=8s --uid daemon --gid bin
expect 'they are the ones' test "$(stat -c '%U %G' /dev/mapper/named)" = 'daemon bin'
dm remove named
check 'uuid taken' 1 '' '*' -- create other --uuid U --no-table
check '--no-node' 0 '' '' -- create nn --no-node zero size=8s
expect '--no-node makes none' test ! -e /dev/mapper/nn
clean

# --- there and back ----------------------------------------------------------------------------------------

round_trip() { # NAME ARGUMENT...: of create
	local name=$1 line
	shift
	check "round trip, $name: create" 0 '' '' -- create from "$@"
	line=$("$DMKIT" table --pretty from --show-keys)
	expect "round trip, $name: one line" test "$(wc -l <<<"$line")" -eq 1
	eval "\"$DMKIT\" create to --no-verify $line" # of verity there is no tree
	check "round trip, $name: the table" 0 "$("$DMKIT" table from --show-keys)" '' -- table to --show-keys
	expect "round trip, $name: the flags" test "$("$DMKIT" info from | sed -n '5,7p')" = "$("$DMKIT" info to | sed -n '5,7p')"
	check "round trip, $name: JSON" 0 json '' -- table --json
	check "round trip, $name: status as JSON" 0 json '' -- status --json
	clean
}
round_trip linear linear device=/dev/ram0 offset=8s size=100s
round_trip 'three segments' linear device=/dev/ram0 size=8s + zero size=1MiB + error size=8s
round_trip striped striped chunk=64s device=/dev/ram0:0s device=/dev/ram1:128s size=2MiB
round_trip verity --no-verify verity data=/dev/ram2 hash=/dev/ram3 data-blocks=4096 hash-start=1 \
	"root-digest=$digest" salt=00ff ignore-zero-blocks=yes check-at-most-once=yes
round_trip 'segments of other targets' --table $'0 8 delay /dev/ram5 0 0\n8 8 zero\n16 8 delay /dev/ram5 8 1'
# A key of 32 bytes in the user's keyring: no secret stands in its table.
python3 -c 'import ctypes
ctypes.CDLL(None).syscall(248, b"logon", b"dmkit:test", b"7" * 32, 32, -5)'
round_trip 'crypt, keyring' crypt device=/dev/ram4 size=8s cipher=aes-xts-plain64 \
	keyring=logon:dmkit:test key-size=32
expect 'the keyring form is the kernel'\''s' grep -q ' :32:logon:dmkit:test ' <("$DMKIT" create c crypt \
	device=/dev/ram4 size=8s cipher=aes-xts-plain64 keyring=logon:dmkit:test key-size=32 && "$DMKIT" table c)
clean
round_trip 'crypt, no key' crypt device=/dev/ram4 size=8s cipher=cipher_null-ecb key-file=/dev/null

dm create s striped chunk=64s device=/dev/ram0:0s device=/dev/ram1:0s
check 'striped: typed status' 0 json '' -- status s --json
expect 'striped: alive' grep -q '"values": {"failed": 0, "legs": \[{"device": "1:0", "health": "alive"}, {' "$work/out"
check 'striped: typed keys' 0 json '' -- table s --json
expect 'striped: devices' grep -q '"keys": {"chunk_sectors": 64, "device": \[{"device": "1:0", "offset_sectors": 0}, {' "$work/out"
dm create v --no-verify verity data=/dev/ram2 hash=/dev/ram3 data-blocks=4096 hash-start=1 root-digest="$digest"
check 'verity: typed status' 0 json '' -- status v --json
# Newer kernels than 6.12 tell of FEC too: there is none.
fec=
linux_since 6 13 && fec=' -'
expect 'verity: valid' grep -q "\"status\": \"V$fec\", \"values\": {\"state\": \"valid\"" "$work/out"
check 'verity: typed keys' 0 json '' -- table v --json
expect 'verity: defaults too' grep -q '"data_block_size_bytes": 4096, .*"algorithm": "sha256"' "$work/out"
clean

# --- keys --------------------------------------------------------------------------------------------------

printf '%s' "$key" >"$work/key.hex"
cipher=aes-xts-plain64
keyed=(crypt device=/dev/ram4 size=8s "cipher=$cipher")
table="0 8 crypt $cipher $key 0 1:4 0"
check 'a key on the command line is refused' 2 '' '%key= would show the key to every process' \
	-- create c "${keyed[@]}" "key=$key"
check 'in --table too' 2 '' '%--table would show the key of crypt to every process' -- create c --table "$table"
check 'a key from a file, hex' 0 '' '' -- create c "${keyed[@]}" "key-file=$work/key.hex" key-format=hex
check 'a key is zeros' 0 "${table/$key/${key//7/0}}" '' -- table c
check 'but with --show-keys' 0 "$table" '' -- table c --show-keys
check 'hidden in JSON' 0 json '' -- table c --json
expect 'hidden in JSON, indeed' test "$(grep -c "$key" "$work/out")" -eq 0
expect 'JSON says how long it is' grep -q '"key": "hidden, 32 bytes"' "$work/out"
check 'hidden in --pretty' 0 "crypt size=8s cipher=$cipher 'key=hidden, 32 bytes' device=1:4" '' -- table c --pretty
clean
echo "$table" >"$work/table"
check 'a key from a file, text' 0 '' '' -- create c --table-file "$work/table"
check 'the same table' 0 "$table" '' -- table c --show-keys
clean
check 'a key from a file descriptor' 0 '' '' -- create c "${keyed[@]}" key-fd=7 key-format=hex 7<"$work/key.hex"
check 'the same table again' 0 "$table" '' -- table c --show-keys
clean
printf 'A%.0s' {1..32} >"$work/key.raw"
check 'a raw key' 0 '' '' -- create c "${keyed[@]}" "key-file=$work/key.raw"
check 'its digits' 0 "${table/$key/$(printf '41%.0s' {1..32})}" '' -- table c --show-keys
clean
check 'no such key file' 1 '' '%open the key file' -- create c "${keyed[@]}" key-file=/nowhere
check 'two sources' 2 '' '%exactly one of' -- create c "${keyed[@]}" key-file=- key-fd=3
check 'not hex' 2 '' '%not hex' -- create c "${keyed[@]}" "key-file=$work/table" key-format=hex
check 'keyring without size' 2 '' '%key-size' -- create c "${keyed[@]}" keyring=logon:x
"$DMKIT" create c --trace --table-file - <<<"$table" >"$work/out" 2>&1
expect 'no key in a trace' test "$(grep -c "$key" "$work/out")" -eq 0
"$DMKIT" replace c --table-file - <<<"${table/1:4/\/dev\/nope}" >"$work/out" 2>&1
expect 'no key in an error' test "$(grep -c "$key" "$work/out")" -eq 0
expect 'but the missing device' grep -q /dev/nope "$work/out"
clean

# --- typed messages ----------------------------------------------------------------------------------------

dm create d dust device=/dev/ram6 size=1MiB blksz=512
check 'a typed message' 0 '*' '' -- message d addbadblock block=8
check 'its raw form' 0 '*' '' -- message d queryblock 8
expect 'the block is bad' grep -q 'found' "$work/out"
check 'a core message' 0 '' '' -- message d stats-list
check 'its key is checked' 2 '' "dmkit: message 'd': 'step': give one of the two: step, or the number of areas" -- message d stats-create
check 'a key that it has not' 2 '' '%no such key' -- message d addbadblock brick=8
clean

# --- odd names ---------------------------------------------------------------------------------------------

odd=$'a b\t\xff\'"'
check 'odd bytes' 0 '' '' -- create "$odd" zero size=8s
expect 'the node bears them' test -b "/dev/mapper/$odd"
check 'one line where it is no terminal, other bytes raw' 0 $'a b\\x09\xff\'": 0 8 zero' '' -- table
check 'JSON, and the bytes beside it' 0 '[
  {"name": "a b\u0009\u00ff'"'"'\"", "name_hex": "61206209ff2722", "uuid": "", "major": DM, "minor": 0, "event_nr": 0}
]' '' -- list --json
if type script >/dev/null 2>&1; then
	script -qec "'$DMKIT' table" /dev/null </dev/null | tr -d '\r' >"$work/out"
	expect 'escaped on a terminal' test "$(cat "$work/out")" = 'a b\x09\xff'"'"'": 0 8 zero'
	NO_COLOR=1 script -qec "'$DMKIT' list" /dev/null </dev/null | tr -d '\r' | sed 's/  */ /g' >"$work/out"
	expect 'columns on a terminal' test "$(head -n 1 "$work/out")" = 'NAME DEVICE EVENT UUID'
else
	skip 'escaped on a terminal' 'no script(1) here'
fi
check 'removed by it' 0 '' '' -- remove "$odd"
check 'UTF-8' 0 '' '' -- create 'größe' zero size=8s
check 'UTF-8 as it is' 0 '[
  {"name": "größe", "uuid": "", "major": DM, "minor": 0, "event_nr": 0}
]' '' -- list --json
long=$(printf '%0127d' 0)
check '127 bytes' 0 '' '' -- create "$long" zero size=8s
check '128 bytes' 2 '' '*' -- create "0$long" zero size=8s
check 'a name like an option' 0 '' '' -- create -- --all zero size=8s
check 'and away' 0 '' '' -- remove -- --all
clean

# --- tables that are wrong: nothing is left ----------------------------------------------------------------

for table in $'0 8 zero\n9 8 zero' $'0 8 zero\n7 8 zero' '0 8 zero x' '-1 8 zero' '0 99999999999999999999 zero' '0 8' '0 0 zero'; do
	check "bad table: ${table//$'\n'/ + }" 2 '' '%dmkit: --table:' -- create bad --table "$table"
done
{
	printf '0 8 linear '
	head -c 2097152 /dev/zero | tr '\0' x
} >"$work/table"
check 'bad table: 2 MiB on one line' 2 '' "%dmkit: $work/table:1:12: " -- create bad --table-file "$work/table"
check 'nothing is left of them' 0 '' '' -- list

# --- Ctrl-C ------------------------------------------------------------------------------------------------

"$DMKIT" create stopped linear device=/dev/nope size=8s --deadline 20s 2>"$work/err" &
pid=$!
sleep 0.5
kill -TERM $pid
wait $pid
expect 'TERM ends a create by the signal' test $? -eq 143
check 'TERM: nothing is left' 0 '' '' -- list
expect 'TERM: no node either' test "$(ls /dev/mapper)" = control

# --- many --------------------------------------------------------------------------------------------------

for ((i = 0; i < 40; i++)); do
	dm create "many$i" zero size=8s
done
check 'table of 40' 0 '*' '' -- table
expect 'table of 40: lines' test "$(wc -l <"$work/out")" -eq 40
check 'remove of 40' 0 '' '' -- remove --all
{ for ((i = 0; i < 20000; i++)); do echo "$((i * 8)) 8 zero"; done; } >"$work/table"
check '20,000 segments' 0 '' '' -- create big --table-file "$work/table"
check '20,000 segments back' 0 "$(cat "$work/table")" '' -- table big
check '20,000 segments, JSON' 0 json '' -- table big --json
clean

finish
