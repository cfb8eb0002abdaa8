/* SPDX-License-Identifier: MIT */
/* Which devices a command line means. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "common/disks.h"
#include "dmsetup/dmsetup.h"

/* The name of the device that a path leads to. */
static int find_path(struct dmsetup *d, const char *path, struct dms_device *device)
{
	const char *base = strrchr(path, '/') + 1;
	char full[sizeof(d->node_dir) + 512];
	struct dmk_info info;
	struct stat st, node;

	/* With one '/' it is below the folder of all nodes: "mapper/x". */
	snprintf(full, sizeof(full), "%.*s/%s", (int)(strlen(d->node_dir) - strlen("/mapper")),
		 d->node_dir, path);
	if (stat(*path != '/' && strchr(path, '/') + 1 == base ? full : path, &st) < 0) {
		dms_error("Device %s not found", path);
		return -1;
	}
	snprintf(full, sizeof(full), "%s/%s", d->node_dir, base);
	if (stat(full, &node) == 0 && node.st_rdev == st.st_rdev) {
		snprintf(device->text, sizeof(device->text), "%s", base);
	} else if (S_ISBLK(st.st_mode) && major(st.st_rdev) != 0 &&
		   dmk_get_info(d->dm, DMK_DEVNO(major(st.st_rdev), minor(st.st_rdev)), NULL,
				&info) == 0) {
		/* The kernel knows better than a search for a node with this number. */
		snprintf(device->text, sizeof(device->text), "%s", info.name);
	} else {
		dms_error("Device %s not found", base);
		return -1;
	}
	device->id.name = device->text;
	return 0;
}

static int find_number(struct dmsetup *d, struct dms_device *device)
{
	if (d->number[DMS_MAJOR] <= 0) {
		dms_error("Missing major number for persistent device.");
		dms_error("Couldn't create ioctl argument.");
		return -1;
	}
	device->id.major = (uint32_t)d->number[DMS_MAJOR];
	device->id.minor = (uint32_t)d->number[DMS_MINOR];
	return 0;
}

int dms_check_name(const char *name, const char *end)
{
	if (strchr(name, '/')) {
		dms_error("Name \"%s\" invalid. It contains \"/\".", name);
		return -1;
	}
	if (strlen(name) >= DMK_NAME_SIZE) {
		dms_error("Name \"%s\" too long%s", name, end);
		return -1;
	}
	return 0;
}

int dms_find(struct dmsetup *d, const char *arg, struct dms_device *ret_device)
{
	*ret_device = (struct dms_device){ 0 };
	if (!arg && dms_given(d, DMS_UUID)) {
		ret_device->id.uuid = ret_device->text;
		return dms_text_in(d, "UUID", d->value[DMS_UUID], ret_device->text);
	}
	if (!arg)
		return find_number(d, ret_device);
	if (strchr(arg, '/'))
		return find_path(d, arg, ret_device);
	ret_device->id.name = ret_device->text;
	if (dms_check_name(arg, ".") < 0)
		return -1;
	return dms_text_in(d, "name", arg, ret_device->text);
}

bool dms_addressed(const struct dmsetup *d)
{
	return dms_given(d, DMS_UUID) || dms_given(d, DMS_MAJOR);
}

int dms_list(struct dmsetup *d, uint32_t flags, struct dmk_devices **ret_devices)
{
	struct dmk_list_options options = { .flags = flags };
	struct dmk_devices *devices;
	struct dmk_device device;
	int status = 0, r;

	if (dmk_list(d->dm, &options, &devices) < 0)
		return dms_fail(d, "names", NULL);
	while ((r = dmk_devices_next(devices, &device)) == 1)
		if (dms_listed(d, device.name) < 0)
			status = -1;
	if (r < 0) {
		dms_error("device-mapper: names ioctl on   failed: %s", dmk_errno_text(r));
		status = -1;
	}
	if (status < 0) {
		dmk_devices_free(devices);
		return -1;
	}
	dmk_devices_rewind(devices);
	*ret_devices = devices;
	return 0;
}

int dms_none(void)
{
	puts("No devices found");
	return 0;
}

void dms_query(const struct dmsetup *d, struct dmk_query_options *ret_options)
{
	/* --noopencount: kernels since 2.6.28 count all the same, and dmsetup prints it. */
	*ret_options = (struct dmk_query_options){
		.flags = (dms_given(d, DMS_INACTIVE) ? DMK_QUERY_INACTIVE : 0) |
			 (dms_given(d, DMS_NOFLUSH) ? 0 : DMK_QUERY_FLUSH),
	};
}

int dms_read_ahead(const struct dmsetup *d, const struct dmk_info *info, uint32_t *ret_sectors)
{
	struct dmk_blockdev blockdev;
	char path[sizeof(d->node_dir) + DMK_NAME_SIZE];
	char line[32];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/read_ahead_kb", info->major,
		 info->minor);
	sys_line(path, line, sizeof(line));
	if (*line) {
		*ret_sectors = (uint32_t)strtoul(line, NULL, 10) * 2;
		return 0;
	}
	snprintf(path, sizeof(path), "%s/%s", d->node_dir, info->name);
	if (dmk_get_blockdev(path, &blockdev) < 0)
		return -1;
	*ret_sectors = blockdev.read_ahead_sectors;
	return 0;
}
