#!/bin/bash
# SPDX-License-Identifier: MIT
# dmkit's judgement of tables beside the kernel's: `tests/against/run.sh [N [SEED]]`. About N tables, 400 unless given,
# are made by cases.py, always the same for a SEED; judge.c asks both in the lab; compare.py sorts. Each difference must
# have its reason in differences.txt; from 10000 tables on, which take ten minutes, reasons without any are listed.
set -eu
top=$(readlink -f "${BASH_SOURCE[0]%/*}/../..")
cd "$top"
build=${BUILD:-build}
n=${1:-400} seed=${2:-1}
work=$(mktemp -d "$build/against.XXXXXX")
trap 'rm -rf "$work"' EXIT

python3 -B tests/against/cases.py "$n" "$seed" >"$work/cases"
./dev lab --timeout $((60 + n / 5)) -- "$build/tests/against/judge" "$work/cases" >"$work/judged"
if [[ $(wc -l <"$work/cases") -ne $(wc -l <"$work/judged") ]]; then
	echo 'not ok - all were judged'
	exit 1
fi
[[ -z ${KEEP:-} ]] || cp "$work/judged" "$KEEP"
if ((n < 10000)); then
	python3 -B tests/against/compare.py "$work/judged" tests/against/differences.txt
else
	python3 -B tests/against/compare.py "$work/judged" tests/against/differences.txt --all
fi
