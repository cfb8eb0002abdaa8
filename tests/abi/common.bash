# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the scripts beside it and layers.sh. BUILD is where the library was built.

top=$(readlink -f "${BASH_SOURCE[0]%/*}/../..")
# shellcheck disable=SC2034
build=${BUILD:-$top/build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$top" || exit 1
shopt -s lastpipe # report counts although it stands in a pipe
failures=0

# What stdin says is what is wrong.
report() { # NAME
	local wrong
	wrong=$(cat)
	if [[ -z $wrong ]]; then
		printf 'ok - %s\n' "$1"
	else
		printf 'not ok - %s\n' "$1"
		printf '# %s\n' "${wrong//$'\n'/$'\n# '}"
		failures=$((failures + 1))
		return 1
	fi
}

# That the command succeeds and says nothing; its own result is this one's.
quiet() { # NAME COMMAND...
	local name=$1
	shift
	{
		"$@" 2>&1 || printf 'exit status %s: %s\n' $? "$*"
	} | report "$name"
}

finish() {
	exit $((failures > 0))
}
