#!/bin/bash
# SPDX-License-Identifier: MIT
# Changes of a stack under a file system that is being written and read, on a real kernel:
# `./dev lab --timeout 600 -- tests/stacks/load.sh [CHANGES [KILLS [SEED]]]`. First 200 random changes of tables; then 50
# that are killed at a random moment, each mended by the next apply.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
need_no_devices
changes=${1:-200} kills=${2:-50} seed=${3:-$SRANDOM}
echo "# seed $seed: tests/stacks/load.sh $changes $kills $seed"
RANDOM=$seed
# shellcheck disable=SC2154 # it is common.sh's
stacks=$here/../stacks
mib=2048 # sectors

# Into the variable: one of the words.
one_of() { # VARIABLE WORD...
	local words=("${@:2}")
	printf -v "$1" '%s' "${words[RANDOM % ${#words[@]}]}"
}

# Into table: one of those that mean the same data as a linear over all of the device below. Not in a subshell, which
# would begin a sequence of RANDOM of its own.
same_data() { # DEVICE SECTORS
	local kind cut=$((8 * (1 + RANDOM % ($2 / 8 - 1))))
	one_of kind linear linear two flakey delay dust striped origin
	case $kind in
	linear) table="linear device=$1 size=${2}s" ;;
	two) table="linear device=$1 size=${cut}s"$'\n\t'"+ linear device=$1 offset=${cut}s size=$(($2 - cut))s" ;;
	flakey) table="flakey device=$1 up-interval=$((100 + RANDOM % 1000)) down-interval=0 size=${2}s" ;;
	delay) table="delay device=$1 delay=$((RANDOM % 3))ms size=${2}s" ;;
	dust) table="dust device=$1 blksz=4096 size=${2}s" ;;
	striped) table="striped chunk=4KiB device=$1:0 size=${2}s" ;;
	origin) table="snapshot-origin origin=$1 size=${2}s" ;;
	esac
}

# Four parts of two disks, what lies over each of them, all of them in a row, and the top; and sometimes one or two that
# have nothing to do with it.
sections=()
random_section() { # NUMBER
	local i
	case $1 in
	0 | 2)
		same_data "${disks[$1 / 2]}" $((16 * mib))
		sections[$1]="[part$1]"
		;;
	1 | 3)
		table="linear device=${disks[$1 / 2]} offset=16MiB size=$((16 * mib))s"
		sections[$1]="[part$1]"
		;;
	[4-7])
		same_data "@part$(($1 - 4))" $((16 * mib))
		sections[$1]="[over$(($1 - 4))]"
		;;
	8)
		table="linear device=@over0 size=$((16 * mib))s"
		for i in 1 2 3; do
			table+=$'\n\t'"+ linear device=@over$i size=$((16 * mib))s"
		done
		sections[8]="[all]"
		;;
	9)
		same_data @all $((64 * mib))
		sections[9]="[top]"
		;;
	10 | 11)
		table="zero size=$((8 * (1 + RANDOM % 100)))s"
		sections[$1]="[more$1]"
		;;
	esac
	if (($1 >= 10 && RANDOM % 2)); then sections[$1]=; else sections[$1]+=$'\n'"table = $table"; fi
}

write_stack() {
	local i n=$((1 + RANDOM % 3))
	for ((i = 0; i < n; i++)); do
		random_section $((RANDOM % 12))
	done
	printf '%s\n\n' "${sections[@]}" >"$work/load.stack"
}

# Nothing to do, nothing suspended, no second table, each device in the text.
settled() {
	"$DMKIT" plan "$work/load.stack" >"$work/plan" 2>&1 || return
	"$DMKIT" info --json >"$work/info" || return
	! grep -qE '"(suspended|inactive_table)": true' "$work/info" &&
		[[ $("$DMKIT" list | wc -l) -eq $(grep -c '^\[' "$work/load.stack") ]]
}

failed() { # WHAT: with the text of it
	{
		cat "$work/out" "$work/plan" "$work/load.stack" "$work/info" 2>/dev/null
		"$DMKIT" table
	} | not_ok "$1 (seed $seed)"
	broken=1
}

apply() {
	"$DMKIT" apply "$work/load.stack" >"$work/out" 2>&1
}

# Sets killed: whether that came in time. The moment is one of those that an apply takes.
apply_killed() {
	local pid us
	"$DMKIT" apply "$work/load.stack" >"$work/out" 2>&1 &
	pid=$!
	printf -v us '%06d' $((RANDOM * 32768 % mean_us))
	sleep "0.$us"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	(($? == 137)) && killed=1
}

check_load() {
	kill -0 $load 2>/dev/null || failed "$1"
}

truncate -s 32M "$work/disk0" "$work/disk1"
disks=("$(losetup -f --show "$work/disk0")" "$(losetup -f --show "$work/disk1")")
for ((i = 0; i < 12; i++)); do
	random_section $i
done
write_stack
apply || { failed 'the first apply' && exit 1; }
mkfs.ext4 -q /dev/mapper/top && mkdir "$work/mnt" && mount /dev/mapper/top "$work/mnt" || exit 1
perl "$stacks/load.pl" "$work/mnt" "$work/stop" $((seed % 100000)) &
load=$!

broken='' longest_us=0 total_us=0
for ((i = 0; i < changes && !broken; i++)); do
	write_stack
	start=${EPOCHREALTIME/./}
	apply || failed "change $i is applied"
	took=$((${EPOCHREALTIME/./} - start))
	((took > longest_us)) && longest_us=$took
	total_us=$((total_us + took))
	settled || failed "change $i is all there is"
	check_load "change $i: the load goes on"
done
[[ $broken ]] || ok "$changes random changes of table under load"
mean_us=$((total_us / (changes ? changes : 1) + 1))
echo "# an apply took $((mean_us / 1000)) ms, the longest one $((longest_us / 1000)) ms"

# What came too late was no kill.
hit=0 amidst=0
for ((i = 0; hit < kills && i < 10 * kills && !broken; i++)); do
	killed=''
	write_stack
	apply_killed
	[[ $killed ]] && hit=$((hit + 1))
	"$DMKIT" info --json | grep -qE '"(suspended|inactive_table)": true|"live_table": false' && amidst=$((amidst + 1))
	# The text may be another one by then.
	((RANDOM % 2)) && write_stack
	apply || failed "after kill $i: the next apply"
	settled || failed "after kill $i: as the text says"
	check_load "kill $i: the load goes on"
done
[[ $broken ]] || ok "$kills killed at random, each mended by the next apply"
echo "# of $i, $hit were killed before their end, $amidst left a device between two tables"
expect 'all of them in time' test $hit -eq "$kills"

touch "$work/stop"
expect 'the data are what was written' wait $load
expect 'the file system is unmounted' umount "$work/mnt"
expect 'and clean' fsck.ext4 -fn /dev/mapper/top
expect 'all is taken down' "$DMKIT" down load
expect 'nothing is left' test -z "$("$DMKIT" list)"
finish
