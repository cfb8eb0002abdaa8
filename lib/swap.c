/* SPDX-License-Identifier: MIT */
/* A loaded table put in, and what happens where that is refused. */
#include "device.h"

int dmk_swap_table(struct dmk *dm, const struct dmk_id *id, const struct dmk_info *loaded,
		   uint32_t flags, struct dmk_handshake *handshake, const struct dmk_limit *limit,
		   struct dmk_info *ret_info)
{
	struct dmk_call resume = {
		.command = DM_DEV_SUSPEND_CMD,
		.step = DMK_STEP_RESUME,
		.id = id,
		.flags = flags,
	};
	struct dmk_call clear = { .command = DM_TABLE_CLEAR_CMD, .step = DMK_STEP_CLEAR, .id = id };
	struct dmk_info after;
	int r = dmk_go_on(dm, DMK_STEP_RESUME);
	int undo;

	if (r == 0 && handshake)
		r = dmk_handshake_begin(dm, handshake);

	resume.event_nr = handshake ? handshake->event_nr : 0;
	if (r == 0) {
		r = dmk_simple_blocking(dm, &resume, limit, ret_info);
		if (handshake)
			dmk_handshake_sent(dm, handshake, r);
	}
	if (r == 0)
		return 0;
	resume.event_nr = 0;
	/* A failed suspend puts the new table back into its slot; a failed swap leaves the device
	 * suspended. */
	dm->undoing = true;
	undo = dmk_simple(dm, &clear, &after);
	if (undo == 0 && (after.flags & DMK_INFO_SUSPENDED) &&
	    !(loaded->flags & DMK_INFO_SUSPENDED)) {
		undo = dmk_simple(dm, &resume, NULL);
		if (undo < 0)
			dmk_copy_text(dm->error.detail, sizeof(dm->error.detail),
				      "the device could not be resumed and stays suspended");
	}
	dm->undoing = false;
	return r;
}
