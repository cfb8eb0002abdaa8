/* SPDX-License-Identifier: MIT */
/*
 * A job is some neighbouring blocks of level 0 and the data below them: it fills, hashes and writes
 * them. Their digests, which jobs end with in any order, are put in order in a ring, and go up from
 * there: each level above 0 has one block that fills, and is written when it is full.
 */
#include "tree-build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "pool.h"

#define MOST_DIGEST_BYTES 64
#define MOST_JOB_BLOCKS 16u /* of level 0: one round of the lanes */
#define JOBS_FOR_A_THREAD 4 /* at least, where the tree is small, so that all end together */
#define RING_FOR_A_THREAD 4

/* A job that has ended before one that comes earlier. */
struct ended {
	bool is_filled;
	uint32_t n;
	uint8_t digests[MOST_JOB_BLOCKS * MOST_DIGEST_BYTES];
};

struct upper {
	uint8_t *block; /* what is filled of it */
	uint32_t n;
	uint64_t i; /* in its level */
};

struct build {
	const struct dmk_image *image;
	uint32_t job_blocks;
	/* In the pool's lock, as all that goes up is. */
	struct ended *ring;
	uint64_t ring_size;
	uint64_t next_job;
	struct upper upper[DMK_IMAGE_MAX_LEVELS];
	struct dmk_hasher *hasher; /* one block of the tree */
	uint8_t *root;
};

struct own {
	struct dmk_hasher *data;
	struct dmk_hasher *tree;
};

static int begin_worker(struct dmk_worker *worker)
{
	const struct build *build = worker->pool->work->shared;
	const struct dmk_image_info *info = &build->image->info;
	struct own *own = calloc(1, sizeof(*own));
	int r;

	if (!own)
		return dmk_fail(&worker->err, -ENOMEM, "no memory for a thread");
	worker->own = own;
	r = dmk_hasher_new(&own->data, info, info->data_block_size_bytes,
			   dmk_blocks_at_a_time(info->data_block_size_bytes), &worker->err);
	if (r < 0)
		return r;
	return dmk_hasher_new(&own->tree, info, info->hash_block_size_bytes, build->job_blocks,
			      &worker->err);
}

static void end_worker(struct dmk_worker *worker)
{
	struct own *own = worker->own;

	if (!own)
		return;
	dmk_hasher_free(own->data);
	dmk_hasher_free(own->tree);
	free(own);
}

/* The digests of the data below block number i of level 0, and zeros between and behind them. */
static int fill_block(struct dmk_worker *worker, uint64_t i, uint8_t *block)
{
	const struct build *build = worker->pool->work->shared;
	const struct dmk_image *image = build->image;
	const struct dmk_tree *tree = &image->tree;
	struct own *own = worker->own;
	uint64_t first = i * tree->per_block, left = image->info.data_blocks - first;
	uint32_t n = left < tree->per_block ? (uint32_t)left : tree->per_block;
	uint32_t most = dmk_blocks_at_a_time(image->info.data_block_size_bytes);
	struct dmk_blocks data = { .hasher = own->data,
				   .file = &image->data,
				   .block_bytes = image->info.data_block_size_bytes,
				   .offset_bytes = first * image->info.data_block_size_bytes };

	memset(block, 0, image->info.hash_block_size_bytes);
	for (uint32_t done = 0; done < n; done += data.n) {
		uint64_t bytes;
		int r;

		data.n = n - done < most ? n - done : most;
		bytes = (uint64_t)data.n * data.block_bytes;
		r = dmk_blocks_read(&data, &worker->err);
		if (r == 0)
			r = dmk_hasher_run(own->data, data.n,
					   block + (size_t)done * tree->slot_bytes,
					   tree->slot_bytes, &worker->err);
		if (r == 0)
			r = dmk_pool_step(worker, bytes);
		if (r < 0)
			return r;
		data.offset_bytes += bytes;
	}
	return 0;
}

static uint64_t place_of(const struct dmk_tree *tree, uint32_t level, uint64_t i,
			 uint32_t block_bytes)
{
	return tree->offset_bytes + (tree->first[level] + i) * block_bytes;
}

/* The block of this level that fills is as full as it becomes. */
static int end_block(struct build *build, uint32_t level, uint8_t *ret_digest,
		     struct dmk_error *err)
{
	const struct dmk_image *image = build->image;
	uint32_t block_bytes = image->info.hash_block_size_bytes;
	struct upper *upper = &build->upper[level];
	int r;

	memcpy(dmk_hasher_block(build->hasher, 0), upper->block, block_bytes);
	r = dmk_hasher_run(build->hasher, 1, ret_digest, image->info.digest_size_bytes, err);
	if (r == 0)
		r = dmk_file_write(&image->hash, upper->block, block_bytes,
				   place_of(&image->tree, level, upper->i, block_bytes), err);
	memset(upper->block, 0, block_bytes);
	upper->n = 0;
	upper->i++;
	return r;
}

/* The next digest of what is below this level. */
static int go_up(struct build *build, uint32_t level, const uint8_t *digest, struct dmk_error *err)
{
	const struct dmk_image *image = build->image;
	const struct dmk_tree *tree = &image->tree;
	uint8_t of_block[MOST_DIGEST_BYTES];

	for (; level < tree->levels; level++) {
		struct upper *upper = &build->upper[level];
		int r;

		memcpy(upper->block + (size_t)upper->n * tree->slot_bytes, digest,
		       image->info.digest_size_bytes);
		if (++upper->n < tree->per_block)
			return 0;
		r = end_block(build, level, of_block, err);
		if (r < 0)
			return r;
		digest = of_block;
	}
	memcpy(build->root, digest, image->info.digest_size_bytes);
	return 0;
}

/* What is not full at the end of the data. */
static int end_levels(struct build *build, struct dmk_error *err)
{
	int r = 0;

	for (uint32_t level = 1; level < build->image->tree.levels && r == 0; level++) {
		uint8_t digest[MOST_DIGEST_BYTES];

		if (!build->upper[level].n)
			continue;
		r = end_block(build, level, digest, err);
		if (r == 0)
			r = go_up(build, level + 1, digest, err);
	}
	return r;
}

/* All that is next in order. */
static int drain(struct build *build, struct dmk_error *err)
{
	uint32_t size = build->image->info.digest_size_bytes;
	struct ended *ended;
	int r = 0;

	while ((ended = &build->ring[build->next_job % build->ring_size])->is_filled && r == 0) {
		for (uint32_t i = 0; i < ended->n && r == 0; i++)
			r = go_up(build, 1, ended->digests + (size_t)i * size, err);
		ended->is_filled = false;
		build->next_job++;
	}
	return r;
}

static int hand_in(struct dmk_worker *worker, uint64_t job, const struct ended *ended)
{
	struct build *build = worker->pool->work->shared;
	struct dmk_lock *lock = &worker->pool->lock;
	int r;

	dmk_lock_enter(lock);
	while (job >= build->next_job + build->ring_size && !dmk_pool_has_failed(worker->pool))
		dmk_lock_wait(lock);
	if (dmk_pool_has_failed(worker->pool)) {
		r = dmk_fail(&worker->err, -ECANCELED, "it was told to stop");
	} else {
		build->ring[job % build->ring_size] = *ended;
		r = drain(build, &worker->err);
	}
	dmk_lock_wake_all(lock);
	dmk_lock_leave(lock);
	return r;
}

static int run_job(struct dmk_worker *worker, uint64_t job)
{
	const struct build *build = worker->pool->work->shared;
	const struct dmk_image *image = build->image;
	uint32_t block_bytes = image->info.hash_block_size_bytes;
	uint64_t first = job * build->job_blocks, left = image->tree.blocks[0] - first;
	struct ended ended = { .is_filled = true,
			       .n = left < build->job_blocks ? (uint32_t)left : build->job_blocks };
	struct own *own = worker->own;
	struct dmk_blocks blocks = { .hasher = own->tree,
				     .file = &image->hash,
				     .offset_bytes = place_of(&image->tree, 0, first, block_bytes),
				     .n = ended.n,
				     .block_bytes = block_bytes };
	int r = 0;

	for (uint32_t i = 0; i < ended.n && r == 0; i++)
		r = fill_block(worker, first + i, dmk_hasher_block(own->tree, i));
	if (r == 0)
		r = dmk_hasher_run(own->tree, ended.n, ended.digests, image->info.digest_size_bytes,
				   &worker->err);
	if (r == 0)
		r = dmk_blocks_write(&blocks, &worker->err);
	return r < 0 ? r : hand_in(worker, job, &ended);
}

/* The only block's digest is the root. */
static int hash_one(const struct dmk_image *image, uint8_t *root, struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;
	struct dmk_hasher *hasher;
	int r = dmk_hasher_new(&hasher, info, info->data_block_size_bytes, 1, err);

	if (r < 0)
		return r;
	r = dmk_file_read(&image->data, dmk_hasher_block(hasher, 0), info->data_block_size_bytes, 0,
			  err);
	if (r == 0)
		r = dmk_hasher_run(hasher, 1, root, info->digest_size_bytes, err);
	dmk_hasher_free(hasher);
	return r;
}

static int begin_build(struct build *build, struct dmk_error *err)
{
	const struct dmk_image *image = build->image;
	const struct dmk_image_info *info = &image->info;
	uint32_t threads = dmk_pool_threads(image->options, image->tree.blocks[0]);
	uint64_t fair = image->tree.blocks[0] / ((uint64_t)threads * JOBS_FOR_A_THREAD);

	build->job_blocks = fair > MOST_JOB_BLOCKS ? MOST_JOB_BLOCKS : fair ? (uint32_t)fair : 1;
	build->ring_size = (uint64_t)threads * RING_FOR_A_THREAD;
	build->ring = calloc(build->ring_size, sizeof(*build->ring));
	if (!build->ring)
		return dmk_fail(err, -ENOMEM, "no memory for %u threads", threads);
	for (uint32_t level = 1; level < image->tree.levels; level++) {
		build->upper[level].block = calloc(1, info->hash_block_size_bytes);
		if (!build->upper[level].block)
			return dmk_fail(err, -ENOMEM, "no memory for the tree's levels");
	}
	return dmk_hasher_new(&build->hasher, info, info->hash_block_size_bytes, 1, err);
}

static void end_build(struct build *build)
{
	for (uint32_t level = 1; level < build->image->tree.levels; level++)
		free(build->upper[level].block);
	free(build->ring);
	dmk_hasher_free(build->hasher);
}

static int build_levels(struct build *build, struct dmk_pool *pool, struct dmk_error *err)
{
	struct dmk_work work = {
		.shared = build, .begin = begin_worker, .end = end_worker, .run = run_job
	};
	uint64_t blocks = build->image->tree.blocks[0];
	int r = begin_build(build, err);

	if (r == 0) {
		work.n_jobs = blocks / build->job_blocks + (blocks % build->job_blocks != 0);
		r = dmk_pool_run(pool, &work, err);
	}
	if (r == 0)
		r = end_levels(build, err);
	end_build(build);
	return r;
}

int dmk_tree_build(const struct dmk_image *image, uint8_t *root, struct dmk_error *err)
{
	const struct dmk_image_info *info = &image->info;
	struct build build = { .image = image, .root = root };
	struct dmk_pool pool;
	int r;

	err->step = DMK_STEP_HASH;
	dmk_pool_init(&pool, image->options, DMK_IMAGE_PHASE_HASH,
		      info->data_blocks * info->data_block_size_bytes);
	if (image->tree.levels) {
		r = build_levels(&build, &pool, err);
	} else {
		r = hash_one(image, root, err);
		pool.done_bytes = pool.all_bytes;
	}
	if (r == 0)
		dmk_pool_tell_end(&pool);
	dmk_pool_destroy(&pool);
	return r;
}
