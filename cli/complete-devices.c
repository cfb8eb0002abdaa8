/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <string.h>

#include "complete.h"

/* Whether the command can do something with a device of that state. */
static bool fits(const struct completion *c, const struct dmk_info *info)
{
	const struct command *command = c->command;
	bool suspended = info->flags & DMK_INFO_SUSPENDED;
	bool inactive = info->flags & DMK_INFO_INACTIVE_TABLE;

	if (command->run == cmd_resume)
		return suspended || inactive;
	if (command->run == cmd_suspend)
		return !suspended;
	if (command->run == cmd_clear || (c->given & BIT(OPT_INACTIVE)))
		return inactive;
	if (command->run == cmd_set_uuid)
		return !*info->uuid;
	if (c->given & BIT(OPT_CANCEL_DEFERRED))
		return info->flags & DMK_INFO_DEFERRED_REMOVE;
	return true;
}

static bool is_named(const struct completion *c, const char *name)
{
	for (int i = 0; i < c->n; i++) {
		if (strcmp(strip_node_dir(c->args[i]), name) == 0)
			return true;
	}
	return false;
}

static void put_device(const struct completion *c, enum device_word what, const char *before,
		       const struct dmk_info *info)
{
	static const char dir[] = "/dev/mapper/";
	const char *state = info->flags & DMK_INFO_SUSPENDED ? "suspended" : "active";
	char number[DEVNO_TEXT];
	char help[256];

	if (what == DEVICE_UUID) {
		complete_put(c, before, info->uuid, strlen(info->uuid), "", info->name);
		return;
	}
	format_devno(info->major, info->minor, number);
	if (what == DEVICE_NUMBER) {
		complete_put(c, before, number, strlen(number), "", info->name);
		return;
	}
	if (is_named(c, info->name))
		return;
	snprintf(help, sizeof(help), "%s, %s%s", number, state,
		 info->flags & DMK_INFO_INACTIVE_TABLE ? ", a table loaded" : "");
	complete_put(c, before, info->name, strlen(info->name), "", help);
	if (!*before && *c->word == '/')
		complete_put(c, dir, info->name, strlen(info->name), "", help);
}

/* One line of a file of /sys; "" where there is none. */
static void read_line(const char *disk, const char *file, char *buf, size_t size)
{
	char path[320];
	FILE *stream;

	*buf = '\0';
	snprintf(path, sizeof(path), "/sys/block/%s/%s", disk, file);
	stream = fopen(path, "re");
	if (!stream)
		return;
	if (fgets(buf, (int)size, stream))
		buf[strcspn(buf, "\n")] = '\0';
	fclose(stream);
}

/* Who may not ask the kernel, for sudo, can look there. Whether a table is loaded it does not say.
 */
static void complete_from_sys(const struct completion *c, enum device_word what, const char *before)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct dmk_info info = { .flags = DMK_INFO_INACTIVE_TABLE };
		char text[32];

		read_line(entry->d_name, "dm/name", info.name, sizeof(info.name));
		if (!*info.name)
			continue;
		read_line(entry->d_name, "dm/uuid", info.uuid, sizeof(info.uuid));
		read_line(entry->d_name, "dm/suspended", text, sizeof(text));
		if (*text == '1')
			info.flags |= DMK_INFO_SUSPENDED;
		read_line(entry->d_name, "dev", text, sizeof(text));
		parse_devno(text, &info.major, &info.minor);
		if (fits(c, &info))
			put_device(c, what, before, &info);
	}
	if (dir)
		closedir(dir);
}

void complete_devices(const struct completion *c, enum device_word what, const char *before)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;

	if (!c->command)
		return;
	if (dmk_list(c->cli->dm, &options, &devices) < 0) {
		complete_from_sys(c, what, before);
		return;
	}
	while (dmk_devices_next(devices, &device) > 0) {
		struct dmk_info info;

		if (dmk_get_info(c->cli->dm, DMK_NAME(device.name), NULL, &info) == 0 &&
		    fits(c, &info))
			put_device(c, what, before, &info);
	}
	dmk_devices_free(devices);
}

void complete_type(const struct completion *c, const char *name, char type[static DMK_TYPE_SIZE])
{
	struct dmk_id id = { .name = name ? strip_node_dir(name) : NULL, .uuid = c->uuid };
	struct dmk_segments *segments;
	struct dmk_segment segment;

	*type = '\0';
	if (id.name)
		id.uuid = NULL;
	if ((!id.name && !id.uuid) || dmk_get_table(c->cli->dm, &id, NULL, &segments) < 0)
		return;
	if (dmk_segments_next(segments, &segment) > 0)
		snprintf(type, DMK_TYPE_SIZE, "%s", segment.type);
	dmk_segments_free(segments);
}
