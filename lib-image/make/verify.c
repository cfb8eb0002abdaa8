/* SPDX-License-Identifier: MIT */
/* The verb that checks an image: every block, and all that is bad is told. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "look/algorithm.h"
#include "look/look.h"
#include "mend.h"
#include "proof.h"
#include "scan.h"

int dmk_root_digest(const struct dmk_image *image, uint8_t *ret_digest, struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;
	const char *hex = image->options->root_digest;
	uint32_t size = 0;
	int r;

	err->step = DMK_STEP_ARGUMENTS;
	if (!hex)
		return dmk_fail(err, -EINVAL, "the root digest is needed: nothing else proves it");
	r = dmk_hex_bytes("the root digest", hex, ret_digest, DMK_IMAGE_DIGEST_SIZE / 2, &size,
			  err);
	if (r == 0 && size != info->digest_size_bytes)
		r = dmk_refuse(err, hex, "a root digest of %s has %u hexadecimal digits",
			       info->algorithm, 2 * info->digest_size_bytes);
	return r;
}

int dmk_image_unchanged(const struct dmk_image *image, struct dmk_error *err)
{
	int r = dmk_file_unchanged(&image->data, err);

	return r < 0 || !image->own_hash ? r : dmk_file_unchanged(&image->hash, err);
}

/* Bad ones counted, and what is known of the others. */
static int say_bad(const struct dmk_image *image, const struct dmk_scan *scan,
		   struct dmk_error *err)
{
	const struct dmk_image_counts *counts = &scan->counts;
	uint64_t bad = counts->bad_data + counts->bad_tree;
	char text[sizeof(err->detail)] = "";
	struct dmk_room room = { text, sizeof(text), 0 };

	if (scan->ranges[0].area == DMK_IMAGE_ROOT)
		dmk_room_add(&room, "the tree's first block is damaged, or the root digest is not "
				    "this image's; ");
	dmk_room_add(&room, "%" PRIu64 " of %" PRIu64 " blocks %s bad", bad,
		     image->info.data_blocks + image->info.tree_blocks, bad == 1 ? "is" : "are");
	if (counts->bad_tree)
		dmk_room_add(&room, ", %" PRIu64 " of the tree", counts->bad_tree);
	if (counts->unproved)
		dmk_room_add(&room, ", and %" PRIu64 " below cannot be proved", counts->unproved);
	if (dmk_fec_wanted(image->options))
		dmk_room_add(&room, "; %" PRIu64 " of them can be mended", counts->mendable);
	err->step = DMK_STEP_HASH;
	return dmk_fail(err, -EBADMSG, "%s", text);
}

static int check(const struct dmk_image *image, struct dmk_scan *scan, struct dmk_error *err)
{
	bool has_fec = dmk_fec_wanted(image->options);
	uint8_t digest[DMK_IMAGE_DIGEST_SIZE / 2];
	struct dmk_fec fec;
	int r = dmk_root_digest(image, digest, err);

	if (r == 0 && has_fec)
		r = dmk_fec_open(&fec, image, DMK_FILE_READ, err);
	if (r < 0)
		return r;
	r = dmk_scan_image(image, digest, scan, err);
	if (r == 0 && has_fec && scan->n_ranges)
		r = dmk_mend_image(image, &fec, digest, scan, false, err);
	if (has_fec)
		dmk_fec_close(&fec);
	return r < 0 ? r : dmk_image_unchanged(image, err);
}

int dmk_image_verify(const struct dmk_image_options *options, struct dmk_image_counts *ret_counts,
		     struct dmk_error *ret_error)
{
	struct dmk_error unasked;
	struct dmk_error *err = dmk_image_begin(ret_error ? ret_error : &unasked,
						DMK_VERB_IMAGE_VERIFY, options->data);
	struct dmk_scan scan = { 0 };
	struct dmk_image image;
	int r = dmk_image_open(&image, options, NULL, DMK_FILE_READ, err);

	if (r < 0)
		return r;
	r = check(&image, &scan, err);
	if (r == 0) {
		dmk_scan_tell(&scan, options);
		if (ret_counts)
			*ret_counts = scan.counts;
		if (scan.n_ranges)
			r = say_bad(&image, &scan, err);
	}
	dmk_scan_free(&scan);
	dmk_image_close(&image);
	return r;
}
