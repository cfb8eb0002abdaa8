/* SPDX-License-Identifier: MIT */
/* mirror's status: its legs, how much of them is equal, and its log. */
#include "mirror.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct dmk_choice letters[] = {
	{ "A", "alive", 0 },
	{ "D", "write-failed", 0 },
	{ "F", "flush-failed", 0 },
	{ "S", "out-of-sync", 0 },
	{ "R", "read-failed", 0 },
	{ "U", "unknown", 0 },
	DMK_ALLOWED("A=alive|D=write-failed|F=flush-failed|S=out-of-sync|R=read-failed|U=unknown"),
};

static const struct dmk_trouble failed_trouble[] = {
	{ .when = DMK_TROUBLE_ABOVE,
	  .what = "legs have failed or are out of sync",
	  .mend = "a table with other legs in their places: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble daemon_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .what = "the daemon of the userspace log does not answer",
	  .mend = "start cmirrord" },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble log_trouble[] = {
	{ .when = DMK_TROUBLE_HAS,
	  .letters = "DF",
	  .what = "the log's device has failed",
	  .mend = "a table with another log-device, or a core log: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

#define DMK_ROWS_OF struct dmk_mirror_status

static const struct dmk_row rows[] = {
	{ DMK_ROW("failed", NUMBER, "legs that are not alive"), DMK_FIELD(n_failed),
	  .trouble = failed_trouble },
	{ DMK_ROW("device", DEVICE, "once per leg"), DMK_FIELD(devices), DMK_COUNT(n_legs),
	  .key_flags = DMK_KEY_REPEATED },
	{ DMK_ROW("in-sync-regions", RATIO, "regions that are equal on all legs"),
	  DMK_FIELD(in_sync_regions), .unit = "regions" },
	{ DMK_ROW("health", HEALTH, "a letter per leg"), DMK_FIELD(health), .choices = letters },
	/* Words mean that a row may be absent: parse and format are ours. */
	{ DMK_ROW("no-daemon", FLAG, "the daemon of a userspace log does not answer"),
	  DMK_WORD("COM_FAILURE", DMK_MIRROR_STATUS_NO_DAEMON), .trouble = daemon_trouble },
	{ DMK_ROW("log-type", TEXT, "core, disk, or a daemon's"), DMK_FIELD(log) },
	{ DMK_SAID("log-device", DEVICE, DMK_MIRROR_STATUS_LOG_DEVICE, "of a disk log"),
	  DMK_FIELD(log_device) },
	{ DMK_SAID("log-health", TEXT, DMK_MIRROR_STATUS_LOG_DEVICE,
		   "A alive, D failed, F a flush failed"),
	  DMK_FIELD(log_health), .trouble = log_trouble },
};

enum {
	ROW_DEVICE = 1,
	ROW_IN_SYNC = 2,
	ROW_HEALTH = 3,
	ROW_LOG_TYPE = 5,
	ROW_LOG_DEVICE = 6,
	ROW_LOG_HEALTH = 7
};

static int read_row(struct dmk_words *words, int index, struct dmk_mirror_status *status)
{
	struct dmk_word word;
	int r = dmk_words_need(words, rows[index].name, &word);

	return r < 0 ? r : dmk_row_read(&rows[index], &word, status, &status->owned, words->error);
}

static int read_health(struct dmk_words *words, struct dmk_mirror_status *status)
{
	uint64_t groups;
	int r = dmk_words_number(words, "the number of health words", 1, 1, &groups);

	if (r == 0)
		r = read_row(words, ROW_HEALTH, status);
	if (r < 0)
		return r;
	if (strlen(status->health) != status->n_legs ||
	    strspn(status->health, "ADFSRU") != status->n_legs)
		return dmk_fail_word(words->error, -EINVAL, status->health, strlen(status->health),
				     (uint32_t)words->previous_end,
				     "health must be %" PRIu32 " letters, one of ADFSRU each",
				     status->n_legs);
	for (const char *c = status->health; *c; c++)
		status->n_failed += *c != 'A';
	return 0;
}

/* "1 TYPE", "3 TYPE DEVICE HEALTH", or "userspace 1 COM_FAILURE" where the daemon is gone. */
static int read_log(struct dmk_words *words, struct dmk_mirror_status *status)
{
	struct dmk_word word;
	uint64_t n = 0;
	int r;

	if (dmk_words_next_is(words, "userspace")) {
		r = read_row(words, ROW_LOG_TYPE, status);
		if (r == 0)
			r = dmk_words_number(words, "the number of log words", 1, 1, &n);
		if (r == 0)
			r = dmk_words_need(words, "COM_FAILURE", &word);
		if (r == 0 && !dmk_word_is(&word, "COM_FAILURE"))
			r = dmk_fail_word(words->error, -EINVAL, word.text, word.length,
					  word.column, "must be COM_FAILURE");
		status->options |= DMK_MIRROR_STATUS_NO_DAEMON;
		return r;
	}
	r = dmk_words_number(words, "the number of log words", 1, 3, &n);
	if (r == 0)
		r = read_row(words, ROW_LOG_TYPE, status);
	if (r < 0 || n == 1)
		return r;
	status->options |= DMK_MIRROR_STATUS_LOG_DEVICE;
	r = read_row(words, ROW_LOG_DEVICE, status);
	return r < 0 ? r : read_row(words, ROW_LOG_HEALTH, status);
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_mirror_status *status = value;
	uint64_t n = 0;
	int r = dmk_words_number(words, "the number of legs", 1, UINT32_MAX, &n);

	if (r == 0 && dmk_words_left(words) < n + 3)
		return dmk_fail_word(words->error, -EINVAL, "devices", 7,
				     (uint32_t)words->previous_end + 1,
				     "%" PRIu64 " devices and at least three words must follow, "
				     "here are %" PRIu64,
				     n, dmk_words_left(words));
	for (uint64_t i = 0; r == 0 && i < n; i++)
		r = read_row(words, ROW_DEVICE, status);
	if (r == 0)
		r = read_row(words, ROW_IN_SYNC, status);
	if (r == 0)
		r = read_health(words, status);
	return r < 0 ? r : read_log(words, status);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_mirror_status *status = value;

	dmk_text_add(out, "%" PRIu32, status->n_legs);
	for (uint32_t i = 0; i < status->n_legs; i++)
		dmk_text_add(out, " %s", status->devices[i]);
	dmk_text_add(out, " %" PRIu64 "/%" PRIu64 " 1 %s", status->in_sync_regions.used,
		     status->in_sync_regions.total, status->health);
	if (status->options & DMK_MIRROR_STATUS_NO_DAEMON)
		dmk_text_add(out, " %s 1 COM_FAILURE", status->log);
	else if (status->log_device && status->log_health)
		dmk_text_add(out, " 3 %s %s %s", status->log, status->log_device,
			     status->log_health);
	else
		dmk_text_add(out, " 1 %s", status->log);
}

const struct dmk_form dmk_mirror_status_form = {
	.syntax = "LEGS DEVICE... IN-SYNC/REGIONS 1 HEALTH LOG-STATUS",
	DMK_ROWS(rows, struct dmk_mirror_status),
	DMK_OPTIONS(struct dmk_mirror_status),
	.parse = parse,
	.format = format,
};
