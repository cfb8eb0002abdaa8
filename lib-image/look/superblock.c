/* SPDX-License-Identifier: MIT */
#include "superblock.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "algorithm.h"
#include "base/error.h"

static const uint8_t magic[8] = "verity\0";

/* As it lies on the disk, little-endian. */
struct superblock {
	uint8_t magic[8];
	uint32_t version; /* of the superblock: 1 */
	uint32_t hash_type;
	uint8_t uuid[16];
	char algorithm[DMK_IMAGE_ALGORITHM_SIZE];
	uint32_t data_block_size;
	uint32_t hash_block_size;
	uint64_t data_blocks;
	uint16_t salt_size;
	uint8_t unused[6];
	uint8_t salt[256];
	uint8_t rest[168];
};

_Static_assert(sizeof(struct superblock) == DMK_SUPERBLOCK_BYTES, "its size on the disk");

bool dmk_block_size_fits(uint32_t size_bytes)
{
	return size_bytes >= 512 && size_bytes <= 65536 && (size_bytes & (size_bytes - 1)) == 0;
}

static int check_block_size(const char *what, uint32_t size, struct dmk_error *err)
{
	if (dmk_block_size_fits(size))
		return 0;
	return dmk_fail(err, -EINVAL,
			"the superblock says %s blocks of %u bytes: a power of 2 from 512 to 65536 "
			"is allowed",
			what, size);
}

static int check_algorithm(const struct superblock *super, struct dmk_image_info *info,
			   struct dmk_error *err)
{
	const struct dmk_algorithm *algorithm;

	if (!memchr(super->algorithm, '\0', sizeof(super->algorithm)))
		return dmk_fail(err, -EINVAL,
				"the superblock's hash algorithm has no end: at most 31 bytes are "
				"allowed");
	memcpy(info->algorithm, super->algorithm, sizeof(info->algorithm));
	/* It goes into an error, and perhaps to a terminal. */
	dmk_one_line(info->algorithm);
	algorithm = dmk_algorithm_find(info->algorithm, err);
	if (!algorithm)
		return -EINVAL;
	info->digest_size_bytes = algorithm->digest_bytes;
	return 0;
}

int dmk_superblock_read(const uint8_t bytes[DMK_SUPERBLOCK_BYTES], struct dmk_image_info *info,
			struct dmk_error *err)
{
	struct superblock super;
	uint32_t salt_size;
	int r;

	memcpy(&super, bytes, sizeof(super));
	if (memcmp(super.magic, magic, sizeof(magic)) != 0)
		return dmk_fail(err, -EINVAL, "no verity superblock is at byte %" PRIu64,
				info->hash_offset_bytes);
	if (le32toh(super.version) != 1)
		return dmk_fail(err, -EINVAL, "the superblock's version is %u: 1 is allowed",
				le32toh(super.version));
	if (le32toh(super.hash_type) > 1)
		return dmk_fail(err, -EINVAL,
				"the superblock says that the tree's format is %u: 0 and 1 are "
				"allowed",
				le32toh(super.hash_type));
	salt_size = le16toh(super.salt_size);
	if (salt_size > sizeof(super.salt))
		return dmk_fail(err, -EINVAL,
				"the superblock says a salt of %u bytes: at most 256 are allowed",
				salt_size);
	info->version = le32toh(super.hash_type);
	info->data_block_size_bytes = le32toh(super.data_block_size);
	info->hash_block_size_bytes = le32toh(super.hash_block_size);
	info->data_blocks = le64toh(super.data_blocks);
	info->salt_size_bytes = salt_size;
	info->has_superblock = 1;
	if ((r = check_block_size("data", info->data_block_size_bytes, err)) < 0 ||
	    (r = check_block_size("hash", info->hash_block_size_bytes, err)) < 0 ||
	    (r = check_algorithm(&super, info, err)) < 0)
		return r;
	if (info->data_blocks == 0)
		return dmk_fail(err, -EINVAL,
				"the superblock says 0 blocks of data: at least 1 is needed");
	dmk_bytes_hex(super.salt, salt_size, info->salt);
	if (salt_size == 0)
		memcpy(info->salt, "-", 2);
	dmk_uuid_text(super.uuid, info->uuid);
	return 0;
}

void dmk_superblock_write(const struct dmk_image_info *info, uint8_t bytes[DMK_SUPERBLOCK_BYTES])
{
	struct superblock super = {
		.version = htole32(1),
		.hash_type = htole32(info->version),
		.data_block_size = htole32(info->data_block_size_bytes),
		.hash_block_size = htole32(info->hash_block_size_bytes),
		.data_blocks = htole64(info->data_blocks),
		.salt_size = htole16((uint16_t)info->salt_size_bytes),
	};
	uint32_t size;

	memcpy(super.magic, magic, sizeof(magic));
	memcpy(super.algorithm, info->algorithm, strlen(info->algorithm));
	/* They were checked where they came from. */
	(void)!dmk_hex_bytes("the salt", info->salt, super.salt, sizeof(super.salt), &size, NULL);
	(void)!dmk_uuid_bytes(info->uuid, super.uuid, NULL);
	memcpy(bytes, &super, sizeof(super));
}
