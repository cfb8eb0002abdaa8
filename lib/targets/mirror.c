/* SPDX-License-Identifier: MIT */
/* mirror: the same data on several devices. The target before raid; LVM's "mirror" type. */
#include "mirror.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* DM_KCOPYD_MAX_REGIONS + 1 */
#define MAX_LEGS 9
/* uint32_t in the kernel, and a power of two. */
#define MAX_REGION_SECTORS (UINT64_C(1) << 31)

static const struct dmk_choice logs[] = {
	{ "core", "core", DMK_MIRROR_CORE },
	{ "disk", "disk", DMK_MIRROR_DISK },
	{ "userspace", "userspace", DMK_MIRROR_USERSPACE },
	DMK_ALLOWED("core|disk|userspace"),
};

#define DMK_ROWS_OF struct dmk_mirror

/* The kernel reads all these words in this case alone. What is there depends on the log, and the
 * counts are three: parse and format are ours, and words only mean that a row may be absent. */
static const struct dmk_row rows[] = {
	{ DMK_DEFAULT("log-type", CHOICE, "core",
		      "where is kept what is equal on all legs: in memory, on a device, or by a "
		      "daemon"),
	  DMK_FIELD(log), .choices = logs },
	{ DMK_ROW("log-device", DEVICE, "the device of a disk log, which needs it"),
	  DMK_FIELD(log_device), .word = "log-device" },
	{ DMK_ROW("region-size", SECTORS,
		  "what is copied at a time, a power of two; core and disk need it"),
	  DMK_FIELD(region_size_sectors), .word = "region-size", .min = 2,
	  .max = MAX_REGION_SECTORS, .flags = DMK_ROW_POWER_OF_TWO },
	{ DMK_ROW("sync", FLAG, "copy all, whatever the log says"),
	  DMK_WORD("sync", DMK_MIRROR_SYNC), .exclusive = 1 },
	{ DMK_ROW("nosync", FLAG, "take the legs as equal"), DMK_WORD("nosync", DMK_MIRROR_NOSYNC),
	  .exclusive = 1 },
	{ DMK_ROW("log-uuid", TEXT, "the name of a userspace log, which needs it"),
	  DMK_FIELD(log_uuid), .word = "log-uuid" },
	/* Linux 3.14 */
	{ DMK_ROW("integrated-flush", FLAG,
		  "the daemon of a userspace log is told of changes with the flush"),
	  DMK_WORD("integrated_flush", DMK_MIRROR_INTEGRATED_FLUSH) },
	{ DMK_ROW("log-argument", TEXT,
		  "a word for the daemon of a userspace log; the first is its type"),
	  DMK_FIELD(log_arguments), DMK_COUNT(n_log_arguments), .key_flags = DMK_KEY_REPEATED,
	  .word = "log-argument" },
	{ DMK_ROW("device", DEVICE_OFFSET,
		  "once per leg, 2 to 9, the one with the data first; without :OFFSET it "
		  "is 0"),
	  DMK_FIELD(legs), DMK_COUNT(n_legs), .key_flags = DMK_KEY_REQUIRED | DMK_KEY_REPEATED,
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_ROW("handle-errors", FLAG,
		  "a leg that fails is left out; without it errors are passed over"),
	  DMK_WORD("handle_errors", DMK_MIRROR_HANDLE_ERRORS) },
	/* Linux 4.2 */
	{ DMK_ROW("keep-log", FLAG, "writes go on where the log fails; needs handle-errors"),
	  DMK_WORD("keep_log", DMK_MIRROR_KEEP_LOG), .since = DMK_V(1, 14) },
};

enum {
	ROW_LOG_TYPE = 0,
	ROW_LOG_DEVICE = 1,
	ROW_REGION_SIZE = 2,
	ROW_LOG_UUID = 5,
	ROW_LOG_ARGUMENT = 7
};

static int read_row(struct dmk_words *words, int index, struct dmk_mirror *mirror)
{
	struct dmk_word word;
	int r = dmk_words_need(words, rows[index].name, &word);

	return r < 0 ? r : dmk_row_read(&rows[index], &word, mirror, &mirror->owned, words->error);
}

/* [DEVICE] REGION [sync|nosync], n words in all. */
static int read_kernel_log(struct dmk_words *words, struct dmk_mirror *mirror, uint64_t n)
{
	uint64_t needed = mirror->log == DMK_MIRROR_DISK ? 2 : 1;
	struct dmk_word word;
	int r = 0;

	if (n != needed && n != needed + 1)
		return dmk_fail_word(words->error, -EINVAL, "the number of log words", 23,
				     (uint32_t)words->previous_end,
				     "must be %" PRIu64 " or %" PRIu64 ", not %" PRIu64, needed,
				     needed + 1, n);
	if (mirror->log == DMK_MIRROR_DISK)
		r = read_row(words, ROW_LOG_DEVICE, mirror);
	if (r == 0)
		r = read_row(words, ROW_REGION_SIZE, mirror);
	if (r < 0 || n == needed)
		return r;
	r = dmk_words_need(words, "sync", &word);
	if (r < 0)
		return r;
	if (dmk_word_is_exactly(&word, "sync"))
		mirror->options |= DMK_MIRROR_SYNC;
	else if (dmk_word_is_exactly(&word, "nosync"))
		mirror->options |= DMK_MIRROR_NOSYNC;
	else
		return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				     "must be sync or nosync");
	return 0;
}

/* UUID [integrated_flush] TYPE [ARGUMENT...], n words in all. */
static int read_daemon_log(struct dmk_words *words, struct dmk_mirror *mirror, uint64_t n)
{
	int r;

	if (n < 3)
		return dmk_fail_word(words->error, -EINVAL, "the number of log words", 23,
				     (uint32_t)words->previous_end,
				     "must be at least 3, not %" PRIu64, n);
	r = read_row(words, ROW_LOG_UUID, mirror);
	if (r == 0 && dmk_words_skip(words, "integrated_flush")) {
		mirror->options |= DMK_MIRROR_INTEGRATED_FLUSH;
		n--;
	}
	for (uint64_t i = 1; r == 0 && i < n; i++)
		r = read_row(words, ROW_LOG_ARGUMENT, mirror);
	return r;
}

static int read_log(struct dmk_words *words, struct dmk_mirror *mirror)
{
	uint64_t n = 0;
	int r = read_row(words, ROW_LOG_TYPE, mirror);

	if (r == 0)
		r = dmk_words_number(words, "the number of log words", 1, UINT32_MAX, &n);
	if (r < 0)
		return r;
	return mirror->log == DMK_MIRROR_USERSPACE ? read_daemon_log(words, mirror, n)
						   : read_kernel_log(words, mirror, n);
}

static int read_features(struct dmk_words *words, struct dmk_mirror *mirror)
{
	struct dmk_word word;
	uint64_t n;
	int r;

	if (dmk_words_left(words) == 0)
		return 0;
	r = dmk_words_number(words, "the count of features", 0, UINT32_MAX, &n);
	for (; r == 0 && n; n--) {
		r = dmk_words_need(words, "a feature", &word);
		if (r < 0)
			return r;
		if (dmk_word_is_exactly(&word, "handle_errors"))
			mirror->options |= DMK_MIRROR_HANDLE_ERRORS;
		else if (dmk_word_is_exactly(&word, "keep_log"))
			mirror->options |= DMK_MIRROR_KEEP_LOG;
		else
			r = dmk_unknown_word(
				words->error,
				dmk_fail_word(words->error, -EINVAL, word.text, word.length,
					      word.column,
					      "unknown; allowed: handle_errors keep_log"));
	}
	return r;
}

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_mirror *mirror = value;
	uint64_t n = 0;
	int r = read_log(words, mirror);

	if (r == 0)
		r = dmk_words_number(words, "the number of legs", 2, MAX_LEGS, &n);
	if (r == 0)
		r = dmk_legs_read(words, "legs", (uint32_t)n, &mirror->owned, &mirror->legs);
	if (r < 0)
		return r;
	mirror->n_legs = (uint32_t)n;
	return read_features(words, mirror);
}

static void print_log(const struct dmk_mirror *mirror, struct dmk_text *out)
{
	const char *sync = mirror->options & DMK_MIRROR_SYNC	 ? " sync"
			   : mirror->options & DMK_MIRROR_NOSYNC ? " nosync"
								 : "";
	bool flush = mirror->options & DMK_MIRROR_INTEGRATED_FLUSH;

	if (mirror->log == DMK_MIRROR_USERSPACE) {
		dmk_text_add(out, "userspace %" PRIu32 " %s%s", 1 + flush + mirror->n_log_arguments,
			     mirror->log_uuid, flush ? " integrated_flush" : "");
		for (uint32_t i = 0; i < mirror->n_log_arguments; i++)
			dmk_text_add(out, " %s", mirror->log_arguments[i]);
		return;
	}
	if (mirror->log == DMK_MIRROR_CORE) {
		dmk_text_add(out, "core %d", 1 + !!*sync);
	} else {
		dmk_text_add(out, "disk %d ", 2 + !!*sync);
		dmk_text_add_path(out, mirror->log_device);
	}
	dmk_text_add(out, " %" PRIu64 "%s", mirror->region_size_sectors, sync);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_mirror *mirror = value;
	bool handle = mirror->options & DMK_MIRROR_HANDLE_ERRORS;
	bool keep = mirror->options & DMK_MIRROR_KEEP_LOG;

	print_log(mirror, out);
	dmk_text_add(out, " %" PRIu32, mirror->n_legs);
	dmk_legs_print(mirror->legs, mirror->n_legs, out);
	if (handle)
		dmk_text_add(out, keep ? " 2 handle_errors keep_log" : " 1 handle_errors");
}

static int validate_log(const struct dmk_mirror *mirror, struct dmk_error *err)
{
	bool daemon = mirror->log == DMK_MIRROR_USERSPACE;

	if (!!mirror->log_device != (mirror->log == DMK_MIRROR_DISK))
		return dmk_refuse(err, "log-device", "%s",
				  mirror->log_device ? "is of a disk log alone"
						     : "is missing: a disk log needs it");
	if (!daemon && mirror->region_size_sectors == 0)
		return dmk_refuse(err, "region-size", "is missing: core and disk logs need it");
	if (daemon && (mirror->region_size_sectors ||
		       (mirror->options & (DMK_MIRROR_SYNC | DMK_MIRROR_NOSYNC))))
		return dmk_refuse(err, "region-size",
				  "of a userspace log it and sync are among its arguments");
	if (daemon && (!mirror->log_uuid || mirror->n_log_arguments == 0))
		return dmk_refuse(err, mirror->log_uuid ? "log-argument" : "log-uuid",
				  "is missing: a userspace log needs it");
	/* The kernel counts the flag among the three words that it wants. */
	if (daemon && mirror->n_log_arguments == 1 &&
	    !(mirror->options & DMK_MIRROR_INTEGRATED_FLUSH))
		return dmk_refuse(err, "log-argument", "at least two are needed");
	if (!daemon && (mirror->log_uuid || mirror->n_log_arguments ||
			(mirror->options & DMK_MIRROR_INTEGRATED_FLUSH)))
		return dmk_refuse(
			err, "log-uuid",
			"it, log-argument and integrated-flush are of a userspace log alone");
	return 0;
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_mirror *mirror = value;

	if (mirror->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (mirror->n_legs < 2 || mirror->n_legs > MAX_LEGS)
		return dmk_refuse(err, "device", "2 to %d are needed, not %" PRIu32, MAX_LEGS,
				  mirror->n_legs);
	if ((mirror->options & DMK_MIRROR_KEEP_LOG) &&
	    !(mirror->options & DMK_MIRROR_HANDLE_ERRORS))
		return dmk_refuse(err, "keep_log", "needs handle_errors");
	return validate_log(mirror, err);
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_mirror *mirror = value;
	uint64_t region = mirror->region_size_sectors;

	if (mirror->log == DMK_MIRROR_USERSPACE)
		return 0;
	if (region > length_sectors)
		return dmk_refuse(err, "region-size",
				  "%" PRIu64 " sectors are more than the segment's %" PRIu64,
				  region, length_sectors);
	if ((length_sectors - 1) / region >= UINT32_MAX)
		return dmk_refuse(err, "region-size",
				  "%" PRIu64 " sectors are too few: %" PRIu64
				  " sectors would be more than 4294967295 regions",
				  region, length_sectors);
	return 0;
}

const struct dmk_target dmk_target_mirror = {
	.info = { .type = "mirror",
		  .summary = "the same data on several devices (raid is its successor)",
		  .example = "mirror region-size=512KiB device=/dev/vdb:0 device=/dev/vdc:0",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "LOG COUNT [LOG-DEVICE] REGION-SIZE [sync|nosync] LEGS DEVICE OFFSET "
			  "DEVICE OFFSET... [COUNT FEATURE...]",
		DMK_ROWS(rows, struct dmk_mirror),
		DMK_OPTIONS(struct dmk_mirror),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &dmk_mirror_status_form,
	.check = check,
};
