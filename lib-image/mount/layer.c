/* SPDX-License-Identifier: MIT */
#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.h"

#define DIGEST_DIGITS 64
#define RANDOM_DIGITS 16

#define NO_WAIT 1 /* a cookie that is sent as it is: no handshake with udevd */

/* A moment's user, udev's probe say, is waited for so long. */
#define UNDO_MS 5000

void dmk_layer_step(struct dmk_error *err, uint32_t step)
{
	if (err)
		err->step = step;
}

int dmk_layer_fail(struct dmk_error *err, struct dmk *dm, int r)
{
	uint32_t verb;
	char device[sizeof(err->device)];

	if (!err)
		return r;
	verb = err->verb;
	memcpy(device, err->device, sizeof(device));
	*err = *dmk_last_error(dm);
	err->verb = verb;
	memcpy(err->device, device, sizeof(device));
	return r;
}

void dmk_layer_uuid(char uuid[DMK_UUID_SIZE], const char *prefix, const char *digest)
{
	char random[RANDOM_DIGITS + 1];

	dmk_random_hex(random, RANDOM_DIGITS);
	snprintf(uuid, DMK_UUID_SIZE, "%s%.*s-%s", prefix, DIGEST_DIGITS, digest, random);
}

/*
 * Its deferred removal is armed as early as Linux allows it, while our fd keeps it: from then on it
 * is the kernel's to clear away, even where this process is killed. That is before it has its table,
 * but not before one is loaded: since Linux 5.15 a device can be opened only then.
 */
static int arm(struct dmk_layer *layer, struct dmk *dm, const struct dmk_id *id,
	       struct dmk_error *err)
{
	const struct dmk_remove_options deferred = {
		.flags = DMK_REMOVE_DEFERRED | DMK_REMOVE_ONCE,
		.node_policy = DMK_NODE_NONE,
		.udev_cookie = NO_WAIT, /* no event comes of it */
	};
	struct dmk_info *info = &layer->info;
	char usual[32];
	int r;

	snprintf(usual, sizeof(usual), "/dev/dm-%u", info->minor);
	r = dmk_held_open(&layer->held, usual, S_IFBLK, makedev(info->major, info->minor),
			  O_RDONLY);
	if (r < 0) {
		dmk_layer_step(err, DMK_STEP_OPEN);
		return dmk_fail(err, r, "%s: %s", usual, dmk_errno_text(r));
	}
	r = dmk_remove(dm, id, &deferred, info);
	if (r < 0)
		return dmk_layer_fail(err, dm, r);
	if (info->flags & DMK_INFO_DEFERRED_REMOVE)
		return 0;
	/* What we hold is not what it was: that one is gone. */
	dmk_layer_step(err, DMK_STEP_REMOVE);
	return dmk_fail(err, -ENXIO, "another process has taken '%s' away", info->name);
}

static int fill(struct dmk_layer *layer, struct dmk *dm, const struct dmk_id *id,
		struct dmk_table *table, int64_t timeout_ms, struct dmk_error *err)
{
	const struct dmk_load_options load = { .flags = DMK_LOAD_READONLY,
					       .timeout_ms = timeout_ms };
	const struct dmk_resume_options resume = { .flags = DMK_RESUME_LEAVE,
						   .node_policy = DMK_NODE_NONE,
						   .timeout_ms = timeout_ms };
	int r = dmk_load(dm, id, table, &load, NULL);

	if (r < 0)
		return dmk_layer_fail(err, dm, r);
	r = arm(layer, dm, id, err);
	if (r < 0)
		return r;
	r = dmk_resume(dm, id, &resume, &layer->info);
	return r < 0 ? dmk_layer_fail(err, dm, r) : 0;
}

int dmk_layer_make(struct dmk_layer *ret_layer, struct dmk *dm, const char *name, const char *uuid,
		   struct dmk_table *table, int64_t timeout_ms, struct dmk_error *err)
{
	const struct dmk_create_options create = { .node_policy = DMK_NODE_NONE,
						   .timeout_ms = -1,
						   .uuid = uuid };
	struct dmk_layer layer = DMK_NO_LAYER;
	const struct dmk_id id = { .uuid = uuid };
	int r = dmk_create(dm, name, NULL, &create, &layer.info);

	if (r < 0) {
		dmk_layer_fail(err, dm, r);
		if (err && !err->argument[0])
			dmk_copy_text(err->argument, sizeof(err->argument), name);
		return r;
	}
	r = fill(&layer, dm, &id, table, timeout_ms, err);
	if (r < 0) {
		dmk_layer_undo(&layer, dm, err);
		return r;
	}
	*ret_layer = layer;
	return 0;
}

void dmk_layer_release(struct dmk_layer *layer)
{
	dmk_held_close(&layer->held);
	layer->info.uuid[0] = '\0';
}

void dmk_layer_undo(struct dmk_layer *layer, struct dmk *dm, struct dmk_error *err)
{
	const struct dmk_remove_options remove = { .node_policy = DMK_NODE_NONE,
						   .timeout_ms = UNDO_MS };
	const struct dmk_id id = { .uuid = layer->info.uuid };
	struct dmk_limits limits;
	int r;

	dmk_held_close(&layer->held);
	if (!layer->info.uuid[0])
		return;
	/* What was cancelled, or is late, is taken back all the same. */
	dmk_get_limits(dm, &limits);
	dmk_set_cancel(dm, NULL, -1);
	dmk_set_deadline(dm, 0);
	/* It may be gone by now: the kernel does the same. */
	r = dmk_remove(dm, &id, &remove, NULL);
	dmk_set_deadline(dm, limits.deadline_ns);
	dmk_set_cancel(dm, limits.cancel_flag, limits.cancel_fd);
	if (r < 0 && r != -ENXIO && err && !err->undo_code)
		err->undo_code = r;
	layer->info.uuid[0] = '\0';
}
