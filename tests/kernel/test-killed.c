/* SPDX-License-Identifier: MIT */
/*
 * The process with a request that can hang: killed by somebody else, or made where its parent has
 * no number (unshare -p). What the verb says then is what is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#define LIMIT_MS 30000

/* ---- I/O of "top" that waits in "below" ---- */

static void *write_top(void *data)
{
	void *block = NULL;
	int fd = open(node_path("top"), O_WRONLY | O_DIRECT | O_CLOEXEC);

	(void)data;
	if (fd >= 0 && posix_memalign(&block, 4096, 4096) == 0) {
		memset(block, 7, 4096);
		(void)!pwrite(fd, block, 4096, 0);
	}
	free(block);
	close(fd);
	return NULL;
}

static pthread_t writer;

static void start_hang(struct dmk *dm)
{
	make_device(dm, "below", "0 2048 linear " RAM0 " 0");
	make_device(dm, "top", "0 2048 linear /dev/mapper/below 0");
	assert_ok(dm, dmk_suspend(dm, DMK_NAME("below"), NULL, NULL));
	assert_int_equal(pthread_create(&writer, NULL, write_top, NULL), 0);
	usleep(200000);
}

static void end_hang(struct dmk *dm)
{
	assert_ok(dm, dmk_resume(dm, DMK_NAME("below"), NULL, NULL));
	assert_int_equal(pthread_join(writer, NULL), 0);
	remove_device(dm, "top");
	remove_device(dm, "below");
}

/* ---- the verbs that have such a process ---- */

static int do_suspend(struct dmk *dm)
{
	struct dmk_suspend_options options = { .timeout_ms = LIMIT_MS };

	return dmk_suspend(dm, DMK_NAME("top"), &options, NULL);
}

static int do_resume(struct dmk *dm)
{
	struct dmk_resume_options options = { .timeout_ms = LIMIT_MS };

	return dmk_resume(dm, DMK_NAME("top"), &options, NULL);
}

static int do_replace(struct dmk *dm)
{
	struct dmk_replace_options options = { .timeout_ms = LIMIT_MS };
	struct dmk_table *table = text_table("0 2048 zero");
	int r = dmk_replace(dm, DMK_NAME("top"), table, &options, NULL);

	dmk_table_free(table);
	return r;
}

static int do_remove(struct dmk *dm)
{
	struct dmk_remove_options options = { .flags = DMK_REMOVE_FORCE, .timeout_ms = LIMIT_MS };

	return dmk_remove(dm, DMK_NAME("top"), &options, NULL);
}

static int do_status(struct dmk *dm)
{
	struct dmk_query_options options = { .flags = DMK_QUERY_FLUSH, .timeout_ms = LIMIT_MS };
	struct dmk_segments *segments = NULL;
	int r = dmk_get_status(dm, DMK_NAME("top"), &options, &segments);

	if (r == 0 && dmk_segments_count(segments) != 1)
		r = -EBADMSG;
	dmk_segments_free(segments);
	return r;
}

static void assert_live(struct dmk *dm, const char *type, uint32_t flags)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME("top"), NULL, &segments));
	assert_int_equal(dmk_segments_info(segments)->flags, DMK_INFO_LIVE_TABLE | flags);
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, type);
	dmk_segments_free(segments);
}

/* ---- killed ---- */

struct attempt {
	pthread_t thread;
	struct dmk *dm;
	int (*verb)(struct dmk *dm);
	int r;
};

static void *run_attempt(void *data)
{
	struct attempt *attempt = data;

	attempt->r = attempt->verb(attempt->dm);
	return NULL;
}

/* A process that is this one's child. */
static pid_t find_child(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	assert_non_null(proc);
	while (!found && (entry = readdir(proc))) {
		char path[300], line[256] = "";
		const char *end;
		int parent;
		FILE *stat;

		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		stat = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "re")
									  : NULL;
		if (!stat)
			continue;
		if (fgets(line, sizeof(line), stat) && (end = strrchr(line, ')')) &&
		    sscanf(end, ") %*c %d", &parent) == 1 && parent == getpid())
			found = atoi(entry->d_name);
		fclose(stat);
	}
	closedir(proc);
	return found;
}

static void start_attempt(struct attempt *attempt)
{
	assert_int_equal(pthread_create(&attempt->thread, NULL, run_attempt, attempt), 0);
}

static void kill_child(void)
{
	pid_t child;

	while ((child = find_child()) == 0)
		usleep(10000);
	usleep(100000); /* it is in the kernel by then, or is killed before it is */
	assert_int_equal(kill(child, SIGKILL), 0);
}

static int kill_in(struct dmk *dm, int (*verb)(struct dmk *))
{
	struct attempt attempt = { .dm = dm, .verb = verb };

	start_attempt(&attempt);
	kill_child();
	assert_int_equal(pthread_join(attempt.thread, NULL), 0);
	return attempt.r;
}

static void a_killed_suspend_has_not_suspended(void **state)
{
	start_hang(*state);
	assert_code(*state, kill_in(*state, do_suspend), -EINTR);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_SUSPEND);
	assert_string_equal(dmk_last_error(*state)->detail,
			    "the process with the request was ended before the kernel answered; "
			    "the device is active");
	assert_live(*state, "linear", 0);
	end_hang(*state);
}

static void a_killed_replace_has_not_replaced(void **state)
{
	start_hang(*state);
	assert_code(*state, kill_in(*state, do_replace), -EINTR);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_RESUME);
	assert_int_equal(dmk_last_error(*state)->undo_code, 0);
	assert_live(*state, "linear", 0);
	end_hang(*state);
}

static void a_killed_resume_has_not_swapped(void **state)
{
	struct dmk_table *table = text_table("0 2048 zero");

	start_hang(*state);
	assert_ok(*state, dmk_load(*state, DMK_NAME("top"), table, NULL, NULL));
	assert_code(*state, kill_in(*state, do_resume), -EINTR);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_RESUME);
	assert_live(*state, "linear", DMK_INFO_INACTIVE_TABLE);
	assert_ok(*state, dmk_clear(*state, DMK_NAME("top"), NULL));
	dmk_table_free(table);
	end_hang(*state);
}

static void a_killed_remove_has_not_removed(void **state)
{
	start_hang(*state);
	assert_code(*state, kill_in(*state, do_remove), -EINTR);
	assert_live(*state, "linear", 0);
	end_hang(*state);
}

/* ---- a status that flushes: a thin pool writes its metadata to "below", and cannot be stopped
 * while it does ---- */

static int flush_pool(struct dmk *dm, int64_t timeout_ms)
{
	struct dmk_query_options options = { .flags = DMK_QUERY_FLUSH, .timeout_ms = timeout_ms };
	struct dmk_segments *segments = NULL;
	int r = dmk_get_status(dm, DMK_NAME("pool"), &options, &segments);

	dmk_segments_free(segments);
	return r;
}

static int do_flush(struct dmk *dm)
{
	return flush_pool(dm, LIMIT_MS);
}

static void start_pool(struct dmk *dm)
{
	static const char zeros[4096];

	assert_true(write_at(RAM0, 0, zeros, sizeof(zeros)));
	make_device(dm, "below", "0 8192 linear " RAM0 " 0");
	make_device(dm, "pool", "0 8192 thin-pool /dev/mapper/below " RAM1 " 128 0");
	assert_ok(dm, dmk_message(dm, DMK_NAME("pool"), "create_thin 0", NULL, NULL));
	assert_ok(dm, dmk_suspend(dm, DMK_NAME("below"), NULL, NULL));
}

static void end_pool(struct dmk *dm)
{
	remove_device(dm, "pool");
	remove_device(dm, "below");
}

static void a_killed_status_has_not_answered(void **state)
{
	struct attempt attempt = { .verb = do_flush };
	struct dmk *other = *state;

	start_pool(other);
	assert_int_equal(dmk_new(&attempt.dm), 0);
	start_attempt(&attempt);
	kill_child();
	assert_ok(other, dmk_resume(other, DMK_NAME("below"), NULL, NULL));
	assert_int_equal(pthread_join(attempt.thread, NULL), 0);
	assert_code(attempt.dm, attempt.r, -EINTR);
	assert_int_equal(dmk_last_error(attempt.dm)->step, DMK_STEP_TABLE);
	dmk_free(attempt.dm);
	end_pool(other);
}

static void a_late_status_has_not_answered(void **state)
{
	start_pool(*state);
	assert_code(*state, flush_pool(*state, 300), -ETIMEDOUT);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("below"), NULL, NULL));
	end_pool(*state);
}

/* ---- unshare -p ---- */

/* In the process that has done so; its exit status. */
static int verbs_in_a_namespace(void)
{
	struct dmk_info info;
	struct dmk *dm;

	if (unshare(CLONE_NEWPID) < 0 || dmk_new(&dm) < 0)
		return 1;
	if (do_suspend(dm) < 0 || dmk_get_info(dm, DMK_NAME("top"), NULL, &info) < 0 ||
	    !(info.flags & DMK_INFO_SUSPENDED))
		return 2;
	if (do_resume(dm) < 0 || dmk_get_info(dm, DMK_NAME("top"), NULL, &info) < 0 ||
	    (info.flags & DMK_INFO_SUSPENDED))
		return 3;
	if (do_replace(dm) < 0 || dmk_get_info(dm, DMK_NAME("top"), NULL, &info) < 0 ||
	    info.flags != DMK_INFO_LIVE_TABLE)
		return 4;
	if (do_status(dm) < 0)
		return 5;
	if (do_remove(dm) < 0 || dmk_get_info(dm, DMK_NAME("top"), NULL, &info) != -ENXIO)
		return 6;
	dmk_free(dm);
	return 0;
}

static void each_alone(int (*verb)(struct dmk *dm), void *dm, const char *type, uint32_t flags)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct dmk *own;

		_exit(unshare(CLONE_NEWPID) < 0 || dmk_new(&own) < 0 || verb(own) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	if (type)
		assert_live(dm, type, flags);
	else
		assert_false(device_exists(dm, "top"));
}

static void in_a_pid_namespace_each_is_really_done(void **state)
{
	int status;
	pid_t pid;

	make_device(*state, "top", "0 2048 linear " RAM0 " 0");
	each_alone(do_suspend, *state, "linear", DMK_INFO_SUSPENDED);
	each_alone(do_resume, *state, "linear", 0);
	each_alone(do_status, *state, "linear", 0);
	each_alone(do_replace, *state, "zero", 0);
	each_alone(do_remove, *state, NULL, 0);
	/* One after the other, though the namespace ends with the first child in it. */
	make_device(*state, "top", "0 2048 linear " RAM0 " 0");
	pid = fork();
	if (pid == 0)
		_exit(verbs_in_a_namespace());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_false(device_exists(*state, "top"));
}

int main(void)
{
#define KILLED_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		KILLED_TEST(a_killed_suspend_has_not_suspended),
		KILLED_TEST(a_killed_replace_has_not_replaced),
		KILLED_TEST(a_killed_resume_has_not_swapped),
		KILLED_TEST(a_killed_remove_has_not_removed),
		KILLED_TEST(a_killed_status_has_not_answered),
		KILLED_TEST(a_late_status_has_not_answered),
		KILLED_TEST(in_a_pid_namespace_each_is_really_done),
	};

	return cmocka_run_group_tests_name("killed requests", tests, NULL, NULL);
}
