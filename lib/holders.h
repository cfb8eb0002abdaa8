/* SPDX-License-Identifier: MIT */
/* Who keeps a block device busy: the search, in the parts that it has. */
#ifndef DMK_HOLDERS_H
#define DMK_HOLDERS_H

#include <stdbool.h>
#include <stdio.h>

#include "dmkit.h"
#include "util.h"

/* The device and its partitions. */
#define DMK_MAX_NUMBERS 257

struct dmk_number {
	uint32_t major;
	uint32_t minor;
};

struct dmk_found {
	struct dmk_holder holder;
	uint64_t mount_id; /* of a mount: unique among all namespaces */
};

struct dmk_holders {
	const char *proc; /* "/proc", "/sys": a test has its own */
	const char *sys;
	struct dmk_number numbers[DMK_MAX_NUMBERS];
	uint32_t n_numbers;
	struct dmk_found *found;
	uint32_t n_found;
	uint32_t capacity;
	uint32_t next; /* of dmk_holders_next() */
	struct dmk_holders_scope scope;
};

/* ---- holders.c ---- */
/* All of the below for the first of numbers, n of them, into holders, which has its roots and is
 * otherwise zero. -ENOMEM alone; then what was found so far is there. */
int dmk_search_holders(struct dmk_holders *holders, const struct dmk_number *numbers,
		       uint32_t n) DMK_MUST_CHECK;
void dmk_holders_clear(struct dmk_holders *holders);
/* Copies what has room into err's holders, counts the rest. */
void dmk_show_holders(const struct dmk_holders *holders, struct dmk_error *err);
/* For a verb that ends with -EBUSY: searches, and says in err who it is, and what could not be
 * looked at. */
void dmk_note_holders(uint32_t major, uint32_t minor, struct dmk_error *err);

/* For a load that ends with -EBUSY: those who may have claimed one of the devices that its table
 * names. Other mappings share them; who only has it open is told where nobody else is found. */
void dmk_note_claims(const struct dmk_number *numbers, uint32_t n, struct dmk_error *err);

/* NULL: no memory. It stays the search's, and is all zero. */
struct dmk_found *dmk_add_holder(struct dmk_holders *holders);
bool dmk_is_held_number(const struct dmk_holders *holders, uint32_t major, uint32_t minor);
/* 1: what stands at path is a block device of the search; 0: it is something else; a negative
 * errno: it could not be looked at. Never waits for a server of a network file system. */
int dmk_is_held_path(const struct dmk_holders *holders, int dir, const char *path);
/* The first line of a small file; "" where there is none. */
void dmk_read_line(const char *path, char *line, size_t size);
/* Blanks stand in the kernel's lists as \040. */
void dmk_unescape(char *s);

/* ---- claims.c: 1 or 0, or -ENOMEM ---- */
/* Whether anybody but a mapping has one of these, n of them, their disks or partitions. */
int dmk_find_users(const struct dmk_number *numbers, uint32_t n) DMK_MUST_CHECK;
/* Whether Linux would give device, of this number, to no target; then *ret_holder has it. */
int dmk_find_claim(const char *device, const struct dmk_number *number,
		   struct dmk_holder *ret_holder) DMK_MUST_CHECK;

/* ---- holders-sysfs.c: 0 or -ENOMEM; what cannot be read adds none ---- */
void dmk_find_partitions(struct dmk_holders *holders);
/* Adds the disk of each of the first n numbers that is a partition. */
void dmk_find_disks(struct dmk_holders *holders, uint32_t n);
/* Of the numbers from index first on. */
int dmk_find_devices(struct dmk_holders *holders, uint32_t first) DMK_MUST_CHECK;
int dmk_find_loops(struct dmk_holders *holders) DMK_MUST_CHECK;

/* ---- holders-mounts.c: likewise ---- */
int dmk_find_swap(struct dmk_holders *holders) DMK_MUST_CHECK;
/* The mounts that the process sees; pid 0 is this one. Or the errno of opening its list. */
int dmk_find_mounts(struct dmk_holders *holders, int32_t pid) DMK_MUST_CHECK;

/* ---- holders-processes.c: likewise ---- */
/* Mounts in each mount namespace, and who has the device open. */
int dmk_walk_processes(struct dmk_holders *holders) DMK_MUST_CHECK;
void dmk_command_of(const struct dmk_holders *holders, int32_t pid, char *name, size_t size);

#endif
