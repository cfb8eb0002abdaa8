#!/bin/bash
# SPDX-License-Identifier: MIT
# The command where no kernel is needed, or none is there: usage, help, dry runs, exit 6.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# --- usage -------------------------------------------------------------------------------------------------

commands='create replace load check clear suspend resume remove rename set-uuid set-geometry list tree info table status export plan apply down stacks gc with deps holders message wait monitor doctor targets target-version version help complete'

check 'no words: usage' 2 '' "usage: dmkit [OPTION]... COMMAND [ARGUMENT]...
commands: $(fold -sw 71 <<<"${commands// /, }" | sed 's/ $//; 2,$s/^/          /')
'dmkit help' says more" --
check 'unknown command, something near' 2 '' \
	"dmkit: no command 'crate'; the nearest: create (see 'dmkit help')" -- crate
check 'a word of other tools' 2 '' "dmkit: no command 'rm'; dmkit's word for it: remove (see 'dmkit help')" -- rm a
check 'a word of dmsetup' 2 '' "dmkit: no command 'remove_all'; dmkit's word for it: remove --all (see 'dmkit help')" -- remove_all
check 'an option with two letters swapped' 2 '' "dmkit: unknown option --tabel; the nearest: --table (see 'dmkit help')" \
	-- create a --tabel '0 8 zero'
check 'a topic of help' 2 '' \
	"dmkit: help: 'verty' is neither a command nor a target that dmkit knows; the nearest: verity (see 'dmkit help help')" -- help verty
check 'what nothing is near' 2 '' "%no command 'frobnicate'; there are: create, replace, load," -- frobnicate
check 'unknown command, the beginning of several' 2 '' \
	"dmkit: no command 'set'; the nearest: set-uuid, set-geometry (see 'dmkit help')" -- set
check 'unknown command, nothing near' 2 '' \
	"dmkit: no command 'frobnicate'; there are: ${commands// /, } (see 'dmkit help')" -- frobnicate
check 'unknown option' 2 '' \
	"dmkit: unknown option --bogus; after -- words may begin with - (see 'dmkit help')" -- list --bogus
check 'unknown letter' 2 '' "dmkit: unknown option -x; after -- words may begin with - (see 'dmkit help')" -- list -x
check 'negative number' 2 '' \
	"dmkit: unknown option -1; after -- words may begin with - (see 'dmkit help')" -- wait data -1
check 'negative number after --' 2 '' \
	"dmkit: wait: EVENT-NR is a number up to 4294967295, not '-1' (see 'dmkit help wait')" -- wait -- data -1
check 'an option of another command' 2 '' \
	"dmkit: list: takes no --force (see 'dmkit help list')" -- list --force
check 'value missing' 2 '' "dmkit: --uuid needs a value (see 'dmkit help')" -- info --uuid
check 'value too many' 2 '' "dmkit: --json takes no value (see 'dmkit help')" -- list --json=yes
check 'twice' 2 '' "dmkit: --table is given twice (see 'dmkit help')" -- create a --table '0 8 zero' --table '0 8 zero'
check 'argument too many' 2 '' "dmkit: list: 'x' is one argument too many (see 'dmkit help list')" -- list x
check 'argument missing' 2 '' "dmkit: suspend: needs NAME... or --prefix (see 'dmkit help suspend')" -- suspend
check 'second argument missing' 2 '' \
	"dmkit: rename: needs NAME NEW-NAME, and got less (see 'dmkit help rename')" -- rename a
check 'two addresses' 2 '' \
	"dmkit: info: --uuid and --devno both name a device (see 'dmkit help info')" -- info --uuid a --devno 1:2
check 'an address and a name' 2 '' \
	"dmkit: info: 'x' is one argument too many (see 'dmkit help info')" -- info --uuid a x
check 'an address instead of a name' 2 '' \
	"dmkit: rename: needs NAME NEW-NAME without NAME (see 'dmkit help rename')" -- rename --uuid a
check 'remove nothing' 2 '' "dmkit: remove: needs NAME..., --prefix or --all (see 'dmkit help remove')" -- remove
check 'remove --all and a name' 2 '' \
	"dmkit: remove: --all takes no NAME, no --uuid, --devno or --cancel-deferred (see 'dmkit help remove')" \
	-- remove --all x
check 'remove --prefix and a name' 2 '' \
	"dmkit: remove: --prefix takes no NAME, no --uuid, --devno or --cancel-deferred (see 'dmkit help remove')" \
	-- remove --prefix a x
check 'remove --prefix and --all' 2 '' \
	"dmkit: remove: --all and --prefix exclude each other (see 'dmkit help remove')" -- remove --prefix a --all
check 'an empty prefix' 2 '' \
	"dmkit: --prefix '': allowed is the beginning of names, not empty; all there are is --all (see 'dmkit help')" \
	-- remove --prefix ''
check 'the beginning of an option' 0 'DM_DEV_CREATE name=a' '' -- create --no-t --dry a --dead=1
check 'the beginning of several' 2 '' \
	"dmkit: option --de=1 is the beginning of several; the nearest: --deadline, --devno, --deferred (see 'dmkit help')" -- list --de=1
check 'no name of an option' 2 '' \
	"dmkit: unknown option --=1; after -- words may begin with - (see 'dmkit help')" -- list --=1
check 'a letter behind -h' 2 '' "dmkit: unknown option -x; after -- words may begin with - (see 'dmkit help')" -- list -hx
check 'a value that begins with -' 2 '' '%--deadline '\''-h'\'': allowed is' -- list --deadline -h
check 'words between options, and behind --' 2 '' \
	"dmkit: rename: '--uuid' is one argument too many (see 'dmkit help rename')" -- --dry rename a --trace -- b --uuid
check '- is a word' 2 '' "dmkit: list: '-' is one argument too many (see 'dmkit help list')" -- list -
check 'usage error as JSON, --json last' 2 '' json-error -- list --bogus --json
export POSIXLY_CORRECT=1
check 'options behind words, whatever POSIXLY_CORRECT' 0 'DM_DEV_CREATE name=a
DM_TABLE_LOAD name=a targets=1: 0 8 zero
DM_DEV_SUSPEND name=a' '' -- create a zero size=8s --dry-run
unset POSIXLY_CORRECT

deadline="a number with ms, s or m, plain is seconds, up to 146 years; 0 tries once (see 'dmkit help')"
for value in -1 '' x 1h 1.5 ' 1' +1 1sm 99999999999999999999 4611686019 4611686018428ms; do
	check "--deadline '$value'" 2 '' "dmkit: --deadline '$value': allowed is $deadline" -- list --deadline "$value"
done
for value in 0 1 5s 250ms 2m 4611686018 4611686018427ms; do
	check "--deadline $value" 0 'DM_DEV_CREATE name=a' '' -- create a --no-table --dry-run --deadline "$value"
done
check '--deadline=VALUE' 0 'DM_DEV_CREATE name=a' '' -- create a --no-table --dry-run --deadline=1s
check '--no-udev' 0 'DM_DEV_CREATE name=a' '' -- --no-udev create a --no-table --dry-run
check '--udev' 0 'DM_DEV_CREATE name=a' '' -- --udev off create a --no-table --dry-run
check '--udev and a word that is none' 2 '' "dmkit: --udev 'yes': allowed is auto, on or off (see 'dmkit help')" \
	-- list --udev yes
check '--udev and --no-udev' 2 '' "dmkit: list: --udev and --no-udev both say how it is (see 'dmkit help list')" \
	-- list --udev on --no-udev
check '--mode' 2 '' "dmkit: --mode '0888': allowed is octal permission bits from 1 to 777 (see 'dmkit help')" \
	-- create a --no-table --mode 0888
check '--minor' 2 '' "dmkit: --minor '1048576': allowed is a number from 0 to 1048575 (see 'dmkit help')" \
	-- create a --no-table --minor 1048576
check '--devno' 2 '' "dmkit: --devno '0:1': allowed is MAJOR:MINOR, two numbers, up to 4095:1048575, MAJOR not 0 (see 'dmkit help')" \
	-- info --devno 0:1
check '--uid' 2 '' "dmkit: --uid '-1': allowed is the name of a user, or a number from 0 to 4294967294 (see 'dmkit help')" -- create a --no-table --uid=-1
check '--gid of no group' 2 '' "dmkit: --gid 'nosuch': allowed is the name of a group, or a number from 0 to 4294967294 (see 'dmkit help')" \
	-- create a --no-table --gid nosuch
check '--sector' 2 '' \
	"dmkit: --sector '18446744073709551616': allowed is a number from 0 to 18446744073709551615 (see 'dmkit help')" \
	-- message a --raw --sector 18446744073709551616 x
check '--read-ahead' 2 '' \
	"dmkit: --read-ahead '++1': allowed is a number of sectors from 0 to 2147483647, with + for a minimum (see 'dmkit help')" \
	-- create a --no-table --read-ahead ++1

# --- help --------------------------------------------------------------------------------------------------

check 'help' 0 '*' '' -- help
check '--help' 0 '*' '' -- --help
check '-h' 0 '*' '' -- -h
for command in $commands; do
	# `help targets` is the list of targets that dmkit knows.
	[[ $command == targets ]] && continue
	check "help $command" 0 '*' '' -- help "$command"
	mv "$work/out" "$work/help"
	check "$command --help" 0 "$(cat "$work/help")" '' -- "$command" --help
	expect "help $command has usage and an example" grep -q "^usage: dmkit $command" "$work/help"
	expect "help $command has an example" grep -q "^  .*dmkit $command " <(sed 's/$/ /' "$work/help")
	expect "help lists $command" grep -q "^  $command " <("$DMKIT" help)
done
check 'help --commands' 0 '*' '' -- help --commands
expect 'help --commands names them all' test "$(cut -d ' ' -f 1 "$work/out" | grep -vx -e - | tr '\n' ' ')" = "$commands "
check 'help targets' 0 '*' '' -- help targets
expect 'help targets: one name a line, sorted' sort -cu "$work/out"
targets=$(<"$work/out")
for target in error linear striped verity zero; do
	expect "help targets: $target" grep -qx "$target" <<<"$targets"
done
for target in $targets; do
	check "help $target" 0 '*' '' -- help "$target"
	expect "help $target has size and an example" \
		test "$(grep -cE '^  (size |dmkit create NAME )' "$work/out")" -eq 2
	check "help --keys $target" 0 '*' '' -- help --keys "$target"
	expect "help --keys $target are keys alone" test "$(grep -vcE '^[a-z0-9-]+=$' "$work/out")" -eq 0
done
check 'help of neither' 2 '' \
	"dmkit: help: 'frob' is neither a command nor a target that dmkit knows (see 'dmkit help help')" -- help frob
check '--version' 0 'dmkit 0.1.0' '' -- --version
check '--version with a command' 0 'dmkit 0.1.0' '' -- list --version
"$DMKIT" help >/dev/full 2>"$work/err"
expect 'full disk: exit 1' test $? -eq 1
expect 'full disk: one line' test "$(cat "$work/err")" = \
	'dmkit: write to standard output: No space left on device (-ENOSPC)'
"$DMKIT" help >&- 2>"$work/err"
expect 'closed standard output: exit 1' test $? -eq 1
"$DMKIT" create a --no-table --dry-run --trace 2>&- >"$work/out"
expect 'closed standard error' test "$(cat "$work/out")" = 'DM_DEV_CREATE name=a'

# --- the grammar -------------------------------------------------------------------------------------------

check 'segments' 0 'DM_DEV_CREATE name=a
DM_TABLE_LOAD name=a targets=3: 0 8 linear 7:0 2048; 8 2048 zero; 2056 8 error
DM_DEV_SUSPEND name=a' '' -- create a linear device=7:0 offset=1MiB size=8s + zero size=1MiB + error size=4096 --dry-run
check 'no table' 2 '' \
	"dmkit: create: no table: needs TYPE KEY=VALUE..., --table or --table-file, or --no-table (see 'dmkit help create')" \
	-- create a
check 'two tables' 2 '' \
	"dmkit: create: more than one table: words, --table, --table-file, --no-table exclude each other (see 'dmkit help create')" \
	-- create a zero size=8s --table '0 8 zero'
check 'key first' 2 '' \
	"dmkit: create: a segment begins with a target's type, not with 'size=8s' (see 'dmkit help create')" -- create a size=8s
check 'no key' 2 '' "dmkit: create: 'size' is not KEY=VALUE; segments are joined by + (see 'dmkit help create')" \
	-- create a zero size
check 'empty key' 2 '' "dmkit: create: '=8' is not KEY=VALUE; segments are joined by + (see 'dmkit help create')" \
	-- create a zero =8
for words in '+' '+ zero size=8s' 'zero size=8s +' 'zero size=8s + + zero size=8s'; do
	# shellcheck disable=SC2086
	check "empty segment: $words" 2 '' \
		"dmkit: create: an empty segment: + stands between two segments (see 'dmkit help create')" -- create a $words
done
check 'unknown key' 2 '' '%linear' -- create a linear device=7:0 size=8s offest=1
check 'unknown target' 2 '' '%nosuch' -- create a nosuch size=8s
check 'bad value' 2 '' '%size' -- create a zero size=-8s
check 'size that is no whole sector' 2 '' '%size' -- create a zero size=100
check 'size without a number' 2 '' '%size' -- create a zero size=
check 'key missing' 2 '' '%device' -- create a linear size=8s
check 'size missing' 2 '' '%size' -- create a zero
check 'key twice' 2 '' '%size' -- create a zero size=8s size=8s
check 'size of a missing device' 1 '' '%/dev/nope' -- create a linear device=/dev/nope
check 'the same as JSON' 1 '' json-error -- create a linear device=/dev/nope --json
check 'striped' 0 'DM_DEV_CREATE name=a
DM_TABLE_LOAD name=a targets=1: 0 256 striped 2 64 7:0 0 7:1 2048
DM_DEV_SUSPEND name=a' '' -- create a striped size=256s chunk=64s device=7:0:0 device=7:1:2048s --dry-run

# --- help for programs, and for who comes from dmsetup -----------------------------------------------------

expect 'help --json is as its schema says, and has all there is' \
	"$here/help-json.py" "$DMKIT" "$here/../../cli/help-schema.json"
check 'help --json' 0 json '' -- help --json
check 'help --json of a target' 0 json '' -- help --json verity
check 'help --json of nothing that is known' 2 '' json-error -- help --json nosuch
check 'help dmsetup' 0 '*' '' -- help dmsetup
expect 'help dmsetup fits a terminal' test "$(awk 'length > 80' "$work/out")" = ''
sed '1,/^$/d' "$work/out" | sed 's/^  //' >"$work/rows"
sed -n '/^\.Sh COMING FROM DMSETUP/,/^\.Ed/p' "$here/../../man/dmkit.8" | sed 's/\\-/-/g' >"$work/section"
expect 'dmkit(8) has the same table' test "$(grep -cxFf "$work/rows" "$work/section")" -eq "$(wc -l <"$work/rows")"
"$DMKIT" dmsetup help 2>&1 | awk 'NR > 4 && /^  [a-z]/ { print $1 }' >"$work/verbs"
expect 'there are verbs of dmsetup' test "$(wc -l <"$work/verbs")" -gt 25
while read -r verb; do
	expect "help dmsetup has its $verb" grep -qE "^$verb( |;|\$)" "$work/rows"
done <"$work/verbs"
# dmkit's side: a command, with options that it takes.
tail -n +2 "$work/rows" | cut -c 36- | while read -r command words; do
	[[ $command != dmsetup ]] || continue
	for word in $words; do
		[[ $word != --* ]] || "$DMKIT" help "$command" 2>&1 | grep -q -- "^  $word\b" || [[ $command == COMMAND ]] ||
			echo "$command has no $word"
	done
	[[ $command == COMMAND ]] || "$DMKIT" help "$command" 2>&1 | grep -q "^usage: dmkit $command\b" || [[ $command == targets ]] ||
		echo "there is no $command"
done >"$work/wrong"
expect 'help dmsetup names commands and options that are there' test "$(cat "$work/wrong")" = ''

# An option says what it does in that command, and lines fold where the terminal ends.
help_of() { # COMMAND OPTION
	"$DMKIT" help "$1" | grep -m 1 -A 1 -- "^  --$2 " | xargs
}
expect 'the uuid of create' test "$(help_of create uuid | grep -c 'that the device gets')" = 1
expect 'the uuid of info' test "$(help_of info uuid | grep -c 'the device by its uuid')" = 1
for command in create replace message help; do
	expect "usage of $command folds at 80 columns" test "$("$DMKIT" help "$command" | sed '/^Examples:/,$d' | awk 'length > 80')" = ''
done

script -qec "stty cols 50; $DMKIT help create" /dev/null </dev/null 2>/dev/null | tr -d '\r' >"$work/narrow"
expect 'and of a terminal of 50 columns there' test "$(sed '/^Examples:/,$d' "$work/narrow" | awk 'length > 50')" = ''
expect 'in more lines' test "$(grep -nx 'make a device' "$work/narrow")" = '7:make a device'

# Errors too, at 100 columns at most; in a pipe each is one line.
folded() { # COLUMNS WIDTH ARGUMENT...: what is in lines there is the same
	local name="an error of ${*:3:2} on a terminal of $1 columns"
	script -qec "stty cols $1; $(printf '%q ' "$DMKIT" "${@:3}")" /dev/null </dev/null | tr -d '\r' >"$work/lines"
	"$DMKIT" "${@:3}" 2>"$work/line" </dev/null
	expect "$name: none is longer than $2" test "$(awk -v width="$2" 'length > width' "$work/lines")" = ''
	expect "$name: more than one" test "$(wc -l <"$work/lines")" -gt 1
	expect "$name: the same words" diff <(tr -s ' \n' ' ' <"$work/lines") <(tr -s ' \n' ' ' <"$work/line")
	expect "$name: one line in a pipe" test "$(grep -c '^dmkit: \|^/' "$work/line")" = "$(wc -l <"$work/line")"
}
for columns in 50 80 100 200; do
	width=$((columns < 100 ? columns : 100))
	folded $columns $width list -o nosuch
	folded $columns $width create
	folded $columns $width info --deadline 'the day after the day after tomorrow'
done

# --- the kernel's own text ---------------------------------------------------------------------------------

text() { # NAME LINE:COLUMN TEXT
	printf '%b' "$3" >"$work/table"
	check "table file: $1" 2 '' "%dmkit: $work/table:$2: " -- create a --table-file "$work/table"
	input=$work/table
	check "standard input: $1" 2 '' "%dmkit: -:$2: " -- create a --table-file -
	input=
}
text 'gap' 2:1 '0 8 zero\n9 8 zero\n'
text 'overlap' 2:1 '0 8 zero\n7 8 zero\n'
text 'trailing words' 1:10 '0 8 zero x\n'
text 'negative' 1:1 '-1 8 zero\n'
text 'twenty digits' 1:3 '0 99999999999999999999 zero\n'
text 'beyond the largest size' 1:3 '0 18014398509481984 zero\n'
text 'length 0' 1:3 '0 0 zero\n'
text 'missing type' 1:4 '0 8\n'
text 'missing length' 1:2 '0\n'
text 'NUL byte' 2:5 '0 8 zero\n8 8 zer\0o\n'
text 'second line of three' 2:3 '# comment\n0 x zero\n0 8 zero\n'
{
	printf '0 8 linear '
	head -c 2097152 /dev/zero | tr '\0' x
	echo
} >"$work/table"
check '2 MiB on one line' 2 '' "%dmkit: $work/table:1:12: " -- create a --table-file "$work/table"
expect '2 MiB on one line: a short error' test "$(wc -c <"$work/err")" -lt 2048
check 'a bad table as JSON' 2 '' json-error -- create a --table '0 8 zero x' --json
check '--table, bad' 2 '' '%dmkit: --table:1:10: ' -- create a --table '0 8 zero x'
check 'empty table' 2 '' "dmkit: create: the table is empty (see 'dmkit help create')" -- create a --table ''
check 'table file missing' 1 '' "dmkit: open $work/none: No such file or directory (-ENOENT)" \
	-- create a --table-file "$work/none"
check 'table file is a folder' 1 '' "dmkit: read $work: Is a directory (-EISDIR)" -- create a --table-file "$work"
printf '# comment\n\n0 8 zero\n8 8 error' >"$work/table"
check 'table file' 0 'DM_DEV_CREATE name=a
DM_TABLE_LOAD name=a targets=2: 0 8 zero; 8 8 error
DM_DEV_SUSPEND name=a' '' -- create a --table-file "$work/table" --dry-run

# --- names -------------------------------------------------------------------------------------------------

long=$(printf '%0128d' 0)
check "name with '/'" 2 '' "dmkit: create 'a/b': a name may not contain '/'" -- create a/b zero size=8s
check 'a path elsewhere' 3 '' "dmkit: info: there is no 'a/b'" -- info a/b
check 'empty name' 2 '' '*' -- create '' zero size=8s
check 'name .' 2 '' '*' -- create . zero size=8s
check 'name ..' 2 '' '*' -- create .. zero size=8s
check 'name control' 2 '' '*' -- create control zero size=8s
check '128 bytes' 2 '' '*' -- create "$long" zero size=8s
check '127 bytes' 0 '*' '' -- create "${long#0}" --no-table --dry-run
check 'uuid of 129 bytes' 2 '' '*' -- create a --no-table --uuid "0$long" --dry-run
for verb in clear suspend resume remove info table status deps wait; do
	check "$verb: empty name" 2 '' '*' -- "$verb" ''
	check "$verb: 128 bytes" 2 '' '*' -- "$verb" "$long"
done
check 'rename to a bad name' 2 '' '*' -- rename a b/c
check 'set-geometry: no number' 2 '' \
	"dmkit: set-geometry: HEADS is a number, not 'x' (see 'dmkit help set-geometry')" -- set-geometry a 1 x 1 0
check 'message --raw, two texts' 2 '' \
	"dmkit: message: --raw takes exactly one TEXT (see 'dmkit help message')" -- message a --raw b c

# --- dry runs ----------------------------------------------------------------------------------------------

check '--dry-run --json' 0 '[
  {"request": "DM_DEV_CREATE name=a"},
  {"request": "DM_TABLE_LOAD name=a targets=1: 0 8 zero"},
  {"request": "DM_DEV_SUSPEND name=a"}
]' '' -- create a zero size=8s --dry-run --json
check '--dry-run --trace' 0 'DM_DEV_CREATE name=a' '*' -- create a --no-table --dry-run --trace
expect '--trace: a line a request' grep -qx 'dmkit: trace: DM_DEV_CREATE name=a -> not sent in [0-9]* us' "$work/err"
"$DMKIT" create a --table-file - --dry-run --trace >"$work/out" 2>&1 \
	<<<"0 8 crypt aes-xts-plain64 $(printf '%064d' 123) 0 7:0 0"
expect 'the dry run of a table with a key' grep -q '(hidden)' "$work/out"
expect 'a key is in no dry run and no trace' test "$(grep -c 123 "$work/out")" -eq 0

# --- the manual --------------------------------------------------------------------------------------------

manual=$here/../../man/dmkit.8
for command in $("$DMKIT" help --commands | awk 'NR > 1 { print $1 }'); do
	expect "dmkit(8) has the command $command" grep -qE "^\.It Ic $command( |\$)" "$manual"
done
"$DMKIT" help --manual >"$work/dmkit-targets.7"
if type -P mandoc >/dev/null; then
	expect 'dmkit-targets(7) is sound' mandoc -T lint -W warning "$work/dmkit-targets.7"
fi
for target in $("$DMKIT" help targets); do
	expect "dmkit-targets(7) has $target" grep -qx "\.Ss $target" "$work/dmkit-targets.7"
	keys=$("$DMKIT" help --keys "$target" | sed 's/=$//')
	for key in $keys; do
		grep -qE "^\.It Cm ([a-z-]+ Cm )*$key( |\$)" "$work/dmkit-targets.7" || echo "$target: $key"
	done >"$work/missing"
	expect "and all keys of $target" test ! -s "$work/missing"
done

# --- no device-mapper --------------------------------------------------------------------------------------

if [[ -n $dm_major ]]; then
	skip 'exit 6' 'this kernel has device-mapper'
else
	for words in list tree info 'info a' table status deps targets 'remove a' 'create a --no-table'; do
		# shellcheck disable=SC2086
		check "no device-mapper: $words" 6 '' '%modprobe dm_mod' -- $words
	done
	check 'no device-mapper: its own version' 0 "dmkit   0.1.0
driver  none" '%no device-mapper' -- version
	check 'no device-mapper: version, as JSON' 0 json '' -- version --json
	expect 'no device-mapper: version, as JSON: there is none' grep -qF '"driver": null, "why": "version: ' "$work/out"
	check 'no device-mapper, as JSON' 6 '' json-error -- list --json
	check 'no device-mapper, as dmsetup' 1 '' "/dev/mapper/control: open failed: No such device
Failure to communicate with kernel device-mapper driver.$( ((EUID)) || printf '\n%s' 'Check that device-mapper is available in the kernel.')
Command failed." -- dmsetup ls
fi

# --- called as dmsetup -------------------------------------------------------------------------------------

check 'dmsetup: an unknown option, in the words of glibc' 1 '' "dmsetup: unrecognized option '--nosuch'
Couldn't process command line." -- dmsetup --nosuch
check 'dmsetup: a verb without its device' 1 '' 'No device specified.
Command failed.' -- dmsetup suspend
check 'dmsetup: stats' 1 '' 'dmsetup stats is not part of dmkit.' -- dmsetup stats list
check 'dmsetup: flags of a cookie' 0 "DM_UDEV_DISABLE_DM_RULES_FLAG='1'
DM_UDEV_PRIMARY_SOURCE_FLAG='1'" '' -- dmsetup udevflags 0x00411234
ln -s "$(readlink -f "$DMKIT")" "$work/losetup"
expect 'another of its names' test "$("$work/losetup" -a 2>&1)" = 'losetup is not part of dmkit.'
ln -s "$(readlink -f "$DMKIT")" "$work/dmsetup"
expect 'a link' test "$("$work/dmsetup" nosuch 2>&1 | head -n 1)" = 'Unknown command.'

finish
