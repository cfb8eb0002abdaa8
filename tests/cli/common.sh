# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the suites of the command: runs it and compares standard output, standard error and exit code.
#
#   check NAME EXIT STDOUT STDERR -- ARGUMENT...
#
# STDOUT and STDERR are exact, but for the last line break, after what differs from run to run was replaced:
# device-mapper's major by DM, times and tries by N. "*" is anything, "json" an array that python3 can read,
# "json-error" one {"error": {...}} in one line, "%TEXT" one line that has TEXT in it, and lines of a table's text, which
# begin with blanks, behind it. The JSON is read at the end.

# `... | not_ok` counts in this shell.
shopt -s lastpipe

here=$(cd -- "${BASH_SOURCE[0]%/*}" && pwd)
DMKIT=${DMKIT:-$here/../../build/dmkit}
# shellcheck source-path=SCRIPTDIR source=keep.sh
. "$here/keep.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/json"
failures=0
json_count=0
dm_major=$(awk '$2 == "device-mapper" { print $1 }' /proc/devices)

linux_since() { # MAJOR MINOR
	local release
	IFS=.- read -ra release < <(uname -r)
	((release[0] > $1 || (release[0] == $1 && release[1] >= $2)))
}

# Of suites that remove all devices there are: there must be none.
need_no_devices() {
	local there
	if [[ -z $dm_major ]] || ! there=$("$DMKIT" list) || [[ -n $there ]]; then
		echo 'not ok - the lab: device-mapper, without devices'
		exit 1
	fi
}

dm() { # ARGUMENT...: a step that is not the thing tested
	"$DMKIT" "$@" || printf '# failed: dmkit %s\n' "$*"
}

wait_for() { # COMMAND...: until it succeeds, 5 s at most
	local i
	for ((i = 0; i < 50; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	printf '# never: %s\n' "$*"
}

ok() { # NAME
	printf 'ok - %s\n' "$1"
}

not_ok() { # NAME, and what differs on stdin
	printf 'not ok - %s\n' "$1"
	sed 's/^/# /'
	failures=$((failures + 1))
}

skip() { # NAME WHY
	printf 'skip - %s: %s\n' "$1" "$2"
}

expect() { # NAME COMMAND...: that it succeeds
	local name=$1
	shift
	if "$@" >"$work/expect" 2>&1; then
		ok "$name"
	else
		{
			printf 'failed: %s\n' "$*"
			cat "$work/expect"
		} | not_ok "$name"
	fi
}

# The helpers below start no program where all is well: each costs as much time in the lab as a check.

# Into the variable; status 1: it has NULs in it, and is cut at the first.
read_file() { # VARIABLE FILE
	local -a parts
	mapfile -d '' parts <"$2"
	printf -v "$1" '%s' "${parts[0]-}"
	((${#parts[@]} < 2))
}

# Without what differs from run to run. A suite's own expressions of sed for that stand in mask.
mask=''
normalise() { # stdin
	LC_ALL=C sed -E "s/\b${dm_major:-none}:([0-9])/DM:\1/g; s/after [0-9]+ tries in [0-9.]+ s/after N tries in N s/
		s/in [0-9]+ us\$/in N us/; s/\"(spent_ms|tries)\": [0-9]+/\"\1\": N/g; s/(\"major\": )${dm_major:-none}\b/\1DM/g
		$mask"
}

# Device-mapper's major alone, which is most of it, of the text in the variable.
normalise_major() { # VARIABLE
	local -n text=$1
	local rest=$text whole=''
	while [[ $rest == *"${dm_major:-none}:"* ]]; do
		whole+=${rest%%"$dm_major:"*}
		rest=${rest#*"$dm_major:"}
		if [[ $whole == *[[:alnum:]_] || $rest != [0-9]* ]]; then whole+=$dm_major:; else whole+=DM:; fi
	done
	text=$whole$rest
}

# Prints what differs between the file and what was expected of it.
compare() { # WHAT EXPECTED FILE
	local got line lines=0
	case $2 in
	'*') ;;
	json | json-error)
		# Read by finish, all at once: python3 takes two seconds to start in the lab.
		json_count=$((json_count + 1))
		printf -v line '%s/%04d %s %s' "$work/json" $json_count "$2" "${name//\//_}"
		if read_file got "$3"; then printf '%s' "$got" >"$line"; else cp "$3" "$line"; fi
		;;
	'%'*)
		read_file got "$3"
		while IFS= read -r line; do
			[[ $line == '  '* ]] || lines=$((lines + 1))
		done <<<"${got%$'\n'}"
		if [[ $lines -ne 1 || $got != *"${2#%}"* ]]; then
			printf '%s: one line with "%s" was expected:\n' "$1" "${2#%}"
			cat "$3"
		fi
		;;
	'')
		[[ ! -s $3 ]] || sed "s/^/$1, where nothing was expected: /" "$3"
		;;
	*)
		if read_file got "$3"; then
			[[ $got != "$2"$'\n' ]] || return 0
			normalise_major got
			[[ $got != "$2"$'\n' ]] || return 0
		fi
		normalise <"$3" >"$3.normal"
		printf '%s\n' "$2" >"$3.expected"
		cmp -s "$3.expected" "$3.normal" || diff -u --label "$1, expected" --label "$1" "$3.expected" "$3.normal"
		;;
	esac
}

check() { # NAME EXIT STDOUT STDERR -- ARGUMENT...
	local name=$1 status=$2 out=$3 err=$4
	shift 5
	"$DMKIT" "$@" >"$work/out" 2>"$work/err" <"${input:-/dev/null}"
	result=$?
	keep $result "$work/out" "$work/err" "$@"
	{
		[[ $result == "$status" ]] || printf 'exit code %s, expected %s\n' "$result" "$status"
		compare stdout "$out" "$work/out"
		compare stderr "$err" "$work/err"
	} >"$work/diff"
	if [[ -s $work/diff ]]; then
		{
			cat "$work/diff"
			[[ $err == '' ]] || cat "$work/err"
		} | not_ok "$name"
	else
		ok "$name"
	fi
}

# A line for each JSON text that was kept by compare.
check_json() {
	python3 - "$work/json" <<'END'
import json, os, sys

for file in sorted(os.listdir(sys.argv[1])):
    number, kind, name = file.split(" ", 2)
    with open(os.path.join(sys.argv[1], file), "rb") as stream:
        text = stream.read()
    try:
        text = text.decode("utf-8")
        if kind == "json":
            assert isinstance(json.loads(text), list), "no array"
        else:
            assert text.count("\n") == 1, "not one line"
            error = json.loads(text)["error"]
            for key in "cause", "step", "verb", "device", "segment", "errno", "code", "text", "holders":
                assert key in error, "no " + key
        print("ok - %s: is JSON" % name)
    except (ValueError, KeyError, AssertionError) as e:
        print("not ok - %s: is JSON\n# %s" % (name, e))
END
}

finish() {
	check_json >"$work/checked" || echo 'not ok - python3' >>"$work/checked"
	cat "$work/checked"
	failures=$((failures + $(grep -c '^not ok' "$work/checked")))
	((failures == 0))
	exit
}
