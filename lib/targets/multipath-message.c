/* SPDX-License-Identifier: MIT */
/* multipath's messages. Each is answered with -EBUSY while the device is suspended. */
#include "multipath.h"

#define DMK_ROWS_OF struct dmk_multipath_message

static const struct dmk_row group_row[] = {
	{ DMK_REQUIRED("group", NUMBER, "which one, from 1"), DMK_FIELD(group), .min = 1,
	  .max = DMK_MULTIPATH_MAX },
};

static const struct dmk_row path_row[] = {
	{ DMK_REQUIRED("path", DEVICE, "the path's device"), DMK_FIELD(path) },
};

/* As enum dmk_multipath_message_kind counts them. */
const struct dmk_message dmk_multipath_messages[DMK_MULTIPATH_N_MESSAGES] = {
	{ DMK_MESSAGE("queue-if-no-path", "queue_if_no_path",
		      "let I/O wait while no path is left") },
	{ DMK_MESSAGE("fail-if-no-path", "fail_if_no_path",
		      "let I/O fail while no path is left, what waits already too") },
	{ DMK_MESSAGE_WITH("disable-group", "disable_group", "GROUP", group_row,
			   "use the group only if no other can be used") },
	{ DMK_MESSAGE_WITH("enable-group", "enable_group", "GROUP", group_row,
			   "take disable-group back") },
	{ DMK_MESSAGE_WITH("switch-group", "switch_group", "GROUP", group_row,
			   "use this group from the next I/O on, and enable all") },
	{ DMK_MESSAGE_WITH("fail-path", "fail_path", "DEVICE", path_row, "use the path no more") },
	{ DMK_MESSAGE_WITH("reinstate-path", "reinstate_path", "DEVICE", path_row,
			   "use a failed path again") },
};
