#!/bin/bash
# SPDX-License-Identifier: MIT
# Unpacks a small Debian with systemd, initramfs-tools and dracut into a folder below build/, once, and prints the folder.
# Nothing is installed: no package's scripts run, and what the boot needs of them is done here.
set -euo pipefail

top=$(readlink -f "${BASH_SOURCE[0]%/*}/../..")
root=$top/build/boot/debian
packages=(systemd-sysv udev dmsetup initramfs-tools dracut-core busybox-static kmod zstd mount util-linux e2fsprogs bash
	dash base-files base-passwd libc-bin diffutils hostname login sysvinit-utils coreutils findutils grep sed gawk gzip)
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

[[ -e $root ]] && echo "$root" && exit
work=$root.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs" "$work/root"

# With what they depend on, as on a system that has nothing.
fetch() {
	local list
	mapfile -t list < <(apt-get -o Dir::State::status=/dev/null install --no-install-recommends -s "${packages[@]}" |
		sed -n 's/^Inst \([^ :]*\).*/\1/p')
	((${#list[@]})) || return
	(cd "$work/debs" && apt-get -q -o Acquire::Retries=3 download "${list[@]}")
}

update() {
	local sudo=()
	((EUID)) && sudo=(sudo)
	"${sudo[@]}" apt-get -q update </dev/null
}

# The lists may be missing, or older than the mirror.
fetch >"$work/log" 2>&1 || { update && fetch; } >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
for folder in bin sbin lib lib64; do
	mkdir -p "$work/root/usr/$folder"
	ln -s "usr/$folder" "$work/root/$folder"
done
for deb in "$work/debs"/*.deb; do
	# Through the links, which dpkg-deb -x would replace by folders.
	dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$work/root"
done
cd "$work/root"
cp usr/share/base-passwd/passwd.master etc/passwd
cp usr/share/base-passwd/group.master etc/group
ln -s gawk usr/bin/awk
mkdir -p proc sys dev run tmp var/tmp etc/dmkit
: >etc/machine-id
echo lab >etc/hostname
mv -T "$work/root" "$root" 2>/dev/null || [[ -e $root ]]
echo "$root"
