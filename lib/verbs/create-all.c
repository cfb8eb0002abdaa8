/* SPDX-License-Identifier: MIT */
/* Several devices as one: all of them are made, or none stays. */
#include <errno.h>
#include <stdlib.h>

#include "concise.h"
#include "device.h"
#include "remove.h"

/* With time of its own, and not to be cancelled: what was begun is taken back. */
static int undo_one(struct dmk *dm, const struct dmk_info *made, const struct dmk_create_options *o)
{
	const struct dmk_remove_options options = { .node_policy = o->node_policy,
						    .timeout_ms = DMK_UNDO_MS };
	const volatile int32_t *cancel_flag = dm->cancel_flag;
	int64_t deadline_ns = dm->deadline_ns;
	int cancel_fd = dm->cancel_fd;
	int r;

	dm->cancel_flag = NULL;
	dm->cancel_fd = -1;
	dm->deadline_ns = 0;
	r = dmk_remove_seen(dm, made, &options);
	dm->cancel_flag = cancel_flag;
	dm->cancel_fd = cancel_fd;
	dm->deadline_ns = deadline_ns;
	return r == -ENXIO ? 0 : r;
}

/* The first n go, the last one first; the error stays. */
static void undo(struct dmk *dm, const struct dmk_info *made, uint32_t n,
		 const struct dmk_create_options *o)
{
	struct dmk_error failure = dm->error;

	while (n-- > 0) {
		int r = undo_one(dm, &made[n], o);

		if (r < 0 && failure.undo_code == 0)
			failure.undo_code = r;
	}
	dm->error = failure;
}

int dmk_create_concise(struct dmk *dm, struct dmk_concise *concise,
		       const struct dmk_create_options *options)
{
	static const struct dmk_create_options defaults;
	const struct dmk_create_options *common = options ? options : &defaults;
	uint32_t count = dmk_concise_count(concise), n = 0;
	struct dmk_info *made;
	int r = 0;

	dmk_begin(dm, DMK_VERB_CREATE, NULL);
	if (common->uuid || (common->flags & DMK_CREATE_FIXED_MINOR))
		return dmk_fail_argument(dm, -EINVAL,
					 "each device has its own uuid and minor in the text");
	/* What is taken back is what was made, not what has its name by then. */
	made = calloc(count ? count : 1, sizeof(*made));
	if (!made)
		return dmk_fail_step(dm, DMK_STEP_CREATE, -ENOMEM);
	for (; n < count; n++) {
		struct dmk_concise_device device = dmk_concise_at(concise, n);
		struct dmk_create_options o = *common;

		o.flags |= device.flags;
		o.minor = device.minor;
		o.uuid = device.uuid;
		r = dmk_create(dm, device.name, device.table, &o, &made[n]);
		if (r < 0)
			break;
	}
	if (r < 0)
		undo(dm, made, n, common);
	free(made);
	return r;
}
