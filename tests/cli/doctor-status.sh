#!/bin/bash
# SPDX-License-Identifier: MIT
# dmkit doctor and devices that are sick: `./dev lab -- tests/cli/doctor-status.sh`. Each is made so by real I/O. Which
# status means what is told in tests/unit/golden. Needs /dev/ram0 to ram7, loop devices and veritysetup.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source=doctor-common.sh
. "${BASH_SOURCE[0]%/*}/doctor-common.sh"

well='nothing is wrong'
zero() { # DEVICE: its first 40 KiB
	dd if=/dev/zero of="$1" bs=4k count=10 conv=fsync 2>/dev/null
}
write() { # DEVICE BLOCK-SIZE COUNT [SEEK]
	dd if=/dev/zero of="$1" bs="$2" count="$3" seek="${4:-0}" oflag=direct conv=fsync,notrunc 2>/dev/null
}
read_all() { # DEVICE BLOCK-SIZE
	dd if="$1" of=/dev/null bs="$2" iflag=direct conv=noerror 2>/dev/null
}
# A device x, what it is said of it, and nothing else.
says() { # NAME MINOR TEXT MEND
	found "$1" 1 "'x' (DM:$2): $3
  mend: $4"
}
# a and b are what x stands on; b will die.
two() {
	dm create a linear device=/dev/ram5 size=8MiB
	dm create b linear device=/dev/ram6 size=8MiB
	zero /dev/mapper/b
}
b_dies() {
	dm replace b error size=8MiB
}
gone() {
	dm remove x
	dm remove a b
}
same_table() { # NAME
	"$DMKIT" table "$1" | "$DMKIT" replace "$1" --table-file -
}

# --- thin-pool ---------------------------------------------------------------------------------------------

zero /dev/ram0
dm create pool thin-pool metadata=/dev/ram0 data=/dev/ram1 block-size=64KiB size=128KiB
dm message pool create-thin id=0
dm create t thin pool=/dev/mapper/pool id=0 size=8MiB
found 'thin-pool: well' 0 "$well"
write /dev/mapper/t 64k 4 &
out_of_data() {
	"$DMKIT" status pool | grep -q out-of-data-space
}
wait_for out_of_data
full="'pool' (DM:0): thin-pool: mode out-of-data-space: no data block is free: writes that need one wait, or fail
  mend: make its data device longer, and give it a table of that length: dmkit replace pool ..."
found 'thin-pool: a write hangs because it is full' 1 "$full"
found 'thin-pool: --fix leaves it alone' 1 "$full" --fix
check 'thin-pool: JSON' 1 json '' -- doctor --json
expect 'thin-pool: JSON has field and value' \
	grep -q '"target": "thin-pool", "start_sectors": 0, "field": "mode", "value": "out-of-data-space"' "$work/out"
"$DMKIT" table pool | sed 's/^0 256/0 4096/' | "$DMKIT" replace pool --table-file -
wait
found 'thin-pool: its own words mend it, and the write ends' 0 "$well"
dm remove t
dm remove pool

dm create meta linear device=/dev/ram0
zero /dev/mapper/meta
dm create pool thin-pool metadata=/dev/mapper/meta data=/dev/ram1 block-size=64KiB size=1MiB
dm message pool create-thin id=0
dm create t thin pool=/dev/mapper/pool id=0 size=8MiB
write /dev/mapper/t 64k 1

# The pool's worker waits for its metadata with a lock in its hands that a status needs, too.
dm suspend meta
write /dev/mapper/t 64k 1 1 &
writer=$!
hangs() {
	[[ $(awk '{ print $3 }' /proc/*/stat 2>/dev/null | grep -c D) -gt 0 ]] && sleep 0.5
}
wait_for hangs
# Through a pipe: a request that cannot be killed does not hold it open.
"$DMKIT" doctor --deadline 700ms | sed '1,/^$/d; s/in [0-9]* ms$/in N ms/' >"$work/out"
late=' does not tell its status: there was no answer in N ms
  mend: dmkit tree; what hangs, or is suspended, is likely below it'
{
	compare findings "'meta' (DM:0) is suspended: I/O to it waits; if the resume is refused, load the table that it had before
  mend: dmkit resume meta

'pool' (DM:1)$late

't' (DM:2)$late" "$work/out"
} >"$work/diff"
if [[ -s $work/diff ]]; then not_ok 'a status that hangs' <"$work/diff"; else ok 'a status that hangs'; fi
check 'a flush that hangs is told as that' 7 '' \
	"dmkit: status 'pool': I/O did not end in time; the device is active, and the request, which could not be killed, still waits in the kernel (Connection timed out)" \
	-- status pool --flush --deadline 100ms
check 'one without a flush ends, too' 7 '' "%I/O did not end in time" -- status pool --deadline 100ms
dm resume meta
wait $writer
found 'a status that hung' 0 "$well"

dm replace meta error size=16MiB
write /dev/mapper/t 64k 1 3
mend_pool='remove its thin devices and it, run thin_check, and if need be thin_repair, on its metadata device, and create it again'
found 'thin-pool: its metadata failed' 1 "'pool' (DM:1): thin-pool: mode fail: the pool has failed: all I/O to it and its thin devices fails
  mend: $mend_pool

't' (DM:2): thin: state fail: its pool has failed: all I/O fails
  mend: mend the pool: dmkit deps t"
dm suspend t
found 'thin-pool: the same of a suspended device' 1 '*'
expect 'thin-pool: it is told to be both' test "$(grep -c "^'t' (" "$work/findings")" -eq 2
dm resume t
dm remove t
dm remove pool meta

# --- verity ------------------------------------------------------------------------------------------------

if type -P veritysetup >/dev/null; then
	truncate -s 1M "$work/data"
	digest=$(veritysetup format "$work/data" /dev/ram4 | awk '/^Root hash/ { print $3 }')
	salt=$(veritysetup dump /dev/ram4 | awk '/^Salt/ { print $2 }')
	losetup /dev/loop5 "$work/data"
	dm create x --readonly verity data=/dev/loop5 hash=/dev/ram4 data-blocks=256 hash-start=1 \
		"root-digest=$digest" "salt=$salt"
	found 'verity: well' 0 "$well"
	printf x | dd of=/dev/loop5 bs=1 seek=8192 conv=notrunc,fsync 2>/dev/null
	read_all /dev/mapper/x 4k
	says 'verity: corrupted' 0 \
		'verity: state corrupted: a block did not match its hash: the data, the tree or the root digest is wrong' \
		'write the right data and tree to the disks below, then remove x and create it again'
	dm remove x
	losetup -d /dev/loop5
else
	skip 'verity' 'there is no veritysetup'
fi

# --- snapshot ----------------------------------------------------------------------------------------------

for store in P PO; do
	truncate -s 64K "$work/cow"
	losetup /dev/loop5 "$work/cow"
	zero /dev/loop5
	dm create x snapshot origin=/dev/ram2 cow=/dev/loop5 persistent=$store chunksize=4KiB
	write /dev/mapper/x 4k 12
	found "snapshot $store: well" 0 "$well"
	write /dev/mapper/x 4k 1 12
	found "snapshot $store: nearly full is a note" 0 "note: 'x' (DM:0): snapshot: used 120s: the snapshot's store is nearly full; when it is, the snapshot is lost
  mend: make its store's device longer, or remove it: dmkit remove x"
	write /dev/mapper/x 4k 100
	if [[ $store == P ]]; then
		says 'snapshot: invalid' 0 \
			'snapshot: state invalid: the snapshot is lost: a change could not be stored, and reads of it fail' \
			'dmkit remove x'
	else
		says 'snapshot: overflow' 0 \
			'snapshot: state overflow: the snapshot is lost: its store is full, and reads of it fail' \
			'dmkit remove x'
	fi
	PATH=${DMKIT%/*}:$PATH bash -c "$(sed -n 's/^  mend: //p' "$work/findings")"
	found "snapshot $store: its own words mend it" 0 "$well"
	losetup -d /dev/loop5
done

# --- legs --------------------------------------------------------------------------------------------------

two
dm create x mirror region-size=512KiB device=/dev/mapper/a:0 device=/dev/mapper/b:0
in_sync() {
	"$DMKIT" status x | grep -q '16/16'
}
wait_for in_sync
found 'mirror: well' 0 "$well"
b_dies
write /dev/mapper/x 4k 1
says 'mirror: a dead leg' 2 'mirror: failed 1: legs have failed or are out of sync' \
	'a table with other legs in their places: dmkit replace x ...'
dm replace x linear device=/dev/mapper/a
gone

two
for i in 0 1; do
	dm create "meta$i" --table "0 8192 linear /dev/ram0 $((i * 8192))"
	zero "/dev/mapper/meta$i"
done
dm create x raid raid-type=raid1 nosync=yes metadata=/dev/mapper/meta0 metadata=/dev/mapper/meta1 \
	data=/dev/mapper/a data=/dev/mapper/b size=8MiB
found 'raid: well' 0 "$well"
# A flush would wait for md, which waits for b.
dm replace b error size=8MiB --noflush --no-lockfs
write /dev/mapper/x 4k 1
degraded() {
	"$DMKIT" status x | grep -q 'failed 1'
}
wait_for degraded
says 'raid: a dead device' 4 'raid: failed 1: the array is degraded: devices have failed' \
	'if they are back, the same table, else one with others in their places: dmkit replace x ...'
dm replace b linear device=/dev/ram6 size=8MiB
same_table x
recovered() {
	"$DMKIT" status x | grep -q 'health AA'
}
wait_for recovered
found 'raid: its own words mend it' 0 "$well"
dm remove x
dm remove a b meta0 meta1

two
dm create x striped chunk=64KiB device=/dev/mapper/a:0 device=/dev/mapper/b:0
b_dies
read_all /dev/mapper/x 1M
says 'striped: a dead stripe' 2 'striped: failed 1: I/O to stripes has failed' \
	'mend the disks below; the count begins anew with the same table: dmkit replace x ...'
dm replace b linear device=/dev/ram6 size=8MiB
same_table x
found 'striped: its own words mend it' 0 "$well"
gone

two
dm create x multipath queue-mode=bio group=round-robin path=/dev/mapper/a path=/dev/mapper/b
found 'multipath: well' 0 "$well"
b_dies
write /dev/mapper/x 4k 1
failed() {
	write /dev/mapper/x 64k 8
	"$DMKIT" status x | grep -q 'failed-paths 1'
}
wait_for failed
reinstate='unless multipathd does it: dmkit message x reinstate-path path=MAJOR:MINOR'
says 'multipath: a failed path' 2 'multipath: failed-paths 1: paths have failed; others are left' "mend them, then, $reinstate"
dm message x fail-path path=/dev/mapper/a
says 'multipath: all of them' 2 'multipath: failed-paths 2: all paths have failed: I/O waits, or fails' \
	"mend a path, then, $reinstate"
dm replace b linear device=/dev/ram6 size=8MiB
dm message x reinstate-path "path=$dm_major:0"
dm message x reinstate-path "path=$dm_major:1"
found 'multipath: its own words mend it' 0 "$well"
gone
dm create x --table '0 16384 multipath 0 0 0 0'
says 'multipath: no path at all' 0 'multipath: paths 0: it has no path at all: I/O waits, or fails' \
	'a table with paths: dmkit replace x ...'
dm remove x

# --- metadata, caches and logs -----------------------------------------------------------------------------

# What stands on b fails with it.
fails() { # TARGET FIELD-AND-VALUE: WHAT MEND KEY=VALUE...
	local target=$1 what=$2 mend=$3
	shift 3
	two
	dm create x "$target" "$@"
	found "$target: well" 0 "$well"
	b_dies
	write /dev/mapper/x 256k 16
	says "$target: its other device failed" 2 "$target: $what" "$mend"
	gone
}
fails cache 'state fail: the cache has failed: all I/O fails' \
	'remove x, run cache_check, and if need be cache_repair, on its metadata device, and create it again' \
	metadata=/dev/mapper/b cache=/dev/ram7 origin=/dev/mapper/a block-size=256KiB mode=writethrough size=8MiB
fails clone 'state fail: the clone has failed: all I/O fails' 'mend the disks below, then remove x and create it again' \
	metadata=/dev/mapper/b destination=/dev/mapper/a source=/dev/ram3 region-size=4KiB no-hydration=yes size=8MiB
fails era 'error yes: the metadata cannot be read' 'remove x, run era_check on its metadata device, and create it again' \
	metadata=/dev/mapper/b origin=/dev/mapper/a block-size=64KiB
fails writecache 'error 1: the cache has failed: what it has not written back is only on its device' \
	"mend the cache's device, then remove x and create it again" origin=/dev/mapper/a cache=/dev/mapper/b
fails log-writes 'logging-disabled yes: the log could not be written: nothing is recorded any more' \
	"mend the log's device, or give it a longer one, and begin the log anew: dmkit replace x ..." \
	device=/dev/mapper/a log-device=/dev/mapper/b

# --- wrong data, and errors by order -----------------------------------------------------------------------

zero /dev/ram5
dm create x integrity device=/dev/ram5 internal-hash=crc32c size=8MiB
write /dev/mapper/x 64k 128
found 'integrity: well' 0 "$well"
dm remove x
for i in 3 4 5; do printf x | dd of=/dev/ram5 bs=1M seek=$i conv=notrunc,fsync 2>/dev/null; done
dm create x integrity device=/dev/ram5 internal-hash=crc32c size=8MiB
read_all /dev/mapper/x 4k
says 'integrity: mismatches' 0 'integrity: mismatches 3: sectors were read whose tag did not fit: their data are wrong' \
	'write the right data to them; the count begins anew with the same table: dmkit replace x ...'
write /dev/mapper/x 64k 128
same_table x
read_all /dev/mapper/x 64k
found 'integrity: its own words mend it' 0 "$well"
dm remove x

dm create x dust device=/dev/ram5 blksz=4096
dm message x enable
found 'dust that fails is a note' 0 "note: 'x' (DM:0): dust: state fail-read-on-bad-block: reads of its bad blocks fail, as it was told
  mend: dmkit message x disable"
PATH=${DMKIT%/*}:$PATH bash -c "$(sed -n 's/^  mend: //p' "$work/findings")"
found 'dust: its own words mend it' 0 "$well"
dm remove x

# --- several segments, and a name for a shell --------------------------------------------------------------

dm create b linear device=/dev/ram6 size=8MiB
printf '%s\n' '0 8192 linear 1:2 0' "8192 8192 striped 2 $dm_major:0 0 1:4 0 128" >"$work/table"
sed -i 's/ 128$//; s/striped 2/striped 2 128/' "$work/table"
dm create "x y" --table-file "$work/table"
b_dies
read_all '/dev/mapper/x y' 1M
check 'a segment and a name with a blank, JSON' 1 json '' -- doctor --json
expect 'the segment is told' grep -q '"target": "striped", "start_sectors": 8192, "field": "failed", "value": "1"' "$work/out"
expect 'and the name as a word of a shell' grep -qF "with the same table: dmkit replace 'x y' ...\"" "$work/out"
dm remove 'x y'
dm remove b

found 'at the end' 0 "$well"
finish
