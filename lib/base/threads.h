/* SPDX-License-Identifier: MIT */
/* Threads, one lock with a condition, and a bell that wakes a poll(). */
#ifndef DMK_THREADS_H
#define DMK_THREADS_H

#include "util.h"

#include <pthread.h>
#include <signal.h>

struct dmk_thread {
	pthread_t id;
};

struct dmk_lock {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int bell; /* -1: none */
};

/* bell: there will be other threads. -errno: then it is a lock all the same, without bell. */
int dmk_lock_init(struct dmk_lock *lock, bool bell) DMK_MUST_CHECK;
void dmk_lock_destroy(struct dmk_lock *lock);
void dmk_lock_enter(struct dmk_lock *lock);
void dmk_lock_leave(struct dmk_lock *lock);
/* Leaves, waits to be woken, enters. */
void dmk_lock_wait(struct dmk_lock *lock);
void dmk_lock_wake(struct dmk_lock *lock);
void dmk_lock_wake_all(struct dmk_lock *lock);
/* The bell is readable from the ring on until it is silenced. */
void dmk_lock_ring(struct dmk_lock *lock);
void dmk_lock_silence(struct dmk_lock *lock);

/* A thread has the signal mask of who started it: with all of them blocked, handlers go on running
 * in the caller's own threads. */
struct dmk_signals {
	sigset_t before;
};
void dmk_signals_block(struct dmk_signals *ret_signals);
void dmk_signals_restore(const struct dmk_signals *signals);

int dmk_thread_start(struct dmk_thread *thread, void *(*run)(void *), void *data) DMK_MUST_CHECK;
void dmk_thread_join(struct dmk_thread *thread);

#endif
