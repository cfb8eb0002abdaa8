/* SPDX-License-Identifier: MIT */
/* Steps that more than one verb takes. Each fails the verb that runs. */
#ifndef DMK_DEVICE_H
#define DMK_DEVICE_H

#include "kernel/context.h"
#include "identity.h"
#include "machine/nodes.h"
#include "udev.h"

/* query.c: dmk_get_status() with a limit: a target may wait for a lock that another request holds
 * while I/O hangs. Without an answer -ETIMEDOUT. */
int dmk_get_status_within(struct dmk *dm, const struct dmk_id *id, const struct dmk_limit *limit,
			  struct dmk_segments **ret_segments) DMK_MUST_CHECK;
/* Arms this control fd for poll(2); -1: the connection's. */
int dmk_arm_fd(struct dmk *dm, int fd, uint32_t step) DMK_MUST_CHECK;

/* DMK_SUSPEND_* to the kernel's flags. */
uint32_t dmk_suspend_flags(uint32_t flags);
/* -EINVAL for a node policy that is none; the second for a mode, a cookie or flags for udev too. */
int dmk_check_node_policy(struct dmk *dm, uint32_t policy) DMK_MUST_CHECK;
int dmk_check_node_options(struct dmk *dm, uint32_t policy, uint32_t mode, uint32_t udev_cookie,
			   uint32_t udev_flags) DMK_MUST_CHECK;

/* ---- device-nodes.c ---- */

/* The node of a device as the kernel described it. */
struct dmk_node dmk_node_of(const struct dmk *dm, const struct dmk_info *info);
/* nodes.h's, as steps of the verb; they do nothing in a dry run. ret_made may be NULL. */
int dmk_make_node(struct dmk *dm, const struct dmk_node *node, bool *ret_made) DMK_MUST_CHECK;
/* The same for a device that was there before: others may take it away, give it another name or
 * have its removal wait for its last close, so a node that was made is followed by another look,
 * and goes again where there should be none. */
int dmk_make_node_again(struct dmk *dm, const struct dmk_node *node) DMK_MUST_CHECK;
/* Waits for udevd where it answers; where it makes no nodes, dmk_make_node_again() by the policy.
 */
int dmk_end_with_node(struct dmk *dm, struct dmk_handshake *handshake, const struct dmk_node *node,
		      uint32_t policy) DMK_MUST_CHECK;
int dmk_look_again(struct dmk *dm, const struct dmk_node *node) DMK_MUST_CHECK;
int dmk_remove_node(struct dmk *dm, const struct dmk_node *node, struct dmk_node_saved *ret_saved);
int dmk_restore_node(struct dmk *dm, const struct dmk_node *node,
		     const struct dmk_node_saved *saved);

/* TABLE_LOAD, and what can be said of its failure: segment, target and the device that is missing.
 */
int dmk_load_table(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table, bool readonly,
		   struct dmk_info *ret_info) DMK_MUST_CHECK;
/*
 * Loads into the device that was seen first, and no other: where the reply tells of another one,
 * the table is taken out of it again. Between the look and the load nothing keeps somebody from
 * making that one.
 */
int dmk_load_seen(struct dmk *dm, const struct dmk_info *first, const struct dmk_id *asked,
		  struct dmk_table *table, bool readonly, struct dmk_info *ret_info) DMK_MUST_CHECK;

/*
 * Loads until it works, the error is not a transient one, or the time is over. seen: the device
 * that it has to be, from try to try; NULL: whatever id names.
 */
int dmk_load_retrying(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
		      bool readonly, bool wait_for_devices, struct dmk_seen *seen,
		      struct dmk_limit *limit, struct dmk_info *ret_info) DMK_MUST_CHECK;
/* -EINVAL: it has no segments. */
int dmk_check_table(struct dmk *dm, const struct dmk_table *table) DMK_MUST_CHECK;
/* dmk_get_table() and dmk_get_status() within a verb that has begun. */
int dmk_read_table(struct dmk *dm, const struct dmk_id *id,
		   struct dmk_segments **ret_segments) DMK_MUST_CHECK;
int dmk_read_status(struct dmk *dm, const struct dmk_id *id,
		    struct dmk_segments **ret_segments) DMK_MUST_CHECK;

#endif
