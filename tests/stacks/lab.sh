#!/bin/bash
# SPDX-License-Identifier: MIT
# Stacks on a real kernel, by the command: `./dev lab -- tests/stacks/lab.sh`. Needs /dev/ram0 to ram3 of 16 MiB.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
need_no_devices
DMKIT=$(realpath "$DMKIT")
cd "$work" || exit 1

state() {
	"$DMKIT" table
	"$DMKIT" info
	ls -l --time-style=+ /dev/mapper
}

# That what failed, or had nothing to do, has changed nothing: event numbers, open counts, nodes.
same_state() { # NAME
	state >after
	expect "$1" diff before after
}

no_devices() { # NAME
	expect "$1: no device, no node" test -z "$("$DMKIT" list)$(find /dev/mapper -mindepth 1 ! -name control)"
}

gone() {
	[[ -z $("$DMKIT" list) ]]
}

# --- apply, plan, change, down -----------------------------------------------------------------------------

cat >web.stack <<'EOF'
; a pool and what stands in it
[t1]
table = thin pool=@pool id=1 size=64MiB
message = pool create_thin 1
mode = 640
owner = root:disk
[pool]
table = thin-pool metadata=@meta data=@data block-size=64KiB
[meta]
table = linear device=/dev/ram1 size=4MiB
[data]
table = linear device=/dev/ram0 size=4MiB
  + linear device=/dev/ram2 size=4MiB
[top]
table = linear device=@t1 size=1MiB
readonly = yes
EOF
check 'plan of what is not there' 10 '+ meta
    + 0 8192 linear /dev/ram1 0
+ data
    + 0 8192 linear /dev/ram0 0
    + 8192 8192 linear /dev/ram2 0
+ pool
    + 0 16384 thin-pool @meta @data 128 0 0
+ t1
    + 0 131072 thin @pool 1
+ top
    + 0 2048 linear @t1 0
web: 5 to make' '' -- plan web.stack
check 'plan, JSON' 10 json '' -- plan web.stack --json
no_devices 'plan makes nothing'
check 'apply, dry' 0 '*' '' -- apply web.stack --dry-run
no_devices 'a dry apply makes nothing'
check 'apply' 0 '+ meta
+ data
+ pool
+ t1
+ top
web: 5 made' '' -- apply web.stack
check 'the tables' 0 'data: 0 8192 linear 1:0 0
data: 8192 8192 linear 1:2 0
meta: 0 8192 linear 1:1 0
pool: 0 16384 thin-pool DM:0 DM:1 128 0 0 
t1: 0 131072 thin DM:2 1
top: 0 2048 linear DM:3 0' '' -- table
expect 'the uuids' test "$("$DMKIT" list -o uuid --no-headings | sort | paste -s -d ' ')" = \
	'DMKIT-web-data DMKIT-web-meta DMKIT-web-pool DMKIT-web-t1 DMKIT-web-top'
expect 'the node' test "$(stat -c '%a %U %G' /dev/mapper/t1)" = '640 root disk'
expect 'read-only' test "$("$DMKIT" info top --json | grep -c '"readonly": true')" = 1
check 'stacks' 0 $'web\t5\t4\twhole' '' -- stacks
check 'stacks, JSON' 0 json '' -- stacks --json

state >before
check 'plan: nothing to do' 0 'web: nothing to do' '' -- plan web.stack
check 'apply: nothing to do' 0 'web: nothing to do' '' -- apply web.stack
check 'apply: nothing to do, JSON' 0 json '' -- apply web.stack --json
same_state 'and nothing was touched'
"$DMKIT" apply web.stack --trace 2>trace >/dev/null
expect 'two requests a device, one list, one version' test "$(grep -c 'trace: DM_' trace)" -le $((2 * 5 + 2))
expect 'no request that changes' test "$(grep -cE 'DM_(TABLE_LOAD|DEV_SUSPEND|DEV_CREATE|DEV_REMOVE|TARGET_MSG)' trace)" = 0

sed -e 's/size=64MiB/size=131072s/; s,device=/dev/ram1 size,device=1:1 offset=0s size,' \
	-e 's/table = linear device=@t1 size=1MiB/table-text = 0 2048 linear @t1 0/' web.stack >other.stack
check 'the same in other words is no difference' 0 'web: nothing to do' '' -- plan other.stack --name web
{
	echo '{'
	echo '"meta": {"table": "linear device=/dev/ram1 size=4MiB"},'
	echo '"data": {"table": ["linear device=/dev/ram0 size=4MiB", "linear device=${DISK} size=4MiB"]},'
	echo '"pool": {"table": "thin-pool metadata=@meta data=@data block-size=64KiB"},'
	echo '"t1": {"table": "thin pool=@pool id=1 size=64MiB", "message": ["pool create_thin 1"], "mode": 640},'
	echo '"top": {"table": "linear device=@t1 size=1MiB", "readonly": true}}'
} >web.json
check 'the same as JSON' 0 'web: nothing to do' '' -- plan web.json --set DISK=/dev/ram2

"$DMKIT" export --stack web >exported.stack
check 'exported, and applied: nothing' 0 'web: nothing to do' '' -- apply exported.stack --name web
check 'export of what is not there' 3 '' \
	"dmkit: export: there is neither a stack nor a device 'wev'; the nearest: web" -- export --stack wev
check 'export, JSON' 0 json '' -- export --stack web --json
same_state 'and nothing was touched by it'
check 'exported, under another name: they are not its devices' 1 '' '*' -- apply exported.stack --name other
expect 'which the error says, with its place' grep -qE "^dmkit: exported.stack:[0-9]+:2: apply '.*none of this stack: it has the uuid DMKIT-web-" err
same_state 'and nothing was touched by that'

head -c 4194304 /dev/urandom >bytes
cat bytes >/dev/mapper/t1
sed 's/size=64MiB/size=128MiB/; s,^  + linear device=/dev/ram2 size=4MiB,& + linear device=/dev/ram3 size=4MiB,' web.stack >grown.stack
check 'plan of a change' 10 '~ data DM:1
    + 16384 8192 linear /dev/ram3 0
~ pool DM:2
    - 0 16384 thin-pool @meta @data 128 0 0 
    + 0 24576 thin-pool @meta @data 128 0 0
~ t1 DM:3
    - 0 131072 thin @pool 1
    + 0 262144 thin @pool 1
| top DM:4
web: 3 to change, 1 to pause' '' -- plan grown.stack --name web
check 'apply of a change' 0 '~ data DM:1
~ pool DM:2
~ t1 DM:3
| top DM:4
web: 3 changed, 1 paused' '' -- apply grown.stack --name web
check 'which is then as it should be' 0 'web: nothing to do' '' -- plan grown.stack --name web
expect 'and has its data' cmp -n 4194304 bytes /dev/mapper/t1

# --- refused, and all as it was -----------------------------------------------------------------------------

state >before
exec 7</dev/mapper/top
sed 's/device=@t1 size=1MiB/device=@t1 size=8s/' grown.stack >small.stack
sed '/^\[top\]/,$d' grown.stack >less.stack
check 'what is open does not shrink' 4 '' "%'top'" -- apply small.stack --name web
check 'what is open does not go' 4 '' "%'top'" -- apply less.stack --name web
check 'what is open does not go down' 4 '' "%'top'" -- down web
exec 7<&-
same_state 'which has changed nothing'
cat >bad.stack <<'EOF'
[new]
table = linear device=/dev/ram3 offset=8MiB size=1MiB
[newer]
table = thin pool=@pool id=99 size=1MiB
EOF
cat grown.stack bad.stack >worse.stack
input=worse.stack
check 'a table that the kernel refuses, on standard input' 1 '' '*' -- apply - --name web
unset input
expect 'the error has device and place' grep -qE "^dmkit: -:[0-9]+:[0-9]+: create 'newer': segment 1 \(thin\): " err
same_state 'what was made and changed before it is undone'
dm create foreign zero size=8s
printf '[foreign]\ntable = zero size=1MiB\n' >f.stack
check 'a foreign device of that name' 1 '' \
	"%f.stack:1:2: apply 'foreign':" -- apply f.stack
expect 'which is left alone' test "$("$DMKIT" table foreign)" = '0 8 zero'
dm remove foreign
printf '[x]\ntable = linear device=/dev/ram3 offset=8MiB size=16s\n[y]\ntable = linear device=/dev/ram3 offset=8MiB size=8s\n' >o.stack
check 'overlapping ranges are a warning' 10 '*' "%o.stack:4:9: warning: plan 'y': segment 1:" -- plan o.stack
check 'or an error' 1 '' "%o.stack:4:9: plan 'y': segment 1:" -- plan o.stack --strict
check 'the warning as JSON' 10 json '*' -- plan o.stack --json
same_state 'and all is as it was'

# --- a disk that comes later --------------------------------------------------------------------------------

appears() { # PATH: a moment later
	rm -f "$1"
	{
		sleep 0.7
		mknod "$1" b 1 3
	} &
}

printf '[late]\ntable = linear device=/dev/late\n' >late.stack
check 'a disk that is not there' 1 '' '*' -- apply late.stack
appears /dev/late
check 'is waited for until the deadline' 0 '*' '' -- apply late.stack --deadline 20s
wait $!
check 'and has its size' 0 '0 32768 linear 1:3 0' '' -- table late
dm down late
appears /dev/late
check 'by create too' 0 '' '' -- create late linear device=/dev/late --deadline 20s
wait $!
check 'with its size' 0 '0 32768 linear 1:3 0' '' -- table late
dm remove late
rm /dev/late
check 'for no longer' 1 '' '*' -- create late linear device=/dev/late --deadline 100ms
check 'nor an apply' 1 '' '*' -- apply late.stack --deadline 100ms

# --- damaged, less, down -----------------------------------------------------------------------------------

dm suspend top
dm load data error size=8s
check 'damaged' 0 $'web\t5\t4\t1 suspended' '' -- stacks
check 'apply mends it' 0 '*' '' -- apply grown.stack --name web
check 'which is whole then' 0 $'web\t5\t4\twhole' '' -- stacks
expect 'without a second table' test "$("$DMKIT" list -o tables --no-headings | grep -c inactive)" = 0
check 'a device less' 0 '- top DM:4
web: 1 removed' '' -- apply less.stack --name web
expect 'colours, where they are asked for' grep -q $'^\033\\[32m+ top\033\\[0m$' <("$DMKIT" plan grown.stack --name web --color always)
dm apply grown.stack --name web >/dev/null
exec 7</dev/mapper/top
check 'a device less that is open, with --allow-busy' 0 '- top DM:4
web: 1 removed' '' -- apply less.stack --name web --allow-busy
expect 'which is there until it is closed' test "$("$DMKIT" list | wc -l)" = 5
check 'wanted again it is a change' 10 '~ top DM:4 (open, goes when it is closed, and will not)
web: 1 to change' '' -- plan grown.stack --name web
check 'which is made' 0 '*' '' -- apply grown.stack --name web
exec 7<&-
expect 'it stays when it is closed, with its node' cmp -n 4096 bytes /dev/mapper/top
exec 7</dev/mapper/top
dm apply less.stack --name web --allow-busy >/dev/null
exec 7<&-
not_there() {
	! "$DMKIT" info top
}
wait_for not_there
expect 'and not longer' test "$("$DMKIT" list | wc -l)" = 4
check 'down' 0 '' '' -- down web
no_devices 'down'
check 'down of what is not up' 3 '' "dmkit: down: no stack 'web' is up" -- down web
check 'apply, after down: the volume is in the pool already' 0 '*' '' -- apply grown.stack --name web
check 'a name that is near' 3 '' "dmkit: down: no stack 'wev' is up; the nearest: web" -- down wev
for name in s{0..63}; do
	printf '[%s]\ntable = zero size=8s\n[%st]\ntable = linear device=@%s\n' "$name" "$name" "$name" >"$name.stack"
done
dm apply s{0..63}.stack >/dev/null
exec 7</dev/mapper/s7t
check 'down of many, one of which is open' 4 '' '*' -- down s{0..31} nosuch s{32..63} --deadline 0
expect 'the errors are in the order of the names' test "$(cut -d : -f 1,2 err | paste -s -d '|')" = \
	"dmkit: down 's7t'|dmkit: down"
check 'which alone stays' 0 $'s7\t2\t2\twhole\nweb\t5\t4\twhole' '' -- stacks
exec 7<&-
check 'down of several, the first of which is not up' 3 json '*' -- down s0 s7 --json
check 'down of a file, JSON' 0 json '' -- down ./web.stack --json
no_devices 'down of a file'

head -c 32 /dev/urandom >key
printf '[s-${N}]\ntable = crypt device=@d-${N} cipher=aes-xts-plain64\nkey-file = key\n[d-${N}]\ntable = linear device=${D} size=1MiB\n' >crypt.stack
check 'a key file, variables' 0 $'+ d-7\n+ s-7\ncrypt: 2 made' '' -- apply crypt.stack --set N=7 --set D=/dev/ram3
check 'the same key is no difference' 0 'crypt: nothing to do' '' -- plan crypt.stack --set N=7 --set D=/dev/ram3
head -c 32 /dev/urandom >key
check 'another key is one' 10 '*' '' -- plan crypt.stack --set N=7 --set D=/dev/ram3
expect 'and is not shown' test "$(grep -c "$(od -An -tx1 key | tr -d ' \n' | head -c 16)" "$work/out")" = 0
check 'not exported in the open' 2 '' '%--show-keys' -- export --stack crypt
"$DMKIT" export --stack crypt --show-keys >secret.stack
check 'exported with it, and applied: nothing' 0 'crypt: nothing to do' '' -- plan secret.stack --name crypt
dm down crypt

cat >paths.stack <<'EOF'
[a]
table = linear device=/dev/ram0 size=4MiB
[b]
table = linear device=/dev/ram1 size=4MiB
[m]
table = multipath queue-mode=bio group=round-robin path=@a,1 path=@b,1
[s]
table = striped chunk=64KiB device=@m:0 device=@b:2MiB size=2MiB
[r]
table-text = 0 2048 raid raid1 3 0 region_size 1024 2 - @s - @a
EOF
check 'devices within values' 0 '*' '' -- apply paths.stack
"$DMKIT" export --stack paths >exported.stack
expect 'are exported by their names' test "$(grep -oE '[=:,]@[a-z]' exported.stack | tr -d '=:,' | paste -s -d ' ')" = \
	'@a @b @m @b @s @a'
check 'and are the same' 0 'paths: nothing to do' '' -- plan exported.stack --name paths
dm down paths
check 'by names they come up again' 0 '*' '' -- apply exported.stack --name paths
dm down paths
no_devices 'down of these'

# --- snapshots of what is in use -----------------------------------------------------------------------------

write_whole() { # DEVICE: 256 KiB in one request
	head -c 262144 /dev/urandom >written
	dd if=written of="/dev/mapper/$1" bs=256K oflag=direct conv=notrunc status=none
}

head -c 4096 /dev/zero | tee /dev/ram1 >/dev/ram2
cat >snap.stack <<'EOF'
[base]
table = linear device=/dev/ram0 size=4MiB
[data]
table = snapshot-origin origin=@base
[top]
table = linear device=@data
EOF
{
	printf '[data]\ntable = snapshot-origin origin=@base\n'
	sed '/^\[data\]/,/^table/d' snap.stack
	printf '[one]\ntable = snapshot origin=@base cow=/dev/ram1 persistent=P chunksize=16KiB\n'
} >new.stack
check 'snapshot and origin, both new' 0 '*' '' -- apply new.stack --name snap
head -c 262144 /dev/ram0 >old
write_whole top
expect 'a write of several chunks is saved whole' cmp -n 262144 old /dev/mapper/one
check 'without it' 0 '*' '' -- apply snap.stack
head -c 4096 /dev/zero >/dev/ram1
check 'a snapshot of what is live' 10 '*' '' -- plan new.stack --name snap
expect 'pauses that' test "$(sed -n 's/^\([|+] [a-z]*\).*/\1/p' out | paste -s -d ' ')" = '+ one | data | top'
check 'is made while that is suspended' 0 '*' '' -- apply new.stack --name snap
cp written old
write_whole top
expect 'it has what there was, of a write of several chunks' cmp -n 262144 old /dev/mapper/one
printf '[two]\ntable = snapshot origin=@base cow=/dev/ram2 persistent=P chunksize=4KiB\n' >>new.stack
check 'another one, of smaller chunks' 0 '*' '' -- apply new.stack --name snap
cp written new
write_whole top
expect 'it has what there was then' cmp -n 262144 new /dev/mapper/two
expect 'and the first one what it had' cmp -n 262144 old /dev/mapper/one
check 'which is whole' 0 $'snap\t5\t2\twhole' '' -- stacks
dm down snap
dm create foreign snapshot-origin origin=/dev/ram0
head -c 4096 /dev/zero >/dev/ram1
printf '[one]\ntable = snapshot origin=/dev/ram0 cow=/dev/ram1 persistent=P chunksize=16KiB\n' >one.stack
check 'of what a foreign device writes to' 4 '' "%one.stack:" -- apply one.stack
expect 'the error names it' grep -q "'foreign'" err
check 'made by itself there is a note' 0 '' \
	'%foreign saves longer writes for alone in part' -- create alone snapshot origin=/dev/ram0 cow=/dev/ram1
dm remove alone
head -c 4096 /dev/zero >/dev/ram1
dm suspend foreign
check 'which is suspended' 0 '*' '' -- apply one.stack
dm resume foreign
head -c 262144 /dev/ram0 >old
write_whole foreign
expect 'and resumed afterwards' cmp -n 262144 old /dev/mapper/one
dm down one
dm remove foreign
no_devices 'down of snapshots'

# --- with --------------------------------------------------------------------------------------------------

cat >rig.stack <<'EOF'
[disk-1]
table = linear device=/dev/ram2 size=8MiB
[top]
table = linear device=@disk-1 size=1MiB
EOF
check 'with: paths and the exit code' 7 "/dev/mapper/disk-1 /dev/mapper/top 2" '' -- with rig.stack -- \
	sh -c 'echo $DMKIT_DEV_DISK_1 $DMKIT_DEV_TOP $('"$DMKIT"' list | wc -l); exit 7'
no_devices 'with'
check 'with: no file of ours is inherited' 0 '0 1 2 3' '' -- with rig.stack -- sh -c 'echo $(ls /proc/self/fd)'
check 'with: a table' 0 "0 8 zero" '' -- with zero size=8s -- sh -c "$DMKIT table \$DMKIT_DEV"
check 'with: options of the command are its own' 0 '--json -x' '' -- with zero size=8s -- echo --json -x
check 'with: killed' 137 '' '' -- with rig.stack -- sh -c 'kill -9 $$'
check 'with: no such command' 127 '' "dmkit: with: 'nosuch': No such file or directory (-ENOENT)" -- with rig.stack -- nosuch
check 'with: a folder' 126 '' "dmkit: with: '/': Permission denied (-EACCES)" -- with zero size=8s -- /
check 'with: the table is refused' 2 '' '%no such key' -- with zero sizze=8s -- true
no_devices 'with, whatever ended it'
dm create disk-1 linear device=/dev/ram2 size=8MiB --uuid DMKIT-rig-disk-1
check 'with: a stack that is up' 2 '' "%'disk-1' of stack 'rig' is up already" -- with rig.stack -- true
dm remove disk-1

"$DMKIT" with rig.stack -- sh -c 'echo >up; exec sleep 60' &
wait_for test -e up
expect 'with: it is up' test "$("$DMKIT" list | wc -l)" = 2
kill -9 $!
wait $! 2>/dev/null
wait_for gone
expect 'with, killed by SIGKILL: the kernel removes the devices' gone
dm doctor --fix >/dev/null
no_devices 'with, killed by SIGKILL, after doctor --fix'
rm up
"$DMKIT" with zero size=8s -- sh -c 'trap "exit 9" TERM; echo >up; while :; do sleep 0.1; done' &
wait_for test -e up
kill -TERM $!
wait $!
expect 'with: a signal goes on to the command' test $? = 9
no_devices 'with, after a signal'

# --- gc ----------------------------------------------------------------------------------------------------

# A process that makes three and ends.
sh -c "$DMKIT create a zero size=8s --owner test; $DMKIT create b linear device=/dev/mapper/a size=8s --owner test
$DMKIT create c zero size=8s --owner test; echo \$\$ >pid"
pid=$(<pid)
dm create d zero size=8s --owner test
dm create e zero size=8s --uuid DMKIT-test-e
exec 7</dev/mapper/c
check 'gc: what is garbage' 0 $'a\t'"$pid"$'\tgarbage\nb\t'"$pid"$'\tgarbage\nc\t'"$pid"$'\topen\nd\t'$$$'\talive' '' -- gc test
check 'gc, JSON' 0 json '' -- gc test --json
expect 'gc: nothing is removed' test "$("$DMKIT" list | wc -l)" = 5
check 'gc --yes' 0 $'c\t'"$pid"$'\topen\nd\t'$$$'\talive\nb\t'"$pid"$'\tremoved\na\t'"$pid"$'\tremoved' '' -- gc test --yes
exec 7<&-
check 'gc --yes, JSON' 0 json '' -- gc test --yes --json
expect 'gc: what is alive, or of a stack, stays' test "$("$DMKIT" list -o name --no-headings | paste -s -d ' ')" = 'd e'
boot=$(tr -d - </proc/sys/kernel/random/boot_id)
now=$("$DMKIT" list -o uuid --no-headings | sed -n "s/^DMKIT-test-$$\.\([0-9a-f]*\)\..*/\1/p")
dm create boot zero size=8s --uuid "DMKIT-more-$$.$now.0123456789abcdef"
dm create young zero size=8s --uuid "DMKIT-more-$$.1.${boot:0:16}"
dm create old zero size=8s --uuid "DMKIT-more-$$.$now.${boot:0:16}"
dm create other zero size=8s --uuid "DMKIT-more-$$.$now.x"
check 'gc: of another boot, or a process that began later' 0 \
	$'boot\t'$$$'\tgarbage\nyoung\t'$$$'\tgarbage\nold\t'$$$'\talive' '' -- gc more
dm down more
check 'gc of nobody' 0 '' '' -- gc nobody
check 'an owner that is none' 2 '' \
	"dmkit: create: --owner 'a-b': allowed are 1 to 64 of letters, digits, . _ and + (see 'dmkit help create')" \
	-- create x zero size=8s --owner a-b
check 'an owner and a uuid' 2 '' "dmkit: create: --owner makes the uuid: no --uuid beside it (see 'dmkit help create')" \
	-- create x zero size=8s --owner b --uuid z
check 'down takes an owner as a stack' 0 '' '' -- down test
no_devices 'down of an owner'

finish
