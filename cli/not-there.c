/* SPDX-License-Identifier: MIT */
/* A mapping that is not there: that it is not, and which one was perhaps meant. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"

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
static bool look_around(const struct cli *cli, const char *word, struct nearest *nearest)
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
	if (!addressed(cli) && !is_number(err->device))
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

/* What of a path can be a name: of /dev/vg/lv it is vg-lv, as LVM has it. */
static void name_of_path(const char *path, char name[static DMK_NAME_SIZE])
{
	static const char dev[] = "/dev/";
	const char *end = strrchr(path, '/');
	const char *start = path + (strncmp(path, dev, sizeof(dev) - 1) == 0 ? sizeof(dev) - 1 : 0);
	const char *slash = strchr(start, '/');

	if (start > path && slash && slash == end && strlen(start) < DMK_NAME_SIZE)
		snprintf(name, DMK_NAME_SIZE, "%.*s-%s", (int)(slash - start), start, slash + 1);
	else
		snprintf(name, DMK_NAME_SIZE, "%s", end ? end + 1 : path);
}

int fail_handle(struct cli *cli, const char *word, const char *format, ...)
{
	struct dmk_error err = { .code = -ENXIO };
	char text[DMK_ERROR_TEXT_SIZE];
	char name[DMK_NAME_SIZE];
	struct nearest nearest;
	size_t used = (size_t)snprintf(text, sizeof(text), "%s: ", cli->command->name);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - used, format, args);
	va_end(args);
	snprintf(err.device, sizeof(err.device), "%s", word);
	name_of_path(word, name);
	nearest_begin(&nearest, name, strlen(name));
	look_around(cli, name, &nearest);
	nearest_add(&nearest, text, sizeof(text));
	return fail_said(cli, &err, text);
}
