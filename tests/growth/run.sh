#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing is quadratic: ten times as much takes at most eleven times the instructions, counted by valgrind.
set -u
top=$(readlink -f "${BASH_SOURCE[0]%/*}/../..")
program=$top/build/tests/growth/growth
few=400
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
failed=0

instructions() { # WORK N
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>"$errors" >/dev/null || return
	sed -n 's/.*Collected : //p' "$errors"
}

for work in parse build read check list info table status deps tree remove; do
	a=$(instructions $work $few) && b=$(instructions $work $((few * 10))) || a=
	if [[ $a && $b && $b -le $((a * 11)) ]]; then
		printf 'ok - %s: %s instructions for %s, %s for %s\n' $work "$a" $few "$b" $((few * 10))
	else
		printf 'not ok - %s: %s instructions for %s, %s for %s\n' $work "${a:-?}" $few "${b:-?}" $((few * 10))
		sed 's/^/# /' "$errors"
		failed=1
	fi
done
exit $failed
