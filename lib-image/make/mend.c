/* SPDX-License-Identifier: MIT */
#include "make/mend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "make/health.h"
#include "make/judge.h"
#include "make/row.h"

#define TELL_EVERY_NS 100000000

struct mend {
	const struct dmk_image *image;
	struct dmk_health_map map;
	struct dmk_judge judge;
	struct dmk_row row;
	uint8_t *tried; /* a bit for each row: in this pass */
	uint64_t rounds;
	uint64_t done_bytes;
	uint64_t all_bytes;
	int64_t told_ns;
};

static void tell(struct mend *mend)
{
	const struct dmk_image_options *options = mend->image->options;

	mend->told_ns = dmk_now_ns();
	if (options->progress)
		options->progress(options->userdata, DMK_IMAGE_PHASE_REPAIR, mend->done_bytes,
				  mend->all_bytes);
}

static int mend_row_of(struct mend *mend, uint64_t block, struct dmk_error *err)
{
	const struct dmk_image_options *options = mend->image->options;
	uint64_t row = block % mend->rounds;

	if (options->cancel_flag && *options->cancel_flag)
		return dmk_fail(err, -ECANCELED, "it was told to stop");
	mend->done_bytes += mend->judge.block_bytes;
	if (mend->done_bytes < mend->all_bytes && dmk_now_ns() - mend->told_ns >= TELL_EVERY_NS)
		tell(mend);
	if ((mend->tried[row / 8] >> row % 8 & 1) || !dmk_health_provable(&mend->map, block))
		return 0;
	mend->tried[row / 8] |= (uint8_t)(1u << row % 8);
	return dmk_row_mend(&mend->row, row, err);
}

static int mend_part(struct mend *mend, uint64_t from, uint64_t to, struct dmk_error *err)
{
	uint64_t block = from;
	int r = 0;

	while (r == 0 && (block = dmk_health_next_bad(&mend->map, block, to)) < to)
		r = mend_row_of(mend, block++, err);
	return r;
}

/* The tree first, from its root down: what is mended there shows what is bad below. */
static int mend_all(struct mend *mend, struct dmk_error *err)
{
	uint64_t n_data = mend->map.n_data, mended_tree;
	int r;

	do {
		mended_tree = mend->judge.mended_tree;
		memset(mend->tried, 0, (size_t)(mend->rounds / 8 + 1));
		r = mend_part(mend, n_data, mend->map.n_blocks, err);
		if (r == 0)
			r = mend_part(mend, 0, n_data, err);
	} while (r == 0 && mend->judge.mended_tree > mended_tree);
	return r;
}

static int sync_files(const struct dmk_image *image, struct dmk_error *err)
{
	const struct dmk_image_options *options = image->options;
	int r;

	if (options->progress)
		options->progress(options->userdata, DMK_IMAGE_PHASE_SYNC, 0, 0);
	r = dmk_file_sync(&image->data, err);
	return r < 0 || !image->own_hash ? r : dmk_file_sync(&image->hash, err);
}

static int begin(struct mend *mend, const struct dmk_image *image, const struct dmk_fec *fec,
		 const uint8_t *digest, const struct dmk_scan *scan, bool write,
		 struct dmk_error *err)
{
	int r = dmk_health_begin(&mend->map, image, scan, err);

	if (r < 0)
		return r;
	mend->tried = calloc((size_t)(fec->rounds / 8 + 1), 1);
	if (!mend->tried)
		return dmk_fail(err, -ENOMEM, "no memory for the states of %" PRIu64 " rows",
				fec->rounds);
	if ((r = dmk_judge_begin(&mend->judge, image, &mend->map, digest, write, err)) < 0)
		return r;
	return dmk_row_begin(&mend->row, image, fec, &mend->judge, err);
}

int dmk_mend_image(const struct dmk_image *image, struct dmk_fec *fec, const uint8_t *digest,
		   struct dmk_scan *scan, bool write, struct dmk_error *err)
{
	struct mend mend = {
		.image = image,
		.rounds = fec->rounds,
		.all_bytes = (scan->counts.bad_data + scan->counts.bad_tree) * fec->block_bytes,
	};
	int r, synced;

	if (err)
		err->step = DMK_STEP_FEC;
	r = begin(&mend, image, fec, digest, scan, write, err);
	if (r == 0)
		r = mend_all(&mend, err);
	if (r == 0) {
		mend.done_bytes = mend.all_bytes;
		tell(&mend);
		r = dmk_health_to_scan(&mend.map, scan, err);
	}
	/* After a failure too: what was written is right. */
	if (write) {
		synced = sync_files(image, r < 0 ? NULL : err);
		r = r < 0 ? r : synced;
	}
	dmk_row_end(&mend.row);
	dmk_judge_end(&mend.judge);
	free(mend.tried);
	dmk_health_end(&mend.map);
	return r;
}
