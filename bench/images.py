# SPDX-License-Identifier: MIT
"""The section image, where the CPU is this host's: images made and verified beside Debian's veritysetup."""

import os
import re
import shutil
import tempfile

import machine

ROUNDS = 7
DATA_BYTES = 1 << 30
FEC_BYTES = 128 << 20
SPARSE_BYTES = 16 << 30
# In memory, so that no disk is measured.
MEMORY = "/dev/shm"
SALT = "5a" * 32
# The same library without libipsec-mb.
PLAIN = os.path.join(machine.WORK, "no-ipsec-mb")
OURS = os.path.join(machine.BUILD, "dmkit")
HASH_RATE = os.path.join(machine.WORK, "hash-rate")


def build():
    if not os.path.exists(os.path.join(PLAIN, "build.ninja")):
        machine.output("meson", "setup", "-Dipsec-mb=disabled", PLAIN, machine.TOP)
    machine.output("ninja", "-C", PLAIN)
    machine.output("gcc", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", os.path.join(machine.TOP, "bench", "hash-rate.c"),
                   "-lcrypto", "-lIPSec_MB", "-o", HASH_RATE)


def random_file(path, size):
    with open(path, "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))


class Folder:
    def __init__(self, path, figures):
        self.path, self.figures = path, figures
        self.veritysetup = shutil.which("veritysetup")
        if not self.veritysetup:
            raise machine.Failure("veritysetup is missing")

    def file(self, name):
        return os.path.join(self.path, name)

    def cost(self, series, *command):
        """Of one process, the peak of its memory too: a small one starts it, of which none is counted."""
        for line in machine.output(machine.GUEST, "cost", *command).splitlines():
            _, _, what, value = line.split()
            self.figures.setdefault(f"{series}.{what}", []).append(int(value))

    def without(self, *names):
        """Files that are to be made anew: to write over one costs less."""
        for name in names:
            if os.path.exists(self.file(name)):
                os.unlink(self.file(name))

    def ours(self, series, program, *words):
        self.without("ours.hash", "ours.fec")
        self.cost(series, program, "image", "format", *words, "--salt", SALT)

    def theirs(self, series, *words):
        self.without("theirs.hash", "theirs.fec")
        self.cost(series, self.veritysetup, "format", *words, "--salt=" + SALT)

    def same(self, mine, other):
        """Of both the superblock's uuid is a random one."""
        with open(self.file(mine), "rb") as a, open(self.file(other), "rb") as b:
            a.seek(4096)
            b.seek(4096)
            while True:
                left, right = a.read(1 << 20), b.read(1 << 20)
                if left != right:
                    raise machine.Failure(f"image: {mine} is another tree than {other}")
                if not left:
                    return


def measure_format(folder, data):
    mine, other = folder.file("ours.hash"), folder.file("theirs.hash")
    for _ in range(ROUNDS):
        folder.ours("format.one", OURS, data, mine, "--threads", "1")
        folder.theirs("format.peer", data, other)
        folder.same("ours.hash", "theirs.hash")
        folder.ours("format.plain", os.path.join(PLAIN, "dmkit"), data, mine, "--threads", "1")
        folder.same("ours.hash", "theirs.hash")
        folder.ours("format.all", OURS, data, mine)
        for line in machine.output(HASH_RATE, data).splitlines():
            if line.startswith("! "):
                raise machine.Failure(line[2:])
            _, _, series, value = line.split()
            folder.figures.setdefault(series, []).append(int(value))


def measure_verify(folder, data):
    tree = folder.file("theirs.hash")
    folder.without("theirs.hash")
    text = machine.output(folder.veritysetup, "format", data, tree, "--salt=" + SALT)
    digest = re.search(r"^Root hash:\s*(\S+)", text, re.M).group(1)
    for _ in range(ROUNDS):
        folder.cost("verify.all", OURS, "image", "verify", data, tree, digest)
        folder.cost("verify.peer", folder.veritysetup, "verify", data, tree, digest)


def measure_fec(folder, data):
    for _ in range(ROUNDS):
        folder.ours("fec.one", OURS, data, folder.file("ours.hash"), "--threads", "1", "--fec", folder.file("ours.fec"),
                    "--fec-roots", "2")
        folder.theirs("fec.peer", data, folder.file("theirs.hash"), "--fec-device=" + folder.file("theirs.fec"),
                      "--fec-roots=2")
        folder.same("ours.fec", "theirs.fec")
    folder.without("ours.fec", "theirs.fec")


def measure_memory(folder):
    """All cores, since each has its own room."""
    sparse = folder.file("sparse")
    for size, series in ((DATA_BYTES, "memory.small"), (SPARSE_BYTES, "memory.large")):
        with open(sparse, "wb") as file:
            file.truncate(size)
        folder.ours(series, OURS, sparse, folder.file("ours.hash"))
        if os.stat(sparse).st_blocks:
            raise machine.Failure("image: reading a sparse file has filled it")
    folder.without("sparse", "ours.hash")


def measure(progress):
    progress("image: making files")
    build()
    figures = {}
    with tempfile.TemporaryDirectory(prefix="dmkit-bench-", dir=MEMORY) as path:
        folder = Folder(path, figures)
        data = folder.file("data")
        random_file(data, DATA_BYTES)
        progress("image: format")
        measure_format(folder, data)
        progress("image: verify")
        measure_verify(folder, data)
        os.truncate(data, FEC_BYTES)
        progress("image: format with parity")
        measure_fec(folder, data)
        progress("image: memory")
        measure_memory(folder)
    return figures
