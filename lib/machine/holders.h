/* SPDX-License-Identifier: MIT */
/* Who keeps a block device busy: the search, in the parts that it has. */
#ifndef DMK_HOLDERS_H
#define DMK_HOLDERS_H

#include "found.h"

/* How many devices of one table are looked for after a load that ends with -EBUSY. */
#define DMK_MAX_NUMBERS 257

/* ---- holders.c ---- */
/* All of the below for each of numbers, n of them: one walk. -ENOMEM alone; then what was found so
 * far is there. */
int dmk_search_holders(struct dmk_holders *holders, const struct dmk_devno *numbers,
		       uint32_t n) DMK_MUST_CHECK;

/* ---- holders-tell.c: for a verb that ends with -EBUSY ---- */
#define DMK_NO_MEMORY_FOR_HOLDERS "there is no memory to look for all holders"

/* One device, and what is to be said of it. The same device may be there more than once. */
struct dmk_note {
	struct dmk_devno number;
	struct dmk_error *err;
};

/* Searches once for all of notes, n of them, and says in each err who it is, and what could not be
 * looked at. It takes some three seconds at most, then without the rest, and less if dm is
 * cancelled. */
void dmk_note_holders(const struct dmk *dm, const struct dmk_note *notes, uint32_t n);
/* For a load: those who may have claimed one of the devices that its table names. Other mappings
 * share them; who only has it open is told where nobody else is found. */
void dmk_note_claims(const struct dmk *dm, const struct dmk_devno *numbers, uint32_t n,
		     struct dmk_error *err);
/* Copies what owner has and there is room for into err's holders, counts the rest. */
void dmk_show_holders(const struct dmk_holders *holders, uint32_t owner, struct dmk_error *err);
/* What takes a device for itself alone. A mapping does too, but shares it with other mappings. */
bool dmk_is_claim(const struct dmk_holder *holder);

/* ---- claims.c: 1 or 0, or -ENOMEM ---- */
/* Whether anybody but a mapping has one of these, n of them, their disks or partitions. */
int dmk_find_users(const struct dmk *dm, const struct dmk_devno *numbers,
		   uint32_t n) DMK_MUST_CHECK;
/* Whether Linux would give device, of this number, to no target; then *ret_holder has it. */
int dmk_find_claim(const struct dmk *dm, const char *device, const struct dmk_devno *number,
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

#endif
