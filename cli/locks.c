/* SPDX-License-Identifier: MIT */
/*
 * Locks and conditions for the static command, in the place of libc's (-Down_libc=true): those know
 * robust, recursive, error-checking, priority-inheriting, shared between processes and with a time
 * limit, 5 KB in all. dmkit has the plain ones, never initialized otherwise than to their defaults.
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	FREE,
	TAKEN,
	AWAITED /* taken, and somebody may wait */
};

/* Both are libc's types, of which the first word is enough. */
static unsigned *word_of(void *object)
{
	return object;
}

static void wait_while(unsigned *word, unsigned value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL);
}

static void wake(unsigned *word, int most)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, most);
}

int pthread_mutex_init(pthread_mutex_t *restrict mutex,
		       const pthread_mutexattr_t *restrict attributes)
{
	(void)attributes;
	*word_of(mutex) = FREE;
	return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	(void)mutex;
	return 0;
}

/* How it was taken says what who leaves it has to do. */
static void take(unsigned *word, unsigned how)
{
	unsigned seen = FREE;

	if (__atomic_compare_exchange_n(word, &seen, how, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(word, AWAITED, __ATOMIC_ACQUIRE) != FREE)
		wait_while(word, AWAITED);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	take(word_of(mutex), TAKEN);
	return 0;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	if (__atomic_exchange_n(word_of(mutex), FREE, __ATOMIC_RELEASE) == AWAITED)
		wake(word_of(mutex), 1);
	return 0;
}

/* A condition is how often it was signalled: who waits, waits while that stays the same. */
int pthread_cond_init(pthread_cond_t *restrict condition,
		      const pthread_condattr_t *restrict attributes)
{
	(void)attributes;
	*word_of(condition) = 0;
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *condition)
{
	(void)condition;
	return 0;
}

int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex)
{
	unsigned seen = __atomic_load_n(word_of(condition), __ATOMIC_RELAXED);

	pthread_mutex_unlock(mutex);
	wait_while(word_of(condition), seen);
	/* Others that were woken may wait for it, of whom nobody else knows. */
	take(word_of(mutex), AWAITED);
	return 0;
}

static int signal_to(pthread_cond_t *condition, int most)
{
	__atomic_fetch_add(word_of(condition), 1, __ATOMIC_RELEASE);
	wake(word_of(condition), most);
	return 0;
}

int pthread_cond_signal(pthread_cond_t *condition)
{
	return signal_to(condition, 1);
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
	return signal_to(condition, INT_MAX);
}
