/* SPDX-License-Identifier: MIT */
/* Which number a text has: names of a stack, names and uuids of what is up. */
#ifndef DMK_STACK_NAMES_H
#define DMK_STACK_NAMES_H

#include "base/util.h"

struct dmk_name_slot {
	const char *name; /* the caller's; NULL: empty */
	uint32_t index;
};

/* Zero it before use. */
struct dmk_names {
	struct dmk_name_slot *slots; /* open addressing, at most half of them taken */
	uint32_t room;		     /* a power of two, or 0 */
	uint32_t n;
};

#define DMK_NO_INDEX UINT32_MAX

/* Room for one more, so that the next dmk_names_add() needs no memory. -ENOMEM. */
int dmk_names_reserve(struct dmk_names *names) DMK_MUST_CHECK;
/* -EEXIST: it is there; -ENOMEM. */
int dmk_names_add(struct dmk_names *names, const char *name, uint32_t index) DMK_MUST_CHECK;
/* DMK_NO_INDEX: it is not there. */
uint32_t dmk_names_find(const struct dmk_names *names, const char *name, size_t length);
void dmk_names_free(struct dmk_names *names);

#endif
