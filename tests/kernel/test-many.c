/* SPDX-License-Identifier: MIT */
/* dmk_remove_many() with its threads, on the real kernel. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support.h"

#define FLAT 100
#define STACKS 30

static struct dmk_id ids[FLAT + 4 * STACKS];
static char names[FLAT + 4 * STACKS][16];
static uint32_t n_ids;

static struct {
	uint32_t gone;
	uint32_t failed;
	unsigned most_threads;
	int cancel_after;
} seen;

static volatile int32_t flag;

static unsigned count(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void on_removed(void *userdata, uint32_t index, uint32_t flags,
		       const struct dmk_error *error)
{
	unsigned threads = count("/proc/self/task");

	(void)userdata;
	(void)flags;
	assert_in_range(index, 0, n_ids - 1);
	if (error)
		seen.failed++;
	else
		seen.gone++;
	if (threads > seen.most_threads)
		seen.most_threads = threads;
	if (seen.cancel_after && (int)seen.gone == seen.cancel_after)
		flag = 1;
}

/* Of a thread that pthread_join() says has ended, /proc may show the very end. */
static void assert_alone(void)
{
	for (int i = 0; i < 10000 && count("/proc/self/task") != 1; i++)
		usleep(1000);
	assert_int_equal(count("/proc/self/task"), 1);
}

static int many(struct dmk *dm, uint32_t max_threads)
{
	struct dmk_many_options how = { .removed = on_removed, .max_threads = max_threads };
	unsigned fds = count("/proc/self/fd");
	int r = dmk_remove_many(dm, ids, n_ids, NULL, &how);

	assert_int_equal(count("/proc/self/fd"), fds);
	assert_alone();
	return r;
}

static const char *make(struct dmk *dm, const char *table)
{
	char *name = names[n_ids];

	snprintf(name, sizeof(names[0]), "d%u", n_ids);
	make_device(dm, name, table);
	ids[n_ids++] = (struct dmk_id){ .name = name };
	return name;
}

static void make_all(struct dmk *dm)
{
	memset(&seen, 0, sizeof(seen));
	flag = 0;
	n_ids = 0;
	/* One that is not asked for. */
	make_device(dm, "stays", "0 8 zero");
	for (int i = 0; i < FLAT; i++)
		make(dm, "0 8 zero");
	for (int i = 0; i < STACKS; i++) {
		char table[128];
		const char *a = make(dm, "0 64 zero");
		const char *b = make(dm, "0 64 zero");

		snprintf(table, sizeof(table),
			 "0 64 linear /dev/mapper/%s 0\n64 64 linear /dev/mapper/%s 0", a, b);
		a = make(dm, table);
		snprintf(table, sizeof(table), "0 128 linear /dev/mapper/%s 0", a);
		make(dm, table);
	}
}

static void in_threads(void **state)
{
	make_all(*state);
	assert_ok(*state, many(*state, 0));
	assert_int_equal(seen.gone, n_ids);
	assert_int_equal(seen.failed, 0);
	assert_in_range(seen.most_threads, 2, 64);
	assert_int_equal(count_devices(*state), 1);
	assert_int_equal(node_rdev("d0"), 0);
	remove_device(*state, "stays");
}

static void in_one_thread(void **state)
{
	make_all(*state);
	assert_ok(*state, many(*state, 1));
	assert_int_equal(seen.gone, n_ids);
	assert_int_equal(seen.most_threads, 1);
	remove_device(*state, "stays");
}

/* No fd is left for a second connection. */
static void where_no_thread_is_to_be_had(void **state)
{
	struct rlimit limit, none;
	int lowest;

	make_all(*state);
	lowest = open("/", O_RDONLY | O_CLOEXEC);
	assert_true(lowest >= 0);
	close(lowest);
	getrlimit(RLIMIT_NOFILE, &limit);
	/* One is left: the bell has it, or readdir() of this test. */
	none = (struct rlimit){ .rlim_cur = (rlim_t)lowest + 1, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_ok(*state, dmk_remove_many(*state, ids, n_ids, NULL, NULL));
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(count_devices(*state), 1);
	remove_device(*state, "stays");
}

static void one_is_open_and_let_go(void **state)
{
	int fd;

	make_all(*state);
	fd = open(node_path("d3"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	dmk_set_timeout(*state, 1000); /* several tries, on a busy machine too */
	assert_code(*state, many(*state, 0), -EBUSY);
	assert_int_equal(seen.failed, 1);
	assert_int_equal(seen.gone, n_ids - 1);
	assert_string_equal(dmk_last_error(*state)->device, "d3");
	assert_true(dmk_last_error(*state)->tries > 1);
	assert_int_equal(dmk_last_error(*state)->n_holders, 1);
	assert_int_equal(dmk_last_error(*state)->holders[0].pid, getpid());
	assert_true(node_rdev("d3") != 0);
	close(fd);
	dmk_set_timeout(*state, 0);
	remove_device(*state, "d3");
	remove_device(*state, "stays");
}

/* Those that were begun end, the others stay whole, with their nodes. */
static void a_cancel_in_the_middle(void **state)
{
	uint32_t left = 0;

	make_all(*state);
	seen.cancel_after = 20;
	dmk_set_cancel(*state, &flag, -1);
	assert_code(*state, many(*state, 1), -ECANCELED);
	assert_int_equal(seen.gone, 20);
	assert_int_equal(seen.gone + seen.failed, n_ids);
	dmk_set_cancel(*state, NULL, -1);
	for (uint32_t i = 0; i < n_ids; i++) {
		bool there = device_exists(*state, names[i]);

		assert_int_equal(there, node_rdev(names[i]) != 0);
		left += there;
	}
	assert_int_equal(left, seen.failed);
	seen.cancel_after = 0;
	/* What is gone already fails, the rest goes. */
	assert_code(*state, many(*state, 0), -ENXIO);
	assert_int_equal(count_devices(*state), 1);
	remove_device(*state, "stays");
}

static void on_alarm(int number)
{
	(void)number;
	flag = 1;
}

/* Only the caller's thread hears it, and does not sleep on. */
static void a_signal_ends_the_wait(void **state)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int fd;

	memset(&seen, 0, sizeof(seen));
	flag = 0;
	n_ids = 0;
	for (int i = 0; i < 20; i++)
		make(*state, "0 8 zero");
	fd = open(node_path("d0"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	sigaction(SIGALRM, &action, NULL);
	dmk_set_cancel(*state, &flag, -1);
	dmk_set_timeout(*state, DMK_FOREVER);
	alarm(1);
	assert_code(*state, many(*state, 0), -ECANCELED);
	assert_int_equal(seen.gone, 19);
	dmk_set_cancel(*state, NULL, -1);
	dmk_set_timeout(*state, 0);
	close(fd);
	remove_device(*state, "d0");
}

/* Each puts its error table in by a process that can be killed. */
static void by_force(void **state)
{
	struct dmk_remove_options force = { .flags = DMK_REMOVE_FORCE };

	n_ids = 0;
	for (int i = 0; i < 8; i++)
		make(*state, "0 8 zero");
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("d5"), NULL, NULL));
	assert_ok(*state, dmk_remove_many(*state, ids, n_ids, &force, NULL));
	assert_alone();
}

int main(void)
{
#define MANY_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		MANY_TEST(in_threads),
		MANY_TEST(in_one_thread),
		MANY_TEST(where_no_thread_is_to_be_had),
		MANY_TEST(one_is_open_and_let_go),
		MANY_TEST(a_cancel_in_the_middle),
		MANY_TEST(a_signal_ends_the_wait),
		MANY_TEST(by_force),
	};

	return cmocka_run_group_tests_name("many removals in the kernel", tests, NULL, NULL);
}
