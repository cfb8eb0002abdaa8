/* SPDX-License-Identifier: MIT */
/*
 * Is it still the device that the verb began on? A request names a device by one thing alone, its
 * name, its uuid or its number, and between two requests another process may remove the device and
 * make its own with the same. What can be known without further requests stands in the replies.
 */
#ifndef DMK_IDENTITY_H
#define DMK_IDENTITY_H

#include "kernel/simple.h"

struct dmk_table;

/* A device as a verb has first seen it. */
struct dmk_seen {
	struct dmk_info info;
	/* The kernel's number of the disk, which no other has until the next boot; 0: not known.
	 * Read where a verb tries again, see dmk_seen_pause(). */
	uint64_t diskseq;
};

/* Where there is no room for the uuids of a million devices; 0: it has none. */
uint32_t dmk_uuid_hash(const char *uuid);

/*
 * What later requests name it by. Nobody gets a uuid that lives, or changes it. A name can be taken
 * away, and is another's only where somebody wants just that one. A number is given to the next
 * device that is made, whatever it is. `asked` where the reply has neither.
 */
struct dmk_id dmk_id_of(const struct dmk_info *info, const struct dmk_id *asked);

/* Fails the verb with -EBUSY: somebody else was at it at the same time. */
int dmk_fail_raced(struct dmk *dm, uint32_t step);

/* Before a pause, after which it is to be recognized. Does nothing behind a hook that does not ask
 * the kernel, and the second time. */
void dmk_seen_pause(const struct dmk *dm, struct dmk_seen *seen);
/* Is this, what a DEV_STATUS has said just now, the same? */
bool dmk_is_seen(const struct dmk *dm, const struct dmk_seen *seen, const struct dmk_info *now);

/*
 * One DEV_STATUS that is no step of the verb: a failure is in nobody's error. 0, and *ret_now;
 * -ENXIO: there is none; else it cannot be told.
 */
int dmk_look(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_now) DMK_MUST_CHECK;

/* After a failure, before anything is taken back. Where it cannot be told it is there, and *ret_now
 * is as it was. */
bool dmk_is_there(struct dmk *dm, const struct dmk_info *first, const struct dmk_id *asked,
		  struct dmk_info *ret_now) DMK_MUST_CHECK;

/* The node of a device that is gone goes too, unless a device of that name has that number now, and
 * so the node. Fails the verb, or notes it in an undo. */
int dmk_forget_node(struct dmk *dm, const struct dmk_info *gone, bool keep_links) DMK_MUST_CHECK;

/* What the reply to a resume tells: that table was put in, and by that resume. -EBUSY: another
 * process was quicker. To be asked right after dmk_simple() or dmk_simple_blocking(). */
int dmk_check_resumed(struct dmk *dm, const struct dmk_info *info,
		      const struct dmk_table *table) DMK_MUST_CHECK;

#endif
