/* SPDX-License-Identifier: MIT */
/* What the library is measured against: the requests of one create and one remove and the same work
 * on the node, in as few instructions as C can do it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guest.h"

#define NODE_DIR "/dev/mapper/"
#define LIST_ROOM (4 << 20)

static int control = -1;

void bare_open(void)
{
	if (control >= 0)
		return;
	control = open(NODE_DIR "control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		die(NODE_DIR "control: %s", strerror(errno));
}

static void begin(struct dm_ioctl *io, const char *name, uint32_t size)
{
	memset(io, 0, sizeof(*io));
	io->version[0] = DM_VERSION_MAJOR;
	io->data_size = size;
	io->data_start = sizeof(*io);
	strcpy(io->name, name);
}

static void ask(unsigned long command, struct dm_ioctl *io, const char *what)
{
	if (ioctl(control, command, io) < 0)
		die("%s '%s': %s", what, io->name, strerror(errno));
}

struct devno bare_create(const char *name, const char *uuid, const struct bare_segment *segment)
{
	char path[sizeof(NODE_DIR) + DM_NAME_LEN], temporary[64];
	struct {
		struct dm_ioctl io;
		struct dm_target_spec spec;
		char params[192];
	} load;
	struct dm_ioctl *io = &load.io;
	uint32_t params = (uint32_t)(strlen(segment->params) + 8) & ~7u;
	struct stat st;
	dev_t dev;

	begin(io, name, sizeof(*io));
	strcpy(io->uuid, uuid);
	ask(DM_DEV_CREATE, io, "create");
	begin(io, name, (uint32_t)(sizeof(*io) + sizeof(load.spec)) + params);
	io->target_count = 1;
	io->flags = segment->readonly ? DM_READONLY_FLAG : 0;
	memset(&load.spec, 0, sizeof(load.spec));
	load.spec.length = segment->length_sectors;
	load.spec.next = (uint32_t)sizeof(load.spec) + params;
	strcpy(load.spec.target_type, segment->type);
	strcpy(load.params, segment->params);
	ask(DM_TABLE_LOAD, io, "load");
	begin(io, name, sizeof(*io));
	ask(DM_DEV_SUSPEND, io, "resume");

	dev = (dev_t)io->dev;
	snprintf(path, sizeof(path), NODE_DIR "%s", name);
	snprintf(temporary, sizeof(temporary), NODE_DIR ".bare-%u:%u", major(dev), minor(dev));
	if (lstat(path, &st) == 0 || mknod(temporary, S_IFBLK | 0600, dev) < 0 ||
	    syscall(SYS_renameat2, AT_FDCWD, temporary, AT_FDCWD, path, 1) < 0)
		die("%s: %s", path, strerror(errno));
	return (struct devno){ major(dev), minor(dev) };
}

void bare_remove(const char *name)
{
	char path[sizeof(NODE_DIR) + DM_NAME_LEN];
	struct dm_ioctl io;
	struct stat st;

	begin(&io, name, sizeof(io));
	ask(DM_DEV_STATUS, &io, "status");
	snprintf(path, sizeof(path), NODE_DIR "%s", name);
	if (lstat(path, &st) == 0 && st.st_rdev == (dev_t)io.dev && unlink(path) < 0)
		die("%s: %s", path, strerror(errno));
	begin(&io, name, sizeof(io));
	ask(DM_DEV_REMOVE, &io, "remove");
}

/* The kernel's list, in a buffer that is large enough for every bench. free(). */
static struct dm_ioctl *list(void)
{
	struct dm_ioctl *io = malloc(LIST_ROOM);

	if (!io)
		die("no memory");
	begin(io, "", LIST_ROOM);
	ask(DM_LIST_DEVICES, io, "list");
	if (io->flags & DM_BUFFER_FULL_FLAG)
		die("the list is too long");
	return io;
}

static struct dm_name_list *next(struct dm_name_list *entry)
{
	return entry->next ? (struct dm_name_list *)((char *)entry + entry->next) : NULL;
}

unsigned bare_count(void)
{
	struct dm_ioctl *io = list();
	struct dm_name_list *entry = (struct dm_name_list *)((char *)io + io->data_start);
	unsigned n = 0;

	if (entry->dev == 0)
		entry = NULL;
	for (; entry; entry = next(entry))
		n++;
	free(io);
	return n;
}

/* Those on top first: each round takes what nobody holds. */
void bare_remove_all(void)
{
	for (unsigned left = bare_count(), before = left + 1; left && left < before;
	     before = left, left = bare_count()) {
		struct dm_ioctl *io = list();
		struct dm_name_list *entry = (struct dm_name_list *)((char *)io + io->data_start);

		for (; entry; entry = next(entry)) {
			struct dm_ioctl status;

			begin(&status, entry->name, sizeof(status));
			ask(DM_DEV_STATUS, &status, "status");
			if (status.open_count == 0)
				bare_remove(entry->name);
		}
		free(io);
	}
	if (bare_count())
		die("devices are left that cannot be removed");
}
