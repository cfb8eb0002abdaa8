#!/bin/bash
# SPDX-License-Identifier: MIT
# dmkit doctor with a real systemd-udevd and Debian's rules: devices that udev does not know, links that it makes of
# names that it cannot write, cookies of scripts. Run as root in a lab with --udev.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
# shellcheck source=../cli/doctor-common.sh
. "${BASH_SOURCE[0]%/*}/../cli/doctor-common.sh"
PATH=$(readlink -f "${DMKIT%/*}"):$PATH
normalise() {
	LC_ALL=C sed -E "s/\b${dm_major}:([0-9])/DM:\1/g; s/b${dm_major}:([0-9])/bDM:\1/g; s/was made [0-9]+ s/was made N s/"
}
settle() {
	udevadm settle --timeout=15 2>/dev/null
}
has() { # LINE OF UDEV'S DATABASE, MINOR
	grep -qx "$1" "/run/udev/data/b$dm_major:$2"
}

# --- a device from before udevd, as an initramfs makes it ---------------------------------------------------

udevadm control --exit
wait_for bash -c '! pidof systemd-udevd'
rm -rf /run/udev
dm create cryptroot linear device=/dev/ram0
dm create other linear device=/dev/ram1
/lib/systemd/systemd-udevd --daemon >/dev/null 2>&1
wait_for test -S /run/udev/control
udevadm trigger --action=add
settle
expect 'systemd does not take it for ready' has E:SYSTEMD_READY=0 0
untold() { # NAME MINOR
	printf '%s\n' "'$1' (DM:$2) is set aside in udev's database (/run/udev/data/bDM:$2), because it was made before udevd ran, or past it: there are no links to its contents, and systemd does not take it for ready
  mend: dmkit suspend $1 && dmkit resume $1; where / is on it, so that dmkit would stop itself, by one command: dmkit table --show-keys $1 | dmkit replace $1 --table-file -"
}
found 'two devices that udev was not told of' 1 "$(untold cryptroot 0)

$(untold other 1)"
found '--fix leaves them alone' 1 '*' --fix
found '--no-udev asks nothing of udev' 0 'nothing is wrong' --no-udev
dmkit suspend cryptroot && dmkit resume cryptroot
expect 'a suspend and a resume tell it' has E:DM_NAME=cryptroot 0
expect 'and its links are there' test -L /dev/disk/by-id/dm-name-cryptroot
# What a trigger can do is not enough.
udevadm trigger --action=change "/dev/dm-1"
settle
found 'named by a later event it is a note' 0 "note: $(untold other 1)"
dmkit table --show-keys other | dmkit replace other --table-file -
expect 'by one command' test -L /dev/disk/by-id/dm-name-other
found 'its own words mend it' 0 'nothing is wrong'
dm remove cryptroot other

# Any that is made with udevd at hand is known, also a read-only one.
dm create ro --readonly linear device=/dev/ram0
settle
found 'a device that udev was told of' 0 'nothing is wrong'
udevadm trigger --action=add
settle
found 'and a trigger does not change that' 0 'nothing is wrong'
dm remove ro

# --- names -------------------------------------------------------------------------------------------------

dmkit create 'my disk' linear device=/dev/ram0 2>/dev/null
settle
found 'a name that udev cannot write' 1 "note: 'my disk' (DM:0) has a name that libdevmapper's programs (dmsetup, LVM) cannot read: beside it dmsetup ls, table, status and info fail for all devices
  mend: dmkit rename 'my disk' my_disk

/dev/mapper/my_disk leads to 'my disk' (DM:0), whose name it is not
  mend: dmkit rename 'my disk' my_disk"
expect 'dmsetup cannot read it' bash -c '! dmsetup ls'
dmkit rename 'my disk' my_disk
settle
found 'its own words mend both' 0 'nothing is wrong'
expect 'dmsetup reads it' dmsetup ls
dm remove my_disk

# --- a script's cookie -------------------------------------------------------------------------------------

cookie=$(dmsetup udevcreatecookie | sed 's/.*/\L&/')
date -s '+1 hour' >/dev/null
found 'the cookie of a script that works for an hour' 0 "note: udev cookie $cookie was made N s ago and never used: a script that is at work has it, or one that has ended left it
  mend: if there is no such script: ipcrm -S $cookie" --fix
expect 'and the script goes on with it' dmsetup create z --udevcookie "$cookie" --table '0 8 zero'
found 'used a moment ago' 0 '*' --fix
expect 'and ends with it' dmsetup udevreleasecookie "$cookie"
dmsetup remove z
settle
found 'at the end' 0 'nothing is wrong'
finish
