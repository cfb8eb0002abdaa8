/* SPDX-License-Identifier: MIT */
#ifndef DMK_FINDINGS_H
#define DMK_FINDINGS_H

#include "kernel/context.h"

struct dmk_findings {
	struct dmk_finding *items;
	uint32_t n;
	uint32_t room;
	uint32_t next; /* of dmk_findings_next() */
	bool late;     /* a status was not answered in time */
	struct dmk_facts facts;
};

/* A new one, all zero but its kind, flags as they are for this kind. NULL: no memory. */
struct dmk_finding *dmk_add_finding(struct dmk_findings *findings, uint32_t kind);

/* A device of the list. */
struct dmk_listed {
	char name[DMK_NAME_SIZE];
	uint32_t major;
	uint32_t minor;
	bool has_table; /* a live one: then it has a node, unless */
	bool going;	/* it is removed with its last close */
};

/* One of this device. */
struct dmk_finding *dmk_add_finding_of(struct dmk_findings *findings, uint32_t kind,
				       const struct dmk_listed *device);
/* Sets its advice: text, in which '@' stands for its device's name as a word of a shell. */
void dmk_advise(struct dmk_finding *finding, const char *text);

/* All devices, sorted by name. */
struct dmk_listing {
	struct dmk_listed *devices;
	uint32_t n;
};

int dmk_listing_read(struct dmk *dm, struct dmk_listing *ret_listing) DMK_MUST_CHECK;
void dmk_listing_free(struct dmk_listing *listing);

#endif
