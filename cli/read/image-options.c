/* SPDX-License-Identifier: MIT */
/* What the options of image say goes into the library's structs as it is read. */
#include <string.h>

#include "common/cli.h"
#include "common/numbers.h"
#include "read/options.h"

/* What is allowed. */
static const char a_size[] = "a size: 4096, 4KiB, 1MiB, or 8s of 512 bytes each";
static const char a_block_size[] = "a power of 2 from 512 to 64KiB, in bytes or as 4KiB";
static const char a_count[] = "a number from 1 to 18446744073709551615";
static const char some_roots[] = "a number from 2 to 24";
static const char some_threads[] = "a number from 1 to 1024";
static const char a_format[] = "1, or 0, which is Chrome OS's";
static const char a_text[] = "a word that is not empty";

static const char *store_size(const char *value, uint64_t *ret_bytes)
{
	return dmk_parse_size(value, ret_bytes) < 0 ? a_size : NULL;
}

static const char *store_block_size(const char *value, uint32_t *ret_bytes)
{
	uint64_t bytes;

	if (dmk_parse_size(value, &bytes) < 0 || bytes < 512 || bytes > 65536 ||
	    (bytes & (bytes - 1)))
		return a_block_size;
	*ret_bytes = (uint32_t)bytes;
	return NULL;
}

static const char *store_number(const char *value, uint32_t least, uint32_t most,
				const char *allowed, uint32_t *ret_number)
{
	return parse_number32(value, most, ret_number) && *ret_number >= least ? NULL : allowed;
}

static const char *store_text(const char *value, const char **ret_text)
{
	if (!*value)
		return a_text;
	*ret_text = value;
	return NULL;
}

static const char *store_fec(struct dmk_image_options *image, const char *value)
{
	if (strcmp(value, "appended") != 0)
		return store_text(value, &image->fec);
	image->flags |= DMK_IMAGE_FEC_APPENDED;
	return NULL;
}

static const char *store_format(struct dmk_image_options *image, const char *value)
{
	if (strcmp(value, "0") == 0)
		image->flags |= DMK_IMAGE_VERSION_0;
	else if (strcmp(value, "1") != 0)
		return a_format;
	return NULL;
}

/* Of map and mount alone. */
static const char *store_map_option(struct options *options, enum opt option, const char *value)
{
	struct dmk_image_map_options *map = &options->image;

	switch (option) {
	case OPT_OFFSET:
		return store_size(value, &map->offset_bytes);
	case OPT_SIZE:
		return store_size(value, &map->size_bytes);
	case OPT_SIGNATURE:
		return store_text(value, &map->signature);
	case OPT_TYPE:
		return store_text(value, &map->type);
	case OPT_MOUNT_OPTIONS:
		map->mount_options = value;
		return NULL;
	case OPT_SHARE:
		map->flags |= DMK_IMAGE_SHARE;
		return NULL;
	default:
		return NULL;
	}
}

const char *store_image_option(struct options *options, enum opt option, const char *value)
{
	struct dmk_image_options *image = &options->image.image;

	switch (option) {
	case OPT_HASH_OFFSET:
		return store_size(value, &image->hash_offset_bytes);
	case OPT_DATA_BLOCKS:
		return parse_number(value, UINT64_MAX, &image->data_blocks) && image->data_blocks
			       ? NULL
			       : a_count;
	case OPT_DATA_BLOCK_SIZE:
		return store_block_size(value, &image->data_block_size_bytes);
	case OPT_HASH_BLOCK_SIZE:
		return store_block_size(value, &image->hash_block_size_bytes);
	case OPT_ALGORITHM:
		return store_text(value, &image->algorithm);
	case OPT_SALT:
		return store_text(value, &image->salt);
	case OPT_NO_SUPERBLOCK:
		image->flags |= DMK_IMAGE_NO_SUPERBLOCK;
		return NULL;
	case OPT_FORMAT:
		return store_format(image, value);
	case OPT_FEC:
		return store_fec(image, value);
	case OPT_FEC_ROOTS:
		return store_number(value, 2, 24, some_roots, &image->fec_roots);
	case OPT_FEC_OFFSET:
		return store_size(value, &image->fec_offset_bytes);
	case OPT_THREADS:
		return store_number(value, 1, 1024, some_threads, &image->threads);
	case OPT_ROOT_DIGEST_FILE:
		return store_text(value, &options->root_digest_file);
	default:
		return store_map_option(options, option, value);
	}
}
