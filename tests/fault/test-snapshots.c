/* SPDX-License-Identifier: MIT */
/* Snapshots beside what writes to their origin: who comes first, and who is suspended meanwhile. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "stacks.h"

static struct world world;

static const struct dmk_error *last_error(void)
{
	return dmk_last_error(world.dm);
}

static void in_order(const char *from, const char *to, const char *expected)
{
	char *calls = stack_calls(from, to);

	assert_string_equal(calls, expected);
	free(calls);
}

#define BASE "base - 64 linear 8:0 0\nstore - 64 linear 8:16 0\n"
#define ORIGIN "data - 64 snapshot-origin @base\n"
#define ON_TOP "top - 64 linear @data 0\n"

/* What writes to an origin is resumed after each snapshot of it has its table: it looks at their
 * chunks then. */
static void origin_after_snapshots(void **state)
{
	(void)state;
	in_order(NULL, ORIGIN BASE "snap - 64 snapshot @base @store P 8\n",
		 "L base R base L store R store L snap R snap L data R data");
	in_order(BASE ORIGIN ON_TOP,
		 BASE ORIGIN ON_TOP
		 "snap - 64 snapshot @base @store P 8\nover - 64 linear @snap 0\n",
		 "S top S data L snap R snap R data R top L over R over");
	in_order(BASE ORIGIN "snap - 64 snapshot @base @store P 16\n",
		 BASE ORIGIN "snap - 64 snapshot @base @store P 8\n",
		 "L snap S data S snap R snap R data");
	/* By numbers alone, of what is no device of the stack. */
	in_order("data - 64 snapshot-origin 8:0\n",
		 "data - 64 snapshot-origin 8:0\nsnap - 64 snapshot 8:0 8:16 P 8\n",
		 "S data L snap R snap R data");
	/* One that goes pauses all the same; another origin's does not. */
	in_order(BASE ORIGIN "other - 64 snapshot-origin 8:32\n",
		 BASE "other - 64 snapshot-origin 8:32\nsnap - 64 snapshot @base @store P 8\n",
		 "S data L snap R snap R data");
	in_order(BASE ORIGIN "snap - 64 snapshot @base @store P 8\n", BASE ORIGIN, "");
	/* The store gets another table: the snapshot is made over that one. */
	in_order(BASE ORIGIN,
		 "base - 64 linear 8:0 0\nstore - 96 linear 8:16 0\n" ORIGIN
		 "snap - 64 snapshot @base @store P 8\n",
		 "L store S data S store R store L snap R snap R data");
	in_order("base - 64 snapshot-merge 8:0 8:32 P 8\n",
		 "base - 64 snapshot-merge 8:0 8:32 P 8\nsnap - 64 snapshot 8:0 8:16 P 8\n",
		 "S base L snap R snap R base");
}

/* A table that is loaded before the pause cannot stand on what is made in it. */
static void snapshot_too_late(void **state)
{
	static const char up[] = BASE ORIGIN "moved - 64 linear @base 0\n";
	static const char to[] = BASE ORIGIN "snap - 64 snapshot @base @store P 8\nmoved - 64 "
					     "linear @snap 0\n";
	char *before, *after;

	(void)state;
	stack_world(&world, up);
	before = world_dump(&world);
	assert_int_equal(stack_apply(&world, to, NULL), -EINVAL);
	assert_string_equal(last_error()->device, "snap");
	assert_int_equal(last_error()->verb, DMK_VERB_STACK_APPLY);
	assert_non_null(
		strstr(last_error()->detail, "apply the stack without what needs it first"));
	after = world_dump(&world);
	assert_string_equal(after, before);
	free(before);
	free(after);
	world_close(&world);
}

static void foreign_origin(void **state)
{
	static const char to[] = "snap - 64 snapshot 8:0 8:16 P 8\n";
	struct fake_device *foreign;

	(void)state;
	stack_world(&world, NULL);
	fake_set_live(fake_add_device(world.fake, "far", ""), 64, "snapshot-origin", "8:32");
	foreign = fake_add_device(world.fake, "foreign", "");
	fake_set_live(foreign, 64, "snapshot-origin", "8:0");
	assert_int_equal(stack_changes(&world, to), -EBUSY);
	assert_int_equal(last_error()->verb, DMK_VERB_STACK_PLAN);
	assert_string_equal(last_error()->device, "snap");
	assert_string_equal(last_error()->argument, "foreign");
	assert_int_equal(stack_apply(&world, to, NULL), -EBUSY);
	assert_int_equal(world.fake->n_devices, 2);
	foreign->suspended = true;
	assert_int_equal(stack_apply(&world, to, NULL), 0);
	assert_true(foreign->suspended);
	/* Nothing comes: nobody else is asked. */
	foreign->suspended = false;
	fake_clear_log(world.fake);
	assert_int_equal(stack_changes(&world, to), 0);
	assert_int_equal(world.fake->calls_of[DM_TABLE_DEPS_CMD], 0);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origin_after_snapshots),
		cmocka_unit_test(snapshot_too_late),
		cmocka_unit_test(foreign_origin),
	};

	return cmocka_run_group_tests_name("snapshots", tests, NULL, NULL);
}
