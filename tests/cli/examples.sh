#!/bin/bash
# SPDX-License-Identifier: MIT
# The programs and scripts of examples/, on a real kernel: `./dev lab -- tests/cli/examples.sh`. Needs /dev/ram0 and
# /dev/ram1 of 16 MiB. STATIC_LAYER is verity-layer as a static program of two targets.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices
# shellcheck disable=SC2154 # it is common.sh's
examples=$here/../../examples
built=${BUILD:-$here/../../build}/tests/example

run() { # NAME STATUS COMMAND...: its output stays in out
	local name=$1 wanted=$2 status
	shift 2
	"$@" >"$work/out" 2>&1 </dev/null
	status=$?
	expect "$name" test $status -eq "$wanted" || sed 's/^/# /' "$work/out"
}
said() { # NAME TEXT: what the last run said
	expect "$1" test "$(cat "$work/out")" = "$2" || sed 's/^/# /' "$work/out"
}

none_left() {
	[[ -z $("$DMKIT" list) ]]
}

# --- C -----------------------------------------------------------------------------------------------------

run 'create-linear' 0 "$built-create-linear" data /dev/ram0 4096 8192
said 'create-linear: its number' "data is $dm_major:0"
check 'create-linear: taken away' 0 '' '' -- list
dm create data linear device=/dev/ram0
run 'list-devices' 0 "$built-list-devices"
expect 'list-devices: the one' grep -q data "$work/out"
: >"$work/events"
"$built-watch-events" late >"$work/events" < <(sleep 1000 & echo $! >"$work/pid"; wait) &
watcher=$!
for ((i = 0; i < 50 && $(wc -l <"$work/events") == 0; i++)); do
	dm create late zero size=8s
	dm remove late
	sleep 0.1
done
expect 'watch-events: told' grep -q late "$work/events"
kill "$(<"$work/pid")"
wait $watcher
expect 'watch-events: ends with its input' test $? -eq 0
dm remove data

# A guest agent's: one layer of a disk that holds several.
head -c 65536 /dev/urandom >"$work/layer"
veritysetup format --no-superblock --hash-offset=65536 --salt=00ff "$work/layer" "$work/layer" >"$work/format"
digest=$(sed -n 's/^Root hash:[[:space:]]*//p' "$work/format")
size=$(stat -c %s "$work/layer")
dd if="$work/layer" of=/dev/ram0 bs=4096 seek=3 conv=notrunc status=none
for program in "$built-verity-layer" "${STATIC_LAYER:-$built-verity-layer}"; do
	name=${program##*/}
	run "$name" 0 "$program" layer /dev/ram0 12288 "$size" 65536 "$digest" 00ff
	expect "$name: its bytes" cmp -n 65536 "$work/layer" /dev/mapper/layer
	dm remove layer layer-linear
	run "$name: another root" 1 "$program" layer /dev/ram0 12288 "$size" 65536 "${digest//[0-9]/a}" 00ff
	expect "$name: half a layer is none" test -z "$("$DMKIT" list)"
done

# The same of an image with a superblock, in one call, and mounted.
mkdir "$work/tree" "$work/dir"
head -c 200000 /dev/urandom >"$work/tree/file"
mksquashfs "$work/tree" "$work/image" -quiet -no-progress >/dev/null
size=$(((($(stat -c %s "$work/image") + 4095) / 4096) * 4096))
truncate -s $size "$work/image"
veritysetup format --hash-offset=$size "$work/image" "$work/image" >"$work/format"
digest=$(sed -n 's/^Root hash:[[:space:]]*//p' "$work/format")
dd if="$work/image" of=/dev/ram0 bs=4096 seek=5 conv=notrunc status=none
run 'mount-layer' 0 "$built-mount-layer" /dev/ram0 20480 "$(stat -c %s "$work/image")" "$work/dir" "$digest"
said 'mount-layer: its number' "/dev/dm-1 is mounted on $work/dir"
expect 'mount-layer: its bytes' cmp "$work/tree/file" "$work/dir/file"
umount "$work/dir"
wait_for none_left
expect 'mount-layer: all goes with the mount' none_left
run 'mount-layer: another root' 1 "$built-mount-layer" /dev/ram0 20480 0 "$work/dir" "${digest//[0-9]/a}"
expect 'mount-layer: half a layer is none' test -z "$("$DMKIT" list)"

# --- an initramfs ------------------------------------------------------------------------------------------

export DMKIT
printf 'base,,,rw,0 4096 linear /dev/ram0 0;root,,,ro,0 4096 linear /dev/mapper/base 0\n' >"$work/devices"
run 'initramfs' 0 "$examples/initramfs.sh" "$work/devices"
check 'initramfs: the devices' 0 $'base\nroot' '' -- list -o name --no-headings
dm remove --all
# The disk comes late: another mapping, made while the script waits.
printf 'root,,,rw,0 8 linear /dev/mapper/disk 0\n' >"$work/devices"
WAIT=60s "$examples/initramfs.sh" "$work/devices" >"$work/out" 2>&1 &
waiting=$!
sleep 0.3
dm create disk zero size=8s
wait $waiting
expect 'initramfs: a late disk' test $? -eq 0
check 'initramfs: a late disk, the device' 0 $'disk\nroot' '' -- list -o name --no-headings --sort name
dm remove --all
WAIT=100ms run 'initramfs: a disk that does not come' 1 "$examples/initramfs.sh" "$work/devices"
expect 'initramfs: it says which' grep -qF "'/dev/mapper/disk': it does not exist" "$work/out"
expect 'initramfs: all or none' test -z "$("$DMKIT" list)"

# --- a script ----------------------------------------------------------------------------------------------

dm create vm1-a zero size=8s
dm create vm1-b zero size=8s
dm create vm2-a zero size=8s
sleep 1000 3</dev/mapper/vm1-b &
pid=$!
while [[ $(<"/proc/$pid/comm") != sleep ]]; do sleep 0.05; done
WAIT=0 run 'teardown: one is busy' 4 "$examples/teardown.sh" vm1-
said 'teardown: who has it' "vm1-: still in use
  vm1-b: EBUSY
    open sleep, process $pid of root"
kill $pid
wait $pid 2>/dev/null
run 'teardown' 0 "$examples/teardown.sh" vm1-
said 'teardown: done' 'vm1-: all are removed'
check 'teardown: no other' 0 vm2-a '' -- list -o name --no-headings
dm remove vm2-a
finish
