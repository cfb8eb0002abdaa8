/* SPDX-License-Identifier: MIT */
/* Every verb, in the shapes in which it takes different steps. None waits: a failure is the answer.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "scenario.h"

static void one_device(struct world *world)
{
	struct fake_device *device = fake_add_device(world->fake, "data", "U-1");

	fake_set_live(device, 8, "zero", "");
	add_node("data", FAKE_MAJOR, 0);
}

static void open_device(struct world *world)
{
	one_device(world);
	fake_open(fake_find(world->fake, "data"));
}

/* As udev makes it: the node under its kernel name, and a link. */
static void linked_device(struct world *world)
{
	fake_set_live(fake_add_device(world->fake, "data", ""), 8, "zero", "");
	if (memfs_mknod(MEMFS "dm-0", S_IFBLK | 0600, makedev(FAKE_MAJOR, 0)) < 0)
		abort();
	add_link("data", "../dm-0");
}

static void suspended_device(struct world *world)
{
	one_device(world);
	fake_find(world->fake, "data")->suspended = true;
}

static void deferred_device(struct world *world)
{
	fake_set_live(fake_add_device(world->fake, "data", "U-1"), 8, "zero", "");
	fake_open(fake_find(world->fake, "data"));
	fake_find(world->fake, "data")->deferred = true;
}

static void three_devices(struct world *world)
{
	one_device(world);
	fake_add_device(world->fake, "more", "");
	add_node("more", FAKE_MAJOR, 1);
	fake_open(fake_add_device(world->fake, "busy", "U-2"));
	add_node("busy", FAKE_MAJOR, 2);
}

static void stale_node(struct world *world)
{
	(void)world;
	add_node("data", FAKE_MAJOR, 99);
}

/* udev was quicker. */
static void right_link(struct world *world)
{
	(void)world;
	if (memfs_mknod(MEMFS "dm-0", S_IFBLK | 0600, makedev(FAKE_MAJOR, 0)) < 0)
		abort();
	add_link("data", "../dm-0");
}

/* udevd, and the kernel's own nodes: while it is waited for, it makes and removes its link. */
static struct fake *udevds;

static void udevd(void)
{
	const struct fake_device *device = fake_find(udevds, "data");

	if (!device)
		memfs_unlink(MEMFS_DIR "/data");
	if (device && device->live)
		memfs_symlink("../dm-0", MEMFS_DIR "/data");
	if (fake_find(udevds, "other"))
		memfs_symlink("../dm-0", MEMFS_DIR "/other");
}

static void with_udevd(struct world *world)
{
	if (memfs_mknod(MEMFS "dm-0", S_IFBLK | 0600, makedev(FAKE_MAJOR, 0)) < 0)
		abort();
	udevds = world->fake;
	wraps.udevd = udevd;
}

static void with_late_udevd(struct world *world)
{
	with_udevd(world);
	wraps.udevd = NULL;
}

static void udevds_device(struct world *world)
{
	linked_device(world);
	udevds = world->fake;
	wraps.udevd = udevd;
}

static void suspended_device_of_udevds(struct world *world)
{
	udevds_device(world);
	fake_find(world->fake, "data")->suspended = true;
}

/* A deadline that is over: what is not there at once is late. */
static void use_udev(struct world *world)
{
	if (dmk_set_udev(world->dm, DMK_UDEV_ON) < 0 || dmk_set_deadline(world->dm, 1) < 0)
		abort();
}

static int udev_create(struct world *world)
{
	use_udev(world);
	return dmk_create(world->dm, "data", world->table, NULL, NULL);
}

static int udev_resume(struct world *world)
{
	use_udev(world);
	return dmk_resume(world->dm, DMK_NAME("data"), NULL, NULL);
}

static int udev_replace(struct world *world)
{
	use_udev(world);
	return dmk_replace(world->dm, DMK_NAME("data"), world->table, NULL, NULL);
}

static int udev_rename(struct world *world)
{
	use_udev(world);
	return dmk_rename(world->dm, DMK_NAME("data"), "other", NULL, NULL);
}

static int udev_remove(struct world *world)
{
	struct dmk_remove_options options = { .timeout_ms = -1 };

	use_udev(world);
	return dmk_remove(world->dm, DMK_NAME("data"), &options, NULL);
}

static int create_with_cookie(struct world *world)
{
	struct dmk_create_options options = { .udev_cookie = 0x0d4d0007 };

	use_udev(world);
	wraps.semaphores = wraps.semaphore_value = 1;
	return dmk_create(world->dm, "data", world->table, &options, NULL);
}

static int create(struct world *world)
{
	return dmk_create(world->dm, "data", world->table, NULL, NULL);
}

static int create_owned(struct world *world)
{
	struct dmk_create_options options = { .uid = 5, .gid = 6, .mode = 0660 };

	return dmk_create(world->dm, "data", world->table, &options, NULL);
}

static int create_on_create(struct world *world)
{
	struct dmk_create_options options = { .node_policy = DMK_NODE_ON_CREATE, .uuid = "U-9" };

	return dmk_create(world->dm, "data", world->table, &options, NULL);
}

static int create_fixed(struct world *world)
{
	struct dmk_create_options options = { .flags = DMK_CREATE_FIXED_MINOR | DMK_CREATE_READONLY,
					      .minor = 300 };

	return dmk_create(world->dm, "data", world->table, &options, NULL);
}

static int create_bare(struct world *world)
{
	struct dmk_create_options options = { .node_policy = DMK_NODE_ON_CREATE };

	return dmk_create(world->dm, "data", NULL, &options, NULL);
}

static int create_nodeless(struct world *world)
{
	struct dmk_create_options options = { .node_policy = DMK_NODE_NONE };

	return dmk_create(world->dm, "data", world->table, &options, NULL);
}

/* Two devices, all or none. To read the text is not the verb. */
static int create_two(struct world *world)
{
	static const char text[] = "data,U-1,,rw,0 8 zero;more,,7,ro,0 8 zero,8 8 error";
	struct dmk_concise *concise;
	int r;

	wraps.armed = wraps.counting = false;
	if (dmk_concise_parse(text, strlen(text), &concise, NULL) < 0)
		abort();
	wraps.armed = wraps.counting = true;
	r = dmk_create_concise(world->dm, concise, NULL);
	wraps.armed = wraps.counting = false;
	dmk_concise_free(concise);
	return r;
}

static int load(struct world *world)
{
	return dmk_load(world->dm, DMK_NAME("data"), world->table, NULL, NULL);
}

static int replace(struct world *world)
{
	return dmk_replace(world->dm, DMK_UUID("U-1"), world->table, NULL, NULL);
}

static int suspend(struct world *world)
{
	return dmk_suspend(world->dm, DMK_NAME("data"), NULL, NULL);
}

static int resume(struct world *world)
{
	return dmk_resume(world->dm, DMK_NAME("data"), NULL, NULL);
}

static int clear(struct world *world)
{
	return dmk_clear(world->dm, DMK_NAME("data"), NULL);
}

static int remove_with(struct world *world, uint32_t flags)
{
	struct dmk_remove_options options = { .flags = flags, .timeout_ms = -1 };

	return dmk_remove(world->dm, DMK_NAME("data"), &options, NULL);
}

static int remove_plain(struct world *world)
{
	return remove_with(world, 0);
}

static int remove_deferred(struct world *world)
{
	return remove_with(world, DMK_REMOVE_DEFERRED);
}

static int remove_force(struct world *world)
{
	return remove_with(world, DMK_REMOVE_FORCE);
}

static int remove_all(struct world *world)
{
	return dmk_remove_all(world->dm, NULL);
}

static int remove_many(struct world *world)
{
	struct dmk_remove_options options = { .timeout_ms = -1 };

	return dmk_remove_many(world->dm, DMK_NAME("data"), 1, &options, NULL);
}

static int cancel_remove(struct world *world)
{
	return dmk_cancel_deferred_remove(world->dm, DMK_NAME("data"));
}

static int rename_device(struct world *world)
{
	return dmk_rename(world->dm, DMK_DEVNO(FAKE_MAJOR, 0), "other", NULL, NULL);
}

static int set_uuid(struct world *world)
{
	return dmk_set_uuid(world->dm, DMK_NAME("more"), "U-7", NULL, NULL);
}

static int geometry(struct world *world)
{
	return dmk_set_geometry(world->dm, DMK_NAME("data"), 10, 4, 17, 0);
}

static int message(struct world *world)
{
	struct dmk_message_options options = { .flags = DMK_MESSAGE_SECRET };
	char *reply = NULL;
	int r = dmk_message(world->dm, DMK_NAME("data"), "echo hello", &options, &reply);

	free(reply);
	return r;
}

static int info(struct world *world)
{
	struct dmk_info ret;

	return dmk_get_info(world->dm, DMK_NAME("data"), NULL, &ret);
}

static int table(struct world *world)
{
	struct dmk_segments *segments = NULL;
	int r = dmk_get_table(world->dm, DMK_NAME("data"), NULL, &segments);

	dmk_segments_free(segments);
	return r;
}

static int deps(struct world *world)
{
	struct dmk_devno *devnos = NULL;
	uint32_t count;
	int r = dmk_get_deps(world->dm, DMK_NAME("data"), NULL, &devnos, &count);

	free(devnos);
	return r;
}

static void mapped_device(struct world *world)
{
	fake_set_live(fake_add_device(world->fake, "data", ""), 8, "linear", "7:1 0");
}

static int list(struct world *world)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices = NULL;
	int r = dmk_list(world->dm, &options, &devices);

	dmk_devices_free(devices);
	return r;
}

static int graph(struct world *world)
{
	struct dmk_devices *devices;
	struct dmk_graph *graph = NULL;
	int r = dmk_list(world->dm, NULL, &devices);

	if (r == 0)
		r = dmk_graph_read(world->dm, devices, &graph);
	dmk_graph_free(graph);
	return r;
}

static int list_targets(struct world *world)
{
	struct dmk_targets *targets = NULL;
	int r = dmk_list_targets(world->dm, &targets);

	dmk_targets_free(targets);
	return r;
}

static int target_version(struct world *world)
{
	struct dmk_version version;

	return dmk_get_target_version(world->dm, "zero", &version);
}

static int wait_for_event(struct world *world)
{
	return dmk_wait(world->dm, DMK_NAME("data"), 0, NULL, NULL);
}

static int arm(struct world *world)
{
	return dmk_arm_poll(world->dm);
}

static int watch_names(struct world *world)
{
	static const char *const names[] = { "data", "new" };
	struct dmk_watch_options options = { DMK_WATCH_RESUMES, 2, names, { 0 } };
	struct dmk_watch_event event;
	struct dmk_watch *watch;
	int r = dmk_watch_new(world->dm, &options, &watch);

	if (r < 0)
		return r;
	while ((r = dmk_watch_next(watch, &event)) > 0)
		continue;
	dmk_watch_free(watch);
	return r;
}

/*
 * UNDO_PART: a link to a device that was not to be goes with it; remove --force has put the error
 * table in, and nobody wants the old one back; the devices that remove_all removed are gone; a
 * cancelled removal is not armed again because the node failed, nor is what a resume let go on
 * stopped again.
 */
const struct scenario scenarios[] = {
	{ .name = "create", .act = create },
	{ .name = "create in a folder that is missing", .no_dir = true, .act = create },
	{ .name = "create without renameat2", .no_renameat2 = true, .act = create },
	{ .name = "create with owner and mode", .act = create_owned },
	{ .name = "create with the node at once", .act = create_on_create },
	{ .name = "create with a fixed minor", .act = create_fixed },
	{ .name = "create without a table", .act = create_bare },
	{ .name = "create without a node", .act = create_nodeless },
	{ .name = "create over a stale node", .prepare = stale_node, .act = create },
	{ .name = "create where udev has linked",
	  .undo = UNDO_PART,
	  .prepare = right_link,
	  .act = create },
	{ .name = "create with a key", .secret = true, .act = create },
	{ .name = "create two", .act = create_two },
	{ .name = "udev: create", .prepare = with_udevd, .act = udev_create },
	{ .name = "udev: create, late", .prepare = with_late_udevd, .act = udev_create },
	{ .name = "udev: create with a cookie",
	  .cookie = true,
	  .prepare = with_udevd,
	  .act = create_with_cookie },
	{ .name = "udev: resume",
	  .undo = UNDO_PART,
	  .prepare = suspended_device_of_udevds,
	  .act = udev_resume },
	{ .name = "udev: replace", .prepare = udevds_device, .act = udev_replace },
	{ .name = "udev: rename", .prepare = udevds_device, .act = udev_rename },
	{ .name = "udev: rename, late", .prepare = linked_device, .act = udev_rename },
	{ .name = "udev: remove", .undo = UNDO_PART, .prepare = udevds_device, .act = udev_remove },
	{ .name = "udev: remove, late",
	  .undo = UNDO_PART,
	  .prepare = linked_device,
	  .act = udev_remove },
	{ .name = "load", .prepare = one_device, .act = load },
	{ .name = "load with a key", .secret = true, .prepare = one_device, .act = load },
	{ .name = "replace", .prepare = one_device, .act = replace },
	{ .name = "replace with a key", .secret = true, .prepare = one_device, .act = replace },
	{ .name = "replace while suspended", .prepare = suspended_device, .act = replace },
	{ .name = "suspend", .prepare = one_device, .act = suspend },
	{ .name = "resume", .undo = UNDO_PART, .prepare = suspended_device, .act = resume },
	{ .name = "clear", .prepare = one_device, .act = clear },
	{ .name = "remove", .prepare = one_device, .act = remove_plain },
	{ .name = "remove through a link", .prepare = linked_device, .act = remove_plain },
	{ .name = "remove deferred", .prepare = open_device, .act = remove_deferred },
	{ .name = "remove by force",
	  .undo = UNDO_PART,
	  .prepare = one_device,
	  .act = remove_force },
	{ .name = "remove all", .undo = UNDO_PART, .prepare = three_devices, .act = remove_all },
	{ .name = "remove many", .prepare = mapped_device, .act = remove_many },
	{ .name = "cancel a deferred remove",
	  .undo = UNDO_PART,
	  .prepare = deferred_device,
	  .act = cancel_remove },
	{ .name = "rename", .prepare = one_device, .act = rename_device },
	{ .name = "rename without renameat2",
	  .no_renameat2 = true,
	  .prepare = one_device,
	  .act = rename_device },
	{ .name = "rename through a link", .prepare = linked_device, .act = rename_device },
	{ .name = "set uuid", .prepare = three_devices, .act = set_uuid },
	{ .name = "set geometry", .prepare = one_device, .act = geometry },
	{ .name = "message", .prepare = one_device, .act = message },
	{ .name = "info", .prepare = one_device, .act = info },
	{ .name = "table", .prepare = one_device, .act = table },
	{ .name = "deps", .prepare = mapped_device, .act = deps },
	{ .name = "list", .prepare = three_devices, .act = list },
	{ .name = "list as a graph", .prepare = mapped_device, .act = graph },
	{ .name = "list on an old driver",
	  .driver_minor = 40,
	  .prepare = three_devices,
	  .act = list },
	{ .name = "list targets", .act = list_targets },
	{ .name = "target version", .act = target_version },
	{ .name = "target version on an old driver", .driver_minor = 40, .act = target_version },
	{ .name = "wait", .prepare = one_device, .act = wait_for_event },
	{ .name = "arm poll", .act = arm },
	{ .name = "watch", .prepare = one_device, .act = watch_names },
};

const size_t n_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);
