/* SPDX-License-Identifier: MIT */
/*
 * Stacks: a tree of devices as one thing, planned, applied and taken down as one.
 *
 * A stack has a name and devices; in a table's device keys @NAME is another device of the stack,
 * which goes to the kernel as MAJOR:MINOR. The uuid of each of its devices begins with
 * "DMKIT-" STACK "-", and no call here touches a device whose uuid does not. Nothing is kept but
 * that: what is up is asked of the kernel.
 *
 *	struct dmk_stack *stack;
 *	struct dmk_key_value pool[] = { { "device", "/dev/vdb", 0 } }, top[] = { { "device", "@a", 0 } };
 *
 *	dmk_stack_new("demo", &stack);
 *	dmk_stack_add_device(stack, "a", NULL);
 *	dmk_stack_add_keys(stack, "linear", pool, 1);
 *	dmk_stack_add_device(stack, "b", NULL);
 *	dmk_stack_add_keys(stack, "linear", top, 1);
 *	r = dmk_stack_apply(dm, stack, NULL);
 *
 * libc alone; text is read by the command.
 */
#ifndef DMKIT_STACK_H
#define DMKIT_STACK_H

#include <dmkit.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DMK_STACK_NAME_SIZE 65 /* letters, digits, . _ + and no -, which ends it in a uuid */

struct dmk_stack; /* what is wanted */
struct dmk_plan;  /* what is to be done for it */

/* The caller owns *ret_stack: dmk_stack_free(), which wipes key material. -EINVAL, -ENAMETOOLONG:
 * no such name is allowed; -ENOMEM. Since: 0.1 */
DMK_API int dmk_stack_new(const char *name, struct dmk_stack **ret_stack);
DMK_API void dmk_stack_free(struct dmk_stack *stack);
DMK_API const char *dmk_stack_name(const struct dmk_stack *stack);
DMK_API uint32_t dmk_stack_count(const struct dmk_stack *stack);
/* Of the last dmk_stack_add_*() call: device, line (that of the device), segment, argument (the word
 * at fault) and detail. Never NULL. What is wrong with the stack as a whole (unknown names, cycles)
 * is told by dmk_last_error() after a plan or apply, with the same fields. */
DMK_API const struct dmk_error *dmk_stack_error(const struct dmk_stack *stack);

/* Zero it before use. What has to do with making the device is of no matter where it is there. */
struct dmk_stack_device {
	uint32_t flags; /* DMK_CREATE_READONLY, _FIXED_MINOR, _READ_AHEAD, _READ_AHEAD_MINIMUM,
			   _NO_VERIFY */
	uint32_t uid;
	uint32_t gid;
	uint32_t mode;
	uint32_t minor;
	uint32_t node_policy; /* enum dmk_node_policy */
	uint32_t read_ahead_sectors;
	uint32_t udev_flags; /* enum dmk_udev_flag */
	uint32_t line;	     /* where it stands in its text, for errors; 0: nowhere */
	uint32_t unused;
	const char *uuid; /* behind "DMKIT-STACK-"; NULL: the device's name */
	uint64_t reserved[4];
};

/* The device that the next calls add to. All is copied. -EEXIST: the name or uuid is taken in this
 * stack; -EINVAL: no device has such a name, or it holds a blank or ':', where @NAME would end. A
 * failure leaves the stack as it was. Since: 0.1 */
DMK_API int dmk_stack_add_device(struct dmk_stack *stack, const char *name,
				 const struct dmk_stack_device *options);
/* A segment, as dmk_table_add_keys(): a device in a value may be @NAME, of a device that is added
 * before or after. Without a size it is what the device has from its offset on; of @NAME as it will
 * be then. A device that is not there is the plan's to tell, and apply waits for it as long as it
 * may. What cannot be told before all are added is refused by the plan. Errors as
 * dmk_table_add_keys(). Since: 0.1 */
DMK_API int dmk_stack_add_keys(struct dmk_stack *stack, const char *type,
			       const struct dmk_key_value *pairs, uint32_t n);
/* A segment in the kernel's words, as dmk_table_add(); whole words may be @NAME. Since: 0.1 */
DMK_API int dmk_stack_add_segment(struct dmk_stack *stack, uint64_t start_sectors,
				  uint64_t length_sectors, const char *type, const char *params);
/* Sent to device (a name of this stack, added before or after) once, before the device being added
 * is made, and only where that one is new. -EEXIST of the kernel is no failure: an apply that was
 * killed had sent it. A thin pool's create_thin and create_snap are taken back by a delete where the
 * apply fails. Since: 0.1 */
DMK_API int dmk_stack_add_message(struct dmk_stack *stack, const char *device, const char *text);

/* Values are fixed. */
enum dmk_plan_kind {
	DMK_PLAN_KEEP = 1, /* as it should be: not touched */
	DMK_PLAN_CREATE = 2,
	DMK_PLAN_CHANGE = 3, /* another table, or read-only or not; or only its flags say what */
	DMK_PLAN_REMOVE = 4, /* of the stack, and not in its text any more */
	DMK_PLAN_PAUSE = 5   /* stands on one that changes: suspended and resumed with it */
};

enum dmk_plan_flag {
	DMK_PLAN_OPEN = 1 << 0, /* somebody has it open who is not of the stack */
	DMK_PLAN_SHRINKS = 1 << 1,
	DMK_PLAN_SUSPENDED = 1 << 2, /* it is, and will not be */
	DMK_PLAN_INACTIVE = 1 << 3,  /* it has a second table loaded, which goes */
	DMK_PLAN_HALF_MADE = 1 << 4, /* of CREATE: it is there without a table, and made again */
	DMK_PLAN_READONLY = 1 << 5,  /* it will be */
	DMK_PLAN_WAS_READONLY = 1 << 6,
	DMK_PLAN_DEFERRED = 1 << 7 /* its removal is deferred, and will not be */
};

struct dmk_plan_step {
	uint32_t kind;	/* enum dmk_plan_kind */
	uint32_t flags; /* enum dmk_plan_flag */
	uint32_t major; /* 0: there is none yet */
	uint32_t minor;
	uint32_t line; /* of the stack's device; 0: none */
	uint32_t unused;
	const char *name;
	const char *before; /* its table now, a line each segment, without newline at the end, @NAME
			       for what is of the stack; NULL: none. Key material is hidden */
	const char *after;  /* NULL: none. Of KEEP and PAUSE: before */
	uint64_t reserved[4];
};

enum dmk_stack_flag {
	DMK_STACK_ALLOW_BUSY = 1 << 0, /* remove or shrink what is open (deferred) */
	DMK_STACK_STRICT = 1 << 1,     /* two devices over the same sectors are refused */
	/* Of apply, with ret_plan: what it makes goes when the plan is freed or this process ends,
	 * killed too, and nobody else has it open: the plan holds an fd of each top device, and the
	 * removal of all is deferred already. Nodes that udevd does not make stay then. */
	DMK_STACK_EPHEMERAL = 1 << 2
};

typedef void (*dmk_stack_note_fn)(void *userdata, const struct dmk_error *note);

struct dmk_stack_options {
	uint32_t flags; /* enum dmk_stack_flag */
	uint32_t unused;
	int64_t timeout_ms;
	dmk_stack_note_fn note; /* of what is no error: overlaps; NULL: nobody asks */
	void *userdata;
	uint64_t reserved[4];
};

/* What apply would do, in the order in which it would; one list and at most two requests a device.
 * The caller owns *ret_plan, which outlives stack.
 * -EINVAL: cycles, unknown names, a segment that cannot be; -EEXIST: a device of that name is not of
 * the stack, or two lie over the same sectors (strict); -EBUSY: a snapshot-origin that is not of the
 * stack, and not suspended, writes to the origin of a snapshot that comes, and would save its writes
 * in part: the error has device and line. Since: 0.1 */
DMK_API int dmk_stack_plan(struct dmk *dm, struct dmk_stack *stack,
			   const struct dmk_stack_options *options, struct dmk_plan **ret_plan);
/* 1: *ret_step is the next one, which belongs to the plan; 0: no more. */
DMK_API int dmk_plan_next(struct dmk_plan *plan, struct dmk_plan_step *ret_step);
DMK_API void dmk_plan_rewind(struct dmk_plan *plan);
/* How many steps change something. */
DMK_API uint32_t dmk_plan_changes(const struct dmk_plan *plan);
DMK_API void dmk_plan_free(struct dmk_plan *plan);

/* Plans, and makes it so: new devices bottom up; changed tables loaded everywhere, then suspended
 * top down and resumed bottom up; what is gone from the text last. A new snapshot is made in the same
 * pause, while the stack's snapshot-origins of its origin are suspended: only when they are resumed
 * do they look at the size of its chunks. Whatever fails, all is as it was
 * before, or the error's undo_code and left say what is not. A second table that was loaded, and
 * what an apply that was killed has left, is cleared for good. timeout_ms is one limit for all of
 * it. ret_plan may be NULL: what was done. -EBUSY: somebody has a device open that shrinks or goes,
 * with holders, before anything is changed; else as the step that failed, the error has device and
 * line. Since: 0.1 */
DMK_API int dmk_stack_apply(struct dmk *dm, struct dmk_stack *stack,
			    const struct dmk_stack_options *options, struct dmk_plan **ret_plan);

/* Removes all devices of the stack that are up, top down, independent ones at a time; all or none,
 * as apply. -EBUSY: who is in the way; -ENXIO: nothing of it is up. Since: 0.1 */
DMK_API int dmk_stack_down(struct dmk *dm, const char *name,
			   const struct dmk_stack_options *options);

/* error NULL: the stack number index is down. */
typedef void (*dmk_stack_down_fn)(void *userdata, uint32_t index, const struct dmk_error *error);
/* Several stacks, up to 64 at a time, in threads with connections of their own; where there can be
 * none, with a transport hook say, one after another. Each as dmk_stack_down() does it, whatever
 * becomes of the others; all have the same timeout_ms. Afterwards down (may be NULL) is called for
 * each of them, in the order of the names, and may use the connection. The first failure in that
 * order is the call's. Since: 0.1 */
DMK_API int dmk_stack_down_many(struct dmk *dm, const char *const *names, uint32_t n,
				const struct dmk_stack_options *options, dmk_stack_down_fn down,
				void *userdata);

/* A stack that is up. */
struct dmk_stack_state {
	char name[DMK_STACK_NAME_SIZE];
	uint32_t n_devices;
	uint32_t n_suspended;
	uint32_t n_no_table; /* the work of one that was killed, most likely */
	uint32_t n_open;
	uint64_t reserved[4];
};
struct dmk_stacks;

DMK_API int dmk_list_stacks(struct dmk *dm, struct dmk_stacks **ret_stacks);
DMK_API int dmk_stacks_next(struct dmk_stacks *stacks, struct dmk_stack_state *ret_state);
DMK_API void dmk_stacks_free(struct dmk_stacks *stacks);

/* ---- devices of an owner -------------------------------------------------------------- */

/* An owner is a name, as a stack's. The uuid of its devices says on behalf of which process each was
 * made: DMKIT-OWNER-PID.TIME.BOOT, the time in hex nanoseconds since that boot. Once that process
 * has ended and nobody has it open, such a device is garbage. To stacks those of an owner are
 * devices of a stack of that name: dmk_stack_down() removes all of them. */

#define DMK_OWNER_UUID_SIZE 129

/* A uuid that no other device has, for struct dmk_create_options. pid 0: this process. buf has
 * DMK_OWNER_UUID_SIZE bytes. -EINVAL, -ENAMETOOLONG: no such owner is allowed; else as reading
 * /proc/sys/kernel/random/boot_id failed. Since: 0.1 */
DMK_API int dmk_owner_uuid(const char *owner, uint32_t pid, char *buf);

/* Values are fixed. */
enum dmk_owned_state {
	DMK_OWNED_GARBAGE = 1, /* its process has ended, and nobody but garbage has it open */
	DMK_OWNED_ALIVE = 2,   /* the process is there, or may be: another pid namespace's is not */
	DMK_OWNED_OPEN = 3     /* the process has ended, and somebody has it open */
};

struct dmk_owned {
	const char *name;
	const char *uuid; /* by this it can be removed, and by nothing else: no other has it */
	uint32_t state;	  /* enum dmk_owned_state */
	uint32_t pid;
	uint32_t major;
	uint32_t minor;
	uint64_t reserved[4];
};
struct dmk_owned_devices;

/* Those of an owner whose uuid says a process, one list and at most two requests for each; to remove
 * what is garbage is dmk_remove_many()'s work. The caller owns *ret_owned. -EINVAL, -ENAMETOOLONG:
 * no such owner is allowed. Since: 0.1 */
DMK_API int dmk_list_owned(struct dmk *dm, const char *owner, struct dmk_owned_devices **ret_owned);
/* 1: *ret_owned is the next one, which belongs to the list; 0: no more. */
DMK_API int dmk_owned_next(struct dmk_owned_devices *devices, struct dmk_owned *ret_owned);
DMK_API void dmk_owned_free(struct dmk_owned_devices *devices);

#ifdef __cplusplus
}
#endif

#endif
