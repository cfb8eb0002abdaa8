/* SPDX-License-Identifier: MIT */
/* thin: a device whose blocks come from a pool as they are written. */
#include "rows/target.h"

#include <errno.h>
#include <string.h>

#define DMK_ROWS_OF struct dmk_thin

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("pool", DEVICE, "the thin-pool device"), DMK_FIELD(pool_device) },
	/* MAX_DEV_ID of dm-thin.c */
	{ DMK_REQUIRED("id", NUMBER, "its number in the pool, which create-thin gave it"),
	  DMK_FIELD(id), .max = (1u << 24) - 1 },
	/* The third word itself, no name before it: parse and format are ours. */
	/* Linux 3.4 */
	{ DMK_ROW("external-origin", DEVICE,
		  "a device outside the pool: what is not yet written is read "
		  "there"),
	  DMK_WORD("external-origin", DMK_THIN_EXTERNAL_ORIGIN), DMK_FIELD(external_origin),
	  .since = DMK_V(1, 1) },
};

enum {
	POOL,
	ID,
	EXTERNAL_ORIGIN
};

static int parse(struct dmk_words *words, void *value);
static void format(const void *value, struct dmk_text *out);

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_thin *thin = value;
	const char *origin = thin->external_origin;

	if (thin->unused)
		return dmk_refuse(err, "unused", "must be zero");
	/* The kernel compares the words as well. */
	if (origin && strcmp(origin, thin->pool_device) == 0)
		return dmk_refuse(err, origin, "external-origin must not be the pool");
	return 0;
}

static const struct dmk_choice states[] = {
	{ "ok", "ok", DMK_THIN_OK }, /* the kernel says it by numbers */
	{ "Fail", "fail", DMK_THIN_FAIL },  { "Error", "error", DMK_THIN_ERROR },
	{ "-", "closed", DMK_THIN_CLOSED }, DMK_ALLOWED("ok|fail|error|closed"),
};

static const struct dmk_trouble state_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_THIN_FAIL,
	  .what = "its pool has failed: all I/O fails",
	  .mend = "mend the pool: dmkit deps @" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_THIN_ERROR,
	  .what = "its pool's metadata cannot be read",
	  .mend = "mend the pool: dmkit deps @" },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_thin_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("state", CHOICE, "fail: the pool has failed"), DMK_FIELD(state),
	  .choices = states, .trouble = state_trouble },
	{ DMK_SAID("mapped", SECTORS, DMK_THIN_STATUS_MAPPED, "how much has blocks in the pool"),
	  DMK_FIELD(mapped_sectors) },
	{ DMK_SAID("highest-mapped-sector", SECTORS, DMK_THIN_STATUS_HIGHEST,
		   "the last sector that has"),
	  DMK_FIELD(highest_mapped_sector) },
};

enum {
	STATE,
	MAPPED,
	HIGHEST
};

static int parse_status(struct dmk_words *words, void *value);
static void format_status(const void *value, struct dmk_text *out);

static const struct dmk_form status_form = {
	.syntax = "MAPPED-SECTORS HIGHEST-MAPPED-SECTOR|-, or Fail, or Error, or -",
	DMK_ROWS(status_rows, struct dmk_thin_status),
	DMK_OPTIONS(struct dmk_thin_status),
	.parse = parse_status,
	.format = format_status,
};

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_thin_status *status = value;
	struct dmk_words rest = *words;
	struct dmk_word word;
	int r;

	if (dmk_words_next(&rest, &word) && !(word.text[0] >= '0' && word.text[0] <= '9')) {
		r = dmk_rows_read_some(&status_form, STATE, 1, words, status);
		if (r == 0 && status->state == DMK_THIN_OK)
			r = dmk_fail_word(words->error, -EINVAL, word.text, word.length,
					  word.column, "the kernel does not say so");
		return r;
	}
	status->state = DMK_THIN_OK;
	status->options |= DMK_THIN_STATUS_MAPPED;
	r = dmk_rows_read_some(&status_form, MAPPED, 1, words, status);
	if (r == 0 && dmk_words_skip(words, "-"))
		return 0;
	status->options |= DMK_THIN_STATUS_HIGHEST;
	return r < 0 ? r : dmk_rows_read_some(&status_form, HIGHEST, 1, words, status);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_thin_status *status = value;

	if (status->state != DMK_THIN_OK) {
		dmk_rows_print_some(&status_form, STATE, 1, status, out);
		return;
	}
	dmk_rows_print_some(&status_form, MAPPED, 1, status, out);
	if (status->options & DMK_THIN_STATUS_HIGHEST)
		dmk_rows_print_some(&status_form, HIGHEST, 1, status, out);
	else
		dmk_text_add(out, " -");
}

const struct dmk_target dmk_target_thin = {
	.info = { .type = "thin",
		  .summary = "a device whose blocks come from a pool as they are written",
		  .example = "thin pool=/dev/mapper/p id=0 size=16MiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "POOL ID [EXTERNAL-ORIGIN]",
		DMK_ROWS(rows, struct dmk_thin),
		DMK_OPTIONS(struct dmk_thin),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
};

/* Where the pool has failed, Linux 6.1 answers "Fail" (and "-" where the device is not open) when
 * it is asked for the table, too. */
static int parse(struct dmk_words *words, void *value)
{
	const struct dmk_form *form = &dmk_target_thin.table;
	struct dmk_thin *thin = value;
	struct dmk_words rest = *words;
	struct dmk_word word;
	int r;

	if (dmk_words_next(&rest, &word) && dmk_words_left(&rest) == 0 &&
	    (dmk_word_is(&word, "Fail") || dmk_word_is(&word, "-")))
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "the pool has failed: the kernel does not say what the "
				     "parameters are");
	r = dmk_rows_read_some(form, POOL, 2, words, thin);
	if (r < 0 || dmk_words_left(words) == 0)
		return r;
	thin->options |= DMK_THIN_EXTERNAL_ORIGIN;
	return dmk_rows_read_some(form, EXTERNAL_ORIGIN, 1, words, thin);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_thin *thin = value;

	dmk_rows_print_some(&dmk_target_thin.table, POOL, thin->external_origin ? 3 : 2, thin, out);
}
