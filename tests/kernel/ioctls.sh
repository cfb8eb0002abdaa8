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

check 'create asks for version, create, load, resume, and whether the device is there that its node is of' \
	'DM_VERSION DM_DEV_CREATE DM_TABLE_LOAD DM_DEV_SUSPEND DM_DEV_STATUS' create t linear device=/dev/ram0 size=8s
check 'info asks once' 'DM_VERSION DM_DEV_STATUS' info t
check 'table asks once' 'DM_VERSION DM_TABLE_STATUS' table t
check 'status asks once' 'DM_VERSION DM_TABLE_STATUS' status t
check 'list asks once for all' 'DM_VERSION DM_LIST_DEVICES' list
check 'replace reads the table that it may have to put back, loads and resumes' \
	'DM_VERSION DM_TABLE_STATUS DM_TABLE_LOAD DM_DEV_SUSPEND' replace t zero size=8s
check 'suspend asks once' 'DM_VERSION DM_DEV_SUSPEND' suspend t
check 'resume reads the table that it may have to put back' 'DM_VERSION DM_TABLE_STATUS DM_DEV_SUSPEND' resume t
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
	strace -y -e trace=open,openat,lseek,read,fstat,newfstatat,close -o "$log" "$dmkit" "$@" >/dev/null
	# musl has the older call for it.
	got=$(grep /dev/kmsg "$log" | sed 's/(.*//; s/^open$/openat/' | xargs)
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
# For all devices at once, and several by name.
for name in a b c; do "$dmkit" create $name zero size=8s --uuid U-$name; done
check 'info of all: a list, one each' 'DM_VERSION DM_LIST_DEVICES DM_DEV_STATUS DM_DEV_STATUS DM_DEV_STATUS' info
check 'table of all: a list, one each' 'DM_VERSION DM_LIST_DEVICES DM_TABLE_STATUS DM_TABLE_STATUS DM_TABLE_STATUS' table
check 'status of all: a list, one each' 'DM_VERSION DM_LIST_DEVICES DM_TABLE_STATUS DM_TABLE_STATUS DM_TABLE_STATUS' status
check 'list of three asks once' 'DM_VERSION DM_LIST_DEVICES' list
check 'version asks once' 'DM_VERSION' version
"$dmkit" remove --all
for name in a b c; do "$dmkit" create $name zero size=8s; done
strace -f -e trace=ioctl -o "$log" "$dmkit" remove a b c
got=$(grep -o 'DM_[A-Z_]*, \[' "$log" | tr -d ', [' | sort | uniq -c | xargs)
if [ "$got" = '3 DM_DEV_REMOVE 3 DM_DEV_STATUS 3 DM_TABLE_DEPS 1 DM_VERSION' ]; then
	echo 'ok - remove of three: one version, and three requests each'
else
	echo 'not ok - remove of three: one version, and three requests each'
	echo "# made: $got"
	failed=1
fi

# All system calls of a process, from its start to its end, without those by which libc gets memory. Of the static
# program alone: the others' are their loader's.
calls() { # NAME MOST ARGS...
	local name=$1 most=$2 got
	shift 2
	strace -f -o "$log" "$dmkit" "$@" >/dev/null
	got=$(grep -cE '^[0-9]+ +(execve|exit_group)\(' "$log") # two of them are the process itself
	got=$(($(grep -E '^[0-9]+ +[a-z0-9_]+\(' "$log" | grep -cvE '^[0-9]+ +(brk|mmap|munmap)\(') - got))
	if ((got <= most)); then
		echo "ok - $name: $got system calls, at most $most"
	else
		echo "not ok - $name: $got system calls, at most $most"
		sed 's/^/# /' "$log"
		failed=1
	fi
}
if ! readelf -l "$dmkit" | grep -q INTERP; then
	calls version 11 version
	calls create 30 create t linear device=1:0 size=8s
	calls info 12 info t
	calls table 13 table t
	calls status 12 status t
	calls list 13 list
	calls remove 21 remove t
fi
exit $failed
