#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The lines that abi.txt lacks for what is new in the headers: `tests/abi/missing.py --append`.

A line that is there is never changed: a structure that was released keeps its layout. Needs clang.
"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ABI = HERE / "abi.txt"
INCLUDE = HERE.parent.parent / "include"
TARGETS = ["x86_64-linux-gnu", "armv7-linux-gnueabihf", "i386-linux-gnu"]


def members(body):
    for line in body.split(";"):
        name = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", line.strip())
        if name:
            yield name.group(1)


def numbers(target, expressions):
    """The value of each constant expression, out of the compiler's assembly."""
    source = "#include <dmkit-stack.h>\n#include <stddef.h>\nconst unsigned long long table[] = {%s};\n"
    text = subprocess.run(
        ["clang", "-target", target, "-std=c11", "-ffreestanding", "-I", INCLUDE, "-x", "c", "-", "-S", "-o", "-"],
        input=source % ",".join(expressions), capture_output=True, text=True, check=True).stdout
    words = []
    for line in text.split("table:")[1].splitlines():
        value = re.match(r"\s*\.(quad|long|zero|size)\s+(-?\d+)?", line)
        if value and value.group(1) == "size":
            break
        if value and value.group(1) == "zero":
            words += [0] * (int(value.group(2)) // 4)
        elif value and value.group(1) == "quad":
            words += [int(value.group(2)) & 0xFFFFFFFF, int(value.group(2)) >> 32 & 0xFFFFFFFF]
        elif value:
            words.append(int(value.group(2)) & 0xFFFFFFFF)
    return [low | high << 32 for low, high in zip(words[::2], words[1::2])]


def main():
    header = re.sub(r"/\*.*?\*/", "", "".join((INCLUDE / name).read_text() for name in ("dmkit.h", "dmkit-targets.h", "dmkit-stack.h")), flags=re.S)
    known = ABI.read_text()
    lines, asked = [], []
    for name, body in re.findall(r"^struct (dmk_\w+) \{(.*?)^\};", header, re.M | re.S):
        if f"\n{name} " in known:
            continue
        lines.append(name)
        asked.append(f"sizeof(struct {name})")
        for member in members(body):
            lines.append(f"{name}.{member}")
            asked.append(f"offsetof(struct {name}, {member})")
    columns = [numbers(target, asked) for target in TARGETS] if asked else [[], [], []]
    assert all(len(column) == len(lines) for column in columns)
    new = "".join(f"{line} {a} {b} {c}\n" for line, a, b, c in zip(lines, *columns))

    names = re.findall(r"\b(DMK_[A-Z0-9_]+)\s*=", header)
    names += re.findall(r"^#define (DMK_\w+) (?!__attribute__)[^(\n]", header, re.M)
    names = [name for name in dict.fromkeys(names) if f"\n{name} " not in known and name != "DMK_API"]
    new += "".join(f"{name} {value}\n" for name, value in zip(names, numbers(TARGETS[0], names) if names else []))
    if "--append" in sys.argv:
        ABI.write_text(known + new)
    else:
        print(new, end="")


main()
