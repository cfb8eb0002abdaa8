#!/bin/bash
# SPDX-License-Identifier: MIT
# What the library exports is what its header declares, and nothing else has a name that another could have.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

# Comments away, then every DMK_API ... name(.
declared() { # HEADER...
	cat "$@" | sed -e 's://.*::' | tr '\n' ' ' | sed -e 's:/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/: :g' -e 's/;/;\n/g' |
		grep -oE 'DMK_API [^(]*\b(dmk_[a-z0-9_]+)\(' | grep -oE 'dmk_[a-z0-9_]+\($' | tr -d '(' | sort
}

# What both libraries promise. NEEDS is a pattern of sonames, besides libc's.
library() { # NAME VERSION MAP LEAST-FUNCTIONS NEEDS HEADER...
	local name=$1 version=$2 map=$3 least=$4 needs=$5 so=$build/$1.so archive=$build/$1.a
	shift 5
	declared "$@" >"$work/header"
	nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
	sed -n '/global:/,/local:/p' "$map" | grep -oE 'dmk_[a-z0-9_]+' | sort >"$work/map"

	if (($(wc -l <"$work/header") < least)); then wc -l "$work/header"; fi | report "the header of $name declares functions"
	uniq -d "$work/header" | report "$name: each function is declared once"
	diff "$work/header" "$work/exported" | report "$name.so exports what its header declares"
	diff "$work/header" "$work/map" | report "$map lists what its header declares"
	nm -D --defined-only "$so" | awk -v version="@@$version$" '$2 != "A" && $3 !~ version' |
		report "$name: every symbol has version $version"
	nm -g --defined-only "$archive" 2>/dev/null | awk 'NF == 3 && $3 !~ /^dmk_/' |
		report "global names in $name.a begin with dmk_"
	readelf -d "$so" | grep NEEDED | grep -vE "\[(libc\.so\.6|libc\.musl-.*|ld-linux.*${needs:+|$needs})\]" |
		report "$name.so needs ${needs:+what it may, and }libc alone"
	if [[ $(readelf -d "$so" | grep -oE 'soname: \[[^]]*\]') != "soname: [$name.so.0]" ]]; then
		readelf -d "$so"
	fi | report "its soname is $name.so.0"
	readelf -d "$so" | grep TEXTREL | report "$name: no relocations in the text"
	strings "$so" "$archive" | grep -E '__(asan|ubsan|tsan)' | head -n 3 | report "$name in build/ is not sanitized"
}

library libdmkit DMK_0 lib/libdmkit.map 100 '' include/dmkit.h include/dmkit-targets.h include/dmkit-stack.h include/dmkit-static.h
so=$build/libdmkit.so
nm -D --undefined-only "$so" | awk '$2 != "w" && $2 !~ /@GLIBC/ && NF == 2 && $2 !~ /@/ { print $2 }' |
	grep -vE '^(__asan|__ubsan|_ITM_|__gmon)' | grep -v '^$' >"$work/foreign"
if readelf -d "$so" | grep -q 'libc\.so'; then cat "$work/foreign"; fi | report 'libdmkit.so takes names from libc alone'
readelf -d "$so" | grep -E 'RPATH|RUNPATH' | report 'no paths in the file'

library libdmkit-image DMK_IMAGE_0 lib-image/libdmkit-image.map 7 \
	'libdmkit\.so\.0|libcrypto\.so\.3|libIPSec_MB\.so\.[0-9]+|libisal\.so\.[0-9]+|libfec\.so\.[0-9]+|libblkid\.so\.1' \
	include/dmkit-image.h
# It uses what libdmkit promises, and nothing of its inside: that was copied into it.
nm -D --defined-only "$so" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort >"$work/public"
nm -D --undefined-only "$build/libdmkit-image.so" | grep -oE '\bdmk_[a-z0-9_]+' | sort -u | comm -23 - "$work/public" |
	report 'libdmkit-image.so uses what libdmkit.so exports'

# libcrypto and its kin would make each start slower.
readelf -d "$build/dmkit" | grep NEEDED | grep -vE '\[(libc\.so\.6|libc\.musl-.*|ld-linux.*)\]' | report 'dmkit needs libc alone'
finish
