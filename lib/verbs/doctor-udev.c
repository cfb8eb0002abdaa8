/* SPDX-License-Identifier: MIT */
/* What others make of a device: libdevmapper's programs of its name, udev of its events. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

/* udevd has events that it has not worked off. */
#define QUEUE "/run/udev/queue"

/* ---- names ---- */

bool dmk_is_plain(char c)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "#+-.:=@_";

	return c && strchr(plain, c);
}

/*
 * libdevmapper takes a name with other bytes than these for one that it should have written as
 * \xHH, and ends there. It minds no backslash.
 */
static bool is_readable(const char *name)
{
	while (dmk_is_plain(*name) || *name == '\\')
		name++;
	return *name == '\0';
}

/* The name with '_' for each run of bytes that are not to be in it. */
static void advise_rename(struct dmk_finding *finding)
{
	char text[sizeof("dmkit rename @ ") + DMK_NAME_SIZE];
	struct dmk_room room = { .buf = text, .size = sizeof(text) };
	bool bad = false;

	dmk_room_add(&room, "dmkit rename @ ");
	for (const char *c = finding->name; *c; c++) {
		bool good = dmk_is_plain(*c) && *c != '@';

		if (good)
			dmk_room_add(&room, "%c", *c);
		else if (!bad)
			dmk_room_add(&room, "_");
		bad = !good;
	}
	dmk_advise(finding, text);
}

int dmk_examine_name(struct dmk_findings *findings, const struct dmk_listed *device)
{
	struct dmk_finding *finding;

	if (is_readable(device->name))
		return 0;
	finding = dmk_add_finding_of(findings, DMK_FINDING_NAME_UNREADABLE, device);
	if (!finding)
		return -ENOMEM;
	advise_rename(finding);
	return 0;
}

void dmk_advise_links(struct dmk_findings *findings)
{
	for (uint32_t i = 0; i < findings->n; i++) {
		struct dmk_finding *finding = &findings->items[i];

		if (finding->kind == DMK_FINDING_NODE_OTHER_NAME && !is_readable(finding->name))
			advise_rename(finding);
	}
}

/* ---- udev's database ---- */

/* What decides in the lines "E:NAME=VALUE" of one device. */
struct record {
	bool disabled; /* the rules of others than device-mapper's are to leave it alone ... */
	bool told;     /* ... and an event with flags of its maker's said so, or did not */
	bool named;
};

static bool read_record(const char *path, struct record *ret_record)
{
	struct record record = { 0 };
	FILE *file = fopen(path, "re");
	char line[256];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		record.disabled |= strcmp(line, "E:DM_UDEV_DISABLE_OTHER_RULES_FLAG=1") == 0;
		record.told |= strcmp(line, "E:DM_UDEV_PRIMARY_SOURCE_FLAG=1") == 0;
		record.named |= strncmp(line, "E:DM_NAME=", 10) == 0;
	}
	fclose(file);
	*ret_record = record;
	return true;
}

/*
 * The rules set such a device aside at its "add" event, which tells nothing of it, until its maker
 * has udevd look, by a resume that carries flags. A device that was made before udevd ran has none
 * to come: what udevadm trigger sends later are such "add" events too.
 */
int dmk_examine_udev(struct dmk *dm, struct dmk_findings *findings, const struct dmk_listed *device)
{
	struct dmk_udev_state state;
	struct dmk_finding *finding;
	struct record record;
	char path[64];

	if (dmk_get_udev_state(dm, &state) < 0 || !state.handshake || access(QUEUE, F_OK) == 0)
		return 0;
	snprintf(path, sizeof(path), "/run/udev/data/b%u:%u", device->major, device->minor);
	if (!read_record(path, &record) || !record.disabled || record.told)
		return 0;
	finding = dmk_add_finding_of(findings, DMK_FINDING_UDEV_UNTOLD, device);
	if (!finding)
		return -ENOMEM;
	if (record.named)
		finding->flags |= DMK_FINDING_NOTE;
	dmk_copy_text(finding->path, sizeof(finding->path), path);
	return 0;
}
