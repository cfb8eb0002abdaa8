/* SPDX-License-Identifier: MIT */
/* verity: a read-only device whose every block is checked against a tree of hashes. */
#include "verity.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	ON_CORRUPTION = 1,
	ON_ERROR = 2
};

#define DMK_ROWS_OF struct dmk_verity

static const struct dmk_row rows[] = {
	{ DMK_DEFAULT("version", NUMBER, "1",
		      "of the tree's format: 1, or 0 for Chrome OS's first one"),
	  DMK_FIELD(version), .max = 1, .flags = DMK_ROW_ZERO_APART },
	{ DMK_REQUIRED("data", DEVICE, "the device with the data"), DMK_FIELD(data_device),
	  .flags = DMK_ROW_AREA },
	{ DMK_REQUIRED("hash", DEVICE, "the device with the tree; it may be the same"),
	  DMK_FIELD(hash_device) },
	/* From the device's logical block to the page, which is 64 KiB on some machines. */
	{ DMK_DEFAULT("data-block-size", BYTES, "4096", "what one hash covers, at most a page"),
	  DMK_FIELD(data_block_size_bytes), .min = 512, .max = 65536,
	  .flags = DMK_ROW_POWER_OF_TWO | DMK_ROW_PAGE },
	/* Linux 6.1 sets no limit but the int: trees of 2 MiB blocks do load. */
	{ DMK_DEFAULT("hash-block-size", BYTES, "4096", "a block of the tree"),
	  DMK_FIELD(hash_block_size_bytes), .min = 512, .max = 1 << 30,
	  .flags = DMK_ROW_POWER_OF_TWO },
	{ DMK_REQUIRED("data-blocks", BLOCKS, "how many data blocks there are"),
	  DMK_FIELD(data_blocks), .min = 1 },
	{ DMK_REQUIRED("hash-start", BLOCKS, "where the tree begins on its device, in hash blocks"),
	  DMK_FIELD(hash_start_blocks) },
	{ DMK_DEFAULT("algorithm", TEXT, "sha256", "the hash, by the kernel's name"),
	  DMK_FIELD(algorithm) },
	{ DMK_REQUIRED("root-digest", HEX, "the hash of the tree's root: what is trusted"),
	  DMK_FIELD(root_digest) },
	{ DMK_DEFAULT("salt", HEX, "-", "the salt, - for none"), DMK_FIELD(salt) },

	{ DMK_ROW("ignore-corruption", FLAG, "log a bad block and let the read go on"),
	  DMK_WORD("ignore_corruption", DMK_VERITY_IGNORE_CORRUPTION), .since = DMK_V(1, 2),
	  .exclusive = ON_CORRUPTION },
	{ DMK_ROW("restart-on-corruption", FLAG, "restart the machine at a bad block"),
	  DMK_WORD("restart_on_corruption", DMK_VERITY_RESTART_ON_CORRUPTION), .since = DMK_V(1, 2),
	  .exclusive = ON_CORRUPTION },
	{ DMK_ROW("panic-on-corruption", FLAG, "panic at a bad block"),
	  DMK_WORD("panic_on_corruption", DMK_VERITY_PANIC_ON_CORRUPTION), .since = DMK_V(1, 7),
	  .exclusive = ON_CORRUPTION },
	{ DMK_ROW("restart-on-error", FLAG, "restart the machine at an I/O error"),
	  DMK_WORD("restart_on_error", DMK_VERITY_RESTART_ON_ERROR), .since = DMK_V(1, 10),
	  .exclusive = ON_ERROR },
	{ DMK_ROW("panic-on-error", FLAG, "panic at an I/O error"),
	  DMK_WORD("panic_on_error", DMK_VERITY_PANIC_ON_ERROR), .since = DMK_V(1, 10),
	  .exclusive = ON_ERROR },
	{ DMK_ROW("ignore-zero-blocks", FLAG, "blocks whose hash is that of zeros are not read"),
	  DMK_WORD("ignore_zero_blocks", DMK_VERITY_IGNORE_ZERO_BLOCKS), .since = DMK_V(1, 3) },
	{ DMK_ROW("check-at-most-once", FLAG, "check a block at its first read only"),
	  DMK_WORD("check_at_most_once", DMK_VERITY_CHECK_AT_MOST_ONCE), .since = DMK_V(1, 4) },
	{ DMK_ROW("try-verify-in-tasklet", FLAG, "check at once where the hashes are cached"),
	  DMK_WORD("try_verify_in_tasklet", DMK_VERITY_TRY_VERIFY_IN_TASKLET),
	  .since = DMK_V(1, 9) },
	{ DMK_ROW("use-fec-from-device", DEVICE, "the device with the error correction"),
	  DMK_WORD("use_fec_from_device", DMK_VERITY_FEC_DEVICE), DMK_FIELD(fec_device),
	  .since = DMK_V(1, 3) },
	{ DMK_ROW("fec-blocks", BLOCKS, "how many blocks, data and tree, the code covers"),
	  DMK_WORD("fec_blocks", DMK_VERITY_FEC_BLOCKS), DMK_FIELD(fec_blocks),
	  .since = DMK_V(1, 3), .min = 1 },
	{ DMK_ROW("fec-start", BLOCKS, "where the code begins on its device, in blocks"),
	  DMK_WORD("fec_start", DMK_VERITY_FEC_START), DMK_FIELD(fec_start_blocks),
	  .since = DMK_V(1, 3) },
	{ DMK_ROW("fec-roots", NUMBER, "bytes of code per 255 bytes"),
	  DMK_WORD("fec_roots", DMK_VERITY_FEC_ROOTS), DMK_FIELD(fec_roots), .since = DMK_V(1, 3),
	  .min = 2, .max = 24 },
	{ DMK_ROW("root-hash-sig-key-desc", TEXT, "the key with the root digest's signature"),
	  DMK_WORD("root_hash_sig_key_desc", DMK_VERITY_ROOT_HASH_SIG),
	  DMK_FIELD(root_hash_sig_key_desc), .since = DMK_V(1, 5) },
};

/* Without its device the kernel ignores the rest and corrects nothing: not what was meant. */
static int validate_fec(const struct dmk_verity *verity, struct dmk_error *err)
{
	bool roots = verity->fec_roots, blocks = verity->fec_blocks;

	if (!verity->fec_device) {
		const uint64_t bits =
			DMK_VERITY_FEC_BLOCKS | DMK_VERITY_FEC_START | DMK_VERITY_FEC_ROOTS;

		if (roots || blocks || verity->fec_start_blocks || (verity->options & bits))
			return dmk_refuse(
				err, "use_fec_from_device",
				"is missing: the other fec options mean nothing without it");
		return 0;
	}
	if (!roots)
		return dmk_refuse(err, "fec_roots", "is missing: use_fec_from_device needs it");
	if (!blocks)
		return dmk_refuse(err, "fec_blocks", "is missing: use_fec_from_device needs it");
	if (verity->data_block_size_bytes != verity->hash_block_size_bytes)
		return dmk_refuse(err, "use_fec_from_device",
				  "data and hash blocks must be of one size");
	if (verity->fec_blocks < verity->data_blocks)
		return dmk_refuse(err, "fec_blocks", "must cover the data blocks and the tree");
	return 0;
}

/* The kernel counts in 64 bits of sectors. */
static bool too_many(uint64_t blocks, uint32_t block_size_bytes)
{
	return blocks > UINT64_MAX / (block_size_bytes / 512);
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_verity *verity = value;

	size_t digits = strlen(verity->root_digest), expected = 2 * dmk_digest_bytes(verity);

	if (digits != expected)
		return dmk_refuse(err, "root-digest", "%zu hex digits: %s has %zu", digits,
				  verity->algorithm, expected);
	if (too_many(verity->data_blocks, verity->data_block_size_bytes))
		return dmk_refuse(err, "data-blocks", "too many");
	if (too_many(verity->hash_start_blocks, verity->hash_block_size_bytes))
		return dmk_refuse(err, "hash-start", "too far");
	return validate_fec(verity, err);
}

static uint64_t length_sectors(const void *value)
{
	const struct dmk_verity *verity = value;

	return verity->data_blocks * (verity->data_block_size_bytes / 512);
}

static int check(const void *value, uint64_t length, struct dmk_error *err)
{
	if (length <= length_sectors(value))
		return 0;
	return dmk_refuse(err, "size",
			  "%" PRIu64 " sectors are more than the %" PRIu64 " of the data blocks",
			  length, length_sectors(value));
}

static uint32_t block_bytes(const void *value)
{
	return ((const struct dmk_verity *)value)->data_block_size_bytes;
}

static const struct dmk_choice states[] = {
	{ "V", "valid", DMK_VERITY_VALID },
	{ "C", "corrupted", DMK_VERITY_CORRUPTED },
	DMK_ALLOWED("valid|corrupted"),
};

static const struct dmk_trouble state_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_VERITY_CORRUPTED,
	  .what = "a block did not match its hash: the data, the tree or the root digest is "
		  "wrong",
	  .mend = "write the right data and tree to the disks below, then remove @ and "
		  "create it again" },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble corrected_trouble[] = {
	{ .when = DMK_TROUBLE_ABOVE,
	  .note = true,
	  .what = "blocks were wrong, and corrected by FEC",
	  .mend = "write the right data to the disks below" },
	DMK_NO_TROUBLE,
};

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_verity_status

static const struct dmk_row status_rows[] = {
	{ DMK_ROW("state", CHOICE, "corrupted: a bad block was read"), DMK_FIELD(state),
	  .choices = states, .trouble = state_trouble },
	/* Not an optional argument with a count: parse and format are ours. */
	{ DMK_SAID("corrected", BLOCKS, DMK_VERITY_STATUS_CORRECTED,
		   "blocks that FEC has corrected (Linux newer than 6.12)"),
	  DMK_FIELD(corrected_blocks), .trouble = corrected_trouble },
	{ DMK_ROW("without-fec", FLAG, "there is no FEC (Linux newer than 6.12 says so)"),
	  DMK_WORD("-", DMK_VERITY_STATUS_WITHOUT_FEC) },
};

/* Kernels newer than 6.12 add how many blocks FEC has corrected, or "-" without FEC. */
static int parse_status(struct dmk_words *words, void *value)
{
	struct dmk_verity_status *status = value;
	struct dmk_words rest;
	struct dmk_word word;
	int r = dmk_words_need(words, "state", &word);

	if (r == 0)
		r = dmk_row_read(&status_rows[0], &word, status, &status->owned, words->error);
	rest = *words;
	if (r < 0 || !dmk_words_next(&rest, &word))
		return r;
	if (dmk_word_is(&word, "-")) {
		status->options |= DMK_VERITY_STATUS_WITHOUT_FEC;
		*words = rest;
		return 0;
	}
	status->options |= DMK_VERITY_STATUS_CORRECTED;
	return dmk_words_number(words, "the number of corrected blocks", 0, UINT64_MAX,
				&status->corrected_blocks);
}

static void format_status(const void *value, struct dmk_text *out)
{
	const struct dmk_verity_status *status = value;

	dmk_row_print(&status_rows[0], status, out);
	if (status->options & DMK_VERITY_STATUS_WITHOUT_FEC)
		dmk_text_add(out, " -");
	else if (status->options & DMK_VERITY_STATUS_CORRECTED)
		dmk_text_add(out, " %" PRIu64, status->corrected_blocks);
}

static const struct dmk_form status_form = {
	.syntax = "STATE [CORRECTED]",
	DMK_ROWS(status_rows, struct dmk_verity_status),
	DMK_OPTIONS(struct dmk_verity_status),
	.parse = parse_status,
	.format = format_status,
};

static struct dmk_extent extent(const void *value, const struct dmk_row *row)
{
	const struct dmk_verity *verity = value;
	struct dmk_extent tree = { .what = "the hash tree",
				   .block_bytes = verity->hash_block_size_bytes,
				   .start_blocks = verity->hash_start_blocks,
				   .n_blocks = dmk_verity_tree_blocks(verity) };

	if (row->offset != offsetof(struct dmk_verity, hash_device) || tree.n_blocks == 0)
		return (struct dmk_extent){ 0 };
	return tree;
}

static bool explain(const void *value, int code, struct dmk_error *err)
{
	const struct dmk_verity *verity = value;
	const char *nearest;

	if (code != -ENOENT || dmk_is_known_hash(verity->algorithm))
		return false;
	nearest = dmk_nearest_hash(verity->algorithm);
	dmk_copy_text(err->argument, sizeof(err->argument), verity->algorithm);
	dmk_print_text(err->detail, sizeof(err->detail), "this kernel has no such hash%s%s",
		       nearest ? "; the nearest: " : "", nearest ? nearest : "");
	return true;
}

/* One block proves the whole way up to the root. A device that was asked to take bad blocks for
 * good tells nothing; one that is to bring the machine down for them is not tried. */
static uint32_t trial_bytes(const void *value)
{
	const struct dmk_verity *verity = value;
	const uint64_t none = DMK_VERITY_IGNORE_CORRUPTION | DMK_VERITY_RESTART_ON_CORRUPTION |
			      DMK_VERITY_PANIC_ON_CORRUPTION | DMK_VERITY_RESTART_ON_ERROR |
			      DMK_VERITY_PANIC_ON_ERROR;

	return verity->options & none ? 0 : verity->data_block_size_bytes;
}

static bool misfit(const void *value, const void *status, struct dmk_error *err)
{
	const struct dmk_verity_status *verity_status = status;

	(void)value;
	if (verity_status->state != DMK_VERITY_CORRUPTED)
		return false;
	dmk_copy_text(err->argument, sizeof(err->argument), "root-digest");
	dmk_copy_text(err->detail, sizeof(err->detail),
		      "the first block does not fit it: root-digest, salt, hash-start or algorithm "
		      "is another tree's, or what is on the disks was changed");
	return true;
}

static const struct dmk_trial trial = { .read_bytes = trial_bytes, .misfit = misfit };

/* Alone in its table: immutable since Linux 6.0, a singleton since 6.12. */
const struct dmk_target dmk_target_verity = {
	.info = { .type = "verity",
		  .summary = "read-only data, each block checked against a hash tree",
		  .example = "verity data=/dev/vdb hash=/dev/vdc data-blocks=4096 "
			     "hash-start=1 root-digest=HEX salt=HEX",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_ALONE | DMK_TARGET_READONLY | DMK_TARGET_IMMUTABLE,
	.table = {
		.syntax = "VERSION DATA HASH DATA-BLOCK-SIZE HASH-BLOCK-SIZE DATA-BLOCKS HASH-START "
		  "ALGORITHM ROOT-DIGEST SALT [COUNT OPTION...]",
		DMK_ROWS(rows, struct dmk_verity),
		DMK_OPTIONS(struct dmk_verity),
		.validate = validate,
	},
	.status = &status_form,
	.check = check,
	.block_bytes = block_bytes,
	.length_sectors = length_sectors,
	.extent = extent,
	.explain = explain,
	.trial = &trial,
};
