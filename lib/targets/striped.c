/* SPDX-License-Identifier: MIT */
/* striped: several devices in turn, one chunk each. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define DMK_ROWS_OF struct dmk_striped

/* Linux 6.1 takes any chunk that is not 0: no power of two, no page is asked for any more. */
static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("chunk", SECTORS, "how much goes to one device before the next one's turn"),
	  DMK_FIELD(chunk_sectors), .min = 1, .max = UINT32_MAX },
	{ DMK_ROW("device", DEVICE_OFFSET,
		  "once per stripe; without :OFFSET it is 0 (8:0 is a device), but a path that "
		  "holds ':' needs one"),
	  DMK_FIELD(legs), DMK_COUNT(n_legs), .key_flags = DMK_KEY_REQUIRED | DMK_KEY_REPEATED,
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
};

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_striped *striped = value;
	uint64_t n = 0;
	int r = dmk_words_number(words, "the number of stripes", 1, UINT32_MAX, &n);

	if (r == 0)
		r = dmk_words_number(words, "chunk", 1, UINT32_MAX, &striped->chunk_sectors);
	if (r == 0)
		r = dmk_legs_read(words, "stripes", (uint32_t)n, &striped->owned, &striped->legs);
	if (r == 0)
		striped->n_legs = (uint32_t)n;
	return r;
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_striped *striped = value;

	dmk_text_add(out, "%" PRIu32 " %" PRIu64, striped->n_legs, striped->chunk_sectors);
	dmk_legs_print(striped->legs, striped->n_legs, out);
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_striped *striped = value;

	return striped->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_striped *striped = value;

	if (length_sectors % striped->n_legs == 0 &&
	    length_sectors / striped->n_legs % striped->chunk_sectors == 0)
		return 0;
	return dmk_refuse(err, "size",
			  "%" PRIu64 " sectors are no multiple of %" PRIu32
			  " stripes times %" PRIu64 " sectors",
			  length_sectors, striped->n_legs, striped->chunk_sectors);
}

static uint64_t length_of_rest(const void *value, uint64_t rest_sectors)
{
	const struct dmk_striped *striped = value;
	uint64_t length;

	rest_sectors -= rest_sectors % striped->chunk_sectors;
	if (__builtin_mul_overflow(rest_sectors, (uint64_t)striped->n_legs, &length))
		return UINT64_MAX; /* more than a table can be: refused there */
	return length;
}

static uint64_t area_sectors(const void *value, uint64_t length_sectors)
{
	return length_sectors / ((const struct dmk_striped *)value)->n_legs;
}

static int read_devices(struct dmk_words *words, struct dmk_striped_status *status, uint32_t n)
{
	const char **devices;

	if (dmk_words_left(words) != (uint64_t)n + 2)
		return dmk_fail_word(
			words->error, -EINVAL, "devices", 7, (uint32_t)words->previous_end + 1,
			"%" PRIu32 " devices and two words must follow, here are %" PRIu64, n,
			dmk_words_left(words));
	devices = dmk_arena_array(&status->owned, n, sizeof(*devices));
	if (!devices)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	for (uint32_t i = 0; i < n; i++) {
		struct dmk_word word;
		int r = dmk_words_need(words, "device", &word);

		if (r < 0)
			return r;
		devices[i] = dmk_arena_word(&status->owned, &word);
		if (!devices[i])
			return dmk_fail(words->error, -ENOMEM, "no memory");
	}
	status->devices = devices;
	status->n_legs = n;
	return 0;
}

/* "1" is the number of words that follow it. */
static int read_health(struct dmk_words *words, struct dmk_striped_status *status)
{
	struct dmk_word word;
	uint64_t groups;
	char *health;
	int r = dmk_words_number(words, "the number of health words", 1, 1, &groups);

	if (r == 0)
		r = dmk_words_need(words, "health", &word);
	if (r < 0)
		return r;
	health = dmk_arena_word(&status->owned, &word);
	if (!health)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	if (strlen(health) != status->n_legs || strspn(health, "AD") != status->n_legs)
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "health must be %" PRIu32 " letters, A or D each",
				     status->n_legs);
	for (uint32_t i = 0; i < status->n_legs; i++)
		status->n_failed += health[i] == 'D';
	status->health = health;
	return dmk_words_end(words);
}

static const struct dmk_choice letters[] = {
	{ "A", "alive", 0 },
	{ "D", "dead", 0 },
	DMK_ALLOWED("A=alive|D=dead"),
};

static const struct dmk_trouble failed_trouble[] = {
	{ .when = DMK_TROUBLE_ABOVE,
	  .what = "I/O to stripes has failed",
	  .mend = "mend the disks below; the count begins anew with the same table: dmkit "
		  "replace @ ..." },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_striped_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("failed", NUMBER, "stripes that are dead"), DMK_FIELD(n_failed),
	  .trouble = failed_trouble },
	{ DMK_ROW("device", DEVICE, "once per stripe"), DMK_FIELD(devices), DMK_COUNT(n_legs),
	  .key_flags = DMK_KEY_REPEATED },
	{ DMK_ROW("health", HEALTH, "a letter per stripe"), DMK_FIELD(health), .choices = letters },
};

static int parse_status(struct dmk_words *words, void *value)
{
	uint64_t n = 0;
	int r = dmk_words_number(words, "the number of stripes", 1, UINT32_MAX, &n);

	if (r == 0)
		r = read_devices(words, value, (uint32_t)n);
	return r < 0 ? r : read_health(words, value);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_striped_status *status = value;

	dmk_text_add(out, "%" PRIu32, status->n_legs);
	for (uint32_t i = 0; i < status->n_legs; i++)
		dmk_text_add(out, " %s", status->devices[i]);
	dmk_text_add(out, " 1 %s", status->health);
}

static const struct dmk_form status_form = {
	.syntax = "STRIPES DEVICE... 1 HEALTH",
	DMK_ROWS(status_rows, struct dmk_striped_status),
	.parse = parse_status,
	.format = format_status,
};

const struct dmk_target dmk_target_striped = {
	.info = { .type = "striped",
		  .summary = "several devices in turn, a chunk each",
		  .example = "striped chunk=64KiB device=/dev/vdb:0 device=/dev/vdc:0",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "STRIPES CHUNK DEVICE OFFSET [DEVICE OFFSET ...]",
		DMK_ROWS(rows, struct dmk_striped),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
	.check = check,
	.length_of_rest = length_of_rest,
	.area_sectors = area_sectors,
};
