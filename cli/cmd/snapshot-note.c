/* SPDX-License-Identifier: MIT */
/* After a snapshot was made by itself: who goes on writing to its origin, and saves only one chunk of
 * each longer write for it until he is resumed. A stack's apply sees to that. */
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/numbers.h"
#include "show/output.h"

/* Whether a table of one of the types has that origin; origin 0:0: the first one that it has. */
static bool has_origin(struct dmk_segments *table, const char *const types[2],
		       struct dmk_devno *origin)
{
	struct dmk_segment segment;

	while (dmk_segments_next(table, &segment) > 0) {
		char word[DEVNO_TEXT];
		uint32_t major, minor;

		if (strcmp(segment.type, types[0]) != 0 && strcmp(segment.type, types[1]) != 0)
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(segment.params, " "),
			 segment.params);
		if (!parse_devno(word, &major, &minor))
			continue;
		if (origin->major == 0)
			*origin = (struct dmk_devno){ major, minor };
		if (origin->major == major && origin->minor == minor)
			return true;
	}
	return false;
}

static bool is_on(struct cli *cli, const struct dmk_id *id, const struct dmk_devno *origin)
{
	struct dmk_devno *below;
	bool found = false;
	uint32_t n;

	if (dmk_get_deps(cli->dm, id, NULL, &below, &n) < 0)
		return false;
	for (uint32_t i = 0; i < n; i++)
		found = found ||
			(below[i].major == origin->major && below[i].minor == origin->minor);
	free(below);
	return found;
}

static void note_writer(struct cli *cli, const char *name, const struct dmk_device *device,
			struct dmk_devno *origin)
{
	static const char *const writers[2] = { "snapshot-origin", "snapshot-merge" };
	const struct dmk_id id = { .major = device->major, .minor = device->minor };
	struct dmk_segments *table;

	if (strcmp(device->name, name) == 0 || !is_on(cli, &id, origin) ||
	    dmk_get_table(cli->dm, &id, NULL, &table) < 0)
		return;
	if (!(dmk_segments_info(table)->flags & DMK_INFO_SUSPENDED) &&
	    has_origin(table, writers, origin)) {
		fflush(stdout);
		fputs("dmkit: note: ", stderr);
		put_text(stderr, cli->err_tty, device->name);
		fputs(" saves longer writes for ", stderr);
		put_text(stderr, cli->err_tty, name);
		fputs(" in part until it is suspended and resumed; to lose nothing suspend it "
		      "before a "
		      "snapshot is made\n",
		      stderr);
	}
	dmk_segments_free(table);
}

void note_snapshot(struct cli *cli, const char *name)
{
	static const char *const snapshots[2] = { "snapshot", "snapshot" };
	struct dmk_devno origin = { 0 };
	struct dmk_segments *table;
	struct dmk_devices *devices;
	struct dmk_device device;
	bool found;

	if (given(cli, OPT_DRY_RUN) || given(cli, OPT_JSON) ||
	    dmk_get_table(cli->dm, &(struct dmk_id){ .name = name }, NULL, &table) < 0)
		return;
	found = has_origin(table, snapshots, &origin);
	dmk_segments_free(table);
	if (!found || dmk_list(cli->dm, NULL, &devices) < 0)
		return;
	while (dmk_devices_next(devices, &device) == 1)
		note_writer(cli, name, &device, &origin);
	dmk_devices_free(devices);
}
