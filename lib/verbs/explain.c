/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <errno.h>
#include <string.h>

#include "machine/blockdev.h"
#include "check.h"
#include "base/error.h"
#include "machine/holders.h"
#include "rows/target.h"

/* Segments that are looked through for a missing device: a refused table of a million must not take
 * long. */
#define MOST_SEGMENTS 1024

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
		dmk_word_text(&word, device);
		missing = is_device_word(device) && dmk_blockdev_missing(device, &why) != 0;
		if (missing) {
			dmk_copy_text(err->argument, sizeof(err->argument), device);
			dmk_print_text(err->detail, sizeof(err->detail), "%s%s", why,
				       dmk_word_quotes_much(&word) ? "; " DMK_QUOTES : "");
		}
		dmk_wipe(device, word.length); /* it may have been a key */
	}
	return missing;
}

/* A device's name where its path is meant: of targets that dmkit knows, another word can be any. */
static int find_name(void *userdata, const struct dmk_target_device *device)
{
	struct dmk_error *err = userdata;
	char said[sizeof(err->detail)];
	const char *why;

	if (is_device_word(device->word))
		return 0;
	if (dmk_blockdev_missing(device->word, &why) != -ENOENT)
		return 0;
	dmk_copy_text(said, sizeof(said), why);
	if (!dmk_blockdev_add_meant(device->word, said, sizeof(said)) &&
	    dmk_blockdev_is_code(device->word))
		return 0;
	dmk_copy_text(err->argument, sizeof(err->argument), device->word);
	dmk_copy_text(err->detail, sizeof(err->detail), said);
	return 1;
}

/* Adds the devices among the words of params to numbers, which has room for max. */
static void collect_devices(const char *params, struct dmk_devno *numbers, uint32_t max,
			    uint32_t *n)
{
	struct dmk_words words = dmk_words_of(params, NULL, NULL);
	struct dmk_word word;
	char device[512];

	while (*n < max && dmk_words_next(&words, &word)) {
		if (word.length >= sizeof(device))
			continue;
		dmk_word_text(&word, device);
		if (is_device_word(device) &&
		    dmk_blockdev_number(device, &numbers[*n].major, &numbers[*n].minor) == 0)
			(*n)++;
		dmk_wipe(device, word.length); /* it may have been a key */
	}
}

/* A target takes its devices for itself alone: who else has them? */
static void find_busy(const struct dmk *dm, struct dmk_table *table, struct dmk_error *err)
{
	struct dmk_devno numbers[DMK_MAX_NUMBERS];
	uint32_t count = dmk_table_count(table);
	struct dmk_segment segment;
	uint32_t n = 0;

	for (uint32_t i = 0; i < count && i < MOST_SEGMENTS; i++)
		if (dmk_table_get(table, i, &segment) == 0)
			collect_devices(segment.params, numbers, DMK_MAX_NUMBERS, &n);
	if (n)
		dmk_note_claims(dm, numbers, n, err);
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
		dmk_name_segment(&segment, found, err);
}

/* What the target itself can tell of the refusal. */
static bool ask_target(const struct dmk_segment *segment, struct dmk_error *err)
{
	const struct dmk_target *target = dmk_target_find(segment->type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	bool told;

	if (!target || !target->explain)
		return false;
	value = dmk_form_read(&target->table, segment->params);
	if (!value)
		return false;
	told = target->explain(value, err->code, err);
	dmk_form_clear(&target->table, value);
	return told;
}

/* The kernel says why a target refused its words, and of one that it has not, this. */
static bool may_lack_target(const struct dmk_error *err)
{
	return err->code == -EINVAL &&
	       (!err->reason[0] || strstr(err->reason, "unknown target type"));
}

/* What is certain to be wrong with this segment, by the kernel's errno. known: a target that it
 * has. */
static bool find_fault(struct dmk *dm, const struct dmk_segment *segment, const char *known)
{
	struct dmk_error *err = &dm->error;

	if (may_lack_target(err) && strcmp(segment->type, known) != 0 &&
	    dmk_check_target(dm, segment->type))
		return true;
	if (err->code == -EINVAL || err->code == -E2BIG)
		return dmk_check_version(dm, segment) || dmk_check_areas(segment, err);
	return dmk_target_devices(segment->type, segment->params, segment->length_sectors,
				  find_name, err) > 0 ||
	       find_missing(segment->params, err) || ask_target(segment, err);
}

static void find_segment(struct dmk *dm, struct dmk_table *table)
{
	uint32_t count = dmk_table_count(table);
	struct dmk_error *err = &dm->error;
	struct dmk_segment segment;
	char known[DMK_TYPE_SIZE] = "";

	if (err->code == -EBUSY)
		find_busy(dm, table, err);
	for (uint32_t i = 0; i < count && i < MOST_SEGMENTS; i++) {
		if (dmk_table_get(table, i, &segment) < 0)
			return;
		/* ENXIO may also mean that the device itself is not there. */
		if (count == 1 && (err->code != -ENXIO || err->verb == DMK_VERB_CREATE))
			dmk_name_segment(&segment, i, err);
		if (err->code == -EBUSY)
			return;
		if (find_fault(dm, &segment, known)) {
			dmk_name_segment(&segment, i, err);
			return;
		}
		dmk_copy_text(known, sizeof(known), segment.type);
	}
}

void dmk_explain_load(struct dmk *dm, struct dmk_table *table)
{
	/* No segment is at fault where the request was not made. */
	if (dm->error.step != DMK_STEP_LOAD)
		return;
	find_segment(dm, table);
	if (dm->error.segment == 0)
		find_by_reason(table, &dm->error);
}
