/* SPDX-License-Identifier: MIT */
/* Steps that more than one verb takes. Each fails the verb that runs. */
#ifndef DMK_DEVICE_H
#define DMK_DEVICE_H

#include "context.h"
#include "kernel.h"
#include "nodes.h"
#include "udev.h"

/* A verb on a device without payload: sends it and reads the header of the reply. ret_info may be
 * NULL. */
int dmk_simple(struct dmk *dm, const struct dmk_call *call,
	       struct dmk_info *ret_info) DMK_MUST_CHECK;
/* The same for one that can block; at the limit's end the error tells the state that the device is
 * in then. */
int dmk_simple_blocking(struct dmk *dm, const struct dmk_call *call, const struct dmk_limit *limit,
			struct dmk_info *ret_info) DMK_MUST_CHECK;
int dmk_status(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_info) DMK_MUST_CHECK;

/* -EINVAL for a node policy or a mode that is none. */
int dmk_check_node_policy(struct dmk *dm, uint32_t policy) DMK_MUST_CHECK;
int dmk_check_mode(struct dmk *dm, uint32_t mode) DMK_MUST_CHECK;

/* ---- device-nodes.c ---- */

/* The node of a device as the kernel described it. */
struct dmk_node dmk_node_of(const struct dmk *dm, const struct dmk_info *info);
/* nodes.h's, as steps of the verb; they do nothing in a dry run. */
int dmk_make_node(struct dmk *dm, const struct dmk_node *node) DMK_MUST_CHECK;
/* The same for a device that was there before: others may take it away, give it another name or
 * have its removal wait for its last close, so a node that was made is followed by another look,
 * and goes again where there should be none. */
int dmk_make_node_again(struct dmk *dm, const struct dmk_node *node) DMK_MUST_CHECK;
int dmk_look_again(struct dmk *dm, const struct dmk_node *node) DMK_MUST_CHECK;
int dmk_remove_node(struct dmk *dm, const struct dmk_node *node, struct dmk_node_saved *ret_saved);
int dmk_restore_node(struct dmk *dm, const struct dmk_node *node,
		     const struct dmk_node_saved *saved);

/* TABLE_LOAD, and what can be said of its failure: segment, target and the device that is missing.
 */
int dmk_load_table(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table, bool readonly,
		   struct dmk_info *ret_info) DMK_MUST_CHECK;
/* Resumes with the new table that a load left; on failure the old one runs on and the new one is
 * gone. handshake NULL: udevd is told without a cookie. */
int dmk_swap_table(struct dmk *dm, const struct dmk_id *id, const struct dmk_info *loaded,
		   uint32_t flags, struct dmk_handshake *handshake, const struct dmk_limit *limit,
		   struct dmk_info *ret_info) DMK_MUST_CHECK;

#endif
