#!/bin/bash
# SPDX-License-Identifier: MIT
# The completion of devices, by the command and by the shells themselves: `./dev lab -- tests/cli/completion.sh`. Needs
# /dev/ram0 and /dev/ram1 of 16 MiB, zsh and fish.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source=completion-common.sh
. "$here/completion-common.sh"

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

# What each shell writes in its own way.
declare -A own=(
	[bash]=$'\ndmkit remove a:b\tdmkit remove a:b=c \ndmkit remove \'my\tdmkit remove \'my disk\' '
	[zsh]=$'\ndmkit remove a:b\tdmkit remove a:b=c \ndmkit remove \'my\tdmkit remove \'my disk\' '
	[fish]=$'\ndmkit remove a:b\tdmkit remove a:b=c \ndmkit remove \'my\tdmkit remove \'my disk\' '
)
by_shells $'dmkit resume s\tdmkit resume stopped 
dmkit resume a\tdmkit resume a
dmkit clear \tdmkit clear loaded 
dmkit suspend st\tdmkit suspend st
dmkit remove my\tdmkit remove my\\ disk 
dmkit remove my\\ d\tdmkit remove my\\ disk 
dmkit info --uuid=ST\tdmkit info --uuid=STOPPED-1 
dmkit message pool create-t\tdmkit message pool create-thin 
dmkit message pool create-thin i\tdmkit message pool create-thin id='
fish_lists() { # LINE
	fish --no-config -c "source '$completions/dmkit.fish'; complete -C '$1'"
}
expect 'fish: with what they are' test "$(fish_lists 'dmkit clear ')" = $'loaded\tactive, a table loaded'

exec 5<&-
finish
