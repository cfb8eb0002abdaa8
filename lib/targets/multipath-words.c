/* SPDX-License-Identifier: MIT */
/* Words of a count, as multipath has them in several places. */
#include "multipath.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int dmk_multipath_read_words(struct dmk_words *words, void **owned, const char *what, uint64_t n,
			     const char *const **ret_list)
{
	const char **list;

	if (n == 0)
		return 0;
	if (dmk_words_left(words) < n)
		return dmk_fail_word(words->error, -EINVAL, what, strlen(what),
				     (uint32_t)words->previous_end + 1,
				     "%" PRIu64 " words must follow, here are %" PRIu64, n,
				     dmk_words_left(words));
	list = dmk_arena_array(owned, n, sizeof(*list));
	if (!list)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	for (uint64_t i = 0; i < n; i++) {
		struct dmk_word word;
		int r = dmk_words_need(words, what, &word);

		if (r < 0)
			return r;
		list[i] = dmk_arena_word(owned, &word);
		if (!list[i])
			return dmk_fail(words->error, -ENOMEM, "no memory");
	}
	*ret_list = list;
	return 0;
}

void dmk_multipath_print_words(const char *const *list, uint32_t n, struct dmk_text *out)
{
	dmk_text_add(out, "%" PRIu32, n);
	for (uint32_t i = 0; i < n; i++)
		dmk_text_add(out, " %s", list[i]);
}
