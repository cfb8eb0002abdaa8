/* SPDX-License-Identifier: MIT */
#include "identity.h"

#include <errno.h>
#include <string.h>

#include "device.h"
#include "machine/blockdev.h"
#include "wire/table.h"

uint32_t dmk_uuid_hash(const char *uuid)
{
	uint32_t hash = 0; /* FNV-1a, but for the start */

	for (; *uuid; uuid++)
		hash = (hash ^ (unsigned char)*uuid) * UINT32_C(16777619);
	return hash;
}

struct dmk_id dmk_id_of(const struct dmk_info *info, const struct dmk_id *asked)
{
	if (info->uuid[0])
		return (struct dmk_id){ .uuid = info->uuid };
	if (info->name[0])
		return (struct dmk_id){ .name = info->name };
	return *asked;
}

static uint64_t read_diskseq(const struct dmk *dm, const struct dmk_info *info)
{
	if (dm->fd < 0 || info->major == 0)
		return 0;
	return dmk_blockdev_fact(info->major, info->minor, "/diskseq");
}

void dmk_seen_pause(const struct dmk *dm, struct dmk_seen *seen)
{
	if (seen->diskseq == 0)
		seen->diskseq = read_diskseq(dm, &seen->info);
}

bool dmk_is_seen(const struct dmk *dm, const struct dmk_seen *seen, const struct dmk_info *now)
{
	if (!dmk_same_device(&seen->info, now))
		return false;
	/* Where it was read once it is there as long as the disk is. */
	return seen->diskseq == 0 || read_diskseq(dm, now) == seen->diskseq;
}

int dmk_look(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_now)
{
	int32_t undo_code = dm->error.undo_code;
	bool undoing = dm->undoing;
	int r;

	dm->undoing = true; /* that there is no such device is no failure */
	r = dmk_status(dm, id, ret_now);
	dm->undoing = undoing;
	dm->error.undo_code = undo_code;
	return r;
}

bool dmk_is_there(struct dmk *dm, const struct dmk_info *first, const struct dmk_id *asked,
		  struct dmk_info *ret_now)
{
	const struct dmk_id id = dmk_id_of(first, asked);
	int r = dmk_look(dm, &id, ret_now);

	if (r < 0)
		*ret_now = *first;
	return r == 0 ? dmk_same_device(first, ret_now) : r != -ENXIO;
}

int dmk_forget_node(struct dmk *dm, const struct dmk_info *gone, bool keep_links)
{
	const struct dmk_id id = { .name = gone->name };
	struct dmk_node node = dmk_node_of(dm, gone);
	struct dmk_node_saved saved;
	struct dmk_info now;
	int r;

	if (!gone->name[0] || !gone->major)
		return 0;
	r = dmk_look(dm, &id, &now);
	if (r < 0 && r != -ENXIO)
		return dmk_fail_step(dm, DMK_STEP_STATUS, r);
	if (r == 0 && now.major == gone->major && now.minor == gone->minor)
		return 0;
	node.keep_links = keep_links;
	r = dmk_remove_node(dm, &node, &saved);
	if (r < 0 || (!saved.was_node && !saved.was_link))
		return r;
	/* Made since that look, it was another one's: that has its device by then. */
	if (dmk_look(dm, &id, &now) == 0 && now.major == gone->major && now.minor == gone->minor)
		return dmk_restore_node(dm, &node, &saved);
	return 0;
}

int dmk_fail_raced(struct dmk *dm, uint32_t step)
{
	if (!dm->undoing) {
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "another process loaded a table or resumed the device at the same "
			       "time, and which table it has now is not known");
		dm->error.flags |= DMK_ERROR_CHANGED;
	}
	return dmk_fail_step(dm, step, -EBUSY);
}

int dmk_check_resumed(struct dmk *dm, const struct dmk_info *info, const struct dmk_table *table)
{
	/* The kernel's answer has a number, and a device that was resumed has a table. Where the
	 * resume had nothing to do, it told udevd nothing. */
	bool live = info->flags & DMK_INFO_LIVE_TABLE;
	bool by_us = dm->uevent || dm->read_later || !dmk_driver_has(dm, 17);

	if (dm->not_sent || info->major == 0 ||
	    (live && by_us && info->target_count == table->count))
		return 0;
	return dmk_fail_raced(dm, DMK_STEP_RESUME);
}
