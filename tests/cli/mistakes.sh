#!/bin/bash
# SPDX-License-Identifier: MIT
# What a mistake is answered: `./dev lab -- tests/cli/mistakes.sh [NAME...]`. Each file in mistakes/ is one:
#
#	# who makes it, and why
#	+ COMMAND		what stands before it, and says nothing
#	$ COMMAND		the mistake
#	! 2			the exit code
#	...			all that it says, standard output and error together, to the file's end
#
# It runs in an empty folder, without devices; /dev/ram0 and /dev/ram1 have 16 MiB. What differs from run to run is
# masked: device-mapper's major is DM, a process PID. What is left running writes its number to the file pid. With
# WRITE=1 the files in build/mistakes/ are as they should be if all that was said were right: read it as the one who
# made the mistake would, before it is taken.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
need_no_devices
export DMKIT TERM=dumb
dmkit() {
	"$DMKIT" "$@"
}
# Not root: neither its rights nor its groups.
as_user() {
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all -- "$@"
}
export -f dmkit as_user

# What is this machine's own.
mask="s,$work/,,g; s/\(pid [0-9]+\)/(pid PID)/g; s/\"pid\": [0-9]+/\"pid\": PID/g
	s/lookup failed \(-ENO(DEV|ENT)\)/lookup failed (-ENODEV)/; s/Linux [0-9]+\.[0-9.]+[^ :,]*/Linux RELEASE/g"

clean() {
	if [[ -d $work/mnt ]] && mountpoint -q "$work/mnt"; then umount "$work/mnt"; fi
	if [[ -s $work/in/pid ]]; then kill "$(<"$work/in/pid")"; fi
	"$DMKIT" remove --all --deadline 20 >/dev/null 2>&1
}

one() { # FILE
	local name=${1##*/} line before='' command='' expected said status
	local -a left=("$work/in"/*)
	[[ ! -e ${left[0]} ]] || rm -rf "${left[@]}"
	{
		while IFS= read -r line; do
			case $line in
			'#'*) ;;
			'+ '*) before+=${line#+ }$'\n' ;;
			'$ '*)
				command=${line#'$ '}
				break
				;;
			*) break ;;
			esac
			printf '%s\n' "$line"
		done
		printf '$ %s\n' "$command"
	} <"$1" >"$work/said"
	: >"$work/before"
	[[ -z $before ]] || bash -c "$before" >"$work/before" 2>&1 </dev/null
	bash -c "$command" >"$work/out" 2>&1 </dev/null
	status=$?
	printf '! %s\n' $status >>"$work/said"
	normalise <"$work/out" >>"$work/said"
	clean
	[[ ! -s $work/before ]] || sed 's/^/# before it: /' "$work/before"
	read_file expected "$1"
	read_file said "$work/said"
	if [[ $said == "$expected" ]]; then
		ok "mistake $name"
	else
		diff -u --label expected "$1" --label said "$work/said" | not_ok "mistake $name"
	fi
	if [[ ${WRITE-} ]]; then
		mkdir -p "$here/../../build/mistakes"
		cp "$work/said" "$here/../../build/mistakes/$name"
	fi
}

mkdir "$work/in" && cd "$work/in" || exit 1
files=("$here"/mistakes/*)
if (($#)); then files=("${@/#/$here/mistakes/}"); fi
for file in "${files[@]}"; do
	one "$file"
done
exit $((failures > 0))
