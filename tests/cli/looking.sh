#!/bin/bash
# SPDX-License-Identifier: MIT
# list and tree on a real kernel: `./dev lab -- tests/cli/looking.sh`. Columns, sizes, the sort, mount points, parts of a
# tree, diamonds, colour.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
export LC_ALL=C.UTF-8
unset NO_COLOR

check 'list -l of nothing' 0 '' '' -- list -l
check 'list -l of nothing, JSON' 0 '[]' '' -- list -l --json
check 'tree -o of nothing' 0 '' '' -- tree -o name,size
check 'tree of a device that is not there' 3 '' "%nosuch" -- tree nosuch

# A diamond: top on left and right, both on base, that on two disks.
dm create base linear device=/dev/ram0 size=8MiB + linear device=/dev/ram1 size=1537s
dm create left linear device=/dev/mapper/base size=1MiB
dm create right --readonly linear device=/dev/mapper/base offset=2MiB size=3MiB
dm create top --readonly linear device=/dev/mapper/left size=1MiB + linear device=/dev/mapper/right size=1MiB
dm create bare --no-table
dm create held --uuid HELD-1 linear device=/dev/ram2 size=4MiB
mkdir "$work/a b"
mkfs.ext4 -q /dev/mapper/held
mount -o ro /dev/mapper/held "$work/a b"
dm create swap linear device=/dev/ram3 size=2MiB
mkswap /dev/mapper/swap >"$work/ignored" 2>&1
swapon /dev/mapper/swap
dm create used zero size=1s
exec 5</dev/mapper/used
dm suspend left
where=$work/a\ b

# --- list ----------------------------------------------------------------------------------------------------

plain=$'bare\tDM:4\t-\t0\nbase\tDM:0\t-\t0\nheld\tDM:5\tHELD-1\t0\nleft\tDM:1\t-\t0\nright\tDM:2\t-\t0\nswap\tDM:6\t-\t0\ntop\tDM:3\t-\t0\nused\tDM:7\t-\t0'
check 'list is as it was' 0 "$plain" '' -- list
check 'list is one request' 0 "$plain" '*' -- list --trace
expect 'one request, beside the version' test "$(grep -c 'trace: DM_' "$work/err")" -eq 2
check 'the same by names of columns' 0 "$plain" '*' -- list -o name,device,uuid,event --trace
expect 'and one request as well' test "$(grep -c 'trace: DM_' "$work/err")" -eq 2
check 'list -l' 0 "bare	-	-	active	-
base	8.7MiB	linear	active	left,right
held	4MiB	linear	active	$where
left	1MiB	linear	suspended	top
right	3MiB	linear	active	top
swap	2MiB	linear	active	[SWAP]
top	2MiB	linear	active	-
used	512B	zero	active	(open)" '' -- list -l
check 'list -l, JSON' 0 json '' -- list -l --json
expect 'JSON: a mount' grep -qF "{\"name\": \"held\", \"size_sectors\": 8192, \"types\": [\"linear\"], \"suspended\": false, \"mounts\": [\"$where\"], \"used_by\": []}" "$work/out"
expect 'JSON: several that stand on it' grep -qF '"size_sectors": 17921, "types": ["linear"], "suspended": false, "mounts": [], "used_by": ["left", "right"]}' "$work/out"
"$DMKIT" list -o name,device,kernel-name,uuid,event,size,types,state,tables,ro,open,segments,mount,used-by --sort -uuid |
	head -n 1 | normalise >"$work/first"
expect 'all columns' test "$(<"$work/first")" = \
	"held	DM:5	dm-5	HELD-1	0	4MiB	linear	active	live	no	1	1	$where	$where"
check 'all columns, JSON' 0 json '' -- list --json -o name,device,kernel-name,uuid,event,size,types,state,tables,ro,open,segments,mount,used-by
expect 'all columns, JSON: no key is there twice' python3 -c '
import json, sys
def once(pairs):
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)
json.load(open(sys.argv[1]), object_pairs_hook=once)' "$work/out"
check 'more columns behind those of -l' 0 '*' '' -- list -l -o +ro
expect 'more columns: and each of -l' test "$(sed -n '2p;5p' "$work/out")" = \
	"base	8.7MiB	linear	active	left,right	no
right	3MiB	linear	active	top	yes"
check 'by size, the largest first' 0 'base
held
right
swap
top
left
used
bare' '' -- list -o name --sort -size
check 'by several columns' 0 'right	yes
top	yes
bare	no
base	no
held	no
left	no
swap	no
used	no' '' -- list -o name,ro --sort -ro,name
check 'bytes' 0 '9175552
4194304
3145728
2097152
2097152
1048576
512
-' '' -- list -o size --bytes --sort -size
check 'bytes, JSON' 0 json '' -- list -o name,size --bytes --json
expect 'bytes, JSON: the key says so' grep -qF '{"name": "base", "size_bytes": 9175552}' "$work/out"
check 'sorted, JSON' 0 json '' -- list --json --sort -device
expect 'sorted, JSON: the same objects' test "$(sed -n 2p "$work/out")" = \
	"  {\"name\": \"used\", \"uuid\": \"\", \"major\": $dm_major, \"minor\": 7, \"event_nr\": 0},"
check 'no such column' 2 '' "dmkit: list: --columns: no column 'siz'; there are: name device kernel-name size uuid event types state tables ro open segments mount used-by (see 'dmkit help list')" -- list -o name,siz
check 'an empty column' 2 '' "%no column ''" -- list -o ''
check 'a column twice' 2 '' "%'name' is there twice" -- list -o +name
check 'sort by no such column' 2 '' "%--sort: no column '-siz'" -- list --sort -siz
check 'a colour that is none' 2 '' "%--color 'red': allowed is auto, always or never" -- list --color red
check '-o without a value' 2 '' '%-o needs a value' -- list -o
check 'letters together' 0 '*' '' -- list -lz
expect 'letters together: NULs' test "$(tr -cd '\0' <"$work/out" | wc -c)" -eq 8
check '-z and JSON' 2 '' '%--zero and --json' -- list -z --json

# --- names that are no line ------------------------------------------------------------------------------------

odd=$'x\ny\tz'
dm create "$odd" zero size=8s
check 'escaped' 0 '*' '' -- list -o name,size
expect 'escaped: one line' test "$(tail -n 1 "$work/out")" = 'x\x0ay\x09z	4KiB'
"$DMKIT" list -z -o name >"$work/names"
mapfile -d '' -t names <"$work/names"
expect '-z: each name as it is' test "${#names[@]}" -eq 9 -a "${names[8]}" = "$odd"
check '--raw: as it is' 0 '*' '' -- list --raw -o name
expect '--raw: two lines' test "$(tail -n 2 "$work/out")" = "$odd"
dm remove "$odd"

# --- tree ------------------------------------------------------------------------------------------------------

check 'tree' 0 "bare (DM:4) [no table]
held (DM:5) linear 4MiB $where
└─ ram2 (1:2) 16MiB
swap (DM:6) linear 2MiB [SWAP]
└─ ram3 (1:3) 16MiB
top (DM:3) linear 2MiB [read-only]
├─ left (DM:1) linear 1MiB [suspended]
│  └─ base (DM:0) linear 8.7MiB
│     ├─ ram0 (1:0) 16MiB
│     └─ ram1 (1:1) 16MiB
└─ right (DM:2) linear 3MiB [read-only]
   └─ base (DM:0) linear 8.7MiB [shown above]
used (DM:7) zero 512B" '' -- tree
check 'a part of it' 0 'right (DM:2) linear 3MiB [read-only]
└─ base (DM:0) linear 8.7MiB
   ├─ ram0 (1:0) 16MiB
   └─ ram1 (1:1) 16MiB' '' -- tree right
check 'by uuid' 0 "held (DM:5) linear 4MiB $where
└─ ram2 (1:2) 16MiB" '' -- tree --uuid HELD-1
check 'two parts, and one that is not there' 3 "swap (DM:6) linear 2MiB [SWAP]
└─ ram3 (1:3) 16MiB
used (DM:7) zero 512B" '%nosuch' -- tree swap nosuch used
check 'the same device twice' 0 'used (DM:7) zero 512B' '' -- tree used /dev/mapper/used
check 'inverse' 0 "bare (DM:4) [no table]
used (DM:7) zero 512B
ram0 (1:0) 16MiB
└─ base (DM:0) linear 8.7MiB
   ├─ left (DM:1) linear 1MiB [suspended]
   │  └─ top (DM:3) linear 2MiB [read-only]
   └─ right (DM:2) linear 3MiB [read-only]
      └─ top (DM:3) linear 2MiB [read-only]
ram1 (1:1) 16MiB
└─ base (DM:0) linear 8.7MiB [shown above]
ram2 (1:2) 16MiB
└─ held (DM:5) linear 4MiB $where
ram3 (1:3) 16MiB
└─ swap (DM:6) linear 2MiB [SWAP]" '' -- tree --inverse
check 'inverse, from a disk' 0 "ram2 (1:2) 16MiB
└─ held (DM:5) linear 4MiB $where" '' -- tree --inverse /dev/ram2
check 'inverse, from a device' 0 'right (DM:2) linear 3MiB [read-only]
└─ top (DM:3) linear 2MiB [read-only]' '' -- tree --inverse right
check 'sorted' 0 'top (DM:3) linear 2097152 [read-only]
├─ right (DM:2) linear 3145728 [read-only]
│  └─ base (DM:0) linear 9175552
│     ├─ ram1 (1:1) 16777216
│     └─ ram0 (1:0) 16777216
└─ left (DM:1) linear 1048576 [suspended]
   └─ base (DM:0) linear 9175552 [shown above]' '' -- tree top --sort -size,-device --bytes
check 'columns' 0 'NAME                        SIZE  STATE      RO   OPEN  USED BY
top                         2MiB  active     yes     0  -
├─ left                     1MiB  suspended  no      1  top
│  └─ base                8.7MiB  active     no      2  left,right
│     ├─ ram0              16MiB  -          -       -  base
│     └─ ram1              16MiB  -          -       -  base
└─ right                    3MiB  active     yes     1  top
   └─ base [shown above]  8.7MiB  active     no      2  left,right' '' -- tree top -o name,size,state,ro,open,used-by
check 'columns, the name is there anyway, no headings' 0 'held     dm-5
└─ ram2  ram2' '' -- tree held -o kernel-name --no-headings
check 'a part, JSON' 0 "[
  {\"name\": \"held\", \"major\": DM, \"minor\": 5, \"size_sectors\": 8192, \"types\": [\"linear\"], \"suspended\": false, \"readonly\": false, \"live_table\": true, \"inactive_table\": false, \"open_count\": 1, \"mounts\": [\"$where\"], \"stood_on_by\": 0, \"deps\": [{\"major\": 1, \"minor\": 2, \"disk\": \"ram2\", \"size_sectors\": 32768}]}
]" '' -- tree held --json
check 'inverse, JSON' 0 '[
  {"name": "right", "major": DM, "minor": 2, "size_sectors": 6144, "types": ["linear"], "suspended": false, "readonly": true, "live_table": true, "inactive_table": false, "open_count": 1, "mounts": [], "stood_on_by": 1, "above": [{"major": DM, "minor": 3, "name": "top"}]},
  {"name": "top", "major": DM, "minor": 3, "size_sectors": 4096, "types": ["linear"], "suspended": false, "readonly": true, "live_table": true, "inactive_table": false, "open_count": 0, "mounts": [], "stood_on_by": 0, "above": []}
]' '' -- tree --inverse right --json
check 'columns, JSON' 0 json '' -- tree -o size,mount,used-by --json
check 'a dead --color' 2 '' '%allowed is auto' -- tree --color=

# --- a diamond of many floors is drawn in a line for each edge ------------------------------------------------------

dm create floor-0 zero size=64s
for ((i = 1; i <= 12; i++)); do
	below=/dev/mapper/floor-$((i - 1))
	dm create "floor-$i-wing" linear device=$below size=64s
	dm create "floor-$i" linear device=$below size=32s + linear device="/dev/mapper/floor-$i-wing" size=32s
done
"$DMKIT" tree floor-12 >"$work/lines"
expect 'twelve diamonds, one on another' test "$(wc -l <"$work/lines")" -eq 37
"$DMKIT" tree --inverse floor-0 >"$work/lines"
expect 'and from below' test "$(wc -l <"$work/lines")" -eq 37
dm remove --prefix floor-

# --- colour ----------------------------------------------------------------------------------------------------------

check 'colour in a pipe' 0 '*' '' -- list -o name,state --color always
expect 'colour in a pipe: where it is asked for' grep -qxF $'\e[1mleft\e[0m\t\e[33msuspended\e[0m' "$work/out"
check 'no colour in a pipe unless asked' 0 '*' '' -- tree
expect 'no colour in a pipe' bash -c "! grep -q $'\e' '$work/out'"
if type script >/dev/null 2>&1; then
	export TERM=xterm
	tty() { # ARGUMENT...
		script -qec "$(printf '%q ' "$DMKIT" "$@")" /dev/null </dev/null | tr -d '\r' >"$work/out"
	}
	tty list -l
	expect 'a terminal: a heading in colour' grep -q $'^\e\[1mNAME\e\[0m ' "$work/out"
	expect 'a terminal: suspended in colour' grep -q $'\e\[33msuspended\e\[0m ' "$work/out"
	tty list -l --no-headings
	expect 'a terminal: no heading' bash -c "! grep -q NAME '$work/out'"
	tty list -l --color never
	expect 'a terminal: in columns' test "$(sed -n 1,3p "$work/out")" = \
		"NAME     SIZE  TYPES   STATE      USED BY
bare        -  -       active     -
base   8.7MiB  linear  active     left,right"
	narrow() { # COLUMNS ARGUMENT...
		script -qec "stty cols $1; $(printf '%q ' "$DMKIT" "${@:2}")" /dev/null </dev/null | tr -d '\r' >"$work/out"
	}
	narrow 40 list -o name,size,types,open,state,uuid --color never
	expect 'a narrow terminal: the rest of a row is below it, where there is any' test "$(sed -n 1,8p "$work/out")" = \
		"NAME     SIZE  TYPES   OPEN  STATE
    UUID
bare        -  -          0  active
base   8.7MiB  linear     2  active
held     4MiB  linear     1  active
    HELD-1
left     1MiB  linear     1  suspended
right    3MiB  linear     1  active"
	narrow 50 doctor
	expect 'a narrow terminal: sentences are broken between words' \
		test "$(sed '1,/^\r*$/d' "$work/out" | awk '!/^  mend:/ && length > 50')" = ''
	expect 'a narrow terminal: there are such sentences' grep -qx "'left' .* is suspended: I/O to it waits; if" "$work/out"
	for environment in NO_COLOR=1 TERM=dumb TERM=; do
		env "$environment" script -qec "'$DMKIT' tree" /dev/null </dev/null >"$work/out"
		expect "a terminal: no colour with $environment" bash -c "test -s '$work/out' && ! grep -q $'\e' '$work/out'"
	done
else
	skip 'colour on a terminal' 'no script(1) here'
fi

swapoff /dev/mapper/swap
umount "$work/a b"
exec 5<&-
dm remove --all
finish
