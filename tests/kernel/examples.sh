#!/bin/bash
# SPDX-License-Identifier: MIT
# The example of `dmkit help TARGET`, of every target: really created, its table taken through --pretty and the
# shell into a second device with the same table, its JSON made of the target's keys. A target that this kernel
# does not have is tried as far as the request.
set -u
dmkit=${DMKIT:-build/dmkit}
# shellcheck source-path=SCRIPTDIR source=../cli/keep.sh
. "${BASH_SOURCE[0]%/*}/../cli/keep.sh"
work=$(mktemp -d)
failed=0
loops=()

clean_up() {
	"$dmkit" remove --all 2>/dev/null
	for loop in "${loops[@]}"; do
		losetup -d "$loop"
	done
	rm -rf "$work" /etc/data.key
}
trap clean_up EXIT

ok() {
	echo "ok - $1"
}

not_ok() { # NAME FILE
	echo "not ok - $1"
	sed 's/^/# /' "$2"
	failed=1
}

# Empty disks of 1 GiB: sparse files, made anew for each target.
disks() {
	local n loop
	for loop in "${loops[@]}"; do
		losetup -d "$loop"
	done
	loops=()
	for n in b c d; do
		rm -f "$work/vd$n"
		truncate -s 1G "$work/vd$n"
		loops+=("$(losetup -f --show "$work/vd$n")")
	done
}

example() { # TARGET: the words after `dmkit create NAME`
	"$dmkit" help "$1" | sed -n '/^Example:/{n;s/^  dmkit create NAME //p;}' |
		sed "s#/dev/vdb#${loops[0]}#g; s#/dev/vdc#${loops[1]}#g; s#/dev/vdd#${loops[2]}#g
			s#=HEX#=$(printf '%064d' 7)#g"
}

# What must stand before the example can.
prepare() { # TARGET
	case $1 in
	crypt) printf '%032d' 7 >/etc/data.key ;;
	inlinecrypt) printf '%064d' 7 >/etc/data.key ;;
	thin)
		"$dmkit" create p thin-pool "metadata=${loops[0]}" "data=${loops[1]}" block-size=64KiB &&
			"$dmkit" message p create-thin id=0
		;;
	esac
}

try() { # TARGET
	local target=$1 words pretty table
	disks
	prepare "$target"
	words=$(example "$target")
	if ! "$dmkit" target-version "$target" >/dev/null 2>&1; then
		# shellcheck disable=SC2086
		if "$dmkit" --dry-run create x $words >"$work/out" 2>&1 && grep -qE "DM_TABLE_LOAD.*( $target |\(hidden\))" "$work/out"; then
			ok "$target: the example becomes a request (this kernel has no such target)"
		else
			not_ok "$target: the example becomes a request" "$work/out"
		fi
		return
	fi
	# Of verity there is no tree.
	# shellcheck disable=SC2086
	if ! "$dmkit" create --no-verify x $words >"$work/out" 2>&1; then
		not_ok "$target: the example: create x $words" "$work/out"
		return
	fi
	ok "$target: the example"
	table=$("$dmkit" table --show-keys x)
	pretty=$("$dmkit" table --pretty x)
	"$dmkit" table --json x >"$work/json/$target" 2>&1
	keep $? "$work/json/$target" /dev/null table --json x
	"$dmkit" status --json x >"$work/json/$target-status" 2>&1
	keep $? "$work/json/$target-status" /dev/null status --json x
	"$dmkit" status x >"$work/out" 2>&1 || not_ok "$target: status" "$work/out"
	"$dmkit" remove x
	# A raw key is not shown: only its words are made again by hand.
	[[ $target == crypt ]] && pretty=${pretty/"'key=hidden, 32 bytes'"/key-file=/etc/data.key}
	if eval "\"$dmkit\" create --no-verify copy $pretty" >"$work/out" 2>&1 &&
		"$dmkit" table --show-keys copy >"$work/copy" && [[ $(<"$work/copy") == "$table" ]]; then
		ok "$target: table --pretty, through the shell, makes the same table"
	else
		{
			echo "pretty: $pretty"
			echo "table:  $table"
			cat "$work/copy"
		} >>"$work/out" 2>/dev/null
		not_ok "$target: table --pretty, through the shell, makes the same table" "$work/out"
	fi
	"$dmkit" remove --all
}

mkdir "$work/json"
for target in $("$dmkit" help targets); do
	"$dmkit" help --keys "$target" >"$work/json/$target.keys"
	try "$target"
done

# "hash-start" is hash_start or, with its unit, hash_start_blocks.
python3 - "$work/json" <<'PYTHON' || failed=1
import json, os, sys
folder, bad = sys.argv[1], 0
for name in sorted(os.listdir(folder)):
    if name.endswith('.keys'):
        continue
    target = name.removesuffix('-status')
    known = [line.strip().rstrip('=').replace('-', '_') for line in open(f'{folder}/{target}.keys')]
    known += [k.removesuffix('_file') for k in known if k.endswith('_file')]
    try:
        segment = json.load(open(f'{folder}/{name}'))[0]['segments'][0]
        wrong = []
        if name == target:
            wrong = [k for k in segment['keys'] if not any(k.startswith(n) for n in known)]
        elif segment['status'] and 'values' not in segment:
            wrong = ['no values']
        if segment['type'] != target or wrong:
            raise ValueError(f'{wrong} of {known}')
    except Exception as error:
        print(f'not ok - {name}: JSON: {error!r}')
        bad = 1
    else:
        print(f'ok - {name}: JSON')
sys.exit(bad)
PYTHON
exit $failed
