/* SPDX-License-Identifier: MIT */
/* zero: reads give zeros, writes vanish. */
#include "rows/target.h"

const struct dmk_target dmk_target_zero = {
	.info = { .type = "zero",
		  .summary = "reads give zeros, writes vanish",
		  .example = "zero size=1GiB",
		  .n_keys = 1 },
	.table = {
		.syntax = "",
		.value_size = sizeof(struct dmk_no_value),
	},
};
