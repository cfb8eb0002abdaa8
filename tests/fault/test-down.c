/* SPDX-License-Identifier: MIT */
/* Stacks taken down: several of them, and one that comes back. */
#include <errno.h>
#include <stdlib.h>

#include "../unit/unit.h"
#include "memfs.h"
#include "stacks.h"

static struct world world;

static const struct dmk_error *last_error(void)
{
	return dmk_last_error(world.dm);
}

static int downs[4];

static void on_down(void *userdata, uint32_t index, const struct dmk_error *error)
{
	assert_ptr_equal(userdata, downs);
	downs[index] = error ? error->code : 1;
	assert_int_equal(error ? error->verb : DMK_VERB_STACK_DOWN, DMK_VERB_STACK_DOWN);
}

/* Each for itself; one that is named twice is down already at the second time. */
static void down_of_several(void **state)
{
	static const char *const names[] = { "a", "busy", "a", "b" };
	static const int expected[] = { 1, -EBUSY, -ENXIO, 1 };
	const struct dmk_stack_options once = { .timeout_ms = -1 };

	(void)state;
	stack_world(&world, NULL);
	fake_add_device(world.fake, "a", "DMKIT-a-a");
	fake_add_device(world.fake, "b", "DMKIT-b-b");
	fake_set_live(fake_add_device(world.fake, "c", "DMKIT-busy-c"), 8, "zero", "");
	fake_open(fake_find(world.fake, "c"));
	assert_int_equal(dmk_stack_down_many(world.dm, names, 4, &once, on_down, downs), -EBUSY);
	assert_memory_equal(downs, expected, sizeof(downs));
	assert_string_equal(last_error()->device, "c");
	assert_int_equal(world.fake->n_devices, 1);
	fake_close(world.fake, fake_find(world.fake, "c"));
	assert_int_equal(dmk_stack_down_many(world.dm, names + 1, 1, NULL, NULL, NULL), 0);
	assert_int_equal(last_error()->code, 0);
	assert_int_equal(dmk_stack_down_many(world.dm, NULL, 0, NULL, NULL, NULL), 0);
	assert_int_equal(world.fake->n_devices, 0);
	world_close(&world);
}

/* What is made again by an undo has the node that it had. */
static void node_comes_back(void **state)
{
	static const char up[] = "low - 8 zero\nmid - 8 linear @low 0\ntop - 8 linear @mid 0\n";
	char *before, *after;

	(void)state;
	stack_world(&world, up);
	assert_int_equal(memfs_chmod(MEMFS_DIR "/top", 0640), 0);
	assert_int_equal(memfs_chown(MEMFS_DIR "/top", 7, 8), 0);
	assert_int_equal(memfs_unlink(MEMFS_DIR "/mid"), 0);
	before = world_dump(&world);
	fake_add_rule(world.fake, DM_DEV_REMOVE_CMD, 3, 1, FAKE_BEFORE, -EIO);
	assert_int_equal(stack_apply(&world, NULL, NULL), -EIO);
	after = world_dump(&world);
	assert_string_equal(after, before);
	free(before);
	free(after);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(down_of_several),
		cmocka_unit_test(node_comes_back),
	};

	return cmocka_run_group_tests_name("down", tests, NULL, NULL);
}
