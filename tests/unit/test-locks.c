/* SPDX-License-Identifier: MIT */
/* The static command's own locks and conditions, with threads that get in each other's way. */
#include <pthread.h>

int own_mutex_init(pthread_mutex_t *restrict, const pthread_mutexattr_t *restrict);
int own_mutex_destroy(pthread_mutex_t *);
int own_mutex_lock(pthread_mutex_t *);
int own_mutex_unlock(pthread_mutex_t *);
int own_cond_init(pthread_cond_t *restrict, const pthread_condattr_t *restrict);
int own_cond_destroy(pthread_cond_t *);
int own_cond_wait(pthread_cond_t *restrict, pthread_mutex_t *restrict);
int own_cond_signal(pthread_cond_t *);
int own_cond_broadcast(pthread_cond_t *);
#define pthread_mutex_init own_mutex_init
#define pthread_mutex_destroy own_mutex_destroy
#define pthread_mutex_lock own_mutex_lock
#define pthread_mutex_unlock own_mutex_unlock
#define pthread_cond_init own_cond_init
#define pthread_cond_destroy own_cond_destroy
#define pthread_cond_wait own_cond_wait
#define pthread_cond_signal own_cond_signal
#define pthread_cond_broadcast own_cond_broadcast
#include "../../cli/locks.c"

#include "unit.h"

#define N_THREADS 4
#define ROUNDS 20000

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t number; /* whose turn it is, once all have begun */
	uint32_t begun;
	uint32_t count;
} shared;

static void begin(void)
{
	pthread_mutex_init(&shared.lock, NULL);
	pthread_cond_init(&shared.changed, NULL);
	shared.number = shared.begun = shared.count = 0;
}

static void run(void *(*function)(void *))
{
	pthread_t threads[N_THREADS];

	for (uintptr_t i = 0; i < N_THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, function, (void *)i), 0);
	for (uint32_t i = 0; i < N_THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	pthread_cond_destroy(&shared.changed);
	pthread_mutex_destroy(&shared.lock);
}

static void *count(void *data)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&shared.lock);
		shared.count++;
		pthread_mutex_unlock(&shared.lock);
	}
	return data;
}

static void locks(void **state)
{
	(void)state;
	begin();
	run(count);
	assert_int_equal(shared.count, N_THREADS * ROUNDS);
}

/* All wait for the last to begin; from then on each for its turn. */
static void *take_turns(void *data)
{
	const uint32_t own = (uint32_t)(uintptr_t)data;

	pthread_mutex_lock(&shared.lock);
	if (++shared.begun == N_THREADS)
		pthread_cond_broadcast(&shared.changed);
	while (shared.begun < N_THREADS)
		pthread_cond_wait(&shared.changed, &shared.lock);
	for (uint32_t i = 0; i < ROUNDS / 40; i++) {
		while (shared.number != own)
			pthread_cond_wait(&shared.changed, &shared.lock);
		shared.number = (own + 1) % N_THREADS;
		shared.count++;
		pthread_cond_broadcast(&shared.changed);
	}
	pthread_mutex_unlock(&shared.lock);
	return data;
}

static void wakes_all(void **state)
{
	(void)state;
	begin();
	run(take_turns);
	assert_int_equal(shared.count, N_THREADS * (ROUNDS / 40));
}

/* Each piece wakes one of those that wait for one. */
static void *take_one(void *data)
{
	pthread_mutex_lock(&shared.lock);
	while (shared.number == 0)
		pthread_cond_wait(&shared.changed, &shared.lock);
	shared.number--;
	shared.count++;
	pthread_mutex_unlock(&shared.lock);
	return data;
}

static void *give_or_take(void *data)
{
	if (data)
		return take_one(data);
	for (uint32_t i = 1; i < N_THREADS; i++) {
		pthread_mutex_lock(&shared.lock);
		shared.number++;
		pthread_cond_signal(&shared.changed);
		pthread_mutex_unlock(&shared.lock);
	}
	return data;
}

static void wakes_one(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		begin();
		run(give_or_take);
		assert_int_equal(shared.count, N_THREADS - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks),
		cmocka_unit_test(wakes_all),
		cmocka_unit_test(wakes_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
