/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "look/superblock.h"

static int count_data(const struct dmk_file *data, struct dmk_image_info *info,
		      struct dmk_error *err)
{
	uint64_t block = info->data_block_size_bytes, there = data->size_bytes / block;

	if (info->data_blocks > there)
		return dmk_fail_word(err, -EINVAL, data->path, strlen(data->path), 0,
				     "it has %" PRIu64 " bytes, %" PRIu64
				     " blocks: there are no %" PRIu64,
				     data->size_bytes, there, info->data_blocks);
	if (info->data_blocks)
		return 0;
	if (!there || data->size_bytes % block)
		return dmk_fail_word(err, -EINVAL, data->path, strlen(data->path), 0,
				     "it has %" PRIu64 " bytes: a multiple of its block's %" PRIu64
				     " is needed, or the number of blocks to take of it",
				     data->size_bytes, block);
	info->data_blocks = there;
	return 0;
}

static void place_behind(struct dmk_image_info *info)
{
	uint64_t block = info->has_superblock ? DMK_SUPERBLOCK_BYTES : info->hash_block_size_bytes;
	uint64_t data_bytes = info->data_blocks * info->data_block_size_bytes;

	info->hash_offset_bytes = (data_bytes + block - 1) / block * block;
}

/* A superblock with no tree behind it, since there is one block of data, fills a block of this size
 * all the same, as veritysetup's does. */
#define MOST_LONE_BYTES 4096

uint64_t dmk_place_end(const struct dmk_image_info *info)
{
	uint64_t block = info->hash_block_size_bytes;

	if (info->tree_blocks)
		return info->tree_offset_bytes + info->tree_blocks * block;
	if (!info->has_superblock)
		return 0;
	if (block > MOST_LONE_BYTES)
		block = MOST_LONE_BYTES;
	return (info->hash_offset_bytes + DMK_SUPERBLOCK_BYTES + block - 1) / block * block;
}

/* A device does not grow. */
static int check_room(const struct dmk_image *image, struct dmk_error *err)
{
	const struct dmk_file *hash = &image->hash;
	uint64_t end = dmk_place_end(&image->info);

	if (!hash->is_device || end <= hash->size_bytes)
		return 0;
	return dmk_fail_word(err, -ENOSPC, hash->path, strlen(hash->path), 0,
			     "it has %" PRIu64 " bytes, and the tree would end at byte %" PRIu64,
			     hash->size_bytes, end);
}

/* The tree of a whole image would be made over data and tree of the one that it is already, and its
 * superblock stand where nobody looks for it. */
static int check_new(const struct dmk_image *image, struct dmk_error *err)
{
	const struct dmk_image_options there = { .data = image->options->data };
	struct dmk_image_info info;

	if (dmk_image_look(&there, &info, NULL) < 0)
		return 0;
	return dmk_fail_word(err, -EEXIST, there.data, strlen(there.data), 0,
			     "it is an image already, its superblock is at byte %" PRIu64
			     "; to make it anew say that its data are %" PRIu64
			     " blocks of %u bytes",
			     info.hash_offset_bytes, info.data_blocks, info.data_block_size_bytes);
}

/* A place that nobody has named is the end of the file, or that of the tree from before: what else
 * is there may be data. */
static int check_free(const struct dmk_image *image, struct dmk_error *err)
{
	const struct dmk_file *hash = &image->hash;
	uint64_t offset = image->info.hash_offset_bytes;
	uint8_t bytes[DMK_SUPERBLOCK_BYTES];
	struct dmk_image_info before = { 0 };

	if (offset >= hash->size_bytes ||
	    (dmk_file_read(hash, bytes, sizeof(bytes), offset, NULL) == 0 &&
	     dmk_superblock_read(bytes, &before, NULL) == 0))
		return 0;
	return dmk_fail_word(err, -EEXIST, hash->path, strlen(hash->path), 0,
			     "it has %" PRIu64 " bytes, and behind the data, from byte %" PRIu64
			     " on, is something that is no tree of an image: say by a hash offset "
			     "that the tree may go there, or where",
			     hash->size_bytes, offset);
}

int dmk_place(struct dmk_image *image, struct dmk_error *err)
{
	struct dmk_image_info *info = &image->info;
	bool unnamed = !image->own_hash && !info->hash_offset_bytes;
	int r;

	if (unnamed && !info->data_blocks && (r = check_new(image, err)) < 0)
		return r;
	if ((r = count_data(&image->data, info, err)) < 0)
		return r;
	if (unnamed)
		place_behind(info);
	if ((r = dmk_tree_plan(info, &image->tree, err)) < 0 ||
	    (r = dmk_image_apart(image, err)) < 0 || (r = check_room(image, err)) < 0)
		return r;
	if (unnamed && (r = check_free(image, err)) < 0)
		return r;
	dmk_image_salt(info, image->salt);
	return 0;
}
