/* SPDX-License-Identifier: MIT */
/* multipath's messages. Each is answered with -EBUSY while the device is suspended. */
#include "multipath.h"

static const struct dmk_row group_row[] = {
	{
		.name = "group",
		.kind = DMK_KEY_NUMBER,
		.key_flags = DMK_KEY_REQUIRED,
		.help = "which one, from 1",
		.offset = offsetof(struct dmk_multipath_message, group),
		.min = 1,
		.max = DMK_MULTIPATH_MAX,
	},
};

static const struct dmk_row path_row[] = {
	{
		.name = "path",
		.kind = DMK_KEY_DEVICE,
		.key_flags = DMK_KEY_REQUIRED,
		.help = "the path's device",
		.offset = offsetof(struct dmk_multipath_message, path),
	},
};

#define VALUE .value_size = sizeof(struct dmk_multipath_message)
#define ALONE(key, kernel, text)                                           \
	{                                                                  \
		.info = { .name = (key), .help = text }, .word = (kernel), \
		.form = { .syntax = "", VALUE },                           \
	}
#define WITH(key, kernel, of_what, capitals, text)                                      \
	{                                                                               \
		.info = { .name = (key), .help = text, .n_keys = 1 }, .word = (kernel), \
		.form = { .syntax = capitals, DMK_ROWS(of_what), VALUE },               \
	}

/* As enum dmk_multipath_message_kind counts them. */
const struct dmk_message dmk_multipath_messages[DMK_MULTIPATH_N_MESSAGES] = {
	ALONE("queue-if-no-path", "queue_if_no_path", "let I/O wait while no path is left"),
	ALONE("fail-if-no-path", "fail_if_no_path",
	      "let I/O fail while no path is left, what waits already too"),
	WITH("disable-group", "disable_group", group_row, "GROUP",
	     "use the group only if no other can be used"),
	WITH("enable-group", "enable_group", group_row, "GROUP", "take disable-group back"),
	WITH("switch-group", "switch_group", group_row, "GROUP",
	     "use this group from the next I/O on, and enable all"),
	WITH("fail-path", "fail_path", path_row, "DEVICE", "use the path no more"),
	WITH("reinstate-path", "reinstate_path", path_row, "DEVICE", "use a failed path again"),
};
