/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "common/cli.h"
#include "common/disks.h"
#include "read/devices.h"
#include "show/output.h"
#include "show/results.h"

static void put_name_value(const struct cli *cli, const char *name, const char *value)
{
	put_padded(stdout, false, name, 14);
	put_text(stdout, cli->out_tty, value);
	putchar('\n');
}

static const char *tables(uint32_t flags)
{
	static const char *const words[] = { "none", "live", "inactive", "live and inactive" };

	return words[!!(flags & DMK_INFO_LIVE_TABLE) + 2 * !!(flags & DMK_INFO_INACTIVE_TABLE)];
}

static void print_info(const struct cli *cli, const struct dmk_info *info)
{
	char text[DEVNO_TEXT];
	char path[4096];
	char state[96];

	snprintf(state, sizeof(state), "%s%s%s%s",
		 info->flags & DMK_INFO_SUSPENDED ? "suspended" : "active",
		 info->flags & DMK_INFO_INTERNAL_SUSPEND ? ", suspended by the kernel" : "",
		 info->flags & DMK_INFO_READONLY ? ", read-only" : "",
		 info->flags & DMK_INFO_DEFERRED_REMOVE ? ", removed when closed" : "");
	put_name_value(cli, "name", info->name);
	put_name_value(cli, "uuid", *info->uuid ? info->uuid : "-");
	put_name_value(cli, "device", format_devno(info->major, info->minor, text));
	if (dmk_node_path(cli->dm, info->name, path, sizeof(path)) == 0)
		put_name_value(cli, "path", path);
	put_name_value(cli, "state", state);
	put_name_value(cli, "tables", tables(info->flags));
	snprintf(text, sizeof(text), "%u", info->target_count);
	put_name_value(cli, "segments", text);
	snprintf(text, sizeof(text), "%d", info->open_count);
	put_name_value(cli, "open count", text);
	snprintf(text, sizeof(text), "%u", info->event_nr);
	put_name_value(cli, "event number", text);
}

static int info_one(struct cli *cli, const struct each *each)
{
	struct dmk_query_options options;
	struct dmk_info info;

	query_options(cli, &options);
	if (dmk_get_info(cli->dm, &each->id, &options, &info) < 0)
		return each_fail(cli, each);
	if (given(cli, OPT_JSON)) {
		json_info(cli, &info);
		return EXIT_DONE;
	}
	/* Blocks are parted by an empty line. */
	if (cli->printed)
		putchar('\n');
	cli->printed = true;
	print_info(cli, &info);
	return EXIT_DONE;
}

int cmd_info(struct cli *cli, char **args, int n)
{
	return each_device(cli, args, n, info_one);
}
