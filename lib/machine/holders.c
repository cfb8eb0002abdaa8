/* SPDX-License-Identifier: MIT */
/* The list of those who keep a block device busy, and the order in which they are looked for. */
#include "holders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blockdev.h"
#include "kernel/simple.h"

int dmk_search_holders(struct dmk_holders *holders, const struct dmk_devno *numbers, uint32_t n)
{
	int r = 0;

	holders->scope.major = numbers[0].major;
	holders->scope.minor = numbers[0].minor;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = dmk_add_held(holders, &numbers[i], i);
	holders->n_owners = n;
	if (r == 0)
		r = dmk_find_partitions(holders);
	if (r == 0)
		r = dmk_sort_held(holders);
	/* What is quick and certain first: an error has room for four. */
	if (r == 0)
		r = dmk_find_devices(holders, 0, holders->n_held);
	if (r == 0)
		r = dmk_find_loops(holders);
	if (r == 0)
		r = dmk_find_swap(holders);
	if (r == 0)
		r = dmk_walk_processes(holders);
	dmk_sort_found(holders);
	return r;
}

/* ---- the public search ---- */

/* Within limit, NULL: for ever. */
static int search(struct dmk *dm, const struct dmk_limit *limit, uint32_t major, uint32_t minor,
		  struct dmk_holders **ret_holders)
{
	struct dmk_devno number = { .major = major, .minor = minor };
	struct dmk_holders *holders = malloc(sizeof(*holders));
	int r;

	if (!holders)
		return -ENOMEM;
	dmk_holders_init(holders, dm, limit && limit->end_ns < INT64_MAX ? limit->end_ns : 0);
	r = dmk_search_holders(holders, &number, 1);
	if (r == 0 && dm && dmk_canceled(dm))
		r = -ECANCELED;
	if (r < 0) {
		dmk_holders_free(holders);
		return r;
	}
	*ret_holders = holders;
	return 0;
}

int dmk_find_holders(struct dmk *dm, const struct dmk_id *id, struct dmk_holders **ret_holders)
{
	struct dmk_limit limit;
	struct dmk_info info;
	int r = dmk_begin_id(dm, DMK_VERB_HOLDERS, id);

	if (r == 0)
		r = dmk_limit_start(dm, 0, DMK_FOREVER, &limit);
	if (r == 0)
		r = dmk_status(dm, id, &info);
	if (r < 0)
		return r;
	r = search(dm, &limit, info.major, info.minor, ret_holders);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_STATUS, r) : 0;
}

int dmk_find_blockdev_holders(const char *device, struct dmk_holders **ret_holders)
{
	uint32_t major, minor;
	int r = dmk_blockdev_number(device, &major, &minor);

	return r < 0 ? r : search(NULL, NULL, major, minor, ret_holders);
}
