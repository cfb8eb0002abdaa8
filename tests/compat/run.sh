#!/bin/bash
# SPDX-License-Identifier: MIT
# In the lab, as root: COMPAT on one list after the other, with what the lists need. Debian's dmsetup comes with
# a layer; ours is OURS, called as dmsetup.
set -u

cd "${BASH_SOURCE[0]%/*}" || exit 1
mkdir -p /run/dm/mapper
echo '0 100 zero' >/run/table
echo 'bad' >/run/badtable
modprobe -a dm-mod 2>/dev/null
# Disks that the kernel makes when they are opened.
for n in {0..15}; do
	[[ -e /dev/ram$n ]] || mknod "/dev/ram$n" b 1 "$n"
done
# Names with bytes that a table has to bring to the kernel unharmed (cases/text.txt).
names=('a\b' 'ab' 'c d' 'e\x20f' $'tab\there' $'new\nline' $'nbsp\xa0here' $'g\\' 'h#i' 'e f')
for n in "${!names[@]}"; do
	mknod "/run/${names[n]}" b 1 "$n"
done
ln -s "$OURS" /run/dmsetup
failed=0
for list; do
	"$COMPAT" /usr/sbin/dmsetup /run/dmsetup "$list" || failed=1
done
exit $failed
