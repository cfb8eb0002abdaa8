#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rooms of lib/ and of cli/ and the arrows between them: `tests/rooms.py [BUILD]`.

An arrow is a file that includes a header of another room, or calls what is defined there. It may
lead to a room on the left of its own alone. And no files may be in a circle: there calls alone
count. Prints what is wrong, a line each, then how much there is of everything.
"""

import collections
import pathlib
import re
import subprocess
import sys

# Left to right. cli's last room are the files at its top; dmsetup stands on common alone.
ROOMS = {"lib": ["base", "rows", "targets", "wire", "kernel", "machine", "verbs", "stacks"],
         "cli": ["common", "show", "read", "cmd", ""]}
ALONE = {"dmsetup": ["common"]}


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


def room_of(file):
    """lib/rows/row.c: rows; cli/main.c: that of all that stands at the top"""
    parts = file.split("/")
    return parts[1] if len(parts) > 2 else ""


def included(top, part):
    """room, other room -> the files that include something from there"""
    arrows = collections.defaultdict(set)
    for path in sorted((top / part).rglob("*.[ch]")):
        file = str(path.relative_to(top))
        for other in re.findall(r'#include "(\w+)/', path.read_text()):
            arrows[room_of(file), other].add(file)
    return arrows


def is_wrong(part, room, other):
    rooms = ROOMS[part]
    if room in ALONE:
        return other not in ALONE[room]
    if room == rooms[-1] and other in ALONE:
        return False
    return room not in rooms or other not in rooms or rooms.index(other) > rooms.index(room)


def main():
    top = pathlib.Path(__file__).parent.parent
    build = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else top / "build"
    objects = {"lib": (build / "libdmkit.so.0.1.0.p").glob("lib_*_*.c.o"), "cli": (build / "dmkit.p").glob("*.c.o")}
    wrong = n_rooms = n_arrows = n_circles = 0
    for part in ROOMS:
        arrows, graph = included(top, part), calls(sorted(objects[part]))
        if not graph:
            print(f"no objects of {part}/ in {build}")
        for file, others in graph.items():
            for other, names in others.items():
                arrows[room_of(file), room_of(other)].add(f"{file}: {min(names)}() of {other}")
        arrows = {(room, other): files for (room, other), files in arrows.items() if room != other}
        n_arrows += len(arrows)
        n_rooms += len({room for pair in arrows for room in pair})
        for (room, other), files in sorted(arrows.items()):
            if is_wrong(part, room, other):
                wrong += 1
                print(f"{part}: {room or 'its top'} -> {other or 'its top'}: {', '.join(sorted(files)[:3])}")
        for ring in circles(graph):
            n_circles += 1
            print("a circle:", " ".join(ring))
    print(f"# {n_rooms} rooms, {n_arrows} arrows, {wrong} up; {n_circles} circles", file=sys.stderr)


if __name__ == "__main__":
    main()
