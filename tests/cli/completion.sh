#!/bin/bash
# SPDX-License-Identifier: MIT
# The completion, by the command and by the shells themselves: `./dev lab -- tests/cli/completion.sh`. Needs /dev/ram0 to
# /dev/ram6 of 16 MiB, zsh and fish.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

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
	expect "$name" test "$? $(sed $'s/^\t/files:/; s/\t.*//' "$work/out" | LC_ALL=C sort | paste -s -d ,)$(cat "$work/err")" = "0 $expected"
}

# --- by the tables alone -----------------------------------------------------------------------------------

candidates 'commands' 'remove,rename,replace,resume' re
candidates 'commands behind options' 'remove,rename,replace,resume' --json --udev off re
candidates 'all commands' "$("$DMKIT" help --commands | cut -d ' ' -f 1 | grep -vx -e - | LC_ALL=C sort | paste -s -d ,)" ''
candidates 'an unknown command' '' frobnicate ''
candidates 'options of a command' '--sort=,--state' list --s
candidates 'options of all' '--deadline=,--dry-run' list --d
candidates 'options of all, without a command' '--json' --js
candidates 'an option once' '' list --json --js
candidates 'behind --' '' list -- --
candidates 'values of an option' 'auto,off,on' list --udev ''
candidates 'values of an option, with =' '--udev=off,--udev=on' list --udev=o
candidates 'an option that takes no value' '' list --json=
candidates 'a file' 'files:' create a --table-file ''
candidates 'a file, with =' 'files:--table-file=' create a --table-file=/x
candidates 'a number is nothing to complete' '' create a --minor ''
candidates 'files of check' 'files:' check one ''
candidates 'a new name' '' create ''
candidates 'targets' 'striped' create a stripe
candidates 'keys' '+,size=' create a zero ''
candidates 'keys, not those that stand there' '+,offset=,size=' create a linear device=1:0 ''
candidates 'a key that is repeated' 'device=' create a striped device=1:0 d
candidates 'no keys beside a text' '' create a --table '0 8 zero' ''
candidates 'a device is a path' 'files:device=' create a linear device=/dev/r
candidates 'yes and no' 'allow-discards=no,allow-discards=yes' create a crypt allow-discards=
candidates 'words of a key' 'mode=writethrough' create a cache mode=writeth
candidates 'where a key is' 'key-fd=,key-file=,key-format=,key-size=,keyring=' create a crypt ke
candidates 'never the key itself' '' create a crypt key=
candidates 'a file with a key' 'files:key-file=' create a crypt key-file=/run/k
candidates 'how a key is written' 'key-format=hex,key-format=raw' create a crypt key-format=
candidates 'the next segment' 'zero' create a zero size=8s + zer
candidates 'its keys' 'offset=' create a zero size=8s + linear o
candidates 'an unknown target' '+' create a nosuch ''
candidates 'targets of target-version' 'thin,thin-pool' target-version linear thin
candidates 'help' 'verity,version' help ver
candidates 'no words' '' help verity ''

for target in $("$DMKIT" help targets); do
	candidates "all keys of $target" "$("$DMKIT" help --keys "$target" | LC_ALL=C sort -u | sed '1i+' | paste -s -d ,)" \
		create a "$target" ''
done

# --- devices -----------------------------------------------------------------------------------------------

dm create active zero size=8s
dm create stopped zero size=8s --uuid STOPPED-1
dm suspend stopped
dm create loaded zero size=8s
dm load loaded error size=8s
dm create 'my disk' zero size=8s
dm create a:b=c zero size=8s
dm create pool thin-pool metadata=/dev/ram0 data=/dev/ram1 block-size=128s
exec 5</dev/mapper/active
dm remove --deferred active

all='a:b=c,active,loaded,my disk,pool,stopped'
for verb in remove info table status deps export rename load replace holders wait monitor; do
	candidates "$verb: all devices" "$all" $verb ''
done
candidates 'suspend: those that run' 'a:b=c,active,loaded,my disk,pool' suspend ''
candidates 'resume: suspended, or with a table loaded' 'loaded,stopped' resume ''
candidates 'clear: with a table loaded' 'loaded' clear ''
candidates 'table --inactive: with a table loaded' 'loaded' table --inactive ''
candidates 'set-uuid: without one' 'a:b=c,active,loaded,my disk,pool' set-uuid ''
candidates 'remove --cancel-deferred: those that wait for it' 'active' remove --cancel-deferred ''
candidates 'devices, not those that stand there' 'a:b=c,active,loaded,my disk' remove pool /dev/mapper/stopped ''
candidates 'by path' 'files:' info /dev/mapper/st
candidates 'a name with = in it' 'a:b=c' info a:b=
candidates 'one device' '' clear loaded ''
candidates 'uuids' 'STOPPED-1' info --uuid ''
candidates 'the uuid that a new one gets' '' create x --uuid ''
candidates 'numbers' "$(for minor in 0 1 2 3 4 5; do echo "--devno=$dm_major:$minor"; done | paste -s -d ,)" info --devno=
candidates 'an address takes the place of a name' 'zero' load --uuid STOPPED-1 zer
candidates 'messages of the target, and of every device' 'create-snap,create-thin' message pool create
candidates 'messages of a device by its uuid' '' message --uuid STOPPED-1 create
candidates 'keys of a message' 'id=' message pool create-thin ''
candidates 'messages of every device' 'stats-clear,stats-create' message active stats-c
# Who may not ask the kernel looks into /sys.
as_nobody=(setpriv --reuid 65534 --clear-groups "$work/dmkit" complete --)
cp "$DMKIT" "$work/dmkit"
chmod 755 "$work" "$work/dmkit"
expect 'for sudo: devices' test "$("${as_nobody[@]}" remove '' | cut -f 1 | LC_ALL=C sort | paste -s -d ,)" = "$all"
expect 'for sudo: by state' test "$("${as_nobody[@]}" suspend s)" = ''

# --- by the shells -----------------------------------------------------------------------------------------

cases=$'dmkit repl\tdmkit replace 
dmkit re\tdmkit re
dmkit list --sta\tdmkit list --state 
dmkit create a linear dev\tdmkit create a linear device=
dmkit create a linear device=ta\tdmkit create a linear device=table
dmkit create a linear device=fold\tdmkit create a linear device=folder/
dmkit create a linear device=a\\ f\tdmkit create a linear device=a\\ file 
dmkit check fold\tdmkit check folder/
dmkit --udev=of\tdmkit --udev=off 
dmkit --udev of\tdmkit --udev off 
dmkit create a cache mode=writeth\tdmkit create a cache mode=writethrough 
dmkit create a crypt key-format=h\tdmkit create a crypt key-format=hex 
dmkit create a crypt key-file=fold\tdmkit create a crypt key-file=folder/
dmkit create a crypt allow-discards=y\tdmkit create a crypt allow-discards=yes 
dmkit create a zero size=8s + lin\tdmkit create a zero size=8s + linear 
dmkit create a zero size=8s + linear o\tdmkit create a zero size=8s + linear offset=
dmkit create a --table-file=fold\tdmkit create a --table-file=folder/
dmkit help veri\tdmkit help verity 
dmkit resume s\tdmkit resume stopped 
dmkit resume a\tdmkit resume a
dmkit clear \tdmkit clear loaded 
dmkit suspend st\tdmkit suspend st
dmkit remove my\tdmkit remove my\\ disk 
dmkit remove my\\ d\tdmkit remove my\\ disk 
dmkit info --uuid=ST\tdmkit info --uuid=STOPPED-1 
dmkit message pool create-t\tdmkit message pool create-thin 
dmkit message pool create-thin i\tdmkit message pool create-thin id='
# What each shell writes in its own way.
declare -A own=(
	[bash]=$'dmkit remove a:b\tdmkit remove a:b=c \ndmkit remove \'my\tdmkit remove \'my disk\' '
	[zsh]=$'dmkit remove a:b\tdmkit remove a:b=c \ndmkit remove \'my\tdmkit remove \'my disk\' '
	[fish]=$'dmkit remove a:b\tdmkit remove a:b=c \ndmkit remove \'my\tdmkit remove \'my disk\' '
)
declare -A file=([bash]=dmkit.bash [zsh]=_dmkit [fish]=dmkit.fish)
for shell in bash zsh fish; do
	if ! python3 "$here/shells.py" $shell "$completions/${file[$shell]}" <<<"$cases"$'\n'"${own[$shell]}" >"$work/shell" 2>&1; then
		grep -q '^not ok' "$work/shell" || sed -i "1i not ok - $shell" "$work/shell"
	fi
	cat "$work/shell"
	failures=$((failures + $(grep -c '^not ok' "$work/shell")))
done
fish_lists() { # LINE
	fish --no-config -c "source '$completions/dmkit.fish'; complete -C '$1'"
}
expect 'fish: with what they are' test "$(fish_lists 'dmkit clear ')" = $'loaded\tactive, a table loaded'

exec 5<&-
finish
