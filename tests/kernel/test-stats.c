/* SPDX-License-Identifier: MIT */
/* device-mapper's own messages: statistics made, filled, read and forgotten; a deferred removal
 * taken back. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

/* The reply, or NULL, which the caller frees. */
static char *send(struct dmk *dm, const struct dmk_core_message *message)
{
	char *text, *reply = NULL;

	assert_int_equal(dmk_core_format_message(message, &text, NULL), 0);
	assert_ok(dm, dmk_message(dm, DMK_NAME("a"), text, NULL, &reply));
	free(text);
	return reply;
}

static void send_quietly(struct dmk *dm, const struct dmk_core_message *message)
{
	char *reply = send(dm, message);

	/* Linux 6.1 answers nothing, or (to stats_clear) an empty text. */
	assert_true(!reply || !*reply);
	free(reply);
}

static uint32_t create(struct dmk *dm, struct dmk_core_message message)
{
	uint32_t id = UINT32_MAX;
	char *reply;

	message.message = DMK_CORE_STATS_CREATE;
	reply = send(dm, &message);
	assert_int_equal(dmk_stats_parse_create(reply, &id, NULL), 0);
	free(reply);
	return id;
}

static struct dmk_stats_regions list(struct dmk *dm, const char *program)
{
	struct dmk_core_message message = { .message = DMK_CORE_STATS_LIST, .program_id = program };
	struct dmk_stats_regions regions;
	char *reply = send(dm, &message);

	assert_int_equal(dmk_stats_parse_list(reply, &regions, NULL), 0);
	free(reply);
	return regions;
}

static struct dmk_stats_areas print(struct dmk *dm, struct dmk_core_message message)
{
	struct dmk_stats_areas areas;
	char *reply;

	if (!message.message)
		message.message = DMK_CORE_STATS_PRINT;
	reply = send(dm, &message);
	assert_int_equal(dmk_stats_parse_print(reply, &areas, NULL), 0);
	free(reply);
	return areas;
}

/* By a descriptor of its own, past the page cache: exactly these sectors. */
static void io(bool write, uint64_t offset, size_t size)
{
	int fd = open(node_path("a"), O_RDWR | O_DIRECT | O_CLOEXEC);
	void *bytes = NULL;

	assert_true(fd >= 0);
	assert_int_equal(posix_memalign(&bytes, 4096, size), 0);
	memset(bytes, 1, size);
	if (write)
		assert_int_equal(pwrite(fd, bytes, size, (off_t)offset), (ssize_t)size);
	else
		assert_int_equal(pread(fd, bytes, size, (off_t)offset), (ssize_t)size);
	free(bytes);
	close(fd);
}

static void stats_are_made_and_listed(void **state)
{
	struct dmk_core_message aux = { .message = DMK_CORE_STATS_SET_AUX, .aux_data = "new" };
	struct dmk_core_message delete = { .message = DMK_CORE_STATS_DELETE, .region_id = 1 };
	struct dmk_stats_regions regions;

	make_device(*state, "a", "0 1024 linear " RAM0 " 0");
	assert_int_equal(create(*state, (struct dmk_core_message){ .areas = 4 }), 0);
	assert_int_equal(
		create(*state, (struct dmk_core_message){ .start_sectors = 8,
							  .length_sectors = 64,
							  .step_sectors = 16,
							  .options = DMK_STATS_PRECISE_TIMESTAMPS,
							  .histogram = "1000,20000",
							  .program_id = "dmkit",
							  .aux_data = "aux" }),
		1);
	assert_int_equal(
		create(*state, (struct dmk_core_message){ .step_sectors = 512, .program_id = "7" }),
		2);
	regions = list(*state, NULL);
	assert_int_equal(regions.count, 3);
	assert_int_equal(regions.items[0].length_sectors, 1024);
	assert_int_equal(regions.items[0].step_sectors, 256);
	assert_string_equal(regions.items[0].program_id, "-");
	assert_int_equal(regions.items[1].start_sectors, 8);
	assert_int_equal(regions.items[1].options, DMK_STATS_PRECISE_TIMESTAMPS);
	assert_int_equal(regions.items[1].n_bounds, 2);
	assert_int_equal(regions.items[1].bounds[1], 20000);
	assert_string_equal(regions.items[1].aux_data, "aux");
	assert_string_equal(regions.items[2].program_id, "7");
	assert_string_equal(regions.items[2].aux_data, "-");
	dmk_stats_regions_clear(&regions);
	send_quietly(*state, &aux);
	regions = list(*state, "-");
	assert_int_equal(regions.count, 1);
	assert_string_equal(regions.items[0].aux_data, "new");
	dmk_stats_regions_clear(&regions);
	send_quietly(*state, &delete);
	regions = list(*state, "dmkit");
	assert_int_equal(regions.count, 0);
	dmk_stats_regions_clear(&regions);
	remove_device(*state, "a");
}

static void stats_count_what_was_done(void **state)
{
	struct dmk_core_message clear = { .message = DMK_CORE_STATS_CLEAR };
	struct dmk_stats_areas areas;

	make_device(*state, "a", "0 1024 linear " RAM0 " 0");
	create(*state, (struct dmk_core_message){ .step_sectors = 256, .histogram = "5000" });
	io(true, 0, 8192);
	io(true, 256 * 512, 4096);
	io(false, 512 * 512, 4096);
	areas = print(*state, (struct dmk_core_message){ 0 });
	assert_int_equal(areas.count, 4);
	assert_int_equal(areas.items[1].start_sectors, 256);
	assert_int_equal(areas.items[1].length_sectors, 256);
	assert_int_equal(areas.items[0].sectors_written, 16);
	assert_int_equal(areas.items[0].writes, 1);
	assert_int_equal(areas.items[1].sectors_written, 8);
	assert_int_equal(areas.items[1].reads, 0);
	assert_int_equal(areas.items[2].reads, 1);
	assert_int_equal(areas.items[2].sectors_read, 8);
	assert_int_equal(areas.items[2].in_flight, 0);
	assert_int_equal(areas.items[2].n_histogram, 2);
	assert_int_equal(areas.items[2].histogram[0] + areas.items[2].histogram[1], 1);
	assert_int_equal(areas.items[3].writes + areas.items[3].reads, 0);
	dmk_stats_areas_clear(&areas);
	/* Some lines, and all of them with their end. */
	areas = print(*state,
		      (struct dmk_core_message){ .starting_line = 1, .number_of_lines = 2 });
	assert_int_equal(areas.count, 2);
	assert_int_equal(areas.items[0].start_sectors, 256);
	dmk_stats_areas_clear(&areas);
	areas = print(*state, (struct dmk_core_message){ .starting_line = 3 });
	assert_int_equal(areas.count, 1);
	dmk_stats_areas_clear(&areas);
	areas = print(*state, (struct dmk_core_message){ .options = DMK_STATS_NUMBER_OF_LINES });
	assert_int_equal(areas.count, 0);
	dmk_stats_areas_clear(&areas);
	areas = print(*state, (struct dmk_core_message){ .message = DMK_CORE_STATS_PRINT_CLEAR,
							 .number_of_lines = 1 });
	assert_int_equal(areas.items[0].writes, 1);
	dmk_stats_areas_clear(&areas);
	areas = print(*state, (struct dmk_core_message){ 0 });
	assert_int_equal(areas.items[0].writes, 0);
	assert_int_equal(areas.items[1].writes, 1);
	dmk_stats_areas_clear(&areas);
	send_quietly(*state, &clear);
	areas = print(*state, (struct dmk_core_message){ 0 });
	assert_int_equal(areas.items[1].writes, 0);
	dmk_stats_areas_clear(&areas);
	remove_device(*state, "a");
}

/* A reply that is larger than what the library first has room for. */
static void stats_of_many_areas(void **state)
{
	struct dmk_stats_areas areas;

	make_device(*state, "a", "0 32768 linear " RAM0 " 0");
	create(*state, (struct dmk_core_message){ .step_sectors = 8 });
	areas = print(*state, (struct dmk_core_message){ 0 });
	assert_int_equal(areas.count, 4096);
	for (uint32_t i = 0; i < areas.count; i++)
		assert_int_equal(areas.items[i].start_sectors, 8 * i);
	dmk_stats_areas_clear(&areas);
	remove_device(*state, "a");
}

static void stats_of_no_region(void **state)
{
	static const char *const messages[] = { "@stats_print 0", "@stats_delete 5",
						"@stats_clear 5", "@stats_set_aux 5 x" };

	make_device(*state, "a", "0 8 zero");
	for (int i = 0; i < 4; i++)
		assert_code(*state, dmk_message(*state, DMK_NAME("a"), messages[i], NULL, NULL),
			    -ENOENT);
	remove_device(*state, "a");
}

static void a_deferred_removal_is_taken_back(void **state)
{
	struct dmk_core_message cancel = { .message = DMK_CORE_CANCEL_DEFERRED_REMOVE };
	struct dmk_remove_options deferred = { .flags = DMK_REMOVE_DEFERRED };
	struct dmk_info info;
	int fd;

	make_device(*state, "a", "0 8 zero");
	fd = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &deferred, &info));
	assert_true(info.flags & DMK_INFO_DEFERRED_REMOVE);
	send_quietly(*state, &cancel);
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("a"), NULL, &info));
	assert_false(info.flags & DMK_INFO_DEFERRED_REMOVE);
	close(fd);
	assert_true(device_exists(*state, "a"));
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), NULL, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stats_are_made_and_listed),
		TEST(stats_count_what_was_done),
		TEST(stats_of_many_areas),
		TEST(stats_of_no_region),
		TEST(a_deferred_removal_is_taken_back),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
