# SPDX-License-Identifier: MIT
"""Images for the tests: the library as a process, Debian's veritysetup, and where what of an image
lies, worked out a third time, by the kernel's documentation alone."""

import dataclasses
import random
import re
import subprocess

SUPERBLOCK_BYTES = 512
NO_SUPERBLOCK, VERSION_0, FEC_APPENDED = 1, 2, 4
DATA, TREE, ROOT = 1, 2, 3
EBADMSG = 74

# Bytes of a digest, of the algorithms that both know. The first one is what most images have.
ALGORITHMS = {"sha256": 32, "sha512": 64, "sha1": 20, "sha224": 28, "sha384": 48, "sha3-256": 32, "sha3-512": 64,
              "sha3-224": 28, "sha3-384": 48, "blake2b-512": 64, "blake2s-256": 32, "md5": 16, "rmd160": 20, "sm3": 32}


class Checks:
    """Lines as tests/run counts them. Of what is wrong many times the first three are told."""

    def __init__(self):
        self.failures = 0

    def check(self, name, wrong):
        wrong = [line for line in wrong if line]
        print(("not ok - " if wrong else "ok - ") + name, flush=True)
        for line in wrong[:3]:
            print("# " + line)
        if len(wrong) > 3:
            print(f"# and {len(wrong) - 3} more")
        self.failures += bool(wrong)


@dataclasses.dataclass
class Bad:
    area: int
    level: int
    first: int
    n: int
    offset_bytes: int
    mendable: int
    unproved: int


@dataclasses.dataclass
class Answer:
    code: int
    sentence: str
    bad: list
    numbers: dict


class Judge:
    """The library, in one process for all questions. Paths are relative to its folder."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, verb, **options):
        words = [f"{key}={value}" for key, value in options.items() if value is not None]
        self.process.stdin.write(" ".join([verb, *words]) + "\n")
        self.process.stdin.flush()
        bad, numbers = [], {}
        for line in self.process.stdout:
            kind, _, rest = line.rstrip("\n").partition(" ")
            if kind == "bad":
                bad.append(Bad(*map(int, rest.split(" "))))
            elif kind == "end":
                code, _, sentence = rest.partition(" ")
                return Answer(int(code), sentence, bad, numbers)
            else:
                numbers = dict(word.split("=", 1) for word in rest.split(" "))
        raise SystemExit(f"the library ended with status {self.process.wait()}: {' '.join([verb, *words])}")

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


@dataclasses.dataclass
class Case:
    """What an image is made by. Two of the same numbers are the same image."""
    version: int = 1
    data_block: int = 4096
    hash_block: int = 4096
    algorithm: str = "sha256"
    salt: str | None = None  # None: the library's own choice
    uuid: str | None = None
    superblock: bool = True
    appended: bool = False  # the tree to the data
    hash_offset: int = 0
    data_blocks: int = 1
    tail_bytes: int = 0  # in data's file, behind its blocks
    stale_bytes: int = 0  # junk in the tree's file, before it is made
    roots: int = 0
    fec_appended: bool = False  # to the tree

    def __str__(self):
        """What is no default, and of a long salt its begin."""
        given = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)
                 if field.name != "uuid" and getattr(self, field.name) != field.default}
        if len(self.salt or "") > 16:
            given["salt"] = f"{self.salt[:8]}... of {len(self.salt) // 2}"
        return " ".join(f"{name}={value}" for name, value in given.items())

    def flags(self):
        return ((0 if self.superblock else NO_SUPERBLOCK) | (0 if self.version else VERSION_0) |
                (FEC_APPENDED if self.fec_appended else 0))

    def names(self, side):
        data = side + ".data"
        tree = data if self.appended else side + ".hash"
        return data, tree, (tree if self.fec_appended else side + ".fec") if self.roots else None

    def words(self, side, making, offset=None):
        """Options for the library. What a superblock says is not told to those who read it."""
        data, tree, fec = self.names(side)
        words = {"data": data, "hash": None if self.appended else tree, "flags": self.flags(),
                 "hash_offset_bytes": self.hash_offset if offset is None else offset}
        if making or not self.superblock:
            words |= {"data_block_size_bytes": self.data_block, "hash_block_size_bytes": self.hash_block,
                      "algorithm": self.algorithm, "salt": self.salt,
                      "data_blocks": self.data_blocks if self.tail_bytes or not making else None}
        if making:
            words["uuid"] = self.uuid
        if self.roots:
            words |= {"fec_roots": self.roots, "fec": None if self.fec_appended else fec}
        return words

    def veritysetup(self, verb, side, digest=None, fec_offset=0, offset=None):
        data, tree, fec = self.names(side)
        words = ["veritysetup", verb, data, tree, *([digest] if digest else []),
                 f"--hash-offset={self.hash_offset if offset is None else offset}"]
        if verb == "format" or not self.superblock:
            words += [f"--format={self.version}", f"--data-block-size={self.data_block}", f"--salt={self.salt}",
                      f"--hash-block-size={self.hash_block}", f"--hash={self.algorithm}",
                      f"--data-blocks={self.data_blocks}"]
        if not self.superblock:
            words.append("--no-superblock")
        elif verb == "format":
            words.append(f"--uuid={self.uuid}")
        if fec:
            words += [f"--fec-device={fec}", f"--fec-roots={self.roots}", f"--fec-offset={fec_offset}"]
        return words


class Layout:
    """Where the blocks of a tree are, and which rows of parity they belong to."""

    def __init__(self, case, offset):
        self.case = case
        digest = ALGORITHMS[case.algorithm]
        self.per_block = 1 << (case.hash_block // digest).bit_length() - 1
        self.slot_bytes = 1 << (digest - 1).bit_length() if case.version else digest
        head = offset + (SUPERBLOCK_BYTES if case.superblock else 0)
        self.tree_offset = -(-head // case.hash_block) * case.hash_block
        self.blocks = []  # of each level
        n = case.data_blocks
        while n > 1:
            n = -(-n // self.per_block)
            self.blocks.append(n)
        self.first = [sum(self.blocks[level + 1:]) for level in range(len(self.blocks))]
        self.tree_blocks = sum(self.blocks)
        self.end = self.tree_offset + self.tree_blocks * case.hash_block

    def level_of(self, block):
        """Of a block of the tree: its level, and which one it is there."""
        for level, first in enumerate(self.first):
            if first <= block < first + self.blocks[level]:
                return level, block - first
        raise ValueError(block)

    def parent(self, level, block):
        """The tree's block with the digest of this one. Data is level -1. None: the root digest."""
        if level + 1 == len(self.blocks):
            return None
        return self.first[level + 1] + block // self.per_block

    def children(self, block):
        """Of a block of the tree: the level below, and the range of its blocks that it has digests of."""
        level, block = self.level_of(block)
        n = self.blocks[level - 1] if level else self.case.data_blocks
        return level - 1, range(block * self.per_block, min((block + 1) * self.per_block, n))

    def rows(self, covered_hash_blocks):
        return -(-(self.case.data_blocks + covered_hash_blocks) // (255 - self.case.roots))


def theirs(folder, words, **more):
    """Their exit status and what they said."""
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **more)
    return done.returncode, done.stdout


def said(output, what):
    found = re.search(rf"^{what}:\s*(\S+)", output, re.M)
    return found.group(1) if found else None


def hex_bytes(rng, n):
    return rng.randbytes(n).hex()


def uuid(rng):
    digits = rng.randbytes(16).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def seeded(seed, what):
    """Each part of a test has numbers of its own, so that one more in one part moves none in another."""
    return random.Random(f"{seed} {what}")
