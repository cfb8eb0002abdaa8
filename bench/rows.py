# SPDX-License-Identifier: MIT
"""What is compared, and which ratio is accepted: figures of the machine in, rows of the table out."""

import statistics

# In the order of the table. QUICK ones run with --quick too.
QUICK = ["start", "cycle", "table5000", "remove256", "library", "size"]
BENCHES = ["start", "cycle", "table5000", "list10000", "remove256", "stack512", "stacks", "read100k", "million",
           "library", "after-list", "size", "check1m", "image"]
KB = 1024


class Row:
    """One line. `gate` is "", or one of <=, < , >=, == and a number, which `value` has to meet."""

    def __init__(self, bench, work, value, gate="", limit="", ours="", peer="", ordinary="", show=None,
                 chart=False):
        self.bench, self.work, self.value, self.gate = bench, work, value, gate
        self.limit, self.ours, self.peer, self.ordinary = limit, ours, peer, ordinary
        self.show = f"{value:.3g}" if show is None else show
        self.chart = chart

    def verdict(self):
        if not self.gate:
            return "-"
        return "ok" if meets(self.value, self.gate) else "MISSED"


class NotRun(Row):
    def __init__(self, bench):
        super().__init__(bench, "", 0, show="")

    def verdict(self):
        return "not run"


def meets(value, gate):
    sign, wanted = gate.split(" ")
    wanted = float(wanted)
    return {"<=": value <= wanted, "<": value < wanted, ">=": value >= wanted,
            "==": value == wanted}[sign]


def paired(over, under):
    """The median of the ratios of each round: what disturbs a round disturbs both."""
    if len(over) != len(under) or not over:
        raise ValueError("rounds without a partner")
    return statistics.median(a / b for a, b in zip(over, under))


def instructions(series):
    """One instruction is one nanosecond of the machine's clock."""
    return f"{statistics.median(series) / 1e6:.4g} Mi"


def milliseconds(series):
    return f"{statistics.median(series) / 1e6:.4g} ms"


def megabytes(series):
    return f"{statistics.median(series) / 1e6:.3g} MB"


def against_dmsetup(bench, work, figures, what, unit, gate="", limit=""):
    """dmsetup over the static build, and beside it over the ordinary one where that was measured."""
    ours, peer = figures["static." + what], figures["dmsetup." + what]
    ordinary = f"{paired(peer, figures['ordinary.' + what]):.3g}" if "ordinary." + what in figures else ""
    return Row(bench, work, paired(peer, ours), gate, limit, unit(ours), unit(peer), ordinary, chart=True)


def growth(figures, side, few, many):
    """How a device or a line among many costs more than one among few; 1 is linear."""
    return statistics.median(figures[f"{side}.cpu.{many}"]) / statistics.median(figures[f"{side}.cpu.{few}"])


def start(f):
    yield against_dmsetup("start", "version, a process, CPU", f, "cpu", instructions, ">= 6.5", "11.5")
    value = paired(f["ordinary.cpu"], f["empty.cpu"])
    yield Row("start", "the same by the ordinary one / an empty C program", value, "<= 1.75", "1",
              instructions(f["ordinary.cpu"]), instructions(f["empty.cpu"]), show=f"{value:.3f}")


def cycle(f):
    yield against_dmsetup("cycle", "create + remove, two processes, CPU", f, "cpu", instructions,
                          ">= 3.9", "4.7")


def least(figures, what):
    """What the kernel does meanwhile only adds, and to a short process up to a tenth: the least of the
    rounds is the process's own."""
    return {side + "." + what: [min(figures[side + "." + what])] for side in ("static", "ordinary", "dmsetup")}


def table5000(f):
    few, many = least(f, "cpu.1000"), least(f, "cpu.5000")
    yield against_dmsetup("table5000", "table of 5,000 devices, CPU", many, "cpu.5000", instructions,
                          ">= 16.0", "18.8")
    ours, ordinary, peer = (growth(few | many, side, 1000, 5000) / 5 for side in ("static", "ordinary", "dmsetup"))
    yield Row("table5000", "cost of a device, of 5,000 / of 1,000", ours, "<= 1.05", "1", f"{ours:.3f}",
              f"{peer:.3g}", f"{ordinary:.3f}", show=f"{ours:.3f}")


def list10000(f):
    yield against_dmsetup("list10000", "names, uuids, event numbers of 10,000, CPU", f, "cpu",
                          instructions, ">= 20", "23")
    ours, ordinary, peer = (f[side + ".ioctls"][0] for side in ("static", "ordinary", "dmsetup"))
    yield Row("list10000", "LIST_DEVICES requests", ours, "== 1", "1", str(ours), str(peer), str(ordinary),
              show="")


def remove256(f):
    yield against_dmsetup("remove256", "remove 256 devices, wall", f, "wall", milliseconds, ">= 40", "57")


def stack512(f):
    yield against_dmsetup("stack512", "256 of verity over linear: down, wall", f, "down", milliseconds,
                          ">= 25")
    xargs, ours = f["xargs.down"], f["static.down"]
    row = Row("stack512", "the same beside xargs -P64 dmsetup", paired(xargs, ours), ours=milliseconds(ours),
              peer=milliseconds(xargs), ordinary=f"{paired(xargs, f['ordinary.down']):.3g}")
    yield row
    row = against_dmsetup("stack512", "up, by 512 processes, wall", f, "up", milliseconds)
    row.chart = False
    yield row


def stacks(f):
    """By the ordinary command: the static one reads no stack files. The limit of up is what the kernel itself takes."""
    def wall(work, theirs, ours, gate="", limit="", chart=False):
        return Row("stacks", work, paired(f[theirs], f[ours]), gate, limit, milliseconds(f[ours]),
                   milliseconds(f[theirs]), chart=chart)

    for peer, work in (("dmsetup", "256 of verity over linear, one text: up, wall"),
                       ("xargs", "the same beside xargs -P64 dmsetup")):
        limit = f"{paired(f[peer + '.up'], f['bare.up']):.2g}"
        yield wall(work, peer + ".up", "one.up", ">= 4.5", limit, chart=peer == "dmsetup")
    yield wall("the same as 256 texts", "dmsetup.up", "each.up")
    yield wall("one text: down, wall", "dmsetup.down", "one.down", ">= 25")
    yield wall("256 texts: down, wall", "dmsetup.down", "each.down", ">= 20")
    for verb in ("apply", "plan"):
        each, lists = f[verb + ".each"][0], f[verb + ".lists"][0]
        yield Row("stacks", f"{verb} of 1,000 unchanged: requests a device", each / 1000, "<= 2", "2",
                  f"{each}, {lists} list")
        yield Row("stacks", "lists of that", lists, "== 1", "1", str(lists), show="")
        changing = f[verb + ".loads"][0] + f[verb + ".suspends"][0]
        yield Row("stacks", "loads and suspends of that", changing, "== 0", "0", str(changing), show="")
    loads, suspends = f["change.loads"][0], f["change.suspends"][0]
    yield Row("stacks", "1 of 1,000 changes: loads", loads, "== 1", "1", str(loads), show="")
    yield Row("stacks", "suspends and resumes: it, and the one above", suspends, "== 4", "4", str(suspends), show="")


def read100k(f):
    yield against_dmsetup("read100k", "table of 100,000 targets, CPU", f, "cpu", instructions, ">= 2.7", "3.5")
    yield against_dmsetup("read100k", "the same, peak memory", f, "peak", megabytes, ">= 3.4", "3.9")
    ours, ordinary, peer = (f[side + ".ioctls"][0] for side in ("static", "ordinary", "dmsetup"))
    yield Row("read100k", "TABLE_STATUS requests", ours, "<= 2", "2", str(ours), str(peer), str(ordinary),
              show="")


def million(f):
    wire = f["wire"][0]
    for series, work in (("create", "load 1,048,576 targets, memory / request"),
                         ("table", "read them back, memory / reply")):
        peak = f[f"static.{series}-peak"][0]
        yield Row("million", work, peak / wire, "< 1.2", "1", megabytes([peak]),
                  show=f"{peak / wire:.3f}")
    equal, refused = f["static.equal"][0], f["dmsetup.status"][0] and f["dmsetup.table-status"][0]
    yield Row("million", "the table comes back as it was", equal, "== 1", "", "yes" if equal else "no",
              "fails" if refused else "works", show="")


def library(f, bench="library", work="create + remove in process, CPU"):
    value, ordinary = (paired(f[side + ".library"], f[side + ".bare"]) for side in ("static", "ordinary"))
    yield Row(bench, work, value, "<= 1.03", "1.0", instructions(f["static.library"]),
              instructions(f["static.bare"]), f"{ordinary:.3f}", show=f"{value:.3f}")


def after_list(f):
    return library(f, "after-list", "the same after one list of 10,000")


def size(f):
    for series, work, gate in (("static", "the static command with everything", "<= 640"),
                               ("layer", "a static program that maps linear and verity", "<= 148")):
        kb = f[series + ".bytes"][0] / KB
        yield Row("size", work, kb, gate, "", f"{kb:.1f} KB", f"{f['dmsetup.file-bytes'][0] / 1e6:.2f} MB", show="")
    yield Row("size", "files mapped by version", f["static.files"][0], "== 1", "1", str(f["static.files"][0]),
              str(f["dmsetup.files"][0]), str(f["ordinary.files"][0]), show="")


def check1m(f):
    ours, ordinary = (growth(f, side, 100000, 1000000) for side in ("static", "ordinary"))
    yield Row("check1m", "check --offline, 1,000,000 / 100,000 lines", ours, "<= 11", "10",
              instructions(f["static.cpu.1000000"]), "", f"{ordinary:.3g}")


def seconds(series):
    return f"{statistics.median(series) / 1e9:.3g} s"


def per_second(size):
    return lambda series: f"{size / statistics.median(series) * 1e3:.0f} MB/s"


def image(f):
    for work, ours, peer, what, gate in (
            ("format 1 GiB, one thread, CPU", "format.one", "format.peer", "cpu", ">= 1.8"),
            # 1.29 to 1.32 here; with nothing but the hash, neither file nor tree, it would be 1.48.
            ("the same by libcrypto alone", "format.plain", "format.peer", "cpu", ">= 1.25"),
            ("the same, all cores, wall", "format.all", "format.peer", "wall", ">= 3.4"),
            ("verify 1 GiB, all cores, wall", "verify.all", "verify.peer", "wall", ">= 3.4"),
            ("format 128 MiB with parity, 2 roots, one thread, CPU", "fec.one", "fec.peer", "cpu", ">= 8")):
        ours, peer = f[f"{ours}.{what}"], f[f"{peer}.{what}"]
        yield Row("image", work, paired(peer, ours), gate, "", seconds(ours), seconds(peer))
    # The ceiling is to read the file and to hash it: the kernel's copy of a block takes half the time that libipsec-mb
    # takes to hash it, so beside the hash alone nobody comes to 0.9.
    for name, ours in (("libipsec-mb", "format.one"), ("libcrypto", "format.plain")):
        bare, ours, unit = f["rate." + name], f[ours + ".cpu"], per_second(1 << 30)
        least = [a + b for a, b in zip(bare, f["rate.reading"])]
        for what, ceiling, gate in ((f"reading and {name}'s", least, ">= 0.9"), (f"{name}'s alone", bare, "")):
            value = paired(ceiling, ours)
            yield Row("image", f"its rate / {what}", value, gate, "1", unit(ours), unit(ceiling), show=f"{value:.3f}")
    ours, peer, ordinary = (f[side + ".mount"] for side in ("static", "tools", "ordinary"))
    yield Row("image", "mount and umount, whole, CPU", paired(peer, ours), ">= 5", "", instructions(ours),
              instructions(peer), f"{paired(peer, ordinary):.3g}")
    small, large = f["memory.small.peak"], f["memory.large.peak"]
    value = paired(large, small)
    yield Row("image", "memory of format, 16 GiB sparse / 1 GiB", value, "<= 1.05", "1", megabytes(large),
              show=f"{value:.3f}")
    yield Row("image", "the same in MB", large[0] / 1e6, "<= 32", "", megabytes(large))


def rows_of(bench, figures):
    try:
        return list(globals()[bench.replace("-", "_")](figures))
    except KeyError as missing:
        raise ValueError(f"{bench}: the machine gave no figure {missing}")


def all_rows(figures):
    rows = []
    for bench in BENCHES:
        rows += rows_of(bench, figures[bench]) if bench in figures else [NotRun(bench)]
    return rows


HEAD = ["bench", "work", "ours", "peer", "ratio", "ordinary", "limit", "gate", "verdict"]


def cells(row):
    return [row.bench, row.work, row.ours, row.peer, row.show, row.ordinary, row.limit, row.gate,
            row.verdict()]


def text_table(rows):
    table = [HEAD] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEAD))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table)
    return "\n".join(lines)


def missed(rows):
    return [row for row in rows if row.verdict() == "MISSED"]
