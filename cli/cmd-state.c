/* SPDX-License-Identifier: MIT */
/* clear, suspend, resume */
#include "cli.h"

static uint32_t suspend_flags(const struct cli *cli)
{
	uint32_t flags = 0;

	if (given(cli, OPT_NOFLUSH))
		flags |= DMK_SUSPEND_NOFLUSH;
	if (given(cli, OPT_NO_LOCKFS))
		flags |= DMK_SUSPEND_SKIP_LOCKFS;
	return flags;
}

int cmd_clear(struct cli *cli, char **args, int n)
{
	struct dmk_info info;
	struct dmk_id id;

	take_device(cli, &args, &n, &id);
	if (dmk_clear(cli->dm, &id, &info) < 0)
		return fail(cli);
	return done(cli, &info);
}

int cmd_suspend(struct cli *cli, char **args, int n)
{
	struct dmk_suspend_options suspend = { .flags = suspend_flags(cli) };
	struct dmk_info info;
	struct dmk_id id;

	take_device(cli, &args, &n, &id);
	if (dmk_suspend(cli->dm, &id, &suspend, &info) < 0)
		return fail(cli);
	return done(cli, &info);
}

int cmd_resume(struct cli *cli, char **args, int n)
{
	struct dmk_resume_options resume = {
		.flags = suspend_flags(cli),
		.uid = cli->options.uid,
		.gid = cli->options.gid,
		.mode = cli->options.mode,
	};
	struct dmk_info info;
	struct dmk_id id;

	take_device(cli, &args, &n, &id);
	if (given(cli, OPT_NO_NODE))
		resume.node_policy = DMK_NODE_NONE;
	if (dmk_resume(cli->dm, &id, &resume, &info) < 0)
		return fail(cli);
	return done_udev(cli, &info);
}
