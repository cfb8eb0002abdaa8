/* SPDX-License-Identifier: MIT */
/* The first read of a new device, whose target then says whether its parameters fit. */
#include "trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "machine/blockdev.h"
#include "check.h"
#include "device.h"
#include "kernel/killable.h"
#include "wire/table.h"
#include "rows/target.h"

/* Segments that are tried: a table that has more of such targets is not one of a person. */
#define MOST_SEGMENTS 64

struct first_read {
	char path[sizeof(((struct dmk *)NULL)->node_dir) + DMK_NAME_SIZE];
	uint32_t major, minor;
	uint64_t offset_bytes;
	uint32_t size;
	void *place; /* of size bytes; what is read is of no interest */
};

/* By its node, or by what the kernel calls it where nobody makes nodes. */
static int read_first(struct dmk *dm, void *request)
{
	const struct first_read *read = request;
	char number[32];
	int r;

	(void)dm;
	r = dmk_blockdev_read(read->path, read->major, read->minor, read->offset_bytes, read->place,
			      read->size);
	if (r != -ENOENT && r != -ENXIO && r != -ENOTBLK)
		return r;
	snprintf(number, sizeof(number), "%u:%u", read->major, read->minor);
	return dmk_blockdev_read(number, read->major, read->minor, read->offset_bytes, read->place,
				 read->size);
}

/* The read's own answer, or -ETIMEDOUT, -ECANCELED. I/O below may hang: it ends at the limit. */
static int run_read(struct dmk *dm, struct first_read *read, const struct dmk_limit *limit)
{
	int r;

	/* Aligned as O_DIRECT wants it. */
	read->place =
		mmap(NULL, read->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (read->place == MAP_FAILED)
		return -ENOMEM;
	r = limit->end_ns == INT64_MAX
		    ? read_first(dm, read)
		    : dmk_run_killable(dm, limit, read_first, read, sizeof(*read));
	munmap(read->place, read->size);
	return r;
}

/* The status of the segment that starts at start_sectors, if the device still is the one. */
static bool judge(struct dmk *dm, const struct dmk_info *info, const struct dmk_segment *segment,
		  const struct dmk_target *target, const void *value)
{
	struct dmk_id id = { .major = info->major, .minor = info->minor };
	struct dmk_call call = { .command = DM_TABLE_STATUS_CMD,
				 .step = DMK_STEP_TRIAL,
				 .id = &id,
				 .flags = DM_NOFLUSH_FLAG,
				 .reply_size = DMK_FIRST_REPLY };
	struct dmk_cursor cursor;
	struct dmk_segment found;
	struct dmk_info now;
	bool misfit = false;

	if (dmk_simple(dm, &call, &now) < 0 || strcmp(now.name, info->name) != 0 ||
	    dmk_reply_of(dm, call.step, &cursor) < 0)
		return false;
	while (dmk_cursor_segment(&cursor, &found) == 1) {
		DMK_CLEANUP(dmk_free_ptr) void *status = NULL;

		if (found.start_sectors != segment->start_sectors ||
		    strcmp(found.type, segment->type) != 0)
			continue;
		status = dmk_form_read(target->status, found.params);
		if (!status)
			continue;
		misfit = target->trial->misfit(value, status, &dm->error);
		dmk_form_clear(target->status, status);
	}
	return misfit;
}

static int try_segment(struct dmk *dm, const struct dmk_info *info,
		       const struct dmk_segment *segment, uint32_t index,
		       const struct dmk_limit *limit)
{
	const struct dmk_target *target = dmk_target_find(segment->type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	struct first_read read = { .major = info->major,
				   .minor = info->minor,
				   .offset_bytes = segment->start_sectors * 512 };
	int r = 0;

	if (!target || !target->trial)
		return 0;
	value = dmk_form_read(&target->table, segment->params);
	if (!value)
		return 0;
	snprintf(read.path, sizeof(read.path), "%s/%s", dm->node_dir, info->name);
	read.size = target->trial->read_bytes(value);
	if (read.size)
		r = run_read(dm, &read, limit);
	if (r == -ETIMEDOUT || r == -ECANCELED)
		dmk_copy_text(dm->error.detail, sizeof(dm->error.detail),
			      "the first block could not be read in time");
	else if (r == -EIO && judge(dm, info, segment, target, value))
		dmk_name_segment(segment, index, &dm->error);
	else
		r = 0; /* nothing is certain: whoever reads it will see */
	dmk_form_clear(&target->table, value);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_TRIAL, r) : 0;
}

int dmk_try_device(struct dmk *dm, const struct dmk_info *info, struct dmk_table *table,
		   const struct dmk_limit *limit)
{
	uint32_t count = dmk_table_count(table);
	struct dmk_segment segment;
	int r = 0;

	if (!table->on_trial || dm->dry_run)
		return 0;
	for (uint32_t i = 0; r == 0 && i < count && i < MOST_SEGMENTS; i++)
		if (dmk_table_get(table, i, &segment) == 0)
			r = try_segment(dm, info, &segment, i, limit);
	return r;
}
