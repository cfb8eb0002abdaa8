# SPDX-License-Identifier: MIT
"""The machine that counts instructions: Debian's cloud kernel in QEMU, where the clock is the number
of instructions that were executed, and an initramfs with the programs that are compared."""

import glob
import os
import re
import selectors
import shutil
import signal
import stat
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, "build")
WORK = os.path.join(BUILD, "bench")
GUEST = os.path.join(WORK, "guest")
EMPTY = os.path.join(WORK, "empty")
LIBRARY = os.path.join(WORK, "library")
MODULES = ["dm-mod", "dm-zero", "dm-verity", "loop", "crc32c_generic", "erofs"]
KERNEL_NAME = r"^linux-image-6\.1\.[0-9-]+-cloud-amd64$"


class Failure(Exception):
    """A sentence for whoever runs the bench."""


def output(*command, **more):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout
    except FileNotFoundError:
        raise Failure(f"{command[0]} is missing")
    except subprocess.CalledProcessError as error:
        raise Failure(f"{' '.join(command[:3])} failed: {(error.stderr or error.stdout).strip()}")


#
# The kernel: a Debian package, unpacked and not installed
#


def newest_kernel():
    names = output("apt-cache", "search", "--names-only", KERNEL_NAME).split("\n")
    names = [line.split(" ")[0] for line in names if line]
    return max(names, key=lambda name: [int(n) for n in re.findall(r"\d+", name)], default=None)


def download_kernel(folder):
    name = newest_kernel()
    if not name:
        raise Failure("no package's name is like " + KERNEL_NAME)
    # apt-get names the file after the version.
    output("apt-get", "-q", "-o", "Acquire::Retries=3", "download", name, cwd=folder)


def fetch_kernel(progress):
    """The folder with boot/ and lib/modules/, made once."""
    kernel = os.path.join(WORK, "kernel")
    if os.path.exists(kernel):
        return kernel
    progress("fetching Debian's cloud kernel")
    work = kernel + ".part"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    try:
        download_kernel(work)
    except Failure:
        # The lists may be missing, or older than the mirror.
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        output(*sudo, "apt-get", "-q", "update")
        download_kernel(work)
    deb = glob.glob(work + "/*.deb")[0]
    output("dpkg-deb", "-x", deb, work)
    output("depmod", "-b", work, kernel_release(work))
    with open(work + "/version", "w") as file:
        file.write(output("dpkg-deb", "-W", "--showformat=${Package} ${Version}", deb))
    os.remove(deb)
    os.rename(work, kernel)
    return kernel


def kernel_release(kernel):
    return os.listdir(kernel + "/lib/modules")[0]


def module_files(kernel):
    """In the order in which they have to be loaded."""
    files = []
    for name in MODULES:
        shown = output("modprobe", "-d", kernel, "-S", kernel_release(kernel), "--show-depends", name)
        for line in shown.splitlines():
            words = line.split()
            if words[0] == "insmod" and words[1] not in files:
                files.append(words[1])
    return files


#
# The initramfs: the cpio format "newc"
#


class Archive:
    def __init__(self, path):
        self.file = open(path, "wb")
        self.inode = 0
        self.seen = set()

    def entry(self, name, mode, content=b"", device=(0, 0)):
        name = name.lstrip("/")
        if name in self.seen:
            return
        self.seen.add(name)
        parent = os.path.dirname(name)
        if parent:
            self.entry(parent, stat.S_IFDIR | 0o755)
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = [self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self.file.write(head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4))

    def add(self, name, source):
        with open(source, "rb") as file:
            self.entry(name, stat.S_IFREG | 0o755, file.read())

    def close(self):
        self.entry("TRAILER!!!", 0)
        self.file.close()


def libraries(program):
    """What the loader maps for it, by the names under which it looks for them."""
    found = re.findall(r"(?:=> |^\s*)(/\S+) \(0x", output("ldd", program), re.M)
    if not found:
        raise Failure(f"ldd names no library of {program}")
    return found


def make_initramfs(kernel, path):
    archive = Archive(path)
    for name in ("bin", "sbin", "lib", "lib64"):
        if os.path.islink("/" + name):
            archive.entry(name, stat.S_IFLNK | 0o777, os.readlink("/" + name).encode())
    for name in ("proc", "sys", "run", "etc"):
        archive.entry(name, stat.S_IFDIR | 0o755)
    archive.entry("tmp", stat.S_IFDIR | 0o1777)
    archive.entry("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    archive.entry("dev/null", stat.S_IFCHR | 0o666, device=(1, 3))
    archive.add("init", GUEST)
    archive.add("bench/dmkit-static", BUILD + "/dmkit-static")
    archive.add("bench/dmkit", BUILD + "/dmkit")
    archive.add("bench/empty", EMPTY)
    archive.add("bench/library", LIBRARY)
    archive.add("bench/library-static", LIBRARY + "-static")
    for name, source in zip(("image", "digest"), image_file()):
        archive.add("bench/" + name, source)
    programs = {"usr/sbin/dmsetup": shutil.which("dmsetup"), "usr/bin/xargs": shutil.which("xargs"),
                "usr/sbin/veritysetup": shutil.which("veritysetup"), "usr/sbin/losetup": shutil.which("losetup"),
                "usr/bin/mount": shutil.which("mount"), "usr/bin/umount": shutil.which("umount")}
    for name, source in programs.items():
        archive.add(name, source)
    for program in [BUILD + "/dmkit", *programs.values()]:
        for library in libraries(program):
            # /lib is a link in the archive too.
            folder = os.path.realpath(os.path.dirname(library))
            archive.add(os.path.join(folder, os.path.basename(library)), library)
    # So that a look-up costs what it costs on this host.
    archive.add("etc/ld.so.cache", "/etc/ld.so.cache")
    modules = module_files(kernel)
    for module in modules:
        archive.add("bench/" + os.path.basename(module), module)
    lines = "".join("/bench/" + os.path.basename(module) + "\n" for module in modules)
    archive.entry("bench/modules", stat.S_IFREG | 0o644, lines.encode())
    archive.close()


def image_file():
    """A small layer with its hash tree behind it, made once; its file, its root digest, and where the tree is."""
    folder = os.path.join(WORK, "layer")
    image, digest = os.path.join(folder, "image"), os.path.join(folder, "digest")
    if not os.path.exists(digest):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        output("mkfs.erofs", image, os.path.join(TOP, "bench"))
        os.truncate(image, -(-os.path.getsize(image) // 4096) * 4096)
        offset = os.path.getsize(image)
        text = output(BUILD + "/dmkit", "image", "format", image).strip()
        with open(digest, "w") as file:
            file.write(f"{text} {offset}")
    return image, digest


#
# A boot
#


def read_lines(process, seconds):
    """Lines as they come. The end of the machine is theirs; the end of the time is a Failure."""
    deadline = time.monotonic() + seconds
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0, deadline - time.monotonic())):
                raise Failure(f"the machine was not done after {seconds} s")
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                yield line.decode(errors="replace").rstrip("\r")


def boot(kernel, initramfs, benches, memory, seconds, progress):
    """Runs benches in one machine. Returns {bench: {series: [value...]}}."""
    # Whoever runs this may be killed: the machine goes with it.
    command = ["setpriv", "--pdeathsig", "KILL", "--", "qemu-system-x86_64", "-accel", "tcg",
               "-icount", "shift=0,sleep=off", "-smp", "1", "-m", str(memory), "-nodefaults",
               "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
               "-kernel", glob.glob(kernel + "/boot/vmlinuz-*")[0], "-initrd", initramfs,
               "-append", "console=ttyS0 quiet panic=-1 nokaslr rdinit=/init -- " + " ".join(benches)]
    samples = {}
    tail = []
    done = False
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    try:
        for line in read_lines(process, seconds):
            tail = [*tail[-30:], line]
            words = line.split()
            if line.startswith("@ ") and len(words) == 4:
                samples.setdefault(words[1], {}).setdefault(words[2], []).append(int(words[3]))
            elif line.startswith("begin "):
                progress(words[1])
            elif line.startswith("! "):
                raise Failure(line[2:])
            done = done or line == "done"
        if not done:
            raise Failure("the machine ended before the benches did")
    except Failure as failure:
        console = "".join("\n  " + line for line in tail if not line.startswith("@ "))
        raise Failure(f"{failure}; the end of its console:{console}")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    return samples
