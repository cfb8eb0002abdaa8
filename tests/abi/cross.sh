#!/bin/bash
# SPDX-License-Identifier: MIT
# A cross build installs the same files as a native one, and the same pages in them. What makes it one for meson is that
# it may not run what it builds; the compiler is this machine's, so that nothing is to be fetched.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

cross=$build/cross
machine=$(uname -m)
[[ $machine != i?86 ]] || machine=x86
cat >"$work/cross.ini" <<-EOF2
	[binaries]
	c = 'cc'
	ar = 'ar'
	strip = 'strip'
	pkg-config = 'pkg-config'
	[properties]
	needs_exe_wrapper = true
	[host_machine]
	system = 'linux'
	cpu_family = '$machine'
	cpu = '$machine'
	endian = 'little'
EOF2
rm -rf "$cross"
{
	meson setup "$cross" "$top" --cross-file "$work/cross.ini" >"$work/log" 2>&1 || cat "$work/log"
} | report 'it is set up' || finish

# Where libraries go is the compiler's folder in a native build of Debian's.
installed() { # FOLDER
	meson introspect --installed "$1" |
		python3 -c 'import json, sys; print(*json.load(sys.stdin).values(), sep="\n")' |
		sed 's#/lib/[^/]*-linux-[^/]*/#/lib/#' | sort
}
installed "$build" | grep -c '/man/' | grep -vx 5 | report 'a native build installs five pages'
diff <(installed "$build") <(installed "$cross") | report 'it installs what a native build does'
{
	ninja -C "$cross" dmkit-targets.7 >"$work/log" 2>&1 || cat "$work/log"
	grep 'warning:' "$work/log"
} | report 'it makes the page of the targets'
cmp "$build/dmkit-targets.7" "$cross/dmkit-targets.7" 2>&1 | report 'which is the same'
find "$cross" -maxdepth 1 -name dmkit | report 'and not written by what was built for the other machine'
finish
