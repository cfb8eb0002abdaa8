#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Damaged images: `tests/image/damage.py JUDGE FOLDER [SEED]`.

1, 10 and 1,000 random blocks of data, tree or both are changed. verify has to name all of them,
and besides them only what a changed block of the tree has no right digest of, which it calls unproved; repair
has to bring back what rows of at most `roots` blocks known to be bad can, and never writes anything else.
"""

import pathlib
import shutil
import sys

from images import ALGORITHMS, DATA, EBADMSG, ROOT, TREE, Case, Checks, Judge, Layout, hex_bytes, seeded

DRY_RUN = 8
CASES = [
    Case(data_block=512, hash_block=512, data_blocks=20000, roots=2),
    Case(data_block=512, hash_block=512, data_blocks=16 ** 3 * 3 + 1, roots=24, appended=True, fec_appended=True),
    Case(data_block=1024, hash_block=1024, data_blocks=9000, algorithm="sha512", roots=16, version=0),
    Case(data_block=4096, hash_block=512, data_blocks=1200, algorithm="sha1", salt="-"),
    Case(data_block=512, hash_block=1024, data_blocks=9000, superblock=False, salt="-"),
]


class Damaged:
    """One image with some blocks changed: what can be seen of it, and what can come back."""

    def __init__(self, case, layout, data, tree):
        self.case, self.layout, self.data, self.tree = case, layout, data, tree
        self.digests = {}  # block of the tree -> which of its digests have changed with it

    def see_digests(self, whole, now):
        """whole, now: the file of the tree."""
        for block in self.tree:
            _, children = self.layout.children(block)
            begin, size = self.layout.tree_offset + block * self.case.hash_block, ALGORITHMS[self.case.algorithm]
            places = [begin + i * self.layout.slot_bytes for i in range(len(children))]
            self.digests[block] = [child for child, at in zip(children, places) if whole[at:at + size] != now[at:at + size]]

    def seen(self, data, tree):
        """What does not fit its digest while these are changed: {(area, block): whether it is proved}. It is where the
        block that has the digest fits its own."""
        found = {(TREE, 0): True} if 0 in tree else {}
        level_of, parent = self.layout.level_of, self.layout.parent
        suspects = [(*level_of(block), block) for block in tree if block]
        for above in tree:
            level, _ = self.layout.children(above)
            suspects += [(level, child, child + (self.layout.first[level] if level >= 0 else 0)) for child in self.digests[above]]
        suspects += [(-1, block, block) for block in data]
        for level, block, place in sorted(set(suspects), reverse=True):
            above = parent(level, block)
            found[DATA if level < 0 else TREE, place] = (TREE, above) not in found
        return found

    def mended(self, rows):
        """What is left of data and tree when every row has given what it can: (data, tree). A row's blocks that are
        proved to be bad are no riddle, up to one for each root; bad ones that are not proved spoil it."""
        data, tree = set(self.data), set(self.tree)
        while True:
            seen = self.seen(data, tree)
            in_row = {}
            for block in data:
                in_row.setdefault(block % rows, []).append((DATA, block))
            for block in tree:
                in_row.setdefault((self.case.data_blocks + block) % rows, []).append((TREE, block))
            before = len(data) + len(tree)
            for blocks in in_row.values():
                if len(blocks) <= self.case.roots and all(seen.get(block) for block in blocks):
                    data -= {block for area, block in blocks if area == DATA}
                    tree -= {block for area, block in blocks if area == TREE}
            if len(data) + len(tree) == before:
                return data, tree


def blocks_of(bad, *areas, unproved=0):
    return {block for one in bad if one.area in areas and one.unproved == unproved
            for block in range(one.first, one.first + one.n)}


def differing(name, found, wanted):
    if found == wanted:
        return None
    return f"{name}: {len(found)} of {len(wanted)}; missing {sorted(wanted - found)[:5]}, too many {sorted(found - wanted)[:5]}"


def wrong_ranges(case, layout, bad):
    """Places, order, and that neighbours are one range."""
    sizes = {DATA: (0, case.data_block), TREE: (layout.tree_offset, case.hash_block), ROOT: (layout.tree_offset, case.hash_block)}
    for one in bad:
        begin, size = sizes[one.area]
        if one.offset_bytes != begin + one.first * size:
            yield f"{one} is not at {begin + one.first * size}"
        if one.area != DATA and layout.level_of(one.first)[0] != one.level:
            yield f"{one} is on level {layout.level_of(one.first)[0]}"
    for one, other in zip(bad, bad[1:]):
        if (one.area == DATA, -one.first) < (other.area == DATA, -other.first):
            yield f"{other} comes after {one}"
        kind = [(r.area, r.level, r.mendable, r.unproved) for r in (one, other)]
        if one.first + one.n == other.first and kind[0] == kind[1]:
            yield f"{one} and {other} are neighbours"


class Image:
    def __init__(self, judge, folder, rng, case):
        self.judge, self.folder, self.rng, self.case = judge, folder, rng, case
        if case.salt is None:
            case.salt = hex_bytes(rng, 32)
        for path in folder.iterdir():
            path.unlink()
        self.data_name, self.tree_name, self.fec_name = case.names("an")
        self.path(self.data_name).write_bytes(rng.randbytes(case.data_blocks * case.data_block))
        self.made = judge.ask("format", **case.words("an", True))
        if self.made.code:
            raise SystemExit(f"not made: {self.made.sentence}")
        self.layout = Layout(case, int(self.made.numbers["hash_offset_bytes"]))
        self.whole = self.bytes()

    def path(self, name):
        return self.folder / name

    def bytes(self):
        return {name: self.path(name).read_bytes() for name in {self.data_name, self.tree_name, self.fec_name} if name}

    def words(self, parity):
        words = self.case.words("an", False, self.layout.tree_offset if not self.case.superblock
                                else int(self.made.numbers["hash_offset_bytes"]))
        if not parity:
            words |= {"fec_roots": None, "fec": None, "flags": words["flags"] & ~4}
        elif self.case.fec_appended:
            words["fec_offset_bytes"] = self.made.numbers["fec_offset_bytes"]
        return words | {"root_digest": self.made.numbers["root_digest"]}

    def place(self, area, block):
        if area == DATA:
            return self.data_name, block * self.case.data_block, self.case.data_block
        return self.tree_name, self.layout.tree_offset + block * self.case.hash_block, self.case.hash_block

    def change(self, damaged):
        """Whole blocks, or one bit of them."""
        files = {name: bytearray(text) for name, text in self.whole.items()}
        for area, blocks in ((DATA, damaged.data), (TREE, damaged.tree)):
            for block in sorted(blocks):
                name, at, size = self.place(area, block)
                if self.rng.random() < 0.5:
                    files[name][at:at + size] = self.rng.randbytes(size)
                else:
                    files[name][at + self.rng.randrange(size)] ^= 1 << self.rng.randrange(8)
        for name, text in files.items():
            self.path(name).write_bytes(text)
        damaged.see_digests(self.whole[self.tree_name], files[self.tree_name])
        return {name: bytes(text) for name, text in files.items()}

    def some(self, where, n):
        """n different ones, or as many as there are."""
        data = [(DATA, block) for block in range(self.case.data_blocks)] if where != "tree" else []
        tree = [(TREE, block) for block in range(self.layout.tree_blocks)] if where != "data" else []
        # Of both: half of them each, as far as there are so many.
        taken = self.rng.sample(tree, min(len(tree), (n + 1) // 2 if data else n))
        taken += self.rng.sample(data, min(len(data), n - len(taken) if tree else n))
        return Damaged(self.case, self.layout, {block for area, block in taken if area == DATA},
                       {block for area, block in taken if area == TREE})


def wrong_verify(image, damaged, answer):
    """What verify without parity says."""
    seen = damaged.seen(damaged.data, damaged.tree)
    yield None if answer.code == -EBADMSG else f"code {answer.code} {answer.sentence}"
    for area, name in ((DATA, "data"), (TREE, "the tree")):
        for unproved in (0, 1):
            wanted = {block for (where, block), proved in seen.items() if where == area and proved != unproved}
            found = blocks_of(answer.bad, *((DATA,) if area == DATA else (TREE, ROOT)), unproved=unproved)
            yield differing(name + (", unproved" if unproved else ""), found, wanted)
    yield differing("the root", blocks_of(answer.bad, ROOT), damaged.tree & {0})
    # Nothing that was changed is passed over.
    told = {(DATA if bad.area == DATA else TREE, block) for bad in answer.bad for block in range(bad.first, bad.first + bad.n)}
    missing = {(DATA, block) for block in damaged.data} | {(TREE, block) for block in damaged.tree}
    yield f"not told: {sorted(missing - told)[:5]}" if missing - told else None
    counts = {"bad_data": sum(area == DATA and proved for (area, _), proved in seen.items()),
              "bad_tree": sum(area == TREE and proved for (area, _), proved in seen.items()),
              "unproved": sum(not proved for proved in seen.values())}
    for name, value in counts.items():
        yield None if answer.numbers[name] == str(value) else f"{name} is {answer.numbers[name]}, not {value}"
    yield from wrong_ranges(image.case, image.layout, answer.bad)


def changed_blocks(image, now):
    """What of now is not as it was made: (data, tree)."""
    found = {DATA: set(), TREE: set()}
    for area, n in ((DATA, image.case.data_blocks), (TREE, image.layout.tree_blocks)):
        for block in range(n):
            name, at, size = image.place(area, block)
            if now[name][at:at + size] != image.whole[name][at:at + size]:
                found[area].add(block)
    return found[DATA], found[TREE]


def not_ours(image, damaged, before, now):
    """Bytes that are neither those that were made nor those that were there before the repair."""
    for name, text in now.items():
        if text in (before[name], image.whole[name]):
            continue
        if len(text) != len(before[name]):
            yield f"{name} has {len(text)} bytes"
    for area, blocks in ((DATA, damaged.data), (TREE, damaged.tree)):
        for block in blocks:
            name, at, size = image.place(area, block)
            if now[name][at:at + size] not in (before[name][at:at + size], image.whole[name][at:at + size]):
                yield f"area {area}, block {block} has other bytes than it ever had"
    data, tree = changed_blocks(image, now)
    if not data <= damaged.data or not tree <= damaged.tree:
        yield f"good blocks were changed: {sorted(data - damaged.data)[:5]} {sorted(tree - damaged.tree)[:5]}"


def wrong_repair(image, damaged, before):
    rows = image.layout.rows(image.layout.tree_blocks)
    told = image.judge.ask("verify", **image.words(True))
    words = image.words(True)
    dry = image.judge.ask("repair", **words | {"flags": words["flags"] | DRY_RUN})
    yield None if image.bytes() == before else "a dry run has changed something"
    answer = image.judge.ask("repair", **words)
    now = image.bytes()
    yield from not_ours(image, damaged, before, now)
    data, tree = changed_blocks(image, now)
    least_data, least_tree = damaged.mended(rows)
    if not data <= least_data or not tree <= least_tree:
        yield f"not mended: {sorted(data - least_data)[:5]} {sorted(tree - least_tree)[:5]}"
    all_of = not data and not tree
    if (answer.code == 0) != all_of or answer.code not in (0, -EBADMSG):
        yield f"code {answer.code} {answer.sentence}; left: {len(data)} {len(tree)}"
    n = len(damaged.data) - len(data) + len(damaged.tree) - len(tree)
    for what, other in (("verify", told), ("a dry run", dry), ("repair", answer)):
        yield None if other.numbers["mendable"] == str(n) else f"{what} says {other.numbers['mendable']} mendable, {n} were"
        if all_of and any(bad.mendable != 1 for bad in other.bad if not bad.unproved):
            yield f"{what} calls one not mendable"
    again = image.judge.ask("verify", **image.words(False))
    yield None if (again.code == 0) == all_of else f"afterwards verify says {again.code} {again.sentence}"


def wrong_with_bad_parity(image):
    """Parity that is no parity: blocks come back right or stay as they are."""
    damaged = image.some("both", 10)
    image.change(damaged)
    name, begin = image.fec_name, int(image.made.numbers["fec_offset_bytes"])
    text = bytearray(image.path(name).read_bytes())
    text[begin:] = image.rng.randbytes(len(text) - begin)
    image.path(name).write_bytes(text)
    before = image.bytes()
    answer = image.judge.ask("repair", **image.words(True))
    yield None if answer.code == -EBADMSG else f"code {answer.code} {answer.sentence}"
    yield from not_ours(image, damaged, before, image.bytes())


def run_case(checks, judge, folder, rng, case):
    image = Image(judge, folder, rng, case)
    kind = (f"{case.data_blocks} blocks of {case.data_block}, {case.algorithm}, version {case.version}"
            f"{f', {case.roots} roots' if case.roots else ''}")
    for where in ("data", "tree", "both"):
        for n in (1, 10, 1000):
            damaged = image.some(where, n)
            before = image.change(damaged)
            n = len(damaged.data) + len(damaged.tree)
            answer = judge.ask("verify", **image.words(False))
            checks.check(f"{kind}: {n} of {where} are found", wrong_verify(image, damaged, answer))
            if image.bytes() != before:
                checks.check("verify changes nothing", ["it does"])
            if case.roots:
                checks.check(f"{kind}: {n} of {where} are mended as far as can be", wrong_repair(image, damaged, before))
    if case.roots:
        checks.check(f"{kind}: parity that is none writes nothing wrong", wrong_with_bad_parity(image))


def main():
    judge_path, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    folder = folder / "damage"
    folder.mkdir()
    print(f"# seed {seed}")
    judge, checks = Judge(judge_path, folder), Checks()
    for i, case in enumerate(CASES):
        run_case(checks, judge, folder, seeded(seed, f"damage {i}"), case)
    judge.close()
    shutil.rmtree(folder)
    return bool(checks.failures)


if __name__ == "__main__":
    sys.exit(main())
