#!/bin/bash
# SPDX-License-Identifier: MIT
# Which requests a command makes of the kernel, exactly: counted by strace, in the lab.
set -u
dmkit=${DMKIT:-build/dmkit}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

# check NAME 'COMMANDS IN ORDER' ARGS...: runs dmkit ARGS and compares the DM_ requests it made.
check() {
	local name=$1 expected=$2 got
	shift 2
	if ! strace -f -e trace=ioctl -o "$log" "$dmkit" "$@" >/dev/null; then
		echo "not ok - $name"
		echo "# dmkit $* failed"
		failed=1
		return
	fi
	got=$(grep -o 'DM_[A-Z_]*, \[' "$log" | tr -d ', [' | xargs)
	if [ "$got" = "$expected" ]; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		echo "# expected: $expected"
		echo "# made:     $got"
		failed=1
	fi
}

check 'create asks for version, create, load, resume' \
	'DM_VERSION DM_DEV_CREATE DM_TABLE_LOAD DM_DEV_SUSPEND' create t linear device=/dev/ram0 size=8s
check 'info asks once' 'DM_VERSION DM_DEV_STATUS' info t
check 'table asks once' 'DM_VERSION DM_TABLE_STATUS' table t
check 'status asks once' 'DM_VERSION DM_TABLE_STATUS' status t
check 'list asks once for all' 'DM_VERSION DM_LIST_DEVICES' list
check 'replace loads and resumes' 'DM_VERSION DM_TABLE_LOAD DM_DEV_SUSPEND' replace t zero size=8s
check 'suspend asks once' 'DM_VERSION DM_DEV_SUSPEND' suspend t
check 'resume asks once' 'DM_VERSION DM_DEV_SUSPEND' resume t
check 'remove asks for version, status, remove' 'DM_VERSION DM_DEV_STATUS DM_DEV_REMOVE' remove t

# TABLE_LOAD hands over the header, and 48 bytes for "linear 1:0 0": nothing more.
strace -e trace=ioctl -o "$log" "$dmkit" create t linear device=1:0 size=8s
if grep -q 'DM_TABLE_LOAD, \[{version=\[4, 0, 0\], data_size=360' "$log"; then
	echo 'ok - TABLE_LOAD passes 360 bytes for one linear segment'
else
	echo 'not ok - TABLE_LOAD passes 360 bytes for one linear segment'
	grep DM_TABLE_LOAD "$log" | sed 's/^/# /'
	failed=1
fi
"$dmkit" remove t

# The kernel's log costs a request that can be refused one lseek, and the first one an open: it is read after a failure.
# check_log NAME 'CALLS' ARGS...
check_log() {
	local name=$1 expected=$2 got
	shift 2
	strace -y -e trace=openat,lseek,read,fstat,newfstatat,close -o "$log" "$dmkit" "$@" >/dev/null
	got=$(grep /dev/kmsg "$log" | sed 's/(.*//' | xargs)
	if [ "$got" = "$expected" ]; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		echo "# expected: $expected"
		echo "# made:     $got"
		failed=1
	fi
}
check_log "create goes to the end of the kernel's log three times" 'openat lseek lseek lseek close' \
	create t linear device=1:0 size=8s
for command in 'info t' 'table t' 'status t' list 'remove t'; do
	# shellcheck disable=SC2086
	check_log "$command leaves the kernel's log alone" '' $command
done

# Without udev, a command that makes or removes a node looks once for its socket, and makes no semaphore.
# check_udev NAME 'CALLS' ARGS...
check_udev() {
	local name=$1 expected=$2 got
	shift 2
	strace -e trace=%ipc,%network,access,faccessat,faccessat2 -o "$log" "$dmkit" "$@" >/dev/null
	got=$(grep -v ld.so.preload "$log" | sed -n 's/(.*//p' | xargs)
	if [ "$got" = "$expected" ]; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		sed 's/^/# /' "$log"
		failed=1
	fi
}
check_udev 'create looks for udev once' access create t linear device=1:0 size=8s
for command in 'info t' 'table t' 'status t' list 'suspend t' 'load t zero size=8s' 'clear t'; do
	# shellcheck disable=SC2086
	check_udev "$command does not look for udev" '' $command
done
for command in 'resume t' 'rename t u' 'replace u zero size=8s' 'set-uuid u U-1' 'remove u'; do
	# shellcheck disable=SC2086
	check_udev "$command looks for udev once" access $command
done
check_udev '--no-udev does not look' '' create t linear device=1:0 size=8s --no-udev
"$dmkit" remove t
exit $failed
