/* SPDX-License-Identifier: MIT */
/* Requests that hang with the I/O below: they end at their limit, and what is told of the state is
 * true. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

/* A write through "top" that waits in "below", which is suspended. */
struct hang {
	pthread_t thread;
	volatile int done;
	volatile int good;
};

static void *write_top(void *data)
{
	struct hang *hang = data;
	void *block = NULL;
	int fd = open(node_path("top"), O_WRONLY | O_DIRECT | O_CLOEXEC);

	if (fd >= 0 && posix_memalign(&block, 4096, 4096) == 0) {
		memset(block, 7, 4096);
		hang->good = pwrite(fd, block, 4096, 0) == 4096;
	}
	free(block);
	close(fd);
	hang->done = 1;
	return NULL;
}

static void start_hang(struct dmk *dm, struct hang *hang)
{
	make_device(dm, "below", "0 2048 linear " RAM0 " 0");
	make_device(dm, "top", "0 2048 linear /dev/mapper/below 0");
	assert_ok(dm, dmk_suspend(dm, DMK_NAME("below"), NULL, NULL));
	*hang = (struct hang){ 0 };
	assert_int_equal(pthread_create(&hang->thread, NULL, write_top, hang), 0);
	usleep(200000);
	assert_int_equal(hang->done, 0);
}

static void end_hang(struct dmk *dm, struct hang *hang)
{
	assert_ok(dm, dmk_resume(dm, DMK_NAME("below"), NULL, NULL));
	assert_int_equal(pthread_join(hang->thread, NULL), 0);
	assert_int_equal(hang->good, 1);
	remove_device(dm, "top");
	remove_device(dm, "below");
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_suspend_ends_at_its_limit(void **state)
{
	struct dmk_suspend_options options = { .timeout_ms = 300 };
	struct dmk_info info;
	struct hang hang;
	int64_t start;

	start_hang(*state, &hang);
	start = now_ms();
	assert_code(*state, dmk_suspend(*state, DMK_NAME("top"), &options, NULL), -ETIMEDOUT);
	assert_true(now_ms() - start >= 300);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_SUSPEND);
	assert_string_equal(dmk_last_error(*state)->detail,
			    "I/O did not end in time; the device is active");
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("top"), NULL, &info));
	assert_false(info.flags & DMK_INFO_SUSPENDED);
	end_hang(*state, &hang);
}

static void a_swap_ends_at_its_limit_and_the_old_table_runs_on(void **state)
{
	struct dmk_replace_options options = { .timeout_ms = 300 };
	struct dmk_table *table = text_table("0 2048 zero");
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_info info;
	struct hang hang;

	start_hang(*state, &hang);
	assert_code(*state, dmk_replace(*state, DMK_NAME("top"), table, &options, NULL),
		    -ETIMEDOUT);
	assert_int_equal(dmk_last_error(*state)->undo_code, 0);
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("top"), NULL, &info));
	assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE); /* nothing inactive, not suspended */
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("top"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "linear");
	dmk_segments_free(segments);
	end_hang(*state, &hang);
	dmk_table_free(table);
}

static void without_hanging_io_a_limit_changes_nothing(void **state)
{
	struct dmk_suspend_options suspend = { .timeout_ms = 5000 };
	struct dmk_resume_options resume = { .timeout_ms = 5000 };
	struct dmk_query_options query = { .flags = DMK_QUERY_FLUSH, .timeout_ms = 5000 };
	struct dmk_segments *segments;
	struct dmk_info info;

	make_device(*state, "a", "0 8 linear " RAM0 " 0");
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("a"), &suspend, &info));
	assert_true(info.flags & DMK_INFO_SUSPENDED);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), &resume, &info));
	assert_false(info.flags & DMK_INFO_SUSPENDED);
	assert_ok(*state, dmk_get_status(*state, DMK_NAME("a"), &query, &segments));
	assert_int_equal(dmk_segments_count(segments), 1);
	dmk_segments_free(segments);
	suspend.timeout_ms = -1;
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("a"), &suspend, NULL));
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL));
	remove_device(*state, "a");
	/* The helper process is no child of ours to the rest of the program. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_cancel_ends_it_too(void **state)
{
	struct dmk_suspend_options options = { .timeout_ms = 10000 };
	int ends[2];
	struct hang hang;
	struct dmk_info info;

	start_hang(*state, &hang);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "", 1), 1);
	assert_int_equal(dmk_set_cancel(*state, NULL, ends[0]), 0);
	assert_code(*state, dmk_suspend(*state, DMK_NAME("top"), &options, NULL), -ECANCELED);
	assert_int_equal(dmk_set_cancel(*state, NULL, -1), 0);
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("top"), NULL, &info));
	assert_false(info.flags & DMK_INFO_SUSPENDED);
	end_hang(*state, &hang);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
#define DEADLINE_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		DEADLINE_TEST(a_suspend_ends_at_its_limit),
		DEADLINE_TEST(a_swap_ends_at_its_limit_and_the_old_table_runs_on),
		DEADLINE_TEST(without_hanging_io_a_limit_changes_nothing),
		DEADLINE_TEST(a_cancel_ends_it_too),
	};

	return cmocka_run_group_tests_name("kernel deadlines", tests, NULL, NULL);
}
