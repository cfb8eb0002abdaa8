#!/bin/bash
# SPDX-License-Identifier: MIT
# What the library exports is what its header declares, and nothing else has a name that another could have.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

so=$build/libdmkit.so
archive=$build/libdmkit.a

# Comments away, then every DMK_API ... name(.
cat include/*.h | sed -e 's://.*::' | tr '\n' ' ' | sed -e 's:/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/: :g' -e 's/;/;\n/g' |
	grep -oE 'DMK_API [^(]*\b(dmk_[a-z0-9_]+)\(' | grep -oE 'dmk_[a-z0-9_]+\($' | tr -d '(' | sort >"$work/header"
nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
sed -n '/global:/,/local:/p' lib/libdmkit.map | grep -oE 'dmk_[a-z0-9_]+' | sort >"$work/map"

if (($(wc -l <"$work/header") < 100)); then wc -l "$work/header"; fi | report 'the header declares functions'
uniq -d "$work/header" | report 'each function is declared once'
diff "$work/header" "$work/exported" | report 'libdmkit.so exports what dmkit.h declares'
diff "$work/header" "$work/map" | report 'libdmkit.map lists what dmkit.h declares'
nm -D --defined-only "$so" | awk '$2 != "A" && $3 !~ /@@DMK_0$/' | report 'every symbol has version DMK_0'
nm -g --defined-only "$archive" 2>/dev/null | awk 'NF == 3 && $3 !~ /^dmk_/' |
	report 'global names in libdmkit.a begin with dmk_'
nm -D --undefined-only "$so" | awk '$2 != "w" && $2 !~ /@GLIBC/ && NF == 2 && $2 !~ /@/ { print $2 }' |
	grep -vE '^(__asan|__ubsan|_ITM_|__gmon)' | grep -v '^$' >"$work/foreign"
if readelf -d "$so" | grep -q 'libc\.so'; then cat "$work/foreign"; fi | report 'libdmkit.so takes names from libc alone'
readelf -d "$so" | grep NEEDED | grep -vE '\[(libc\.so\.6|libc\.musl-.*|ld-linux.*)\]' | report 'libdmkit.so needs libc alone'
readelf -d "$build/dmkit" | grep NEEDED | grep -vE '\[(libc\.so\.6|libc\.musl-.*|ld-linux.*)\]' | report 'dmkit needs libc alone'
if [[ $(readelf -d "$so" | grep -oE 'soname: \[[^]]*\]') != 'soname: [libdmkit.so.0]' ]]; then
	readelf -d "$so"
fi | report 'its soname is libdmkit.so.0'
readelf -d "$so" | grep -E 'TEXTREL|RPATH|RUNPATH' | report 'no relocations in the text, no paths in the file'
strings "$so" "$archive" | grep -E '__(asan|ubsan|tsan)' | head -n 3 | report 'what is in build/ is not sanitized'
finish
