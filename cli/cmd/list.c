/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/columns.h"
#include "cmd/commands.h"
#include "cmd/facts.h"
#include "cmd/places.h"
#include "common/cli.h"
#include "common/json.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/results.h"

#define VIEW                                                                       \
	(BIT(OPT_LONG) | BIT(OPT_COLUMNS) | BIT(OPT_SORT) | BIT(OPT_NO_HEADINGS) | \
	 BIT(OPT_BYTES) | BIT(OPT_COLOR) | BIT(OPT_ZERO) | BIT(OPT_RAW) | BIT(OPT_STATE))
#define CHOSEN (BIT(OPT_LONG) | BIT(OPT_COLUMNS))

/* What is listed, in rows that can be sorted. */
struct list {
	struct columns columns;
	struct places *places;
	struct facts *facts;
	struct row *rows;
	size_t n; /* of both */
};

/* Without a terminal and options: 10,000 of them are to be quick. */
static void put_plain(struct lines *lines, const struct dmk_device *device)
{
	lines_name(lines, device->name, '\t');
	lines_number(lines, device->major, ':');
	lines_number(lines, device->minor, '\t');
	lines_name(lines, device->uuid && *device->uuid ? device->uuid : "-", '\t');
	if (device->has_event_nr)
		lines_number(lines, device->event_nr, '\n');
	else
		lines_text(lines, "-", '\n');
}

static int print_plain(struct cli *cli, struct dmk_devices *devices)
{
	struct dmk_device device;
	struct lines lines;
	int r;

	lines_begin(&lines, cli);
	while ((r = dmk_devices_next(devices, &device)) > 0)
		put_plain(&lines, &device);
	lines_flush(&lines);
	return r < 0 ? fail_errno(cli, r, "", "read the list") : EXIT_DONE;
}

static int json_device(struct cli *cli, const struct list *list, const struct facts *facts)
{
	static const struct columns all = {
		.n = 4, .at = { COLUMN_NAME, COLUMN_UUID, COLUMN_DEVICE, COLUMN_EVENT }
	};
	static const struct each each = { .all = true };
	struct dmk_info info;

	if (!(cli->options.given & CHOSEN) && given(cli, OPT_STATE)) {
		if (dmk_get_info(cli->dm, DMK_NAME(facts->name), NULL, &info) < 0)
			return each_fail(cli, &each);
		json_info(cli, &info);
		return EXIT_DONE;
	}
	json_item(cli);
	json_columns(cli, cli->options.given & CHOSEN ? &list->columns : &all, facts);
	json_close(&cli->json);
	return EXIT_DONE;
}

/* All that is known of the listed devices; one that went away since is left out. */
static int read_list(struct cli *cli, struct dmk_devices *devices, struct list *list)
{
	size_t room = 0;
	struct dmk_device device;
	int first = EXIT_DONE;
	int r;

	while (dmk_devices_next(devices, &device) > 0)
		room++;
	dmk_devices_rewind(devices);
	list->facts = calloc(room + 1, sizeof(*list->facts));
	list->rows = calloc(room + 1, sizeof(*list->rows));
	if (list->columns.wants & WANT_MOUNTS)
		list->places = places_read(cli);
	if (!list->facts || !list->rows || (!list->places && (list->columns.wants & WANT_MOUNTS)))
		return fail_errno(cli, -ENOMEM, "", "read the list");
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		struct facts *facts = &list->facts[list->n];
		int status;

		*facts = (struct facts){
			.name = device.name,
			.uuid = device.uuid,
			.major = device.major,
			.minor = device.minor,
			.event_nr = device.event_nr,
			.has_event_nr = device.has_event_nr,
			.mapping = true,
		};
		status = facts_read(cli, facts, list->columns.wants, list->places);
		if (first == EXIT_DONE)
			first = status;
		if (!facts->known)
			continue;
		list->rows[list->n++].facts = facts;
	}
	return r < 0 ? fail_errno(cli, r, "", "read the list") : first;
}

static int print_list(struct cli *cli, struct dmk_devices *devices, struct list *list)
{
	int status = read_list(cli, devices, list);

	rows_sort(&list->columns, list->rows, list->n);
	if (!given(cli, OPT_JSON))
		rows_print(cli, &list->columns, list->rows, list->n, cli->out_tty);
	for (size_t i = 0; i < list->n; i++) {
		int r = given(cli, OPT_JSON) ? json_device(cli, list, list->rows[i].facts) : 0;

		if (status == EXIT_DONE)
			status = r;
		facts_drop(list->rows[i].facts);
	}
	places_free(list->places);
	free(list->facts);
	free(list->rows);
	return status;
}

static const char *default_columns(const struct cli *cli)
{
	if (given(cli, OPT_LONG))
		return "name,size,types,state,used-by";
	/* A uuid can be too long for a terminal: there it comes last. */
	if (cli->out_tty)
		return given(cli, OPT_STATE) ? "name,device,event,state,tables,open,uuid"
					     : "name,device,event,uuid";
	return given(cli, OPT_STATE) ? "name,device,uuid,event,state,tables,open"
				     : "name,device,uuid,event";
}

int cmd_list(struct cli *cli, char **args, int n)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct list list = { 0 };
	struct dmk_devices *devices;
	int status;

	(void)args;
	(void)n;
	if (given(cli, OPT_JSON) && given(cli, OPT_ZERO))
		return usage_error(cli, "zero", "--zero and --json are two forms of the same");
	if (given(cli, OPT_LONG) && given(cli, OPT_STATE))
		return usage_error(cli, "state", "--long has the state: name more with -o +LIST");
	status = columns_take(cli, default_columns(cli), &list.columns);
	if (status != EXIT_DONE)
		return status;
	/* JSON of all of a device is asked for by itself. */
	if (given(cli, OPT_JSON) && !given(cli, OPT_SORT) && !(cli->options.given & CHOSEN))
		list.columns.wants = 0;
	if (dmk_list(cli->dm, &options, &devices) < 0)
		return fail(cli);
	if (cli->out_tty || given(cli, OPT_JSON) || (cli->options.given & VIEW))
		status = print_list(cli, devices, &list);
	else
		status = print_plain(cli, devices);
	dmk_devices_free(devices);
	return status;
}
