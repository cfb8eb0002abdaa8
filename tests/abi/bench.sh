#!/bin/bash
# SPDX-License-Identifier: MIT
# What ./dev bench makes of figures: ratios, gates, what was not run, the chart. Nothing is measured.
set -u
# shellcheck source-path=SCRIPTDIR source=common.bash
. "${BASH_SOURCE[0]%/*}/common.bash"

check() { # NAME PYTHON
	local name=$1
	{
		PYTHONPATH=bench python3 -B -c "import rows, results; from rows import *
$2" 2>&1 || echo "exit status $?"
	} | report "$name"
}

check 'a gate is met at its number and missed beside it' '
for value, gate, met in ((9.0, ">= 9.0", True), (8.99, ">= 9.0", False), (11, "<= 11", True), (11.01, "<= 11", False),
                         (1.2, "< 1.2", False), (1.19, "< 1.2", True), (1, "== 1", True), (2, "== 1", False)):
    if meets(value, gate) != met: print(value, gate)'
check 'a ratio is the median of the ratios of the rounds' '
if paired([10, 100, 30], [1, 2, 3]) != 10: print(paired([10, 100, 30], [1, 2, 3]))
try: print(paired([1, 2], [1]))
except ValueError: pass'
check 'a bench that was not run is no gate that is missed' '
table = all_rows({})
if missed(table) or len(table) != len(BENCHES): print(text_table(table))'
check 'a bench whose gate is missed is' '
series = lambda **more: {"static.cpu": [2, 2], "ordinary.cpu": [4, 4], "dmsetup.cpu": [18, 20], "empty.cpu": [2, 2]} | more
row, least = rows_of("start", series())
if row.value != 9.5 or row.ordinary != "4.75" or row.verdict() != "ok": print(cells(row))
if least.value != 2 or least.verdict() != "MISSED": print(cells(least))
row, least = rows_of("start", series(**{"static.cpu": [3, 3], "empty.cpu": [4, 4]}))
if row.verdict() != "MISSED" or missed([row, least]) != [row]: print(cells(row))'
check 'what the machine measures of stacks is enough' '
figures = {f"{side}.down": [cost] for side, cost in (("static", 2), ("ordinary", 4), ("dmsetup", 60), ("xargs", 8))}
figures |= {"static.up": [5], "dmsetup.up": [10]}
found = [(row.value, row.verdict()) for row in rows_of("stack512", figures)]
if found != [(30, "ok"), (4, "-"), (2, "-")]: print(found)'
check 'a figure that is missing is named' '
try: print(rows_of("remove256", {}))
except ValueError as error:
    if "static.wall" not in str(error): print(error)'
check 'cost that grows with the number of devices is seen' '
few, many = {"static": 10, "ordinary": 10, "dmsetup": 10}, {"static": 60, "ordinary": 50, "dmsetup": 200}
figures = {f"{side}.cpu.{n}": [cost[side]] for n, cost in ((1000, few), (5000, many)) for side in cost}
row = rows_of("table5000", figures)[1]
if row.value != 1.2 or row.verdict() != "MISSED": print(cells(row))'
check 'the chart is XML with a bar for each ratio' '
import xml.etree.ElementTree as tree
bars = [Row("start", "", 10, ">= 9.0", chart=True), Row("cycle", "", 2, ">= 4.1", chart=True)]
root = tree.fromstring(results.chart(bars))
kinds = [node.get("class") for node in root.iter() if node.tag.endswith("rect")]
if kinds != ["ground", "bar", "bar missed"]: print(kinds)'
finish
