/* SPDX-License-Identifier: MIT */
/* gc: what an owner that has ended has left behind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "common/json.h"
#include "dmkit-stack.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/results.h"
#include "show/transport.h"

static const char *const states[] = { [DMK_OWNED_GARBAGE] = "garbage",
				      [DMK_OWNED_ALIVE] = "alive",
				      [DMK_OWNED_OPEN] = "open" };

struct garbage {
	struct cli *cli;
	struct dmk_owned *devices;
	struct dmk_id *ids; /* of the garbage, as it stands in devices */
	uint32_t n;
	int status; /* of the first that failed */
};

static void put(struct cli *cli, const struct dmk_owned *device, const char *state)
{
	struct json *json = &cli->json;

	if (!given(cli, OPT_JSON)) {
		put_text(stdout, cli->out_tty, device->name);
		printf("\t%u\t%s\n", device->pid, state);
		return;
	}
	json_item(cli);
	json_string(json, "name", device->name);
	json_string(json, "uuid", device->uuid);
	json_u64(json, "major", device->major);
	json_u64(json, "minor", device->minor);
	json_u64(json, "pid", device->pid);
	json_string(json, "state", state);
	json_close(json);
}

static void on_removed(void *userdata, uint32_t index, uint32_t flags,
		       const struct dmk_error *error)
{
	struct garbage *garbage = userdata;
	struct cli *cli = garbage->cli;

	(void)flags;
	if (!error) {
		note_udev(cli, garbage->devices[index].name);
		put(cli, &garbage->devices[index], "removed");
	} else if (exit_code(error) != EXIT_NO_MAPPING) {
		int status = fail_with(cli, error);

		if (garbage->status == EXIT_DONE)
			garbage->status = status;
	}
}

static int collect(struct cli *cli, struct garbage *garbage)
{
	const struct dmk_many_options how = { .removed = on_removed, .userdata = garbage };
	int r;

	if (garbage->n == 0)
		return EXIT_DONE;
	arm_deadline(cli);
	r = dmk_remove_many(cli->dm, garbage->ids, garbage->n, NULL, &how);
	return r < 0 && garbage->status == EXIT_DONE && r != -ENXIO ? fail(cli) : garbage->status;
}

/* What is none is shown; what is, to be removed, is gathered. */
static int sort_out(struct cli *cli, struct dmk_owned_devices *owned, struct garbage *garbage)
{
	struct dmk_owned device;

	while (dmk_owned_next(owned, &device) == 1) {
		struct dmk_owned *devices;
		struct dmk_id *ids;

		if (!given(cli, OPT_YES) || device.state != DMK_OWNED_GARBAGE) {
			put(cli, &device, states[device.state]);
			continue;
		}
		devices = realloc(garbage->devices, (garbage->n + 1) * sizeof(*devices));
		if (devices)
			garbage->devices = devices;
		ids = realloc(garbage->ids, (garbage->n + 1) * sizeof(*ids));
		if (ids)
			garbage->ids = ids;
		if (!devices || !ids)
			return fail_errno(cli, -ENOMEM, "", "gc");
		devices[garbage->n] = device;
		ids[garbage->n++] = (struct dmk_id){ .uuid = device.uuid };
	}
	return EXIT_DONE;
}

int cmd_gc(struct cli *cli, char **args, int n)
{
	struct garbage garbage = { .cli = cli };
	struct dmk_owned_devices *owned;
	int status;

	(void)n;
	if (dmk_list_owned(cli->dm, args[0], &owned) < 0)
		return fail(cli);
	status = sort_out(cli, owned, &garbage);
	if (status == EXIT_DONE)
		status = collect(cli, &garbage);
	free(garbage.devices);
	free(garbage.ids);
	dmk_owned_free(owned);
	return status;
}
