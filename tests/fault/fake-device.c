/* SPDX-License-Identifier: MIT */
/* The fake's devices: made, found, renamed, suspended, removed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-internal.h"

size_t fake_align(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* huge_encode_dev(), written anew: what is tested is not its own measure. */
uint64_t fake_dev(uint32_t minor)
{
	uint64_t low = minor % 256, high = minor / 256;

	return low + FAKE_MAJOR * UINT64_C(0x100) + high * UINT64_C(0x100000);
}

char *fake_result(struct frame *frame, size_t *ret_length)
{
	frame->io->data_start = sizeof(*frame->io);
	if (frame->io->data_start < frame->size) {
		*ret_length = frame->size - frame->io->data_start;
	} else {
		*ret_length = 0;
		frame->io->data_start = frame->size;
	}
	return (char *)frame->io + frame->io->data_start;
}

const char *fake_string(const struct frame *frame, size_t offset)
{
	const char *s = (const char *)frame->io + offset;

	if (offset < offsetof(struct dm_ioctl, data) || offset >= frame->size ||
	    !memchr(s, 0, frame->size - offset))
		return NULL;
	return s;
}

struct fake_device *fake_find(struct fake *fake, const char *name)
{
	for (size_t i = 0; i < fake->n_devices; i++)
		if (strcmp(fake->devices[i]->name, name) == 0)
			return fake->devices[i];
	return NULL;
}

static struct fake_device *find_uuid(struct fake *fake, const char *uuid)
{
	for (size_t i = 0; uuid[0] && i < fake->n_devices; i++)
		if (strcmp(fake->devices[i]->uuid, uuid) == 0)
			return fake->devices[i];
	return NULL;
}

static struct fake_device *find_minor(struct fake *fake, uint32_t minor)
{
	for (size_t i = 0; i < fake->n_devices; i++)
		if (fake->devices[i]->minor == minor)
			return fake->devices[i];
	return NULL;
}

/* The lowest number that is free, as the kernel's idr gives it. */
static uint32_t free_minor(const struct fake *fake)
{
	bool *taken = calloc(fake->n_devices + 1, sizeof(*taken));
	uint32_t minor = 0;

	for (size_t i = 0; i < fake->n_devices; i++)
		if (fake->devices[i]->minor < fake->n_devices)
			taken[fake->devices[i]->minor] = true;
	while (taken[minor])
		minor++;
	free(taken);
	return minor;
}

/* Puts the device where its name belongs. */
static void insert(struct fake *fake, struct fake_device *device)
{
	size_t at = fake->n_devices;

	while (at > 0 && strcmp(fake->devices[at - 1]->name, device->name) > 0)
		at--;
	memmove(&fake->devices[at + 1], &fake->devices[at],
		(fake->n_devices - at) * sizeof(*fake->devices));
	fake->devices[at] = device;
	fake->n_devices++;
}

static void take_out(struct fake *fake, const struct fake_device *device)
{
	for (size_t i = 0; i < fake->n_devices; i++) {
		if (fake->devices[i] != device)
			continue;
		fake->n_devices--;
		memmove(&fake->devices[i], &fake->devices[i + 1],
			(fake->n_devices - i) * sizeof(*fake->devices));
		return;
	}
	abort();
}

struct fake_device *fake_add_device(struct fake *fake, const char *name, const char *uuid)
{
	struct fake_device *device = calloc(1, sizeof(*device));

	snprintf(device->name, sizeof(device->name), "%s", name);
	snprintf(device->uuid, sizeof(device->uuid), "%s", uuid);
	device->minor = free_minor(fake);
	fake->devices = realloc(fake->devices, (fake->n_devices + 1) * sizeof(*fake->devices));
	insert(fake, device);
	return device;
}

void fake_rename_device(struct fake *fake, struct fake_device *device, const char *name)
{
	take_out(fake, device);
	snprintf(device->name, sizeof(device->name), "%s", name);
	insert(fake, device);
}

void fake_drop(struct fake *fake, struct fake_device *device)
{
	take_out(fake, device);
	fake_free_table(device->live);
	fake_free_table(device->inactive);
	free(device);
}

static bool names(const struct fake_table *table, uint32_t minor)
{
	char number[24];
	size_t length;

	snprintf(number, sizeof(number), "%d:%u", FAKE_MAJOR, minor);
	length = strlen(number);
	for (uint32_t i = 0; table && i < table->count; i++) {
		const char *params = table->targets[i].params;

		for (const char *at = params; (at = strstr(at, number)); at += length)
			if ((at == params || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
				return true;
	}
	return false;
}

/* A mapped device opens another one once, however often its two tables name it. */
int32_t fake_opens(const struct fake *fake, const struct fake_device *device)
{
	int32_t n = device->open_count;

	for (size_t i = 0; i < fake->n_devices; i++)
		n += names(fake->devices[i]->live, device->minor) ||
		     names(fake->devices[i]->inactive, device->minor);
	return n;
}

void fake_settle(struct fake *fake)
{
	for (size_t i = 0; i < fake->n_devices; i++) {
		struct fake_device *device = fake->devices[i];

		if (!device->held || fake_opens(fake, device))
			continue;
		fake_drop(fake, device);
		i = (size_t)-1; /* what it stood on may go too */
	}
}

void fake_open(struct fake_device *device)
{
	device->open_count++;
}

void fake_close(struct fake *fake, struct fake_device *device)
{
	device->open_count--;
	if (fake_opens(fake, device) == 0 && device->deferred)
		fake_drop(fake, device);
	fake_settle(fake);
}

struct fake_device *fake_lookup(struct frame *frame)
{
	struct dm_ioctl *io = frame->io;
	struct fake_device *device = NULL;

	if (io->uuid[0])
		device = io->name[0] || io->dev ? NULL : find_uuid(frame->fake, io->uuid);
	else if (io->name[0])
		device = io->dev ? NULL : fake_find(frame->fake, io->name);
	else if (io->dev)
		for (size_t i = 0; i < frame->fake->n_devices; i++)
			if (fake_dev(frame->fake->devices[i]->minor) == io->dev)
				device = frame->fake->devices[i];
	if (!device)
		return NULL;
	/* strlcpy(): what stood behind the NUL stays. */
	memcpy(io->name, device->name, strlen(device->name) + 1);
	memcpy(io->uuid, device->uuid, strlen(device->uuid) + 1);
	if (device->inactive)
		io->flags |= DM_INACTIVE_PRESENT_FLAG;
	else
		io->flags &= ~(uint32_t)DM_INACTIVE_PRESENT_FLAG;
	return device;
}

void fake_status(struct frame *frame, const struct fake_device *device)
{
	struct dm_ioctl *io = frame->io;
	bool inactive = io->flags & DM_QUERY_INACTIVE_TABLE_FLAG;
	const struct fake_table *table = inactive ? device->inactive : device->live;

	io->flags &= ~(uint32_t)(DM_SUSPEND_FLAG | DM_READONLY_FLAG | DM_ACTIVE_PRESENT_FLAG |
				 DM_INTERNAL_SUSPEND_FLAG);
	if (device->suspended)
		io->flags |= DM_SUSPEND_FLAG;
	if (device->deferred)
		io->flags |= DM_DEFERRED_REMOVE;
	if (device->live)
		io->flags |= DM_ACTIVE_PRESENT_FLAG;
	if (table && (inactive ? table->readonly : device->readonly))
		io->flags |= DM_READONLY_FLAG;
	io->dev = fake_dev(device->minor);
	io->open_count = fake_opens(frame->fake, device);
	io->event_nr = device->event_nr;
	io->target_count = table ? table->count : 0;
}

int fake_create(struct frame *frame)
{
	struct dm_ioctl *io = frame->io;
	bool fixed = io->flags & DM_PERSISTENT_DEV_FLAG;
	uint32_t minor = (uint32_t)(io->dev % 256 + io->dev / 0x100000 * 256);
	struct fake_device *device;

	if (strchr(io->name, '/'))
		return -EINVAL;
	if (fixed && find_minor(frame->fake, minor))
		return -EBUSY;
	if (fake_find(frame->fake, io->name) || find_uuid(frame->fake, io->uuid))
		return -EBUSY;
	device = fake_add_device(frame->fake, io->name, io->uuid);
	if (fixed)
		device->minor = minor;
	io->flags &= ~(uint32_t)DM_INACTIVE_PRESENT_FLAG;
	fake_status(frame, device);
	return 0;
}

int fake_remove(struct frame *frame)
{
	struct fake_device *device = fake_lookup(frame);

	if (!device)
		return -ENXIO;
	if (fake_opens(frame->fake, device)) {
		if (!(frame->io->flags & DM_DEFERRED_REMOVE))
			return -EBUSY;
		device->deferred = device->held = true;
		return 0;
	}
	fake_drop(frame->fake, device);
	fake_settle(frame->fake);
	frame->io->flags &= ~(uint32_t)DM_DEFERRED_REMOVE;
	frame->io->flags |= DM_UEVENT_GENERATED_FLAG;
	return 0;
}

int fake_remove_all(struct frame *frame)
{
	struct fake *fake = frame->fake;

	for (size_t i = 0; i < fake->n_devices;) {
		struct fake_device *device = fake->devices[i];

		if (fake_opens(fake, device) == 0) {
			fake_drop(fake, device);
			i = 0; /* dm_hash_remove_all() begins anew, too */
			continue;
		}
		if (frame->io->flags & DM_DEFERRED_REMOVE)
			device->deferred = device->held = true;
		i++;
	}
	frame->io->data_size = 0;
	return 0;
}

int fake_rename(struct frame *frame)
{
	bool uuid = frame->io->flags & DM_UUID_FLAG;
	const char *new_text = fake_string(frame, frame->io->data_start);
	struct fake_device *device;

	if (!new_text || !new_text[0] ||
	    strlen(new_text) > (uuid ? DM_UUID_LEN - 1 : DM_NAME_LEN - 1))
		return -EINVAL;
	if (!uuid && strchr(new_text, '/'))
		return -EINVAL;
	if (uuid ? find_uuid(frame->fake, new_text) : fake_find(frame->fake, new_text))
		return -EBUSY;
	device = fake_find(frame->fake, frame->io->name);
	if (!device)
		return -ENXIO;
	if (uuid && device->uuid[0])
		return -EINVAL;
	take_out(frame->fake, device);
	memcpy(uuid ? device->uuid : device->name, new_text, strlen(new_text) + 1);
	insert(frame->fake, device);
	if (device->live)
		device->event_nr++;
	frame->io->flags |= DM_UEVENT_GENERATED_FLAG;
	fake_status(frame, device);
	return 0;
}

/* The new table in, as do_resume() does; where a rule says so, half of it only. */
static int swap(struct frame *frame, struct fake_device *device)
{
	struct fake_table *new_map = device->inactive;

	device->inactive = NULL;
	device->suspended = true;
	if (frame->rule && frame->rule->fault == FAKE_SWAP_FAILS) {
		fake_free_table(new_map);
		return frame->rule->code;
	}
	fake_free_table(device->live);
	device->live = new_map;
	device->readonly = new_map->readonly;
	return frame->rule && frame->rule->fault == FAKE_RESUME_FAILS ? frame->rule->code : 0;
}

int fake_suspend(struct frame *frame)
{
	struct fake_device *device = fake_lookup(frame);
	int r;

	if (!device)
		return -ENXIO;
	if (frame->io->flags & DM_SUSPEND_FLAG) {
		device->suspended = true;
		fake_status(frame, device);
		return 0;
	}
	frame->io->flags &= ~(uint32_t)DM_INACTIVE_PRESENT_FLAG;
	if (device->inactive) {
		r = swap(frame, device);
		fake_settle(frame->fake);
		if (r < 0)
			return r;
	}
	if (device->suspended && !device->live)
		return -EINVAL;
	if (device->suspended)
		frame->io->flags |= DM_UEVENT_GENERATED_FLAG;
	device->suspended = false;
	fake_status(frame, device);
	return 0;
}

int fake_dev_status(struct frame *frame)
{
	struct fake_device *device = fake_lookup(frame);

	if (!device)
		return -ENXIO;
	fake_status(frame, device);
	return 0;
}

/* Nothing waits here: an event is taken to have come. */
int fake_wait(struct frame *frame)
{
	struct fake_device *device = fake_lookup(frame);

	if (!device)
		return -ENXIO;
	if (device->event_nr == frame->io->event_nr)
		device->event_nr++;
	fake_status(frame, device);
	if (device->live)
		fake_retrieve_status(frame, device->live);
	return 0;
}

int fake_geometry(struct frame *frame)
{
	const char *text = fake_string(frame, frame->io->data_start);
	unsigned long cylinders, heads, sectors, start;
	char more;

	if (!fake_lookup(frame))
		return -ENXIO;
	if (!text ||
	    sscanf(text, "%lu %lu %lu %lu%c", &cylinders, &heads, &sectors, &start, &more) != 4)
		return -EINVAL;
	if (cylinders > 65535 || heads > 255 || sectors > 255 ||
	    start > cylinders * heads * sectors)
		return -EINVAL;
	frame->io->data_size = 0;
	return 0;
}

int fake_arm_poll(struct frame *frame)
{
	(void)frame;
	return 0;
}
