#!/bin/bash
# What `./dev lab` promises, checked one promise at a time. Every check is one line on stdout:
# ok - NAME, not ok - NAME, or skip - NAME: WHY.

set -u

top=$(readlink -f "${BASH_SOURCE[0]%/*}/../..")
build=$top/build
failures=0
mkdir -p "$build"
work=$(mktemp -d "$build/contract.XXXXXX")     # written through
outside=$(mktemp -d)                           # not
trap 'rm -rf "$work" "$outside"' EXIT
cd "$work" || exit 1

lab() {
	"$top/dev" lab "$@"
}

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then
		printf 'ok - %s\n' "$name"
	else
		printf 'not ok - %s\n' "$name"
		failures=1
	fi
}

skip() { # NAME WHY
	if [[ -n ${MUST_WORK-} ]]; then
		check "$1: $2" false
	else
		printf 'skip - %s: %s\n' "$1" "$2"
	fi
}

# Whether a lab with these arguments exits with STATUS, as the file `err` says why.
exits() { # STATUS ARGUMENT...
	local expected=$1 status
	shift
	lab "$@" >out 2>err </dev/null
	status=$?
	# A run that failed is kept for a person to read.
	sed -n 's/^lab: kept //p' err | xargs -r rm -rf
	((status == expected)) || printf '# exit status %d, not %d\n' "$status" "$expected"
	((status == expected))
}

wait_for() { # FILE
	local tries
	for ((tries = 0; tries < 600; tries++)); do
		[[ -e $1 ]] && return
		sleep 0.1
	done
	return 1
}

processes_of() { # JOB
	local name=${1##*/}
	grep -lsz "[${name:0:1}]${name:1}" /proc/[0-9]*/cmdline
}

gone() { # JOB
	local tries
	for ((tries = 0; tries < 30; tries++)); do
		[[ -z $(processes_of "$1") ]] && return
		sleep 0.1
	done
	return 1
}

#
# Streams, arguments, exit status
#

streams() {
	head -c 300000 /dev/urandom >bytes
	head -c 100000 /dev/urandom >other
	local command=(sh -c 'cat other >&2; cat')
	lab "${command[@]}" <bytes >from-file 2>err
	check "stdin from a file is byte-exact" cmp bytes from-file
	check "stderr is byte-exact" cmp other err
	cat bytes bytes bytes | lab cat >from-pipe 2>err
	cat bytes bytes bytes >expected
	check "stdin from a pipe is byte-exact" cmp expected from-pipe
	check "nothing of the lab's own on stderr" cmp /dev/null err
	lab sh -c 'cat; seq 2000000' <&- >out 2>err
	seq 2000000 >expected
	check "a big stdout is byte-exact, a closed stdin is empty" cmp expected out
	lab sh -c 'for i in 1 2 3; do echo $i; echo e$i >&2; done; echo 4 >/dev/stdout' >out 2>&1
	printf '%s\n' 1 e1 2 e2 3 e3 4 >expected
	check "stdout and stderr in one file keep their order" cmp expected out
}

live_stdin() {
	mkfifo question
	(exec 9>question && wait_for asked && echo yes >&9 && wait_for answered && exec 9>&-) &
	check "stdin arrives as it comes" timeout 60 "$top/dev" lab sh -c \
		'touch asked; read -r word; [ "$word" = yes ] && touch answered; cat' <question
	wait
}

arguments() {
	local all='' code
	for ((code = 1; code < 256; code++)); do
		printf -v code_hex '\\x%x' "$code"
		printf -v byte '%b' "$code_hex"
		all+=$byte
	done
	local words=("" "two words" "a=b" "-x" "--" $'tab\tnewline\n' "'\"\\\$(x)\`" "$all"
		"$(head -c 100000 /dev/zero | tr '\0' x)")
	printf '%s\0' "${words[@]}" >expected
	lab -- printf '%s\0' "${words[@]}" >out
	check "arguments of any bytes and any length" cmp expected out
	cp /bin/true ./a=b
	check "a command with = in its name" exits 0 ./a=b
}

environment() {
	VARIABLE=$'of\nmine' lab sh -c \
		'printf "%s\n" "$VARIABLE" "$HOME"; pwd; command -v losetup; umask' >out
	printf '%s\n' of mine /root "$work" "$(PATH=/usr/sbin:/sbin type -P losetup)" "$(umask)" >expected
	check "environment, HOME, working folder, sbin in PATH, umask" cmp expected out
}

statuses() {
	check "exit status 0" exits 0 true
	check "exit status 42" exits 42 sh -c 'exit 42'
	check "a signal is 128 and its number" exits 137 sh -c 'kill -9 $$'
	check "a command that is not there is 127" exits 127 /no/such/command
	check "SIGINT has its default" exits 130 sh -c 'kill -INT $$'
	check "the time limit is 124" exits 124 --timeout 5 sleep 1000
	check "a time limit says so" grep -q 'time limit of 5 s' err
	check "a panic is 125" exits 125 sh -c 'echo c >/proc/sysrq-trigger'
	check "a panic's log is on stderr" grep -q 'Kernel panic - not syncing: sysrq' err
	check "a WARNING is 125" exits 125 sh -c 'echo "WARNING: CPU: 0 PID: 1 at x" >/dev/kmsg'
	check "a command that ends the kernel is 125" exits 125 sh -c 'echo o >/proc/sysrq-trigger; sleep 9'
}

kernels() {
	check "an unknown kernel is an error" exits 125 --kernel no-such-kernel true
	check "it names those there are" grep -qx \
		"lab: no kernel is called 'no-such-kernel'; there are: uml-6.1 uml-6.12 uml-7.2" err
	lab --help >out
	check "--help names them too" grep -qx ' *uml-6.1 uml-6.12 uml-7.2' out
	check "--kernel needs a value" exits 125 --kernel
	check "a kernel by its name" exits 0 --kernel uml-6.1 sh -c 'uname -r | grep "^6\.1\."'
	LAB_KERNEL=other check "LAB_KERNEL is a kernel's name" exits 125 true
	check "and is looked for in the same table" grep -q "no kernel is called 'other'" err
	LAB_KERNEL=other check "--kernel goes before LAB_KERNEL" exits 0 --kernel uml-6.1 true
}

udevd() {
	exits 0 --udev sh -c 'udevadm control --ping && test -n "$(ls /dev/disk/by-*)" &&
		test -e /usr/lib/udev/rules.d/95-dm-notify.rules'
}

# Nor can any program in the sandbox gain more: only CHOWN, DAC_OVERRIDE and FOWNER are left.
capabilities() {
	local job file
	rm -f started
	lab --timeout 60 sh -c 'touch started; until [ -e looked ]; do sleep 0.1; done' &
	wait_for started
	for job in "$build"/lab/job.*; do
		grep -qsz "^touch started" "$job/args" && break
	done
	for file in $(processes_of "$job"); do
		grep -qsz '^mem=' "$file" && ! grep -qsz bwrap "$file" &&
			sed -n 's/^CapBnd:\t//p' "${file%/*}/status" 2>/dev/null
	done >bounding
	touch looked
	wait
	[[ $(sort -u bounding) == 000000000000000b ]]
}

#
# What is in the lab
#

devices() {
	exits 0 sh -c 'set -e
		test -c /dev/mapper/control && test -c /dev/kmsg && test -e /sys/block
		for i in 0 1 2 3 4 5 6 7; do
			test "$(cat /sys/block/ram$i/size)" = 32768 && test -b /dev/ram$i && test -b /dev/loop$i
		done
		test -z "$(cat /proc/sys/kernel/hotplug)"
		modprobe dm-crypt
		truncate -s 1M image && losetup -f image && losetup -a | grep -q image'
}

memory() {
	exits 0 --memory 1G sh -c 'test "$(sed -n "s/^MemTotal: *\([0-9]*\).*/\1/p" /proc/meminfo)" -gt 900000'
}

leftovers() {
	check "a background process does not hold it" exits 5 --timeout 60 sh -c \
		'yes >/dev/null & sleep 1000 & (while sleep 1; do echo still here; done) & exit 5'
	check "a process that cannot be killed does not hold it" exits 6 --timeout 60 sh -c '
		modprobe dm-mod; mkfs.ext4 -q /dev/ram0 && mount /dev/ram0 /mnt && fsfreeze -f /mnt
		touch /mnt/frozen & sleep 0.5; exit 6'
}

layer() {
	mkdir -p layer/etc
	echo of the layer >layer/etc/layer-file
	exits 0 --layer layer sh -c 'grep -q layer /etc/layer-file && echo >>/etc/layer-file' &&
		[[ $(<layer/etc/layer-file) == 'of the layer' ]]
}

together() {
	local one two
	lab sh -c 'touch one; until [ -e two ]; do sleep 0.1; done' &
	one=$!
	lab sh -c 'touch two; until [ -e one ]; do sleep 0.1; done' &
	two=$!
	wait "$one" && wait "$two"
}

signals() {
	local signal=$1 expected=$2 pid job='' status
	rm -f started
	# Who started us may ignore some: nohup does.
	env --default-signal=HUP,TERM "$top/dev" lab sh -c 'touch started; sleep 1000' 2>err &
	pid=$!
	wait_for started
	for job in "$build"/lab/job.*; do
		grep -qsz "^touch started" "$job/args" && break
	done
	kill "-$signal" $pid
	wait $pid 2>/dev/null
	status=$?
	check "SIG$signal ends it with $expected" test $status = "$expected"
	check "SIG$signal leaves no process" gone "$job"
	[[ $signal == KILL ]] || check "SIG$signal leaves no file" test ! -e "$job"
	rm -rf "$job"
}

reader_gone() {
	timeout 60 "$top/dev" lab yes 2>err | head -n 1 >out
	[[ $(<out) == y ]]
}

#
# Nothing outside the build folder is written
#

# Everything that would change if one of the attacks below worked.
host_state() {
	find "$outside" "$top/lab" "$top/dev" -printf '%p %y %m %U %G %n %s %T@ %C@\n' | sort
	find "$outside" "$top/lab" "$top/dev" /etc/passwd -type f -exec cksum {} + | sort
	find / /etc "$HOME" "$top" -maxdepth 1 -printf '%p %y %m %U %G\n' | sort
	find /etc/passwd /etc/shadow -printf '%p %m %U %G %n %s %T@ %C@\n'
	find "$build" \( -type b -o -type c \) -print
}

# What root can try there, by every way to the host's files. Arguments: the folder outside, the
# folder in the build folder, the checkout. Perl, because a process takes 30 ms to start there.
mounts='
	outside=$1 work=$2 top=$3
	mkdir -p /raw /raw-outside /raw-link
	ln -s "$outside" "$work/link"
	mount -t hostfs none /raw -o / && test -e "/raw$outside/file" && touch "$work/raw-mounted"
	mount -t hostfs none /raw-outside -o "$outside"
	mount -t hostfs none /raw-link -o "$work/link"
	mount -o remount,rw /raw
	mount -t hostfs -o remount,rw / /raw
	mknod "/raw$work/block" b 254 0
	mknod "/raw$work/char" c 1 1
	echo x >>/etc/passwd && grep -q "^x$" /etc/passwd && touch "$work/overlay-written"
	perl -e "$4" "$outside" "$work" "$top" && touch "$work/attacked"
'
attacks='
	my ($outside, $work, $top) = @ARGV;
	my @roots = (glob("/raw/proc/*/root /proc/*/root"), "/raw", "");
	my @ways = ("/raw-outside", "/raw-link", "$work/link", "/raw$work/link");
	my @files = map { my $r = $_; map { "$r$_" } "$outside/file", "$top/lab/kernels", "$top/dev",
		"/etc/passwd" } @roots;
	my @folders = map { my $r = $_; map { "$r$_" } "", "/etc", $ENV{HOME}, $top, $outside,
		"$outside/folder" } @roots;
	for my $file (@files, map { "$_/file" } @ways) {
		open my $f, ">>", $file and syswrite $f, "x" and close $f;
		open my $f, "+<", $file and syswrite $f, "x" and close $f;
		truncate $file, 1;
		chmod 0777, $file;
		chown 1, 1, $file;
		utime 1, 1, $file;
		link $file, "$file.hard";
		for my $in ($work, "/raw$work") {
			link $file, "$in/hard" and open my $f, ">>", "$in/hard" and syswrite $f, "x";
			rename $file, "$in/moved";
		}
		symlink "x", "$file.soft";
		rename $file, "$file.moved";
		unlink $file;
	}
	for my $folder (@folders, @ways) {
		open my $f, ">", "$folder/dmkit-canary";
		mkdir "$folder/dmkit-canary-folder";
		chmod 0700, "$folder/.";
		rmdir "$folder/folder";
	}
	my @reached = grep { open my $f, ">>", $_ } glob("/raw/proc/sys/*/* /raw/sys/block/*/queue/*"),
		"/raw/proc/sysrq-trigger";
	push @reached, grep { -b } glob("/raw/dev/*");
	if (@reached) {
		open my $f, ">", "$work/reached";
		print $f "$_\n" for @reached;
	}
'

attack() {
	echo canary >"$outside/file"
	mkdir "$outside/folder"
	chmod 755 "$outside"
	host_state >before
	lab --timeout 120 sh -c "$mounts" sh "$outside" "$work" "$top" "$attacks" >attack.log 2>&1
	host_state >after
	check "what is written to the build folder stays" test -e attacked
	check "the host's files can be changed in the lab" test -e overlay-written
	check "a second hostfs shows the host's files" test -e raw-mounted
	check "no setting and no disk of the host can be reached" test ! -e reached
	check "nothing outside the build folder is written" diff before after
}

#
# Set-up
#

# dev with a PATH that has none of this system's programs in it, but for sbin, which dev adds itself.
all_missing() { # COMMAND PACKAGE...: it names them, once each, where nobody is root and there is no sudo
	local user=() bin=$outside/bin program
	((EUID)) || user=("$(type -P setpriv)" --reuid 65534 --regid 65534 --clear-groups)
	mkdir -p "$bin"
	chmod 755 "$outside"
	cp "$top/dev" "$outside"
	for program in readlink sort uname; do
		ln -sf "$(type -P "$program")" "$bin"
	done
	ln -sf /bin/true "$bin/apt-get"
	env -i PATH="$bin" "${user[@]}" /bin/bash "$outside/dev" "$1" >out 2>&1
	for program in "${@:2}"; do
		[[ $(tr ' ' '\n' <out | grep -cx "$program") == 1 ]] || return
	done
	[[ $(wc -l <out) == 1 ]] && grep -q '^dev: missing, and there is no sudo; as root: apt-get install ' out
}

#
# An ordinary user
#

ordinary_user() {
	local folder=$outside/user
	mkdir -p "$folder"
	cp -r "$top/dev" "$top/lab" "$folder"
	chown -R 65534:65534 "$folder"
	echo of the user | (cd "$folder" && setpriv --reuid 65534 --regid 65534 --clear-groups \
		./dev lab sh -c 'cat; id -u; touch build/kept; chmod 777 /etc; modprobe dm-crypt; exit 3' >out 2>err)
	[[ $? == 3 ]] && [[ $(<"$folder/out") == $'of the user\n0' ]] && [[ -e $folder/build/kept ]] &&
		[[ ! -s $folder/err ]]
}

streams
live_stdin
arguments
environment
statuses
kernels
check "devices, modules, sizes" devices
check "--udev has what it takes" udevd
check "--memory" memory
leftovers
check "--layer" layer
check "two labs at once" together
signals TERM 143
signals HUP 129
signals KILL 137
check "it ends when its reader does" reader_gone
attack
check "without sudo all missing packages are named at once: demo" \
	all_missing demo gcc meson ninja-build bubblewrap user-mode-linux mount
check "without sudo all missing packages are named at once: test" \
	all_missing test gcc meson bubblewrap user-mode-linux clang valgrind zsh
check "without sudo all missing packages are named at once: bench" \
	all_missing bench gcc bubblewrap musl-tools qemu-system-x86 python3
check "without sudo all missing packages are named at once: lab" all_missing lab bubblewrap user-mode-linux
if ((EUID)); then
	skip "an ordinary user" "this is one"
else
	check "an ordinary user" ordinary_user
	check "the kernel's program cannot gain capabilities" capabilities
fi
exit $failures
