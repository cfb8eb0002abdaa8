/* SPDX-License-Identifier: MIT */
/* zero: reads give zeros, writes vanish. */
#include "rows/target.h"

const struct dmk_target dmk_target_zero = {
	.info = { .type = "zero",
		  .summary = DMK_HELP("reads give zeros, writes vanish"),
		  .example = DMK_HELP("zero size=1GiB"),
		  .n_keys = 1 },
	.table = {
		.syntax = DMK_HELP(""),
		.value_size = sizeof(struct dmk_no_value),
	},
};
