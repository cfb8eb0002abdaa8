#!/bin/bash
# SPDX-License-Identifier: MIT
# What `meson install` installs is enough for programs in C and C++, shared and static, by pkg-config.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

root=$work/root
if ! DESTDIR=$root meson install -C "$build" --no-rebuild --quiet >"$work/log" 2>&1; then
	cat "$work/log"
fi | report 'it installs' || finish
pc=$(find "$root" -name libdmkit.pc)
so=$(find "$root" -name libdmkit.so)
libdir=${so%/*}
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=${pc%/*}

present() { # FIND'S TESTS...
	[[ -n $(find "$root" "$@") ]] || echo "not found: $*"
}

present -path '*/sbin/dmkit' -perm /100 | report 'sbin/dmkit is installed'
for what in dmkit.h dmkit-stack.h dmkit-targets.h libdmkit.a libdmkit.so.0 libdmkit.pc dmkit.8 libdmkit.3 _dmkit dmkit.fish help-schema.json \
	results-schema.json error-schema.json; do
	present -name "$what" -o -name "$what.gz" | report "$what is installed"
done
find "$root" -type f -name 'test-*' | report 'no test is installed'
quiet 'pkg-config knows it' pkg-config --exists --print-errors libdmkit
read -ra cflags <<<"$(pkg-config --cflags libdmkit)"
read -ra libs <<<"$(pkg-config --libs libdmkit)"
warnings=(-Wall -Wextra -Werror)

# A program's line, of the version that the project says.
runs() { # NAME COMMAND...
	local name=$1
	shift
	diff <(printf '%s works\n' "$(pkg-config --modversion libdmkit)") <("$@" 2>&1) | report "$name"
}

cp tests/abi/consumer.c "$work/consumer.cc"
if quiet 'a C program builds' gcc -std=c11 "${warnings[@]}" "${cflags[@]}" tests/abi/consumer.c "${libs[@]}" -o "$work/c"; then
	runs 'and runs' env LD_LIBRARY_PATH="$libdir" "$work/c"
fi
if quiet 'a C++ program builds' g++ -std=c++17 "${warnings[@]}" "${cflags[@]}" "$work/consumer.cc" "${libs[@]}" -o "$work/cc"; then
	runs 'and runs, in C++' env LD_LIBRARY_PATH="$libdir" "$work/cc"
fi
if quiet 'a static C program builds' gcc -std=c11 -static "${warnings[@]}" "${cflags[@]}" tests/abi/consumer.c "${libs[@]}" -o "$work/static"; then
	runs 'and runs, static' "$work/static"
fi
finish
