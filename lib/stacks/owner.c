/* SPDX-License-Identifier: MIT */
/* Devices of an owner: made on behalf of a process, and garbage once that has ended. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/nodes.h"
#include "verbs/device.h"
#include "stack.h"

#define BOOT_DIGITS 16
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"

struct entry {
	char name[DMK_NAME_SIZE];
	char uuid[DMK_OWNER_UUID_SIZE];
	struct dmk_owned owned;
	uint32_t n_open;
	uint32_t n_above; /* how many of the garbage stand on it */
	struct dmk_devno *below;
	uint32_t n_below;
};

struct dmk_owned_devices {
	struct entry *entries;
	uint32_t n;
	uint32_t position;
};

/* The first digits of the boot's own number, without its hyphens. */
static int read_boot(char boot[static BOOT_DIGITS + 1])
{
	DMK_CLEANUP(dmk_close_ptr) int fd = open(BOOT_FILE, O_RDONLY | O_CLOEXEC);
	char text[64];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	size_t used = 0;

	if (n < 0)
		return -errno;
	for (ssize_t i = 0; i < n && used < BOOT_DIGITS; i++)
		if (dmk_hex_digit(text[i]) >= 0)
			boot[used++] = text[i];
	boot[used] = '\0';
	return used == BOOT_DIGITS ? 0 : -ENODATA;
}

int dmk_owner_uuid(const char *owner, uint32_t pid, char *buf)
{
	char boot[BOOT_DIGITS + 1];
	struct dmk_error err;
	int r = dmk_stack_check_name(owner, &err);

	if (r == 0)
		r = read_boot(boot);
	if (r < 0)
		return r;
	dmk_print_text(buf, DMK_OWNER_UUID_SIZE, DMK_STACK_UUID "%s-%u.%llx.%s", owner,
		       pid ? pid : (uint32_t)getpid(), (unsigned long long)dmk_time_since_boot_ns(),
		       boot);
	return 0;
}

/* ---- which there are ---- */

static bool take_time(const char **at, int64_t *ret_ns)
{
	uint64_t ns = 0;
	unsigned int digits = 0;

	for (; dmk_hex_digit(**at) >= 0 && digits < 16; digits++, ++*at)
		ns = ns << 4 | (uint64_t)dmk_hex_digit(**at);
	*ret_ns = (int64_t)ns;
	return digits > 0 && ns <= INT64_MAX;
}

/* "PID.TIME.BOOT"; false: it is another's, as a stack's device. */
static bool parse(const char *at, const char *this_boot, uint32_t *ret_pid, bool *ret_ended)
{
	uint64_t pid;
	int64_t ns;

	if (!dmk_take_u64(&at, INT32_MAX, &pid) || pid == 0 || *at++ != '.' ||
	    !take_time(&at, &ns) || *at++ != '.' || strlen(at) != BOOT_DIGITS)
		return false;
	*ret_pid = (uint32_t)pid;
	*ret_ended = strcmp(at, this_boot) != 0 || dmk_thread_has_ended((uint32_t)pid, ns);
	return true;
}

/* One that went away meanwhile is none. */
static int add(struct dmk *dm, struct dmk_owned_devices *devices, const struct dmk_device *device,
	       uint32_t pid, bool ended)
{
	const struct dmk_id id = { .uuid = device->uuid };
	struct entry *entries = realloc(devices->entries, (devices->n + 1) * sizeof(*entries));
	struct dmk_info info;
	struct entry *entry;
	int r;

	if (!entries)
		return dmk_fail_step(dm, DMK_STEP_LIST, -ENOMEM);
	devices->entries = entries;
	r = dmk_get_info(dm, &id, NULL, &info);
	if (r < 0)
		return r == -ENXIO ? 0 : r;
	entry = &entries[devices->n];
	*entry = (struct entry){ .n_open = info.open_count > 0 ? (uint32_t)info.open_count : 0 };
	if (ended)
		r = dmk_get_deps(dm, &id, NULL, &entry->below, &entry->n_below);
	if (r < 0)
		return r == -ENXIO ? 0 : r;
	dmk_copy_text(entry->name, sizeof(entry->name), info.name);
	dmk_copy_text(entry->uuid, sizeof(entry->uuid), info.uuid);
	entry->owned.state = ended ? DMK_OWNED_GARBAGE : DMK_OWNED_ALIVE;
	entry->owned.pid = pid;
	entry->owned.major = info.major;
	entry->owned.minor = info.minor;
	devices->n++;
	return 0;
}

static int fill(struct dmk *dm, struct dmk_devices *listed, const char *prefix,
		struct dmk_owned_devices *devices)
{
	char boot[BOOT_DIGITS + 1];
	struct dmk_device device;
	int r = read_boot(boot);

	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_LIST, r);
	while ((r = dmk_devices_next(listed, &device)) == 1) {
		uint32_t pid;
		bool ended;

		if (!parse(device.uuid + strlen(prefix), boot, &pid, &ended))
			continue;
		r = add(dm, devices, &device, pid, ended);
		if (r < 0)
			return r;
	}
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_LIST, r) : 0;
}

static int by_number(const void *a, const void *b)
{
	const struct dmk_owned *x = &((const struct entry *)a)->owned;
	const struct dmk_owned *y = &((const struct entry *)b)->owned;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

static struct entry *find(struct dmk_owned_devices *devices, const struct dmk_devno *number)
{
	const struct entry key = { .owned = { .major = number->major, .minor = number->minor } };

	return devices->n ? bsearch(&key, devices->entries, devices->n, sizeof(key), by_number)
			  : NULL;
}

static void count_above(struct dmk_owned_devices *devices, const struct entry *entry, uint32_t by)
{
	for (uint32_t i = 0; i < entry->n_below; i++) {
		struct entry *below = find(devices, &entry->below[i]);

		if (below)
			below->n_above += by;
	}
}

/* What others than garbage have open is none, nor is then what it stands on: each device leaves the
 * garbage once, so that there are no more rounds than devices. */
static void settle(struct dmk_owned_devices *devices)
{
	bool again = true;

	for (uint32_t i = 0; i < devices->n; i++)
		if (devices->entries[i].owned.state == DMK_OWNED_GARBAGE)
			count_above(devices, &devices->entries[i], 1);
	while (again) {
		again = false;
		for (uint32_t i = 0; i < devices->n; i++) {
			struct entry *entry = &devices->entries[i];

			if (entry->owned.state != DMK_OWNED_GARBAGE ||
			    entry->n_open <= entry->n_above)
				continue;
			entry->owned.state = DMK_OWNED_OPEN;
			count_above(devices, entry, UINT32_MAX); /* one less */
			again = true;
		}
	}
}

int dmk_list_owned(struct dmk *dm, const char *owner, struct dmk_owned_devices **ret_owned)
{
	char prefix[DMK_UUID_SIZE];
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID, .uuid_prefix = prefix };
	struct dmk_owned_devices *devices;
	struct dmk_devices *listed;
	int r;

	dmk_begin(dm, DMK_VERB_COLLECT, owner);
	r = dmk_stack_check_name(owner, &dm->error);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	devices = calloc(1, sizeof(*devices));
	if (!devices)
		return dmk_fail_step(dm, DMK_STEP_LIST, -ENOMEM);
	dmk_stack_prefix(owner, prefix, sizeof(prefix));
	r = dmk_list(dm, &options, &listed);
	if (r == 0) {
		r = fill(dm, listed, prefix, devices);
		dmk_devices_free(listed);
	}
	if (r < 0) {
		dmk_owned_free(devices);
		return r;
	}
	if (devices->n)
		qsort(devices->entries, devices->n, sizeof(*devices->entries), by_number);
	settle(devices);
	*ret_owned = devices;
	return dmk_done(dm, 0);
}

int dmk_owned_next(struct dmk_owned_devices *devices, struct dmk_owned *ret_owned)
{
	struct entry *entry;

	if (devices->position == devices->n)
		return 0;
	entry = &devices->entries[devices->position++];
	*ret_owned = entry->owned;
	ret_owned->name = entry->name;
	ret_owned->uuid = entry->uuid;
	return 1;
}

void dmk_owned_free(struct dmk_owned_devices *devices)
{
	if (!devices)
		return;
	for (uint32_t i = 0; i < devices->n; i++)
		free(devices->entries[i].below);
	free(devices->entries);
	free(devices);
}
