/* SPDX-License-Identifier: MIT */
/*
 * dmkit.h - Linux device-mapper from user space, by raw ioctl, with no dependency but libc.
 *
 * Conventions, true of everything below:
 *
 *  - A function that can fail returns 0 or a negative errno. Outputs come last, are named ret_*,
 *may be NULL where the text says so, and are untouched on failure.
 *  - Units are in the names: _sectors are 512 bytes always, whatever the device's own sector size.
 *  - Structures are "zero this, then set". Unknown flag bits and reserved words that are not zero
 *are refused with -EINVAL. An options pointer may be NULL: all defaults.
 *  - Time: timeout_ms > 0 is a limit in milliseconds, 0 the context's default (dmk_set_timeout), -1
 *means try once, DMK_FOREVER means no limit.
 *  - A struct dmk and a struct dmk_table each belong to one thread at a time; different ones share
 *nothing. The library has no statics, reads no environment variables, prints nothing, installs no
 *signal handlers. Every fd it opens is close-on-exec.
 *  - Destructors take NULL.
 *  - Names and uuids that are empty, too long or contain '/' are refused with -EINVAL or
 *-ENAMETOOLONG, never cut short.
 *
 * Errors every verb can return, besides its own:
 *   -ENODEV        no device-mapper in this kernel (step DMK_STEP_OPEN_CONTROL)
 *   -EACCES        no permission to open the control node or to make the request
 *   -ENXIO         the device named does not exist (or, at DMK_STEP_OPEN_CONTROL, the control node
 *is not device-mapper's) -EOPNOTSUPP    this kernel's driver is older than the request needs
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

/* Bytes with the terminating NUL: the kernel's limits (DM_NAME_LEN, DM_UUID_LEN, DM_MAX_TYPE_NAME).
 */
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
	DMK_VERB_PARSE_REPLY = 32   /* what a message answered */
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
	DMK_STEP_UDEV = 25, /* make, change or wait for a udev cookie */
	DMK_STEP_TRIAL = 26 /* read the new device's first block */
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

/*
 * One failure, whole. It holds no pointers: copy it freely. Empty strings and zeros mean "not
 * known" or "does not apply". Texts that would not fit end in "...". Since: 0.1
 */
struct dmk_error {
	int32_t code;	  /* the negative errno, the kernel's own where the kernel gave one; 0: no
			     failure */
	uint32_t verb;	  /* enum dmk_verb */
	uint32_t step;	  /* enum dmk_step */
	uint32_t segment; /* of the table, counted from 1 */
	uint32_t line;	  /* of the table text, counted from 1 */
	uint32_t column;  /* bytes into that line, or into the parameters where line is 0, from 1 */
	uint32_t tries;	  /* how often the failing step was tried; 0 and 1 mean once */
	uint32_t n_holders;    /* how many of holders[] are filled */
	uint32_t holders_more; /* how many more there are than holders[] can name */
	int32_t undo_code;     /* the negative errno of an undo step that failed as well; 0: all was
				  undone */
	int64_t spent_ms;      /* from the verb's first step to its failure */
	char device[192];      /* name, uuid or MAJOR:MINOR as the caller gave it, or a path */
	char target[DMK_TYPE_SIZE];
	char params[256]; /* the segment's parameters; "(hidden)" where a key stands in them, or may
			   */
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

/*
 * Writes the one sentence of err, cut at size with the NUL included, without newline: where, what
 * is wrong, the errno's text, the kernel's words, and the segment's parameters last, e.g.
 *   create 'data': segment 1 (linear): '/dev/vdx': it does not exist (No such device); in: /dev/vdx
 * 0 Returns the length of the whole sentence, as snprintf does. Never fails. Since: 0.1
 */
DMK_API size_t dmk_error_format(const struct dmk_error *err, char *buf, size_t size);

/* The same fields by functions, for language bindings. Strings live as long as err. Since: 0.1 */
DMK_API int32_t dmk_error_code(const struct dmk_error *err);
DMK_API uint32_t dmk_error_verb(const struct dmk_error *err);
DMK_API uint32_t dmk_error_step(const struct dmk_error *err);
DMK_API uint32_t dmk_error_segment(const struct dmk_error *err);
DMK_API uint32_t dmk_error_line(const struct dmk_error *err);
DMK_API uint32_t dmk_error_column(const struct dmk_error *err);
DMK_API uint32_t dmk_error_tries(const struct dmk_error *err);
DMK_API int64_t dmk_error_spent_ms(const struct dmk_error *err);
DMK_API const char *dmk_error_device(const struct dmk_error *err);
DMK_API const char *dmk_error_target(const struct dmk_error *err);
DMK_API const char *dmk_error_params(const struct dmk_error *err);
DMK_API const char *dmk_error_argument(const struct dmk_error *err);
DMK_API const char *dmk_error_detail(const struct dmk_error *err);
DMK_API const char *dmk_error_reason(const struct dmk_error *err);
DMK_API int32_t dmk_error_undo_code(const struct dmk_error *err);
DMK_API uint32_t dmk_error_left(const struct dmk_error *err);
DMK_API uint64_t dmk_error_meant_sectors(const struct dmk_error *err);
DMK_API uint32_t dmk_error_n_holders(const struct dmk_error *err);
DMK_API uint32_t dmk_error_holders_more(const struct dmk_error *err);
/* Number index (from 0) of the holders; NULL past the last. */
DMK_API const struct dmk_holder *dmk_error_holder(const struct dmk_error *err, uint32_t index);
DMK_API uint32_t dmk_holder_kind(const struct dmk_holder *holder);
DMK_API uint32_t dmk_holder_major(const struct dmk_holder *holder);
DMK_API uint32_t dmk_holder_minor(const struct dmk_holder *holder);
DMK_API int32_t dmk_holder_pid(const struct dmk_holder *holder);
DMK_API const char *dmk_holder_name(const struct dmk_holder *holder);
DMK_API const char *dmk_holder_where(const struct dmk_holder *holder);

/* "create", "load table", ...; never NULL. Static. Since: 0.1 */
DMK_API const char *dmk_verb_name(uint32_t verb);
DMK_API const char *dmk_step_name(uint32_t step);

/*
 * The English text of an errno in glibc's wording, whatever libc and locale, and its symbol
 * ("ENODEV"). The sign does not matter. Unknown numbers give "Unknown error" and "E?". Static.
 * Since: 0.1
 */
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

/*
 * Makes a connection. Nothing is opened yet: the first verb finds the control node (makes it where
 * it is missing and that is possible), opens it, which may load the module, verifies its device
 * number and asks for the driver's version, once. The caller owns *ret_dm: dmk_free(). -ENOMEM.
 * Since: 0.1
 */
DMK_API int dmk_new(struct dmk **ret_dm);
DMK_API void dmk_free(struct dmk *dm);

/* The last failure on this connection; code is 0 where the last call succeeded. Owned by dm, valid
 * until the next call on it. Never NULL. Since: 0.1 */
DMK_API const struct dmk_error *dmk_last_error(const struct dmk *dm);

/* Where nodes and "control" live; default "/dev/mapper". Absolute, before the first verb. The path
 * is copied. -EINVAL: not absolute; -ENAMETOOLONG; -EBUSY: already connected. Since: 0.1 */
DMK_API int dmk_set_node_dir(struct dmk *dm, const char *path);

/* The default for timeout_ms = 0 in options. 0 restores each verb's own default: 5000 for remove,
 * none (try once) for create, load and replace, DMK_FOREVER for wait. -EINVAL: below -1. Since: 0.1
 */
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

/*
 * The transport hook: instead of the kernel, fn gets each request. command is the number of
 * <linux/dm-ioctl.h> (DM_VERSION_CMD is 0), request a struct dm_ioctl with what follows it, size
 * bytes in all; the answer is written into the same bytes. Of DM_TABLE_LOAD's answer the header
 * alone counts: the hook got a copy of the table. fn returns 0, a negative errno, or DMK_NOT_SENT:
 * the request was only looked at, and counts as done. A hook that wants the kernel after all (to
 * trace, record, delay) calls dmk_transport_kernel(). fn NULL is the kernel. Before the first verb:
 * -EBUSY after it. Since: 0.1
 */
#define DMK_NOT_SENT 1
typedef int (*dmk_transport_fn)(struct dmk *dm, void *userdata, uint32_t command, void *request,
				uint32_t size);
DMK_API int dmk_set_transport(struct dmk *dm, dmk_transport_fn fn, void *userdata);
DMK_API int dmk_transport_kernel(struct dmk *dm, uint32_t command, void *request, uint32_t size);

/* From now on nothing is changed: requests that would are shown to the hook, if there is one, and
 * count as done; without a hook they are not sent. Nodes are left alone. Since: 0.1 */
DMK_API void dmk_set_dry_run(struct dmk *dm);

/*
 * One line about a request, for traces and dry runs, cut at size, without newline, e.g.
 *   DM_TABLE_LOAD name=data flags=readonly targets=1: 0 8192 linear /dev/vdb 2048
 * Key material is hidden. Returns the whole length, as snprintf does. Since: 0.1
 */
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

/* "<node dir>/<name>" into buf. -ENAMETOOLONG: size is too small; -EINVAL: a bad name. Since: 0.1
 */
DMK_API int dmk_node_path(const struct dmk *dm, const char *name, char *buf, size_t size);

/* ---- tables --------------------------------------------------------------------------- */

/*
 * One segment: length_sectors from start_sectors on are mapped by target type with params. In a
 * reply the strings belong to the reply.
 */
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

/*
 * Adds one segment, any target, known to dmkit or not. start_sectors is DMK_NEXT or exactly the end
 * of the segment before. params NULL is "". All is copied, and may be the strings that
 * dmk_table_get() gave of this same table. The parameters of a target that dmkit
 * knows are read and refused if the target cannot mean them. -EINVAL: a gap, an overlap, length 0,
 * an empty type, parameters with a newline or which the target refuses; -EOVERFLOW: beyond
 * DMK_MAX_SECTORS or 1,048,576 segments; -ENAMETOOLONG: type over 15 bytes; -E2BIG: params over
 * DMK_MAX_PARAMS_BYTES; -ENOMEM. The table is as before on failure. Since: 0.1
 */
DMK_API int dmk_table_add(struct dmk_table *table, uint64_t start_sectors, uint64_t length_sectors,
			  const char *type, const char *params);

/*
 * Adds the segments in the kernel's text form: lines of "START LENGTH TYPE PARAMETERS", numbers in
 * decimal sectors; blank lines and lines that begin with '#' are skipped; the last newline may be
 * missing. size bytes are read, no NUL is needed and none is allowed. An empty text adds nothing.
 * Errors as dmk_table_add(), with line and column. The table is as before on failure. Since: 0.1
 */
DMK_API int dmk_table_parse(struct dmk_table *table, const char *text, size_t size);

/* Until dmk_table_reset() the table takes what it is given and leaves all judgement to the kernel:
 * gaps, overlaps and lengths are not looked at, nor are a target's parameters. What cannot be sent
 * at all is still refused (a type over 15 bytes, parameters with a newline). Since: 0.1 */
DMK_API void dmk_table_set_unchecked(struct dmk_table *table);

/*
 * Tells the table which version of a target will read it, as dmk_get_target_version() has it. Where
 * that is newer than any that this library was made from, parameters with a word that the library
 * does not know (DMK_ERROR_UNKNOWN_WORD) are left to the kernel, as is the rest of their segment;
 * dmk_table_check() notes it. All else is refused as before. Until dmk_table_reset(). -ENOMEM;
 * -EINVAL: an empty type; -ENAMETOOLONG. Since: 0.1
 */
DMK_API int dmk_table_set_target_version(struct dmk_table *table, const char *type,
					 const struct dmk_version *version);

DMK_API uint32_t dmk_table_count(const struct dmk_table *table);
DMK_API uint64_t dmk_table_size_sectors(const struct dmk_table *table);
/* Segment number index (from 0) into *ret_segment, its strings the table's until that changes.
 * Walking upwards is quick. -ERANGE. Since: 0.1 */
DMK_API int dmk_table_get(struct dmk_table *table, uint32_t index, struct dmk_segment *ret_segment);

/* ---- typed targets -------------------------------------------------------------------- */

/*
 * One value struct per target. In a struct that a _parse_table() function filled, strings and
 * arrays belong to it: give it to its _clear(). In one that the caller fills they stay the
 * caller's. ret_error may be NULL; it gets column, argument and detail. Devices are a path or
 * MAJOR:MINOR. A path is the file's own name: blanks and backslashes in it get the kernel's quote,
 * a backslash, when it becomes text, and lose it when they are read. No line of a table can hold a
 * newline. A field that is zero or NULL is what its key is when it is left out: what must be
 * given is refused, and "0: ..." says the default of what need not be.
 */

/* So many of so many, in the units that the field's name says. */
struct dmk_ratio {
	uint64_t used;
	uint64_t total;
};

/* linear: one range of one device. linear 1.0 */
struct dmk_linear {
	const char *device;
	uint64_t offset_sectors;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* One device and where its data begin. */
struct dmk_leg {
	const char *device;
	uint64_t offset_sectors;
};

/* striped: n devices in turn, chunk_sectors each, 1 to 2^32 - 1. length is a multiple of n *
 * chunk_sectors. striped 1.0 */
struct dmk_striped {
	uint64_t chunk_sectors;
	const struct dmk_leg *legs;
	uint32_t n_legs;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

/* Which optional arguments of verity are given. A field below that is not zero or NULL counts as
 * given without its bit. */
enum dmk_verity_option {
	DMK_VERITY_IGNORE_CORRUPTION = 1 << 0,	   /* since 1.2 */
	DMK_VERITY_RESTART_ON_CORRUPTION = 1 << 1, /* since 1.2 */
	DMK_VERITY_PANIC_ON_CORRUPTION = 1 << 2,   /* since 1.7, Linux 5.9 */
	DMK_VERITY_RESTART_ON_ERROR = 1 << 3,	   /* since 1.10, Linux 6.12 */
	DMK_VERITY_PANIC_ON_ERROR = 1 << 4,	   /* since 1.10, Linux 6.12 */
	DMK_VERITY_IGNORE_ZERO_BLOCKS = 1 << 5,	   /* since 1.3, Linux 4.5 */
	DMK_VERITY_CHECK_AT_MOST_ONCE = 1 << 6,	   /* since 1.4, Linux 4.17 */
	DMK_VERITY_TRY_VERIFY_IN_TASKLET = 1 << 7, /* since 1.9, Linux 6.0 */
	DMK_VERITY_FEC_DEVICE = 1 << 8,		   /* fec_*: since 1.3, Linux 4.5 */
	DMK_VERITY_FEC_BLOCKS = 1 << 9,
	DMK_VERITY_FEC_START = 1 << 10,
	DMK_VERITY_FEC_ROOTS = 1 << 11,
	DMK_VERITY_ROOT_HASH_SIG = 1 << 12 /* since 1.5, Linux 5.4 */
};

/* In version, the number 0. */
#define DMK_VERITY_VERSION_0 UINT32_MAX

/* verity: read-only, each block checked against a hash tree. verity 1.0 */
struct dmk_verity {
	/* Of the on-disk format: 1 (salt first), or DMK_VERITY_VERSION_0 (Chrome OS); 0: 1. */
	uint32_t version;
	uint32_t data_block_size_bytes; /* a power of two from 512 to 65536, and at most the page
					   size; 0: 4096 */
	uint32_t hash_block_size_bytes; /* a power of two from 512 to 2^30; 0: 4096 */
	uint32_t fec_roots;		/* 2 to 24 */
	const char *data_device;
	const char *hash_device;
	uint64_t data_blocks;	    /* in data blocks */
	uint64_t hash_start_blocks; /* where the tree begins on hash_device, in hash blocks */
	const char *algorithm;	    /* as the kernel's crypto names it; NULL: sha256 */
	const char *root_digest;    /* hex */
	const char *salt;	    /* hex, NULL or "-": none */
	uint64_t options;	    /* DMK_VERITY_* */
	const char *fec_device;
	uint64_t fec_blocks;		    /* data and hash blocks that the code covers */
	uint64_t fec_start_blocks;	    /* where the code begins on fec_device, in blocks */
	const char *root_hash_sig_key_desc; /* of a key in the kernel's keyring */
	void *owned;			    /* private */
	uint64_t reserved[8];
};

/* verity's status */
enum dmk_verity_state {
	DMK_VERITY_VALID = 1,	 /* "V": no bad block was read so far */
	DMK_VERITY_CORRUPTED = 2 /* "C": at least one was */
};

enum dmk_verity_status_option {
	DMK_VERITY_STATUS_CORRECTED = 1 << 0,  /* corrected_blocks is known */
	DMK_VERITY_STATUS_WITHOUT_FEC = 1 << 1 /* there is no FEC to correct anything */
};

struct dmk_verity_status {
	uint32_t state; /* enum dmk_verity_state */
	uint32_t unused;
	uint64_t options;	   /* DMK_VERITY_STATUS_*: what the kernel says */
	uint64_t corrected_blocks; /* by FEC, where the kernel says it (newer than Linux 6.12) */
	void *owned;		   /* private */
	uint64_t reserved[8];
};

/* striped's status */
struct dmk_striped_status {
	uint32_t n_legs;
	uint32_t n_failed;	    /* how many of them are dead */
	const char *const *devices; /* MAJOR:MINOR each */
	const char *health;	    /* a letter a leg: 'A' alive, 'D' dead */
	void *owned;		    /* private */
	uint64_t reserved[8];
};

/*
 * A layer as hcsshim's guest gets it: one device with a file system of data_bytes from its first
 * byte and the hash tree behind it, with or without a superblock of one block in between.
 */
struct dmk_verity_image {
	const char *device;
	uint64_t data_bytes;	   /* the file system's size, a multiple of block_size_bytes */
	uint32_t block_size_bytes; /* 0: 4096 */
	uint32_t version;	   /* as struct dmk_verity */
	uint32_t superblock; /* 1: a superblock of one block stands before the tree; 0: none */
	uint32_t unused;     /* zero */
	const char *algorithm;
	const char *root_digest;
	const char *salt;
	uint64_t reserved[8];
};

/* Builders: add one segment of a typed target. Errors as dmk_table_add(). Since: 0.1 */
DMK_API int dmk_table_add_linear(struct dmk_table *table, uint64_t start_sectors,
				 uint64_t length_sectors, const struct dmk_linear *linear);
/* linear with all in bytes, from byte offset_bytes of device; bytes that are no whole number of
 * sectors are -EINVAL. Since: 0.1 */
DMK_API int dmk_table_add_linear_bytes(struct dmk_table *table, const char *device,
				       uint64_t offset_bytes, uint64_t length_bytes);
DMK_API int dmk_table_add_striped(struct dmk_table *table, uint64_t start_sectors,
				  uint64_t length_sectors, const struct dmk_striped *striped);
/* Reads give zeros, writes vanish. */
DMK_API int dmk_table_add_zero(struct dmk_table *table, uint64_t start_sectors,
			       uint64_t length_sectors);
/* All I/O fails. */
DMK_API int dmk_table_add_error(struct dmk_table *table, uint64_t start_sectors,
				uint64_t length_sectors);
/* length_sectors 0: as many as the data blocks make. */
DMK_API int dmk_table_add_verity(struct dmk_table *table, uint64_t start_sectors,
				 uint64_t length_sectors, const struct dmk_verity *verity);
DMK_API int dmk_table_add_verity_image(struct dmk_table *table,
				       const struct dmk_verity_image *image);

/* Parsers of table text's parameters and of status text. -EINVAL, -ENOMEM. Since: 0.1 */
DMK_API int dmk_linear_parse_table(const char *params, struct dmk_linear *ret_linear,
				   struct dmk_error *ret_error);
DMK_API void dmk_linear_clear(struct dmk_linear *linear);
DMK_API int dmk_striped_parse_table(const char *params, struct dmk_striped *ret_striped,
				    struct dmk_error *ret_error);
DMK_API int dmk_striped_parse_status(const char *params, struct dmk_striped_status *ret_status,
				     struct dmk_error *ret_error);
DMK_API void dmk_striped_clear(struct dmk_striped *striped);
DMK_API void dmk_striped_status_clear(struct dmk_striped_status *status);
DMK_API int dmk_verity_parse_table(const char *params, struct dmk_verity *ret_verity,
				   struct dmk_error *ret_error);
DMK_API int dmk_verity_parse_status(const char *params, struct dmk_verity_status *ret_status,
				    struct dmk_error *ret_error);
DMK_API void dmk_verity_status_clear(struct dmk_verity_status *status);
DMK_API void dmk_verity_clear(struct dmk_verity *verity);

/* unstriped: one stripe of a striped set or of a RAID 0. length is a multiple of chunk_sectors.
 * unstriped 1.0, Linux 4.16 */
struct dmk_unstriped {
	uint32_t stripes;	/* 1 to 2^31 - 1 */
	uint32_t stripe;	/* from 0 to stripes - 1 */
	uint64_t chunk_sectors; /* 1 to 2^32 - 1 */
	const char *device;
	uint64_t offset_sectors;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* Which of delay's two further places are given. A device, offset or delay of one that is not zero
 * or NULL counts as given without its bit. */
enum dmk_delay_option {
	DMK_DELAY_WRITE = 1 << 0,
	DMK_DELAY_FLUSH = 1 << 1 /* needs DMK_DELAY_WRITE; Linux 4.18 */
};

/* delay: all I/O waits; writes, and of these the flushes, may have a place and a delay of their
 * own. delay 1.0 */
struct dmk_delay {
	const char *device;
	uint64_t offset_sectors;
	uint32_t delay_ms;
	uint32_t write_delay_ms;
	const char *write_device; /* NULL: writes go where reads go */
	uint64_t write_offset_sectors;
	const char *flush_device; /* NULL: flushes go where writes go */
	uint64_t flush_offset_sectors;
	uint32_t flush_delay_ms;
	uint32_t unused;  /* zero */
	uint64_t options; /* DMK_DELAY_* */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* delay's status: how much I/O waits at this moment */
struct dmk_delay_status {
	uint32_t reads;
	uint32_t writes;
	uint32_t flushes; /* 0 also where the kernel does not say it, before Linux 4.18 */
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* What flakey does while it is down; none of them: all I/O fails. The target is 1.5 with them all
 * and without the newer ones. */
enum dmk_flakey_option {
	DMK_FLAKEY_ERROR_READS = 1 << 0, /* Linux 6.4; not with corruption of reads */
	DMK_FLAKEY_DROP_WRITES = 1 << 1, /* neither with error_writes nor corruption of writes */
	DMK_FLAKEY_ERROR_WRITES = 1 << 2,
	DMK_FLAKEY_CORRUPT_BIO_BYTE = 1 << 3,	 /* corrupt_bio_* */
	DMK_FLAKEY_RANDOM_READ_CORRUPT = 1 << 4, /* Linux 6.5 */
	DMK_FLAKEY_RANDOM_WRITE_CORRUPT = 1 << 5 /* Linux 6.5 */
};

enum dmk_flakey_direction {
	DMK_FLAKEY_READ = 0,
	DMK_FLAKEY_WRITE = 1
};

/* flakey: good for so long, bad for so long, and again, from the load of the table on. flakey 1.0;
 * options as flakey 1.2 */
struct dmk_flakey {
	const char *device;
	uint64_t offset_sectors;
	uint32_t up_interval_seconds; /* both together 1 to 2^32 - 1 */
	uint32_t down_interval_seconds;
	uint64_t options;		/* DMK_FLAKEY_* */
	uint32_t corrupt_bio_byte;	/* of each bio, counted from 1 */
	uint32_t corrupt_bio_direction; /* enum dmk_flakey_direction */
	uint32_t corrupt_bio_value;	/* 0 to 255 */
	uint32_t corrupt_bio_flags;	/* only bios that have all of these REQ_ bits; 0: all */
	uint32_t random_read_corrupt;	/* of 1,000,000,000 bios */
	uint32_t random_write_corrupt;	/* of 1,000,000,000 bios */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* dust: reads of blocks that were told to be bad fail; a write heals them. dust 1.0, Linux 5.2 */
struct dmk_dust {
	const char *device;
	uint64_t offset_sectors;
	uint32_t block_size_bytes; /* a power of two from 512 to 2^30, at most the segment */
	uint32_t unused;	   /* zero */
	void *owned;		   /* private */
	uint64_t reserved[8];
};

enum dmk_dust_state {
	DMK_DUST_BYPASS = 1,		    /* bad blocks are as good as others */
	DMK_DUST_FAIL_READ_ON_BAD_BLOCK = 2 /* "enable" was sent */
};

/* dust's status */
struct dmk_dust_status {
	const char *device; /* MAJOR:MINOR */
	uint32_t state;	    /* enum dmk_dust_state */
	uint32_t quiet;	    /* 1: blocks that come and go are not logged */
	void *owned;	    /* private */
	uint64_t reserved[8];
};

enum dmk_dust_message_kind {
	DMK_DUST_ADDBADBLOCK = 1,    /* block, write_fail_count */
	DMK_DUST_REMOVEBADBLOCK = 2, /* block */
	DMK_DUST_QUERYBLOCK = 3,     /* block; has a reply */
	DMK_DUST_COUNTBADBLOCKS = 4, /* has a reply */
	DMK_DUST_CLEARBADBLOCKS = 5, /* has a reply */
	DMK_DUST_LISTBADBLOCKS = 6,  /* has a reply */
	DMK_DUST_ENABLE = 7,
	DMK_DUST_DISABLE = 8,
	DMK_DUST_QUIET = 9 /* from verbose to quiet, and back */
};

struct dmk_dust_message {
	uint32_t message;	   /* enum dmk_dust_message_kind */
	uint32_t write_fail_count; /* so many writes fail as well; 0 to 255, Linux 5.5 */
	uint64_t block; /* counted in blocks from the device's first sector, not from offset */
	void *owned;	/* private */
	uint64_t reserved[8];
};

/* What dust answers (Linux 5.9; before, it is in the kernel's log). */
struct dmk_dust_reply {
	uint32_t message;	/* enum dmk_dust_message_kind: what was asked */
	uint32_t found;		/* QUERYBLOCK, CLEARBADBLOCKS: 1 where there was one */
	uint64_t block;		/* QUERYBLOCK */
	uint64_t n_blocks;	/* COUNTBADBLOCKS, LISTBADBLOCKS */
	const uint64_t *blocks; /* LISTBADBLOCKS: n_blocks of them, upwards */
	void *owned;		/* private */
	uint64_t reserved[8];
};

enum dmk_ebs_option {
	DMK_EBS_UNDERLYING_SECTORS = 1 << 0
};

/* ebs: smaller logical blocks than those of the device. ebs 1.0, Linux 5.8 */
struct dmk_ebs {
	const char *device;
	uint64_t offset_sectors;     /* a multiple of the underlying blocks */
	uint64_t emulated_sectors;   /* 1, 2, 4, 8; more where pages are larger than 4096 bytes */
	uint64_t underlying_sectors; /* a power of two to 32768; 0: what the device says */
	uint64_t options;	     /* DMK_EBS_* */
	void *owned;		     /* private */
	uint64_t reserved[8];
};

/* log-writes: one device, and another on which all writes are recorded. log-writes 1.0, Linux 4.1
 */
struct dmk_log_writes {
	const char *device;
	const char *log_device;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_log_writes_status_option {
	DMK_LOG_WRITES_LOGGING_DISABLED = 1 << 0 /* the log failed: nothing is recorded any more */
};

/* log-writes' status */
struct dmk_log_writes_status {
	uint64_t logged_entries;
	uint64_t highest_allocated_sector; /* of the log */
	uint64_t options;		   /* DMK_LOG_WRITES_*: what the kernel says */
	void *owned;			   /* private */
	uint64_t reserved[8];
};

enum dmk_log_writes_message_kind {
	DMK_LOG_WRITES_MARK = 1 /* mark */
};

struct dmk_log_writes_message {
	uint32_t message; /* enum dmk_log_writes_message_kind */
	uint32_t unused;  /* zero */
	const char *mark; /* one word; what is more than a logical block less 33 bytes (479, or
			     4063) is cut by the kernel */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* switch: regions of one size, each on one of the paths; at first in turn. switch 1.0, Linux 3.12
 */
struct dmk_switch {
	uint64_t region_sectors; /* 1 to 2^32 - 1 */
	const struct dmk_leg *paths;
	uint32_t n_paths;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

enum dmk_switch_mapping_kind {
	DMK_SWITCH_REGION = 1, /* region goes to path */
	DMK_SWITCH_NEXT = 2,   /* the region after the last one goes to path */
	DMK_SWITCH_REPEAT = 3  /* the last cycle regions' paths are repeated for the next count */
};

/* One step of set_region_mappings. At the message's begin the last region is number 0. */
struct dmk_switch_mapping {
	uint32_t kind; /* enum dmk_switch_mapping_kind */
	uint32_t path; /* REGION, NEXT: from 0 */
	uint64_t region;
	uint64_t cycle; /* from 1 */
	uint64_t count;
};

enum dmk_switch_message_kind {
	DMK_SWITCH_SET_REGION_MAPPINGS = 1 /* mappings */
};

struct dmk_switch_message {
	uint32_t message; /* enum dmk_switch_message_kind */
	uint32_t n_mappings;
	const struct dmk_switch_mapping *mappings;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* Builders, parsers and messages, as above. Since: 0.1 */
DMK_API int dmk_table_add_unstriped(struct dmk_table *table, uint64_t start_sectors,
				    uint64_t length_sectors, const struct dmk_unstriped *unstriped);
DMK_API int dmk_unstriped_parse_table(const char *params, struct dmk_unstriped *ret_unstriped,
				      struct dmk_error *ret_error);
DMK_API void dmk_unstriped_clear(struct dmk_unstriped *unstriped);
DMK_API int dmk_table_add_delay(struct dmk_table *table, uint64_t start_sectors,
				uint64_t length_sectors, const struct dmk_delay *delay);
DMK_API int dmk_delay_parse_table(const char *params, struct dmk_delay *ret_delay,
				  struct dmk_error *ret_error);
DMK_API int dmk_delay_parse_status(const char *params, struct dmk_delay_status *ret_status,
				   struct dmk_error *ret_error);
DMK_API void dmk_delay_clear(struct dmk_delay *delay);
DMK_API void dmk_delay_status_clear(struct dmk_delay_status *status);
DMK_API int dmk_table_add_flakey(struct dmk_table *table, uint64_t start_sectors,
				 uint64_t length_sectors, const struct dmk_flakey *flakey);
DMK_API int dmk_flakey_parse_table(const char *params, struct dmk_flakey *ret_flakey,
				   struct dmk_error *ret_error);
DMK_API void dmk_flakey_clear(struct dmk_flakey *flakey);
DMK_API int dmk_table_add_dust(struct dmk_table *table, uint64_t start_sectors,
			       uint64_t length_sectors, const struct dmk_dust *dust);
DMK_API int dmk_dust_parse_table(const char *params, struct dmk_dust *ret_dust,
				 struct dmk_error *ret_error);
DMK_API int dmk_dust_parse_status(const char *params, struct dmk_dust_status *ret_status,
				  struct dmk_error *ret_error);
DMK_API void dmk_dust_clear(struct dmk_dust *dust);
DMK_API void dmk_dust_status_clear(struct dmk_dust_status *status);
DMK_API int dmk_dust_format_message(const struct dmk_dust_message *message, char **ret_text,
				    struct dmk_error *ret_error);
/* kind: enum dmk_dust_message_kind, what was asked. A reply of NULL is "". */
DMK_API int dmk_dust_parse_reply(uint32_t kind, const char *reply, struct dmk_dust_reply *ret_reply,
				 struct dmk_error *ret_error);
DMK_API void dmk_dust_reply_clear(struct dmk_dust_reply *reply);
DMK_API int dmk_table_add_ebs(struct dmk_table *table, uint64_t start_sectors,
			      uint64_t length_sectors, const struct dmk_ebs *ebs);
DMK_API int dmk_ebs_parse_table(const char *params, struct dmk_ebs *ret_ebs,
				struct dmk_error *ret_error);
DMK_API void dmk_ebs_clear(struct dmk_ebs *ebs);
DMK_API int dmk_table_add_log_writes(struct dmk_table *table, uint64_t start_sectors,
				     uint64_t length_sectors,
				     const struct dmk_log_writes *log_writes);
DMK_API int dmk_log_writes_parse_table(const char *params, struct dmk_log_writes *ret_log_writes,
				       struct dmk_error *ret_error);
DMK_API int dmk_log_writes_parse_status(const char *params,
					struct dmk_log_writes_status *ret_status,
					struct dmk_error *ret_error);
DMK_API void dmk_log_writes_clear(struct dmk_log_writes *log_writes);
DMK_API void dmk_log_writes_status_clear(struct dmk_log_writes_status *status);
DMK_API int dmk_log_writes_format_message(const struct dmk_log_writes_message *message,
					  char **ret_text, struct dmk_error *ret_error);
/* switch is a word of C: a value of it is a switch_map. */
DMK_API int dmk_table_add_switch(struct dmk_table *table, uint64_t start_sectors,
				 uint64_t length_sectors, const struct dmk_switch *switch_map);
DMK_API int dmk_switch_parse_table(const char *params, struct dmk_switch *ret_switch,
				   struct dmk_error *ret_error);
DMK_API void dmk_switch_clear(struct dmk_switch *switch_map);
DMK_API int dmk_switch_format_message(const struct dmk_switch_message *message, char **ret_text,
				      struct dmk_error *ret_error);

/* How a snapshot keeps what it copied. Values are fixed. */
enum dmk_snapshot_store {
	DMK_SNAPSHOT_PERSISTENT = 1,	      /* "P": on disk, it survives a reboot */
	DMK_SNAPSHOT_PERSISTENT_OVERFLOW = 2, /* "PO": the same, and the status may say "Overflow".
						 since 1.15, Linux 4.4 */
	DMK_SNAPSHOT_TRANSIENT = 3	      /* "N": its map is in memory alone */
};

/* In chunk_sectors, the number 0. */
#define DMK_SNAPSHOT_CHUNK_OF_STORE UINT64_MAX

/* Which optional arguments of snapshot and snapshot-merge are given. */
enum dmk_snapshot_option {
	DMK_SNAPSHOT_DISCARD_ZEROES_COW = 1 << 0,     /* since 1.16, Linux 5.3 */
	DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN = 1 << 1 /* since 1.16; needs the one above */
};

/* snapshot: what origin holds now, whatever is written to it through snapshot-origin later.
 * snapshot-merge: the way back; its store cannot be transient. snapshot 1.0, snapshot-merge 1.0
 * (Linux 2.6.33) */
struct dmk_snapshot {
	const char *origin_device;
	const char *cow_device; /* where what changes is kept */
	/* A power of two to 2097152; 0: 8, which is 4 KiB; DMK_SNAPSHOT_CHUNK_OF_STORE, not with
	 * TRANSIENT: as the store on cow_device says, or 32 in a new one. */
	uint64_t chunk_sectors;
	uint32_t store;	  /* enum dmk_snapshot_store; 0: PERSISTENT */
	uint32_t unused;  /* zero */
	uint64_t options; /* DMK_SNAPSHOT_* */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* The status of snapshot and snapshot-merge. Values are fixed. */
enum dmk_snapshot_state {
	DMK_SNAPSHOT_ACTIVE = 1,
	DMK_SNAPSHOT_INVALID = 2,  /* cow_device was full or failed: all that it held is lost */
	DMK_SNAPSHOT_OVERFLOW = 3, /* cow_device is full; of DMK_SNAPSHOT_PERSISTENT_OVERFLOW */
	DMK_SNAPSHOT_MERGE_FAILED = 4,
	DMK_SNAPSHOT_UNKNOWN = 5 /* the store cannot tell */
};

enum dmk_snapshot_status_option {
	DMK_SNAPSHOT_STATUS_USAGE = 1 << 0 /* the sectors are known: active ones say them */
};

/* A merge is done once used_sectors is metadata_sectors. */
struct dmk_snapshot_status {
	uint32_t state; /* enum dmk_snapshot_state */
	uint32_t unused;
	uint64_t options;      /* DMK_SNAPSHOT_STATUS_* */
	uint64_t used_sectors; /* of cow_device, metadata included */
	uint64_t total_sectors;
	uint64_t metadata_sectors;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* snapshot-origin: a device that has snapshots; what is overwritten is copied to them first. 1.0 */
struct dmk_snapshot_origin {
	const char *origin_device;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* Where a mirror keeps which regions are equal on all legs. Values are fixed. */
enum dmk_mirror_log {
	DMK_MIRROR_CORE = 1,	 /* in memory */
	DMK_MIRROR_DISK = 2,	 /* on a device */
	DMK_MIRROR_USERSPACE = 3 /* in a daemon (Linux 2.6.31) */
};

/* Which optional arguments of mirror are given. */
enum dmk_mirror_option {
	DMK_MIRROR_SYNC = 1 << 0,	      /* copy all, whatever the log says */
	DMK_MIRROR_NOSYNC = 1 << 1,	      /* take the legs as equal */
	DMK_MIRROR_INTEGRATED_FLUSH = 1 << 2, /* of DMK_MIRROR_USERSPACE. Linux 3.14 */
	DMK_MIRROR_HANDLE_ERRORS = 1 << 3,
	DMK_MIRROR_KEEP_LOG = 1 << 4 /* needs the one above. since 1.14, Linux 4.2 */
};

/* mirror: 2 to 9 devices with the same data; the first is what the others are made equal to. 1.0 */
struct dmk_mirror {
	uint32_t log;	 /* enum dmk_mirror_log; 0: CORE */
	uint32_t n_legs; /* 2 to 9 */
	const struct dmk_leg *legs;
	uint64_t region_size_sectors;	  /* a power of two from 2 to 2^31; not of USERSPACE */
	const char *log_device;		  /* of DISK alone */
	const char *log_uuid;		  /* of USERSPACE alone: the log's name for its daemon */
	const char *const *log_arguments; /* of USERSPACE alone: what the daemon reads */
	uint32_t n_log_arguments;
	uint32_t unused;  /* zero */
	uint64_t options; /* DMK_MIRROR_* */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

enum dmk_mirror_status_option {
	DMK_MIRROR_STATUS_LOG_DEVICE = 1 << 0, /* log_device and log_health are known */
	DMK_MIRROR_STATUS_NO_DAEMON = 1 << 1   /* the daemon of a USERSPACE log does not answer */
};

/* mirror's status */
struct dmk_mirror_status {
	uint32_t n_legs;
	uint32_t n_failed;		  /* legs with another letter than 'A' */
	const char *const *devices;	  /* MAJOR:MINOR each */
	struct dmk_ratio in_sync_regions; /* done when used is total */
	const char *health;	/* a letter a leg: 'A' alive, 'D' a write failed, 'F' a flush
				   failed, 'S' out of sync, 'R' a read failed, 'U' unknown */
	uint64_t options;	/* DMK_MIRROR_STATUS_* */
	const char *log;	/* "core", "disk", "userspace", or what a daemon calls it */
	const char *log_device; /* MAJOR:MINOR, or NULL */
	const char *log_health; /* "A" alive, "D" failed, "F" a flush failed, or NULL */
	void *owned;		/* private */
	uint64_t reserved[8];
};

/* Values are fixed. */
enum dmk_raid_type {
	DMK_RAID0 = 1,	    /* striping. since 1.7, Linux 4.2 */
	DMK_RAID1 = 2,	    /* mirroring. since 1.1, Linux 3.1 */
	DMK_RAID4 = 3,	    /* a device with parity */
	DMK_RAID5_N = 4,    /* parity on the last device. since 1.9, Linux 4.8 */
	DMK_RAID5_LS = 5,   /* left symmetric */
	DMK_RAID5_RS = 6,   /* right symmetric */
	DMK_RAID5_LA = 7,   /* left asymmetric */
	DMK_RAID5_RA = 8,   /* right asymmetric */
	DMK_RAID6_ZR = 9,   /* zero restart */
	DMK_RAID6_NR = 10,  /* N restart */
	DMK_RAID6_NC = 11,  /* N continue */
	DMK_RAID6_N_6 = 12, /* this and the next four: since 1.9, Linux 4.8 */
	DMK_RAID6_LS_6 = 13,
	DMK_RAID6_RS_6 = 14,
	DMK_RAID6_LA_6 = 15,
	DMK_RAID6_RA_6 = 16,
	DMK_RAID10 = 17,      /* striping of mirrors, as raid10_format says. since 1.3, Linux 3.6 */
	DMK_RAID10_NEAR = 18, /* this and the next two: since 1.9, Linux 4.8 */
	DMK_RAID10_OFFSET = 19,
	DMK_RAID10_FAR = 20
};

/* Values are fixed. */
enum dmk_raid10_format {
	DMK_RAID10_FORMAT_NEAR = 1,
	DMK_RAID10_FORMAT_FAR = 2,
	DMK_RAID10_FORMAT_OFFSET = 3
};

enum dmk_raid_journal_mode {
	DMK_RAID_JOURNAL_WRITETHROUGH = 1,
	DMK_RAID_JOURNAL_WRITEBACK = 2
};

/* Which optional arguments of raid are given. A field below that is not zero or NULL counts as
 * given without its bit. */
enum dmk_raid_option {
	DMK_RAID_SYNC = 1 << 0,			 /* not raid0 */
	DMK_RAID_NOSYNC = 1 << 1,		 /* not raid0, raid6 */
	DMK_RAID_DAEMON_SLEEP = 1 << 2,		 /* not raid0 */
	DMK_RAID_MIN_RECOVERY_RATE = 1 << 3,	 /* not raid0 */
	DMK_RAID_MAX_RECOVERY_RATE = 1 << 4,	 /* not raid0 */
	DMK_RAID_MAX_WRITE_BEHIND = 1 << 5,	 /* raid1. since 1.1 */
	DMK_RAID_STRIPE_CACHE = 1 << 6,		 /* raid4/5/6 */
	DMK_RAID_REGION_SIZE = 1 << 7,		 /* not raid0 */
	DMK_RAID_RAID10_COPIES = 1 << 8,	 /* raid10. since 1.3 */
	DMK_RAID_RAID10_FORMAT = 1 << 9,	 /* raid10. since 1.4.2, Linux 3.9 */
	DMK_RAID_RAID10_USE_NEAR_SETS = 1 << 10, /* raid10, not near. since 1.9, Linux 4.8 */
	DMK_RAID_DELTA_DISKS = 1 << 11,		 /* not raid0. since 1.9, Linux 4.8 */
	DMK_RAID_DATA_OFFSET = 1 << 12,		 /* since 1.9, Linux 4.8 */
	DMK_RAID_JOURNAL_DEV = 1 << 13,		 /* raid4/5/6. since 1.10, Linux 4.11 */
	DMK_RAID_JOURNAL_MODE = 1 << 14		 /* needs the one above. since 1.11.1, Linux 4.12 */
};

/* raid: Linux's software RAID (md) under device-mapper's hand. raid 1.0, Linux 2.6.38 */
struct dmk_raid {
	uint32_t type;	    /* enum dmk_raid_type */
	uint32_t n_devices; /* 1 to 253 */
	/* Of each position; "-" one that is missing. metadata_devices hold superblock and bitmap
	 * and are NULL with n_metadata 0, which is all "-", or as many as n_devices. */
	const char *const *data_devices;
	const char *const *metadata_devices;
	uint32_t n_metadata;
	uint32_t n_rebuild;
	const uint32_t *rebuild; /* positions (from 0) to be made anew; not raid0 */
	uint64_t chunk_sectors;	 /* a power of two from 8; raid1: ignored, 0. 0: none is said */
	uint64_t options;	 /* DMK_RAID_* */
	uint32_t daemon_sleep_ms;
	uint32_t min_recovery_rate_kib; /* a second and device */
	uint32_t max_recovery_rate_kib;
	uint32_t n_write_mostly;
	const uint32_t *write_mostly;	   /* positions that are read last; raid1. since 1.1 */
	uint64_t max_write_behind_sectors; /* the kernel halves it: its table says KiB */
	uint32_t stripe_cache;	      /* entries, a page of each device. Fewer than a chunk's worth
					 become that: the kernel's table says how many */
	uint32_t raid10_copies;	      /* 2 to n_devices */
	uint64_t region_size_sectors; /* what a bit of the bitmap stands for; a power of two */
	uint32_t raid10_format;	      /* enum dmk_raid10_format */
	int32_t delta_disks;	      /* -251 to 251: devices that a reshape adds or takes away */
	uint64_t data_offset_sectors; /* 0, or from 32 on a multiple of the page size */
	const char *journal_device;
	uint32_t journal_mode; /* enum dmk_raid_journal_mode */
	uint32_t unused;       /* zero */
	void *owned;	       /* private */
	uint64_t reserved[8];
};

/* What a raid does. Values are fixed. */
enum dmk_raid_action {
	DMK_RAID_IDLE = 1,
	DMK_RAID_FROZEN = 2,
	DMK_RAID_RESYNC = 3,  /* the first time, or after a crash */
	DMK_RAID_RECOVER = 4, /* a device is made anew */
	DMK_RAID_CHECK = 5,
	DMK_RAID_REPAIR = 6,
	DMK_RAID_RESHAPE = 7
};

enum dmk_raid_journal {
	DMK_RAID_JOURNAL_NONE = 1,
	DMK_RAID_JOURNAL_ALIVE_WRITETHROUGH = 2,
	DMK_RAID_JOURNAL_ALIVE_WRITEBACK = 3,
	DMK_RAID_JOURNAL_DEAD = 4
};

enum dmk_raid_status_option {
	DMK_RAID_STATUS_ACTION = 1
				 << 0, /* action and mismatches are known. since 1.5, Linux 3.10 */
	DMK_RAID_STATUS_DATA_OFFSET = 1 << 1, /* since 1.9, Linux 4.8 */
	DMK_RAID_STATUS_JOURNAL = 1 << 2      /* since 1.10, Linux 4.11 */
};

/* raid's status */
struct dmk_raid_status {
	uint32_t type;		/* enum dmk_raid_type, as the superblocks have it */
	uint32_t n_devices;	/* after a reshape that is asked for or under way */
	uint32_t n_failed;	/* letters 'D' of health */
	uint32_t n_not_in_sync; /* letters 'a' of health */
	const char *health; /* a letter a position: 'A' alive, 'a' alive but not in sync, 'D' dead,
			       '-' missing */
	uint64_t done_sectors; /* of each device; what action, or the last one, has behind it */
	uint64_t total_sectors;
	uint64_t options;    /* DMK_RAID_STATUS_* */
	uint64_t mismatches; /* sectors that differed, of the last check alone */
	uint64_t data_offset_sectors;
	uint32_t action;  /* enum dmk_raid_action */
	uint32_t journal; /* enum dmk_raid_journal */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* Messages of raid, since 1.5, Linux 3.10; not of raid0, which answers -EINVAL. All but the first
 * two are -EBUSY while something runs. Values are fixed. */
enum dmk_raid_message_type {
	DMK_RAID_MESSAGE_IDLE = 1,   /* stop what runs; what must be done starts again */
	DMK_RAID_MESSAGE_FROZEN = 2, /* stop what runs and start nothing until another message */
	DMK_RAID_MESSAGE_RESYNC = 3,
	DMK_RAID_MESSAGE_RECOVER = 4,
	DMK_RAID_MESSAGE_CHECK = 5, /* read and compare all */
	DMK_RAID_MESSAGE_REPAIR = 6 /* the same, and make equal what differs */
};

struct dmk_raid_message {
	uint32_t message; /* enum dmk_raid_message_type */
	uint32_t unused;  /* zero */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* Builders, parsers of table and of status, as above. Since: 0.1 */
DMK_API int dmk_table_add_snapshot(struct dmk_table *table, uint64_t start_sectors,
				   uint64_t length_sectors, const struct dmk_snapshot *snapshot);
DMK_API int dmk_table_add_snapshot_merge(struct dmk_table *table, uint64_t start_sectors,
					 uint64_t length_sectors,
					 const struct dmk_snapshot *snapshot);
DMK_API int dmk_table_add_snapshot_origin(struct dmk_table *table, uint64_t start_sectors,
					  uint64_t length_sectors,
					  const struct dmk_snapshot_origin *origin);
DMK_API int dmk_table_add_mirror(struct dmk_table *table, uint64_t start_sectors,
				 uint64_t length_sectors, const struct dmk_mirror *mirror);
DMK_API int dmk_table_add_raid(struct dmk_table *table, uint64_t start_sectors,
			       uint64_t length_sectors, const struct dmk_raid *raid);
DMK_API int dmk_snapshot_parse_table(const char *params, struct dmk_snapshot *ret_snapshot,
				     struct dmk_error *ret_error);
DMK_API int dmk_snapshot_parse_status(const char *params, struct dmk_snapshot_status *ret_status,
				      struct dmk_error *ret_error);
DMK_API void dmk_snapshot_clear(struct dmk_snapshot *snapshot);
DMK_API void dmk_snapshot_status_clear(struct dmk_snapshot_status *status);
/* snapshot-merge: cleared as snapshot. */
DMK_API int dmk_snapshot_merge_parse_table(const char *params, struct dmk_snapshot *ret_snapshot,
					   struct dmk_error *ret_error);
DMK_API int dmk_snapshot_merge_parse_status(const char *params,
					    struct dmk_snapshot_status *ret_status,
					    struct dmk_error *ret_error);
DMK_API int dmk_snapshot_origin_parse_table(const char *params,
					    struct dmk_snapshot_origin *ret_origin,
					    struct dmk_error *ret_error);
DMK_API void dmk_snapshot_origin_clear(struct dmk_snapshot_origin *origin);
DMK_API int dmk_mirror_parse_table(const char *params, struct dmk_mirror *ret_mirror,
				   struct dmk_error *ret_error);
DMK_API int dmk_mirror_parse_status(const char *params, struct dmk_mirror_status *ret_status,
				    struct dmk_error *ret_error);
DMK_API void dmk_mirror_clear(struct dmk_mirror *mirror);
DMK_API void dmk_mirror_status_clear(struct dmk_mirror_status *status);
DMK_API int dmk_raid_parse_table(const char *params, struct dmk_raid *ret_raid,
				 struct dmk_error *ret_error);
DMK_API int dmk_raid_parse_status(const char *params, struct dmk_raid_status *ret_status,
				  struct dmk_error *ret_error);
DMK_API void dmk_raid_clear(struct dmk_raid *raid);
DMK_API void dmk_raid_status_clear(struct dmk_raid_status *status);
/* The text of a message for dmk_message(); free() *ret_text. -EINVAL. */
DMK_API int dmk_raid_format_message(const struct dmk_raid_message *message, char **ret_text,
				    struct dmk_error *ret_error);

/* Which optional arguments of multipath are given. A field below that is not zero counts as given
 * without its bit. */
enum dmk_multipath_option {
	DMK_MULTIPATH_QUEUE_IF_NO_PATH = 1 << 0,
	DMK_MULTIPATH_PG_INIT_RETRIES = 1 << 1,
	DMK_MULTIPATH_PG_INIT_DELAY = 1 << 2,
	DMK_MULTIPATH_RETAIN_ATTACHED_HW_HANDLER = 1 << 3, /* since 1.5, Linux 3.6 */
	DMK_MULTIPATH_QUEUE_MODE = 1 << 4		   /* Linux 4.8 */
};

enum dmk_multipath_queue_mode {
	DMK_MULTIPATH_QUEUE_BIO = 1, /* any block device may be a path, no hardware handler */
	DMK_MULTIPATH_QUEUE_RQ = 2,  /* the default: paths must be request-based (blk-mq) */
	DMK_MULTIPATH_QUEUE_MQ = 3   /* the same as RQ since Linux 5.0 */
};

/* One path: its device, and as many words for the selector as its group says. */
struct dmk_multipath_path {
	const char *device;
	const char *const *args; /* n_path_args of the group; NULL where that is 0 */
};

/*
 * One priority group: paths of equal worth, and who chooses among them. The selectors of Linux 6.12
 * and a path's words: round-robin [REPEATS], queue-length [REPEATS], service-time [REPEATS
 * [THROUGHPUT, 0 to 100]], historical-service-time [REPEATS], io-affinity CPUMASK (hex). A group's
 * words: historical-service-time [BASE-WEIGHT, 0 to 1023 [THRESHOLD-MULTIPLIER]].
 */
struct dmk_multipath_group {
	const char *selector;
	const char *const *args; /* of the selector as a whole */
	uint32_t n_args;
	uint32_t n_path_args; /* the same for each path */
	const struct dmk_multipath_path *paths;
	uint32_t n_paths; /* 1 to 1024 */
	uint32_t unused;  /* zero */
};

/* multipath: one device behind several paths, tried group by group. Alone in its table.
 * multipath 1.0 */
struct dmk_multipath {
	const char *hw_handler;	   /* "alua", "rdac", "emc", "hp_sw"; NULL: none */
	uint64_t options;	   /* DMK_MULTIPATH_* */
	uint32_t pg_init_retries;  /* 1 to 50 */
	uint32_t pg_init_delay_ms; /* at most 60000 */
	uint32_t queue_mode;	   /* enum dmk_multipath_queue_mode; 0: not given */
	uint32_t initial_group;	   /* from 1; 0: 1 */
	const char *const *hw_handler_args;
	uint32_t n_hw_handler_args;
	uint32_t n_groups; /* at most 1024 */
	const struct dmk_multipath_group *groups;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* multipath's status */
enum dmk_multipath_group_state {
	DMK_MULTIPATH_GROUP_ACTIVE = 1,	 /* "A": in use now */
	DMK_MULTIPATH_GROUP_ENABLED = 2, /* "E": may be used */
	DMK_MULTIPATH_GROUP_DISABLED = 3 /* "D": by disable-group, or its hardware was busy */
};

enum dmk_multipath_path_state {
	DMK_MULTIPATH_PATH_ACTIVE = 1, /* "A" */
	DMK_MULTIPATH_PATH_FAILED = 2  /* "F" */
};

struct dmk_multipath_path_status {
	const char *device;	 /* MAJOR:MINOR */
	const char *const *info; /* n_info of the group: queue-length: I/Os in flight; service-time:
				    bytes in flight, throughput; historical-service-time: service
				    time, outstanding, stale after (ns); io-affinity: misses */
	uint32_t state;		 /* enum dmk_multipath_path_state */
	uint32_t fail_count;	 /* how often it failed so far */
};

struct dmk_multipath_group_status {
	uint32_t state;	 /* enum dmk_multipath_group_state */
	uint32_t n_args; /* of the selector as a whole */
	const char *const *args;
	const struct dmk_multipath_path_status *paths;
	uint32_t n_paths;
	uint32_t n_info;
};

struct dmk_multipath_status {
	uint32_t queue_io;	/* 1: I/O waits until a group was chosen and made ready */
	uint32_t pg_init_count; /* tries of the hardware handler so far */
	uint32_t current_group; /* from 1: in use or next; 0: there is none */
	uint32_t n_groups;
	uint32_t n_paths;	 /* of all groups */
	uint32_t n_failed_paths; /* how many of them failed */
	const struct dmk_multipath_group_status *groups;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_multipath_message_kind {
	DMK_MULTIPATH_MESSAGE_QUEUE_IF_NO_PATH = 1,
	DMK_MULTIPATH_MESSAGE_FAIL_IF_NO_PATH = 2,
	DMK_MULTIPATH_MESSAGE_DISABLE_GROUP = 3, /* group */
	DMK_MULTIPATH_MESSAGE_ENABLE_GROUP = 4,	 /* group */
	DMK_MULTIPATH_MESSAGE_SWITCH_GROUP = 5,	 /* group */
	DMK_MULTIPATH_MESSAGE_FAIL_PATH = 6,	 /* path */
	DMK_MULTIPATH_MESSAGE_REINSTATE_PATH = 7 /* path */
};

/* A message to multipath. A suspended device answers -EBUSY. */
struct dmk_multipath_message {
	uint32_t message; /* enum dmk_multipath_message_kind */
	uint32_t group;	  /* from 1 */
	const char *path; /* its device */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_API int dmk_table_add_multipath(struct dmk_table *table, uint64_t start_sectors,
				    uint64_t length_sectors, const struct dmk_multipath *multipath);
DMK_API int dmk_multipath_parse_table(const char *params, struct dmk_multipath *ret_multipath,
				      struct dmk_error *ret_error);
DMK_API void dmk_multipath_clear(struct dmk_multipath *multipath);
DMK_API int dmk_multipath_parse_status(const char *params, struct dmk_multipath_status *ret_status,
				       struct dmk_error *ret_error);
DMK_API void dmk_multipath_status_clear(struct dmk_multipath_status *status);
/* The text for dmk_message(); free() it. -EINVAL, -ENOMEM. Since: 0.1 */
DMK_API int dmk_multipath_format_message(const struct dmk_multipath_message *message,
					 char **ret_text, struct dmk_error *ret_error);

/* zoned: zoned block devices as one that takes writes anywhere; format them with dmzadm first.
 * Alone in its table. Its length is what its metadata say: the kernel sets it. zoned 2.0, Linux 5.8
 */
struct dmk_zoned {
	const char *const *devices; /* one zoned device; or a regular one, then zoned ones */
	uint32_t n_devices;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

struct dmk_zoned_zones {
	uint32_t unmapped; /* free */
	uint32_t total;
};

/* The zones of one device. */
struct dmk_zoned_device_status {
	struct dmk_zoned_zones random;
	struct dmk_zoned_zones sequential;
};

/* zoned's status */
struct dmk_zoned_status {
	uint32_t n_zones;
	uint32_t n_devices; /* without a first, regular one: that is all cache */
	struct dmk_zoned_zones cache;
	const struct dmk_zoned_device_status *devices;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_zoned_message_kind {
	DMK_ZONED_MESSAGE_RECLAIM = 1 /* move random zones to sequential ones now */
};

struct dmk_zoned_message {
	uint32_t message; /* enum dmk_zoned_message_kind */
	uint32_t unused;  /* zero */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_API int dmk_table_add_zoned(struct dmk_table *table, uint64_t start_sectors,
				uint64_t length_sectors, const struct dmk_zoned *zoned);
DMK_API int dmk_zoned_parse_table(const char *params, struct dmk_zoned *ret_zoned,
				  struct dmk_error *ret_error);
DMK_API void dmk_zoned_clear(struct dmk_zoned *zoned);
DMK_API int dmk_zoned_parse_status(const char *params, struct dmk_zoned_status *ret_status,
				   struct dmk_error *ret_error);
DMK_API void dmk_zoned_status_clear(struct dmk_zoned_status *status);
DMK_API int dmk_zoned_format_message(const struct dmk_zoned_message *message, char **ret_text,
				     struct dmk_error *ret_error);

/* Which optional arguments of vdo are given. A field below that is not zero counts as given without
 * its bit. */
enum dmk_vdo_option {
	DMK_VDO_ACK = 1 << 0,
	DMK_VDO_BIO = 1 << 1,
	DMK_VDO_BIO_ROTATION_INTERVAL = 1 << 2,
	DMK_VDO_CPU = 1 << 3,
	DMK_VDO_HASH = 1 << 4,
	DMK_VDO_LOGICAL = 1 << 5,
	DMK_VDO_PHYSICAL = 1 << 6,
	DMK_VDO_MAX_DISCARD = 1 << 7,
	DMK_VDO_DEDUPLICATION = 1 << 8,
	DMK_VDO_COMPRESSION = 1 << 9,
	DMK_VDO_INDEX_SPARSE = 1 << 10, /* since 9.2, Linux 7.2, as the next two */
	DMK_VDO_INDEX_MEMORY = 1 << 11,
	DMK_VDO_SLAB_SIZE = 1 << 12
};

enum dmk_vdo_switch {
	DMK_VDO_OFF = 1,
	DMK_VDO_ON = 2
};

/*
 * vdo: deduplication, compression and thin provisioning. Before 9.2 (Linux 7.2) vdoformat must have
 * formatted the device; then the kernel does, where it finds zeros. Alone in its table, whose
 * length is the logical size, whole blocks of 4096 bytes, at most 4 PiB. Table version V4,
 * Linux 6.9.
 */
struct dmk_vdo {
	const char *storage_device;
	uint64_t options;		 /* DMK_VDO_* */
	uint64_t storage_device_blocks;	 /* its size, in blocks of 4096 bytes */
	uint64_t max_discard_blocks;	 /* 1 to 1048575; 1 where not given */
	uint32_t minimum_io_size_bytes;	 /* 512 or 4096; 0: 4096 */
	uint32_t block_map_cache_blocks; /* of 4096 bytes; 0: 32768, as the document recommends */
	uint32_t block_map_era_blocks;	 /* 1 to 16380; 0: 16380 */
	uint32_t ack_threads;		 /* 0 to 100; 1 where not given */
	uint32_t bio_threads;		 /* 1 to 100; 4 */
	uint32_t bio_rotation_interval;	 /* 1 to 1024; 64 */
	uint32_t cpu_threads;		 /* 1 to 100; 1 */
	uint32_t hash_threads;		 /* 0 to 100; 0. These three: all 0, or none is */
	uint32_t logical_threads;	 /* 0 to 60, each with 4096 blocks of cache or more; 0 */
	uint32_t physical_threads;	 /* 0 to 16; 0 */
	uint32_t deduplication;		 /* enum dmk_vdo_switch; ON */
	uint32_t compression;		 /* enum dmk_vdo_switch; OFF */
	/* Of the formatting: */
	const char *index_memory; /* 0.25, 0.5, 0.75, or 1, 2 ...: GiB; 0.25 */
	uint32_t index_sparse;	  /* enum dmk_vdo_switch; OFF */
	uint32_t slab_blocks;	  /* of 4096 bytes, a power of two */
	void *owned;		  /* private */
	uint64_t reserved[8];
};

enum dmk_vdo_mode {
	DMK_VDO_NORMAL = 1,
	DMK_VDO_RECOVERING = 2, /* it repairs itself */
	DMK_VDO_READ_ONLY = 3	/* an error: vdoforcerebuild(8) */
};

enum dmk_vdo_index_state {
	DMK_VDO_INDEX_CLOSED = 1,
	DMK_VDO_INDEX_CLOSING = 2,
	DMK_VDO_INDEX_ERROR = 3,
	DMK_VDO_INDEX_OFFLINE = 4,
	DMK_VDO_INDEX_ONLINE = 5,
	DMK_VDO_INDEX_OPENING = 6,
	DMK_VDO_INDEX_SUSPENDED = 7,
	DMK_VDO_INDEX_UNKNOWN = 8
};

/* vdo's status */
struct dmk_vdo_status {
	const char *device;   /* below, as /dev/NAME */
	uint32_t mode;	      /* enum dmk_vdo_mode */
	uint32_t in_recovery; /* 1: yes */
	uint32_t index_state; /* enum dmk_vdo_index_state */
	uint32_t compression; /* enum dmk_vdo_switch */
	uint64_t used_blocks; /* of 4096 bytes, data and overhead */
	uint64_t total_blocks;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_vdo_message_kind {
	DMK_VDO_MESSAGE_STATS = 1,	      /* its reply: dmk_vdo_parse_reply() */
	DMK_VDO_MESSAGE_CONFIG = 2,	      /* likewise */
	DMK_VDO_MESSAGE_DUMP = 3,	      /* what: into the kernel's log */
	DMK_VDO_MESSAGE_DUMP_ON_SHUTDOWN = 4, /* the same when the device stops */
	DMK_VDO_MESSAGE_COMPRESSION = 5,      /* compression */
	DMK_VDO_MESSAGE_INDEX_CLOSE = 6,
	DMK_VDO_MESSAGE_INDEX_CREATE = 7,
	DMK_VDO_MESSAGE_INDEX_DISABLE = 8,
	DMK_VDO_MESSAGE_INDEX_ENABLE = 9
};

struct dmk_vdo_message {
	uint32_t message;	 /* enum dmk_vdo_message_kind */
	uint32_t compression;	 /* enum dmk_vdo_switch */
	const char *const *what; /* viopool, pools, vdo, queues, threads, default, all */
	uint32_t n_what;	 /* 0: default */
	uint32_t unused;	 /* zero */
	void *owned;		 /* private */
	uint64_t reserved[8];
};

DMK_API int dmk_table_add_vdo(struct dmk_table *table, uint64_t start_sectors,
			      uint64_t length_sectors, const struct dmk_vdo *vdo);
DMK_API int dmk_vdo_parse_table(const char *params, struct dmk_vdo *ret_vdo,
				struct dmk_error *ret_error);
DMK_API void dmk_vdo_clear(struct dmk_vdo *vdo);
DMK_API int dmk_vdo_parse_status(const char *params, struct dmk_vdo_status *ret_status,
				 struct dmk_error *ret_error);
DMK_API void dmk_vdo_status_clear(struct dmk_vdo_status *status);
struct dmk_key_values;
/* The reply to a stats or config message, "{ name : value, packer : { name : value, }, }", as pairs
 * of key and value; a name within another is "packer.name". number is set where the value is one;
 * info is NULL. dmk_key_values_clear(). -EINVAL: something else, or the kernel had no room for all
 * of it. Since: 0.1 */
DMK_API int dmk_vdo_parse_reply(const char *reply, struct dmk_key_values *ret_values,
				struct dmk_error *ret_error);
DMK_API int dmk_vdo_format_message(const struct dmk_vdo_message *message, char **ret_text,
				   struct dmk_error *ret_error);

/* Cache modes of pcache. */
enum dmk_pcache_mode {
	DMK_PCACHE_WRITEBACK = 1
};

enum dmk_pcache_switch {
	DMK_PCACHE_FALSE = 1,
	DMK_PCACHE_TRUE = 2
};

enum dmk_pcache_option {
	DMK_PCACHE_CACHE_MODE = 1 << 0,
	DMK_PCACHE_DATA_CRC = 1 << 1
};

/* pcache: persistent memory as a write-back cache. Alone in its table; a live one takes no other
 * table. pcache 0.1, Linux 6.18 */
struct dmk_pcache {
	const char *cache_device; /* with DAX; formatted by itself */
	uint64_t options;	  /* DMK_PCACHE_*; a field that is not zero needs none */
	const char *backing_device;
	uint32_t cache_mode; /* enum dmk_pcache_mode */
	uint32_t data_crc;   /* enum dmk_pcache_switch: check what is read from the cache; FALSE */
	void *owned;	     /* private */
	uint64_t reserved[8];
};

/* Where in the cache: a segment of 16 MiB and bytes into it. */
struct dmk_pcache_position {
	uint32_t segment;
	uint32_t offset_bytes;
};

/* pcache's status */
struct dmk_pcache_status {
	uint32_t superblock_flags;
	uint32_t segments;	 /* of the device */
	uint32_t cache_segments; /* for the cache */
	uint32_t used_segments;
	uint32_t gc_percent;
	uint32_t cache_flags; /* bit 0: data_crc; bit 1: initialised; bits 2-5: mode, 0 is writeback
			       */
	struct dmk_pcache_position key_head;   /* where new keys are written */
	struct dmk_pcache_position dirty_tail; /* what is not written back begins here */
	struct dmk_pcache_position key_tail;   /* what may be given free begins here */
	void *owned;			       /* private */
	uint64_t reserved[8];
};

enum dmk_pcache_message_kind {
	DMK_PCACHE_MESSAGE_GC_PERCENT = 1 /* percent */
};

struct dmk_pcache_message {
	uint32_t message; /* enum dmk_pcache_message_kind */
	uint32_t percent; /* 0 to 90: how full the cache is when it begins to give segments free */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_API int dmk_table_add_pcache(struct dmk_table *table, uint64_t start_sectors,
				 uint64_t length_sectors, const struct dmk_pcache *pcache);
DMK_API int dmk_pcache_parse_table(const char *params, struct dmk_pcache *ret_pcache,
				   struct dmk_error *ret_error);
DMK_API void dmk_pcache_clear(struct dmk_pcache *pcache);
DMK_API int dmk_pcache_parse_status(const char *params, struct dmk_pcache_status *ret_status,
				    struct dmk_error *ret_error);
DMK_API void dmk_pcache_status_clear(struct dmk_pcache_status *status);
DMK_API int dmk_pcache_format_message(const struct dmk_pcache_message *message, char **ret_text,
				      struct dmk_error *ret_error);

enum dmk_inlinecrypt_option {
	DMK_INLINECRYPT_KEY_TYPE = 1 << 0,
	DMK_INLINECRYPT_ALLOW_DISCARDS = 1 << 1,
	DMK_INLINECRYPT_SECTOR_SIZE = 1 << 2,
	DMK_INLINECRYPT_IV_LARGE_SECTORS = 1 << 3 /* needed with any sector size but 512 */
};

enum dmk_inlinecrypt_key_type {
	DMK_INLINECRYPT_RAW = 1,       /* the default */
	DMK_INLINECRYPT_HW_WRAPPED = 2 /* only the hardware can unwrap it */
};

/* inlinecrypt: one range of one device, encrypted by the storage's own hardware. inlinecrypt 1.0 */
struct dmk_inlinecrypt {
	const char *cipher;	    /* NULL: aes-xts-plain64 */
	uint64_t options;	    /* DMK_INLINECRYPT_*; a field that is not zero needs none */
	const char *key;	    /* hex, 1 to 128 bytes; or ":BYTES:logon:DESCRIPTION" */
	uint64_t iv_offset_sectors; /* a multiple of sector_size_bytes */
	const char *device;
	uint64_t offset_sectors;
	uint32_t key_type;	    /* enum dmk_inlinecrypt_key_type */
	uint32_t sector_size_bytes; /* a power of two from 512 to 4096 */
	void *owned;		    /* private */
	uint64_t reserved[8];
};

DMK_API int dmk_table_add_inlinecrypt(struct dmk_table *table, uint64_t start_sectors,
				      uint64_t length_sectors,
				      const struct dmk_inlinecrypt *inlinecrypt);
/* Also of what Linux prints, which is not what it takes: a number for the key type stands behind
 * the key there. Since: 0.1 */
DMK_API int dmk_inlinecrypt_parse_table(const char *params, struct dmk_inlinecrypt *ret_inlinecrypt,
					struct dmk_error *ret_error);
DMK_API void dmk_inlinecrypt_clear(struct dmk_inlinecrypt *inlinecrypt);

/* Which features of thin-pool are given. Four of them at most: Linux 6.1 takes no more. */
enum dmk_thin_pool_option {
	DMK_THIN_POOL_SKIP_BLOCK_ZEROING = 1 << 0,
	DMK_THIN_POOL_IGNORE_DISCARD = 1 << 1,	    /* since 1.1, Linux 3.4 */
	DMK_THIN_POOL_NO_DISCARD_PASSDOWN = 1 << 2, /* since 1.1, Linux 3.4 */
	DMK_THIN_POOL_READ_ONLY = 1 << 3,	    /* since 1.3, Linux 3.6 */
	DMK_THIN_POOL_ERROR_IF_NO_SPACE = 1 << 4    /* since 1.10, Linux 3.14 */
};

/* thin-pool: the blocks that thin devices share. Alone in its table. The first 4 KiB of a new
 * metadata_device must be zero. thin-pool 1.0 */
struct dmk_thin_pool {
	const char *metadata_device;
	const char *data_device;
	uint64_t block_size_sectors;	/* 128 (64 KiB) to 2097152 (1 GiB), a multiple of 128 */
	uint64_t low_water_mark_blocks; /* an event comes when fewer are free */
	uint64_t options;		/* DMK_THIN_POOL_* */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* What a pool can do. Values are fixed. */
enum dmk_thin_pool_mode {
	DMK_THIN_POOL_RW = 1,
	DMK_THIN_POOL_RO = 2,
	DMK_THIN_POOL_OUT_OF_DATA_SPACE = 3,
	DMK_THIN_POOL_FAIL = 4, /* no I/O any more: its metadata must be repaired */
	DMK_THIN_POOL_ERROR = 5 /* the kernel could not read the metadata for this status */
};

enum dmk_thin_pool_discard {
	DMK_THIN_POOL_DISCARD_PASSDOWN = 1, /* to the data device as well */
	DMK_THIN_POOL_DISCARD_NO_PASSDOWN = 2,
	DMK_THIN_POOL_DISCARD_IGNORED = 3
};

enum dmk_thin_pool_no_space {
	DMK_THIN_POOL_QUEUE_IF_NO_SPACE = 1,
	DMK_THIN_POOL_FAIL_IF_NO_SPACE = 2
};

enum dmk_thin_pool_status_option {
	DMK_THIN_POOL_STATUS_NUMBERS = 1 << 0,		 /* all but mode: not in FAIL and ERROR */
	DMK_THIN_POOL_STATUS_HELD_ROOT = 1 << 1,	 /* a metadata snapshot is reserved */
	DMK_THIN_POOL_STATUS_METADATA_LOW_WATER = 1 << 2 /* old kernels do not say it */
};

/* thin-pool's status */
struct dmk_thin_pool_status {
	uint32_t mode;	      /* enum dmk_thin_pool_mode */
	uint32_t discard;     /* enum dmk_thin_pool_discard */
	uint32_t no_space;    /* enum dmk_thin_pool_no_space */
	uint32_t needs_check; /* 1: the metadata must be checked before they can be written again */
	uint64_t options;     /* DMK_THIN_POOL_STATUS_* */
	uint64_t transaction_id;
	struct dmk_ratio metadata;	    /* of metadata blocks, 4 KiB each */
	struct dmk_ratio data;		    /* of data blocks */
	uint64_t held_root_block;	    /* the metadata block with the snapshot's root */
	uint64_t metadata_low_water_blocks; /* an event comes when fewer metadata blocks are free */
	void *owned;			    /* private */
	uint64_t reserved[8];
};

/* thin-pool's messages. Values are fixed. */
enum dmk_thin_pool_message_kind {
	DMK_THIN_POOL_CREATE_THIN = 1,	      /* id */
	DMK_THIN_POOL_CREATE_SNAP = 2,	      /* id, origin: suspend the origin first if it runs */
	DMK_THIN_POOL_DELETE = 3,	      /* id */
	DMK_THIN_POOL_SET_TRANSACTION_ID = 4, /* from, to */
	DMK_THIN_POOL_RESERVE_METADATA_SNAP = 5,
	DMK_THIN_POOL_RELEASE_METADATA_SNAP = 6
};

struct dmk_thin_pool_message {
	uint32_t message; /* enum dmk_thin_pool_message_kind */
	uint32_t id;	  /* of a thin device in its pool, up to 2^24 - 1 */
	uint32_t origin;  /* likewise */
	uint32_t unused;  /* zero */
	uint64_t from;	  /* the transaction id as it is now */
	uint64_t to;
	void *owned; /* zero */
	uint64_t reserved[8];
};

enum dmk_thin_option {
	DMK_THIN_EXTERNAL_ORIGIN = 1 << 0 /* since 1.1, Linux 3.4 */
};

/* thin: a device whose blocks come from a pool as they are written. thin 1.0 */
struct dmk_thin {
	const char *pool_device;
	const char *external_origin; /* NULL: none; what is not yet written is read from there */
	uint32_t id;		     /* up to 2^24 - 1, made by the pool's create-thin */
	uint32_t unused;	     /* zero */
	uint64_t options;	     /* DMK_THIN_* */
	void *owned;		     /* private */
	uint64_t reserved[8];
};

/* What the status of a thin device could say. Values are fixed. */
enum dmk_thin_state {
	DMK_THIN_OK = 1,
	DMK_THIN_FAIL = 2,  /* its pool has failed */
	DMK_THIN_ERROR = 3, /* the kernel could not read the pool's metadata for this status */
	DMK_THIN_CLOSED = 4 /* "-": it is not open in its pool */
};

enum dmk_thin_status_option {
	DMK_THIN_STATUS_MAPPED = 1 << 0, /* in state OK alone */
	DMK_THIN_STATUS_HIGHEST = 1 << 1 /* something is mapped */
};

/* thin's status */
struct dmk_thin_status {
	uint32_t state; /* enum dmk_thin_state */
	uint32_t unused;
	uint64_t options; /* DMK_THIN_STATUS_* */
	uint64_t mapped_sectors;
	uint64_t highest_mapped_sector; /* the last one that is */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* How cache deals with writes to blocks that are cached. Values are fixed. */
enum dmk_cache_mode {
	DMK_CACHE_WRITEBACK = 1,
	DMK_CACHE_WRITETHROUGH = 2,
	DMK_CACHE_PASSTHROUGH = 3 /* the origin does it all, such a block is dropped: Linux 3.13 */
};

enum dmk_cache_option {
	DMK_CACHE_MODE = 1 << 0,	       /* mode is written out */
	DMK_CACHE_METADATA2 = 1 << 1,	       /* since 1.10, Linux 4.12 */
	DMK_CACHE_NO_DISCARD_PASSDOWN = 1 << 2 /* since 2.1, Linux 5.1 */
};

/* cache: a fast device in front of a slow one. The first 4 KiB of a new metadata_device must be
 * zero. cache 1.0 */
struct dmk_cache {
	const char *metadata_device;
	const char *cache_device;
	const char *origin_device;
	uint64_t block_size_sectors;	/* 64 (32 KiB) to 2097152 (1 GiB), a multiple of 64 */
	uint64_t options;		/* DMK_CACHE_* */
	const char *policy;		/* "default", "smq", "cleaner", ...; NULL: "default" */
	const char *const *policy_args; /* "KEY:VALUE" each; "migration_threshold:2048" too */
	uint32_t n_policy_args;		/* up to 512 */
	uint32_t mode;	     /* enum dmk_cache_mode; 0: the kernel's, which is writeback */
	uint32_t word_order; /* 0 to 5, see below */
	uint32_t unused;     /* zero */
	void *owned;	     /* private */
	uint64_t reserved[8];
};
/* The kernel shows the features as they were given. Usual is metadata2, the mode,
 * no_discard_passdown, as in its status; word_order keeps any other of their orders, so that a
 * parsed text can be written again as it was: 0 is the usual one. */

/* Values are fixed. */
enum dmk_cache_state {
	DMK_CACHE_RW = 1,
	DMK_CACHE_RO = 2,
	DMK_CACHE_FAIL = 3, /* no I/O any more: its metadata must be repaired */
	DMK_CACHE_ERROR = 4 /* the kernel could not read the metadata for this status */
};

enum dmk_cache_status_option {
	DMK_CACHE_STATUS_NUMBERS = 1 << 0, /* all but state: not in FAIL and ERROR */
	DMK_CACHE_STATUS_METADATA2 = 1 << 1,
	DMK_CACHE_STATUS_NO_DISCARD_PASSDOWN = 1 << 2,
	DMK_CACHE_STATUS_MIGRATION_THRESHOLD = 1 << 3
};

/* cache's status */
struct dmk_cache_status {
	uint32_t state;	      /* enum dmk_cache_state, of the metadata */
	uint32_t mode;	      /* enum dmk_cache_mode */
	uint32_t needs_check; /* 1: the metadata must be checked before they can be written again */
	uint32_t n_core_args;
	uint32_t n_policy_args;
	uint32_t unused;
	uint64_t options; /* DMK_CACHE_STATUS_* */
	uint64_t metadata_block_size_sectors;
	struct dmk_ratio metadata; /* of metadata blocks */
	uint64_t block_size_sectors;
	struct dmk_ratio cache; /* of cache blocks */
	uint64_t read_hits;	/* hits and misses: since the metadata were made */
	uint64_t read_misses;
	uint64_t write_hits;
	uint64_t write_misses;
	uint64_t demotions; /* blocks that left the cache; these two: since the table was loaded */
	uint64_t promotions;
	uint64_t dirty_blocks; /* not yet written to the origin */
	uint64_t migration_threshold_sectors;
	const char *const *core_args; /* "KEY:VALUE", what there is besides the threshold */
	const char *policy;
	const char *const *policy_args; /* "KEY:VALUE" each */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* cache's messages. Values are fixed. */
enum dmk_cache_message_kind {
	DMK_CACHE_SET = 1,		   /* key, value: of the policy or the core */
	DMK_CACHE_MIGRATION_THRESHOLD = 2, /* migration_threshold_sectors */
	DMK_CACHE_INVALIDATE_CBLOCKS = 3   /* cblocks; in passthrough mode alone */
};

struct dmk_cache_message {
	uint32_t message; /* enum dmk_cache_message_kind */
	uint32_t n_cblocks;
	const char *key;
	const char *value;
	const char *const *cblocks; /* "5", or "5-9" for 5 to 8 */
	uint64_t migration_threshold_sectors;
	void *owned; /* zero */
	uint64_t reserved[8];
};

/* What writecache keeps its data on. Values are fixed. */
enum dmk_writecache_type {
	DMK_WRITECACHE_SSD = 1,
	DMK_WRITECACHE_PMEM = 2
};

/* Which optional arguments of writecache are given. A field below that is not zero counts as given
 * without its bit. */
enum dmk_writecache_option {
	DMK_WRITECACHE_START_SECTOR = 1 << 0, /* since 1.1, Linux 4.19 */
	DMK_WRITECACHE_HIGH_WATERMARK = 1 << 1,
	DMK_WRITECACHE_LOW_WATERMARK = 1 << 2,
	DMK_WRITECACHE_WRITEBACK_JOBS = 1 << 3,
	DMK_WRITECACHE_AUTOCOMMIT_BLOCKS = 1 << 4,
	DMK_WRITECACHE_AUTOCOMMIT_TIME = 1 << 5,
	DMK_WRITECACHE_MAX_AGE = 1 << 6,	 /* since 1.3, Linux 5.8 */
	DMK_WRITECACHE_CLEANER = 1 << 7,	 /* since 1.2, Linux 5.7 */
	DMK_WRITECACHE_FUA = 1 << 8,		 /* of pmem alone */
	DMK_WRITECACHE_NOFUA = 1 << 9,		 /* of pmem alone */
	DMK_WRITECACHE_METADATA_ONLY = 1 << 10,	 /* since 1.5, Linux 5.14 */
	DMK_WRITECACHE_PAUSE_WRITEBACK = 1 << 11 /* since 1.5, Linux 5.14; of ssd alone */
};

/* writecache: writes go to a fast device first. The first sector of a new cache_device (at
 * start_sectors) must be zero. writecache 1.0 */
struct dmk_writecache {
	uint32_t type;		   /* enum dmk_writecache_type; 0: SSD */
	uint32_t block_size_bytes; /* a power of two from 512 to the page size; 0: 4096 */
	const char *origin_device;
	const char *cache_device;
	uint64_t options;		 /* DMK_WRITECACHE_* */
	uint64_t start_sectors;		 /* where on cache_device the cache begins */
	uint32_t high_watermark_percent; /* the kernel's default: 50; not below the low one */
	uint32_t low_watermark_percent;	 /* the kernel's default: 45 */
	uint32_t writeback_jobs;	 /* blocks in flight at most */
	uint32_t autocommit_blocks;	 /* the kernel's default: 65536, pmem 64 */
	uint32_t autocommit_time_ms;	 /* up to an hour; the kernel's default: 1000 */
	uint32_t max_age_ms;		 /* up to a day */
	uint32_t pause_writeback_ms;	 /* up to a minute; the kernel's default: 3000 */
	uint32_t unused;		 /* zero */
	void *owned;			 /* private */
	uint64_t reserved[8];
};

enum dmk_writecache_status_option {
	DMK_WRITECACHE_STATUS_COUNTERS = 1 << 0 /* reads and what follows; since 1.6, Linux 5.15 */
};

/* writecache's status, in blocks */
struct dmk_writecache_status {
	uint64_t options; /* DMK_WRITECACHE_STATUS_* */
	uint64_t error;	  /* not 0: it has failed (Linux 6.1 says 1) */
	uint64_t blocks;
	uint64_t free_blocks;
	uint64_t writeback_blocks; /* being written back */
	uint64_t reads;
	uint64_t read_hits;
	uint64_t writes;
	uint64_t write_hits_uncommitted;
	uint64_t write_hits_committed;
	uint64_t writes_around;		     /* past the cache */
	uint64_t writes_allocate;	     /* into free blocks of the cache */
	uint64_t writes_blocked_on_freelist; /* requests that had to wait for a free block */
	uint64_t flushes;		     /* requests */
	uint64_t discards;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* writecache's messages, without arguments. Values are fixed. */
enum dmk_writecache_message_kind {
	DMK_WRITECACHE_FLUSH = 1, /* returns when all is on the origin */
	DMK_WRITECACHE_FLUSH_ON_SUSPEND = 2,
	DMK_WRITECACHE_START_CLEANER = 3, /* since 1.2, Linux 5.7 */
	DMK_WRITECACHE_CLEAR_STATS = 4	  /* since 1.6, Linux 5.15 */
};

struct dmk_writecache_message {
	uint32_t message; /* enum dmk_writecache_message_kind */
	uint32_t unused;  /* zero */
	void *owned;	  /* zero */
	uint64_t reserved[8];
};

/* era: as linear, and notes in which era each block was last written. The first 4 KiB of a new
 * metadata_device must be zero. era 1.0 */
struct dmk_era {
	const char *metadata_device;
	const char *origin_device;
	uint64_t block_size_sectors; /* 8 to 2^32 - 8, a multiple of 8 */
	void *owned;		     /* private */
	uint64_t reserved[8];
};

enum dmk_era_status_option {
	DMK_ERA_STATUS_NUMBERS = 1 << 0,  /* not set: the kernel could not tell ("Error") */
	DMK_ERA_STATUS_HELD_ROOT = 1 << 1 /* a metadata snapshot is held */
};

/* era's status */
struct dmk_era_status {
	uint64_t options; /* DMK_ERA_STATUS_* */
	uint32_t era;	  /* the current one */
	uint32_t error;	  /* 1: the kernel could not tell the rest */
	uint64_t metadata_block_size_sectors;
	struct dmk_ratio metadata; /* of metadata blocks */
	uint64_t held_root_block;  /* the metadata block with the snapshot's root */
	void *owned;		   /* private */
	uint64_t reserved[8];
};

/* era's messages, without arguments. Values are fixed. */
enum dmk_era_message_kind {
	DMK_ERA_CHECKPOINT = 1, /* a new era, if the current one had writes: see the status */
	DMK_ERA_TAKE_METADATA_SNAP = 2,
	DMK_ERA_DROP_METADATA_SNAP = 3
};

struct dmk_era_message {
	uint32_t message; /* enum dmk_era_message_kind */
	uint32_t unused;  /* zero */
	void *owned;	  /* zero */
	uint64_t reserved[8];
};

enum dmk_clone_option {
	DMK_CLONE_NO_HYDRATION = 1 << 0,
	DMK_CLONE_NO_DISCARD_PASSDOWN = 1 << 1,
	DMK_CLONE_HYDRATION_THRESHOLD = 1 << 2,
	DMK_CLONE_HYDRATION_BATCH_SIZE = 1 << 3
};

/* How the words of a parsed clone stood, where it was not the usual way: a table's text shows them
 * as they were given. Builders leave it 0. */
enum dmk_clone_word_order {
	DMK_CLONE_DISCARD_FIRST = 1 << 0,    /* no_discard_passdown before no_hydration */
	DMK_CLONE_BATCH_SIZE_FIRST = 1 << 1, /* hydration_batch_size before the threshold */
	DMK_CLONE_EMPTY_FEATURES = 1 << 2,   /* "0", though no core arguments follow */
	DMK_CLONE_EMPTY_CORE_ARGS = 1 << 3   /* "0" */
};

/* clone: a read-only source that is copied to a destination while it is used; length up to 2^31
 * regions. The first 4 KiB of a new metadata_device must be zero. clone 1.0, Linux 5.4 */
struct dmk_clone {
	const char *metadata_device;
	const char *destination_device;
	const char *source_device;
	uint64_t region_size_sectors;	      /* a power of two from 8 (4 KiB) to 2097152 (1 GiB) */
	uint64_t options;		      /* DMK_CLONE_* */
	uint32_t hydration_threshold_regions; /* being copied at one time; kernel's default: 1 */
	uint32_t hydration_batch_size_regions; /* copied in one go; kernel's default: 1 */
	uint32_t word_order;		       /* enum dmk_clone_word_order bits */
	uint32_t unused;		       /* zero */
	void *owned;			       /* private */
	uint64_t reserved[8];
};

/* Values are fixed. */
enum dmk_clone_state {
	DMK_CLONE_RW = 1,
	DMK_CLONE_RO = 2,
	DMK_CLONE_FAIL = 3, /* no I/O any more: its metadata must be repaired */
	DMK_CLONE_ERROR = 4 /* the kernel could not read the metadata for this status */
};

enum dmk_clone_status_option {
	DMK_CLONE_STATUS_NUMBERS = 1 << 0, /* all but state: not in FAIL and ERROR */
	DMK_CLONE_STATUS_NO_HYDRATION = 1 << 1,
	DMK_CLONE_STATUS_NO_DISCARD_PASSDOWN = 1 << 2
};

/* clone's status. It is done when hydrated.used is hydrated.total. */
struct dmk_clone_status {
	uint32_t state; /* enum dmk_clone_state, of the metadata */
	uint32_t unused;
	uint64_t options; /* DMK_CLONE_STATUS_* */
	uint64_t metadata_block_size_sectors;
	struct dmk_ratio metadata; /* of metadata blocks */
	uint64_t region_size_sectors;
	struct dmk_ratio hydrated;  /* of regions */
	uint64_t hydrating_regions; /* right now */
	uint64_t hydration_threshold_regions;
	uint64_t hydration_batch_size_regions;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* clone's messages. Values are fixed. */
enum dmk_clone_message_kind {
	DMK_CLONE_ENABLE_HYDRATION = 1,
	DMK_CLONE_DISABLE_HYDRATION = 2,
	DMK_CLONE_SET_HYDRATION_THRESHOLD = 3, /* regions; 0 stops the hydration */
	DMK_CLONE_SET_HYDRATION_BATCH_SIZE = 4 /* regions */
};

struct dmk_clone_message {
	uint32_t message; /* enum dmk_clone_message_kind */
	uint32_t regions;
	void *owned; /* zero */
	uint64_t reserved[8];
};

/* Builders, parsers and messages of these, as above. *ret_text of a message is freed with free().
 * Since: 0.1 */
DMK_API int dmk_table_add_thin_pool(struct dmk_table *table, uint64_t start_sectors,
				    uint64_t length_sectors, const struct dmk_thin_pool *pool);
DMK_API int dmk_thin_pool_parse_table(const char *params, struct dmk_thin_pool *ret_pool,
				      struct dmk_error *ret_error);
DMK_API void dmk_thin_pool_clear(struct dmk_thin_pool *pool);
DMK_API int dmk_thin_pool_parse_status(const char *params, struct dmk_thin_pool_status *ret_status,
				       struct dmk_error *ret_error);
DMK_API void dmk_thin_pool_status_clear(struct dmk_thin_pool_status *status);
DMK_API int dmk_thin_pool_format_message(const struct dmk_thin_pool_message *message,
					 char **ret_text, struct dmk_error *ret_error);

DMK_API int dmk_table_add_thin(struct dmk_table *table, uint64_t start_sectors,
			       uint64_t length_sectors, const struct dmk_thin *thin);
DMK_API int dmk_thin_parse_table(const char *params, struct dmk_thin *ret_thin,
				 struct dmk_error *ret_error);
DMK_API void dmk_thin_clear(struct dmk_thin *thin);
DMK_API int dmk_thin_parse_status(const char *params, struct dmk_thin_status *ret_status,
				  struct dmk_error *ret_error);
DMK_API void dmk_thin_status_clear(struct dmk_thin_status *status);

DMK_API int dmk_table_add_cache(struct dmk_table *table, uint64_t start_sectors,
				uint64_t length_sectors, const struct dmk_cache *cache);
DMK_API int dmk_cache_parse_table(const char *params, struct dmk_cache *ret_cache,
				  struct dmk_error *ret_error);
DMK_API void dmk_cache_clear(struct dmk_cache *cache);
DMK_API int dmk_cache_parse_status(const char *params, struct dmk_cache_status *ret_status,
				   struct dmk_error *ret_error);
DMK_API void dmk_cache_status_clear(struct dmk_cache_status *status);
DMK_API int dmk_cache_format_message(const struct dmk_cache_message *message, char **ret_text,
				     struct dmk_error *ret_error);

DMK_API int dmk_table_add_writecache(struct dmk_table *table, uint64_t start_sectors,
				     uint64_t length_sectors,
				     const struct dmk_writecache *writecache);
DMK_API int dmk_writecache_parse_table(const char *params, struct dmk_writecache *ret_writecache,
				       struct dmk_error *ret_error);
DMK_API void dmk_writecache_clear(struct dmk_writecache *writecache);
DMK_API int dmk_writecache_parse_status(const char *params,
					struct dmk_writecache_status *ret_status,
					struct dmk_error *ret_error);
DMK_API void dmk_writecache_status_clear(struct dmk_writecache_status *status);
DMK_API int dmk_writecache_format_message(const struct dmk_writecache_message *message,
					  char **ret_text, struct dmk_error *ret_error);

DMK_API int dmk_table_add_era(struct dmk_table *table, uint64_t start_sectors,
			      uint64_t length_sectors, const struct dmk_era *era);
DMK_API int dmk_era_parse_table(const char *params, struct dmk_era *ret_era,
				struct dmk_error *ret_error);
DMK_API void dmk_era_clear(struct dmk_era *era);
DMK_API int dmk_era_parse_status(const char *params, struct dmk_era_status *ret_status,
				 struct dmk_error *ret_error);
DMK_API void dmk_era_status_clear(struct dmk_era_status *status);
DMK_API int dmk_era_format_message(const struct dmk_era_message *message, char **ret_text,
				   struct dmk_error *ret_error);

DMK_API int dmk_table_add_clone(struct dmk_table *table, uint64_t start_sectors,
				uint64_t length_sectors, const struct dmk_clone *clone);
DMK_API int dmk_clone_parse_table(const char *params, struct dmk_clone *ret_clone,
				  struct dmk_error *ret_error);
DMK_API void dmk_clone_clear(struct dmk_clone *clone);
DMK_API int dmk_clone_parse_status(const char *params, struct dmk_clone_status *ret_status,
				   struct dmk_error *ret_error);
DMK_API void dmk_clone_status_clear(struct dmk_clone_status *status);
DMK_API int dmk_clone_format_message(const struct dmk_clone_message *message, char **ret_text,
				     struct dmk_error *ret_error);

/* Which optional arguments of crypt are given. A field below that is not zero counts as given
 * without its bit. */
enum dmk_crypt_option {
	DMK_CRYPT_ALLOW_DISCARDS = 1 << 0,	   /* since 1.11, Linux 3.1 */
	DMK_CRYPT_SAME_CPU_CRYPT = 1 << 1,	   /* since 1.14, Linux 4.0 */
	DMK_CRYPT_HIGH_PRIORITY = 1 << 2,	   /* since 1.26, Linux 6.10 */
	DMK_CRYPT_SUBMIT_FROM_CRYPT_CPUS = 1 << 3, /* since 1.14, Linux 4.0 */
	DMK_CRYPT_NO_READ_WORKQUEUE = 1 << 4,	   /* since 1.22, Linux 5.9 */
	DMK_CRYPT_NO_WRITE_WORKQUEUE = 1 << 5,	   /* since 1.22, Linux 5.9 */
	DMK_CRYPT_INTEGRITY = 1 << 6,		   /* since 1.17, Linux 4.12 */
	DMK_CRYPT_SECTOR_SIZE = 1 << 7,		   /* since 1.17, Linux 4.12 */
	DMK_CRYPT_IV_LARGE_SECTORS = 1 << 8,	   /* since 1.17, Linux 4.12 */
	DMK_CRYPT_INTEGRITY_KEY_SIZE = 1 << 9	   /* since 1.28, Linux 6.12 */
};

/* Values are fixed. */
enum dmk_crypt_integrity {
	DMK_CRYPT_INTEGRITY_NONE = 1, /* room for random IVs alone */
	DMK_CRYPT_INTEGRITY_AEAD = 2  /* the cipher authenticates */
};

/* crypt: one range of one device, encrypted. A table with one is loaded with DM_SECURE_DATA, and
 * what the library copies of the key is wiped. crypt 1.0 */
struct dmk_crypt {
	const char *cipher; /* CIPHER[:KEYS]-MODE-IV[:OPTIONS], capi:SPECIFICATION-IV[:OPTIONS] */
	const char *key;    /* hex; ":SIZE:TYPE:DESCRIPTION": of the kernel's keyring; "-": none */
	uint64_t iv_offset_sectors; /* a multiple of sector_size_bytes */
	const char *device;
	uint64_t offset_sectors;
	uint64_t options;	      /* DMK_CRYPT_* */
	uint32_t integrity_tag_bytes; /* of each tag in the device below: 1 to 480 */
	uint32_t integrity_type;      /* enum dmk_crypt_integrity, where integrity_tag_bytes is */
	uint32_t sector_size_bytes;   /* 512, 1024, 2048, 4096; 0: 512 */
	uint32_t integrity_key_bytes; /* of the key, for the hash in authenc() */
	void *owned;		      /* private */
	uint64_t reserved[8];
};

enum dmk_crypt_message_kind {
	DMK_CRYPT_KEY_SET = 1, /* key, of the size it had; the device must be suspended */
	DMK_CRYPT_KEY_WIPE = 2 /* likewise; it cannot be resumed without a key */
};

struct dmk_crypt_message {
	uint32_t message; /* enum dmk_crypt_message_kind */
	uint32_t unused;  /* zero */
	const char *key;  /* as in struct dmk_crypt */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* Which optional arguments of integrity are given. A field below that is not zero or NULL counts
 * as given without its bit. */
enum dmk_integrity_option {
	DMK_INTEGRITY_META_DEVICE = 1 << 0, /* since 1.2, Linux 4.19 */
	DMK_INTEGRITY_BLOCK_SIZE = 1 << 1,
	DMK_INTEGRITY_RECALCULATE = 1 << 2,	  /* since 1.2, Linux 4.19 */
	DMK_INTEGRITY_RESET_RECALCULATE = 1 << 3, /* since 1.8, Linux 5.13 */
	DMK_INTEGRITY_ALLOW_DISCARDS = 1 << 4,	  /* since 1.6, Linux 5.7 */
	DMK_INTEGRITY_JOURNAL_SECTORS = 1 << 5,
	DMK_INTEGRITY_INTERLEAVE_SECTORS = 1 << 6,
	DMK_INTEGRITY_BUFFER_SECTORS = 1 << 7,
	DMK_INTEGRITY_JOURNAL_WATERMARK = 1 << 8,
	DMK_INTEGRITY_COMMIT_TIME = 1 << 9,
	DMK_INTEGRITY_SECTORS_PER_BIT = 1 << 10,       /* since 1.3, Linux 5.2 */
	DMK_INTEGRITY_BITMAP_FLUSH_INTERVAL = 1 << 11, /* since 1.3, Linux 5.2 */
	DMK_INTEGRITY_FIX_PADDING = 1 << 12,	       /* since 1.4, Linux 5.5 */
	DMK_INTEGRITY_FIX_HMAC = 1 << 13,	       /* since 1.7, Linux 5.12 */
	DMK_INTEGRITY_LEGACY_RECALCULATE = 1 << 14,    /* Linux 5.11 */
	DMK_INTEGRITY_INTERNAL_HASH = 1 << 15,
	DMK_INTEGRITY_JOURNAL_CRYPT = 1 << 16,
	DMK_INTEGRITY_JOURNAL_MAC = 1 << 17,
	/* Only with a keyed internal_hash. A fix of Linux 6.12 and others, with no version of its
	 * own; implies ALLOW_DISCARDS, and is printed in its place. */
	DMK_INTEGRITY_ALLOW_DISCARDS_KEYED = 1 << 18
};

/* Values are fixed. */
enum dmk_integrity_mode {
	DMK_INTEGRITY_JOURNAL = 1,  /* J: data and tag are written both or not at all */
	DMK_INTEGRITY_BITMAP = 2,   /* B: dirty regions are noted; needs internal_hash; since 1.3 */
	DMK_INTEGRITY_DIRECT = 3,   /* D: a crash may leave a tag that does not fit */
	DMK_INTEGRITY_RECOVERY = 4, /* R: nothing is checked, nothing can be written */
	DMK_INTEGRITY_INLINE = 5    /* I: in the device's own metadata; since 1.12, Linux 6.11 */
};

/* integrity: a device with a tag for each block. Linux formats the device where the 4096 bytes of
 * its superblock are zeros; the sizes for formatting mean nothing afterwards. integrity 1.0, Linux
 * 4.12 */
struct dmk_integrity {
	const char *device;
	uint64_t offset_sectors; /* reserved before the superblock */
	uint32_t tag_bytes;	 /* 1 to 255; 0: as many as internal_hash has */
	uint32_t mode;		 /* enum dmk_integrity_mode; 0: JOURNAL */
	uint64_t options;	 /* DMK_INTEGRITY_* */
	const char *meta_device;
	const char *internal_hash;     /* as the kernel's crypto names it: crc32c, hmac(sha256) */
	const char *internal_hash_key; /* hex */
	const char *journal_crypt;     /* ctr(aes) */
	const char *journal_crypt_key; /* hex */
	const char *journal_mac;
	const char *journal_mac_key; /* hex */
	uint64_t sectors_per_bit;    /* of the bitmap */
	uint32_t block_size_bytes;   /* 512, 1024, 2048, 4096; 0: 512 */
	uint32_t journal_sectors;    /* when formatting */
	uint32_t interleave_sectors; /* when formatting: data between areas of tags */
	uint32_t buffer_sectors;     /* of tags, read at a time */
	uint32_t journal_watermark_percent;
	uint32_t commit_time_ms;
	uint32_t bitmap_flush_interval_ms;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

enum dmk_integrity_status_option {
	DMK_INTEGRITY_STATUS_RECALCULATED = 1 << 0 /* recalculated_sectors is known */
};

/* integrity's status */
struct dmk_integrity_status {
	uint64_t options;		/* DMK_INTEGRITY_STATUS_*: what the kernel says */
	uint64_t mismatches;		/* tags that did not fit */
	uint64_t provided_data_sectors; /* how long the mapping may be */
	uint64_t recalculated_sectors;	/* how far recalculate has come */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* device-mapper's own messages, which every device understands. Those with a reply: STATS_CREATE,
 * STATS_LIST, STATS_PRINT, STATS_PRINT_CLEAR. Statistics: Linux 3.12. */
enum dmk_core_message_kind {
	DMK_CORE_CANCEL_DEFERRED_REMOVE = 1,
	DMK_CORE_STATS_CREATE = 2, /* start to histogram, program_id, aux_data */
	DMK_CORE_STATS_DELETE = 3, /* region_id */
	DMK_CORE_STATS_CLEAR = 4,  /* region_id */
	DMK_CORE_STATS_LIST = 5,   /* program_id */
	DMK_CORE_STATS_PRINT = 6,  /* region_id, starting_line, number_of_lines */
	DMK_CORE_STATS_PRINT_CLEAR = 7,
	DMK_CORE_STATS_SET_AUX = 8 /* region_id, aux_data */
};

enum dmk_core_message_option {
	DMK_STATS_PRECISE_TIMESTAMPS = 1 << 0, /* times are nanoseconds; Linux 4.2 */
	DMK_STATS_STARTING_LINE = 1 << 1,      /* starting_line is given though it is 0 */
	DMK_STATS_NUMBER_OF_LINES = 1 << 2
};

struct dmk_core_message {
	uint32_t message; /* enum dmk_core_message_kind */
	uint32_t region_id;
	uint64_t options; /* DMK_STATS_* */
	uint64_t start_sectors;
	uint64_t length_sectors;  /* of the region; 0: the whole device */
	uint64_t step_sectors;	  /* of one area; or give areas */
	uint32_t areas;		  /* how many of one length; or give step_sectors */
	uint32_t unused;	  /* zero */
	const char *histogram;	  /* "10,20,30": rising bounds of times; NULL: none; Linux 4.2 */
	const char *program_id;	  /* one word; NULL: none */
	const char *aux_data;	  /* one word; NULL: none */
	uint64_t starting_line;	  /* the area to begin with, from 0 */
	uint64_t number_of_lines; /* 0 without its bit: all */
	void *owned;		  /* private */
	uint64_t reserved[8];
};

/* One region that STATS_LIST tells of. */
struct dmk_stats_region {
	uint32_t region_id;
	uint32_t n_bounds;
	uint64_t start_sectors;
	uint64_t length_sectors;
	uint64_t step_sectors;
	uint64_t options;	/* DMK_STATS_PRECISE_TIMESTAMPS */
	const uint64_t *bounds; /* of the histogram: n_bounds, rising; NULL: it has none */
	const char *program_id; /* "-": none was given */
	const char *aux_data;	/* "-": none was given; may hold blanks */
	uint64_t reserved[8];
};

struct dmk_stats_regions {
	const struct dmk_stats_region *items;
	uint32_t count;
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* One area's counters, as /proc/diskstats has them for a disk. Times are milliseconds, or
 * nanoseconds where the region was made with precise timestamps. */
struct dmk_stats_area {
	uint64_t start_sectors;
	uint64_t length_sectors; /* the step, also of a last area that is shorter */
	uint64_t reads;		 /* completed */
	uint64_t reads_merged;
	uint64_t sectors_read;
	uint64_t time_reading; /* of each read, added up */
	uint64_t writes;
	uint64_t writes_merged;
	uint64_t sectors_written;
	uint64_t time_writing;
	uint64_t time_busy; /* with any I/O in flight */
	uint64_t time_in_queue;
	uint64_t time_busy_reading;
	uint64_t time_busy_writing;
	int32_t in_flight; /* now */
	uint32_t n_histogram;
	const uint64_t *histogram; /* I/Os up to each bound, then those beyond the last one; NULL */
	uint64_t reserved[8];
};

struct dmk_stats_areas {
	const struct dmk_stats_area *items;
	uint32_t count;
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* Builders and parsers, as those above. Since: 0.1 */
DMK_API int dmk_table_add_crypt(struct dmk_table *table, uint64_t start_sectors,
				uint64_t length_sectors, const struct dmk_crypt *crypt);
DMK_API int dmk_crypt_parse_table(const char *params, struct dmk_crypt *ret_crypt,
				  struct dmk_error *ret_error);
/* Wipes the key. */
DMK_API void dmk_crypt_clear(struct dmk_crypt *crypt);
/* For dmk_message() with DMK_MESSAGE_SECRET. *ret_text is freed with free(), by who wipes it
 * before. */
DMK_API int dmk_crypt_format_message(const struct dmk_crypt_message *message, char **ret_text,
				     struct dmk_error *ret_error);
DMK_API int dmk_table_add_integrity(struct dmk_table *table, uint64_t start_sectors,
				    uint64_t length_sectors, const struct dmk_integrity *integrity);
DMK_API int dmk_integrity_parse_table(const char *params, struct dmk_integrity *ret_integrity,
				      struct dmk_error *ret_error);
DMK_API int dmk_integrity_parse_status(const char *params, struct dmk_integrity_status *ret_status,
				       struct dmk_error *ret_error);
/* Wipes the keys. */
DMK_API void dmk_integrity_clear(struct dmk_integrity *integrity);
DMK_API void dmk_integrity_status_clear(struct dmk_integrity_status *status);

/* *ret_text is freed with free(). */
DMK_API int dmk_core_format_message(const struct dmk_core_message *message, char **ret_text,
				    struct dmk_error *ret_error);
/* Replies of the statistics messages; NULL is "". -EINVAL names line and column. Since: 0.1 */
DMK_API int dmk_stats_parse_create(const char *reply, uint32_t *ret_region_id,
				   struct dmk_error *ret_error);
DMK_API int dmk_stats_parse_list(const char *reply, struct dmk_stats_regions *ret_regions,
				 struct dmk_error *ret_error);
DMK_API int dmk_stats_parse_print(const char *reply, struct dmk_stats_areas *ret_areas,
				  struct dmk_error *ret_error);
DMK_API void dmk_stats_regions_clear(struct dmk_stats_regions *regions);
DMK_API void dmk_stats_areas_clear(struct dmk_stats_areas *areas);

/* ---- targets by key=value ------------------------------------------------------------- */

/* What a key's value is. Values are fixed. */
enum dmk_key_kind {
	DMK_KEY_TEXT = 1,
	DMK_KEY_DEVICE = 2,	   /* a path or MAJOR:MINOR */
	DMK_KEY_NUMBER = 3,	   /* a plain number */
	DMK_KEY_SECTORS = 4,	   /* 4096s, 2MiB, or plain bytes that are whole sectors */
	DMK_KEY_BYTES = 5,	   /* 4096, 4KiB */
	DMK_KEY_FLAG = 6,	   /* yes or no */
	DMK_KEY_HEX = 7,	   /* hex digits, or - for none */
	DMK_KEY_DEVICE_OFFSET = 8, /* DEVICE:OFFSET, OFFSET as SECTORS */
	DMK_KEY_BLOCKS = 9,	   /* a count of blocks */
	DMK_KEY_CHOICE = 10,	   /* one of the words of `allowed` */
	DMK_KEY_RATIO = 11,	   /* USED/TOTAL, of `unit`; in statuses */
	DMK_KEY_MS = 12,	   /* milliseconds: 500, 500ms, 2s */
	DMK_KEY_SIGNED = 13,	   /* a plain number that may be negative: -2, 2, +2 */
	DMK_KEY_RECORD = 14,	   /* several parts in one text, as `fields` says */
	DMK_KEY_HEALTH = 15 /* a letter for each leg, each device before it where there are any:
			       `allowed` is "A=alive|D=dead"; in statuses */
};

enum dmk_key_flag {
	DMK_KEY_REQUIRED = 1 << 0,
	DMK_KEY_REPEATED = 1 << 1, /* may be given several times, in order */
	DMK_KEY_SECRET = 1 << 2,   /* key material: hidden unless asked for */
	DMK_KEY_LAYOUT = 1 << 3	   /* says how the kernel's text was laid out, and nothing else: for
				      a copy that is the same to the byte */
};

/* One key of one target: what `dmkit help TARGET` prints. Its texts are static. */
struct dmk_key {
	const char *name;
	uint32_t kind;	      /* enum dmk_key_kind */
	uint32_t flags;	      /* DMK_KEY_* */
	const char *fallback; /* its value when not given, as text; NULL: none */
	const char *help;     /* one line */
	const char *allowed;  /* of CHOICE: "one|two|three" */
	char since[16];	      /* the target's version that brought it; "": always there */
	const char *unit;     /* of a number, where kind does not tell: "regions"; NULL: none */
	/* Of RECORD: the parts' names, with what stands between two of them: "device,args*". A '#'
	 * behind a name: a number; a '*': as many as there are. "group#@": may be left out with its
	 * '@', and is 1 then. In a part a comma stands behind a backslash. */
	const char *fields;
	uint64_t reserved[2];
};

/* One target that dmkit knows. Static: made by the library alone, so that it can grow at its end.
 */
struct dmk_target_info {
	const char *type;
	const char *summary; /* one line */
	const char *example; /* the words after `dmkit create NAME` */
	uint32_t n_keys;
	uint32_t unused;
};

/* One key with its value, in the order of the target's keys. */
struct dmk_key_value {
	const char *key;
	const char *value;	    /* as `key=value` takes it back: 4096s, yes, /dev/vdb */
	const struct dmk_key *info; /* NULL on the way in; lives as long as the values */
	uint64_t number;	    /* of SECTORS, BYTES, NUMBER, BLOCKS, MS, RATIO, the offset of
				       DEVICE_OFFSET, and of SIGNED, to be cast to int64_t */
	uint64_t total;		    /* of RATIO */
	uint64_t reserved[4];
};

struct dmk_key_values {
	struct dmk_key_value *items;
	uint32_t count;
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[4];
};

/* Number index (from 0) of the targets that dmkit knows, by name; NULL past the last. Since: 0.1 */
DMK_API const struct dmk_target_info *dmk_target_info_at(uint32_t index);
/* NULL: dmkit does not know it. Since: 0.1 */
DMK_API const struct dmk_target_info *dmk_target_info_find(const char *type);
/* Key number index of a target; its texts are static. -ENOENT: past the last, or an unknown target.
 * Since: 0.1 */
DMK_API int dmk_target_key(const char *type, uint32_t index, struct dmk_key *ret_key);
/* Likewise what the target's status says, as dmk_status_to_keys() gives it; -ENOENT at once where
 * it says nothing. Since: 0.1 */
DMK_API int dmk_target_status_key(const char *type, uint32_t index, struct dmk_key *ret_key);

/*
 * Adds one segment of target type from n key=value pairs (key and value of each; the rest is
 * ignored). The key "size" gives the length; without it, it is what the target's own keys say or
 * the rest of the first device, which is then opened and asked. -EINVAL names the key and what is
 * allowed; -ENOENT and others: the device could not be asked. Otherwise as dmk_table_add(). Since:
 * 0.1
 */
DMK_API int dmk_table_add_keys(struct dmk_table *table, const char *type,
			       const struct dmk_key_value *pairs, uint32_t n);

/* The parameters of a target that dmkit knows as key=value pairs, defaults left out. The caller
 * gives *ret_values to dmk_key_values_clear(). -ENOENT: dmkit does not know the target; -EINVAL: it
 * cannot read the parameters. Since: 0.1 */
DMK_API int dmk_params_to_keys(const char *type, const char *params,
			       struct dmk_key_values *ret_values, struct dmk_error *ret_error);
/* A target's status text as key=value pairs, likewise. Since: 0.1 */
DMK_API int dmk_status_to_keys(const char *type, const char *params,
			       struct dmk_key_values *ret_values, struct dmk_error *ret_error);
/* params with key material as zeros, and else byte for byte as they are. 1: *ret_text (to be freed
 * with free()) is that; 0: there is none, params may be shown as they are. "(hidden)" where they
 * cannot be read, or the type is no target but has "crypt" or "integrity" in it. Since: 0.1 */
DMK_API int dmk_params_hide_keys(const char *type, const char *params, char **ret_text);
DMK_API void dmk_key_values_clear(struct dmk_key_values *values);

/* One message that a target understands. Static, as struct dmk_target_info. */
struct dmk_message_info {
	const char *name;  /* create-thin */
	const char *help;  /* one line */
	const char *since; /* the target's version that brought it; NULL: always there */
	uint32_t n_keys;
	uint32_t secret; /* 1: it carries a key: DMK_MESSAGE_SECRET */
};

/*
 * Message number index of a target, NULL past the last; type NULL is device-mapper's own messages,
 * which every device understands. Then its keys; -ENOENT: past the last. Since: 0.1
 */
DMK_API const struct dmk_message_info *dmk_target_message(const char *type, uint32_t index);
DMK_API int dmk_message_key(const char *type, const char *message, uint32_t index,
			    struct dmk_key *ret_key);

/* The text of a message from n key=value pairs, for dmk_message(). *ret_text is freed with free().
 * -ENOENT: there is no such target or message; -EINVAL names the key and what is allowed. Since:
 * 0.1 */
DMK_API int dmk_message_from_keys(const char *type, const char *message,
				  const struct dmk_key_value *pairs, uint32_t n, char **ret_text,
				  struct dmk_error *ret_error);

/* Reads a size: "4096s" sectors, "1MiB" (KiB, MiB, GiB, TiB, PiB; k, M, G, T, P mean the same),
 * plain bytes. -EINVAL: no number or unit; -ERANGE: too large. Since: 0.1 */
DMK_API int dmk_parse_size(const char *text, uint64_t *ret_bytes);

/* ---- udev ----------------------------------------------------------------------------- */

/*
 * Where udevd runs, it makes /dev/mapper/NAME and all other links of a device, and a program that
 * goes on before it is done finds none of them. So each request that makes udevd work carries a
 * cookie: the low 16 bits of the key of a System V semaphore, which udevd's rules count down at the
 * end. The verbs do it by themselves: create, resume, replace, remove, rename and set_uuid send a
 * cookie, wait until udevd has counted it down, and look at the node. They wait for the verb's
 * timeout_ms, without one for 10 s, with -1 for 1 s (for 10 s if there is a deadline), and never
 * beyond dmk_set_deadline(). Where the time is over, the verb has succeeded all the same: what
 * udevd has not done is then done here, and dmk_get_udev_state() has a note of it.
 */

/* How much the verbs have to do with udev. Values are fixed. Since: 0.1 */
enum dmk_udev_mode {
	DMK_UDEV_AUTO = 0, /* a handshake where udevd answers, else own nodes */
	DMK_UDEV_OFF = 1,  /* own nodes, whatever runs */
	DMK_UDEV_ON = 2	   /* a handshake, without a look at whether udevd is there and makes nodes
			      in the node folder */
};

/*
 * The default is DMK_UDEV_AUTO. It looks once, at the first verb that makes or removes a device,
 * and where there is no udevd never again; this call makes it look anew. It may come at any time.
 * -EINVAL: no such mode. Since: 0.1
 */
DMK_API int dmk_set_udev(struct dmk *dm, uint32_t mode);

/* Why there is a handshake, or why not. Values are fixed. Since: 0.1 */
enum dmk_udev_why {
	DMK_UDEV_WHY_ANSWERS = 1,   /* on: udevd listens, and shares our IPC namespace and /dev */
	DMK_UDEV_WHY_ASKED = 2,	    /* on or off: dmk_set_udev() said so */
	DMK_UDEV_WHY_NO_SOCKET = 3, /* off: no /run/udev/control */
	DMK_UDEV_WHY_NO_ANSWER = 4, /* off: nobody listens there; error says why */
	DMK_UDEV_WHY_IPC = 5,	    /* off: udevd is in another IPC namespace: it would never find
				       the semaphore */
	DMK_UDEV_WHY_DEV = 6,	    /* off: udevd's /dev is not ours */
	DMK_UDEV_WHY_NODE_DIR = 7,  /* off: nodes do not live in /dev/mapper */
	DMK_UDEV_WHY_TRANSPORT = 8, /* off: requests go to a hook, not to the kernel */
	DMK_UDEV_WHY_DRY_RUN = 9,   /* off: nothing is changed */
	DMK_UDEV_WHY_NO_RULES = 10  /* off: udev's rules know nothing of device-mapper: no
				       95-dm-notify.rules */
};

/* What the last verb has to say of udev, though it succeeded. Values are fixed. Since: 0.1 */
enum dmk_udev_note {
	DMK_UDEV_NOTE_NONE = 0,
	DMK_UDEV_NOTE_LATE = 1,	    /* udevd did not answer in time; the node is right */
	DMK_UDEV_NOTE_MADE = 2,	    /* the same, and the node was made here */
	DMK_UDEV_NOTE_REMOVED = 3,  /* the same, and the node was removed here */
	DMK_UDEV_NOTE_WRONG = 4,    /* udevd answered, and its link is missing or led elsewhere: it
				       was made here */
	DMK_UDEV_NOTE_LEFT = 5,	    /* udevd answered and left its link: it was removed here */
	DMK_UDEV_NOTE_NO_COOKIE = 6 /* no semaphore could be made, error says why: the node itself
				       was waited for, other links of udev's were not */
};

struct dmk_udev_state {
	uint32_t handshake; /* 1: the verbs wait for udevd; 0: they do not */
	uint32_t why;	    /* enum dmk_udev_why */
	int32_t pid;   /* who made udevd's socket: udevd, systemd, or one that has ended; 0: unknown
			*/
	int32_t error; /* a negative errno, with NO_ANSWER and NO_COOKIE */
	uint32_t note; /* enum dmk_udev_note; of the last verb */
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

/*
 * Cookies that the caller keeps, for several verbs and one wait: dmk_udev_cookie_create(), then
 * verbs with udev_cookie in their options, then dmk_udev_cookie_wait(). A verb counts it up before
 * its request, and down again where the request failed or made udevd do nothing; it does not wait,
 * and leaves the node to udevd. Where the context does no handshake, verbs leave the cookie alone
 * and make and remove nodes. The key is 0x0D4D0001 to 0x0D4DFFFF, -EINVAL otherwise.
 * Errors, step DMK_STEP_UDEV: -ENOENT: there is no such semaphore; -EACCES, -EPERM; -ENOSYS: this
 * kernel has no semaphores; -ENOSPC: the system's table of semaphores is full.
 */
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
	DMK_CREATE_NO_VERIFY = 1 << 4		/* do not read a verity device's first block */
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
	uint64_t reserved[4];
};

/*
 * Makes a device: DEV_CREATE, TABLE_LOAD, resume, node; any failure undoes what was done, in
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
 * DMK_CREATE_NO_VERIFY is given, nothing is read. Since: 0.1
 */
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

/*
 * Puts the inactive table in, if there is one, and lets I/O go on; an active device without an
 * inactive table is left as it is. Then the node is made if it is missing. ret_info may be NULL.
 *
 * A target may refuse its table only now (thin-pool, cache, crypt, snapshot, ...), when Linux has
 * thrown the former one away and left the device suspended. So the live table is read before, and
 * loaded again where that happens: a device that was active runs on with it, one that was suspended
 * stays so, with DMK_LEFT_FORMER_LOADED. The refused table is gone either way. A device that had no
 * live table yet keeps the refused one. What could not be put back is told by the error's left and
 * undo_code. A suspend that failed leaves the loaded table in its slot. Since: 0.1
 */
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

/*
 * Loads table and swaps it in, in one atomic step of the kernel. With a timeout -EBUSY of the load
 * is tried again. ret_info may be NULL.
 *
 * On failure the device is as it was: the former table, which is read before, is put back where the
 * new one was refused at the resume, as dmk_resume() does it; what is not as it was is told by the
 * error's left and undo_code. The inactive slot: a load that fails leaves there what there was; one
 * that succeeded has thrown that away, and then the slot is empty. -EINVAL at DMK_STEP_LOAD, before
 * anything is changed: the live target is one that only itself and `error` may follow (thin-pool,
 * verity, multipath), or a pool would shrink or get blocks of another size. Since: 0.1
 */
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

/*
 * Removes a device. A try is one DEV_STATUS, the node away if nobody has the device open, one
 * DEV_REMOVE, and the node back if the device stays. -EBUSY is tried again, with growing pauses,
 * for 5 s or timeout_ms. The device is the one of the first DEV_STATUS, whatever has its name or
 * number later. ret_info (may be NULL) tells whether a deferred removal is pending, and by
 * DMK_INFO_GONE that the device went away by another hand while this call waited for it to be
 * closed.
 * -EBUSY: still open; holders in the error: to find them takes some three seconds at most beyond
 * the limit, else detail says that the search was cut short. -ENXIO: there is none, or another
 * process removed it between the DEV_STATUS and the DEV_REMOVE: only one of two is told 0 for an
 * idle device. Since: 0.1
 */
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
 * more. A failure before the first try, as of opening the control node, calls nothing. Since: 0.1
 */
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
 * ret_info may be NULL. A uuid cannot be taken back: what fails after the request leaves it. Since:
 * 0.1 */
DMK_API int dmk_set_uuid(struct dmk *dm, const struct dmk_id *id, const char *uuid,
			 const struct dmk_rename_options *options, struct dmk_info *ret_info);

/* Sets what HDIO_GETGEO answers. start_sectors is at most cylinders * heads * sectors. Since: 0.1
 */
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

/*
 * 1: *ret_event is the next thing that happened; 0: no more: poll() dmk_watch_fd(), then call
 * again. The first call, and each one after a 0, arms that and looks at the list; it never waits.
 * Whatever is there after a 0 has been told, but what came and went between two looks has not, and
 * one DMK_WATCH_EVENT can stand for several. Removals are told first, then renames, then all else.
 * The kernel does not wake the poll for a load, a suspend or a resume that only ends a suspend:
 * that one is told with the next look, if the one before has seen the suspend. A message that
 * changes what the table says is told as DMK_WATCH_RESUMED. Events need driver 4.38. After a
 * failure the next call looks again, and nothing is lost. Since: 0.1
 */
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

/*
 * Looks for all who hold a device, or a partition of it: devices on top, loop devices, swap, mounts
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
 * 4.11. Since: 0.1
 */
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

/*
 * Looks at what a table names, before the kernel is asked to take it; what a table's own words can
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
 * Since: 0.1
 */
DMK_API int dmk_table_check(struct dmk *dm, struct dmk_table *table,
			    const struct dmk_check_options *options);

/* ---- several devices as one text ------------------------------------------------------ */

/*
 * The form that dmsetup calls concise: NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]...[;NAME,...], where
 * UUID and MINOR may be empty, FLAGS are ro, rw or empty (rw), and a TABLE is the kernel's own text
 * of one segment. A backslash takes the next character as it is: ',', ';', a backslash, a blank at
 * the beginning or end of a field. Without ",TABLE" it is a device without a table.
 *
 * The kernel's parameter dm-mod.create= (built-in device-mapper, Linux 5.1) is that form with
 * limits: at most 4095 characters, 256 devices and 256 segments each, no escapes, and of targets
 * crypt, delay, linear, snapshot-origin, striped and verity alone.
 */
enum dmk_concise_flag {
	DMK_CONCISE_SHOW_KEYS = 1 << 0, /* key material as it is; without it, and without */
	DMK_CONCISE_HIDE_KEYS = 1 << 1, /* which makes zeros of it, a key is -EINVAL */
	DMK_CONCISE_BOOT = 1 << 2	/* for dm-mod.create=: its limits hold */
};

/*
 * The text of n devices, in this order, out of what dmk_get_table() gave for each, which is rewound
 * and otherwise left as it is. *ret_text is freed with free(); it has no newline. -EINVAL: a key
 * may not be shown, or a limit of DMK_CONCISE_BOOT is broken: the error has the device, the segment
 * and as argument what it is; -EBADMSG: a reply is corrupt; -ENOMEM. ret_error may be NULL.
 * Since: 0.1
 */
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

/*
 * Reads size bytes of text; no NUL is needed and none allowed. White space around a field and a
 * last ';' are ignored; an empty text is no device at all. The caller owns *ret_concise:
 * dmk_concise_free(), which wipes key material. Errors as dmk_table_add(), with the device, and
 * line and column in text. ret_error may be NULL. Since: 0.1
 */
DMK_API int dmk_concise_parse(const char *text, size_t size, struct dmk_concise **ret_concise,
			      struct dmk_error *ret_error);
/* 1: *ret_device is the next one; 0: no more. Since: 0.1 */
DMK_API int dmk_concise_next(struct dmk_concise *concise, struct dmk_concise_device *ret_device);
DMK_API void dmk_concise_rewind(struct dmk_concise *concise);
DMK_API uint32_t dmk_concise_count(const struct dmk_concise *concise);
DMK_API void dmk_concise_free(struct dmk_concise *concise);

/*
 * dmk_create() for each device of the text, in its order, with the same options; uuid and minor
 * are the text's. Where one fails, those made before are removed, the last one first, and the error
 * is that one's: all or none. Errors as dmk_create(). Since: 0.1
 */
DMK_API int dmk_create_concise(struct dmk *dm, struct dmk_concise *concise,
			       const struct dmk_create_options *options);

/* ---- what is wrong on this machine ---------------------------------------------------- */

/* What dmk_examine() may find. Values are fixed. Since: 0.1 */
enum dmk_finding_kind {
	DMK_FINDING_NO_DM = 1,		 /* the kernel has no device-mapper, or it is not loaded */
	DMK_FINDING_CONTROL_MISSING = 2, /* the control node, path. Can be mended */
	DMK_FINDING_CONTROL_WRONG = 3,	 /* something else is at path */
	DMK_FINDING_NOT_LISTED = 4,	 /* devices could not be looked at: code, detail */
	DMK_FINDING_NO_KERNEL_LOG = 5,	 /* code: the kernel's reasons are lost on this process. A
					    note */
	DMK_FINDING_NODE_MISSING = 6,	 /* path, of the device name. Can be mended */
	DMK_FINDING_NODE_WRONG = 7, /* path leads to another device or to none. Can be mended */
	DMK_FINDING_NODE_TAKEN = 8, /* path, where the node of name belongs, is something else */
	DMK_FINDING_NODE_STALE = 9, /* path is device-mapper's, and there is no such device. Can
				       be mended */
	DMK_FINDING_LINK_DANGLING = 10, /* path is a link to nothing; if it is udev's it can be
					   mended */
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
	DMK_FINDING_TABLE_UNFIT = 18,	/* the table does not fit its disk any more: other_*, detail
					 */
	DMK_FINDING_COOKIE_STALE = 19,	/* cookie, that nobody waits for any more. Can be mended */
	DMK_FINDING_STATUS_BAD = 20,	/* what the status of name says means trouble: target,
					   start_sectors, field, value, detail, advice. Some are
					   notes */
	DMK_FINDING_STATUS_LATE = 21,	/* the status of name was not answered in time; detail: how
					   long it was waited for */
	DMK_FINDING_SECOND_TABLE = 22,	/* name has another table loaded, which was never put in. A
					   note */
	DMK_FINDING_NAME_UNREADABLE = 23, /* libdevmapper's programs cannot read name, and list
					     nothing while it is there; advice. A note */
	DMK_FINDING_UDEV_UNTOLD = 24,	  /* udev's database, path, has name as a device not to be
					     used: it was made before udevd ran, or past it. With
					     its name in there a note */
	DMK_FINDING_COOKIE_KEPT = 25,	  /* cookie, made and not used yet, as by a script that is
					     at work. A note */
	DMK_FINDING_NODE_LEFT = 26,	  /* path was being made when its maker was killed. Can be
					     mended */
	DMK_FINDING_NAME_UNFIT = 27 /* the device name is called ".", ".." or "control": that can
				       be no node's */
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

/*
 * Looks at this machine and changes nothing: is device-mapper there, does each device have its
 * node, each node its device; which devices are suspended or have no table; what each target's
 * status says, without a flush and for 5 s at most, 0.5 s once one was late; are the disks below
 * still there, and the same; does udev know each device. Where devices cannot be looked at, that is
 * a finding and no failure. Without the control node nothing more is looked at: any verb would make
 * it. The caller owns *ret_findings: dmk_findings_free(). -EINVAL, -ENOMEM. Since: 0.1
 */
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

/*
 * Makes the nodes as the kernel has the devices: those that are missing or lead elsewhere are made,
 * device-mapper's that are no device's are removed. name NULL: all; else this one alone, whose node
 * is removed where there is no such device. A device whose deferred removal is pending gets
 * none: it would be there after it. Others may make and remove devices at the same time. It goes on
 * after a failure and returns the first one's. -EEXIST: something else stands in a node's place.
 * Since: 0.1
 */
DMK_API int dmk_sync_nodes(struct dmk *dm, const char *name);

#ifdef __cplusplus
}
#endif
#endif
