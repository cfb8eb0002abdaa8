#!/bin/bash
# SPDX-License-Identifier: MIT
# What a device may be called by, in every verb, what is said of one that is not there, and several at once, on a real
# kernel: `./dev lab -- tests/cli/handles.sh`. Needs /dev/ram0 and /dev/ram1 of 16 MiB.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

clean() {
	dm remove --all
}
mkdir -p /dev/vg

# --- handles -----------------------------------------------------------------------------------------------

dm create other error size=8s
dm create data zero size=8s --uuid U-1
ln -sf ../dm-1 /dev/vg/lv
ln -sf /dev/mapper/data "$work/link"
handles=(data /dev/mapper/data dm-1 "$dm_major:1" /dev/dm-1 /dev/vg/lv "$work/link" /dev/mapper/../dm-1)
for handle in "${handles[@]}"; do
	check "table $handle" 0 '0 8 zero' '' -- table "$handle"
done
check 'table --uuid' 0 '0 8 zero' '' -- table --uuid U-1
check 'several, by different ones' 0 'data: 0 8 zero
other: 0 8 error
data: 0 8 zero' '' -- table dm-1 /dev/mapper/other "$dm_major:1"
rm /dev/dm-1
check 'where /dev/dm-N is not made' 0 '0 8 zero' '' -- table /dev/dm-1
mknod /dev/dm-1 b "$dm_major" 1
for verb in info status deps clear suspend resume 'remove --dry-run' export holders wait:9 message:@stats_list rename:data \
	set-uuid:U-2 'set-geometry:1 1 1 0' 'load:zero size=8s' 'replace:zero size=8s' 'monitor --deadline 0'; do
	status=0
	# Its name, and uuid, it has already; that is said of the right device.
	[[ $verb == rename:* || $verb == set-uuid:* ]] && status=1
	rest=
	[[ $verb == *:* ]] && rest=${verb#*:}
	for handle in dm-1 "$dm_major:1" /dev/vg/lv; do
		# shellcheck disable=SC2086
		check "${verb%%:*} $handle" $status '*' '*' -- ${verb%%:*} "$handle" $rest
		((status == 0)) || expect "${verb%%:*} $handle: it is data" grep -q "'$dm_major:1'" "$work/err"
	done
done
# Another device can get the name between two requests, and not the number as long as there is this one.
check 'what was said by number is asked by it' 0 "DM_DEV_SUSPEND dev=DM:1 flags=suspend" '' -- suspend dm-1 --dry-run
check 'and so are several' 0 $'DM_DEV_SUSPEND name=other flags=suspend\nDM_DEV_SUSPEND dev=DM:1 flags=suspend' '' -- \
	suspend /dev/dm-1 other --dry-run
dm remove other
check 'a number of one that is gone' 3 '' "dmkit: table: there is no mapping 'dm-0'" -- table dm-0
dm create dm-1 error size=8s
dm create "$dm_major:1" error size=16s
check 'a name wins over dm-N' 0 '0 8 error' '' -- table dm-1
check 'a name wins over MAJOR:MINOR' 0 '0 16 error' '' -- table "$dm_major:1"
check 'the path is still the number' 0 '0 8 zero' '' -- table /dev/dm-1
check '/dev/mapper/ is a name alone' 3 '' "dmkit: table: there is no mapping 'dm-77'" -- table /dev/mapper/dm-77
# A node that was left behind, and whose number is another device's now.
mknod /dev/mapper/stale b "$dm_major" 1
check 'a stale node leads nowhere' 3 '' "dmkit: remove: there is no mapping 'stale'" -- remove /dev/mapper/stale
rm /dev/mapper/stale
check 'remove by three handles' 0 '' '' -- remove /dev/dm-1 /dev/mapper/dm-1 "$dm_major:1"
check 'none is left' 0 '' '' -- list

dm create 'my disk' zero size=8s
dm create 'our\x20disk' zero size=16s
check 'as libdevmapper writes it' 0 '0 8 zero' '' -- table 'my\x20disk'
check 'as libdevmapper reads it' 0 '0 16 zero' '' -- table 'our disk'
check 'by its node' 0 '0 8 zero' '' -- table '/dev/mapper/my\x20disk'
check 'by itself' 0 '0 8 zero' '' -- table 'my disk'
dm create 'my\x20disk' error size=8s
check 'a name wins over its other form' 0 '0 8 error' '' -- table 'my\x20disk'
check 'and the other way round' 0 '0 8 zero' '' -- table 'my disk'
check 'the form is no name of another length' 3 '' '%there is no mapping' -- table 'my\x20dis'
clean
check 'a plain name costs no request more' 3 '' '*' -- table data --trace
expect 'a plain name costs no request more: indeed' test "$(grep -c DM_TABLE_STATUS "$work/err")" -eq 1
check 'create takes the path too' 0 '' '' -- create /dev/mapper/data zero size=8s
check 'rename takes two paths' 0 '' '' -- rename /dev/mapper/data /dev/mapper/date
check 'the names without the folder' 0 $'date\tDM:0\t-\t1' '' -- list
clean

# --- what is not there -------------------------------------------------------------------------------------

dm create data zero size=8s
dm create date zero size=8s
dm create vg-root zero size=8s
verbs=(info table status deps clear suspend resume remove export holders wait message:x rename:y set-uuid:y
	'set-geometry:1 1 1 0' 'load:zero size=8s' 'replace:zero size=8s' 'remove --cancel-deferred')
for verb in "${verbs[@]}"; do
	rest=
	[[ $verb == *:* ]] && rest=${verb#*:}
	name=${verb%%:*}
	# shellcheck disable=SC2086
	check "$name: not there" 3 '' "dmkit: ${name%% *}: there is no mapping 'dta'; the nearest: data" -- $name dta $rest
	# shellcheck disable=SC2086
	check "$name: not there, JSON" 3 '*' json-error -- $name dta $rest --json
	expect "$name: not there, JSON: its own name and errno" \
		grep -qE "\"verb\": \"${name%% *}\", \"device\": \"dta\".*\"errno\": \"ENXIO\"" "$work/err"
done
check 'nothing is near' 3 '' "dmkit: info: there is no mapping 'x'" -- info x
check 'two are as near' 3 '' "dmkit: info: there is no mapping 'dato'; the nearest: data, date" -- info dato
check 'what begins so' 3 '' "dmkit: info: there is no mapping 'vg'; the nearest: vg-root" -- info vg
check 'no such uuid' 3 '' "dmkit: suspend: there is no mapping with uuid 'U'" -- suspend --uuid U
check 'no such number' 3 '' "dmkit: resume: there is no mapping 'DM:99'" -- resume --devno "$dm_major:99"
check 'no such path' 3 '' "dmkit: table: there is no '/dev/vg/root'; the nearest: vg-root" -- table /dev/vg/root
check 'no device-mapper device' 3 '' "dmkit: table: '/dev/ram0' is 1:0, which is no mapping" -- table /dev/ram0
check 'no block device' 3 '' "dmkit: table: '/etc/passwd' is no block device" -- table /etc/passwd
check 'no such path, JSON' 3 '*' json-error -- table /dev/vg/root --json
check 'not there, among several that are' 3 'data: 0 8 zero
date: 0 8 zero' "dmkit: table: there is no mapping 'nope'
dmkit: table: there is no '/dev/nope'" -- table data nope /dev/nope date
check 'remove: not there, among several that are' 3 '' "dmkit: remove: there is no '/dev/nope'
dmkit: remove: there is no mapping 'nope'" -- remove data nope /dev/nope date
check 'monitor waits for one that is to come' 0 '' '' -- monitor nope --deadline 0
clean

# --- several -----------------------------------------------------------------------------------------------

# In the list of names a device stands before what it stands on, and behind it.
dm create v-b linear device=/dev/ram0 size=4MiB
dm create v-a linear device=/dev/mapper/v-b
dm create v-c linear device=/dev/mapper/v-a
dm create w zero size=8s
check 'suspend --prefix, those on top first' 0 'DM_DEV_SUSPEND name=v-c flags=suspend
DM_DEV_SUSPEND name=v-a flags=suspend
DM_DEV_SUSPEND name=v-b flags=suspend' '' -- suspend --prefix v- --dry-run
check 'suspend of several, likewise' 0 'DM_DEV_SUSPEND name=w flags=suspend
DM_DEV_SUSPEND name=v-a flags=suspend
DM_DEV_SUSPEND name=v-b flags=suspend' '' -- suspend v-b w v-a --dry-run
check 'suspend --prefix' 0 '' '' -- suspend --prefix v-
check 'they are' 0 $'v-a\tDM:1\t-\t0\tsuspended\tlive\t1
v-b\tDM:0\t-\t0\tsuspended\tlive\t1
v-c\tDM:2\t-\t0\tsuspended\tlive\t0
w\tDM:3\t-\t0\tactive\tlive\t0' '' -- list --state
check 'resume --prefix' 0 '' '*' -- resume --prefix v- --trace
expect 'resume --prefix, those on top last' test "$(grep -oE 'DM_DEV_SUSPEND name=[-a-z]+' "$work/err" | tr '\n' ' ')" = \
	'DM_DEV_SUSPEND name=v-b DM_DEV_SUSPEND name=v-a DM_DEV_SUSPEND name=v-c '
check 'suspend of several, JSON' 0 json '' -- suspend v-a w --json
expect 'suspend of several, JSON: both' test "$(grep -c '"suspended": true' "$work/out")" -eq 2
check 'resume of several, one is not there' 3 '' "%there is no mapping 'nope'" -- resume nope v-a w
check 'all run' 0 '*' '' -- list --state
expect 'all run, indeed' bash -c "! grep -q suspended '$work/out'"
dm load v-a error size=4MiB
dm load v-b error size=4MiB
check 'clear --prefix' 0 '' '' -- clear --prefix v-
check 'nothing is loaded' 0 '*' '' -- list --state
expect 'nothing is loaded, indeed' bash -c "! grep -q inactive '$work/out'"
check 'clear of several' 0 'DM_TABLE_CLEAR name=w
DM_TABLE_CLEAR name=v-a' '' -- clear w v-a --dry-run
check 'table --prefix' 0 'v-a: 0 8192 linear DM:0 0
v-b: 0 8192 linear 1:0 0
v-c: 0 8192 linear DM:1 0' '' -- table --prefix v-
check 'status --prefix' 0 'w: zero' '' -- status --prefix w
check 'deps --prefix' 0 'w:' '' -- deps --prefix w
check 'info --prefix, JSON' 0 json '' -- info --prefix v- --json
expect 'info --prefix, JSON: three' test "$(grep -c '"name": "v-' "$work/out")" -eq 3
for verb in suspend resume clear table; do
	check "$verb --prefix of none" 0 '' '' -- "$verb" --prefix nope
	check "$verb --prefix of all" 2 '' '%not empty' -- "$verb" --prefix ''
	check "$verb --prefix and a name" 2 '' '%--prefix takes no NAME' -- "$verb" --prefix v- w
	check "$verb --prefix and a uuid" 2 '' '%--prefix takes no NAME' -- "$verb" --prefix v- --uuid U
done
for verb in suspend resume clear; do
	check "$verb of nothing is not of all" 2 '' "dmkit: $verb: needs NAME... or --prefix (see 'dmkit help $verb')" -- "$verb"
	check "$verb --all is no such thing" 2 '' '%takes no --all' -- "$verb" --all
done
clean

# --- targets that the kernel lacks -------------------------------------------------------------------------

none="this kernel has no target 'nosuch', and no module dm-nosuch"
check 'target-version' 1 '' "dmkit: target-version: $none" -- target-version nosuch
check 'target-version, JSON' 1 '*' json-error -- target-version nosuch --json
expect 'target-version, JSON: under its own name' grep -q '"verb": "target-version", "device": "nosuch"' "$work/err"
check 'create' 1 '' "%: segment 1 (nosuch): $none" -- create data --table '0 8 nosuch'
check 'create, the second segment' 1 '' "%: segment 2 (nosuch): $none" \
	-- create data --table $'0 8 zero\n8 8 nosuch x\n16 8 zero'
check 'a target that is there, and refuses' 1 '' '%: segment 1 (linear): ' -- create data --unchecked --table '0 8 linear x'
expect 'a target that is there, and refuses: it is not said to lack' bash -c "! grep -q 'no target' '$work/err'"
dm create data zero size=8s
for verb in load replace; do
	check "$verb" 1 '' "%: segment 1 (nosuch): $none" -- $verb data --table '0 8 nosuch'
	check "$verb --check" 2 '' "%: segment 1 (nosuch): $none" -- $verb data --check --table '0 8 nosuch'
done
clean
check 'its nearest' 1 '' "%this kernel has no target 'linar', and no module dm-linar; the nearest: linear: the kernel says" \
	-- create data --table '0 8 linar'
check 'in words' 2 '' "dmkit: create 'data': segment 1 (linar): 'linar': dmkit does not know this target; the nearest: linear; \
--table takes any target's parameters as they are" -- create data linar size=8s
check 'in words, near to none' 2 '' "%'nosuch': dmkit does not know this target; --table takes any target's parameters as they are" \
	-- create data nosuch size=8s
check 'check, in words' 2 '' "dmkit: check 'data': segment 1 (linar): 'linar': dmkit does not know this target; the nearest: linear; \
--table takes any target's parameters as they are" -- check data linar size=8s

# --- a device's name where its path is meant, a table where none is ---------------------------------------

dm create below zero size=8s
there="'ram0': it does not exist; /dev/ram0 does"
echo '0 8 linear ram0 0' >"$work/table"
check 'a bare name, its size asked' 1 '' "%: $there" -- create data linear device=ram0
check 'a bare name, its size given' 1 '' "%: $there: the kernel says" -- create data linear device=ram0 size=8s
check 'a bare name in a text' 1 '' "%: $there: the kernel says" -- create data --table-file "$work/table"
check 'a bare name, --check' 1 '' "%segment 1 (linear): $there" -- create data --check --table-file "$work/table"
check 'check: a bare name' 2 '' "$work/table:1:12: error: linear: $there
  0 8 linear ram0 0
             ^~~~" -- check "$work/table"
check "a mapping's name" 1 '' "%: 'below': it does not exist; /dev/mapper/below does" -- create data linear device=below
check "a mapping's name, of several devices" 1 '' "%: 'below': it does not exist; /dev/mapper/below does: the kernel says" \
	-- create data striped chunk=4KiB device=/dev/ram0 device=below size=16s
check 'a name of nothing' 1 '' "%: 'nosuch': it does not exist: the kernel says" -- create data linear device=nosuch size=8s
# Up to 6.4 hex digits are a device's number: "d" is one, and none that is there.
dm create d zero size=8s
check 'a name that may be a number' 1 '' "%: 'd': it does not exist; /dev/mapper/d does" -- create data linear device=d size=8s
echo '0 8 linear d 0' >"$work/table"
check 'check: a name that may be a number is not judged' 0 '' '' -- check "$work/table"
check 'nothing was made' 0 $'below\nd' '' -- list -o name --no-headings
(cd /dev && check 'a path from where one is' 0 '' '' -- create data linear device=ram0 && exit $failures) || failures=1
check 'a dash for a table' 2 '' "dmkit: create: '-' is no target: --table-file - reads a table's text from standard input (see 'dmkit help create')" \
	-- create more -
for verb in create load replace; do
	echo '0 8 zero' | "$DMKIT" $verb data >"$work/out" 2>"$work/err"
	expect "$verb: a text on standard input that nobody asked for" \
		grep -qF -- "--table-file; --table-file - takes the text on standard input (see" <(sed 's/, or --no-table//' "$work/err")
	check "$verb: nothing on standard input" 2 '' '%--table-file' -- $verb data
	expect "$verb: nothing on standard input: nothing of it is said" bash -c "! grep -q 'standard input' '$work/err'"
done
clean
# A module that is there and does not come, under its own name and under another one; then none can come.
if [[ -e /lib/modules/$(uname -r)/modules.alias ]] && ! "$DMKIT" targets | grep -qE '^(flakey|unstriped)'; then
	modprobe=$(</proc/sys/kernel/modprobe)
	echo /bin/false >/proc/sys/kernel/modprobe
	for type in flakey unstriped; do
		why="this kernel has no target '$type', though there is a module dm-$type: modprobe dm-$type may say why"
		check "$type: its module does not come" 1 '' "dmkit: target-version: $why" -- target-version $type
	done
	mount -t tmpfs none /lib/modules
	check 'there are no modules' 1 '' "dmkit: target-version: this kernel has no target 'flakey', and no module dm-flakey: \
/lib/modules/$(uname -r) has no list of modules" -- target-version flakey
	umount /lib/modules
	echo "$modprobe" >/proc/sys/kernel/modprobe
	check 'and now it comes' 0 '*' '' -- target-version flakey
else
	skip 'modules that do not come' 'they are loaded, or built in'
fi
finish
