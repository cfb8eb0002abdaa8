#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs and scripts of Debian that call dmsetup, with DMSETUP as the only one there is, under a real udevd whose rules
# call it too: partitions, multipath, cryptsetup, LVM, an initramfs, and taking it all down. In the lab.
set -u
# shellcheck source-path=SCRIPTDIR source=clients.sh
. "${BASH_SOURCE[0]%/*}/clients.sh"
only_dmsetup "$1"

disk() { # NAME MIB: prints its loop device
	truncate -s "$2M" "$work/$1"
	losetup -f --show "$work/$1"
}

link() { # PATH: where it leads
	readlink -f "$1"
}

partitioned() {
	local disk
	disk=$(disk partitioned 64)
	printf 'label: gpt\nsize=8MiB\nsize=16MiB\n' | sfdisk -q --no-reread --no-tell-kernel "$disk"
	expect 'kpartx makes the partitions' kpartx -a -s -p - "$disk"
	same 'which have their links' "$(echo /dev/mapper/*-[12])" \
		"/dev/mapper/${disk##*/}-1 /dev/mapper/${disk##*/}-2"
	same 'kpartx lists them' "$(kpartx -l -p - "$disk" | awk '{ print $4 }' | xargs)" '16384 32768'
	expect 'kpartx removes them' kpartx -d -s "$disk"

	# A multipath with one path, as the initramfs's script treats all of them.
	dmsetup create mpath -u mpath-test --table "0 131072 multipath 0 0 1 1 round-robin 0 1 1 $disk 1"
	expect 'the partitions of a multipath' dmsetup ls --target multipath --exec '/sbin/kpartx -a -s -p -part'
	same 'which have their links' "$(echo /dev/mapper/mpath-part*)" '/dev/mapper/mpath-part1 /dev/mapper/mpath-part2'
	same "udev's helper knows a partition" "$(/lib/udev/kpartx_id 254 0 part1-mpath-test | xargs)" \
		"DM_MPATH=mpath DM_PART=1 DM_TYPE=scsi DM_WWN=0xest DM_SERIAL=test"
	expect 'the partitions go' kpartx -d -s -p -part /dev/mapper/mpath
	expect 'the multipath goes' dmsetup remove mpath
	losetup -d "$disk"
}

crypttab_line() { # OPTION...
	local IFS=,
	printf 'secret %s %s %s\n' "$crypt" "$work/key" "$*" >/etc/crypttab
}

encrypted() {
	crypt=$(disk encrypted 32)
	head -c 64 /dev/urandom >"$work/key"
	chmod 600 "$work/key"
	expect 'a LUKS volume' cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 \
		"$crypt" "$work/key"
	crypttab_line luks initramfs
	expect 'cryptdisks starts it' cryptdisks_start secret
	same 'it has its link' "$(link /dev/mapper/secret)" /dev/dm-0
	same 'a key is derived from it' "$(/lib/cryptsetup/scripts/decrypt_derived secret)" \
		"$(dmsetup table --showkeys secret | cut -d ' ' -f 5)"
	same 'no key without --showkeys' "$(dmsetup table secret | cut -d ' ' -f 5 | tr -d 0)" ''
	mkswap /dev/mapper/secret >/dev/null && swapon /dev/mapper/secret
	initramfs
	swapoff /dev/mapper/secret
	expect 'it is open to nobody' cryptsetup status secret
	expect 'cryptdisks stops it' cryptdisks_stop secret
	expect 'its link is gone' test ! -e /dev/mapper/secret
	rm /etc/crypttab
	losetup -d "$crypt"
}

hook() { # NAME: as mkinitramfs runs it, which itself takes minutes here
	DESTDIR=$work/initramfs verbose=n version=$(uname -r) \
		CONFDIR=/etc/initramfs-tools MODULES=list RESUME=auto "/usr/share/initramfs-tools/hooks/$1"
}

initramfs() {
	mkdir -p "$work/initramfs"/{conf/conf.d,etc,cryptroot,usr/{bin,sbin,lib,lib64}}
	ln -s usr/{bin,sbin,lib,lib64} "$work/initramfs"
	expect 'the hook of dmsetup' hook dmsetup
	expect 'the initramfs has a dmsetup that works' chroot "$work/initramfs" /sbin/dmsetup help
	expect 'the hook of cryptsetup' hook cryptroot
	same 'which knows the LUKS volume' "$(cut -d ' ' -f 1 "$work/initramfs/cryptroot/crypttab")" secret
	same 'and its modules' "$(find "$work/initramfs/" -name dm-crypt.ko -printf '%f' -quit)" dm-crypt.ko
	expect 'the hook for hibernation' hook resume
	same 'which knows the swap' "$(cat "$work/initramfs/conf/conf.d/zz-resume-auto")" RESUME=/dev/mapper/secret
}

volumes() {
	local disk
	disk=$(disk volumes 64)
	expect 'a volume group' vgcreate -q test "$disk"
	expect 'a volume' lvcreate -q -y -n one-data -L 16M test
	same 'it has its link' "$(link /dev/test/one-data)" "$(link /dev/mapper/test-one--data)"
	expect 'a file system' mkfs.ext4 -q /dev/test/one-data
	expect 'which is checked' fsadm -y check /dev/mapper/test-one--data
	expect 'and grows with the volume' lvresize -q -r -L 24M test/one-data
	expect 'a snapshot' lvcreate -q -y -s -n snap -L 8M test/one-data
	same 'the tree is whole' "$(dmsetup ls --tree -o ascii | sed 's/ ([0-9:]*)//' | grep -c '^ .*-')" 6
	expect 'the snapshot goes' lvremove -q -y test/snap
	mount /dev/test/one-data /mnt
	expect 'blkdeactivate takes all down' blkdeactivate -u -d retry
	same 'nothing is mounted' "$(grep -c ' /mnt ' /proc/mounts)" 0
	losetup -d "$disk"
}

partitioned
encrypted
volumes
same 'no device is left' "$(dmsetup ls)" 'No devices found'
same 'no link' "$(ls /dev/mapper)" control
same 'and no semaphore' "$(ipcs -s | grep -c 0x0d4d)" 0
finish
