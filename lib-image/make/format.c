/* SPDX-License-Identifier: MIT */
/* The verb that makes an image: the superblock comes last, or nothing stays. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "look/algorithm.h"
#include "look/look.h"
#include "look/superblock.h"
#include "fec.h"
#include "hash/hasher.h"
#include "place.h"
#include "tree-build.h"

#define SALT_BYTES 32 /* of a random one */

struct format {
	struct dmk_image image;
	struct dmk_fec fec;
	bool has_fec;
	bool is_begun; /* what was there before may be overwritten */
};

static int random_bytes(uint8_t *bytes, size_t size, struct dmk_error *err)
{
	if (getrandom(bytes, size, 0) != (ssize_t)size)
		return dmk_fail(err, -errno, "the kernel gives no random bytes");
	return 0;
}

/* Salt and uuid that nobody has given. */
static int take_random(struct dmk_image_info *info, struct dmk_error *err)
{
	uint8_t salt[SALT_BYTES], uuid[16];
	int r = 0;

	if (!info->salt[0]) {
		r = random_bytes(salt, sizeof(salt), err);
		if (r < 0)
			return r;
		info->salt_size_bytes = sizeof(salt);
		dmk_bytes_hex(salt, sizeof(salt), info->salt);
	}
	if (!info->has_superblock) {
		info->uuid[0] = '\0';
	} else if (!info->uuid[0]) {
		r = random_bytes(uuid, sizeof(uuid), err);
		if (r < 0)
			return r;
		uuid[6] = (uuid[6] & 0x0f) | 0x40; /* RFC 4122: version 4, a random one */
		uuid[8] = (uuid[8] & 0x3f) | 0x80;
		dmk_uuid_text(uuid, info->uuid);
	}
	return 0;
}

/* Data is opened to be read alone, unless the tree comes into its file. */
static int open_files(struct dmk_image *image, struct dmk_error *err)
{
	const struct dmk_image_options *options = image->options;
	int r;

	if (options->hash) {
		r = dmk_file_open(&image->data, options->data, DMK_FILE_READ, err);
		if (r == 0)
			r = dmk_file_open(&image->hash, options->hash, DMK_FILE_MAKE, err);
		if (r < 0)
			return r;
		image->own_hash = !dmk_file_is(&image->hash, &image->data);
		if (image->own_hash)
			return 0;
		dmk_file_close(&image->data);
		image->data = image->hash;
		return 0;
	}
	r = dmk_file_open(&image->data, options->data, DMK_FILE_CHANGE, err);
	image->hash = image->data;
	return r;
}

/* What it is called is known, but not whether this machine's libcrypto has it: nothing is to be
 * overwritten before. */
static int try_algorithm(const struct dmk_image_info *info, struct dmk_error *err)
{
	struct dmk_hasher *hasher;
	int r = dmk_hasher_new(&hasher, info, info->hash_block_size_bytes, 1, err);

	if (r == 0)
		dmk_hasher_free(hasher);
	return r;
}

static int prepare_fec(struct format *format, struct dmk_error *err)
{
	const struct dmk_image_options *options = format->image.options;
	struct dmk_image_info *info = &format->image.info;
	int r;

	if (!dmk_fec_wanted(options))
		return 0;
	r = dmk_fec_open(&format->fec, &format->image, DMK_FILE_MAKE, err);
	if (r < 0)
		return r;
	format->has_fec = true;
	info->fec_roots = format->fec.roots;
	info->fec_offset_bytes = format->fec.offset_bytes;
	info->fec_blocks = format->fec.n_blocks;
	return 0;
}

static int prepare(struct format *format, struct dmk_error *err)
{
	struct dmk_image *image = &format->image;
	struct dmk_image_info *info = &image->info;
	int r;

	if ((r = dmk_image_numbers(image->options, info, err)) < 0 ||
	    (r = take_random(info, err)) < 0 || (r = try_algorithm(info, err)) < 0 ||
	    (r = open_files(image, err)) < 0)
		return r;
	err->step = DMK_STEP_ARGUMENTS;
	r = dmk_place(image, err);
	return r < 0 ? r : prepare_fec(format, err);
}

/* A superblock from before would vouch for half a tree: it goes first, from the disk too. */
static int clear_superblock(const struct dmk_image *image, struct dmk_error *err)
{
	static const uint8_t zeros[DMK_SUPERBLOCK_BYTES];
	uint64_t offset = image->info.hash_offset_bytes;
	uint8_t before[DMK_SUPERBLOCK_BYTES];
	int r;

	if (!image->info.has_superblock || image->hash.size_bytes <= offset ||
	    (dmk_file_read(&image->hash, before, sizeof(before), offset, NULL) == 0 &&
	     dmk_all_zero(before, sizeof(before))))
		return 0;
	r = dmk_file_write(&image->hash, zeros, sizeof(zeros), offset, err);
	return r < 0 ? r : dmk_file_sync(&image->hash, err);
}

static int sync_all(const struct format *format, struct dmk_error *err)
{
	const struct dmk_image_options *options = format->image.options;
	int r;

	if (options->progress)
		options->progress(options->userdata, DMK_IMAGE_PHASE_SYNC, 0, 0);
	r = dmk_file_sync(&format->image.hash, err);
	return r < 0 || !format->has_fec ? r : dmk_file_sync(&format->fec.file, err);
}

static int write_superblock(const struct dmk_image *image, struct dmk_error *err)
{
	uint8_t bytes[DMK_SUPERBLOCK_BYTES];
	int r;

	if (!image->info.has_superblock)
		return 0;
	dmk_superblock_write(&image->info, bytes);
	r = dmk_file_write(&image->hash, bytes, sizeof(bytes), image->info.hash_offset_bytes, err);
	return r < 0 ? r : dmk_file_sync(&image->hash, err);
}

/* As long as it is to be, which the tree has seen to, if there is one: parity covers it as well. */
static int grow(struct dmk_image *image, struct dmk_error *err)
{
	struct dmk_file *hash = &image->hash;
	uint64_t end = dmk_place_end(&image->info);

	if (hash->size_bytes >= end)
		return 0;
	if (!image->tree.levels && ftruncate(hash->fd, (off_t)end) < 0) {
		err->step = DMK_STEP_WRITE;
		return dmk_fail_word(err, -errno, hash->path, strlen(hash->path), 0,
				     "it cannot grow to %" PRIu64 " bytes", end);
	}
	hash->size_bytes = end;
	if (!image->own_hash)
		image->data.size_bytes = end;
	return 0;
}

/* Where what we write ends, in the tree's file. */
static uint64_t made_end(const struct format *format)
{
	const struct dmk_image *image = &format->image;
	const struct dmk_fec *fec = &format->fec;
	uint64_t end = dmk_place_end(&image->info), fec_end;

	if (!format->has_fec || !dmk_file_is(&fec->file, &image->hash))
		return end;
	fec_end = fec->offset_bytes + fec->n_blocks * fec->block_bytes;
	return fec_end > end ? fec_end : end;
}

/* In data's own file the change of its time is ours: that it has grown by more than we wrote is
 * somebody else's. */
static int check_grown(const struct format *format, struct dmk_error *err)
{
	const struct dmk_file *hash = &format->image.hash;
	uint64_t end = made_end(format), was = (uint64_t)hash->was.st_size;
	struct stat now;

	if (hash->is_device ||
	    (fstat(hash->fd, &now) == 0 && (uint64_t)now.st_size == (end > was ? end : was)))
		return 0;
	err->step = DMK_STEP_READ;
	return dmk_fail_word(err, -EBUSY, hash->path, strlen(hash->path), 0,
			     "somebody has changed it meanwhile");
}

static int make(struct format *format, struct dmk_error *err)
{
	uint8_t root[DMK_IMAGE_DIGEST_SIZE / 2];
	struct dmk_image *image = &format->image;
	int r;

	if ((r = dmk_file_unchanged(&image->data, err)) < 0)
		return r;
	format->is_begun = true;
	if ((r = clear_superblock(image, err)) < 0 || (r = dmk_tree_build(image, root, err)) < 0 ||
	    (r = grow(image, err)) < 0)
		return r;
	dmk_bytes_hex(root, image->info.digest_size_bytes, image->info.root_digest);
	if (image->own_hash && (r = dmk_file_unchanged(&image->data, err)) < 0)
		return r;
	if (format->has_fec && (r = dmk_fec_encode(&format->fec, image, err)) < 0)
		return r;
	if (format->has_fec && image->own_hash && !dmk_file_is(&format->fec.file, &image->data) &&
	    (r = dmk_file_unchanged(&image->data, err)) < 0)
		return r;
	if (!image->own_hash && (r = check_grown(format, err)) < 0)
		return r;
	r = sync_all(format, err);
	return r < 0 ? r : write_superblock(image, err);
}

/* Still the file that we have made, and not one that somebody has put there since. */
static bool is_at_its_path(const struct dmk_file *file)
{
	struct stat now;

	return lstat(file->path, &now) == 0 && now.st_dev == file->was.st_dev &&
	       now.st_ino == file->was.st_ino;
}

/* A file that we have made goes, and one that was there gets the size back that it had, unless it has
 * grown by what is not ours. */
static int take_back_file(const struct dmk_file *file, bool is_begun, uint64_t made_bytes)
{
	struct stat now;

	if (file->fd < 0 || file->is_device)
		return 0;
	if (file->made)
		return is_at_its_path(file) && unlink(file->path) < 0 ? -errno : 0;
	if (!is_begun || fstat(file->fd, &now) < 0 || now.st_size <= file->was.st_size ||
	    (uint64_t)now.st_size > made_bytes)
		return 0;
	return ftruncate(file->fd, file->was.st_size) < 0 ? -errno : 0;
}

/* And where the superblock would be is none, not half a one either. */
static void take_back(const struct format *format, struct dmk_error *err)
{
	static const uint8_t zeros[DMK_SUPERBLOCK_BYTES];
	const struct dmk_image *image = &format->image;
	const struct dmk_file *hash = &image->hash;
	const struct dmk_fec *fec = &format->fec;
	uint64_t offset = image->info.hash_offset_bytes;
	struct stat now;
	int r, again;

	/* Before that the numbers need not be good. */
	r = take_back_file(hash, format->is_begun, format->is_begun ? made_end(format) : 0);
	if (format->is_begun && image->info.has_superblock && !hash->made &&
	    (hash->is_device || (fstat(hash->fd, &now) == 0 && offset < (uint64_t)now.st_size))) {
		again = dmk_file_write(hash, zeros, sizeof(zeros), offset, NULL);
		r = r < 0 ? r : again;
	}
	if (format->has_fec && fec->own_file) {
		again = take_back_file(&fec->file, format->is_begun,
				       fec->offset_bytes + fec->n_blocks * fec->block_bytes);
		r = r < 0 ? r : again;
	}
	if (r < 0)
		err->undo_code = r;
}

int dmk_image_format(const struct dmk_image_options *options, struct dmk_image_info *ret_info,
		     struct dmk_error *ret_error)
{
	struct dmk_error unasked;
	struct dmk_error *err = dmk_image_begin(ret_error ? ret_error : &unasked,
						DMK_VERB_IMAGE_FORMAT, options->data);
	struct format format = {
		.image = { .options = options, .data = DMK_FILE_CLOSED, .hash = DMK_FILE_CLOSED }
	};
	int r = prepare(&format, err);

	if (r == 0)
		r = make(&format, err);
	if (r < 0)
		take_back(&format, err);
	else if (ret_info)
		*ret_info = format.image.info;
	if (format.has_fec)
		dmk_fec_close(&format.fec);
	dmk_image_close(&format.image);
	return r;
}
