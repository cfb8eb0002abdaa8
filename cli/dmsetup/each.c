/* SPDX-License-Identifier: MIT */
/* One verb on each of the devices that are meant: those named, addressed, or all that -S selects. */
#include <string.h>

#include "dmsetup/dmsetup.h"

static int each_listed(struct dmsetup *d, dms_fn fn)
{
	struct dmk_devices *devices;
	struct dmk_device device;
	int n = 0, status = 0;

	if (dms_list(d, dms_given(d, DMS_SELECT) ? DMK_LIST_UUID : 0, &devices) < 0)
		return -1;
	d->multiple = true;
	while (dmk_devices_next(devices, &device) == 1) {
		int r = dms_selected(d, &device);

		n++;
		if (r == 1)
			r = fn(d, DMK_NAME(device.name));
		if (r != 0)
			status = r;
	}
	dmk_devices_free(devices);
	return n == 0 ? dms_none() : status;
}

/* Whether -S selects one that was named. */
static int is_meant(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_info info;

	if (!d->selection)
		return 1;
	if (dmk_get_info(d->dm, id, NULL, &info) < 0)
		return dms_fail_missing(d, "info", id);
	return dms_selected(d, &(const struct dmk_device){ .name = info.name,
							   .uuid = info.uuid,
							   .major = info.major,
							   .minor = info.minor,
							   .event_nr = info.event_nr,
							   .has_event_nr = 1 });
}

int dms_each(struct dmsetup *d, char **names, int n, dms_fn fn)
{
	struct dms_device device;
	int r = 0;

	if (n == 0 && !dms_addressed(d))
		return each_listed(d, fn);
	d->multiple = n > 1 || d->selection;
	for (int i = 0; r == 0 && (i < n || i == 0); i++) {
		r = dms_find(d, n ? names[i] : NULL, &device);
		if (r == 0)
			r = is_meant(d, &device.id);
		if (r == 1)
			r = fn(d, &device.id);
	}
	return r;
}
