/* SPDX-License-Identifier: MIT */
#include "make/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "make/blocks.h"

#define MOST_DIGEST 64 /* bytes, of all algorithms */

struct dmk_kept {
	uint64_t block;
	uint8_t *bytes;
};

int dmk_judge_begin(struct dmk_judge *ret_judge, const struct dmk_image *image,
		    struct dmk_health_map *map, const uint8_t *root, bool write,
		    struct dmk_error *err)
{
	*ret_judge = (struct dmk_judge){
		.image = image,
		.map = map,
		.root = root,
		.block_bytes = image->info.data_block_size_bytes,
		.write = write,
	};
	return dmk_hasher_new(&ret_judge->hasher, &image->info, ret_judge->block_bytes,
			      dmk_blocks_at_a_time(ret_judge->block_bytes), err);
}

void dmk_judge_end(struct dmk_judge *judge)
{
	for (size_t i = 0; i < judge->n_kept; i++)
		free(judge->kept[i].bytes);
	free(judge->kept);
	dmk_hasher_free(judge->hasher);
}

/* The place of the first one that is not below block. */
static size_t find_kept(const struct dmk_judge *judge, uint64_t block)
{
	size_t from = 0, to = judge->n_kept;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (judge->kept[middle].block < block)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const uint8_t *dmk_judge_kept(const struct dmk_judge *judge, uint64_t block)
{
	size_t i = find_kept(judge, block);

	return i < judge->n_kept && judge->kept[i].block == block ? judge->kept[i].bytes : NULL;
}

int dmk_judge_keep(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		   struct dmk_error *err)
{
	size_t at = find_kept(judge, block);
	struct dmk_kept *kept = judge->kept;
	uint8_t *copy;

	if (dmk_judge_kept(judge, block))
		return 0;
	if (judge->n_kept == judge->kept_capacity) {
		judge->kept_capacity = judge->kept_capacity ? 2 * judge->kept_capacity : 16;
		kept = realloc(kept, judge->kept_capacity * sizeof(*kept));
		if (!kept) {
			judge->kept_capacity = judge->n_kept;
			return dmk_fail(err, -ENOMEM, "no memory for mended blocks");
		}
		judge->kept = kept;
	}
	copy = dmk_copy_bytes(bytes, judge->block_bytes);
	if (!copy)
		return dmk_fail(err, -ENOMEM, "no memory for mended blocks");
	memmove(kept + at + 1, kept + at, (judge->n_kept - at) * sizeof(*kept));
	kept[at] = (struct dmk_kept){ block, copy };
	judge->n_kept++;
	return 0;
}

static uint64_t tree_offset(const struct dmk_judge *judge, uint64_t block)
{
	return judge->image->tree.offset_bytes + (block - judge->map->n_data) * judge->block_bytes;
}

/* What the level above says. */
static int wanted_digest(const struct dmk_judge *judge, uint64_t block, uint8_t digest[MOST_DIGEST],
			 struct dmk_error *err)
{
	const struct dmk_tree *tree = &judge->image->tree;
	uint32_t size = judge->image->info.digest_size_bytes;
	struct dmk_node node = dmk_health_node(judge->map, block);
	const uint8_t *kept;
	size_t slot;

	if (node.level + 1 == (int)tree->levels) {
		memcpy(digest, judge->root, size);
		return 0;
	}
	slot = (size_t)(node.block % tree->per_block) * tree->slot_bytes;
	node = (struct dmk_node){ node.level + 1, node.block / tree->per_block };
	block = dmk_health_block(judge->map, node);
	kept = dmk_judge_kept(judge, block);
	if (!kept)
		return dmk_file_read(&judge->image->hash, digest, size,
				     tree_offset(judge, block) + slot, err);
	memcpy(digest, kept + slot, size);
	return 0;
}

int dmk_judge_check(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		    struct dmk_error *err)
{
	uint8_t wanted[MOST_DIGEST], digest[MOST_DIGEST];
	int r = wanted_digest(judge, block, wanted, err);

	if (r < 0)
		return r;
	memcpy(dmk_hasher_block(judge->hasher, 0), bytes, judge->block_bytes);
	r = dmk_hasher_run(judge->hasher, 1, digest, MOST_DIGEST, err);
	return r < 0 ? r : memcmp(digest, wanted, judge->image->info.digest_size_bytes) == 0;
}

/* As many as are hashed at a time. A block that the disk does not give is bad. */
static int read_blocks(struct dmk_judge *judge, uint64_t first, uint32_t n, bool *is_lost,
		       struct dmk_error *err)
{
	for (uint32_t i = 0; i < n; i++) {
		bool is_data = first + i < judge->map->n_data;
		int r = dmk_file_read(is_data ? &judge->image->data : &judge->image->hash,
				      dmk_hasher_block(judge->hasher, i), judge->block_bytes,
				      is_data ? (first + i) * judge->block_bytes
					      : tree_offset(judge, first + i),
				      err);

		is_lost[i] = r == -EIO;
		if (r < 0 && r != -EIO)
			return r;
	}
	return 0;
}

static int prove_below(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		       struct dmk_error *err);

/* Its own children were told by its digests already, unless those counted for nothing. */
static int child_is(struct dmk_judge *judge, uint64_t block, bool good, struct dmk_error *err)
{
	enum dmk_health before = dmk_health_get(judge->map, block);
	uint8_t *bytes;
	int r;

	dmk_health_set(judge->map, block, good ? DMK_GOOD : DMK_BAD);
	if (!good || before == DMK_GOOD || block < judge->map->n_data)
		return 0;
	bytes = malloc(judge->block_bytes);
	if (!bytes)
		return dmk_fail(err, -ENOMEM, "no memory for a block of the tree");
	r = dmk_file_read(&judge->image->hash, bytes, judge->block_bytes, tree_offset(judge, block),
			  err);
	if (r == 0)
		r = prove_below(judge, block, bytes, err);
	free(bytes);
	return r;
}

/* The block, of the tree, is these bytes: the digests in them tell of its children. */
static int prove_below(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		       struct dmk_error *err)
{
	uint32_t most = dmk_blocks_at_a_time(judge->block_bytes);
	uint32_t slot_bytes = judge->image->tree.slot_bytes;
	uint64_t first, n;
	uint8_t *digests = malloc((size_t)most * MOST_DIGEST);
	bool *is_lost = calloc(most, sizeof(*is_lost));
	int r = digests && is_lost ? 0 : dmk_fail(err, -ENOMEM, "no memory for digests");

	n = dmk_health_children(judge->map, dmk_health_node(judge->map, block), &first);
	for (uint64_t i = 0; i < n && r == 0; i += most) {
		uint32_t now = n - i < most ? (uint32_t)(n - i) : most;

		r = read_blocks(judge, first + i, now, is_lost, err);
		if (r == 0)
			r = dmk_hasher_run(judge->hasher, now, digests, MOST_DIGEST, err);
		for (uint32_t j = 0; j < now && r == 0; j++) {
			bool same = memcmp(digests + (size_t)j * MOST_DIGEST,
					   bytes + (size_t)(i + j) * slot_bytes,
					   judge->image->info.digest_size_bytes) == 0;

			r = child_is(judge, first + i + j, same && !is_lost[j], err);
		}
	}
	free(digests);
	free(is_lost);
	return r;
}

int dmk_judge_accept(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		     struct dmk_error *err)
{
	bool is_data = block < judge->map->n_data;
	int r = 0;

	if (judge->write)
		r = dmk_file_write(is_data ? &judge->image->data : &judge->image->hash, bytes,
				   judge->block_bytes,
				   is_data ? block * judge->block_bytes : tree_offset(judge, block),
				   err);
	else if (!is_data)
		r = dmk_judge_keep(judge, block, bytes, err);
	if (r < 0)
		return r;
	dmk_health_set(judge->map, block, DMK_MENDED);
	if (is_data)
		return 0;
	judge->mended_tree++;
	return prove_below(judge, block, bytes, err);
}
