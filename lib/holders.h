/* SPDX-License-Identifier: MIT */
/* Who keeps a block device busy: the search, in the parts that it has. */
#ifndef DMK_HOLDERS_H
#define DMK_HOLDERS_H

#include <stdbool.h>
#include <stdio.h>

#include "dmkit.h"
#include "util.h"

/* How many devices of one table are looked for after a load that ends with -EBUSY. */
#define DMK_MAX_NUMBERS 257

struct dmk_number {
	uint32_t major;
	uint32_t minor;
};

/* A device of the search: one that was asked for, or a partition or the disk of one. */
struct dmk_held {
	struct dmk_number number;
	uint32_t owner; /* the index of the one that was asked for */
};

struct dmk_found {
	struct dmk_holder holder;
	uint32_t owner;
	uint32_t order;
};

/* Numbers that were seen before. Zero it. */
struct dmk_set {
	uint64_t *keys; /* 0: free */
	size_t n;
	size_t capacity; /* a power of two */
};

/* A mount whose files do not have the device's number: btrfs. */
struct dmk_anonymous {
	uint64_t mount_id;
	struct dmk_held held;
};

struct dmk_holders {
	const char *proc; /* "/proc", "/sys": a test has its own */
	const char *sys;
	int64_t end_ns; /* when the search is cut short; 0: never */
	const volatile int32_t *cancel_flag;

	struct dmk_held *held; /* in the order in which they were added */
	uint32_t n_held;
	uint32_t held_capacity;
	uint32_t n_owners;
	struct dmk_held *sorted; /* the same by number: dmk_sort_held() */
	uint32_t n_sorted;

	struct dmk_found *found;
	uint32_t n_found;
	uint32_t capacity;
	struct dmk_set mounts; /* the numbers of those that were found: unique among namespaces */
	struct dmk_anonymous *anonymous;
	uint32_t n_anonymous;

	uint32_t next; /* of dmk_holders_next() */
	struct dmk_holders_scope scope;
};

/* ---- holders.c ---- */
struct dmk;
/* A search of /proc and /sys that ends at end_ns, 0: never, or as soon as the caller of dm, NULL:
 * nobody, cancels. */
void dmk_holders_init(struct dmk_holders *holders, const struct dmk *dm, int64_t end_ns);
/* All of the below for each of numbers, n of them: one walk. -ENOMEM alone; then what was found so
 * far is there. */
int dmk_search_holders(struct dmk_holders *holders, const struct dmk_number *numbers,
		       uint32_t n) DMK_MUST_CHECK;
void dmk_holders_clear(struct dmk_holders *holders);
/* Whether the search is to end now; the scope says then that it was cut short. */
bool dmk_holders_over(struct dmk_holders *holders);

/* The owner of partitions and the like is that of the device that they belong to. 0 or -ENOMEM */
int dmk_add_held(struct dmk_holders *holders, const struct dmk_number *number,
		 uint32_t owner) DMK_MUST_CHECK;
/* After the last one was added, before the first is looked for. 0 or -ENOMEM */
int dmk_sort_held(struct dmk_holders *holders) DMK_MUST_CHECK;
/* NULL: no device of the search. */
const struct dmk_held *dmk_find_held(const struct dmk_holders *holders, uint32_t major,
				     uint32_t minor);
/* NULL: no memory. It stays the search's, and is zero but for kind. */
struct dmk_found *dmk_add_holder(struct dmk_holders *holders, uint32_t owner, uint32_t kind);
/* Those that belong together: by owner, and processes that use a file system after its mounts. */
void dmk_sort_found(struct dmk_holders *holders);

/* What stands at a path: a device of the search, and whether it is in a file system on one. */
struct dmk_place {
	const struct dmk_held *node;
	const struct dmk_held *below;
};

/* 0, or why it could not be looked at. Never waits for a server of a network file system. */
int dmk_look_at_path(const struct dmk_holders *holders, int dir, const char *path,
		     struct dmk_place *ret_place) DMK_MUST_CHECK;
/* The first line of a small file; "" where there is none. */
void dmk_read_line(const char *path, char *line, size_t size);
/* Blanks stand in the kernel's lists as \040. */
void dmk_unescape(char *s);
bool dmk_set_has(const struct dmk_set *set, uint64_t key);
int dmk_set_add(struct dmk_set *set, uint64_t key) DMK_MUST_CHECK; /* 0 or -ENOMEM */

/* ---- holders-tell.c: for a verb that ends with -EBUSY ---- */
#define DMK_NO_MEMORY_FOR_HOLDERS "there is no memory to look for all holders"

/* One device, and what is to be said of it. The same device may be there more than once. */
struct dmk_note {
	struct dmk_number number;
	struct dmk_error *err;
};

/* Searches once for all of notes, n of them, and says in each err who it is, and what could not be
 * looked at. It takes some three seconds at most, then without the rest, and less if dm is
 * cancelled. */
void dmk_note_holders(const struct dmk *dm, const struct dmk_note *notes, uint32_t n);
/* For a load: those who may have claimed one of the devices that its table names. Other mappings
 * share them; who only has it open is told where nobody else is found. */
void dmk_note_claims(const struct dmk *dm, const struct dmk_number *numbers, uint32_t n,
		     struct dmk_error *err);
/* Copies what owner has and there is room for into err's holders, counts the rest. */
void dmk_show_holders(const struct dmk_holders *holders, uint32_t owner, struct dmk_error *err);
/* What takes a device for itself alone. A mapping does too, but shares it with other mappings. */
bool dmk_is_claim(const struct dmk_holder *holder);

/* ---- claims.c: 1 or 0, or -ENOMEM ---- */
/* Whether anybody but a mapping has one of these, n of them, their disks or partitions. */
int dmk_find_users(const struct dmk *dm, const struct dmk_number *numbers,
		   uint32_t n) DMK_MUST_CHECK;
/* Whether Linux would give device, of this number, to no target; then *ret_holder has it. */
int dmk_find_claim(const struct dmk *dm, const char *device, const struct dmk_number *number,
		   struct dmk_holder *ret_holder) DMK_MUST_CHECK;

/* ---- holders-sysfs.c: 0 or -ENOMEM; what cannot be read adds none ---- */
int dmk_find_partitions(struct dmk_holders *holders) DMK_MUST_CHECK;
/* Adds the disk of each of the first n that is a partition. */
int dmk_find_disks(struct dmk_holders *holders, uint32_t n) DMK_MUST_CHECK;
/* Of those from index first up to end. */
int dmk_find_devices(struct dmk_holders *holders, uint32_t first, uint32_t end) DMK_MUST_CHECK;
int dmk_find_loops(struct dmk_holders *holders) DMK_MUST_CHECK;

/* ---- holders-mounts.c: likewise ---- */
int dmk_find_swap(struct dmk_holders *holders) DMK_MUST_CHECK;
/* The mounts that the process sees; pid 0 is this one. Or the errno of opening its list. */
int dmk_find_mounts(struct dmk_holders *holders, int32_t pid) DMK_MUST_CHECK;

/* ---- holders-processes.c: likewise ---- */
/* Mounts in each mount namespace, who has a device open, and who uses a file system on it. */
int dmk_walk_processes(struct dmk_holders *holders) DMK_MUST_CHECK;
void dmk_command_of(const struct dmk_holders *holders, int32_t pid, char *name, size_t size);

#endif
