# SPDX-License-Identifier: MIT
"""dmkit beside dmsetup and beside bare ioctls: see ./dev bench --help."""

import argparse
import json
import os

import shutil
import signal
import subprocess
import sys
import time

import images
import machine
import results
import rows

# Benches that share a machine, its memory in MiB, and its time limit: a noisy host takes five times
# as long as a quiet one.
GROUPS = [
    (["start", "cycle", "library", "remove256", "stack512", "stacks", "read100k", "check1m", "image"], 1024, 1200),
    (["table5000", "list10000", "after-list"], 4096, 1200),
]
LIBRARY = ["library", "process", "bare", "say"]
EPILOG = """\
Without NAME all of them. The machine is QEMU's, where the clock counts the instructions that were
executed: two runs agree to a percent on any host. "ours" is the static build, "ordinary" the ratio of
the other one. The exit status is 1 where a gate is missed, 2 where it could not be measured. A run of
all of them writes bench/RESULTS.md and bench/results.svg.

benches: """


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="dmkit beside dmsetup and beside bare ioctls, in one table",
                                     epilog=EPILOG + " ".join(rows.BENCHES))
    parser.add_argument("names", metavar="NAME", nargs="*", help="a bench")
    parser.add_argument("--quick", action="store_true", help="only " + " ".join(rows.QUICK))
    args = parser.parse_args()
    for name in args.names:
        if name not in rows.BENCHES:
            parser.error(f"no bench is called '{name}'; there are: {' '.join(rows.BENCHES)}")
    return [name for name in rows.BENCHES
            if (not args.names or name in args.names) and (not args.quick or name in rows.QUICK)]


def build_programs():
    """The first process, the least program, and the library beside bare ioctls: as built with musl, and with glibc."""
    flags = ["-std=gnu11", "-D_GNU_SOURCE", "-s", "-static", "-Wall", "-Wextra",
             "-Wno-missing-field-initializers", "-I" + machine.TOP + "/include"]
    musl = ["musl-gcc", "-Os", "-isystem", machine.BUILD + "/musl-include", *flags]
    shared = [flag for flag in flags if flag != "-static"]
    for compiler, sources, archive, program in (
            (["gcc", "-O2", *shared], ["empty"], [], machine.EMPTY),
            (musl, ["guest", "process", "benches", "mounts", "stacks", "bare", "table-text", "say"], [], machine.GUEST),
            (musl, LIBRARY, [machine.BUILD + "/musl/libdmkit.a"], machine.LIBRARY + "-static"),
            (["gcc", "-O2", *flags], LIBRARY, [machine.BUILD + "/libdmkit.a"], machine.LIBRARY)):
        files = [os.path.join(machine.TOP, "bench", name + ".c") for name in sources]
        machine.output(*compiler, *files, *archive, "-o", program)


def figures_of(text):
    samples = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 4 and words[0] == "@":
            samples.setdefault(words[2], []).append(int(words[3]))
        elif line.startswith("! "):
            raise machine.Failure(line[2:])
    return samples


def measure_size():
    progress("size")
    programs = {"static": machine.BUILD + "/dmkit-static", "ordinary": machine.BUILD + "/dmkit",
                "dmsetup": shutil.which("dmsetup")}
    figures = {"static.bytes": [os.path.getsize(programs["static"])],
               "layer.bytes": [os.path.getsize(machine.BUILD + "/static-layer")]}
    for name, program in programs.items():
        for series, values in figures_of(machine.output(machine.GUEST, "files", program, "version")).items():
            figures[f"{name}.{series}"] = values
    return figures


def measure_million():
    progress("million")
    lab = subprocess.Popen(
        [os.path.join(machine.TOP, "lab", "run"), "--memory", "2G", "--timeout", "600", "--", machine.GUEST,
         "million", machine.BUILD + "/dmkit-static", shutil.which("dmsetup")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        text, errors = lab.communicate()
    finally:
        # It ends its kernel itself.
        if lab.poll() is None:
            lab.terminate()
            lab.wait()
    figures = figures_of(text)
    if lab.returncode:
        raise machine.Failure(f"million: {errors.strip()}")
    return figures


def measure(names):
    figures = {}
    in_machine = [([name for name in group if name in names], memory, seconds)
                  for group, memory, seconds in GROUPS]
    if any(group for group, _, _ in in_machine):
        kernel = machine.fetch_kernel(progress)
        initramfs = os.path.join(machine.WORK, "initramfs")
        machine.make_initramfs(kernel, initramfs)
        for group, memory, seconds in in_machine:
            if group:
                progress("starting the machine for " + ", ".join(group))
                figures.update(machine.boot(kernel, initramfs, group, memory, seconds, progress))
    if "image" in names:
        figures.setdefault("image", {}).update(images.measure(progress))
    if "million" in names:
        figures["million"] = measure_million()
    if "size" in names:
        figures["size"] = measure_size()
    return figures


def main():
    names = parse()
    if os.uname().machine != "x86_64":
        raise machine.Failure("needs an x86-64 host: its programs run in the machine")
    os.makedirs(machine.WORK, exist_ok=True)
    begin = time.monotonic()
    build_programs()
    figures = measure(names)
    # Whoever wants another ratio need not measure again.
    with open(os.path.join(machine.WORK, "figures.json"), "w") as file:
        json.dump(figures, file)
    table = rows.all_rows(figures)
    print(rows.text_table(table))
    missed = rows.missed(table)
    gates = [row for row in table if row.gate and not isinstance(row, rows.NotRun)]
    summary = f"{len(gates) - len(missed)} of {len(gates)} gates met"
    print(f"\n{summary}, in {time.monotonic() - begin:.0f} s")
    if names == rows.BENCHES:
        results.write(table, summary, machine)
    return 1 if missed else 0


def interrupted(number, _frame):
    sys.exit(128 + number)


if __name__ == "__main__":
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    try:
        sys.exit(main())
    except (machine.Failure, ValueError) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        sys.exit(2)
