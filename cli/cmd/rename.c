/* SPDX-License-Identifier: MIT */
/* rename, set-uuid, set-geometry */
#include "cmd/commands.h"
#include "common/cli.h"
#include "common/numbers.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/results.h"

int cmd_rename(struct cli *cli, char **args, int n)
{
	struct dmk_rename_options rename = { 0 };
	struct dmk_info info;
	struct dmk_id id;
	int status;

	status = take_device(cli, &args, &n, &id);
	if (status != EXIT_DONE)
		return status;
	if (given(cli, OPT_NO_NODE))
		rename.node_policy = DMK_NODE_NONE;
	if (dmk_rename(cli->dm, &id, strip_node_dir(args[0]), &rename, &info) < 0)
		return fail(cli);
	return done_udev(cli, &info);
}

int cmd_set_uuid(struct cli *cli, char **args, int n)
{
	struct dmk_info info;
	struct dmk_id id;
	int status;

	status = take_device(cli, &args, &n, &id);
	if (status != EXIT_DONE)
		return status;
	if (dmk_set_uuid(cli->dm, &id, args[0], NULL, &info) < 0)
		return fail(cli);
	return done_udev(cli, &info);
}

int cmd_set_geometry(struct cli *cli, char **args, int n)
{
	static const char *const names[] = { "CYLINDERS", "HEADS", "SECTORS" };
	uint32_t numbers[ARRAY_SIZE(names)];
	struct dmk_info info;
	struct dmk_id id;
	int status;
	uint64_t start;

	status = take_device(cli, &args, &n, &id);
	if (status != EXIT_DONE)
		return status;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!parse_number32(args[i], UINT32_MAX, &numbers[i]))
			return usage_error(cli, args[i], "%s is a number, not '%s'", names[i],
					   args[i]);
	}
	if (!parse_number(args[3], UINT64_MAX, &start))
		return usage_error(cli, args[3], "START is a number of sectors, not '%s'", args[3]);

	if (dmk_set_geometry(cli->dm, &id, numbers[0], numbers[1], numbers[2], start) < 0)
		return fail(cli);
	if (given(cli, OPT_DRY_RUN) || !given(cli, OPT_JSON))
		return EXIT_DONE;
	/* This request answers with nothing. */
	if (dmk_get_info(cli->dm, &id, NULL, &info) < 0)
		return fail(cli);
	return done(cli, &info);
}
