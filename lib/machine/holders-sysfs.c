/* SPDX-License-Identifier: MIT */
/* What sysfs tells: devices on top (device-mapper, md, bcache), partitions, loop devices. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "blockdev.h"
#include "holders.h"

/* A number of its own in DIR/NAME/dev. */
static bool read_number(const char *dir, const char *name, struct dmk_devno *ret_number)
{
	char path[768], line[32];

	snprintf(path, sizeof(path), "%s/%s/dev", dir, name);
	dmk_read_line(path, line, sizeof(line));
	return dmk_parse_devno(line, &ret_number->major, &ret_number->minor);
}

static DIR *open_block(const struct dmk_holders *holders, const struct dmk_devno *number,
		       const char *below, char *path, size_t size)
{
	snprintf(path, size, "%s/dev/block/%u:%u%s", holders->sys, number->major, number->minor,
		 below);
	return opendir(path);
}

static bool is_partition(const char *dir)
{
	char path[768], line[32];

	snprintf(path, sizeof(path), "%s/partition", dir);
	dmk_read_line(path, line, sizeof(line));
	return line[0];
}

/* Who holds a partition keeps the disk busy as well. */
static int find_partitions_of(struct dmk_holders *holders, const struct dmk_held *held)
{
	struct dmk_devno number;
	struct dirent *entry;
	char path[256], below[512];
	DIR *dir = open_block(holders, &held->number, "", path, sizeof(path));
	uint32_t owner = held->owner;
	int r = 0;

	if (!dir)
		return 0;
	while (r == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		snprintf(below, sizeof(below), "%s/%.200s", path, entry->d_name);
		if (is_partition(below) && read_number(path, entry->d_name, &number))
			r = dmk_add_held(holders, &number, owner);
	}
	closedir(dir);
	return r;
}

int dmk_find_partitions(struct dmk_holders *holders)
{
	uint32_t n = holders->n_held;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < n && !dmk_holders_over(holders); i++)
		r = find_partitions_of(holders, &holders->held[i]);
	return r;
}

int dmk_find_disks(struct dmk_holders *holders, uint32_t n)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < n && !dmk_holders_over(holders); i++) {
		const struct dmk_held *held = &holders->held[i];
		struct dmk_devno number;
		char path[256];

		snprintf(path, sizeof(path), "%s/dev/block/%u:%u", holders->sys, held->number.major,
			 held->number.minor);
		if (is_partition(path) && read_number(path, "..", &number))
			r = dmk_add_held(holders, &number, held->owner);
	}
	return r;
}

/* Of a mapping that is being removed sysfs gives the name no more, then not even its folder; but no
 * other driver's disks are called so. */
static bool is_mapping(const char *dir, const char *name)
{
	char path[768];

	snprintf(path, sizeof(path), "%s/%s/dm", dir, name);
	return access(path, F_OK) == 0 || (strncmp(name, "dm-", 3) == 0 && name[3] &&
					   strspn(name + 3, "0123456789") == strlen(name + 3));
}

static int add_device(struct dmk_holders *holders, uint32_t owner, const char *dir,
		      const char *name)
{
	struct dmk_found *found = dmk_add_holder(holders, owner, DMK_HOLDER_DEVICE);
	struct dmk_devno number = { 0 };
	char path[768], line[DMK_NAME_SIZE + 1];

	if (!found)
		return -ENOMEM;
	(void)read_number(dir, name, &number);
	found->holder.major = number.major;
	found->holder.minor = number.minor;
	dmk_copy_text(found->holder.name, sizeof(found->holder.name), name);
	if (is_mapping(dir, name)) {
		snprintf(path, sizeof(path), "%s/%s/dm/name", dir, name);
		dmk_read_line(path, line, sizeof(line));
		found->holder.kind = DMK_HOLDER_MAPPING;
		dmk_copy_text(found->holder.name, sizeof(found->holder.name), line);
	}
	return 0;
}

int dmk_find_devices(struct dmk_holders *holders, uint32_t first, uint32_t end)
{
	int r = 0;

	for (uint32_t i = first; r == 0 && i < end && !dmk_holders_over(holders); i++) {
		const struct dmk_held *held = &holders->held[i];
		struct dirent *entry;
		char path[256];
		DIR *dir = open_block(holders, &held->number, "/holders", path, sizeof(path));

		if (!dir)
			continue;
		while (r == 0 && (entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				r = add_device(holders, held->owner, path, entry->d_name);
		closedir(dir);
	}
	return r;
}

/* The one of ours that loop device NAME stands on, or NULL. Its backing file is a path of the
 * process that set it up: where that leads nowhere here, the loop device itself is asked. */
static const struct dmk_held *below_loop(struct dmk_holders *holders, const char *name,
					 const char *backing)
{
	struct dmk_place place;
	uint32_t major, minor;
	int r;

	if (dmk_look_at_path(holders, AT_FDCWD, backing, &place) == 0)
		return place.node;
	r = dmk_blockdev_loop_backing(name, &major, &minor);
	if (r == 0)
		return dmk_find_held(holders, major, minor);
	/* Taken apart meanwhile. */
	if (r != -ENXIO)
		holders->scope.places_unseen++;
	return NULL;
}

static int look_at_loop(struct dmk_holders *holders, const char *dir, const char *name)
{
	char path[768], backing[4096];
	struct dmk_devno number = { 0 };
	const struct dmk_held *held;
	struct dmk_found *found;

	snprintf(path, sizeof(path), "%s/%s/loop/backing_file", dir, name);
	dmk_read_line(path, backing, sizeof(backing));
	held = backing[0] ? below_loop(holders, name, backing) : NULL;
	if (!held)
		return 0;
	found = dmk_add_holder(holders, held->owner, DMK_HOLDER_LOOP);
	if (!found)
		return -ENOMEM;
	(void)read_number(dir, name, &number);
	found->holder.major = number.major;
	found->holder.minor = number.minor;
	dmk_copy_text(found->holder.name, sizeof(found->holder.name), name);
	dmk_copy_text(found->holder.where, sizeof(found->holder.where), backing);
	return 0;
}

int dmk_find_loops(struct dmk_holders *holders)
{
	struct dirent *entry;
	char path[256];
	int r = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/block", holders->sys);
	dir = opendir(path);
	if (!dir)
		return 0;
	while (r == 0 && (entry = readdir(dir)) && !dmk_holders_over(holders))
		if (strncmp(entry->d_name, "loop", 4) == 0)
			r = look_at_loop(holders, path, entry->d_name);
	closedir(dir);
	return r;
}
