#!/bin/bash
# The lab's half of demo/screenshots: a machine with what machines have, and what dmkit says of it on a terminal.
#   scene.sh FOLDER COLUMNS...
# FOLDER gets, for each width, what the terminal was sent, escape sequences included: COLUMNS-NAME.
set -eu
export LC_ALL=C.UTF-8 TERM=xterm-256color
folder=$1
shift
PATH=$PWD/build:$PATH
work=/run/scene
mkdir -p $work /dev/mapper

disk() { # NUMBER SIZE
	truncate -s "$2" "$work/disk$1"
	losetup "/dev/loop$1" "$work/disk$1"
}

# --- a machine -------------------------------------------------------------------------------------------------

mount -t tmpfs -o size=300M tmpfs $work
disk 0 40G
disk 1 100G
disk 2 100G
disk 3 8G
dmkit create vg0-root --uuid LVM-4dYgVx8Lr4dTn1cQ0xYJfVnqUoGzN2mWb7hT5pKs9eRj3aCi6uE linear device=/dev/loop0 offset=1MiB size=20GiB
dmkit create vg0-swap linear device=/dev/loop0 offset=21GiB size=2GiB
dmkit create vg0-home linear device=/dev/loop0 offset=24GiB size=12GiB
head -c 64 /dev/urandom >$work/key
dmkit create home --uuid CRYPT-LUKS2-5f0e4c1a9b7d4e21-home crypt device=/dev/mapper/vg0-home cipher=aes-xts-plain64 key-file=$work/key
dmkit create fast striped chunk=64KiB device=/dev/loop1:0 device=/dev/loop2:0 size=60GiB
dmkit create pool_tmeta linear device=/dev/loop1 offset=40GiB size=128MiB
dmkit create pool_tdata linear device=/dev/loop2 offset=40GiB size=30GiB
dmkit create pool thin-pool metadata=/dev/mapper/pool_tmeta data=/dev/mapper/pool_tdata block-size=64KiB low-water-mark=1000
dmkit message pool create-thin id=1
dmkit message pool create-thin id=2
dmkit create vm-web thin pool=/dev/mapper/pool id=1 size=25GiB
dmkit create vm-build thin pool=/dev/mapper/pool id=2 size=50GiB
dmkit create db-real linear device=/dev/loop3 size=4GiB
dmkit create db-cow linear device=/dev/loop3 offset=6GiB size=1MiB
dmkit create db snapshot-origin origin=/dev/mapper/db-real
dmkit create db-before --table "0 8388608 snapshot /dev/mapper/db-real /dev/mapper/db-cow P 8"
truncate -s 8M $work/tree
mkfs.ext4 -q -b 4096 -O ^has_journal $work/tree
veritysetup format $work/tree $work/hash >$work/verity
losetup -r /dev/loop4 $work/tree
losetup -r /dev/loop5 $work/hash
dmkit create usr verity data=/dev/loop4 hash=/dev/loop5 hash-start=1 data-blocks=2048 \
	root-digest="$(sed -n 's/^Root hash:[[:space:]]*//p' $work/verity)" salt="$(sed -n 's/^Salt:[[:space:]]*//p' $work/verity)"
while read -r name where; do
	mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1,nodiscard -N 16 "/dev/mapper/$name"
	mkdir -p "$where"
	mount "/dev/mapper/$name" "$where"
done <<'MOUNTS'
vg0-root /mnt/root
home /mnt/home
fast /srv/fast
vm-web /srv/vm/web
db /srv/db
MOUNTS
mkdir -p /mnt/usr
mount -o ro /dev/mapper/usr /mnt/usr
mkswap /dev/mapper/vg0-swap >/dev/null 2>&1
swapon /dev/mapper/vg0-swap

# --- what is not well with it ----------------------------------------------------------------------------------

dmkit suspend vm-build
dmkit load fast striped chunk=64KiB device=/dev/loop1:0 device=/dev/loop2:0 size=70GiB
rm /dev/mapper/pool_tdata
ln -s ../loop3 /dev/mapper/old
mknod /dev/mapper/gone b "$(awk '$2 == "device-mapper" { print $1 }' /proc/devices)" 99
dd if=/dev/urandom of=/srv/db/file bs=64K count=64 conv=fsync status=none || true

# --- on a terminal ---------------------------------------------------------------------------------------------

cat >$work/table <<'TABLE'
# the new layout
0 41943040 linear /dev/loop1 2048
41943040 41943040 striped 2 128 /dev/loop1 0 /dev/loop2 O
TABLE
cd $work

shot() { # NAME LINE...: command lines, as at a prompt
	local name=$1 line
	shift
	for line; do
		printf '\e[1m#\e[0m %s\n' "$line"
		printf 'stty cols %s rows 100\n%s\n' "$columns" "$line" >line
		script -qec "bash line" /dev/null </dev/null || true
	done >"$folder/$columns-$name"
}

for columns; do
	shot list 'dmkit list -l' 'dmkit list -o name,device,size,types,ro,open,mount,uuid'
	shot tree 'dmkit tree' 'dmkit tree --inverse /dev/loop1'
	shot errors 'dmkit create data linear dev=/dev/loop1 size=1GiB' 'dmkit info vm-wbe' 'dmkit remove home --deadline 0' \
		'dmkit check table' 'dmkit create new --table-file table' 'dmkit create x linear device=/dev/loop3 offset=7GiB size=2GiB' 'dmkit lsit'
	shot doctor 'dmkit doctor'
	shot screen 'dmkit list -l' 'dmkit tree vm-web db-before' 'dmkit remove home --deadline 0' 'dmkit check table'
done
