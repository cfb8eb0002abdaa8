/* SPDX-License-Identifier: MIT */
/* The block special files /dev/mapper/NAME. */
#ifndef DMK_NODES_H
#define DMK_NODES_H

#include "dmkit.h"
#include "base/error.h"

struct dmk_node {
	const char *dir;
	const char *name;
	uint32_t major;
	uint32_t minor;
	uint32_t uid;
	uint32_t gid;
	uint32_t mode; /* 0: 0600 */
	/* udev's way: made as a link to the node under its kernel name, if that is there, and a
	 * link to anything else in the place is a wrong one, not somebody's. */
	bool linked;
	bool keep_links; /* to remove: links are udev's */
	/* Its device goes with its last close, and nobody would be there to take the node away,
	 * which then led to the next device of that number: none is made. */
	bool going;
};

/* ---- temporary.c ---- */

/* Longer than any device's name. */
#define DMK_TEMPORARY_LENGTH DMK_NAME_SIZE

/* A name for a node that is being made: nobody else's. name has DMK_TEMPORARY_LENGTH + 1 bytes. */
void dmk_temporary_name(char *name);
bool dmk_is_temporary(const char *name);
/* It is one, and the thread that made it has ended. */
bool dmk_temporary_is_left(const char *name);
/* As /proc/PID/stat has the time at which a process began. */
int64_t dmk_time_since_boot_ns(void);
/* The thread of this number that was there at that time. false: it is, or that cannot be known. */
bool dmk_thread_has_ended(uint32_t thread, int64_t seen_ns);

/* ---- nodes.c ---- */

struct stat;

/*
 * Makes the node, under a temporary name first, unless what stands there is right: the node itself
 * or a symlink that leads to it (udev's). A block node with the same major is stale, since the
 * kernel gives a name to one device at a time, and is replaced. Anything else is -EEXIST and stays.
 * Others may do the same at the same time: what is right is accepted, whoever made it.
 * *ret_made (may be NULL) tells whether something was done.
 */
int dmk_node_make(const struct dmk_node *node, bool *ret_made,
		  struct dmk_error *err) DMK_MUST_CHECK;

/* What dmk_node_remove() took away, for dmk_node_restore(). */
struct dmk_node_saved {
	bool was_node;
	bool was_link;
	uint32_t uid;
	uint32_t gid;
	uint32_t mode;
	char link[64];
};

/* Removes the node if it is the device's (node's major and minor), directly or by a symlink.
 * Anything else, or nothing, is left as it is: no error. */
int dmk_node_remove(const struct dmk_node *node, struct dmk_node_saved *ret_saved,
		    struct dmk_error *err) DMK_MUST_CHECK;
/* Is the link, in dir, of another /dev, whose folder is mounted here? Then what it leads to may be
 * there alone. */
bool dmk_link_is_abroad(const char *dir, const struct stat *link);
bool dmk_node_is_right(const struct dmk_node *node);
/* What dmk_node_remove() would take away, of a node; of all else nothing. */
void dmk_node_look(const struct dmk_node *node, struct dmk_node_saved *ret_saved);
/* Is anything there, right or not? An error counts as yes. */
bool dmk_node_is_there(const struct dmk_node *node);
/* Gives the device behind the node the owner and the mode, where one is set: udev has its own. */
int dmk_node_own(const struct dmk_node *node, struct dmk_error *err) DMK_MUST_CHECK;
int dmk_node_restore(const struct dmk_node *node, const struct dmk_node_saved *saved,
		     struct dmk_error *err) DMK_MUST_CHECK;

#endif
