#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Images of ours beside veritysetup's: `tests/image/compare.py JUDGE FOLDER [N [SEED]]`.

N random sets of parameters, 250 unless given, always the same for a SEED. Of each: tree, superblock and
parity are the same bytes, ours is verified by theirs and theirs by ours, both refuse another digest and an
image with one byte changed, and where theirs would mend that, ours does.
"""

import pathlib
import shutil
import sys

from images import (ALGORITHMS, DATA, EBADMSG, ROOT, TREE, Case, Checks, Judge, Layout, hex_bytes, said, seeded, theirs, uuid)

MOST_BYTES = 3 << 20
SIZES = [512 << i for i in range(8)]


def some_blocks(rng, case):
    """Around what fills a level most often: there the layout changes."""
    per_block = Layout(case, 0).per_block
    most = max(1, MOST_BYTES // case.data_block)
    edges = [1, 2] + [per_block ** n + more for n in (1, 2, 3) for more in (-1, 0, 1)]
    edges += [per_block * rng.randrange(2, 9)]
    edges = [n for n in edges if 0 < n <= most]
    return rng.choice(edges) if rng.random() < 0.6 else rng.randint(1, min(most, 10 ** rng.randint(1, 4)))


def some_case(rng):
    case = Case(version=int(rng.random() < 0.75))
    case.data_block = rng.choice(SIZES) if rng.random() < 0.6 else 4096
    case.hash_block = case.data_block if rng.random() < 0.6 else rng.choice(SIZES)
    case.algorithm = "sha256" if rng.random() < 0.45 else rng.choice(list(ALGORITHMS))
    kind = rng.random()
    if kind < 0.15:
        case.salt = "-"
    elif kind < 0.9:
        case.salt = hex_bytes(rng, rng.choice([32, 32, 1, 256, rng.randint(1, 256)]))
    case.superblock = rng.random() < 0.8
    case.uuid = uuid(rng) if rng.random() < 0.85 else None
    case.appended = rng.random() < 0.4
    case.data_blocks = some_blocks(rng, case)
    if rng.random() < 0.3:
        case.tail_bytes = rng.choice([1, 511, case.data_block, 3 * case.data_block + 5])
    if not case.appended and rng.random() < 0.15:
        case.stale_bytes = rng.choice([100, 5000, 70000])
    # Of one block theirs makes parity only where its superblock fills a block of a file.
    alone = case.data_blocks == 1
    if rng.random() < 0.3 and (not alone or (case.data_block <= 4096 and not case.appended and not case.stale_bytes)):
        case.hash_block = case.data_block
        case.roots = rng.randint(2, 24)
        case.fec_appended = rng.random() < 0.4
    step = 512 if case.superblock else case.hash_block
    if case.superblock and case.data_blocks == 1:
        step = 4096  # a superblock alone elsewhere theirs cannot write
    if case.appended:
        end = case.data_blocks * case.data_block + case.tail_bytes
        case.hash_offset = -(-end // step) * step
        # The library finds its place by itself where that is right behind the data.
        if end == case.hash_offset and not case.tail_bytes and rng.random() < 0.5:
            case.hash_offset = 0
    elif rng.random() < 0.3 and not (alone and case.roots):
        case.hash_offset = rng.randrange(1, 40) * step
    return case


def difference(name, mine, other):
    if mine == other:
        return None
    if len(mine) != len(other):
        return f"{name} has {len(mine)} bytes, theirs {len(other)}"
    at = next(i for i, (a, b) in enumerate(zip(mine, other)) if a != b)
    return f"{name} differs at byte {at}"


class Comparison:
    def __init__(self, judge, folder, rng, case):
        self.judge, self.folder, self.rng, self.case = judge, folder, rng, case
        self.wrong = {"same": [], "theirs": [], "ours": [], "digest": [], "damage": [], "mended": []}
        self.offset = case.hash_offset

    def say(self, which, text):
        self.wrong[which].append(f"{text}: {self.case}")

    def path(self, name):
        return self.folder / name

    def begin(self):
        for path in self.folder.iterdir():
            path.unlink()
        data = self.rng.randbytes(self.case.data_blocks * self.case.data_block + self.case.tail_bytes)
        stale = self.rng.randbytes(self.case.stale_bytes)
        for side in ("ours", "theirs"):
            self.path(side + ".data").write_bytes(data)
            if stale:
                self.path(side + ".hash").write_bytes(stale)

    def format(self):
        """Ours first: what it chose by itself, theirs is given."""
        case = self.case
        made = self.judge.ask("format", threads=self.rng.randint(0, 3), **case.words("ours", True))
        if made.code:
            self.say("same", f"not made: {made.sentence}")
            return False
        self.offset = int(made.numbers["hash_offset_bytes"])
        self.fec_offset = int(made.numbers["fec_offset_bytes"])
        self.digest = made.numbers["root_digest"]
        case.salt = made.numbers["salt"]
        case.uuid = made.numbers["uuid"] or case.uuid
        status, output = theirs(self.folder, case.veritysetup("format", "theirs", fec_offset=self.fec_offset,
                                                              offset=self.offset))
        if status:
            self.say("same", f"not made by theirs: {output.strip()}")
            return False
        self.compare_numbers(made.numbers, output)
        for mine, other in zip(case.names("ours"), case.names("theirs")):
            if mine:
                # Theirs makes no file for a tree of no blocks without superblock.
                bytes_of = [self.path(name).read_bytes() if self.path(name).exists() else b"" for name in (mine, other)]
                if text := difference(mine, *bytes_of):
                    self.say("same", text)
        return True

    def compare_numbers(self, numbers, output):
        case, layout = self.case, Layout(self.case, self.offset)
        self.layout = layout
        expected = {"root_digest": said(output, "Root hash"), "tree_blocks": layout.tree_blocks,
                    "levels": len(layout.blocks), "tree_offset_bytes": layout.tree_offset,
                    "hash_start_block": layout.tree_offset // case.hash_block, "data_blocks": case.data_blocks,
                    "data_block_size_bytes": case.data_block, "hash_block_size_bytes": case.hash_block,
                    "algorithm": case.algorithm, "version": case.version, "has_superblock": int(case.superblock),
                    "digest_size_bytes": ALGORITHMS[case.algorithm],
                    "salt_size_bytes": len(case.salt.strip("-")) // 2}
        if case.superblock:
            expected |= {"uuid": said(output, "UUID"), "salt": said(output, "Salt")}
        if case.roots:
            expected |= {"fec_roots": case.roots, "fec_blocks": said(output, "FEC blocks")}
        for name, value in expected.items():
            if numbers[name] != str(value):
                self.say("same", f"{name} is {numbers[name]}, not {value}")

    def verify_by_theirs(self, side, digest=None):
        return theirs(self.folder, self.case.veritysetup("verify", side, digest or self.digest,
                                                         fec_offset=self.fec_offset, offset=self.offset))

    def words(self, side, digest=None, fec=True):
        words = self.case.words(side, False, self.offset)
        if not self.case.roots or not fec:
            words |= {"fec_roots": None, "fec": None}
        elif self.case.fec_appended:
            words["fec_offset_bytes"] = self.fec_offset
        return words | {"root_digest": digest or self.digest}

    def both_ways(self):
        status, output = self.verify_by_theirs("ours")
        # Right as it is: nothing that had to be mended first.
        if status or "repair" in output:
            self.say("theirs", f"theirs of ours: {status} {output.strip()}")
        answer = self.judge.ask("verify", **self.words("theirs"))
        if answer.code or answer.bad:
            self.say("ours", f"ours of theirs: {answer.code} {answer.sentence} {answer.bad}")
        wrong = hex_bytes(self.rng, len(self.digest) // 2)
        status, _ = theirs(self.folder, self.without_fec().veritysetup("verify", "ours", wrong, offset=self.offset))
        answer = self.judge.ask("verify", **self.words("theirs", wrong, fec=False))
        areas = [bad.area for bad in answer.bad if not bad.unproved]
        if not status or answer.code != -EBADMSG or areas != [ROOT if self.layout.blocks else DATA]:
            self.say("digest", f"another digest: theirs {status}, ours {answer.code} {answer.sentence} {answer.bad}")

    def without_fec(self):
        case = Case(**vars(self.case))
        case.roots, case.fec_appended = 0, False
        return case

    def damage(self):
        """One byte: the verdict of both, the block that ours names, and what is mended."""
        case, rng, layout = self.case, self.rng, self.layout
        in_tree = layout.tree_blocks and rng.random() < 0.4
        size = case.hash_block if in_tree else case.data_block
        block = rng.randrange(layout.tree_blocks if in_tree else case.data_blocks)
        path = self.path(case.names("ours")[1 if in_tree else 0])
        whole = path.read_bytes()
        at = (layout.tree_offset if in_tree else 0) + block * size + rng.randrange(size)
        changed = bytearray(whole)
        changed[at] ^= rng.randint(1, 255)
        path.write_bytes(changed)
        status, output = theirs(self.folder, self.without_fec().veritysetup("verify", "ours", self.digest, offset=self.offset))
        answer = self.judge.ask("verify", **self.words("ours"))
        named = [(bad.area, bad.first, bad.n) for bad in answer.bad if not bad.unproved]
        area = DATA if not in_tree else ROOT if block == 0 else TREE
        if not status or answer.code != -EBADMSG or named != [(area, block, 1)]:
            self.say("damage", f"byte {at}, {area} {block}: theirs {status}, ours {answer.code} {answer.sentence} {answer.bad}")
        if case.roots:
            self.mend(path, whole, answer)

    def mend(self, path, whole, answer):
        case = self.case
        status, output = self.verify_by_theirs("ours")
        mendable = all(bad.mendable == 1 for bad in answer.bad if not bad.unproved)
        # Of one block alone it says so, and fails all the same.
        if (status and case.data_blocks > 1) or "repairable" not in output or not mendable:
            self.say("mended", f"mendable by theirs {status} {output.strip()}, ours {answer.bad}")
        repaired = self.judge.ask("repair", **self.words("ours"))
        if repaired.code or repaired.numbers["mendable"] != "1":
            self.say("mended", f"repair: {repaired.sentence} {repaired.numbers}")
        if text := difference("the mended " + path.name, path.read_bytes(), whole):
            self.say("mended", text)

    def run(self):
        self.begin()
        if self.format():
            self.both_ways()
            self.damage()
        return self.wrong


def main():
    judge_path, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 250
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    folder = folder / "compare"
    folder.mkdir()
    judge = Judge(judge_path, folder)
    checks = Checks()
    wrong, roots, appended = {}, 0, 0
    for i in range(n):
        rng = seeded(seed, i)
        case = some_case(rng)
        roots, appended = roots + bool(case.roots), appended + case.appended
        for name, texts in Comparison(judge, folder, rng, case).run().items():
            wrong.setdefault(name, []).extend(f"set {i} of seed {seed}: {text}" for text in texts)
    print(f"# {n} sets of seed {seed}: {roots} with parity, {appended} in one file")
    for name, text in (("same", f"{n} sets: the same numbers and bytes as veritysetup's"),
                       ("theirs", "veritysetup verifies ours"), ("ours", "ours verifies veritysetup's"),
                       ("digest", "both refuse another digest"),
                       ("damage", "both see a changed byte, and ours names its block"),
                       ("mended", "what veritysetup would mend, ours does")):
        checks.check(text, wrong[name])
    checks.check("the library ends well", [] if judge.close() == 0 else ["it does not"])
    shutil.rmtree(folder)
    return bool(checks.failures)


if __name__ == "__main__":
    sys.exit(main())
