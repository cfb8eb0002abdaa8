/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/json.h"
#include "read/devices.h"
#include "show/output.h"

static void print_json(struct cli *cli, const struct dmk_info *info, const struct dmk_devno *deps,
		       uint32_t n)
{
	struct json *json = &cli->json;

	json_item(cli);
	json_string(json, "name", info->name);
	json_string(json, "uuid", info->uuid);
	json_u64(json, "major", info->major);
	json_u64(json, "minor", info->minor);
	json_array(json, "deps");
	for (uint32_t i = 0; i < n; i++) {
		char disk[256];

		disk_name(deps[i].major, deps[i].minor, disk, sizeof(disk));
		json_object(json, NULL);
		json_u64(json, "major", deps[i].major);
		json_u64(json, "minor", deps[i].minor);
		json_string(json, "disk", disk);
		json_close(json);
	}
	json_close(json);
	json_close(json);
}

static void print_line(const struct cli *cli, const char *name, const struct dmk_devno *deps,
		       uint32_t n)
{
	if (name) {
		put_text(stdout, cli->out_tty, name);
		putchar(':');
	}
	for (uint32_t i = 0; i < n; i++)
		printf("%s%u:%u", name || i ? " " : "", deps[i].major, deps[i].minor);
	if (name || n)
		putchar('\n');
}

static int one(struct cli *cli, const struct each *each)
{
	struct dmk_query_options options;
	struct dmk_info info;
	struct dmk_devno *deps;
	uint32_t n;

	query_options(cli, &options);
	/* The reply to this request does not go with a struct dmk_info, which JSON shows. */
	if (given(cli, OPT_JSON) && dmk_get_info(cli->dm, &each->id, &options, &info) < 0)
		return each_fail(cli, each);
	if (dmk_get_deps(cli->dm, &each->id, &options, &deps, &n) < 0)
		return each_fail(cli, each);
	if (given(cli, OPT_JSON))
		print_json(cli, &info, deps, n);
	else
		print_line(cli, each->prefix ? each->id.name : NULL, deps, n);
	free(deps);
	return EXIT_DONE;
}

int cmd_deps(struct cli *cli, char **args, int n)
{
	return each_device(cli, args, n, one);
}
