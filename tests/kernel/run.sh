#!/bin/bash
# SPDX-License-Identifier: MIT
# The suite for the real kernel: run as root in the lab. With words, only the programs they name.
set -u
here=$(dirname "$0")
build=${BUILD:-build}
export CMOCKA_MESSAGE_OUTPUT=TAP
failed=0

programs=()
if (($#)); then
	programs=("${@/#/$build/tests/kernel/test-}")
else
	# All but what has a lab of its own.
	for program in "$build"/tests/kernel/test-*; do
		[ -f "$program" ] && [ -x "$program" ] && [ "${program##*/}" != test-kill ] && programs+=("$program")
	done
fi
for program in "${programs[@]}"; do
	echo "# ${program##*/test-}"
	"$program" || failed=1
done
(($# == 0)) || exit $failed
echo '# requests, counted'
"$here/ioctls.sh" || failed=1
echo '# the example of each target'
"$here/examples.sh" || failed=1
echo '# the C example of the README'
if "$build/readme-example" && [ -z "$("$build/dmkit" list)" ]; then
	echo 'ok - the README example runs and leaves nothing behind'
else
	echo 'not ok - the README example runs and leaves nothing behind'
	failed=1
fi
if mistake=$("$build/readme-mistake" 2>&1) || ! grep -qxF -- "$mistake" "$here/../../README.md"; then
	printf 'not ok - with the mistake it says what stands there\n# %s\n' "$mistake"
	failed=1
else
	echo 'ok - with the mistake it says what stands there'
fi
exit $failed
