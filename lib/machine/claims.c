/* SPDX-License-Identifier: MIT */
/*
 * Who has claimed a device, so that Linux gives it to no target: it opens devices for device-mapper
 * alone, which all mappings share. A mount, swap and other drivers claim theirs likewise, and so
 * does an open with O_EXCL. Whoever has a partition has a part of the disk, and the other way.
 */
#include "blockdev.h"
#include "kernel/context.h"
#include "holders.h"

/* All who use one of numbers, n of them, but the mappings that share it. */
static int gather(struct dmk_holders *holders, const struct dmk *dm,
		  const struct dmk_devno *numbers, uint32_t n, bool *ret_shared)
{
	uint32_t kept = 0;
	int r = 0;

	dmk_holders_init(holders, dm, dm ? dm->deadline_ns : 0);
	holders->n_owners = n;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = dmk_add_held(holders, &numbers[i], i);
	if (r == 0)
		r = dmk_find_partitions(holders);
	if (r == 0)
		r = dmk_find_disks(holders, n);
	if (r == 0)
		r = dmk_sort_held(holders);
	if (r == 0)
		r = dmk_find_devices(holders, 0, n);
	for (uint32_t i = 0; i < holders->n_found; i++)
		if (holders->found[i].holder.kind != DMK_HOLDER_MAPPING)
			holders->found[kept++] = holders->found[i];
	*ret_shared = kept < holders->n_found;
	holders->n_found = kept;
	if (r == 0)
		r = dmk_find_devices(holders, n, holders->n_held);
	if (r == 0)
		r = dmk_find_swap(holders);
	if (r == 0)
		r = dmk_walk_processes(holders);
	dmk_sort_found(holders);
	return r;
}

int dmk_find_users(const struct dmk *dm, const struct dmk_devno *numbers, uint32_t n)
{
	struct dmk_holders holders;
	bool shared;
	int r = gather(&holders, dm, numbers, n, &shared);

	if (r == 0)
		r = holders.n_found > 0;
	dmk_holders_clear(&holders);
	return r;
}

int dmk_find_claim(const struct dmk *dm, const char *device, const struct dmk_devno *number,
		   struct dmk_holder *ret_holder)
{
	struct dmk_holders holders;
	const struct dmk_holder *claim = NULL, *opener = NULL;
	bool shared;
	int r = gather(&holders, dm, number, 1, &shared);

	for (uint32_t i = 0; r == 0 && i < holders.n_found; i++) {
		const struct dmk_holder *holder = &holders.found[i].holder;

		if (holder->kind == DMK_HOLDER_OPEN)
			opener = holder;
		else if (!claim)
			claim = holder;
	}
	/* Nothing tells how it was opened. To try is to claim it for a moment, which a mapping
	 * would get in the way of: only where somebody has it, and no mapping. */
	if (!claim && opener && !shared && dmk_blockdev_is_claimed(device))
		claim = opener;
	if (claim) {
		*ret_holder = *claim;
		r = 1;
	}
	dmk_holders_clear(&holders);
	return r;
}
