/* SPDX-License-Identifier: MIT */
#include "make/fec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "make/pool.h"
#include "make/rs.h"

/* A job is this much of each column: short, so that 255 of them are still in a core's cache when
 * they are coded, and little memory; long, so that they are read by few calls. */
#define RUN_BYTES 16384
/* So many threads have all of the memory's bandwidth, and at most 4.8 MB each. */
#define MOST_THREADS 5

struct encode {
	const struct dmk_image *image;
	const struct dmk_fec *fec;
	uint64_t column_bytes;
};

/* A worker's own. */
struct coder {
	struct dmk_rs *rs;
	uint8_t *columns[DMK_RS_BYTES]; /* RUN_BYTES each, one behind the other */
	uint8_t *parity;		/* as it is written: a codeword's, then the next one's */
};

int dmk_fec_open(struct dmk_fec *ret_fec, const struct dmk_image *image, enum dmk_file_mode mode,
		 struct dmk_error *err)
{
	return dmk_parity_open(ret_fec, image, mode, err);
}

void dmk_fec_close(struct dmk_fec *fec)
{
	dmk_parity_close(fec);
}

/* Of file, whose part [begin, end) is what is covered from byte `at` on, so much of it as is in
 * bytes, which are those from offset on. */
static int read_part(const struct dmk_file *file, uint64_t at, uint64_t begin, uint64_t end,
		     uint8_t *bytes, size_t size, uint64_t offset, struct dmk_error *err)
{
	uint64_t from = offset > at ? offset : at, to = offset + size;

	if (to > at + (end - begin))
		to = at + (end - begin);
	if (from >= to)
		return 0;
	return dmk_file_read(file, bytes + (from - offset), (size_t)(to - from),
			     begin + (from - at), err);
}

int dmk_fec_read_covered(const struct dmk_fec *fec, const struct dmk_image *image, void *bytes,
			 size_t size, uint64_t offset, struct dmk_error *err)
{
	uint64_t data_end = fec->data_blocks * fec->block_bytes;
	uint64_t hash_begin = fec->hash_first * fec->block_bytes;
	uint64_t hash_end = hash_begin + fec->hash_blocks * fec->block_bytes;
	int r = 0;

	if (hash_end > image->hash.size_bytes)
		hash_end = image->hash.size_bytes;
	if (hash_end < hash_begin)
		hash_end = hash_begin;
	if (offset + size > data_end + (hash_end - hash_begin))
		memset(bytes, 0, size);
	r = read_part(&image->data, 0, 0, data_end, bytes, size, offset, err);
	return r < 0 ? r
		     : read_part(&image->hash, data_end, hash_begin, hash_end, bytes, size, offset,
				 err);
}

static int begin_coder(struct dmk_worker *worker)
{
	const struct encode *encode = worker->pool->work->shared;
	struct coder *coder = calloc(1, sizeof(*coder));
	uint8_t *memory;

	worker->own = coder;
	if (!coder)
		return dmk_fail(&worker->err, -ENOMEM, "no memory");
	/* A page boundary, for ISA-L's vectors. */
	memory = aligned_alloc(4096, (size_t)DMK_RS_BYTES * RUN_BYTES);
	coder->columns[0] = memory;
	coder->parity = malloc((size_t)encode->fec->roots * RUN_BYTES);
	if (!memory || !coder->parity)
		return dmk_fail(&worker->err, -ENOMEM, "no memory for %u columns of %u bytes",
				DMK_RS_BYTES, RUN_BYTES);
	for (size_t i = 1; i < DMK_RS_BYTES; i++)
		coder->columns[i] = memory + i * RUN_BYTES;
	return dmk_rs_new(&coder->rs, encode->fec->roots, &worker->err);
}

static void end_coder(struct dmk_worker *worker)
{
	struct coder *coder = worker->own;

	if (!coder)
		return;
	dmk_rs_free(coder->rs);
	free(coder->columns[0]);
	free(coder->parity);
	free(coder);
}

static void interleave(const struct coder *coder, uint32_t roots, size_t size)
{
	uint8_t *const *columns = coder->columns + DMK_RS_BYTES - roots;
	uint8_t *to = coder->parity;

	for (size_t i = 0; i < size; i++)
		for (uint32_t j = 0; j < roots; j++)
			*to++ = columns[j][i];
}

static int encode_run(struct dmk_worker *worker, uint64_t job)
{
	const struct encode *encode = worker->pool->work->shared;
	const struct dmk_fec *fec = encode->fec;
	struct coder *coder = worker->own;
	uint64_t at = job * RUN_BYTES;
	size_t size = encode->column_bytes - at < RUN_BYTES ? (size_t)(encode->column_bytes - at)
							    : RUN_BYTES;
	int r;

	for (uint32_t i = 0; i < DMK_RS_BYTES - fec->roots; i++) {
		r = dmk_fec_read_covered(fec, encode->image, coder->columns[i], size,
					 i * encode->column_bytes + at, &worker->err);
		if (r < 0)
			return r;
	}
	dmk_rs_fill(coder->rs, coder->columns, size);
	interleave(coder, fec->roots, size);
	r = dmk_file_write(&fec->file, coder->parity, size * fec->roots,
			   fec->offset_bytes + at * fec->roots, &worker->err);
	return r < 0 ? r : dmk_pool_step(worker, size * (DMK_RS_BYTES - fec->roots));
}

int dmk_fec_encode(struct dmk_fec *fec, const struct dmk_image *image, struct dmk_error *err)
{
	struct encode encode = {
		.image = image,
		.fec = fec,
		.column_bytes = fec->rounds * fec->block_bytes,
	};
	struct dmk_work work = {
		.n_jobs = (encode.column_bytes + RUN_BYTES - 1) / RUN_BYTES,
		.shared = &encode,
		.begin = begin_coder,
		.end = end_coder,
		.run = encode_run,
	};
	struct dmk_image_options options = *image->options;
	struct dmk_error unheard = { 0 };
	struct dmk_pool pool;
	int r;

	options.threads = dmk_pool_threads(&options, work.n_jobs);
	if (options.threads > MOST_THREADS)
		options.threads = MOST_THREADS;
	dmk_pool_init(&pool, &options, DMK_IMAGE_PHASE_FEC,
		      encode.column_bytes * (DMK_RS_BYTES - fec->roots));
	pool.step = DMK_STEP_FEC;
	r = dmk_pool_run(&pool, &work, err ? err : &unheard);
	if (r == 0)
		dmk_pool_tell_end(&pool);
	dmk_pool_destroy(&pool);
	return r;
}
