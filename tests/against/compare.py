#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What judge.c saw, sorted: `compare.py JUDGED DIFFERENCES [--all]`.

Where dmkit and the kernel differ, a line of DIFFERENCES must say why; with --all, one that says it of nothing is
listed as well: of another seed it may have some. A difference is "KIND TARGET: WORDS | CASE", and a line of the file "EXPRESSION<tab>REASON".
"""

import re
import sys

FIELDS = ("case", "grammar", "check", "kernel", "table", "read_back", "again", "by_keys", "keys_table", "resume",
          "status", "status_read")


def differences(one):
    """KIND and WORDS of each."""
    taken = not one["kernel"]
    if taken and one["grammar"]:
        yield "refuses", one["grammar"]
    if taken and one["check"]:
        yield "check-refuses", one["check"]
    if not taken and not one["grammar"] and not one["check"]:
        yield "takes", one["kernel"]
    if taken and one["read_back"]:
        yield "cannot-read", f"{one['read_back']} = {one['table']}"
    elif taken and one["again"].rstrip() != one["table"].rstrip():
        yield "writes-other", f"{one['table']} = {one['again']}"
    if taken and one["by_keys"]:
        yield "no-keys", one["by_keys"]
    elif taken and not one["grammar"] and one["keys_table"] != one["table"]:
        yield "keys-mean-other", f"{one['table']} = {one['keys_table']}"
    if one["status_read"]:
        yield "cannot-read-status", f"{one['status_read']} = {one['status']}"
    if taken and one["resume"] and not one["grammar"] and not one["check"]:
        yield "cannot-resume", one["resume"]


def main():
    judged, known = sys.argv[1:3]
    with open(known, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    reasons = [(re.compile(expression), reason) for expression, reason in lines]
    used = [0] * len(reasons)
    cases = taken = 0
    unknown = []
    with open(judged, encoding="latin1") as file:
        for line in file:
            one = dict(zip(FIELDS, line.rstrip("\n").split("\t"), strict=True))
            cases += 1
            taken += not one["kernel"]
            for kind, words in differences(one):
                text = f"{kind} {one['case'].split(' ')[1]}: {words} | {one['case']}"
                found = [i for i, (expression, _) in enumerate(reasons) if expression.search(text)]
                if found:
                    used[found[0]] += 1
                else:
                    unknown.append(text)
    print(f"# {cases} tables, of which the kernel takes {taken}; {sum(used)} differences with a reason")
    for text in unknown:
        print(f"# {text}")
    print(f"{'not ok' if unknown else 'ok'} - where dmkit and the kernel differ, it is known why")
    unused = [expression.pattern for i, (expression, _) in enumerate(reasons) if not used[i]]
    if "--all" in sys.argv:
        for pattern in unused:
            print(f"# never: {pattern}")
    print(f"{'ok' if taken >= cases // 10 else 'not ok'} - the kernel takes some")
    return bool(unknown) or taken < cases // 10


sys.exit(main())
