#!/bin/bash
# SPDX-License-Identifier: MIT
# What targets say, as JSON: names with their units, objects for legs and paths, booleans, on a real kernel:
# `./dev lab -- tests/cli/json.sh`. Needs /dev/ram0 to ram2.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices

has() { # NAME VERB TEXT...: what the device d's JSON holds
	local name=$1 verb=$2 text
	shift 2
	check "$name: $verb" 0 json '' -- "$verb" d --json
	for text; do
		expect "$name: $verb: $text" grep -qF -- "$text" "$work/out"
	done
}
lacks() { # NAME TEXT
	expect "$1: no $2" bash -c '! grep -qF -- "$1" "$2"' - "$2" "$work/out"
}
device() { # ARGUMENT...: of create
	[[ -z $("$DMKIT" list) ]] || "$DMKIT" remove --all
	"$DMKIT" create d "$@" || printf 'not ok - create d %s\n' "$*"
}
blank() {
	local ram
	for ram in 0 1 2; do
		dd if=/dev/zero of=/dev/ram$ram bs=64K count=2 status=none
	done
}

device striped chunk=64s device=/dev/ram0 device=/dev/ram1
has striped table '"keys": {"chunk_sectors": 64, "device": [{"device": "1:0", "offset_sectors": 0}, {"device": "1:1"'
has striped status '"legs": [{"device": "1:0", "health": "alive"}, {"device": "1:1", "health": "alive"}]'
lacks striped '"health": "AA"'
lacks striped '"device": ["1:0"'

device --table '0 2048 mirror core 2 1024 nosync 2 /dev/ram0 0 /dev/ram1 0'
has mirror status '"legs": [{"device": "1:0", "health": "alive"}, {"device": "1:1", "health": "alive"}]' \
	'"in_sync_regions": {"used_regions": 2, "total_regions": 2}' '"log_type": "core"'
check 'mirror: for people' 0 '*' '' -- status d
expect 'mirror: for people: regions' grep -qF 'in-sync-regions 2/2 regions (100.0 %)' "$work/out"

device --table '0 2048 multipath 2 queue_mode bio 0 2 1 round-robin 0 1 1 /dev/ram0 1 round-robin 0 1 1 /dev/ram1 1'
has multipath table '"group": [{"selector": "round-robin", "args": []}, {"selector": "round-robin", "args": []}]' \
	'"path": [{"group": 1, "device": "1:0", "args": ["1"]}, {"group": 2, "device": "1:1", "args": ["1"]}]'
"$DMKIT" message d --raw 'fail_path 1:1'
has multipath status '"path": [{"group": 1, "device": "1:0", "state": "active", "fails": 0, "info": []}, ' \
	'{"group": 2, "device": "1:1", "state": "failed", "fails": 1, "info": []}]' '"failed_paths": 1'
device --table '0 2048 multipath 2 queue_mode bio 0 1 1 round-robin 0 1 1 /dev/ram0 1'
has 'multipath of one group' table '"path": [{"group": 1, "device": "1:0", "args": ["1"]}]'

blank
device thin-pool metadata=/dev/ram0 data=/dev/ram1 block-size=64KiB
has thin-pool status '"needs_check": false' '"data": {"used_blocks": 0, "total_blocks": 256}' \
	'"metadata": {"used_blocks": '
"$DMKIT" message d create-thin id=1
"$DMKIT" create t thin pool=/dev/mapper/d id=1 size=1MiB
dd if=/dev/zero of=/dev/mapper/t bs=64K count=1 oflag=direct status=none
check 'thin: status' 0 json '' -- status t --json
expect 'thin: the unit is said once' grep -qF '"highest_mapped_sector": 127' "$work/out"

blank
device clone metadata=/dev/ram0 destination=/dev/ram1 source=/dev/ram2 region-size=4KiB no-hydration=yes size=1MiB
has clone status '"hydrated": {"used_regions": 0, "total_regions": 256}' '"hydrating_regions": 0' '"no_hydration": true'
has clone table '"no_hydration": true'
lacks clone word_order

blank
device --table '0 2048 era /dev/ram0 /dev/ram1 8'
has era status '"error": false'

blank
device --table '0 2048 writecache s /dev/ram0 /dev/ram1 4096 0'
has writecache status '"error": 0' '"blocks": '
lacks writecache blocks_blocks
"$DMKIT" remove --all

finish
