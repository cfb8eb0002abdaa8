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
	bool ours;   /* a link as udev makes them, ../dm-N */
	bool abroad; /* such a link in a folder of another /dev, where alone dm-N is */
	bool block;  /* it is, or leads to, a block device: this one */
	uint32_t major;
	uint32_t minor; /* of such a link too: N */
};

static bool take_minor(const char *target, uint32_t *ret_minor)
{
	uint64_t minor;

	if (strncmp(target, "../dm-", 6) != 0 ||
	    dmk_parse_u64(target + 6, strlen(target + 6), UINT32_MAX, &minor) < 0)
		return false;
	*ret_minor = (uint32_t)minor;
	return true;
}

static void look(const struct dmk *dm, const char *path, struct place *ret_place)
{
	struct place place = { 0 };
	char target[16] = "";
	struct stat st, link;

	if (lstat(path, &st) < 0) {
		place.empty = errno == ENOENT;
	} else if (S_ISLNK(st.st_mode)) {
		place.link = true;
		link = st;
		if (readlink(path, target, sizeof(target) - 1) > 0)
			place.ours = take_minor(target, &place.minor);
		if (stat(path, &st) < 0) {
			place.abroad = place.ours && errno == ENOENT &&
				       dmk_link_is_abroad(dm->node_dir, &link);
			st = (struct stat){ 0 };
		}
	}
	if (!place.empty && S_ISBLK(st.st_mode)) {
		place.block = true;
		place.major = major(st.st_rdev);
		place.minor = minor(st.st_rdev);
	}
	*ret_place = place;
}

static void mangle(const char *name, char *mangled, size_t size)
{
	struct dmk_room room = { .buf = mangled, .size = size };

	for (; *name; name++)
		dmk_room_add(&room, dmk_is_plain(*name) ? "%c" : "\\x%02x", (unsigned char)*name);
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
		if ((listing->devices[i].major == place->major || place->abroad) &&
		    listing->devices[i].minor == place->minor)
			return &listing->devices[i];
	}
	return NULL;
}

static bool is_at(const struct dmk_listed *device, const struct place *place)
{
	return ((place->block && place->major == device->major) || place->abroad) &&
	       place->minor == device->minor;
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
	finding->other_minor = place->block ? place->minor : 0;
	/* Links under other names are somebody's, of udev's rules perhaps. A node is what a killed
	 * rename leaves. */
	if ((kind == DMK_FINDING_LINK_DANGLING && place->ours) ||
	    (kind == DMK_FINDING_NODE_OTHER_NAME && !place->link))
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
	if (dmk_name_has_no_node(device->name))
		return add(findings, DMK_FINDING_NAME_UNFIT, device, path, &(struct place){ 0 });
	look(dm, path, &place);
	if (is_at(device, &place))
		return 0;
	if (place.empty) {
		mangle(device->name, mangled, sizeof(mangled));
		snprintf(other_path, sizeof(other_path), "%s/%s", dm->node_dir, mangled);
		look(dm, other_path, &other);
		if (is_at(device, &other) || !device->has_table || device->going)
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
static int examine_entry(struct dmk *dm, struct dmk_findings *findings,
			 const struct dmk_listing *listing, uint32_t major, const char *path)
{
	const struct dmk_listed *device;
	const char *name = strrchr(path, '/') + 1;
	char mangled[4 * DMK_NAME_SIZE];
	struct place place;

	look(dm, path, &place);
	/* What is being made is its maker's as long as that lives. */
	if (dmk_is_temporary(name))
		return (place.link || (place.block && place.major == major)) &&
				       dmk_temporary_is_left(name)
			       ? add(findings, DMK_FINDING_NODE_LEFT, NULL, path, &place)
			       : 0;
	device = find_number(listing, &place);
	if (place.abroad && device)
		return 0;
	if (place.link && !place.block)
		return add(findings, DMK_FINDING_LINK_DANGLING, NULL, path, &place);
	/* A link that somebody made, to one of our devices or any other, is theirs. */
	if (!place.block || place.major != major || (place.link && !place.ours))
		return 0;
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
		r = examine_entry(dm, findings, listing, major, path);
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

/* Is it there, whatever it is called? Not known: yes. */
static bool is_device(struct dmk *dm, const struct dmk_id *id)
{
	struct dmk_info info;

	return dmk_status(dm, id, &info) != -ENXIO;
}

/* Is what stands there no device's now, and what was found? */
static bool is_left_over(struct dmk *dm, const struct dmk_finding *finding)
{
	struct dmk_id id = { .name = strrchr(finding->path, '/') + 1 };
	struct dmk_id number = { .major = finding->other_major, .minor = finding->other_minor };
	struct place place;

	look(dm, finding->path, &place);
	if (finding->kind == DMK_FINDING_NODE_LEFT)
		return (place.link || place.block) && dmk_temporary_is_left(id.name);
	if (dmk_check_name(id.name, NULL) == 0 && is_device(dm, &id))
		return false;
	if (finding->kind == DMK_FINDING_LINK_DANGLING)
		return !place.block && place.ours;
	return place.block && place.major == number.major && place.minor == number.minor &&
	       (finding->kind == DMK_FINDING_NODE_OTHER_NAME ? !place.link
							     : !is_device(dm, &number));
}

/* What has the name now has its node. Its maker may have found what we took away, and taken it for
 * right. */
static int make_again(struct dmk *dm, const char *name, bool linked)
{
	struct dmk_id id = { .name = name };
	struct dmk_node node;
	struct dmk_info info;

	if (dmk_check_name(name, NULL) < 0 || dmk_status(dm, &id, &info) < 0 ||
	    !(info.flags & DMK_INFO_LIVE_TABLE))
		return 0;
	node = dmk_node_of(dm, &info);
	node.linked = linked;
	return dmk_make_node_again(dm, &node);
}

/* As udevd would have made it: what it does later is the same then. */
static bool makes_links(struct dmk *dm)
{
	struct dmk_udev_state udev;

	return dmk_get_udev_state(dm, &udev) == 0 && udev.handshake;
}

static int mend_left_over(struct dmk *dm, const struct dmk_finding *finding)
{
	int r = is_left_over(dm, finding) ? remove_path(dm, finding->path) : 0;

	return r < 0 ? r : make_again(dm, strrchr(finding->path, '/') + 1, makes_links(dm));
}

int dmk_mend_node(struct dmk *dm, const struct dmk_finding *finding)
{
	struct dmk_id id = { .major = finding->major, .minor = finding->minor };
	struct dmk_info info;
	struct dmk_node node;
	struct place place;
	bool right, going;
	int r;

	if (finding->kind != DMK_FINDING_NODE_MISSING && finding->kind != DMK_FINDING_NODE_WRONG &&
	    finding->kind != DMK_FINDING_NODE_TAKEN)
		return mend_left_over(dm, finding);
	r = dmk_status(dm, &id, &info);
	/* Gone, or renamed: then this is not its node any more. */
	if (r == -ENXIO || (r == 0 && strcmp(info.name, finding->name) != 0))
		return 0;
	if (r < 0)
		return r;
	look(dm, finding->path, &place);
	right = place.abroad
			? place.minor == info.minor
			: place.block && place.major == info.major && place.minor == info.minor;
	going = info.flags & DMK_INFO_DEFERRED_REMOVE;
	/* One that is to go gets no node, but keeps nobody else's either. */
	if (!right && (place.link ? place.ours : going && place.block && place.major == info.major))
		r = remove_path(dm, finding->path);
	if (r < 0)
		return r;
	node = dmk_node_of(dm, &info);
	node.linked = makes_links(dm);
	return dmk_make_node_again(dm, &node);
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

		/* To make it where something else stands says what that is. A node that leads to a
		 * device of another name may be one that a rename is about to move. */
		if ((!(finding->flags & DMK_FINDING_CAN_MEND) &&
		     finding->kind != DMK_FINDING_NODE_TAKEN) ||
		    finding->kind == DMK_FINDING_NODE_OTHER_NAME)
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
