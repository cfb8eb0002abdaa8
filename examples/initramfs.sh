#!/bin/sh
# SPDX-License-Identifier: MIT
# For an initramfs: makes the devices that the root file system stands on, before it is mounted. It needs the static
# command, a shell, and /proc, /sys and /dev mounted; neither udev nor modprobe where device-mapper is built in.
#
#	dmkit export >devices		# on the running system
#	initramfs.sh devices		# in the initramfs, with build/dmkit-static as $DMKIT
#
# Disks that are still to appear are waited for. All devices are made or none, so that it can be tried again.
dmkit=${DMKIT:-/bin/dmkit}
devices=${1:-/etc/dmkit.devices}

"$dmkit" create --no-udev --deadline "${WAIT:-10s}" --concise - <"$devices"
status=$?
case $status in
0) exit 0 ;;
6) echo "this kernel has no device-mapper: dm_mod belongs into the initramfs" ;;
*) echo "no device was made; those that are there:" && "$dmkit" tree ;;
esac >&2
exit $status
