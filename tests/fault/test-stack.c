/* SPDX-License-Identifier: MIT */
/*
 * Each call that an apply or a down of each shape makes fails in turn: requests with each errno that
 * they may have, and resumes half way; memory, nodes. Afterwards the world is as it was, or as it
 * was to be; nothing is suspended, no second table stays; and the same call does it after all. Then
 * the same with everything failing from there on, as if the process had been killed: the next apply
 * converges.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "base/util.h"
#include "stacks.h"

static unsigned points; /* faults that were tried */

/* From one text to another; NULL: nothing is up. */
struct change {
	const char *what;
	const char *from;
	const char *to;
	char *before;
	char *after;
	int n;
	int events[WRAP_EVENTS];
};

static char *dump_of(const char *from, const char *to, struct change *change)
{
	struct world world;
	char *dump;

	stack_world(&world, from);
	if (!change)
		assert_int_equal(stack_apply(&world, to, NULL), 0);
	dump = world_dump(&world);
	if (change) {
		assert_int_equal(stack_apply(&world, to, NULL), 0);
		change->after = world_dump(&world);
		change->n = wraps.n;
		assert_in_range(change->n, 1, WRAP_EVENTS);
		memcpy(change->events, wraps.events, sizeof(change->events));
	}
	world_close(&world);
	assert_int_equal(wraps.live, 0);
	return dump;
}

static void open_change(struct change *change, const char *what, const char *from, const char *to)
{
	*change = (struct change){ .what = what, .from = from, .to = to };
	change->before = dump_of(from, to, change);
}

static void close_change(struct change *change)
{
	free(change->before);
	free(change->after);
}

static void check_tidy(const char *what, const char *dump)
{
	if (strstr(dump, "suspended") || strstr(dump, "inactive") || strstr(dump, ".dmkit-"))
		fail_msg("%s leaves:\n%s", what, dump);
}

/* After a fault: all or nothing, and then all. */
static void check(struct world *world, const struct change *change, const char *what, int r)
{
	const struct dmk_error *err = dmk_last_error(world->dm);
	const char *expected = r < 0 ? change->before : change->after;
	char *dump = world_dump(world);

	points++;
	check_tidy(what, dump);
	if (err->code != r || (r < 0 && (err->undo_code || err->left)))
		fail_msg("%s returns %d, and its error has %d, undo %d, left 0x%x", what, r,
			 err->code, err->undo_code, err->left);
	if (strcmp(dump, expected) != 0)
		fail_msg("%s returns %d. Expected:\n%s\nBut there is:\n%s", what, r, expected,
			 dump);
	free(dump);
	if (r == 0)
		return;
	wraps.faults[0].at = 0;
	fake_clear_rules(world->fake);
	r = stack_apply(world, change->to, NULL);
	dump = world_dump(world);
	if (r != 0 || strcmp(dump, change->after) != 0)
		fail_msg("after %s the same returns %d and leaves:\n%s", what, r, dump);
	free(dump);
}

static void close_world(struct world *world, const char *what)
{
	world_close(world);
	if (wraps.live != 0)
		fail_msg("%s: %ld allocations are left", what, wraps.live);
}

static void inject(const struct shape *shape, const struct change *change, int at, int error)
{
	struct world world;
	char what[160];

	snprintf(what, sizeof(what), "%s: %s with %s at call %d (%s)", shape->name, change->what,
		 dmk_errno_name(error), at, wraps_name(change->events[at - 1]));
	stack_world(&world, change->from);
	wraps.faults[0] = (struct wrap_fault){ .at = at, .error = error };
	check(&world, change, what, stack_apply(&world, change->to, NULL));
	close_world(&world, what);
}

/* A resume that swaps fails half way, as targets make it. */
static void inject_half(const struct shape *shape, const struct change *change, uint32_t number,
			enum fake_fault fault, int error)
{
	struct world world;
	char what[160];

	snprintf(what, sizeof(what), "%s: %s with resume %u failing at %s", shape->name,
		 change->what, number, fault == FAKE_SWAP_FAILS ? "the swap" : "the end");
	stack_world(&world, change->from);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, number, 1, fault, error);
	check(&world, change, what, stack_apply(&world, change->to, NULL));
	close_world(&world, what);
}

/* That there is no such device is told by what takes a table or makes one alone: of others it would
 * mean that somebody removed it, who did not. */
static bool is_plausible(int site, int error)
{
	int command = site - SITE_IOCTL;

	return error != ENXIO || command == DM_TABLE_LOAD_CMD || command == DM_DEV_CREATE_CMD ||
	       command == DM_TARGET_MSG_CMD;
}

static void every_call_fails(const struct shape *shape, const struct change *change)
{
	static const int of_request[] = { EACCES, EFAULT, EINVAL, ENOMEM, EIO,
					  EBUSY,  ENODEV, ENOSPC, EINTR,  ENXIO };
	static const int of_node[] = { EACCES, EIO, ENOSPC };
	uint32_t resumes = 0;

	for (int at = 1; at <= change->n; at++) {
		int site = change->events[at - 1];

		if (site == SITE_IOCTL + DM_DEV_SUSPEND_CMD) {
			resumes++;
			inject_half(shape, change, resumes, FAKE_SWAP_FAILS, -EINVAL);
			inject_half(shape, change, resumes, FAKE_RESUME_FAILS, -EINVAL);
			inject_half(shape, change, resumes, FAKE_RESUME_FAILS, -EIO);
		}
		if (site >= SITE_IOCTL) {
			for (size_t i = 0; i < DMK_ARRAY_SIZE(of_request); i++)
				if (is_plausible(site, of_request[i]))
					inject(shape, change, at, of_request[i]);
		} else if (site <= SITE_MMAP) {
			inject(shape, change, at, ENOMEM);
		} else if (site >= SITE_MKNOD && site <= SITE_READLINK) {
			for (size_t i = 0; i < DMK_ARRAY_SIZE(of_node); i++)
				inject(shape, change, at, of_node[i]);
		}
	}
}

static bool is_prefix_of_stack(const char *dump)
{
	return strstr(dump, "uuid=DMKIT-st-") != NULL;
}

/* From one call on nothing is done any more; another process applies again, or takes it down. */
static void inject_end(const struct shape *shape, const struct change *change, uint32_t number)
{
	struct world world;
	char what[160], *dump;
	int r;

	snprintf(what, sizeof(what), "%s: %s killed at request %u", shape->name, change->what,
		 number);
	stack_world(&world, change->from);
	fake_add_rule(world.fake, -1, number, 0, FAKE_BEFORE, -EIO);
	r = stack_apply(&world, change->to, NULL);
	fake_clear_rules(world.fake);
	points++;
	r = stack_apply(&world, change->to, NULL);
	if (!change->to && r == -ENXIO)
		r = 0; /* it was down already */
	dump = world_dump(&world);
	check_tidy(what, dump);
	if (r != 0 ||
	    (change->to ? stack_changes(&world, change->to) != 0 : is_prefix_of_stack(dump)))
		fail_msg("after %s the next one returns %d and leaves:\n%s", what, r, dump);
	free(dump);
	close_world(&world, what);
}

static void every_end(const struct shape *shape, const struct change *change)
{
	uint32_t requests = 0;

	for (int at = 1; at <= change->n; at++)
		if (change->events[at - 1] >= SITE_IOCTL)
			inject_end(shape, change, ++requests);
}

/* The undo fails as well: the first error is the one reported, and what is left is told. */
static void inject_two(const struct shape *shape, const struct change *change, int first,
		       int second, int *ret_n)
{
	const struct dmk_error *err;
	struct world world;
	char what[160], *dump;
	int r;

	stack_world(&world, change->from);
	wraps.faults[0] = (struct wrap_fault){ .at = first, .error = EIO };
	wraps.faults[1] = (struct wrap_fault){ .at = second, .error = EACCES };
	r = stack_apply(&world, change->to, NULL);
	*ret_n = wraps.n;
	snprintf(what, sizeof(what), "%s: %s with calls %d (%s) and %d failing", shape->name,
		 change->what, first, wraps_name(change->events[first - 1]), second);
	err = dmk_last_error(world.dm);
	dump = world_dump(&world);
	points++;
	if (err->code != r)
		fail_msg("%s returns %d, and its error has %d", what, r, err->code);
	if (r == 0 ? strcmp(dump, change->after) != 0
		   : strcmp(dump, change->before) != 0 && !err->undo_code)
		fail_msg("%s returns %d and does not tell that this is left:\n%s", what, r, dump);
	free(dump);
	close_world(&world, what);
}

static void undo_fails_too(const struct shape *shape, const struct change *change)
{
	for (int first = 1; first <= change->n; first++) {
		int site = change->events[first - 1], n = INT_MAX;

		if (site < SITE_IOCTL || !dmk_command_changes((uint32_t)(site - SITE_IOCTL)))
			continue;
		for (int second = first + 1; second <= n; second++)
			inject_two(shape, change, first, second, &n);
	}
}

static void test_shape(void **state)
{
	const struct shape *shape = *state;
	const struct {
		const char *what, *from, *to;
	} changes[] = {
		{ "up", NULL, shape->up },
		{ "change", shape->up, shape->changed },
		{ "change back", shape->changed, shape->up },
		{ "down", shape->up, NULL },
		{ "down of the changed", shape->changed, NULL },
	};

	for (size_t i = 0; i < DMK_ARRAY_SIZE(changes); i++) {
		struct change change;

		open_change(&change, changes[i].what, changes[i].from, changes[i].to);
		every_call_fails(shape, &change);
		every_end(shape, &change);
		if (i == 1 || i == 3)
			undo_fails_too(shape, &change);
		close_change(&change);
	}
}

static void enough_points(void **state)
{
	(void)state;
	print_message("# %u points of %zu shapes\n", points, n_shapes);
	assert_in_range(points, 3000, UINT32_MAX);
	assert_in_range(n_shapes, 12, 100);
}

int main(void)
{
	struct CMUnitTest *tests = calloc(n_shapes + 1, sizeof(*tests));
	int failed;

	for (size_t i = 0; i < n_shapes; i++)
		tests[i] = (struct CMUnitTest){ .name = shapes[i].name,
						.test_func = test_shape,
						.initial_state = (void *)&shapes[i] };
	tests[n_shapes] =
		(struct CMUnitTest){ .name = "enough points", .test_func = enough_points };
	failed = _cmocka_run_group_tests("stack", tests, n_shapes + 1, NULL, NULL);
	free(tests);
	return failed;
}
