/* SPDX-License-Identifier: MIT */
/* The list of those who keep a block device busy, and the order in which they are looked for. */
#include "holders.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blockdev.h"
#include "device.h"

#ifndef AT_NO_AUTOMOUNT
#define AT_NO_AUTOMOUNT 0x800
#endif
#ifndef AT_STATX_DONT_SYNC
#define AT_STATX_DONT_SYNC 0x4000
#endif
#define TYPE_BITS 0170000
#define TYPE_BLOCK 0060000
#define NO_MEMORY "there is no memory to look for all holders"

struct dmk_found *dmk_add_holder(struct dmk_holders *holders)
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
	found += holders->n_found++;
	memset(found, 0, sizeof(*found));
	return found;
}

bool dmk_is_held_number(const struct dmk_holders *holders, uint32_t major, uint32_t minor)
{
	for (uint32_t i = 0; i < holders->n_numbers; i++)
		if (holders->numbers[i].major == major && holders->numbers[i].minor == minor)
			return true;
	return false;
}

/* statx(2), since Linux 4.11, and by its number since musl has it late: stat(2) asks the server of
 * a file on NFS or FUSE and waits for ever if that is dead; without STATX_* to fetch and with
 * DONT_SYNC nobody is asked. Type and device number are in memory. */
int dmk_is_held_path(const struct dmk_holders *holders, int dir, const char *path)
{
	struct statx st = { 0 };

	if (syscall(SYS_statx, dir, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st) <
	    0)
		return -errno;
	return (st.stx_mode & TYPE_BITS) == TYPE_BLOCK &&
	       dmk_is_held_number(holders, st.stx_rdev_major, st.stx_rdev_minor);
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

void dmk_unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

int dmk_search_holders(struct dmk_holders *holders, const struct dmk_number *numbers, uint32_t n)
{
	int r;

	holders->scope.major = numbers[0].major;
	holders->scope.minor = numbers[0].minor;
	memcpy(holders->numbers, numbers, n * sizeof(*numbers));
	holders->n_numbers = n;
	dmk_find_partitions(holders);
	/* What is quick and certain first: an error has room for four. */
	r = dmk_find_devices(holders, 0);
	if (r == 0)
		r = dmk_find_loops(holders);
	if (r == 0)
		r = dmk_find_swap(holders);
	if (r == 0)
		r = dmk_walk_processes(holders);
	return r;
}

void dmk_holders_clear(struct dmk_holders *holders)
{
	free(holders->found);
	holders->found = NULL;
	holders->n_found = holders->capacity = 0;
}

/* A mount is often seen at the same place in many namespaces: an error names it once. */
static bool is_shown(const struct dmk_error *err, const struct dmk_holder *holder)
{
	for (uint32_t i = 0; i < err->n_holders; i++)
		if (holder->kind == DMK_HOLDER_MOUNT && err->holders[i].kind == DMK_HOLDER_MOUNT &&
		    strcmp(err->holders[i].where, holder->where) == 0)
			return true;
	return false;
}

void dmk_show_holders(const struct dmk_holders *holders, struct dmk_error *err)
{
	const struct dmk_holders_scope *scope = &holders->scope;

	for (uint32_t i = 0; i < holders->n_found; i++) {
		const struct dmk_holder *holder = &holders->found[i].holder;

		if (err->n_holders == DMK_MAX_HOLDERS || is_shown(err, holder))
			err->holders_more++;
		else
			err->holders[err->n_holders++] = *holder;
	}
	if (err->detail[0])
		return;
	if (scope->processes_unseen || scope->places_unseen)
		dmk_print_text(err->detail, sizeof(err->detail),
			       "%u of %u processes and %u other places where a holder may be could "
			       "not be looked at",
			       scope->processes_unseen, scope->processes, scope->places_unseen);
	else if (scope->flags & DMK_HOLDERS_SOME_HIDDEN)
		dmk_print_text(err->detail, sizeof(err->detail),
			       "not all processes can be seen from here");
}

void dmk_note_holders(uint32_t major, uint32_t minor, struct dmk_error *err)
{
	struct dmk_holders holders = { .proc = "/proc", .sys = "/sys" };
	struct dmk_number number = { .major = major, .minor = minor };

	if (dmk_search_holders(&holders, &number, 1) < 0 && !err->detail[0])
		dmk_copy_text(err->detail, sizeof(err->detail), NO_MEMORY);
	dmk_show_holders(&holders, err);
	dmk_holders_clear(&holders);
}

/* What takes a device for itself alone. A mapping does too, but shares it with other mappings. */
static bool is_claim(const struct dmk_holder *holder)
{
	return holder->kind == DMK_HOLDER_DEVICE || holder->kind == DMK_HOLDER_MOUNT ||
	       holder->kind == DMK_HOLDER_SWAP;
}

void dmk_note_claims(const struct dmk_number *numbers, uint32_t n, struct dmk_error *err)
{
	struct dmk_holders holders = { .proc = "/proc", .sys = "/sys" };
	uint32_t kept = 0;
	bool claimed = false;

	if (dmk_search_holders(&holders, numbers, n) < 0 && !err->detail[0])
		dmk_copy_text(err->detail, sizeof(err->detail), NO_MEMORY);
	for (uint32_t i = 0; i < holders.n_found; i++)
		claimed = claimed || is_claim(&holders.found[i].holder);
	for (uint32_t i = 0; i < holders.n_found; i++)
		if (claimed ? is_claim(&holders.found[i].holder)
			    : holders.found[i].holder.kind != DMK_HOLDER_MAPPING)
			holders.found[kept++] = holders.found[i];
	holders.n_found = kept;
	dmk_show_holders(&holders, err);
	dmk_holders_clear(&holders);
}

static int search(uint32_t major, uint32_t minor, struct dmk_holders **ret_holders)
{
	struct dmk_number number = { .major = major, .minor = minor };
	struct dmk_holders *holders = calloc(1, sizeof(*holders));
	int r;

	if (!holders)
		return -ENOMEM;
	holders->proc = "/proc";
	holders->sys = "/sys";
	r = dmk_search_holders(holders, &number, 1);
	if (r < 0) {
		dmk_holders_free(holders);
		return r;
	}
	*ret_holders = holders;
	return 0;
}

int dmk_find_holders(struct dmk *dm, const struct dmk_id *id, struct dmk_holders **ret_holders)
{
	struct dmk_info info;
	int r = dmk_begin_id(dm, DMK_VERB_HOLDERS, id);

	if (r == 0)
		r = dmk_status(dm, id, &info);
	if (r < 0)
		return r;
	r = search(info.major, info.minor, ret_holders);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_STATUS, r) : 0;
}

int dmk_find_blockdev_holders(const char *device, struct dmk_holders **ret_holders)
{
	uint32_t major, minor;
	int r = dmk_blockdev_number(device, &major, &minor);

	return r < 0 ? r : search(major, minor, ret_holders);
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
