/* SPDX-License-Identifier: MIT */
/*
 * Who has claimed a device, so that Linux gives it to no target: it opens devices for device-mapper
 * alone, which all mappings share. A mount, swap and other drivers claim theirs likewise, and so
 * does an open with O_EXCL. Whoever has a partition has a part of the disk, and the other way.
 */
#include <string.h>

#include "blockdev.h"
#include "holders.h"

/* All who use one of the first n numbers, but the mappings that share it. */
static int gather(struct dmk_holders *holders, uint32_t n, bool *ret_shared)
{
	uint32_t all, kept = 0;
	int r;

	dmk_find_partitions(holders);
	dmk_find_disks(holders, n);
	all = holders->n_numbers;
	holders->n_numbers = n;
	r = dmk_find_devices(holders, 0);
	for (uint32_t i = 0; i < holders->n_found; i++)
		if (holders->found[i].holder.kind != DMK_HOLDER_MAPPING)
			holders->found[kept++] = holders->found[i];
	*ret_shared = kept < holders->n_found;
	holders->n_found = kept;
	holders->n_numbers = all;
	if (r == 0)
		r = dmk_find_devices(holders, n);
	if (r == 0)
		r = dmk_find_swap(holders);
	return r == 0 ? dmk_walk_processes(holders) : r;
}

int dmk_find_users(const struct dmk_number *numbers, uint32_t n)
{
	struct dmk_holders holders = { .proc = "/proc", .sys = "/sys", .n_numbers = n };
	bool shared;
	int r;

	memcpy(holders.numbers, numbers, n * sizeof(*numbers));
	r = gather(&holders, n, &shared);
	if (r == 0)
		r = holders.n_found > 0;
	dmk_holders_clear(&holders);
	return r;
}

int dmk_find_claim(const char *device, const struct dmk_number *number,
		   struct dmk_holder *ret_holder)
{
	struct dmk_holders holders = { .proc = "/proc", .sys = "/sys", .n_numbers = 1 };
	const struct dmk_holder *claim = NULL, *opener = NULL;
	bool shared;
	int r;

	holders.numbers[0] = *number;
	r = gather(&holders, 1, &shared);
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
