/* SPDX-License-Identifier: MIT */
#include "verity.h"

#include <string.h>

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

/* More edits than these are another word. */
#define MOST_EDITS 2
#define LONGEST_NAME 15

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

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* How many letters are to be put in, taken out or changed, or two neighbours swapped. */
static size_t edits(const char *from, const char *to)
{
	size_t n = strlen(from), m = strlen(to);
	size_t rows[LONGEST_NAME + 1][LONGEST_NAME + 1];

	if (n > LONGEST_NAME || m > LONGEST_NAME)
		return SIZE_MAX;
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			size_t best = i + j;
			bool differs;

			rows[i][j] = best;
			if (i == 0 || j == 0)
				continue;
			differs = lower(from[i - 1]) != to[j - 1];
			best = rows[i - 1][j] + 1;
			if (rows[i][j - 1] + 1 < best)
				best = rows[i][j - 1] + 1;
			if (rows[i - 1][j - 1] + differs < best)
				best = rows[i - 1][j - 1] + differs;
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
			    from[i - 2] == to[j - 1] && rows[i - 2][j - 2] + 1 < best)
				best = rows[i - 2][j - 2] + 1;
			rows[i][j] = best;
		}
	}
	return rows[n][m];
}

const char *dmk_nearest_hash(const char *algorithm)
{
	const char *nearest = NULL;
	size_t fewest = MOST_EDITS + 1;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(hashes); i++) {
		size_t n = edits(algorithm, hashes[i].name);

		if (n < fewest) {
			nearest = hashes[i].name;
			fewest = n;
		}
	}
	return nearest;
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
