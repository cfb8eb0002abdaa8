/* SPDX-License-Identifier: MIT */
/* What each finding of doctor means, and what mends it. */
#include "sayings.h"

#include "cli.h"

#define DEVICE "'@n' (@d)"
#define STANDS_ON DEVICE " stands on @o@w"

const struct saying sayings[] = {
	[DMK_FINDING_NO_DM] = { "no-device-mapper",
				HELP("the kernel has no device-mapper, or its module is not "
				     "loaded"),
				HELP("modprobe dm_mod") },
	[DMK_FINDING_CONTROL_MISSING] = { "control-missing", HELP("the control node @p is missing"),
					  HELP(FIX) },
	[DMK_FINDING_CONTROL_WRONG] = { "control-wrong",
					HELP("@p is not device-mapper's control node"),
					HELP("rm @P && " FIX) },
	[DMK_FINDING_NOT_LISTED] = { "not-listed", HELP("the devices cannot be looked at: @x"),
				     HELP("") },
	[DMK_FINDING_NO_KERNEL_LOG] = { "no-kernel-log",
					HELP("the kernel's log cannot be read (@e): errors come "
					     "without "
					     "its reason"),
					HELP("") },
	[DMK_FINDING_NODE_MISSING] = { "node-missing", HELP(DEVICE " has no node: @p is not there"),
				       HELP(FIX) },
	[DMK_FINDING_NODE_WRONG] = { "node-wrong", HELP("@p leads to @o, not to " DEVICE),
				     HELP(FIX) },
	[DMK_FINDING_NODE_TAKEN] = { "node-taken",
				     HELP("@p, the place of the node of " DEVICE
					  ", is taken by something else"),
				     HELP("mv @P @P.old && " FIX) },
	[DMK_FINDING_NODE_STALE] = { "node-stale",
				     HELP("@p is the node of @o, and no device is that"),
				     HELP(FIX) },
	[DMK_FINDING_LINK_DANGLING] = { "link-dangling", HELP("@p is a link to nothing"),
					HELP("rm @P") },
	[DMK_FINDING_NODE_OTHER_NAME] = { "node-other-name",
					  HELP("@p leads to " DEVICE ", whose name it is not"),
					  HELP("rm @P") },
	[DMK_FINDING_NODE_LEFT] = { "node-left",
				    HELP("@p was left by a process that ended while it "
					 "made a node"),
				    HELP(FIX) },
	[DMK_FINDING_NAME_UNFIT] = { "name-unfit", HELP(DEVICE " has a name that no node can have"),
				     HELP("dmkit rename @q dm-@d") },
	[DMK_FINDING_SUSPENDED] = { "suspended",
				    HELP(DEVICE " is suspended: I/O to it waits; if the resume is "
						"refused, load the "
						"table that it had before"),
				    HELP("dmkit resume @q") },
	[DMK_FINDING_NO_TABLE] = { "no-table",
				   HELP(DEVICE " has no table: nothing can be read from it"),
				   HELP("dmkit remove @q") },
	[DMK_FINDING_NOT_RESUMED] = { "not-resumed",
				      HELP(DEVICE " has a table that was loaded and never put in"),
				      HELP("dmkit resume @q") },
	[DMK_FINDING_DISK_GONE] = { "disk-gone", HELP(STANDS_ON ", which is gone: @t"),
				    HELP("dmkit remove --force @q") },
	[DMK_FINDING_DISK_REPLACED] = { "disk-replaced", HELP(STANDS_ON ", which was replaced: @t"),
					HELP("dmkit remove --force @q") },
	[DMK_FINDING_DISK_NEWER] = { "disk-newer",
				     HELP(STANDS_ON ", which is newer than it (diskseq @s): it was "
						    "replaced, unless the table came later"),
				     HELP("dmkit table @q") },
	[DMK_FINDING_TABLE_UNFIT] = { "table-unfit",
				      HELP(STANDS_ON ", which its table does not fit: @t"),
				      HELP("dmkit table @q") },
	[DMK_FINDING_COOKIE_STALE] = { "cookie-stale",
				       HELP("udev cookie @c is left over, untouched for @a s: who "
					    "used "
					    "it last has ended, and nobody waits for it"),
				       HELP(FIX) },
	[DMK_FINDING_STATUS_BAD] = { "status-bad", HELP(DEVICE ": @g: @f @v: @t"),
				     HELP("dmkit status @q") },
	[DMK_FINDING_STATUS_LATE] = { "status-late",
				      HELP(DEVICE
					   " does not tell its status: there was no answer in @t"),
				      HELP("dmkit tree; what hangs, or is suspended, is likely "
					   "below "
					   "it") },
	[DMK_FINDING_SECOND_TABLE] = { "second-table",
				       HELP(DEVICE
					    " has another table loaded that was never put in: the "
					    "next resume does it, and its disks are in use"),
				       HELP("dmkit clear @q, or, to put it in, dmkit resume @q") },
	[DMK_FINDING_NAME_UNREADABLE] = { "name-unreadable",
					  HELP(DEVICE
					       " has a name that libdevmapper's programs (dmsetup, "
					       "LVM) cannot read: beside it dmsetup ls, table, "
					       "status and info fail for all devices"),
					  HELP("") },
	[DMK_FINDING_UDEV_UNTOLD] = { "udev-untold",
				      HELP(DEVICE
					   " is set aside in udev's database (@p), because it "
					   "was made before udevd ran, or "
					   "past it: there are no links to its contents, and "
					   "systemd does not take it for ready"),
				      HELP("dmkit suspend @q && dmkit resume @q; where / is on it, "
					   "so "
					   "that dmkit would stop itself, "
					   "by one command: dmkit table --show-keys @q | dmkit "
					   "replace "
					   "@q --table-file -") },
	[DMK_FINDING_COOKIE_KEPT] = { "cookie-kept",
				      HELP("udev cookie @c was made @a s ago and never used: a "
					   "script "
					   "that "
					   "is at work has it, or one that has ended left it"),
				      HELP("if there is no such script: ipcrm -S @c") },
};

const size_t n_sayings = ARRAY_SIZE(sayings);
