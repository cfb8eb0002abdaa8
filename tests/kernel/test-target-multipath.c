/* SPDX-License-Identifier: MIT */
/* multipath on the real kernel: bio-based over ram disks, request-based over loop devices. */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#define BLOCK 4096
#define BLOCKS 16

/* Every table here is one segment as long as a ram disk. */
static void make(struct dmk *dm, const char *name, const char *params)
{
	char text[512];

	snprintf(text, sizeof(text), "0 %d multipath %s", RAM_SECTORS, params);
	make_device(dm, name, text);
}

static struct dmk_segments *segments_of(struct dmk *dm, const char *name, bool status,
					const char **ret_params)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;

	if (status)
		assert_ok(dm, dmk_get_status(dm, DMK_NAME(name), NULL, &segments));
	else
		assert_ok(dm, dmk_get_table(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "multipath");
	*ret_params = segment.params;
	return segments;
}

static void get_table(struct dmk *dm, const char *name, struct dmk_multipath *ret)
{
	const char *params;
	struct dmk_segments *segments = segments_of(dm, name, false, &params);

	assert_int_equal(dmk_multipath_parse_table(params, ret, NULL), 0);
	dmk_segments_free(segments);
}

static void get_status(struct dmk *dm, const char *name, struct dmk_multipath_status *ret)
{
	const char *params;
	struct dmk_segments *segments = segments_of(dm, name, true, &params);

	assert_int_equal(dmk_multipath_parse_status(params, ret, NULL), 0);
	dmk_segments_free(segments);
}

static int send_to(struct dmk *dm, const char *name, uint32_t kind, uint32_t group,
		   const char *path)
{
	struct dmk_multipath_message message = { .message = kind, .group = group, .path = path };
	char *text;
	int r;

	assert_int_equal(dmk_multipath_format_message(&message, &text, NULL), 0);
	r = dmk_message(dm, DMK_NAME(name), text, NULL, NULL);
	free(text);
	return r;
}

/* Blocks that each make one request, past every cache: 0, or the errno. */
static int direct(const char *name, bool write, uint8_t *bytes)
{
	int fd = open(node_path(name), (write ? O_WRONLY : O_RDONLY) | O_DIRECT | O_CLOEXEC);
	void *block = NULL;
	int r = 0;

	assert_true(fd >= 0);
	assert_int_equal(posix_memalign(&block, BLOCK, BLOCK), 0);
	for (int i = 0; r == 0 && i < BLOCKS; i++) {
		uint8_t *place = bytes + i * BLOCK;

		if (write)
			memcpy(block, place, BLOCK);
		if ((write ? pwrite(fd, block, BLOCK, i * BLOCK)
			   : pread(fd, block, BLOCK, i * BLOCK)) != BLOCK)
			r = errno;
		if (!write)
			memcpy(place, block, BLOCK);
	}
	free(block);
	close(fd);
	return r;
}

/* How many of the blocks a disk has as they were written. */
static int count_blocks(const char *disk, const uint8_t *bytes)
{
	uint8_t *found = malloc(BLOCKS * BLOCK);
	int n = 0;

	assert_true(read_at(disk, 0, found, BLOCKS * BLOCK));
	for (int i = 0; i < BLOCKS; i++)
		n += memcmp(found + i * BLOCK, bytes + i * BLOCK, BLOCK) == 0;
	free(found);
	return n;
}

/* Two different disks as paths show which of them each write took. */
static void multipath_writes_take_the_paths_that_are_there(void **state)
{
	static const char *const disks[] = { RAM0, RAM1 };
	static uint8_t bytes[BLOCKS * BLOCK];
	struct dmk_multipath_status status;
	int counts[2];

	make(*state, "mp", "2 queue_mode bio 0 1 1 round-robin 0 2 1 " RAM0 " 1 " RAM1 " 1");
	fill_pattern(bytes, sizeof(bytes), 1);
	assert_int_equal(direct("mp", true, bytes), 0);
	for (int i = 0; i < 2; i++)
		counts[i] = count_blocks(disks[i], bytes);
	assert_int_equal(counts[0] + counts[1], BLOCKS);
	assert_true(counts[0] > 0 && counts[1] > 0);

	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_FAIL_PATH, 0, RAM0));
	get_status(*state, "mp", &status);
	assert_int_equal(status.n_failed_paths, 1);
	assert_int_equal(status.groups[0].paths[0].state, DMK_MULTIPATH_PATH_FAILED);
	assert_int_equal(status.groups[0].paths[0].fail_count, 1);
	assert_int_equal(status.groups[0].paths[1].state, DMK_MULTIPATH_PATH_ACTIVE);
	dmk_multipath_status_clear(&status);
	fill_pattern(bytes, sizeof(bytes), 2);
	assert_int_equal(direct("mp", true, bytes), 0);
	assert_int_equal(count_blocks(RAM0, bytes), 0);
	assert_int_equal(count_blocks(RAM1, bytes), BLOCKS);

	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_REINSTATE_PATH, 0, "1:0"));
	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_FAIL_PATH, 0, "1:1"));
	get_status(*state, "mp", &status);
	assert_int_equal(status.groups[0].paths[0].state, DMK_MULTIPATH_PATH_ACTIVE);
	assert_int_equal(status.groups[0].paths[0].fail_count, 1);
	assert_int_equal(status.groups[0].paths[1].state, DMK_MULTIPATH_PATH_FAILED);
	dmk_multipath_status_clear(&status);
	fill_pattern(bytes, sizeof(bytes), 3);
	assert_int_equal(direct("mp", true, bytes), 0);
	assert_int_equal(count_blocks(RAM0, bytes), BLOCKS);
	assert_int_equal(count_blocks(RAM1, bytes), 0);
	/* No path of the device at all. */
	assert_code(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_FAIL_PATH, 0, "1:7"),
		    -EINVAL);
	remove_device(*state, "mp");
}

/* The real thing: two ways to one disk. */
static void multipath_reads_what_the_other_path_wrote(void **state)
{
	static uint8_t bytes[BLOCKS * BLOCK], back[BLOCKS * BLOCK];

	make_device(*state, "a", "0 32768 linear " RAM0 " 0");
	make_device(*state, "b", "0 32768 linear " RAM0 " 0");
	make(*state, "mp", "2 queue_mode bio 0 1 1 queue-length 0 2 0 /dev/mapper/a /dev/mapper/b");
	fill_pattern(bytes, sizeof(bytes), 4);
	assert_int_equal(direct("mp", true, bytes), 0);
	assert_int_equal(direct("mp", false, back), 0);
	assert_memory_equal(bytes, back, sizeof(bytes));
	assert_int_equal(count_blocks(RAM0, bytes), BLOCKS);
	assert_ok(*state,
		  send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_FAIL_PATH, 0, "/dev/mapper/a"));
	memset(back, 0, sizeof(back));
	assert_int_equal(direct("mp", false, back), 0);
	assert_memory_equal(bytes, back, sizeof(bytes));
	remove_device(*state, "mp");
	remove_device(*state, "a");
	remove_device(*state, "b");
}

static void multipath_without_a_path_fails_or_waits(void **state)
{
	static uint8_t bytes[BLOCKS * BLOCK];
	struct dmk_multipath multipath;
	int how = 0;
	pid_t pid;

	make(*state, "mp", "2 queue_mode bio 0 1 1 round-robin 0 1 1 " RAM0 " 1");
	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_FAIL_PATH, 0, RAM0));
	assert_int_equal(direct("mp", false, bytes), EIO);
	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_QUEUE_IF_NO_PATH, 0, NULL));
	get_table(*state, "mp", &multipath);
	assert_true(multipath.options & DMK_MULTIPATH_QUEUE_IF_NO_PATH);
	dmk_multipath_clear(&multipath);
	for (int way = 0; way < 2; way++) {
		pid = fork();
		if (pid == 0)
			_exit(direct("mp", false, bytes));
		usleep(100000);
		assert_int_equal(waitpid(pid, &how, WNOHANG), 0);
		if (way == 0)
			assert_ok(*state, send_to(*state, "mp",
						  DMK_MULTIPATH_MESSAGE_REINSTATE_PATH, 0, RAM0));
		else
			assert_ok(*state, send_to(*state, "mp",
						  DMK_MULTIPATH_MESSAGE_FAIL_IF_NO_PATH, 0, NULL));
		assert_int_equal(waitpid(pid, &how, 0), pid);
		assert_true(WIFEXITED(how));
		assert_int_equal(WEXITSTATUS(how), way == 0 ? 0 : EIO);
		if (way == 0)
			assert_ok(*state,
				  send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_FAIL_PATH, 0, RAM0));
	}
	get_table(*state, "mp", &multipath);
	assert_false(multipath.options & DMK_MULTIPATH_QUEUE_IF_NO_PATH);
	dmk_multipath_clear(&multipath);
	remove_device(*state, "mp");
}

static void check_groups(struct dmk *dm, uint32_t current, uint32_t first, uint32_t second)
{
	struct dmk_multipath_status status;

	get_status(dm, "mp", &status);
	assert_int_equal(status.n_groups, 2);
	assert_int_equal(status.current_group, current);
	assert_int_equal(status.groups[0].state, first);
	assert_int_equal(status.groups[1].state, second);
	assert_int_equal(status.n_paths, 2);
	assert_int_equal(status.pg_init_count, 0);
	dmk_multipath_status_clear(&status);
}

static void multipath_groups_are_switched(void **state)
{
	enum {
		ACTIVE = DMK_MULTIPATH_GROUP_ACTIVE,
		ENABLED = DMK_MULTIPATH_GROUP_ENABLED,
		DISABLED = DMK_MULTIPATH_GROUP_DISABLED
	};
	static uint8_t bytes[BLOCKS * BLOCK];

	make(*state, "mp",
	     "2 queue_mode bio 0 2 1 round-robin 0 1 1 " RAM0 " 1 round-robin 0 1 1 " RAM1 " 1");
	check_groups(*state, 1, ENABLED, ENABLED);
	fill_pattern(bytes, sizeof(bytes), 5);
	assert_int_equal(direct("mp", true, bytes), 0);
	assert_int_equal(count_blocks(RAM0, bytes), BLOCKS);
	check_groups(*state, 1, ACTIVE, ENABLED);
	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_DISABLE_GROUP, 1, NULL));
	fill_pattern(bytes, sizeof(bytes), 6);
	assert_int_equal(direct("mp", true, bytes), 0);
	assert_int_equal(count_blocks(RAM1, bytes), BLOCKS);
	check_groups(*state, 2, DISABLED, ACTIVE);
	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_ENABLE_GROUP, 1, NULL));
	check_groups(*state, 1, ENABLED, ENABLED);
	assert_ok(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_SWITCH_GROUP, 2, NULL));
	check_groups(*state, 2, ENABLED, ENABLED);
	assert_int_equal(direct("mp", true, bytes), 0);
	check_groups(*state, 2, ENABLED, ACTIVE);
	assert_code(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_SWITCH_GROUP, 3, NULL),
		    -EINVAL);
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("mp"), NULL, NULL));
	assert_code(*state, send_to(*state, "mp", DMK_MULTIPATH_MESSAGE_SWITCH_GROUP, 1, NULL),
		    -EBUSY);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("mp"), NULL, NULL));
	remove_device(*state, "mp");
}

static void multipath_selectors_have_their_words(void **state)
{
	static const struct {
		const char *selector;
		const char *given; /* of each path */
		uint32_t n_given;
		uint32_t n_printed;
		const char *printed[2];
		uint32_t n_info;
		const char *info[2];
	} cases[] = {
		{ "round-robin", "", 0, 1, { "1" }, 0, { NULL } },
		{ "round-robin", " 1000", 1, 1, { "1" }, 0, { NULL } },
		{ "queue-length", " 1", 1, 1, { "1" }, 1, { "0" } },
		{ "service-time", "", 0, 2, { "1", "1" }, 2, { "0", "1" } },
		{ "service-time", " 1", 1, 2, { "1", "1" }, 2, { "0", "1" } },
		{ "service-time", " 1 100", 2, 2, { "1", "100" }, 2, { "0", "100" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dmk_multipath_status status;
		struct dmk_multipath multipath;
		const struct dmk_multipath_group *group;
		char params[256];

		snprintf(params, sizeof(params), "2 queue_mode bio 0 1 1 %s 0 2 %u %s%s %s%s",
			 cases[i].selector, cases[i].n_given, RAM0, cases[i].given, RAM1,
			 cases[i].given);
		make(*state, "mp", params);
		get_table(*state, "mp", &multipath);
		group = &multipath.groups[0];
		assert_string_equal(group->selector, cases[i].selector);
		assert_int_equal(group->n_path_args, cases[i].n_printed);
		for (uint32_t k = 0; k < group->n_path_args; k++)
			assert_string_equal(group->paths[1].args[k], cases[i].printed[k]);
		assert_string_equal(group->paths[0].device, "1:0");
		assert_string_equal(group->paths[1].device, "1:1");
		dmk_multipath_clear(&multipath);
		get_status(*state, "mp", &status);
		assert_int_equal(status.groups[0].n_info, cases[i].n_info);
		for (uint32_t k = 0; k < cases[i].n_info; k++)
			assert_string_equal(status.groups[0].paths[1].info[k], cases[i].info[k]);
		dmk_multipath_status_clear(&status);
		remove_device(*state, "mp");
	}
}

/* A free loop device over a new file of a ram disk's size. */
static int attach_loop(char *path, size_t size)
{
	struct loop_config config = { 0 };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd;
	char file[] = "/tmp/multipath-XXXXXX";

	config.fd = (uint32_t)mkstemp(file);
	assert_int_equal(ftruncate((int)config.fd, RAM_SECTORS * 512), 0);
	unlink(file);
	snprintf(path, size, "/dev/loop%d", ioctl(control, LOOP_CTL_GET_FREE));
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(control >= 0 && fd >= 0);
	assert_int_equal(ioctl(fd, LOOP_CONFIGURE, &config), 0);
	close((int)config.fd);
	close(control);
	return fd;
}

static void detach_loop(int fd)
{
	assert_int_equal(ioctl(fd, LOOP_CLR_FD), 0);
	close(fd);
}

/* Request-based: the default, over disks that have a request queue. */
static void multipath_options_come_back(void **state)
{
	static const struct {
		struct dmk_multipath given;
		uint64_t options; /* as the kernel prints them */
		const char *hw_handler;
	} cases[] = {
		{ { 0 }, 0, NULL },
		{ { .options = DMK_MULTIPATH_QUEUE_IF_NO_PATH },
		  DMK_MULTIPATH_QUEUE_IF_NO_PATH,
		  NULL },
		{ { .pg_init_retries = 50 }, DMK_MULTIPATH_PG_INIT_RETRIES, NULL },
		{ { .options = DMK_MULTIPATH_PG_INIT_DELAY }, DMK_MULTIPATH_PG_INIT_DELAY, NULL },
		{ { .pg_init_delay_ms = 60000 }, DMK_MULTIPATH_PG_INIT_DELAY, NULL },
		{ { .options = DMK_MULTIPATH_RETAIN_ATTACHED_HW_HANDLER },
		  DMK_MULTIPATH_RETAIN_ATTACHED_HW_HANDLER,
		  NULL },
		{ { .queue_mode = DMK_MULTIPATH_QUEUE_RQ }, 0, NULL },
		{ { .queue_mode = DMK_MULTIPATH_QUEUE_MQ }, 0, NULL },
		{ { .queue_mode = DMK_MULTIPATH_QUEUE_BIO },
		  DMK_MULTIPATH_QUEUE_MODE | DMK_MULTIPATH_RETAIN_ATTACHED_HW_HANDLER,
		  NULL },
		{ { .hw_handler = "alua" }, 0, "alua" },
	};
	static uint8_t bytes[BLOCKS * BLOCK], back[BLOCKS * BLOCK];
	char loop[32];
	int fd = attach_loop(loop, sizeof(loop));
	struct dmk_multipath_path path = { .device = loop };
	struct dmk_multipath_group group = { .selector = "round-robin",
					     .paths = &path,
					     .n_paths = 1 };
	uint64_t shown = UINT64_MAX;
	struct dmk_table *table;

	/* Newer ones take the word and do not show it. */
	if (target_since(*state, "multipath", 1, 15))
		shown &= ~(uint64_t)DMK_MULTIPATH_RETAIN_ATTACHED_HW_HANDLER;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dmk_multipath multipath = cases[i].given;

		multipath.groups = &group;
		multipath.n_groups = 1;
		dmk_table_reset(table);
		assert_int_equal(dmk_table_add_multipath(table, 0, RAM_SECTORS, &multipath), 0);
		assert_ok(*state, dmk_create(*state, "mp", table, NULL, NULL));
		get_table(*state, "mp", &multipath);
		assert_int_equal(multipath.options, cases[i].options & shown);
		assert_int_equal(multipath.pg_init_retries, cases[i].given.pg_init_retries);
		assert_int_equal(multipath.pg_init_delay_ms, cases[i].given.pg_init_delay_ms);
		assert_int_equal(multipath.initial_group, 1);
		if (cases[i].hw_handler)
			assert_string_equal(multipath.hw_handler, cases[i].hw_handler);
		else
			assert_null(multipath.hw_handler);
		dmk_multipath_clear(&multipath);
		if (!cases[i].hw_handler) {
			fill_pattern(bytes, sizeof(bytes), 7 + (uint32_t)i);
			assert_int_equal(direct("mp", true, bytes), 0);
			assert_int_equal(direct("mp", false, back), 0);
			assert_memory_equal(bytes, back, sizeof(bytes));
		}
		remove_device(*state, "mp");
	}
	dmk_table_free(table);
	detach_loop(fd);
}

/* What the kernel prints, as keys, makes the same device again. */
static void multipath_keys_make_the_same(void **state)
{
	static const char *const tables[] = {
		"3 queue_if_no_path queue_mode bio 0 2 2 service-time 0 2 2 " RAM0 " 1 7 " RAM1
		" 1 9 round-robin 0 1 1 /dev/ram2 1",
		"2 queue_mode bio 0 0 0",
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct dmk_segments *segments[2];
		struct dmk_key_values values;
		struct dmk_table *table;
		const char *params[2];
		struct dmk_key_value pairs[32];

		make(*state, "mp", tables[i]);
		segments[0] = segments_of(*state, "mp", false, &params[0]);
		assert_int_equal(dmk_params_to_keys("multipath", params[0], &values, NULL), 0);
		memcpy(pairs, values.items, values.count * sizeof(pairs[0]));
		pairs[values.count] = (struct dmk_key_value){ .key = "size", .value = "32768s" };
		assert_int_equal(dmk_table_new(&table), 0);
		assert_int_equal(dmk_table_add_keys(table, "multipath", pairs, values.count + 1),
				 0);
		assert_ok(*state, dmk_replace(*state, DMK_NAME("mp"), table, NULL, NULL));
		segments[1] = segments_of(*state, "mp", false, &params[1]);
		assert_string_equal(params[0], params[1]);
		dmk_segments_free(segments[0]);
		dmk_segments_free(segments[1]);
		dmk_key_values_clear(&values);
		dmk_table_free(table);
		remove_device(*state, "mp");
	}
}

static void multipath_size_is_the_smallest_paths(void **state)
{
	const struct dmk_key_value pairs[] = {
		{ .key = "queue-mode", .value = "bio" }, { .key = "group", .value = "round-robin" },
		{ .key = "path", .value = RAM0 },	 { .key = "group", .value = "round-robin" },
		{ .key = "path", .value = RAM1 },
	};
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "multipath", pairs, 5), 0);
	assert_int_equal(dmk_table_size_sectors(table), RAM_SECTORS);
	dmk_table_free(table);
}

static void multipath_is_refused_by_the_kernel(void **state)
{
	struct dmk_table *table =
		text_table("0 32768 multipath 2 queue_mode bio 0 1 1 nosuch 0 1 0 " RAM0);

	assert_code(*state, dmk_create(*state, "mp", table, NULL, NULL), -EINVAL);
	dmk_table_free(table);
	/* A ram disk has no request queue. */
	table = text_table("0 32768 multipath 0 0 1 1 round-robin 0 1 0 " RAM0);
	assert_code(*state, dmk_create(*state, "mp", table, NULL, NULL), -EINVAL);
	dmk_table_free(table);
}

int main(void)
{
#define KERNEL_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(multipath_writes_take_the_paths_that_are_there),
		KERNEL_TEST(multipath_reads_what_the_other_path_wrote),
		KERNEL_TEST(multipath_without_a_path_fails_or_waits),
		KERNEL_TEST(multipath_groups_are_switched),
		KERNEL_TEST(multipath_selectors_have_their_words),
		KERNEL_TEST(multipath_options_come_back),
		KERNEL_TEST(multipath_keys_make_the_same),
		KERNEL_TEST(multipath_size_is_the_smallest_paths),
		KERNEL_TEST(multipath_is_refused_by_the_kernel),
	};

	return cmocka_run_group_tests_name("multipath", tests, NULL, NULL);
}
