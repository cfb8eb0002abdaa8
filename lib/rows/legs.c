/* SPDX-License-Identifier: MIT */
/* "DEVICE OFFSET DEVICE OFFSET ...": what several targets end in. */
#include "target.h"

#include <errno.h>
#include <inttypes.h>

int dmk_legs_read(struct dmk_words *words, const char *what, uint32_t n, void **owned,
		  const struct dmk_leg **ret_legs)
{
	struct dmk_leg *legs;

	/* The count is the text's claim: nothing is allocated for it before the words are there. */
	if (dmk_words_left(words) / 2 < n)
		return dmk_fail_word(
			words->error, -EINVAL, "device", 6, (uint32_t)words->previous_end + 1,
			"%" PRIu32 " %s need as many pairs of DEVICE OFFSET, here are %" PRIu64
			" words",
			n, what, dmk_words_left(words));
	legs = dmk_arena_array(owned, n, sizeof(*legs));
	if (!legs)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	for (uint32_t i = 0; i < n; i++) {
		struct dmk_word device;
		int r = dmk_words_need(words, "device", &device);

		if (r == 0)
			r = dmk_words_number(words, "offset", 0, DMK_MAX_SECTORS,
					     &legs[i].offset_sectors);
		if (r < 0)
			return r;
		legs[i].device = dmk_arena_word(owned, &device);
		if (!legs[i].device)
			return dmk_fail(words->error, -ENOMEM, "no memory");
	}
	*ret_legs = legs;
	return 0;
}

void dmk_legs_print(const struct dmk_leg *legs, uint32_t n, struct dmk_text *out)
{
	for (uint32_t i = 0; i < n; i++) {
		dmk_text_add(out, " ");
		dmk_text_add_path(out, legs[i].device);
		dmk_text_add(out, " %" PRIu64, legs[i].offset_sectors);
	}
}
