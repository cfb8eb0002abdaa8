#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Parity and signatures by a kernel that has them: `tests/image/kernel.py DMKIT FOLDER`.

The lab's kernels have neither. Debian's cloud kernel in QEMU reads a damaged block by the parity, which is
-EIO without it, and refuses a signature that is none, with nothing left. Needs mkfs.erofs, and the network once.
"""

import os
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "bench"))
import machine

PROGRAMS = ("bash", "cat", "cmp", "grep", "insmod", "mount", "ls", "poweroff")
BLOCK = 4096
INIT = r"""#!/usr/bin/bash
export PATH=/usr/bin
mount -t proc proc /proc && mount -t sysfs sys /sys && mount -t devtmpfs dev /dev
while read -r module; do insmod "$module"; done </modules
cd /test
read -r digest <digest
says() { # NAME STATUS
	local left=() loops=(/sys/block/loop*/loop)
	[[ -z $(dmkit list) ]] || left+=(mapping)
	[[ ! -e ${loops[0]} ]] || left+=(loop)
	! grep -q dmkit-image: /proc/keys || left+=(key)
	echo "SAYS $1: $2; left: ${left[*]:-nothing}"
	cat said
}
reads() { # IMAGE OPTION...
	local image=$1 status
	dmkit image mount "$image" /mnt "$digest" "${@:2}" >said 2>&1 || { echo "not mounted"; return; }
	cmp /mnt/file file >>said 2>&1 && echo right || echo wrong
	dmkit image umount /mnt >>said 2>&1 || echo "not unmounted"
}
says whole "$(reads whole)"
says damaged "$(reads damaged)"
says mended "$(reads damaged --fec appended)"
says signed "$(reads whole --signature digest)"
grep -q "signature: 'digest': it is no PKCS#7 signature" said && echo "SAYS why: yes"
echo "SAYS end"
echo o >/proc/sysrq-trigger
sleep 10
"""


def make_images(dmkit, folder):
    """whole, damaged, file, digest."""
    (folder / "tree").mkdir()
    content = os.urandom(64 * BLOCK)
    (folder / "tree" / "file").write_bytes(content)
    (folder / "file").write_bytes(content)
    machine.output("mkfs.erofs", str(folder / "whole"), str(folder / "tree"))
    os.truncate(folder / "whole", -(-(folder / "whole").stat().st_size // BLOCK) * BLOCK)
    digest = machine.output(dmkit, "image", "format", str(folder / "whole"), "--fec", "appended")
    (folder / "digest").write_text(digest)
    damaged = bytearray((folder / "whole").read_bytes())
    at = damaged.index(content[9 * BLOCK:10 * BLOCK])
    damaged[at:at + BLOCK] = os.urandom(BLOCK)
    (folder / "damaged").write_bytes(damaged)


def make_initramfs(dmkit, kernel, folder):
    archive = machine.Archive(str(folder / "initramfs"))
    for name in ("bin", "sbin", "lib", "lib64"):
        archive.entry(name, 0o120777, b"usr/" + name.encode())
    for name in ("proc", "sys", "dev", "run", "tmp", "mnt"):
        archive.entry(name, 0o40755)
    archive.entry("dev/console", 0o20600, device=(5, 1))
    archive.entry("init", 0o100755, INIT.encode())
    for name in ("whole", "damaged", "file", "digest"):
        archive.add(f"test/{name}", str(folder / name))
    programs = {"dmkit": dmkit, **{name: shutil.which(name) for name in PROGRAMS if shutil.which(name)}}
    for name, path in programs.items():
        archive.add(f"usr/bin/{name}", path)
        for library in machine.libraries(path):
            place = os.path.realpath(os.path.dirname(library))
            archive.add(os.path.join(place, os.path.basename(library)), library)
    modules = machine.module_files(kernel)
    for module in modules:
        archive.add(os.path.basename(module), module)
    archive.entry("modules", 0o100644, "".join(f"/{os.path.basename(module)}\n" for module in modules).encode())
    archive.close()


def boot(kernel, folder):
    image = next(pathlib.Path(kernel, "boot").glob("vmlinuz-*"))
    command = ["setpriv", "--pdeathsig", "KILL", "--", "qemu-system-x86_64", "-accel", "tcg", "-smp", "1", "-m", "512",
               "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio", "-kernel", str(image),
               "-initrd", str(folder / "initramfs"), "-append", "console=ttyS0 quiet panic=-1 rdinit=/init"]
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180)
        return run.stdout.decode(errors="replace").replace("\r", "")
    except subprocess.TimeoutExpired as late:
        return (late.output or b"").decode(errors="replace").replace("\r", "")


def main():
    dmkit, folder = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]) / "kernel"
    if not shutil.which("qemu-system-x86_64") or os.uname().machine != "x86_64":
        print("skip - parity in the kernel: QEMU of this processor")
        return False
    folder.mkdir()
    os.makedirs(machine.WORK, exist_ok=True)
    kernel = machine.fetch_kernel(lambda text: print(f"# {text}"))
    make_images(dmkit, folder)
    make_initramfs(dmkit, kernel, folder)
    console = boot(kernel, folder)
    said = {line.split(":")[0]: line for line in console.split("\n") if line.startswith("SAYS ")}
    failed = False
    for name, line in (("a whole image is read", "SAYS whole: right; left: nothing"),
                       ("without parity a bad block is not", "SAYS damaged: wrong; left: nothing"),
                       ("with it the kernel mends the block", "SAYS mended: right; left: nothing"),
                       ("a signature that is none is refused", "SAYS signed: not mounted; left: nothing"),
                       ("and the error says so", "SAYS why: yes"),
                       ("the machine came to its end", "SAYS end")):
        good = said.get(line.split(":")[0]) == line
        print(f"{'ok' if good else 'not ok'} - {name}")
        failed |= not good
    if failed:
        print("".join(f"# {line}\n" for line in console.split("\n")), end="")
    shutil.rmtree(folder)
    return failed


if __name__ == "__main__":
    sys.exit(main())
