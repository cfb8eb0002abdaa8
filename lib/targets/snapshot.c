/* SPDX-License-Identifier: MIT */
/* snapshot: what a device held at one moment. What is written to it, or overwritten in its origin,
 * goes to a store of chunks on another device. */
#include "snapshot.h"

#include <inttypes.h>
#include <string.h>

static const struct dmk_choice stores[] = {
	{ "P", "P", DMK_SNAPSHOT_PERSISTENT },
	{ "PO", "PO", DMK_SNAPSHOT_PERSISTENT_OVERFLOW, .release = DMK_LINUX(4, 4) },
	{ "N", "N", DMK_SNAPSHOT_TRANSIENT },
	DMK_ALLOWED("P|PO|N"),
};

static const struct dmk_row rows[] =
	DMK_SNAPSHOT_ROWS(stores,
			  "P: the store outlives a reboot; PO: and a full one is told as Overflow "
			  "(since 1.15); N: it does not",
			  DMK_V(1, 16));

int dmk_snapshot_validate(const void *value, struct dmk_error *err)
{
	const struct dmk_snapshot *snapshot = value;
	uint64_t chunk = snapshot->chunk_sectors;

	if (snapshot->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (strcmp(snapshot->origin_device, snapshot->cow_device) == 0)
		return dmk_refuse(err, "cow", "must be another device than origin");
	if (chunk != DMK_SNAPSHOT_CHUNK_OF_STORE && (chunk & (chunk - 1)))
		return dmk_refuse(err, "chunksize", "%" PRIu64 " sectors are no power of two",
				  chunk);
	if ((snapshot->options & DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN) &&
	    !(snapshot->options & DMK_SNAPSHOT_DISCARD_ZEROES_COW))
		return dmk_refuse(err, "discard_passdown_origin", "needs discard_zeroes_cow");
	return 0;
}

/* The kernel prints what it does not take: N 0, of a table that was loaded beside a live one. */
static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_snapshot *snapshot = value;

	(void)length_sectors;
	if (snapshot->chunk_sectors != DMK_SNAPSHOT_CHUNK_OF_STORE ||
	    snapshot->store != DMK_SNAPSHOT_TRANSIENT)
		return 0;
	return dmk_refuse(err, "chunksize", "0 is that of the store, which N has not yet");
}

/* Of status_rows. */
enum {
	TOTAL = 2
};

static const struct dmk_choice states[] = {
	{ "active", "active", DMK_SNAPSHOT_ACTIVE },
	{ "Invalid", "invalid", DMK_SNAPSHOT_INVALID },
	{ "Overflow", "overflow", DMK_SNAPSHOT_OVERFLOW },
	{ "Merge failed", "merge-failed", DMK_SNAPSHOT_MERGE_FAILED },
	{ "Unknown", "unknown", DMK_SNAPSHOT_UNKNOWN },
	DMK_ALLOWED("active|invalid|overflow|merge-failed|unknown"),
};

static const struct dmk_trouble state_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_SNAPSHOT_INVALID,
	  .what = "the snapshot is lost: a change could not be stored, and reads of it fail",
	  .mend = "dmkit remove @" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_SNAPSHOT_OVERFLOW,
	  .what = "the snapshot is lost: its store is full, and reads of it fail",
	  .mend = "dmkit remove @" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_SNAPSHOT_MERGE_FAILED,
	  .what = "the merge has stopped: an I/O failed",
	  .mend = "mend the disks below, then let it go on with the same table: dmkit "
		  "replace @ ..." },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble used_trouble[] = {
	{ .when = DMK_TROUBLE_FULL,
	  .note = true,
	  .other = TOTAL,
	  .value = 90,
	  .what = "the snapshot's store is nearly full; when it is, the snapshot is lost",
	  .mend = "make its store's device longer, or remove it: dmkit remove @" },
	DMK_NO_TROUBLE,
};

#define USAGE(key_name, field, text)                                                    \
	DMK_SAID(key_name, SECTORS, DMK_SNAPSHOT_STATUS_USAGE, text), DMK_FIELD(field), \
		.flags = DMK_ROW_ANY_NUMBER

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_snapshot_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("state", CHOICE, "active: it works"), DMK_FIELD(state), .choices = states,
	  .trouble = state_trouble },
	/* Words in name alone: parse and format are ours. */
	{ USAGE("used", used_sectors, "of the device with the store, metadata included"),
	  .trouble = used_trouble },
	{ USAGE("total", total_sectors, "what that device has") },
	{ USAGE("metadata", metadata_sectors, "a merge is done when used is no more than this") },
};

/* "USED/TOTAL METADATA" */
static int read_usage(struct dmk_words *words, const struct dmk_word *word,
		      struct dmk_snapshot_status *status)
{
	static const struct dmk_row ratio_row = { .name = "USED/TOTAL", .kind = DMK_KEY_RATIO };
	struct dmk_ratio ratio = { 0 };
	int r = dmk_row_read(&ratio_row, word, &ratio, NULL, words->error);

	if (r == 0)
		r = dmk_words_number(words, "metadata", 0, UINT64_MAX, &status->metadata_sectors);
	if (r < 0)
		return r;
	status->used_sectors = ratio.used;
	status->total_sectors = ratio.total;
	status->state = DMK_SNAPSHOT_ACTIVE;
	status->options = DMK_SNAPSHOT_STATUS_USAGE;
	return 0;
}

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_snapshot_status *status = value;
	struct dmk_word word;
	int r = dmk_words_need(words, "state", &word);

	if (r < 0)
		return r;
	if (dmk_word_is(&word, "Merge")) {
		r = dmk_words_need(words, "failed", &word);
		if (r < 0)
			return r;
		if (dmk_word_is(&word, "failed")) {
			status->state = DMK_SNAPSHOT_MERGE_FAILED;
			return 0;
		}
	}
	for (const struct dmk_choice *state = states + 1; state->word; state++) {
		if (dmk_word_is(&word, state->word)) {
			status->state = state->value;
			return 0;
		}
	}
	return read_usage(words, &word, status);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_snapshot_status *status = value;

	if (status->state == DMK_SNAPSHOT_ACTIVE)
		dmk_text_add(out, "%" PRIu64 "/%" PRIu64 " %" PRIu64, status->used_sectors,
			     status->total_sectors, status->metadata_sectors);
	else
		dmk_text_add(out, "%s", dmk_row_choice(&status_rows[0], status)->word);
}

const struct dmk_form dmk_snapshot_status_form = {
	.syntax = "USED/TOTAL METADATA, Invalid, Overflow, Merge failed or Unknown",
	DMK_ROWS(status_rows, struct dmk_snapshot_status),
	DMK_OPTIONS(struct dmk_snapshot_status),
	.parse = parse_status,
	.format = format_status,
};

const struct dmk_target dmk_target_snapshot = {
	.info = { .type = "snapshot",
		  .summary = "what a device held at one moment, writable",
		  .example = "snapshot origin=/dev/vdb cow=/dev/vdc persistent=N chunksize=16KiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_DISTINCT,
	.table = {
		.syntax = DMK_SNAPSHOT_SYNTAX,
		DMK_ROWS(rows, struct dmk_snapshot),
		DMK_OPTIONS(struct dmk_snapshot),
		.validate = dmk_snapshot_validate,
	},
	.status = &dmk_snapshot_status_form,
	.check = check,
};
