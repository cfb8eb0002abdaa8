/* SPDX-License-Identifier: MIT */
#include "cli.h"

static void print_removed(struct cli *cli, const struct dmk_id *id, bool deferred)
{
	char number[DEVNO_TEXT];

	if (!given(cli, OPT_JSON) || given(cli, OPT_DRY_RUN))
		return;
	json_item(cli);
	json_string(&cli->json, "device", device_word(id, number, sizeof(number)));
	/* Still there, and gone as soon as it is closed. */
	json_bool(&cli->json, "deferred", deferred);
	json_close(&cli->json);
}

int try_remove(struct cli *cli, const struct dmk_id *id)
{
	struct dmk_remove_options options = { 0 };
	struct dmk_info info = { 0 };
	char number[DEVNO_TEXT];
	int r;

	if (given(cli, OPT_FORCE))
		options.flags |= DMK_REMOVE_FORCE;
	if (given(cli, OPT_DEFERRED))
		options.flags |= DMK_REMOVE_DEFERRED;
	if (given(cli, OPT_NO_NODE))
		options.node_policy = DMK_NODE_NONE;
	r = dmk_remove(cli->dm, id, &options, &info);
	if (r == 0)
		note_udev(cli, device_word(id, number, sizeof(number)));
	if (r == 0)
		print_removed(cli, id, info.flags & DMK_INFO_DEFERRED_REMOVE);
	return r;
}

static int cancel(struct cli *cli, const struct dmk_id *id)
{
	struct dmk_info info;

	if (dmk_cancel_deferred_remove(cli->dm, id) < 0)
		return fail(cli);
	if (given(cli, OPT_DRY_RUN) || !given(cli, OPT_JSON))
		return EXIT_DONE;
	if (dmk_get_info(cli->dm, id, NULL, &info) < 0)
		return fail(cli);
	return done(cli, &info);
}

static int remove_each(struct cli *cli, const struct each *each)
{
	arm_deadline(cli);
	if (given(cli, OPT_CANCEL_DEFERRED))
		return cancel(cli, &each->id);
	return try_remove(cli, &each->id) < 0 ? fail(cli) : EXIT_DONE;
}

int cmd_remove(struct cli *cli, char **args, int n)
{
	bool addressed = given(cli, OPT_UUID) || given(cli, OPT_DEVNO);

	if (given(cli, OPT_CANCEL_DEFERRED) && (given(cli, OPT_FORCE) || given(cli, OPT_DEFERRED)))
		return usage_error(cli, "cancel-deferred",
				   "--cancel-deferred removes nothing: no --force or --deferred");
	if (given(cli, OPT_ALL)) {
		if (n > 0 || addressed || given(cli, OPT_CANCEL_DEFERRED))
			return usage_error(
				cli, "all",
				"--all takes no NAME, no --uuid, --devno or --cancel-deferred");
		return remove_all(cli);
	}
	if (n == 0 && !addressed)
		return usage_error(cli, "", "needs NAME... or --all");
	return each_device(cli, args, n, remove_each);
}
