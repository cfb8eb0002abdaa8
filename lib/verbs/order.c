/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "kernel/kernel.h"

/* The slot of a number: the one that holds it, or the empty one where it belongs. Never full. */
static uint32_t *slot_of(const struct dmk_order *order, uint32_t major, uint32_t minor)
{
	uint32_t hash = (minor ^ major << 20) * UINT32_C(2654435769);

	for (uint32_t i = hash >> 7;; i++) {
		uint32_t *slot = &order->slots[i & order->mask];
		const struct dmk_order_place *place;

		if (*slot == 0)
			return slot;
		place = &order->places[*slot - 1];
		if (place->major == major && place->minor == minor)
			return slot;
	}
}

uint32_t dmk_order_below(const struct dmk_order *order, uint32_t place, uint32_t dep)
{
	const struct dmk_devno *number = &order->deps[order->places[place].first_dep + dep];

	return *slot_of(order, number->major, number->minor) - 1; /* 0 - 1: none */
}

static int keep_deps(struct dmk_order *order, const struct dmk_devno *deps, uint32_t n)
{
	if (order->n_deps + n > order->room) {
		size_t room = (order->n_deps + n) * 2;
		struct dmk_devno *more = realloc(order->deps, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		order->deps = more;
		order->room = room;
	}
	if (n > 0)
		memcpy(order->deps + order->n_deps, deps, n * sizeof(*deps));
	order->n_deps += n;
	return 0;
}

/* Its number and what it stands on, by one request. */
static int read_place(struct dmk *dm, const struct dmk_id *id, struct dmk_order *order,
		      uint32_t index)
{
	struct dmk_order_place *place = &order->places[index];
	struct dmk_call call = { .command = DM_TABLE_DEPS_CMD,
				 .step = DMK_STEP_DEPS,
				 .id = id,
				 .reply_size = DMK_FIRST_REPLY };
	DMK_CLEANUP(dmk_free_ptr) struct dmk_devno *deps = NULL;
	struct dmk_cursor cursor;
	struct dmk_info info;
	struct dm_ioctl *io;
	uint32_t *slot;
	int r;

	r = dmk_check_id(id, NULL);
	if (r == 0)
		r = dmk_call(dm, &call, &io);
	if (r == 0)
		r = dmk_reply_info(io, &info);
	if (r == 0)
		r = dmk_reply_of(dm, DMK_STEP_DEPS, &cursor);
	if (r == 0)
		r = dmk_cursor_deps(&cursor, &deps, &place->n_deps);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	place->major = info.major;
	place->minor = info.minor;
	place->uuid_hash = dmk_uuid_hash(info.uuid);
	/* Numbers are given anew, and soon: its name then, and its uuid where it has one. */
	if (id->major && (info.uuid[0] || info.name[0])) {
		const char *text = info.uuid[0] ? info.uuid : info.name;

		place->by_uuid = info.uuid[0];
		place->text = dmk_copy_bytes(text, strlen(text) + 1);
		if (!place->text)
			return -ENOMEM;
	}
	place->first_dep = order->n_deps;
	slot = slot_of(order, info.major, info.minor);
	place->again = *slot != 0;
	if (*slot == 0)
		*slot = index + 1;
	return keep_deps(order, deps, place->n_deps);
}

int dmk_order_read(struct dmk *dm, const struct dmk_id *ids, uint32_t n, struct dmk_order *order)
{
	uint64_t slots = 4;
	int r = 0;

	while (slots < (uint64_t)n * 2)
		slots *= 2;
	*order = (struct dmk_order){ .n = n, .mask = (uint32_t)(slots - 1) };
	order->places = calloc(n, sizeof(*order->places));
	order->slots = calloc(slots, sizeof(*order->slots));
	if (!order->places || !order->slots)
		r = -ENOMEM;
	for (uint32_t i = 0; i < n && r == 0; i++)
		r = read_place(dm, &ids[i], order, i);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_DEPS, r);
	for (uint32_t i = 0; i < n && r == 0; i++) {
		struct dmk_order_place *place = &order->places[i];

		for (uint32_t d = 0; d < place->n_deps && !place->again; d++) {
			uint32_t below = dmk_order_below(order, i, d);

			if (below != DMK_ORDER_NONE)
				order->places[below].above++;
		}
	}
	return r;
}

void dmk_order_free(struct dmk_order *order)
{
	for (uint32_t i = 0; i < order->n && order->places; i++)
		free(order->places[i].text);
	free(order->places);
	free(order->deps);
	free(order->slots);
}
