#!/bin/bash
# SPDX-License-Identifier: MIT
# verity's mistakes, told before the mount does, on a real kernel: `./dev lab -- tests/cli/verity.sh`. Needs /dev/ram0 to
# ram2, and Debian's veritysetup, which makes the trees.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

# Data on ram0, 64 blocks of it; the tree, of one block behind its superblock, on ram1.
dd if=/dev/urandom of=/dev/ram0 bs=4096 count=1024 status=none
veritysetup format --data-blocks=64 /dev/ram0 /dev/ram1 >"$work/tree"
digest=$(awk '/^Root hash:/ { print $3 }' "$work/tree")
salt=$(awk '/^Salt:/ { print $2 }' "$work/tree")
wrong=${digest:1}${digest:0:1}

verity() { # KEY=VALUE...: in $words
	words=(verity data=/dev/ram0 hash=/dev/ram1 data-blocks=64 hash-start=1 "$@")
}
mapped() { # NAME ARGUMENT...: is made, and can be read
	local name=$1
	shift
	check "$name" 0 '' '' -- create v "$@"
	expect "$name: can be read" cmp -n 262144 /dev/ram0 /dev/mapper/v
	# Newer kernels add what is corrected, and "-" where nothing can be.
	expect "$name: valid" grep -qxE '0 512 verity V( -)?' <("$DMKIT" status v --raw)
	"$DMKIT" remove v
}
nothing_left() { # NAME
	expect "$1: nothing is left" test -z "$("$DMKIT" list)" -a ! -e /dev/mapper/v
}

# --- read-only is what verity is ---------------------------------------------------------------------------

verity root-digest="$digest" salt="$salt"
mapped 'without --readonly' "${words[@]}"
mapped 'with it' --readonly "${words[@]}"
mapped 'by its own text' --table "0 512 verity 1 /dev/ram0 /dev/ram1 4096 4096 64 1 sha256 $digest $salt"
"$DMKIT" create v "${words[@]}"
check 'info, JSON' 0 json '' -- info v --json
expect 'the device says so' grep -q '"readonly": true' "$work/out"
check 'load too' 0 '' '' -- load v "${words[@]}"
check 'replace too' 0 '' '' -- replace v "${words[@]}"
"$DMKIT" remove v

# --- what does not fit is told at create -------------------------------------------------------------------

verity root-digest="$wrong" salt="$salt"
check 'a wrong root digest' 1 '' '%Input/output error' -- create v "${words[@]}"
expect 'a wrong root digest: said' grep -q "'root-digest': the first block does not fit it: " "$work/err"
nothing_left 'a wrong root digest'
check 'a wrong root digest, JSON' 1 '' json-error -- create v "${words[@]}" --json
check 'a wrong root digest, with a deadline' 1 '' "%'root-digest': the first block" -- create v "${words[@]}" --deadline 20s
nothing_left 'a wrong root digest, with a deadline'
check 'a wrong root digest, without a node' 1 '' "%'root-digest': the first block" -- create v "${words[@]}" --no-node
check 'a wrong root digest, --no-verify' 0 '' '' -- create v "${words[@]}" --no-verify
expect 'a wrong root digest, --no-verify: the first reader is told' bash -c '! head -c 4096 /dev/mapper/v >/dev/null'
"$DMKIT" remove v
verity root-digest="$wrong" salt="$salt" ignore-corruption=yes
check 'a wrong root digest, ignored on request' 0 '' '' -- create v "${words[@]}"
"$DMKIT" remove v
verity root-digest="$digest" salt="${salt:1}${salt:0:1}"
check 'another salt' 1 '' "%'root-digest': the first block" -- create v "${words[@]}"
verity root-digest="$salt" salt="$digest"
check 'salt and root digest in each other'"'"'s place' 1 '' "%'root-digest': the first block" -- create v "${words[@]}"
words=(verity data=/dev/ram0 hash=/dev/ram1 data-blocks=64 hash-start=2 root-digest="$digest" salt="$salt")
check 'a tree that begins elsewhere' 1 '' "%'root-digest': the first block" -- create v "${words[@]}"
check 'text too' 1 '' "%'root-digest': the first block" \
	-- create v --table "0 512 verity 1 /dev/ram0 /dev/ram1 4096 4096 64 2 sha256 $digest $salt"
check 'concise text too' 1 '' "%'root-digest': the first block" \
	-- create --concise "v,,,ro,0 512 verity 1 /dev/ram0 /dev/ram1 4096 4096 64 2 sha256 $digest $salt"
check 'concise text, --no-verify' 0 '' '' \
	-- create --no-verify --concise "v,,,ro,0 512 verity 1 /dev/ram0 /dev/ram1 4096 4096 64 2 sha256 $digest $salt"
"$DMKIT" remove v
dd if=/dev/zero of=/dev/ram0 bs=4096 count=1 conv=notrunc status=none
verity root-digest="$digest" salt="$salt"
check 'data that were changed' 1 '' "%'root-digest': the first block" -- create v "${words[@]}"
nothing_left 'data that were changed'

# A disk below that does not answer: the create ends in time, and says what it waited for.
"$DMKIT" create slow linear device=/dev/ram0
"$DMKIT" suspend slow
check 'data that hang' 7 '' '%the first block could not be read in time' \
	-- create v verity data=/dev/mapper/slow hash=/dev/ram1 data-blocks=64 hash-start=1 \
	root-digest="$digest" salt="$salt" --deadline 500ms
"$DMKIT" resume slow
nothing_left_but_slow=$("$DMKIT" remove --all && "$DMKIT" list)
expect 'data that hang: nothing is left' test -z "$nothing_left_but_slow" -a ! -e /dev/mapper/v

# --- what is certain before the kernel is asked ------------------------------------------------------------

refused() { # NAME EXIT DETAIL KEY=VALUE...
	local name=$1 status=$2 detail=$3
	shift 3
	verity "$@"
	check "$name" "$status" '' "%$detail" -- create v "${words[@]}"
	nothing_left "$name"
}
refused 'a digest that is too short' 2 "62 hex digits: sha256 has 64" root-digest="${digest:2}"
refused 'a digest of another algorithm' 2 "64 hex digits: sha1 has 40" root-digest="$digest" algorithm=sha1
refused 'a hash that is none' 1 "'sha265': this kernel has no such hash; the nearest: sha256" \
	root-digest="$digest" algorithm=sha265
refused 'a hash that is none, and near none' 1 "'nosuchhash': this kernel has no such hash" \
	root-digest="$digest" algorithm=nosuchhash
blocks=$(($(blockdev --getsize64 /dev/ram1) / 4096))
words=(verity data=/dev/ram0 hash=/dev/ram1 data-blocks=4096 hash-start=$((blocks - 32)) root-digest="$digest")
place="'/dev/ram1': the hash tree needs 33 blocks of 4096 bytes from block $((blocks - 32)) on, and it has $blocks in all"
check 'a tree that does not fit' 1 '' "%$place" -- create v "${words[@]}"
check 'a tree that does not fit, --check' 2 '' "%$place" -- create v "${words[@]}" --check
words=(verity data=/dev/ram0 hash=/dev/ram1 data-blocks=4096 hash-start=$((blocks - 33)) root-digest="$digest" --no-verify)
check 'a tree that just fits' 0 '' '' -- create v "${words[@]}"
"$DMKIT" remove v

finish
