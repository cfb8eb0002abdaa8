/* SPDX-License-Identifier: MIT */
/* Whether what a device stands on is still there, and still the same. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "machine/blockdev.h"
#include "rows/target.h"

/* A partition's is its disk's. 0: none is known. */
static uint64_t read_diskseq(uint32_t major, uint32_t minor)
{
	uint64_t diskseq = dmk_blockdev_fact(major, minor, "/diskseq");

	return diskseq ? diskseq : dmk_blockdev_fact(major, minor, "/../diskseq");
}

static struct dmk_finding *add(struct dmk_findings *findings, uint32_t kind,
			       const struct dmk_listed *device, const struct dmk_devno *disk,
			       const char *detail)
{
	struct dmk_finding *finding = dmk_add_finding_of(findings, kind, device);

	if (!finding)
		return NULL;
	finding->other_major = disk->major;
	finding->other_minor = disk->minor;
	dmk_copy_text(finding->detail, sizeof(finding->detail), detail);
	return finding;
}

static bool is_there(const struct dmk_devno *disk, const char *file)
{
	/* Where it cannot be looked at, nothing is said of it. */
	return dmk_blockdev_has(disk->major, disk->minor, file) || errno != ENOENT;
}

static int examine_disk(struct dmk_findings *findings, const struct dmk_listed *device,
			const struct dmk_devno *disk)
{
	struct dmk_finding *finding = NULL;
	uint64_t own, others;
	char file[32];

	if (!is_there(disk, "")) {
		finding = add(findings, DMK_FINDING_DISK_GONE, device, disk,
			      "no block device has this number any more");
		return finding ? 0 : -ENOMEM;
	}
	if (is_there(disk, "/size") && dmk_blockdev_fact(disk->major, disk->minor, "/size") == 0) {
		finding = add(findings, DMK_FINDING_DISK_GONE, device, disk,
			      "it has a size of 0: detached, or without a medium");
		return finding ? 0 : -ENOMEM;
	}
	/* The kernel links each device of a live table to the mapping, and a later one of the same
	 * number has no such link. */
	snprintf(file, sizeof(file), "/holders/dm-%u", device->minor);
	if (!is_there(disk, file)) {
		finding = add(findings, DMK_FINDING_DISK_REPLACED, device, disk,
			      "the block device of this number is not the one that the table has");
		return finding ? 0 : -ENOMEM;
	}
	own = read_diskseq(device->major, device->minor);
	others = read_diskseq(disk->major, disk->minor);
	/* A mapping gets its own when it is made, and keeps it when its table is replaced. */
	if (own && others > own && disk->major != device->major) {
		finding = add(findings, DMK_FINDING_DISK_NEWER, device, disk, "");
		if (!finding)
			return -ENOMEM;
		finding->diskseq = own;
		finding->other_diskseq = others;
	}
	return 0;
}

/* One disk of the table, as its segments are walked. */
struct fit {
	struct dmk_devno disk; /* the last one asked */
	uint64_t size_sectors;
	char detail[256]; /* empty: all fits so far */
};

static int check_area(void *userdata, const struct dmk_target_device *device)
{
	struct fit *fit = userdata;
	struct dmk_devno disk;

	if (device->area_sectors == 0 || !dmk_parse_devno(device->word, &disk.major, &disk.minor))
		return 0;
	if (disk.major != fit->disk.major || disk.minor != fit->disk.minor) {
		fit->disk = disk;
		fit->size_sectors = dmk_blockdev_fact(disk.major, disk.minor, "/size");
	}
	if (fit->size_sectors == 0 ||
	    (device->offset_sectors < fit->size_sectors &&
	     device->area_sectors <= fit->size_sectors - device->offset_sectors))
		return 0;
	dmk_print_text(fit->detail, sizeof(fit->detail),
		       "its size is %llu sectors: there are no %llu from sector %llu on",
		       (unsigned long long)fit->size_sectors,
		       (unsigned long long)device->area_sectors,
		       (unsigned long long)device->offset_sectors);
	return -EINVAL;
}

/* What the kernel took once is held against the disks as they are now. */
static int examine_table(struct dmk *dm, struct dmk_findings *findings,
			 const struct dmk_listed *device)
{
	const struct dmk_id id = { .major = device->major, .minor = device->minor };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct fit fit = { 0 };

	/* One that went away, or a target that dmkit does not know, is no finding. */
	if (dmk_get_table(dm, &id, NULL, &segments) < 0)
		return 0;
	while (!fit.detail[0] && dmk_segments_next(segments, &segment) == 1) {
		if (dmk_target_devices(segment.type, segment.params, segment.length_sectors,
				       check_area, &fit) < 0)
			break;
	}
	dmk_segments_free(segments);
	if (!fit.detail[0])
		return 0;
	return add(findings, DMK_FINDING_TABLE_UNFIT, device, &fit.disk, fit.detail) ? 0 : -ENOMEM;
}

int dmk_examine_disks(struct dmk *dm, struct dmk_findings *findings,
		      const struct dmk_listed *device)
{
	const struct dmk_id id = { .major = device->major, .minor = device->minor };
	uint32_t before = findings->n, n = 0;
	struct dmk_devno *disks = NULL;
	int r = 0;

	if (dmk_get_deps(dm, &id, NULL, &disks, &n) < 0 ||
	    (access("/sys/dev/block", F_OK) < 0 && errno == ENOENT))
		n = 0;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = examine_disk(findings, device, &disks[i]);
	free(disks);
	/* Of a disk that is gone nothing can be asked. */
	for (uint32_t i = before; i < findings->n; i++) {
		if (findings->items[i].kind != DMK_FINDING_DISK_NEWER)
			return r;
	}
	return r == 0 && n > 0 ? examine_table(dm, findings, device) : r;
}
