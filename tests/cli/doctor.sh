#!/bin/bash
# SPDX-License-Identifier: MIT
# dmkit doctor on a real kernel: `./dev lab -- tests/cli/doctor.sh`. Each kind of finding, its mend, and that --fix does
# what it says and no more. Needs /dev/ram0, loop devices and scsi_debug.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source=doctor-common.sh
. "${BASH_SOURCE[0]%/*}/doctor-common.sh"

fix='mend: dmkit doctor --fix'
semget() { # KEY
	perl -e 'syscall(64, hex(shift), 1, 0600 | 01000) >= 0 or die "semget: $!\n"' "$1"
}
# Cookies get old by the clock, which is this kernel's own.
an_hour_goes_by() {
	date -s '+1 hour' >/dev/null
}
cookies() {
	awk '$1 ~ /^ *[0-9]/ && sprintf("%08x", $1) ~ /^0d4d/ { printf "%08x\n", $1 }' /proc/sysvipc/sem
}

# --- all is well -------------------------------------------------------------------------------------------

found 'nothing is wrong' 0 'nothing is wrong'
expect 'facts: driver' grep -qE '^device-mapper  driver 4\.[0-9]+\.[0-9]+$' "$work/out"
expect 'facts: control node' grep -qE '^control node   10:236$' "$work/out"
expect 'facts: targets with their versions' grep -qE '^targets        .*linear [0-9]+\.[0-9]+\.[0-9]+' "$work/out"
expect 'facts: devices' grep -qx 'devices        0' "$work/out"
expect 'facts: udev' grep -qx 'udev           no handshake: there is no /run/udev/control' "$work/out"
expect 'facts: the log' grep -qx 'kernel log     can be read' "$work/out"
check 'nothing is wrong, JSON' 0 json '' -- doctor --json
expect 'nothing is wrong, JSON: no findings' grep -q '"devices": 0, "findings": \[\]}$' "$work/out"
dm create good linear device=/dev/ram0 size=8s
found 'a device as it should be' 0 'nothing is wrong'

# --- the three of them: a device without node, a suspended one, a stale cookie -------------------------------

dm create bare zero size=8s --no-node
dm create "sus'pended" zero size=8s
dm suspend "sus'pended"
semget 0d4d1234
an_hour_goes_by
quote="note: 'sus'pended' (DM:2) has a name that libdevmapper's programs (dmsetup, LVM) cannot read: beside it dmsetup ls, table, status and info fail for all devices
  mend: dmkit rename 'sus'\\''pended' sus_pended"
three="$quote

'sus'pended' (DM:2) is suspended: I/O to it waits; if the resume is refused, load the table that it had before
  mend: dmkit resume 'sus'\\''pended'

'bare' (DM:1) has no node: /dev/mapper/bare is not there
  $fix

udev cookie 0x0d4d1234 is left over, untouched for N s: who used it last has ended, and nobody waits for it
  $fix"
normalise() {
	LC_ALL=C sed -E "s/\b${dm_major:-none}:([0-9])/DM:\1/g; s/untouched for [0-9]+ s/untouched for N s/
		s/was made [0-9]+ s ago/was made N s ago/
		s/diskseq [0-9]+, its own is [0-9]+/diskseq N, its own is N/"
}
found 'without node, suspended, a stale cookie' 1 "$three"
check 'the same, JSON' 1 json '' -- doctor --json
expect 'the same, JSON: kinds' test "$(grep -o '"kind": "[a-z-]*"' "$work/out" | cut -d '"' -f 4 | xargs)" = \
	'name-unreadable suspended node-missing cookie-stale'
expect 'the same, JSON: the cookie is a number' grep -q '"cookie": 223154740}' "$work/out"
found 'a dry run mends nothing' 1 "$three" --fix --dry-run
expect 'a dry run made no node' test ! -e /dev/mapper/bare
found '--fix mends two and leaves the device suspended' 1 "$quote

'sus'pended' (DM:2) is suspended: I/O to it waits; if the resume is refused, load the table that it had before
  mend: dmkit resume 'sus'\\''pended'

'bare' (DM:1) has no node: /dev/mapper/bare is not there
  mended

udev cookie 0x0d4d1234 is left over, untouched for N s: who used it last has ended, and nobody waits for it
  mended" --fix
expect 'the node is the device' test "$(stat -c %t:%T /dev/mapper/bare)" = "$(printf '%x:1' "$dm_major")"
expect 'the cookie is gone' test -z "$(cookies)"
check 'the state of the device' 0 json '' -- info --json "sus'pended"
expect 'the device is still suspended' grep -q '"suspended": true' "$work/out"
dm resume "sus'pended"
dm remove bare "sus'pended"
found 'mended, all of it' 0 'nothing is wrong'

# --- cookies that are no finding ---------------------------------------------------------------------------

# Of a process that lives (SETVAL is 16).
perl -e '$id = syscall(64, 0x0d4d0042, 1, 0600 | 01000); syscall(66, $id, 0, 16, 2); $| = 1; print "\n"; sleep 1000' \
	>"$work/ready" &
pid=$!
wait_for test -s "$work/ready"
an_hour_goes_by
found 'a cookie of a living process' 0 'nothing is wrong'
kill $pid
wait $pid 2>/dev/null
found 'a cookie of a killed process' 1 "udev cookie 0x0d4d0042 is left over, untouched for N s: who used it last has ended, and nobody waits for it
  $fix"
semget 0d4e0042
found 'a semaphore with another key is left alone' 0 "udev cookie 0x0d4d0042 is left over, untouched for N s: who used it last has ended, and nobody waits for it
  mended" --fix
expect 'it is there' grep -q "^ *$((0x0d4e0042)) " /proc/sysvipc/sem
ipcrm -S 0x0d4e0042

# A script's, as dmsetup udevcreatecookie makes it: its maker has ended, and so has each program that used it.
perl -e '$id = syscall(64, 0x0d4d0043, 1, 0600 | 01000); syscall(66, $id, 0, 16, 1)'
found 'the cookie of a script, now' 0 'nothing is wrong' --fix
an_hour_goes_by
found 'the cookie of a script that works for an hour' 0 "note: udev cookie 0x0d4d0043 was made N s ago and never used: a script that is at work has it, or one that has ended left it
  mend: if there is no such script: ipcrm -S 0x0d4d0043" --fix
expect 'the cookie is there' test "$(cookies)" = 0d4d0043
perl -e '$one = pack("sss", 0, 1, 0); syscall(65, syscall(64, 0x0d4d0043, 1, 0), $one, 1) == 0 or die "semop: $!\n"'
found 'used a moment ago' 0 'nothing is wrong' --fix
expect 'the cookie is still there' test "$(cookies)" = 0d4d0043
an_hour_goes_by
found 'and left then' 0 "udev cookie 0x0d4d0043 is left over, untouched for N s: who used it last has ended, and nobody waits for it
  mended" --fix
expect 'and now it is not' test -z "$(cookies)"

# --- states ------------------------------------------------------------------------------------------------

dm create empty --no-table
dm create loaded --no-table
dm load loaded zero size=8s
found 'no table, and one that was never put in' 1 "'empty' (DM:1) has no table: nothing can be read from it
  mend: dmkit remove empty

'loaded' (DM:2) has a table that was loaded and never put in
  mend: dmkit resume loaded"
found '--fix resumes and removes nothing' 1 '*' --fix
expect 'the devices are as they were' bash -c "'$DMKIT' list --state | grep -c '^empty\|^loaded' | grep -qx 2"
dm resume loaded
dm remove empty loaded

# What a replace leaves that is killed in between.
dm create twice linear device=/dev/ram0 size=8s
dm load twice linear device=/dev/ram1 size=8s
second="note: 'twice' (DM:1) has another table loaded that was never put in: the next resume does it, and its disks are in use
  mend: dmkit clear twice, or, to put it in, dmkit resume twice"
found 'a second table that was never put in' 0 "$second" --fix
dm suspend twice
found 'the same of one that is suspended' 1 "'twice' (DM:1) is suspended: I/O to it waits; if the resume is refused, load the table that it had before
  mend: dmkit resume twice

$second"
dm resume twice
expect 'a resume puts it in, as it says' grep -q '1:1 0$' <("$DMKIT" table twice)
dm load twice linear device=/dev/ram2 size=8s
dm clear twice
found 'its own words mend it' 0 'nothing is wrong'
dm remove twice

# --- nodes -------------------------------------------------------------------------------------------------

# Whose number nobody has.
sleep 0 &
killed=$!
wait $killed
dm create wrong zero size=8s
dm create away zero size=8s
dm create taken zero size=8s
dm create old zero size=8s
dm rename old new --no-node
dm create link zero size=8s
rm /dev/mapper/{wrong,away,taken,link}
mknod /dev/mapper/wrong b "$dm_major" 0
ln -s ../dm-0 /dev/mapper/link
ln -s /dev/ram1 /dev/mapper/away
echo data >/dev/mapper/taken
mknod /dev/mapper/stale b "$dm_major" 777
temporary=".dmkit-$(printf %08x "$killed")-0000000000000001$(printf '%096d' 0 | tr 0 -)"
mknod "/dev/mapper/$temporary" b "$dm_major" 0
mknod "/dev/mapper/.dmkit-$dm_major:0" b "$dm_major" 0
ln -s ../dm-778 /dev/mapper/dangling
ln -s ../dm-4 '/dev/mapper/link of old'
ln -s /nowhere "/dev/mapper/by hand"
ln -s /dev/mapper/good /dev/mapper/alias
touch /dev/mapper/file
mknod /dev/mapper/foreign b 1 1
taken="/dev/mapper/away, the place of the node of 'away' (DM:2), is taken by something else
  mend: mv /dev/mapper/away /dev/mapper/away.old && dmkit doctor --fix

/dev/mapper/taken, the place of the node of 'taken' (DM:3), is taken by something else
  mend: mv /dev/mapper/taken /dev/mapper/taken.old && dmkit doctor --fix

/dev/mapper/by hand is a link to nothing
  mend: rm '/dev/mapper/by hand'

/dev/mapper/link of old leads to 'new' (DM:4), whose name it is not
  mend: rm '/dev/mapper/link of old'"
sorted() { # the paragraphs of $1, sorted: a folder's order is its own
	awk -v RS= '{ gsub("\n", "\001"); print }' "$1" | LC_ALL=C sort | tr '\001' '\n'
}
found 'nodes' 1 '*'
sorted "$work/findings" | normalise >"$work/sorted"
{
	printf '%s\n\n' "$taken"
	printf "%s\n  $fix\n\n" \
		"'new' (DM:4) has no node: /dev/mapper/new is not there" \
		"/dev/mapper/$temporary was left by a process that ended while it made a node" \
		"/dev/mapper/.dmkit-DM:0 leads to 'good' (DM:0), whose name it is not" \
		"/dev/mapper/old leads to 'new' (DM:4), whose name it is not" \
		'/dev/mapper/dangling is a link to nothing' \
		"/dev/mapper/link leads to DM:0, not to 'link' (DM:5)" \
		'/dev/mapper/stale is the node of DM:777, and no device is that' \
		"/dev/mapper/wrong leads to DM:0, not to 'wrong' (DM:1)"
} >"$work/expected.raw"
sorted "$work/expected.raw" >"$work/expected"
if diff -u "$work/expected" "$work/sorted" >"$work/diff"; then
	ok 'nodes: each is told'
else
	not_ok 'nodes: each is told' <"$work/diff"
fi
found 'nodes: --fix' 1 '*' --fix
expect 'nodes: eight were mended' test "$(grep -cx '  mended' "$work/findings")" -eq 8
for name in wrong:1 new:4 link:5; do
	expect "nodes: ${name%:*} is its device" \
		test "$(stat -Lc %t:%T "/dev/mapper/${name%:*}")" = "$(printf '%x' "$dm_major"):${name#*:}"
done
expect 'nodes: what was nobody'\''s is gone' bash -c "! ls -A /dev/mapper | grep -E 'stale|dangling|dmkit-|^old$'"
expect 'nodes: what was somebody'\''s is there' test -L '/dev/mapper/by hand' -a -L /dev/mapper/alias -a \
	-L /dev/mapper/away -a -f /dev/mapper/taken -a -f /dev/mapper/file -a -b /dev/mapper/foreign -a -L '/dev/mapper/link of old'
found 'nodes: those are left' 1 '*'
sorted "$work/findings" | normalise >"$work/sorted"
printf '%s\n' "$taken" >"$work/expected.raw"
sorted "$work/expected.raw" >"$work/expected"
if diff -u "$work/expected" "$work/sorted" >"$work/diff"; then
	ok 'nodes: the rest is told again'
else
	not_ok 'nodes: the rest is told again' <"$work/diff"
fi
# By the mends that it names.
sed -n 's/^  mend: //p' "$work/findings" | while read -r mend; do
	PATH=${DMKIT%/*}:$PATH bash -c "$mend" >/dev/null 2>&1
done
found 'nodes: its own words mend the rest' 0 'nothing is wrong'
rm /dev/mapper/{alias,file,foreign,*.old}
dm remove wrong away taken new link

# As udev and libdevmapper write a name.
dm create 'a b' zero size=8s
mv '/dev/mapper/a b' '/dev/mapper/a\x20b'
unreadable="(dmsetup, LVM) cannot read: beside it dmsetup ls, table, status and info fail for all devices"
blank="note: 'a b' (DM:1) has a name that libdevmapper's programs $unreadable
  mend: dmkit rename 'a b' a_b"
found 'a mangled node is a node; of the name there is a note' 0 "$blank" --fix
mv '/dev/mapper/a\x20b' '/dev/mapper/a b'
if type -P dmsetup >/dev/null; then
	expect 'dmsetup cannot read it' bash -c '! dmsetup ls'
	PATH=${DMKIT%/*}:$PATH bash -c "dmkit rename 'a b' a_b"
	expect 'its own words mend it' dmsetup ls
	found 'and it is well then' 0 'nothing is wrong'
else
	skip 'dmsetup cannot read it' 'there is no dmsetup'
	dm rename 'a b' a_b
fi
dm remove a_b
# What dmsetup reads is no finding, and what it does not is one.
for name in 'a\x20b' 'a\b' 'a#+-.:=@_Z9'; do
	dm create "$name" zero size=8s
	found "a name that can be read: $name" 0 'nothing is wrong'
	dm remove "$name"
done
for name in 'größe:gr_e' 'a,b:a_b' 'a\x20 b:a_x20_b' "a'b@:a_b_"; do
	dm create "${name%%:*}" zero size=8s --no-node
	"$DMKIT" doctor >"$work/out"
	expect "a name that cannot: ${name%%:*}" grep -qF " ${name#*:}" <(grep 'mend: dmkit rename' "$work/out")
	dm remove "${name%%:*}"
done

# --- a node that is being made -----------------------------------------------------------------------------

# The maker stands still just before it puts its node in.
for other in 'doctor --fix' 'dmsetup mknodes' 'doctor'; do
	strace -o /dev/null -e trace=renameat2 -e inject=renameat2:delay_enter=2000000 "$DMKIT" create slow --mode 640 \
		zero size=8s \
		>"$work/slow" 2>&1 &
	maker=$!
	wait_for bash -c 'ls -A /dev/mapper | grep -q "^\.dmkit-"'
	# shellcheck disable=SC2086
	"$DMKIT" $other >"$work/out" 2>&1
	expect "beside $other a create ends well" wait $maker
	expect "beside $other: no word of a temporary node" bash -c "! grep -F .dmkit- '$work/out'"
	expect "beside $other: the node is the device" test "$(stat -c %t:%T /dev/mapper/slow)" = "$(printf '%x:1' "$dm_major")"
	found "beside $other: all is well afterwards" 0 'nothing is wrong'
	dm remove slow
done

# --- a removal that waits ----------------------------------------------------------------------------------

dm create going zero size=8s
exec 9</dev/mapper/going
dm remove --deferred going
expect 'deferred: the node is gone' test ! -e /dev/mapper/going
found 'deferred: that is no finding' 0 'nothing is wrong' --fix
"$DMKIT" dmsetup mknodes
"$DMKIT" dmsetup mknodes going
dm resume going
dm rename going gone
expect 'deferred: nobody made a node' test "$(ls -A /dev/mapper)" = 'control
good'
dm remove --cancel-deferred gone
expect 'deferred and taken back: there it is' test "$(stat -c %t:%T /dev/mapper/gone)" = "$(printf '%x:1' "$dm_major")"
dm remove --deferred gone
mknod /dev/mapper/gone b "$dm_major" 0
found 'deferred: a node of another device' 1 "/dev/mapper/gone leads to DM:0, not to 'gone' (DM:1)
  $fix"
found 'deferred: a node of another device goes' 0 "/dev/mapper/gone leads to DM:0, not to 'gone' (DM:1)
  mended" --fix
expect 'deferred: and none comes' test ! -e /dev/mapper/gone
exec 9<&-
found 'deferred: gone' 0 'nothing is wrong'

# --- the host's /dev/mapper in a container's /dev ----------------------------------------------------------

dm create host zero size=8s
rm /dev/mapper/host
ln -s ../dm-1 /dev/mapper/host
dm create 'ho st' zero size=8s
rm '/dev/mapper/ho st'
ln -s ../dm-2 '/dev/mapper/ho\x20st'
ln -s ../dm-1 /dev/mapper/alias
ln -s ../dm-2 /dev/mapper/gone
ls -l --time-style=+ /dev/mapper >"$work/before"
in_container() { # COMMAND...
	# shellcheck disable=SC2016
	unshare -m bash -c 'mkdir "$0/dev" && mount -t tmpfs none "$0/dev" && mkdir "$0/dev/mapper" &&
		mount --bind /dev/mapper "$0/dev/mapper" && mknod "$0/dev/null" c 1 3 && mknod "$0/dev/kmsg" c 1 11 &&
		mount --move "$0/dev" /dev && "$@"' \
		"$work" "$@"
	rmdir "$work/dev"
}
in_container "$DMKIT" doctor --fix >"$work/out" 2>&1
expect 'in a container nothing is wrong but a name' test "$(grep -c '^  ' "$work/out")" -eq 1
expect 'in a container it is the name' grep -q "^note: 'ho st' .* cannot read" "$work/out"
in_container "$DMKIT" dmsetup mknodes >"$work/out" 2>&1
expect 'in a container, mknodes' test ! -s "$work/out"
in_container "$DMKIT" resume host >"$work/out" 2>&1
expect 'in a container, resume' test ! -s "$work/out"
ls -l --time-style=+ /dev/mapper >"$work/after"
expect 'the host has its links' cmp "$work/before" "$work/after"
rm /dev/mapper/alias /dev/mapper/gone
dm remove host
mv '/dev/mapper/ho\x20st' '/dev/mapper/ho st'
dm remove 'ho st'

# --- names that no node can have ---------------------------------------------------------------------------

# DM_DEV_CREATE, bare: dmkit gives no such names, and newer kernels neither.
make_bare() { # NAME
	perl -e 'open F, "+<", "/dev/mapper/control"; $io = pack("L10 Q a128 a129 a7", 4, 0, 0, 312, 312, (0) x 6, @ARGV, "", "");
		exit(ioctl(F, 0xc138fd03, $io) ? 0 : 1)' "$1"
}
if ! make_bare control; then
	skip 'devices called control, . and ..' 'this kernel refuses such names'
else
	make_bare .
	make_bare ..
	for name in . .. control; do
		dm load "$name" zero size=8s
		dm resume "$name"
		expect "$name: table" test "$("$DMKIT" table "$name")" = '0 8 zero'
		expect "$name: info" grep -qx "name          $name" <("$DMKIT" info "$name")
		expect "$name: as dmsetup" test "$("$DMKIT" dmsetup table "$name" | xargs)" = '0 8 zero'
		check "$name: no device is renamed to that" 2 '' "%no device may have the name '$name'" -- rename good "$name"
	done
	found 'they are told, and /dev/mapper/control is left alone' 1 "'.' (DM:2) has a name that no node can have
  mend: dmkit rename . dm-DM:2

'..' (DM:3) has a name that no node can have
  mend: dmkit rename .. dm-DM:3

'control' (DM:1) has a name that no node can have
  mend: dmkit rename control dm-DM:1"
	found '--fix leaves them' 1 '*' --fix
	"$DMKIT" dmsetup mknodes
	expect 'no node was made or taken' test "$(ls -A /dev/mapper)" = 'control
good'
	expect 'the control node is what it was' test "$(stat -c %t:%T /dev/mapper/control)" = a:ec
	"$DMKIT" doctor | sed -n 's/^  mend: //p' | while read -r mend; do PATH=${DMKIT%/*}:$PATH bash -c "$mend"; done
	found 'its own words give them names and nodes' 0 'nothing is wrong'
	expect 'a node of each' test "$(stat -c %T "/dev/mapper/dm-$dm_major:"* | xargs)" = '1 2 3'
	dm remove "dm-$dm_major:1" "dm-$dm_major:2" "dm-$dm_major:3"
	make_bare control
	dm remove control
	make_bare control
	"$DMKIT" dmsetup remove control
	make_bare ..
	make_bare .
	dm remove --deferred .. .
	make_bare .
	make_bare control
	dm remove --prefix c
	dm remove --prefix .
	found 'removed, one way and the other' 0 'nothing is wrong'
fi

# --- disks -------------------------------------------------------------------------------------------------

truncate -s 1M "$work/disk"
losetup /dev/loop1 "$work/disk"
dm create on-loop linear device=/dev/loop1
found 'a disk as it should be' 0 'nothing is wrong'
truncate -s 512K "$work/disk"
losetup -c /dev/loop1
found 'a disk that shrank' 1 "'on-loop' (DM:1) stands on 7:1 (loop1), which its table does not fit: its size is 1024 sectors: there are no 2048 from sector 0 on
  mend: dmkit table on-loop"
dm remove on-loop
losetup -d /dev/loop1

# The mapping first, then the disk, then the table: no fault, but from outside it looks like one.
dm create early --no-table
losetup /dev/loop2 "$work/disk"
dm load early linear device=/dev/loop2
dm resume early
found 'a disk newer than the mapping is a note' 0 "note: 'early' (DM:1) stands on 7:2 (loop2), which is newer than it (diskseq N, its own is N): it was replaced, unless the table came later
  mend: dmkit table early"
dm remove early
losetup -d /dev/loop2

modprobe sd_mod && modprobe scsi_debug dev_size_mb=8
wait_for test -b /dev/sda
dm create on-disk linear device=/dev/sda
found 'a disk that is there' 0 'nothing is wrong'
echo 1 >/sys/block/sda/device/delete
found 'a disk that was pulled' 1 "'on-disk' (DM:1) stands on 8:0, which is gone: no block device has this number any more
  mend: dmkit remove --force on-disk"
check 'a disk that was pulled, JSON' 1 json '' -- doctor --json
expect 'a disk that was pulled, JSON: its number' grep -q '"kind": "disk-gone", .*"other_major": 8, "other_minor": 0' "$work/out"
# Another disk under that number, as the kernel would show it: without a link to the mapping. sysfs is covered for it.
mkdir -p "$work/block/8:0/holders"
echo 16384 >"$work/block/8:0/size"
for path in /sys/dev/block/*; do ln -s "$(readlink -f "$path")" "$work/block/${path##*/}"; done
mount --bind "$work/block" /sys/dev/block
found 'another disk of the same number' 1 "'on-disk' (DM:1) stands on 8:0, which was replaced: the block device of this number is not the one that the table has
  mend: dmkit remove --force on-disk"
echo 0 >"$work/block/8:0/size"
found 'a disk without a medium' 1 "'on-disk' (DM:1) stands on 8:0, which is gone: it has a size of 0: detached, or without a medium
  mend: dmkit remove --force on-disk"
umount /sys/dev/block
PATH=${DMKIT%/*}:$PATH bash -c 'dmkit remove --force on-disk'
found 'its own words mend it' 0 'nothing is wrong'

# Root, but without the right to ask.
setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$DMKIT" doctor >"$work/out" 2>"$work/err"
sed '1,/^$/d' "$work/out" >"$work/findings"
compare findings 'the devices cannot be looked at: Permission denied
  mend: run it as root (CAP_SYS_ADMIN)' "$work/findings" >"$work/diff"
if [[ -s $work/diff || -s $work/err ]]; then not_ok 'root without CAP_SYS_ADMIN' <"$work/diff"; else ok 'root without CAP_SYS_ADMIN'; fi

mv /dev/kmsg "$work/kmsg"
found 'no /dev/kmsg' 0 "note: the kernel's log cannot be read (No such file or directory): errors come without its reason
  mend: mknod -m 644 /dev/kmsg c 1 11"
bash -c "$(sed -n 's/^  mend: //p' "$work/findings")"
found 'its own words mend it' 0 'nothing is wrong'

# --- the machine -------------------------------------------------------------------------------------------

rm /dev/mapper/control
found 'no control node' 1 "the control node /dev/mapper/control is missing
  $fix"
expect 'to look made none' test ! -e /dev/mapper/control
check 'no control node, JSON' 1 json '' -- doctor --json
found 'no control node: --fix' 0 'the control node /dev/mapper/control is missing
  mended' --fix
expect 'it is there' test "$(stat -c %t:%T /dev/mapper/control)" = a:ec
expect 'and then all was looked at' grep -qx 'devices        1' "$work/out"
mv /dev/mapper/control "$work/control"
mknod /dev/mapper/control c 1 3
found 'a wrong control node' 1 "/dev/mapper/control is not device-mapper's control node
  mend: rm /dev/mapper/control && dmkit doctor --fix"
found 'a wrong control node is left alone' 1 '*' --fix
PATH=${DMKIT%/*}:$PATH bash -c 'rm /dev/mapper/control && dmkit doctor --fix' >"$work/out"
expect 'its own words mend it' test "$(stat -c %t:%T /dev/mapper/control)" = a:ec

"$DMKIT" doctor >/dev/null
echo 1 >/proc/sys/kernel/dmesg_restrict
setpriv --reuid 65534 --clear-groups "$DMKIT" doctor >"$work/out" 2>"$work/err"
result=$?
sed '1,/^$/d' "$work/out" >"$work/findings"
{
	[[ $result == 1 ]] || echo "exit code $result"
	compare findings "the devices cannot be looked at: /dev/mapper/control: Permission denied: the control node could not be opened
  mend: run it as root (CAP_SYS_ADMIN)

note: the kernel's log cannot be read (Operation not permitted): errors come without its reason
  mend: run it as root (CAP_SYSLOG)" "$work/findings"
	compare stderr '' "$work/err"
} >"$work/diff"
if [[ -s $work/diff ]]; then not_ok 'an ordinary user' <"$work/diff"; else ok 'an ordinary user'; fi
echo 0 >/proc/sys/kernel/dmesg_restrict

dm remove good
found 'at the end' 0 'nothing is wrong'
finish
