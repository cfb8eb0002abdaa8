/* SPDX-License-Identifier: MIT */
/* clear, suspend, resume */
#include "cmd/commands.h"
#include "common/cli.h"
#include "read/devices.h"
#include "show/results.h"

static uint32_t suspend_flags(const struct cli *cli)
{
	uint32_t flags = 0;

	if (given(cli, OPT_NOFLUSH))
		flags |= DMK_SUSPEND_NOFLUSH;
	if (given(cli, OPT_NO_LOCKFS))
		flags |= DMK_SUSPEND_SKIP_LOCKFS;
	return flags;
}

static int clear_one(struct cli *cli, const struct each *each)
{
	struct dmk_info info;

	if (dmk_clear(cli->dm, &each->id, &info) < 0)
		return each_fail(cli, each);
	return done(cli, &info);
}

static int suspend_one(struct cli *cli, const struct each *each)
{
	struct dmk_suspend_options suspend = { .flags = suspend_flags(cli) };
	struct dmk_info info;

	if (dmk_suspend(cli->dm, &each->id, &suspend, &info) < 0)
		return each_fail(cli, each);
	return done(cli, &info);
}

static int resume_one(struct cli *cli, const struct each *each)
{
	struct dmk_resume_options resume = {
		.flags = suspend_flags(cli),
		.uid = cli->options.uid,
		.gid = cli->options.gid,
		.mode = cli->options.mode,
	};
	struct dmk_info info;

	if (given(cli, OPT_NO_NODE))
		resume.node_policy = DMK_NODE_NONE;
	if (dmk_resume(cli->dm, &each->id, &resume, &info) < 0)
		return each_fail(cli, each);
	return done_udev(cli, &info);
}

int cmd_clear(struct cli *cli, char **args, int n)
{
	return each_device(cli, args, n, clear_one);
}

/* A suspend sends what is in flight down to the devices below, and those must take it. */
int cmd_suspend(struct cli *cli, char **args, int n)
{
	return each_ordered(cli, args, n, true, suspend_one);
}

int cmd_resume(struct cli *cli, char **args, int n)
{
	return each_ordered(cli, args, n, false, resume_one);
}
