#!/bin/bash
# SPDX-License-Identifier: MIT
# The control node on a real kernel: `./dev lab -- tests/cli/control.sh`. Without it, without the module, without /proc,
# and with something else in its place. The lab has device-mapper as a module, and nothing uses it here.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

helper=$(cat /proc/sys/kernel/modprobe)

# What the kernel runs to load a module: nothing it finds, or what it was.
modules() { # on|off
	if [[ $1 == on ]]; then
		echo "$helper"
	else
		echo /bin/false
	fi >/proc/sys/kernel/modprobe
}

# Neither the module nor its node: devtmpfs takes both away, but for what others made there.
unload() {
	lsmod | awk '$1 ~ /^dm_/ && $1 != "dm_mod" { print $1 }' | xargs -r rmmod
	if [[ -d /sys/module/dm_mod ]]; then rmmod dm_mod; fi
	rm -rf /dev/mapper
	[[ ! -d /sys/module/dm_mod ]] || echo '# dm_mod is still loaded'
}

is_there() {
	[[ $(stat -c '%F %t:%T' /dev/mapper/control) == 'character special file a:ec' ]]
}

# /proc is covered, so that nothing of it is seen.
without_proc=(unshare -m bash -c 'mount -t tmpfs none /proc && exec "$@"' -)
as_user=(setpriv --reuid 65534 --clear-groups)

run() { # NAME EXIT STDOUT STDERR COMMAND...
	local name=$1 status=$2 out=$3 err=$4 result
	shift 4
	"$@" >"$work/out" 2>"$work/err"
	result=$?
	{
		[[ $result == "$status" ]] || printf 'exit code %s, expected %s\n' "$result" "$status"
		compare stdout "$out" "$work/out"
		compare stderr "$err" "$work/err"
	} >"$work/diff"
	if [[ -s $work/diff ]]; then not_ok "$name" <"$work/diff"; else ok "$name"; fi
}

none="/dev/mapper/control': this kernel has no device-mapper, or its module dm_mod is not loaded: load it with 'modprobe dm_mod'"

# --- the module is not loaded, and there is no node --------------------------------------------------------

unload
run 'the node is made, and opening it loads the module' 0 '' '' "$DMKIT" list
expect 'it is the right one' is_there
unload
run 'as dmsetup' 0 'No devices found' '' "$DMKIT" dmsetup ls
expect 'as dmsetup: it is the right one' is_there
unload
run 'without /proc' 0 '' '' "${without_proc[@]}" "$DMKIT" list
expect 'without /proc: it is the right one' is_there
rm -rf /dev/mapper
run 'the module is there, neither node nor /proc' 0 '' '' "${without_proc[@]}" "$DMKIT" list
expect 'neither node nor /proc: it is the right one' is_there
rm -rf /dev/mapper
run 'neither node nor /proc, as dmsetup' 0 'No devices found' '' "${without_proc[@]}" "$DMKIT" dmsetup ls
rm -rf /dev/mapper
run 'doctor without node and /proc does not know of the kernel' 1 '*' '' "${without_proc[@]}" "$DMKIT" doctor
expect 'it says that the node is missing' grep -qx 'the control node /dev/mapper/control is missing' "$work/out"
expect 'and made none' test ! -e /dev/mapper
run 'doctor --fix makes it' 0 '*' '' "${without_proc[@]}" "$DMKIT" doctor --fix
expect 'doctor --fix: it is the right one' is_there

# --- it cannot be loaded -----------------------------------------------------------------------------------

unload
modules off
run 'no device-mapper' 6 '' "%$none" "$DMKIT" list
expect 'nothing is left of the try' test ! -e /dev/mapper
expect 'no word of a source checkout' bash -c "! grep -F 'dev lab' '$work/err'"
run 'no device-mapper, no /proc' 6 '' "%$none" "${without_proc[@]}" "$DMKIT" list
expect 'no /proc: nothing is left of the try' test ! -e /dev/mapper
run 'no device-mapper, as dmsetup' 1 '' '/dev/mapper/control: open failed: No such device
Failure to communicate with kernel device-mapper driver.
Check that device-mapper is available in the kernel.
Command failed.' "$DMKIT" dmsetup ls
mkdir /dev/mapper
run 'no device-mapper, a folder' 6 '' "%$none" "$DMKIT" list
expect 'the folder is there, the node is not' test -d /dev/mapper -a ! -e /dev/mapper/control
mknod /dev/mapper/control c 10 236
run 'no device-mapper, but a node' 6 '' "%$none" "$DMKIT" list
expect 'that node stays' is_there
rm -rf /dev/mapper
run 'no device-mapper, an ordinary user' 6 '' "%$none" "${as_user[@]}" "$DMKIT" list
run 'no /proc, an ordinary user: nothing is said of the kernel' 5 '' \
	"%Permission denied: run it as root (CAP_SYS_ADMIN)" \
	"${without_proc[@]}" "${as_user[@]}" "$DMKIT" list
run 'a dry run needs no device-mapper: message' 0 'DM_TARGET_MSG name=x sector=0: hello' '' \
	"$DMKIT" message x --dry-run --raw hello
run 'a dry run needs no device-mapper: create' 0 '*' '' "$DMKIT" create x --dry-run zero size=8s
run 'doctor' 1 '*' '' "$DMKIT" doctor
expect 'doctor says so' grep -qx "the kernel has no device-mapper, or its module is not loaded" "$work/out"
modules on

# --- something else is there -------------------------------------------------------------------------------

modprobe dm_mod
"$DMKIT" list
control=/dev/mapper/control
wrong="open control node: '$control': this is not device-mapper's control node (No such device or address): remove it, and the next command makes the right one"
while read -r name command; do
	rm -f $control
	eval "$command"
	before=$(stat -c '%F %i %t:%T' $control)
	run "$name in its place" 6 '' "dmkit: list: $wrong" "$DMKIT" list
	expect "$name stays" test "$(stat -c '%F %i %t:%T' $control)" = "$before"
	run "$name: doctor" 1 '*' '' "$DMKIT" doctor
	expect "$name: doctor says so" grep -qx "  mend: rm $control && dmkit doctor --fix" "$work/out"
	rm -rf $control
done <<'CASES'
a-file echo >$control
null mknod $control c 1 3
a-FIFO mkfifo $control
a-folder mkdir $control
a-link-to-nothing ln -s /nowhere $control
another's-number mknod $control c 10 99
a-socket perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => shift, Listen => 1) or die' $control
CASES

# --- it cannot be made or opened ---------------------------------------------------------------------------

rm -rf /dev/mapper
run 'a /dev that is read only' 1 '' "%'/dev/mapper': the folder is missing and could not be made (Read-only file system)" \
	unshare -m bash -c 'mount --bind /dev /dev && mount -o remount,ro,bind /dev && exec "$@"' - "$DMKIT" list
run 'an ordinary user' 5 '' "%Permission denied: run it as root (CAP_SYS_ADMIN)" \
	"${as_user[@]}" "$DMKIT" list
"$DMKIT" list
denied='Permission denied: run it as root (CAP_SYS_ADMIN)'
run 'an ordinary user and the node' 5 '' "dmkit: list: $denied" "${as_user[@]}" "$DMKIT" list
run 'no segment is at fault then' 5 '' "dmkit: load 'base': $denied" "${as_user[@]}" "$DMKIT" load base zero size=8s

finish
