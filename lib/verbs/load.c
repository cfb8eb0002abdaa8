/* SPDX-License-Identifier: MIT */
/* The verbs that put a table in: load, replace, and what create has in common with them. Each
 * undoes on failure what it did. */
#include <errno.h>
#include <string.h>

#include "machine/blockdev.h"
#include "device.h"
#include "explain.h"
#include "swap.h"
#include "wire/table.h"

/* A backing device that is still appearing answers with one of these. */
static bool is_transient(int r)
{
	return r == -EBUSY || r == -ENOENT || r == -ENXIO || r == -ENODEV;
}

int dmk_check_table(struct dmk *dm, const struct dmk_table *table)
{
	if (table->count == 0)
		return dmk_fail_argument(dm, -EINVAL, "the table has no segments");
	return 0;
}

/* The device that was seen before a pause. One that had no table and has one now is another. */
static bool is_still(const struct dmk *dm, const struct dmk_seen *seen, const struct dmk_info *now)
{
	return dmk_is_seen(dm, seen, now) &&
	       !(now->flags & ~seen->info.flags & DMK_INFO_LIVE_TABLE);
}

/* It is not there any more, or another one is: nothing is loaded then, and nothing waited for. */
static bool is_lost(struct dmk *dm, const struct dmk_id *id, const struct dmk_seen *seen)
{
	struct dmk_id own = dmk_id_of(&seen->info, id);
	struct dmk_info now;
	int r = dmk_look(dm, &own, &now);

	return r == -ENXIO || (r == 0 && !is_still(dm, seen, &now));
}

int dmk_load_retrying(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
		      bool readonly, bool wait_for_devices, struct dmk_seen *seen,
		      struct dmk_limit *limit, struct dmk_info *ret_info)
{
	bool again = false;
	int r;

	for (;; again = true) {
		r = dmk_go_on(dm, DMK_STEP_LOAD);
		if (r < 0)
			return r;
		if (again && seen && is_lost(dm, id, seen))
			return dmk_fail_other(dm, DMK_STEP_LOAD, &seen->info);
		r = seen ? dmk_load_seen(dm, &seen->info, id, table, readonly, ret_info)
			 : dmk_load_table(dm, id, table, readonly, ret_info);
		if (r != -EBUSY && !(wait_for_devices && is_transient(r)))
			break;
		/* The errno is also that of a disk which comes later. */
		if (r == -ENXIO && seen && is_lost(dm, id, seen))
			return dmk_fail_other(dm, DMK_STEP_LOAD, &seen->info);
		if (seen)
			dmk_seen_pause(dm, seen);
		if (!dmk_try_again(dm, limit, DMK_STEP_LOAD, &r))
			break;
	}
	if (r < 0 && r != -ECANCELED)
		dmk_explain_load(dm, table);
	return r;
}

int dmk_load(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
	     const struct dmk_load_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_load_options defaults;
	const struct dmk_load_options *o = options ? options : &defaults;
	struct dmk_limit limit;
	struct dmk_info info;
	int r = dmk_begin_id(dm, DMK_VERB_LOAD, id);

	if (r == 0)
		r = dmk_check_options(dm, o->flags, DMK_LOAD_READONLY, o->reserved);
	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r == 0)
		r = dmk_check_table(dm, table);
	if (r == 0)
		r = dmk_limit_start(dm, o->timeout_ms, -1, &limit);
	if (r == 0)
		r = dmk_load_retrying(dm, id, table, o->flags & DMK_LOAD_READONLY, false, NULL,
				      &limit, &info);
	if (r == 0 && ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}

/* Everything that is sent to the kernel. */
static int replace_table(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
			 const struct dmk_replace_options *o, struct dmk_handshake *handshake,
			 struct dmk_info *info)
{
	uint32_t flags = (o->flags & DMK_REPLACE_NOFLUSH ? DM_NOFLUSH_FLAG : 0) |
			 (o->flags & DMK_REPLACE_SKIP_LOCKFS ? DM_SKIP_LOCKFS_FLAG : 0);
	struct dmk_limit limit, swap_limit;
	struct dmk_former former = { 0 };
	struct dmk_seen seen = { 0 };
	struct dmk_info loaded;
	int r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &swap_limit);

	if (r == 0)
		r = dmk_limit_start(dm, o->timeout_ms, -1, &limit);
	if (r == 0)
		r = dmk_former_read(dm, id, &former);
	if (r == 0)
		r = dmk_foresee_swap(dm, id, &former, table);
	seen.info = former.info;
	if (r == 0)
		r = dmk_load_retrying(dm, id, table, o->flags & DMK_REPLACE_READONLY, false,
				      dm->dry_run ? NULL : &seen, &limit, &loaded);
	if (r == 0)
		r = dmk_swap_table(dm, id, &former, flags, handshake, &swap_limit, info);
	if (r < 0 && former.info.flags & DMK_INFO_SUSPENDED)
		dm->error.left |= DMK_LEFT_SUSPENDED;
	dmk_former_free(&former);
	return r;
}

int dmk_replace(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
		const struct dmk_replace_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_replace_options defaults;
	const struct dmk_replace_options *o = options ? options : &defaults;
	const uint32_t allowed =
		DMK_REPLACE_READONLY | DMK_REPLACE_NOFLUSH | DMK_REPLACE_SKIP_LOCKFS;
	struct dmk_udev_request udev = { o->udev_cookie, o->udev_flags, DMK_NODE_NONE,
					 o->timeout_ms };
	struct dmk_handshake handshake;
	struct dmk_info info;
	int r = dmk_begin_id(dm, DMK_VERB_REPLACE, id);

	if (r == 0)
		r = dmk_check_options(dm, o->flags, allowed, o->reserved);
	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r == 0)
		r = dmk_check_udev(dm, o->udev_cookie, o->udev_flags);
	if (r == 0)
		r = dmk_check_table(dm, table);
	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r == 0)
		r = replace_table(dm, id, table, o, &handshake, &info);
	if (r == 0)
		r = dmk_check_resumed(dm, &info, table);
	if (r == 0) {
		r = dmk_handshake_end(dm, &handshake, NULL, false);
		if (r < 0)
			dm->error.left |= DMK_LEFT_DONE;
	}
	if (r == 0 && ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}
