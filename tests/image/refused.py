#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is no image, or no options for one: `tests/image/refused.py JUDGE FOLDER`.

Each is refused by look, verify and repair, or by format, with a sentence that names what is wrong, and no
file is changed, made or left. Then images that are made where files stand already, or are in the way.
"""

import os
import pathlib
import shutil
import struct
import sys

from images import FEC_APPENDED, NO_SUPERBLOCK, Checks, Judge, said, seeded, theirs

BLOCKS = 300
NUMBERS = {"version": (8, "<I"), "type": (12, "<I"), "data block": (64, "<I"), "hash block": (68, "<I"),
           "data blocks": (72, "<Q"), "salt size": (80, "<H")}


def number(what, value):
    def change(tree):
        at, form = NUMBERS[what]
        struct.pack_into(form, tree, at, value)
    return change


def put(at, text):
    def change(tree):
        tree[at:at + len(text)] = text
    return change


def cut(size):
    def change(tree):
        del tree[size:]
    return change


# What is changed in the tree's file, and words of the sentence.
SUPERBLOCKS = [
    ("magic", put(0, b"Verity"), ["no verity superblock"]),
    ("zeros", put(0, bytes(512)), ["no verity superblock"]),
    ("version 0", number("version", 0), ["version", "0", "1 is allowed"]),
    ("version 2", number("version", 2), ["version", "2", "1 is allowed"]),
    ("hash type 2", number("type", 2), ["format", "2", "0 and 1"]),
    ("data block 0", number("data block", 0), ["data blocks of 0 bytes", "512 to 65536"]),
    ("data block no power of 2", number("data block", 4095), ["4095", "power of 2"]),
    ("data block too small", number("data block", 256), ["256", "512"]),
    ("data block too large", number("data block", 131072), ["131072", "65536"]),
    ("data block of 2^31", number("data block", 1 << 31), ["2147483648", "65536"]),
    ("hash block 0", number("hash block", 0), ["hash blocks of 0 bytes", "512 to 65536"]),
    ("hash block no power of 2", number("hash block", 5000), ["5000", "power of 2"]),
    ("hash block too large", number("hash block", 1 << 20), ["1048576", "65536"]),
    ("no data blocks", number("data blocks", 0), ["0 blocks of data", "at least 1"]),
    ("data blocks that overflow", number("data blocks", 1 << 63), [str(1 << 63), "4096"]),
    ("data blocks that wrap round", number("data blocks", (1 << 52) + BLOCKS), [str((1 << 52) + BLOCKS)]),
    ("data beyond its file", number("data blocks", BLOCKS + 1), ["data", str(BLOCKS * 4096), str((BLOCKS + 1) * 4096)]),
    ("algorithm unknown", put(32, b"sha257\0"), ["sha257", "sha256"]),
    ("algorithm empty", put(32, bytes(32)), ["hash algorithm"]),
    ("algorithm without end", put(32, b"sha256" * 5 + b"ab"), ["algorithm", "no end", "31"]),
    ("algorithm with control characters", put(32, b"\x1b[2Jsha\0"), ["algorithm"]),
    ("salt of 257", number("salt size", 257), ["salt", "257", "256"]),
    ("salt of 65535", number("salt size", 65535), ["salt", "65535", "256"]),
    ("tree cut by a byte", cut(4096 * 5 - 1), ["tree", str(4096 * 5 - 1), str(4096 * 5)]),
    ("tree cut behind the superblock", cut(512), ["tree", "512"]),
    ("file shorter than a superblock", cut(511), ["511", "512"]),
    ("empty file", cut(0), ["0", "512"]),
]


class Folder:
    """Files, and whether somebody has changed one."""

    def __init__(self, path):
        self.path = path

    def state(self):
        found = {}
        for path in sorted(self.path.rglob("*")):
            status = path.lstat()
            text = path.read_bytes() if path.is_file() else None
            found[path.name] = (status.st_mtime_ns, status.st_size, status.st_mode, text)
        return found

    def write(self, name, text):
        (self.path / name).write_bytes(text)


def wrong_sentence(answer, words):
    if answer.code >= 0:
        return f"it is taken: {answer.numbers}"
    sentence = answer.sentence.lower()
    if any(character < " " for character in answer.sentence):
        return f"control characters: {answer.sentence!r}"
    missing = [word for word in words if word.lower() not in sentence]
    return f"{missing} not in: {answer.sentence}" if missing else None


class Test:
    def __init__(self, judge, folder):
        self.judge, self.folder, self.checks = judge, Folder(folder), Checks()
        self.rng = seeded(1, "refused")
        self.data = self.rng.randbytes(BLOCKS * 4096)

    def whole(self):
        """A good image of theirs."""
        for path in self.folder.path.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.folder.write("an.data", self.data)
        _, output = theirs(self.folder.path, ["veritysetup", "format", "an.data", "an.hash", "--fec-device=an.fec"])
        self.digest = said(output, "Root hash")
        self.tree = (self.folder.path / "an.hash").read_bytes()

    def refused(self, name, words, verbs, **options):
        before, wrong = self.folder.state(), []
        for verb in verbs:
            asked = {"root_digest": self.digest} if verb in ("verify", "repair") else {}
            if verb == "repair":
                asked["fec"] = "an.fec"
            text = wrong_sentence(self.judge.ask(verb, **asked | options), words)
            wrong.append(text and f"{verb}: {text}")
        after = self.folder.state()
        wrong += [f"{file} was changed" for file in before | after if before.get(file) != after.get(file)]
        self.checks.check(f"refused: {name}", wrong)

    def superblocks(self):
        for name, change, words in SUPERBLOCKS:
            self.whole()
            tree = bytearray(self.tree)
            change(tree)
            self.folder.write("an.hash", tree)
            self.refused(f"superblock, {name}", words, READERS, data="an.data", hash="an.hash")

    def places(self):
        """Trees that lie where they cannot."""
        self.whole()
        image = bytearray(self.data + self.tree)
        self.folder.write("an.image", image)
        inside = {"data": "an.image", "hash_offset_bytes": len(self.data)}
        answer = self.judge.ask("look", **inside)
        self.checks.check("a good one is taken", [wrong_number(answer, "tree_blocks", "4")])
        struct.pack_into("<Q", image, len(self.data) + 72, BLOCKS + 1)
        self.folder.write("an.image", image)
        self.refused("tree that overlaps the data", ["tree", "in the data", str(len(self.data))], READERS, **inside)
        self.refused("hash offset of no sector", ["offset", "513", "512"], READERS, data="an.data", hash="an.hash",
                     hash_offset_bytes=513)
        self.refused("hash offset beyond the file", [str(1 << 40)], READERS, data="an.data", hash="an.hash",
                     hash_offset_bytes=1 << 40)
        self.refused("hash offset beyond everything", [str((1 << 64) - 512)], READERS,
                     data="an.data", hash="an.hash", hash_offset_bytes=(1 << 64) - 512)
        self.refused("no offset and no file system in front", ["offset", "needed"], READERS, data="an.data")

    def disagreement(self):
        """Options that say something else than the superblock."""
        self.whole()
        for option, value, words in (("data_block_size_bytes", 512, ["512", "4096"]), ("hash_block_size_bytes", 1024, ["1024", "4096"]),
                                     ("data_blocks", 299, ["299", "300"]), ("algorithm", "sha1", ["sha1", "sha256"])):
            self.refused(f"{option} that is not the superblock's", words, READERS, data="an.data", hash="an.hash",
                         **{option: value})

    def digests(self):
        self.whole()
        for name, digest, words in (("too short", "ab" * 31, ["digest", "64"]), ("too long", "ab" * 33, ["digest", "64"]),
                                    ("odd", "a" * 63, ["digest"]), ("not hex", "g" * 64, ["digest", "hexadecimal"]),
                                    ("none", None, ["digest"]), ("-", "-", ["digest"])):
            self.refused(f"digest {name}", words, ["verify", "repair"], data="an.data", hash="an.hash", root_digest=digest)

    def files(self):
        self.whole()
        (self.folder.path / "folder").mkdir()
        os.mkfifo(self.folder.path / "fifo")
        every = [*READERS, "format"]
        for name, path, words in (("not there", "nowhere", ["nowhere"]), ("a folder", "folder", ["folder"]),
                                  ("a FIFO", "fifo", ["fifo", "neither a file nor a block device"]),
                                  ("a character device", "/dev/null", ["/dev/null", "neither"])):
            self.refused(f"data that is {name}", words, every, data=path, hash="an.hash")
            if path != "nowhere":
                self.refused(f"hash that is {name}", words, every, data="an.data", hash=path)
        self.refused("hash that is not there", ["nowhere"], READERS, data="an.data", hash="nowhere")
        self.refused("hash in a folder that is not there", ["no/where"], every, data="an.data", hash="no/where")

    def format_options(self):
        self.whole()
        self.folder.write("odd.data", self.data[:-1])
        self.folder.write("empty.data", b"")
        for name, words, options in (
                ("data of no whole block", ["odd.data", "4096"], {"data": "odd.data"}),
                ("no data", ["empty.data"], {"data": "empty.data"}),
                ("more data blocks than there are", ["301"], {"data_blocks": 301}),
                ("data blocks that overflow", [str(1 << 60)], {"data_blocks": 1 << 60}),
                ("data block of 4095", ["4095", "power of 2"], {"data_block_size_bytes": 4095}),
                ("data block of 131072", ["131072", "65536"], {"data_block_size_bytes": 131072}),
                ("hash block of 256", ["256", "512"], {"hash_block_size_bytes": 256}),
                ("algorithm unknown", ["sha257", "sha256"], {"algorithm": "sha257"}),
                ("salt not hex", ["salt", "xyz"], {"salt": "xyzz"}),
                ("salt odd", ["salt"], {"salt": "abc"}),
                ("salt of 257 bytes", ["salt", "514", "512"], {"salt": "ab" * 257}),
                ("uuid", ["uuid", "8-4-4-4-12"], {"uuid": "1234"}),
                ("hash offset", ["offset", "100", "512"], {"hash_offset_bytes": 100}),
                ("hash offset without superblock", ["offset", "512", "4096"], {"hash_offset_bytes": 512, "flags": NO_SUPERBLOCK}),
                ("tree in the data", ["in the data"], {"hash": None, "hash_offset_bytes": 4096, "data_blocks": BLOCKS}),
                ("tree over what stands behind the data", ["an.data", "hash offset"], {"hash": None, "data_blocks": BLOCKS - 1}),
                ("hash offset beyond everything", [str((1 << 63) - 4096)], {"hash_offset_bytes": (1 << 63) - 4096}),
                ("1 root", ["1 ", "2 to 24"], {"fec": "new.fec", "fec_roots": 1}),
                ("25 roots", ["25", "2 to 24"], {"fec": "new.fec", "fec_roots": 25}),
                ("parity twice", ["parity"], {"fec": "new.fec", "flags": FEC_APPENDED}),
                ("parity of two block sizes", ["512", "4096"], {"fec": "new.fec", "hash_block_size_bytes": 512}),
                ("parity over the data", ["an.data"], {"fec": "an.data"}),
                ("flags unknown", ["flags"], {"flags": 1 << 20})):
            self.refused(f"format, {name}", words, ["format"], **{"data": "an.data", "hash": "new.hash"} | options)

    def without_superblock(self):
        self.whole()
        asked = {"data": "an.data", "hash": "an.hash", "flags": NO_SUPERBLOCK, "hash_offset_bytes": 4096, "data_blocks": BLOCKS,
                 "salt": "-"}
        self.refused("without a superblock no salt", ["salt"], READERS, **asked | {"salt": None})
        self.refused("without a superblock more data than there is", [str(301 * 4096)], READERS,
                     **asked | {"data_blocks": 301})


READERS = ["look", "verify", "repair"]


def wrong_number(answer, name, value):
    return None if answer.numbers.get(name) == value else f"{answer.code} {answer.sentence} {answer.numbers}"


def main():
    judge_path, folder = sys.argv[1], pathlib.Path(sys.argv[2]) / "refused"
    folder.mkdir()
    judge = Judge(judge_path, folder)
    test = Test(judge, folder)
    for part in (test.superblocks, test.places, test.disagreement, test.digests, test.files, test.format_options,
                 test.without_superblock):
        part()
    judge.close()
    shutil.rmtree(folder)
    return bool(test.checks.failures)


if __name__ == "__main__":
    sys.exit(main())
