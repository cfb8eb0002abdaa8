#!/bin/bash
# SPDX-License-Identifier: MIT
# Who keeps a device busy, on a real kernel: `./dev lab -- tests/cli/holders.sh`. Each kind of holder is told by the
# error of a removal and by the command. Needs /dev/ram0 and /dev/ram1 of 16 MiB.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

told() { # NAME WHO LINE: in the error of a removal, and by the command
	check "removal: $1" 4 '' "dmkit: remove 't': Device or resource busy: held by $2" -- remove t --deadline 0
	check "holders: $1" 0 "$3" '' -- holders t
	check "holders: $1, JSON" 0 json '' -- holders t --json
}

# wants NAME WHO [DEVICE]: check, --check and the kernel refuse a table on it, the first two by name.
wants() {
	local device=${3-/dev/ram1}
	echo "0 8 linear $device 0" >"$work/table"
	check "check: $1" 2 '' "$work/table:1:12: error: linear: '$device': held by $2, which shares it with no target
  0 8 linear $device 0
             $(printf '%s' "^${device:1}" | sed 's/[^^]/~/g')" -- check "$work/table"
	check "create --check: $1" 4 '' "%'$device': held by $2, which shares it with no target" -- create above --check --table-file "$work/table"
	check "create: $1" 4 '' '%(-EBUSY)' -- create above --table-file "$work/table"
}
shares() { # NAME [DEVICE]: all three take it
	echo "0 8 linear ${2-/dev/ram1} 0" >"$work/table"
	check "check: $1" 0 '' '' -- check "$work/table"
	check "create --check: $1" 0 '' '' -- create above --check --table-file "$work/table"
	dm remove above
}

mkdir "$work/a b" "$work/elsewhere"
dm create t linear device=/dev/ram0
check 'nobody' 0 '' '' -- holders t
check 'nobody, JSON' 0 json '' -- holders t --json
check 'no such device' 3 '' "%'nope'" -- holders nope
check 'no such path' 3 '' "%there is no '/dev/nope'" -- holders /dev/nope
check 'no block device' 1 '' '%Block device required' -- holders /dev/null
check 'the disk below, by its path' 0 "mapping  t (DM:0)" '' -- holders /dev/ram0
check 'by node' 0 '' '' -- holders /dev/mapper/t
check 'by number' 0 '' '' -- holders --devno "$dm_major:0"

# --- mounts ------------------------------------------------------------------------------------------------

mkfs.ext4 -q /dev/mapper/t 2>/dev/null
mount /dev/mapper/t "$work/a b"
told 'a mount' "mount $work/a b" "mount    $work/a b"
umount "$work/a b"

# --- a file system that is in use, mounted and detached ----------------------------------------------------

# A shell without a fork, so that $! holds; each holds in one way alone, the last one in three.
fs=$work/fs
mkdir "$fs"
mount /dev/mapper/t "$fs"
mkdir "$fs/in"
library=$(ldd "$(type -P sleep)" | sed -n 's/.*=> \(\/[^ ]*libc\.so[^ ]*\).*/\1/p')
cp "$(type -P sleep)" "$fs/sleep"
cp "$library" "$fs/mapped.so"
# What chroot(1) needs there: the program, and what it is linked with.
while read -r path; do
	mkdir -p "$fs/root${path%/*}"
	cp "$path" "$fs/root$path"
done < <(type -P sleep && ldd "$(type -P sleep)" | grep -o '/[^ ]*')
root=$fs/root$(type -P sleep)
uses=()
(cd "$fs/in" && exec sleep 1000) &
uses+=($!)
sleep 1000 3<"$fs/in" &
uses+=($!)
"$fs/sleep" 1000 &
uses+=($!)
LD_PRELOAD=$fs/mapped.so sleep 1000 &
uses+=($!)
chroot "$fs/root" "${root#"$fs/root"}" 1000 &
uses+=($!)
for pid in "${uses[@]}"; do
	wait_for grep -q '^sleep$' "/proc/$pid/comm"
done
wait_for grep -q mapped.so "/proc/${uses[3]}/maps"
used="cwd      root's sleep (pid ${uses[0]})
file     root's sleep (pid ${uses[1]})
exe      root's sleep (pid ${uses[2]})
map      root's sleep (pid ${uses[3]})
cwd      root's sleep (pid ${uses[4]})
root     root's sleep (pid ${uses[4]})
exe      root's sleep (pid ${uses[4]})"
check 'holders: below a mount' 0 "mount    $fs
$used" '' -- holders t
check 'removal: a mount and below' 4 '' "dmkit: remove 't': Device or resource busy: held by mount $fs, by root's sleep (pid ${uses[0]}, cwd), by root's sleep (pid ${uses[1]}, open file), by root's sleep (pid ${uses[2]}, program), and by 2 more" \
	-- remove t --deadline 0
umount -l "$fs"
check 'holders: detached while in use' 0 "$used" '' -- holders t
ln -s /dev/mapper/t "$work/link"
check 'holders: the same, by a path' 0 "$used" '' -- holders "$work/link"
# All that another tool finds, and no more.
if type -P fuser >/dev/null; then
	fuser -m /dev/mapper/t 2>/dev/null | tr -s ' ' '\n' | sed '/^$/d' | sort >"$work/theirs"
	printf '%s\n' "${uses[@]}" | sort >"$work/ours"
	expect 'fuser -m finds the same processes' cmp "$work/theirs" "$work/ours"
else
	ok 'fuser -m finds the same processes # SKIP no psmisc'
fi
wants 'a detached file system that is in use' "sleep (pid ${uses[0]}, cwd)" /dev/mapper/t
# One after the other lets go; the last one is told by itself.
for i in 0 1 2 3; do
	kill "${uses[i]}"
	wait "${uses[i]}" 2>/dev/null
	words=(cwd 'open file' program 'mapped file' cwd)
	check "removal: detached, held by $((4 - i))" 4 '' "%held by root's sleep (pid ${uses[i + 1]}, ${words[i + 1]})" -- remove t --deadline 0
done
expect 'JSON: kind, number, pid' bash -c "\"\$1\" holders t --json | grep -q '\"kind\": \"root\", \"major\": $dm_major, \"minor\": 0, \"name\": \"sleep\", \"where\": \"\", \"pid\": ${uses[4]}, \"user\": \"root\"}'" - "$DMKIT"
kill "${uses[4]}"
wait "${uses[4]}" 2>/dev/null
check 'nobody has it any more' 0 '' '' -- holders t

# What it was started with open is nobody else's.
dmkit_alone() { # ARGUMENT...: it alone has the device open
	bash -c 'exec "$0" "$@"' "$DMKIT" "$@" 9</dev/mapper/t
}
dmkit_alone holders t >"$work/out"
expect 'never itself: holders' test ! -s "$work/out"
dmkit_alone remove t --deadline 0 2>"$work/out"
expect 'never itself: removal' grep -qx "dmkit: remove 't': Device or resource busy" "$work/out"
dmkit_alone remove t --deadline 0 --json >"$work/out" 2>"$work/err"
keep $? "$work/out" "$work/err" remove t --deadline 0 --json
expect 'never itself: removal, JSON' grep -q '"holders": \[\], "holders_more": 0' "$work/err"

# Files of btrfs have no number of the device: told by the mount, where there is one.
if type -P mkfs.btrfs >/dev/null && modprobe btrfs 2>/dev/null; then
	mkfs.btrfs -q -f -M /dev/ram1 >/dev/null 2>&1
	mount /dev/ram1 "$fs"
	(cd "$fs" && exec sleep 1000) &
	pid=$!
	wait_for grep -q '^sleep$' "/proc/$pid/comm"
	check 'below a mounted btrfs' 0 "mount    $fs
cwd      root's sleep (pid $pid)" '' -- holders /dev/ram1
	kill $pid
	wait $pid 2>/dev/null
	umount "$fs"
else
	ok 'below a mounted btrfs # SKIP no btrfs'
fi

# Only there: nothing of it can be seen in this namespace.
unshare -m --propagation private sh -c 'mount /dev/mapper/t "$1" && exec sleep 1000' - "$work/elsewhere" &
pid=$!
wait_for grep -q " $work/elsewhere " "/proc/$pid/mountinfo"
wait_for grep -q '^sleep$' "/proc/$pid/comm"
expect 'a mount elsewhere is not seen here' bash -c "! grep -q ' $work/elsewhere ' /proc/self/mountinfo"
told 'a mount in another namespace' "mount $work/elsewhere (pid $pid, root's sleep)" "mount    $work/elsewhere (pid $pid, root's sleep)"
if setpriv --reuid 65534 --clear-groups "$DMKIT" holders /dev/ram0 >"$work/out" 2>&1 &&
	grep -qx 'mapping  t ([0-9]*:0)' "$work/out" &&
	grep -qE '^not seen [0-9]+ of [0-9]+ processes: they may not be looked at$' "$work/out"; then
	ok 'an ordinary user is told how much was not seen'
else
	not_ok 'an ordinary user is told how much was not seen' <"$work/out"
fi
if unshare -pf --mount-proc "$DMKIT" holders t >"$work/out" 2>&1 &&
	grep -qx 'not seen processes that /proc does not list here' "$work/out"; then
	ok 'a pid namespace of its own: said'
else
	not_ok 'a pid namespace of its own: said' <"$work/out"
fi
kill $pid
wait $pid 2>/dev/null

# --- a mounted disk that a table wants ---------------------------------------------------------------------

mkfs.ext4 -q /dev/ram1 2>/dev/null
mount /dev/ram1 "$work/elsewhere"
wants 'a mounted disk' "mount $work/elsewhere"
check 'create on a mounted disk' 4 '' "%the kernel says: linear: Device lookup failed (-EBUSY): held by mount $work/elsewhere" \
	-- create above linear device=/dev/ram1
umount "$work/elsewhere"
unshare -m --propagation private sh -c 'mount /dev/ram1 "$1" && exec sleep 1000' - "$work/elsewhere" &
pid=$!
wait_for grep -q " $work/elsewhere " "/proc/$pid/mountinfo"
wait_for grep -q '^sleep$' "/proc/$pid/comm"
wants 'a disk that is mounted in another namespace' "mount $work/elsewhere (pid $pid, sleep)"
kill $pid
wait $pid 2>/dev/null

mkswap /dev/ram1 >/dev/null 2>&1
swapon /dev/ram1
wants 'a disk with swap on it' 'swap on /dev/ram1'
swapoff /dev/ram1

# opened MODE: by a process of perl, whose pid is $pid.
opened() {
	perl -MFcntl -e 'sysopen(my $f, "/dev/ram1", eval $ARGV[0]) or die; $0 = "opener"; sleep 1000' "$1" &
	pid=$!
	wait_for grep -q '^opener$' "/proc/$pid/comm"
}
opened 'O_RDONLY | O_EXCL'
wants 'a disk that is opened with O_EXCL' "opener (pid $pid)"
# Two at once: to ask again does not change the answer.
check 'a disk that is opened with O_EXCL, 1:1' 2 '' '*' -- check "$work/table"
kill $pid
wait $pid 2>/dev/null
opened 'O_RDWR'
shares 'a disk that is open'
kill $pid
wait $pid 2>/dev/null

losetup /dev/loop3 /dev/ram1
shares 'a disk with a loop device on it'
mount_loop=$work/elsewhere
mkfs.ext4 -q /dev/loop3 2>/dev/null
mount /dev/loop3 "$mount_loop"
shares 'a disk with a mounted loop device on it'
umount "$mount_loop"
losetup -d /dev/loop3
wait_for test ! -e /sys/block/loop3/loop

dm create other linear device=/dev/ram1
shares 'a disk below another mapping'
opened 'O_RDWR'
shares 'a disk below another mapping, and open'
kill $pid
wait $pid 2>/dev/null
mount_other=$work/elsewhere
mkfs.ext4 -q /dev/mapper/other 2>/dev/null
mount /dev/mapper/other "$mount_other"
shares 'a disk below a mounted mapping'
wants 'a mounted mapping' "mount $work/elsewhere" /dev/mapper/other
umount "$mount_other"
dm remove other

# Partitions: who has one has a part of the disk.
truncate -s 16M "$work/disk"
losetup /dev/loop4 "$work/disk"
addpart /dev/loop4 1 2048 8192
addpart /dev/loop4 2 10240 8192
wait_for test -b /dev/loop4p1
mkfs.ext4 -q /dev/loop4p1 2>/dev/null
mount /dev/loop4p1 "$work/elsewhere"
wants 'a disk with a mounted partition' "mount $work/elsewhere" /dev/loop4
wants 'a mounted partition' "mount $work/elsewhere" /dev/loop4p1
shares 'a partition beside a mounted one' /dev/loop4p2
umount "$work/elsewhere"
dm create part linear device=/dev/loop4p1
wants 'a disk with a mapping on a partition' "dm-1 'part'" /dev/loop4
shares 'a partition beside a mapped one' /dev/loop4p2
dm remove part
dm create disk linear device=/dev/loop4
wants 'a partition of a disk with a mapping' "dm-1 'disk'" /dev/loop4p1
dm remove disk
shares 'a disk that nobody has' /dev/loop4
delpart /dev/loop4 1
delpart /dev/loop4 2
losetup -d /dev/loop4

# --- open, loop, swap, a mapping, two of them --------------------------------------------------------------

sleep 1000 3</dev/mapper/t &
pid=$!
wait_for grep -q '^sleep$' "/proc/$pid/comm"
told 'an open file' "root's sleep (pid $pid)" "open     root's sleep (pid $pid)"
expect 'an open file, JSON: command and pid' grep -q \
	'"kind": "open", "major": 0, "minor": 0, "name": "sleep", "where": "", "pid": '"$pid, \"user\": \"root\"}" "$work/out"
kill $pid
wait $pid 2>/dev/null
setpriv --reuid daemon --clear-groups sleep 1000 3</dev/mapper/t &
pid=$!
wait_for grep -q '^sleep$' "/proc/$pid/comm"
told "another user's" "daemon's sleep (pid $pid)" "open     daemon's sleep (pid $pid)"
kill $pid
wait $pid 2>/dev/null
setpriv --reuid 54321 --clear-groups sleep 1000 3</dev/mapper/t &
pid=$!
wait_for grep -q '^sleep$' "/proc/$pid/comm"
told 'a user without a name' "54321's sleep (pid $pid)" "open     54321's sleep (pid $pid)"
kill $pid
wait $pid 2>/dev/null

losetup /dev/loop3 /dev/mapper/t
told 'a loop device' 'loop3 (7:3)' 'loop     loop3 (7:3)'
# The backing file's name leads nowhere now.
dm rename t other
check 'a loop device after a rename' 0 'loop     loop3 (7:3)' '' -- holders other
dm rename other t
losetup -d /dev/loop3
wait_for test ! -e /sys/block/loop3/loop

mkswap /dev/mapper/t >/dev/null 2>&1
swapon /dev/mapper/t
told 'swap' 'swap on /dev/mapper/t' 'swap     /dev/mapper/t'
swapoff /dev/mapper/t

dm create top linear device=/dev/mapper/t
told 'another mapping' "dm-1 'top'" 'mapping  top (DM:1)'
sleep 1000 3</dev/mapper/t &
pid=$!
wait_for grep -q '^sleep$' "/proc/$pid/comm"
told 'two of them' "dm-1 'top', and by root's sleep (pid $pid)" "mapping  top (DM:1)
open     root's sleep (pid $pid)"
kill $pid
wait $pid 2>/dev/null
dm remove top

# --- bounded work ------------------------------------------------------------------------------------------

system_calls() { # COMMAND...
	strace -f -o "$work/strace" "$@" >/dev/null && wc -l <"$work/strace"
}
# 60 processes with 20 open files each, and no more than 30 calls beside those for each process.
before=$(system_calls "$DMKIT" holders t)
pids=()
for ((i = 0; i < 60; i++)); do
	perl -e 'for (1 .. 17) { open($f[$_], "<", "/dev/null") } sleep 1000' &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait_for test -e "/proc/$pid/fd/19"
done
after=$(system_calls "$DMKIT" holders t)
kill "${pids[@]}"
wait "${pids[@]}" 2>/dev/null
expect "bounded: $before system calls, $after with 60 processes more" test $((after - before)) -le $((60 * (20 + 30)))
expect 'bounded: the 60 were looked at' test $((after - before)) -ge $((60 * 20))
# 40 devices, and their holders: one walk for all of them.
for ((i = 0; i < 40; i++)); do
	echo "h$i,,,rw,0 8 zero"
done | paste -sd';' >"$work/spec"
dm create --concise "$(<"$work/spec")"
perl -e 'for (0 .. 39) { open($f[$_], "<", "/dev/mapper/h$_") or die } $0 = "opener"; sleep 1000' &
pid=$!
wait_for grep -q '^opener$' "/proc/$pid/comm"
"$DMKIT" remove --prefix h --deadline 0 2>"$work/errors"
expect '40 busy devices: all of their holders' test "$(grep -c "held by root's opener (pid $pid)\$" "$work/errors")" = 40
strace -f -e trace=open,openat -o "$work/strace" "$DMKIT" remove --prefix h --deadline 0 2>/dev/null
expect '40 busy devices: one walk' test "$(grep -c '"/proc", ' "$work/strace")" = 1
expect '40 busy devices: one look at their holder, at most' test "$(grep -c "\"$pid/fd\"" "$work/strace")" -le 1
kill $pid
wait $pid 2>/dev/null
dm remove --prefix h
system_calls "$DMKIT" remove t >/dev/null
expect 'a removal that works looks at no process' bash -c "! grep -E '/proc/[0-9]|\"[0-9]+/fd|statx' '$work/strace'"
finish
