/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <errno.h>
#include <string.h>

#include "blockdev.h"
#include "check.h"
#include "error.h"
#include "targets/target.h"

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

void dmk_explain_load(struct dmk *dm, struct dmk_table *table)
{
	uint32_t count = dmk_table_count(table);
	struct dmk_error *err = &dm->error;
	struct dmk_segment segment;

	for (uint32_t i = 0; i < count && i < MOST_SEGMENTS; i++) {
		if (dmk_table_get(table, i, &segment) < 0)
			return;
		/* ENXIO may also mean that the device itself is not there. */
		if (count == 1 && (err->code != -ENXIO || err->verb == DMK_VERB_CREATE))
			dmk_name_segment(&segment, i, err);
		if (err->code == -EBUSY)
			return;
		if (err->code == -EINVAL
			    ? dmk_check_version(dm, &segment) || dmk_check_areas(&segment, err)
			    : find_missing(segment.params, err)) {
			dmk_name_segment(&segment, i, err);
			return;
		}
	}
}
