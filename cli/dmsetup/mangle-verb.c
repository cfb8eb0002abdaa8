/* SPDX-License-Identifier: MIT */
/* mangle: the verb that gives devices the names that libdevmapper would have given them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dmsetup/report/report.h"
#include "dmsetup/verbs.h"

/* The form that the mode wants of what the kernel has now: in hex mode too, what is mangled
 * already stays as it is. */
static int wanted_form(const struct dmsetup *d, const char *what, const char *now, char *out)
{
	if (d->mangling != DMS_MANGLE_NONE)
		return dms_mangle_text(false, what, now, out);
	dms_unmangle(now, out);
	return 0;
}

static int mangle_device(struct dmsetup *d, const char *name, const char *uuid)
{
	struct dmk_rename_options options = { .node_policy = d->node_policy,
					      .udev_cookie = d->udev_cookie,
					      .udev_flags = d->udev_flags };
	char new_name[DMS_TEXT_SIZE];
	char new_uuid[DMS_TEXT_SIZE];

	if (dms_mangled_twice(d, name)) {
		dms_error("The name \"%s\" seems to be mangled more than once. "
			  "Manual intervention required to rename the device.",
			  name);
		return -1;
	}
	if (dms_mangled_twice(d, uuid)) {
		dms_error("The UUID \"%s\" seems to be mangled more than once. "
			  "Manual intervention required to correct the device UUID.",
			  uuid);
		return -1;
	}
	if (wanted_form(d, "name", name, new_name) < 0 ||
	    wanted_form(d, "UUID", uuid, new_uuid) < 0)
		return -1;
	if (strcmp(uuid, new_uuid) != 0) {
		dms_error("%s: %s: UUID in incorrect form. ", name, uuid);
		dms_error("Unable to change device UUID. The device must be deactivated first.");
		return -1;
	}
	if (strcmp(name, new_name) == 0) {
		printf("%s: %s: %s already in correct form\n", name, *uuid ? uuid : "[no UUID]",
		       *uuid ? "name and UUID" : "name");
		return 0;
	}
	printf("%s: renaming to %s\n", name, new_name);
	if (dmk_rename(d->dm, DMK_NAME(name), new_name, &options, NULL) < 0)
		return dms_fail(d, "rename", DMK_NAME(name));
	return 0;
}

/* Not dms_list(): a name that is in the wrong form is what this is for. */
static int mangle_all(struct dmsetup *d)
{
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	bool any = false;
	int status = 0;

	if (dmk_list(d->dm, &options, &devices) < 0)
		return dms_fail(d, "names", NULL);
	while (dmk_devices_next(devices, &device) > 0) {
		any = true;
		if (mangle_device(d, device.name, device.uuid) < 0)
			status = -1;
	}
	dmk_devices_free(devices);
	return any ? status : dms_none();
}

int dms_mangle(struct dmsetup *d, char **names, int n)
{
	if (n == 0 && !dms_addressed(d))
		return mangle_all(d);
	for (int i = 0; i < n || i == 0; i++) {
		struct dms_device device;
		struct dmk_info info;
		int r;

		/* As it is in the kernel: no form of a name is assumed. */
		if (n > 0)
			device.id = (struct dmk_id){ .name = names[i] };
		else if (dms_find(d, NULL, &device) < 0)
			return -1;
		r = dmk_get_info(d->dm, &device.id, NULL, &info);
		/* dmsetup has no word for one that is not there. */
		if (r < 0)
			return r == -ENXIO ? -1 : dms_fail(d, "info", &device.id);
		if (mangle_device(d, info.name, info.uuid) < 0)
			return -1;
	}
	return 0;
}
