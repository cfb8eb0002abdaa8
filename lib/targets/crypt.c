/* SPDX-License-Identifier: MIT */
/* crypt: one range of one device, encrypted. */
#include "rows/target.h"

#include <inttypes.h>
#include <string.h>

/* The most of a sector that a tag may take: MAX_TAG_SIZE of Linux 6.1. */
#define MAX_TAG_BYTES 480

/* Linux 6.1 reads 8, which are all it has; 7.2 has 10 and reads 9. */
#define MOST_OPTIONS 9

extern const struct dmk_target dmk_target_crypt;

/* Linux 6.1 reads these in either case, and keeps the case. */
static const struct dmk_choice integrity_types[] = {
	{ "none", "none", DMK_CRYPT_INTEGRITY_NONE },
	{ "aead", "aead", DMK_CRYPT_INTEGRITY_AEAD },
	DMK_ALLOWED("none|aead"),
};

#define DMK_ROWS_OF struct dmk_crypt

static const struct dmk_row integrity_parts[] = {
	{ DMK_ROW("tag size", BYTES, NULL), DMK_FIELD(integrity_tag_bytes), .min = 1,
	  .max = MAX_TAG_BYTES },
	{ DMK_ROW("integrity type", CHOICE, NULL), DMK_FIELD(integrity_type),
	  .choices = integrity_types, .flags = DMK_ROW_ANY_CASE },
};

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("cipher", TEXT,
		       "CIPHER[:KEYS]-MODE-IV[:OPTIONS], or capi:SPECIFICATION-IV[:OPTIONS]"),
	  DMK_FIELD(cipher) },
	{ DMK_ROW("key", TEXT, "the cipher's key"), DMK_FIELD(key),
	  .key_flags = DMK_KEY_REQUIRED | DMK_KEY_SECRET },
	/* No place on a device: the kernel adds it in 64 bits. */
	{ DMK_DEFAULT("iv-offset", SECTORS, "0", "added to a sector's number for its IV"),
	  DMK_FIELD(iv_offset_sectors), .flags = DMK_ROW_ANY_NUMBER },
	{ DMK_REQUIRED("device", DEVICE, "the device with the ciphertext"), DMK_FIELD(device),
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
	{ DMK_DEFAULT("offset", SECTORS, "0", "where on the device the ciphertext begins"),
	  DMK_FIELD(offset_sectors), .flags = DMK_ROW_SIZE_OFFSET },

	{ DMK_ROW("allow-discards", FLAG, "pass discards down, which tells of use"),
	  DMK_WORD("allow_discards", DMK_CRYPT_ALLOW_DISCARDS), .since = DMK_V(1, 11) },
	{ DMK_ROW("same-cpu-crypt", FLAG, "encrypt on the CPU that the I/O is from"),
	  DMK_WORD("same_cpu_crypt", DMK_CRYPT_SAME_CPU_CRYPT), .since = DMK_V(1, 14) },
	{ DMK_ROW("high-priority", FLAG, DMK_SINCE_LINUX(6, 10, "work queues of high priority")),
	  DMK_WORD("high_priority", DMK_CRYPT_HIGH_PRIORITY), .since = DMK_V(1, 26) },
	{ DMK_ROW("submit-from-crypt-cpus", FLAG,
		  "no separate thread that sorts and submits writes"),
	  DMK_WORD("submit_from_crypt_cpus", DMK_CRYPT_SUBMIT_FROM_CRYPT_CPUS),
	  .since = DMK_V(1, 14) },
	{ DMK_ROW("no-read-workqueue", FLAG, DMK_SINCE_LINUX(5, 9, "decrypt reads at once")),
	  DMK_WORD("no_read_workqueue", DMK_CRYPT_NO_READ_WORKQUEUE), .since = DMK_V(1, 22) },
	{ DMK_ROW("no-write-workqueue", FLAG, DMK_SINCE_LINUX(5, 9, "encrypt writes at once")),
	  DMK_WORD("no_write_workqueue", DMK_CRYPT_NO_WRITE_WORKQUEUE), .since = DMK_V(1, 22) },
	{ DMK_ROW("integrity", TEXT,
		  DMK_SINCE_LINUX(4, 12,
				  "TAG-BYTES:TYPE, so much of each tag below, TYPE none or aead")),
	  DMK_WORD("integrity", DMK_CRYPT_INTEGRITY), .since = DMK_V(1, 17),
	  .parts = integrity_parts, .n_parts = DMK_ARRAY_SIZE(integrity_parts),
	  .flags = DMK_ROW_COLON },
	{ DMK_DEFAULT("sector-size", BYTES, "512",
		      DMK_SINCE_LINUX(4, 12, "what is encrypted at a time")),
	  DMK_WORD("sector_size", DMK_CRYPT_SECTOR_SIZE), DMK_FIELD(sector_size_bytes),
	  .since = DMK_V(1, 17), .min = 512, .max = 4096,
	  .flags = DMK_ROW_COLON | DMK_ROW_POWER_OF_TWO },
	{ DMK_ROW("iv-large-sectors", FLAG, "count IVs in units of sector-size, not of 512 bytes"),
	  DMK_WORD("iv_large_sectors", DMK_CRYPT_IV_LARGE_SECTORS), .since = DMK_V(1, 17) },
	{ DMK_ROW("integrity-key-size", BYTES,
		  DMK_SINCE_LINUX(6, 12, "how much of the key is authenc's for its hash")),
	  DMK_WORD("integrity_key_size", DMK_CRYPT_INTEGRITY_KEY_SIZE),
	  DMK_FIELD(integrity_key_bytes), .since = DMK_V(1, 28), .min = 1, .flags = DMK_ROW_COLON },
};

/* ":SIZE:TYPE:DESCRIPTION" */
static int check_keyring(const char *key, struct dmk_error *err)
{
	static const char *const types[] = { "logon", "user", "encrypted", "trusted" };
	const char *type = strchr(key + 1, ':');
	const char *description = type ? strchr(type + 1, ':') : NULL;
	uint64_t size = 0;

	if (!description || !description[1])
		return dmk_refuse(err, "key", "a key in the keyring is :SIZE:TYPE:DESCRIPTION");
	if (dmk_parse_u64(key + 1, (size_t)(type - key - 1), INT32_MAX, &size) < 0 || size == 0)
		return dmk_refuse(err, "key",
				  "the size in :SIZE:TYPE:DESCRIPTION must be its bytes");
	for (size_t i = 0; i < DMK_ARRAY_SIZE(types); i++) {
		size_t length = (size_t)(description - type - 1);

		if (strlen(types[i]) == length && memcmp(types[i], type + 1, length) == 0)
			return 0;
	}
	return dmk_refuse(
		err, "key",
		"the type in :SIZE:TYPE:DESCRIPTION must be logon, user, encrypted (since "
		"Linux 5.7) or trusted (since 5.11)");
}

/* No error repeats any of it. */
static int check_key(const char *key, struct dmk_error *err)
{
	size_t digits = strspn(key, "0123456789abcdefABCDEF");

	if (strcmp(key, "-") == 0)
		return 0;
	if (key[0] == ':')
		return check_keyring(key, err);
	if (key[digits])
		return dmk_refuse(err, "key",
				  "must be hex digits, :SIZE:TYPE:DESCRIPTION or - for none");
	/* Linux takes one digit too many and forgets it. */
	return digits % 2 ? dmk_refuse(err, "key", "must be an even number of hex digits") : 0;
}

static int fail_cipher(const struct dmk_crypt *crypt, const char *why, struct dmk_error *err)
{
	return dmk_refuse(err, crypt->cipher, "%s", why);
}

/* "essiv" with nothing behind it, up to the end. */
static bool is_essiv_alone(const char *iv)
{
	return strcmp(iv, "essiv") == 0;
}

/* "capi:SPECIFICATION-IV[:OPTIONS]" */
static int check_crypto_api(const struct dmk_crypt *crypt, struct dmk_error *err)
{
	const char *specification = crypt->cipher + strlen("capi:");
	const char *iv = strrchr(specification, '-');

	if (!*specification || iv == specification)
		return fail_cipher(crypt, "has no cipher after capi:", err);
	if (iv && is_essiv_alone(iv + 1))
		return fail_cipher(crypt, "essiv needs a hash, as in essiv:sha256", err);
	return 0;
}

/* ":KEYS" behind the cipher's name, which ends at `end`. */
static int check_key_count(const struct dmk_crypt *crypt, const char *end, struct dmk_error *err)
{
	const char *colon = memchr(crypt->cipher, ':', (size_t)(end - crypt->cipher));
	uint64_t keys = 1;

	if (!colon)
		return 0;
	if (dmk_parse_u64(colon + 1, (size_t)(end - colon - 1), UINT32_MAX, &keys) < 0 ||
	    keys == 0 || (keys & (keys - 1)))
		return fail_cipher(crypt, "the number of keys behind ':' must be a power of two",
				   err);
	return 0;
}

/* "CIPHER[:KEYS]-MODE-IV[:OPTIONS]"; the cipher alone is cipher-cbc-plain, ecb needs no IV. */
static int check_cipher(const struct dmk_crypt *crypt, struct dmk_error *err)
{
	const char *mode, *iv;
	size_t length;
	int r;

	if (strncmp(crypt->cipher, "capi:", 5) == 0)
		return check_crypto_api(crypt, err);
	if (strchr(crypt->cipher, '('))
		return fail_cipher(crypt, "a specification with '(' begins with capi:", err);
	if (crypt->integrity_type == DMK_CRYPT_INTEGRITY_AEAD)
		return fail_cipher(crypt, "with an aead it must be capi:SPECIFICATION-IV", err);
	mode = strchrnul(crypt->cipher, '-');
	r = check_key_count(crypt, mode, err);
	if (r < 0 || !*mode++)
		return r;
	length = strcspn(mode, "-");
	iv = mode[length] ? mode + length + 1 : NULL;
	if (!iv && !(length == 3 && memcmp(mode, "ecb", 3) == 0) &&
	    !(length == 5 && memcmp(mode, "plain", 5) == 0))
		return fail_cipher(crypt, "has no IV: CIPHER-MODE-IV", err);
	if (iv && is_essiv_alone(iv))
		return fail_cipher(crypt, "essiv needs a hash, as in essiv:sha256", err);
	return 0;
}

static uint32_t sectors_at_a_time(const struct dmk_crypt *crypt)
{
	return crypt->sector_size_bytes ? crypt->sector_size_bytes / 512 : 1;
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_crypt *crypt = value;
	int r = check_key(crypt->key, err);

	if (r == 0)
		r = check_cipher(crypt, err);
	if (r < 0)
		return r;
	if (crypt->iv_offset_sectors % sectors_at_a_time(crypt))
		return dmk_refuse(err, "iv-offset",
				  "%" PRIu64 " is no multiple of the %" PRIu32
				  " sectors that sector_size is",
				  crypt->iv_offset_sectors, sectors_at_a_time(crypt));
	return 0;
}

static int check(const void *value, uint64_t length_sectors, struct dmk_error *err)
{
	const struct dmk_crypt *crypt = value;

	if (dmk_rows_count_words(&dmk_target_crypt.table, crypt) > MOST_OPTIONS)
		return dmk_refuse(err, "options", "are more than the %d that Linux reads",
				  MOST_OPTIONS);
	if (length_sectors % sectors_at_a_time(crypt) == 0)
		return 0;
	return dmk_refuse(err, "size",
			  "%" PRIu64 " sectors are no multiple of the %" PRIu32
			  " that sector_size is",
			  length_sectors, sectors_at_a_time(crypt));
}

static uint32_t block_bytes(const void *value)
{
	return ((const struct dmk_crypt *)value)->sector_size_bytes;
}

#undef DMK_ROWS_OF
#define DMK_ROWS_OF struct dmk_crypt_message

static const struct dmk_row key_set_rows[] = {
	{ DMK_ROW("key", TEXT,
		  "hex digits, or :SIZE:TYPE:DESCRIPTION of one in the kernel's keyring"),
	  DMK_FIELD(key), .key_flags = DMK_KEY_REQUIRED | DMK_KEY_SECRET },
};

static int validate_key_set(const void *value, struct dmk_error *err)
{
	const struct dmk_crypt_message *message = value;

	if (message->unused)
		return dmk_refuse(err, "unused", "must be zero");
	return check_key(message->key, err);
}

static const struct dmk_message messages[] = {
	{ DMK_MESSAGE_WITH("key-set", "key set", "KEY", key_set_rows,
			   "give a suspended mapping its key, of the size it had"),
	  .info.secret = 1, .form.validate = validate_key_set },
	{ DMK_MESSAGE("key-wipe", "key wipe",
		      "forget a suspended mapping's key; it resumes when it has one "
		      "again"),
	  .info.secret = 1 },
};

/* What the words of two positional arguments need: a key of the keyring, and its type; a cipher by
 * the crypto API's own name. */
static bool needs(const void *value, uint32_t index, struct dmk_need *ret_need)
{
	static const struct {
		const char *begin;
		uint16_t release;
	} types[] = { { ":encrypted:", DMK_LINUX(5, 7) }, { ":trusted:", DMK_LINUX(5, 11) } };
	const struct dmk_crypt *crypt = value;
	const char *type = crypt->key[0] == ':' ? strchr(crypt->key + 1, ':') : NULL;

	*ret_need = (struct dmk_need){ 0 };
	if (index == 0 && strncmp(crypt->cipher, "capi:", 5) == 0)
		*ret_need = (struct dmk_need){ .word = "capi:", .since = DMK_V(1, 17) };
	if (index == 1 && type) {
		*ret_need = (struct dmk_need){ .word = "key", .release = DMK_LINUX(4, 10) };
		for (size_t i = 0; i < DMK_ARRAY_SIZE(types); i++)
			if (strncmp(type, types[i].begin, strlen(types[i].begin)) == 0)
				ret_need->release = types[i].release;
	}
	return index < 2;
}

const struct dmk_target dmk_target_crypt = {
	.info = { .type = "crypt",
		  .summary = "a range of one device, encrypted",
		  .example = "crypt device=/dev/vdb cipher=aes-xts-plain64 key-file=/etc/data.key",
		  .n_keys = DMK_N_KEYS(rows) },
	.flags = DMK_TARGET_SECRET,
	.table = {
		.syntax = "CIPHER KEY IV-OFFSET DEVICE OFFSET [COUNT OPTION...]",
		DMK_ROWS(rows, struct dmk_crypt),
		DMK_OPTIONS(struct dmk_crypt),
		.validate = validate,
	},
	DMK_MESSAGES(messages),
	.check = check,
	.block_bytes = block_bytes,
	.needs = needs,
};
