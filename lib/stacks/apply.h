/* SPDX-License-Identifier: MIT */
/* One transaction: what it does, and how it is taken back. */
#ifndef DMK_APPLY_H
#define DMK_APPLY_H

#include "plan.h"

struct dmk_apply {
	struct dmk *dm;
	struct dmk_plan *plan;
	const struct dmk_stack_options *options;
	struct dmk_error *failure; /* while it is undone */
};

struct dmk_times {
	int64_t deadline_ns;
	int64_t timeout_ms;
};

/* timeout_ms, else the context's, is one limit for all that follows, and each part of it may wait so
 * long. What is returned is for dmk_times_restore(). */
struct dmk_times dmk_times_set(struct dmk *dm, int64_t timeout_ms);
void dmk_times_restore(struct dmk *dm, const struct dmk_times *before);

/* Makes it so, or leaves all as it was. */
int dmk_apply_plan(struct dmk *dm, struct dmk_plan *plan,
		   const struct dmk_stack_options *options) DMK_MUST_CHECK;

/* ---- make.c ---- */

/* Says which of the new ones are made late: they stand on what gets another table, and nothing that
 * does stands on them. -EINVAL: one is to be there before a table is loaded, and to be made later. */
int dmk_find_late(struct dmk *dm, struct dmk_plan *plan) DMK_MUST_CHECK;
/* Makes the new ones, bottom up, those that are late or those that are not; messages before. */
int dmk_make_new(struct dmk_apply *apply, bool late) DMK_MUST_CHECK;
/* One that is held, while others are suspended: once, and udevd is left to the cookie's owner. */
int dmk_make_held(struct dmk_apply *apply, struct dmk_plan_item *item,
		  uint32_t cookie) DMK_MUST_CHECK;
/* Of a step of an undo: a device that is gone had nothing more to be undone. left: DMK_LEFT_*. */
void dmk_note_undo(struct dmk_apply *apply, int r, uint32_t left);
/* Takes back what that made: top down. A failure is noted. */
void dmk_unmake_new(struct dmk_apply *apply, bool late);

/* ---- last-close.c ---- */

/* Takes back the deferred removal of what is wanted; and defers it again, as an undo. */
int dmk_keep_deferred(struct dmk_apply *apply) DMK_MUST_CHECK;
void dmk_defer_again(struct dmk_apply *apply);
/* Defers the removal of all that was made: each is open by then. */
int dmk_arm_new(struct dmk_apply *apply) DMK_MUST_CHECK;

/* ---- undo.c ---- */

/* All as it was, with time of its own. The error stays, and tells what could not be undone. */
void dmk_undo_apply(struct dmk_apply *apply);

#endif
