/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "common/cli.h"
#include "common/numbers.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/results.h"

int cmd_wait(struct cli *cli, char **args, int n)
{
	struct dmk_info info;
	struct dmk_id id;
	int status;
	uint32_t event_nr;

	status = take_device(cli, &args, &n, &id);
	if (status != EXIT_DONE)
		return status;
	if (n > 0) {
		if (!parse_number32(args[0], UINT32_MAX, &event_nr))
			return usage_error(cli, args[0],
					   "EVENT-NR is a number up to 4294967295, not '%s'",
					   args[0]);
	} else {
		if (dmk_get_info(cli->dm, &id, NULL, &info) < 0)
			return fail(cli);
		event_nr = info.event_nr;
	}
	if (dmk_wait(cli->dm, &id, event_nr, NULL, &info) < 0)
		return fail(cli);
	if (given(cli, OPT_JSON))
		return done(cli, &info);
	printf("%u\n", info.event_nr);
	return EXIT_DONE;
}
