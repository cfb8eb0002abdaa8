# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Keeps what dmkit said with --json in the folder RESULTS, where there is one, for results.py. A file is, with a NUL
# behind each: how many words, the words, the exit code, standard output; then standard error.

keep_id=${0##*/}.${EPOCHREALTIME//[.,]/}.$$
keep_count=0

keep() { # EXIT OUT ERR ARGUMENT...: files, and the words that dmkit got
	local status=$1 out=$2 err=$3 text
	shift 3
	[[ -n ${RESULTS-} && " $* " == *' --json '* ]] || return 0
	keep_count=$((keep_count + 1))
	{
		printf '%s\0' $# "$@" "$status"
		IFS= read -r -d '' text <"$out" # no program: each costs time in the lab
		printf '%s\0' "$text"
		IFS= read -r -d '' text <"$err"
		printf '%s' "$text"
	} >"$RESULTS/$keep_id.$keep_count"
}
