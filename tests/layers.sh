#!/bin/bash
# What each folder may use and what not: DESIGN's table, by greps. Prints `ok - NAME` or `not ok - NAME` with what is
# wrong. What is compiled is looked at in the build folder where there is one: BUILD, or build.

set -u
shopt -s nullglob
# shellcheck source-path=SCRIPTDIR source=abi/common.bash
. "${BASH_SOURCE[0]%/*}/abi/common.bash"

# Lines that match in files that must not have any. Without files something is wrong with the test.
none() { # NAME PATTERN FILE...
	local name=$1 pattern=$2
	shift 2
	if (($# == 0)); then
		echo 'no files' | report "$name"
	else
		grep -nHE -- "$pattern" "$@" | report "$name"
	fi
}

except() { # FILE... -- FILE...: the second ones without the first
	local -A not=()
	local file
	while [[ $1 != -- ]]; do
		not[$1]=1
		shift
	done
	shift
	for file; do
		[[ ${not[$file]-} ]] || printf '%s\n' "$file"
	done
}

mapfile -t lib < <(find lib -name '*.[ch]')
mapfile -t cli < <(find cli -name '*.[ch]')
mapfile -t no_ioctl < <(except lib/kernel/control.c lib/machine/blockdev.c cli/common/term.c -- \
	include/*.h "${lib[@]}" "${cli[@]}" examples/*.[ch])
none 'ioctl( stands in lib/kernel/control.c, lib/machine/blockdev.c and cli/common/term.c alone' 'ioctl\(' "${no_ioctl[@]}"
none 'cli/ knows neither lib/ nor the kernel header' \
	'#include ["<](\.\./|lib/|(base|rows|targets|wire|kernel|machine|verbs|stacks)/|linux/dm-ioctl)' "${cli[@]}"

# A room uses those on its left alone, in lib/ and in cli/: rooms.py has their order. No circles.
rooms=$(tests/rooms.py "$build" 2>&1)
grep -v '^# ' <<<"$rooms" | report 'each room uses what stands to its left, and no files are in a circle'
grep '^# ' <<<"$rooms"
awk '/^# / && $2 < 14 { print "only " $2 " rooms" }' <<<"$rooms" | report 'the rooms are there'

none 'lib/rows/, lib/targets/ and lib/wire/ do no I/O' \
	'\b(open|openat|creat|read|write|pread|pwrite|fopen|fread|fwrite|fprintf|printf|puts|fputs|putchar|perror|stat|lstat|poll|socket)\(|<(fcntl|unistd|sys/stat)\.h>' \
	lib/rows/*.[ch] lib/targets/*.[ch] lib/wire/*.[ch]
none 'lib/rows/ and lib/targets/ know no header of the kernel' '<linux/|<sys/' lib/rows/*.[ch] lib/targets/*.[ch]
none 'lib/ prints nothing' '\b(printf|puts|putchar|perror)\(|\b(stdout|stderr)\b' "${lib[@]}"
none 'lib/ reads no environment' '\b(secure_)?getenv\b|\benviron\b' "${lib[@]}"
none 'lib/ installs no signal handlers' '\b(signal|sigaction|alarm|setitimer)\(' "${lib[@]}"
none 'lib/ ends no process' '\b(exit|_exit|abort|assert)\(' "${lib[@]}"
none 'lib/verbs/doctor*.c resumes and removes no device, and opens none' \
	'\bdmk_(resume|remove|remove_all|suspend|get_blockdev)\(|\bDM_(DEV_REMOVE|DEV_SUSPEND|REMOVE_ALL)|\bopen\(' \
	lib/verbs/doctor*.[ch]
none 'lib/base/ and blockdev.c know no device-mapper' 'dm_ioctl|DM_[A-Z]' lib/base/*.[ch] lib/machine/blockdev.[ch]
mapfile -t no_semaphores < <(except lib/machine/udev-cookie.c -- "${lib[@]}" "${cli[@]}")
none 'semaphores stand in lib/machine/udev-cookie.c alone' '\bsem(get|ctl|op|timedop)\(|<sys/sem\.h>' "${no_semaphores[@]}"
none 'lib/machine/udev-cookie.c knows no requests and no nodes' 'dmk_node|DM_[A-Z]' lib/machine/udev-cookie.c
mapfile -t no_uapi < <(except lib/wire/uapi.h -- "${lib[@]}")
none 'the kernel header comes through lib/wire/uapi.h' '#include <linux/dm-ioctl\.h>' "${no_uapi[@]}"

# Data that can be written to: .data, .bss, common and thread-local symbols. .data.rel.ro is not: it is
# constant once the addresses in it are known.
if [[ -e $build/libdmkit.a ]]; then
	nm -f sysv "$build/libdmkit.a" 2>&1 |
		awk -F '|' '$7 ~ /^ *(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && $7 !~ /^ *\.data\.rel\.ro/ { print $1 $7 }' |
		report 'lib/ has no data that changes'
else
	echo "no $build/libdmkit.a" | report 'lib/ has no data that changes'
fi

all_c() {
	find include lib cli tests bench lab demo examples -name '*.[ch]' -not -path 'include/*' -not -path '*/.*' 2>/dev/null
}

all_c | xargs -r wc -l | awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }' |
	report 'no file has more than 500 lines'
all_c | xargs -r awk '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ && start { if (FNR - start - 1 > 80) print FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0 }
' | report 'no function has more than 80 lines'
all_c | xargs -r awk '
	FNR == 1 && $0 !~ /SPDX-License-Identifier: MIT/ { print FILENAME ": no license line" }
' | report 'every C file names its license'
grep -oE 'tests/[a-z0-9/.-]+\.(c|sh|py|txt)' tests/found.md | sort -u | while read -r file; do
	[[ -e $file ]] || echo "$file"
done | report 'the tests that tests/found.md names are there'
finish
