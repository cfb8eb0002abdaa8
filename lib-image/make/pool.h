/* SPDX-License-Identifier: MIT */
/* One piece of work by many threads: jobs that are taken in order, progress, the cancel flag, the
 * first failure. */
#ifndef DMK_IMAGE_POOL_H
#define DMK_IMAGE_POOL_H

#include "dmkit-image.h"
#include "base/error.h"
#include "base/threads.h"

struct dmk_pool;

struct dmk_worker {
	struct dmk_pool *pool;
	void *own; /* what begin() made */
	struct dmk_error err;
	struct dmk_thread thread;
	bool is_caller; /* runs in the thread that called the verb */
};

/* What the work is. Each returns 0 or a negative errno, and fills worker->err then. */
struct dmk_work {
	uint64_t n_jobs;
	void *shared;
	int (*begin)(struct dmk_worker *worker); /* makes worker->own */
	void (*end)(struct dmk_worker *worker);	 /* frees it; also after begin() has failed */
	int (*run)(struct dmk_worker *worker, uint64_t job);
};

struct dmk_pool {
	const struct dmk_image_options *options;
	uint32_t phase; /* enum dmk_image_phase */
	uint32_t step;	/* of errors, enum dmk_step */
	uint64_t all_bytes;
	uint64_t done_bytes; /* this and what follows: of pool.c, under lock */
	int64_t told_ns;
	const struct dmk_work *work;
	struct dmk_lock lock;
	uint64_t next_job;
	int result;
	struct dmk_error first_error;
};

/* For one phase or more, told as all_bytes. */
void dmk_pool_init(struct dmk_pool *pool, const struct dmk_image_options *options, uint32_t phase,
		   uint64_t all_bytes);
void dmk_pool_destroy(struct dmk_pool *pool);
/* All jobs, by as many threads as the options say, or can be started; the caller's is one. May be
 * called again: done_bytes goes on. err is not NULL. */
int dmk_pool_run(struct dmk_pool *pool, const struct dmk_work *work,
		 struct dmk_error *err) DMK_MUST_CHECK;
/* How many that would be. */
uint32_t dmk_pool_threads(const struct dmk_image_options *options, uint64_t n_jobs);

/* Every few milliseconds in a job: so many bytes more are done. -ECANCELED: stop, the flag is set or
 * another worker has failed. */
int dmk_pool_step(struct dmk_worker *worker, uint64_t bytes) DMK_MUST_CHECK;
/* In the pool's lock: true if all is to end, so that nobody waits for what will not come. */
bool dmk_pool_has_failed(const struct dmk_pool *pool);
/* The last call of a phase. */
void dmk_pool_tell_end(struct dmk_pool *pool);

#endif
