/* SPDX-License-Identifier: MIT */
/* How long a verb goes on trying, and what ends it before. */
#ifndef DMK_LIMIT_H
#define DMK_LIMIT_H

#include "context.h"

bool dmk_canceled(const struct dmk *dm);
/* Between two steps of a verb that can take the first one back: fails it at step if the caller's
 * flag is set. */
int dmk_go_on(struct dmk *dm, uint32_t step) DMK_MUST_CHECK;

/* How long a verb goes on trying. */
struct dmk_limit {
	int64_t end_ns; /* CLOCK_MONOTONIC; INT64_MAX: no end; 0: once */
	uint32_t tries;
};

/* From the verb's timeout_ms, else the context's, else fallback_ms; never beyond
 * dmk_set_deadline(). */
int dmk_limit_start(struct dmk *dm, int64_t timeout_ms, int64_t fallback_ms,
		    struct dmk_limit *ret_limit) DMK_MUST_CHECK;
/* The next step counts its own tries. */
void dmk_limit_next_step(struct dmk *dm, struct dmk_limit *limit);
/* How long to wait after the nth try, counted from 0: twice as long each time, up to the longest,
 * which is that of DMK_PAUSES - 1. */
#define DMK_PAUSES 8
int64_t dmk_pause_ns(uint32_t nth);
/* 0: try once more, after that pause; -ETIMEDOUT: enough; -ECANCELED. Keeps the error's tries. */
int dmk_limit_pause(struct dmk *dm, struct dmk_limit *limit) DMK_MUST_CHECK;
/* The same of a step that failed with *r, which stays, unless the caller cancels: that is the
 * step's failure then. */
bool dmk_try_again(struct dmk *dm, struct dmk_limit *limit, uint32_t step, int *r) DMK_MUST_CHECK;
/* Polls fd (-1: only time passes) until it is readable, the limit ends or the caller cancels. */
int dmk_limit_poll(struct dmk *dm, const struct dmk_limit *limit, int fd) DMK_MUST_CHECK;

#endif
