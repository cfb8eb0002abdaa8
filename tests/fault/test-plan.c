/* SPDX-License-Identifier: MIT */
/*
 * What a plan says and an apply does not do: devices that are as they should be are not touched, by
 * count of requests; what is another's is refused; what is in use stays.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "base/util.h"
#include "stacks.h"

static struct world world;

static const struct dmk_error *last_error(void)
{
	return dmk_last_error(world.dm);
}

/* ---- by count ---- */

#define MANY 1000

/* Pairs: an even one, and the next one on it. The one that is changed is twice as long. */
static char *many_text(unsigned changed)
{
	struct dmk_text text = { 0 };

	for (unsigned i = 0; i < MANY; i += 2) {
		dmk_text_add(&text, "d%u n %u linear 8:%u 0\n", i, i == changed ? 128 : 64, i);
		dmk_text_add(&text, "d%u n 64 linear @d%u 0\n", i + 1, i);
	}
	return text.data;
}

static void many_unchanged(void **state)
{
	char *text = many_text(MANY);

	(void)state;
	stack_world(&world, text);
	assert_int_equal(world.fake->n_devices, MANY);
	fake_clear_log(world.fake);
	assert_int_equal(stack_changes(&world, text), 0);
	assert_in_range(world.fake->calls, 1, 2 * MANY + 1);
	fake_clear_log(world.fake);
	assert_int_equal(stack_apply(&world, text, NULL), 0);
	assert_in_range(world.fake->calls, 1, 2 * MANY + 1);
	/* Behind a hook nothing tells how much room the list needs: it is asked twice. */
	assert_in_range(world.fake->calls_of[DM_LIST_DEVICES_CMD], 1, 2);
	assert_in_range(world.fake->calls_of[DM_TABLE_STATUS_CMD], MANY, MANY);
	assert_int_equal(world.fake->calls_of[DM_DEV_STATUS_CMD], 0);
	assert_int_equal(world.fake->calls_of[DM_DEV_SUSPEND_CMD], 0);
	assert_int_equal(world.fake->calls_of[DM_TABLE_LOAD_CMD], 0);
	print_message("# %u requests for %d devices\n", world.fake->calls, MANY);
	free(text);
	world_close(&world);
}

/* It, and the one on it: two suspends, two resumes, one load. */
static void one_of_many(void **state)
{
	char *text = many_text(MANY), *changed = many_text(500);

	(void)state;
	stack_world(&world, text);
	assert_int_equal(stack_changes(&world, changed), 2);
	fake_clear_log(world.fake);
	assert_int_equal(stack_apply(&world, changed, NULL), 0);
	assert_int_equal(world.fake->calls_of[DM_TABLE_LOAD_CMD], 1);
	assert_int_equal(world.fake->calls_of[DM_DEV_SUSPEND_CMD], 4);
	free(text);
	free(changed);
	world_close(&world);
}

/* Top down, then bottom up, after all loads. */
static void in_one_pause(void **state)
{
	char *calls;

	(void)state;
	calls = stack_calls("low - 64 linear 8:0 0\nmid - 64 linear @low 0\n"
			    "top - 64 linear @mid 0\nside - 64 linear 8:0 64\n",
			    "low - 96 linear 8:0 0\nmid - 64 linear @low 0\n"
			    "top - 32 linear @mid 0\nside - 64 linear 8:0 64\n");
	assert_string_equal(calls, "L low L top S top S mid S low R low R mid R top");
	free(calls);
}

/* ---- by meaning ---- */

static const struct {
	const char *live, *wanted;
	int changes;
} meanings[] = {
	{ "d - 64 linear 8:0 0\n", "d - 64 linear  8:0  0\n", 0 },
	{ "d - 64 linear 8:0 0\n", "d - 64 linear 8:0 1\n", 1 },
	{ "d - 64 linear 8:0 0\n", "d r 64 linear 8:0 0\n", 1 },
	{ "d - 64 linear 8:0 0\n", "d - 64 zero\n", 1 },
	{ "p - 4096 thin-pool 8:0 8:16 128 0 2 skip_block_zeroing ignore_discard\n",
	  "p - 4096 thin-pool 8:0 8:16 128 0 2 ignore_discard skip_block_zeroing\n", 0 },
	{ "p - 4096 thin-pool 8:0 8:16 128 0 1 skip_block_zeroing\n",
	  "p - 4096 thin-pool 8:0 8:16 128 0 1 ignore_discard\n", 1 },
	{ "p - 4096 thin-pool 8:0 8:16 128 0 0\n", "p - 4096 thin-pool 8:0 8:16 128 0\n", 0 },
	{ "c - 64 crypt aes-xts-plain64 00112233445566778899aabbccddeeff00112233445566778899aabb"
	  "ccddeeff 0 8:0 0\n",
	  "c - 64 crypt aes-xts-plain64 00112233445566778899AABBCCDDEEFF00112233445566778899AABB"
	  "CCDDEEFF 0 8:0 0\n",
	  0 },
	{ "i - 64 integrity 8:0 0 4 J 4 journal_sectors:88 interleave_sectors:32768 "
	  "buffer_sectors:128 internal_hash:crc32c\n",
	  "i - 64 integrity 8:0 0 4 J 1 internal_hash:crc32c\n", 0 },
	{ "i - 64 integrity 8:0 0 4 J 1 internal_hash:crc32c\n",
	  "i - 64 integrity 8:0 0 4 J 2 journal_sectors:88 internal_hash:crc32c\n", 1 },
};

static void by_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(meanings); i++) {
		int changes;

		stack_world(&world, meanings[i].live);
		changes = stack_changes(&world, meanings[i].wanted);
		if (changes != meanings[i].changes)
			fail_msg("%s and\n%s: %d changes", meanings[i].live, meanings[i].wanted,
				 changes);
		world_close(&world);
	}
}

static void key_is_hidden(void **state)
{
	static const char text[] = "c - 64 crypt aes-xts-plain64 00112233445566778899aabbccddeeff"
				   "00112233445566778899aabbccddeeff 0 8:0 0\n";
	struct dmk_stack *stack = stack_of(text);
	struct dmk_plan_step step;
	struct dmk_plan *plan;

	(void)state;
	stack_world(&world, text);
	assert_int_equal(dmk_stack_plan(world.dm, stack, NULL, &plan), 0);
	assert_int_equal(dmk_plan_next(plan, &step), 1);
	assert_int_equal(step.kind, DMK_PLAN_KEEP);
	assert_non_null(strstr(step.before, "aes-xts-plain64 000000000"));
	assert_null(strstr(step.before, "112233"));
	assert_null(strstr(step.after, "112233"));
	assert_int_equal(dmk_plan_next(plan, &step), 0);
	dmk_plan_free(plan);
	dmk_stack_free(stack);
	world_close(&world);
}

/* ---- the steps ---- */

static void told(const char *text, const char *expected)
{
	static const char *const kinds[] = { "?", "keep", "create", "change", "remove", "pause" };
	struct dmk_stack *stack = stack_of(text);
	struct dmk_text all = { 0 };
	struct dmk_plan_step step;
	struct dmk_plan *plan;

	assert_int_equal(dmk_stack_plan(world.dm, stack, NULL, &plan), 0);
	dmk_stack_free(stack); /* the plan outlives it */
	while (dmk_plan_next(plan, &step) == 1)
		dmk_text_add(&all, "%s %s 0x%x [%s] [%s]\n", kinds[step.kind], step.name,
			     step.flags, step.before ? step.before : "-",
			     step.after ? step.after : "-");
	assert_string_equal(all.data, expected);
	dmk_text_free(&all);
	dmk_plan_free(plan);
}

static void steps(void **state)
{
	(void)state;
	stack_world(&world, "low - 64 linear 8:0 0\nmid - 64 linear @low 0\ntop - 64 linear @mid "
			    "0\naside - 8 zero\n");
	fake_open(fake_find(world.fake, "top"));
	fake_find(world.fake, "aside")->suspended = true;
	fake_set_inactive(fake_find(world.fake, "mid"), 64, "zero", "");
	told("low - 32 linear 8:0 0\nmid - 64 linear @low 0\nnew - 16 zero\n",
	     "change low 0x2 [0 64 linear 8:0 0] [0 32 linear 8:0 0]\n"
	     "create new 0x0 [-] [0 16 zero]\n"
	     "change mid 0x8 [0 64 linear @low 0] [0 64 linear @low 0]\n"
	     "remove top 0x1 [0 64 linear @mid 0] [-]\n"
	     "remove aside 0x4 [0 8 zero] [-]\n");
	world_close(&world);
}

/* ---- what is another's, and what is in use ---- */

static void refused(const char *text, int code, const char *device, const char *argument)
{
	char *before = world_dump(&world), *after;
	uint32_t changed;

	assert_int_equal(stack_changes(&world, text), code);
	assert_int_equal(last_error()->verb, DMK_VERB_STACK_PLAN);
	assert_string_equal(last_error()->device, device);
	assert_string_equal(last_error()->argument, argument);
	fake_clear_log(world.fake);
	assert_int_equal(stack_apply(&world, text, NULL), code);
	changed =
		world.fake->calls_of[DM_DEV_CREATE_CMD] + world.fake->calls_of[DM_DEV_REMOVE_CMD] +
		world.fake->calls_of[DM_TABLE_LOAD_CMD] + world.fake->calls_of[DM_DEV_SUSPEND_CMD];
	assert_int_equal(changed, 0);
	after = world_dump(&world);
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void foreign_devices(void **state)
{
	(void)state;
	stack_world(&world, NULL);
	fake_add_device(world.fake, "plain", "");
	fake_add_device(world.fake, "lvm", "LVM-1");
	fake_add_device(world.fake, "near", "DMKIT-sta-near");
	fake_add_device(world.fake, "moved", "DMKIT-st-first");
	refused("plain - 8 zero\n", -EEXIST, "plain", "plain");
	refused("lvm - 8 zero\n", -EEXIST, "lvm", "lvm");
	refused("near - 8 zero\n", -EEXIST, "near", "near");
	refused("first - 8 zero\n", -EEXIST, "first", "moved");
	refused("moved - 8 zero\n", -EEXIST, "moved", "moved");
	world_close(&world);
	/* Upside down. */
	stack_world(&world, "a - 8 zero\nb - 8 linear @a 0\n");
	refused("b - 8 zero\na - 8 linear @b 0\n", -EINVAL, "b", "");
	world_close(&world);
}

static void down_touches_no_other(void **state)
{
	char *before, *after;

	(void)state;
	stack_world(&world, NULL);
	fake_add_device(world.fake, "other", "DMKIT-st2-a");
	fake_add_device(world.fake, "plain", "");
	before = world_dump(&world);
	assert_int_equal(stack_apply(&world, NULL, NULL), -ENXIO);
	assert_int_equal(stack_apply(&world, "a - 8 zero\nb - 8 linear @a 0\n", NULL), 0);
	assert_int_equal(stack_apply(&world, NULL, NULL), 0);
	after = world_dump(&world);
	assert_string_equal(after, before);
	free(before);
	free(after);
	world_close(&world);
}

static void in_use(void **state)
{
	static const char up[] = "low - 64 linear 8:0 0\ntop - 64 linear @low 0\n";
	const struct dmk_stack_options allow = { .flags = DMK_STACK_ALLOW_BUSY };
	const struct dmk_stack_options once = { .timeout_ms = -1 };
	const struct dmk_stack_options shortly = { .timeout_ms = 20 };
	char *before, *after;

	(void)state;
	stack_world(&world, up);
	fake_open(fake_find(world.fake, "top"));
	before = world_dump(&world);
	assert_int_equal(stack_apply(&world, "low - 64 linear 8:0 0\n", &once), -EBUSY);
	assert_string_equal(last_error()->device, "top");
	assert_int_equal(last_error()->verb, DMK_VERB_STACK_APPLY);
	assert_int_equal(last_error()->step, DMK_STEP_REMOVE);
	assert_int_equal(wraps.searches, 1);
	assert_int_equal(
		stack_apply(&world, "low - 64 linear 8:0 0\ntop - 32 linear @low 0\n", &once),
		-EBUSY);
	assert_int_equal(stack_apply(&world, NULL, &once), -EBUSY);
	assert_int_equal(stack_apply(&world, NULL, &shortly), -EBUSY);
	assert_in_range(last_error()->tries, 2, UINT32_MAX);
	assert_in_range(last_error()->spent_ms, 10, 20000);
	after = world_dump(&world);
	assert_string_equal(after, before);
	/* What is only open by the stack itself may shrink, and what grows may be open. */
	assert_int_equal(
		stack_apply(&world, "low - 64 linear 8:0 0\ntop - 96 linear @low 0\n", &once), 0);
	assert_int_equal(
		stack_apply(&world, "low - 32 linear 8:0 0\ntop - 96 linear 8:16 0\n", &once), 0);
	assert_int_equal(stack_apply(&world, "low - 32 linear 8:0 0\n", &allow), 0);
	assert_true(fake_find(world.fake, "top")->deferred);
	/* Wanted again it stays, and where that fails it goes after all. */
	fake_add_rule(world.fake, DM_DEV_CREATE_CMD, 1, 0, FAKE_BEFORE, -EIO);
	assert_int_equal(
		stack_apply(&world, "low - 32 linear 8:0 0\ntop - 96 linear 8:16 0\nnew - 8 zero\n",
			    &once),
		-EIO);
	fake_clear_rules(world.fake);
	assert_true(fake_find(world.fake, "top")->deferred);
	assert_int_equal(stack_changes(&world, "low - 32 linear 8:0 0\ntop - 96 linear 8:16 0\n"),
			 1);
	assert_int_equal(
		stack_apply(&world, "low - 32 linear 8:0 0\ntop - 96 linear 8:16 0\n", &once), 0);
	assert_false(fake_find(world.fake, "top")->deferred);
	assert_int_equal(stack_changes(&world, "low - 32 linear 8:0 0\ntop - 96 linear 8:16 0\n"),
			 0);
	assert_int_equal(stack_apply(&world, "low - 32 linear 8:0 0\n", &allow), 0);
	fake_close(world.fake, fake_find(world.fake, "top"));
	assert_null(fake_find(world.fake, "top"));
	free(before);
	free(after);
	world_close(&world);
}

/* What one that was killed has left. */
static void leftovers(void **state)
{
	static const char text[] = "a - 8 zero\nb - 8 linear @a 0\nc - 8 linear @b 0\n";
	char *dump;

	(void)state;
	stack_world(&world, "a - 8 zero\nb - 8 linear @a 0\n");
	fake_find(world.fake, "b")->suspended = true;
	fake_set_inactive(fake_find(world.fake, "a"), 16, "zero", "");
	fake_set_inactive(fake_add_device(world.fake, "c", "DMKIT-st-c"), 8, "linear", "254:1 0");
	fake_add_device(world.fake, "gone", "DMKIT-st-gone");
	assert_int_equal(stack_changes(&world, text), 4);
	assert_int_equal(stack_apply(&world, text, NULL), 0);
	assert_int_equal(stack_changes(&world, text), 0);
	dump = world_dump(&world);
	assert_null(strstr(dump, "suspended"));
	assert_null(strstr(dump, "inactive"));
	assert_null(strstr(dump, "gone"));
	free(dump);
	world_close(&world);
}

/* Before request number at, another process takes "mid" away and makes its own of that name. */
static struct {
	uint32_t at;
	bool done;
} theft;

static void steal(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	struct fake_device *ours = fake_find(fake, "mid");

	(void)command;
	(void)data;
	if (number != theft.at)
		return;
	if (ours)
		fake_drop(fake, ours);
	fake_set_live(fake_add_device(fake, "mid", "S-1"), 24, "linear", "9:9 0");
	theft.done = true;
}

static void another_is_not_touched(void **state)
{
	static const char up[] = "low - 64 linear 8:0 0\nmid - 64 linear @low 0\ntop - 64 linear "
				 "@mid 0\n";
	static const char *const later[] = {
		"low - 96 linear 8:0 0\nmid - 96 linear @low 0\ntop - 96 linear @mid 0\n",
		"low - 64 linear 8:0 0\n",
		NULL,
	};
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(later); i++) {
		theft.done = true;
		for (uint32_t at = 1; theft.done; at++) {
			char *dump;

			stack_world(&world, up);
			fake_clear_log(world.fake);
			theft.at = at;
			theft.done = false;
			world.fake->on_call = steal;
			(void)stack_apply(&world, later[i], NULL);
			dump = world_dump(&world);
			if (theft.done && !strstr(dump, "mid uuid=S-1 minor=1 open=0 live"
							"[0 24 linear 9:9 0]\n"))
				fail_msg("change %zu, request %u: of another there is\n%s", i, at,
					 dump);
			n += theft.done;
			free(dump);
			world_close(&world);
		}
	}
	print_message("# %u thefts\n", n);
	assert_in_range(n, 30, 1000);
}

static void cancelled(void **state)
{
	int32_t flag = 1;

	(void)state;
	stack_world(&world, NULL);
	dmk_set_cancel(world.dm, &flag, -1);
	assert_int_equal(stack_apply(&world, "a - 8 zero\n", NULL), -ECANCELED);
	assert_int_equal(world.fake->n_devices, 0);
	world_close(&world);
}

/* ---- which there are ---- */

static void list_of_stacks(void **state)
{
	struct dmk_stack_state got;
	struct dmk_stacks *stacks;

	(void)state;
	stack_world(&world, "a - 8 zero\nb - 8 linear @a 0\n");
	fake_find(world.fake, "b")->suspended = true;
	fake_add_device(world.fake, "x", "DMKIT-alpha-x");
	fake_add_device(world.fake, "y", "DMKIT-nostack");
	fake_add_device(world.fake, "z", "LVM-2");
	assert_int_equal(dmk_list_stacks(world.dm, &stacks), 0);
	assert_int_equal(dmk_stacks_next(stacks, &got), 1);
	assert_string_equal(got.name, "alpha");
	assert_int_equal(got.n_devices, 1);
	assert_int_equal(got.n_no_table, 1);
	assert_int_equal(dmk_stacks_next(stacks, &got), 1);
	assert_string_equal(got.name, "st");
	assert_int_equal(got.n_devices, 2);
	assert_int_equal(got.n_suspended, 1);
	assert_int_equal(got.n_no_table, 0);
	assert_int_equal(got.n_open, 1);
	assert_int_equal(dmk_stacks_next(stacks, &got), 0);
	dmk_stacks_free(stacks);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_unchanged),  cmocka_unit_test(one_of_many),
		cmocka_unit_test(in_one_pause),	   cmocka_unit_test(by_meaning),

		cmocka_unit_test(key_is_hidden),   cmocka_unit_test(steps),
		cmocka_unit_test(foreign_devices), cmocka_unit_test(down_touches_no_other),
		cmocka_unit_test(in_use),	   cmocka_unit_test(leftovers),

		cmocka_unit_test(cancelled),	   cmocka_unit_test(another_is_not_touched),
		cmocka_unit_test(list_of_stacks),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
