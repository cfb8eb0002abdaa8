/* SPDX-License-Identifier: MIT */
/* The fake's tables: loaded, cleared, told, and messages to their targets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-internal.h"

void fake_free_table(struct fake_table *table)
{
	if (!table)
		return;
	for (uint32_t i = 0; i < table->count; i++)
		free(table->targets[i].params);
	free(table->targets);
	free(table);
}

static void add_target(struct fake_table *table, uint64_t start, uint64_t length, const char *type,
		       const char *params)
{
	struct fake_target *target;

	/* Doubled, so that a table of a million targets is no matter. */
	if ((table->count & (table->count - 1)) == 0)
		table->targets = realloc(table->targets,
					 (table->count ? table->count * 2 : 1) * sizeof(*target));
	target = &table->targets[table->count++];
	*target =
		(struct fake_target){ .start = start, .length = length, .params = strdup(params) };
	snprintf(target->type, sizeof(target->type), "%s", type);
}

void fake_set_live(struct fake_device *device, uint64_t length, const char *type,
		   const char *params)
{
	if (!device->live)
		device->live = calloc(1, sizeof(*device->live));
	add_target(device->live,
		   device->live->count
			   ? device->live->targets[device->live->count - 1].start +
				     device->live->targets[device->live->count - 1].length
			   : 0,
		   length, type, params);
}

void fake_set_inactive(struct fake_device *device, uint64_t length, const char *type,
		       const char *params)
{
	fake_free_table(device->inactive);
	device->inactive = calloc(1, sizeof(*device->inactive));
	add_target(device->inactive, 0, length, type, params);
}

/* NULL: it is none. */
static struct fake_pool *pool_of(struct fake *fake, const struct fake_device *device)
{
	struct fake_pool *pool = fake->pools;

	if (!device->live || strcmp(device->live->targets[0].type, "thin-pool") != 0)
		return NULL;
	while (pool->name[0] && strcmp(pool->name, device->name) != 0)
		if (++pool == fake->pools + sizeof(fake->pools) / sizeof(fake->pools[0]))
			abort();
	memcpy(pool->name, device->name, sizeof(pool->name));
	return pool;
}

/* A thin device has to be in its pool's metadata, "POOL ID". */
static bool has_thin(struct fake *fake, const char *params)
{
	unsigned int major, minor, id;

	if (sscanf(params, "%u:%u %u", &major, &minor, &id) != 3 || id > 63)
		return false;
	for (size_t i = 0; i < fake->n_devices; i++) {
		const struct fake_device *device = fake->devices[i];

		if (major == FAKE_MAJOR && device->minor == minor && pool_of(fake, device))
			return pool_of(fake, device)->thins >> id & 1;
	}
	return false;
}

/* dm_table_add_target(), without most of what the target itself would say. */
static int load_target(struct frame *frame, struct fake_table *table,
		       const struct dm_target_spec *spec, const char *params)
{
	const struct fake_target *last = table->count ? &table->targets[table->count - 1] : NULL;
	struct fake *fake = frame->fake;

	if (spec->length == 0 || spec->sector_start != (last ? last->start + last->length : 0))
		return -EINVAL;
	if (!memchr(spec->target_type, 0, sizeof(spec->target_type)) ||
	    !fake_knows_target(spec->target_type))
		return -EINVAL;
	if (fake->missing && strstr(params, fake->missing))
		return fake->missing_code;
	if (strcmp(spec->target_type, "thin") == 0 && !has_thin(fake, params))
		return -EINVAL;
	add_target(table, spec->sector_start, spec->length, spec->target_type, params);
	return 0;
}

/* populate_table(): `next` counts from the spec it stands in. */
static int populate(struct frame *frame, struct fake_table *table)
{
	size_t offset = frame->io->data_start;

	if (frame->io->target_count == 0)
		return -EINVAL;
	for (uint32_t i = 0; i < frame->io->target_count; i++) {
		const char *params = fake_string(frame, offset + sizeof(struct dm_target_spec));
		struct dm_target_spec spec;
		int r;

		if (!params)
			return -EINVAL;
		memcpy(&spec, (char *)frame->io + offset, sizeof(spec));
		r = load_target(frame, table, &spec, params);
		if (r < 0)
			return r;
		if (spec.next < sizeof(spec))
			return -EINVAL;
		offset += spec.next;
	}
	return 0;
}

int fake_load(struct frame *frame)
{
	struct fake_device *device = fake_lookup(frame);
	struct fake_table *table;
	int r;

	if (!device)
		return -ENXIO;
	table = calloc(1, sizeof(*table));
	table->readonly = frame->io->flags & DM_READONLY_FLAG;
	r = populate(frame, table);
	if (r < 0) {
		fake_free_table(table);
		return r;
	}
	fake_free_table(device->inactive);
	device->inactive = table;
	frame->io->flags |= DM_INACTIVE_PRESENT_FLAG;
	fake_status(frame, device);
	return 0;
}

int fake_clear(struct frame *frame)
{
	struct fake_device *device = fake_lookup(frame);

	if (!device)
		return -ENXIO;
	fake_free_table(device->inactive);
	device->inactive = NULL;
	frame->io->flags &= ~(uint32_t)DM_INACTIVE_PRESENT_FLAG;
	fake_settle(frame->fake);
	fake_status(frame, device);
	return 0;
}

static const struct fake_table *asked_table(const struct frame *frame,
					    const struct fake_device *device)
{
	return frame->io->flags & DM_QUERY_INACTIVE_TABLE_FLAG ? device->inactive : device->live;
}

/* What the target would write into the room it is given, cut as scnprintf() does. */
static void target_text(const struct frame *frame, const struct fake_target *target, char *out,
			size_t room)
{
	const char *text = target->params;

	if (!(frame->io->flags & DM_STATUS_TABLE_FLAG))
		text = strcmp(target->type, "verity") == 0    ? "V"
		       : strcmp(target->type, "striped") == 0 ? "2 8:0 8:16 1 AA"
							      : "";
	snprintf(out, room, "%s", text);
}

/* retrieve_status(), line by line. */
void fake_retrieve_status(struct frame *frame, const struct fake_table *table)
{
	size_t length, position = 0, used = 0;
	char *out = fake_result(frame, &length);

	for (uint32_t i = 0; i < table->count; i++) {
		const struct fake_target *target = &table->targets[i];
		struct dm_target_spec *spec = (struct dm_target_spec *)(out + position);
		size_t text;

		if (length - position <= sizeof(*spec)) {
			frame->io->flags |= DM_BUFFER_FULL_FLAG;
			break;
		}
		spec->status = 0;
		spec->sector_start = target->start;
		spec->length = target->length;
		/* 15 of 16 bytes: the last one stays what the caller had there. */
		memset(spec->target_type, 0, sizeof(spec->target_type) - 1);
		memcpy(spec->target_type, target->type, strlen(target->type));
		position += sizeof(*spec);
		target_text(frame, target, out + position, length - position);
		text = strlen(out + position) + 1;
		if (text == length - position) {
			frame->io->flags |= DM_BUFFER_FULL_FLAG;
			break;
		}
		position += text;
		used = frame->io->data_start + position;
		position = fake_align(position);
		if (position > length) {
			frame->io->flags |= DM_BUFFER_FULL_FLAG;
			break;
		}
		spec->next = (uint32_t)position;
	}
	if (used)
		frame->io->data_size = (uint32_t)used;
	frame->io->target_count = table->count;
}

int fake_table_status(struct frame *frame)
{
	struct fake_device *device = fake_lookup(frame);

	if (!device)
		return -ENXIO;
	fake_status(frame, device);
	if (asked_table(frame, device))
		fake_retrieve_status(frame, asked_table(frame, device));
	return 0;
}

/* Every "MAJOR:MINOR" among the words of all parameters, each once. */
static uint32_t collect_deps(const struct fake_table *table, uint64_t *devs, uint32_t most)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < table->count; i++) {
		char *words = strdup(table->targets[i].params), *rest = NULL;

		for (char *word = strtok_r(words, " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			unsigned int major, minor;
			uint32_t seen = 0;
			uint64_t dev;

			if (sscanf(word, "%u:%u", &major, &minor) != 2)
				continue;
			dev = fake_dev(minor) - FAKE_MAJOR * UINT64_C(0x100) +
			      major * UINT64_C(0x100);
			while (seen < n && devs[seen] != dev)
				seen++;
			if (seen == n && n < most)
				devs[n++] = dev;
		}
		free(words);
	}
	return n;
}

int fake_deps(struct frame *frame)
{
	static uint64_t devs[4096];
	struct fake_device *device = fake_lookup(frame);
	const struct fake_table *table;
	size_t length, needed;
	uint32_t count;
	char *out;

	if (!device)
		return -ENXIO;
	fake_status(frame, device);
	table = asked_table(frame, device);
	if (!table)
		return 0;
	count = collect_deps(table, devs, 4096);
	out = fake_result(frame, &length);
	needed = offsetof(struct dm_target_deps, dev) + count * sizeof(devs[0]);
	if (length < needed) {
		frame->io->flags |= DM_BUFFER_FULL_FLAG;
		return 0;
	}
	memcpy(out, &count, sizeof(count));
	memcpy(out + offsetof(struct dm_target_deps, dev), devs, count * sizeof(devs[0]));
	frame->io->data_size = frame->io->data_start + (uint32_t)needed;
	return 0;
}

/* A pool's, of ids up to 63. 0: it is none. */
static int pool_message(struct fake_pool *pool, const char *text)
{
	unsigned int id, origin;
	bool there;

	if (!pool ||
	    (sscanf(text, "create_thin %u", &id) != 1 &&
	     sscanf(text, "create_snap %u %u", &id, &origin) != 2 &&
	     sscanf(text, "delete %u", &id) != 1) ||
	    id > 63)
		return 0;
	there = pool->thins >> id & 1;
	if (text[0] == 'd' ? !there : there)
		return text[0] == 'd' ? -ENODATA : -EEXIST;
	if (strncmp(text, "create_snap", 11) == 0 && !(pool->thins >> origin & 1))
		return -ENODATA;
	pool->thins ^= UINT64_C(1) << id;
	return 1;
}

/* "@cancel_deferred_remove" as the kernel takes it; "echo TEXT" answers TEXT, "noted" nothing. */
static int message(struct fake *fake, struct fake_device *device, const char *text, char *result,
		   size_t room)
{
	int r = pool_message(pool_of(fake, device), text);

	if (r)
		return r < 0 ? r : 0;
	if (strcmp(text, "@cancel_deferred_remove") == 0) {
		device->deferred = device->held = false;
		return 0;
	}
	if (strncmp(text, "echo ", 5) == 0) {
		snprintf(result, room, "%s", text + 5);
		return 1;
	}
	return strcmp(text, "noted") == 0 ? 0 : -EINVAL;
}

int fake_message(struct frame *frame)
{
	size_t room, offset = frame->io->data_start;
	char *result = fake_result(frame, &room);
	struct fake_device *device = fake_lookup(frame);
	const char *text = fake_string(frame, offset + offsetof(struct dm_target_msg, message));
	char *copy;
	int r;

	if (!device)
		return -ENXIO;
	if (!text)
		return -EINVAL;
	/* Argument and answer stand in the same place. */
	copy = strdup(text);
	r = message(frame->fake, device, copy, result, room);
	free(copy);
	if (r < 0)
		return r;
	fake_status(frame, device);
	if (r == 1) {
		frame->io->flags |= DM_DATA_OUT_FLAG;
		if (room == 0 || strlen(result) + 1 >= room)
			frame->io->flags |= DM_BUFFER_FULL_FLAG;
		else
			frame->io->data_size = frame->io->data_start + (uint32_t)strlen(result) + 1;
	}
	return 0;
}
