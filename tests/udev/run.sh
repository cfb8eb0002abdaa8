#!/bin/bash
# SPDX-License-Identifier: MIT
# The handshake with a real systemd-udevd and Debian's rules for device-mapper: run as root in a lab with --udev.
set -u
build=${BUILD:-build}
dmkit=${DMKIT:-$build/dmkit}
# shellcheck source-path=SCRIPTDIR source=../cli/keep.sh
. "${BASH_SOURCE[0]%/*}/../cli/keep.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

expect() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$work/expect" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		sed 's/^/# /' "$work/expect" "$work/out" "$work/err"
		failed=1
	fi
}

# Runs dmkit; what it says goes into $work/out and $work/err, its exit status with it. Where no deadline is given it
# has more time than by default: on a busy machine an event takes long.
try() {
	[[ " $* " == *' --deadline '* ]] || set -- "$@" --deadline 60
	"$dmkit" "$@" >"$work/out" 2>"$work/err"
	local status=$?
	keep $status "$work/out" "$work/err" "$@"
	echo "exit $status" >>"$work/out"
}

says() { # OUT ERR: the latter a pattern
	[[ $(<"$work/out") == "$1" && $(<"$work/err") =~ ^$2$ ]]
}

# One that stood still in between does not always say that it is done; the checks tell.
settle() {
	udevadm settle --timeout=15 2>/dev/null
}

links_to() { # NAME TARGET
	[[ $(readlink "/dev/mapper/$1") == "$2" ]]
}

# udevd 252 takes the folder away with the last link in it, while another of its workers makes one there, which is lost
# then. Other machines' disks keep it.
mkdir -p /dev/disk/by-id
ln -sf /dev/null /dev/disk/by-id/of-another-disk
export CMOCKA_MESSAGE_OUTPUT=TAP
for program in plain trouble; do
	"$build/tests/udev/test-$program" || failed=1
done

try create cli zero size=8s
expect 'create says nothing' says 'exit 0' ''
expect 'and the link is there' links_to cli ../dm-0
try rename cli other --trace
expect '--trace says how it was with udev' grep -qxE 'dmkit: trace: udev: udevd answers; waited [0-9]+ ms' "$work/err"
expect 'and shows the cookie' grep -qE 'DM_DEV_RENAME name=cli event_nr=0x40[0-9a-f]{4}: other ' "$work/err"
expect 'the link has the new name' links_to other ../dm-0
kill -STOP "$(pidof systemd-udevd)"
try rename other cli --deadline 500ms
expect 'a udevd that stands still gives a note' says 'exit 0' \
	'dmkit: note: cli: udevd did not answer in time; the node was made without it \(waited [0-9]+ ms\)'
expect 'and the link is right' links_to cli ../dm-0
expect 'and the old one is gone' test ! -e /dev/mapper/other -a ! -h /dev/mapper/other
try remove cli --deadline 500ms --json
expect 'the note as JSON' grep -qxE \
	'\{"note": \{"device": "cli", "text": "udevd did not answer[^"]*", "errno": "", "waited_ms": [0-9]+\}\}' "$work/err"
try create cli zero size=8s --deadline 0
expect '--deadline 0 has an end too' says 'exit 0' 'dmkit: note: cli: .* \(waited 1[0-9]{3} ms\)'
kill -CONT "$(pidof systemd-udevd)"
settle
try create more zero size=8s
try remove --all
expect 'remove --all' says 'exit 0' ''
expect 'and no name is left' test "$(ls /dev/mapper)" = control

# Thirty at a time, each with a handshake in a thread.
names=(many-{1..30})
make_many() {
	local specs
	printf -v specs '%s,,,rw,0 8 zero;' "${names[@]}"
	"$dmkit" create --concise "${specs%;}" --deadline 60
}

nothing_left() {
	[[ $(ls /dev/mapper) == control && -z $(find /dev/disk/by-id -name 'dm-name-many-*') &&
		-z $("$dmkit" list) ]] && ! ipcs -s | grep 0x
}

# By its notes, each waited as long as it should; together that is more time than went by.
waited_together() { # SECONDS
	local sum
	sum=$(sed -n 's/.*(waited \([0-9]*\) ms)$/\1/p' "$work/err" | awk '{ n += $1 } END { print int(n / 1000) }')
	echo "$sum s were waited in $1 s"
	(($1 < sum))
}

noted_once_each() {
	diff <(sort "$work/err" | sed 's/ (waited [0-9]* ms)$//') <(printf \
		'dmkit: note: %s: udevd did not answer in time; the node was removed without it\n' "${names[@]}" | sort)
}

for many in "${names[*]}" --all; do
	read -ra many <<<"$many"
	label="remove ${many[0]/#many-1/of thirty}"
	make_many
	try remove "${many[@]}"
	expect "$label" says 'exit 0' ''
	expect "$label: nothing is left on return" nothing_left
	make_many
	settle
	kill -STOP "$(pidof systemd-udevd)"
	SECONDS=0
	try remove "${many[@]}" --deadline 700ms
	expect "$label while udevd stands still" grep -qx 'exit 0' "$work/out"
	expect "$label: the waits are at the same time" waited_together $SECONDS
	expect "$label: each has its note" noted_once_each
	expect "$label: no name and no semaphore is left" test \
		"$(ls /dev/mapper)$(ipcs -s | grep 0x)$("$dmkit" list)" = control
	kill -CONT "$(pidof systemd-udevd)"
	# It has to read what came while it stood still: settle does not know of that.
	for _ in {1..300}; do
		nothing_left &>/dev/null && break
		sleep 0.1
	done
	expect "$label: and udevd ends with nothing too" nothing_left
done

# What is done when a signal ends the wait stays done, and is not waited for any longer.
ended() { # ARGS...
	local pid
	"$dmkit" "$@" --deadline 1000 >"$work/out" 2>"$work/err" &
	pid=$!
	for _ in {1..600}; do
		ipcs -s | grep -q 0x0d4d && break
		sleep 0.1
	done
	sleep 1 # the request itself comes first
	kill -TERM "$pid"
	wait "$pid"
	echo "exit $?" >>"$work/out"
	# Not at its deadline.
	! grep -qE 'waited [0-9]{7,} ms' "$work/err"
}
try create cli zero size=8s
settle
kill -STOP "$(pidof systemd-udevd)"
expect 'a signal ends the wait of a replace' ended replace cli error size=8s
expect 'which is done' says 'exit 0' 'dmkit: note: cli: udevd did not answer in time; .* \(waited [0-9]+ ms\)'
expect 'and its table is in' grep -q '^0 8 error' <("$dmkit" table cli)
expect 'a signal ends the wait of a remove' ended remove cli
expect 'which is done too' says 'exit 0' \
	'dmkit: note: cli: udevd did not answer in time; the node was removed without it \(waited [0-9]+ ms\)'
expect 'and leaves nothing' test "$(ls /dev/mapper)$(ipcs -s | grep 0x)$("$dmkit" list)" = control
kill -CONT "$(pidof systemd-udevd)"
settle

udevadm control --stop-exec-queue
try create off zero size=8s --no-udev
expect '--no-udev makes a node' test -b /dev/mapper/off -a ! -h /dev/mapper/off
try remove off --udev off --trace
expect '--trace says why there is none' \
	grep -qx 'dmkit: trace: udev: no handshake: so it was asked for' "$work/err"
udevadm control --start-exec-queue
settle
expect 'no semaphore is left' test -z "$(ipcs -s | grep 0x)"
exit $failed
