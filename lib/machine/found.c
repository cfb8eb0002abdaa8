/* SPDX-License-Identifier: MIT */
/* The devices that a search of holders looks for, and who was found so far. */
#include "holders.h"

#include <errno.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blockdev.h"
#include "kernel/simple.h"

#ifndef AT_NO_AUTOMOUNT
#define AT_NO_AUTOMOUNT 0x800
#endif
#ifndef AT_STATX_DONT_SYNC
#define AT_STATX_DONT_SYNC 0x4000
#endif
/* Linux 5.8. The member behind it is missing in older headers. */
#define WITH_MOUNT_ID 0x1000
#define MOUNT_ID_OFFSET 0x90
#define TYPE_BITS 0170000
#define TYPE_BLOCK 0060000

void dmk_holders_init(struct dmk_holders *holders, const struct dmk *dm, int64_t end_ns)
{
	*holders = (struct dmk_holders){ .proc = "/proc", .sys = "/sys", .end_ns = end_ns };
	if (dm)
		holders->cancel_flag = dm->cancel_flag;
}

bool dmk_holders_over(struct dmk_holders *holders)
{
	if (!(holders->cancel_flag && *holders->cancel_flag) &&
	    (holders->end_ns == 0 || dmk_now_ns() < holders->end_ns))
		return false;
	holders->scope.flags |= DMK_HOLDERS_CUT_SHORT;
	return true;
}

/* ---- numbers that were seen ---- */

static size_t slot_of(const struct dmk_set *set, uint64_t key)
{
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (set->capacity - 1);

	while (set->keys[i] && set->keys[i] != key)
		i = (i + 1) & (set->capacity - 1);
	return i;
}

bool dmk_set_has(const struct dmk_set *set, uint64_t key)
{
	key += key + 1 ? 1 : 2; /* not 0 */
	return set->n && set->keys[slot_of(set, key)] == key;
}

int dmk_set_add(struct dmk_set *set, uint64_t key)
{
	struct dmk_set larger = { .n = set->n, .capacity = set->n ? 2 * set->capacity : 16 };
	size_t slot;

	key += key + 1 ? 1 : 2; /* not 0 */
	if (2 * set->n >= set->capacity) {
		larger.keys = calloc(larger.capacity, sizeof(*larger.keys));
		if (!larger.keys)
			return -ENOMEM;
		for (size_t i = 0; i < set->capacity; i++)
			if (set->keys[i])
				larger.keys[slot_of(&larger, set->keys[i])] = set->keys[i];
		free(set->keys);
		*set = larger;
	}
	slot = slot_of(set, key);
	set->n += set->keys[slot] == 0;
	set->keys[slot] = key;
	return 0;
}

/* ---- the devices of the search ---- */

int dmk_add_held(struct dmk_holders *holders, const struct dmk_devno *number, uint32_t owner)
{
	uint32_t capacity = holders->held_capacity ? 2 * holders->held_capacity : 8;
	struct dmk_held *held = holders->held;

	if (holders->n_held == holders->held_capacity) {
		held = realloc(held, capacity * sizeof(*held));
		if (!held)
			return -ENOMEM;
		holders->held = held;
		holders->held_capacity = capacity;
	}
	held[holders->n_held++] = (struct dmk_held){ .number = *number, .owner = owner };
	return 0;
}

static int compare_held(const void *a, const void *b)
{
	const struct dmk_held *x = a, *y = b;

	if (x->number.major != y->number.major)
		return x->number.major < y->number.major ? -1 : 1;
	if (x->number.minor != y->number.minor)
		return x->number.minor < y->number.minor ? -1 : 1;
	return (x->owner > y->owner) - (x->owner < y->owner);
}

int dmk_sort_held(struct dmk_holders *holders)
{
	free(holders->sorted);
	holders->n_sorted = 0;
	holders->sorted = dmk_copy_bytes(holders->held, holders->n_held * sizeof(*holders->held));
	if (!holders->sorted)
		return -ENOMEM;
	holders->n_sorted = holders->n_held;
	qsort(holders->sorted, holders->n_sorted, sizeof(*holders->sorted), compare_held);
	return 0;
}

const struct dmk_held *dmk_find_held(const struct dmk_holders *holders, uint32_t major,
				     uint32_t minor)
{
	const struct dmk_held key = { .number = { major, minor } };
	uint32_t low = 0, high = holders->n_sorted;

	/* The first that is not less: of the same number twice, always the same one. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (compare_held(&holders->sorted[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == holders->n_sorted || holders->sorted[low].number.major != major ||
	    holders->sorted[low].number.minor != minor)
		return NULL;
	return &holders->sorted[low];
}

/* ---- what was found ---- */

struct dmk_found *dmk_add_holder(struct dmk_holders *holders, uint32_t owner, uint32_t kind)
{
	struct dmk_found *found = holders->found;
	uint32_t capacity = holders->capacity ? 2 * holders->capacity : 8;

	if (holders->n_found == holders->capacity) {
		found = realloc(found, capacity * sizeof(*found));
		if (!found)
			return NULL;
		holders->found = found;
		holders->capacity = capacity;
	}
	found += holders->n_found;
	memset(found, 0, sizeof(*found));
	found->holder.kind = kind;
	found->owner = owner;
	found->order = holders->n_found++;
	return found;
}

static bool is_below_mount(const struct dmk_found *found)
{
	return found->holder.kind >= DMK_HOLDER_FILE;
}

static int compare_found(const void *a, const void *b)
{
	const struct dmk_found *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (is_below_mount(x) != is_below_mount(y))
		return is_below_mount(x) ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

void dmk_sort_found(struct dmk_holders *holders)
{
	if (holders->n_found)
		qsort(holders->found, holders->n_found, sizeof(*holders->found), compare_found);
}

/* ---- looking ---- */

static const struct dmk_held *find_anonymous(const struct dmk_holders *holders, uint64_t mount_id)
{
	for (uint32_t i = 0; i < holders->n_anonymous; i++)
		if (holders->anonymous[i].mount_id == mount_id)
			return &holders->anonymous[i].held;
	return NULL;
}

/* statx(2), since Linux 4.11, and by its number since musl has it late: stat(2) asks the server of
 * a file on NFS or FUSE and waits for ever if that is dead; without STATX_* to fetch and with
 * DONT_SYNC nobody is asked. Type, device number and mount are in memory. */
int dmk_look_at_path(const struct dmk_holders *holders, int dir, const char *path,
		     struct dmk_place *ret_place)
{
	struct dmk_place place = { 0 };
	struct statx st = { 0 };
	uint64_t mount_id;

	if (syscall(SYS_statx, dir, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		    STATX_TYPE | WITH_MOUNT_ID, &st) < 0)
		return -errno;
	if ((st.stx_mode & TYPE_BITS) == TYPE_BLOCK)
		place.node = dmk_find_held(holders, st.stx_rdev_major, st.stx_rdev_minor);
	place.below = dmk_find_held(holders, st.stx_dev_major, st.stx_dev_minor);
	if (!place.below && st.stx_dev_major == 0 && st.stx_mask & WITH_MOUNT_ID) {
		memcpy(&mount_id, (const char *)&st + MOUNT_ID_OFFSET, sizeof(mount_id));
		place.below = find_anonymous(holders, mount_id);
	}
	*ret_place = place;
	return 0;
}

void dmk_read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, (int)size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

void dmk_command_of(const struct dmk_holders *holders, int32_t pid, char *name, size_t size)
{
	char path[256], line[64];

	snprintf(path, sizeof(path), "%s/%d/comm", holders->proc, pid);
	dmk_read_line(path, line, sizeof(line));
	dmk_copy_text(name, size, line);
}

void dmk_holders_clear(struct dmk_holders *holders)
{
	free(holders->found);
	free(holders->held);
	free(holders->sorted);
	free(holders->mounts.keys);
	free(holders->anonymous);
	holders->found = NULL;
	holders->held = holders->sorted = NULL;
	holders->mounts = (struct dmk_set){ 0 };
	holders->anonymous = NULL;
	holders->n_found = holders->capacity = 0;
	holders->n_held = holders->held_capacity = holders->n_sorted = holders->n_anonymous = 0;
}

int dmk_holders_next(struct dmk_holders *holders, struct dmk_holder *ret_holder)
{
	if (holders->next == holders->n_found)
		return 0;
	*ret_holder = holders->found[holders->next++].holder;
	return 1;
}

void dmk_holders_rewind(struct dmk_holders *holders)
{
	holders->next = 0;
}

uint32_t dmk_holders_count(const struct dmk_holders *holders)
{
	return holders->n_found;
}

const struct dmk_holders_scope *dmk_holders_get_scope(const struct dmk_holders *holders)
{
	return &holders->scope;
}

void dmk_holders_free(struct dmk_holders *holders)
{
	if (!holders)
		return;
	dmk_holders_clear(holders);
	free(holders);
}
