/* SPDX-License-Identifier: MIT */
/* What is done while calls fail, and the world in which it is done. */
#ifndef DMK_TEST_SCENARIO_H
#define DMK_TEST_SCENARIO_H

#include "fake.h"
#include "memfs.h"
#include "wraps.h"

struct world {
	struct fake *fake;
	struct dmk *dm;
	struct dmk_table *table;
};

/* Of a verb that failed. */
enum scenario_undo {
	UNDO_ALL = 0, /* all is as it was */
	UNDO_PART     /* some of it is not to be undone (see the scenario); nothing is half done */
};

struct scenario {
	const char *name;
	uint32_t driver_minor; /* 0: 47 */
	bool no_dir;	       /* the node folder is missing */
	bool no_renameat2;
	bool secret; /* the table carries a key */
	bool cookie; /* the caller's own is there, and stays */
	enum scenario_undo undo;
	void (*prepare)(struct world *world);
	int (*act)(struct world *world);
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

/* A world as the scenario wants it, with a connection that has sent nothing yet. */
void world_open(struct world *world, const struct scenario *scenario);
/* The verb alone: faults are armed and memory is counted while it runs. */
int world_act(struct world *world, const struct scenario *scenario);
void world_close(struct world *world);
/* Devices and nodes as text. The caller frees it. */
char *world_dump(const struct world *world);
/* The number of this process's open files. */
int count_fds(void);

/* The transport: a request is an event like any other, and the fake's own calls are none. */
int world_transport(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size);

/* A node that stands there already. */
void add_node(const char *name, unsigned int major, unsigned int minor);
void add_link(const char *name, const char *to);

#endif
