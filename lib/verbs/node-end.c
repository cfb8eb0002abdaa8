/* SPDX-License-Identifier: MIT */
/* How a verb ends with a node: udevd's, or ours, on a device that others may change meanwhile. */
#include "device.h"

#include <errno.h>
#include <string.h>

#define MOST_LOOKS 10 /* at a device that others make and remove at the same time */

int dmk_check_node_options(struct dmk *dm, uint32_t policy, uint32_t mode, uint32_t udev_cookie,
			   uint32_t udev_flags)
{
	int r = dmk_check_node_policy(dm, policy);

	if (r == 0 && mode & ~0777u)
		r = dmk_fail_argument(dm, -EINVAL,
				      "a node's mode is permission bits alone, at most 0777");
	return r < 0 ? r : dmk_check_udev(dm, udev_cookie, udev_flags);
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
		r = dmk_make_node(dm, node, NULL);
	}
	return r;
}

int dmk_make_node_again(struct dmk *dm, const struct dmk_node *node)
{
	bool made;
	int r = dmk_make_node(dm, node, &made);

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
