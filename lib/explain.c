/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <errno.h>
#include <string.h>

#include "blockdev.h"
#include "error.h"
#include "holders.h"
#include "targets/target.h"

/* Segments that are looked through for a missing device: a refused table of a million must not take
 * long. */
#define MOST_SEGMENTS 1024

static void name_segment(const struct dmk_segment *segment, uint32_t index, struct dmk_error *err)
{
	const struct dmk_target *target = dmk_target_find(segment->type);
	bool secret = target && (target->flags & DMK_TARGET_SECRET);

	err->segment = index + 1;
	dmk_copy_text(err->target, sizeof(err->target), segment->type);
	dmk_copy_text(err->params, sizeof(err->params), secret ? "(hidden)" : segment->params);
}

/* A word that can only be a device: an absolute path, or two numbers with a colon. */
static bool is_device_word(const char *word)
{
	uint32_t major, minor;

	return word[0] == '/' || dmk_parse_devno(word, &major, &minor);
}

/* The first device among the words of params that the kernel cannot have opened. */
static bool find_missing(const char *params, struct dmk_error *err)
{
	struct dmk_words words = dmk_words_of(params, NULL, NULL);
	struct dmk_word word;
	char device[512];
	const char *why;
	bool missing = false;

	while (!missing && dmk_words_next(&words, &word)) {
		if (word.length >= sizeof(device))
			continue;
		memcpy(device, word.text, word.length);
		device[word.length] = '\0';
		missing = is_device_word(device) && dmk_blockdev_missing(device, &why) != 0;
		if (missing) {
			dmk_copy_text(err->argument, sizeof(err->argument), device);
			dmk_copy_text(err->detail, sizeof(err->detail), why);
		}
		dmk_wipe(device, word.length); /* it may have been a key */
	}
	return missing;
}

/* "needs verity 1.5, this kernel has 1.4". */
static bool find_too_old(struct dmk *dm, const struct dmk_segment *segment)
{
	struct dmk_error failure = dm->error;
	struct dmk_version needed, present;
	const struct dmk_row *row;
	const char *name;
	bool too_old;

	if (!dmk_target_needs(segment->type, segment->params, &needed, &row))
		return false;
	too_old = dmk_get_target_version(dm, segment->type, &present) == 0 &&
		  dmk_version_less(&present, &needed);
	dm->error = failure; /* the question has none of its own */
	if (!too_old)
		return false;
	name = dmk_row_name(row);
	dmk_copy_text(dm->error.argument, sizeof(dm->error.argument), name);
	dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
		       "needs %s %u.%u.%u, this kernel has %u.%u.%u", segment->type, needed.major,
		       needed.minor, needed.patch, present.major, present.minor, present.patch);
	return true;
}

/* Adds the devices among the words of params to numbers, which has room for max. */
static void collect_devices(const char *params, struct dmk_number *numbers, uint32_t max,
			    uint32_t *n)
{
	struct dmk_words words = dmk_words_of(params, NULL, NULL);
	struct dmk_word word;
	char device[512];

	while (*n < max && dmk_words_next(&words, &word)) {
		if (word.length >= sizeof(device))
			continue;
		memcpy(device, word.text, word.length);
		device[word.length] = '\0';
		if (is_device_word(device) &&
		    dmk_blockdev_number(device, &numbers[*n].major, &numbers[*n].minor) == 0)
			(*n)++;
		dmk_wipe(device, word.length); /* it may have been a key */
	}
}

/* A target takes its devices for itself alone: who else has them? */
static void find_busy(struct dmk_table *table, struct dmk_error *err)
{
	struct dmk_number numbers[DMK_MAX_NUMBERS];
	uint32_t count = dmk_table_count(table);
	struct dmk_segment segment;
	uint32_t n = 0;

	for (uint32_t i = 0; i < count && i < MOST_SEGMENTS; i++)
		if (dmk_table_get(table, i, &segment) == 0)
			collect_devices(segment.params, numbers, DMK_MAX_NUMBERS, &n);
	if (n)
		dmk_note_claims(numbers, n, err);
}

/* The kernel's "TARGET: why" is about the one segment with that target, if there is just one. */
static void find_by_reason(struct dmk_table *table, struct dmk_error *err)
{
	size_t length = strcspn(err->reason, ":");
	uint32_t count = dmk_table_count(table);
	struct dmk_segment segment;
	uint32_t found = count;

	if (!err->reason[length])
		return;
	for (uint32_t i = 0; i < count; i++) {
		if (dmk_table_get(table, i, &segment) < 0)
			return;
		if (strlen(segment.type) != length ||
		    memcmp(segment.type, err->reason, length) != 0)
			continue;
		if (found < count)
			return;
		found = i;
	}
	if (found < count && dmk_table_get(table, found, &segment) == 0)
		name_segment(&segment, found, err);
}

static void find_segment(struct dmk *dm, struct dmk_table *table)
{
	uint32_t count = dmk_table_count(table);
	struct dmk_error *err = &dm->error;
	struct dmk_segment segment;

	if (err->code == -EBUSY)
		find_busy(table, err);
	for (uint32_t i = 0; i < count && i < MOST_SEGMENTS; i++) {
		if (dmk_table_get(table, i, &segment) < 0)
			return;
		/* ENXIO may also mean that the device itself is not there. */
		if (count == 1 && (err->code != -ENXIO || err->verb == DMK_VERB_CREATE))
			name_segment(&segment, i, err);
		if (err->code == -EBUSY)
			return;
		if (err->code == -EINVAL ? find_too_old(dm, &segment)
					 : find_missing(segment.params, err)) {
			name_segment(&segment, i, err);
			return;
		}
	}
}

void dmk_explain_load(struct dmk *dm, struct dmk_table *table)
{
	find_segment(dm, table);
	if (dm->error.segment == 0)
		find_by_reason(table, &dm->error);
}
