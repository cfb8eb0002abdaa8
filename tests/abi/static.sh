#!/bin/bash
# SPDX-License-Identifier: MIT
# The static programs: how large they are, that they need nothing, and that the command is no other one.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

if ! ./dev static >"$work/log" 2>&1; then
	cat "$work/log"
fi | report 'they build' || finish

at_most() { # FILE BYTES
	local size
	size=$(stat -c %s "build/$1")
	((size <= $2)) || echo "$size bytes"
}

needs_nothing() { # FILE
	LC_ALL=C readelf -W -d -l "build/$1" | grep -E 'INTERP|NEEDED|DYNAMIC'
}

at_most dmkit-static 655360 | report 'it is at most 640 KiB'
at_most static-layer 151552 | report 'one that maps linear and verity is at most 148 KiB'
for file in dmkit-static static-layer; do
	needs_nothing $file | report "$file needs no library"
done

{
	diff <(build/dmkit help --manual) <(build/dmkit-static help --manual)
	diff <(build/dmkit help) <(build/dmkit-static help)
	# A command has one word or two.
	{
		build/dmkit help targets
		build/dmkit help --commands | tail -n +2 | sed 's/ --.*//'
		echo messages
	} | while read -ra words; do
		diff <(build/dmkit help "${words[@]}") <(build/dmkit-static help "${words[@]}")
	done
} 2>&1 | report 'its help is the whole help'
finish
