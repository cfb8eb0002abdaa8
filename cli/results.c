/* SPDX-License-Identifier: MIT */
/* What several commands print: the JSON array of a run, a device in it, the kernel's names of
 * disks. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "users.h"

void json_item(struct cli *cli)
{
	/* The array begins with its first element, so that a failure leaves standard output empty.
	 */
	if (cli->json.depth == 0)
		json_array(&cli->json, NULL);
	json_object(&cli->json, NULL);
}

void json_info(struct cli *cli, const struct dmk_info *info)
{
	struct json *json = &cli->json;
	char path[4096];

	json_item(cli);
	json_string(json, "name", info->name);
	json_string(json, "uuid", info->uuid);
	if (dmk_node_path(cli->dm, info->name, path, sizeof(path)) == 0)
		json_string(json, "path", path);
	json_u64(json, "major", info->major);
	json_u64(json, "minor", info->minor);
	json_bool(json, "suspended", info->flags & DMK_INFO_SUSPENDED);
	json_bool(json, "readonly", info->flags & DMK_INFO_READONLY);
	json_bool(json, "live_table", info->flags & DMK_INFO_LIVE_TABLE);
	json_bool(json, "inactive_table", info->flags & DMK_INFO_INACTIVE_TABLE);
	json_bool(json, "deferred_remove", info->flags & DMK_INFO_DEFERRED_REMOVE);
	json_bool(json, "internal_suspend", info->flags & DMK_INFO_INTERNAL_SUSPEND);
	if (info->open_count < 0)
		json_null(json, "open_count");
	else
		json_i64(json, "open_count", info->open_count);
	json_u64(json, "event_nr", info->event_nr);
	json_u64(json, "target_count", info->target_count);
	json_close(json);
}

const char *holder_kind(uint32_t kind)
{
	static const char *const kinds[] = {
		[DMK_HOLDER_MAPPING] = "mapping", [DMK_HOLDER_DEVICE] = "device",
		[DMK_HOLDER_MOUNT] = "mount",	  [DMK_HOLDER_OPEN] = "open",
		[DMK_HOLDER_SWAP] = "swap",	  [DMK_HOLDER_LOOP] = "loop",
		[DMK_HOLDER_FILE] = "file",	  [DMK_HOLDER_CWD] = "cwd",
		[DMK_HOLDER_ROOT] = "root",	  [DMK_HOLDER_EXE] = "exe",
		[DMK_HOLDER_MAP] = "map",
	};

	return kind < ARRAY_SIZE(kinds) && kinds[kind] ? kinds[kind] : "";
}

void json_holder(struct json *json, const struct dmk_holder *holder)
{
	char user[64];

	json_object(json, NULL);
	json_string(json, "kind", holder_kind(holder->kind));
	json_u64(json, "major", holder->major);
	json_u64(json, "minor", holder->minor);
	json_string(json, "name", holder->name);
	json_string(json, "where", holder->where);
	json_i64(json, "pid", holder->pid);
	json_string(json, "user", holder_user(holder, user, sizeof(user)));
	json_close(json);
}

int done(struct cli *cli, const struct dmk_info *info)
{
	/* A dry run has listed its requests there already, and knows of no device. */
	if (given(cli, OPT_JSON) && !given(cli, OPT_DRY_RUN))
		json_info(cli, info);
	return EXIT_DONE;
}

int done_udev(struct cli *cli, const struct dmk_info *info)
{
	note_udev(cli, info->name);
	return done(cli, info);
}

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
}

uint64_t disk_size_sectors(uint32_t major, uint32_t minor)
{
	char path[64];
	char text[32] = "";
	uint64_t sectors = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/dev/block/%" PRIu32 ":%" PRIu32 "/size", major, minor);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
	return parse_number(text, UINT64_MAX, &sectors) ? sectors : 0;
}
