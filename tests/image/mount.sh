#!/bin/bash
# SPDX-License-Identifier: MIT
# Images mapped, mounted, unmounted and killed half way, on a real kernel: `./dev lab -- tests/image/mount.sh`. Needs
# /dev/ram0 to ram2 of 16 MiB, and Debian's veritysetup, mkfs.erofs, mksquashfs, mke2fs and strace.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
need_no_devices

# shellcheck disable=SC2154 # it is common.sh's
cd "$work" || exit
mkdir tree tree/folder dir other
head -c 300000 /dev/urandom >tree/large
head -c 5000 /dev/urandom >tree/folder/small
(cd tree && sha256sum large folder/small) >sums

# A file system of the tree in FILE, its size a multiple of 4096.
make_file_system() { # TYPE FILE
	case $1 in
	erofs) mkfs.erofs "$2" tree >mkfs ;;
	squashfs) mksquashfs tree "$2" -quiet -no-progress -noappend >mkfs ;;
	ext4) truncate -s 4M "$2" && mke2fs -q -t ext4 -O ^has_journal -b 4096 -d tree "$2" ;;
	esac
	truncate -s $((($(stat -c %s "$2") + 4095) / 4096 * 4096)) "$2"
}

# Its tree behind it; the root digest on standard output.
append_tree() { # FILE
	veritysetup format --hash-offset="$(stat -c %s "$1")" "$1" "$1" | awk '/^Root hash:/ { print $3 }'
}

# A program takes long to start here, so the one that is needed is the last. One without a table is not in /sys.
none_left() {
	local mounts there=()
	IFS= read -rd '' mounts </proc/mounts
	[[ $mounts != *" $work/dir "* && $mounts != *" $work/other "* ]] || return
	shopt -s nullglob
	there=(/sys/block/dm-* /sys/block/loop*/loop)
	shopt -u nullglob
	((${#there[@]} == 0)) && "$DMKIT" list >listed && [[ ! -s listed ]]
}
nothing_left() { # NAME
	wait_for none_left
	expect "$1: nothing is left" none_left
}
reads_right() { # NAME DIR
	expect "$1: reads right" bash -c "cd '$2' && sha256sum --quiet -c '$work/sums'"
}
counts() { # NAME MAPPINGS LOOPS
	expect "$1: $2 mappings, $3 loop devices" test "$("$DMKIT" list | grep -c .) $(losetup -a | grep -c .)" = "$2 $3"
}

# --- the three file systems, and all ways down -------------------------------------------------------------

declare -A digests
for type in erofs squashfs ext4; do
	make_file_system $type $type.img
	digests[$type]=$(append_tree $type.img)
	check "$type" 0 '' '' -- image mount $type.img dir "${digests[$type]}"
	reads_right "$type" dir
	expect "$type: from dm-N, read-only" grep -qE "^/dev/dm-0 $work/dir $type ro," /proc/mounts
	[[ -e /run/udev/control ]] || expect "$type: no node of its name" test -z "$(find /dev/mapper -name 'image*')"
	counts "$type" 1 1
	check "$type: doctor finds nothing" 0 '*' '' -- doctor
	check "$type: umount" 0 '' '' -- image umount dir
	expect "$type: umount: nothing is left" none_left
	dm image mount $type.img dir "${digests[$type]}"
	umount dir
	nothing_left "$type: util-linux' umount"
done
digest=${digests[erofs]}
wrong=${digest:1}${digest:0:1}

head -c "$(stat -c %s erofs.img)" erofs.img >data.img
truncate -s 8192 tree.img
own=$(veritysetup format data.img tree.img | awk '/^Root hash:/ { print $3 }')
check 'a tree of its own' 0 '' '' -- image mount data.img tree.img dir "$own"
counts 'a tree of its own' 1 2
reads_right 'a tree of its own' dir
umount dir
nothing_left 'a tree of its own'

size=$(stat -c %s erofs.img)
{
	head -c 12288 /dev/urandom
	cat erofs.img
	head -c 12288 /dev/urandom
} >part.img
check 'a part of a file' 0 '' '' -- image mount part.img dir "$digest" --offset 12288 --size "$size"
reads_right 'a part of a file' dir
check 'a part of a file: umount' 0 '' '' -- image umount dir
expect 'a part of a file: nothing is left' none_left
dd if=erofs.img of=/dev/ram0 bs=4096 seek=3 conv=notrunc status=none
dd if=erofs.img of=/dev/ram1 bs=4096 conv=notrunc status=none
check 'a device' 0 '' '' -- image mount /dev/ram1 dir "$digest"
counts 'a device' 1 0
check 'a device: umount' 0 '' '' -- image umount dir
check 'a device: umount: it is free at once' 0 '' '' -- create free linear device=/dev/ram1
dm remove free
check 'a part of a device' 0 '' '' -- image mount /dev/ram0 dir "$digest" --offset 12288 --size "$size"
counts 'a part of a device' 2 0
reads_right 'a part of a device' dir
check 'a part of a device: doctor finds nothing' 0 '*' '' -- doctor
check 'a part of a device: umount' 0 '' '' -- image umount dir
expect 'a part of a device: nothing is left' none_left
dm image mount /dev/ram0 dir "$digest" --offset 12288
umount dir
nothing_left 'a part of a device, util-linux'"'"' umount'

unshare -m "$DMKIT" image mount erofs.img dir "$digest"
nothing_left 'a mount namespace that dies'
unshare -m bash -c "'$DMKIT' image mount /dev/ram0 dir $digest --offset 12288 && sha256sum --quiet -c sums" >/dev/null 2>&1
nothing_left 'a mount namespace that dies, a part of a device'
unshare -m bash -c "mount -t tmpfs none /dev && mkdir /dev/mapper && mknod /dev/null c 1 3 &&
	'$DMKIT' image mount '$work/erofs.img' dir $digest && cd dir && sha256sum --quiet -c '$work/sums' && find /dev -type b -o -name '.*'" >found 2>&1
expect 'nobody makes nodes: mounted all the same, and no node of ours stays' test $? -eq 0 -a ! -s found
sed 's/^/# /' found
nothing_left 'nobody makes nodes'

# --- map ---------------------------------------------------------------------------------------------------

check 'map' 0 '*' '' -- image map m /dev/ram1 "$digest"
expect 'map: its bytes' cmp -n 300000 erofs.img /dev/mapper/m
dm remove m
check 'map, a part' 0 '*' '' -- image map m /dev/ram0 "$digest" --offset 12288
expect 'map, a part: its bytes' cmp -n 300000 erofs.img /dev/mapper/m
check 'map, a part: the one below' 0 $'m\nm-data' '' -- list -o name --no-headings --sort name
dm remove m
nothing_left 'map, a part: it goes with the mapping'
check 'map, with a switch' 0 '*' '' -- image map m /dev/ram1 "$digest" check-at-most-once=yes
expect 'map, with a switch: the kernel has it' grep -q check_at_most_once <("$DMKIT" table m)
dm remove m
dm create m-data zero size=8s
check 'map, the name below is taken' 1 '' "%'m-data': the name" -- image map m /dev/ram0 "$digest" --offset 12288
dm remove m-data
check 'map of a file' 1 '' "%'erofs.img': it is a file" -- image map m erofs.img "$digest"
check 'map, another digest' 1 '' "%'root-digest': the first block does not fit it" -- image map m /dev/ram0 "$wrong" --offset 12288
nothing_left 'map, another digest'

# --- refused, and nothing is left --------------------------------------------------------------------------

refused() { # NAME EXIT TEXT ARGUMENT...
	local name=$1 status=$2 text=$3
	shift 3
	check "$name" "$status" '' "%$text" -- image mount "$@"
	nothing_left "$name"
}
refused 'a wrong digest' 1 "'root-digest': the first block does not fit it" erofs.img dir "$wrong"
refused 'a wrong digest, a part of a device' 1 "'root-digest': the first block" /dev/ram0 dir "$wrong" --offset 12288
refused 'a digest that is too short' 2 '62 hex digits: sha256 has 64' erofs.img dir "${digest:2}"
refused 'a digest that is none' 2 '' erofs.img dir "x${digest:1}"
refused 'DIR is a file' 1 'it is no folder' erofs.img sums "$digest"
refused 'DIR is not there' 1 'there is no such folder' erofs.img nowhere "$digest"
refused 'the image is not there' 1 "'nowhere.img': open: No such file" nowhere.img dir "$digest"
refused 'the image is a folder' 1 'it is a folder' tree dir "$digest"
refused 'read-write' 2 "'rw': an image is mounted read-only, always" erofs.img dir "$digest" --mount-options nodev,rw
refused 'an option of no file system' 1 "'nosuch=1': the file system does not take this option" \
	erofs.img dir "$digest" --mount-options nosuch=1
refused 'a type that the kernel has not' 1 "this kernel has no file system 'nosuchfs'" erofs.img dir "$digest" --type nosuchfs
refused 'a type that it is not' 1 'the file system in the image cannot be mounted' erofs.img dir "$digest" --type squashfs
refused 'a part beyond the end' 2 "there are no" part.img dir "$digest" --offset 16MiB
refused 'a part that ends beyond it' 2 "there are no" part.img dir "$digest" --offset 12288 --size 16MiB
refused 'a part at an odd byte' 2 'multiples of 512 are allowed' part.img dir "$digest" --offset 12289
head -c $((size - 4096)) erofs.img >short.img
refused 'an image that is too short' 1 "the tree ends at byte $size" short.img dir "$digest"
head -c 65536 /dev/urandom >noise.img
refused 'noise' 1 'the hash offset is needed' noise.img dir "$digest"
noise=$(append_tree noise.img)
refused 'no file system' 1 'the type of its file system is needed' noise.img dir "$noise" --hash-offset 65536
mke2fs -q -b 1024 -t ext4 /dev/ram2 2048 2>mkfs
mount /dev/ram2 other
dd if=/dev/ram2 bs=1024 count=2048 of=small.img status=none
small=$(append_tree small.img)
check 'a device in use' 4 '' "%held by mount $work/other" -- image mount /dev/ram2 dir "$small" --hash-offset 2MiB --no-superblock --salt - --data-blocks 512
umount other
nothing_left 'a device in use'
refused 'blocks that are too small' 1 "smaller than verity's, 4096 bytes" small.img dir "$small"
dm create taken zero size=8s
check 'a name that is taken' 1 '' "%'taken': a device of this name is there" -- image mount erofs.img dir "$digest" --name taken
check 'a name that is taken, to be shared' 1 '' "%'taken': a device of this name is there, and it is no mount's of the same image" \
	-- image mount erofs.img dir "$digest" --name taken --share
expect 'a name that is taken: no loop device' test -z "$(losetup -a)"
dm remove taken
"$DMKIT" image mount erofs.img dir "$digest" --signature sums >signed 2>&1
expect 'a signature that the kernel checks, or cannot' grep -qE 'CONFIG_DM_VERITY_VERIFY_ROOTHASH_SIG|signatures are checked since|is no PKCS#7 signature' signed
nothing_left 'a signature'
# Where it cannot be told that the kernel checks none, it gets the key, and refuses the table.
unshare -m bash -c "umount -l /sys; strace -o keys -e add_key,keyctl '$DMKIT' image mount erofs.img dir $digest --signature sums" 2>signed
expect 'a signature: refused by the kernel' test $? -eq 1
expect 'a signature: the key was there' grep -q '^add_key("user", "dmkit-image:.* KEY_SPEC_THREAD_KEYRING) = [0-9]' keys
expect 'a signature: and is taken out' grep -q '^keyctl(KEYCTL_UNLINK, .* = 0' keys
nothing_left 'a signature, refused'

# A bad block is the reader's alone.
cp ext4.img bad.img
offset=$(python3 -c "print(open('ext4.img', 'rb').read().find(open('tree/large', 'rb').read(4096)))")
head -c 4096 /dev/zero | dd of=bad.img bs=4096 seek=$((offset / 4096 + 1)) conv=notrunc status=none
check 'a bad block' 0 '' '' -- image mount bad.img dir "${digests[ext4]}"
expect 'a bad block: is not read' bash -c '! cat dir/large >/dev/null'
expect 'a bad block: all others are' cmp tree/folder/small dir/folder/small
check 'a bad block: doctor tells it' 1 '*' '' -- doctor
check 'a bad block: umount' 0 '' '' -- image umount dir
expect 'a bad block: nothing is left' none_left

# --- umount ------------------------------------------------------------------------------------------------

dm image mount erofs.img dir "$digest"
(cd dir && exec sleep 1000) &
pid=$!
wait_for test "$(readlink /proc/$pid/cwd)" = "$work/dir"
check 'a busy umount' 4 '' "%sleep (pid $pid, cwd)" -- image umount dir --deadline 300ms
expect 'a busy umount: it is mounted still' mountpoint -q dir
expect 'a busy umount: the mount itself is no user of it' test "$(grep -c 'held by mount' "$work/err")" = 0
# A signal, and another mount that comes on top while it is tried again.
"$DMKIT" image umount dir --deadline 60s 2>stopped &
tried=$!
sleep 0.5
began=$SECONDS
kill $tried
wait $tried
expect 'a busy umount, ended: by the signal' test $? -eq 143
expect 'a busy umount, ended: at once' test $((SECONDS - began)) -lt 10
expect 'a busy umount, ended: says so' grep -q 'it was told to stop, and is mounted still' stopped
"$DMKIT" image umount dir --deadline 60s 2>stopped &
tried=$!
sleep 0.5
mount -t tmpfs none dir
wait $tried
expect 'a mount on top, while it waits: refused' test $? -eq 1
expect 'a mount on top, while it waits: says so' grep -q 'mounted or unmounted there meanwhile: nothing was done' stopped
expect 'a mount on top, while it waits: both stay' test "$(grep -c " $work/dir " /proc/mounts)" = 2
umount dir
kill $pid
wait $pid 2>/dev/null
check 'a busy umount: later' 0 '' '' -- image umount dir
expect 'a busy umount: nothing is left' none_left
dm image mount erofs.img dir "$digest"
exec 7</dev/dm-0
check 'somebody has the device open' 4 '' "%pid $$" -- image umount dir --deadline 300ms
expect 'somebody has the device open: it is unmounted' bash -c '! mountpoint -q dir'
exec 7<&-
nothing_left 'somebody has the device open'
dm image mount erofs.img dir "$digest"
mount -t tmpfs /dev/dm-0 other
check 'a mount that says it is of the same device' 2 '' '%is no image that image mount has mounted' -- image umount other
umount other
strace -qqq -o /dev/null -e inject=umount2:delay_enter=2s "$DMKIT" image umount dir 2>stopped &
tried=$!
sleep 1
mount -t tmpfs none dir
wait $tried
expect 'a mount in the same moment: fails' test $? -eq 1
expect 'a mount in the same moment: says so' grep -q 'that one was unmounted, and the image is mounted still' stopped
mkdir moved
mount -t tmpfs none moved
dm image mount erofs.img other "$digest" --name older
mount --move moved dir
check 'the one on top is not the last that was mounted' 2 '' '%is no image that image mount has mounted' -- image umount dir
umount dir
check 'the one on top is gone' 0 '' '' -- image umount dir
umount other
nothing_left 'the one on top'
strace -qqq -o /dev/null -e inject=fadvise64:signal=INT "$DMKIT" image mount erofs.img dir "$digest" 2>stopped
expect 'an interrupted mount: by the signal' test $? -eq 130
expect 'an interrupted mount: says so' grep -q 'it was told to stop' stopped
nothing_left 'an interrupted mount'
"${BUILD:-$here/../../build}/tests/image/image-cancel" erofs.img dir "$digest" || failures=$((failures + 1))
nothing_left 'calls that were told to stop'
check 'nothing is mounted' 2 '' "%nothing is mounted there" -- image umount dir
check 'umount: not there' 1 '' '%there is no such folder' -- image umount nowhere
mount -t tmpfs none dir
check 'a mount of somebody else' 2 '' '%is no image that image mount has mounted' -- image umount dir
dm image mount erofs.img dir "$digest"
check 'the last one on top' 0 '' '' -- image umount dir
expect 'the last one on top: the other one stays' grep -q "none $work/dir tmpfs" /proc/mounts
umount dir
dm image mount erofs.img dir "$digest"
mount --bind dir other
check 'another mount of it' 0 '' '' -- image umount dir
reads_right 'another mount of it' other
umount other
nothing_left 'another mount of it'
dm image mount erofs.img dir "$digest"
mkfifo fifo
unshare -m bash -c ': >ready2; read -r <fifo' &
wait_for test -e ready2
check 'a mount in another namespace' 0 '' '' -- image umount dir --deadline 2s
counts 'a mount in another namespace' 1 1
echo >fifo
wait
nothing_left 'a mount in another namespace'

# --- shared ------------------------------------------------------------------------------------------------

dm image mount erofs.img dir "$digest"
dm image mount erofs.img other "$digest"
check 'not shared: two names' 0 "image-${digest:0:32}"$'\n'"image-${digest:0:32}-2" '' -- list -o name --no-headings --sort name
dm image umount dir
dm image umount other
dm image mount erofs.img dir "$digest" --share
cp erofs.img copy.img
check 'shared' 0 '' '' -- image mount copy.img other "$digest" --share
counts 'shared' 1 1
check 'shared: one goes' 0 '' '' -- image umount dir
reads_right 'shared' other
check 'shared: the other one' 0 '' '' -- image umount other
expect 'shared: nothing is left' none_left
dm image mount erofs.img dir "$digest" ignore-corruption=yes
check 'not what is to be shared' 0 '' '' -- image mount erofs.img other "$digest" --share
counts 'not what is to be shared' 2 2
umount dir other
nothing_left 'not what is to be shared'
dm create "image-${digest:0:32}" zero size=8s
check 'somebody else has the name' 0 '' '' -- image mount erofs.img other "$digest" --share
reads_right 'somebody else has the name' other
umount other
dm remove "image-${digest:0:32}"
nothing_left 'somebody else has the name'

# Many at a time: each mount finds the mapping, or the end of it.
mkdir many
for ((i = 0; i < 6; i++)); do
	mkdir many/$i
	(
		for ((n = 0; n < 8; n++)); do
			"$DMKIT" image mount erofs.img many/$i "$digest" --share || exit
			cmp -s tree/folder/small many/$i/folder/small || exit
			if ((n % 2)); then umount many/$i; else "$DMKIT" image umount many/$i --deadline 20s; fi || exit
		done
		echo whole >>many/done
	) >>many/said 2>&1 &
done
wait
sed 's/^/# /' many/said
expect 'six share, come and go' test "$(grep -c . many/done)" = 6
nothing_left 'six share, come and go'

# --- killed before each system call ------------------------------------------------------------------------

named=0
# What a killed one left: the kernel has cleared it, or doctor does.
cleared() { # NAME
	local i mounts
	IFS= read -rd '' mounts </proc/mounts
	[[ $mounts != *" $work/dir "* ]] || umount dir
	for ((i = 0; i < 8; i++)); do
		none_left && return
		sleep 0.05
	done
	named=$((named + 1))
	"$DMKIT" doctor >doctor.out
	[[ $? == 1 ]] && grep -q 'was left by a mount of an image' doctor.out && "$DMKIT" doctor --fix >>doctor.out &&
		wait_for none_left && none_left
}
# Before them all is as it was before the next other one.
changes_nothing='access brk clock_gettime clock_nanosleep fadvise64 fcntl fstat getpid getrandom lseek mmap mprotect munmap
	newfstatat poll ppoll pread64 read readlink rt_sigaction rt_sigprocmask statx'
# From the system call on that opens DIR: what comes before is the loader's and the command's.
kill_each() { # NAME ARGUMENT...
	local name=$1 call rest ours=false calls=0
	local -A times=()
	shift
	strace -o trace "$DMKIT" "$@" || echo "# failed: $*"
	umount dir
	wait_for none_left
	while IFS='(' read -r call rest; do
		[[ $call == [a-z]* ]] || continue
		times[$call]=$((${times[$call]-0} + 1))
		[[ $rest == *O_PATH* ]] && ours=true
		[[ $ours == true && " ${changes_nothing//[[:space:]]/ } " != *" $call "* ]] || continue
		calls=$((calls + 1))
		# The braces take what the shell says of it.
		{ strace -qqq -o /dev/null -e "inject=$call:signal=KILL:when=${times[$call]}" "$DMKIT" "$@"; } 2>/dev/null
		cleared || {
			cat doctor.out
			"$DMKIT" list
			losetup -a
		} | not_ok "$name: killed before $call ${times[$call]}"
	done <trace
	expect "$name: killed before each of $calls system calls" test "$calls" -ge 30
}
kill_each 'a file' image mount erofs.img dir "$digest"
expect 'a file: doctor was needed, and not always' test $named -ge 1 -a $named -le 12
echo "# doctor was needed $named times"
named=0
kill_each 'a part of a device' image mount /dev/ram0 dir "$digest" --offset 12288 --size "$size"
expect 'a part of a device: doctor was needed, and not always' test $named -ge 1 -a $named -le 24
echo "# doctor was needed $named times"
expect 'no node of a killed one' test -z "$(find /dev -name '.dmkit*')"
# udevd's cookies may be left, which doctor tells and clears as well.
[[ ! -e /run/udev/control ]] || "$DMKIT" doctor --fix >doctor.out
check 'doctor, in the end' 0 '*' '' -- doctor
finish
