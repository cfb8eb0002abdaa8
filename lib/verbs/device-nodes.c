/* SPDX-License-Identifier: MIT */
/* The nodes of devices as steps of the verbs. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int dmk_check_node_policy(struct dmk *dm, uint32_t policy)
{
	if (policy > DMK_NODE_NONE)
		return dmk_fail_argument(dm, -EINVAL, "unknown node policy %u", policy);
	return 0;
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

int dmk_make_node(struct dmk *dm, const struct dmk_node *node, bool *ret_made)
{
	if (ret_made)
		*ret_made = false;
	if (dm->dry_run)
		return 0;
	return node_step(dm, DMK_STEP_MAKE_NODE, dmk_node_make(node, ret_made, node_error(dm)));
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
