#!/bin/bash
# SPDX-License-Identifier: MIT
# The completion where no device is asked for, by the command and by the shells: needs zsh and fish.
set -u
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source=completion-common.sh
. "$here/completion-common.sh"

# --- by the tables alone -----------------------------------------------------------------------------------

candidates 'commands' 'remove,rename,replace,resume' re
candidates 'commands behind options' 'remove,rename,replace,resume' --json --udev off re
candidates 'all commands' "$("$DMKIT" help --commands | cut -d ' ' -f 1 | grep -vx -e - | LC_ALL=C sort -u | paste -s -d ,)" ''
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
candidates 'the first word of several commands, once' 'image' im
candidates 'their second word' 'format' image form
candidates 'all second words' 'format,info,map,mount,repair,umount,verify' image ''
candidates 'a second word that is none' '' image frob ''
candidates 'second words of help' 'mount' help image mo
candidates 'options of such a command' '--fec-offset=,--fec-roots=,--fec=' image format --fec
candidates 'values of its options' '--format=0,--format=1' image format --format=
candidates 'options of image, of those that take them' '' image info --fec
candidates 'an option of image once' '--hash-block-size=' image verify --hash-offset 1 --hash
candidates 'files of image' 'files:' image verify a ''
candidates 'no more files than it takes' '' image umount a ''
candidates 'a file, or a word' 'appended,files:' image repair --fec ''
candidates 'a name that is new' '' image map ''
candidates 'what verity can do' 'check-at-most-once=,files:' image map a b c check
candidates 'and how' 'check-at-most-once=no,check-at-most-once=yes' image mount a b c check-at-most-once=
candidates 'no key of verity that image sets' 'files:' image mount a b c ro

for target in $("$DMKIT" help targets); do
	candidates "all keys of $target" "$("$DMKIT" help --keys "$target" | LC_ALL=C sort -u | sed '1i+' | paste -s -d ,)" \
		create a "$target" ''
done

# --- by the shells -----------------------------------------------------------------------------------------

declare -A own=()
by_shells $'dmkit repl\tdmkit replace 
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
dmkit image repa\tdmkit image repair 
dmkit image verify --fec=app\tdmkit image verify --fec=appended 
dmkit image info fold\tdmkit image info folder/'

finish
