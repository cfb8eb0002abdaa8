/* SPDX-License-Identifier: MIT */
#include "threads.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A removal needs some kilobytes; untouched, the rest costs nothing. */
#define STACK_BYTES 131072

int dmk_lock_init(struct dmk_lock *lock, bool bell)
{
	pthread_mutex_init(&lock->mutex, NULL);
	pthread_cond_init(&lock->changed, NULL);
	lock->bell = bell ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	return bell && lock->bell < 0 ? -errno : 0;
}

void dmk_lock_destroy(struct dmk_lock *lock)
{
	pthread_cond_destroy(&lock->changed);
	pthread_mutex_destroy(&lock->mutex);
	if (lock->bell >= 0)
		close(lock->bell);
}

void dmk_lock_enter(struct dmk_lock *lock)
{
	pthread_mutex_lock(&lock->mutex);
}

void dmk_lock_leave(struct dmk_lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}

void dmk_lock_wait(struct dmk_lock *lock)
{
	pthread_cond_wait(&lock->changed, &lock->mutex);
}

void dmk_lock_wake(struct dmk_lock *lock)
{
	pthread_cond_signal(&lock->changed);
}

void dmk_lock_wake_all(struct dmk_lock *lock)
{
	pthread_cond_broadcast(&lock->changed);
}

void dmk_lock_ring(struct dmk_lock *lock)
{
	eventfd_write(lock->bell, 1);
}

void dmk_lock_silence(struct dmk_lock *lock)
{
	eventfd_t rings;

	eventfd_read(lock->bell, &rings);
}

void dmk_signals_block(struct dmk_signals *ret_signals)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &ret_signals->before);
}

void dmk_signals_restore(const struct dmk_signals *signals)
{
	pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
}

int dmk_thread_start(struct dmk_thread *thread, void *(*run)(void *), void *data)
{
	pthread_attr_t attributes;
	int r;

	pthread_attr_init(&attributes);
	/* Refused where this system's threads need more: then it has the usual one. */
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	r = pthread_create(&thread->id, &attributes, run, data);
	pthread_attr_destroy(&attributes);
	return -r;
}

void dmk_thread_join(struct dmk_thread *thread)
{
	pthread_join(thread->id, NULL);
}
