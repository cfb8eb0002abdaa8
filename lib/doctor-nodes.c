/* SPDX-License-Identifier: MIT */
/* The node folder beside the kernel's list: nodes without devices, devices without nodes. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device.h"
#include "doctor.h"

#define PATH_SIZE 512

/* What stands at a path of the folder. */
struct place {
	bool empty;
	bool link;
	bool ours;  /* a link as udev makes them, ../dm-N */
	bool block; /* it is, or leads to, a block device: this one */
	uint32_t major;
	uint32_t minor;
};

static void look(const char *path, struct place *ret_place)
{
	struct place place = { 0 };
	char target[16] = "";
	struct stat st;

	if (lstat(path, &st) < 0) {
		place.empty = errno == ENOENT;
	} else if (S_ISLNK(st.st_mode)) {
		place.link = true;
		if (readlink(path, target, sizeof(target) - 1) > 0)
			place.ours = strncmp(target, "../dm-", 6) == 0;
		if (stat(path, &st) < 0)
			st = (struct stat){ 0 };
	}
	if (!place.empty && S_ISBLK(st.st_mode)) {
		place.block = true;
		place.major = major(st.st_rdev);
		place.minor = minor(st.st_rdev);
	}
	*ret_place = place;
}

/* udev and libdevmapper write other bytes than these as \xHH. */
static void mangle(const char *name, char *mangled, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "#+-.:=@_";
	struct dmk_room room = { .buf = mangled, .size = size };

	for (; *name; name++)
		dmk_room_add(&room, strchr(plain, *name) ? "%c" : "\\x%02x", (unsigned char)*name);
}

static int compare_name(const void *key, const void *device)
{
	return strcmp(key, ((const struct dmk_listed *)device)->name);
}

static const struct dmk_listed *find_name(const struct dmk_listing *listing, const char *name)
{
	if (listing->n == 0)
		return NULL;
	return bsearch(name, listing->devices, listing->n, sizeof(*listing->devices), compare_name);
}

static const struct dmk_listed *find_number(const struct dmk_listing *listing,
					    const struct place *place)
{
	for (uint32_t i = 0; i < listing->n; i++) {
		if (listing->devices[i].major == place->major &&
		    listing->devices[i].minor == place->minor)
			return &listing->devices[i];
	}
	return NULL;
}

static bool is_at(const struct dmk_listed *device, const struct place *place)
{
	return place->block && place->major == device->major && place->minor == device->minor;
}

static int add(struct dmk_findings *findings, uint32_t kind, const struct dmk_listed *device,
	       const char *path, const struct place *place)
{
	struct dmk_finding *finding = dmk_add_finding(findings, kind);

	if (!finding)
		return -ENOMEM;
	dmk_copy_text(finding->path, sizeof(finding->path), path);
	if (device) {
		dmk_copy_text(finding->name, sizeof(finding->name), device->name);
		finding->major = device->major;
		finding->minor = device->minor;
	}
	finding->other_major = place->major;
	finding->other_minor = place->minor;
	if (kind == DMK_FINDING_LINK_DANGLING && place->ours)
		finding->flags |= DMK_FINDING_CAN_MEND;
	return 0;
}

static int examine_node_of(struct dmk *dm, struct dmk_findings *findings,
			   const struct dmk_listed *device)
{
	char path[PATH_SIZE], other_path[PATH_SIZE + 4 * DMK_NAME_SIZE];
	char mangled[4 * DMK_NAME_SIZE];
	struct place place, other;

	snprintf(path, sizeof(path), "%s/%s", dm->node_dir, device->name);
	look(path, &place);
	if (is_at(device, &place))
		return 0;
	if (place.empty) {
		mangle(device->name, mangled, sizeof(mangled));
		snprintf(other_path, sizeof(other_path), "%s/%s", dm->node_dir, mangled);
		look(other_path, &other);
		if (is_at(device, &other) || !device->has_table)
			return 0;
		return add(findings, DMK_FINDING_NODE_MISSING, device, path, &place);
	}
	if (place.link ? place.ours : place.block && place.major == device->major)
		return add(findings, DMK_FINDING_NODE_WRONG, device, path, &place);
	return add(findings, DMK_FINDING_NODE_TAKEN, device, path, &place);
}

/* device-mapper's major, also where there is no device; 0: it has none. */
static uint32_t mapper_major(void)
{
	FILE *file = fopen("/proc/devices", "re");
	uint64_t major = 0;
	char line[128];

	while (file && major == 0 && fgets(line, sizeof(line), file)) {
		const char *number = line + strspn(line, " ");
		size_t digits = strcspn(number, " ");

		if (strcmp(number + digits, " device-mapper\n") != 0 ||
		    dmk_parse_u64(number, digits, UINT32_MAX, &major) < 0)
			major = 0;
	}
	if (file)
		fclose(file);
	return (uint32_t)major;
}

/* The name is no device's. */
static int examine_entry(struct dmk_findings *findings, const struct dmk_listing *listing,
			 uint32_t major, const char *path)
{
	const struct dmk_listed *device = NULL;
	const char *name = strrchr(path, '/') + 1;
	char mangled[4 * DMK_NAME_SIZE];
	struct place place;

	look(path, &place);
	if (place.link && !place.block)
		return add(findings, DMK_FINDING_LINK_DANGLING, NULL, path, &place);
	/* A link that somebody made, to one of our devices or any other, is theirs. */
	if (!place.block || place.major != major || (place.link && !place.ours))
		return 0;
	/* What a killed process left is in nobody's way, but it is no name either. */
	if (strncmp(name, ".dmkit-", 7) != 0)
		device = find_number(listing, &place);
	if (!device)
		return add(findings, DMK_FINDING_NODE_STALE, NULL, path, &place);
	mangle(device->name, mangled, sizeof(mangled));
	if (strcmp(name, mangled) == 0)
		return 0;
	return add(findings, DMK_FINDING_NODE_OTHER_NAME, device, path, &place);
}

static int examine_folder(struct dmk *dm, struct dmk_findings *findings,
			  const struct dmk_listing *listing, const char *only_name)
{
	uint32_t major = listing->n > 0 ? listing->devices[0].major : mapper_major();
	DIR *dir = opendir(dm->node_dir);
	const struct dirent *entry;
	char path[PATH_SIZE];
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    strcmp(name, "control") == 0 || (only_name && strcmp(name, only_name) != 0) ||
		    find_name(listing, name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dm->node_dir, name);
		r = examine_entry(findings, listing, major, path);
	}
	if (dir)
		closedir(dir);
	return r;
}

int dmk_examine_nodes(struct dmk *dm, struct dmk_findings *findings,
		      const struct dmk_listing *listing, const char *only_name)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < listing->n; i++) {
		if (!only_name || strcmp(listing->devices[i].name, only_name) == 0)
			r = examine_node_of(dm, findings, &listing->devices[i]);
	}
	return r == 0 ? examine_folder(dm, findings, listing, only_name) : r;
}

static int remove_path(struct dmk *dm, const char *path)
{
	int r = dm->dry_run || unlink(path) == 0 ? 0 : -errno;

	if (r == 0 || r == -ENOENT)
		return 0;
	dmk_fail_word(&dm->error, r, path, strlen(path), 0, "it could not be removed");
	return dmk_fail_step(dm, DMK_STEP_REMOVE_NODE, r);
}

/* Nothing bears this name or number now, and the path is what it was. */
static int mend_stale(struct dmk *dm, const struct dmk_finding *finding)
{
	struct dmk_id id = { .name = strrchr(finding->path, '/') + 1 };
	struct dmk_info info;
	struct place place;

	if (dmk_check_name(id.name, NULL) == 0 && dmk_status(dm, &id, &info) != -ENXIO)
		return 0;
	look(finding->path, &place);
	if (finding->kind == DMK_FINDING_LINK_DANGLING && (place.block || !place.ours))
		return 0;
	if (finding->kind == DMK_FINDING_NODE_STALE &&
	    (!place.block || place.major != finding->other_major ||
	     place.minor != finding->other_minor))
		return 0;
	return remove_path(dm, finding->path);
}

int dmk_mend_node(struct dmk *dm, const struct dmk_finding *finding)
{
	struct dmk_id id = { .major = finding->major, .minor = finding->minor };
	struct dmk_udev_state udev;
	struct dmk_info info;
	struct dmk_node node;
	struct place place;
	int r;

	if (finding->kind == DMK_FINDING_NODE_STALE || finding->kind == DMK_FINDING_LINK_DANGLING)
		return mend_stale(dm, finding);
	r = dmk_status(dm, &id, &info);
	/* Gone, or renamed: then this is not its node any more. */
	if (r == -ENXIO || (r == 0 && strcmp(info.name, finding->name) != 0))
		return 0;
	if (r < 0)
		return r;
	look(finding->path, &place);
	if (place.link && place.ours &&
	    !(place.block && place.major == info.major && place.minor == info.minor))
		r = remove_path(dm, finding->path);
	if (r < 0)
		return r;
	node = dmk_node_of(dm, &info);
	/* As udevd would have made it: what it does later is the same then. */
	node.linked = dmk_get_udev_state(dm, &udev) == 0 && udev.handshake;
	return dmk_make_node(dm, &node);
}

int dmk_sync_nodes(struct dmk *dm, const char *name)
{
	struct dmk_findings findings = { 0 };
	struct dmk_listing listing = { 0 };
	struct dmk_error first = { 0 };
	int r = 0;

	dmk_begin(dm, DMK_VERB_SYNC_NODES, name);
	if (name)
		r = dmk_check_name(name, &dm->error);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	r = dmk_listing_read(dm, &listing);
	dm->error.verb = DMK_VERB_SYNC_NODES;
	if (r < 0)
		return r;
	r = dmk_examine_nodes(dm, &findings, &listing, name);
	dmk_listing_free(&listing);
	if (r < 0)
		first.code = dmk_fail_step(dm, DMK_STEP_LIST, r);
	for (uint32_t i = 0; r == 0 && i < findings.n; i++) {
		const struct dmk_finding *finding = &findings.items[i];

		/* To make it where something else stands says what that is. */
		if (!(finding->flags & DMK_FINDING_CAN_MEND) &&
		    finding->kind != DMK_FINDING_NODE_TAKEN)
			continue;
		dmk_begin(dm, DMK_VERB_SYNC_NODES, finding->name);
		if (dmk_mend_node(dm, finding) < 0 && first.code == 0)
			first = dm->error;
	}
	free(findings.items);
	if (first.code < 0 && r == 0)
		dm->error = first;
	return dmk_done(dm, first.code);
}
