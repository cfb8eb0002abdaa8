/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli.h"

#define COLUMNS 7
#define PLAIN_COLUMNS 4

/* What the columns of one device hold. */
struct row {
	const char *cell[COLUMNS];
	char devno[DEVNO_TEXT];
	char event_nr[16];
	char open_count[16];
};

static const struct row heading = {
	.cell = { "NAME", "DEVICE", "UUID", "EVENT", "STATE", "TABLES", "OPEN" },
};

static const char *table_word(uint32_t flags)
{
	static const char *const words[] = { "none", "live", "inactive", "live+inactive" };

	return words[!!(flags & DMK_INFO_LIVE_TABLE) + 2 * !!(flags & DMK_INFO_INACTIVE_TABLE)];
}

/* false: the device went away since it was listed. */
static bool fill(struct cli *cli, const struct dmk_device *device, struct row *row, int *status)
{
	struct dmk_info info;

	row->cell[0] = device->name;
	row->cell[1] = format_devno(device->major, device->minor, row->devno);
	row->cell[2] = device->uuid && *device->uuid ? device->uuid : "-";
	snprintf(row->event_nr, sizeof(row->event_nr), "%u", device->event_nr);
	row->cell[3] = device->has_event_nr ? row->event_nr : "-";
	if (!given(cli, OPT_STATE))
		return true;

	if (dmk_get_info(cli->dm, DMK_NAME(device->name), NULL, &info) < 0) {
		int failed = each_fail(cli, &(const struct each){ .all = true });

		if (*status == EXIT_DONE)
			*status = failed;
		return false;
	}
	/* Another one has its name now. */
	if (info.major != device->major || info.minor != device->minor ||
	    (device->uuid && strcmp(info.uuid, device->uuid) != 0))
		return false;
	row->cell[4] = info.flags & DMK_INFO_SUSPENDED ? "suspended" : "active";
	row->cell[5] = table_word(info.flags);
	snprintf(row->open_count, sizeof(row->open_count), "%d", info.open_count);
	row->cell[6] = row->open_count;
	return true;
}

static void put_row(const struct cli *cli, const struct row *row, const size_t width[COLUMNS],
		    int columns)
{
	for (int i = 0; i < columns; i++) {
		bool last = i + 1 == columns;

		put_padded(stdout, cli->out_tty, row->cell[i],
			   last || !cli->out_tty ? 0 : width[i] + 2);
		if (last)
			putchar('\n');
		else if (!cli->out_tty)
			putchar('\t');
	}
}

static void measure(const struct cli *cli, const struct row *row, size_t width[COLUMNS],
		    int columns)
{
	for (int i = 0; i < columns; i++) {
		size_t have = text_width(cli->out_tty, row->cell[i]);

		if (have > width[i])
			width[i] = have;
	}
}

/* Without a terminal and --state: 10,000 of them are to be quick. */
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

/* Two rounds on a terminal: widths first. The state columns have words of known widths, and are
 * asked once. */
static int print_rows(struct cli *cli, struct dmk_devices *devices)
{
	int columns = given(cli, OPT_STATE) ? COLUMNS : PLAIN_COLUMNS;
	size_t width[COLUMNS] = { 0, 0, 0, 0, strlen("suspended"), strlen("live+inactive"), 0 };
	int status = EXIT_DONE;
	struct dmk_device device;
	struct lines lines;
	struct row row;
	bool headed = false;
	int r;

	lines_begin(&lines, cli);

	if (cli->out_tty) {
		struct cli plain = *cli;

		plain.options.given &= ~BIT(OPT_STATE);
		measure(cli, &heading, width, PLAIN_COLUMNS);
		while (dmk_devices_next(devices, &device) > 0) {
			fill(&plain, &device, &row, &status);
			measure(cli, &row, width, PLAIN_COLUMNS);
		}
		dmk_devices_rewind(devices);
	}
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		if (!cli->out_tty && columns == PLAIN_COLUMNS) {
			put_plain(&lines, &device);
			continue;
		}
		if (!fill(cli, &device, &row, &status))
			continue;
		if (cli->out_tty && !headed)
			put_row(cli, &heading, width, columns);
		headed = true;
		put_row(cli, &row, width, columns);
	}
	lines_flush(&lines);
	return r < 0 ? fail_errno(cli, r, "", "read the list") : status;
}

static int print_json(struct cli *cli, struct dmk_devices *devices)
{
	struct json *json = &cli->json;
	struct dmk_device device;
	int status = EXIT_DONE;
	int r;

	while ((r = dmk_devices_next(devices, &device)) > 0) {
		if (given(cli, OPT_STATE)) {
			struct each each = { .all = true };
			struct dmk_info info;

			if (dmk_get_info(cli->dm, DMK_NAME(device.name), NULL, &info) == 0)
				json_info(cli, &info);
			else if (status == EXIT_DONE)
				status = each_fail(cli, &each);
			continue;
		}
		json_item(cli);
		json_string(json, "name", device.name);
		json_string(json, "uuid", device.uuid ? device.uuid : "");
		json_u64(json, "major", device.major);
		json_u64(json, "minor", device.minor);
		if (device.has_event_nr)
			json_u64(json, "event_nr", device.event_nr);
		else
			json_null(json, "event_nr");
		json_close(json);
	}
	return r < 0 ? fail_errno(cli, r, "", "read the list") : status;
}

int cmd_list(struct cli *cli, char **args, int n)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	int status;

	(void)args;
	(void)n;
	if (dmk_list(cli->dm, &options, &devices) < 0)
		return fail(cli);
	status = given(cli, OPT_JSON) ? print_json(cli, devices) : print_rows(cli, devices);
	dmk_devices_free(devices);
	return status;
}
