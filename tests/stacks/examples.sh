#!/bin/bash
# SPDX-License-Identifier: MIT
# Each stack of examples/stacks on a real kernel: `./dev lab -- tests/stacks/examples.sh`. It is planned, applied,
# applied again, exported, the export applied, used, and taken down; then nothing is left.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
need_no_devices
# shellcheck disable=SC2154 # it is common.sh's
examples=$here/../../examples/stacks

# Zeroed disks, as the texts say that new ones have to be.
disk() { # NAME MIB: prints its loop device
	rm -f "$work/$1"
	truncate -s "$2M" "$work/$1"
	losetup -f --show "$work/$1"
}

key() { # BYTES: prints the file
	head -c "$1" /dev/urandom >"$work/key"
	chmod 600 "$work/key"
	echo "$work/key"
}

root_hash() { # DEVICE: of the image that is made there, as --set root_hash= and salt=
	head -c 32M /dev/zero | tr '\0' '\252' >"$1"
	veritysetup format --data-blocks=8192 --hash-offset=$((8192 * 4096)) "$1" "$1" |
		sed -n 's/^Root hash: *\t*/root_hash=/p; s/^Salt: *\t*/salt=/p'
}

# What --set gives each of them, in sets.
prepare() { # EXAMPLE
	sets=()
	case $1 in
	raid1 | striped | vm_host) sets=("disk1=$(disk one 64)" "disk2=$(disk two 64)") ;;
	cache | writecache) sets=("slow=$(disk one 64)" "fast=$(disk two 64)") ;;
	snapshot) sets=("disk=$(disk one 64)" "store=$(disk two 32)") ;;
	verity_root) sets=("disk=$(disk one 64)" "scratch=$(disk two 16)") ;;
	*) sets=("disk=$(disk one 64)") ;;
	esac
	case $1 in
	crypt | vm_host) sets+=("key=$(key 64)") ;;
	integrity_crypt) sets+=("key=$(key 32)") ;;
	verity_root) mapfile -t -O ${#sets[@]} sets < <(root_hash "${sets[0]#*=}") ;;
	esac
}

stack() { # VERB FILE ARGUMENT...
	local verb=$1 file=$2 set args=()
	shift 2
	for set in "${sets[@]}"; do
		args+=(--set "$set")
	done
	"$DMKIT" "$verb" "$file" "${args[@]}" "$@" >"$work/out" 2>"$work/err"
}

exits() { # NAME STATUS COMMAND...
	local name=$1 wanted=$2 status
	shift 2
	"$@"
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

run() { # ARGUMENT...
	"$DMKIT" "$@" >"$work/out" 2>"$work/err"
}

export_it() { # STACK
	run export --stack "$1" --show-keys && cp "$work/out" "$work/$1.stack"
}

# Event numbers change where a table was loaded or a device suspended.
seen() {
	"$DMKIT" table
	"$DMKIT" info --json | grep -vE '"(open_count|open)"'
}

# The top of each tree takes a write and gives it back, but for what may not be written.
used() { # EXAMPLE
	case $1 in
	thin_pool) wr thin_a && wr thin_b ;;
	cache) wr cached ;;
	verity_root) wr root_rw && ! wr root 2>/dev/null && cmp -n 65536 /dev/mapper/root "$work/one" ;;
	crypt) wr secret && ! cmp -s -n 65536 /dev/mapper/secret "$work/one" ;;
	flakey) wr rig_data ;;
	snapshot) wr data && cmp -n 65536 /dev/mapper/backup /dev/zero && another_backup ;;
	dust) ! dd if=/dev/mapper/tested of=/dev/null bs=4096 skip=60 count=1 iflag=direct 2>/dev/null && wr tested ;;
	raid1) wr mirror ;;
	writecache) wr written ;;
	integrity_crypt) wr sealed ;;
	striped) wr fast ;;
	vm_host) wr vm_image && wr vm1 && wr vm2 ;;
	esac
}

# What the kernel's command line could say is the same stack, its uuids included.
at_boot() { # EXAMPLE
	run export --dm-mod.create "$1" && grep -q '^dm-mod.create="' "$work/out" && cp "$work/out" "$work/boot" || return
	run down "$1" && run create --concise - <"$work/boot" && stack plan "$examples/$1.stack"
}

# The text without its backup, and a new one of what is there by now.
another_backup() {
	sed '/^\[backup\]/,/^$/d' "$examples/snapshot.stack" >"$work/snapshot.stack"
	stack apply "$work/snapshot.stack" && [[ ! -e /dev/mapper/backup ]] || return
	head -c 4096 /dev/zero >"${sets[1]#*=}"
	stack apply "$examples/snapshot.stack" && cp "$work/pattern" "$work/before" || return
	head -c 65536 /dev/urandom >"$work/pattern"
	wr data && cmp "$work/before" <(head -c 65536 /dev/mapper/backup)
}

wr() { # DEVICE
	dd if="$work/pattern" of="/dev/mapper/$1" bs=64K oflag=direct conv=notrunc status=none &&
		cmp -n 65536 "$work/pattern" <(dd if="/dev/mapper/$1" bs=64K count=1 iflag=direct status=none)
}

one() { # EXAMPLE
	local file=$examples/$1.stack name=$1 given
	prepare "$1"
	exits "$1: there is something to do" 10 stack plan "$file"
	exits "$1: applied" 0 stack apply "$file"
	exits "$1: nothing to do" 0 stack plan "$file"
	seen >"$work/before"
	exits "$1: applied again" 0 stack apply "$file"
	exits "$1: exported" 0 export_it "$name"
	given=("${sets[@]}") sets=()
	exits "$1: what is exported changes nothing" 0 stack plan "$work/$name.stack"
	exits "$1: applied from that" 0 stack apply "$work/$name.stack"
	seen >"$work/after"
	expect "$1: nothing was touched" diff "$work/before" "$work/after"
	sets=("${given[@]}")
	expect "$1: it works" used "$1"
	case $1 in
	striped) exits "$1: made by the kernel's command line it is the same" 0 at_boot "$1" ;;
	cache) exits "$1: no kernel makes that at boot" 2 run export --dm-mod.create "$1" ;;
	esac
	exits "$1: it is up" 0 run stacks
	expect "$1: and whole" grep -q "^$name" "$work/out"
	exits "$1: taken down" 0 run down "$name"
	expect "$1: nothing is left" test -z "$("$DMKIT" list)$(find /dev/mapper ! -type d ! -name control)"
	losetup -D
}

head -c 65536 /dev/urandom >"$work/pattern"
tested=0
for file in "$examples"/*.stack; do
	file=${file##*/}
	one "${file%.stack}"
	tested=$((tested + 1))
done
expect 'all twelve' test $tested -eq 12
finish
