#!/bin/bash
# SPDX-License-Identifier: MIT
# The words of `dmkit image map`, mount and umount, on a real kernel: `./dev lab -- tests/image/words-mount.sh`. Needs
# /dev/ram0 of 16 MiB, veritysetup and mke2fs.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
need_no_devices

# shellcheck disable=SC2154 # it is common.sh's
cd "$work" || exit
mkdir dir other
mke2fs -q -t ext4 -b 4096 -O ^has_journal layer 4M >/dev/null 2>&1
veritysetup format layer layer --hash-offset=4194304 | sed -n 's/^Root hash:[[:space:]]*//p' >digest
digest=$(<digest)
size=$(stat -c %s layer)
name=image-${digest:0:32}
wrong=$(printf '%064d' 3)
mounted() { # TEXT: what the kernel has of dir
	grep -qE " $work/dir ext4 $1" /proc/self/mounts
}
loops() {
	losetup -a
}

# --- mount and umount --------------------------------------------------------------------------------------

check 'mount says nothing' 0 '' '' -- image mount layer dir @digest
expect 'it is mounted, read-only' mounted ro,
check 'and mapped by the name of its digest' 0 "$name" '' -- list -o name
check 'umount says nothing' 0 '' '' -- image umount dir
check 'and nothing is left' 0 '' '' -- list
expect 'no loop device either' test -z "$(loops)"
check 'mount with all its words' 0 json '' -- image mount layer dir "$digest" check-at-most-once=yes --type ext4 --name mine \
	-o nodev,nosuid --hash-offset 4MiB --json
expect 'the mapping' grep -qF '"name": "mine"' "$work/out"
expect 'its node, which is there' grep -qF '"path": "/dev/dm-0"' "$work/out"
expect 'the mount' mounted ro,nosuid,nodev,
check 'the key' 0 '%check_at_most_once' '' -- table mine
expect 'gone by umount alone' umount dir
wait_for test -z "$("$DMKIT" list)"
check 'nothing is left of it' 0 '' '' -- list

check 'mount, to be shared' 0 '' '' -- image mount layer dir "$digest" --share
check 'and shared' 0 '' '' -- image mount layer other "$digest" --share
check 'one mapping' 0 "$name" '' -- list -o name
(cd other && exec sleep 1000) &
sleeper=$!
wait_for test "$(readlink /proc/$sleeper/cwd)" = "$work/other"
check 'umount of a busy one' 4 '' "%by root's sleep (pid $sleeper, cwd)" -- image umount other --deadline 200ms
check 'the same as JSON' 4 '' json-error -- image umount other --deadline 200ms --json
kill $sleeper
wait $sleeper 2>/dev/null
check 'umount as JSON' 0 json '' -- image umount other --json
check 'the other one has it still' 0 "$name" '' -- list -o name
check 'umount of the last one' 0 '' '' -- image umount dir
check 'and it is gone' 0 '' '' -- list

check 'mount by another digest' 1 '' "%read the first block: 'root-digest': the first block does not fit it" \
	-- image mount layer dir "$wrong"
check 'the same as JSON' 1 '' json-error -- image mount layer dir "$wrong" --json
check 'nothing is left of that' 0 '' '' -- list
expect 'and no loop device' test -z "$(loops)"

# --- map ---------------------------------------------------------------------------------------------------

dd if=layer of=/dev/ram0 bs=64K seek=1 status=none
check 'map a part of a device' 0 '' '' -- image map l /dev/ram0 @digest --offset 64KiB --size "$size"
check 'it stands on another mapping' 0 'l
l-data' '' -- list -o name
dm remove l
wait_for test -z "$("$DMKIT" list)"
check 'which goes with it' 0 '' '' -- list
check 'map as JSON' 0 json '' -- image map l /dev/ram0 "$digest" ignore-zero-blocks=yes --offset 64KiB --json
expect 'read-only' grep -qF '"readonly": true' "$work/out"
check 'with the key' 0 '%ignore_zero_blocks' '' -- table l
check 'map under a name that is taken' 1 '' "%'l'" -- image map l /dev/ram0 "$digest" --offset 64KiB
dm remove l
check 'map by another digest' 1 '' "%read the first block: segment 1 (verity): 'root-digest'" \
	-- image map l /dev/ram0 "$wrong" --offset 64KiB
check 'nothing is left of it, too' 0 '' '' -- list
dd if=layer of=/dev/ram0 bs=64K status=none
check 'map in a dry run' 0 '*' '' -- image map l /dev/ram0 "$digest" --dry-run
expect 'its table' grep -q "targets=1: 0 8192 verity 1 1:0 1:0 4096 4096 1024 1025 sha256 $digest" "$work/out"
check 'nothing is mapped by it' 0 '' '' -- list

# --- a device in use ---------------------------------------------------------------------------------------

dm create x linear device=/dev/ram0
if ldd "$DMKIT" >/dev/null 2>&1; then
	check 'format of a device in use' 4 '' "%image format '/dev/ram0': open: somebody uses it" -- image format /dev/ram0
fi
dm remove x
check 'info of a device' 0 '*' '' -- image info /dev/ram0
expect 'with its path in the lines' grep -qE '^table +0 8192 verity 1 /dev/ram0 /dev/ram0 ' "$work/out"
finish
