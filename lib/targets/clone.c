/* SPDX-License-Identifier: MIT */
/* clone: a read-only source that is copied to a destination while it is used. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAX_REGIONS (UINT64_C(1) << 31) /* validate_nr_regions() of dm-clone-target.c */

enum {
	METADATA, /* and what follows up to ... */
	NO_HYDRATION = METADATA + 4,
	NO_DISCARD_PASSDOWN,
	HYDRATION_THRESHOLD,
	HYDRATION_BATCH_SIZE
};

#define DMK_ROWS_OF struct dmk_clone

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED(
		  "metadata", DEVICE,
		  "the device that notes what is copied; of a new clone its first 4 KiB must be "
		  "zero"),
	  DMK_FIELD(metadata_device) },
	{ DMK_REQUIRED("destination", DEVICE, "the device that becomes the copy"),
	  DMK_FIELD(destination_device), .flags = DMK_ROW_AREA },
	{ DMK_REQUIRED("source", DEVICE, "the device that is copied, read-only"),
	  DMK_FIELD(source_device), .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_REQUIRED("region-size", SECTORS,
		       "what is copied as one: 4KiB to 1GiB, a power of two"),
	  DMK_FIELD(region_size_sectors), .min = 8, .max = 2097152, .flags = DMK_ROW_POWER_OF_TWO },

	{ DMK_ROW("no-hydration", FLAG, "copy nothing in the background yet"),
	  DMK_WORD("no_hydration", DMK_CLONE_NO_HYDRATION) },
	{ DMK_ROW("no-discard-passdown", FLAG, "discards do not go to the destination"),
	  DMK_WORD("no_discard_passdown", DMK_CLONE_NO_DISCARD_PASSDOWN) },
	{ DMK_ROW("hydration-threshold", NUMBER,
		  "how many regions are copied at one time (the kernel's default: 1)"),
	  DMK_WORD("hydration_threshold", DMK_CLONE_HYDRATION_THRESHOLD),
	  DMK_FIELD(hydration_threshold_regions), .unit = "regions" },
	{ DMK_ROW("hydration-batch-size", NUMBER,
		  "how many regions are copied in one go (the kernel's default: 1)"),
	  DMK_WORD("hydration_batch_size", DMK_CLONE_HYDRATION_BATCH_SIZE),
	  DMK_FIELD(hydration_batch_size_regions), .unit = "regions" },
	{ DMK_DEFAULT("word-order", NUMBER, "0",
		      "how a table's words stood, if not as usual; changes nothing else"),
	  DMK_FIELD(word_order), .key_flags = DMK_KEY_LAYOUT,
	  .max = DMK_CLONE_DISCARD_FIRST | DMK_CLONE_BATCH_SIZE_FIRST | DMK_CLONE_EMPTY_FEATURES |
		 DMK_CLONE_EMPTY_CORE_ARGS },
};

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_clone *clone = value;

	return clone->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_clone *clone = value;
	uint64_t regions = length_sectors / clone->region_size_sectors +
			   (length_sectors % clone->region_size_sectors != 0);

	if (regions <= MAX_REGIONS)
		return 0;
	return dmk_refuse(err, "region-size",
			  "%" PRIu64 " sectors are %" PRIu64 " regions: 2^31 are allowed",
			  length_sectors, regions);
}

static int parse(struct dmk_words *words, void *value);
static void format(const void *value, struct dmk_text *out);

static const struct dmk_choice states[] = {
	{ "rw", "rw", DMK_CLONE_RW },	    { "ro", "ro", DMK_CLONE_RO },
	{ "Fail", "fail", DMK_CLONE_FAIL }, { "Error", "error", DMK_CLONE_ERROR },
	DMK_ALLOWED("rw|ro|fail|error"),
};

enum {
	STATE,
	STATUS_METADATA, /* and what follows up to ... */
	STATUS_NO_HYDRATION = STATUS_METADATA + 5,
	STATUS_NO_DISCARD_PASSDOWN,
	STATUS_THRESHOLD,
	STATUS_BATCH_SIZE
};

static const struct dmk_trouble state_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_CLONE_FAIL,
	  .what = "the clone has failed: all I/O fails",
	  .mend = "mend the disks below, then remove @ and create it again" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_CLONE_ERROR,
	  .what = "the clone's metadata cannot be read",
	  .mend = "mend the disks below, then remove @ and create it again" },
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_CLONE_RO,
	  .what = "the metadata are read-only: they could not be written",
	  .mend = "mend the disks below, then remove @ and create it again" },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_clone_status

/* The state comes first, being all that there is in some; the kernel puts it last. */
static const struct dmk_row status_rows[] = {
	{ DMK_ROW("state", CHOICE, "of the metadata; fail and error: nothing else is known"),
	  DMK_FIELD(state), .choices = states, .trouble = state_trouble },
	{ DMK_SAID("metadata-block-size", SECTORS, DMK_CLONE_STATUS_NUMBERS,
		   "of one metadata block"),
	  DMK_FIELD(metadata_block_size_sectors) },
	{ DMK_SAID("metadata", RATIO, DMK_CLONE_STATUS_NUMBERS, "metadata blocks"),
	  DMK_FIELD(metadata), .trouble = dmk_metadata_trouble },
	{ DMK_SAID("region-size", SECTORS, DMK_CLONE_STATUS_NUMBERS, "of one region"),
	  DMK_FIELD(region_size_sectors) },
	{ DMK_SAID("hydrated", RATIO, DMK_CLONE_STATUS_NUMBERS, "regions that are copied"),
	  DMK_FIELD(hydrated), .unit = "regions" },
	{ DMK_SAID("hydrating", NUMBER, DMK_CLONE_STATUS_NUMBERS, "regions that are being copied"),
	  DMK_FIELD(hydrating_regions), .unit = "regions", .flags = DMK_ROW_WIDE },
	{ DMK_ROW("no-hydration", FLAG, "nothing is copied in the background"),
	  DMK_WORD("no_hydration", DMK_CLONE_STATUS_NO_HYDRATION) },
	{ DMK_ROW("no-discard-passdown", FLAG, "discards do not go to the destination"),
	  DMK_WORD("no_discard_passdown", DMK_CLONE_STATUS_NO_DISCARD_PASSDOWN) },
	{ DMK_ROW("hydration-threshold", NUMBER, "how many regions are copied at one time"),
	  DMK_WORD("hydration_threshold", DMK_CLONE_STATUS_NUMBERS),
	  DMK_FIELD(hydration_threshold_regions), .unit = "regions", .flags = DMK_ROW_WIDE },
	{ DMK_ROW("hydration-batch-size", NUMBER, "how many regions are copied in one go"),
	  DMK_WORD("hydration_batch_size", DMK_CLONE_STATUS_NUMBERS),
	  DMK_FIELD(hydration_batch_size_regions), .unit = "regions", .flags = DMK_ROW_WIDE },
};

static int parse_status(struct dmk_words *words, void *value);
static void format_status(const void *value, struct dmk_text *out);

static const struct dmk_form status_form = {
	.syntax = "METADATA-BLOCK-SIZE METADATA-USED/TOTAL REGION-SIZE HYDRATED/TOTAL HYDRATING "
		  "COUNT FEATURE... COUNT CORE-ARG... STATE, or Fail, or Error",
	DMK_ROWS(status_rows, struct dmk_clone_status),
	DMK_OPTIONS(struct dmk_clone_status),
	.parse = parse_status,
	.format = format_status,
};

/* COUNT and so many of two rows, the first of them rows[first], in either order; numbers follow
 * those that are no flags. */
static int read_group(const struct dmk_form *form, uint32_t first, struct dmk_words *words,
		      void *value, uint32_t *ret_given, bool *ret_swapped)
{
	const struct dmk_row *row = &form->rows[first];
	uint32_t per_item = row->kind == DMK_KEY_FLAG ? 1 : 2, given = 0;
	const char *what = per_item == 1 ? "the count of features" : "the count of core arguments";
	uint64_t n = 0;
	int r = dmk_words_number(words, what, 0, 2 * per_item, &n);

	if (r == 0 && n % per_item)
		return dmk_fail_word(words->error, -EINVAL, what, strlen(what),
				     (uint32_t)words->previous_end + 1,
				     "must be even: each has a value");
	for (uint64_t left = n / per_item; r == 0 && left; left--) {
		struct dmk_word word;
		uint32_t which;

		r = dmk_words_need(words, per_item == 1 ? "a feature" : "a core argument", &word);
		if (r < 0)
			return r;
		which = dmk_word_is(&word, row[0].word) ? 0 : 1;
		if (!dmk_word_is(&word, row[which].word))
			return dmk_unknown_word(words->error,
						dmk_fail_word(words->error, -EINVAL, word.text,
							      word.length, word.column,
							      "unknown; allowed: %s %s",
							      row[0].word, row[1].word));
		if (given & (1u << which))
			return dmk_fail_word(words->error, -EINVAL, word.text, word.length,
					     word.column, "given twice");
		*ret_swapped = which == 0 && given;
		given |= 1u << which;
		*dmk_options_of(form, value) |= row[which].option;
		if (per_item == 2)
			r = dmk_rows_read_some(form, first + which, 1, words, value);
	}
	*ret_given = given;
	return r;
}

static void print_item(const struct dmk_form *form, uint32_t index, const void *value,
		       struct dmk_text *out)
{
	const struct dmk_row *row = &form->rows[index];

	if (!dmk_row_present(form, row, value))
		return;
	dmk_text_add(out, " %s", row->word);
	if (row->kind != DMK_KEY_FLAG)
		dmk_rows_print_some(form, index, 1, value, out);
}

static void print_group(const struct dmk_form *form, uint32_t first, bool swapped,
			const void *value, struct dmk_text *out)
{
	int n = dmk_row_present(form, &form->rows[first], value) +
		dmk_row_present(form, &form->rows[first + 1], value);

	dmk_text_add(out, " %d", form->rows[first].kind == DMK_KEY_FLAG ? n : 2 * n);
	print_item(form, first + swapped, value, out);
	print_item(form, first + !swapped, value, out);
}

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_clone_status *status = value;
	bool swapped = false;
	uint32_t given = 0;
	int r;

	if (dmk_words_next_is(words, "Fail") || dmk_words_next_is(words, "Error"))
		return dmk_rows_read_some(&status_form, STATE, 1, words, status);
	status->options |= DMK_CLONE_STATUS_NUMBERS;
	r = dmk_rows_read_some(&status_form, STATUS_METADATA, STATUS_NO_HYDRATION - STATUS_METADATA,
			       words, status);
	if (r == 0)
		r = read_group(&status_form, STATUS_NO_HYDRATION, words, status, &given, &swapped);
	if (r == 0)
		r = read_group(&status_form, STATUS_THRESHOLD, words, status, &given, &swapped);
	if (r == 0 && (given != 3 || swapped))
		return dmk_fail_word(words->error, -EINVAL, "core arguments", 14,
				     (uint32_t)words->previous_end + 1,
				     "must be hydration_threshold N hydration_batch_size N");
	return r < 0 ? r : dmk_rows_read_some(&status_form, STATE, 1, words, status);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_clone_status *status = value;

	if (status->options & DMK_CLONE_STATUS_NUMBERS) {
		dmk_rows_print_some(&status_form, STATUS_METADATA,
				    STATUS_NO_HYDRATION - STATUS_METADATA, status, out);
		print_group(&status_form, STATUS_NO_HYDRATION, false, status, out);
		print_group(&status_form, STATUS_THRESHOLD, false, status, out);
	}
	dmk_rows_print_some(&status_form, STATE, 1, status, out);
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_clone_message

static const struct dmk_row regions_rows[] = {
	{ DMK_REQUIRED("regions", NUMBER, "how many"), DMK_FIELD(regions) },
};

/* In the order of enum dmk_clone_message_kind. */
static const struct dmk_message messages[] = {
	{ DMK_MESSAGE("enable-hydration", "enable_hydration", "copy in the background") },
	{ DMK_MESSAGE("disable-hydration", "disable_hydration",
		      "copy nothing more in the background") },
	{ DMK_MESSAGE_WITH("hydration-threshold", "hydration_threshold", "REGIONS", regions_rows,
			   "how many regions are copied at one time; 0 stops it") },
	{ DMK_MESSAGE_WITH("hydration-batch-size", "hydration_batch_size", "REGIONS", regions_rows,
			   "how many regions are copied in one go") },
};

const struct dmk_target dmk_target_clone = {
	.info = { .type = "clone",
		  .summary = "a read-only source, copied to a destination while it is used",
		  .example = "clone metadata=/dev/vdb destination=/dev/vdc source=/dev/vdd "
			     "region-size=4KiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "METADATA DESTINATION SOURCE REGION-SIZE [COUNT FEATURE... [COUNT "
			  "CORE-ARG...]]",
		DMK_ROWS(rows, struct dmk_clone),
		DMK_OPTIONS(struct dmk_clone),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
	DMK_MESSAGES(messages),
	.check = check,
};

static int parse(struct dmk_words *words, void *value)
{
	const struct dmk_form *form = &dmk_target_clone.table;
	struct dmk_clone *clone = value;
	bool swapped = false;
	uint32_t given = 0;
	int r = dmk_rows_read_some(form, METADATA, NO_HYDRATION - METADATA, words, clone);

	if (r < 0 || dmk_words_left(words) == 0)
		return r;
	r = read_group(form, NO_HYDRATION, words, clone, &given, &swapped);
	if (swapped)
		clone->word_order |= DMK_CLONE_DISCARD_FIRST;
	if (r < 0)
		return r;
	if (dmk_words_left(words) == 0) {
		if (!given)
			clone->word_order |= DMK_CLONE_EMPTY_FEATURES;
		return 0;
	}
	swapped = false;
	r = read_group(form, HYDRATION_THRESHOLD, words, clone, &given, &swapped);
	if (swapped)
		clone->word_order |= DMK_CLONE_BATCH_SIZE_FIRST;
	if (!given)
		clone->word_order |= DMK_CLONE_EMPTY_CORE_ARGS;
	return r;
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_form *form = &dmk_target_clone.table;
	const struct dmk_clone *clone = value;
	uint32_t order = clone->word_order;
	bool core_args = dmk_row_present(form, &rows[HYDRATION_THRESHOLD], clone) ||
			 dmk_row_present(form, &rows[HYDRATION_BATCH_SIZE], clone) ||
			 (order & DMK_CLONE_EMPTY_CORE_ARGS);
	bool features = core_args || dmk_row_present(form, &rows[NO_HYDRATION], clone) ||
			dmk_row_present(form, &rows[NO_DISCARD_PASSDOWN], clone) ||
			(order & DMK_CLONE_EMPTY_FEATURES);

	dmk_rows_print_some(form, METADATA, NO_HYDRATION - METADATA, clone, out);
	if (features)
		print_group(form, NO_HYDRATION, order & DMK_CLONE_DISCARD_FIRST, clone, out);
	if (core_args)
		print_group(form, HYDRATION_THRESHOLD, order & DMK_CLONE_BATCH_SIZE_FIRST, clone,
			    out);
}
