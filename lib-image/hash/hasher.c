/* SPDX-License-Identifier: MIT */
/* Room for blocks with the salt in its place already: what reads a file into it copies nothing. */
#include "hasher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto.h"
#include "look/look.h"
#include "multi.h"

#define CACHE_LINE_BYTES 64
/* Messages that lie multiples of this apart fall into the same few lines of the nearest cache, and
 * the lanes would throw each other out of it. */
#define CACHE_WAY_BYTES 4096

struct dmk_hasher {
	struct dmk_crypto *crypto;
	struct dmk_multi *multi; /* NULL: libcrypto alone */
	uint8_t *memory;
	uint32_t n_blocks;
	size_t stride_bytes;
	size_t block_offset;   /* of the block in its stride: a cache line's begin */
	size_t message_offset; /* of salt and block, whichever comes first */
	size_t message_bytes;
};

static size_t round_up(size_t size)
{
	return (size + CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES * CACHE_LINE_BYTES;
}

static void lay_out(struct dmk_hasher *hasher, const struct dmk_image_info *info,
		    uint32_t block_size_bytes)
{
	size_t salt = info->salt_size_bytes;
	bool salt_first = info->version != 0;

	hasher->message_bytes = salt + block_size_bytes;
	hasher->block_offset = salt_first ? round_up(salt) : 0;
	hasher->message_offset = hasher->block_offset - (salt_first ? salt : 0);
	hasher->stride_bytes = round_up(hasher->message_offset + hasher->message_bytes);
	if (hasher->stride_bytes % CACHE_WAY_BYTES == 0)
		hasher->stride_bytes += CACHE_LINE_BYTES;
}

static int place_salt(struct dmk_hasher *hasher, const struct dmk_image_info *info,
		      uint32_t block_size_bytes, struct dmk_error *err)
{
	size_t offset = info->version ? hasher->message_offset : block_size_bytes;
	size_t size_bytes;
	uint8_t salt[256];

	if (__builtin_mul_overflow(hasher->stride_bytes, hasher->n_blocks, &size_bytes))
		return dmk_fail(err, -EOVERFLOW, "too many blocks to hash at a time");
	hasher->memory = aligned_alloc(CACHE_LINE_BYTES, size_bytes);
	if (!hasher->memory)
		return dmk_fail(err, -ENOMEM, "no memory for %u blocks to hash", hasher->n_blocks);
	dmk_image_salt(info, salt);
	for (uint32_t i = 0; i < hasher->n_blocks; i++)
		memcpy(hasher->memory + i * hasher->stride_bytes + offset, salt,
		       info->salt_size_bytes);
	return 0;
}

int dmk_hasher_new(struct dmk_hasher **ret_hasher, const struct dmk_image_info *info,
		   uint32_t block_size_bytes, uint32_t n_blocks, struct dmk_error *err)
{
	const struct dmk_algorithm *algorithm = dmk_algorithm_find(info->algorithm, err);
	struct dmk_hasher *hasher;
	int r;

	if (!algorithm)
		return -EINVAL;
	hasher = calloc(1, sizeof(*hasher));
	if (!hasher)
		return dmk_fail(err, -ENOMEM, "no memory to hash with");
	hasher->n_blocks = n_blocks;
	lay_out(hasher, info, block_size_bytes);
	r = place_salt(hasher, info, block_size_bytes, err);
	if (r == 0)
		r = dmk_crypto_new(&hasher->crypto, algorithm, err);
	if (r < 0) {
		dmk_hasher_free(hasher);
		return r;
	}
	hasher->multi = dmk_multi_new(algorithm, hasher->message_bytes);
	*ret_hasher = hasher;
	return 0;
}

void dmk_hasher_free(struct dmk_hasher *hasher)
{
	if (!hasher)
		return;
	dmk_multi_free(hasher->multi);
	dmk_crypto_free(hasher->crypto);
	free(hasher->memory);
	free(hasher);
}

uint8_t *dmk_hasher_block(struct dmk_hasher *hasher, uint32_t i)
{
	return hasher->memory + i * hasher->stride_bytes + hasher->block_offset;
}

int dmk_hasher_run(struct dmk_hasher *hasher, uint32_t n, uint8_t *digests, uint32_t slot_bytes,
		   struct dmk_error *err)
{
	uint32_t share = hasher->multi ? dmk_multi_share(hasher->multi, n) : 0;
	struct dmk_messages messages = { .first = hasher->memory + hasher->message_offset,
					 .stride_bytes = hasher->stride_bytes,
					 .size_bytes = hasher->message_bytes,
					 .n = share };
	struct dmk_digests to = { .first = digests, .stride_bytes = slot_bytes };

	if (share) {
		int r = dmk_multi_run(hasher->multi, &messages, &to, err);

		if (r < 0)
			return r;
	}
	messages.first += share * messages.stride_bytes;
	messages.n = n - share;
	to.first += (size_t)share * slot_bytes;
	return dmk_crypto_run(hasher->crypto, &messages, &to, err);
}
