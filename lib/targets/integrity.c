/* SPDX-License-Identifier: MIT */
/* integrity: a device whose sectors have tags, checked by the target itself or by the one above. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define FIELD(name) .offset = offsetof(struct dmk_integrity, name)
#define BIT(option_name) .option = DMK_INTEGRITY_##option_name
#define SECRET(key_name, text) \
	.name = (key_name), .kind = DMK_KEY_HEX, .key_flags = DMK_KEY_SECRET, .help = text

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

/*
 * Counts of sectors are plain numbers, as the names say. Linux ignores the sizes of a device that
 * is formatted already, and prints what it uses: rounded, of the superblock.
 */
/* clang-format off */
static const struct dmk_row rows[] = {
	[ROW_DEVICE] = {
	  .name = "device", .kind = DMK_KEY_DEVICE, .key_flags = DMK_KEY_REQUIRED,
	  .help = "the device below; Linux formats it where its superblock is zeros",
	  /* Its data begin behind the offset, or with a meta-device at 0: it has to hold the length. */
	  FIELD(device), .flags = DMK_ROW_AREA },
	[ROW_OFFSET] = {
	  DMK_NAME_DEFAULT("offset", "0"), .kind = DMK_KEY_SECTORS, .help = "reserved at the device's beginning, before the superblock",
	  FIELD(offset_sectors) },
	[ROW_TAG_SIZE] = {
	  DMK_NAME_DEFAULT("tag-size", "0"), .kind = DMK_KEY_BYTES, .help = "bytes of a block's tag; 0 for as many as internal-hash has",
	  FIELD(tag_bytes), .max = MAX_TAG_BYTES },
	[ROW_MODE] = {
	  DMK_NAME_DEFAULT("mode", "journal"), .kind = DMK_KEY_CHOICE, .help = "how data and tag stay together: both in a journal, dirty regions in a "
		"bitmap (1.3), not at all; nothing checked (read-only); the device's own "
		"metadata (1.12, Linux 6.11)",
	  FIELD(mode), .choices = modes },

	{ DMK_OPTION("meta-device", DMK_KEY_DEVICE, DMK_V(1, 2),
		 "a device for tags and journal (Linux 4.19)"),
	  .word = "meta_device", BIT(META_DEVICE), FIELD(meta_device), .flags = DMK_ROW_COLON },
	{ DMK_OPTION("block-size", DMK_KEY_BYTES, 0, "what has one tag; default: 512"),
	  .word = "block_size", BIT(BLOCK_SIZE), FIELD(block_size_bytes), .min = 512, .max = 4096,
	  .flags = DMK_ROW_COLON | DMK_ROW_POWER_OF_TWO },
	{ DMK_OPTION("recalculate", DMK_KEY_FLAG, DMK_V(1, 2),
		 "make the tags in the background (Linux 4.19)"),
	  .word = "recalculate", BIT(RECALCULATE) },
	{ DMK_OPTION("reset-recalculate", DMK_KEY_FLAG, DMK_V(1, 8),
		 "make them again from the beginning (Linux 5.13)"),
	  .word = "reset_recalculate", BIT(RESET_RECALCULATE) },
	{ DMK_OPTION("allow-discards", DMK_KEY_FLAG, DMK_V(1, 6), "pass discards down (Linux 5.7)"),
	  .word = "allow_discards", BIT(ALLOW_DISCARDS) },
	/* It came as a fix, with no version of its own. */
	{ DMK_OPTION("allow-discards-keyed", DMK_KEY_FLAG, 0,
		 "the same with a keyed internal-hash (Linux 6.12 with its fixes)"),
	  .word = "allow_discards_keyed", BIT(ALLOW_DISCARDS_KEYED) },
	{ DMK_OPTION("journal-sectors", DMK_KEY_NUMBER, 0, "the journal's size, when formatting"),
	  .word = "journal_sectors", BIT(JOURNAL_SECTORS), FIELD(journal_sectors),
	  .flags = DMK_ROW_COLON },
	{ DMK_OPTION("interleave-sectors", DMK_KEY_NUMBER, 0,
		 "data between two areas of tags, when formatting; rounded down to a power of two"),
	  .word = "interleave_sectors", BIT(INTERLEAVE_SECTORS), FIELD(interleave_sectors),
	  .flags = DMK_ROW_COLON },
	{ DMK_OPTION("buffer-sectors", DMK_KEY_NUMBER, 0,
		 "of tags read at a time; rounded down to a power of two"),
	  .word = "buffer_sectors", BIT(BUFFER_SECTORS), FIELD(buffer_sectors),
	  .flags = DMK_ROW_COLON },
	{ DMK_OPTION("journal-watermark", DMK_KEY_NUMBER, 0,
		 "per cent of the journal in use at which it is written back"),
	  .word = "journal_watermark", BIT(JOURNAL_WATERMARK), FIELD(journal_watermark_percent),
	  .max = 100, .flags = DMK_ROW_COLON },
	{ DMK_OPTION("commit-time", DMK_KEY_MS, 0, "when the journal is written at the latest"),
	  .word = "commit_time", BIT(COMMIT_TIME), FIELD(commit_time_ms), .flags = DMK_ROW_COLON },
	{ DMK_OPTION("sectors-per-bit", DMK_KEY_NUMBER, DMK_V(1, 3),
		 "that a bit of the bitmap stands for; rounded down to a power of two (Linux 5.2)"),
	  .word = "sectors_per_bit", BIT(SECTORS_PER_BIT), FIELD(sectors_per_bit),
	  .flags = DMK_ROW_COLON | DMK_ROW_WIDE },
	{ DMK_OPTION("bitmap-flush-interval", DMK_KEY_MS, DMK_V(1, 3),
		 "when the bitmap is written (Linux 5.2)"),
	  .word = "bitmap_flush_interval", BIT(BITMAP_FLUSH_INTERVAL),
	  FIELD(bitmap_flush_interval_ms), .max = UINT32_MAX - 1, .flags = DMK_ROW_COLON },
	{ DMK_OPTION("fix-padding", DMK_KEY_FLAG, DMK_V(1, 4),
		 "less room between tags and data, when formatting (Linux 5.5)"),
	  .word = "fix_padding", BIT(FIX_PADDING) },
	{ DMK_OPTION("fix-hmac", DMK_KEY_FLAG, DMK_V(1, 7),
		 "salted hashes with the section's number, when formatting (Linux 5.12)"),
	  .word = "fix_hmac", BIT(FIX_HMAC) },
	/* It came to old stable kernels too, with no version of its own. */
	{ DMK_OPTION("legacy-recalculate", DMK_KEY_FLAG, 0,
		 "recalculate with a keyed hash, which trusts the disk (Linux 5.11)"),
	  .word = "legacy_recalculate", BIT(LEGACY_RECALCULATE) },
	{ DMK_OPTION("internal-hash", DMK_KEY_TEXT, 0,
		 "make and check the tags here, with this hash or checksum: crc32c, hmac(sha256)"),
	  .word = "internal_hash", BIT(INTERNAL_HASH), FIELD(internal_hash),
	  .flags = DMK_ROW_COLON },
	{ SECRET("internal-hash-key", "the key of a keyed hash"),
	  .word = "key of internal_hash", FIELD(internal_hash_key), .flags = DMK_ROW_TAIL },
	{ DMK_OPTION("journal-crypt", DMK_KEY_TEXT, 0, "the journal's cipher: ctr(aes)"),
	  .word = "journal_crypt", BIT(JOURNAL_CRYPT), FIELD(journal_crypt),
	  .flags = DMK_ROW_COLON },
	{ SECRET("journal-crypt-key", "the journal cipher's key"),
	  .word = "key of journal_crypt", FIELD(journal_crypt_key), .flags = DMK_ROW_TAIL },
	{ DMK_OPTION("journal-mac", DMK_KEY_TEXT, 0, "the journal's hash or checksum: hmac(sha256)"),
	  .word = "journal_mac", BIT(JOURNAL_MAC), FIELD(journal_mac), .flags = DMK_ROW_COLON },
	{ SECRET("journal-mac-key", "the key of a keyed hash"),
	  .word = "key of journal_mac", FIELD(journal_mac_key), .flags = DMK_ROW_TAIL },
};
/* clang-format on */

#define SYNTAX "DEVICE RESERVED-SECTORS TAG-SIZE|- MODE COUNT [OPTION...]"

/* What the rows' functions work on; the target's own form adds parse and format to it. */
static const struct dmk_form rows_form = {
	.syntax = SYNTAX,
	DMK_ROWS(rows),
	.value_size = sizeof(struct dmk_integrity),
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

static const struct dmk_row status_rows[] = {
	{
		.name = "mismatches",
		.kind = DMK_KEY_NUMBER,
		.help = "tags that did not fit since the mapping was made",
		.offset = offsetof(struct dmk_integrity_status, mismatches),
		.flags = DMK_ROW_WIDE,
		.trouble = mismatches_trouble,
	},
	{
		.name = "provided-data",
		.kind = DMK_KEY_SECTORS,
		.help = "how long the mapping may be",
		.offset = offsetof(struct dmk_integrity_status, provided_data_sectors),
	},
	{
		/* Not an optional argument with a count: parse and format are ours. */
		.name = "recalculated",
		.kind = DMK_KEY_SECTORS,
		.help = "how far tags were made, while or after they are",
		.offset = offsetof(struct dmk_integrity_status, recalculated_sectors),
		.word = "recalculated",
		.option = DMK_INTEGRITY_STATUS_RECALCULATED,
	},
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
	DMK_ROWS(status_rows),
	.value_size = sizeof(struct dmk_integrity_status),
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
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_integrity),
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
