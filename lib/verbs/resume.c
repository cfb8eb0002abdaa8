/* SPDX-License-Identifier: MIT */
/* The verb that lets I/O go on, and puts a loaded table in where there is one. */
#include "swap.h"

static int check_resume_options(struct dmk *dm, const struct dmk_resume_options *o)
{
	int r = dmk_check_options(dm, o->flags,
				  DMK_SUSPEND_NOFLUSH | DMK_SUSPEND_SKIP_LOCKFS | DMK_RESUME_LEAVE,
				  o->reserved);

	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	return r < 0 ? r
		     : dmk_check_node_options(dm, o->node_policy, o->mode, o->udev_cookie,
					      o->udev_flags);
}

/* The resume itself; where it is refused, what it changed is put back. */
static int resume_device(struct dmk *dm, const struct dmk_id *id,
			 const struct dmk_resume_options *o, struct dmk_handshake *handshake,
			 struct dmk_info *info)
{
	struct dmk_call call = { .command = DM_DEV_SUSPEND_CMD, .step = DMK_STEP_RESUME, .id = id };
	struct dmk_former former = { 0 };
	struct dmk_limit limit;
	struct dmk_id own;
	int r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &limit);

	if (r == 0 && !(o->flags & DMK_RESUME_LEAVE))
		r = dmk_former_read(dm, id, &former);
	if (r == 0)
		r = dmk_handshake_begin(dm, handshake);
	if (r == 0) {
		own = dmk_id_of(&former.info, id);
		call.id = &own;
		call.first = former.known ? &former.info : NULL;
		call.flags = dmk_suspend_flags(o->flags);
		call.event_nr = handshake->event_nr;
		r = dmk_simple_blocking(dm, &call, &limit, info);
		dmk_handshake_sent(dm, handshake, r);
		if (r < 0 && former.known)
			r = dmk_swap_failed(dm, id, &former, r, false);
	}
	dmk_former_free(&former);
	return r;
}

int dmk_resume(struct dmk *dm, const struct dmk_id *id, const struct dmk_resume_options *options,
	       struct dmk_info *ret_info)
{
	static const struct dmk_resume_options defaults;
	const struct dmk_resume_options *o = options ? options : &defaults;
	struct dmk_udev_request udev = { o->udev_cookie, o->udev_flags, o->node_policy,
					 o->timeout_ms };
	struct dmk_handshake handshake;
	struct dmk_info info;
	struct dmk_node node;
	int r = dmk_begin_id(dm, DMK_VERB_RESUME, id);

	if (r == 0)
		r = check_resume_options(dm, o);
	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r == 0)
		r = resume_device(dm, id, o, &handshake, &info);
	if (r < 0)
		return r;
	node = dmk_node_of(dm, &info);
	node.uid = o->uid;
	node.gid = o->gid;
	node.mode = o->mode;
	r = dmk_end_with_node(dm, &handshake, &node, o->node_policy);
	if (r < 0)
		dm->error.left |= DMK_LEFT_DONE;
	if (r == 0 && ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}
