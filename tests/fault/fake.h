/* SPDX-License-Identifier: MIT */
/*
 * A device-mapper driver in memory, behind dmk_set_transport(). It exists to inject faults and to
 * answer as Linux 6.1's drivers/md/dm-ioctl.c does, whose behaviour it repeats: the sizes that
 * replies need, `next`, BUFFER_FULL, what is copied back and what is not. What targets do to data
 * is not its business.
 */
#ifndef DMK_TEST_FAKE_H
#define DMK_TEST_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dmkit.h"
#include "wire/uapi.h"

#define FAKE_MAJOR 254
#define FAKE_LOG 512

struct fake_target {
	uint64_t start;
	uint64_t length;
	char type[DM_MAX_TYPE_NAME];
	char *params;
};

struct fake_table {
	uint32_t count;
	bool readonly;
	struct fake_target *targets;
};

struct fake_device {
	char name[DM_NAME_LEN];
	char uuid[DM_UUID_LEN];
	uint32_t minor;
	struct fake_table *live;
	struct fake_table *inactive;
	bool suspended;
	bool readonly;
	bool deferred;
	bool held;	    /* when it was marked so */
	int32_t open_count; /* by processes; tables of others come to it */
	uint32_t event_nr;
};

/* What the metadata of a pool of this name have, as long as the disks are there: a bit for each id.
 */
struct fake_pool {
	char name[DM_NAME_LEN];
	uint64_t thins;
};

/* How a call that a rule hits goes wrong. */
enum fake_fault {
	FAKE_BEFORE = 0,   /* nothing is done, rule.code is returned, the request is not touched */
	FAKE_AFTER,	   /* all is done, then rule.code */
	FAKE_SWAP_FAILS,   /* a resume that swaps: suspended, the new table destroyed, rule.code */
	FAKE_RESUME_FAILS, /* a resume that swaps: the new table is live, still suspended, rule.code
			    */
	FAKE_NAME_ENDLESS, /* from here on: success, with a corrupt reply */
	FAKE_UUID_ENDLESS,
	FAKE_SIZE_HUGE,	   /* data_size beyond the buffer */
	FAKE_START_LOW,	   /* data_start inside the header */
	FAKE_START_HIGH,   /* data_start beyond the buffer */
	FAKE_COUNT_HUGE,   /* target_count: more than there are */
	FAKE_PAYLOAD_ONES, /* every byte of the payload is 0xff */
	FAKE_PAYLOAD_CUT,  /* the payload ends after its first byte */
	FAKE_VERSION_5,
	FAKE_FULL /* BUFFER_FULL, whatever the size */
};

/* Which calls: the count-th ones of command, counted from 1 since the rule was added; count 0: all
 * later ones. */
struct fake_rule {
	int command; /* -1: any */
	uint32_t from;
	uint32_t count;
	enum fake_fault fault;
	int code; /* a negative errno */
	uint32_t seen;
};

/* One request as it came. */
struct fake_call {
	uint32_t command;
	uint32_t size;
	int result;
	struct dm_ioctl io;
};

struct fake {
	uint32_t minor_version;
	struct fake_device **devices; /* sorted by name */
	size_t n_devices;

	struct fake_pool pools[2];

	struct fake_rule rules[8];
	size_t n_rules;

	/* A load whose parameters hold this word fails with missing_code: a backing device that is
	 * away. */
	const char *missing;
	int missing_code;

	/* Before each call is looked at: the world may change here. */
	void (*on_call)(struct fake *fake, uint32_t command, uint32_t number, void *data);
	void *on_call_data;

	uint32_t calls; /* all, DM_VERSION included */
	uint32_t calls_of[DMK_CMD_COUNT];
	uint32_t global_event_nr;
	struct fake_call log[FAKE_LOG]; /* the first ones */
};

struct fake *fake_new(uint32_t minor_version);
void fake_free(struct fake *fake);
int fake_transport(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size);

void fake_add_rule(struct fake *fake, int command, uint32_t from, uint32_t count,
		   enum fake_fault fault, int code);
void fake_clear_rules(struct fake *fake);
void fake_clear_log(struct fake *fake);

/* What other programs do. */
struct fake_device *fake_find(struct fake *fake, const char *name);
struct fake_device *fake_add_device(struct fake *fake, const char *name, const char *uuid);
void fake_set_live(struct fake_device *device, uint64_t length, const char *type,
		   const char *params);
/* As an inactive table, in place of one that is there. */
void fake_set_inactive(struct fake_device *device, uint64_t length, const char *type,
		       const char *params);
void fake_rename_device(struct fake *fake, struct fake_device *device, const char *name);
void fake_open(struct fake_device *device);
void fake_close(struct fake *fake, struct fake_device *device); /* carries out a deferred remove */
void fake_drop(struct fake *fake, struct fake_device *device);

/* All devices, a line each, as text to be compared. The caller frees it. */
char *fake_dump(const struct fake *fake);

#endif
