/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "dmkit-stack.h"
#include "read/devices.h"
#include "read/tables.h"
#include "show/errors.h"
#include "show/results.h"

/* This process ends at once: the device is of the one that has started it. */
static int take_owner(struct cli *cli, char uuid[static DMK_OWNER_UUID_SIZE])
{
	const char *owner = cli->options.owner;
	int r;

	if (given(cli, OPT_UUID))
		return usage_error(cli, "owner", "--owner makes the uuid: no --uuid beside it");
	r = dmk_owner_uuid(owner, (uint32_t)getppid(), uuid);
	if (r == -EINVAL || r == -ENAMETOOLONG)
		return usage_error(
			cli, owner,
			"--owner '%s': allowed are 1 to 64 of letters, digits, . _ and +", owner);
	return r < 0 ? fail_errno(cli, r, owner, "make a uuid for") : EXIT_DONE;
}

static bool is_snapshot(struct dmk_table *table)
{
	struct dmk_segment segment;

	return table && dmk_table_count(table) > 0 && dmk_table_get(table, 0, &segment) == 0 &&
	       strcmp(segment.type, "snapshot") == 0;
}

int cmd_create(struct cli *cli, char **args, int n)
{
	const struct options *options = &cli->options;
	struct dmk_create_options create = {
		.minor = options->fixed_minor,
		.uid = options->uid,
		.gid = options->gid,
		.mode = options->mode,
		.read_ahead_sectors = options->read_ahead_sectors,
		.uuid = options->uuid,
	};
	char uuid[DMK_OWNER_UUID_SIZE];
	struct dmk_info info;
	struct dmk_table *table;
	const char *name;
	int status;

	if (given(cli, OPT_READONLY))
		create.flags |= DMK_CREATE_READONLY;
	if (given(cli, OPT_MINOR))
		create.flags |= DMK_CREATE_FIXED_MINOR;
	if (given(cli, OPT_READ_AHEAD))
		create.flags |= DMK_CREATE_READ_AHEAD;
	if (options->read_ahead_minimum)
		create.flags |= DMK_CREATE_READ_AHEAD_MINIMUM;
	if (given(cli, OPT_NO_NODE))
		create.node_policy = DMK_NODE_NONE;
	if (given(cli, OPT_NO_VERIFY))
		create.flags |= DMK_CREATE_NO_VERIFY;
	if (given(cli, OPT_CONCISE))
		return create_concise(cli, args, n, &create);

	if (given(cli, OPT_OWNER)) {
		status = take_owner(cli, uuid);
		if (status != EXIT_DONE)
			return status;
		create.uuid = uuid;
	}
	name = strip_node_dir(args[0]);
	cli->table_of = name;
	cli->table_verb = DMK_VERB_CREATE;
	status = get_table(cli, args + 1, n - 1, &table);
	if (status != EXIT_DONE)
		return status;
	status = check_first(cli, table, &(struct dmk_id){ .name = name });
	if (status == EXIT_DONE)
		status = dmk_create(cli->dm, name, table, &create, &info) < 0
				 ? fail(cli)
				 : done_udev(cli, &info);
	if (status == EXIT_DONE && is_snapshot(table))
		note_snapshot(cli, name);
	dmk_table_free(table);
	return status;
}

/* The device and the table of a replace or a load. 0 or an exit code, reported. */
static int take_table(struct cli *cli, char **args, int n, uint32_t verb, struct dmk_id *ret_id,
		      struct dmk_table **ret_table)
{
	int status = take_device(cli, &args, &n, ret_id);

	if (status != EXIT_DONE)
		return status;
	cli->table_of = ret_id->name;
	cli->table_verb = verb;
	return get_table(cli, args, n, ret_table);
}

int cmd_replace(struct cli *cli, char **args, int n)
{
	struct dmk_replace_options replace = { 0 };
	struct dmk_info info;
	struct dmk_table *table;
	struct dmk_id id;
	int status = take_table(cli, args, n, DMK_VERB_REPLACE, &id, &table);

	if (status != EXIT_DONE)
		return status;
	if (given(cli, OPT_READONLY))
		replace.flags |= DMK_REPLACE_READONLY;
	if (given(cli, OPT_NOFLUSH))
		replace.flags |= DMK_REPLACE_NOFLUSH;
	if (given(cli, OPT_NO_LOCKFS))
		replace.flags |= DMK_REPLACE_SKIP_LOCKFS;

	status = check_first(cli, table, &id);
	if (status == EXIT_DONE)
		status = dmk_replace(cli->dm, &id, table, &replace, &info) < 0
				 ? fail(cli)
				 : done_udev(cli, &info);
	dmk_table_free(table);
	return status;
}

int cmd_load(struct cli *cli, char **args, int n)
{
	struct dmk_load_options load = { 0 };
	struct dmk_info info;
	struct dmk_table *table;
	struct dmk_id id;
	int status = take_table(cli, args, n, DMK_VERB_LOAD, &id, &table);

	if (status != EXIT_DONE)
		return status;
	if (given(cli, OPT_READONLY))
		load.flags |= DMK_LOAD_READONLY;

	status = check_first(cli, table, &id);
	if (status == EXIT_DONE)
		status = dmk_load(cli->dm, &id, table, &load, &info) < 0 ? fail(cli)
									 : done(cli, &info);
	dmk_table_free(table);
	return status;
}
