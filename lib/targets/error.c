/* SPDX-License-Identifier: MIT */
/* error: all I/O fails. */
#include "rows/target.h"

/*
 * Since 1.7 (Linux 6.7) two words, as linear's, name a device whose limits are taken over; the
 * kernel never prints them again. Any other number of words it ignores, 1.5 (Linux 6.1) all of
 * them: that can only be a mistake.
 */
static int parse(struct dmk_words *words, void *value)
{
	struct dmk_word device;
	uint64_t offset;
	int r;

	(void)value;
	if (dmk_words_left(words) == 0)
		return 0;
	r = dmk_words_need(words, "device", &device);
	if (r == 0)
		r = dmk_words_number(words, "offset", 0, DMK_MAX_SECTORS, &offset);
	return r;
}

const struct dmk_target dmk_target_error = {
	.info = { .type = "error",
		  .summary = "all I/O fails",
		  .example = "error size=1MiB",
		  .n_keys = 1 },
	.table = {
		.syntax = "[DEVICE OFFSET]",
		.value_size = sizeof(struct dmk_no_value),
		.parse = parse,
	},
};
