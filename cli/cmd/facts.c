/* SPDX-License-Identifier: MIT */
/* What list and tree tell of a device: its table by one request, its users out of /sys. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/facts.h"
#include "cmd/places.h"
#include "common/cli.h"
#include "common/disks.h"
#include "read/devices.h"
#include "show/errors.h"

/* Each type once, in the order in which they come. */
static void add_type(struct facts *facts, const char *type)
{
	size_t length = strlen(type);
	size_t used = strlen(facts->types);

	for (const char *have = facts->types; *have; have += strcspn(have, ",")) {
		have += *have == ',';
		if (strncmp(have, type, length) == 0 &&
		    (have[length] == ',' || have[length] == '\0'))
			return;
	}
	snprintf(facts->types + used, sizeof(facts->types) - used, "%s%s", used ? "," : "", type);
}

/* Another one can have its number by now: of this one nothing is known any more then. */
static bool take_info(struct facts *facts, const struct dmk_info *info)
{
	if (strcmp(info->name, facts->name) != 0 || info->major != facts->major ||
	    info->minor != facts->minor || (facts->uuid && strcmp(info->uuid, facts->uuid) != 0))
		return false;
	facts->flags = info->flags;
	facts->open_count = info->open_count;
	facts->segments = info->target_count;
	facts->known = true;
	return true;
}

static int read_table(struct cli *cli, struct facts *facts)
{
	static const struct each all = { .all = true };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	int r = 0;

	if (dmk_get_table(cli->dm, DMK_DEVNO(facts->major, facts->minor), NULL, &segments) < 0)
		return each_fail(cli, &all);
	if (take_info(facts, dmk_segments_info(segments))) {
		while ((r = dmk_segments_next(segments, &segment)) > 0) {
			facts->size_sectors += segment.length_sectors;
			add_type(facts, segment.type);
		}
	}
	dmk_segments_free(segments);
	return r < 0 ? fail_errno(cli, r, facts->name, "read the table of") : EXIT_DONE;
}

static int read_state(struct cli *cli, struct facts *facts)
{
	static const struct each all = { .all = true };
	struct dmk_info info;

	if (dmk_get_info(cli->dm, DMK_DEVNO(facts->major, facts->minor), NULL, &info) < 0)
		return each_fail(cli, &all);
	take_info(facts, &info);
	return EXIT_DONE;
}

/* A mapping's own name out of /sys, else the kernel's name of the device. */
static void add_user(struct facts *facts, const char *folder, const char *entry)
{
	char path[400];
	char name[DMK_NAME_SIZE + 1] = "";
	ssize_t length = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%.255s/dm/name", folder, entry);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, name, sizeof(name) - 1);
		close(fd);
	}
	/* The line's end is not the name's, which can hold one too. */
	name[length > 0 ? length - 1 : 0] = '\0';
	words_add(&facts->users, *name ? name : entry);
}

static void read_users(struct facts *facts)
{
	char folder[80];
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u/holders", facts->major,
		 facts->minor);
	dir = opendir(folder);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			add_user(facts, folder, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

int facts_read(struct cli *cli, struct facts *facts, unsigned wants, const struct places *places)
{
	int status = EXIT_DONE;

	if (!facts->mapping) {
		facts->size_sectors = disk_size_sectors(facts->major, facts->minor);
		facts->known = true;
	} else if (wants & WANT_TABLE) {
		status = read_table(cli, facts);
	} else if (wants & WANT_STATE) {
		status = read_state(cli, facts);
	} else {
		facts->known = true;
	}
	if (status != EXIT_DONE || !facts->known)
		return status;
	if (wants & WANT_MOUNTS)
		places_find(places, facts->major, facts->minor, &facts->mounts);
	if (wants & WANT_USERS)
		read_users(facts);
	return EXIT_DONE;
}

void facts_drop(struct facts *facts)
{
	free(facts->mounts.text);
	free(facts->users.text);
	facts->mounts = facts->users = (struct words){ 0 };
}
