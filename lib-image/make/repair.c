/* SPDX-License-Identifier: MIT */
/* The verb that mends an image. */
#include <errno.h>
#include <inttypes.h>

#include "look/look.h"
#include "make/mend.h"
#include "make/proof.h"

/* What is bad, and, of that, what has been mended. */
static int say_left(const struct dmk_image_counts *counts, bool write, struct dmk_error *err)
{
	uint64_t bad = counts->bad_data + counts->bad_tree;

	if (counts->mendable == bad && counts->unproved == 0)
		return 0;
	err->step = DMK_STEP_FEC;
	return dmk_fail(err, -EBADMSG,
			"of %" PRIu64 " bad blocks %" PRIu64 " %s mended, and %" PRIu64
			" below bad ones of the tree cannot be proved: too many share their parity",
			bad, counts->mendable, write ? "are" : "could be", counts->unproved);
}

static int repair(const struct dmk_image *image, struct dmk_fec *fec, struct dmk_scan *scan,
		  bool write, struct dmk_error *err)
{
	uint8_t digest[DMK_IMAGE_DIGEST_SIZE / 2];
	int r;

	if ((r = dmk_root_digest(image, digest, err)) < 0 ||
	    (r = dmk_scan_image(image, digest, scan, err)) < 0 ||
	    (r = dmk_image_unchanged(image, err)) < 0 || scan->n_ranges == 0)
		return r;
	return dmk_mend_image(image, fec, digest, scan, write, err);
}

int dmk_image_repair(const struct dmk_image_options *options, struct dmk_image_counts *ret_counts,
		     struct dmk_error *ret_error)
{
	struct dmk_error unasked;
	struct dmk_error *err = dmk_image_begin(ret_error ? ret_error : &unasked,
						DMK_VERB_IMAGE_REPAIR, options->data);
	bool write = !(options->flags & DMK_IMAGE_DRY_RUN);
	struct dmk_scan scan = { 0 };
	struct dmk_image image;
	struct dmk_fec fec;
	int r;

	if (!dmk_fec_wanted(options))
		return dmk_fail(err, -EINVAL,
				"a file or device of parity is needed, or that it is "
				"appended: nothing else mends");
	r = dmk_image_open(&image, options, NULL, write ? DMK_FILE_CHANGE : DMK_FILE_READ, err);
	if (r < 0)
		return r;
	r = dmk_fec_open(&fec, &image, DMK_FILE_READ, err);
	if (r < 0)
		goto out;
	r = repair(&image, &fec, &scan, write, err);
	dmk_fec_close(&fec);
	if (r < 0)
		goto out;
	dmk_scan_tell(&scan, options);
	if (ret_counts)
		*ret_counts = scan.counts;
	r = say_left(&scan.counts, write, err);
out:
	dmk_scan_free(&scan);
	dmk_image_close(&image);
	return r;
}
