/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/complete.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/numbers.h"
#include "read/devices.h"

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

static void put_device(const struct completion *c, enum device_word what,
		       const struct dmk_info *info)
{
	const char *word = info->uuid, *help = info->name;
	char number[DEVNO_TEXT];

	if (!fits(c, info) || is_named(c, info->name))
		return;
	if (what == DEVICE_NUMBER)
		word = format_devno(info->major, info->minor, number);
	if (what == DEVICE_NAME) {
		word = info->name;
		help = info->flags & DMK_INFO_SUSPENDED	       ? "suspended"
		       : info->flags & DMK_INFO_INACTIVE_TABLE ? "active, a table loaded"
							       : "active";
	}
	complete_put(c, word, strlen(word), "", help);
}

static void read_line(const char *disk, const char *file, char *buf, size_t size)
{
	char path[320];

	snprintf(path, sizeof(path), "/sys/block/%s/%s", disk, file);
	sys_line(path, buf, size);
}

/* Who may not ask the kernel, for sudo, can look there. Whether a table is loaded it does not say.
 */
static void complete_from_sys(const struct completion *c, enum device_word what)
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
		put_device(c, what, &info);
	}
	if (dir)
		closedir(dir);
}

void complete_devices(const struct completion *c, enum device_word what)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;

	/* /dev/mapper/NAME; and holders takes any block device. */
	if (*c->rest == '/')
		complete_path(c);
	if (!c->command || *c->rest == '/')
		return;
	if (dmk_list(c->cli->dm, &options, &devices) < 0) {
		complete_from_sys(c, what);
		return;
	}
	while (dmk_devices_next(devices, &device) > 0) {
		struct dmk_info info;

		if (dmk_get_info(c->cli->dm, DMK_NAME(device.name), NULL, &info) == 0)
			put_device(c, what, &info);
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
