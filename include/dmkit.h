/* SPDX-License-Identifier: MIT */
/*
 * dmkit.h - Linux device-mapper from user space, by raw ioctl, with no dependency but libc.
 *
 * Conventions, true of everything below:
 *
 *  - A function that can fail returns 0 or a negative errno. Outputs come last, are named ret_*,
 *    may be NULL where the text says so, and are untouched on failure.
 *  - Units are in the names: _sectors are 512 bytes always, whatever the device's own sector size.
 *  - Structures are "zero this, then set". Unknown flag bits and reserved words that are not zero
 *    are refused with -EINVAL. An options pointer may be NULL: all defaults.
 *  - Time: timeout_ms > 0 is a limit in milliseconds, 0 the context's default (dmk_set_timeout), -1
 *    means try once, DMK_FOREVER means no limit.
 *  - A struct dmk and a struct dmk_table each belong to one thread at a time; different ones share
 *    nothing. The library has no statics, reads no environment variables, prints nothing, installs no
 *    signal handlers. Every fd it opens is close-on-exec.
 *  - Destructors take NULL.
 *  - Names and uuids that are empty, too long or contain '/' are refused with -EINVAL or
 *    -ENAMETOOLONG, never cut short.
 *
 * Errors every verb can return, besides its own:
 *   -ENODEV        no device-mapper in this kernel (step DMK_STEP_OPEN_CONTROL)
 *   -EACCES        no permission to open the control node or to make the request
 *   -ENXIO         the device named does not exist (or, at DMK_STEP_OPEN_CONTROL, the control node
 *                  is not device-mapper's)
 *   -EOPNOTSUPP    this kernel's driver is older than the request needs
 *   -EBADMSG       the kernel's reply contradicts itself
 *   -EINVAL        a bad option, flag, name or reserved word; or the kernel refused
 *   -ECANCELED     the cancel flag or fd (dmk_set_cancel) ended a wait
 *   -ENOMEM
 * dmk_last_error() then says which step failed, on what, and why.
 *
 * A first program:
 *
 *	struct dmk *dm;
 *	struct dmk_table *table;
 *	struct dmk_linear linear = { .device = "/dev/vdb", .offset_sectors = 2048 };
 *
 *	dmk_new(&dm);
 *	dmk_table_new(&table);
 *	dmk_table_add_linear(table, DMK_NEXT, 8192, &linear);
 *	if (dmk_create(dm, "data", table, NULL, NULL) < 0) {
 *		char why[DMK_ERROR_TEXT_SIZE];
 *		dmk_error_format(dmk_last_error(dm), why, sizeof(why));
 *		fprintf(stderr, "%s\n", why);
 *	}
 */
#ifndef DMKIT_H
#define DMKIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DMK_API __attribute__((visibility("default")))
#else
#define DMK_API
#endif

/* The library's own version; dmk_library_version() is that of the copy that runs. Since: 0.1 */
#define DMK_VERSION_MAJOR 0
#define DMK_VERSION_MINOR 1
#define DMK_VERSION_PATCH 0

/* With the terminating NUL: the kernel's DM_NAME_LEN, DM_UUID_LEN, DM_MAX_TYPE_NAME. */
#define DMK_NAME_SIZE 128
#define DMK_UUID_SIZE 129
#define DMK_TYPE_SIZE 16

/* Room for any sentence of dmk_error_format(), the NUL included. */
#define DMK_ERROR_TEXT_SIZE 4096

#define DMK_FOREVER INT64_MAX /* a timeout_ms without limit */
#define DMK_NEXT UINT64_MAX   /* as start_sectors of a new segment: where the last one ends */

/* The largest size of a mapping: 2^63 - 1 bytes, the kernel's loff_t, in sectors. */
#define DMK_MAX_SECTORS UINT64_C(18014398509481983)

/* The most bytes in one segment's parameters. The kernel sets no limit of its own below 1 GiB. */
#define DMK_MAX_PARAMS_BYTES UINT64_C(1048576)

struct dmk;		 /* one connection to the kernel's device-mapper */
struct dmk_table;	 /* a table being built, in the kernel's wire layout */
struct dmk_devices;	 /* the reply to dmk_list() */
struct dmk_segments;	 /* the reply to dmk_get_table() and dmk_get_status() */
struct dmk_targets;	 /* the reply to dmk_list_targets() */
struct dmk_graph;	 /* the answer of dmk_graph_read() */
struct dmk_holders;	 /* the answer of dmk_find_holders() */
struct dmk_udev_cookies; /* the answer of dmk_list_udev_cookies() */
struct dmk_concise;	 /* devices that dmk_concise_parse() read */
struct dmk_findings;	 /* the answer of dmk_examine() */

/* ---- errors --------------------------------------------------------------------------- */

/* What the caller had asked for. Values are fixed. Since: 0.1 */
enum dmk_verb {
	DMK_VERB_NONE = 0,
	DMK_VERB_OPEN = 1,
	DMK_VERB_VERSION = 2,
	DMK_VERB_LIST = 3,
	DMK_VERB_CREATE = 4,
	DMK_VERB_REPLACE = 5,
	DMK_VERB_LOAD = 6,
	DMK_VERB_CLEAR = 7,
	DMK_VERB_SUSPEND = 8,
	DMK_VERB_RESUME = 9,
	DMK_VERB_REMOVE = 10,
	DMK_VERB_REMOVE_ALL = 11,
	DMK_VERB_RENAME = 12,
	DMK_VERB_SET_UUID = 13,
	DMK_VERB_INFO = 14,
	DMK_VERB_TABLE = 15,
	DMK_VERB_STATUS = 16,
	DMK_VERB_DEPS = 17,
	DMK_VERB_MESSAGE = 18,
	DMK_VERB_WAIT = 19,
	DMK_VERB_TARGETS = 20,
	DMK_VERB_GEOMETRY = 21,
	DMK_VERB_POLL = 22,
	DMK_VERB_PARSE = 23, /* table text, parameters or keys */
	DMK_VERB_BLOCKDEV = 24,
	DMK_VERB_CANCEL_REMOVE = 25,
	DMK_VERB_HOLDERS = 26,
	DMK_VERB_UDEV = 27, /* a udev cookie */
	DMK_VERB_EXPORT = 28,
	DMK_VERB_DOCTOR = 29,
	DMK_VERB_SYNC_NODES = 30,
	DMK_VERB_PARSE_STATUS = 31, /* a target's status */
	DMK_VERB_PARSE_REPLY = 32,  /* what a message answered */
	DMK_VERB_IMAGE_FORMAT = 33, /* these are libdmkit-image's */
	DMK_VERB_IMAGE_VERIFY = 34,
	DMK_VERB_IMAGE_REPAIR = 35,
	DMK_VERB_IMAGE_INFO = 36,
	DMK_VERB_IMAGE_MAP = 37,
	DMK_VERB_IMAGE_MOUNT = 38,
	DMK_VERB_IMAGE_UMOUNT = 39,
	DMK_VERB_STACK = 40, /* a stack's text; these are dmkit-stack.h's */
	DMK_VERB_STACK_PLAN = 41,
	DMK_VERB_STACK_APPLY = 42,
	DMK_VERB_STACK_DOWN = 43,
	DMK_VERB_STACK_LIST = 44,
	DMK_VERB_COLLECT = 45
};

/* The step of it that failed. Values are fixed. Since: 0.1 */
enum dmk_step {
	DMK_STEP_NONE = 0,
	DMK_STEP_ARGUMENTS = 1,	   /* refused before anything was asked of the kernel */
	DMK_STEP_OPEN_CONTROL = 2, /* find, make, open or verify the control node */
	DMK_STEP_VERSION = 3,	   /* DM_VERSION */
	DMK_STEP_LIST = 4,
	DMK_STEP_CREATE = 5,
	DMK_STEP_LOAD = 6,
	DMK_STEP_CLEAR = 7,
	DMK_STEP_SUSPEND = 8,
	DMK_STEP_RESUME = 9,
	DMK_STEP_REMOVE = 10,
	DMK_STEP_REMOVE_ALL = 11,
	DMK_STEP_RENAME = 12,
	DMK_STEP_STATUS = 13, /* DM_DEV_STATUS */
	DMK_STEP_TABLE = 14,  /* DM_TABLE_STATUS */
	DMK_STEP_DEPS = 15,
	DMK_STEP_MESSAGE = 16,
	DMK_STEP_WAIT = 17,
	DMK_STEP_TARGETS = 18,
	DMK_STEP_GEOMETRY = 19,
	DMK_STEP_POLL = 20,
	DMK_STEP_MAKE_NODE = 21,
	DMK_STEP_REMOVE_NODE = 22,
	DMK_STEP_READ_AHEAD = 23,
	DMK_STEP_BLOCKDEV = 24,
	DMK_STEP_UDEV = 25,  /* make, change or wait for a udev cookie */
	DMK_STEP_TRIAL = 26, /* read the new device's first block */
	DMK_STEP_OPEN = 27,  /* a file of an image; these are libdmkit-image's */
	DMK_STEP_SUPERBLOCK = 28,
	DMK_STEP_READ = 29,
	DMK_STEP_WRITE = 30,
	DMK_STEP_HASH = 31,
	DMK_STEP_FEC = 32,
	DMK_STEP_LOOP = 33,	   /* attach or detach a loop device */
	DMK_STEP_SIGNATURE = 34,   /* bring it into the thread's keyring */
	DMK_STEP_FILE_SYSTEM = 35, /* find out its type */
	DMK_STEP_MOUNT = 36,
	DMK_STEP_UMOUNT = 37
};

/* Who keeps a device busy. Since: 0.1 */
enum dmk_holder_kind {
	DMK_HOLDER_MAPPING = 1, /* another device-mapper device: major, minor, name; no name: it is
				   just being removed */
	DMK_HOLDER_DEVICE =
		2, /* another block device on top (md, bcache, ...): major, minor, name */
	DMK_HOLDER_MOUNT = 3, /* a mount: where, and major, minor of what is mounted; pid and name
				 (its command) of a process that sees it, where this one does not:
				 then it is in that one's mount namespace, at where as it sees it */
	DMK_HOLDER_OPEN = 4,  /* a process that has it open: pid, and its command in name */
	DMK_HOLDER_SWAP = 5,  /* swap: where */
	DMK_HOLDER_LOOP = 6,  /* a loop device: major, minor, name; where is its backing file */
	/* A process that uses a file system on the device, also one that was unmounted meanwhile
	 * (umount -l): pid, its command in name, and major, minor of what is mounted. It has: */
	DMK_HOLDER_FILE = 7, /* a file or folder open */
	DMK_HOLDER_CWD = 8,  /* its current folder there */
	DMK_HOLDER_ROOT = 9, /* its root there: chroot(2) */
	DMK_HOLDER_EXE = 10, /* its program there */
	DMK_HOLDER_MAP = 11  /* a file mapped into memory, not the program alone */
};

struct dmk_holder {
	uint32_t kind; /* enum dmk_holder_kind */
	uint32_t major;
	uint32_t minor;
	int32_t pid;		  /* of a process that shows it, 0: unknown */
	char name[DMK_NAME_SIZE]; /* the holder's name; a name too long for this ends in "..." */
	char where[256];	  /* a path: a mount point and the like; likewise */
	uint64_t reserved[4];
};

#define DMK_MAX_HOLDERS 4

/* What a verb that failed leaves changed, all the same. 0: the device is as it was, as far as the
 * kernel answered (undo_code). Values are fixed. Since: 0.1 */
enum dmk_left {
	DMK_LEFT_SUSPENDED = 1 << 0,	 /* it is suspended, or still is: I/O to it waits. A resume
					    is needed, and where that is refused another table
					    before it */
	DMK_LEFT_NEW_TABLE = 1 << 1,	 /* its live table is the new one */
	DMK_LEFT_FORMER_LOADED = 1 << 2, /* its former table stands in the inactive slot, and the
					    next resume puts it in */
	DMK_LEFT_INACTIVE = 1 << 3,	 /* the new table stands in the inactive slot */
	DMK_LEFT_ERROR_TABLE = 1 << 4,	 /* its live table is `error`: I/O to it fails */
	DMK_LEFT_DONE = 1 << 5,		 /* the kernel did what was asked; what had to follow, as
					    its node, failed */
	DMK_LEFT_UNKNOWN = 1 << 6	 /* the kernel could not be asked what else became of it */
};

/* One failure, whole. It holds no pointers: copy it freely. Empty strings and zeros mean "not
 * known" or "does not apply". Texts that would not fit end in "...". Since: 0.1 */
struct dmk_error {
	int32_t code;	  /* the negative errno, the kernel's own where it gave one; 0: none */
	uint32_t verb;	  /* enum dmk_verb */
	uint32_t step;	  /* enum dmk_step */
	uint32_t segment; /* of the table, counted from 1 */
	uint32_t line;	  /* of the table text, counted from 1 */
	uint32_t column;  /* bytes into that line, or into the parameters where line is 0, from 1 */
	uint32_t tries;	  /* how often the failing step was tried; 0 and 1 mean once */
	uint32_t n_holders;    /* how many of holders[] are filled */
	uint32_t holders_more; /* how many more there are than holders[] can name */
	int32_t undo_code;     /* the negative errno of a failed undo step; 0: all undone */
	int64_t spent_ms;      /* from the verb's first step to its failure */
	char device[192];      /* name, uuid or MAJOR:MINOR as the caller gave it, or a path */
	char target[DMK_TYPE_SIZE];
	char params[256];   /* the segment's parameters; "(hidden)" where a key may be */
	char argument[256]; /* the option, word, key or device path at fault */
	char detail[256];   /* what is wrong with it and what is allowed, in our words */
	char reason[256];   /* the kernel's own words about this device, out of its log; empty where
			       it has none, none is certain to be about it, or /dev/kmsg cannot be
			       read (detail says so then, if the errno alone tells too little) */
	struct dmk_holder holders[DMK_MAX_HOLDERS];
	/* Where it is certain that bytes were given and sectors are counted: the number that was
	 * meant, most likely. The one that was given is 512 times it. 0: nothing of the kind. */
	uint64_t meant_sectors;
	uint32_t flags; /* DMK_ERROR_* */
	uint32_t left;	/* DMK_LEFT_* */
	uint64_t reserved[2];
};

enum dmk_error_flag {
	/* argument is a word that this library does not know: dmk_table_set_target_version() */
	DMK_ERROR_UNKNOWN_WORD = 1 << 0,
	DMK_ERROR_NO_TARGET = 1 << 1, /* this kernel has no such target */
	/* Another process removed the device, or took it over, while the call was at work. */
	DMK_ERROR_CHANGED = 1 << 2
};

/* Writes the one sentence of err, cut at size with the NUL included, without newline: where, what
 * is wrong, the errno's text, the kernel's words, and the segment's parameters last, e.g.
 *   create 'data': segment 1 (linear): '/dev/vdx': it does not exist; in: /dev/vdx 0
 * Returns the length of the whole sentence, as snprintf does. Never fails. Since: 0.1 */
DMK_API size_t dmk_error_format(const struct dmk_error *err, char *buf, size_t size);

/* "create", "load table", ...; never NULL. Static. Since: 0.1 */
DMK_API const char *dmk_verb_name(uint32_t verb);
DMK_API const char *dmk_step_name(uint32_t step);

/* The English text of an errno in glibc's wording, whatever libc and locale, and its symbol
 * ("ENODEV"). The sign does not matter. Unknown numbers give "Unknown error" and "E?". Static.
 * Since: 0.1 */
DMK_API const char *dmk_errno_text(int error);
DMK_API const char *dmk_errno_name(int error);

/* ---- the connection ------------------------------------------------------------------- */

/* Three numbers, of the library, of the kernel's driver or of a target. */
struct dmk_version {
	uint32_t major;
	uint32_t minor;
	uint32_t patch;
	uint32_t unused; /* zero */
	uint64_t reserved[4];
};

/* Makes a connection. Nothing is opened yet: the first verb finds the control node (makes it where
 * it is missing and that is possible), opens it, which may load the module, verifies its device
 * number and asks for the driver's version, once. The caller owns *ret_dm: dmk_free(). -ENOMEM.
 * Since: 0.1 */
DMK_API int dmk_new(struct dmk **ret_dm);
DMK_API void dmk_free(struct dmk *dm);

/* The last failure on this connection; code is 0 where the last call succeeded. Owned by dm, valid
 * until the next call on it. Never NULL. Since: 0.1 */
DMK_API const struct dmk_error *dmk_last_error(const struct dmk *dm);

/* Where nodes and "control" live; default "/dev/mapper". Absolute, before the first verb. The path
 * is copied. -EINVAL: not absolute; -ENAMETOOLONG; -EBUSY: already connected. Since: 0.1 */
DMK_API int dmk_set_node_dir(struct dmk *dm, const char *path);

/* The default for timeout_ms = 0 in options. 0 restores each verb's own default: 5000 for remove,
 * none (try once) for create, load, replace, DMK_FOREVER for wait. -EINVAL: below -1. Since: 0.1 */
DMK_API int dmk_set_timeout(struct dmk *dm, int64_t timeout_ms);

/* One deadline for all calls that follow, in CLOCK_MONOTONIC nanoseconds; 0 removes it. The earlier
 * of it and a call's own limit counts, and it makes no call try again that would not without it:
 * create, load and replace try once still, unless they or dmk_set_timeout() say otherwise. Once it
 * has passed, each try is the last. -EINVAL: negative. Since: 0.1 */
DMK_API int dmk_set_deadline(struct dmk *dm, int64_t monotonic_ns);

/* Ends waits with -ECANCELED: as soon as *flag is not zero (looked at before each pause and when a
 * signal interrupts it), or fd is readable. dmk_create(), dmk_load(), dmk_replace() and
 * dmk_suspend() also look at the flag before each step and end there, with what they did taken
 * back; what is done by then stays done. Where a wait for udevd is ended, create and rename are
 * taken back, and the other verbs have succeeded, as if udevd had been late. A request that blocks
 * without a limit is ended by a signal alone, and one that comes just before it began has to come
 * again. flag may be NULL, fd may be -1. Both stay the caller's.
 *
 * pthread_cancel() is no way to end a call: open(), read(), poll() and others in it are
 * cancellation points, and there are no cleanup handlers, so that memory, fds and whatever was half
 * done to a device or its node stay. Who uses it disables it around calls:
 * pthread_setcancelstate(). The library's own threads (dmk_remove_many()) are never cancelled.
 * Since: 0.1 */
DMK_API int dmk_set_cancel(struct dmk *dm, const volatile int32_t *flag, int fd);

/* What dmk_set_timeout(), dmk_set_deadline() and dmk_set_cancel() have set: for waits of one's own
 * that are to end with the connection's. Since: 0.1 */
struct dmk_limits {
	int64_t timeout_ms;
	int64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
	const volatile int32_t *cancel_flag;
	int32_t cancel_fd; /* -1: none */
	uint32_t unused;   /* zero */
	uint64_t reserved[4];
};
DMK_API void dmk_get_limits(const struct dmk *dm, struct dmk_limits *ret_limits);

/* The transport hook: instead of the kernel, fn gets each request. command is the number of
 * <linux/dm-ioctl.h> (DM_VERSION_CMD is 0), request a struct dm_ioctl with what follows it, size
 * bytes in all; the answer is written into the same bytes. Of DM_TABLE_LOAD's answer the header
 * alone counts: the hook got a copy of the table. fn returns 0, a negative errno, or DMK_NOT_SENT:
 * the request was only looked at, and counts as done. A hook that wants the kernel after all (to
 * trace, record, delay) calls dmk_transport_kernel(). fn NULL is the kernel. Before the first verb:
 * -EBUSY after it. Since: 0.1 */
#define DMK_NOT_SENT 1
typedef int (*dmk_transport_fn)(struct dmk *dm, void *userdata, uint32_t command, void *request,
				uint32_t size);
DMK_API int dmk_set_transport(struct dmk *dm, dmk_transport_fn fn, void *userdata);
DMK_API int dmk_transport_kernel(struct dmk *dm, uint32_t command, void *request, uint32_t size);

/* From now on nothing is changed: requests that would are shown to the hook, if there is one, and
 * count as done; without a hook they are not sent. Nodes are left alone. Since: 0.1 */
DMK_API void dmk_set_dry_run(struct dmk *dm);

/* One line about a request, for traces and dry runs, cut at size, without newline, e.g.
 *   DM_TABLE_LOAD name=data flags=readonly targets=1: 0 8192 linear /dev/vdb 2048
 * Key material is hidden. Returns the whole length, as snprintf does. Since: 0.1 */
DMK_API size_t dmk_request_format(uint32_t command, const void *request, uint32_t request_size,
				  char *buf, size_t size);
/* 1 where command changes something in the kernel, 0 where it only asks. Since: 0.1 */
DMK_API int dmk_command_changes(uint32_t command);

/* The control fd, opened if it was not, for poll() after dmk_arm_poll(), which alone arms it: no
 * other call does, dmk_wait() and a watch have fds of their own. It stays the library's.
 * -EOPNOTSUPP behind a transport hook that never opened it. Since: 0.1 */
DMK_API int dmk_fd(struct dmk *dm, int *ret_fd);

DMK_API void dmk_library_version(struct dmk_version *ret_version);
/* The kernel driver's version (4.47.0 in Linux 6.1). Since: 0.1 */
DMK_API int dmk_driver_version(struct dmk *dm, struct dmk_version *ret_version);

/* ---- which device --------------------------------------------------------------------- */

/* Exactly one of the three: name, uuid, or a device number (major not 0). -EINVAL otherwise. A
 * device that an older kernel (6.1 too) let be called ".", ".." or "control" is named so, and has
 * no node; to give these names is -EINVAL. */
struct dmk_id {
	const char *name;
	const char *uuid;
	uint32_t major;
	uint32_t minor;
	uint64_t reserved[4];
};

#ifndef __cplusplus
#define DMK_NAME(s) (&(const struct dmk_id){ .name = (s) })
#define DMK_UUID(s) (&(const struct dmk_id){ .uuid = (s) })
#define DMK_DEVNO(ma, mi) (&(const struct dmk_id){ .major = (ma), .minor = (mi) })
#endif

/* struct dmk_info.flags and struct dmk_device.flags. Values are fixed. */
enum dmk_info_flag {
	DMK_INFO_SUSPENDED = 1 << 0,
	DMK_INFO_READONLY = 1 << 1,
	DMK_INFO_LIVE_TABLE = 1 << 2,
	DMK_INFO_INACTIVE_TABLE = 1 << 3,
	DMK_INFO_DEFERRED_REMOVE = 1 << 4,
	DMK_INFO_INTERNAL_SUSPEND = 1 << 5,
	DMK_INFO_GONE = 1 << 6 /* of a removal alone: it went away while that waited, not by it */
};

/* A device as the kernel described it in its reply. */
struct dmk_info {
	uint32_t flags; /* DMK_INFO_* */
	uint32_t major;
	uint32_t minor;
	int32_t open_count; /* -1: not asked */
	uint32_t event_nr;
	uint32_t target_count; /* of the live table, or of the inactive one where that was asked */
	char name[DMK_NAME_SIZE];
	char uuid[DMK_UUID_SIZE + 7]; /* empty: none */
	uint64_t reserved[4];
};

/* "<node dir>/<name>" into buf. -ENAMETOOLONG: it does not fit; -EINVAL: a bad name. Since: 0.1 */
DMK_API int dmk_node_path(const struct dmk *dm, const char *name, char *buf, size_t size);

/* ---- tables --------------------------------------------------------------------------- */

/* One segment: length_sectors from start_sectors on are mapped by target type with params. In a
 * reply the strings belong to the reply. */
struct dmk_segment {
	uint64_t start_sectors;
	uint64_t length_sectors;
	const char *type;
	const char *params; /* never NULL */
	uint64_t reserved[4];
};

/* The caller owns *ret_table: dmk_table_free(), which wipes key material. -ENOMEM. Since: 0.1 */
DMK_API int dmk_table_new(struct dmk_table **ret_table);
DMK_API void dmk_table_free(struct dmk_table *table);
/* Forgets all segments; key material is wiped. Since: 0.1 */
DMK_API void dmk_table_reset(struct dmk_table *table);

/* The failure of the last dmk_table_*() call on it; owned by the table. Never NULL. Since: 0.1 */
DMK_API const struct dmk_error *dmk_table_error(const struct dmk_table *table);

/* Adds one segment, any target, known to dmkit or not. start_sectors is DMK_NEXT or exactly the end
 * of the segment before. params NULL is "". All is copied, and may be the strings that
 * dmk_table_get() gave of this same table. The parameters of a target that dmkit
 * knows are read and refused if the target cannot mean them. -EINVAL: a gap, an overlap, length 0,
 * an empty type, parameters with a newline or which the target refuses; -EOVERFLOW: beyond
 * DMK_MAX_SECTORS or 1,048,576 segments; -ENAMETOOLONG: type over 15 bytes; -E2BIG: params over
 * DMK_MAX_PARAMS_BYTES; -ENOMEM. The table is as before on failure. Since: 0.1 */
DMK_API int dmk_table_add(struct dmk_table *table, uint64_t start_sectors, uint64_t length_sectors,
			  const char *type, const char *params);

/* Adds the segments in the kernel's text form: lines of "START LENGTH TYPE PARAMETERS", numbers in
 * decimal sectors; blank lines and lines that begin with '#' are skipped; the last newline may be
 * missing. size bytes are read, no NUL is needed and none is allowed. An empty text adds nothing.
 * Errors as dmk_table_add(), with line and column. The table is as before on failure. Since: 0.1 */
DMK_API int dmk_table_parse(struct dmk_table *table, const char *text, size_t size);

/* Until dmk_table_reset() the table takes what it is given and leaves all judgement to the kernel:
 * gaps, overlaps and lengths are not looked at, nor are a target's parameters. What cannot be sent
 * at all is still refused (a type over 15 bytes, parameters with a newline). Since: 0.1 */
DMK_API void dmk_table_set_unchecked(struct dmk_table *table);

/* Tells the table which version of a target will read it, as dmk_get_target_version() has it. Where
 * that is newer than any that this library was made from, parameters with a word that the library
 * does not know (DMK_ERROR_UNKNOWN_WORD) are left to the kernel, as is the rest of their segment;
 * dmk_table_check() notes it. All else is refused as before. Until dmk_table_reset(). -ENOMEM;
 * -EINVAL: an empty type; -ENAMETOOLONG. Since: 0.1 */
DMK_API int dmk_table_set_target_version(struct dmk_table *table, const char *type,
					 const struct dmk_version *version);

DMK_API uint32_t dmk_table_count(const struct dmk_table *table);
DMK_API uint64_t dmk_table_size_sectors(const struct dmk_table *table);
/* Segment number index (from 0) into *ret_segment, its strings the table's until that changes.
 * Walking upwards is quick. -ERANGE. Since: 0.1 */
DMK_API int dmk_table_get(struct dmk_table *table, uint32_t index, struct dmk_segment *ret_segment);

/* Reads a size: "4096s" sectors, "1MiB" (KiB, MiB, GiB, TiB, PiB; k, M, G, T, P mean the same),
 * plain bytes. -EINVAL: no number or unit; -ERANGE: too large. Since: 0.1 */
DMK_API int dmk_parse_size(const char *text, uint64_t *ret_bytes);

/* How many letters are to be put in, taken out, changed or, of two neighbours, swapped until a is
 * b: how near a mistyped word is. UINT32_MAX: one has DMK_NAME_SIZE bytes or more. Since: 0.1 */
DMK_API uint32_t dmk_word_distance(const char *a, const char *b);

/* ---- udev ----------------------------------------------------------------------------- */

/* Where udevd runs, it makes /dev/mapper/NAME and all other links of a device, and a program that
 * goes on before it is done finds none of them. So each request that makes udevd work carries a
 * cookie: the low 16 bits of the key of a System V semaphore, which udevd's rules count down at the
 * end. The verbs do it by themselves: create, resume, replace, remove, rename and set_uuid send a
 * cookie, wait until udevd has counted it down, and look at the node. They wait for the verb's
 * timeout_ms, without one for 10 s, with -1 for 1 s (for 10 s if there is a deadline), and never
 * beyond dmk_set_deadline(). Where the time is over, the verb has succeeded all the same: what
 * udevd has not done is then done here, and dmk_get_udev_state() has a note of it. */

/* How much the verbs have to do with udev. Values are fixed. Since: 0.1 */
enum dmk_udev_mode {
	DMK_UDEV_AUTO = 0, /* a handshake where udevd answers, else own nodes */
	DMK_UDEV_OFF = 1,  /* own nodes, whatever runs */
	DMK_UDEV_ON = 2	   /* a handshake, without a look at whether udevd is there and makes nodes
			      in the node folder */
};

/* The default is DMK_UDEV_AUTO. It looks once, at the first verb that makes or removes a device,
 * and where there is no udevd never again; this call makes it look anew. It may come at any time.
 * -EINVAL: no such mode. Since: 0.1 */
DMK_API int dmk_set_udev(struct dmk *dm, uint32_t mode);

/* Why there is a handshake, or why not. Values are fixed. Since: 0.1 */
enum dmk_udev_why {
	DMK_UDEV_WHY_ANSWERS = 1,   /* on: udevd listens, and shares our IPC namespace and /dev */
	DMK_UDEV_WHY_ASKED = 2,	    /* on or off: dmk_set_udev() said so */
	DMK_UDEV_WHY_NO_SOCKET = 3, /* off: no /run/udev/control */
	DMK_UDEV_WHY_NO_ANSWER = 4, /* off: nobody listens there; error says why */
	DMK_UDEV_WHY_IPC = 5,	    /* off: udevd is in another IPC namespace */
	DMK_UDEV_WHY_DEV = 6,	    /* off: udevd's /dev is not ours */
	DMK_UDEV_WHY_NODE_DIR = 7,  /* off: nodes do not live in /dev/mapper */
	DMK_UDEV_WHY_TRANSPORT = 8, /* off: requests go to a hook, not to the kernel */
	DMK_UDEV_WHY_DRY_RUN = 9,   /* off: nothing is changed */
	DMK_UDEV_WHY_NO_RULES = 10  /* off: udev has no 95-dm-notify.rules */
};

/* What the last verb has to say of udev, though it succeeded. Values are fixed. Since: 0.1 */
enum dmk_udev_note {
	DMK_UDEV_NOTE_NONE = 0,
	DMK_UDEV_NOTE_LATE = 1,	    /* udevd did not answer in time; the node is right */
	DMK_UDEV_NOTE_MADE = 2,	    /* the same, and the node was made here */
	DMK_UDEV_NOTE_REMOVED = 3,  /* the same, and the node was removed here */
	DMK_UDEV_NOTE_WRONG = 4,    /* udevd answered without the link, made here */
	DMK_UDEV_NOTE_LEFT = 5,	    /* udevd answered and left its link: it was removed here */
	DMK_UDEV_NOTE_NO_COOKIE = 6 /* no semaphore could be made, error says why: the node itself
				       was waited for, other links of udev's were not */
};

struct dmk_udev_state {
	uint32_t handshake; /* 1: the verbs wait for udevd; 0: they do not */
	uint32_t why;	    /* enum dmk_udev_why */
	int32_t pid;	    /* who made udevd's socket, it or systemd; 0: unknown */
	int32_t error;	    /* a negative errno, with NO_ANSWER and NO_COOKIE */
	uint32_t note;	    /* enum dmk_udev_note; of the last verb */
	uint32_t unused;
	int64_t waited_ms; /* how long the last verb waited for udevd */
	uint64_t reserved[4];
};

/* What this context does, which is found out now if it was not, and what the last verb noted. The
 * last error stays. Since: 0.1 */
DMK_API int dmk_get_udev_state(struct dmk *dm, struct dmk_udev_state *ret_state);
/* "udevd answers", ...; never NULL. Static. Since: 0.1 */
DMK_API const char *dmk_udev_why_text(uint32_t why);
/* A sentence's end, "udevd did not answer in time", ...; "" for none. Static. Since: 0.1 */
DMK_API const char *dmk_udev_note_text(uint32_t note);

/* For udev_flags of options: what udev's rules leave out for this device. Values are udev's. Since:
 * 0.1 */
enum dmk_udev_flag {
	DMK_UDEV_DISABLE_DM_RULES = 1, /* no /dev/mapper/NAME: it is made here then */
	DMK_UDEV_DISABLE_SUBSYSTEM_RULES = 2,
	DMK_UDEV_DISABLE_DISK_RULES = 4, /* no /dev/disk/by-* */
	DMK_UDEV_DISABLE_OTHER_RULES = 8,
	DMK_UDEV_LOW_PRIORITY = 16, /* its links give way to other devices' */
	DMK_UDEV_DISABLE_LIBRARY_FALLBACK = 32,
	DMK_UDEV_PRIMARY_SOURCE = 64 /* the event is a verb's own; a handshake always sets it */
};

/* Cookies that the caller keeps, for several verbs and one wait: dmk_udev_cookie_create(), then
 * verbs with udev_cookie in their options, then dmk_udev_cookie_wait(). A verb counts it up before
 * its request, and down again where the request failed or made udevd do nothing; it does not wait,
 * and leaves the node to udevd. Where the context does no handshake, verbs leave the cookie alone
 * and make and remove nodes. The key is 0x0D4D0001 to 0x0D4DFFFF, -EINVAL otherwise.
 * Errors, step DMK_STEP_UDEV: -ENOENT: there is no such semaphore; -EACCES, -EPERM; -ENOSYS: this
 * kernel has no semaphores; -ENOSPC: the system's table of semaphores is full. */
/* A semaphore of value 1, which is the caller's own part. Since: 0.1 */
DMK_API int dmk_udev_cookie_create(struct dmk *dm, uint32_t *ret_cookie);
/* One event more is waited for. -ERANGE: 32767 are. Since: 0.1 */
DMK_API int dmk_udev_cookie_add(struct dmk *dm, uint32_t cookie);
/* One less: what udev's rules call at their end. -EAGAIN: none is waited for. Since: 0.1 */
DMK_API int dmk_udev_cookie_complete(struct dmk *dm, uint32_t cookie);
/* Takes the caller's own part away, waits for all the others, and removes the semaphore, on failure
 * too. timeout_ms as a verb's: 0 is the context's, else 10 s. -ETIMEDOUT, -ECANCELED. One that is
 * removed meanwhile ends the wait with 0. Since: 0.1 */
DMK_API int dmk_udev_cookie_wait(struct dmk *dm, uint32_t cookie, int64_t timeout_ms);
/* Removes the semaphore, whoever waits; their waits end. Since: 0.1 */
DMK_API int dmk_udev_cookie_remove(struct dmk *dm, uint32_t cookie);

/* One semaphore with a cookie's key. */
struct dmk_udev_cookie {
	uint32_t cookie; /* the whole key */
	int32_t semid;
	uint32_t value;	   /* events outstanding, and the owner's part */
	uint32_t waiters;  /* processes that wait in it now */
	int32_t pid;	   /* of the last operation; it may have ended, as udev's helpers do */
	uint32_t uid;	   /* who made it */
	int64_t last_op_s; /* CLOCK_REALTIME; 0: never */
	int64_t change_s;  /* made or set */
	uint64_t reserved[4];
};

/* All cookies of this IPC namespace. The caller owns *ret_cookies. Those that one has no right to
 * read are left out. -ENOSYS, -ENOMEM. Since: 0.1 */
DMK_API int dmk_list_udev_cookies(struct dmk *dm, struct dmk_udev_cookies **ret_cookies);
/* 1: *ret_cookie is the next one; 0: no more. Since: 0.1 */
DMK_API int dmk_udev_cookies_next(struct dmk_udev_cookies *cookies,
				  struct dmk_udev_cookie *ret_cookie);
DMK_API void dmk_udev_cookies_free(struct dmk_udev_cookies *cookies);

/* ---- verbs: make, change, take away --------------------------------------------------- */

/* Who makes /dev/mapper/NAME, and when. Values are fixed. */
enum dmk_node_policy {
	DMK_NODE_DEFAULT = 0,	/* on resume */
	DMK_NODE_ON_RESUME = 1, /* once the device has its table */
	DMK_NODE_ON_CREATE = 2, /* at once; where udevd makes it, and a table is given: on resume */
	DMK_NODE_NONE = 3	/* the caller (or udev) does; nodes are neither made nor removed */
};

enum dmk_create_flag {
	DMK_CREATE_READONLY = 1 << 0,
	DMK_CREATE_FIXED_MINOR = 1 << 1,	/* minor is meant */
	DMK_CREATE_READ_AHEAD = 1 << 2,		/* set read_ahead_sectors */
	DMK_CREATE_READ_AHEAD_MINIMUM = 1 << 3, /* only if it is more than the kernel chose */
	DMK_CREATE_NO_VERIFY = 1 << 4,		/* do not read a verity device's first block */
	/* It goes when *ret_fd is closed, by the end of the process too, and nobody else has it
	 * open: its removal is deferred from the start. Needs a table and Linux 3.13. */
	DMK_CREATE_EPHEMERAL = 1 << 5
};

struct dmk_create_options {
	uint32_t flags; /* DMK_CREATE_* */
	uint32_t minor;
	uint32_t uid; /* of the node */
	uint32_t gid;
	uint32_t mode;	      /* of the node: permission bits; 0 means 0600 */
	uint32_t node_policy; /* enum dmk_node_policy */
	uint32_t read_ahead_sectors;
	uint32_t udev_cookie; /* 0: the verb's own, see "udev" above; a key of
				 dmk_udev_cookie_create(): that one, and the caller waits; up to
				 0xffff: sent as it is, and everything else is the caller's */
	uint32_t udev_flags;  /* enum dmk_udev_flag, and 0x100 to 0x8000 for subsystems' rules */
	uint32_t unused;      /* zero */
	int64_t timeout_ms;
	const char *uuid; /* NULL: none */
	int *ret_fd;	  /* with DMK_CREATE_EPHEMERAL: the device, open for reading */
	uint64_t reserved[4];
};

/* Makes a device: DEV_CREATE, TABLE_LOAD, resume, node; any failure undoes what was done, in
 * reverse, and the first error is reported. table NULL: only DEV_CREATE (a device without a table;
 * a node only where DMK_NODE_ON_CREATE asks). The node has mode 0600 unless asked, from the
 * first moment; one that is right already is left alone; a stale block node of
 * device-mapper is replaced; anything else there is -EEXIST. ret_info may be NULL. With a timeout,
 * -EBUSY, -ENOENT, -ENXIO and -ENODEV are tried again until it ends (a backing device that still
 * has to appear); without one the first answer counts. -EBUSY: the name or uuid is taken, or a
 * backing device is held; -EEXIST: the node's place is; -ENODEV, -ENOENT, -ENXIO: a backing device
 * is missing, or (-ENXIO, step create) the fixed minor is taken; -EINVAL: the kernel refuses the
 * table. A table with verity is read-only, asked for or not; its first block is read once (past the
 * page cache), and -EIO, step trial, says that root digest, salt and tree do not fit what is on the
 * disks: before anybody mounts it. Where corruption is ignored, or ends in a restart or a panic, or
 * DMK_CREATE_NO_VERIFY is given, nothing is read. Since: 0.1 */
DMK_API int dmk_create(struct dmk *dm, const char *name, struct dmk_table *table,
		       const struct dmk_create_options *options, struct dmk_info *ret_info);

enum dmk_load_flag {
	DMK_LOAD_READONLY = 1 << 0
};

struct dmk_load_options {
	uint32_t flags; /* DMK_LOAD_* */
	uint32_t unused;
	int64_t timeout_ms;
	uint64_t reserved[4];
};

/* Loads table into the device's inactive slot, where the next resume finds it, in the place of what
 * there was; that stays where the load fails. With a timeout
 * -EBUSY is tried again until it ends. ret_info may be NULL. Since: 0.1 */
DMK_API int dmk_load(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
		     const struct dmk_load_options *options, struct dmk_info *ret_info);

/* Empties the inactive slot; no error where it is empty. ret_info may be NULL. Since: 0.1 */
DMK_API int dmk_clear(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_info);

enum dmk_suspend_flag {
	DMK_SUSPEND_NOFLUSH = 1 << 0,	 /* do not wait for I/O in flight: it is queued again */
	DMK_SUSPEND_SKIP_LOCKFS = 1 << 1 /* do not freeze the file system */
};

struct dmk_suspend_options {
	uint32_t flags; /* DMK_SUSPEND_* */
	uint32_t unused;
	int64_t timeout_ms; /* at its end -ETIMEDOUT, and the device is as before; 0: no limit */
	uint64_t reserved[4];
};

/* Stops I/O until a resume. A suspended device stays so; nothing happens then. ret_info may be
 * NULL. Since: 0.1 */
DMK_API int dmk_suspend(struct dmk *dm, const struct dmk_id *id,
			const struct dmk_suspend_options *options, struct dmk_info *ret_info);

enum dmk_resume_flag {
	DMK_RESUME_LEAVE = 1 << 2 /* where it is refused, leave all as Linux leaves it */
};

struct dmk_resume_options {
	uint32_t flags; /* DMK_SUSPEND_*: for the suspend inside a swap; DMK_RESUME_* */
	uint32_t uid;	/* of the node, where one has to be made */
	uint32_t gid;
	uint32_t mode;
	uint32_t node_policy;
	uint32_t udev_cookie;
	uint32_t udev_flags;
	uint32_t unused;
	int64_t timeout_ms; /* of the suspend inside a swap; 0: no limit */
	uint64_t reserved[4];
};

/* Puts the inactive table in, if there is one, and lets I/O go on; an active device without an
 * inactive table is left as it is. Then the node is made if it is missing. ret_info may be NULL.
 *
 * A target may refuse its table only now (thin-pool, cache, crypt, snapshot, ...), when Linux has
 * thrown the former one away and left the device suspended. So the live table is read before, and
 * loaded again where that happens: a device that was active runs on with it, one that was suspended
 * stays so, with DMK_LEFT_FORMER_LOADED. The refused table is gone either way. A device that had no
 * live table yet keeps the refused one. What could not be put back is told by the error's left and
 * undo_code. A suspend that failed leaves the loaded table in its slot. Since: 0.1 */
DMK_API int dmk_resume(struct dmk *dm, const struct dmk_id *id,
		       const struct dmk_resume_options *options, struct dmk_info *ret_info);

enum dmk_replace_flag {
	DMK_REPLACE_READONLY = 1 << 0,
	DMK_REPLACE_NOFLUSH = 1 << 1,
	DMK_REPLACE_SKIP_LOCKFS = 1 << 2
};

struct dmk_replace_options {
	uint32_t flags; /* DMK_REPLACE_* */
	uint32_t udev_cookie;
	uint32_t udev_flags;
	uint32_t unused;
	int64_t timeout_ms;
	uint64_t reserved[4];
};

/* Loads table and swaps it in, in one atomic step of the kernel. With a timeout -EBUSY of the load
 * is tried again. ret_info may be NULL.
 *
 * On failure the device is as it was: the former table, which is read before, is put back where the
 * new one was refused at the resume, as dmk_resume() does it; what is not as it was is told by the
 * error's left and undo_code. The inactive slot: a load that fails leaves there what there was; one
 * that succeeded has thrown that away, and then the slot is empty. -EINVAL at DMK_STEP_LOAD, before
 * anything is changed: the live target is one that only itself and `error` may follow (thin-pool,
 * verity, multipath), or a pool would shrink or get blocks of another size. Since: 0.1 */
DMK_API int dmk_replace(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
			const struct dmk_replace_options *options, struct dmk_info *ret_info);

enum dmk_remove_flag {
	DMK_REMOVE_DEFERRED = 1 << 0, /* if it is open, remove it when it is closed:
					 DMK_INFO_DEFERRED_REMOVE. Its node goes at once, udevd's
					 link with the device; until then no verb makes one */
	DMK_REMOVE_FORCE =
		1 << 1, /* put an error table in first, so that waiting I/O fails and lets go */
	DMK_REMOVE_ONCE = 1 << 2 /* -EBUSY is not tried again: timeout_ms is for udevd alone */
};

struct dmk_remove_options {
	uint32_t flags;	      /* DMK_REMOVE_* */
	uint32_t node_policy; /* DMK_NODE_NONE: leave the node alone */
	uint32_t udev_cookie;
	uint32_t udev_flags;
	int64_t timeout_ms;
	uint64_t reserved[4];
};

/* Removes a device. A try is one DEV_STATUS, the node away if nobody has the device open, one
 * DEV_REMOVE, and the node back if the device stays. -EBUSY is tried again, with growing pauses,
 * for 5 s or timeout_ms. The device is the one of the first DEV_STATUS, whatever has its name or
 * number later. ret_info (may be NULL) tells whether a deferred removal is pending, and by
 * DMK_INFO_GONE that the device went away by another hand while this call waited for it to be
 * closed.
 * -EBUSY: still open; holders in the error: to find them takes some three seconds at most beyond
 * the limit, else detail says that the search was cut short. -ENXIO: there is none, or another
 * process removed it between the DEV_STATUS and the DEV_REMOVE: only one of two is told 0 for an
 * idle device. Since: 0.1 */
DMK_API int dmk_remove(struct dmk *dm, const struct dmk_id *id,
		       const struct dmk_remove_options *options, struct dmk_info *ret_info);

/* What became of the device ids[index]: gone where error is NULL, or marked so that it goes when it
 * is closed, where flags has DMK_INFO_DEFERRED_REMOVE. error is the library's, for this call. */
typedef void (*dmk_removed_fn)(void *userdata, uint32_t index, uint32_t flags,
			       const struct dmk_error *error);
typedef void (*dmk_waiting_fn)(void *userdata);

struct dmk_many_options {
	uint32_t flags;	      /* zero: there are none yet */
	uint32_t max_threads; /* up to 4096 at a time, the caller's one of them; 0: 64 */
	/* Both may be NULL. They are called in the caller's thread, one at a time, and may not use
	 * the connection; dmk_get_udev_state() tells what udev did not do for this device. */
	dmk_removed_fn removed; /* once for each device: as soon as it is gone; failures at the end,
				   in the order of ids */
	dmk_waiting_fn waiting; /* about four times a second, as long as it takes */
	void *userdata;
	uint64_t reserved[4];
};

/*
 * Removes n devices, up to 1,048,576, in parallel: the kernel waits some 20 ms for each, and these
 * waits overlap. What stands on another one of them goes before it, and that one as soon as nothing
 * is left on it: one DM_TABLE_DEPS each tells. Each is tried, whatever becomes of the others, as
 * dmk_remove() does it: what is busy is tried again, beside the others, for 5 s or timeout_ms from
 * its first try on. Threads are made as there is work for them, each with a control fd of its own,
 * all signals blocked, and are gone when this returns. Where there can be none, with a transport
 * hook and in a dry run, the caller's thread does it all. Returns the code of the first one in ids
 * that failed, and its error is the last error; 0: all are gone. -ECANCELED: none was begun any
 * more. A failure before the first try, as to open the control node, calls nothing. Since: 0.1 */
DMK_API int dmk_remove_many(struct dmk *dm, const struct dmk_id *ids, uint32_t n,
			    const struct dmk_remove_options *options,
			    const struct dmk_many_options *how);

/* Takes back a deferred removal and makes the node again. A node that cannot be made leaves the
 * removal taken back: DMK_LEFT_DONE. Linux 3.13. Since: 0.1 */
DMK_API int dmk_cancel_deferred_remove(struct dmk *dm, const struct dmk_id *id);

/* Removes every device that nobody has open, in one request, and the nodes of those that are gone.
 * With DMK_REMOVE_DEFERRED the others when they are closed. Where udevd answers, one by one, and
 * with one wait for it, as that request can have no cookie. On failure those that are gone stay so.
 * Since: 0.1 */
DMK_API int dmk_remove_all(struct dmk *dm, const struct dmk_remove_options *options);

struct dmk_rename_options {
	uint32_t node_policy;
	uint32_t udev_cookie;
	uint32_t udev_flags;
	uint32_t unused;
	uint64_t reserved[4];
};

/* Gives the device and its node another name. -EBUSY: the name is taken; -EEXIST: the node's place
 * is; then the old name is back. ret_info may be NULL. Since: 0.1 */
DMK_API int dmk_rename(struct dmk *dm, const struct dmk_id *id, const char *new_name,
		       const struct dmk_rename_options *options, struct dmk_info *ret_info);

/* Gives a uuid to a device that has none. -EINVAL: it has one (kernels before 4.19: always).
 * ret_info may be NULL. Not taken back: what fails after the request leaves it. Since: 0.1 */
DMK_API int dmk_set_uuid(struct dmk *dm, const struct dmk_id *id, const char *uuid,
			 const struct dmk_rename_options *options, struct dmk_info *ret_info);

/* What HDIO_GETGEO answers. start_sectors is at most cylinders * heads * sectors. Since: 0.1 */
DMK_API int dmk_set_geometry(struct dmk *dm, const struct dmk_id *id, uint32_t cylinders,
			     uint32_t heads, uint32_t sectors, uint64_t start_sectors);

enum dmk_message_flag {
	DMK_MESSAGE_SECRET =
		1 << 0 /* the text carries a key: DM_SECURE_DATA, and our copy is wiped */
};

struct dmk_message_options {
	uint32_t flags; /* DMK_MESSAGE_* */
	uint32_t unused;
	uint64_t sector; /* which segment gets it: the one that holds this sector */
	uint64_t reserved[4];
};

/* 1: the kernel reads "key" for the message's first word, in whatever case, behind whatever blanks:
 * crypt's "key set HEX" and "key wipe". 0: it is another one. Since: 0.1 */
DMK_API int dmk_message_is_secret(const char *text);

/* Sends text to a target. *ret_reply (ret_reply may be NULL) is its answer, to be freed with
 * free(), or NULL where it gave none. One that dmk_message_is_secret() goes as with
 * DMK_MESSAGE_SECRET. Since: 0.1 */
DMK_API int dmk_message(struct dmk *dm, const struct dmk_id *id, const char *text,
			const struct dmk_message_options *options, char **ret_reply);

/* ---- verbs: look ---------------------------------------------------------------------- */

enum dmk_query_flag {
	DMK_QUERY_INACTIVE = 1 << 0, /* of the inactive table */
	DMK_QUERY_FLUSH = 1 << 1,    /* status: let the target write out first (can take long) */
	DMK_QUERY_NO_OPEN_COUNT = 1 << 2 /* open_count is -1 */
};

struct dmk_query_options {
	uint32_t flags; /* DMK_QUERY_* */
	uint32_t unused;
	int64_t timeout_ms; /* of a status with DMK_QUERY_FLUSH; 0: no limit. -ETIMEDOUT */
	uint64_t reserved[4];
};

/* What the kernel says of one device, in one request. Since: 0.1 */
DMK_API int dmk_get_info(struct dmk *dm, const struct dmk_id *id,
			 const struct dmk_query_options *options, struct dmk_info *ret_info);

/* One line of the list. Strings belong to the list. */
struct dmk_device {
	const char *name;
	const char *uuid; /* "" none; NULL: not asked */
	uint32_t major;
	uint32_t minor;
	uint32_t event_nr;
	uint32_t has_event_nr; /* 0 on drivers before 4.38 */
	uint64_t reserved[4];
};

enum dmk_list_flag {
	DMK_LIST_UUID = 1 << 0 /* uuids too: free since driver 4.45, one request a device before */
};

struct dmk_list_options {
	uint32_t flags; /* DMK_LIST_* */
	uint32_t unused;
	const char *name_prefix; /* only devices whose name begins so; NULL: all */
	const char *
		uuid_prefix; /* only devices whose uuid begins so; NULL: all; means DMK_LIST_UUID */
	uint64_t reserved[4];
};

/* All devices, in the kernel's order, in one request. The caller owns *ret_devices. Since: 0.1 */
DMK_API int dmk_list(struct dmk *dm, const struct dmk_list_options *options,
		     struct dmk_devices **ret_devices);
/* 1: *ret_device is the next one; 0: no more; -EBADMSG: the reply is corrupt from here on. Since:
 * 0.1 */
DMK_API int dmk_devices_next(struct dmk_devices *devices, struct dmk_device *ret_device);
DMK_API void dmk_devices_rewind(struct dmk_devices *devices);
DMK_API void dmk_devices_free(struct dmk_devices *devices);

/* The table, and the targets' status, of one device. The caller owns *ret_segments:
 * dmk_segments_free(), which wipes key material. Since: 0.1 */
DMK_API int dmk_get_table(struct dmk *dm, const struct dmk_id *id,
			  const struct dmk_query_options *options,
			  struct dmk_segments **ret_segments);
DMK_API int dmk_get_status(struct dmk *dm, const struct dmk_id *id,
			   const struct dmk_query_options *options,
			   struct dmk_segments **ret_segments);
/* What each target says of itself for integrity measurement (IMA): "target_name=linear,...;", empty
 * for a target that says nothing. Driver 4.45, Linux 5.15. Since: 0.1 */
DMK_API int dmk_get_measurement(struct dmk *dm, const struct dmk_id *id,
				const struct dmk_query_options *options,
				struct dmk_segments **ret_segments);
/* As dmk_devices_next(). */
DMK_API int dmk_segments_next(struct dmk_segments *segments, struct dmk_segment *ret_segment);
DMK_API void dmk_segments_rewind(struct dmk_segments *segments);
DMK_API uint32_t dmk_segments_count(const struct dmk_segments *segments);
/* The device that came with the same reply. Owned by segments. */
DMK_API const struct dmk_info *dmk_segments_info(const struct dmk_segments *segments);
DMK_API void dmk_segments_free(struct dmk_segments *segments);

struct dmk_devno {
	uint32_t major;
	uint32_t minor;
};

/* The devices that the table stands on. *ret_devnos is freed with free(); NULL where there are
 * none. Since: 0.1 */
DMK_API int dmk_get_deps(struct dmk *dm, const struct dmk_id *id,
			 const struct dmk_query_options *options, struct dmk_devno **ret_devnos,
			 uint32_t *ret_count);

/* One device of a graph. All belongs to the graph. */
struct dmk_graph_node {
	uint32_t index; /* of dmk_graph_at() */
	uint32_t major;
	uint32_t minor;
	uint32_t gone;	  /* 1: it went away meanwhile, and nothing is known to be below it */
	const char *name; /* NULL: it was not listed: a disk */
	const char *uuid; /* as in the list */
	const struct dmk_graph_node *const
		*below; /* what its table stands on, in the kernel's order: the table's reversed */
	uint32_t n_below;
	uint32_t n_above; /* how many stand on it */
	uint64_t reserved[4];
};

/* Who stands on whom: dmk_get_deps() for each device of the list, which belongs to the graph from
 * then on; where this fails, it is freed. The nodes are the devices as they are listed, then what
 * else they stand on, once each, by number. The caller owns *ret_graph: dmk_graph_free(). Since:
 * 0.1 */
DMK_API int dmk_graph_read(struct dmk *dm, struct dmk_devices *devices,
			   struct dmk_graph **ret_graph);
DMK_API uint32_t dmk_graph_count(const struct dmk_graph *graph);
/* NULL: past the last; it has no such device. Owned by graph. Since: 0.1 */
DMK_API const struct dmk_graph_node *dmk_graph_at(const struct dmk_graph *graph, uint32_t index);
DMK_API const struct dmk_graph_node *dmk_graph_find(const struct dmk_graph *graph, uint32_t major,
						    uint32_t minor);
DMK_API void dmk_graph_free(struct dmk_graph *graph);

struct dmk_target_version {
	const char *type; /* belongs to the reply */
	struct dmk_version version;
	uint64_t reserved[4];
};

/* The targets that the kernel has loaded now. The caller owns *ret_targets. Since: 0.1 */
DMK_API int dmk_list_targets(struct dmk *dm, struct dmk_targets **ret_targets);
/* As dmk_devices_next(). */
DMK_API int dmk_targets_next(struct dmk_targets *targets, struct dmk_target_version *ret_target);
DMK_API void dmk_targets_free(struct dmk_targets *targets);
/* The version of one target; the kernel loads its module if it can (driver 4.41; before, only what
 * is loaded is found). -EINVAL: the kernel has no such target (-ENXIO before 4.41). Since: 0.1 */
DMK_API int dmk_get_target_version(struct dmk *dm, const char *type,
				   struct dmk_version *ret_version);

struct dmk_wait_options {
	uint32_t flags; /* none yet */
	uint32_t unused;
	int64_t timeout_ms; /* 0: no limit, unless dmk_set_timeout() set one */
	uint64_t reserved[4];
};

/* Waits until the device's event number is no longer event_nr (get it with dmk_get_info()).
 * ret_info may be NULL. -ETIMEDOUT; -ENXIO: the device went away. Needs driver 4.37 for a limit.
 * Since: 0.1 */
DMK_API int dmk_wait(struct dmk *dm, const struct dmk_id *id, uint32_t event_nr,
		     const struct dmk_wait_options *options, struct dmk_info *ret_info);

/* Arms the control fd: poll() on dmk_fd() wakes on the next create, remove, rename, event or resume
 * with another table of any device, and stays readable until it is armed again. dmk_watch_next()
 * says what it was, and has an fd of its own. Driver 4.37. Since: 0.1 */
DMK_API int dmk_arm_poll(struct dmk *dm);

/* ---- watching all devices ------------------------------------------------------------- */

/* What happened to a device. Values are fixed. */
enum dmk_watch_kind {
	DMK_WATCH_CREATED = 1,
	DMK_WATCH_REMOVED = 2,
	DMK_WATCH_RENAMED = 3,	/* old_name is another one */
	DMK_WATCH_UUID_SET = 4, /* old_uuid is empty */
	DMK_WATCH_RESUMED = 5,	/* a table was put in, its first or another one */
	DMK_WATCH_EVENT = 6	/* its event number changed: dmk_get_status() says to what */
};

/* One thing that happened. Strings belong to the watch, until the next call on it. */
struct dmk_watch_event {
	uint32_t kind; /* enum dmk_watch_kind */
	uint32_t major;
	uint32_t minor;
	uint32_t event_nr;
	const char *name;
	const char *uuid; /* "" none */
	const char *old_name;
	const char *old_uuid;
	uint64_t reserved[4];
};

enum dmk_watch_flag {
	DMK_WATCH_RESUMES = 1 << 0 /* tell resumes too: one more request a device and look */
};

struct dmk_watch_options {
	uint32_t flags;		  /* DMK_WATCH_* */
	uint32_t n_names;	  /* 0: all devices */
	const char *const *names; /* only those that have, get or had one of these; copied */
	uint64_t reserved[4];
};

struct dmk_watch; /* the devices as they were at the last look */

/*
 * Begins to watch: looks at the list for the first time and arms its fd. What is there by then is
 * no news. The caller owns *ret_watch: dmk_watch_free(), before dmk_free(). It uses dm, which may
 * make any other calls in between, those that wait and other watches too. Driver 4.37. Since: 0.1
 */
DMK_API int dmk_watch_new(struct dmk *dm, const struct dmk_watch_options *options,
			  struct dmk_watch **ret_watch);

/* 1: *ret_event is the next thing that happened; 0: no more: poll() dmk_watch_fd(), then call
 * again. The first call, and each one after a 0, arms that and looks at the list; it never waits.
 * Whatever is there after a 0 has been told, but what came and went between two looks has not, and
 * one DMK_WATCH_EVENT can stand for several. Removals are told first, then renames, then all else.
 * The kernel does not wake the poll for a load, a suspend or a resume that only ends a suspend:
 * that one is told with the next look, if the one before has seen the suspend. A message that
 * changes what the table says is told as DMK_WATCH_RESUMED. Events need driver 4.38. After a
 * failure the next call looks again, and nothing is lost. Since: 0.1 */
DMK_API int dmk_watch_next(struct dmk_watch *watch, struct dmk_watch_event *ret_event);
/* What poll() tells that there is something to look at: a control fd of the watch's own, which it
 * keeps and closes. -EOPNOTSUPP behind a transport hook that opened none. Since: 0.1 */
DMK_API int dmk_watch_fd(struct dmk_watch *watch, int *ret_fd);
DMK_API void dmk_watch_free(struct dmk_watch *watch);

/* ---- block devices -------------------------------------------------------------------- */

struct dmk_blockdev {
	uint64_t size_bytes;
	uint64_t diskseq; /* 0: this kernel has none (before 5.15) */
	uint32_t major;
	uint32_t minor;
	uint32_t logical_block_bytes;
	uint32_t physical_block_bytes;
	uint32_t read_ahead_sectors;
	uint32_t readonly; /* 1: yes */
	uint64_t reserved[4];
};

/* Asks a block device by path or MAJOR:MINOR. -ENOTBLK: it is something else; others: open(2)'s.
 * Since: 0.1 */
DMK_API int dmk_get_blockdev(const char *device, struct dmk_blockdev *ret_blockdev);

enum dmk_read_ahead_flag {
	DMK_READ_AHEAD_MINIMUM = 1 << 0 /* only if it is more than now */
};

/* Sets how much of a block device is read ahead, by path or MAJOR:MINOR. -ENOTBLK: it is something
 * else; -EINVAL: an unknown flag; others: open(2)'s. Since: 0.1 */
DMK_API int dmk_set_read_ahead(const char *device, uint32_t sectors, uint32_t flags);

/* ---- who holds a device --------------------------------------------------------------- */

enum dmk_holders_flag {
	/* There may be processes that this one cannot list: it is in a pid namespace of its own, or
	 * /proc is not there or hides those of others. */
	DMK_HOLDERS_SOME_HIDDEN = 1 << 0,
	/* The time was over, or the caller cancelled, before all was looked at. */
	DMK_HOLDERS_CUT_SHORT = 1 << 1
};

/* What was searched, and how much of it could not be looked at. */
struct dmk_holders_scope {
	uint32_t flags; /* DMK_HOLDERS_* */
	uint32_t major; /* of the device */
	uint32_t minor;
	uint32_t processes;	   /* how many there were */
	uint32_t processes_unseen; /* of them, whose files or mounts may not be looked at */
	uint32_t places_unseen;	   /* loop devices, swap and lists whose device cannot be told */
	uint64_t reserved[4];
};

/* Looks for all who hold a device, or a partition of it: devices on top, loop devices, swap, mounts
 * in every mount namespace, processes that have it open, and processes that use a file system on
 * it, mounted or detached while in use: once for each process and kind, this one too, and those
 * that use a file system come last. It is a walk over /proc and /sys that opens no device unless a
 * loop device's backing file has lost its name, never waits for a file system, and does a small,
 * fixed number of system calls for each process, each open file, and each mount namespace; a list
 * of mapped files, which waits for its process, is not asked for while that waits for I/O.
 * Files of btrfs, whose number is not the device's, are found below a mount that is seen (Linux
 * 5.8), not below a detached one. What stands on files there is not looked for: an overlay's lower
 * folders, a loop device's backing file. The caller owns *ret_holders: dmk_holders_free().
 * dmk_find_holders: as dmk_get_info(); it ends at dmk_set_timeout() or dmk_set_deadline() with what
 * it has, and -ECANCELED: dmk_set_cancel(). dmk_find_blockdev_holders: of any block device, by path
 * or MAJOR:MINOR; -ENOTBLK: it is something else; -ENXIO: no such number; stat(2)'s; -ENOMEM. Linux
 * 4.11. Since: 0.1 */
DMK_API int dmk_find_holders(struct dmk *dm, const struct dmk_id *id,
			     struct dmk_holders **ret_holders);
DMK_API int dmk_find_blockdev_holders(const char *device, struct dmk_holders **ret_holders);
/* 1: *ret_holder is the next one; 0: no more. Since: 0.1 */
DMK_API int dmk_holders_next(struct dmk_holders *holders, struct dmk_holder *ret_holder);
DMK_API void dmk_holders_rewind(struct dmk_holders *holders);
DMK_API uint32_t dmk_holders_count(const struct dmk_holders *holders);
/* Owned by holders. Since: 0.1 */
DMK_API const struct dmk_holders_scope *dmk_holders_get_scope(const struct dmk_holders *holders);
DMK_API void dmk_holders_free(struct dmk_holders *holders);

/* ---- checks --------------------------------------------------------------------------- */

enum dmk_check_flag {
	DMK_CHECK_OFFLINE = 1 << 0 /* neither this kernel nor its devices are asked */
};

/* A release of Linux as dmk_check_options has it: DMK_LINUX(6, 1). What it had first counts, not
 * what stable or vendors' kernels took over later. */
#define DMK_LINUX(major, minor) ((major) << 8 | (minor))

/* Told of what cannot be said for certain: note has segment, target, argument and detail, and code
 * 0. It lives as long as the call. */
typedef void (*dmk_check_note_fn)(void *userdata, const struct dmk_error *note);

struct dmk_check_options {
	uint32_t flags;		/* DMK_CHECK_* */
	uint32_t linux_release; /* DMK_LINUX(), from 3.0 on, minor up to 255: targets and options
				   are checked against it, not against this kernel; 0: this one */
	const struct dmk_id *device; /* which gets the table: it cannot stand on itself. It need not
					exist. NULL: a new one */
	dmk_check_note_fn note; /* may be NULL: only of linux_release is there anything to note */
	void *userdata;
	uint64_t reserved[4];
};

/* Looks at what a table names, before the kernel is asked to take it; what a table's own words can
 * say was refused when they were added. Each target is known to this kernel (its module is loaded)
 * and new enough for the options used; each device exists, is a block device and not the very one
 * that gets the table; where the target takes a range of a device, the device is large enough, and
 * the range is aligned to its logical block size; and nobody has claimed one of the first 128
 * devices for himself alone, or a part of it: a mount, swap, another driver, an open with O_EXCL.
 * (Mappings share a device.) For that the processes are looked at as dmk_find_holders() does; only
 * where nothing but an open is found, the device is opened with O_EXCL for a moment.
 * What the kernel would take is never refused, so 0 is no promise that it takes the table. The
 * error has the segment, and as argument the word at fault. A device is asked once, as far as it is
 * one of the last 32.
 * -EINVAL: too small, not aligned, itself, an unknown or too old target; -ENOENT, -ENXIO, -ENOTBLK:
 * a device is missing; -EBUSY: it is claimed; -EACCES: a device may not be opened by the caller,
 * who cannot know then.
 * Since: 0.1 */
DMK_API int dmk_table_check(struct dmk *dm, struct dmk_table *table,
			    const struct dmk_check_options *options);

/* ---- several devices as one text ------------------------------------------------------ */

/* The form that dmsetup calls concise: NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]...[;NAME,...], where
 * UUID and MINOR may be empty, FLAGS are ro, rw or empty (rw), and a TABLE is the kernel's own text
 * of one segment. A backslash takes the next character as it is: ',', ';', a backslash, a blank at
 * the beginning or end of a field. Without ",TABLE" it is a device without a table.
 *
 * The kernel's parameter dm-mod.create= (built-in device-mapper, Linux 5.1) is that form with
 * limits: at most 4095 characters, 256 devices and 256 segments each, no escapes, and of targets
 * crypt, delay, linear, snapshot-origin, striped and verity alone. */
enum dmk_concise_flag {
	DMK_CONCISE_SHOW_KEYS = 1 << 0, /* key material as it is; without it, and without */
	DMK_CONCISE_HIDE_KEYS = 1 << 1, /* which makes zeros of it, a key is -EINVAL */
	DMK_CONCISE_BOOT = 1 << 2	/* for dm-mod.create=: its limits hold */
};

/* The text of n devices, in this order, out of what dmk_get_table() gave for each, which is rewound
 * and otherwise left as it is. *ret_text is freed with free(); it has no newline. -EINVAL: a key
 * may not be shown, or a limit of DMK_CONCISE_BOOT is broken: the error has the device, the segment
 * and as argument what it is; -EBADMSG: a reply is corrupt; -ENOMEM. ret_error may be NULL.
 * Since: 0.1 */
DMK_API int dmk_concise_format(struct dmk_segments *const *devices, uint32_t n, uint32_t flags,
			       char **ret_text, struct dmk_error *ret_error);

/* A device to be made. All belongs to the struct dmk_concise. */
struct dmk_concise_device {
	const char *name;
	const char *uuid;	 /* NULL: none */
	uint32_t flags;		 /* DMK_CREATE_READONLY, DMK_CREATE_FIXED_MINOR */
	uint32_t minor;		 /* with DMK_CREATE_FIXED_MINOR */
	struct dmk_table *table; /* NULL: none */
	uint64_t reserved[4];
};

/* Reads size bytes of text; no NUL is needed and none allowed. White space around a field and a
 * last ';' are ignored; an empty text is no device at all. The caller owns *ret_concise:
 * dmk_concise_free(), which wipes key material. Errors as dmk_table_add(), with the device, and
 * line and column in text. ret_error may be NULL. Since: 0.1 */
DMK_API int dmk_concise_parse(const char *text, size_t size, struct dmk_concise **ret_concise,
			      struct dmk_error *ret_error);
/* 1: *ret_device is the next one; 0: no more. Since: 0.1 */
DMK_API int dmk_concise_next(struct dmk_concise *concise, struct dmk_concise_device *ret_device);
DMK_API void dmk_concise_rewind(struct dmk_concise *concise);
DMK_API uint32_t dmk_concise_count(const struct dmk_concise *concise);
DMK_API void dmk_concise_free(struct dmk_concise *concise);

/* dmk_create() for each device of the text, in its order, with the same options; uuid and minor
 * are the text's. Where one fails, those made before are removed, the last one first, and the error
 * is that one's: all or none. Errors as dmk_create(). Since: 0.1 */
DMK_API int dmk_create_concise(struct dmk *dm, struct dmk_concise *concise,
			       const struct dmk_create_options *options);

/* ---- what is wrong on this machine ---------------------------------------------------- */

/* What dmk_examine() may find. Values are fixed. Since: 0.1 */
enum dmk_finding_kind {
	DMK_FINDING_NO_DM = 1,		 /* the kernel has no device-mapper, or it is not loaded */
	DMK_FINDING_CONTROL_MISSING = 2, /* the control node, path. Can be mended */
	DMK_FINDING_CONTROL_WRONG = 3,	 /* something else is at path */
	DMK_FINDING_NOT_LISTED = 4,	 /* devices could not be looked at: code, detail */
	DMK_FINDING_NO_KERNEL_LOG = 5,	 /* code: the kernel's reasons are lost. A note */
	DMK_FINDING_NODE_MISSING = 6,	 /* path, of the device name. Can be mended */
	DMK_FINDING_NODE_WRONG = 7, /* path leads to another device or to none. Can be mended */
	DMK_FINDING_NODE_TAKEN = 8, /* path, where the node of name belongs, is something else */
	DMK_FINDING_NODE_STALE = 9, /* path is of a device that is not. Can be mended */
	DMK_FINDING_LINK_DANGLING = 10, /* path leads nowhere; udev's can be mended */
	/* path leads to the device name, which is not its name; if it is a node, not a link, it can
	 * be mended */
	DMK_FINDING_NODE_OTHER_NAME = 11,
	DMK_FINDING_SUSPENDED = 12,
	DMK_FINDING_NO_TABLE = 13,	/* neither a live nor a loaded table */
	DMK_FINDING_NOT_RESUMED = 14,	/* a first table is loaded and not live yet */
	DMK_FINDING_DISK_GONE = 15,	/* other_*: what the table of name stands on */
	DMK_FINDING_DISK_REPLACED = 16, /* the same: the number is another disk's by now */
	DMK_FINDING_DISK_NEWER = 17,	/* the same: by its diskseq it, or its medium, came after
					   the device: replaced, if the table is as old as the
					   device. A note */
	DMK_FINDING_TABLE_UNFIT = 18,	/* the table does not fit its disk: other_*, detail */
	DMK_FINDING_COOKIE_STALE = 19,	/* cookie, that nobody waits for any more. Can be mended */
	DMK_FINDING_STATUS_BAD = 20,	/* what the status of name says means trouble: target,
					   start_sectors, field, value, detail, advice. Some are
					   notes */
	DMK_FINDING_STATUS_LATE = 21,	/* name's status did not come in time: detail */
	DMK_FINDING_SECOND_TABLE = 22,	/* name has a second table, loaded only. A note */
	DMK_FINDING_NAME_UNREADABLE = 23, /* libdevmapper's programs cannot read name, and list
					     nothing while it is there; advice. A note */
	DMK_FINDING_UDEV_UNTOLD = 24,	  /* udev's database, path, has name as a device not to be
					     used: it was made before udevd ran, or past it. With
					     its name in there a note */
	DMK_FINDING_COOKIE_KEPT = 25,	  /* cookie, made and not used yet. A note */
	DMK_FINDING_NODE_LEFT = 26,	  /* path, half made by one killed. Can be mended */
	DMK_FINDING_NAME_UNFIT = 27,	  /* name is ".", ".." or "control": no node's */
	DMK_FINDING_IMAGE_LEFT = 28 /* the device name is of a mount of libdmkit-image's that was
					killed half way: nobody has it open, and it would not go by
					itself. To remove it mends it, which dmk_mend() does not */
};

enum dmk_finding_flag {
	DMK_FINDING_CAN_MEND = 1 << 0, /* dmk_mend() does it */
	DMK_FINDING_NOTE = 1 << 1      /* need not be wrong */
};

struct dmk_finding {
	uint32_t kind;	/* enum dmk_finding_kind */
	uint32_t flags; /* DMK_FINDING_CAN_MEND, DMK_FINDING_NOTE */
	uint32_t major; /* of the device name */
	uint32_t minor;
	uint32_t other_major; /* of a disk, or of what a node leads to */
	uint32_t other_minor;
	int32_t code; /* a negative errno */
	uint32_t cookie;
	int64_t age_s;		/* of a cookie: since its last change */
	uint64_t diskseq;	/* of the device */
	uint64_t other_diskseq; /* of the disk */
	uint64_t start_sectors; /* of the segment whose status it is */
	char target[DMK_TYPE_SIZE];
	char field[32]; /* as dmk_status_to_keys() has it */
	char value[64];
	char name[DMK_NAME_SIZE];
	char path[512];
	char detail[256];
	char advice[1024]; /* what mends it, where the kind alone does not tell: a command of
			     dmkit's for a shell, or words; "": it does */
	uint64_t reserved[4];
};

enum dmk_fact_flag {
	DMK_FACT_DM = 1 << 0,		/* /proc/misc has device-mapper */
	DMK_FACT_CONTROL_NODE = 1 << 1, /* it is there, a character device */
	DMK_FACT_LISTED = 1 << 2,    /* the devices could be looked at: driver and n_* are known */
	DMK_FACT_KERNEL_LOG = 1 << 3 /* the kernel's log can be read */
};

struct dmk_facts {
	uint32_t flags;		/* DMK_FACT_* */
	uint32_t control_major; /* as the control node has it */
	uint32_t control_minor;
	uint32_t misc_minor; /* as /proc/misc has it; its major is 10 */
	uint32_t n_devices;
	uint32_t unused;
	struct dmk_version driver;
	uint64_t reserved[4];
};

struct dmk_examine_options {
	uint32_t flags; /* none yet */
	uint32_t unused;
	uint64_t reserved[4];
};

/* Looks at this machine and changes nothing: is device-mapper there, does each device have its
 * node, each node its device; which devices are suspended or have no table; what each target's
 * status says, without a flush and for 5 s at most, 0.5 s once one was late; are the disks below
 * still there, and the same; does udev know each device. Where devices cannot be looked at, that is
 * a finding and no failure. Without the control node nothing more is looked at: any verb would make
 * it. The caller owns *ret_findings: dmk_findings_free(). -EINVAL, -ENOMEM. Since: 0.1 */
DMK_API int dmk_examine(struct dmk *dm, const struct dmk_examine_options *options,
			struct dmk_findings **ret_findings);
/* 1: *ret_finding is the next one; 0: no more. Since: 0.1 */
DMK_API int dmk_findings_next(struct dmk_findings *findings, struct dmk_finding *ret_finding);
DMK_API void dmk_findings_rewind(struct dmk_findings *findings);
/* Owned by findings. Since: 0.1 */
DMK_API const struct dmk_facts *dmk_findings_get_facts(const struct dmk_findings *findings);
DMK_API void dmk_findings_free(struct dmk_findings *findings);

/* Mends what is safe to mend, after a second look; 0 also where there is nothing to mend any more.
 * Never resumes or removes a device, and makes no node for one whose deferred removal is pending.
 * -EOPNOTSUPP: DMK_FINDING_CAN_MEND is not set; else as the step
 * that failed. Since: 0.1 */
DMK_API int dmk_mend(struct dmk *dm, const struct dmk_finding *finding);

/* Makes the nodes as the kernel has the devices: those that are missing or lead elsewhere are made,
 * device-mapper's that are no device's are removed. name NULL: all; else this one alone, whose node
 * is removed where there is no such device. A device whose deferred removal is pending gets
 * none: it would be there after it. Others may make and remove devices at the same time. It goes on
 * after a failure and returns the first one's. -EEXIST: something else stands in a node's place.
 * Since: 0.1 */
DMK_API int dmk_sync_nodes(struct dmk *dm, const char *name);

#ifdef __cplusplus
}
#endif

#include "dmkit-targets.h"

#endif
