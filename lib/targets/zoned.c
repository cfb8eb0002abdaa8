/* SPDX-License-Identifier: MIT */
/* zoned: zoned block devices as one that takes writes anywhere. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define DMK_ROWS_OF struct dmk_zoned

static const struct dmk_row rows[] = {
	{ DMK_ROW("device", DEVICE,
		  "one zoned device, or a regular one and then zoned ones; they must be formatted "
		  "by dmzadm"),
	  DMK_FIELD(devices), DMK_COUNT(n_devices),
	  .key_flags = DMK_KEY_REQUIRED | DMK_KEY_REPEATED, .flags = DMK_ROW_SIZE_DEVICE },
};

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_zoned *zoned = value;
	struct dmk_word word;
	int r = dmk_words_need(words, "device", &word);

	if (r < 0)
		return r;
	do {
		r = dmk_row_read(&rows[0], &word, zoned, &zoned->owned, words->error);
	} while (r == 0 && dmk_words_next(words, &word));
	return r;
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_zoned *zoned = value;

	for (uint32_t i = 0; i < zoned->n_devices; i++) {
		if (i)
			dmk_text_add(out, " ");
		dmk_text_add_path(out, zoned->devices[i]);
	}
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_zoned *zoned = value;

	return zoned->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

/* "5/10": unmapped ones of all. */
static int read_zones(struct dmk_words *words, const char *what, struct dmk_zoned_zones *zones)
{
	uint64_t unmapped = 0, total = 0;
	struct dmk_word word;
	const char *slash;
	int r = dmk_words_need(words, what, &word);

	if (r < 0)
		return r;
	slash = memchr(word.text, '/', word.length);
	if (!slash ||
	    dmk_parse_u64(word.text, (size_t)(slash - word.text), UINT32_MAX, &unmapped) < 0 ||
	    dmk_parse_u64(slash + 1, word.length - (size_t)(slash + 1 - word.text), UINT32_MAX,
			  &total) < 0)
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "%s zones must be UNMAPPED/TOTAL", what);
	*zones = (struct dmk_zoned_zones){ (uint32_t)unmapped, (uint32_t)total };
	r = dmk_words_need(words, what, &word);
	if (r == 0 && !dmk_word_is(&word, what))
		r = dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				  "the word '%s' must stand here", what);
	return r;
}

static int read_devices(struct dmk_words *words, struct dmk_zoned_status *status)
{
	uint64_t n = dmk_words_left(words) / 4;
	struct dmk_zoned_device_status *devices;
	int r = 0;

	devices = dmk_arena_array(&status->owned, n, sizeof(*devices));
	if (!devices)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		r = read_zones(words, "random", &devices[i].random);
		if (r == 0)
			r = read_zones(words, "sequential", &devices[i].sequential);
	}
	status->devices = devices;
	status->n_devices = (uint32_t)n;
	return r;
}

/* Before zoned 2.0, Linux 5.8, "U/N cache" was not there. */
static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_zoned_status *status = value;
	struct dmk_word word;
	uint64_t n = 0;
	int r = dmk_words_number(words, "the number of zones", 0, UINT32_MAX, &n);

	status->n_zones = (uint32_t)n;
	if (r == 0)
		r = dmk_words_need(words, "zones", &word);
	if (r == 0 && !dmk_word_is(&word, "zones"))
		r = dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				  "the word 'zones' must stand here");
	if (r == 0)
		r = read_zones(words, "cache", &status->cache);
	return r < 0 ? r : read_devices(words, status);
}

static void print_zones(const struct dmk_zoned_zones *zones, struct dmk_text *out)
{
	dmk_text_add(out, "%" PRIu32 "/%" PRIu32, zones->unmapped, zones->total);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_zoned_status *status = value;

	dmk_text_add(out, "%" PRIu32 " zones ", status->n_zones);
	print_zones(&status->cache, out);
	dmk_text_add(out, " cache");
	for (uint32_t i = 0; i < status->n_devices; i++) {
		dmk_text_add(out, " ");
		print_zones(&status->devices[i].random, out);
		dmk_text_add(out, " random ");
		print_zones(&status->devices[i].sequential, out);
		dmk_text_add(out, " sequential");
	}
}

static uint32_t count_devices(const void *value)
{
	const struct dmk_zoned_status *status = value;

	return status->n_devices;
}

static void print_random(const void *value, uint32_t index, struct dmk_text *out)
{
	const struct dmk_zoned_status *status = value;

	print_zones(&status->devices[index].random, out);
}

static void print_sequential(const void *value, uint32_t index, struct dmk_text *out)
{
	const struct dmk_zoned_status *status = value;

	print_zones(&status->devices[index].sequential, out);
}

#define ZONES "unmapped_zones#/total_zones#"
static const struct dmk_custom random_key = { .count = count_devices,
					      .print = print_random,
					      .fields = ZONES };
static const struct dmk_custom sequential_key = { .count = count_devices,
						  .print = print_sequential,
						  .fields = ZONES };

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_zoned_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("zones", NUMBER, "of all devices"), DMK_FIELD(n_zones) },
	{ DMK_ROW("cache-unmapped", NUMBER, "zones of the first, regular device that are free"),
	  DMK_FIELD(cache.unmapped) },
	{ DMK_ROW("cache-zones", NUMBER, "of so many"), DMK_FIELD(cache.total) },
	{ DMK_ROW("random", RECORD, "UNMAPPED/TOTAL random zones, once per zoned device"),
	  .key_flags = DMK_KEY_REPEATED, DMK_CUSTOM(&random_key) },
	{ DMK_ROW("sequential", RECORD, "UNMAPPED/TOTAL sequential zones, once per zoned device"),
	  .key_flags = DMK_KEY_REPEATED, DMK_CUSTOM(&sequential_key) },
};

static const struct dmk_form status_form = {
	.syntax = "N zones U/N cache [U/N random U/N sequential]...",
	DMK_ROWS(status_rows, struct dmk_zoned_status),
	.parse = parse_status,
	.format = format_status,
};

static int validate_message(const void *value, struct dmk_error *err)
{
	const struct dmk_zoned_message *message = value;

	return message->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_zoned_message

static const struct dmk_message messages[] = {
	{ DMK_MESSAGE("reclaim", "reclaim", "move random zones to sequential ones now"),
	  .form.validate = validate_message },
};

const struct dmk_target dmk_target_zoned = {
	.info = { .type = "zoned",
		  .summary = "zoned block devices that take writes anywhere",
		  .example = "zoned device=/dev/vdb",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_ALONE,
	.table = {
		.syntax = "DEVICE [DEVICE...]",
		DMK_ROWS(rows, struct dmk_zoned),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
};
