/* SPDX-License-Identifier: MIT */
/* A search of holders: what for, and what was found. */
#ifndef DMK_FOUND_H
#define DMK_FOUND_H

#include <stdbool.h>
#include <stdio.h>

#include "dmkit.h"
#include "base/util.h"

/* A device of the search: one that was asked for, or a partition or the disk of one. */
struct dmk_held {
	struct dmk_devno number;
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

struct dmk;
/* A search of /proc and /sys that ends at end_ns, 0: never, or as soon as the caller of dm, NULL:
 * nobody, cancels. */
void dmk_holders_init(struct dmk_holders *holders, const struct dmk *dm, int64_t end_ns);
void dmk_holders_clear(struct dmk_holders *holders);
/* Whether the search is to end now; the scope says then that it was cut short. */
bool dmk_holders_over(struct dmk_holders *holders);

/* The owner of partitions and the like is that of the device that they belong to. 0 or -ENOMEM */
int dmk_add_held(struct dmk_holders *holders, const struct dmk_devno *number,
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
bool dmk_set_has(const struct dmk_set *set, uint64_t key);
int dmk_set_add(struct dmk_set *set, uint64_t key) DMK_MUST_CHECK; /* 0 or -ENOMEM */
/* The name of a process's command; "" where it is not known. */
void dmk_command_of(const struct dmk_holders *holders, int32_t pid, char *name, size_t size);

#endif
