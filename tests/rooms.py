#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rooms of lib/ and the arrows between them: `tests/rooms.py [BUILD]`.

An arrow is a file that includes a header of another room, or calls what is defined there. It may
lead to a room on the left of its own alone. And no files, of lib/ or of cli/, may be in a circle:
there calls alone count. Prints what is wrong, a line each, then how much there is of everything.
"""

import collections
import pathlib
import re
import subprocess
import sys

ROOMS = ["base", "rows", "targets", "wire", "kernel", "machine", "verbs"]


def calls(objects):
    """file -> file -> the names that it takes from there"""
    defined, used = {}, collections.defaultdict(set)
    for path in objects:
        file = path.name.replace(".c.o", ".c").replace("_", "/")
        for line in subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines():
            words = line.split()
            if len(words) == 2 and words[0] == "U":
                used[file].add(words[1])
            elif len(words) == 3 and words[1] in "TRDBV":
                defined[words[2]] = file
    graph = collections.defaultdict(lambda: collections.defaultdict(set))
    for file, names in used.items():
        for name in names & defined.keys():
            if defined[name] != file:
                graph[file][defined[name]].add(name)
    return graph


def circles(graph):
    """Files that reach each other, as sets."""
    def reached(start):
        seen, left = set(), [start]
        while left:
            for file in graph.get(left.pop(), ()):
                if file not in seen:
                    seen.add(file)
                    left.append(file)
        return seen

    reach = {file: reached(file) for file in list(graph)}
    found = {frozenset(other for other in reach[file] if file in reach.get(other, ())) for file in reach
             if file in reach[file]}
    return sorted(sorted(circle) for circle in found)


def main():
    top = pathlib.Path(__file__).parent.parent
    build = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else top / "build"
    arrows = collections.defaultdict(set)
    for file in sorted(top.glob("lib/*/*.[ch]")):
        for included in re.findall(r'#include "(\w+)/', file.read_text()):
            arrows[file.parent.name, included].add(f"lib/{file.parent.name}/{file.name}")
    library = calls(sorted((build / "libdmkit.so.0.1.0.p").glob("lib_*_*.c.o")))
    command = calls(sorted((build / "dmkit.p").glob("*.c.o")))
    for file, others in library.items():
        for other, names in others.items():
            arrows[file.split("/")[1], other.split("/")[1]].add(f"{file}: {min(names)}() of {other}")
    wrong, n_arrows = 0, 0
    for (room, other), files in sorted(arrows.items()):
        if room == other:
            continue
        n_arrows += 1
        if room not in ROOMS or other not in ROOMS or ROOMS.index(other) > ROOMS.index(room):
            wrong += 1
            print(f"{room} -> {other}: {', '.join(sorted(files)[:3])}")
    rings = circles(library) + circles(command)
    for ring in rings:
        print("a circle:", " ".join(ring))
    if not library or not command:
        print(f"no objects in {build}")
    print(f"# {len(ROOMS)} rooms, {n_arrows} arrows, {wrong} up; {len(rings)} circles", file=sys.stderr)


if __name__ == "__main__":
    main()
