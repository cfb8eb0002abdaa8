/* SPDX-License-Identifier: MIT */
/* The verbs of the swap test, each in the shapes in which it makes more than one request. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "swap.h"

/* ---- the world before ---- */

static void one_device(struct world *world)
{
	struct fake_device *device = fake_add_device(world->fake, "data", run.uuid);

	device->minor = 3;
	fake_set_live(device, 8, "linear", "7:1 0");
	add_node("data", FAKE_MAJOR, 3);
}

static void open_device(struct world *world)
{
	one_device(world);
	fake_open(fake_find(world->fake, "data"));
}

/* Something that no node of ours may replace. */
static void blocked_node(struct world *world)
{
	(void)world;
	memfs_mknod(MEMFS_DIR "/data", S_IFREG | 0644, 0);
}

static void blocked_new_node(struct world *world)
{
	one_device(world);
	memfs_mknod(MEMFS_DIR "/other", S_IFREG | 0644, 0);
}

static void missing_disk(struct world *world)
{
	world->fake->missing = "7:9";
	world->fake->missing_code = -ENODEV;
}

static void failing_swap(struct world *world)
{
	one_device(world);
	fake_add_rule(world->fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_SWAP_FAILS, -ENOMEM);
}

static void failing_resume(struct world *world)
{
	one_device(world);
	fake_add_rule(world->fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EIO);
}

static void failing_first_swap(struct world *world)
{
	fake_add_rule(world->fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_SWAP_FAILS, -ENOMEM);
}

static void failing_first_resume(struct world *world)
{
	fake_add_rule(world->fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EIO);
}

static void busy_load(struct world *world)
{
	fake_add_rule(world->fake, DM_TABLE_LOAD_CMD, 1, 2, FAKE_BEFORE, -EBUSY);
}

/* Its load fails, and so does the first try to take the device back. */
static void busy_undo(struct world *world)
{
	missing_disk(world);
	fake_add_rule(world->fake, DM_DEV_REMOVE_CMD, 1, 1, FAKE_BEFORE, -EBUSY);
}

/* Nobody has it open when it is looked at, and somebody when it is removed. */
static void opened_in_between(struct world *world)
{
	one_device(world);
	fake_add_rule(world->fake, DM_DEV_REMOVE_CMD, 1, 1, FAKE_BEFORE, -EBUSY);
}

/* ---- what happens meanwhile, of itself ---- */

static void appear_late(struct fake *fake, uint32_t command, uint32_t number)
{
	(void)number;
	if (command == DM_TABLE_LOAD_CMD && ++run.n_of == 3)
		fake->missing = NULL;
}

static void close_late(struct fake *fake, uint32_t command, uint32_t number)
{
	(void)number;
	if (command == DM_DEV_STATUS_CMD && ++run.n_of == 3 && run.ours && run.ours->open_count)
		fake_close(fake, run.ours);
}

/* ---- the verbs ---- */

static int create_with(struct world *world, uint32_t node_policy, int64_t timeout_ms, bool table)
{
	struct dmk_create_options options = { .node_policy = node_policy,
					      .timeout_ms = timeout_ms,
					      .uuid = run.uuid[0] ? run.uuid : NULL };
	struct dmk_table *own;
	int r;

	if (dmk_table_new(&own) < 0 || dmk_table_add(own, 0, 24, "linear", "7:9 0") < 0 ||
	    dmk_table_add(own, 24, 8, "error", "") < 0)
		abort();
	r = dmk_create(world->dm, "data", table ? own : NULL, &options, NULL);
	dmk_table_free(own);
	return r;
}

static int create(struct world *world)
{
	return create_with(world, DMK_NODE_ON_RESUME, -1, true);
}

static int create_at_once(struct world *world)
{
	return create_with(world, DMK_NODE_ON_CREATE, -1, true);
}

static int create_nodeless(struct world *world)
{
	return create_with(world, DMK_NODE_NONE, -1, true);
}

static int create_waiting(struct world *world)
{
	return create_with(world, DMK_NODE_ON_RESUME, 200, true);
}

static int create_bare(struct world *world)
{
	return create_with(world, DMK_NODE_ON_CREATE, -1, false);
}

/* The first one is taken back, as the second one cannot be. */
static int create_two(struct world *world)
{
	const char *text = run.uuid[0] ? "data,U-1,,rw,0 24 linear 7:8 0;more,,,rw,0 8 linear 7:9 0"
				       : "data,,,rw,0 24 linear 7:8 0;more,,,rw,0 8 linear 7:9 0";
	struct dmk_concise *concise;
	int r;

	if (dmk_concise_parse(text, strlen(text), &concise, NULL) < 0)
		abort();
	r = dmk_create_concise(world->dm, concise, NULL);
	dmk_concise_free(concise);
	return r;
}

static int replace_by(struct world *world, const struct dmk_id *id)
{
	struct dmk_table *own;
	int r;

	if (dmk_table_new(&own) < 0 || dmk_table_add(own, 0, 24, "linear", "7:9 0") < 0 ||
	    dmk_table_add(own, 24, 8, "error", "") < 0)
		abort();
	r = dmk_replace(world->dm, id, own, NULL, NULL);
	dmk_table_free(own);
	return r;
}

static int replace(struct world *world)
{
	return replace_by(world, DMK_NAME("data"));
}

static int replace_number(struct world *world)
{
	return replace_by(world, DMK_DEVNO(FAKE_MAJOR, 3));
}

static int remove_by(struct world *world, const struct dmk_id *id, uint32_t flags)
{
	struct dmk_remove_options options = { .flags = flags, .timeout_ms = 200 };
	struct dmk_info info = { 0 };
	int r = dmk_remove(world->dm, id, &options, &info);

	run.flags = info.flags;
	return r;
}

static int remove_name(struct world *world)
{
	return remove_by(world, DMK_NAME("data"), 0);
}

static int remove_number(struct world *world)
{
	return remove_by(world, DMK_DEVNO(FAKE_MAJOR, 3), 0);
}

static int remove_uuid(struct world *world)
{
	return run.uuid[0] ? remove_by(world, DMK_UUID("U-1"), 0) : remove_name(world);
}

static int remove_deferred(struct world *world)
{
	return remove_by(world, DMK_NAME("data"), DMK_REMOVE_DEFERRED);
}

static int remove_force(struct world *world)
{
	return remove_by(world, DMK_NAME("data"), DMK_REMOVE_FORCE);
}

static int remove_force_number(struct world *world)
{
	return remove_by(world, DMK_DEVNO(FAKE_MAJOR, 3), DMK_REMOVE_FORCE);
}

static void note_flags(void *userdata, uint32_t index, uint32_t flags,
		       const struct dmk_error *error)
{
	(void)userdata;
	(void)index;
	(void)error;
	run.flags = flags;
}

static int many_by(struct world *world, const struct dmk_id *id, uint32_t flags)
{
	struct dmk_remove_options options = { .flags = flags, .timeout_ms = 200 };
	struct dmk_many_options how = { .removed = note_flags };

	return dmk_remove_many(world->dm, id, 1, &options, &how);
}

static int many_name(struct world *world)
{
	return many_by(world, DMK_NAME("data"), 0);
}

static int many_number(struct world *world)
{
	return many_by(world, DMK_DEVNO(FAKE_MAJOR, 3), 0);
}

static int many_force(struct world *world)
{
	return many_by(world, DMK_DEVNO(FAKE_MAJOR, 3), DMK_REMOVE_FORCE);
}

static int remove_all(struct world *world)
{
	return dmk_remove_all(world->dm, NULL);
}

static int rename_name(struct world *world)
{
	return dmk_rename(world->dm, DMK_NAME("data"), "other", NULL, NULL);
}

static int rename_number(struct world *world)
{
	return dmk_rename(world->dm, DMK_DEVNO(FAKE_MAJOR, 3), "other", NULL, NULL);
}

static int set_uuid(struct world *world)
{
	return dmk_set_uuid(world->dm, DMK_NAME("data"), "U-7", NULL, NULL);
}

const struct swap_verb swap_verbs[] = {
	{ .name = "create", .claim = LIVE, .act = create },
	{ .name = "create with the node at once", .claim = LIVE, .act = create_at_once },
	{ .name = "create without a node", .claim = LIVE, .act = create_nodeless },
	{ .name = "create without a table", .act = create_bare },
	{ .name = "create of a disk that is missing",
	  .claim = LIVE,
	  .expected = -ENODEV,
	  .prepare = missing_disk,
	  .act = create },
	{ .name = "create that waits for its disk",
	  .claim = LIVE,
	  .prepare = missing_disk,
	  .act = create_waiting,
	  .happens = appear_late },
	{ .name = "create that waits for a load",
	  .claim = LIVE,
	  .prepare = busy_load,
	  .act = create_waiting },
	{ .name = "create with a busy undo",
	  .claim = LIVE,
	  .expected = -ENODEV,
	  .prepare = busy_undo,
	  .act = create },
	{ .name = "create whose swap fails",
	  .claim = LIVE,
	  .expected = -ENOMEM,
	  .prepare = failing_first_swap,
	  .act = create },
	{ .name = "create whose resume fails",
	  .claim = LIVE,
	  .expected = -EIO,
	  .prepare = failing_first_resume,
	  .act = create },
	{ .name = "create over a file",
	  .claim = LIVE,
	  .expected = -EEXIST,
	  .prepare = blocked_node,
	  .act = create },
	{ .name = "create of two",
	  .expected = -ENODEV,
	  .prepare = missing_disk,
	  .act = create_two },
	{ .name = "replace", .claim = LIVE, .prepare = one_device, .act = replace },
	{ .name = "replace by number",
	  .claim = LIVE,
	  .prepare = one_device,
	  .act = replace_number },
	{ .name = "replace whose swap fails",
	  .claim = LIVE,
	  .expected = -ENOMEM,
	  .prepare = failing_swap,
	  .act = replace },
	{ .name = "replace whose resume fails",
	  .claim = LIVE,
	  .expected = -EIO,
	  .prepare = failing_resume,
	  .act = replace },
	{ .name = "remove", .claim = GONE, .prepare = one_device, .act = remove_name },
	{ .name = "remove by number", .claim = GONE, .prepare = one_device, .act = remove_number },
	{ .name = "remove by uuid", .claim = GONE, .prepare = one_device, .act = remove_uuid },
	{ .name = "remove when it is closed",
	  .claim = GONE,
	  .prepare = open_device,
	  .act = remove_name,
	  .happens = close_late },
	{ .name = "remove by number when it is closed",
	  .claim = GONE,
	  .prepare = open_device,
	  .act = remove_number,
	  .happens = close_late },
	{ .name = "remove of one that is opened just then",
	  .claim = GONE,
	  .prepare = opened_in_between,
	  .act = remove_name },
	{ .name = "remove deferred",
	  .claim = MARKED,
	  .prepare = open_device,
	  .act = remove_deferred },
	{ .name = "remove by force", .claim = GONE, .prepare = one_device, .act = remove_force },
	{ .name = "remove by force and number",
	  .claim = GONE,
	  .prepare = one_device,
	  .act = remove_force_number },
	{ .name = "remove many", .claim = GONE, .prepare = one_device, .act = many_name },
	{ .name = "remove many by number",
	  .claim = GONE,
	  .prepare = one_device,
	  .act = many_number },
	{ .name = "remove many when they are closed",
	  .claim = GONE,
	  .prepare = open_device,
	  .act = many_number,
	  .happens = close_late },
	{ .name = "remove many by force", .claim = GONE, .prepare = one_device, .act = many_force },
	{ .name = "remove all", .prepare = one_device, .act = remove_all },
	{ .name = "rename", .claim = RENAMED, .prepare = one_device, .act = rename_name },
	{ .name = "rename by number",
	  .claim = RENAMED,
	  .prepare = one_device,
	  .act = rename_number },
	{ .name = "rename over a file",
	  .claim = RENAMED,
	  .expected = -EEXIST,
	  .prepare = blocked_new_node,
	  .act = rename_name },
	{ .name = "set uuid", .claim = HAS_UUID, .prepare = one_device, .act = set_uuid },
};

const size_t n_swap_verbs = sizeof(swap_verbs) / sizeof(swap_verbs[0]);

#define BIT(kind) (1u << (kind))
#define OF_THE_NAME                                                         \
	(BIT(SAME_NAME) | BIT(SAME_NAME_SUSPENDED) | BIT(SAME_NAME_EMPTY) | \
	 BIT(SAME_NAME_NUMBER) | BIT(RENAMED_AND_TAKEN))
#define WITH_A_UUID (BIT(SAME_NAME_UUID) | BIT(SAME_NAME_NUMBER_UUID))

const struct unavoidable unavoidables[] = {
	{ .command = DM_REMOVE_ALL_CMD,
	  .kinds = UINT32_MAX,
	  .silent = true,
	  .why = "DM_REMOVE_ALL removes whatever is there" },
	{ .command = DM_DEV_REMOVE_CMD,
	  .kinds = OF_THE_NAME,
	  .plain = true,
	  .silent = true,
	  .why = "DM_DEV_REMOVE of one without uuid goes by its name, and answers without a "
		 "number" },
	{ .command = DM_DEV_REMOVE_CMD,
	  .kinds = WITH_A_UUID,
	  .plain = true,
	  .why = "the same of one that has a uuid, which the answer tells" },
	{ .command = DM_DEV_REMOVE_CMD,
	  .kinds = BIT(SAME_UUID),
	  .silent = true,
	  .why = "DM_DEV_REMOVE by uuid: the same uuid was given to another" },
	{ .command = DM_DEV_SUSPEND_CMD,
	  .kinds = BIT(SAME_NAME_SUSPENDED),
	  .plain = true,
	  .why = "a resume by name lets go on what somebody suspended" },
	/* From the second try on its diskseq tells, where a real kernel answers: tests/kernel. */
	{ .only = "remove",
	  .command = ANY_COMMAND,
	  .kinds = BIT(SAME_NAME_NUMBER),
	  .plain = true,
	  .silent = true,
	  .why = "one of the same name and number, both without uuid, answers as the own one did" },
	{ .only = "replace",
	  .command = ANY_COMMAND,
	  .kinds = BIT(SAME_NAME_NUMBER),
	  .plain = true,
	  .silent = true,
	  .why = "the same between the reading of the former table and the load" },
	{ .only = "rename",
	  .command = ANY_COMMAND,
	  .kinds = BIT(SAME_NAME_NUMBER),
	  .plain = true,
	  .silent = true,
	  .why = "the same of a rename" },
	{ .only = "set uuid",
	  .command = ANY_COMMAND,
	  .kinds = BIT(SAME_NAME_NUMBER),
	  .plain = true,
	  .silent = true,
	  .why = "the same of a uuid that is set" },
	{ .only = "create of two",
	  .command = ANY_COMMAND,
	  .kinds = BIT(SAME_NAME_NUMBER),
	  .plain = true,
	  .silent = true,
	  .why = "the same of the first of two that were to be made" },
	{ .command = DM_DEV_RENAME_CMD,
	  .kinds = OF_THE_NAME | WITH_A_UUID,
	  .why = "DM_DEV_RENAME goes by name alone" },
};

const size_t n_unavoidables = sizeof(unavoidables) / sizeof(unavoidables[0]);
