/* SPDX-License-Identifier: MIT */
/*
 * Between every two requests of every verb another process takes the device away, in each way in
 * which it can, and makes its own in its place. Afterwards the stranger's device is as it was, its
 * node too, and what the verb says is true.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "swap.h"
#include "base/util.h"

static const struct scenario plain = { .name = "swap" };

static const char *const kind_names[N_KINDS] = {
	[REMOVED] = "removed",
	[SAME_NAME] = "another of the name",
	[SAME_NAME_UUID] = "another of the name, with a uuid",
	[SAME_NAME_SUSPENDED] = "another of the name, suspended",
	[SAME_NAME_EMPTY] = "another of the name, without a table",
	[SAME_NAME_NUMBER] = "another of the name and number",
	[SAME_NAME_NUMBER_UUID] = "another of the name and number, with a uuid",
	[SAME_NUMBER] = "another of the number",
	[SAME_UUID] = "another of the uuid",
	[RENAMED_AND_TAKEN] = "renamed, and another took the name",
	[LOADED] = "a table loaded by another",
};

struct run run;

/* ---- what another process does ---- */

static bool is_listed(const struct fake *fake, const struct fake_device *device)
{
	for (size_t i = 0; i < fake->n_devices; i++)
		if (fake->devices[i] == device)
			return true;
	return false;
}

static void describe(const struct fake_device *device, char *text, size_t size)
{
	const struct fake_table *live = device->live;

	snprintf(text, size, "%s uuid=%s minor=%u%s%s live=%s inactive=%s", device->name,
		 device->uuid, device->minor, device->suspended ? " suspended" : "",
		 device->deferred ? " deferred" : "", live ? live->targets[0].params : "none",
		 device->inactive ? device->inactive->targets[0].params : "none");
}

static void forget_node(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), MEMFS_DIR "/%s", name);
	memfs_unlink(path);
}

static void rename_ours(struct fake *fake, const char *name)
{
	struct fake_device *ours = run.ours;
	char path[2][300];

	snprintf(path[0], sizeof(path[0]), MEMFS_DIR "/%s", ours->name);
	snprintf(path[1], sizeof(path[1]), MEMFS_DIR "/%s", name);
	memfs_rename(path[0], path[1], true);
	fake_rename_device(fake, ours, name);
}

/* The stranger: its name, its uuid, and the number of ours or another one. */
static void make_stranger(struct fake *fake, const char *name, const char *uuid, bool number)
{
	uint32_t minor = number ? run.minor : 70;
	struct fake_device *device;
	char path[300];

	device = fake_add_device(fake, name, uuid);
	device->minor = minor;
	if (run.kind != SAME_NAME_EMPTY)
		fake_set_live(device, 48, "linear", "9:9 0");
	device->suspended = run.kind == SAME_NAME_SUSPENDED;
	snprintf(path, sizeof(path), MEMFS_DIR "/%s", name);
	if (memfs_lstat(path, &(struct stat){ 0 }) == 0)
		memfs_unlink(path);
	add_node(name, FAKE_MAJOR, minor);
	run.stranger = device;
	describe(device, run.before, sizeof(run.before));
}

static void swap(struct fake *fake)
{
	char name[DM_NAME_LEN], uuid[DM_UUID_LEN];

	snprintf(name, sizeof(name), "%s", run.ours->name);
	snprintf(uuid, sizeof(uuid), "%s", run.ours->uuid);
	run.minor = run.ours->minor;
	if (run.kind == LOADED) {
		fake_set_inactive(run.ours, 24, "linear", "9:9 0");
		return;
	}
	if (run.kind == RENAMED_AND_TAKEN) {
		rename_ours(fake, "moved");
	} else {
		forget_node(name);
		fake_drop(fake, run.ours);
		run.ours = NULL;
	}
	if (run.kind == SAME_NUMBER)
		make_stranger(fake, "theirs", "S-1", true);
	else if (run.kind == SAME_UUID)
		make_stranger(fake, "theirs", uuid, false);
	else if (run.kind != REMOVED)
		make_stranger(fake, name,
			      run.kind == SAME_NAME_UUID || run.kind == SAME_NAME_NUMBER_UUID
				      ? "S-1"
				      : "",
			      run.kind == SAME_NAME_NUMBER || run.kind == SAME_NAME_NUMBER_UUID);
}

/* The device that the verb is about: there from the start, or since its DEV_CREATE. */
static bool is_our_table(const struct fake_table *table)
{
	return table && table->count == 2 && strcmp(table->targets[0].params, "7:9 0") == 0;
}

static struct fake_device *find_ours(struct fake *fake)
{
	struct fake_device *device = fake_find(fake, "data");

	return device ? device : fake_find(fake, "other");
}

static void on_call(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	bool first = number <= run.at;

	(void)data;
	if (number < FAKE_LOG)
		run.commands[number] = command;
	if (run.first == 0 && command != DM_VERSION_CMD)
		run.first = number; /* the look, which is what all later ones go by */
	if (first)
		run.ours = find_ours(fake);
	if (number == run.at && run.ours) {
		/* It was done, and looked at: this second look is for the node's sake. */
		run.renamed = command == DM_DEV_STATUS_CMD &&
			      run.commands[number - 1] == DM_DEV_STATUS_CMD &&
			      strcmp(run.ours->name, "other") == 0;
		/* Likewise of a create, whose resume's reply has told. */
		run.created = command == DM_DEV_STATUS_CMD &&
			      run.commands[number - 1] == DM_DEV_SUSPEND_CMD &&
			      strncmp(run.verb->name, "create", 6) == 0 &&
			      is_our_table(run.ours->live) && !run.ours->suspended;
		run.swapped = true;
		swap(fake);
	}
	if (run.verb->happens)
		run.verb->happens(fake, command, number);
}

/* ---- what is true afterwards ---- */

static void wrong(const char *what, const char *more)
{
	const struct dmk_error *err = dmk_last_error(run.world->dm);
	char text[1024];

	dmk_error_format(err, text, sizeof(text));
	print_message(
		"# WRONG: %s%s, swap before request %u (%u), %s: %s %s\n#   returned %d: %s\n",
		run.verb->name, run.uuid[0] ? " (uuid)" : "", run.at, run.commands[run.at],
		kind_names[run.kind], what, more, run.r, run.r < 0 ? text : "");
	run.n_wrong++;
}

/* 0 is said, and it is so. */
static bool is_done(const struct fake *fake)
{
	const struct fake_device *ours = run.ours && is_listed(fake, run.ours) ? run.ours : NULL;

	switch (run.verb->claim) {
	case LIVE:
		return run.created || (ours && is_our_table(ours->live) && !ours->suspended);
	case GONE:
		return !ours;
	case MARKED:
		return !ours || ours->deferred;
	case RENAMED:
		return run.renamed || (ours && strcmp(ours->name, "other") == 0);
	case HAS_UUID:
		return ours && strcmp(ours->uuid, "U-7") == 0;
	default:
		return true;
	}
}

/* The kernel lets nobody avoid it: see the list. */
static const struct unavoidable *find_unavoidable(void)
{
	for (size_t i = 0; i < n_unavoidables; i++) {
		const struct unavoidable *u = &unavoidables[i];

		if ((u->command == ANY_COMMAND || u->command == run.commands[run.at]) &&
		    (u->kinds & 1u << run.kind) &&
		    (!u->only || strncmp(run.verb->name, u->only, strlen(u->only)) == 0) &&
		    !(u->plain && run.uuid[0]))
			return u;
	}
	return NULL;
}

static bool stranger_is_untouched(const struct fake *fake, char *now, size_t size)
{
	struct stat st;
	char path[300];

	snprintf(now, size, "gone");
	if (!run.stranger)
		return true;
	if (!is_listed(fake, run.stranger))
		return false;
	describe(run.stranger, now, size);
	if (strcmp(now, run.before) != 0)
		return false;
	snprintf(path, sizeof(path), MEMFS_DIR "/%s", run.stranger->name);
	snprintf(now, size, "its node");
	return memfs_lstat(path, &st) == 0 &&
	       st.st_rdev == makedev(FAKE_MAJOR, run.stranger->minor);
}

static void judge(struct world *world)
{
	const struct dmk_error *err = dmk_last_error(world->dm);
	const struct unavoidable *u = find_unavoidable();
	bool done = is_done(world->fake);
	char now[1024];
	bool untouched = stranger_is_untouched(world->fake, now, sizeof(now));

	run.points++;
	if (u && (!untouched || (run.r == 0 && !done))) {
		run.unavoidable++;
		if (run.r == 0 && !u->silent)
			wrong("it could not be avoided, but could be told:", now);
		return;
	}
	if (!untouched)
		wrong("the stranger is not as it was:", now);
	else if (run.r == 0 && !done)
		wrong("that was not done", "");
	else if (run.r < 0 && run.verb->expected != run.r && run.r != -ENXIO && run.r != -EBUSY)
		wrong("no such error was to be expected", "");
	else if (run.r < 0 && err->code != run.r)
		wrong("the error has another code", "");
	/* Only one is told that he removed it: those that it was taken from know that. */
	if (run.r == 0 && run.verb->claim == GONE && !run.ours && run.by_other &&
	    !(run.flags & DMK_INFO_GONE))
		wrong("it was another who removed it", "");
}

/* ---- every point ---- */

static void run_once(const struct swap_verb *verb, enum kind kind, uint32_t at, const char *uuid)
{
	struct world world;

	run.verb = verb;
	run.kind = kind;
	run.at = at;
	run.uuid = uuid;
	run.ours = run.stranger = NULL;
	run.swapped = run.by_other = run.renamed = run.created = false;
	run.first = run.flags = run.n_of = 0;
	run.world = &world;
	world_open(&world, &plain);
	wraps.no_pauses = true;
	if (verb->prepare)
		verb->prepare(&world);
	world.fake->on_call = on_call;
	run.r = verb->act(&world);
	world.fake->on_call = NULL;
	run.calls = world.fake->calls;
	/* Ours was dropped by the swap, so another removed it. */
	run.by_other = run.swapped && !run.ours;
	if (run.swapped)
		judge(&world);
	world_close(&world);
}

static void every_point(void **state)
{
	static const char *const uuids[] = { "", "U-1" };
	const struct swap_verb *verb = *state;
	uint32_t before = run.n_wrong;

	for (size_t u = 0; u < DMK_ARRAY_SIZE(uuids); u++) {
		uint32_t calls, first;

		if (uuids[u][0] && verb->claim == HAS_UUID)
			continue; /* one that has a uuid gets no other */
		run_once(verb, REMOVED, UINT32_MAX, uuids[u]);
		if (run.r != verb->expected)
			fail_msg("%s without a swap: %d", verb->name, run.r);
		calls = run.calls;
		first = run.first;
		for (uint32_t at = first + 1; at <= calls; at++)
			for (int kind = 0; kind < N_KINDS; kind++)
				if (kind != SAME_UUID || uuids[u][0])
					run_once(verb, (enum kind)kind, at, uuids[u]);
	}
	assert_int_equal(run.n_wrong, before);
}

static void enough_points(void **state)
{
	(void)state;
	print_message("# swap points: %u (verb, request, kind), %u wrong\n", run.points,
		      run.n_wrong);
	print_message("# of them the kernel lets nobody avoid: %u\n", run.unavoidable);
	for (size_t i = 0; i < n_unavoidables; i++)
		print_message("#   %s\n", unavoidables[i].why);
	assert_in_range(run.points, 300, UINT32_MAX);
	assert_int_equal(run.n_wrong, 0);
}

int main(void)
{
	struct CMUnitTest *tests = calloc(n_swap_verbs + 1, sizeof(*tests));
	int r;

	for (size_t i = 0; i < n_swap_verbs; i++)
		tests[i] =
			(struct CMUnitTest){ .name = swap_verbs[i].name,
					     .test_func = every_point,
					     .initial_state = (void *)(uintptr_t)&swap_verbs[i] };
	tests[n_swap_verbs] = (struct CMUnitTest)cmocka_unit_test(enough_points);
	r = _cmocka_run_group_tests("swap", tests, n_swap_verbs + 1, NULL, NULL);
	free(tests);
	return r;
}
