/* SPDX-License-Identifier: MIT */
/* vdo: deduplication, compression and thin provisioning (Linux 6.9). */
#include "vdo.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define THREADS(key_name, bit, field, least, most, text)                                    \
	{                                                                                   \
		DMK_ROW(key_name, NUMBER, text), DMK_WORD(key_name, bit), DMK_FIELD(field), \
			.min = (least), .max = (most)                                       \
	}

#define DMK_ROWS_OF struct dmk_vdo

/* The kernel prints a table as it was given, options in their order: here they are in that of its
 * document. */
static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("storage-device", DEVICE,
		       "the device below; formatted by vdoformat, since 9.2 by the kernel"),
	  DMK_FIELD(storage_device) },
	{ DMK_REQUIRED("storage-device-size", BLOCKS,
		       "how much of it the volume uses, in blocks of 4096 bytes"),
	  DMK_FIELD(storage_device_blocks), .min = 1 },
	{ DMK_DEFAULT("minimum-io-size", BYTES, "4096", "512 or 4096"),
	  DMK_FIELD(minimum_io_size_bytes), .min = 512, .max = 4096,
	  .flags = DMK_ROW_POWER_OF_TWO },
	/* The document's least, 32768, is not the kernel's. */
	{ DMK_DEFAULT("block-map-cache-size", NUMBER, "32768",
		      "in blocks of 4096 bytes; not less is recommended"),
	  DMK_FIELD(block_map_cache_blocks), .min = 1, .unit = "blocks" },
	{ DMK_DEFAULT("block-map-era-length", NUMBER, "16380",
		      "less writes the block map more often, and recovers faster"),
	  DMK_FIELD(block_map_era_blocks), .min = 1, .max = 16380, .unit = "blocks" },
	THREADS("ack", DMK_VDO_ACK, ack_threads, 0, 100,
		"threads that complete requests; otherwise 1"),
	THREADS("bio", DMK_VDO_BIO, bio_threads, 1, 100,
		"threads that issue requests to the storage; otherwise 4"),
	{ DMK_ROW("bio-rotation-interval", NUMBER,
		  "requests on one of them before the next one's turn; otherwise 64"),
	  DMK_WORD("bioRotationInterval", DMK_VDO_BIO_ROTATION_INTERVAL),
	  DMK_FIELD(bio_rotation_interval), .min = 1, .max = 1024 },
	THREADS("cpu", DMK_VDO_CPU, cpu_threads, 1, 100,
		"threads that hash and compress; otherwise 1"),
	THREADS("hash", DMK_VDO_HASH, hash_threads, 0, 100,
		"threads that compare by hash; otherwise 0; hash, logical and physical: all 0, "
		"or none"),
	THREADS("logical", DMK_VDO_LOGICAL, logical_threads, 0, 60,
		"threads for the logical addresses, each with 4096 blocks of cache; otherwise "
		"0"),
	THREADS("physical", DMK_VDO_PHYSICAL, physical_threads, 0, 16,
		"threads for the storage, each with a slab; otherwise 0"),
	{ DMK_ROW("max-discard", BLOCKS,
		  "the largest discard at a time, in blocks of 4096 bytes; otherwise 1"),
	  DMK_WORD("maxDiscard", DMK_VDO_MAX_DISCARD), DMK_FIELD(max_discard_blocks), .min = 1,
	  .max = UINT32_MAX / 4096 },
	{ DMK_ROW("deduplication", CHOICE, "otherwise on"),
	  DMK_WORD("deduplication", DMK_VDO_DEDUPLICATION), DMK_FIELD(deduplication),
	  .choices = dmk_vdo_switches },
	{ DMK_ROW("compression", CHOICE, "otherwise off"),
	  DMK_WORD("compression", DMK_VDO_COMPRESSION), DMK_FIELD(compression),
	  .choices = dmk_vdo_switches },
	{ DMK_ROW("index-sparse", CHOICE,
		  "ten times the duplicates remembered, when formatting; otherwise off"),
	  DMK_WORD("indexSparse", DMK_VDO_INDEX_SPARSE), DMK_FIELD(index_sparse),
	  .since = DMK_V(9, 2), .choices = dmk_vdo_switches },
	{ DMK_ROW("index-memory", TEXT,
		  "of the index, when formatting: 0.25, 0.5, 0.75, or whole GiB"),
	  DMK_WORD("indexMemory", DMK_VDO_INDEX_MEMORY), DMK_FIELD(index_memory),
	  .since = DMK_V(9, 2) },
	{ DMK_ROW("slab-size", NUMBER, "in blocks of 4096 bytes, when formatting: a power of two"),
	  DMK_WORD("slabSize", DMK_VDO_SLAB_SIZE), DMK_FIELD(slab_blocks), .since = DMK_V(9, 2),
	  .min = 1, .flags = DMK_ROW_POWER_OF_TWO },
};

static int parse(struct dmk_words *words, void *value)
{
	const struct dmk_form *form = &dmk_target_vdo.table;
	struct dmk_word word;
	int r = dmk_words_need(words, "version", &word);

	if (r == 0 && !(word.length == 2 && memcmp(word.text, "V4", 2) == 0))
		r = dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
				  "the table's version must be V4");
	if (r == 0)
		r = dmk_rows_read(form, words, value);
	return r < 0 ? r : dmk_rows_read_words(form, words, value, dmk_words_left(words));
}

/* V1 to V3 are of the driver before it came into the kernel, which reads them and warns. V0 has no
 * version at all. */
static bool is_old(struct dmk_words words, struct dmk_word *ret_version)
{
	struct dmk_word *word = ret_version;

	if (!dmk_words_next(&words, word))
		return false;
	if (word->length == 2 && word->text[0] == 'V' && word->text[1] >= '1' &&
	    word->text[1] <= '3')
		return dmk_words_left(&words) >= 5;
	return word->text[0] != 'V' && dmk_words_left(&words) == 9;
}

/* Of a key that no vdo knows, with a number, the kernel's log alone speaks. The whole again without
 * such pairs: is it sound? */
static bool is_sound_without(struct dmk_words words, struct dmk_word *ret_first)
{
	const struct dmk_form *form = &dmk_target_vdo.table;
	DMK_CLEANUP(dmk_text_free) struct dmk_text rest = { 0 };
	struct dmk_word word, number, after;
	struct dmk_vdo value;
	uint64_t n;
	bool found = false;

	for (int i = 0; i < 6 && dmk_words_next(&words, &word); i++)
		dmk_text_add(&rest, "%.*s ", (int)word.length, word.text);
	while (dmk_words_next(&words, &word) && dmk_words_next(&words, &number)) {
		const struct dmk_row *row = dmk_row_of_word(form, &word, &after);

		if (row || dmk_parse_u64(number.text, number.length, UINT32_MAX, &n) < 0) {
			dmk_text_add(&rest, "%.*s %.*s ", (int)word.length, word.text,
				     (int)number.length, number.text);
		} else {
			if (!found)
				*ret_first = word;
			found = true;
		}
	}
	if (!found || dmk_words_left(&words) || dmk_text_error(&rest) < 0 ||
	    dmk_form_parse(form, rest.data, &value, NULL) < 0)
		return false;
	dmk_form_clear(form, &value);
	return true;
}

static bool passes(const char *params, struct dmk_error *err)
{
	struct dmk_words words = dmk_words_of(params, "", err);
	struct dmk_word word;
	int r;

	if (is_old(words, &word))
		r = dmk_fail_word(
			err, 0, word.text, word.length, word.column,
			"an old form of the table, which the kernel takes with a warning");
	else if (is_sound_without(words, &word))
		r = dmk_fail_word(err, 0, word.text, word.length, word.column,
				  "not known: a vdo that does not know it either goes on without");
	else
		return false;
	return r == 0;
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_form *form = &dmk_target_vdo.table;

	dmk_text_add(out, "V4");
	dmk_rows_print(form, value, out);
	dmk_rows_print_words(form, value, out);
}

static int validate_memory(const char *memory, struct dmk_error *err)
{
	static const char *const parts[] = { "0.25", "0.5", "0.50", "0.75" };
	uint64_t number = 0;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(parts); i++)
		if (strcmp(memory, parts[i]) == 0)
			return 0;
	if (dmk_parse_u64(memory, strlen(memory), UINT32_MAX, &number) == 0 && number > 0)
		return 0;
	return dmk_refuse(err, memory, "indexMemory must be 0.25, 0.5, 0.75, or GiB from 1 on");
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_vdo *vdo = value;
	uint32_t logical = vdo->logical_threads;

	if (vdo->minimum_io_size_bytes != 512 && vdo->minimum_io_size_bytes != 4096)
		return dmk_refuse(err, "minimum-io-size", "must be 512 or 4096");
	if (!logical != !vdo->physical_threads || !logical != !vdo->hash_threads)
		return dmk_refuse(err, "logical",
				  "hash, logical and physical must be all 0, or none of them");
	if (vdo->block_map_cache_blocks < 4096 * logical)
		return dmk_refuse(err, "block-map-cache-size",
				  "%" PRIu32 " blocks are less than 4096 for each of %" PRIu32
				  " logical threads",
				  vdo->block_map_cache_blocks, logical);
	return vdo->index_memory ? validate_memory(vdo->index_memory, err) : 0;
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const uint64_t most = UINT64_C(1) << 43; /* 4 PiB */

	(void)value;
	if (length_sectors % 8)
		return dmk_refuse(err, "size",
				  "%" PRIu64 " sectors are no multiple of 8: 4096 bytes",
				  length_sectors);
	if (length_sectors > most)
		return dmk_refuse(err, "size", "%" PRIu64 " sectors are more than 4 PiB",
				  length_sectors);
	return 0;
}

const struct dmk_target dmk_target_vdo = {
	.info = { .type = "vdo",
		  .summary = "deduplication, compression and thin provisioning",
		  .example = "vdo storage-device=/dev/vdb storage-device-size=1310720 size=10GiB",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_ALONE,
	.table = {
		.syntax = "V4 STORAGE-DEVICE STORAGE-DEVICE-SIZE MINIMUM-IO-SIZE "
			  "BLOCK-MAP-CACHE-SIZE BLOCK-MAP-ERA-LENGTH [OPTION VALUE]...",
		DMK_ROWS(rows, struct dmk_vdo),
		DMK_OPTIONS(struct dmk_vdo),
		.exact = true,
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.status = &dmk_vdo_status_form,
	.messages = dmk_vdo_messages,
	.n_messages = DMK_VDO_N_MESSAGES,
	.check = check,
	.passes = passes,
};
