#!/bin/bash
# The half of the demo that runs as root in the lab: demo/run says what it is about. Every step is
# checked; "demo: ok" is printed only behind the last check.

set -Eeuo pipefail
export LC_ALL=C

readonly work=$1
readonly top=${work%/build/demo}
PATH=$top/build:$PATH
declare -a offset size root_digest name
victim='' flip=''
# shellcheck source=/dev/null
. "$work/settings"
checks=0
trap 'echo "demo: failed: $BASH_COMMAND" >&2' ERR

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'demo: failed: %s\n' "$*" >&2
	exit 1
}

checked() { # WHAT
	checks=$((checks + 1))
	printf '   ok: %s\n' "$*"
}

# A command as a shell would take it, broken where it gets long.
show() { # COMMAND...
	local line='   $' word
	for word; do
		if ((${#line} + ${#word} > 96)); then
			printf '%s \\\n' "$line"
			line='      '
		fi
		line+=" $word"
	done
	printf '%s\n' "$line"
}

run() { # COMMAND...
	show "$@"
	"$@" || die "exit status $? of: $*"
}

indent() {
	sed 's/^/     /'
}

is() { # WHAT SHOULD IS
	[[ $2 == "$3" ]] || die "$1 should be '$2' and is '$3'"
}

check_files() { # NUMBER
	local n
	n=$(find "/mnt/root$1" -type f | wc -l)
	is "the number of files in root$1" "$(wc -l <"$work/layer$1.files")" "$n"
	(cd "/mnt/root$1" && sha256sum --check --strict --quiet "$work/layer$1.files")
	checked "root$1: all $n files have the host's sha256"
}

say "2. In the VM, $(uname -sr) with device-mapper: each layer is mounted by one command. Below it are a"
say '   mapping of its part of the disk, and one that checks every block that is read against the tree.'
disk=$(losetup --find --show "$work/disk.img")
for n in 0 1; do
	name[n]=image-${root_digest[n]:0:32}
	mkdir -p /mnt/root$n
	run dmkit image mount "$disk" /mnt/root$n "${root_digest[n]}" --offset "${offset[n]}" --size "${size[n]}"
	is "the size of layer$n" "${size[n]}" $(($(dmkit table "${name[n]}-data" | cut -d ' ' -f 2) * 512))
	is "the status of root$n" "V" "$(dmkit status --raw "${name[n]}" | cut -d ' ' -f 4)"
done
checked "both are there, each of the size it was told"
for n in 0 1; do
	check_files $n
done

say
say '3. What stands on what:'
run dmkit tree | sed '2,$s/^/     /'
for device in "${name[@]}" "${name[@]/%/-data}" "${disk#/dev/}"; do
	dmkit tree | grep -q -w -e "$device" || die "$device is not in the tree"
done
checked 'all five are in it'

say
say '4. Taken down from the wrong end, nothing breaks, and the answer is who is in the way.'
status=0
show dmkit remove "${name[0]}-data" --deadline 200ms
dmkit remove "${name[0]}-data" --deadline 200ms 2>"$work/error" || status=$?
indent <"$work/error"
is 'the exit status' 4 "$status"
grep -q -w -e "${name[0]}" "$work/error" || die 'the holder was not named'
is 'how many are active' 4 "$(dmkit list --columns state --no-headings | grep -c -w active)"
checked 'exit status 4, the holder is named, and all is as it was'

say
say "5. Somebody changes one byte of the disk below: the first one of $victim."
is 'the status before' 'V' "$(dmkit status --raw "${name[0]}" | cut -d ' ' -f 4)"
byte=$(od -An -tu1 -j "$flip" -N 1 "$disk" | tr -d ' ')
is 'the byte on the disk' "$(od -An -tu1 -N 1 "/mnt/root0/$victim" | tr -d ' ')" "$byte"
printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
	dd of="$disk" bs=1 seek="$flip" conv=notrunc,fsync status=none
echo 3 >/proc/sys/vm/drop_caches
status=0
show cat "/mnt/root0/$victim"
cat "/mnt/root0/$victim" >/dev/null 2>"$work/error" || status=$?
indent <"$work/error"
((status != 0)) || die 'the read did not fail'
grep -q 'Input/output error' "$work/error" || die 'the read failed with something else'
checked 'the read fails with an I/O error'
run dmkit status "${name[@]}" | sed '2,$s/^/     /'
is 'the status of root0' C "$(dmkit status --raw "${name[0]}" | cut -d ' ' -f 4)"
is 'the status of root1' V "$(dmkit status --raw "${name[1]}" | cut -d ' ' -f 4)"
checked 'root0 is known to be corrupted, root1 is not'
check_files 1

say
say '6. All of it away again: what is below goes with the mount, whoever unmounts it.'
run umount /mnt/root0
run dmkit image umount /mnt/root1
run losetup -d "$disk"
devices=$(dmkit list)
nodes=$(ls -A /dev/mapper)
loops=$(losetup --list --noheadings)
is 'the list of devices' '' "$devices"
is 'what is in /dev/mapper' control "$nodes"
is 'the list of loop devices' '' "$loops"
checked 'no device, no node and no loop device is left'

say
((checks == 9)) || die "only $checks checks were made"
say "demo: ok"
