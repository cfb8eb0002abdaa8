/* SPDX-License-Identifier: MIT */
/* integrity: a device whose sectors have tags, checked by the target itself or by the one above. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Of Linux 6.1: MAX_TAG_SIZE. */
#define MAX_TAG_BYTES 255

static const struct dmk_choice modes[] = {
	{ "J", "journal", DMK_INTEGRITY_JOURNAL },
	{ "B", "bitmap", DMK_INTEGRITY_BITMAP, .since = DMK_V(1, 3) },
	{ "D", "direct", DMK_INTEGRITY_DIRECT },
	{ "R", "recovery", DMK_INTEGRITY_RECOVERY },
	{ "I", "inline", DMK_INTEGRITY_INLINE, .since = DMK_V(1, 12) },
	DMK_ALLOWED("journal|bitmap|direct|recovery|inline"),
};

enum {
	ROW_DEVICE,
	ROW_OFFSET,
	ROW_TAG_SIZE,
	ROW_MODE,
	POSITIONAL_ROWS
};

#define DMK_ROWS_OF struct dmk_integrity

/*
 * Counts of sectors are plain numbers, as the names say. Linux ignores the sizes of a device that
 * is formatted already, and prints what it uses: rounded, of the superblock.
 */
static const struct dmk_row rows[] = {
	/* Its data begin behind the offset, or with a meta-device at 0: it has to hold the length. */
	[ROW_DEVICE] = { DMK_REQUIRED("device", DEVICE,
				      "the device below; Linux formats it where its superblock is "
				      "zeros"),
			 DMK_FIELD(device), .flags = DMK_ROW_AREA },
	[ROW_OFFSET] = { DMK_DEFAULT("offset", SECTORS, "0",
				     "reserved at the device's beginning, before the superblock"),
			 DMK_FIELD(offset_sectors) },
	[ROW_TAG_SIZE] = { DMK_DEFAULT(
				   "tag-size", BYTES, "0",
				   "bytes of a block's tag; 0 for as many as internal-hash has"),
			   DMK_FIELD(tag_bytes), .max = MAX_TAG_BYTES,
			   .flags = DMK_ROW_KERNEL_FILLS },
	[ROW_MODE] = { DMK_DEFAULT("mode", CHOICE, "journal",
				   "how data and tag stay together: both in a journal, dirty "
				   "regions in a bitmap "
				   "(1.3), not at all; nothing checked (read-only); the device's "
				   "own metadata "
				   "(1.12, Linux 6.11)"),
		       DMK_FIELD(mode), .choices = modes },

	{ DMK_ROW("meta-device", DEVICE, DMK_SINCE_LINUX(4, 19, "a device for tags and journal")),
	  DMK_WORD("meta_device", DMK_INTEGRITY_META_DEVICE), DMK_FIELD(meta_device),
	  .since = DMK_V(1, 2), .flags = DMK_ROW_COLON },
	{ DMK_DEFAULT("block-size", BYTES, "512", "what has one tag"),
	  DMK_WORD("block_size", DMK_INTEGRITY_BLOCK_SIZE), DMK_FIELD(block_size_bytes), .min = 512,
	  .max = 4096, .flags = DMK_ROW_COLON | DMK_ROW_POWER_OF_TWO },
	{ DMK_ROW("recalculate", FLAG, DMK_SINCE_LINUX(4, 19, "make the tags in the background")),
	  DMK_WORD("recalculate", DMK_INTEGRITY_RECALCULATE), .since = DMK_V(1, 2) },
	{ DMK_ROW("reset-recalculate", FLAG,
		  DMK_SINCE_LINUX(5, 13, "make them again from the beginning")),
	  DMK_WORD("reset_recalculate", DMK_INTEGRITY_RESET_RECALCULATE), .since = DMK_V(1, 8) },
	{ DMK_ROW("allow-discards", FLAG, DMK_SINCE_LINUX(5, 7, "pass discards down")),
	  DMK_WORD("allow_discards", DMK_INTEGRITY_ALLOW_DISCARDS), .since = DMK_V(1, 6) },
	/* It came as a fix, with no version of its own. */
	{ DMK_ROW("allow-discards-keyed", FLAG,
		  "the same with a keyed internal-hash (Linux 6.12 with its fixes)"),
	  DMK_WORD("allow_discards_keyed", DMK_INTEGRITY_ALLOW_DISCARDS_KEYED),
	  .release = DMK_LINUX(6, 12), .flags = DMK_ROW_FIXES },
	{ DMK_ROW("journal-sectors", NUMBER, "the journal's size, when formatting"),
	  DMK_WORD("journal_sectors", DMK_INTEGRITY_JOURNAL_SECTORS), DMK_FIELD(journal_sectors),
	  .flags = DMK_ROW_KERNEL_FILLS | DMK_ROW_COLON },
	{ DMK_ROW("interleave-sectors", NUMBER,
		  "data between two areas of tags, when formatting; rounded down to a power of "
		  "two"),
	  DMK_WORD("interleave_sectors", DMK_INTEGRITY_INTERLEAVE_SECTORS),
	  DMK_FIELD(interleave_sectors), .flags = DMK_ROW_KERNEL_FILLS | DMK_ROW_COLON },
	{ DMK_ROW("buffer-sectors", NUMBER,
		  "of tags read at a time; rounded down to a power of two"),
	  DMK_WORD("buffer_sectors", DMK_INTEGRITY_BUFFER_SECTORS), DMK_FIELD(buffer_sectors),
	  .flags = DMK_ROW_KERNEL_FILLS | DMK_ROW_COLON },
	{ DMK_ROW("journal-watermark", NUMBER,
		  "per cent of the journal in use at which it is written back"),
	  DMK_WORD("journal_watermark", DMK_INTEGRITY_JOURNAL_WATERMARK),
	  DMK_FIELD(journal_watermark_percent), .max = 100,
	  .flags = DMK_ROW_KERNEL_FILLS | DMK_ROW_COLON },
	{ DMK_ROW("commit-time", MS, "when the journal is written at the latest"),
	  DMK_WORD("commit_time", DMK_INTEGRITY_COMMIT_TIME), DMK_FIELD(commit_time_ms),
	  .flags = DMK_ROW_KERNEL_FILLS | DMK_ROW_COLON },
	{ DMK_ROW("sectors-per-bit", NUMBER,
		  DMK_SINCE_LINUX(
			  5, 2,
			  "that a bit of the bitmap stands for; rounded down to a power of two")),
	  DMK_WORD("sectors_per_bit", DMK_INTEGRITY_SECTORS_PER_BIT), DMK_FIELD(sectors_per_bit),
	  .since = DMK_V(1, 3), .flags = DMK_ROW_KERNEL_FILLS | DMK_ROW_COLON | DMK_ROW_WIDE },
	{ DMK_ROW("bitmap-flush-interval", MS, DMK_SINCE_LINUX(5, 2, "when the bitmap is written")),
	  DMK_WORD("bitmap_flush_interval", DMK_INTEGRITY_BITMAP_FLUSH_INTERVAL),
	  DMK_FIELD(bitmap_flush_interval_ms), .since = DMK_V(1, 3), .max = UINT32_MAX - 1,
	  .flags = DMK_ROW_KERNEL_FILLS | DMK_ROW_COLON },
	{ DMK_ROW("fix-padding", FLAG,
		  DMK_SINCE_LINUX(5, 5, "less room between tags and data, when formatting")),
	  DMK_WORD("fix_padding", DMK_INTEGRITY_FIX_PADDING), .since = DMK_V(1, 4) },
	{ DMK_ROW("fix-hmac", FLAG,
		  DMK_SINCE_LINUX(5, 12,
				  "salted hashes with the section's number, when formatting")),
	  DMK_WORD("fix_hmac", DMK_INTEGRITY_FIX_HMAC), .since = DMK_V(1, 7) },
	/* It came to old stable kernels too, with no version of its own. */
	{ DMK_ROW("legacy-recalculate", FLAG,
		  DMK_SINCE_LINUX(5, 11, "recalculate with a keyed hash, which trusts the disk")),
	  DMK_WORD("legacy_recalculate", DMK_INTEGRITY_LEGACY_RECALCULATE) },
	{ DMK_ROW("internal-hash", TEXT,
		  "make and check the tags here, with this hash or checksum: crc32c, hmac(sha256)"),
	  DMK_WORD("internal_hash", DMK_INTEGRITY_INTERNAL_HASH), DMK_FIELD(internal_hash),
	  .flags = DMK_ROW_COLON },
	{ DMK_ROW("internal-hash-key", HEX, "the key of a keyed hash"),
	  DMK_FIELD(internal_hash_key), .key_flags = DMK_KEY_SECRET, .word = "key of internal_hash",
	  .flags = DMK_ROW_TAIL },
	{ DMK_ROW("journal-crypt", TEXT, "the journal's cipher: ctr(aes)"),
	  DMK_WORD("journal_crypt", DMK_INTEGRITY_JOURNAL_CRYPT), DMK_FIELD(journal_crypt),
	  .flags = DMK_ROW_COLON },
	{ DMK_ROW("journal-crypt-key", HEX, "the journal cipher's key"),
	  DMK_FIELD(journal_crypt_key), .key_flags = DMK_KEY_SECRET, .word = "key of journal_crypt",
	  .flags = DMK_ROW_TAIL },
	{ DMK_ROW("journal-mac", TEXT, "the journal's hash or checksum: hmac(sha256)"),
	  DMK_WORD("journal_mac", DMK_INTEGRITY_JOURNAL_MAC), DMK_FIELD(journal_mac),
	  .flags = DMK_ROW_COLON },
	{ DMK_ROW("journal-mac-key", HEX, "the key of a keyed hash"), DMK_FIELD(journal_mac_key),
	  .key_flags = DMK_KEY_SECRET, .word = "key of journal_mac", .flags = DMK_ROW_TAIL },
};

#define SYNTAX "DEVICE RESERVED-SECTORS TAG-SIZE|- MODE COUNT [OPTION...]"

/* What the rows' functions work on; the target's own form adds parse and format to it. */
static const struct dmk_form rows_form = {
	.syntax = SYNTAX,
	DMK_ROWS(rows, struct dmk_integrity),
	DMK_OPTIONS(struct dmk_integrity),
	.exact = true,
};

/* The tag's size may be "-", and a count must follow, of no options too. */
static int parse(struct dmk_words *words, void *value)
{
	struct dmk_integrity *integrity = value;

	for (int i = 0; i < POSITIONAL_ROWS; i++) {
		struct dmk_word word;
		int r = dmk_words_need(words, dmk_row_name(&rows[i]), &word);

		if (r == 0 && !(i == ROW_TAG_SIZE && dmk_word_is(&word, "-")))
			r = dmk_row_read(&rows[i], &word, integrity, &integrity->owned,
					 words->error);
		if (r == 0 && i == ROW_TAG_SIZE && !dmk_word_is(&word, "-") &&
		    integrity->tag_bytes == 0)
			r = dmk_fail_word(words->error, -EINVAL, word.text, word.length,
					  word.column, "tag-size must be at least 1, or -");
		if (r < 0)
			return r;
	}
	if (dmk_words_left(words) == 0) {
		struct dmk_word word;

		return dmk_words_need(words, "the count of optional words", &word);
	}
	return dmk_rows_read_options(&rows_form, words, integrity);
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_integrity *integrity = value;

	for (int i = 0; i < POSITIONAL_ROWS; i++) {
		if (i)
			dmk_text_add(out, " ");
		if (i == ROW_TAG_SIZE && integrity->tag_bytes == 0)
			dmk_text_add(out, "-");
		else
			dmk_row_print(&rows[i], value, out);
	}
	dmk_text_add(out, " %" PRIu32, dmk_rows_count_words(&rows_form, value));
	dmk_rows_print_words(&rows_form, value, out);
}

/* Without a key, discarded blocks could be written by anyone. */
static int validate_keyed(const struct dmk_integrity *integrity, struct dmk_error *err)
{
	if (!(integrity->options & DMK_INTEGRITY_ALLOW_DISCARDS_KEYED) ||
	    (integrity->internal_hash && integrity->internal_hash_key))
		return 0;
	return dmk_refuse(err, "internal_hash",
			  "%s: allow_discards_keyed needs a keyed hash, hmac(sha256) say",
			  integrity->internal_hash ? "has no key" : "is missing");
}

/* What Linux refuses without internal_hash. */
static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_integrity *integrity = value;
	const uint64_t recalculate = DMK_INTEGRITY_RECALCULATE | DMK_INTEGRITY_RESET_RECALCULATE;
	const char *what = NULL;

	if (integrity->unused)
		return dmk_refuse(err, "unused", "must be zero");
	if (integrity->internal_hash || (integrity->options & DMK_INTEGRITY_ALLOW_DISCARDS_KEYED))
		return validate_keyed(integrity, err);
	if (integrity->tag_bytes == 0)
		what = "a tag-size of its own";
	else if (integrity->mode == DMK_INTEGRITY_BITMAP)
		what = "mode bitmap (B)";
	else if (integrity->options & DMK_INTEGRITY_ALLOW_DISCARDS)
		what = "allow_discards";
	else if (integrity->options & recalculate)
		what = "recalculate";
	if (!what)
		return 0;
	return dmk_refuse(err, "internal_hash", "is missing: %s needs it", what);
}

/* The data begin behind it, on the same device, at a block. */
static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_integrity *integrity = value;
	uint32_t block = integrity->block_size_bytes / 512;

	(void)length_sectors;
	if (integrity->meta_device || block < 2 || integrity->offset_sectors % block == 0)
		return 0;
	return dmk_refuse(err, "offset",
			  "%" PRIu64 " is no multiple of the %" PRIu32
			  " sectors of the mapping's logical block",
			  integrity->offset_sectors, block);
}

static uint32_t block_bytes(const void *value)
{
	return ((const struct dmk_integrity *)value)->block_size_bytes;
}

static const struct dmk_trouble mismatches_trouble[] = {
	{ .when = DMK_TROUBLE_ABOVE,
	  .what = "sectors were read whose tag did not fit: their data are wrong",
	  .mend = "write the right data to them; the count begins anew with the same table: "
		  "dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_integrity_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("mismatches", NUMBER, "tags that did not fit since the mapping was made"),
	  DMK_FIELD(mismatches), .flags = DMK_ROW_WIDE, .trouble = mismatches_trouble },
	{ DMK_ROW("provided-data", SECTORS, "how long the mapping may be"),
	  DMK_FIELD(provided_data_sectors) },
	/* Not an optional argument with a count: parse and format are ours. */
	{ DMK_SAID("recalculated", SECTORS, DMK_INTEGRITY_STATUS_RECALCULATED,
		   "how far tags were made, while or after they are"),
	  DMK_FIELD(recalculated_sectors) },
};

static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_integrity_status *status = value;
	struct dmk_word word;
	int r = dmk_words_number(words, "the number of mismatches", 0, UINT64_MAX,
				 &status->mismatches);

	if (r == 0)
		r = dmk_words_number(words, "the provided data sectors", 0, UINT64_MAX,
				     &status->provided_data_sectors);
	if (r == 0)
		r = dmk_words_need(words, "the recalculating position", &word);
	if (r < 0 || dmk_word_is(&word, "-"))
		return r;
	status->options |= DMK_INTEGRITY_STATUS_RECALCULATED;
	return dmk_row_read(&status_rows[2], &word, status, &status->owned, words->error);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_integrity_status *status = value;

	dmk_text_add(out, "%" PRIu64 " %" PRIu64 " ", status->mismatches,
		     status->provided_data_sectors);
	if (status->options & DMK_INTEGRITY_STATUS_RECALCULATED)
		dmk_text_add(out, "%" PRIu64, status->recalculated_sectors);
	else
		dmk_text_add(out, "-");
}

static const struct dmk_form status_form = {
	.syntax = "MISMATCHES PROVIDED-DATA-SECTORS RECALCULATED-SECTORS|-",
	DMK_ROWS(status_rows, struct dmk_integrity_status),
	DMK_OPTIONS(struct dmk_integrity_status),
	.parse = parse_status,
	.format = format_status,
};

/* How long it may be is known only when it is formatted: there is no default size. */
const struct dmk_target dmk_target_integrity = {
	.info = { .type = "integrity",
		  .summary = "a device with a tag for each block: silent corruption is seen",
		  .example = "integrity device=/dev/vdb internal-hash=crc32c size=8MiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_SECRET | DMK_TARGET_ALONE,
	.table = {
		.syntax = SYNTAX,
		DMK_ROWS(rows, struct dmk_integrity),
		DMK_OPTIONS(struct dmk_integrity),
		.exact = true,
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &status_form,
	.check = check,
	.block_bytes = block_bytes,
};
