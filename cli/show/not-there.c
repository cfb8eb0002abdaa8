/* SPDX-License-Identifier: MIT */
/* A mapping that is not there: that it is not, and which one was perhaps meant. */
#include <string.h>

#include "common/cli.h"
#include "common/nearest.h"
#include "common/numbers.h"
#include "show/errors.h"
#include "show/transport.h"

static bool is_it(const struct cli *cli, const struct dmk_device *device, const char *word)
{
	if (given(cli, OPT_UUID))
		return strcmp(device->uuid, word) == 0;
	if (given(cli, OPT_DEVNO))
		return device->major == cli->options.major && device->minor == cli->options.minor;
	return strcmp(device->name, word) == 0;
}

/*
 * What is there, read by a connection of its own: the verb's may be at work, and has the error.
 * false: the device is there after all.
 */
bool look_around(const struct cli *cli, const char *word, struct nearest *nearest)
{
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct cli other = *cli;
	struct dmk_devices *devices;
	struct dmk_device device;
	bool there = false;

	if (dmk_new(&other.dm) < 0)
		return true;
	transport_install(&other);
	if (dmk_list(other.dm, &options, &devices) == 0) {
		while (!there && dmk_devices_next(devices, &device) > 0) {
			there = is_it(cli, &device, word);
			if (*nearest->word)
				nearest_look(nearest, device.name);
		}
		dmk_devices_free(devices);
	}
	dmk_free(other.dm);
	return !there;
}

bool say_not_there(struct cli *cli, const struct dmk_error *err, char *text, size_t size)
{
	struct nearest nearest = { 0 };
	const char *command = cli->command->name;

	/* What it was left in is to be said too; and without a name there is nothing to say. */
	if (err->left || err->undo_code || !err->device[0])
		return false;
	/* A number that is near another one means nothing. */
	if (!addressed(cli) && !is_handle_number(err->device))
		nearest_begin(&nearest, err->device, strlen(err->device));
	if (!look_around(cli, err->device, &nearest))
		return false;
	if (given(cli, OPT_UUID))
		snprintf(text, size, "%s: there is no mapping with uuid '%s'", command,
			 err->device);
	else
		snprintf(text, size, "%s: there is no mapping '%s'", command, err->device);
	nearest_add(&nearest, text, size);
	return true;
}
