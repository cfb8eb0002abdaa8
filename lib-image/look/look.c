/* SPDX-License-Identifier: MIT */
#include "look.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "algorithm.h"
#include "file-system.h"
#include "superblock.h"

#define ALL_FLAGS \
	(DMK_IMAGE_NO_SUPERBLOCK | DMK_IMAGE_VERSION_0 | DMK_IMAGE_FEC_APPENDED | DMK_IMAGE_DRY_RUN)

struct dmk_error *dmk_image_begin(struct dmk_error *err, uint32_t verb, const char *device)
{
	if (!err)
		return NULL;
	*err = (struct dmk_error){ .verb = verb, .step = DMK_STEP_ARGUMENTS };
	if (device)
		dmk_copy_text(err->device, sizeof(err->device), device);
	return err;
}

void dmk_image_salt(const struct dmk_image_info *info, uint8_t salt[256])
{
	uint32_t size;

	/* It was checked where it came from. */
	(void)!dmk_hex_bytes("the salt", info->salt, salt, 256, &size, NULL);
}

static int block_size(const char *what, uint32_t given, uint32_t *ret_size, struct dmk_error *err)
{
	*ret_size = given ? given : 4096;
	if (dmk_block_size_fits(*ret_size))
		return 0;
	return dmk_fail(err, -EINVAL,
			"%s blocks of %u bytes: a power of 2 from 512 to 65536 is allowed", what,
			given);
}

static int take_salt(const char *given, struct dmk_image_info *info, struct dmk_error *err)
{
	uint8_t salt[256];
	int r;

	if (!given)
		return 0;
	r = dmk_hex_bytes("the salt", given, salt, sizeof(salt), &info->salt_size_bytes, err);
	if (r < 0)
		return r;
	dmk_bytes_hex(salt, info->salt_size_bytes, info->salt);
	if (info->salt_size_bytes == 0)
		memcpy(info->salt, "-", 2);
	return 0;
}

static int take_uuid(const char *given, struct dmk_image_info *info, struct dmk_error *err)
{
	uint8_t uuid[16];
	int r;

	if (!given)
		return 0;
	r = dmk_uuid_bytes(given, uuid, err);
	if (r == 0)
		dmk_uuid_text(uuid, info->uuid);
	return r;
}

static int check_words(const struct dmk_image_options *options, struct dmk_error *err)
{
	if (!options->data || !*options->data)
		return dmk_fail(err, -EINVAL, "a file or device of data is needed");
	if ((options->flags & ~(uint32_t)ALL_FLAGS) || options->unused ||
	    !dmk_all_zero(options->reserved, sizeof(options->reserved)))
		return dmk_fail(err, -EINVAL,
				"flags or reserved words that this library does not "
				"know");
	if (options->fec_roots && (options->fec_roots < 2 || options->fec_roots > 24))
		return dmk_fail(err, -EINVAL, "%u FEC roots: 2 to 24 are allowed",
				options->fec_roots);
	if (options->fec && (options->flags & DMK_IMAGE_FEC_APPENDED))
		return dmk_fail(err, -EINVAL,
				"parity in a file of its own, or appended: one of them is allowed");
	return 0;
}

int dmk_image_numbers(const struct dmk_image_options *options, struct dmk_image_info *info,
		      struct dmk_error *err)
{
	const char *name = options->algorithm ? options->algorithm : "sha256";
	const struct dmk_algorithm *algorithm;
	int r;

	*info = (struct dmk_image_info){
		.version = options->flags & DMK_IMAGE_VERSION_0 ? 0 : 1,
		.has_superblock = !(options->flags & DMK_IMAGE_NO_SUPERBLOCK),
		.data_blocks = options->data_blocks,
		.hash_offset_bytes = options->hash_offset_bytes,
	};
	if ((r = check_words(options, err)) < 0 ||
	    (r = block_size("data", options->data_block_size_bytes, &info->data_block_size_bytes,
			    err)) < 0 ||
	    (r = block_size("hash", options->hash_block_size_bytes, &info->hash_block_size_bytes,
			    err)) < 0)
		return r;
	algorithm = dmk_algorithm_find(name, err);
	if (!algorithm)
		return -EINVAL;
	dmk_copy_text(info->algorithm, sizeof(info->algorithm), name);
	info->digest_size_bytes = algorithm->digest_bytes;
	if ((r = take_salt(options->salt, info, err)) < 0)
		return r;
	return take_uuid(options->uuid, info, err);
}

/* Numbers that the caller gives beside a superblock are to be those in it. */
static int agrees(const struct dmk_image_options *options, const struct dmk_image_info *given,
		  const struct dmk_image_info *info, struct dmk_error *err)
{
	const struct {
		const char *what;
		uint64_t given, found;
		bool is_given;
	} numbers[] = {
		{ "bytes in a block of data", given->data_block_size_bytes,
		  info->data_block_size_bytes, options->data_block_size_bytes },
		{ "bytes in a block of the tree", given->hash_block_size_bytes,
		  info->hash_block_size_bytes, options->hash_block_size_bytes },
		{ "blocks of data", given->data_blocks, info->data_blocks, options->data_blocks },
		{ "as the tree's format", given->version, info->version,
		  options->flags & DMK_IMAGE_VERSION_0 },
	};
	const struct {
		const char *what, *given, *found;
		bool is_given;
	} words[] = {
		{ "hash algorithm", given->algorithm, info->algorithm, options->algorithm },
		{ "salt", given->salt, info->salt, options->salt },
		{ "uuid", given->uuid, info->uuid, options->uuid },
	};

	for (size_t i = 0; i < DMK_ARRAY_SIZE(numbers); i++)
		if (numbers[i].is_given && numbers[i].given != numbers[i].found)
			return dmk_fail(err, -EINVAL,
					"%" PRIu64
					" %s are given, and the superblock says %" PRIu64,
					numbers[i].given, numbers[i].what, numbers[i].found);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(words); i++)
		if (words[i].is_given && strcmp(words[i].given, words[i].found) != 0)
			return dmk_refuse(err, words[i].given, "the superblock's %s is %s",
					  words[i].what, words[i].found);
	return 0;
}

static int read_superblock(const struct dmk_file *file, uint64_t offset,
			   struct dmk_image_info *info, struct dmk_error *err)
{
	uint8_t bytes[DMK_SUPERBLOCK_BYTES];
	int r;

	if (offset % DMK_SUPERBLOCK_BYTES)
		return dmk_fail(err, -EINVAL,
				"the hash offset %" PRIu64 " is no multiple of %u bytes", offset,
				DMK_SUPERBLOCK_BYTES);
	if (err)
		err->step = DMK_STEP_SUPERBLOCK;
	if (offset > file->size_bytes || file->size_bytes - offset < sizeof(bytes))
		return dmk_fail_word(err, -EINVAL, file->path, strlen(file->path), 0,
				     "it has %" PRIu64 " bytes: there are no %u from byte %" PRIu64
				     " on, where the superblock would be",
				     file->size_bytes, DMK_SUPERBLOCK_BYTES, offset);
	r = dmk_file_read(file, bytes, sizeof(bytes), offset, err);
	if (r < 0)
		return r;
	info->hash_offset_bytes = offset;
	r = dmk_superblock_read(bytes, info, err);
	if (r < 0 && err && !err->argument[0])
		dmk_copy_text(err->argument, sizeof(err->argument), file->path);
	return r;
}

/* Behind the file system, which tells its size, perhaps after what fills its last block. */
static int find_superblock(struct dmk_image *image, struct dmk_error *err)
{
	uint64_t size = image->info.file_system_bytes, before = UINT64_MAX;

	if (size == 0) {
		if (err)
			err->step = DMK_STEP_SUPERBLOCK;
		return dmk_fail(
			err, -EINVAL,
			"what is in front is no ext2, ext3, ext4, squashfs or erofs, which say "
			"where they end: the hash offset is needed");
	}
	for (uint64_t block = DMK_SUPERBLOCK_BYTES; block <= 65536; block *= 2) {
		uint64_t at = (size + block - 1) / block * block;
		struct dmk_image_info info = image->info;
		uint8_t bytes[DMK_SUPERBLOCK_BYTES];

		if (at == before || dmk_file_read(&image->hash, bytes, sizeof(bytes), at, NULL) < 0)
			continue;
		before = at;
		if (dmk_superblock_read(bytes, &info, NULL) == 0)
			return read_superblock(&image->hash, at, &image->info, err);
	}
	if (err)
		err->step = DMK_STEP_SUPERBLOCK;
	return dmk_fail(err, -EINVAL,
			"no verity superblock is behind its %s, which ends at byte %" PRIu64
			": where it is elsewhere the hash offset is needed",
			image->info.file_system, size);
}

static int take_numbers(struct dmk_image *image, const struct dmk_image_info *given,
			struct dmk_error *err)
{
	const struct dmk_image_options *options = image->options;
	struct dmk_image_info *info = &image->info;
	bool behind = !image->own_hash && options->hash_offset_bytes == 0;
	uint64_t block = given->data_block_size_bytes;
	int r;

	if (!(options->flags & DMK_IMAGE_NO_SUPERBLOCK)) {
		r = behind ? find_superblock(image, err)
			   : read_superblock(&image->hash, options->hash_offset_bytes, info, err);
		return r < 0 ? r : agrees(options, given, info, err);
	}
	info->data_blocks = options->data_blocks;
	if (!info->data_blocks)
		info->data_blocks = (info->file_system_bytes && behind ? info->file_system_bytes
				     : image->own_hash		       ? image->data.size_bytes
						       : options->hash_offset_bytes) /
				    block;
	if (!info->data_blocks)
		return dmk_fail(err, -EINVAL,
				"without a superblock the number of data blocks is "
				"needed");
	if (behind && __builtin_mul_overflow(info->data_blocks, block, &info->hash_offset_bytes))
		return dmk_fail(err, -EOVERFLOW, "%" PRIu64 " blocks of data: too many",
				info->data_blocks);
	if (!options->salt)
		return dmk_fail(err, -EINVAL,
				"without a superblock the salt is needed, - for none");
	return 0;
}

int dmk_image_apart(const struct dmk_image *image, struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;
	uint64_t data_bytes = info->data_blocks * info->data_block_size_bytes;

	if (image->own_hash || info->hash_offset_bytes >= data_bytes)
		return 0;
	return dmk_fail(err, -EINVAL,
			"the tree at byte %" PRIu64 " would lie in the data, which ends at byte "
			"%" PRIu64,
			info->hash_offset_bytes, data_bytes);
}

static int check_end(const struct dmk_file *file, const char *what, uint64_t end_bytes,
		     struct dmk_error *err)
{
	if (end_bytes <= file->size_bytes)
		return 0;
	return dmk_fail_word(err, -EINVAL, file->path, strlen(file->path), 0,
			     "it has %" PRIu64 " bytes, and the %s ends at byte %" PRIu64,
			     file->size_bytes, what, end_bytes);
}

/* One block of data has no tree, and its file may end behind the superblock. */
static uint64_t tree_end(const struct dmk_image_info *info)
{
	return info->tree_blocks
		       ? info->tree_offset_bytes + info->tree_blocks * info->hash_block_size_bytes
		       : 0;
}

/* Both lie in their files. */
static int check_ends(const struct dmk_image *image, struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;
	int r = check_end(&image->data, "data", info->data_blocks * info->data_block_size_bytes,
			  err);

	return r < 0 ? r : check_end(&image->hash, "tree", tree_end(info), err);
}

static int open_window(struct dmk_file *file, const struct dmk_window *window,
		       struct dmk_error *err)
{
	uint64_t size = window->size_bytes;

	if (window->offset_bytes > file->size_bytes ||
	    size > file->size_bytes - window->offset_bytes)
		return dmk_fail_word(err, -EINVAL, file->path, strlen(file->path), 0,
				     "it has %" PRIu64 " bytes: there are no %" PRIu64
				     " from byte %" PRIu64 " on",
				     file->size_bytes, size ? size : 1, window->offset_bytes);
	file->begin_bytes = window->offset_bytes;
	file->size_bytes = size ? size : file->size_bytes - window->offset_bytes;
	return 0;
}

static int open_files(struct dmk_image *image, const struct dmk_window *window,
		      enum dmk_file_mode mode, struct dmk_error *err)
{
	const struct dmk_image_options *options = image->options;
	int r = dmk_file_open(&image->data, options->data, mode, err);

	if (r == 0 && window)
		r = open_window(&image->data, window, err);
	if (r < 0)
		return r;
	if (options->hash) {
		r = dmk_file_open(&image->hash, options->hash, DMK_FILE_READ, err);
		if (r < 0)
			return r;
		image->own_hash = !dmk_file_is(&image->hash, &image->data);
		if (image->own_hash && mode == DMK_FILE_READ)
			return 0;
		dmk_file_close(&image->hash);
		if (image->own_hash)
			return dmk_file_open(&image->hash, options->hash, mode, err);
	}
	image->hash = image->data;
	return 0;
}

int dmk_image_open(struct dmk_image *ret_image, const struct dmk_image_options *options,
		   const struct dmk_window *window, enum dmk_file_mode mode, struct dmk_error *err)
{
	struct dmk_image image = { .options = options,
				   .data = DMK_FILE_CLOSED,
				   .hash = DMK_FILE_CLOSED };
	struct dmk_image_info given;
	int r = dmk_image_numbers(options, &given, err);

	if (r < 0)
		return r;
	if ((r = open_files(&image, window, mode, err)) < 0)
		goto out;
	image.info = given;
	dmk_file_system_find(&image.data, 0, image.info.file_system, &image.info.file_system_bytes);
	/* What does not fit is the superblock's fault, where there is one. */
	if ((r = take_numbers(&image, &given, err)) < 0 ||
	    (r = dmk_tree_plan(&image.info, &image.tree, err)) < 0 ||
	    (r = dmk_image_apart(&image, err)) < 0 || (r = check_ends(&image, err)) < 0)
		goto out;
	if (err)
		err->step = DMK_STEP_ARGUMENTS;
	dmk_image_salt(&image.info, image.salt);
	*ret_image = image;
	return 0;
out:
	dmk_image_close(&image);
	return r;
}

void dmk_image_close(struct dmk_image *image)
{
	if (image->own_hash)
		dmk_file_close(&image->hash);
	dmk_file_close(&image->data);
	image->hash.fd = -1;
}

/* Of the tree's file alone: nothing is known of the data but what the superblock says. */
static int look_at_tree(const struct dmk_image_options *options, struct dmk_image_info *ret_info,
			struct dmk_error *err)
{
	struct dmk_image_options alone = *options;
	struct dmk_image image = { .options = &alone, .data = DMK_FILE_CLOSED };
	struct dmk_image_info given;
	int r;

	alone.data = options->hash;
	r = dmk_image_numbers(&alone, &given, err);
	if (r == 0)
		r = dmk_file_open(&image.hash, options->hash, DMK_FILE_READ, err);
	if (r < 0)
		return r;
	image.own_hash = true;
	if ((r = take_numbers(&image, &given, err)) == 0 &&
	    (r = dmk_tree_plan(&image.info, &image.tree, err)) == 0 &&
	    (r = check_end(&image.hash, "tree", tree_end(&image.info), err)) == 0)
		*ret_info = image.info;
	dmk_image_close(&image);
	return r;
}

int dmk_image_look(const struct dmk_image_options *options, struct dmk_image_info *ret_info,
		   struct dmk_error *ret_error)
{
	bool alone = !options->data && options->hash && *options->hash;
	struct dmk_error *err = dmk_image_begin(ret_error, DMK_VERB_IMAGE_INFO,
						alone ? options->hash : options->data);
	struct dmk_image image;
	int r;

	if (alone)
		return look_at_tree(options, ret_info, err);
	r = dmk_image_open(&image, options, NULL, DMK_FILE_READ, err);
	if (r < 0)
		return r;
	*ret_info = image.info;
	dmk_image_close(&image);
	return 0;
}
