/* SPDX-License-Identifier: MIT */
/* remove: of one, of several at once, of all. */
#include <errno.h>
#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/complete.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/json.h"
#include "common/numbers.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/results.h"
#include "show/transport.h"

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

static void remove_options(const struct cli *cli, struct dmk_remove_options *ret_options)
{
	*ret_options = (struct dmk_remove_options){ 0 };
	if (given(cli, OPT_FORCE))
		ret_options->flags |= DMK_REMOVE_FORCE;
	if (given(cli, OPT_DEFERRED))
		ret_options->flags |= DMK_REMOVE_DEFERRED;
	if (given(cli, OPT_NO_NODE))
		ret_options->node_policy = DMK_NODE_NONE;
}

#define PATIENCE_NS INT64_C(1000000000)

struct removals {
	struct cli *cli;
	struct dmk_id *ids;
	uint32_t n;
	bool listed; /* they are all there were: what has gone by itself is no failure */
	int status;  /* of the first that failed */
	uint32_t n_gone;
	uint32_t n_told;
	int64_t start_ns;
	bool shown; /* a line about how far it is stands on the terminal */
};

static void hide_progress(struct removals *removals)
{
	if (removals->shown)
		fputs("\r\033[K", stderr);
	removals->shown = false;
}

static void show_progress(void *userdata)
{
	struct removals *removals = userdata;

	if (!removals->cli->err_tty || given(removals->cli, OPT_JSON) ||
	    now_ns() - removals->start_ns < PATIENCE_NS)
		return;
	removals->shown = true;
	fprintf(stderr, "\rremoved %u of %u", removals->n_gone, removals->n);
	fflush(stderr);
}

static void on_removed(void *userdata, uint32_t index, uint32_t flags,
		       const struct dmk_error *error)
{
	struct removals *removals = userdata;
	struct cli *cli = removals->cli;
	int status = error ? exit_code(error) : EXIT_DONE;

	removals->n_told++;
	if (!error) {
		struct dmk_udev_state udev;
		char number[DEVNO_TEXT];

		removals->n_gone++;
		if (dmk_get_udev_state(cli->dm, &udev) == 0 && udev.note != DMK_UDEV_NOTE_NONE)
			hide_progress(removals);
		note_udev(cli, device_word(&removals->ids[index], number, sizeof(number)));
		if (given(cli, OPT_JSON)) {
			hide_progress(removals);
			print_removed(cli, &removals->ids[index], flags & DMK_INFO_DEFERRED_REMOVE);
		}
		return;
	}
	hide_progress(removals);
	if (removals->listed && status == EXIT_NO_MAPPING)
		return;
	/* After Ctrl-C the first one has failed, and the others were not meant any more. */
	if (error->code != -ECANCELED || removals->status == EXIT_DONE)
		fail_with(cli, error);
	if (removals->status == EXIT_DONE)
		removals->status = status;
}

static int remove_ids(struct cli *cli, struct removals *removals)
{
	struct dmk_remove_options options;
	struct dmk_many_options how = { .removed = on_removed,
					.waiting = show_progress,
					.userdata = removals };
	int r;

	removals->cli = cli;
	removals->start_ns = now_ns();
	remove_options(cli, &options);
	/* Each has its own 5 s, but all of them end by the deadline. */
	arm_deadline(cli);
	if (cli->options.deadline_ms > 0)
		dmk_set_deadline(cli->dm, cli->deadline_ns);
	r = dmk_remove_many(cli->dm, removals->ids, removals->n, &options, &how);
	hide_progress(removals);
	/* None was tried. */
	return r < 0 && removals->n_told == 0 ? fail(cli) : removals->status;
}

static int remove_named(struct cli *cli, char **names, int n)
{
	struct handle *handles = calloc((size_t)n, sizeof(*handles));
	struct removals removals = { 0 };
	int first = EXIT_DONE;

	removals.ids = calloc((size_t)n, sizeof(*removals.ids));
	if (!removals.ids || !handles)
		first = fail_errno(cli, -ENOMEM, "", "remove");
	for (int i = 0; i < n && removals.ids && handles; i++) {
		int status = find_handle(cli, names[i], &handles[i]);

		if (status == EXIT_DONE)
			removals.ids[removals.n++] = handles[i].id;
		else if (first == EXIT_DONE)
			first = status;
	}
	if (removals.n > 0) {
		int status = remove_ids(cli, &removals);

		if (first == EXIT_DONE)
			first = status;
	}
	free(removals.ids);
	free(handles);
	return first;
}

static int add_listed(struct removals *removals, uint32_t *room, const char *name)
{
	if (removals->n == *room) {
		uint32_t more = *room ? *room * 2 : 64;
		struct dmk_id *ids = reallocarray(removals->ids, more, sizeof(*ids));

		if (!ids)
			return -ENOMEM;
		removals->ids = ids;
		*room = more;
	}
	removals->ids[removals->n++] = (struct dmk_id){ .name = name };
	return 0;
}

static int remove_listed(struct cli *cli, const char *prefix)
{
	struct dmk_list_options options = { .name_prefix = prefix };
	struct removals removals = { .listed = true };
	struct dmk_devices *devices;
	struct dmk_device device;
	uint32_t room = 0;
	int status, r;

	if (dmk_list(cli->dm, &options, &devices) < 0)
		return fail(cli);
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		r = add_listed(&removals, &room, device.name);
		if (r < 0)
			break;
	}
	status = r < 0 ? fail_errno(cli, r, "", "list the devices") : remove_ids(cli, &removals);
	free(removals.ids);
	dmk_devices_free(devices);
	return status;
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
