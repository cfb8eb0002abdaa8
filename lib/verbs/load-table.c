/* SPDX-License-Identifier: MIT */
/* TABLE_LOAD: a table into the inactive slot of a device. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "machine/blockdev.h"
#include "device.h"
#include "explain.h"
#include "swap.h"
#include "wire/table.h"

/*
 * A table with a key is handed over in a locked copy: the kernel zeroes what it is given with
 * DM_SECURE_DATA, on failure too (T7), and the next try needs the table as it was. So is one that
 * goes to a hook: the answer is written into the same bytes, and of a hook's only the header is
 * believed. The kernel's own is no longer than that.
 */
static int load_copy(struct dmk *dm, struct dmk_call *call, struct dmk_table *table,
		     struct dm_ioctl *ret_header)
{
	struct dm_ioctl *io =
		mmap(NULL, table->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r;

	if (io == MAP_FAILED)
		return dmk_fail_step(dm, call->step, -ENOMEM);
	/* Where the limit on locked memory is too low the key may be swapped out: no reason to
	 * fail. */
	if (table->secret) {
		(void)mlock(io, table->size);
		dmk_no_dump(io, table->size);
	}
	call->payload = table->data + sizeof(*io);
	r = dmk_call_in_place(dm, call, io);
	*ret_header = *io;
	dmk_wipe(io, table->size);
	munmap(io, table->size);
	return r;
}

int dmk_load_table(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table, bool readonly,
		   struct dmk_info *ret_info)
{
	struct dmk_call call = {
		.command = DM_TABLE_LOAD_CMD,
		.step = DMK_STEP_LOAD,
		.id = id,
		.flags = (readonly || table->readonly ? DM_READONLY_FLAG : 0) |
			 (table->secret ? DM_SECURE_DATA_FLAG : 0),
		.target_count = table->count,
		.payload_size = dmk_table_payload_size(table),
	};
	struct dm_ioctl header;
	int r;

	if (table->secret || dm->transport) {
		r = load_copy(dm, &call, table, &header);
	} else {
		struct dm_ioctl *io = (struct dm_ioctl *)table->data;

		r = dmk_call_in_place(dm, &call, io);
		header = *io;
	}
	if (r == 0 && dmk_reply_info(&header, ret_info) < 0) {
		struct dmk_call clear = { .command = DM_TABLE_CLEAR_CMD,
					  .step = DMK_STEP_CLEAR,
					  .id = id };
		bool undoing = dm->undoing;

		/* Loaded all the same. */
		r = dmk_fail_step(dm, DMK_STEP_LOAD, -EBADMSG);
		dm->undoing = true;
		dmk_call(dm, &clear, NULL); /* a failure is noted in undo_code */
		dm->undoing = undoing;
	}
	return r;
}

/* A table of ours in a device that is not. */
static void take_out(struct dmk *dm, const struct dmk_info *other, const struct dmk_id *asked)
{
	const struct dmk_id id = dmk_id_of(other, asked);
	struct dmk_call clear = {
		.command = DM_TABLE_CLEAR_CMD, .step = DMK_STEP_CLEAR, .id = &id, .first = other
	};
	bool undoing = dm->undoing;
	int r;

	dm->undoing = true;
	r = dmk_simple(dm, &clear, NULL);
	dm->undoing = undoing;
	(void)r; /* a failure is noted in undo_code */
}

int dmk_load_seen(struct dmk *dm, const struct dmk_info *first, const struct dmk_id *asked,
		  struct dmk_table *table, bool readonly, struct dmk_info *ret_info)
{
	const struct dmk_id id = dmk_id_of(first, asked);
	struct dmk_info loaded;
	bool live;
	int r = dmk_load_table(dm, &id, table, readonly, &loaded);

	if (r < 0)
		return r;
	/* One that had no table and has one now is not the same either, whatever it is called. */
	live = loaded.flags & ~first->flags & DMK_INFO_LIVE_TABLE;
	if (!dmk_same_device(first, &loaded) || live) {
		take_out(dm, &loaded, asked);
		return dmk_fail_other(dm, DMK_STEP_LOAD, first);
	}
	*ret_info = loaded;
	return 0;
}
