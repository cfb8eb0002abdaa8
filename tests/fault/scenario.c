/* SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "wire/table.h"

int world_transport(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	struct world *world = userdata;
	struct wraps before;
	int error = wraps_hit(SITE_IOCTL + (int)command);
	int r;

	if (error)
		return -error;
	before = wraps;
	wraps.armed = wraps.counting = false;
	r = fake_transport(dm, world->fake, command, request, size);
	wraps.armed = before.armed;
	wraps.counting = before.counting;
	return r;
}

void world_open(struct world *world, const struct scenario *scenario)
{
	wraps_reset();
	memfs_reset(!scenario->no_dir);
	wraps.no_renameat2 = scenario->no_renameat2;
	world->fake = fake_new(scenario->driver_minor ? scenario->driver_minor : 47);
	wraps.counting = true;
	if (dmk_new(&world->dm) < 0 || dmk_table_new(&world->table) < 0 ||
	    dmk_set_node_dir(world->dm, MEMFS_DIR) < 0 ||
	    dmk_set_transport(world->dm, world_transport, world) < 0 ||
	    dmk_table_add_zero(world->table, DMK_NEXT, 16) < 0 ||
	    dmk_table_add_error(world->table, DMK_NEXT, 8) < 0)
		abort();
	/* As if one of them had a key. */
	world->table->secret = scenario->secret;
	wraps.counting = false;
	if (scenario->prepare)
		scenario->prepare(world);
}

int world_act(struct world *world, const struct scenario *scenario)
{
	int r;

	wraps.n = 0;
	wraps.counting = wraps.armed = true;
	r = scenario->act(world);
	wraps.counting = wraps.armed = false;
	return r;
}

void world_close(struct world *world)
{
	wraps.counting = true;
	dmk_table_free(world->table);
	dmk_free(world->dm);
	wraps.counting = false;
	fake_free(world->fake);
}

char *world_dump(const struct world *world)
{
	char *devices = fake_dump(world->fake), *nodes = memfs_dump(), *both = NULL;

	if (asprintf(&both, "%s--\n%s", devices, nodes) < 0)
		abort();
	free(devices);
	free(nodes);
	return both;
}

int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

void add_node(const char *name, unsigned int major, unsigned int minor)
{
	char path[300];

	snprintf(path, sizeof(path), MEMFS_DIR "/%s", name);
	if (memfs_mknod(path, S_IFBLK | 0600, makedev(major, minor)) < 0)
		abort();
}

void add_link(const char *name, const char *to)
{
	char path[300];

	snprintf(path, sizeof(path), MEMFS_DIR "/%s", name);
	if (memfs_symlink(to, path) < 0)
		abort();
}
