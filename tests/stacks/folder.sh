#!/bin/bash
# SPDX-License-Identifier: MIT
# The program that applies a folder of stacks at boot, boot/stacks.in, on a real kernel:
# `./dev lab -- tests/stacks/folder.sh`.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
need_no_devices
# shellcheck disable=SC2154 # it is common.sh's
stacks=$here/../../build/boot/stacks
DMKIT=$(readlink -f "$DMKIT")
export DMKIT
folder=$work/etc
mkdir -p "$folder/initramfs.d"

exits() { # NAME STATUS ARGUMENT...
	local name=$1 wanted=$2 status
	shift 2
	sh "$stacks" "$@" >"$work/out" 2>"$work/err"
	status=$?
	if ((status == wanted)); then
		ok "$name"
	else
		{
			echo "exit code $status, expected $wanted"
			cat "$work/out" "$work/err"
		} | not_ok "$name"
	fi
}

up() { # NAME...: these are, and nothing else
	diff <(printf '%s\n' "$@") <("$DMKIT" list | cut -f 1 | sort)
}

exits 'an empty folder: up' 0 up "$folder"
exits 'an empty folder: down' 0 down "$folder"
exits 'an empty folder: needs nothing' 0 needs "$folder"
expect 'an empty folder: no line' test ! -s "$work/out"
exits 'no such folder' 1 up "$folder/none"

# --- up and down -------------------------------------------------------------------------------------------

# The second one stands on the first one's device.
printf '[low]\ntable = linear device=${disk} size=1MiB\n' >"$folder/10low.stack"
printf '# a disk\n\n; of the lab\ndisk=/dev/ram0\n' >"$folder/10low.set"
printf '[high]\ntable = linear device=/dev/mapper/low\n' >"$folder/20high.stack"
printf '[wrong]\ntable = linear nonsense=1\n' >"$folder/15wrong.stack"
exits 'one that is wrong: all others are up' 1 up "$folder"
expect 'one that is wrong: these' up high low
expect 'one that is wrong: it is told' grep -q nonsense "$work/err"
rm "$folder/15wrong.stack"
exits 'again' 0 up "$folder"
exits 'one of them alone' 0 up "$folder/20high.stack"
exits 'down, the last one first' 0 down "$folder"
expect 'down: nothing is left' test -z "$("$DMKIT" list)"
exits 'down again' 0 down "$folder"
exits 'one of them' 0 up "$folder/10low.stack"
exits 'one of them goes' 0 down "$folder/10low.stack"

exits 'what is in use' 0 up "$folder"
exec {open}</dev/mapper/high
WAIT=1 exits 'is an error of down' 1 down "$folder"
expect 'which leaves it up, and what is below' up high low
exec {open}<&-
exits 'and later none' 0 down "$folder"

# --- what comes late ---------------------------------------------------------------------------------------

printf '[late]\ntable = linear device=/dev/mapper/disk\n' >"$folder/30late.stack"
(sleep 2 && exec "$DMKIT" create disk linear device=/dev/ram1 size=1MiB) &
exits 'a disk that comes late is waited for' 0 up "$folder/30late.stack"
wait
expect 'a disk that comes late: it is up' up disk late
exits 'it goes' 0 down "$folder/30late.stack"
dm remove disk
WAIT=1 exits 'a disk that never comes is an error' 1 up "$folder/30late.stack"
expect 'a disk that never comes: it is told' grep -q late "$work/err"

# --- in an initramfs ---------------------------------------------------------------------------------------

mkdir "$work/initramfs"
cp "$folder"/* "$work/initramfs/" 2>/dev/null
exits 'try: what can be is up' 1 try "$work/initramfs"
expect 'try: these' up high low
expect 'try: the others are told' grep -q late "$work/err"
exits 'try again' 1 try "$work/initramfs"
expect 'try again: nothing new is told' test ! -s "$work/err"
dm create disk linear device=/dev/ram1 size=1MiB
exits 'try: now there is its disk' 0 try "$work/initramfs"
expect 'try: all' up disk high late low

ln -s ../10low.stack "$folder/initramfs.d/"
exits 'down leaves what is marked' 0 down "$folder"
expect 'down: only that' up disk low
rm "$folder/initramfs.d/10low.stack"
exits 'without the mark it goes' 0 down "$folder"
dm remove disk

# --- what an initramfs needs -------------------------------------------------------------------------------

cat >"$folder/secret.stack" <<'END'
; key-file=/not/this/one
[secret]
table = crypt device=/dev/ram0 cipher=aes-xts-plain64 key-file=/etc/keys/a
[tags]
table = integrity device=/dev/ram1 internal-hash=hmac(sha256) internal-hash-key-file=/etc/keys/b
	journal-mac=hmac(sha256) journal-mac-key-file="/etc/keys/c"
[more]
table = crypt device=/dev/ram2 cipher=aes-xts-plain64
key-file = /etc/keys/d
END
echo 'x=1' >"$folder/secret.set"
ln -s ../secret.stack "$folder/initramfs.d/other.stack"
exits 'needs' 0 needs "$folder"
grep -E '^(copy|key)' "$work/out" >"$work/needed"
printf '%s\n' "copy other.stack $folder/secret.stack" "copy other.set $folder/secret.set" \
	key\ /etc/keys/{a,b,c,d} >"$work/expected"
expect 'needs: texts and keys' diff "$work/expected" "$work/needed"
for module in dm-mod dm-crypt dm-integrity crypto-aes crypto-xts crypto-sha256 crypto-hmac; do
	expect "needs: the module $module" grep -qx "module $module" "$work/out"
done
finish
