/* SPDX-License-Identifier: MIT */
/* The fake's lists: of devices, in the three layouts that drivers have had, and of targets. */
#include <errno.h>
#include <string.h>

#include "fake-internal.h"

static const struct {
	const char *type;
	uint32_t version[3];
} targets[] = {
	{ "verity", { 1, 8, 0 } }, { "striped", { 1, 6, 0 } }, { "linear", { 1, 4, 0 } },
	{ "zero", { 1, 1, 0 } },   { "error", { 1, 5, 0 } },
};

/* Loaded already, and not listed: crypt has a key. */
static const char *const others[] = { "crypt",	   "snapshot",	"snapshot-origin", "snapshot-merge",
				      "thin-pool", "thin",	"cache",	   "raid",
				      "mirror",	   "delay",	"flakey",	   "integrity",
				      "era",	   "writecache" };

#define N_TARGETS (sizeof(targets) / sizeof(targets[0]))

bool fake_knows_target(const char *type)
{
	for (size_t i = 0; i < N_TARGETS; i++)
		if (strcmp(targets[i].type, type) == 0)
			return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], type) == 0)
			return true;
	return false;
}

/* Since 4.45. */
static bool wanted(const struct frame *frame, const struct fake_device *device)
{
	const struct dm_ioctl *io = frame->io;

	if (frame->fake->minor_version < 45)
		return true;
	return strncmp(device->name, io->name, strnlen(io->name, DM_NAME_LEN)) == 0 &&
	       strncmp(device->uuid, io->uuid, strnlen(io->uuid, DM_UUID_LEN)) == 0;
}

/* The bytes of one entry. */
static size_t entry_size(const struct frame *frame, const struct fake_device *device)
{
	size_t size = fake_align(offsetof(struct dm_name_list, name) + strlen(device->name) + 1);

	/* Before 4.38 an entry was the struct as the compiler sees it, then the name. */
	if (frame->fake->minor_version < 38)
		return fake_align(16 + strlen(device->name) + 1);
	size += 8;
	if (frame->fake->minor_version >= 45 && (frame->io->flags & DM_UUID_FLAG) &&
	    device->uuid[0])
		size += fake_align(strlen(device->uuid) + 1);
	return size;
}

static void write_entry(const struct frame *frame, const struct fake_device *device, char *at,
			uint32_t next)
{
	size_t tail = fake_align(offsetof(struct dm_name_list, name) + strlen(device->name) + 1);
	uint64_t dev = fake_dev(device->minor);
	/* Between 4.38 and 4.44 the second word is not written. */
	uint32_t words[2] = { device->event_nr, 0xa5a5a5a5 };

	memcpy(at, &dev, sizeof(dev));
	memcpy(at + 8, &next, sizeof(next));
	memcpy(at + offsetof(struct dm_name_list, name), device->name, strlen(device->name) + 1);
	if (frame->fake->minor_version < 38)
		return;
	if (frame->fake->minor_version >= 45) {
		words[1] = 0;
		if (frame->io->flags & DM_UUID_FLAG)
			words[1] = device->uuid[0] ? 1 : 2;
		if (words[1] == 1)
			memcpy(at + tail + sizeof(words), device->uuid, strlen(device->uuid) + 1);
	}
	memcpy(at + tail, words, sizeof(words));
}

int fake_list(struct frame *frame)
{
	struct fake *fake = frame->fake;
	size_t length, position = 0, needed = 0;
	const struct fake_device *last = NULL;
	size_t last_at = 0;
	char *out;

	for (size_t i = 0; i < fake->n_devices; i++)
		if (wanted(frame, fake->devices[i]))
			needed += entry_size(frame, fake->devices[i]);
	out = fake_result(frame, &length);
	if (length < needed || length < sizeof(uint64_t)) {
		frame->io->flags |= DM_BUFFER_FULL_FLAG;
		return 0;
	}
	frame->io->data_size = frame->io->data_start + (uint32_t)needed;
	memset(out, 0, sizeof(uint64_t)); /* "flags no data" */
	for (size_t i = 0; i < fake->n_devices; i++) {
		if (!wanted(frame, fake->devices[i]))
			continue;
		if (last)
			write_entry(frame, last, out + last_at, (uint32_t)(position - last_at));
		last = fake->devices[i];
		last_at = position;
		position += entry_size(frame, last);
	}
	if (last)
		write_entry(frame, last, out + last_at, 0);
	return 0;
}

/* __list_versions(): it asks for more room than it writes. */
static int list_versions(struct frame *frame, const char *type)
{
	size_t length, position = 0, needed = 0;
	char *out, *last = NULL;

	for (size_t i = 0; i < N_TARGETS; i++)
		if (!type || strcmp(targets[i].type, type) == 0)
			needed +=
				sizeof(struct dm_target_versions) + strlen(targets[i].type) + 1 + 7;
	out = fake_result(frame, &length);
	if (length < needed) {
		frame->io->flags |= DM_BUFFER_FULL_FLAG;
		return 0;
	}
	frame->io->data_size = frame->io->data_start + (uint32_t)needed;
	for (size_t i = 0; i < N_TARGETS; i++) {
		uint32_t words[4] = { 0, targets[i].version[0], targets[i].version[1],
				      targets[i].version[2] };
		uint32_t distance;

		if (type && strcmp(targets[i].type, type) != 0)
			continue;
		if (last) {
			distance = (uint32_t)(out + position - last);
			memcpy(last, &distance, sizeof(distance));
		}
		last = out + position;
		memcpy(last, words, sizeof(words));
		memcpy(last + sizeof(words), targets[i].type, strlen(targets[i].type) + 1);
		position = fake_align(position + sizeof(words) + strlen(targets[i].type) + 1);
	}
	return 0;
}

int fake_list_versions(struct frame *frame)
{
	return list_versions(frame, NULL);
}

int fake_target_version(struct frame *frame)
{
	if (!fake_knows_target(frame->io->name))
		return -EINVAL;
	return list_versions(frame, frame->io->name);
}
