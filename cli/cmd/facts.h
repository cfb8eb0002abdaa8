/* SPDX-License-Identifier: MIT */
/* What list and tree tell of a device. */
#ifndef DMKIT_FACTS_H
#define DMKIT_FACTS_H

#include "cmd/places.h"

struct facts {
	const char *name; /* of a disk the kernel's; belongs to whoever listed it */
	const char *uuid; /* NULL: not known */
	uint32_t major;
	uint32_t minor;
	uint32_t event_nr;
	bool has_event_nr;
	bool mapping; /* else a disk, of which only the size and the places are known */
	/* What is below counts with known, what came with the table is 0 where only the state was
	 * asked. */
	bool known;
	int32_t open_count;
	uint32_t flags; /* enum dmk_info_flag */
	uint32_t segments;
	uint64_t size_sectors;
	char types[256];     /* of targets, each once, with commas */
	struct words mounts; /* where it is mounted; "[SWAP]" */
	struct words users;  /* devices that stand on it */
};

/* What is to be found out. */
enum facts_want {
	WANT_STATE = 1 << 0, /* one request; flags, segments, open_count */
	WANT_TABLE = 1 << 1, /* one request; these and size, types */
	WANT_MOUNTS = 1 << 2,
	WANT_USERS = 1 << 3,
};
/* places: NULL without WANT_MOUNTS. 0 or an exit code, reported; one that went away, or that has
 * another name or uuid by now, stays unknown. */
int facts_read(struct cli *cli, struct facts *facts, unsigned wants, const struct places *places);
void facts_drop(struct facts *facts);

#endif
