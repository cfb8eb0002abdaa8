/* SPDX-License-Identifier: MIT */
/* The nodes of devices as steps of the verbs. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MOST_LOOKS 10 /* at a device that others make and remove at the same time */

int dmk_check_node_policy(struct dmk *dm, uint32_t policy)
{
	if (policy > DMK_NODE_NONE)
		return dmk_fail_argument(dm, -EINVAL, "unknown node policy %u", policy);
	return 0;
}

int dmk_check_node_options(struct dmk *dm, uint32_t policy, uint32_t mode, uint32_t udev_cookie,
			   uint32_t udev_flags)
{
	int r = dmk_check_node_policy(dm, policy);

	if (r == 0 && mode & ~0777u)
		r = dmk_fail_argument(dm, -EINVAL,
				      "a node's mode is permission bits alone, at most 0777");
	return r < 0 ? r : dmk_check_udev(dm, udev_cookie, udev_flags);
}

struct dmk_node dmk_node_of(const struct dmk *dm, const struct dmk_info *info)
{
	return (struct dmk_node){ .dir = dm->node_dir,
				  .name = info->name,
				  .major = info->major,
				  .minor = info->minor,
				  .going = info->flags & DMK_INFO_DEFERRED_REMOVE };
}

/* Where a node step fails during an undo, the first error's texts stay as they are. */
static int node_step(struct dmk *dm, uint32_t step, int r)
{
	return r < 0 ? dmk_fail_step(dm, step, r) : 0;
}

static struct dmk_error *node_error(struct dmk *dm)
{
	return dm->undoing ? NULL : &dm->error;
}

int dmk_make_node(struct dmk *dm, const struct dmk_node *node)
{
	if (dm->dry_run)
		return 0;
	return node_step(dm, DMK_STEP_MAKE_NODE, dmk_node_make(node, NULL, node_error(dm)));
}

/* Is the node's device there under its name, to stay? 1, 0 or a negative errno; no failure of the
 * verb. */
static int is_to_stay(struct dmk *dm, const struct dmk_node *node)
{
	struct dmk_id id = { .major = node->major, .minor = node->minor };
	struct dmk_error before = dm->error;
	struct dmk_info info;
	int r = dmk_status(dm, &id, &info);

	dm->error = before;
	if (r < 0)
		return r == -ENXIO ? 0 : r;
	return strcmp(info.name, node->name) == 0 && !(info.flags & DMK_INFO_DEFERRED_REMOVE);
}

int dmk_look_again(struct dmk *dm, const struct dmk_node *node)
{
	struct dmk_node_saved saved;
	int r = 0;

	/* To take the node away is a step on which the same may happen. */
	for (int i = 0; !dm->dry_run && r == 0 && i < MOST_LOOKS && is_to_stay(dm, node) == 0;
	     i++) {
		r = dmk_remove_node(dm, node, &saved);
		if (r < 0 || is_to_stay(dm, node) != 1)
			break;
		r = dmk_make_node(dm, node);
	}
	return r;
}

int dmk_make_node_again(struct dmk *dm, const struct dmk_node *node)
{
	bool made = false;
	int r = 0;

	if (!dm->dry_run)
		r = node_step(dm, DMK_STEP_MAKE_NODE, dmk_node_make(node, &made, node_error(dm)));
	return r == 0 && made ? dmk_look_again(dm, node) : r;
}

int dmk_end_with_node(struct dmk *dm, struct dmk_handshake *handshake, const struct dmk_node *node,
		      uint32_t policy)
{
	int r = dmk_handshake_end(dm, handshake, node, false);

	return r == 0 && policy != DMK_NODE_NONE && !handshake->nodes
		       ? dmk_make_node_again(dm, node)
		       : r;
}

int dmk_remove_node(struct dmk *dm, const struct dmk_node *node, struct dmk_node_saved *ret_saved)
{
	*ret_saved = (struct dmk_node_saved){ 0 };
	if (dm->dry_run)
		return 0;
	return node_step(dm, DMK_STEP_REMOVE_NODE,
			 dmk_node_remove(node, ret_saved, node_error(dm)));
}

int dmk_restore_node(struct dmk *dm, const struct dmk_node *node,
		     const struct dmk_node_saved *saved)
{
	if (dm->dry_run)
		return 0;
	return node_step(dm, DMK_STEP_MAKE_NODE, dmk_node_restore(node, saved, node_error(dm)));
}

int dmk_node_path(const struct dmk *dm, const char *name, char *buf, size_t size)
{
	int r = dmk_check_new_name(name, NULL);

	if (r < 0)
		return r;
	if ((size_t)snprintf(NULL, 0, "%s/%s", dm->node_dir, name) >= size)
		return -ENAMETOOLONG;
	snprintf(buf, size, "%s/%s", dm->node_dir, name);
	return 0;
}
