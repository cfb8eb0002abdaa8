/* SPDX-License-Identifier: MIT */
/* Digests beside libcrypto's own, whichever of the two engines has made them. */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "hash/hasher.h"
#include "hash/multi.h"
#include "look/algorithm.h"

/* More than any number of lanes, and no multiple of one. */
#define BLOCKS 37
#define SLOT_GAP 5
#define UNTOUCHED 0xa5

static const char *const names[] = {
	"blake2b-512", "blake2s-256", "md5",	  "rmd160",   "sha1",	"sha224", "sha256",
	"sha3-224",    "sha3-256",    "sha3-384", "sha3-512", "sha384", "sha512", "sm3",
};

static uint8_t salt[256];

static struct dmk_image_info info_of(const struct dmk_algorithm *algorithm, uint32_t version,
				     uint32_t salt_bytes)
{
	struct dmk_image_info info = { .version = version,
				       .digest_size_bytes = algorithm->digest_bytes,
				       .salt_size_bytes = salt_bytes };

	strcpy(info.algorithm, algorithm->name);
	dmk_bytes_hex(salt, salt_bytes, info.salt);
	if (!salt_bytes)
		strcpy(info.salt, "-");
	return info;
}

static void libcrypto_digest(const struct dmk_algorithm *algorithm,
			     const struct dmk_image_info *info, const uint8_t *block,
			     uint32_t block_bytes, uint8_t *digest)
{
	EVP_MD *md = EVP_MD_fetch(NULL, algorithm->openssl, NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_true(EVP_DigestInit_ex2(context, md, NULL));
	if (info->version)
		EVP_DigestUpdate(context, salt, info->salt_size_bytes);
	EVP_DigestUpdate(context, block, block_bytes);
	if (!info->version)
		EVP_DigestUpdate(context, salt, info->salt_size_bytes);
	assert_true(EVP_DigestFinal_ex(context, digest, NULL));
	EVP_MD_CTX_free(context);
	EVP_MD_free(md);
}

static void check_digests(const struct dmk_algorithm *algorithm, const struct dmk_image_info *info,
			  struct dmk_hasher *hasher, uint32_t block_bytes, uint32_t n)
{
	uint32_t slot_bytes = algorithm->digest_bytes + SLOT_GAP;
	static uint8_t digests[(BLOCKS + 1) * (64 + SLOT_GAP)];
	uint8_t expected[EVP_MAX_MD_SIZE];

	memset(digests, UNTOUCHED, sizeof(digests));
	assert_int_equal(dmk_hasher_run(hasher, n, digests, slot_bytes, NULL), 0);
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *digest = digests + (size_t)i * slot_bytes;

		libcrypto_digest(algorithm, info, dmk_hasher_block(hasher, i), block_bytes,
				 expected);
		assert_memory_equal(digest, expected, algorithm->digest_bytes);
		for (uint32_t j = 0; j < SLOT_GAP; j++)
			assert_int_equal(digest[algorithm->digest_bytes + j], UNTOUCHED);
	}
	assert_int_equal(digests[(size_t)n * slot_bytes], UNTOUCHED);
}

static void check_one(const char *name, uint32_t version, uint32_t salt_bytes, uint32_t block_bytes)
{
	static const uint32_t counts[] = { BLOCKS, 0, 1, 7, 8, 12, 16, 17, 25, 32 };
	const struct dmk_algorithm *algorithm = dmk_algorithm_find(name, NULL);
	struct dmk_image_info info = info_of(algorithm, version, salt_bytes);
	struct dmk_hasher *hasher;

	assert_int_equal(dmk_hasher_new(&hasher, &info, block_bytes, BLOCKS, NULL), 0);
	for (uint32_t i = 0; i < BLOCKS; i++) {
		uint8_t *block = dmk_hasher_block(hasher, i);

		for (uint32_t j = 0; j < block_bytes; j++)
			block[j] = (uint8_t)(rand() >> 7);
	}
	for (size_t i = 0; i < DMK_ARRAY_SIZE(counts); i++)
		check_digests(algorithm, &info, hasher, block_bytes, counts[i]);
	dmk_hasher_free(hasher);
}

static void every_algorithm(void **state)
{
	static const uint32_t salts[] = { 0, 1, 32, 63, 64, 256 };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(names); i++)
		for (uint32_t version = 0; version < 2; version++)
			for (size_t j = 0; j < DMK_ARRAY_SIZE(salts); j++)
				check_one(names[i], version, salts[j], 512);
}

/* The longest that libipsec-mb can do is between the last two. */
static void every_size(void **state)
{
	(void)state;
	for (uint32_t block_bytes = 512; block_bytes <= 65536; block_bytes *= 2)
		for (uint32_t version = 0; version < 2; version++) {
			check_one("sha256", version, 32, block_bytes);
			check_one("sha512", version, 256, block_bytes);
		}
}

#ifdef HAVE_IPSEC_MB
/* The rounds that are worth it are the vector engine's; a machine without wide vectors has none. */
static void shares(void **state)
{
	struct dmk_multi *multi = dmk_multi_new(dmk_algorithm_find("sha256", NULL), 4128);

	(void)state;
	if (!multi)
		return;
	assert_int_equal(dmk_multi_share(multi, 0), 0);
	assert_int_equal(dmk_multi_share(multi, 1), 0);
	assert_int_equal(dmk_multi_share(multi, 16), 16);
	assert_int_equal(dmk_multi_share(multi, 17), 16);
	assert_int_equal(dmk_multi_share(multi, 31), 31);
	dmk_multi_free(multi);
	assert_null(dmk_multi_new(dmk_algorithm_find("sha256", NULL), 65536));
	assert_null(dmk_multi_new(dmk_algorithm_find("md5", NULL), 4128));
}
#endif

static void unknown_algorithm(void **state)
{
	struct dmk_image_info info = { .version = 1, .salt = "-", .algorithm = "sha255" };
	struct dmk_hasher *hasher = NULL;
	struct dmk_error err = { 0 };

	(void)state;
	assert_int_equal(dmk_hasher_new(&hasher, &info, 4096, 1, &err), -EINVAL);
	assert_null(hasher);
	assert_string_equal(err.argument, "sha255");
	strcpy(info.algorithm, "md4"); /* in libcrypto's legacy provider, which is not loaded */
	assert_int_equal(dmk_hasher_new(&hasher, &info, 4096, 1, &err), -EOPNOTSUPP);
	assert_null(hasher);
	assert_non_null(strstr(err.detail, "md4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_algorithm),
		cmocka_unit_test(every_size),
#ifdef HAVE_IPSEC_MB
		cmocka_unit_test(shares),
#endif
		cmocka_unit_test(unknown_algorithm),
	};

	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)(i * 7 + 3);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
