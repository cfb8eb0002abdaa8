#!/bin/bash
# SPDX-License-Identifier: MIT
# build/dmkit-static: what it needs (nothing), and that it works where nothing else is.
set -u
top=$(readlink -f "${BASH_SOURCE[0]%/*}/../..")
dmkit=$top/build/dmkit-static
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$work/output" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		sed 's/^/# /' "$work/output"
		failed=1
	fi
}

says() { # WORDS COMMAND...
	"${@:2}" | tee "$work/said" | grep -qF -- "$1" || { cat "$work/said" && false; }
}

needs_nothing() {
	! readelf -d "$dmkit" | grep NEEDED && ! readelf -l "$dmkit" | grep INTERP
}

check 'file says that it is statically linked' says 'statically linked' file "$dmkit"
check 'it needs no library and no loader' needs_nothing
check 'it runs without /proc, /dev and environment' says 'dmkit 0.1.0' env -i "$dmkit" --version

# The files of an initramfs: "newc" of the kernel's Documentation/driver-api/early-userspace.
archive() { # [NAME FILE]...
	python3 - "$@" <<'PYTHON'
import sys

def entry(name, mode, data):
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)

out = b""
for name, path in zip(sys.argv[1::2], sys.argv[2::2]):
    with open(path, "rb") as file:
        out += entry(name.encode(), 0o100755, file.read())
sys.stdout.buffer.write(out + entry(b"TRAILER!!!", 0, b""))
PYTHON
}

# The kernel and its modules are the lab's.
read -r _ kernel modules _ < <(grep -v '^#' "$top/lab/kernels" | grep .)
release=$(find "$modules" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
mkdir -p "$work/root/lib" "$work/uml"
ln -s "$modules" "$work/root/lib/modules"
files=(init "$work/init" dmkit "$dmkit")
while read -r word module _; do
	[[ $word == insmod ]] && files+=("module$(((${#files[@]} - 4) / 2))" "$module")
done < <(PATH=$PATH:/sbin:/usr/sbin modprobe -d "$work/root" -S "$release" --show-depends dm_mod)
check 'its first process is built' musl-gcc -static -Os -isystem "$top/build/musl-include" -o "$work/init" \
	"$top/tests/static/init.c"
archive "${files[@]}" >"$work/initramfs"
# A kernel that does not end is ended. Its memory sets how many threads there may be: with 64 MiB its
# own at boot were at times all of them, and fork was refused.
timeout -k 5 120 "$kernel" mem=256M initrd="$work/initramfs" rdinit=/init con=null con0=null,fd:1 quiet \
	uml_dir="$work/uml/" umid=static noreboot </dev/null >"$work/console" 2>&1
tr -d '\r' <"$work/console" | grep -aE '^((not )?ok - |# )' >"$work/result"
grep -v '^# the end' "$work/result"
grep -q '^not ok' "$work/result" && failed=1
if ! grep -q '^# the end' "$work/result"; then
	echo 'not ok - the kernel with nothing but an initramfs came to its end'
	tail -n 20 "$work/console" | sed 's/^/# /'
	failed=1
fi
exit $failed
