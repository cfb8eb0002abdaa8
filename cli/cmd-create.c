/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli.h"

/* A key on the command line is for every process to see. */
static int check_secrets(struct cli *cli, struct dmk_concise *concise)
{
	struct dmk_concise_device device;
	struct dmk_segment segment;

	while (dmk_concise_next(concise, &device) == 1) {
		for (uint32_t i = 0; device.table && dmk_table_get(device.table, i, &segment) == 0;
		     i++) {
			if (has_secret(segment.type, segment.params))
				return usage_error(cli, segment.type,
						   "--concise would show the key of %s to every "
						   "process: give the text by standard input",
						   segment.type);
		}
	}
	return EXIT_DONE;
}

/* What a changing command says when it is done, of each device. */
static int all_done(struct cli *cli, struct dmk_concise *concise)
{
	struct dmk_concise_device device;
	struct dmk_info info;

	dmk_concise_rewind(concise);
	while (given(cli, OPT_JSON) && !given(cli, OPT_DRY_RUN) &&
	       dmk_concise_next(concise, &device) == 1) {
		if (dmk_get_info(cli->dm, DMK_NAME(device.name), NULL, &info) < 0)
			return fail(cli);
		json_info(cli, &info);
	}
	return EXIT_DONE;
}

static int create_concise(struct cli *cli, char **args, int n,
			  const struct dmk_create_options *create)
{
	const uint64_t excluded = BIT(OPT_TABLE) | BIT(OPT_TABLE_FILE) | BIT(OPT_NO_TABLE) |
				  BIT(OPT_UUID) | BIT(OPT_MINOR) | BIT(OPT_CHECK);
	const char *spec = args[0];
	bool standard = strcmp(spec, "-") == 0;
	struct dmk_concise *concise = NULL;
	struct dmk_error error;
	struct bytes bytes = { 0 };
	int status = EXIT_DONE;

	if (n > 1 || (cli->options.given & excluded))
		return usage_error(
			cli, "concise",
			"--concise SPEC has all of the devices in it: no TYPE, --table, "
			"--table-file, --no-table, --uuid, --minor or --check beside it");
	if (standard)
		status = read_file(cli, spec, &bytes);
	if (status == EXIT_DONE &&
	    dmk_concise_parse(standard ? bytes.data : spec, standard ? bytes.length : strlen(spec),
			      &concise, &error) < 0)
		status = fail_with(cli, &error, standard ? "-" : "--concise");
	drop_bytes(&bytes);
	if (status == EXIT_DONE && dmk_concise_count(concise) == 0)
		status = usage_error(cli, "", "the text names no device");
	if (status == EXIT_DONE && !standard)
		status = check_secrets(cli, concise);
	if (status == EXIT_DONE)
		status = dmk_create_concise(cli->dm, concise, create) < 0 ? fail(cli)
									  : all_done(cli, concise);
	dmk_concise_free(concise);
	return status;
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
	struct dmk_info info;
	struct dmk_table *table;
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
	if (given(cli, OPT_CONCISE))
		return create_concise(cli, args, n, &create);

	cli->table_of = args[0];
	cli->table_verb = DMK_VERB_CREATE;
	status = get_table(cli, args + 1, n - 1, &table);
	if (status != EXIT_DONE)
		return status;
	status = check_first(cli, table, &(struct dmk_id){ .name = args[0] });
	if (status == EXIT_DONE)
		status = dmk_create(cli->dm, args[0], table, &create, &info) < 0 ? fail(cli)
										 : done(cli, &info);
	dmk_table_free(table);
	return status;
}

/* The device and the table of a replace or a load. 0 or an exit code, reported. */
static int take_table(struct cli *cli, char **args, int n, uint32_t verb, struct dmk_id *ret_id,
		      struct dmk_table **ret_table)
{
	take_device(cli, &args, &n, ret_id);
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
		status = dmk_replace(cli->dm, &id, table, &replace, &info) < 0 ? fail(cli)
									       : done(cli, &info);
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
