/* SPDX-License-Identifier: MIT */
/* A loaded table put in, and the former one put back where that is refused. */
#include "swap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "wire/request.h"
#include "rows/target.h"

#define RACED_MS 500 /* another process's swap, and no longer than needed: I/O waits meanwhile */

/* How large the reply is as a table to be loaded, and whether a key may be in it. */
static int measure(struct dmk_segments *segments, struct dmk_table *table)
{
	struct dmk_segment segment;
	int r;

	table->capacity = sizeof(struct dm_ioctl);
	while ((r = dmk_segments_next(segments, &segment)) == 1) {
		table->capacity += dmk_spec_size(strlen(segment.params));
		table->secret = table->secret || dmk_type_may_be_secret(segment.type);
	}
	dmk_segments_rewind(segments);
	return r;
}

static char *locked_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	(void)mlock(memory, size); /* as for a load: no reason to fail */
	dmk_no_dump(memory, size);
	return memory;
}

/* The reply as a table that can be loaded. */
static int copy_table(struct dmk_segments *segments, struct dmk_table *table)
{
	struct dmk_segment segment;
	int r = measure(segments, table);

	if (r < 0)
		return r;
	table->data = table->secret ? locked_memory(table->capacity) : malloc(table->capacity);
	if (!table->data)
		return -ENOMEM;
	table->size = sizeof(struct dm_ioctl);
	while ((r = dmk_segments_next(segments, &segment)) == 1) {
		size_t length = strlen(segment.params);

		dmk_spec_write(table->data + table->size, &segment, length);
		table->size += dmk_spec_size(length);
		table->count++;
	}
	return r;
}

int dmk_former_read(struct dmk *dm, const struct dmk_id *id, struct dmk_former *former)
{
	struct dmk_segments *segments;
	int r;

	if (dm->dry_run)
		return 0;
	r = dmk_read_table(dm, id, &segments);
	if (r < 0)
		return r;
	former->info = *dmk_segments_info(segments);
	r = copy_table(segments, &former->table);
	former->known = r == 0;
	dmk_segments_free(segments); /* wipes it */
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_TABLE, r) : 0;
}

void dmk_former_free(struct dmk_former *former)
{
	struct dmk_table *table = &former->table;

	if (!table->data)
		return;
	if (!table->secret) {
		free(table->data);
		return;
	}
	dmk_wipe(table->data, table->capacity);
	munmap(table->data, table->capacity);
}

static bool is_same(struct dmk_segments *live, struct dmk_table *table)
{
	bool same = dmk_segments_count(live) == table->count;
	struct dmk_segment now, before;

	for (uint32_t i = 0; same && i < table->count; i++)
		same = dmk_segments_next(live, &now) == 1 &&
		       dmk_table_get(table, i, &before) == 0 &&
		       now.start_sectors == before.start_sectors &&
		       now.length_sectors == before.length_sectors &&
		       strcmp(now.type, before.type) == 0 && strcmp(now.params, before.params) == 0;
	return same;
}

/* Not one of DMK_LEFT_*: what has the name or uuid now is none of ours. */
#define OTHER_DEVICE UINT32_MAX

/* 0: the live table is still, or again, the former one; else a DMK_LEFT_*, or OTHER_DEVICE. */
static uint32_t live_table(struct dmk *dm, const struct dmk_id *id, struct dmk_former *former)
{
	struct dmk_segments *live;
	bool same, other;

	if (!former->known)
		return 0;
	if (dmk_read_table(dm, id, &live) < 0)
		return DMK_LEFT_UNKNOWN;
	other = !dmk_same_device(&former->info, dmk_segments_info(live));
	same = is_same(live, &former->table);
	dmk_segments_free(live);
	if (other)
		return OTHER_DEVICE;
	return same ? 0 : DMK_LEFT_NEW_TABLE;
}

static int resume(struct dmk *dm, const struct dmk_id *id, const struct dmk_former *former)
{
	struct dmk_call call = { .command = DM_DEV_SUSPEND_CMD,
				 .step = DMK_STEP_RESUME,
				 .id = id,
				 .first = &former->info };

	return dmk_simple(dm, &call, NULL);
}

/* What is busy for a moment is waited for: without its table the device is of no use. */
static int load_former(struct dmk *dm, const struct dmk_id *id, struct dmk_former *former)
{
	bool readonly = former->info.flags & DMK_INFO_READONLY;
	struct dmk_limit limit;
	struct dmk_info info;
	int r = dmk_limit_start(dm, 0, DMK_UNDO_MS, &limit);

	if (r < 0)
		return r;
	do
		r = dmk_load_seen(dm, &former->info, id, &former->table, readonly, &info);
	while (r == -EBUSY && dmk_limit_pause(dm, &limit) == 0);
	return r;
}

/*
 * A device that is suspended after the resume failed gets its former table back. Returns
 * DMK_LEFT_*. inactive: the new table is still in its slot, where a resume would find it.
 */
static uint32_t put_back(struct dmk *dm, const struct dmk_id *id, struct dmk_former *former,
			 bool inactive)
{
	uint32_t live = live_table(dm, id, former), stays;
	struct dmk_info now;

	if (live == OTHER_DEVICE)
		return 0;
	stays = DMK_LEFT_SUSPENDED | live | (inactive ? DMK_LEFT_INACTIVE : 0);
	/* Who suspended it wants no I/O now: the next resume puts it in. */
	if (former->info.flags & DMK_INFO_SUSPENDED) {
		if (live && former->table.count && load_former(dm, id, former) == 0)
			return DMK_LEFT_SUSPENDED | DMK_LEFT_FORMER_LOADED;
		return stays;
	}
	if (!live && !inactive && resume(dm, id, former) == 0)
		return 0;
	if (former->table.count == 0)
		return stays;
	if (load_former(dm, id, former) < 0) { /* then better one of the two than none */
		if (!dmk_is_there(dm, &former->info, id, &now))
			return 0;
		if (resume(dm, id, former) == 0)
			return inactive ? DMK_LEFT_NEW_TABLE : live;
		return stays;
	}
	if (resume(dm, id, former) == 0)
		return 0;
	if (dmk_status(dm, id, &now) < 0)
		return DMK_LEFT_UNKNOWN;
	if (now.flags & DMK_INFO_INACTIVE_TABLE)
		return DMK_LEFT_SUSPENDED | DMK_LEFT_FORMER_LOADED;
	live = live_table(dm, id, former);
	return live == OTHER_DEVICE ? 0 : DMK_LEFT_SUSPENDED | live;
}

static void undo_swap(struct dmk *dm, const struct dmk_id *asked, struct dmk_former *former,
		      bool clear)
{
	const struct dmk_id own = dmk_id_of(&former->info, asked);
	const struct dmk_id *id = &own;
	struct dmk_call call = { .command = DM_TABLE_CLEAR_CMD,
				 .step = DMK_STEP_CLEAR,
				 .id = id,
				 .first = &former->info };
	bool was_suspended = former->info.flags & DMK_INFO_SUSPENDED;
	int32_t noted = dm->error.undo_code;
	uint32_t left = 0;
	struct dmk_info now;
	int r;

	dm->undoing = true;
	/* A suspend that failed has put the new table back into its slot. */
	r = clear ? dmk_simple(dm, &call, &now) : -EAGAIN;
	if (r < 0 && r != -ENXIO)
		r = dmk_status(dm, id, &now);
	if (r < 0 && r != -ENXIO)
		left = DMK_LEFT_UNKNOWN;
	/* Another device that bears the name by now is none of ours. */
	if (r == 0 && dmk_same_device(&former->info, &now)) {
		bool inactive = now.flags & DMK_INFO_INACTIVE_TABLE;
		bool suspended = now.flags & DMK_INFO_SUSPENDED;

		if (!clear && inactive) /* nothing has happened */
			left = suspended ? DMK_LEFT_SUSPENDED : 0;
		else if (suspended)
			left = put_back(dm, id, former, inactive);
		else if (inactive)
			left = DMK_LEFT_INACTIVE;
		else if (dm->error.code == -EBADMSG) /* put in, and said so in a way to no use */
			left = live_table(dm, id, former);
		/* As it was, after all: a step that failed on the way does not matter. */
		if (left == (was_suspended ? DMK_LEFT_SUSPENDED : 0))
			dm->error.undo_code = noted;
	}
	dm->undoing = false;
	dm->error.left |= left;
}

/* A resume that the kernel refuses for its table leaves the device suspended, and says why, as a
 * rule. Where it does not say it, another process may have been at it. */
static bool is_wordless(const struct dmk *dm, int r)
{
	return r == -EINVAL && dm->fd >= 0 && !dm->error.reason[0];
}

/* What suspends it for a swap of its own does so not for long. Returns as dmk_look() does; -ENXIO
 * also where another device is there by now. */
static int look_after(struct dmk *dm, const struct dmk_id *id, const struct dmk_former *former,
		      bool wordless, struct dmk_info *ret_after)
{
	bool undoing = dm->undoing;
	struct dmk_limit limit;
	int look, r;

	dm->undoing = true; /* the pauses are no tries of the verb */
	r = dmk_limit_start(dm, 0, RACED_MS, &limit);
	do {
		look = dmk_look(dm, id, ret_after);
		if (look == 0 && !dmk_same_device(&former->info, ret_after))
			look = -ENXIO;
	} while (wordless && look == 0 && ret_after->flags & DMK_INFO_SUSPENDED && r == 0 &&
		 dmk_limit_pause(dm, &limit) == 0);
	dm->undoing = undoing;
	return look;
}

int dmk_swap_failed(struct dmk *dm, const struct dmk_id *asked, struct dmk_former *former, int r,
		    bool clear)
{
	const struct dmk_id id = dmk_id_of(&former->info, asked);
	bool had_inactive = former->info.flags & DMK_INFO_INACTIVE_TABLE;
	bool wordless = is_wordless(dm, r), raced;
	int32_t noted = dm->error.undo_code;
	struct dmk_info after;
	int look = look_after(dm, &id, former, wordless, &after);

	raced = r == -EINVAL && look == 0 && !(after.flags & DMK_INFO_SUSPENDED);
	if (look != -ENXIO && (!raced || (after.flags & DMK_INFO_INACTIVE_TABLE))) {
		if (clear || had_inactive)
			undo_swap(dm, asked, former, clear);
		else if (former->info.flags & DMK_INFO_SUSPENDED)
			dm->error.left |= DMK_LEFT_SUSPENDED;
		/* Gone in the middle of that: there was nothing more to undo. */
		if (dm->error.undo_code != noted &&
		    !dmk_is_there(dm, &former->info, asked, &after)) {
			dm->error.undo_code = noted;
			dm->error.left = 0;
			if (wordless)
				look = -ENXIO;
		}
	}
	/* In another one there is nothing to undo, and it is not to be touched. */
	if (look == -ENXIO)
		return r == -ECANCELED ? r : dmk_fail_other(dm, DMK_STEP_RESUME, &former->info);
	/* A swap that the kernel refuses leaves it suspended. Where it is not, another process had
	 * resumed it, or was about to suspend it, in between. */
	return raced ? dmk_fail_raced(dm, DMK_STEP_RESUME) : r;
}

int dmk_swap_table(struct dmk *dm, const struct dmk_id *asked, struct dmk_former *former,
		   uint32_t flags, struct dmk_handshake *handshake, const struct dmk_limit *limit,
		   struct dmk_info *ret_info)
{
	const struct dmk_id id = dmk_id_of(&former->info, asked);
	struct dmk_call call = {
		.command = DM_DEV_SUSPEND_CMD,
		.step = DMK_STEP_RESUME,
		.id = &id,
		.first = dm->dry_run ? NULL : &former->info,
		.flags = flags,
	};
	int r = dmk_go_on(dm, DMK_STEP_RESUME);

	if (r == 0 && handshake)
		r = dmk_handshake_begin(dm, handshake);
	if (r == 0) {
		call.event_nr = handshake ? handshake->event_nr : 0;
		r = dmk_simple_blocking(dm, &call, limit, ret_info);
		if (handshake)
			dmk_handshake_sent(dm, handshake, r);
	}
	return r < 0 ? dmk_swap_failed(dm, asked, former, r, true) : 0;
}
