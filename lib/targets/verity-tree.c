/* SPDX-License-Identifier: MIT */
#include "verity.h"

#include <string.h>

#include "rows/nearest.h"

/* The kernel's crypto has these; more may be loaded into it, under names of their own. */
static const struct hash {
	const char *name;
	size_t digest_bytes;
} hashes[] = {
	{ "blake2b-160", 20 }, { "blake2b-256", 32 }, { "blake2b-384", 48 }, { "blake2b-512", 64 },
	{ "blake2s-128", 16 }, { "blake2s-160", 20 }, { "blake2s-224", 28 }, { "blake2s-256", 32 },
	{ "crc32", 4 },	       { "crc32c", 4 },	      { "md4", 16 },	     { "md5", 16 },
	{ "rmd160", 20 },      { "sha1", 20 },	      { "sha224", 28 },	     { "sha256", 32 },
	{ "sha384", 48 },      { "sha3-224", 28 },    { "sha3-256", 32 },    { "sha3-384", 48 },
	{ "sha3-512", 64 },    { "sha512", 64 },      { "sm3", 32 },	     { "streebog256", 32 },
	{ "streebog512", 64 }, { "wp256", 32 },	      { "wp384", 48 },	     { "wp512", 64 },
	{ "xxhash64", 8 },
};

static const struct hash *find(const char *algorithm)
{
	for (size_t i = 0; i < DMK_ARRAY_SIZE(hashes); i++)
		if (strcmp(hashes[i].name, algorithm) == 0)
			return &hashes[i];
	return NULL;
}

bool dmk_is_known_hash(const char *algorithm)
{
	return find(algorithm) != NULL;
}

size_t dmk_digest_bytes(const struct dmk_verity *verity)
{
	const struct hash *hash = find(verity->algorithm);

	return hash ? hash->digest_bytes : strlen(verity->root_digest) / 2;
}

const char *dmk_nearest_hash(const char *algorithm)
{
	struct dmk_nearest nearest = { .word = algorithm };

	for (size_t i = 0; i < DMK_ARRAY_SIZE(hashes); i++)
		dmk_nearest_look(&nearest, hashes[i].name);
	return nearest.best;
}

/* How many digests one block of the tree holds, as a power of two: 2^bits. */
static uint32_t digest_bits(const struct dmk_verity *verity)
{
	uint64_t n = verity->hash_block_size_bytes / dmk_digest_bytes(verity);
	uint32_t bits = 0;

	while (n >> (bits + 1))
		bits++;
	return bits;
}

uint64_t dmk_verity_tree_blocks(const struct dmk_verity *verity)
{
	uint64_t level = verity->data_blocks, all = 0;
	uint32_t bits;

	if (dmk_digest_bytes(verity) == 0)
		return 0;
	bits = digest_bits(verity);
	if (bits == 0)
		return 0;
	while (level > 1) {
		level = (level >> bits) + ((level & ((UINT64_C(1) << bits) - 1)) != 0);
		all += level;
	}
	return all;
}
