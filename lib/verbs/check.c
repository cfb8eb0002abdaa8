/* SPDX-License-Identifier: MIT */
/* dmk_table_check(): what a table names, looked at before the kernel is asked. */
#include "check.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "machine/blockdev.h"
#include "machine/holders.h"
#include "machine/modules.h"
#include "wire/table.h"
#include "targets/needs.h"

/* Devices and targets that are remembered: a table of a million segments asks each once. */
#define MOST_KNOWN 32
#define MOST_CLAIMED 128
#define SECTOR UINT64_C(512)

struct known_device {
	char word[256];
	struct dmk_blockdev blockdev; /* size_bytes 0: nothing is known of it */
};

struct look {
	struct dmk *dm; /* NULL: after a refusal */
	struct dmk_error *err;
	const struct dmk_check_options *options; /* NULL: after a refusal */
	const struct dmk_segment *segment;
	uint32_t index; /* of it */
	uint32_t major; /* the device that gets the table; 0: none yet */
	uint32_t minor;
	bool distinct;		/* the segment's devices must not be the same */
	struct dmk_devno first; /* of them; major 0: none yet */
	bool certain_only;	/* devices that cannot be asked are passed over */

	struct known_device devices[MOST_KNOWN];
	uint32_t n_devices; /* ever seen: the newest takes the oldest one's place */
	char types[MOST_KNOWN][DMK_TYPE_SIZE];
	uint32_t n_types;

	/* The devices that were seen, for the last question; it is put to the first ones. */
	struct dmk_devno numbers[MOST_CLAIMED];
	uint32_t n_numbers;
	bool claims; /* they are looked through once more: who has claimed one? */
};

void dmk_name_segment(const struct dmk_segment *segment, uint32_t index, struct dmk_error *err)
{
	err->segment = index + 1;
	dmk_copy_text(err->target, sizeof(err->target), segment->type);
	dmk_copy_text(err->params, sizeof(err->params),
		      dmk_shown_params(segment->type, segment->params));
}

/* ---- one device ---- */

static int fail_device(const struct look *look, int code, const char *word, const char *why)
{
	return dmk_fail_word(look->err, code, word, strlen(word), 0, "%s", why);
}

/* It is there, and perhaps not the one that was meant. */
static void note_misquoted(const struct look *look, const char *path)
{
	struct dmk_error note = { .verb = DMK_VERB_PARSE, .step = DMK_STEP_ARGUMENTS };

	if (!look->options || !look->options->note ||
	    !dmk_params_quote_much(look->segment->params, path))
		return;
	(void)dmk_fail_word(&note, 0, path, strlen(path), 0, "so the kernel reads it; " DMK_QUOTES);
	dmk_name_segment(look->segment, look->index, &note);
	look->options->note(look->options->userdata, &note);
}

/* A device that could not be asked: missing, or unknown. */
static int check_missing(const struct look *look, const char *word)
{
	const char *why;
	uint32_t major, minor;
	int r = dmk_blockdev_missing(word, &why);

	if (r == -ENXIO && dmk_parse_devno(word, &major, &minor) && dmk_blockdev_may_appear(major))
		return 0;
	if (r == 0 || look->certain_only || (r == -ENOENT && dmk_blockdev_is_disk_name(word)))
		return 0;
	/* To be told from a word that is wrong. */
	if (r == -EACCES || r == -EPERM)
		look->err->step = DMK_STEP_BLOCKDEV;
	if (dmk_params_quote_much(look->segment->params, word))
		return dmk_fail_word(look->err, r, word, strlen(word), 0, "%s; " DMK_QUOTES, why);
	return fail_device(look, r, word, why);
}

static const struct dmk_blockdev *recall(const struct look *look, const char *word)
{
	uint32_t n = look->n_devices < MOST_KNOWN ? look->n_devices : MOST_KNOWN;

	for (uint32_t i = 0; i < n; i++)
		if (strcmp(look->devices[i].word, word) == 0)
			return &look->devices[i].blockdev;
	return NULL;
}

/* *ret_blockdev lives until the next device. */
static int ask(struct look *look, const char *word, const struct dmk_blockdev **ret_blockdev)
{
	struct known_device *known = &look->devices[look->n_devices % MOST_KNOWN];
	struct dmk_blockdev blockdev = { 0 };
	int r;

	*ret_blockdev = recall(look, word);
	if (*ret_blockdev)
		return 0;
	if (dmk_get_blockdev(word, &blockdev) < 0) {
		r = check_missing(look, word);
		if (r < 0)
			return r;
	}
	/* A word that is too long for the place is never found there again. */
	dmk_copy_text(known->word, sizeof(known->word), word);
	known->blockdev = blockdev;
	look->n_devices++;
	*ret_blockdev = &known->blockdev;
	return 0;
}

static bool fits(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset < size && length <= size - offset;
}

/* The number that fits where 512 times it was given, which is more than the device has at all; only
 * if it is the only one of the two. */
static uint64_t meant(const struct look *look, const struct dmk_target_device *device,
		      uint64_t size)
{
	uint64_t offset = device->offset_sectors;
	uint64_t length = device->area_sectors;
	/* Of a segment that takes a part of its length from the device, the length is no sign. */
	bool by_length = length > size && length == look->segment->length_sectors &&
			 length % SECTOR == 0 && fits(offset, length / SECTOR, size);
	bool by_offset =
		offset > size && offset % SECTOR == 0 && fits(offset / SECTOR, length, size);

	if (by_length == by_offset)
		return 0;
	return by_length ? length / SECTOR : offset / SECTOR;
}

static int check_extent(const struct look *look, const struct dmk_target_device *device,
			const struct dmk_blockdev *blockdev)
{
	const struct dmk_extent *extent = &device->extent;
	uint64_t has = blockdev->size_bytes / extent->block_bytes;

	if (has == 0 || fits(extent->start_blocks, extent->n_blocks, has))
		return 0;
	return dmk_fail_word(look->err, -E2BIG, device->word, strlen(device->word), 0,
			     "%s needs %" PRIu64 " blocks of %" PRIu32 " bytes from block %" PRIu64
			     " on, and it has %" PRIu64 " in all",
			     extent->what, extent->n_blocks, extent->block_bytes,
			     extent->start_blocks, has);
}

static int check_area(const struct look *look, const struct dmk_target_device *device,
		      const struct dmk_blockdev *blockdev)
{
	uint64_t size = blockdev->size_bytes / SECTOR;
	uint64_t block = blockdev->logical_block_bytes / SECTOR;
	size_t length = strlen(device->word);

	if (device->extent.what)
		return check_extent(look, device, blockdev);
	/* Linux lets a device of size 0 pass: it may have no medium yet. */
	if (device->area_sectors == 0 || size == 0)
		return 0;
	if (!fits(device->offset_sectors, device->area_sectors, size)) {
		look->err->meant_sectors = meant(look, device, size);
		return dmk_fail_word(look->err, -EINVAL, device->word, length, 0,
				     "its size is %" PRIu64 " sectors: there are no %" PRIu64
				     " from sector %" PRIu64 " on",
				     size, device->area_sectors, device->offset_sectors);
	}
	if (block > 1 && device->offset_sectors % block != 0)
		return dmk_fail_word(look->err, -EINVAL, device->word, length, 0,
				     "its logical block has %" PRIu64 " sectors: offset %" PRIu64
				     " is no multiple of it",
				     block, device->offset_sectors);
	if (block > 1 && device->area_sectors % block != 0)
		return dmk_fail_word(look->err, -EINVAL, device->word, length, 0,
				     "its logical block has %" PRIu64 " sectors: the %" PRIu64
				     " that are taken are no multiple",
				     block, device->area_sectors);
	return 0;
}

static bool is_number(const struct dmk_devno *number, uint32_t major, uint32_t minor)
{
	return number->major == major && number->minor == minor;
}

static void note_number(struct look *look, uint32_t major, uint32_t minor)
{
	uint32_t i = 0;

	while (i < look->n_numbers && !is_number(&look->numbers[i], major, minor))
		i++;
	if (i == look->n_numbers && i < MOST_CLAIMED)
		look->numbers[look->n_numbers++] = (struct dmk_devno){ major, minor };
}

/* Each of the numbers is asked once, and taken out then. */
static int check_claim(struct look *look, const char *word, uint32_t major, uint32_t minor)
{
	struct dmk_devno number = { major, minor };
	struct dmk_holder holder;
	char text[192] = "";
	struct dmk_room room = { .buf = text, .size = sizeof(text) };
	uint32_t i = 0;
	int r;

	while (i < look->n_numbers && !is_number(&look->numbers[i], major, minor))
		i++;
	if (i == look->n_numbers)
		return 0;
	look->numbers[i] = look->numbers[--look->n_numbers];
	r = dmk_find_claim(look->dm, word, &number, &holder);
	if (r <= 0)
		return r;
	dmk_say_holder(&room, &holder);
	dmk_one_line(text);
	return dmk_fail_word(look->err, -EBUSY, word, strlen(word), 0,
			     "held by %s, which shares it with no target", text);
}

/* Linux takes other words than a path for devices too. What is certain: it is not found here, and
 * behind /dev/ it is. */
static int check_name(const struct look *look, const char *word)
{
	char said[256];
	const char *why;
	int r = dmk_blockdev_missing(word, &why);

	if (r != -ENOENT || dmk_blockdev_is_code(word))
		return 0;
	dmk_copy_text(said, sizeof(said), why);
	return dmk_blockdev_add_meant(word, said, sizeof(said)) ? fail_device(look, r, word, said)
								: 0;
}

static int check_device(void *userdata, const struct dmk_target_device *device)
{
	struct look *look = userdata;
	const struct dmk_blockdev *blockdev;
	uint32_t major, minor;
	bool by_number = dmk_parse_devno(device->word, &major, &minor);
	int r;

	if (device->word[0] != '/' && !by_number)
		return look->certain_only ? 0 : check_name(look, device->word);
	r = ask(look, device->word, &blockdev);
	if (r < 0)
		return r;
	if (!look->claims)
		note_misquoted(look, device->word);
	if (!by_number) {
		major = blockdev->major;
		minor = blockdev->minor;
	}
	if (look->major && major == look->major && minor == look->minor)
		return fail_device(look, -EINVAL, device->word,
				   "it is the very device that gets this table");
	if (look->claims)
		return check_claim(look, device->word, major, minor);
	if (look->distinct && look->first.major == major && look->first.minor == minor && major)
		return fail_device(look, -EINVAL, device->word,
				   "it is the same device as the one before it");
	look->first = (struct dmk_devno){ major, minor };
	if (look->dm && blockdev->major)
		note_number(look, major, minor);
	return check_area(look, device, blockdev);
}

bool dmk_check_areas(const struct dmk_segment *segment, struct dmk_error *err)
{
	/* The kernel's errno stays; only what is known of the device comes in. */
	struct dmk_error found = { 0 };
	struct look look = { .err = &found, .segment = segment, .certain_only = true };

	if (dmk_target_devices(segment->type, segment->params, segment->length_sectors,
			       check_device, &look) == 0)
		return false;
	dmk_copy_text(err->argument, sizeof(err->argument), found.argument);
	dmk_copy_text(err->detail, sizeof(err->detail), found.detail);
	err->meant_sectors = found.meant_sectors;
	return true;
}

/* ---- the target ---- */

static bool is_known_type(const struct look *look, const char *type)
{
	for (uint32_t i = 0; i < look->n_types; i++)
		if (strcmp(look->types[i], type) == 0)
			return true;
	return false;
}

static int check_type(struct look *look)
{
	const char *type = look->segment->type;
	struct dmk_version version;
	char why[sizeof(look->err->detail)];
	int r;

	if (is_known_type(look, type))
		return 0;
	r = dmk_get_target_version(look->dm, type, &version);
	/* Before driver 4.41 nothing loads a module but its use: it may still come. */
	if (r == -ENXIO && look->dm->connected && look->dm->driver.minor < 41)
		r = 0;
	else if (r == -EINVAL) {
		dmk_begin(look->dm, DMK_VERB_PARSE, NULL);
		look->err->step = DMK_STEP_ARGUMENTS;
		dmk_say_no_target(type, why, sizeof(why));
		look->err->flags |= DMK_ERROR_NO_TARGET;
		return dmk_fail(look->err, r, "%s", why);
	}
	if (r < 0)
		return r;
	if (look->n_types < MOST_KNOWN)
		dmk_copy_text(look->types[look->n_types++], DMK_TYPE_SIZE, type);
	return 0;
}

/* The target and its options against another kernel's. */
static int check_release(const struct look *look)
{
	const struct dmk_check_options *o = look->options;
	const struct dmk_segment *segment = look->segment;
	struct dmk_error note = { .verb = DMK_VERB_PARSE, .step = DMK_STEP_ARGUMENTS };
	struct dmk_need need;
	enum dmk_known known =
		dmk_kernel_has(segment->type, segment->params, o->linux_release, &need);
	const char *word = need.word ? need.word : segment->type;
	char when[32] = "";

	if (known == DMK_YES)
		return 0;
	if (known == DMK_NO) {
		if (need.release)
			dmk_print_text(when, sizeof(when), ", Linux %u.%u was the first",
				       need.release >> 8, need.release & 0xff);
		return dmk_fail_word(look->err, -EINVAL, word, strlen(word), 0,
				     "Linux %u.%u does not have it%s", o->linux_release >> 8,
				     o->linux_release & 0xff, when);
	}
	if (!o->note)
		return 0;
	(void)dmk_fail_word(&note, 0, word, strlen(word), 0,
			    "whether Linux %u.%u has it is not known", o->linux_release >> 8,
			    o->linux_release & 0xff);
	dmk_name_segment(segment, look->index, &note);
	o->note(o->userdata, &note);
	return 0;
}

/* What was left to the kernel when the table was made. */
static void note_words(const struct look *look)
{
	const struct dmk_check_options *o = look->options;
	const struct dmk_segment *segment = look->segment;
	struct dmk_error note = { .verb = DMK_VERB_PARSE, .step = DMK_STEP_ARGUMENTS };

	if (!o->note || dmk_target_check(segment->type, segment->params, segment->length_sectors,
					 true, &note) <= 0)
		return;
	dmk_name_segment(segment, look->index, &note);
	o->note(o->userdata, &note);
}

static int check_target(struct look *look)
{
	int r = look->options->linux_release ? 0 : check_type(look);

	if (r < 0)
		return r;
	note_words(look);
	dmk_begin(look->dm, DMK_VERB_PARSE, NULL);
	look->err->step = DMK_STEP_ARGUMENTS;
	if (look->options->linux_release)
		return check_release(look);
	if (dmk_check_version(look->dm, look->segment)) {
		look->err->code = -EINVAL;
		return -EINVAL;
	}
	return dmk_target_check_page(look->segment->type, look->segment->params,
				     (uint64_t)sysconf(_SC_PAGESIZE), look->err);
}

static int check_segment(struct look *look)
{
	const struct dmk_segment *segment = look->segment;
	int r = look->claims ? 0 : check_target(look);

	const struct dmk_target *target = dmk_target_find(segment->type);

	if (r < 0 || (look->options->flags & DMK_CHECK_OFFLINE))
		return r;
	look->distinct = target && (target->flags & DMK_TARGET_DISTINCT);
	look->first = (struct dmk_devno){ 0 };
	return dmk_target_devices(segment->type, segment->params, segment->length_sectors,
				  check_device, look);
}

/* The number of the device that gets the table, if there is one. */
static int find_own(struct look *look, const struct dmk_id *id)
{
	static const struct dmk_query_options options = { .flags = DMK_QUERY_NO_OPEN_COUNT };
	struct dmk_info info;
	int r;

	if (id->major) {
		look->major = id->major;
		look->minor = id->minor;
		return 0;
	}
	r = dmk_get_info(look->dm, id, &options, &info);
	if (r < 0)
		return r == -ENXIO ? 0 : r;
	look->major = info.major;
	look->minor = info.minor;
	return 0;
}

static int check_segments(struct look *look, struct dmk_table *table)
{
	uint32_t count = dmk_table_count(table);
	struct dmk_segment segment;
	int r = 0;

	look->segment = &segment;
	for (uint32_t i = 0; r == 0 && i < count; i++) {
		look->index = i;
		r = dmk_table_get(table, i, &segment);
		if (r == 0)
			r = check_segment(look);
		/* What the kernel did not answer is no segment's fault. */
		if (r < 0 && look->err->verb == DMK_VERB_PARSE)
			dmk_name_segment(&segment, i, look->err);
	}
	return r;
}

int dmk_table_check(struct dmk *dm, struct dmk_table *table,
		    const struct dmk_check_options *options)
{
	static const struct dmk_check_options defaults;
	const struct dmk_check_options *o = options ? options : &defaults;
	struct look look = { .dm = dm, .err = &dm->error, .options = o };
	bool offline = o->flags & DMK_CHECK_OFFLINE;
	int r;

	dmk_begin(dm, DMK_VERB_PARSE, NULL);
	r = dmk_check_options(dm, o->flags, DMK_CHECK_OFFLINE, o->reserved);
	if (r == 0 && o->linux_release &&
	    (o->linux_release < DMK_LINUX(3, 0) || o->linux_release > DMK_LINUX(255, 255)))
		r = dmk_fail_argument(dm, -EINVAL,
				      "linux_release is DMK_LINUX(3, 0) or later, or 0");
	if (r == 0 && offline && !o->linux_release)
		r = dmk_fail_argument(dm, -EINVAL,
				      "offline there is only a linux_release to check");
	if (r == 0 && o->device && !offline)
		r = find_own(&look, o->device);
	if (r == 0)
		r = check_segments(&look, table);
	/* Last, since all processes are looked at: once for all devices if nobody has one. */
	if (r == 0 && look.n_numbers)
		r = dmk_find_users(dm, look.numbers, look.n_numbers);
	if (r > 0) {
		look.claims = true;
		r = check_segments(&look, table);
	} else if (r < 0 && dm->error.code == 0) {
		r = dmk_fail_step(dm, DMK_STEP_BLOCKDEV, r);
	}
	return dmk_done(dm, r);
}
