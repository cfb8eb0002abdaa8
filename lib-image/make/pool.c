/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#define MOST_THREADS 256
#define TELL_EVERY_NS 100000000

void dmk_pool_init(struct dmk_pool *pool, const struct dmk_image_options *options, uint32_t phase,
		   uint64_t all_bytes)
{
	*pool = (struct dmk_pool){
		.options = options,
		.phase = phase,
		.step = DMK_STEP_HASH,
		.all_bytes = all_bytes,
		.told_ns = dmk_now_ns(),
	};
	(void)!dmk_lock_init(&pool->lock, false); /* without a bell it cannot fail */
}

void dmk_pool_destroy(struct dmk_pool *pool)
{
	dmk_lock_destroy(&pool->lock);
}

static uint32_t count_cpus(void)
{
	cpu_set_t cpus;

	/* More CPUs than the set has room for. */
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return MOST_THREADS;
	return (uint32_t)CPU_COUNT(&cpus);
}

uint32_t dmk_pool_threads(const struct dmk_image_options *options, uint64_t n_jobs)
{
	uint32_t n = options->threads ? options->threads : count_cpus();

	if (n > MOST_THREADS)
		n = MOST_THREADS;
	return n > n_jobs ? (uint32_t)(n_jobs ? n_jobs : 1) : n;
}

static void tell(struct dmk_pool *pool, uint64_t done_bytes)
{
	pool->told_ns = dmk_now_ns();
	pool->options->progress(pool->options->userdata, pool->phase, done_bytes, pool->all_bytes);
}

void dmk_pool_tell_end(struct dmk_pool *pool)
{
	if (pool->options->progress)
		tell(pool, pool->done_bytes);
}

bool dmk_pool_has_failed(const struct dmk_pool *pool)
{
	return pool->result < 0;
}

static bool is_canceled(const struct dmk_pool *pool)
{
	return pool->options->cancel_flag && *pool->options->cancel_flag;
}

int dmk_pool_step(struct dmk_worker *worker, uint64_t bytes)
{
	struct dmk_pool *pool = worker->pool;
	uint64_t done_bytes;
	bool failed;

	dmk_lock_enter(&pool->lock);
	done_bytes = pool->done_bytes += bytes;
	failed = dmk_pool_has_failed(pool);
	dmk_lock_leave(&pool->lock);
	if (worker->is_caller && pool->options->progress && done_bytes < pool->all_bytes &&
	    dmk_now_ns() - pool->told_ns >= TELL_EVERY_NS)
		tell(pool, done_bytes);
	if (failed || is_canceled(pool))
		return dmk_fail(&worker->err, -ECANCELED, "it was told to stop");
	return 0;
}

/* The first failure is the one that counts: the others follow from it, most likely. */
static void note_result(struct dmk_worker *worker, int r)
{
	struct dmk_pool *pool = worker->pool;

	dmk_lock_enter(&pool->lock);
	if (r < 0 && pool->result == 0) {
		pool->result = r;
		pool->first_error = worker->err;
	}
	dmk_lock_wake_all(&pool->lock);
	dmk_lock_leave(&pool->lock);
}

static bool take_job(struct dmk_pool *pool, uint64_t *ret_job)
{
	bool taken;

	dmk_lock_enter(&pool->lock);
	taken = !dmk_pool_has_failed(pool) && pool->next_job < pool->work->n_jobs;
	if (taken)
		*ret_job = pool->next_job++;
	dmk_lock_leave(&pool->lock);
	return taken;
}

static void *run_worker(void *data)
{
	struct dmk_worker *worker = data;
	const struct dmk_work *work = worker->pool->work;
	int r = work->begin(worker);
	uint64_t job;

	while (r == 0 && take_job(worker->pool, &job))
		r = work->run(worker, job);
	work->end(worker);
	note_result(worker, r);
	return NULL;
}

/* One that cannot be started is done without: the caller's thread suffices. */
static uint32_t start_others(struct dmk_worker *workers, uint32_t n)
{
	struct dmk_signals signals;
	uint32_t started = 1;

	dmk_signals_block(&signals);
	while (started < n &&
	       dmk_thread_start(&workers[started].thread, run_worker, &workers[started]) == 0)
		started++;
	dmk_signals_restore(&signals);
	return started;
}

int dmk_pool_run(struct dmk_pool *pool, const struct dmk_work *work, struct dmk_error *err)
{
	uint32_t n = dmk_pool_threads(pool->options, work->n_jobs), started;
	struct dmk_worker *workers = calloc(n, sizeof(*workers));

	if (!workers)
		return dmk_fail(err, -ENOMEM, "no memory for %u threads", n);
	pool->work = work;
	pool->next_job = 0;
	pool->result = 0;
	err->step = pool->step;
	for (uint32_t i = 0; i < n; i++) {
		workers[i].pool = pool;
		workers[i].err = *err;
		workers[i].is_caller = i == 0;
	}
	started = start_others(workers, n);
	run_worker(&workers[0]);
	for (uint32_t i = 1; i < started; i++)
		dmk_thread_join(&workers[i].thread);
	free(workers);
	if (pool->result < 0)
		*err = pool->first_error;
	return pool->result;
}
