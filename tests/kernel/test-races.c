/* SPDX-License-Identifier: MIT */
/*
 * Two processes at one name or number, and thirty-two at a hundred: what one makes the other does
 * not touch, and the errors say what happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#define LATE_DISK "/dev/dmkit-late"
#define PROCESSES 32
#define NAMES 100
#define ROUNDS 60

/* What a process of its own has to say, in memory that both see. */
struct answer {
	volatile int r;
	volatile uint32_t flags;
	volatile uint32_t tries;
	char text[1024];
};

static int held = -1; /* the device that this process has open, and no other */

static pid_t start(struct answer **ret_answer, int (*verb)(struct dmk *dm, uint32_t *ret_flags))
{
	struct answer *answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t flags = 0;
	struct dmk *dm;
	pid_t pid;

	assert_true(answer != MAP_FAILED);
	*ret_answer = answer;
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	close(held);
	if (dmk_new(&dm) < 0)
		_exit(1);
	answer->r = verb(dm, &flags);
	answer->flags = flags;
	answer->tries = dmk_last_error(dm)->tries;
	dmk_error_format(dmk_last_error(dm), answer->text, sizeof(answer->text));
	_exit(0);
}

static void finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void assert_table(struct dmk *dm, const char *name, const char *params)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_info(segments)->flags, DMK_INFO_LIVE_TABLE);
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.params, params);
	dmk_segments_free(segments);
}

/* ---- a create that waits for its disk ---- */

static int create_late(struct dmk *dm, uint32_t *ret_flags)
{
	struct dmk_create_options options = { .timeout_ms = 20000 };
	struct dmk_table *table = text_table("0 2048 linear " LATE_DISK " 0");

	(void)ret_flags;
	return dmk_create(dm, "x", table, &options, NULL);
}

static void a_create_whose_device_another_took(struct dmk *dm, bool appears)
{
	struct answer *answer;
	struct dmk_info info;
	pid_t pid = start(&answer, create_late);

	while (!device_exists(dm, "x"))
		usleep(10000);
	usleep(100000); /* it has tried its load by then */
	assert_ok(dm, dmk_remove(dm, DMK_NAME("x"), NULL, NULL));
	info = make_device(dm, "x", "0 2048 linear " RAM0 " 0");
	if (appears)
		assert_int_equal(mknod(LATE_DISK, S_IFBLK | 0600, makedev(1, 1)), 0);
	finish(pid);
	assert_int_equal(answer->r, -ENXIO);
	assert_non_null(strstr(answer->text, "another process removed"));
	/* At the next try, not at the end: up to there they would be more than eighty. */
	assert_in_range(answer->tries, 1, 40);
	assert_table(dm, "x", "1:0 0");
	assert_true(node_is("x", &info));
	remove_device(dm, "x");
	unlink(LATE_DISK);
}

static void a_waiting_create_leaves_anothers_device(void **state)
{
	a_create_whose_device_another_took(*state, false);
}

static void a_waiting_create_loads_into_no_other(void **state)
{
	a_create_whose_device_another_took(*state, true);
}

/* ---- a removal that waits ---- */

static int remove_number(struct dmk *dm, uint32_t *ret_flags)
{
	struct dmk_remove_options options = { .timeout_ms = 20000 };
	struct dmk_info info = { 0 };
	int r = dmk_remove(dm, DMK_DEVNO(254, 0), &options, &info);

	*ret_flags = info.flags;
	return r;
}

static int remove_name(struct dmk *dm, uint32_t *ret_flags)
{
	struct dmk_remove_options options = { .timeout_ms = 20000 };
	struct dmk_info info = { 0 };
	int r = dmk_remove(dm, DMK_NAME("a"), &options, &info);

	*ret_flags = info.flags;
	return r;
}

/* The number, and for a remove by name the name too, is another's by the next try. */
static void another_comes(struct dmk *dm, int (*verb)(struct dmk *, uint32_t *), const char *name)
{
	struct dmk_remove_options deferred = { .flags = DMK_REMOVE_DEFERRED };
	struct dmk_info info = make_device(dm, "a", "0 2048 linear " RAM0 " 0");
	struct answer *answer;
	pid_t pid;

	held = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(held >= 0);
	assert_int_equal(info.major, 254);
	assert_int_equal(info.minor, 0);
	pid = start(&answer, verb);
	usleep(300000); /* it has found it busy by then */
	assert_ok(dm, dmk_remove(dm, DMK_NAME("a"), &deferred, NULL));
	close(held);
	while (device_exists(dm, "a")) /* the kernel removes it a moment later */
		usleep(1000);
	info = make_device(dm, name, "0 2048 linear " RAM1 " 0");
	assert_int_equal(info.minor, 0);
	finish(pid);
	/* What was wanted has come about, though not by its doing. */
	assert_int_equal(answer->r, 0);
	assert_int_equal(answer->flags, DMK_INFO_GONE);
	assert_table(dm, name, "1:1 0");
	assert_true(node_is(name, &info));
	remove_device(dm, name);
}

static void a_remove_by_number_takes_no_other(void **state)
{
	for (int i = 0; i < 5; i++)
		another_comes(*state, remove_number, "b");
}

/* The same name and number, and no uuid: its diskseq tells. */
static void a_remove_takes_no_other_of_the_name(void **state)
{
	for (int i = 0; i < 5; i++)
		another_comes(*state, remove_name, "a");
}

/* Renamed while it waits, it is still the one. */
static void a_remove_finds_what_was_renamed(void **state)
{
	struct answer *answer;
	pid_t pid;

	make_device(*state, "a", "0 2048 linear " RAM0 " 0");
	held = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(held >= 0);
	pid = start(&answer, remove_number);
	usleep(300000);
	assert_ok(*state, dmk_rename(*state, DMK_NAME("a"), "a2", NULL, NULL));
	usleep(300000);
	close(held);
	finish(pid);
	assert_int_equal(answer->r, 0);
	assert_false(answer->flags & DMK_INFO_GONE);
	assert_false(device_exists(*state, "a2"));
	assert_int_equal(node_rdev("a2"), 0);
}

/* ---- thirty-two processes, a hundred names ---- */

/* In memory that all see. */
struct tally {
	volatile uint32_t made; /* by a DEV_CREATE that succeeded */
	volatile uint32_t gone; /* by a DEV_REMOVE that did */
	volatile uint32_t removed;
	volatile uint32_t untrue; /* removals without a DEV_REMOVE of their own */
	volatile uint32_t verbs;
	volatile uint32_t failed;
	volatile uint32_t odd;
	char text[8][512]; /* of the first ones that are odd */
};

static void count(struct tally *tally, struct dmk *dm, int r)
{
	__sync_fetch_and_add(&tally->verbs, 1);
	if (r == 0)
		return;
	__sync_fetch_and_add(&tally->failed, 1);
	/* It exists, it is busy or another is at it, it is not there. */
	if (r != -EEXIST && r != -EBUSY && r != -ENXIO) {
		uint32_t n = __sync_fetch_and_add(&tally->odd, 1);

		if (n < 8)
			dmk_error_format(dmk_last_error(dm), tally->text[n],
					 sizeof(tally->text[n]));
	}
}

static uint32_t own_removes;

static int count_request(struct dmk *dm, void *userdata, uint32_t command, void *request,
			 uint32_t size)
{
	struct tally *tally = userdata;
	int r = dmk_transport_kernel(dm, command, request, size);

	if (r == 0 && command == DM_DEV_CREATE_CMD)
		__sync_fetch_and_add(&tally->made, 1);
	if (r == 0 && command == DM_DEV_REMOVE_CMD) {
		__sync_fetch_and_add(&tally->gone, 1);
		own_removes++;
	}
	return r;
}

static void act(struct dmk *dm, struct tally *tally, const char *name, int what)
{
	struct dmk_remove_options once = { .flags = DMK_REMOVE_ONCE };
	struct dmk_table *table = text_table(what & 1 ? "0 8 zero" : "0 8 error");
	struct dmk_segments *segments = NULL;
	uint32_t before = own_removes;
	struct dmk_info info = { 0 };
	int r;

	switch (what % 8) {
	case 0 ... 2:
		r = dmk_create(dm, name, table, NULL, NULL);
		break;
	case 3 ... 5:
		r = dmk_remove(dm, DMK_NAME(name), &once, &info);
		if (r == 0)
			__sync_fetch_and_add(&tally->removed, 1);
		/* Who is told so has done it. */
		if ((r == 0) != (own_removes == before + 1))
			__sync_fetch_and_add(&tally->untrue, 1);
		break;
	case 6:
		r = dmk_replace(dm, DMK_NAME(name), table, NULL, NULL);
		break;
	default:
		r = dmk_get_table(dm, DMK_NAME(name), NULL, &segments);
		dmk_segments_free(segments);
	}
	count(tally, dm, r);
	dmk_table_free(table);
}

static void work(struct tally *tally, unsigned int seed)
{
	struct dmk *dm;

	if (dmk_new(&dm) < 0 || dmk_set_transport(dm, count_request, tally) < 0)
		_exit(1);
	for (int i = 0; i < ROUNDS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", rand_r(&seed) % NAMES);
		act(dm, tally, name, rand_r(&seed) >> 8);
	}
	dmk_free(dm);
	_exit(0);
}

static void many_at_once(void **state)
{
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[PROCESSES];
	uint32_t left;

	assert_true(tally != MAP_FAILED);
	for (unsigned int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			work(tally, i + 1);
	}
	for (unsigned int i = 0; i < PROCESSES; i++)
		finish(pids[i]);
	left = count_devices(*state);
	print_message("# %u verbs, %u failed, %u odd: %u made, %u gone, %u told removed, %u left\n",
		      tally->verbs, tally->failed, tally->odd, tally->made, tally->gone,
		      tally->removed, left);
	for (uint32_t i = 0; i < tally->odd && i < 8; i++)
		print_message("# odd: %s\n", tally->text[i]);
	assert_int_equal(tally->verbs, PROCESSES * ROUNDS);
	assert_int_equal(tally->odd, 0);
	/* No device is removed twice, and what is left was made. */
	assert_int_equal(tally->untrue, 0);
	assert_true(tally->removed <= tally->gone);
	assert_int_equal(tally->made - tally->gone, left);
	assert_ok(*state, dmk_remove_all(*state, NULL));
	for (int i = 0; i < NAMES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(node_rdev(name), 0);
	}
}

int main(void)
{
#define RACE_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		RACE_TEST(a_waiting_create_leaves_anothers_device),
		RACE_TEST(a_waiting_create_loads_into_no_other),
		RACE_TEST(a_remove_by_number_takes_no_other),
		RACE_TEST(a_remove_takes_no_other_of_the_name),
		RACE_TEST(a_remove_finds_what_was_renamed),
		RACE_TEST(many_at_once),
	};

	return cmocka_run_group_tests_name("races", tests, NULL, NULL);
}
