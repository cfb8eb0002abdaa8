/* SPDX-License-Identifier: MIT */
/* How long mount and umount wait for what others do: by the connection's limits, and what cancels
 * them. */
#ifndef DMK_IMAGE_PATIENCE_H
#define DMK_IMAGE_PATIENCE_H

#include "dmkit-image.h"
#include "base/util.h"

struct dmk_patience {
	int64_t end_ns; /* CLOCK_MONOTONIC; INT64_MAX: no end; 0: nothing is waited for */
	int64_t pause_ns;
	const volatile int32_t *flag;
	int fd;
};

/* timeout_ms as the verb has it, else the connection's, else fallback_ms; its deadline always. */
void dmk_patience_start(struct dmk_patience *patience, const struct dmk *dm, int64_t timeout_ms,
			int64_t fallback_ms);
/* 0: look again; -ETIMEDOUT: that was the last time; -ECANCELED. */
int dmk_patience_pause(struct dmk_patience *patience) DMK_MUST_CHECK;

/* Between two steps: -ECANCELED if the connection's flag is set, or flag, which may be NULL. */
int dmk_go_on_unless(const struct dmk *dm, const volatile int32_t *flag,
		     struct dmk_error *err) DMK_MUST_CHECK;

#endif
