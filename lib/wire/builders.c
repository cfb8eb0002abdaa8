/* SPDX-License-Identifier: MIT */
/* Segments from less than their target's value. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "table.h"
#include "rows/target.h"

static int whole_sectors(const char *what, size_t length, uint64_t bytes, struct dmk_error *err)
{
	if (bytes % 512 == 0)
		return 0;
	return dmk_fail_word(err, -EINVAL, what, length, 0,
			     "%" PRIu64 " bytes are no whole number of 512-byte sectors", bytes);
}

int dmk_table_add_linear_bytes(struct dmk_table *table, const char *device, uint64_t offset_bytes,
			       uint64_t length_bytes)
{
	struct dmk_linear linear = { .device = device, .offset_sectors = offset_bytes / 512 };
	struct dmk_error *err = dmk_table_begin(table);
	int r;

	dmk_copy_text(err->target, sizeof(err->target), "linear");
	r = whole_sectors("offset", 6, offset_bytes, err);
	if (r == 0)
		r = whole_sectors("length", 6, length_bytes, err);
	if (r < 0)
		return r;
	return dmk_table_add_linear(table, DMK_NEXT, length_bytes / 512, &linear);
}

static uint32_t image_block(const struct dmk_verity_image *image)
{
	return image->block_size_bytes ? image->block_size_bytes : 4096;
}

static int check_image(const struct dmk_verity_image *image, struct dmk_error *err)
{
	uint32_t size;

	if (!image)
		return dmk_fail(err, -EINVAL, "no values are given");
	size = image_block(image);
	if (size < 512 || size > 65536 || (size & (size - 1)))
		return dmk_refuse(err, "block size",
				  "%" PRIu32
				  " is not allowed: must be a power of two from 512 to 65536",
				  size);
	if (image->data_bytes == 0 || image->data_bytes % size)
		return dmk_refuse(err, "data size",
				  "%" PRIu64
				  " bytes are no positive multiple of the block size %" PRIu32,
				  image->data_bytes, size);
	if (image->superblock > 1)
		return dmk_refuse(err, "superblock", "must be 0 or 1");
	if (image->unused || !dmk_all_zero(image->reserved, sizeof(image->reserved)))
		return dmk_refuse(err, "reserved", "must be zero");
	return 0;
}

int dmk_table_add_verity_image(struct dmk_table *table, const struct dmk_verity_image *image)
{
	struct dmk_error *err = dmk_table_begin(table);
	struct dmk_verity verity;
	uint64_t blocks;
	int r;

	dmk_copy_text(err->target, sizeof(err->target), "verity");
	r = check_image(image, err);
	if (r < 0)
		return r;
	blocks = image->data_bytes / image_block(image);
	verity = (struct dmk_verity){
		.version = image->version,
		.data_device = image->device,
		.hash_device = image->device,
		.data_block_size_bytes = image_block(image),
		.hash_block_size_bytes = image_block(image),
		.data_blocks = blocks,
		.hash_start_blocks = blocks + image->superblock,
		.algorithm = image->algorithm,
		.root_digest = image->root_digest,
		.salt = image->salt,
	};
	return dmk_table_add_verity(table, DMK_NEXT, 0, &verity);
}
