#!/bin/bash
# SPDX-License-Identifier: MIT
# Removes the devices of one guest, all whose names begin so, and tells whom to ask where one is busy. What went wrong is
# told by exit codes and JSON: no sentence is taken apart. The exit code is dmkit's own.
#
#	teardown.sh vm1-
set -u
dmkit=${DMKIT:-dmkit}
prefix=$1
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# One JSON object a failure, one a line.
"$dmkit" remove --prefix "$prefix" --deadline "${WAIT:-5s}" --json >/dev/null 2>"$errors"
status=$?
case $status in
0) echo "$prefix: all are removed" ;;
4) echo "$prefix: still in use" ;;
5) echo "$prefix: only root may do that" ;;
*) echo "$prefix: failed" ;;
esac
python3 - "$errors" <<'EOF2'
import json, sys

for line in open(sys.argv[1]):
    error = json.loads(line)["error"]
    print(f"  {error['device']}: {error['errno']}")
    for holder in error["holders"]:
        who = holder["where"] or holder["name"]
        print(f"    {holder['kind']} {who}" + (f", process {holder['pid']} of {holder['user']}" if holder["pid"] else ""))
EOF2
exit $status
