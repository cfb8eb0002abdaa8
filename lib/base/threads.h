/* SPDX-License-Identifier: MIT */
/* Threads, one lock with a condition, and a bell that wakes a poll(). Without threads
 * (-Dthreads=false) none can be started, and the rest does nothing. */
#ifndef DMK_THREADS_H
#define DMK_THREADS_H

#include "util.h"

#if DMK_THREADS

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

#else

struct dmk_thread {
	char none;
};

struct dmk_lock {
	int bell;
};

struct dmk_signals {
	char none;
};

static inline int dmk_lock_init(struct dmk_lock *lock, bool bell)
{
	lock->bell = -1;
	return bell ? -1 : 0;
}

#define dmk_lock_destroy(lock) ((void)(lock))
#define dmk_lock_enter(lock) ((void)(lock))
#define dmk_lock_leave(lock) ((void)(lock))
#define dmk_lock_wait(lock) ((void)(lock))
#define dmk_lock_wake(lock) ((void)(lock))
#define dmk_lock_wake_all(lock) ((void)(lock))
#define dmk_lock_ring(lock) ((void)(lock))
#define dmk_lock_silence(lock) ((void)(lock))
#define dmk_signals_block(signals) ((void)(signals))
#define dmk_signals_restore(signals) ((void)(signals))
#define dmk_thread_start(thread, run, data) ((void)(run), -1)
#define dmk_thread_join(thread) ((void)(thread))

#endif
#endif
