/* SPDX-License-Identifier: MIT */
/* Devices by number: as text, their name and size out of /sys. */
#include <stdio.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/disks.h"
#include "common/numbers.h"

const char *format_devno(uint32_t major, uint32_t minor, char buf[static DEVNO_TEXT])
{
	snprintf(buf, DEVNO_TEXT, "%" PRIu32 ":%" PRIu32, major, minor);
	return buf;
}

void disk_name(uint32_t major, uint32_t minor, char *buf, size_t size)
{
	char path[64];
	char link[4096];
	const char *base;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/dev/block/%" PRIu32 ":%" PRIu32, major, minor);
	length = readlink(path, link, sizeof(link) - 1);
	link[length > 0 ? length : 0] = '\0';
	base = strrchr(link, '/');
	snprintf(buf, size, "%s", base ? base + 1 : link);
	/* A '/' of the name is a '!' in sysfs. */
	for (char *c = buf; *c; c++)
		if (*c == '!')
			*c = '/';
}

void sys_line(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");

	*buf = '\0';
	if (!file)
		return;
	if (fgets(buf, (int)size, file))
		buf[strcspn(buf, "\n")] = '\0';
	fclose(file);
}

uint64_t disk_size_sectors(uint32_t major, uint32_t minor)
{
	char path[64];
	char text[32];
	uint64_t sectors = 0;

	snprintf(path, sizeof(path), "/sys/dev/block/%" PRIu32 ":%" PRIu32 "/size", major, minor);
	sys_line(path, text, sizeof(text));
	return parse_number(text, UINT64_MAX, &sectors) ? sectors : 0;
}
