/* SPDX-License-Identifier: MIT */
/*
 * Each call that a verb makes, requests and the C library's alike, fails in turn with each errno
 * that it may have; afterwards the world is as it was, the error is the injected one with its step,
 * and nothing leaks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "base/util.h"

#define MOST_ERRORS 9

/* What may go wrong at a site, and what the library goes on in spite of. */
struct plausible {
	int fails[MOST_ERRORS];
	int goes_on[MOST_ERRORS];
};

static const struct plausible of_request = {
	{ EACCES, EFAULT, EINVAL, ENOMEM, EIO, EBUSY, ENXIO, ENODEV },
	{ EINTR },
};

static const struct plausible of_call[SITE_IOCTL] = {
	[SITE_MALLOC] = { { ENOMEM }, { 0 } },
	[SITE_CALLOC] = { { ENOMEM }, { 0 } },
	[SITE_REALLOC] = { { ENOMEM }, { 0 } },
	[SITE_MMAP] = { { ENOMEM }, { 0 } },
	[SITE_MLOCK] = { { 0 }, { ENOMEM, EPERM, EAGAIN } },
	[SITE_MKNOD] = { { EPERM, EACCES, ENOSPC, EROFS, ENOMEM, EDQUOT, EIO },
			 { ENOENT, EEXIST } },
	[SITE_MKDIR] = { { EACCES, EPERM, EROFS, ENOSPC, EIO }, { 0 } },
	[SITE_LSTAT] = { { EACCES, EIO, ENOMEM, ELOOP }, { 0 } },
	[SITE_STAT] = { { EACCES, EIO, ENOMEM }, { 0 } },
	[SITE_CHMOD] = { { EPERM, EACCES, EROFS, EIO }, { 0 } },
	[SITE_CHOWN] = { { EPERM, EACCES, EROFS, EIO }, { 0 } },
	[SITE_UNLINK] = { { EPERM, EACCES, EROFS, EIO, EBUSY }, { 0 } },
	[SITE_LINK] = { { EPERM, EACCES, ENOSPC, EROFS, EIO, EMLINK }, { EEXIST, ENOENT } },
	[SITE_RENAME] = { { EPERM, EACCES, ENOSPC, EROFS, EIO }, { 0 } },
	/* What came meanwhile, or went, is looked at once more. */
	[SITE_RENAMEAT2] = { { EPERM, EACCES, ENOSPC, EROFS, EIO },
			     { EINVAL, ENOSYS, EEXIST, ENOENT } },
	[SITE_SYMLINK] = { { EPERM, EACCES, ENOSPC, EROFS, EIO }, { 0 } },
	[SITE_READLINK] = { { EACCES, EIO, ENOMEM }, { 0 } },
	[SITE_PPOLL] = { { 0 }, { EINTR } },
	/* Without a semaphore the node itself is waited for. */
	[SITE_SEMGET] = { { 0 }, { EACCES, ENOSPC, ENOSYS } },
	[SITE_SEMCTL] = { { 0 }, { EPERM, EIDRM } },
	[SITE_SEMTIMEDOP] = { { 0 }, { EINTR, EIDRM, ENOMEM } },
};

static const uint32_t step_of[DMK_CMD_COUNT] = {
	[DM_VERSION_CMD] = DMK_STEP_VERSION,	       [DM_REMOVE_ALL_CMD] = DMK_STEP_REMOVE_ALL,
	[DM_LIST_DEVICES_CMD] = DMK_STEP_LIST,	       [DM_DEV_CREATE_CMD] = DMK_STEP_CREATE,
	[DM_DEV_REMOVE_CMD] = DMK_STEP_REMOVE,	       [DM_DEV_RENAME_CMD] = DMK_STEP_RENAME,
	[DM_DEV_STATUS_CMD] = DMK_STEP_STATUS,	       [DM_DEV_WAIT_CMD] = DMK_STEP_WAIT,
	[DM_TABLE_LOAD_CMD] = DMK_STEP_LOAD,	       [DM_TABLE_CLEAR_CMD] = DMK_STEP_CLEAR,
	[DM_TABLE_DEPS_CMD] = DMK_STEP_DEPS,	       [DM_TABLE_STATUS_CMD] = DMK_STEP_TABLE,
	[DM_LIST_VERSIONS_CMD] = DMK_STEP_TARGETS,     [DM_TARGET_MSG_CMD] = DMK_STEP_MESSAGE,
	[DM_DEV_SET_GEOMETRY_CMD] = DMK_STEP_GEOMETRY, [DMK_CMD_ARM_POLL] = DMK_STEP_POLL,
	[DMK_CMD_TARGET_VERSION] = DMK_STEP_TARGETS,
};

/* The scenario without a fault: its events, and the world that it leaves. */
struct reference {
	const struct scenario *scenario;
	int n;
	int events[WRAP_EVENTS];
	char *before;
	char *after;
};

static void read_reference(const struct scenario *scenario, struct reference *reference)
{
	struct world world;

	world_open(&world, scenario);
	reference->scenario = scenario;
	reference->before = world_dump(&world);
	assert_int_equal(world_act(&world, scenario), 0);
	reference->after = world_dump(&world);
	reference->n = wraps.n;
	assert_in_range(reference->n, 1, WRAP_EVENTS);
	memcpy(reference->events, wraps.events, sizeof(reference->events));
	world_close(&world);
	assert_int_equal(wraps.live, 0);
}

static void free_reference(struct reference *reference)
{
	free(reference->before);
	free(reference->after);
}

/* The look at a device once its node was made: what was asked for is done by then. */
static bool is_second_look(const struct reference *reference, int at)
{
	static const char *const verbs[] = { "resume", "rename", "cancel a" };
	int before = at - 2;

	if (reference->events[at - 1] != SITE_IOCTL + DM_DEV_STATUS_CMD)
		return false;
	while (before >= 0 && reference->events[before] < SITE_IOCTL)
		before--;
	/* Of a create nothing is asked but this, after it is resumed or, without a table, made. */
	if (strncmp(reference->scenario->name, "create", 6) == 0)
		return before >= 0 &&
		       (reference->events[before] == SITE_IOCTL + DM_DEV_SUSPEND_CMD ||
			reference->events[before] == SITE_IOCTL + DM_DEV_CREATE_CMD);

	for (size_t i = 0; i < DMK_ARRAY_SIZE(verbs); i++)
		if (strncmp(reference->scenario->name, verbs[i], strlen(verbs[i])) == 0)
			return at > 2 && at == reference->n &&
			       reference->events[at - 1] == SITE_IOCTL + DM_DEV_STATUS_CMD;
	return false;
}

/* ENXIO of a device that was there a moment ago is no failure, but does not leave the same either.
 */
static bool is_gone(const struct reference *reference, int at, int error)
{
	int site = reference->events[at - 1];

	if (error == ENXIO && is_second_look(reference, at))
		return true;
	if (error == ENXIO && site == SITE_IOCTL + DM_DEV_REMOVE_CMD)
		return true;
	/* Looked at once more after it got its new name. */
	if (error == ENXIO && site == SITE_IOCTL + DM_DEV_STATUS_CMD && at > 1 &&
	    reference->events[at - 2] == SITE_IOCTL + DM_DEV_RENAME_CMD)
		return true;
	return error == ENXIO && site == SITE_IOCTL + DM_DEV_STATUS_CMD &&
	       strcmp(reference->scenario->name, "remove all") == 0;
}

/* One that cannot be asked for its uuid any more is listed without; one that is watched went away.
 */
static bool is_harmless(const struct reference *reference, int at, int error)
{
	int site = reference->events[at - 1], status = SITE_IOCTL + DM_DEV_STATUS_CMD;

	if (is_second_look(reference, at))
		return true;
	if (error == ENXIO && site == SITE_IOCTL + DM_TABLE_STATUS_CMD &&
	    strcmp(reference->scenario->name, "watch") == 0)
		return true;
	/* Whether udev's link is gone: if that cannot be told, it is looked at once more, and that
	 * the kernel knows no device of its name is what is hoped for. */
	if (strncmp(reference->scenario->name, "udev: re", 8) == 0) {
		if (site == SITE_LSTAT && (at == reference->n || reference->events[at] == status))
			return true;
		if (error == ENXIO && site == status && reference->events[at - 2] == SITE_LSTAT)
			return true;
	}
	/* After a rename it is looked once more whether it was the right one: its number was. */
	if (error != ENXIO && site == status && at > 1 &&
	    reference->events[at - 2] == SITE_IOCTL + DM_DEV_RENAME_CMD)
		return true;
	return error == ENXIO && site == SITE_IOCTL + DM_DEV_STATUS_CMD &&
	       reference->scenario->driver_minor;
}

/* The node that is made in its place at once, and the look at its mode. */
static bool is_in_place(const struct reference *reference, int at)
{
	const int *events = reference->events;
	/* Where one was made the device is looked at once more; where one was there it is not. */
	bool made = at < reference->n && events[at] == SITE_IOCTL + DM_DEV_STATUS_CMD;

	if (events[at - 1] == SITE_MKNOD)
		return at < reference->n && events[at] == SITE_LSTAT;
	return events[at - 1] == SITE_LSTAT && at > 1 && events[at - 2] == SITE_MKNOD && made;
}

static const struct plausible *plausible_at(const struct reference *reference, int at)
{
	/* The folder was made just now and is missing again: not to be gone on with. */
	static const struct plausible of_mknod_again = { { ENOENT, EACCES, EIO }, { 0 } };
	/* What stands on what need not be known: the removal itself tells. */
	static const struct plausible of_order = { { ENOMEM }, { ENXIO, EACCES, EIO } };
	/* One that went away is no failure of the others. */
	static const struct plausible of_graph = { { EACCES, EINVAL, ENOMEM, EIO, ENODEV },
						   { ENXIO, EINTR } };
	/* How many devices there are is a hint. */
	static const struct plausible of_hint = { { 0 }, { EACCES, ENOENT, ENOMEM } };
	/* The caller's own cookie: there is nothing to go on with. */
	static const struct plausible of_semop = { { EACCES, ERANGE }, { EINTR } };
	static const struct plausible of_cookie = { { EACCES, ENOENT }, { 0 } };
	/* What cannot be made in its place is made elsewhere and moved there. */
	static const struct plausible of_in_place = { { 0 }, { EACCES, EPERM, ENOENT, EEXIST } };
	const char *name = reference->scenario->name;
	int site = reference->events[at - 1];

	if (is_in_place(reference, at))
		return &of_in_place;
	if (site == SITE_STAT && (strncmp(name, "list", 4) == 0 || strcmp(name, "watch") == 0 ||
				  strcmp(name, "remove all") == 0))
		return &of_hint;
	if (site == SITE_IOCTL + DM_TABLE_DEPS_CMD && strcmp(name, "remove many") == 0)
		return &of_order;
	if (site == SITE_IOCTL + DM_TABLE_DEPS_CMD && strcmp(name, "list as a graph") == 0)
		return &of_graph;
	if (site == SITE_SEMOP)
		return &of_semop;
	if (site == SITE_SEMGET && reference->scenario->cookie)
		return &of_cookie;
	if (site == SITE_MKNOD && at > 2 && reference->events[at - 3] == SITE_MKDIR)
		return &of_mknod_again;
	return site >= SITE_IOCTL ? &of_request : &of_call[site];
}

/* Which step event number `at` belongs to; DMK_STEP_NONE: any will do. */
static uint32_t expected_step(const struct reference *reference, int at)
{
	int site = reference->events[at - 1];
	bool restarted = false;

	if (site >= SITE_IOCTL) {
		int command = site - SITE_IOCTL;

		if (command == DM_DEV_SUSPEND_CMD)
			return strcmp(reference->scenario->name, "suspend") == 0 ? DMK_STEP_SUSPEND
										 : DMK_STEP_RESUME;
		return step_of[command];
	}
	if (site == SITE_SEMGET || site == SITE_SEMOP)
		return DMK_STEP_UDEV;
	if (site <= SITE_MLOCK || strncmp(reference->scenario->name, "udev:", 5) == 0)
		return DMK_STEP_NONE;
	/* What makes a node has none of these before it has removed one; what removes, nothing
	 * else. */
	for (int i = 0; i < at - 1; i++)
		restarted = restarted || reference->events[i] == SITE_UNLINK;
	if (strncmp(reference->scenario->name, "rename", 6) == 0)
		return restarted ? DMK_STEP_MAKE_NODE : DMK_STEP_REMOVE_NODE;
	if (strncmp(reference->scenario->name, "remove", 6) == 0)
		return DMK_STEP_REMOVE_NODE;
	return DMK_STEP_MAKE_NODE;
}

/* Nothing half done, whatever the scenario: no device suspended or loaded, no temporary node. */
static void assert_tidy(const char *what, const char *before, const char *dump)
{
	if ((strstr(dump, "suspended") && !strstr(before, "suspended")) ||
	    strstr(dump, "inactive") || strstr(dump, ".dmkit-"))
		fail_msg("%s leaves:\n%s", what, dump);
}

static void check_failure(struct world *world, const struct reference *reference, int at, int error,
			  const char *what, int r)
{
	const struct dmk_error *err = dmk_last_error(world->dm);
	uint32_t step = expected_step(reference, at);
	char *dump = world_dump(world);
	/* Linux says EINVAL at a swap when another process has resumed it or is suspending it. */
	bool raced = error == EINVAL && r == -EBUSY && err->step == DMK_STEP_RESUME;

	if ((r != -error && !raced) || err->code != r)
		fail_msg("%s returns %d, and its error has %d", what, r, err->code);
	if (step ? err->step != step : err->step == DMK_STEP_NONE)
		fail_msg("%s fails at step '%s'", what, dmk_step_name(err->step));
	if (err->undo_code)
		fail_msg("%s says that the undo failed: %d", what, err->undo_code);
	assert_tidy(what, reference->before, dump);
	if (reference->scenario->undo == UNDO_ALL && strcmp(dump, reference->before) != 0)
		fail_msg("%s: before:\n%s\nafter:\n%s", what, reference->before, dump);
	free(dump);
	/* Without the fault the same connection does it after all. */
	wraps.faults[0].at = 0;
	r = world_act(world, reference->scenario);
	/* The link's end comes after the device's: that is gone by then. */
	if (r == -ENXIO && strncmp(reference->scenario->name, "udev: remove", 12) == 0)
		r = 0;
	dump = world_dump(world);
	if (r != 0 ||
	    (reference->scenario->undo == UNDO_ALL && strcmp(dump, reference->after) != 0))
		fail_msg("after %s the verb returns %d and leaves:\n%s", what, r, dump);
	free(dump);
}

static void check_success(struct world *world, const struct reference *reference, const char *what,
			  int r)
{
	char *dump = world_dump(world);

	if (r != 0 || dmk_last_error(world->dm)->code != 0)
		fail_msg("%s returns %d, and its error has %d", what, r,
			 dmk_last_error(world->dm)->code);
	if (strcmp(dump, reference->after) != 0)
		fail_msg("%s leaves:\n%s", what, dump);
	free(dump);
}

static void inject(const struct reference *reference, int at, int error, bool goes_on)
{
	int fds = count_fds(), r;
	struct world world;
	char what[128];

	snprintf(what, sizeof(what), "%s with %s at call %d (%s)", reference->scenario->name,
		 dmk_errno_name(error), at, wraps_name(reference->events[at - 1]));
	world_open(&world, reference->scenario);
	wraps.faults[0] = (struct wrap_fault){ .at = at, .error = error };
	r = world_act(&world, reference->scenario);
	if (goes_on)
		check_success(&world, reference, what, r);
	else
		check_failure(&world, reference, at, error, what, r);
	world_close(&world);
	if (wraps.live != 0)
		fail_msg("%s: %ld allocations are left", what, wraps.live);
	if (wraps.semaphores != reference->scenario->cookie)
		fail_msg("%s: %d semaphores are left", what, wraps.semaphores);
	if (count_fds() != fds)
		fail_msg("%s: %d files are left open", what, count_fds() - fds);
}

static void every_call_fails(void **state)
{
	struct reference reference;

	read_reference(*state, &reference);
	for (int at = 1; at <= reference.n; at++) {
		const struct plausible *plausible = plausible_at(&reference, at);

		for (size_t i = 0; i < MOST_ERRORS && plausible->fails[i]; i++)
			if (!is_gone(&reference, at, plausible->fails[i]))
				inject(&reference, at, plausible->fails[i],
				       is_harmless(&reference, at, plausible->fails[i]));
		for (size_t i = 0; i < MOST_ERRORS && plausible->goes_on[i]; i++)
			inject(&reference, at, plausible->goes_on[i], true);
	}
	free_reference(&reference);
}

/* A temporary node that cannot be unlinked stays; the next node of the same number replaces it. */
static void forget_temporary(char *dump)
{
	char *line = strstr(dump, MEMFS_DIR "/.dmkit-");

	if (line)
		memmove(line, strchr(line, '\n') + 1, strlen(strchr(line, '\n')));
}

/* Where link() and unlink() stand for a rename and neither name can be unlinked, nothing can be
 * done; nor where a node has another's place and they cannot be exchanged again. */
static bool is_hopeless(const struct reference *reference, int first, int second)
{
	if (second == first + 1 && second <= wraps.n && wraps.events[second - 1] == SITE_RENAMEAT2)
		return true;
	return reference->scenario->no_renameat2 && reference->events[first - 1] == SITE_UNLINK &&
	       second <= wraps.n && wraps.events[second - 1] == SITE_UNLINK;
}

/* Where the undo fails as well: the first error is the one reported, and what is left is not kept
 * secret. */
static void inject_two(const struct reference *reference, int first, int second, int *ret_n)
{
	int error = plausible_at(reference, first)->fails[0], r;
	const struct dmk_error *err;
	struct world world;
	char *dump, what[128];

	world_open(&world, reference->scenario);
	wraps.faults[0] = (struct wrap_fault){ .at = first, .error = error };
	wraps.faults[1] = (struct wrap_fault){ .at = second, .error = EACCES };
	r = world_act(&world, reference->scenario);
	*ret_n = wraps.n;
	snprintf(what, sizeof(what), "%s with calls %d and %d (%s) failing",
		 reference->scenario->name, first, second,
		 second <= wraps.n ? wraps_name(wraps.events[second - 1]) : "none");
	err = dmk_last_error(world.dm);
	/* Linux says EINVAL at a swap when another process has resumed it or is suspending it. */
	bool raced = error == EINVAL && r == -EBUSY && err->step == DMK_STEP_RESUME;

	if ((r != -error && !raced) || err->code != r)
		fail_msg("%s returns %d, and its error has %d", what, r, err->code);
	dump = world_dump(&world);
	forget_temporary(dump);
	if (reference->scenario->undo == UNDO_ALL && strcmp(dump, reference->before) != 0 &&
	    !err->undo_code && !is_hopeless(reference, first, second))
		fail_msg("%s does not tell that this is left:\n%s", what, dump);
	free(dump);
	world_close(&world);
	if (wraps.live != 0)
		fail_msg("%s: %ld allocations are left", what, wraps.live);
	if (wraps.semaphores != reference->scenario->cookie)
		fail_msg("%s: %d semaphores are left", what, wraps.semaphores);
}

static void undo_fails_too(void **state)
{
	struct reference reference;

	read_reference(*state, &reference);
	for (int first = 1; first <= reference.n; first++) {
		int n = WRAP_EVENTS;

		int error = plausible_at(&reference, first)->fails[0];

		if (!error || is_harmless(&reference, first, error))
			continue;
		for (int second = first + 1; second <= n; second++)
			inject_two(&reference, first, second, &n);
	}
	free_reference(&reference);
}

int main(void)
{
	struct CMUnitTest *tests = calloc(2 * n_scenarios, sizeof(*tests));
	char(*names)[128] = calloc(2 * n_scenarios, sizeof(*names));
	int failed;

	for (size_t i = 0; i < n_scenarios; i++) {
		snprintf(names[2 * i], sizeof(names[0]), "every call fails: %s", scenarios[i].name);
		snprintf(names[2 * i + 1], sizeof(names[0]), "the undo fails too: %s",
			 scenarios[i].name);
		tests[2 * i] = (struct CMUnitTest){ .name = names[2 * i],
						    .test_func = every_call_fails,
						    .initial_state = (void *)&scenarios[i] };
		tests[2 * i + 1] = (struct CMUnitTest){ .name = names[2 * i + 1],
							.test_func = undo_fails_too,
							.initial_state = (void *)&scenarios[i] };
	}
	failed = _cmocka_run_group_tests("every call", tests, 2 * n_scenarios, NULL, NULL);
	free(tests);
	free(names);
	return failed;
}
