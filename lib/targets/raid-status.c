/* SPDX-License-Identifier: MIT */
/* raid's status and its messages. */
#include "raid.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct dmk_choice actions[] = {
	{ "idle", "idle", DMK_RAID_IDLE },
	{ "frozen", "frozen", DMK_RAID_FROZEN },
	{ "resync", "resync", DMK_RAID_RESYNC },
	{ "recover", "recover", DMK_RAID_RECOVER },
	{ "check", "check", DMK_RAID_CHECK },
	{ "repair", "repair", DMK_RAID_REPAIR },
	{ "reshape", "reshape", DMK_RAID_RESHAPE },
	DMK_ALLOWED("idle|frozen|resync|recover|check|repair|reshape"),
};

static const struct dmk_choice journals[] = {
	{ "-", "none", DMK_RAID_JOURNAL_NONE },
	{ "A", "writethrough", DMK_RAID_JOURNAL_ALIVE_WRITETHROUGH },
	{ "a", "writeback", DMK_RAID_JOURNAL_ALIVE_WRITEBACK },
	{ "D", "dead", DMK_RAID_JOURNAL_DEAD },
	DMK_ALLOWED("none|writethrough|writeback|dead"),
};

static const struct dmk_choice letters[] = {
	{ "A", "alive", 0 },
	{ "a", "not-in-sync", 0 },
	{ "D", "dead", 0 },
	{ "-", "missing", 0 },
	DMK_ALLOWED("A=alive|a=not-in-sync|D=dead|-=missing"),
};

static const struct dmk_trouble failed_trouble[] = {
	{ .when = DMK_TROUBLE_ABOVE,
	  .what = "the array is degraded: devices have failed",
	  .mend = "if they are back, the same table, else one with others in their "
		  "places: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble health_trouble[] = {
	{ .when = DMK_TROUBLE_HAS,
	  .letters = "-",
	  .what = "the array is degraded: its table leaves devices out",
	  .mend = "a table with devices in the places of '-': dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble mismatches_trouble[] = {
	{ .when = DMK_TROUBLE_ABOVE,
	  .note = true,
	  .what = "the last check found sectors that differ",
	  .mend = "dmkit message @ repair" },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble journal_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_RAID_JOURNAL_DEAD,
	  .what = "the journal's device has failed: the array takes no writes",
	  .mend = "a table with another journal-dev, or without: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

#define DMK_ROWS_OF struct dmk_raid_status

static const struct dmk_row rows[] = {
	{ DMK_ROW("raid-type", CHOICE, "by the superblocks"), DMK_FIELD(type),
	  .choices = dmk_raid_types },
	{ DMK_ROW("devices", NUMBER, "how many there are"), DMK_FIELD(n_devices) },
	{ DMK_ROW("failed", NUMBER, "devices that are dead"), DMK_FIELD(n_failed),
	  .trouble = failed_trouble },
	{ DMK_ROW("not-in-sync", NUMBER, "devices that are alive but not in sync"),
	  DMK_FIELD(n_not_in_sync) },
	{ DMK_ROW("health", HEALTH, "a letter per position"), DMK_FIELD(health), .choices = letters,
	  .trouble = health_trouble },
	{ DMK_ROW("done", SECTORS,
		  "what the action, or the last one, has behind it, of each device"),
	  DMK_FIELD(done_sectors), .flags = DMK_ROW_ANY_NUMBER },
	{ DMK_ROW("total", SECTORS, "of each device"), DMK_FIELD(total_sectors),
	  .flags = DMK_ROW_ANY_NUMBER },
	/* Older kernels have less of the rest; words mean that: parse and format are ours. */
	{ DMK_SAID("action", CHOICE, DMK_RAID_STATUS_ACTION, "what goes on"), DMK_FIELD(action),
	  .since = DMK_V(1, 5), .choices = actions },
	{ DMK_SAID("mismatches", NUMBER, DMK_RAID_STATUS_ACTION,
		   "sectors that differed in the last check"),
	  DMK_FIELD(mismatches), .since = DMK_V(1, 5), .flags = DMK_ROW_WIDE,
	  .trouble = mismatches_trouble },
	{ DMK_SAID("data-offset", SECTORS, DMK_RAID_STATUS_DATA_OFFSET,
		   "where the data begin on each device"),
	  DMK_FIELD(data_offset_sectors), .since = DMK_V(1, 9), .flags = DMK_ROW_ANY_NUMBER },
	{ DMK_SAID("journal", CHOICE, DMK_RAID_STATUS_JOURNAL, "the journal's device"),
	  DMK_FIELD(journal), .since = DMK_V(1, 10), .choices = journals,
	  .trouble = journal_trouble },
};

enum {
	ROW_TYPE = 0,
	ROW_DEVICES = 1,
	ROW_HEALTH = 4,
	ROW_ACTION = 7,
	ROW_MISMATCHES = 8,
	ROW_DATA_OFFSET = 9,
	ROW_JOURNAL = 10
};

static int read_row(struct dmk_words *words, int index, struct dmk_raid_status *status)
{
	struct dmk_word word;
	int r = dmk_words_need(words, rows[index].name, &word);

	return r < 0 ? r : dmk_row_read(&rows[index], &word, status, &status->owned, words->error);
}

/* Its length is not devices' while a reshape adds or removes some. */
static int read_health(struct dmk_words *words, struct dmk_raid_status *status)
{
	int r = read_row(words, ROW_HEALTH, status);

	if (r < 0)
		return r;
	if (strspn(status->health, "AaD-") != strlen(status->health))
		return dmk_fail_word(words->error, -EINVAL, status->health, strlen(status->health),
				     (uint32_t)(words->previous_end - strlen(status->health)) + 1,
				     "health must be of the letters A a D -");
	for (const char *c = status->health; *c; c++) {
		status->n_failed += *c == 'D';
		status->n_not_in_sync += *c == 'a';
	}
	return 0;
}

static int read_progress(struct dmk_words *words, struct dmk_raid_status *status)
{
	static const struct dmk_row row = { .name = "progress", .kind = DMK_KEY_RATIO };
	struct dmk_ratio ratio = { 0 };
	struct dmk_word word;
	int r = dmk_words_need(words, "progress", &word);

	if (r == 0)
		r = dmk_row_read(&row, &word, &ratio, NULL, words->error);
	status->done_sectors = ratio.used;
	status->total_sectors = ratio.total;
	return r;
}

/* Whatever the kernel's version has of them. */
static int read_rest(struct dmk_words *words, struct dmk_raid_status *status)
{
	int r = 0;

	if (dmk_words_left(words)) {
		status->options |= DMK_RAID_STATUS_ACTION;
		r = read_row(words, ROW_ACTION, status);
		if (r == 0)
			r = read_row(words, ROW_MISMATCHES, status);
	}
	if (r == 0 && dmk_words_left(words)) {
		status->options |= DMK_RAID_STATUS_DATA_OFFSET;
		r = read_row(words, ROW_DATA_OFFSET, status);
	}
	if (r == 0 && dmk_words_left(words)) {
		status->options |= DMK_RAID_STATUS_JOURNAL;
		r = read_row(words, ROW_JOURNAL, status);
	}
	return r;
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_raid_status *status = value;
	int r = read_row(words, ROW_TYPE, status);

	if (r == 0)
		r = read_row(words, ROW_DEVICES, status);
	if (r == 0)
		r = read_health(words, status);
	if (r == 0)
		r = read_progress(words, status);
	return r < 0 ? r : read_rest(words, status);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_raid_status *status = value;

	dmk_row_print(&rows[ROW_TYPE], status, out);
	dmk_text_add(out, " %" PRIu32 " %s %" PRIu64 "/%" PRIu64, status->n_devices, status->health,
		     status->done_sectors, status->total_sectors);
	for (int i = ROW_ACTION; i <= ROW_JOURNAL; i++) {
		if (!(status->options & rows[i].option))
			continue;
		dmk_text_add(out, " ");
		dmk_row_print(&rows[i], status, out);
	}
}

const struct dmk_form dmk_raid_status_form = {
	.syntax = "TYPE DEVICES HEALTH DONE/TOTAL [ACTION MISMATCHES [DATA-OFFSET [JOURNAL]]]",
	DMK_ROWS(rows, struct dmk_raid_status),
	DMK_OPTIONS(struct dmk_raid_status),
	.parse = parse,
	.format = format,
};

static int validate_message(const void *value, struct dmk_error *err)
{
	const struct dmk_raid_message *message = value;

	return message->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_raid_message

/* In the order of enum dmk_raid_message_type. */
const struct dmk_message dmk_raid_messages[DMK_RAID_N_MESSAGES] = {
	{ DMK_MESSAGE("idle", "idle", "stop what runs; what must be done starts again"),
	  .info.since = "1.5", .form.validate = validate_message },
	{ DMK_MESSAGE("frozen", "frozen",
		      "stop what runs, and start nothing until another message"),
	  .info.since = "1.5", .form.validate = validate_message },
	{ DMK_MESSAGE("resync", "resync", "start or go on with a resync"), .info.since = "1.5",
	  .form.validate = validate_message },
	{ DMK_MESSAGE("recover", "recover", "start or go on with a recovery"), .info.since = "1.5",
	  .form.validate = validate_message },
	{ DMK_MESSAGE("check", "check", "read and compare all"), .info.since = "1.5",
	  .form.validate = validate_message },
	{ DMK_MESSAGE("repair", "repair", "read and compare all, and make equal what differs"),
	  .info.since = "1.5", .form.validate = validate_message },
};
