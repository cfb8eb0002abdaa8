/* SPDX-License-Identifier: MIT */
/* raid: Linux's software RAID (md) as a target. */
#include "raid.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct dmk_choice formats[] = {
	{ "near", "near", DMK_RAID10_FORMAT_NEAR },
	{ "far", "far", DMK_RAID10_FORMAT_FAR },
	{ "offset", "offset", DMK_RAID10_FORMAT_OFFSET },
	DMK_ALLOWED("near|far|offset"),
};

static const struct dmk_choice journal_modes[] = {
	{ "writethrough", "writethrough", DMK_RAID_JOURNAL_WRITETHROUGH },
	{ "writeback", "writeback", DMK_RAID_JOURNAL_WRITEBACK },
	DMK_ALLOWED("writethrough|writeback"),
};

#define DMK_ROWS_OF struct dmk_raid

/* The kernel's limits are those of its int, but where noted. */
static const struct dmk_row rows[] = {
	/* Linux 6.1 takes raid10_far and raid10_offset for raid10: raid10_format is what counts. */
	{ DMK_REQUIRED("raid-type", CHOICE, "the level, and how data and parity lie"),
	  DMK_FIELD(type), .choices = dmk_raid_types, .flags = DMK_ROW_ANY_CASE },
	{ DMK_DEFAULT("chunk-size", SECTORS, "0",
		      "how much goes to one device before the next one's turn, a power of two from "
		      "8s; all but raid1 need it"),
	  DMK_FIELD(chunk_sectors), .max = DMK_RAID_MAX_NUMBER },

	{ DMK_ROW("sync", FLAG, "make all equal anew"), DMK_WORD("sync", DMK_RAID_SYNC),
	  .exclusive = 1 },
	{ DMK_ROW("nosync", FLAG, "take all as equal; not raid6"),
	  DMK_WORD("nosync", DMK_RAID_NOSYNC), .exclusive = 1 },
	{ DMK_ROW("rebuild", NUMBER, "the position, from 0, of a device to be made anew"),
	  DMK_FIELD(rebuild), DMK_COUNT(n_rebuild), .key_flags = DMK_KEY_REPEATED,
	  .word = "rebuild", .max = DMK_RAID_MAX_DEVICES - 1 },
	{ DMK_ROW("daemon-sleep", MS, "between cleanings of the bitmap"),
	  DMK_WORD("daemon_sleep", DMK_RAID_DAEMON_SLEEP), DMK_FIELD(daemon_sleep_ms),
	  .max = DMK_RAID_MAX_NUMBER },
	{ DMK_ROW("min-recovery-rate", NUMBER,
		  "KiB a second and device that a resync takes even where others wait"),
	  DMK_WORD("min_recovery_rate", DMK_RAID_MIN_RECOVERY_RATE),
	  DMK_FIELD(min_recovery_rate_kib), .max = DMK_RAID_MAX_NUMBER, .unit = "kib" },
	{ DMK_ROW("max-recovery-rate", NUMBER,
		  "KiB a second and device that a resync takes at most"),
	  DMK_WORD("max_recovery_rate", DMK_RAID_MAX_RECOVERY_RATE),
	  DMK_FIELD(max_recovery_rate_kib), .max = DMK_RAID_MAX_NUMBER, .unit = "kib" },
	/* raid1 came with it: Linux 3.1 */
	{ DMK_ROW("write-mostly", NUMBER, "the position of a device that is read last; raid1"),
	  DMK_FIELD(write_mostly), DMK_COUNT(n_write_mostly), .key_flags = DMK_KEY_REPEATED,
	  .since = DMK_V(1, 1), .word = "write_mostly", .max = DMK_RAID_MAX_DEVICES - 1 },
	/* Linux keeps it in KiB, and its table shows those: half of what was given. md's own limit
	 * is COUNTER_MAX of KiB. */
	{ DMK_ROW("max-write-behind", SECTORS, "how far write-mostly devices may lag; raid1"),
	  DMK_WORD("max_write_behind", DMK_RAID_MAX_WRITE_BEHIND),
	  DMK_FIELD(max_write_behind_sectors), .since = DMK_V(1, 1), .max = 2 * 16383 + 1 },
	{ DMK_ROW("stripe-cache", NUMBER, "entries of the cache, a page of each device; raid4/5/6"),
	  DMK_WORD("stripe_cache", DMK_RAID_STRIPE_CACHE), DMK_FIELD(stripe_cache),
	  .max = DMK_RAID_MAX_NUMBER },
	{ DMK_ROW("region-size", SECTORS,
		  "what a bit of the bitmap stands for, a power of two; 4 MiB or more by itself"),
	  DMK_WORD("region_size", DMK_RAID_REGION_SIZE), DMK_FIELD(region_size_sectors),
	  .max = DMK_RAID_MAX_NUMBER },
	{ DMK_ROW("raid10-copies", NUMBER, "copies of each chunk, 2 by itself"),
	  DMK_WORD("raid10_copies", DMK_RAID_RAID10_COPIES), DMK_FIELD(raid10_copies),
	  .since = DMK_V(1, 3), .min = 2, .max = DMK_RAID_MAX_DEVICES },
	/* Linux 3.9 */
	{ DMK_ROW("raid10-format", CHOICE, "where the copies lie, near by itself"),
	  DMK_WORD("raid10_format", DMK_RAID_RAID10_FORMAT), DMK_FIELD(raid10_format),
	  .since = DMK_V3(1, 4, 2), .choices = formats, .flags = DMK_ROW_ANY_CASE },
	{ DMK_ROW("raid10-use-near-sets", FLAG,
		  "the layout of far and offset before it was mended"),
	  DMK_WORD("raid10_use_near_sets", DMK_RAID_RAID10_USE_NEAR_SETS), .since = DMK_V(1, 9) },
	/* These two: Linux 4.8. Of fewer disks the kernel's table shows 0. */
	{ DMK_ROW("delta-disks", SIGNED,
		  "how many devices a reshape adds, or takes away where negative"),
	  DMK_WORD("delta_disks", DMK_RAID_DELTA_DISKS), DMK_FIELD(delta_disks),
	  .since = DMK_V(1, 9), .min = (uint32_t)-251, .max = 251 },
	{ DMK_ROW("data-offset", SECTORS,
		  "where the data begin on each device: room for a reshape, from 32s on"),
	  DMK_WORD("data_offset", DMK_RAID_DATA_OFFSET), DMK_FIELD(data_offset_sectors),
	  .since = DMK_V(1, 9), .max = DMK_RAID_MAX_NUMBER },
	/* Linux 4.11 and 4.12 */
	{ DMK_ROW("journal-dev", DEVICE,
		  "a device of at least 4 MiB that closes the write hole; raid4/5/6"),
	  DMK_WORD("journal_dev", DMK_RAID_JOURNAL_DEV), DMK_FIELD(journal_device),
	  .since = DMK_V(1, 10) },
	{ DMK_ROW("journal-mode", CHOICE,
		  "whether writes wait for the other devices; needs journal-dev"),
	  DMK_WORD("journal_mode", DMK_RAID_JOURNAL_MODE), DMK_FIELD(journal_mode),
	  .since = DMK_V3(1, 11, 1), .choices = journal_modes, .flags = DMK_ROW_ANY_CASE },

	{ DMK_ROW("metadata", DEVICE,
		  "once per position or not at all: the device for superblock and bitmap, - where "
		  "it is missing; zero its first 4 KiB for a new one"),
	  DMK_FIELD(metadata_devices), DMK_COUNT(n_metadata), .key_flags = DMK_KEY_REPEATED,
	  .flags = DMK_ROW_MAY_MISS },
	{ DMK_ROW("data", DEVICE,
		  "once per position: the device with the data, - where it is missing"),
	  DMK_FIELD(data_devices), DMK_COUNT(n_devices),
	  .key_flags = DMK_KEY_REQUIRED | DMK_KEY_REPEATED,
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_MAY_MISS },
};

enum {
	ROW_TYPE = 0,
	ROW_CHUNK = 1
};

static int read_row(struct dmk_words *words, int index, struct dmk_raid *raid)
{
	struct dmk_word word;
	int r = dmk_words_need(words, rows[index].name, &word);

	return r < 0 ? r : dmk_row_read(&rows[index], &word, raid, &raid->owned, words->error);
}

/* Whether n words stand before "DEVICES META DATA [META DATA...]" and no more. */
static bool are_before_devices(struct dmk_words rest, uint64_t n)
{
	struct dmk_word word;
	uint64_t devices = 0;

	for (; n; n--)
		if (!dmk_words_next(&rest, &word))
			return false;
	if (!dmk_words_next(&rest, &word) ||
	    dmk_parse_u64(word.text, word.length, DMK_RAID_MAX_DEVICES, &devices) < 0)
		return false;
	return dmk_words_left(&rest) == 2 * devices;
}

/* The count is that of all before the devices, the chunk's size included. */
static int read_options(struct dmk_words *words, struct dmk_raid *raid)
{
	const struct dmk_form *form = &dmk_target_raid.table;
	uint64_t n = 0;
	int r = dmk_words_number(words, "the number of raid parameters", 1, UINT32_MAX, &n);

	if (r == 0)
		r = read_row(words, ROW_CHUNK, raid);
	if (r < 0)
		return r;
	n--;
	/* Linux, at least from 4.8 to 6.12, counts raid10_use_near_sets in its table but does not
	 * print it. */
	if (raid->type >= DMK_RAID10 && n && !are_before_devices(*words, n) &&
	    are_before_devices(*words, n - 1)) {
		raid->options |= DMK_RAID_RAID10_USE_NEAR_SETS;
		n--;
	}
	return dmk_rows_read_words(form, words, raid, n);
}

static int read_device(struct dmk_words *words, const char *what, struct dmk_raid *raid,
		       const char **ret_device)
{
	struct dmk_word word;
	int r = dmk_words_need(words, what, &word);

	if (r < 0)
		return r;
	*ret_device = dmk_arena_word(&raid->owned, &word);
	return *ret_device ? 0 : dmk_fail(words->error, -ENOMEM, "no memory");
}

static int read_devices(struct dmk_words *words, struct dmk_raid *raid)
{
	const char **metadata, **data;
	bool has_metadata = false;
	uint64_t n = 0;
	int r = dmk_words_number(words, "the number of devices", 1, DMK_RAID_MAX_DEVICES, &n);

	if (r < 0)
		return r;
	metadata = dmk_arena_array(&raid->owned, n, sizeof(*metadata));
	data = dmk_arena_array(&raid->owned, n, sizeof(*data));
	if (!metadata || !data)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		r = read_device(words, "metadata", raid, &metadata[i]);
		if (r == 0)
			r = read_device(words, "data", raid, &data[i]);
		has_metadata = has_metadata || (r == 0 && strcmp(metadata[i], "-") != 0);
	}
	raid->data_devices = data;
	raid->n_devices = (uint32_t)n;
	if (has_metadata) {
		raid->metadata_devices = metadata;
		raid->n_metadata = (uint32_t)n;
	}
	return r;
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_raid *raid = value;
	int r = read_row(words, ROW_TYPE, raid);

	if (r == 0)
		r = read_options(words, raid);
	return r < 0 ? r : read_devices(words, raid);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_form *form = &dmk_target_raid.table;
	const struct dmk_raid *raid = value;

	dmk_row_print(&rows[ROW_TYPE], raid, out);
	dmk_text_add(out, " %" PRIu32 " %" PRIu64, 1 + dmk_rows_count_words(form, raid),
		     raid->chunk_sectors);
	dmk_rows_print_words(form, raid, out);
	dmk_text_add(out, " %" PRIu32, raid->n_devices);
	for (uint32_t i = 0; i < raid->n_devices; i++) {
		dmk_text_add(out, " ");
		dmk_text_add_path(out, raid->n_metadata ? raid->metadata_devices[i] : "-");
		dmk_text_add(out, " ");
		dmk_text_add_path(out, raid->data_devices[i]);
	}
}

static int validate(const void *value, struct dmk_error *err)
{
	return dmk_raid_validate(&dmk_target_raid.table, value, err);
}

const struct dmk_target dmk_target_raid = {
	.info = { .type = "raid",
		  .summary = "RAID 0, 1, 4, 5, 6 and 10 by Linux's md",
		  .example = "raid raid-type=raid1 data=/dev/vdb data=/dev/vdc",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "TYPE COUNT CHUNK-SIZE [OPTION...] DEVICES METADATA DATA...",
		DMK_ROWS(rows, struct dmk_raid),
		DMK_OPTIONS(struct dmk_raid),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &dmk_raid_status_form,
	.messages = dmk_raid_messages,
	.n_messages = DMK_RAID_N_MESSAGES,
	.check = dmk_raid_check,
	.length_of_rest = dmk_raid_length_of_rest,
};
