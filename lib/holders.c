/* SPDX-License-Identifier: MIT */
#include "holders.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* A slot to fill; NULL when all are taken: then it is only counted. */
static struct dmk_holder *next_holder(struct dmk_error *err)
{
	if (err->n_holders == DMK_MAX_HOLDERS) {
		err->holders_more++;
		return NULL;
	}
	return &err->holders[err->n_holders++];
}

/* The first line of a small file; "" where there is none. */
static void read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, (int)size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

static void add_device(const char *holders, const char *name, struct dmk_error *err)
{
	struct dmk_holder *holder = next_holder(err);
	char path[512], line[DMK_NAME_SIZE + 1];

	if (!holder)
		return;
	*holder = (struct dmk_holder){ .kind = DMK_HOLDER_DEVICE };
	dmk_copy_text(holder->name, sizeof(holder->name), name);
	snprintf(path, sizeof(path), "%s/%s/dev", holders, name);
	read_line(path, line, sizeof(line));
	if (sscanf(line, "%u:%u", &holder->major, &holder->minor) != 2)
		holder->major = holder->minor = 0;
	snprintf(path, sizeof(path), "%s/%s/dm/name", holders, name);
	read_line(path, line, sizeof(line));
	if (line[0]) {
		holder->kind = DMK_HOLDER_MAPPING;
		dmk_copy_text(holder->name, sizeof(holder->name), line);
	}
}

static void find_devices(uint32_t major, uint32_t minor, struct dmk_error *err)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/holders", major, minor);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add_device(path, entry->d_name, err);
	closedir(dir);
}

/* A mount point stands in mountinfo with its blanks as \040. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

static void find_mounts(uint32_t major, uint32_t minor, struct dmk_error *err)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;

	if (!mounts)
		return;
	while (getline(&line, &size, mounts) > 0) {
		unsigned int a, b;
		int place = 0, end = 0;
		struct dmk_holder *holder;

		/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT ... */
		if (sscanf(line, "%*s %*s %u:%u %*s %n%*s%n", &a, &b, &place, &end) != 2 ||
		    end <= place || a != major || b != minor)
			continue;
		holder = next_holder(err);
		if (!holder)
			continue;
		line[end] = '\0';
		unescape(line + place);
		*holder = (struct dmk_holder){ .kind = DMK_HOLDER_MOUNT, .major = a, .minor = b };
		dmk_copy_text(holder->where, sizeof(holder->where), line + place);
	}
	free(line);
	fclose(mounts);
}

void dmk_find_holders(uint32_t major, uint32_t minor, struct dmk_error *err)
{
	find_devices(major, minor, err);
	find_mounts(major, minor, err);
}
