/* SPDX-License-Identifier: MIT */
#include "cli.h"

void print_removed(struct cli *cli, const struct dmk_id *id, bool deferred)
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

void remove_options(const struct cli *cli, struct dmk_remove_options *ret_options)
{
	*ret_options = (struct dmk_remove_options){ 0 };
	if (given(cli, OPT_FORCE))
		ret_options->flags |= DMK_REMOVE_FORCE;
	if (given(cli, OPT_DEFERRED))
		ret_options->flags |= DMK_REMOVE_DEFERRED;
	if (given(cli, OPT_NO_NODE))
		ret_options->node_policy = DMK_NODE_NONE;
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
	struct dmk_remove_options options;
	struct dmk_info info = { 0 };
	char number[DEVNO_TEXT];

	arm_deadline(cli);
	if (given(cli, OPT_CANCEL_DEFERRED))
		return cancel(cli, &each->id);
	remove_options(cli, &options);
	if (dmk_remove(cli->dm, &each->id, &options, &info) < 0)
		return fail(cli);
	note_udev(cli, device_word(&each->id, number, sizeof(number)));
	print_removed(cli, &each->id, info.flags & DMK_INFO_DEFERRED_REMOVE);
	return EXIT_DONE;
}

int cmd_remove(struct cli *cli, char **args, int n)
{
	if (given(cli, OPT_CANCEL_DEFERRED) && (given(cli, OPT_FORCE) || given(cli, OPT_DEFERRED)))
		return usage_error(cli, "cancel-deferred",
				   "--cancel-deferred removes nothing: no --force or --deferred");
	if (given(cli, OPT_ALL) || given(cli, OPT_PREFIX)) {
		const char *prefix = given(cli, OPT_ALL) ? NULL : cli->options.prefix;

		if (given(cli, OPT_ALL) && given(cli, OPT_PREFIX))
			return usage_error(cli, "prefix", "--all and --prefix exclude each other");
		if (n > 0 || addressed(cli) || given(cli, OPT_CANCEL_DEFERRED))
			return usage_error(
				cli, prefix ? "prefix" : "all",
				"--%s takes no NAME, no --uuid, --devno or --cancel-deferred",
				prefix ? "prefix" : "all");
		return remove_listed(cli, prefix);
	}
	if (n == 0 && !addressed(cli))
		return usage_error(cli, "", "needs NAME..., --prefix or --all");
	if (n > 1 && !given(cli, OPT_CANCEL_DEFERRED))
		return remove_named(cli, args, n);
	return each_device(cli, args, n, remove_each);
}
