/* SPDX-License-Identifier: MIT */
/* What was found, and the devices that are looked at. */
#include "findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct dmk_finding *dmk_add_finding(struct dmk_findings *findings, uint32_t kind)
{
	static const uint32_t flags[] = {
		[DMK_FINDING_CONTROL_MISSING] = DMK_FINDING_CAN_MEND,
		[DMK_FINDING_NO_KERNEL_LOG] = DMK_FINDING_NOTE,
		[DMK_FINDING_NODE_MISSING] = DMK_FINDING_CAN_MEND,
		[DMK_FINDING_NODE_WRONG] = DMK_FINDING_CAN_MEND,
		[DMK_FINDING_NODE_STALE] = DMK_FINDING_CAN_MEND,
		[DMK_FINDING_DISK_NEWER] = DMK_FINDING_NOTE,
		[DMK_FINDING_COOKIE_STALE] = DMK_FINDING_CAN_MEND,
		[DMK_FINDING_SECOND_TABLE] = DMK_FINDING_NOTE,
		[DMK_FINDING_NAME_UNREADABLE] = DMK_FINDING_NOTE,
		[DMK_FINDING_COOKIE_KEPT] = DMK_FINDING_NOTE,
		[DMK_FINDING_NODE_LEFT] = DMK_FINDING_CAN_MEND,
		[DMK_FINDING_IMAGE_LEFT] = 0,
	};
	struct dmk_finding *finding;

	if (findings->n == findings->room) {
		uint32_t room = findings->room ? 2 * findings->room : 8;
		struct dmk_finding *items = realloc(findings->items, room * sizeof(*items));

		if (!items)
			return NULL;
		findings->items = items;
		findings->room = room;
	}
	finding = &findings->items[findings->n++];
	*finding = (struct dmk_finding){ .kind = kind, .flags = flags[kind] };
	return finding;
}

struct dmk_finding *dmk_add_finding_of(struct dmk_findings *findings, uint32_t kind,
				       const struct dmk_listed *device)
{
	struct dmk_finding *finding = dmk_add_finding(findings, kind);

	if (!finding)
		return NULL;
	dmk_copy_text(finding->name, sizeof(finding->name), device->name);
	finding->major = device->major;
	finding->minor = device->minor;
	return finding;
}

/* As a word of a shell. */
static void add_word(struct dmk_room *room, const char *word)
{
	static const char safe[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";

	if (word[strspn(word, safe)] == '\0') {
		dmk_room_add(room, "%s", word);
		return;
	}
	dmk_room_add(room, "'");
	for (; *word; word++) {
		if (*word == '\'')
			dmk_room_add(room, "'\\''");
		else
			dmk_room_add(room, "%c", *word);
	}
	dmk_room_add(room, "'");
}

void dmk_advise(struct dmk_finding *finding, const char *text)
{
	struct dmk_room room = { .buf = finding->advice, .size = sizeof(finding->advice) };

	for (; *text; text++) {
		if (*text == '@')
			add_word(&room, finding->name);
		else
			dmk_room_add(&room, "%c", *text);
	}
}

/* ---- the list of devices ---- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct dmk_listed *)a)->name, ((const struct dmk_listed *)b)->name);
}

int dmk_listing_read(struct dmk *dm, struct dmk_listing *ret_listing)
{
	struct dmk_listing listing = { 0 };
	struct dmk_devices *devices;
	struct dmk_device device;
	uint32_t room = 0;
	int r = dmk_list(dm, NULL, &devices);

	if (r < 0)
		return r;
	while ((r = dmk_devices_next(devices, &device)) == 1)
		room++;
	dmk_devices_rewind(devices);
	if (r == 0 && room > 0) {
		listing.devices = calloc(room, sizeof(*listing.devices));
		r = listing.devices ? 0 : -ENOMEM;
	}
	while (r == 0 && listing.n < room && dmk_devices_next(devices, &device) == 1) {
		struct dmk_listed *listed = &listing.devices[listing.n++];

		dmk_copy_text(listed->name, sizeof(listed->name), device.name);
		listed->major = device.major;
		listed->minor = device.minor;
		listed->has_table = true;
	}
	dmk_devices_free(devices);
	if (r < 0) {
		dmk_listing_free(&listing);
		return dmk_fail_step(dm, DMK_STEP_LIST, r);
	}
	if (listing.n > 0)
		qsort(listing.devices, listing.n, sizeof(*listing.devices), compare_names);
	*ret_listing = listing;
	return 0;
}

void dmk_listing_free(struct dmk_listing *listing)
{
	free(listing->devices);
	*listing = (struct dmk_listing){ 0 };
}

int dmk_findings_next(struct dmk_findings *findings, struct dmk_finding *ret_finding)
{
	if (findings->next == findings->n)
		return 0;
	*ret_finding = findings->items[findings->next++];
	return 1;
}

void dmk_findings_rewind(struct dmk_findings *findings)
{
	findings->next = 0;
}

const struct dmk_facts *dmk_findings_get_facts(const struct dmk_findings *findings)
{
	return &findings->facts;
}

void dmk_findings_free(struct dmk_findings *findings)
{
	if (!findings)
		return;
	free(findings->items);
	free(findings);
}
