#!/bin/bash
# SPDX-License-Identifier: MIT
# dmkit export and create --concise on a real kernel: `./dev lab -- tests/cli/export.sh`. Needs /dev/ram0 and /dev/ram1.
# Debian's kernels have device-mapper as a module, which has no parameter create=: what is made for it is held against
# the kernel's rules here, and read back.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

state() {
	"$DMKIT" table
	"$DMKIT" list --json >"$work/listed"
	keep $? "$work/listed" /dev/null list --json
	cat "$work/listed"
	ls -l --time-style=+ /dev/mapper
}

check 'no devices: nothing' 0 '' '' -- export
check 'no devices: nothing, JSON' 0 json '' -- export --json

# --- there and back ----------------------------------------------------------------------------------------

dm create base linear device=/dev/ram0 size=4096s + zero size=1024s
dm create 'a,b;c\d' --uuid 'u,1' --minor 77 --readonly linear device=/dev/mapper/base size=2048s
dm create aa --uuid UU linear device="$dm_major:77" size=1024s
dm create -- '-x y ' zero size=8s
dm create none --no-table
dm create raid striped chunk=8s device=/dev/ram1 device=/dev/ram1:1MiB size=2048s
text='-x y\ ,,2,rw,0 8 zero ;base,,0,rw,0 4096 linear 1:0 0,4096 1024 zero ;a\,b\;c\\d,u\,1,77,ro,0 2048 linear DM:0 0;'
text+='aa,UU,1,rw,0 1024 linear DM:77 0;none,,3,rw;raid,,4,rw,0 2048 striped 2 8 1:1 0 1:1 2048'
check 'what a device stands on comes first' 0 "$text" '' -- export
cp "$work/out" "$work/text"
check '--concise is the same' 0 "$text" '' -- export --concise
check 'JSON' 0 json '' -- export --json
expect 'JSON: the disks below' grep -q '"disks": \["/dev/ram0", "/dev/ram1"\]' "$work/out"
check 'two of them' 0 'base,,0,rw,0 4096 linear 1:0 0,4096 1024 zero ;raid,,4,rw,0 2048 striped 2 8 1:1 0 1:1 2048' '' \
	-- export raid /dev/mapper/base
check 'one that is none' 3 '' "%'nope'" -- export base nope
state >"$work/before"
dm remove --all
check 'create --concise' 0 '' '' -- create --concise -- "$(<"$work/text")"
state >"$work/after"
expect 'all as it was: tables, uuids, minors, nodes' diff "$work/before" "$work/after"
check 'exported again' 0 "$text" '' -- export
dm remove --all
input=$work/text
check 'by standard input, JSON' 0 json '' -- create --concise - --json
unset input
expect 'by standard input, JSON: each of them' test "$(grep -c '"name"' "$work/out")" -eq 6
state >"$work/after"
expect 'all as it was, by standard input' diff "$work/before" "$work/after"
dm remove --all
check 'a dry run' 0 'DM_DEV_CREATE name=a
DM_TABLE_LOAD name=a targets=1: 0 8 zero
DM_DEV_SUSPEND name=a
DM_DEV_CREATE name=b uuid=U
DM_TABLE_LOAD uuid=U flags=readonly targets=1: 0 8 error
DM_DEV_SUSPEND uuid=U' '' -- create --concise 'a,,,rw,0 8 zero;b,U,,ro,0 8 error' --dry-run

# An argument of the kernel's command line, as somebody pasted it.
for spec in 'dm-mod.create=p,,,ro,0 8 zero' 'dm-mod.create="p,,,ro,0 8 zero"' "'dm-mod.create=p,,,ro,0 8 zero'" \
	"\"dm_mod.create='p,,,ro,0 8 zero'\" "; do
	check "pasted: $spec" 0 '' '' -- create --concise "$spec"
	check "pasted: the device" 0 'p,,0,ro,0 8 zero ' '' -- export p
	dm remove p
done
check 'pasted: where it is wrong' 2 '' "%dmkit: --concise:1:20: create 'f': 'xx': flags are ro or rw, or nothing, which is rw" \
	-- create --concise 'dm-mod.create="f,,,xx,0 8 zero"'
check 'pasted: nothing in it' 2 '' "%create: the text names no device" -- create --concise 'dm-mod.create=""'
dm create p linear device=/dev/ram0
"$DMKIT" export --dm-mod.create >"$work/boot"
dm remove p
expect 'pasted: what export gives for the boot is one' grep -q '^dm-mod.create="p,' "$work/boot"
input=$work/boot check 'pasted: by standard input' 0 '' '' -- create --concise -
check 'pasted: the device again' 0 'p,,0,rw,0 32768 linear 1:0 0' '' -- export p
dm remove p

# --- all or none -------------------------------------------------------------------------------------------

check 'the third fails' 1 '' "%create 'c': segment 2 (linear): '/dev/nope'" \
	-- create --concise 'a,,,rw,0 8 zero;b,,,rw,0 8 linear /dev/mapper/a 0;c,,,rw,0 8 zero,8 8 linear /dev/nope 0'
check 'the third fails: none is left' 0 '' '' -- list
expect 'the third fails: no node either' test "$(ls -A /dev/mapper)" = control
dm create there zero size=8s
check 'a name that is taken' 1 '' "%create 'there': the name is taken (Device or resource busy)" \
	-- create --concise 'a,,,rw,0 8 zero;there,,,rw,0 8 zero'
check 'a name that is taken: that one stays' 0 'there	DM:0	-	0' '' -- list
check 'the same name twice' 1 '' "%create 'a': the name is taken (Device or resource busy)" \
	-- create --concise 'a,,,rw,0 8 zero;a,,,rw,0 8 zero'
check 'the same name twice: none is left' 0 'there	DM:0	-	0' '' -- list
dm remove there
check 'nothing in it' 2 '' "dmkit: create: the text names no device (see 'dmkit help create')" -- create --concise ''
check 'no SPEC' 2 '' "%create: needs NAME" -- create --concise
check 'a table beside it' 2 '' '%--concise SPEC has all of the devices in it' -- create --concise 'a,,,,0 8 zero' --table '0 8 zero'
check 'words beside it' 2 '' '%--concise SPEC has all of the devices in it' -- create --concise 'a,,,,0 8 zero' zero size=8s
check 'its place' 2 '' "dmkit: --concise:1:19: create 'b': 'xx': flags are ro or rw, or nothing, which is rw
  a,,,,0 8 zero;b,,,xx,0 8 zero
                    ^~~~" \
	-- create --concise 'a,,,,0 8 zero;b,,,xx,0 8 zero'

# --- keys --------------------------------------------------------------------------------------------------

key=00112233445566778899aabbccddeeff
crypt="k,,0,rw,0 8 crypt aes-cbc-plain $key 0 1:0 0"
check 'a key on the command line' 2 '' '%--concise would show the key of crypt to every process' -- create --concise "$crypt"
expect 'a key on the command line is not repeated' bash -c "! grep -q $key '$work/err'"
printf '%s\n' "$crypt" >"$work/crypt"
input=$work/crypt
check 'a key by standard input' 0 '' '' -- create --concise -
unset input
check 'a key is not shown' 2 '' \
	"dmkit: export: the table of 'k' holds a key: --show-keys writes it out, for whoever reads it (see 'dmkit help export')" \
	-- export
check 'a key is not shown, for the kernel' 2 '' "%the table of 'k' holds a key" -- export --dm-mod.create
check 'a key with --show-keys' 0 "$crypt" '' -- export --show-keys
check 'a key on the kernel'\''s command line with --show-keys' 0 "dm-mod.create=\"$crypt\"" '' \
	-- export --dm-mod.create --show-keys
dm remove k

# --- for the kernel's boot ---------------------------------------------------------------------------------

boot() { # NAME EXIT STDOUT STDERR ARGUMENT...
	local name=$1 status=$2 out=$3 err=$4
	shift 4
	check "boot: $name" "$status" "$out" "$err" -- export --dm-mod.create "$@"
}
dm create zz linear device=/dev/ram0 size=1024s
dm create 'a b' --readonly --uuid U-1 linear device=/dev/mapper/zz size=512s + linear device=/dev/ram1 size=8s
line='zz,,0,rw,0 1024 linear 1:0 0;a b,U-1,1,ro,0 512 linear DM:0 0,512 8 linear 1:1 0'
boot 'a line' 0 "dm-mod.create=\"$line\"" ''
boot 'a line, JSON' 0 json '' --json
boot 'two forms' 2 '' '%forms of the same' --concise
"$DMKIT" export --dm-mod.create | sed 's/^dm-mod.create="//; s/"$//' >"$work/line"
state >"$work/before"
dm remove --all
input=$work/line
check 'boot: the line read back' 0 '' '' -- create --concise -
unset input
state >"$work/after"
expect 'boot: all as it was' diff "$work/before" "$work/after"
# By the kernel's own rules, which know no escapes: each device must be the one that is there.
perl -ne '
	chomp;
	for my $device (split /;/) {
		my ($name, $uuid, $minor, $flags, @tables) = map { s/^\s+|\s+$//gr } split /,/, $device;
		die "flags $flags" unless $flags eq "ro" or $flags eq "rw";
		print map { "$name: $_ ($uuid $minor $flags)\n" } @tables;
	}' "$work/line" >"$work/read"
sed "s/\b$dm_major:/DM:/" "$work/read" >"$work/read.normal"
printf '%s\n' 'zz: 0 1024 linear 1:0 0 ( 0 rw)' 'a b: 0 512 linear DM:0 0 (U-1 1 ro)' 'a b: 512 8 linear 1:1 0 (U-1 1 ro)' \
	>"$work/read.expected"
expect "boot: split as the kernel does" diff "$work/read.expected" "$work/read.normal"
boot 'what it stands on is missing' 2 '' "%'a b' stands on 'zz', which has to be named as well" 'a b'
dm remove --all
dm create z zero size=8s
boot 'a target that is not allowed' 2 '' \
	"dmkit: export 'z': segment 1: 'zero': dm-mod.create= cannot say it: only crypt, delay, linear, snapshot-origin, striped and verity can be made at boot" z
dm create 'c,d' linear device=/dev/ram0 size=8s
boot 'a comma' 2 '' '%dm-mod.create= cannot say it: a comma, semicolon, backslash, quote or control character, or a blank at an end' 'c,d'
dm create high --minor 256 linear device=/dev/ram0 size=8s
boot 'a minor' 2 '' "%'256': dm-mod.create= cannot say it: a minor is at most 255" high
dm create none --no-table
boot 'no table' 2 '' '%dm-mod.create= cannot say it: a device without a table' none
for ((i = 0; i < 257; i++)); do echo "$i 1 linear /dev/ram0 $i"; done >"$work/many"
dm create many --table-file "$work/many"
boot '257 segments' 2 '' "%'257': dm-mod.create= cannot say it: at most 256 segments a device" many
head -n 256 "$work/many" >"$work/fewer"
dm create fewer --table-file "$work/fewer"
boot '4,096 characters' 2 '' '%dm-mod.create= cannot say it: at most 4095 characters in all' fewer
dm remove --all
for ((i = 0; i < 257; i++)); do printf 'd%d,,,rw,0 1 linear 1:0 0;' $i; done >"$work/many"
input=$work/many
check '257 devices are made' 0 '' '' -- create --concise -
unset input
boot '257 devices' 2 '' '%dm-mod.create= cannot say it: a'
check '257 devices, as dmkit'\''s own text' 0 '*' '' -- export
expect '257 devices: all of them' test "$(tr ';' '\n' <"$work/out" | grep -c '^d[0-9]*,,[0-9]*,rw,0 1 linear 1:0 0$')" -eq 257
dm remove --all
expect 'nothing is left' test "$(ls -A /dev/mapper)" = control
finish
