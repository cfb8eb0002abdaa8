/* SPDX-License-Identifier: MIT */
/* All devices where udevd answers: DM_REMOVE_ALL has no cookie, and what udevd makes beside the
 * nodes would still be there when it returns. */
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

int dmk_remove_each(struct dmk *dm, const struct dmk_remove_options *options,
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
