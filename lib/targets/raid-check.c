/* SPDX-License-Identifier: MIT */
/* raid: what goes together, by level; and how long one can be. */
#include "raid.h"

#include <inttypes.h>
#include <string.h>

const struct dmk_choice dmk_raid_types[] = {
	{ "raid0", "raid0", DMK_RAID0, .since = DMK_V(1, 7) },
	{ "raid1", "raid1", DMK_RAID1, .since = DMK_V(1, 1) },
	{ "raid4", "raid4", DMK_RAID4 },
	{ "raid5_n", "raid5_n", DMK_RAID5_N, .since = DMK_V(1, 9) },
	{ "raid5_ls", "raid5_ls", DMK_RAID5_LS },
	{ "raid5_rs", "raid5_rs", DMK_RAID5_RS },
	{ "raid5_la", "raid5_la", DMK_RAID5_LA },
	{ "raid5_ra", "raid5_ra", DMK_RAID5_RA },
	{ "raid6_zr", "raid6_zr", DMK_RAID6_ZR },
	{ "raid6_nr", "raid6_nr", DMK_RAID6_NR },
	{ "raid6_nc", "raid6_nc", DMK_RAID6_NC },
	{ "raid6_n_6", "raid6_n_6", DMK_RAID6_N_6, .since = DMK_V(1, 9) },
	{ "raid6_ls_6", "raid6_ls_6", DMK_RAID6_LS_6, .since = DMK_V(1, 9) },
	{ "raid6_rs_6", "raid6_rs_6", DMK_RAID6_RS_6, .since = DMK_V(1, 9) },
	{ "raid6_la_6", "raid6_la_6", DMK_RAID6_LA_6, .since = DMK_V(1, 9) },
	{ "raid6_ra_6", "raid6_ra_6", DMK_RAID6_RA_6, .since = DMK_V(1, 9) },
	{ "raid10", "raid10", DMK_RAID10, .since = DMK_V(1, 3) },
	{ "raid10_near", "raid10_near", DMK_RAID10_NEAR, .since = DMK_V(1, 9) },
	{ "raid10_offset", "raid10_offset", DMK_RAID10_OFFSET, .since = DMK_V(1, 9) },
	{ "raid10_far", "raid10_far", DMK_RAID10_FAR, .since = DMK_V(1, 9) },
	DMK_ALLOWED(DMK_RAID_TYPES),
};

/* MIN_FREE_RESHAPE_SPACE of dm-raid.c */
#define MIN_OFFSET_SECTORS 32
/* Of the smallest page there is. */
#define PAGE_SECTORS 8
/* md's bitmap has at most so many bits. */
#define MAX_REGIONS (UINT64_C(1) << 21)

enum level {
	LEVEL_0,
	LEVEL_1,
	LEVEL_45,
	LEVEL_6,
	LEVEL_10
};

static enum level level_of(const struct dmk_raid *raid)
{
	switch (raid->type) {
	case DMK_RAID0:
		return LEVEL_0;
	case DMK_RAID1:
		return LEVEL_1;
	default:
		if (raid->type <= DMK_RAID5_RA)
			return LEVEL_45;
		return raid->type <= DMK_RAID6_RA_6 ? LEVEL_6 : LEVEL_10;
	}
}

#define NOT_0 (1 << LEVEL_1 | 1 << LEVEL_45 | 1 << LEVEL_6 | 1 << LEVEL_10)
#define PARITY (1 << LEVEL_45 | 1 << LEVEL_6)

/* By levels, as the kernel's table of valid flags has them. */
static const struct {
	const char *word;
	unsigned int levels;
	const char *text;
} allowed[] = {
	{ "sync", NOT_0, "is not of raid0" },
	{ "nosync", NOT_0 & ~(1 << LEVEL_6), "is not of raid0 and raid6" },
	{ "rebuild", NOT_0, "is not of raid0" },
	{ "daemon_sleep", NOT_0, "is not of raid0" },
	{ "min_recovery_rate", NOT_0, "is not of raid0" },
	{ "max_recovery_rate", NOT_0, "is not of raid0" },
	{ "write_mostly", 1 << LEVEL_1, "is of raid1 alone" },
	{ "max_write_behind", 1 << LEVEL_1, "is of raid1 alone" },
	{ "stripe_cache", PARITY, "is of raid4, raid5 and raid6 alone" },
	{ "region_size", NOT_0, "is not of raid0" },
	{ "raid10_copies", 1 << LEVEL_10, "is of raid10 alone" },
	{ "raid10_format", 1 << LEVEL_10, "is of raid10 alone" },
	{ "raid10_use_near_sets", 1 << LEVEL_10, "is of raid10 alone" },
	{ "delta_disks", NOT_0, "is not of raid0" },
	{ "journal_dev", PARITY, "is of raid4, raid5 and raid6 alone" },
	{ "journal_mode", PARITY, "is of raid4, raid5 and raid6 alone" },
};

static int validate_level(const struct dmk_form *form, const struct dmk_raid *raid,
			  struct dmk_error *err)
{
	for (uint32_t i = 0; i < form->n_rows; i++) {
		const struct dmk_row *row = &form->rows[i];

		if (!row->word || !dmk_row_present(form, row, raid))
			continue;
		for (size_t k = 0; k < DMK_ARRAY_SIZE(allowed); k++)
			if (strcmp(row->word, allowed[k].word) == 0 &&
			    !(allowed[k].levels & 1U << level_of(raid)))
				return dmk_refuse(err, row->word, "%s", allowed[k].text);
	}
	return 0;
}

/* Devices at the first of which the kernel, or md, starts it. */
static uint32_t min_devices(const struct dmk_raid *raid)
{
	static const uint32_t min[] = {
		[LEVEL_0] = 1, [LEVEL_1] = 1, [LEVEL_45] = 2, [LEVEL_6] = 4, [LEVEL_10] = 2,
	};

	return min[level_of(raid)];
}

static int validate_devices(const struct dmk_raid *raid, struct dmk_error *err)
{
	bool any = false;

	if (raid->n_devices > DMK_RAID_MAX_DEVICES || raid->n_devices < min_devices(raid))
		return dmk_refuse(err, "data", "%" PRIu32 " to %d are needed, not %" PRIu32,
				  min_devices(raid), DMK_RAID_MAX_DEVICES, raid->n_devices);
	if (raid->n_metadata && raid->n_metadata != raid->n_devices)
		return dmk_refuse(err, "metadata", "%" PRIu32 " of them, but %" PRIu32 " of data",
				  raid->n_metadata, raid->n_devices);
	for (uint32_t i = 0; i < raid->n_devices; i++) {
		bool missing = strcmp(raid->data_devices[i], "-") == 0;

		any = any || !missing;
		if (missing && raid->n_metadata && strcmp(raid->metadata_devices[i], "-") != 0)
			return dmk_refuse(err, raid->metadata_devices[i],
					  "a metadata device without a data device");
	}
	return any ? 0 : dmk_refuse(err, "data", "all devices are missing");
}

/* Each position must be one of the devices, and stand once. */
static int validate_positions(const struct dmk_raid *raid, const char *word,
			      const uint32_t *positions, uint32_t n, struct dmk_error *err)
{
	uint64_t seen[(DMK_RAID_MAX_DEVICES + 63) / 64] = { 0 };

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = positions[i];

		if (at >= raid->n_devices)
			return dmk_refuse(err, word,
					  "%" PRIu32 " must be a position from 0 to %" PRIu32, at,
					  raid->n_devices - 1);
		if (seen[at / 64] & UINT64_C(1) << at % 64)
			return dmk_refuse(err, word, "%" PRIu32 " is given twice", at);
		seen[at / 64] |= UINT64_C(1) << at % 64;
	}
	return 0;
}

static bool is_power_of_two(uint64_t n)
{
	return n && (n & (n - 1)) == 0;
}

static int validate_sizes(const struct dmk_raid *raid, struct dmk_error *err)
{
	uint64_t chunk = raid->chunk_sectors, offset = raid->data_offset_sectors;
	uint64_t region = raid->region_size_sectors;

	if (raid->type != DMK_RAID1 && (chunk < 8 || !is_power_of_two(chunk)))
		return dmk_refuse(err, "chunk-size",
				  "%" PRIu64
				  " is not allowed: must be a power of two of at least 8 sectors",
				  chunk);
	if (region && !is_power_of_two(region))
		return dmk_refuse(err, "region_size", "must be a power of two");
	if (region && raid->type != DMK_RAID1 && region < chunk)
		return dmk_refuse(err, "region_size", "must be at least the chunk's size");
	if (offset && (offset < MIN_OFFSET_SECTORS || offset % PAGE_SECTORS))
		return dmk_refuse(err, "data_offset",
				  "must be 0, or from 32 sectors on a multiple of the page's size");
	if (raid->max_recovery_rate_kib &&
	    raid->min_recovery_rate_kib > raid->max_recovery_rate_kib)
		return dmk_refuse(err, "min_recovery_rate", "must be at most max_recovery_rate");
	return 0;
}

static int validate_raid10(const struct dmk_raid *raid, struct dmk_error *err)
{
	bool near = raid->raid10_format != DMK_RAID10_FORMAT_FAR &&
		    raid->raid10_format != DMK_RAID10_FORMAT_OFFSET;

	if (raid->raid10_copies > raid->n_devices)
		return dmk_refuse(err, "raid10_copies", "must be at most the number of devices");
	if (near && (raid->options & DMK_RAID_RAID10_USE_NEAR_SETS))
		return dmk_refuse(err, "raid10_use_near_sets",
				  "needs raid10_format far or offset before it");
	return 0;
}

int dmk_raid_validate(const struct dmk_form *form, const void *value, struct dmk_error *err)
{
	const struct dmk_raid *raid = value;
	int r;

	if (raid->unused)
		return dmk_refuse(err, "unused", "must be zero");
	r = validate_devices(raid, err);
	if (r == 0)
		r = validate_level(form, raid, err);
	if (r == 0)
		r = validate_sizes(raid, err);
	if (r == 0)
		r = validate_positions(raid, "rebuild", raid->rebuild, raid->n_rebuild, err);
	if (r == 0)
		r = validate_positions(raid, "write_mostly", raid->write_mostly,
				       raid->n_write_mostly, err);
	if (r < 0)
		return r;
	if (raid->n_write_mostly && raid->n_write_mostly >= raid->n_devices)
		return dmk_refuse(err, "write_mostly", "cannot be all of the devices");
	if (raid->n_rebuild && (raid->options & (DMK_RAID_SYNC | DMK_RAID_NOSYNC)))
		return dmk_refuse(err, "rebuild", "does not go together with sync or nosync");
	if (raid->journal_mode && !raid->journal_device)
		return dmk_refuse(err, "journal_mode", "needs journal_dev before it");
	return validate_raid10(raid, err);
}

static uint32_t copies_of(const struct dmk_raid *raid)
{
	return raid->raid10_copies ? raid->raid10_copies : 2;
}

static uint32_t data_stripes(const struct dmk_raid *raid)
{
	switch (level_of(raid)) {
	case LEVEL_45:
		return raid->n_devices - 1;
	case LEVEL_6:
		return raid->n_devices - 2;
	default:
		return raid->n_devices;
	}
}

/* Linux 6.1 rounds down to chunks by itself: only that it can be divided is asked for. */
int dmk_raid_check(const void *value, uint64_t length, struct dmk_error *err)
{
	const struct dmk_raid *raid = value;
	uint64_t region = raid->region_size_sectors;
	uint32_t n = data_stripes(raid);
	uint64_t copies = level_of(raid) == LEVEL_10 ? copies_of(raid) : 1;

	/* Linux makes none that cannot run. */
	for (uint32_t i = 0; raid->type == DMK_RAID0 && i < raid->n_devices; i++)
		if (strcmp(raid->data_devices[i], "-") == 0)
			return dmk_refuse(err, "data", "none may be missing: raid0 has no copies");
	/* length * copies % n, without overflow */
	if (raid->type != DMK_RAID1 && length % n * copies % n)
		return dmk_refuse(err, "size",
				  "%" PRIu64 " sectors%s cannot be shared among %" PRIu32
				  " data devices",
				  length, copies > 1 ? ", copied," : "", n);
	if (region > length)
		return dmk_refuse(err, "region_size",
				  "%" PRIu64 " sectors are more than the segment's %" PRIu64,
				  region, length);
	if (region && region < length / MAX_REGIONS)
		return dmk_refuse(err, "region_size",
				  "%" PRIu64 " sectors are too few for %" PRIu64
				  " sectors: must be at least %" PRIu64,
				  region, length, length / MAX_REGIONS);
	return 0;
}

/* Whole chunks of each device; in raid10 whole rows of copies. */
uint64_t dmk_raid_length_of_rest(const void *value, uint64_t rest)
{
	const struct dmk_raid *raid = value;
	uint64_t copies = level_of(raid) == LEVEL_10 ? copies_of(raid) : 1;
	uint64_t unit = raid->chunk_sectors * copies, length;

	rest -= rest < raid->data_offset_sectors ? rest : raid->data_offset_sectors;
	if (raid->type == DMK_RAID1)
		return rest;
	rest -= rest % unit;
	if (__builtin_mul_overflow(rest / copies, (uint64_t)data_stripes(raid), &length))
		return UINT64_MAX; /* more than a table can be: refused there */
	return length;
}
