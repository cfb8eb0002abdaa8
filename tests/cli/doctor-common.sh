# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the suites of dmkit doctor: after common.sh, in a lab without devices.
# shellcheck disable=SC2154 # work and dm_major are common.sh's

need_no_devices

# The findings alone, without the facts before them.
found() { # NAME EXIT FINDINGS ARGUMENT...
	local name=$1 status=$2 expected=$3 result
	shift 3
	"$DMKIT" doctor "$@" >"$work/out" 2>"$work/err"
	result=$?
	sed '1,/^$/d' "$work/out" >"$work/findings"
	{
		[[ $result == "$status" ]] || printf 'exit code %s, expected %s\n' "$result" "$status"
		compare findings "$expected" "$work/findings"
		compare stderr '' "$work/err"
	} >"$work/diff"
	if [[ -s $work/diff ]]; then
		not_ok "$name" <"$work/diff"
	else
		ok "$name"
	fi
}
