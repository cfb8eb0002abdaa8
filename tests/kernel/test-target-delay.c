/* SPDX-License-Identifier: MIT */
/* delay: I/O takes as long as was said, and the status counts what waits. */
#include <pthread.h>

#include "target-io.h"

#define SECTORS 64

/* I/O of another thread, which waits meanwhile. */
struct waiting {
	const char *path;
	bool writes;
	bool flushes;
	bool good;
	int64_t took_ms;
};

static void *do_io(void *data)
{
	struct waiting *waiting = data;
	static uint8_t block[512];
	int64_t start = now_ms();

	if (waiting->flushes) {
		int fd = open(waiting->path, O_RDWR | O_CLOEXEC);

		waiting->good = fd >= 0 && fsync(fd) == 0;
		close(fd);
	} else {
		waiting->good = direct_io(waiting->path, waiting->writes, 0, block, sizeof(block));
	}
	waiting->took_ms = now_ms() - start;
	return NULL;
}

static void get_status(struct dmk *dm, struct dmk_delay_status *ret)
{
	char *text = text_of(dm, "a", true);

	assert_int_equal(dmk_delay_parse_status(text, ret, NULL), 0);
	free(text);
}

/* Does the I/O and looks at the status until it is there. */
static void check_io(struct dmk *dm, struct waiting *waiting, int64_t delay_ms)
{
	struct dmk_delay_status status = { 0 };
	int64_t deadline = now_ms() + 5000;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, do_io, waiting), 0);
	do
		get_status(dm, &status);
	while (status.reads + status.writes + status.flushes == 0 && now_ms() < deadline);
	assert_int_equal(status.flushes, waiting->flushes);
	assert_int_equal(status.writes, waiting->writes);
	assert_int_equal(status.reads, !waiting->flushes && !waiting->writes);
	pthread_join(thread, NULL);
	assert_true(waiting->good);
	/* The kernel counts in ticks of 10 ms at most. */
	assert_in_range(waiting->took_ms, delay_ms - 10, delay_ms + 3000);
	get_status(dm, &status);
	assert_int_equal(status.reads + status.writes + status.flushes, 0);
}

static void get_table(struct dmk *dm, struct dmk_delay *ret)
{
	char *text = text_of(dm, "a", false);

	assert_int_equal(dmk_delay_parse_table(text, ret, NULL), 0);
	free(text);
}

static void delay_lets_all_io_wait(void **state)
{
	struct dmk_delay delay = { .device = RAM0, .offset_sectors = 8, .delay_ms = 300 };
	struct waiting reading = { .path = "/dev/mapper/a" };
	struct waiting writing = { .path = "/dev/mapper/a", .writes = true };
	struct dmk_table *table = new_table();
	struct dmk_delay parsed;

	assert_int_equal(dmk_table_add_delay(table, 0, SECTORS, &delay), 0);
	make_of(*state, "a", table);
	get_table(*state, &parsed);
	assert_string_equal(parsed.device, "1:0");
	assert_int_equal(parsed.offset_sectors, 8);
	assert_int_equal(parsed.delay_ms, 300);
	assert_int_equal(parsed.options, 0);
	dmk_delay_clear(&parsed);
	check_io(*state, &reading, 300);
	check_io(*state, &writing, 300);
	check_copy(*state, "a", "delay", SECTORS);
	remove_device(*state, "a");
}

static void delay_has_a_place_for_writes(void **state)
{
	struct dmk_delay delay = { .device = RAM0,
				   .write_device = RAM1,
				   .write_offset_sectors = 16,
				   .write_delay_ms = 200 };
	struct waiting writing = { .path = "/dev/mapper/a", .writes = true };
	uint8_t first[512], second[512], got[512];
	struct dmk_table *table = new_table();
	struct dmk_delay parsed;

	fill_pattern(first, sizeof(first), 1);
	fill_pattern(second, sizeof(second), 2);
	assert_true(direct_write(RAM0, 0, first, sizeof(first)));
	assert_int_equal(dmk_table_add_delay(table, 0, SECTORS, &delay), 0);
	make_of(*state, "a", table);
	get_table(*state, &parsed);
	assert_int_equal(parsed.options, DMK_DELAY_WRITE);
	assert_string_equal(parsed.write_device, "1:1");
	assert_int_equal(parsed.write_offset_sectors, 16);
	assert_int_equal(parsed.write_delay_ms, 200);
	dmk_delay_clear(&parsed);
	check_io(*state, &writing, 200);
	assert_true(direct_write(node_path("a"), 0, second, sizeof(second)));
	assert_true(direct_read(RAM1, 16 * 512, got, sizeof(got)));
	assert_memory_equal(got, second, sizeof(got));
	assert_true(direct_read(node_path("a"), 0, got, sizeof(got)));
	assert_memory_equal(got, first, sizeof(got));
	check_copy(*state, "a", "delay", SECTORS);
	remove_device(*state, "a");
}

/* A ram disk has no cache to flush, a loop device has. */
static void delay_has_a_place_for_flushes(void **state)
{
	char path[32];
	int loop = make_loop(path, sizeof(path), SECTORS * 512);
	struct dmk_delay delay = {
		.device = path, .write_device = path, .flush_device = path, .flush_delay_ms = 200
	};
	struct waiting flushing = { .path = "/dev/mapper/a", .flushes = true };
	struct dmk_table *table = new_table();
	struct dmk_delay parsed;

	assert_int_equal(dmk_table_add_delay(table, 0, SECTORS, &delay), 0);
	make_of(*state, "a", table);
	get_table(*state, &parsed);
	assert_int_equal(parsed.options, DMK_DELAY_WRITE | DMK_DELAY_FLUSH);
	assert_int_equal(parsed.flush_delay_ms, 200);
	assert_int_equal(parsed.flush_offset_sectors, 0);
	dmk_delay_clear(&parsed);
	check_io(*state, &flushing, 200);
	check_copy(*state, "a", "delay", SECTORS);
	remove_device(*state, "a");
	remove_loop(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(delay_lets_all_io_wait, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(delay_has_a_place_for_writes, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(delay_has_a_place_for_flushes, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("delay", tests, NULL, NULL);
}
