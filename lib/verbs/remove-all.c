/* SPDX-License-Identifier: MIT */
/* dmk_remove_all(): by one request; where udevd answers one by one, for DM_REMOVE_ALL has no cookie,
 * and what udevd makes beside the nodes would still be there when it returns. */
#include <errno.h>

#include "remove.h"

struct round {
	uint32_t gone;
	bool left; /* there was one that somebody has open */
};

static int remove_one(struct dmk *dm, const struct dmk_device *device,
		      const struct dmk_remove_options *options, struct round *round)
{
	struct dmk_id id = { .name = device->name };
	struct dmk_removal removal = { .id = &id,
				       .options = options,
				       .number = { device->major, device->minor } };
	int r = dmk_remove_init(dm, &removal);

	if (r == 0)
		r = dmk_remove_try(dm, &removal);
	if (r == 0)
		round->gone += !(removal.info.flags & DMK_INFO_DEFERRED_REMOVE);
	if (r == -EBUSY)
		round->left = true;
	return r == -EBUSY || r == -ENXIO ? 0 : r;
}

static int remove_free_ones(struct dmk *dm, struct dmk_devices *devices,
			    const struct dmk_remove_options *options, struct round *round)
{
	struct dmk_remove_options alone = *options;
	struct dmk_device device;
	int r;

	alone.udev_cookie = 0;
	dmk_devices_rewind(devices);
	while ((r = dmk_devices_next(devices, &device)) == 1) {
		r = remove_one(dm, &device, options, round);
		/* The semaphore is at its highest: this one waits for itself. */
		if (r == -ERANGE)
			r = remove_one(dm, &device, &alone, round);
		if (r < 0)
			return r;
	}
	return r;
}

/* Each that nobody has open, and one wait for udevd. Their nodes may be there still. */
static int remove_each(struct dmk *dm, const struct dmk_remove_options *options,
		       struct dmk_devices *devices, struct dmk_handshake *all)
{
	struct dmk_remove_options one = *options;
	struct round round;
	int end, r = dmk_handshake_begin(dm, all);

	if (r < 0)
		return r;
	/* Theirs are counted up on ours, which is waited for once. Without one each waits. */
	one.udev_cookie = all->semid < 0 ? 0 : DMK_COOKIE_PREFIX | (all->event_nr & 0xffff);
	do { /* what stood on another one has let go of it */
		round = (struct round){ 0 };
		r = remove_free_ones(dm, devices, &one, &round);
	} while (r == 0 && round.gone && round.left);
	if (all->semid >= 0)
		dmk_cookie_change(all->semid, -1);
	if (all->end_ns == 0)
		all->end_ns = dmk_udev_end(dm, options->timeout_ms);
	all->waiting = true;
	end = dmk_handshake_end(dm, all, NULL, false);
	return r < 0 ? r : end;
}

/* The nodes of the devices that were in `before` and are not any more. */
static int remove_nodes_of_gone(struct dmk *dm, struct dmk_devices *before, bool deferred,
				const struct dmk_handshake *handshake)
{
	struct dmk_device device;
	int r;

	while ((r = dmk_devices_next(before, &device)) == 1) {
		struct dmk_id id = { .name = device.name };
		struct dmk_node node = { .dir = dm->node_dir,
					 .name = device.name,
					 .major = device.major,
					 .minor = device.minor,
					 .keep_links = handshake->nodes };
		struct dmk_node_saved saved;
		struct dmk_info info;

		bool gone;

		r = dmk_status(dm, &id, &info);
		if (r < 0 && r != -ENXIO)
			return r;
		/* Another one of that name has a node of its own, with its own number. */
		gone = r == -ENXIO || info.major != device.major || info.minor != device.minor;
		if (!gone && !(deferred && (info.flags & DMK_INFO_DEFERRED_REMOVE)))
			continue;
		r = dmk_remove_node(dm, &node, &saved);
		if (r == 0 && gone && handshake->nodes)
			r = dmk_handshake_gone(dm, handshake, &node);
		if (r < 0)
			return r;
	}
	return r;
}

int dmk_remove_all(struct dmk *dm, const struct dmk_remove_options *options)
{
	static const struct dmk_remove_options defaults;
	const struct dmk_remove_options *o = options ? options : &defaults;
	bool deferred = o->flags & DMK_REMOVE_DEFERRED;
	struct dmk_call call = {
		.command = DM_REMOVE_ALL_CMD,
		.step = DMK_STEP_REMOVE_ALL,
		.flags = deferred ? DM_DEFERRED_REMOVE : 0,
	};
	const struct dmk_udev_request udev = { 0, o->udev_flags, o->node_policy, o->timeout_ms };
	struct dmk_handshake handshake;
	struct dmk_devices *before = NULL;
	int r;

	dmk_begin(dm, DMK_VERB_REMOVE_ALL, NULL);
	r = dmk_remove_check(dm, o, DMK_REMOVE_DEFERRED);
	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r == 0 && (o->node_policy != DMK_NODE_NONE || handshake.on))
		r = dmk_list(dm, NULL, &before);
	dm->error.verb = DMK_VERB_REMOVE_ALL;
	if (r == 0 && handshake.on)
		r = remove_each(dm, o, before, &handshake);
	else if (r == 0)
		r = dmk_call(dm, &call, NULL);
	if (before)
		dmk_devices_rewind(before);
	if (r == 0 && o->node_policy != DMK_NODE_NONE && !dm->dry_run)
		r = remove_nodes_of_gone(dm, before, deferred, &handshake);
	dmk_devices_free(before);
	return dmk_done(dm, r);
}
