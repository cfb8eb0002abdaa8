/* SPDX-License-Identifier: MIT */
/* inlinecrypt: one range of one device, encrypted by the storage's own hardware. */
#include "rows/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAX_KEY_BYTES 128

/* The kernel's numbers for them, too: enum blk_crypto_key_type. */
static const struct dmk_choice key_types[] = {
	{ "raw", "raw", DMK_INLINECRYPT_RAW },
	{ "hw-wrapped", "hw-wrapped", DMK_INLINECRYPT_HW_WRAPPED },
	DMK_ALLOWED("raw|hw-wrapped"),
};

#define DMK_ROWS_OF struct dmk_inlinecrypt

static const struct dmk_row rows[] = {
	{ DMK_DEFAULT("cipher", TEXT, "aes-xts-plain64", "the only one so far"),
	  DMK_FIELD(cipher) },
	{ DMK_ROW("key", TEXT,
		  "hex digits, or :BYTES:logon:DESCRIPTION of one in the kernel's keyring"),
	  DMK_FIELD(key), .key_flags = DMK_KEY_REQUIRED | DMK_KEY_SECRET },
	{ DMK_DEFAULT("iv-offset", SECTORS, "0", "added to a sector's number for its IV"),
	  DMK_FIELD(iv_offset_sectors) },
	{ DMK_REQUIRED("device", DEVICE, "the device with the ciphertext"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the ciphertext begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },
	{ DMK_ROW("keytype", CHOICE,
		  "hw-wrapped: the key was wrapped by the hardware; otherwise raw"),
	  DMK_WORD("keytype", DMK_INLINECRYPT_KEY_TYPE), DMK_FIELD(key_type), .choices = key_types,
	  .flags = DMK_ROW_COLON },
	{ DMK_ROW("allow-discards", FLAG, "pass discards down, which shows what is in use"),
	  DMK_WORD("allow_discards", DMK_INLINECRYPT_ALLOW_DISCARDS) },
	{ DMK_ROW("sector-size", BYTES,
		  "what is encrypted at a time; all but 512 need iv-large-sectors"),
	  DMK_WORD("sector_size", DMK_INLINECRYPT_SECTOR_SIZE), DMK_FIELD(sector_size_bytes),
	  .min = 512, .max = 4096, .flags = DMK_ROW_COLON | DMK_ROW_POWER_OF_TWO },
	{ DMK_ROW("iv-large-sectors", FLAG, "count IVs in units of sector-size, not of 512 bytes"),
	  DMK_WORD("iv_large_sectors", DMK_INLINECRYPT_IV_LARGE_SECTORS) },
};

extern const struct dmk_target dmk_target_inlinecrypt;

static bool is_number(const struct dmk_word *word)
{
	return strspn(word->text, "0123456789") >= word->length;
}

/*
 * Linux prints "KEY KEYTYPE IV-OFFSET DEVICE ...", KEYTYPE a number, and takes "KEY IV-OFFSET
 * DEVICE
 * ..." alone; the examples of its document are of the first form, with 0 for raw. Two numbers in a
 * row tell them apart. It is written as the kernel takes it.
 */
static int read_printed_type(struct dmk_words *words, struct dmk_inlinecrypt *inlinecrypt)
{
	struct dmk_words after = *words, ahead;
	struct dmk_word type, next;
	uint64_t number;

	if (!dmk_words_next(&after, &type) || !is_number(&type))
		return 0;
	ahead = after;
	if (!dmk_words_next(&ahead, &next) || !is_number(&next))
		return 0;
	*words = after;
	if (dmk_parse_u64(type.text, type.length, DMK_INLINECRYPT_HW_WRAPPED, &number) < 0)
		return dmk_fail_word(words->error, -EINVAL, type.text, type.length, type.column,
				     "the number of the key type must be 1, raw, or 2, hw-wrapped");
	if (number == DMK_INLINECRYPT_HW_WRAPPED)
		inlinecrypt->key_type = DMK_INLINECRYPT_HW_WRAPPED;
	return 0;
}

static int parse(struct dmk_words *words, void *value)
{
	const struct dmk_form *form = &dmk_target_inlinecrypt.table;
	struct dmk_inlinecrypt *inlinecrypt = value;
	int r = dmk_rows_read_some(form, 0, 2, words, value);

	if (r == 0)
		r = read_printed_type(words, inlinecrypt);
	if (r == 0)
		r = dmk_rows_read_some(form, 2, 3, words, value);
	return r < 0 ? r : dmk_rows_read_options(form, words, value);
}

/* The error never shows the key. */
static int fail_key(struct dmk_error *err, const char *why)
{
	return dmk_refuse(err, "key", "%s", why);
}

/* ":BYTES:TYPE:DESCRIPTION" */
static int check_keyring(const char *key, uint64_t *ret_bytes, struct dmk_error *err)
{
	static const char *const types[] = { "logon:", "trusted:" };
	const char *colon = strchr(key + 1, ':');

	if (!colon ||
	    dmk_parse_u64(key + 1, (size_t)(colon - key - 1), MAX_KEY_BYTES, ret_bytes) < 0)
		return fail_key(err, "must be hex digits or :BYTES:logon:DESCRIPTION, BYTES at "
				     "most 128");
	/* Its 1.0 takes logon alone; its document names trusted as well. */
	for (size_t i = 0; i < DMK_ARRAY_SIZE(types); i++) {
		size_t length = strlen(types[i]);

		if (strncmp(colon + 1, types[i], length) == 0 && colon[1 + length])
			return 0;
	}
	return fail_key(err, "of the keyring must be logon:DESCRIPTION or trusted:DESCRIPTION");
}

static int check_key(const char *key, uint64_t *ret_bytes, struct dmk_error *err)
{
	size_t digits;

	if (*key == ':')
		return check_keyring(key, ret_bytes, err);
	digits = strspn(key, "0123456789abcdefABCDEF");
	if (key[digits] || digits == 0 || digits % 2)
		return fail_key(err, "must be an even number of hex digits");
	if (digits > 2 * MAX_KEY_BYTES)
		return fail_key(err, "must be at most 128 bytes");
	*ret_bytes = digits / 2;
	return 0;
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_inlinecrypt *inlinecrypt = value;
	uint32_t size = inlinecrypt->sector_size_bytes ? inlinecrypt->sector_size_bytes : 512;
	uint64_t bytes = 0;
	int r = check_key(inlinecrypt->key, &bytes, err);

	if (r < 0)
		return r;
	/* Digits alone would be taken for the offset of a printed text: read_printed_type(). */
	if (!inlinecrypt->device[strspn(inlinecrypt->device, "0123456789")])
		return dmk_refuse(err, "device", "must be a path or MAJOR:MINOR, not digits alone");
	if (size != 512 && !(inlinecrypt->options & DMK_INLINECRYPT_IV_LARGE_SECTORS))
		return dmk_refuse(err, "iv_large_sectors",
				  "is missing: sector_size %" PRIu32 " needs it", size);
	if (inlinecrypt->iv_offset_sectors % (size / 512))
		return dmk_refuse(err, "iv-offset",
				  "must be a multiple of sector_size, %" PRIu32 " sectors",
				  size / 512);
	return 0;
}

/* Sizes of keys are what blk-crypto asks for: 64 bytes for AES-256-XTS, wrapped ones 32 or more. */
static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_inlinecrypt *inlinecrypt = value;
	uint32_t size = inlinecrypt->sector_size_bytes ? inlinecrypt->sector_size_bytes : 512;
	bool wrapped = inlinecrypt->key_type == DMK_INLINECRYPT_HW_WRAPPED;
	uint64_t bytes = 0;
	int r = check_key(inlinecrypt->key, &bytes, err);

	if (r == 0 && strcmp(inlinecrypt->cipher, "aes-xts-plain64") == 0 &&
	    (wrapped ? bytes < 32 : bytes != 64))
		r = dmk_refuse(err, "key",
			       "is of %" PRIu64 " bytes, where aes-xts-plain64 needs %s", bytes,
			       wrapped ? "32 to 128, wrapped" : "64");
	if (r == 0 && length_sectors % (size / 512))
		r = dmk_refuse(err, "size",
			       "%" PRIu64 " sectors are no multiple of sector_size, %" PRIu32
			       " sectors",
			       length_sectors, size / 512);
	return r;
}

static uint32_t block_bytes(const void *value)
{
	return ((const struct dmk_inlinecrypt *)value)->sector_size_bytes;
}

const struct dmk_target dmk_target_inlinecrypt = {
	.info = { .type = "inlinecrypt",
		  .summary = "a range of one device, encrypted by the storage's hardware",
		  .example = "inlinecrypt device=/dev/vdb key-file=/etc/data.key",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_SECRET,
	.table = {
		.syntax = "CIPHER KEY IV-OFFSET DEVICE OFFSET [COUNT OPTION...]",
		DMK_ROWS(rows, struct dmk_inlinecrypt),
		DMK_OPTIONS(struct dmk_inlinecrypt),
		.exact = true,
		.parse = parse,
		.validate = validate,
	},
	.check = check,
	.block_bytes = block_bytes,
};
