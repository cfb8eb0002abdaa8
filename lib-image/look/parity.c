/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MOST_BYTES ((uint64_t)INT64_MAX)

static int check_numbers(const struct dmk_image *image, struct dmk_fec *fec, struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;

	fec->roots = image->options->fec_roots ? image->options->fec_roots : 2;
	if (fec->roots < 2 || fec->roots > 24)
		return dmk_fail(err, -EINVAL, "%u FEC roots: 2 to 24 are allowed", fec->roots);
	if (info->data_block_size_bytes != info->hash_block_size_bytes)
		return dmk_fail(err, -EINVAL,
				"blocks of %u bytes in the data and of %u in the tree: with parity "
				"they have to be of one size",
				info->data_block_size_bytes, info->hash_block_size_bytes);
	fec->block_bytes = info->data_block_size_bytes;
	if (image->options->fec_offset_bytes % fec->block_bytes)
		return dmk_fail(err, -EINVAL,
				"parity at byte %" PRIu64 ": the kernel counts in blocks, a "
				"multiple of %u is needed",
				image->options->fec_offset_bytes, fec->block_bytes);
	return 0;
}

/* What is there, to be looked at: nothing is made before all is checked. A device can be opened to
 * change it only once: where the tree is in it, it is open. */
static int find_file(const struct dmk_image *image, struct dmk_fec *fec, struct dmk_error *err)
{
	const char *path = image->options->fec;

	fec->file = image->hash;
	if (image->options->flags & DMK_IMAGE_FEC_APPENDED)
		return 0;
	if (!path)
		return dmk_fail(err, -EINVAL, "a file or device of parity is needed");
	fec->file = DMK_FILE_CLOSED;
	fec->own_file = true;
	fec->file.path = path;
	if (dmk_file_open(&fec->file, path, DMK_FILE_READ, NULL) < 0 ||
	    !dmk_file_is(&fec->file, &image->hash))
		return 0;
	dmk_file_close(&fec->file);
	fec->own_file = false;
	fec->file = image->hash;
	return 0;
}

/* Whatever find_file() had to say of it is said here. */
static int open_file(struct dmk_fec *fec, enum dmk_file_mode mode, struct dmk_error *err)
{
	const char *path = fec->file.path;

	if (!fec->own_file || (mode == DMK_FILE_READ && fec->file.fd >= 0))
		return 0;
	dmk_file_close(&fec->file);
	return dmk_file_open(&fec->file, path, mode, err);
}

static uint64_t tree_end(const struct dmk_image *image)
{
	return image->info.tree_offset_bytes +
	       image->info.tree_blocks * image->info.hash_block_size_bytes;
}

/* Where it is, and what lies between it and the tree. */
static void cover(const struct dmk_image *image, struct dmk_fec *fec)
{
	uint64_t begin = image->info.tree_offset_bytes, end = tree_end(image);
	uint64_t blocks;

	fec->offset_bytes = image->options->fec_offset_bytes;
	if (!fec->own_file) {
		if (fec->offset_bytes == 0 && (image->options->flags & DMK_IMAGE_FEC_APPENDED))
			fec->offset_bytes = end;
		end = fec->offset_bytes;
	} else if (image->hash.size_bytes > end) {
		end = image->hash.size_bytes;
	}
	fec->data_blocks = image->info.data_blocks;
	fec->hash_first = begin / fec->block_bytes;
	fec->hash_blocks = end > begin ? (end - begin) / fec->block_bytes : 0;
	blocks = fec->data_blocks + fec->hash_blocks;
	fec->rounds = blocks / (DMK_FEC_BYTES - fec->roots) +
		      (blocks % (DMK_FEC_BYTES - fec->roots) != 0);
	fec->n_blocks = fec->rounds * fec->roots;
}

static int fail_place(const struct dmk_fec *fec, const char *what, uint64_t end,
		      struct dmk_error *err)
{
	return dmk_fail_word(err, -EINVAL, fec->file.path, strlen(fec->file.path), 0,
			     "the parity at byte %" PRIu64 " would lie in the %s, which ends at "
			     "byte %" PRIu64,
			     fec->offset_bytes, what, end);
}

static int check_place(const struct dmk_image *image, const struct dmk_fec *fec,
		       enum dmk_file_mode mode, struct dmk_error *err)
{
	uint64_t data_end = image->info.data_blocks * image->info.data_block_size_bytes;
	uint64_t end;

	if (!fec->own_file && fec->offset_bytes < tree_end(image))
		return fail_place(fec, "tree", tree_end(image), err);
	if (dmk_file_is(&fec->file, &image->data) && fec->offset_bytes < data_end)
		return fail_place(fec, "data", data_end, err);
	if (__builtin_mul_overflow(fec->n_blocks, fec->block_bytes, &end) ||
	    __builtin_add_overflow(end, fec->offset_bytes, &end) || end > MOST_BYTES)
		return dmk_fail(err, -EOVERFLOW,
				"%" PRIu64 " blocks of parity at byte %" PRIu64
				" would end beyond byte %" PRIu64,
				fec->n_blocks, fec->offset_bytes, MOST_BYTES);
	if ((mode == DMK_FILE_READ || fec->file.is_device) && end > fec->file.size_bytes &&
	    fec->file.fd >= 0)
		return dmk_fail_word(err, -EINVAL, fec->file.path, strlen(fec->file.path), 0,
				     "it has %" PRIu64
				     " bytes, and the parity ends at byte %" PRIu64,
				     fec->file.size_bytes, end);
	return 0;
}

int dmk_parity_open(struct dmk_fec *ret_fec, const struct dmk_image *image, enum dmk_file_mode mode,
		    struct dmk_error *err)
{
	struct dmk_fec fec = { .file = DMK_FILE_CLOSED };
	int r;

	if ((r = check_numbers(image, &fec, err)) < 0 || (r = find_file(image, &fec, err)) < 0)
		return r;
	cover(image, &fec);
	if ((r = check_place(image, &fec, mode, err)) < 0 || (r = open_file(&fec, mode, err)) < 0)
		dmk_parity_close(&fec);
	else
		*ret_fec = fec;
	return r;
}

void dmk_parity_close(struct dmk_fec *fec)
{
	if (fec->own_file)
		dmk_file_close(&fec->file);
	fec->file.fd = -1;
}
