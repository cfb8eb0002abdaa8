/* SPDX-License-Identifier: MIT */
/* The list of all devices. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "device.h"

/* A first room for names, numbers and event numbers; with uuids as long as LVM's. */
#define LIST_ENTRY_BYTES 64
#define LIST_UUID_BYTES 128
#define SMALLEST_LIST 16384
#define USUAL_LIST 65536 /* where nobody knows: 500 devices, and 1,300 with short uuids */
#define LARGEST_LIST (16 << 20)

struct dmk_devices {
	struct dm_ioctl *reply;
	struct dmk_cursor start;
	struct dmk_cursor cursor;
	bool want_uuid;
	char name_prefix[DMK_NAME_SIZE];
	char uuid_prefix[DMK_UUID_SIZE];

	/* Drivers before 4.45 list no uuids: asked one by one, each with its NUL, in the list's
	 * order. */
	struct dmk_text uuids;
	size_t uuid_position;
};

static bool has_prefix(const char *s, const char *prefix)
{
	while (*prefix && *s == *prefix) {
		s++;
		prefix++;
	}
	return *prefix == '\0';
}

/* 1: the next entry of the reply, whatever the prefixes say. */
static int next_entry(struct dmk_devices *devices, struct dmk_device *device)
{
	int r = dmk_cursor_device(&devices->cursor, device);

	if (r != 1)
		return r;
	if (devices->uuids.length) {
		device->uuid = devices->uuids.data + devices->uuid_position;
		devices->uuid_position += strlen(device->uuid) + 1;
	}
	if (!devices->want_uuid)
		device->uuid = NULL;
	return 1;
}

DMK_FAST int dmk_devices_next(struct dmk_devices *devices, struct dmk_device *ret_device)
{
	struct dmk_device device;
	int r;

	/* The kernel has filtered already, since driver 4.45: here it costs nothing and holds for
	 * the others. */
	while ((r = next_entry(devices, &device)) == 1) {
		if (has_prefix(device.name, devices->name_prefix) &&
		    (!device.uuid || has_prefix(device.uuid, devices->uuid_prefix))) {
			*ret_device = device;
			return 1;
		}
	}
	return r;
}

void dmk_devices_rewind(struct dmk_devices *devices)
{
	devices->cursor = devices->start;
	devices->uuid_position = 0;
}

void dmk_devices_free(struct dmk_devices *devices)
{
	if (!devices)
		return;
	dmk_text_free(&devices->uuids);
	free(devices->reply);
	free(devices);
}

/* For a driver that lists no uuids. A device that went away meanwhile has none. */
static int ask_uuids(struct dmk *dm, struct dmk_devices *devices)
{
	struct dmk_device device;
	int r;

	while ((r = dmk_cursor_device(&devices->cursor, &device)) == 1) {
		struct dmk_id id = { .name = device.name };
		struct dmk_info info = { 0 };

		r = dmk_status(dm, &id, &info);
		if (r < 0 && r != -ENXIO)
			return r;
		/* Another one that has its name by now is not in this list. */
		if (info.major != device.major || info.minor != device.minor)
			info.uuid[0] = '\0';
		dmk_text_add_bytes(&devices->uuids, info.uuid, strlen(info.uuid) + 1);
		r = dmk_text_error(&devices->uuids);
		if (r < 0)
			break;
	}
	dmk_devices_rewind(devices);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_LIST, r) : 0;
}

static int check_prefix(struct dmk *dm, const char *what, const char *prefix, size_t size,
			char *field)
{
	size_t length = prefix ? strlen(prefix) : 0;

	if (length >= size)
		return dmk_fail_argument(dm, -ENAMETOOLONG, "a %s is at most %zu bytes long", what,
					 size - 1);
	if (prefix)
		memcpy(field, prefix, length + 1);
	return 0;
}

/*
 * How much to offer at first. A folder of /sys has two links and one for each folder in it: all
 * virtual block devices, mappings among them. It is a hint: less is too little once, and more costs
 * time, as the kernel copies all that it is handed.
 */
static size_t first_room(bool uuids)
{
	struct stat st;
	uint64_t room;

	if (stat("/sys/devices/virtual/block", &st) < 0 || st.st_nlink < 3)
		return USUAL_LIST - sizeof(struct dm_ioctl);
	room = (uint64_t)st.st_nlink * (uuids ? LIST_UUID_BYTES : LIST_ENTRY_BYTES);
	room = room < SMALLEST_LIST ? SMALLEST_LIST : room;
	return (size_t)(room < LARGEST_LIST ? room : LARGEST_LIST) - sizeof(struct dm_ioctl);
}

static int list(struct dmk *dm, const struct dmk_list_options *o, struct dmk_devices *devices)
{
	struct dmk_call call = {
		.command = DM_LIST_DEVICES_CMD,
		.step = DMK_STEP_LIST,
		.name = devices->name_prefix,
		.reply_size = first_room(devices->want_uuid),
	};
	int r = check_prefix(dm, "name", o->name_prefix, sizeof(devices->name_prefix),
			     devices->name_prefix);

	if (r == 0)
		r = check_prefix(dm, "uuid", o->uuid_prefix, sizeof(devices->uuid_prefix),
				 devices->uuid_prefix);
	if (r < 0)
		return r;
	call.uuid = devices->uuid_prefix;
	call.flags = devices->want_uuid ? DM_UUID_FLAG : 0;
	r = dmk_call(dm, &call, NULL);
	if (r == 0)
		r = dmk_reply_of(dm, DMK_STEP_LIST, &devices->start);
	if (r < 0)
		return r;
	devices->reply = dmk_take_buffer(dm);
	devices->start.has_uuid = devices->start.has_uuid && devices->want_uuid;
	devices->cursor = devices->start;
	return devices->want_uuid && !devices->start.has_uuid ? ask_uuids(dm, devices) : 0;
}

int dmk_list(struct dmk *dm, const struct dmk_list_options *options,
	     struct dmk_devices **ret_devices)
{
	static const struct dmk_list_options defaults;
	const struct dmk_list_options *o = options ? options : &defaults;
	struct dmk_devices *devices;
	int r;

	dmk_begin(dm, DMK_VERB_LIST, NULL);
	r = dmk_check_options(dm, o->flags, DMK_LIST_UUID, o->reserved);
	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r < 0)
		return r;
	devices = calloc(1, sizeof(*devices));
	if (!devices)
		return dmk_fail_step(dm, DMK_STEP_LIST, -ENOMEM);
	devices->want_uuid = (o->flags & DMK_LIST_UUID) || (o->uuid_prefix && o->uuid_prefix[0]);
	r = list(dm, o, devices);
	if (r < 0) {
		dmk_devices_free(devices);
		return r;
	}
	*ret_devices = devices;
	return dmk_done(dm, 0);
}
