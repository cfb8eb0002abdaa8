/* SPDX-License-Identifier: MIT */
/* Which of several devices stands on which: in what order they can go. */
#ifndef DMK_ORDER_H
#define DMK_ORDER_H

#include "kernel/context.h"

#define DMK_ORDER_NONE UINT32_MAX

struct dmk_order_place {
	uint32_t major; /* 0: there is no such device, or it could not be asked */
	uint32_t minor;
	uint32_t above; /* how many of the others stand on it */
	uint32_t n_deps;
	size_t first_dep;
	char *text; /* malloc'd, for an id by number alone: its uuid, or its name if it has none */
	bool by_uuid;	    /* text is its uuid */
	uint32_t uuid_hash; /* dmk_uuid_hash() */
	bool again;	    /* the same device as an earlier one */
};

struct dmk_order {
	uint32_t n;
	struct dmk_order_place *places; /* one for each id, in their order */
	struct dmk_devno *deps;		/* of all */
	size_t n_deps;
	size_t room;
	uint32_t *slots; /* by number, open addressing; 0: empty, else the place's index + 1 */
	uint32_t mask;
};

/* One DM_TABLE_DEPS for each id. An id that is none, or a device that cannot be asked, is a place
 * alone: its own request will tell why. -ENOMEM alone, which fails the verb. Then, in any case,
 * dmk_order_free(). */
int dmk_order_read(struct dmk *dm, const struct dmk_id *ids, uint32_t n,
		   struct dmk_order *order) DMK_MUST_CHECK;
void dmk_order_free(struct dmk_order *order);

/* What place stands on, number by number; DMK_ORDER_NONE: none of the ids. */
uint32_t dmk_order_below(const struct dmk_order *order, uint32_t place, uint32_t dep);

#endif
