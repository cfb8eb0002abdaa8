/* SPDX-License-Identifier: MIT */
/* Which device, or devices, a command means. */
#include <errno.h>
#include <string.h>

#include "cli.h"

/* A name has no '/', so nothing else than the node can be meant. */
const char *strip_node_dir(const char *word)
{
	static const char dir[] = "/dev/mapper/";

	return strncmp(word, dir, sizeof(dir) - 1) == 0 ? word + sizeof(dir) - 1 : word;
}

static bool addressed(const struct cli *cli)
{
	return given(cli, OPT_UUID) || given(cli, OPT_DEVNO);
}

static void address(const struct cli *cli, struct dmk_id *ret_id)
{
	*ret_id = (struct dmk_id){ 0 };
	if (given(cli, OPT_UUID)) {
		ret_id->uuid = cli->options.uuid;
	} else {
		ret_id->major = cli->options.major;
		ret_id->minor = cli->options.minor;
	}
}

void take_device(const struct cli *cli, char ***args, int *n, struct dmk_id *ret_id)
{
	if (addressed(cli)) {
		address(cli, ret_id);
		return;
	}
	*ret_id = (struct dmk_id){ .name = strip_node_dir((*args)[0]) };
	(*args)++;
	(*n)--;
}

const char *device_word(const struct dmk_id *id, char *buf, size_t size)
{
	if (id->name || id->uuid)
		return id->name ? id->name : id->uuid;
	snprintf(buf, size, "%u:%u", id->major, id->minor);
	return buf;
}

int each_fail(struct cli *cli, const struct each *each)
{
	const struct dmk_error *err = dmk_last_error(cli->dm);

	/* Removed since it was listed: then it is none of "all". */
	if (each->all && exit_code(err) == EXIT_NO_MAPPING)
		return EXIT_DONE;
	return fail(cli);
}

static int each_listed(struct cli *cli, each_fn fn)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	int first = EXIT_DONE;
	int r;

	if (dmk_list(cli->dm, &options, &devices) < 0)
		return fail(cli);
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		struct each each = { .all = true, .prefix = true, .listed = &device };
		int status;

		each.id.name = device.name;
		status = fn(cli, &each);
		if (first == EXIT_DONE)
			first = status;
	}
	if (r < 0)
		first = fail_errno(cli, r, "", "list");
	dmk_devices_free(devices);
	return first;
}

int each_device(struct cli *cli, char **names, int n, each_fn fn)
{
	struct each each = { .prefix = n > 1 };
	int first = EXIT_DONE;

	if (addressed(cli)) {
		address(cli, &each.id);
		return fn(cli, &each);
	}
	if (n == 0)
		return each_listed(cli, fn);
	for (int i = 0; i < n; i++) {
		int status;

		/* After Ctrl-C the others were not meant any more. */
		if (signals_caught())
			return first != EXIT_DONE
				       ? first
				       : fail_errno(cli, -ECANCELED, names[i], cli->command->name);
		each.id.name = strip_node_dir(names[i]);
		status = fn(cli, &each);
		if (first == EXIT_DONE)
			first = status;
	}
	return first;
}

void query_options(const struct cli *cli, struct dmk_query_options *ret_options)
{
	*ret_options = (struct dmk_query_options){ 0 };
	if (given(cli, OPT_INACTIVE))
		ret_options->flags |= DMK_QUERY_INACTIVE;
	if (given(cli, OPT_FLUSH))
		ret_options->flags |= DMK_QUERY_FLUSH;
}
