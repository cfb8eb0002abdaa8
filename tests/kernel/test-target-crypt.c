/* SPDX-License-Identifier: MIT */
/* crypt on the real kernel: data there and back, ciphertext below, options, keys of the keyring,
 * messages, authenticated encryption over integrity. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support.h"

#define SIZE 65536
#define SECTORS (SIZE / 512)
#define KEY32 "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define OTHER32 "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
#define KEY64 KEY32 OTHER32
#define OTHER64 OTHER32 KEY32

static const struct dmk_crypt example = {
	.cipher = "aes-xts-plain64",
	.key = KEY64,
	.device = RAM0,
	.offset_sectors = 8,
};

static int try_crypt(struct dmk *dm, const char *name, const struct dmk_crypt *crypt)
{
	struct dmk_table *table;
	int r;

	assert_int_equal(dmk_table_new(&table), 0);
	if (dmk_table_add_crypt(table, 0, SECTORS, crypt) < 0)
		fail_msg("%s: %s", dmk_table_error(table)->argument,
			 dmk_table_error(table)->detail);
	r = dmk_create(dm, name, table, NULL, NULL);
	dmk_table_free(table);
	return r;
}

/* The live table as values; the caller clears them. */
static struct dmk_crypt table_of(struct dmk *dm, const char *name)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_crypt crypt;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "crypt");
	assert_int_equal(dmk_crypt_parse_table(segment.params, &crypt, NULL), 0);
	dmk_segments_free(segments);
	return crypt;
}

static void send(struct dmk *dm, uint32_t kind, const char *key, int expected)
{
	struct dmk_crypt_message message = { .message = kind, .key = key };
	struct dmk_message_options secret = { .flags = DMK_MESSAGE_SECRET };
	char *text;
	int r;

	assert_int_equal(dmk_crypt_format_message(&message, &text, NULL), 0);
	r = dmk_message(dm, DMK_NAME("a"), text, &secret, NULL);
	free(text);
	assert_int_equal(r, expected);
}

static void crypt_encrypts_and_decrypts(void **state)
{
	static uint8_t plain[SIZE], cipher[SIZE], again[SIZE], before[4096], after[4096];
	struct dmk_crypt crypt = example;

	fill_pattern(before, sizeof(before), 1);
	assert_true(write_at(RAM0, 0, before, sizeof(before)));
	assert_ok(*state, try_crypt(*state, "a", &crypt));
	fill_pattern(plain, SIZE, 2);
	assert_true(write_at(node_path("a"), 0, plain, SIZE));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, plain, SIZE);
	/* Below: at the offset, another in each sector; before it, nothing has changed. */
	assert_true(read_at(RAM0, 4096, cipher, SIZE));
	for (int i = 0; i < SIZE; i += 16)
		assert_memory_not_equal(cipher + i, plain + i, 16);
	assert_true(read_at(RAM0, 0, after, sizeof(after)));
	assert_memory_equal(after, before, sizeof(before));
	remove_device(*state, "a");

	/* The same key reads it from another mapping, another one does not. */
	assert_ok(*state, try_crypt(*state, "a", &crypt));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, plain, SIZE);
	remove_device(*state, "a");
	crypt.key = OTHER64;
	assert_ok(*state, try_crypt(*state, "a", &crypt));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_not_equal(again, plain, 512);
	remove_device(*state, "a");
	/* So does another IV. */
	crypt.key = KEY64;
	crypt.iv_offset_sectors = 1;
	assert_ok(*state, try_crypt(*state, "a", &crypt));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_not_equal(again, plain, 512);
	remove_device(*state, "a");
}

/* Makes it, compares what the kernel says of it, writes and reads. */
static void check_crypt(struct dmk *dm, const struct dmk_crypt *crypt)
{
	static uint8_t plain[SIZE], again[SIZE];
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_crypt parsed;

	assert_ok(dm, try_crypt(dm, "a", crypt));
	parsed = table_of(dm, "a");
	assert_string_equal(parsed.cipher, crypt->cipher);
	assert_string_equal(parsed.key, crypt->key);
	assert_string_equal(parsed.device, "1:0");
	assert_int_equal(parsed.offset_sectors, 8);
	assert_int_equal(parsed.iv_offset_sectors, crypt->iv_offset_sectors);
	assert_int_equal(parsed.options, crypt->options);
	assert_int_equal(parsed.sector_size_bytes, crypt->sector_size_bytes);
	dmk_crypt_clear(&parsed);
	assert_ok(dm, dmk_get_status(dm, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.params, "");
	dmk_segments_free(segments);
	fill_pattern(plain, SIZE, 3);
	assert_true(write_at(node_path("a"), 0, plain, SIZE));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, plain, SIZE);
	remove_device(dm, "a");
}

static void crypt_takes_each_option(void **state)
{
	static const uint64_t options[] = {
		0,
		DMK_CRYPT_ALLOW_DISCARDS,
		DMK_CRYPT_SAME_CPU_CRYPT,
		DMK_CRYPT_SUBMIT_FROM_CRYPT_CPUS,
		DMK_CRYPT_NO_READ_WORKQUEUE,
		DMK_CRYPT_NO_WRITE_WORKQUEUE,
		DMK_CRYPT_IV_LARGE_SECTORS,
		DMK_CRYPT_ALLOW_DISCARDS | DMK_CRYPT_NO_READ_WORKQUEUE |
			DMK_CRYPT_NO_WRITE_WORKQUEUE,
	};
	struct dmk_crypt crypt = example;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		crypt.options = options[i];
		check_crypt(*state, &crypt);
	}
	crypt.iv_offset_sectors = 16;
	crypt.options = DMK_CRYPT_SECTOR_SIZE;
	for (crypt.sector_size_bytes = 1024; crypt.sector_size_bytes <= 4096;
	     crypt.sector_size_bytes *= 2)
		check_crypt(*state, &crypt);
	crypt.sector_size_bytes = 4096;
	crypt.options = DMK_CRYPT_SECTOR_SIZE | DMK_CRYPT_IV_LARGE_SECTORS;
	check_crypt(*state, &crypt);
}

static void crypt_takes_ciphers_of_each_form(void **state)
{
	static const struct {
		const char *cipher, *key;
	} forms[] = {
		{ "aes", KEY32 },
		{ "aes-ecb", KEY32 },
		{ "aes-plain", KEY32 },
		{ "aes-cbc-essiv:sha256", KEY32 },
		{ "aes-cbc-benbi", KEY32 },
		{ "aes-cbc-tcw", KEY64 },
		{ "aes:2-cbc-plain", KEY64 },
		{ "capi:xts(aes)-plain64", KEY64 },
		{ "capi:cbc(aes)-essiv:sha256", KEY32 },
		{ "capi:adiantum(xchacha12,aes)-plain64", KEY32 },
		{ "cipher_null-ecb", "-" },
	};
	struct dmk_crypt crypt = example;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		crypt.cipher = forms[i].cipher;
		crypt.key = forms[i].key;
		check_crypt(*state, &crypt);
	}
}

static void crypt_says_that_the_kernel_is_too_old(void **state)
{
	struct dmk_crypt crypt = example;
	struct dmk_version version;

	crypt.options = DMK_CRYPT_HIGH_PRIORITY; /* since 1.26 */
	assert_ok(*state, dmk_get_target_version(*state, "crypt", &version));
	if (version.minor >= 26) {
		check_crypt(*state, &crypt);
		return;
	}
	assert_code(*state, try_crypt(*state, "a", &crypt), -EINVAL);
	assert_string_equal(dmk_last_error(*state)->argument, "high_priority");
	assert_non_null(strstr(dmk_last_error(*state)->detail, "needs crypt 1.26.0"));
}

/* A key that the thread keyring holds as long as this program runs. */
static void add_key(const char *type, const char *description)
{
	uint8_t key[64];

	for (int i = 0; i < 32; i++) {
		key[i] = (uint8_t)(0xa0 + i);
		key[i + 32] = (uint8_t)(0xc0 + i);
	}
	assert_true(syscall(SYS_add_key, type, description, key, sizeof(key), -1) > 0);
}

static void crypt_takes_keys_of_the_keyring(void **state)
{
	static uint8_t plain[SIZE], again[SIZE];
	struct dmk_crypt crypt = example;

	add_key("logon", "dmkit:test");
	add_key("user", "dmkit-test");
	crypt.key = ":64:logon:dmkit:test";
	check_crypt(*state, &crypt);
	crypt.key = ":64:user:dmkit-test";
	check_crypt(*state, &crypt);
	/* It is that key: what it wrote is read with the digits. */
	fill_pattern(plain, SIZE, 3);
	crypt.key = KEY64;
	assert_ok(*state, try_crypt(*state, "a", &crypt));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, plain, SIZE);
	remove_device(*state, "a");

	crypt.key = ":64:user:dmkit-none";
	assert_code(*state, try_crypt(*state, "a", &crypt), -ENOKEY);
	crypt.key = ":32:user:dmkit-test";
	assert_code(*state, try_crypt(*state, "a", &crypt), -EINVAL);
	assert_false(device_exists(*state, "a"));
}

static void crypt_key_messages(void **state)
{
	static uint8_t plain[SIZE], again[SIZE];
	struct dmk_crypt parsed;
	struct dmk_info info;

	assert_ok(*state, try_crypt(*state, "a", &example));
	fill_pattern(plain, SIZE, 4);
	assert_true(write_at(node_path("a"), 0, plain, SIZE));
	/* Only while suspended. */
	send(*state, DMK_CRYPT_KEY_WIPE, NULL, -EINVAL);
	send(*state, DMK_CRYPT_KEY_SET, KEY64, -EINVAL);
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("a"), NULL, NULL));
	send(*state, DMK_CRYPT_KEY_WIPE, NULL, 0);
	parsed = table_of(*state, "a");
	assert_string_not_equal(parsed.key, KEY64);
	assert_int_equal(strspn(parsed.key, "0"), 128);
	dmk_crypt_clear(&parsed);
	assert_code(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL), -EAGAIN);
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("a"), NULL, &info));
	assert_true(info.flags & DMK_INFO_SUSPENDED);
	send(*state, DMK_CRYPT_KEY_SET, KEY32, -EINVAL); /* another size */
	send(*state, DMK_CRYPT_KEY_SET, KEY64, 0);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, plain, SIZE);
	/* Another key, and one of the keyring. */
	add_key("user", "dmkit-message");
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("a"), NULL, NULL));
	send(*state, DMK_CRYPT_KEY_SET, OTHER64, 0);
	parsed = table_of(*state, "a");
	assert_string_equal(parsed.key, OTHER64);
	dmk_crypt_clear(&parsed);
	send(*state, DMK_CRYPT_KEY_SET, ":64:user:dmkit-message", 0);
	parsed = table_of(*state, "a");
	assert_string_equal(parsed.key, ":64:user:dmkit-message");
	dmk_crypt_clear(&parsed);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, plain, SIZE);
	remove_device(*state, "a");
}

/* integrity below keeps the tags of crypt above. */
static void crypt_authenticates(void **state)
{
	static const struct {
		const char *cipher, *key;
		uint32_t tag, type;
	} forms[] = {
		{ "aes-xts-random", KEY64, 16, DMK_CRYPT_INTEGRITY_NONE },
		{ "capi:gcm(aes)-random", KEY32, 28, DMK_CRYPT_INTEGRITY_AEAD },
		{ "capi:authenc(hmac(sha256),xts(aes))-random", KEY64 KEY32, 48,
		  DMK_CRYPT_INTEGRITY_AEAD },
	};
	static uint8_t plain[SIZE], again[SIZE];

	fill_pattern(plain, SIZE, 5);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct dmk_integrity below = { .device = RAM1,
					       .tag_bytes = forms[i].tag,
					       .mode = DMK_INTEGRITY_DIRECT };
		struct dmk_crypt crypt = { .cipher = forms[i].cipher,
					   .key = forms[i].key,
					   .device = "/dev/mapper/below",
					   .integrity_tag_bytes = forms[i].tag,
					   .integrity_type = forms[i].type };
		struct dmk_table *table;
		struct dmk_crypt parsed;

		memset(again, 0, sizeof(again));
		assert_true(write_at(RAM1, 0, again, 4096)); /* no superblock: it is formatted */
		assert_int_equal(dmk_table_new(&table), 0);
		assert_int_equal(dmk_table_add_integrity(table, 0, 16000, &below), 0);
		assert_ok(*state, dmk_create(*state, "below", table, NULL, NULL));
		dmk_table_free(table);
		assert_ok(*state, try_crypt(*state, "a", &crypt));
		parsed = table_of(*state, "a");
		assert_int_equal(parsed.options, DMK_CRYPT_INTEGRITY);
		assert_int_equal(parsed.integrity_tag_bytes, forms[i].tag);
		assert_int_equal(parsed.integrity_type, forms[i].type);
		dmk_crypt_clear(&parsed);
		assert_true(write_at(node_path("a"), 0, plain, SIZE));
		assert_true(read_at(node_path("a"), 0, again, SIZE));
		assert_memory_equal(again, plain, SIZE);
		remove_device(*state, "a");
		if (forms[i].type == DMK_CRYPT_INTEGRITY_AEAD) {
			/* Another key reads nothing at all. */
			crypt.key = i == 1 ? OTHER32 : OTHER64 OTHER32;
			assert_ok(*state, try_crypt(*state, "a", &crypt));
			assert_false(read_at(node_path("a"), 0, again, 4096));
			remove_device(*state, "a");
		}
		remove_device(*state, "below");
	}
}

/* What cryptsetup makes is read, and is what dmkit makes. */
static void crypt_as_cryptsetup_makes_it(void **state)
{
	static uint8_t plain[SIZE], again[SIZE];
	struct dmk_crypt parsed, crypt = example;
	char command[512];

	if (access("/usr/sbin/cryptsetup", X_OK) < 0)
		skip();
	snprintf(command, sizeof(command),
		 "perl -e 'print pack(\"H*\", \"%s\")' >/run/dmkit-key && DM_DISABLE_UDEV=1 "
		 "cryptsetup open --type plain --cipher aes-xts-plain64 --key-size 512 --key-file "
		 "/run/dmkit-key --offset 8 --sector-size 4096 --allow-discards " RAM0 " a",
		 KEY64);
	assert_int_equal(system(command), 0);
	parsed = table_of(*state, "a");
	assert_string_equal(parsed.cipher, "aes-xts-plain64");
	assert_string_equal(parsed.key, KEY64);
	assert_int_equal(parsed.offset_sectors, 8);
	assert_int_equal(parsed.sector_size_bytes, 4096);
	assert_true(parsed.options & DMK_CRYPT_ALLOW_DISCARDS);
	dmk_crypt_clear(&parsed);
	fill_pattern(plain, SIZE, 6);
	assert_true(write_at(node_path("a"), 0, plain, SIZE));
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), NULL, NULL));
	crypt.sector_size_bytes = 4096;
	assert_ok(*state, try_crypt(*state, "a", &crypt));
	assert_true(read_at(node_path("a"), 0, again, SIZE));
	assert_memory_equal(again, plain, SIZE);
	remove_device(*state, "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(crypt_encrypts_and_decrypts),
		TEST(crypt_takes_each_option),
		TEST(crypt_takes_ciphers_of_each_form),
		TEST(crypt_says_that_the_kernel_is_too_old),
		TEST(crypt_takes_keys_of_the_keyring),
		TEST(crypt_key_messages),
		TEST(crypt_authenticates),
		TEST(crypt_as_cryptsetup_makes_it),
	};

	return cmocka_run_group_tests_name("crypt", tests, NULL, NULL);
}
