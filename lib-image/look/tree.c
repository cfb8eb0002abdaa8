/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <errno.h>
#include <inttypes.h>

#include "base/error.h"
#include "superblock.h"

/* The kernel's and ours: offsets are off_t. */
#define MOST_BYTES ((uint64_t)INT64_MAX)

static uint32_t power_of_2_above(uint32_t n)
{
	uint32_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}

static int too_large(const struct dmk_image_info *info, const char *what, struct dmk_error *err)
{
	return dmk_fail(err, -EOVERFLOW,
			"%" PRIu64 " blocks of %u bytes: %s would end beyond byte %" PRIu64,
			info->data_blocks, info->data_block_size_bytes, what, MOST_BYTES);
}

/* Behind the superblock, at the next block of the tree. */
static int place_tree(struct dmk_image_info *info, struct dmk_error *err)
{
	uint64_t offset = info->hash_offset_bytes, block = info->hash_block_size_bytes;

	if (offset % (info->has_superblock ? DMK_SUPERBLOCK_BYTES : block))
		return dmk_fail(err, -EINVAL,
				"the hash offset %" PRIu64 " is no multiple of %" PRIu64 " bytes",
				offset, info->has_superblock ? DMK_SUPERBLOCK_BYTES : block);
	if (offset > MOST_BYTES - block - DMK_SUPERBLOCK_BYTES)
		return dmk_fail(err, -EOVERFLOW,
				"the hash offset %" PRIu64 " lies beyond byte %" PRIu64, offset,
				MOST_BYTES);
	if (info->has_superblock)
		offset = (offset + DMK_SUPERBLOCK_BYTES + block - 1) / block * block;
	info->tree_offset_bytes = offset;
	info->hash_start_block = offset / block;
	return 0;
}

int dmk_tree_plan(struct dmk_image_info *info, struct dmk_tree *ret_tree, struct dmk_error *err)
{
	struct dmk_tree tree = { 0 };
	uint64_t blocks = info->data_blocks, at = 0;
	uint64_t most = MOST_BYTES / info->hash_block_size_bytes;
	int r = place_tree(info, err);

	if (r < 0)
		return r;
	if (blocks > MOST_BYTES / info->data_block_size_bytes)
		return too_large(info, "they", err);
	/* Format 0 packs the digests, and what no power of 2 needs is left over all the same. */
	tree.per_block = info->hash_block_size_bytes / power_of_2_above(info->digest_size_bytes);
	tree.slot_bytes = info->version == 0 ? info->digest_size_bytes
					     : power_of_2_above(info->digest_size_bytes);
	if (tree.per_block < 2)
		return dmk_fail(err, -EINVAL,
				"a hash block of %u bytes holds one digest of %u: two at least are "
				"needed",
				info->hash_block_size_bytes, info->digest_size_bytes);
	while (blocks > 1) {
		blocks = blocks / tree.per_block + (blocks % tree.per_block != 0);
		tree.blocks[tree.levels++] = blocks;
	}
	for (uint32_t level = tree.levels; level-- > 0; at += tree.blocks[level])
		tree.first[level] = at;
	if (at > most - info->hash_start_block)
		return too_large(info, "their tree", err);
	tree.n_blocks = at;
	tree.offset_bytes = info->tree_offset_bytes;
	info->tree_blocks = at;
	info->levels = tree.levels;
	*ret_tree = tree;
	return 0;
}
