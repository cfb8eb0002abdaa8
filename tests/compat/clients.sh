# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the tests that run programs of others, which call `dmsetup`: sourced.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0 failures=0

ok() { # NAME
	checks=$((checks + 1))
	printf 'ok - %s\n' "$1"
}

not_ok() { # NAME, and what went wrong on stdin
	checks=$((checks + 1)) failures=$((failures + 1))
	printf 'not ok - %s\n' "$1"
	sed 's/^/# /'
}

expect() { # NAME COMMAND...: that it succeeds
	if "${@:2}" >"$work/expect" 2>&1; then
		ok "$1"
	else
		not_ok "$1" < <(printf 'status %s: %s\n' $? "${*:2}" && cat "$work/expect")
	fi
}

same() { # NAME IS EXPECTED
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" <<<"is: $2, expected: $3"
	fi
}

# In this root there is no other dmsetup: udev's rules call it by this path.
only_dmsetup() { # PROGRAM
	ln -sf "$(readlink -f "$1")" /usr/sbin/dmsetup
	PATH=/usr/sbin:$PATH
}

finish() {
	((failures == 0))
	exit
}
