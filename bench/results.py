# SPDX-License-Identifier: MIT
"""bench/RESULTS.md and bench/results.svg: the last whole run."""

import html
import os
import re
import time

import rows

RUNS = "## Runs\n\n"
KEPT_RUNS = 10


def version_of(machine, package):
    return machine.output("dpkg-query", "-W", "-f", "${Version}", package)


def versions(machine):
    with open(os.path.join(machine.WORK, "kernel", "version")) as file:
        kernel = file.read()
    commit = machine.output("git", "-C", machine.TOP, "rev-parse", "--short=12", "HEAD").strip()
    # What the last run wrote is no change.
    changed = machine.output("git", "-C", machine.TOP, "status", "--porcelain", "--untracked-files=no", "--",
                             ".", ":!bench/RESULTS.md", ":!bench/results.svg").strip()
    return [
        ("dmkit", commit + (" with changes" if changed else "")),
        ("dmsetup", version_of(machine, "dmsetup")),
        ("kernel", kernel),
        ("qemu-system-x86", version_of(machine, "qemu-system-x86")),
        ("user-mode-linux", version_of(machine, "user-mode-linux")),
        ("veritysetup", version_of(machine, "cryptsetup-bin")),
        ("libcrypto", version_of(machine, "libssl-dev")),
        ("libipsec-mb", version_of(machine, "libipsec-mb-dev")),
        ("gcc", version_of(machine, "gcc-" + machine.output("gcc", "-dumpversion").strip())),
        ("musl", version_of(machine, "musl")),
    ]


def earlier_runs(path):
    try:
        with open(path) as file:
            return re.findall(r"^- .*$", file.read().partition(RUNS)[2], re.M)
    except FileNotFoundError:
        return []


def markdown(table, summary, machine, runs):
    lines = ["# Results of ./dev bench", "", f"{summary}. Made by the last run of all benches; not edited.", "",
             "![ratios to dmsetup](results.svg)", "", "| " + " | ".join(rows.HEAD) + " |",
             "|" + "---|" * len(rows.HEAD)]
    lines += ["| " + " | ".join(rows.cells(row)) + " |" for row in table]
    lines += ["", "Mi: million instructions, user and kernel, starting and awaiting the process included. ms: by "
              "the machine's", "clock, one instruction a nanosecond, waits included. Ratio: peer / ours, the "
              "median of each round's (for `table5000` the least of seven); for `library`", "and `after-list` ours / peer, and the peer is C with bare "
              "ioctls; for growth and memory as the row says. Ours is the", "static build, `ordinary` the ratio of "
              "the other one. `image`: the peer is Debian's veritysetup; s and MB/s are this host's CPU, files in "
              "memory,", "medians of seven pairs by the ordinary build; mount is in Mi, by both.", "", "## Versions", ""]
    lines += [f"- {name}: {version}" for name, version in versions(machine)]
    lines += ["", RUNS.rstrip("\n"), "", *runs, ""]
    return "\n".join(lines)


#
# The chart: a bar for each ratio to dmsetup, a mark at the gate
#

WIDTH, LEFT, RIGHT, TOP, STEP, BAR = 760, 268, 70, 64, 30, 16
STYLE = """\
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 11px; fill: #6e7781 }
.value { font-weight: 600 }
.grid { stroke: #d0d7de; stroke-width: 1 }
.bar { fill: #1f6feb }
.missed { fill: #cf222e }
.gate { stroke: #24292f; stroke-width: 2 }
.ground { fill: #ffffff; stroke: #d0d7de }
@media (prefers-color-scheme: dark) {
text, .value { fill: #e6edf3 } .small { fill: #8d96a0 } .grid { stroke: #30363d }
.gate { stroke: #e6edf3 } .ground { fill: #0d1117; stroke: #30363d } .bar { fill: #4493f8 }
.missed { fill: #f85149 } }"""


def grid_step(most):
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if most / step <= 8)


def chart(table):
    bars = [row for row in table if row.chart]
    most = max(row.value for row in bars) * 1.05
    bottom = TOP + STEP * len(bars)
    scale = (WIDTH - LEFT - RIGHT) / most
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 44}" '
             f'viewBox="0 0 {WIDTH} {bottom + 44}" role="img">',
             "<title>How many times less dmkit takes than dmsetup</title>", f"<style>{STYLE}</style>",
             f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{bottom + 43}" rx="6"/>',
             '<text class="title" x="20" y="30">How many times less dmkit takes than dmsetup</text>',
             '<text class="small" x="20" y="48">static build, same machine; the mark is the least that is '
             'accepted</text>']
    step = grid_step(most)
    for i in range(int(most / step) + 1):
        x = LEFT + i * step * scale
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{i * step}×</text>')
    for i, row in enumerate(bars):
        y = TOP + STEP * i + STEP // 2
        middle = y + 4.5
        kind = "bar missed" if row.verdict() == "MISSED" else "bar"
        parts.append(f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end">{html.escape(label(row))}</text>')
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{y - BAR // 2}" width="{row.value * scale:.1f}" '
                     f'height="{BAR}" rx="2"/>')
        x = LEFT + float(row.gate.split(" ")[1]) * scale
        parts.append(f'<line class="gate" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 11}" y2="{y + 11}"/>')
        parts.append(f'<text class="value" x="{max(LEFT + row.value * scale, x) + 7:.1f}" y="{middle}">'
                     f'{row.show}×</text>')
    return "\n".join([*parts, "</svg>", ""])


def label(row):
    return {
        "start": "start a process, CPU",
        "cycle": "create + remove a device, CPU",
        "table5000": "tables of 5,000 devices, CPU",
        "list10000": "list of 10,000 devices, CPU",
        "remove256": "remove 256 devices, wall clock",
        "stack512": "remove 256 stacks of two, wall clock",
    }.get(row.bench, "table of 100,000 targets, " + ("memory" if "memory" in row.work else "CPU"))


def write(table, summary, machine):
    folder = os.path.join(machine.TOP, "bench")
    path = os.path.join(folder, "RESULTS.md")
    commit = versions(machine)[0][1]
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    runs = [f"- {now}, dmkit {commit}: {summary}", *earlier_runs(path)][:KEPT_RUNS]
    text = markdown(table, summary, machine, runs)
    for name, content in ((path, text), (os.path.join(folder, "results.svg"), chart(table))):
        with open(name + ".part", "w") as file:
            file.write(content)
        os.rename(name + ".part", name)
