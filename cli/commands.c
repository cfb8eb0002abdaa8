/* SPDX-License-Identifier: MIT */
/* The command table: dispatch, usage, `help`, the completion, the manual's list come from it. */
#include "cmd/commands.h"
#include "common/cli.h"

#define ADDRESS (BIT(OPT_UUID) | BIT(OPT_DEVNO))
#define TABLE_SOURCE (BIT(OPT_TABLE) | BIT(OPT_TABLE_FILE) | BIT(OPT_UNCHECKED))
#define COLUMNS \
	(BIT(OPT_COLUMNS) | BIT(OPT_SORT) | BIT(OPT_NO_HEADINGS) | BIT(OPT_BYTES) | BIT(OPT_COLOR))
#define GRAMMAR "TYPE [KEY=VALUE]... [+ TYPE [KEY=VALUE]...]... | --table TEXT | --table-file FILE"

#define DEVICE_DETAILS                                                                      \
	"NAME is a device's name, also as libdevmapper writes it (my\\x20disk), "           \
	"MAJOR:MINOR, dm-N, or a path that leads to its node. In its place --uuid UUID or " \
	"--devno MAJOR:MINOR do."
#define TABLE_DETAILS                                                                          \
	"TYPE is a target (dmkit help targets), KEY=VALUE one of its keys (dmkit help TYPE). " \
	"Segments are joined by a + that stands alone. size=N says how long a segment is: "    \
	"4096s is sectors, 2MiB or plain bytes do as well; without it, it is the rest of its " \
	"first device."

/* What says where an image is and how its tree was made. */
#define IMAGE_PLACE (IMAGE_BIT(OPT_HASH_OFFSET) | IMAGE_BIT(OPT_NO_SUPERBLOCK))
#define IMAGE_NUMBERS                                                                      \
	(IMAGE_PLACE | IMAGE_BIT(OPT_DATA_BLOCKS) | IMAGE_BIT(OPT_DATA_BLOCK_SIZE) |       \
	 IMAGE_BIT(OPT_HASH_BLOCK_SIZE) | IMAGE_BIT(OPT_ALGORITHM) | IMAGE_BIT(OPT_SALT) | \
	 IMAGE_BIT(OPT_FORMAT))
#define IMAGE_FEC (IMAGE_BIT(OPT_FEC) | IMAGE_BIT(OPT_FEC_ROOTS) | IMAGE_BIT(OPT_FEC_OFFSET))
#define IMAGE_PART (IMAGE_BIT(OPT_OFFSET) | IMAGE_BIT(OPT_SIZE) | IMAGE_BIT(OPT_SIGNATURE))

#define DIGEST_DETAILS                                                                        \
	"ROOT-DIGEST is hex, as image format printed it, or @FILE, which holds it. Without "  \
	"HASH the tree is behind the data in its file; it is found where the file system in " \
	"front says its own size (ext2, ext3, ext4, squashfs, erofs), else --hash-offset "    \
	"says where."
#define KEY_DETAILS \
	" KEY=VALUE are verity's switches, as check-at-most-once=yes: dmkit help verity."
#define STACK (BIT(OPT_SET) | BIT(OPT_NAME) | BIT(OPT_ALLOW_BUSY) | BIT(OPT_STRICT))
#define STACK_DETAILS                                                                            \
	"FILE is a stack, dmkit-stack(5), - is standard input. The stack is called as the file " \
	"is, without .stack or .json."

const struct command command_rows[] = {
	{ "create", "NAME " GRAMMAR " | --no-table | --concise SPEC", "make a device",
	  TABLE_DETAILS,
	  "create data linear device=/dev/vdb offset=1MiB size=512MiB\n"
	  "create big linear device=/dev/vdb + linear device=/dev/vdc\n"
	  "create raw --table '0 2048 linear /dev/vdb 0'\n"
	  "create --concise 'a,,,rw,0 8 zero;b,,,ro,0 8 error'\n",
	  1, -1,
	  TABLE_SOURCE | BIT(OPT_NO_TABLE) | BIT(OPT_READONLY) | BIT(OPT_UUID) | BIT(OPT_MINOR) |
		  BIT(OPT_UID) | BIT(OPT_GID) | BIT(OPT_MODE) | BIT(OPT_NO_NODE) |
		  BIT(OPT_NO_VERIFY) | BIT(OPT_READ_AHEAD) | BIT(OPT_CHECK) | BIT(OPT_CONCISE) |
		  BIT(OPT_OWNER),
	  CMD_CHANGES, cmd_create },
	{ "replace", "NAME " GRAMMAR, "give a device another table, in one atomic swap",
	  TABLE_DETAILS, "replace data linear device=/dev/vdc size=512MiB\n", 1, -1,
	  TABLE_SOURCE | ADDRESS | BIT(OPT_READONLY) | BIT(OPT_NOFLUSH) | BIT(OPT_NO_LOCKFS) |
		  BIT(OPT_CHECK),
	  CMD_CHANGES | CMD_DEVICE, cmd_replace },
	{ "load", "NAME " GRAMMAR, "load a table for the next resume to put in", TABLE_DETAILS,
	  "load data linear device=/dev/vdc size=512MiB\n", 1, -1,
	  TABLE_SOURCE | ADDRESS | BIT(OPT_READONLY) | BIT(OPT_CHECK), CMD_CHANGES | CMD_DEVICE,
	  cmd_load },
	{ "check", "FILE... | [NAME] TYPE [KEY=VALUE]...",
	  "find what is wrong with tables before the kernel is asked",
	  "Each FILE holds a table as the kernel's own text, - is standard input; or the "
	  "table "
	  "is in words, as create takes them. Nothing is "
	  "changed (modules of targets are loaded), and nothing printed where all is well; "
	  "the exit code is 2 for an error in a table.",
	  "check table.txt\ncheck data linear device=/dev/vdb\ncheck --offline table.txt "
	  "-\ncheck --offline --kernel-version "
	  "5.15 table.txt\n",
	  1, -1, BIT(OPT_OFFLINE) | BIT(OPT_KERNEL_VERSION), 0, cmd_check },
	{ "clear", "NAME... | --prefix P", "forget the table that was loaded and not put in",
	  DEVICE_DETAILS, "clear data\n", 0, -1, ADDRESS | BIT(OPT_PREFIX),
	  CMD_CHANGES | CMD_DEVICES, cmd_clear },
	{ "suspend", "NAME... | --prefix P", "stop I/O until a resume",
	  "Of several, what stands on another one of them goes first. " DEVICE_DETAILS,
	  "suspend data\nsuspend --prefix vm1-\n", 0, -1,
	  ADDRESS | BIT(OPT_PREFIX) | BIT(OPT_NOFLUSH) | BIT(OPT_NO_LOCKFS),
	  CMD_CHANGES | CMD_DEVICES, cmd_suspend },
	{ "resume", "NAME... | --prefix P",
	  "put the loaded table in, if there is one, and let I/O go on",
	  "Of several, what stands on another one of them goes last. " DEVICE_DETAILS,
	  "resume data\nresume --prefix vm1-\n", 0, -1,
	  ADDRESS | BIT(OPT_PREFIX) | BIT(OPT_NOFLUSH) | BIT(OPT_NO_LOCKFS) | BIT(OPT_UID) |
		  BIT(OPT_GID) | BIT(OPT_MODE) | BIT(OPT_NO_NODE),
	  CMD_CHANGES | CMD_DEVICES, cmd_resume },
	{ "remove", "NAME... | --prefix P | --all", "remove devices, several in parallel",
	  "What stands on another one of them goes first. All are tried; the exit code is "
	  "the first failure's. A busy one is tried again for 5 s or --deadline.",
	  "remove data\nremove --prefix layer-\nremove --all --deadline 10s\n", 0, -1,
	  ADDRESS | BIT(OPT_FORCE) | BIT(OPT_DEFERRED) | BIT(OPT_CANCEL_DEFERRED) | BIT(OPT_ALL) |
		  BIT(OPT_PREFIX) | BIT(OPT_NO_NODE),
	  CMD_CHANGES | CMD_DEVICES, cmd_remove },
	{ "rename", "NAME NEW-NAME", "give a device and its node another name", DEVICE_DETAILS,
	  "rename data old\n", 2, 2, ADDRESS | BIT(OPT_NO_NODE), CMD_CHANGES | CMD_DEVICE,
	  cmd_rename },
	{ "set-uuid", "NAME NEW-UUID", "give a uuid to a device that has none", DEVICE_DETAILS,
	  "set-uuid data DATA-1\n", 2, 2, BIT(OPT_DEVNO), CMD_CHANGES | CMD_DEVICE, cmd_set_uuid },
	{ "set-geometry", "NAME CYLINDERS HEADS SECTORS START", "set what HDIO_GETGEO answers",
	  DEVICE_DETAILS, "set-geometry data 128 16 63 0\n", 5, 5, ADDRESS,
	  CMD_CHANGES | CMD_DEVICE, cmd_set_geometry },
	{ "list", "", "names, numbers, uuids and event numbers of all devices",
	  "On a terminal in columns under a heading, else one device a line, separated by "
	  "tabs; a control character in a name is \\xHH. USED BY is where a device is "
	  "mounted, else who stands on it; (open): dmkit holders says by whom.",
	  "list\nlist -l\nlist -o name,size,mount --sort -size\nlist -z -o name | xargs -0 "
	  "-n1 dmkit info\n",
	  0, 0, BIT(OPT_STATE) | BIT(OPT_LONG) | BIT(OPT_RAW) | BIT(OPT_ZERO) | COLUMNS, 0,
	  cmd_list },
	{ "tree", "[NAME]...", "what stands on what, down to the disks",
	  "A device that stands under several others is shown in full under the first of "
	  "them. With NAME, or with --inverse the path of a disk, from there on.",
	  "tree\ntree data -o name,size,state,mount\ntree --inverse /dev/vdb\n", 0, -1,
	  ADDRESS | BIT(OPT_INVERSE) | COLUMNS, CMD_DEVICES, cmd_tree },
	{ "info", "[NAME]... | --prefix P",
	  "state, open count and numbers; of all devices without NAME", DEVICE_DETAILS,
	  "info data\ninfo --uuid DATA-1 --json\n", 0, -1,
	  ADDRESS | BIT(OPT_PREFIX) | BIT(OPT_INACTIVE), CMD_DEVICES, cmd_info },
	{ "table", "[NAME]... | --prefix P", "tables; of all devices without NAME",
	  "Keys of crypt, integrity and inlinecrypt are zeros unless --show-keys.",
	  "table data\neval \"dmkit create copy $(dmkit table --pretty data)\"\n", 0, -1,
	  ADDRESS | BIT(OPT_PREFIX) | BIT(OPT_INACTIVE) | BIT(OPT_PRETTY) | BIT(OPT_SHOW_KEYS),
	  CMD_DEVICES, cmd_table },
	{ "status", "[NAME]... | --prefix P",
	  "what the targets say of themselves; of all devices without NAME",
	  "For people; --raw is the kernel's own text. " DEVICE_DETAILS,
	  "status data\nstatus --raw data\n", 0, -1,
	  ADDRESS | BIT(OPT_PREFIX) | BIT(OPT_INACTIVE) | BIT(OPT_FLUSH) | BIT(OPT_RAW),
	  CMD_DEVICES, cmd_status },
	{ "export", "[NAME | STACK]...",
	  "one text that makes the devices again; of all without NAME",
	  "What a device stands on comes before it. create --concise takes the text back; "
	  "with --dm-mod.create the kernel does, at its boot, where device-mapper is built "
	  "in. With --stack it is a stack file: apply of it changes nothing where the devices are "
	  "a "
	  "stack of that name. A table with a key needs --show-keys.",
	  "export >devices\ncreate --concise - <devices\nexport --dm-mod.create root\n"
	  "export --stack web >web.stack\n",
	  0, -1,
	  ADDRESS | BIT(OPT_CONCISE) | BIT(OPT_DM_MOD_CREATE) | BIT(OPT_STACK) | BIT(OPT_SHOW_KEYS),
	  CMD_DEVICES, cmd_export },
	{ "plan", "FILE...", "what apply would do, and nothing else",
	  STACK_DETAILS " The exit code is 10 where there is something to do.",
	  "plan web.stack\nplan web.stack --set DISK=/dev/vdb --json\n", 1, -1,
	  STACK | BIT(OPT_COLOR), 0, cmd_plan },
	{ "apply", "FILE...", "make a stack of devices what its file says, or leave all as it was",
	  STACK_DETAILS
	  " What is new is made, what differs gets its table in one pause, what the file does not "
	  "have any more goes; what is as it should be is not touched.",
	  "apply web.stack\napply web.stack --set DISK=/dev/vdb --deadline 10s\n", 1, -1,
	  STACK | BIT(OPT_COLOR), CMD_CHANGES, cmd_apply },
	{ "down", "STACK... | FILE...", "remove all devices of a stack, those on top first",
	  "A word with a / in it, or that ends in .stack or .json, is a FILE, whose name says "
	  "which "
	  "stack; the file is not read. With --allow-busy what is open goes when it is closed.",
	  "down web\ndown web.stack --deadline 10s\n", 1, -1, BIT(OPT_ALLOW_BUSY) | BIT(OPT_NAME),
	  CMD_CHANGES, cmd_down },
	{ "stacks", "", "stacks that are up, whole or damaged",
	  "On a terminal in columns under a heading, else one stack a line, separated by tabs: its "
	  "name, how many devices it has, how many of them are open, and whole, or what is wrong.",
	  "stacks\nstacks --json\n", 0, 0, BIT(OPT_COLOR), 0, cmd_stacks },
	{ "gc", "PREFIX", "devices of an owner that has ended, and with --yes their removal",
	  "Of those that create --owner PREFIX has made: which process called it, by pid and boot, "
	  "is "
	  "in the uuid. Garbage is what an ended one has left behind and nobody has open. A line "
	  "each: name, pid, and garbage, alive or open; with --yes removed.",
	  "gc tests\ngc tests --yes\n", 1, 1, BIT(OPT_YES), CMD_CHANGES, cmd_gc },
	{ "with",
	  "FILE -- COMMAND [ARG]... | TYPE [KEY=VALUE]... [+ TYPE [KEY=VALUE]...]... -- COMMAND "
	  "[ARG]...",
	  "run a command with devices that go when it ends",
	  "FILE is a stack, dmkit-stack(5), none of whose devices is there yet; or the table of "
	  "one "
	  "device stands in the words. COMMAND finds the path of each in $DMKIT_DEV_NAME: its name "
	  "in "
	  "capitals, with _ for all but letters and digits; of a table it is $DMKIT_DEV. They go "
	  "when COMMAND ends, and when dmkit is killed, as soon as nobody has them open. The exit "
	  "code is COMMAND's; 128 and the signal's number where one killed it.",
	  "with rig.stack -- sh -c 'mkfs.ext4 $DMKIT_DEV_DISK'\n"
	  "with flakey device=/dev/vdb up-interval=5 down-interval=1 -- ./test\n",
	  1, -1, BIT(OPT_SET) | BIT(OPT_NAME) | BIT(OPT_STRICT) | BIT(OPT_READONLY),
	  CMD_CHANGES | CMD_TEXT, cmd_with },
	{ "deps", "[NAME]... | --prefix P",
	  "the devices that a table stands on; of all devices without NAME", DEVICE_DETAILS,
	  "deps data\n", 0, -1, ADDRESS | BIT(OPT_PREFIX) | BIT(OPT_INACTIVE), CMD_DEVICES,
	  cmd_deps },
	{ "holders", "NAME | /dev/PATH", "who keeps a device busy; any block device by its path",
	  "Devices on top, loop devices, swap, mounts in every mount namespace, processes "
	  "that have it or a partition of it open, and those that use a file system on it "
	  "(file, cwd, root, exe, map), also one that was unmounted while in use. What could "
	  "not be looked at is counted at the end.",
	  "holders data\nholders /dev/vdb\n", 1, 1, ADDRESS, CMD_DEVICE, cmd_holders },
	{ "message", "NAME MESSAGE [KEY=VALUE]... | NAME TEXT...",
	  "send a message to a target and print its reply",
	  "MESSAGE is one of the target's (dmkit help TARGET) or device-mapper's own (dmkit "
	  "help messages). Anything else is sent as it is: several TEXT are joined by "
	  "blanks; with --raw it is exactly one, and - is standard input. A key is not "
	  "taken from the words.",
	  "message pool create-thin id=7\nmessage pool create_thin 7\n"
	  "message data --raw --sector 0 '@stats_list'\n"
	  "message secret key-set key-file=/run/key\n",
	  2, -1, ADDRESS | BIT(OPT_RAW) | BIT(OPT_SECTOR), CMD_CHANGES | CMD_DEVICE, cmd_message },
	{ "wait", "NAME [EVENT-NR]", "wait until the event number is another one and print it",
	  "Without EVENT-NR it is the present one. It waits for ever unless --deadline.",
	  "wait data --deadline 1m\n", 1, 2, ADDRESS, CMD_DEVICE, cmd_wait },
	{ "monitor", "[NAME]...", "print what happens to devices, one line each, as it happens",
	  "Of all devices, or of those that have, get or had one of the names: created, "
	  "removed, renamed, uuid-set, resumed (with a new table), event (with the targets' "
	  "status). It ends by a signal, or with exit code 0 at --deadline. --json is one "
	  "object a line.",
	  "monitor\nmonitor --json pool\n", 0, -1, ADDRESS, CMD_DEVICES | CMD_LINES, cmd_monitor },
	{ "doctor", "", "what is wrong on this machine, and the commands that mend it",
	  "Device-mapper itself, nodes without devices and devices without nodes, suspended "
	  "ones and ones without a table, what the status of a target says is wrong, disks "
	  "that are gone or replaced, names and devices that udev or LVM cannot use, stale "
	  "udev cookies. --fix makes missing nodes and removes stale ones; it never resumes "
	  "or "
	  "removes a device. The exit code is 1 where something is left.",
	  "doctor\ndoctor --fix\n", 0, 0, BIT(OPT_FIX), 0, cmd_doctor },
	{ "image format", "DATA [HASH]", "make the hash tree that verity checks an image by",
	  "Prints the root digest, which proves the whole image: keep it apart from it. Tree and "
	  "superblock go into HASH, a file or block device, or without HASH behind the data in its "
	  "own. The bytes are veritysetup's for the same options. The superblock is written last: "
	  "what was interrupted is no image.",
	  "image format layer.img\nimage format root.img root.hash --root-digest-file root.digest\n"
	  "image format layer.img --fec appended --fec-roots 2\n",
	  1, 2, BIT(OPT_UUID), 0, cmd_image_format,
	  IMAGE_NUMBERS | IMAGE_FEC | IMAGE_BIT(OPT_THREADS) | IMAGE_BIT(OPT_ROOT_DIGEST_FILE) },
	{ "image verify", "DATA [HASH] ROOT-DIGEST", "read an image and name all its bad blocks",
	  "Every block is checked, of data and of the tree, and all that are bad are named as "
	  "ranges; with --fec also whether they can be mended. The exit code is 1 where one is "
	  "bad. " DIGEST_DETAILS,
	  "image verify layer.img @layer.digest\nimage verify root.img root.hash @root.digest "
	  "--fec root.fec\n",
	  2, 3, 0, 0, cmd_image_verify, IMAGE_NUMBERS | IMAGE_FEC | IMAGE_BIT(OPT_THREADS) },
	{ "image repair", "DATA [HASH] ROOT-DIGEST --fec FILE|appended",
	  "mend the bad blocks of an image by its error correction",
	  "A block is written only where its digest proves what was decoded. --dry-run says what "
	  "would be mended. The exit code is 1 where one could not be. " DIGEST_DETAILS,
	  "image repair layer.img @layer.digest --fec appended\nimage repair root.img root.hash "
	  "@root.digest --fec root.fec --dry-run\n",
	  2, 3, 0, 0, cmd_image_repair, IMAGE_NUMBERS | IMAGE_FEC | IMAGE_BIT(OPT_THREADS) },
	{ "image info", "FILE", "what an image's superblock says, and what follows from it",
	  "FILE has the data with the tree behind it, or the tree alone: then --hash-offset says "
	  "where, 0 for its begin. Without it the superblock is looked for where the file system "
	  "in front says that it ends (ext2, ext3, ext4, squashfs, erofs).",
	  "image info layer.img\nimage info root.hash --hash-offset 0\n", 1, 1, 0, 0,
	  cmd_image_info, IMAGE_BIT(OPT_HASH_OFFSET) },
	{ "image map", "NAME DATA [HASH] ROOT-DIGEST [KEY=VALUE]...",
	  "map an image, checked by verity",
	  "DATA and HASH are block devices; of files, image mount makes loop devices. The mapping "
	  "is read-only, and the root digest is proved by one read. " DIGEST_DETAILS KEY_DETAILS,
	  "image map layer /dev/pmem0 @layer.digest --offset 4KiB --size 64MiB\n"
	  "image map root /dev/vdb /dev/vdc @root.digest check-at-most-once=yes\n",
	  3, -1, 0, CMD_CHANGES, cmd_image_map, IMAGE_NUMBERS | IMAGE_FEC | IMAGE_PART },
	{ "image mount", "IMAGE [HASH] DIR ROOT-DIGEST [KEY=VALUE]...",
	  "mount the file system in an image, checked by verity",
	  "IMAGE is a file or block device. All that is made below the mount, loop devices and "
	  "mappings, goes by itself when it is unmounted, by whatever; after a failure nothing of "
	  "it is left. The mount is read-only. " DIGEST_DETAILS KEY_DETAILS,
	  "image mount layer.img /mnt @layer.digest\n"
	  "image mount root.img root.hash /mnt @root.digest -o nodev,nosuid --share\n",
	  3, -1, BIT(OPT_NAME), CMD_CHANGES, cmd_image_mount,
	  IMAGE_NUMBERS | IMAGE_FEC | IMAGE_PART | IMAGE_BIT(OPT_TYPE) |
		  IMAGE_BIT(OPT_MOUNT_OPTIONS) | IMAGE_BIT(OPT_SHARE) },
	{ "image umount", "DIR", "unmount an image and wait until all below it is gone",
	  "Where another mount shares the mapping, that stays. One that is busy is named with "
	  "those who use it.",
	  "image umount /mnt\nimage umount /mnt --deadline 30s\n", 1, 1, 0, CMD_CHANGES,
	  cmd_image_umount, 0 },
	{ "targets", "", "targets that the kernel has loaded now, and their versions", "",
	  "targets\n", 0, 0, 0, 0, cmd_targets },
	{ "target-version", "TYPE...", "versions of targets, loading them where the kernel can", "",
	  "target-version verity\n", 1, -1, 0, 0, cmd_target_version },
	{ "version", "", "versions of dmkit and of the kernel's driver", "", "version\n", 0, 0, 0,
	  0, cmd_version },
	{ "help", "[COMMAND | targets | TARGET | messages | dmsetup]",
	  "this, or more of one command or target", "",
	  "help create\nhelp image mount\nhelp verity\nhelp dmsetup\nhelp --json verity\n", 0, 2,
	  BIT(OPT_COMMANDS) | BIT(OPT_KEYS) | BIT(OPT_MANUAL), CMD_TEXT, cmd_help },
	{ "complete", "-- [WORD]...", "what may stand for the last WORD of a command line",
	  "For the completions of bash, zsh and fish. One candidate a line, with a tab and "
	  "what it is behind it; one that ends in = goes on with a value. A line that begins "
	  "with a tab asks for a path, behind the text that follows the tab.",
	  "complete -- resume ''\ncomplete -- create data crypt key-f\n", 0, -1, 0, CMD_TEXT,
	  cmd_complete },
};

const size_t n_command_rows = ARRAY_SIZE(command_rows);
