/* SPDX-License-Identifier: MIT */
/* What several commands print: the JSON array of a run, a device in it, the kernel's names of
 * disks. */
#include <stdio.h>
#include <string.h>

#include "common/cli.h"
#include "common/json.h"
#include "show/output.h"
#include "show/results.h"

static void json_info_at(struct cli *cli, const struct dmk_info *info, const char *path)
{
	struct json *json = &cli->json;

	json_item(cli);
	json_string(json, "name", info->name);
	json_string(json, "uuid", info->uuid);
	if (path)
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

void json_info(struct cli *cli, const struct dmk_info *info)
{
	char path[4096];

	json_info_at(cli, info,
		     dmk_node_path(cli->dm, info->name, path, sizeof(path)) == 0 ? path : NULL);
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

int done_mount(struct cli *cli, const struct dmk_info *info)
{
	char path[32];

	note_udev(cli, info->name);
	snprintf(path, sizeof(path), "/dev/dm-%u", info->minor);
	if (given(cli, OPT_JSON))
		json_info_at(cli, info, path);
	return EXIT_DONE;
}
