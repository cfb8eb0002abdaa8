/* SPDX-License-Identifier: MIT */
/*
 * From the root down, one level after the other: a pass reads the blocks of one level and all those
 * that it has digests of. A digest proves what is below it if the block that it stands in is proved.
 * What fits a digest in a bad block is good all the same, most likely: damage does not make digests.
 * What does not fit is unproved: it may be the digest that is wrong.
 */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "pool.h"

#define MOST_DIGEST_BYTES 64
#define MOST_JOB_BLOCKS 16
#define JOBS_FOR_A_THREAD 4

/* One level of the tree, and what is below it. */
struct pass {
	const struct dmk_image *image;
	uint32_t level; /* of those that have the digests */
	bool is_data;	/* data is below, else the level below */
	uint64_t n_children;
	uint32_t child_bytes;
	uint32_t job_blocks; /* of this level */
	/* What of this level is bad, in order. */
	const struct dmk_image_bad *bad;
	size_t n_bad;
	struct dmk_scan found; /* in the pool's lock */
};

struct own {
	struct dmk_hasher *hasher;
	uint8_t *parent;
	uint8_t *digests;
	bool *is_lost;		  /* cannot be read, each of what is in the hasher */
	struct dmk_image_bad bad; /* grows while its neighbours are bad, too */
};

static bool continues(const struct dmk_image_bad *bad, const struct dmk_image_bad *next)
{
	return bad->area == next->area && bad->level == next->level &&
	       bad->unproved == next->unproved && bad->mendable == next->mendable &&
	       bad->first_block + bad->n_blocks == next->first_block;
}

int dmk_scan_add(struct dmk_scan *scan, const struct dmk_image_bad *bad)
{
	struct dmk_image_bad *last = scan->n_ranges ? &scan->ranges[scan->n_ranges - 1] : NULL;

	if (last && continues(last, bad)) {
		last->n_blocks += bad->n_blocks;
		return 0;
	}
	if (scan->n_ranges == scan->capacity) {
		size_t capacity = scan->capacity ? scan->capacity * 2 : 16;
		struct dmk_image_bad *ranges =
			reallocarray(scan->ranges, capacity, sizeof(*ranges));

		if (!ranges)
			return -ENOMEM;
		scan->ranges = ranges;
		scan->capacity = capacity;
	}
	scan->ranges[scan->n_ranges++] = *bad;
	return 0;
}

void dmk_scan_free(struct dmk_scan *scan)
{
	free(scan->ranges);
	*scan = (struct dmk_scan){ 0 };
}

void dmk_scan_tell(const struct dmk_scan *scan, const struct dmk_image_options *options)
{
	if (!options->bad)
		return;
	for (int tree = 0; tree < 2; tree++)
		for (size_t i = 0; i < scan->n_ranges; i++)
			if ((scan->ranges[i].area != DMK_IMAGE_DATA) == tree)
				options->bad(options->userdata, &scan->ranges[i]);
}

void dmk_scan_count(struct dmk_scan *scan)
{
	struct dmk_image_counts *counts = &scan->counts;

	*counts = (struct dmk_image_counts){ .checked_bytes = counts->checked_bytes,
					     .mendable = counts->mendable };
	for (size_t i = 0; i < scan->n_ranges; i++) {
		const struct dmk_image_bad *bad = &scan->ranges[i];

		*(bad->unproved			? &counts->unproved
		  : bad->area == DMK_IMAGE_DATA ? &counts->bad_data
						: &counts->bad_tree) += bad->n_blocks;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct dmk_image_bad *one = a, *other = b;

	return one->first_block < other->first_block ? -1 : one->first_block > other->first_block;
}

/* A pass's own, which jobs have found in any order, behind those of the levels above. */
static int take_found(struct dmk_scan *scan, struct dmk_scan *found)
{
	int r = 0;

	if (found->n_ranges)
		qsort(found->ranges, found->n_ranges, sizeof(*found->ranges), by_place);
	for (size_t i = 0; i < found->n_ranges && r == 0; i++)
		r = dmk_scan_add(scan, &found->ranges[i]);
	return r;
}

static int begin_worker(struct dmk_worker *worker)
{
	const struct pass *pass = worker->pool->work->shared;
	const struct dmk_image_info *info = &pass->image->info;
	uint32_t n = dmk_blocks_at_a_time(pass->child_bytes);
	struct own *own = calloc(1, sizeof(*own));

	worker->own = own;
	if (own) {
		own->parent = malloc(info->hash_block_size_bytes);
		own->digests = malloc((size_t)n * info->digest_size_bytes);
		own->is_lost = calloc(n, sizeof(*own->is_lost));
	}
	if (!own || !own->parent || !own->digests || !own->is_lost)
		return dmk_fail(&worker->err, -ENOMEM, "no memory for a thread");
	return dmk_hasher_new(&own->hasher, info, pass->child_bytes, n, &worker->err);
}

static void end_worker(struct dmk_worker *worker)
{
	struct own *own = worker->own;

	if (!own)
		return;
	dmk_hasher_free(own->hasher);
	free(own->parent);
	free(own->digests);
	free(own->is_lost);
	free(own);
}

static bool is_proved(const struct pass *pass, uint64_t block)
{
	size_t from = 0, to = pass->n_bad;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct dmk_image_bad *bad = &pass->bad[middle];

		if (block < bad->first_block)
			to = middle;
		else if (block >= bad->first_block + bad->n_blocks)
			from = middle + 1;
		else
			return false;
	}
	return true;
}

static int hand_in(struct dmk_worker *worker)
{
	struct pass *pass = worker->pool->work->shared;
	struct own *own = worker->own;
	int r;

	if (!own->bad.n_blocks)
		return 0;
	dmk_lock_enter(&worker->pool->lock);
	r = dmk_scan_add(&pass->found, &own->bad);
	dmk_lock_leave(&worker->pool->lock);
	own->bad.n_blocks = 0;
	return r < 0 ? dmk_fail(&worker->err, r, "no memory for the list of bad blocks") : 0;
}

static struct dmk_image_bad bad_child(const struct pass *pass, uint64_t i, bool is_under_proved)
{
	const struct dmk_image *image = pass->image;
	uint64_t block = pass->is_data ? i : image->tree.first[pass->level - 1] + i;

	return (struct dmk_image_bad){
		.area = pass->is_data ? DMK_IMAGE_DATA : DMK_IMAGE_TREE,
		.level = pass->is_data ? 0 : pass->level - 1,
		.first_block = block,
		.n_blocks = 1,
		.offset_bytes =
			(pass->is_data ? 0 : image->tree.offset_bytes) + block * pass->child_bytes,
		.unproved = !is_under_proved,
	};
}

static int note_bad(struct dmk_worker *worker, const struct dmk_image_bad *bad)
{
	struct own *own = worker->own;
	int r;

	if (own->bad.n_blocks && continues(&own->bad, bad)) {
		own->bad.n_blocks++;
		return 0;
	}
	r = hand_in(worker);
	own->bad = *bad;
	return r;
}

/* Blocks that the disk does not give any more are as bad as others, and the rest is read. */
static int read_children(struct dmk_worker *worker, const struct dmk_blocks *blocks)
{
	struct own *own = worker->own;
	int r = dmk_blocks_read(blocks, &worker->err);

	memset(own->is_lost, 0, blocks->n * sizeof(*own->is_lost));
	if (r != -EIO)
		return r;
	r = 0;
	for (uint32_t i = 0; i < blocks->n && r == 0; i++) {
		r = dmk_file_read(
			blocks->file, dmk_hasher_block(own->hasher, i), blocks->block_bytes,
			blocks->offset_bytes + (uint64_t)i * blocks->block_bytes, &worker->err);
		if (r == -EIO) {
			own->is_lost[i] = true;
			r = 0;
		}
	}
	return r;
}

/* Those that a block of digests is about, from number first of it on. */
static int check_children(struct dmk_worker *worker, uint64_t parent, uint32_t first, uint32_t n,
			  bool is_under_proved)
{
	const struct pass *pass = worker->pool->work->shared;
	const struct dmk_image *image = pass->image;
	const struct dmk_tree *tree = &image->tree;
	uint32_t digest_bytes = image->info.digest_size_bytes;
	uint64_t child = parent * tree->per_block + first;
	struct dmk_image_bad at = bad_child(pass, child, is_under_proved);
	struct own *own = worker->own;
	struct dmk_blocks blocks = { .hasher = own->hasher,
				     .file = pass->is_data ? &image->data : &image->hash,
				     .offset_bytes = at.offset_bytes,
				     .n = n,
				     .block_bytes = pass->child_bytes };
	int r = read_children(worker, &blocks);

	if (r == 0)
		r = dmk_hasher_run(own->hasher, n, own->digests, digest_bytes, &worker->err);
	for (uint32_t i = 0; i < n && r == 0; i++) {
		const uint8_t *digest = own->parent + (size_t)(first + i) * tree->slot_bytes;

		if (!own->is_lost[i] &&
		    memcmp(digest, own->digests + (size_t)i * digest_bytes, digest_bytes) == 0)
			continue;
		at = bad_child(pass, child + i, is_under_proved);
		r = note_bad(worker, &at);
	}
	return r < 0 ? r : dmk_pool_step(worker, (uint64_t)n * pass->child_bytes);
}

static int check_parent(struct dmk_worker *worker, uint64_t parent)
{
	const struct pass *pass = worker->pool->work->shared;
	const struct dmk_image *image = pass->image;
	const struct dmk_tree *tree = &image->tree;
	uint32_t block_bytes = image->info.hash_block_size_bytes;
	uint64_t left = pass->n_children - parent * tree->per_block;
	uint32_t n = left < tree->per_block ? (uint32_t)left : tree->per_block;
	uint32_t most = dmk_blocks_at_a_time(pass->child_bytes);
	uint64_t block = tree->first[pass->level] + parent;
	bool proved = is_proved(pass, block);
	struct own *own = worker->own;
	int r = dmk_file_read(&image->hash, own->parent, block_bytes,
			      tree->offset_bytes + block * block_bytes, &worker->err);

	if (r == -EIO) { /* it is among the bad already */
		memset(own->parent, 0, block_bytes);
		r = 0;
	}
	for (uint32_t done = 0; done < n && r == 0; done += most)
		r = check_children(worker, parent, done, n - done < most ? n - done : most, proved);
	return r;
}

static int run_job(struct dmk_worker *worker, uint64_t job)
{
	const struct pass *pass = worker->pool->work->shared;
	uint64_t first = job * pass->job_blocks;
	uint64_t left = pass->image->tree.blocks[pass->level] - first;
	uint32_t n = left < pass->job_blocks ? (uint32_t)left : pass->job_blocks;
	int r = 0;

	for (uint32_t i = 0; i < n && r == 0; i++)
		r = check_parent(worker, first + i);
	return r < 0 ? r : hand_in(worker);
}

/* The digests that this level has, beside what they are of. */
static int run_pass(struct dmk_pool *pool, const struct dmk_image *image, uint32_t level,
		    size_t bad_from, struct dmk_scan *scan, struct dmk_error *err)
{
	const struct dmk_tree *tree = &image->tree;
	struct pass pass = { .image = image,
			     .level = level,
			     .is_data = level == 0,
			     .n_children =
				     level ? tree->blocks[level - 1] : image->info.data_blocks,
			     .child_bytes = level ? image->info.hash_block_size_bytes
						  : image->info.data_block_size_bytes,
			     .bad = scan->ranges + bad_from,
			     .n_bad = scan->n_ranges - bad_from };
	struct dmk_work work = {
		.shared = &pass, .begin = begin_worker, .end = end_worker, .run = run_job
	};
	uint32_t threads = dmk_pool_threads(image->options, tree->blocks[level]);
	uint64_t fair = tree->blocks[level] / ((uint64_t)threads * JOBS_FOR_A_THREAD);
	int r;

	pass.job_blocks = fair > MOST_JOB_BLOCKS ? MOST_JOB_BLOCKS : fair ? (uint32_t)fair : 1;
	work.n_jobs = tree->blocks[level] / pass.job_blocks +
		      (tree->blocks[level] % pass.job_blocks != 0);
	r = dmk_pool_run(pool, &work, err);
	if (r == 0 && take_found(scan, &pass.found) < 0)
		r = dmk_fail(err, -ENOMEM, "no memory for the list of bad blocks");
	dmk_scan_free(&pass.found);
	return r;
}

/* The tree's first block, or the only one of data, beside the root digest. */
static int check_root(const struct dmk_image *image, const uint8_t *root, struct dmk_scan *scan,
		      struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;
	bool is_data = image->tree.levels == 0;
	uint32_t block_bytes = is_data ? info->data_block_size_bytes : info->hash_block_size_bytes;
	struct dmk_image_bad bad = { .area = is_data ? DMK_IMAGE_DATA : DMK_IMAGE_ROOT,
				     .level = is_data ? 0 : image->tree.levels - 1,
				     .n_blocks = 1,
				     .offset_bytes = is_data ? 0 : image->tree.offset_bytes };
	uint8_t digest[MOST_DIGEST_BYTES];
	struct dmk_hasher *hasher;
	bool is_good = false;
	int r = dmk_hasher_new(&hasher, info, block_bytes, 1, err);

	if (r < 0)
		return r;
	r = dmk_file_read(is_data ? &image->data : &image->hash, dmk_hasher_block(hasher, 0),
			  block_bytes, bad.offset_bytes, err);
	if (r == 0) {
		r = dmk_hasher_run(hasher, 1, digest, info->digest_size_bytes, err);
		is_good = r == 0 && memcmp(digest, root, info->digest_size_bytes) == 0;
	}
	dmk_hasher_free(hasher);
	if (is_good || (r < 0 && r != -EIO))
		return r;
	err->argument[0] = '\0'; /* what cannot be read is bad, and no failure */
	return dmk_scan_add(scan, &bad) < 0
		       ? dmk_fail(err, -ENOMEM, "no memory for the list of bad blocks")
		       : 0;
}

int dmk_scan_image(const struct dmk_image *image, const uint8_t *digest, struct dmk_scan *ret_scan,
		   struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;
	uint32_t level = image->tree.levels;
	struct dmk_scan scan = { 0 };
	struct dmk_pool pool;
	size_t from = 0;
	int r;

	err->step = DMK_STEP_HASH;
	scan.counts.checked_bytes = info->data_blocks * info->data_block_size_bytes +
				    info->tree_blocks * info->hash_block_size_bytes;
	dmk_pool_init(&pool, image->options, DMK_IMAGE_PHASE_HASH, scan.counts.checked_bytes);
	r = check_root(image, digest, &scan, err);
	pool.done_bytes = level ? info->hash_block_size_bytes : info->data_block_size_bytes;
	while (r == 0 && level > 0) {
		size_t above = from;

		from = scan.n_ranges;
		r = run_pass(&pool, image, --level, above, &scan, err);
	}
	if (r == 0)
		dmk_pool_tell_end(&pool);
	dmk_pool_destroy(&pool);
	if (r < 0) {
		dmk_scan_free(&scan);
		return r;
	}
	dmk_scan_count(&scan);
	*ret_scan = scan;
	return 0;
}
