# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the suites of the completion: after common.sh. What dmkit complete says, and what bash, zsh and fish make of it.
# shellcheck disable=SC2154 # work and here are common.sh's

DMKIT=$(readlink -f "$DMKIT")
completions=$here/../../completions
mkdir "$work/files" "$work/files/folder" "$work/bin"
touch "$work/files/"{table1,table2,'a file'}
ln -s "$DMKIT" "$work/bin/dmkit"
PATH=$work/bin:$PATH
cd "$work/files" || exit 1

# What may stand for the last word, sorted, on one line, commas between; files: of a path.
candidates() { # NAME EXPECTED WORD...
	local name=$1 expected=$2
	shift 2
	"$DMKIT" complete -- "$@" >"$work/out" 2>"$work/err"
	expect "$name" test "$? $(sed $'s/^\t/files:/; s/\t.*//' "$work/out" | LC_ALL=C sort | paste -s -d ,)$(<"$work/err")" = "0 $expected"
}

# Each line is what is typed, a tab, and what the line is after it.
by_shells() { # CASES: own[SHELL] has what a shell writes in its own way
	local shell
	local -A file=([bash]=dmkit.bash [zsh]=_dmkit [fish]=dmkit.fish)
	for shell in bash zsh fish; do
		if ! python3 "$here/shells.py" $shell "$completions/${file[$shell]}" <<<"$1${own[$shell]-}" >"$work/shell" 2>&1; then
			grep -q '^not ok' "$work/shell" || sed -i "1i not ok - $shell" "$work/shell"
		fi
		cat "$work/shell"
		failures=$((failures + $(grep -c '^not ok' "$work/shell")))
	done
}
