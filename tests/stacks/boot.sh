#!/bin/bash
# SPDX-License-Identifier: MIT
# Stacks at boot, for real: Debian's kernel in QEMU, an initramfs by Debian's initramfs-tools with the hook of boot/, and
# a root file system on the verity device that it makes. Then the same disk with one wrong byte, and systemd with the
# units of boot/; last an initramfs by dracut. Needs no root, but the packages of bench and test (see ../../dev), and
# the network once.
set -u

here=$(readlink -f "${BASH_SOURCE[0]%/*}")
top=$(readlink -f "$here/../..")
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
build=$top/build
DMKIT=${DMKIT:-$build/dmkit}
export LC_ALL=C

give_up() { # WHY
	echo "skip - stacks at boot: $1"
	exit 0
}

[[ $(uname -m) == x86_64 ]] || give_up 'QEMU of another processor'
for program in qemu-system-x86_64 bwrap veritysetup mkfs.ext4 meson python3; do
	type -P $program >/dev/null || give_up "there is no $program"
done
mkdir -p "$build/boot"
job=$(mktemp -d "$build/boot/job.XXXXXX")
trap 'rm -rf "$job"' EXIT
root=$job/root

ok_if() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then echo "ok - $name"; else
		echo "not ok - $name"
		sed 's/^/# /' "$log"
		failures=$((failures + 1))
	fi
}

step() { # COMMAND...: that has to succeed for the rest to make sense
	"$@" >"$job/log" 2>&1 && return
	echo "not ok - $*"
	sed 's/^/# /' "$job/log"
	exit 1
}

fetch_kernel() {
	python3 -B -c 'import os, sys; sys.path.insert(0, sys.argv[1]); import machine
os.makedirs(machine.WORK, exist_ok=True); machine.fetch_kernel(print)' "$top/bench"
}

# As a package would have it: below /usr.
install_boot() {
	local folder=$build/boot/usr
	[[ -e $folder/build.ninja ]] || meson setup --prefix=/usr -Dboot=enabled "$folder" "$top" || return
	meson setup --reconfigure "$folder" "$top" && DESTDIR=$root meson install -C "$folder" --no-rebuild --tags boot
}

# Debian's files, the command, and the modules that a running system may load.
fill_root() {
	local debian part
	debian=$("$here/boot-root.sh") && cp -a "$debian" "$root" && install_boot || return
	rm -rf "$root"/usr/share/{doc,man,locale,info} "$root"/var/{cache,lib/dpkg}
	cp "$DMKIT" "$root/usr/sbin/dmkit" && cp "$here"/boot/{first,report} "$root/usr/sbin" || return
	mkdir -p "$root/usr/lib/modules/$release/kernel"/{drivers,lib,fs} "$root"/etc/{dmkit/initramfs.d,keys} "$root/srv" "$root/mnt"
	for part in drivers/md lib/crypto crypto arch fs/ext4 fs/jbd2 fs/mbcache.ko lib/crc16.ko; do
		[[ ! -e $kernel/lib/modules/$release/kernel/$part ]] ||
			cp -r "$kernel/lib/modules/$release/kernel/$part" "$root/usr/lib/modules/$release/kernel/${part%/*}/"
	done
	cp "$kernel/lib/modules/$release"/modules.* "$root/usr/lib/modules/$release/"
}

# /srv on a linear over a linear; an encrypted disk; and one that a unit of its own applies.
write_stacks() {
	local folder=$root/etc/dmkit
	printf '[part]\ntable = linear device=${disk} offset=1MiB size=8MiB\n[data]\ntable = linear device=@part\n' >"$folder/data.stack"
	printf '; set by data.stack\ndisk=/dev/vdb\n' >"$folder/data.set"
	cat >"$folder/secret.stack" <<'END'
[secret]
table = crypt device=/dev/vdb offset=12MiB size=1MiB cipher=aes-xts-plain64 key-file=/etc/keys/secret
END
	printf '[late]\ntable = linear device=/dev/vdb offset=13MiB size=1MiB\n' >"$folder/late.stack"
	head -c 64 /dev/urandom >"$root/etc/keys/secret"
	chmod 600 "$root/etc/keys/secret"
}

write_units() {
	local units=$root/etc/systemd/system
	printf '/dev/mapper/root / ext4 ro 0 1\n/dev/mapper/data /srv ext4 defaults 0 2\n' >"$root/etc/fstab"
	printf 'tmpfs /var/lib tmpfs defaults 0 0\n' >>"$root/etc/fstab"
	cat >"$units/report.service" <<'END'
[Unit]
After=local-fs.target
[Service]
Type=oneshot
ExecStart=/usr/sbin/report
END
	# Started before the stacks, it stops after them.
	cat >"$units/report-end.service" <<'END'
[Unit]
DefaultDependencies=no
Conflicts=shutdown.target
Before=dmkit-stacks.service dmkit-stack@late.service shutdown.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/usr/sbin/report end
END
	mkdir -p "$units/sysinit.target.wants"
	ln -s ../report-end.service "$units/sysinit.target.wants/"
	ln -s /usr/lib/systemd/system/dmkit-stacks.service "$units/sysinit.target.wants/"
	ln -s /usr/lib/systemd/system/dmkit-stack@.service "$units/sysinit.target.wants/dmkit-stack@late.service"
}

# What an unprivileged user has made is root's there.
as_root() { # BWRAP'S OPTION... COMMAND...
	local user=()
	((EUID)) && user=(--unshare-user --uid 0 --gid 0)
	bwrap "${user[@]}" --unshare-pid --unshare-net --die-with-parent "$@"
}

# The disk has the file system, then its tree.
make_disk() {
	local mib
	mib=$(($(du -sm "$root" | cut -f 1) * 5 / 4 + 16))
	truncate -s $((mib + mib / 100 + 2))M "$job/disk"
	as_root --dev-bind / / mkfs.ext4 -q -b 4096 -O ^has_journal -d "$root" "$job/disk" "${mib}M" &&
		veritysetup format --hash-offset=$((mib << 20)) --data-blocks=$((mib << 8)) "$job/disk" "$job/disk" >"$job/verity" || return
	mkdir "$job/srv" && echo 'from the stack' >"$job/srv/hello" && truncate -s 16M "$job/second" &&
		as_root --dev-bind / / mkfs.ext4 -q -E offset=$((1 << 20)) -d "$job/srv" "$job/second" 8M || return
	# For the initramfs alone: the file system cannot hold its own hash.
	cat >"$root/etc/dmkit/initramfs.d/root.stack" <<'END'
; The root file system.
[root]
table = verity data=${disk} hash=${disk} data-blocks=${blocks} hash-start=${tree}
	root-digest=${root_hash} salt=${salt}
readonly = yes
END
	{
		printf 'disk=/dev/vda\nblocks=%s\ntree=%s\n' $((mib << 8)) $(((mib << 8) + 1))
		sed -n 's/^Root hash:[ \t]*/root_hash=/p; s/^Salt:[ \t]*/salt=/p' "$job/verity"
	} >"$root/etc/dmkit/initramfs.d/root.set"
}

in_root() { # COMMAND...
	as_root --bind "$root" / --bind "$job" /mnt --proc /proc --dev /dev --ro-bind "$kernel/lib/modules/$release" "/usr/lib/modules/$release" \
		--ro-bind "$kernel/boot" /boot --clearenv --setenv PATH /usr/sbin:/usr/bin --setenv LC_ALL C "$@"
}

make_dracut() { # MORE MODULES
	in_root dracut --no-hostonly --kver "$release" --add-drivers 'virtio_blk virtio_pci ext4' \
		-m "base dmkit rootfs-block udev-rules $1" -f /mnt/dracut
}

# What the machine says goes to $log. It ends by itself, or it is ended.
boot() { # LOG SECONDS DISK WORD...: words of the kernel's command line
	log=$job/$1.log
	timeout -k 5 "$2" setpriv --pdeathsig KILL -- qemu-system-x86_64 -accel tcg -smp 1 -m 512 -nodefaults -no-user-config \
		-display none -no-reboot -serial stdio -drive "if=virtio,format=raw,snapshot=on,file=$3" \
		-drive "if=virtio,format=raw,snapshot=on,file=$job/second" -kernel "$kernel"/boot/vmlinuz-* -initrd "$job/${initramfs:-initramfs}" \
		-append "console=ttyS0 quiet panic=1 root=/dev/mapper/root ro ${*:4}" </dev/null 2>&1 | tr -d '\r' >"$log"
}

said() { # TEXT: a line that the machine has said
	grep -qE "^SAYS $1\$" "$log"
}

never_said() {
	! said "$1"
}

failures=0
step fetch_kernel
kernel=$build/bench/kernel
release=$(ls "$kernel/lib/modules")
step fill_root
step write_stacks
step write_units
step make_disk
step in_root mkinitramfs -o /mnt/initramfs "$release"

boot quick 60 "$job/disk" init=/usr/sbin/first
ok_if 'the root file system is on the device that the hook has made' said 'root is /dev/mapper/root'
ok_if 'which is of the stack' said 'uuid is DMKIT-root-root'
ok_if 'and checked' said 'table 0 [0-9]+ verity .*'
ok_if 'the machine came to its end' said end

offset=$(grep -abo MARK-OF-THE-FIRST-PROCESS "$job/disk" | head -n 1 | cut -d : -f 1)
cp "$job/disk" "$job/spoilt"
printf X | dd of="$job/spoilt" bs=1 seek="$offset" conv=notrunc status=none
boot spoilt 100 "$job/spoilt" init=/usr/sbin/first &
boot systemd 150 "$job/disk" systemd.show_status=0 systemd.unit=report.service
step make_dracut dracut-systemd
initramfs=dracut boot dracut 100 "$job/disk" init=/usr/sbin/first rd.shell=0 rd.timeout=60 rd.skipfsck fsck.mode=skip
wait
log=$job/dracut.log
ok_if "dracut's module makes it too" said 'uuid is DMKIT-root-root'
ok_if 'with dracut: the machine came to its end' said end
log=$job/spoilt.log
ok_if 'one wrong byte of the disk: no boot' never_said 'end'
ok_if 'as the kernel says' grep -q 'Kernel panic' "$log"

log=$job/systemd.log
ok_if 'systemd: dmkit-stacks.service is up' said 'state active'
ok_if 'before local-fs-pre.target' said 'all before local-fs-pre 1'
ok_if 'and so is dmkit-stack@late.service' said 'one before local-fs-pre 1'
ok_if 'systemd: / is the verity device' said 'root /dev/mapper/root +ext4'
ok_if 'a file system of fstab is mounted from a stack' said 'srv /dev/mapper/data +ext4 from the stack'
for name in data late root secret; do
	ok_if "the stack $name is up" said "stack ${name}[[:space:]].*whole"
done
ok_if 'an encrypted one, by its key file' said 'secret 0 2048 crypt .*'
ok_if 'no unit failed' never_said 'failed .*'
ok_if 'at the end all are taken down but that of the root' said 'at the end root '
((failures == 0))
