#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Formats that do not end: `tests/image/interrupted.py JUDGE DMKIT FOLDER [N [SEED]]`.

The command makes an image and gets SIGINT or SIGKILL at a random moment, N times. Afterwards there is a
whole image, or none that looks so: no file, or zeros where the superblock would be, also where a good one
stood before. After SIGINT the files that it made are gone.
"""

import pathlib
import shutil
import signal
import subprocess
import sys
import time

from images import SUPERBLOCK_BYTES, Checks, Judge, seeded, theirs

DATA_BYTES = 24 << 20
BLOCK = 4096
# (into a file of its own, one that is there already)
KINDS = [(own, there) for own in (True, False) for there in (True, False)]


class Runs:
    def __init__(self, judge, dmkit, folder, rng):
        self.judge, self.dmkit, self.folder, self.rng = judge, dmkit, folder, rng
        self.data = rng.randbytes(DATA_BYTES)
        self.counts = {"whole": 0, "none": 0}
        theirs(folder, ["dd", "if=/dev/zero", "of=old.data", f"bs={BLOCK}", f"count={DATA_BYTES // BLOCK}", "status=none"])
        theirs(folder, ["veritysetup", "format", "old.data", "old.hash"])
        self.old = (folder / "old.hash").read_bytes()
        (folder / "old.data").unlink()

    def begin(self, own, there):
        for name in ("an.data", "an.hash", "an.fec"):
            (self.folder / name).unlink(missing_ok=True)
        data = self.data + (b"" if own or not there else self.old)
        (self.folder / "an.data").write_bytes(data)
        if own and there:
            (self.folder / "an.hash").write_bytes(self.old)

    def start(self, own):
        words = [self.dmkit, "image", "format", "an.data", *(["an.hash"] if own else ["--hash-offset", str(DATA_BYTES)]),
                 "--data-blocks", str(DATA_BYTES // BLOCK), "--threads", "1", "--fec", "an.fec"]
        return subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def longest(self):
        """How long one takes that is let alone, and that it works."""
        self.begin(True, False)
        start = time.monotonic()
        process = self.start(True)
        output, errors = process.communicate(timeout=60)
        took = time.monotonic() - start
        if process.returncode:
            raise SystemExit(f"the command cannot format: {errors.strip()}")
        return took, self.wrong_whole(True, output)

    def wrong_whole(self, own, output):
        digest = next((word for word in output.split() if len(word) == 64), None)
        if not digest:
            return f"no root digest in {output!r}"
        answer = self.judge.ask("verify", root_digest=digest, **self.words(own))
        return f"{answer.code} {answer.sentence}" if answer.code else None

    def wrong_superblock(self, own, tree):
        """Its tree and its parity have to be there as well: theirs of the same numbers."""
        numbers = self.judge.ask("look", **self.words(own)).numbers
        words = ["veritysetup", "format", "an.data", "check.hash", f"--salt={numbers['salt']}", f"--uuid={numbers['uuid']}",
                 f"--data-blocks={DATA_BYTES // BLOCK}", "--fec-device=check.fec"]
        for name in ("check.hash", "check.fec"):
            (self.folder / name).unlink(missing_ok=True)
        theirs(self.folder, words)
        if tree[:len(self.old)] != (self.folder / "check.hash").read_bytes():
            return "there is a superblock, and not its tree"
        if (self.folder / "an.fec").read_bytes() != (self.folder / "check.fec").read_bytes():
            return "there is a superblock, and not its parity"
        return None

    @staticmethod
    def words(own):
        return {"data": "an.data", **({"hash": "an.hash"} if own else {"hash_offset_bytes": DATA_BYTES})}

    def wrong_rest(self, own, there, number):
        path = self.folder / ("an.hash" if own else "an.data")
        if own and not path.exists():
            if there:
                return "a file that was there is gone"
            return None
        text = path.read_bytes()
        at = 0 if own else DATA_BYTES
        if not own and text[:DATA_BYTES] != self.data:
            return "the data is another"
        if text[at:at + SUPERBLOCK_BYTES].strip(b"\0"):
            # It had not begun, or all was done.
            return None if there and text[at:] == self.old else self.wrong_superblock(own, text[at:])
        answer = self.judge.ask("look", **self.words(own))
        if answer.code >= 0:
            return f"it looks whole: {answer.numbers}"
        if number == signal.SIGINT and own and not there:
            return "the tree's file that it made is left"
        if number == signal.SIGINT and (self.folder / "an.fec").exists():
            return "the parity's file that it made is left"
        if number == signal.SIGINT and not own and not there and len(text) != DATA_BYTES:
            return f"the data's file has grown to {len(text)} bytes"
        return None

    def run(self, number, own, there, longest):
        self.begin(own, there)
        process = self.start(own)
        time.sleep(self.rng.random() * 1.2 * longest)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
        if process.returncode == 0:
            self.counts["whole"] += 1
            return self.wrong_whole(own, output)
        self.counts["none"] += 1
        if number == signal.SIGINT and process.returncode not in (130, -signal.SIGINT):
            return f"status {process.returncode}: {errors.strip()}"
        return self.wrong_rest(own, there, number)


    def change(self, own, how):
        """The data changes when the tree has begun: told, and nothing of the image is left."""
        for _ in range(20):
            self.begin(own, False)
            process = self.start(own)
            begun = self.folder / ("an.hash" if own else "an.data")
            while process.poll() is None and (not begun.exists() or begun.stat().st_size <= (0 if own else DATA_BYTES)):
                pass
            process.send_signal(signal.SIGSTOP)
            with open(self.folder / "an.data", "r+b") as file:
                file.seek(*how)
                file.write(b"changed")
            grown = (self.folder / "an.data").stat().st_size
            process.send_signal(signal.SIGCONT)
            output, errors = process.communicate(timeout=60)
            if process.returncode:
                break
        if process.returncode != 4 or "somebody has changed it meanwhile" not in errors or output:
            return f"status {process.returncode}: {errors.strip()}"
        if own and begun.exists() or (self.folder / "an.fec").exists():
            return "a file that it made is left"
        if not own and (self.folder / "an.data").stat().st_size != grown:
            return "what somebody else has added is cut off"
        answer = None if own else self.judge.ask("look", **self.words(own))
        return f"it looks whole: {answer.numbers}" if answer and answer.code >= 0 else None


def main():
    judge_path, dmkit, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]) / "interrupted"
    n = int(sys.argv[4]) if len(sys.argv) > 4 else 60
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    folder.mkdir()
    judge, checks = Judge(judge_path, folder), Checks()
    runs = Runs(judge, dmkit, folder, seeded(seed, "interrupted"))
    took, wrong = runs.longest()
    checks.check("one that is let alone is whole", [wrong])
    for number in (signal.SIGINT, signal.SIGKILL):
        for own, there in KINDS:
            texts = [runs.run(number, own, there, took) for _ in range(-(-n // 8))]
            where = ("in a file of its own" if own else "behind the data") + (" over an old one" if there else "")
            checks.check(f"{number.name}, a tree {where}: whole, or nothing that looks so", texts)
    checks.check("a byte of the data changes meanwhile", [runs.change(True, (1000,))])
    checks.check("the data grows meanwhile", [runs.change(True, (0, 2))])
    checks.check("the data's file grows meanwhile, behind the tree", [runs.change(False, (DATA_BYTES + (1 << 20),))])
    print(f"# {runs.counts['whole']} whole, {runs.counts['none']} were interrupted")
    # Else the moments were no moments.
    checks.check("many were interrupted", [] if runs.counts["none"] * 4 >= n else [str(runs.counts)])
    judge.close()
    shutil.rmtree(folder)
    return bool(checks.failures)


if __name__ == "__main__":
    sys.exit(main())
