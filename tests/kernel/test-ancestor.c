/* SPDX-License-Identifier: MIT */
/*
 * What the devicemapper package of hcsshim's guest does, row by row, and what dmkit makes of it:
 * each test bears the name of its row.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

static int count_versions(struct dmk *dm, void *userdata, uint32_t command, void *request,
			  uint32_t size)
{
	if (command == 0) /* DM_VERSION */
		++*(int *)userdata;
	return dmk_transport_kernel(dm, command, request, size);
}

static void hcsshim_checks_the_version_for_every_call(void **state)
{
	int versions = 0;
	struct dmk *dm;

	(void)state;
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, count_versions, &versions), 0);
	for (int i = 0; i < 3; i++) {
		make_device(dm, "a", "0 8 zero");
		remove_device(dm, "a");
	}
	assert_int_equal(versions, 1);
	dmk_free(dm);
}

static void hcsshim_create_device_returns_the_path(void **state)
{
	struct dmk_create_options options = { .flags = DMK_CREATE_READONLY };
	struct dmk_table *table =
		text_table("0 8 linear " RAM0 " 0\n8 8 linear " RAM1 " 8\n16 8 zero");
	struct dmk_info info;
	char path[256];
	uint8_t byte = 1;
	struct stat st;

	assert_ok(*state, dmk_create(*state, "layer", table, &options, &info));
	assert_int_equal(dmk_node_path(*state, "layer", path, sizeof(path)), 0);
	assert_string_equal(path, "/dev/mapper/layer");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_rdev, makedev(info.major, info.minor));
	assert_true(info.flags & DMK_INFO_READONLY);
	assert_false(write_at(path, 0, &byte, 1));
	dmk_table_free(table);
	remove_device(*state, "layer");
}

static void hcsshim_swallows_a_failed_mknod(void **state)
{
	struct dmk_table *table = text_table("0 8 zero");

	assert_int_equal(mkdir(node_path("layer"), 0700), 0);
	assert_code(*state, dmk_create(*state, "layer", table, NULL, NULL), -EEXIST);
	assert_false(device_exists(*state, "layer"));
	assert_int_equal(rmdir(node_path("layer")), 0);
	dmk_table_free(table);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *close_later(void *fd)
{
	usleep(300000);
	close(*(int *)fd);
	return NULL;
}

static void hcsshim_remove_device_gives_up_after_100_ms(void **state)
{
	struct dmk_remove_options once = { .timeout_ms = -1 };
	struct dmk_info info = make_device(*state, "layer", "0 8 zero");
	int fd = open(node_path("layer"), O_RDONLY | O_CLOEXEC);
	pthread_t thread;

	assert_true(fd >= 0);
	assert_code(*state, dmk_remove(*state, DMK_NAME("layer"), &once, NULL), -EBUSY);
	assert_true(node_is("layer", &info)); /* the ancestor's is gone by now */
	assert_int_equal(pthread_create(&thread, NULL, close_later, &fd), 0);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("layer"), NULL, NULL)); /* within its 5 s */
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(node_rdev("layer"), 0);
}

static void hcsshim_remove_device_ends_at_a_deadline(void **state)
{
	struct dmk_remove_options options = { .timeout_ms = 1000 }; /* several tries */
	struct dmk_info top;
	int64_t start;

	make_device(*state, "below", "0 8 zero");
	top = make_device(*state, "above", "0 8 linear /dev/mapper/below 0");
	start = now_ms();
	assert_code(*state, dmk_remove(*state, DMK_NAME("below"), &options, NULL), -EBUSY);
	assert_true(now_ms() - start >= 1000);
	assert_true(dmk_last_error(*state)->tries > 2);
	assert_int_equal(dmk_last_error(*state)->n_holders, 1);
	assert_int_equal(dmk_last_error(*state)->holders[0].kind, DMK_HOLDER_MAPPING);
	assert_int_equal(dmk_last_error(*state)->holders[0].minor, top.minor);
	assert_string_equal(dmk_last_error(*state)->holders[0].name, "above");
	remove_device(*state, "above");
	remove_device(*state, "below");
}

static void hcsshim_remove_device_of_dot_dot_slash(void **state)
{
	assert_int_equal(mknod("/dev/victim", S_IFBLK | 0600, makedev(1, 0)), 0);
	assert_code(*state, dmk_remove(*state, DMK_NAME("../victim"), NULL, NULL), -EINVAL);
	assert_int_equal(access("/dev/victim", F_OK), 0);
	assert_int_equal(unlink("/dev/victim"), 0);
}

static void *appear_later(void *path)
{
	usleep(300000);
	return (void *)(intptr_t)mknod(path, S_IFBLK | 0600, makedev(1, 0));
}

static void hcsshim_create_is_retried_until_the_context_ends(void **state)
{
	struct dmk_create_options waits = { .timeout_ms = 10000 };
	struct dmk_create_options briefly = { .timeout_ms = 1000 };
	struct dmk_table *table = text_table("0 8 linear /dev/late 0");
	static char late[] = "/dev/late";
	pthread_t thread;
	void *made;
	int r;

	/* Without a deadline a typo answers at once. */
	r = dmk_create(*state, "layer", table, NULL, NULL);
	assert_true(r == -ENODEV || r == -ENOENT);
	assert_true(dmk_last_error(*state)->tries <= 1);
	r = dmk_create(*state, "layer", table, &briefly, NULL);
	assert_true(r == -ENODEV || r == -ENOENT);
	assert_true(dmk_last_error(*state)->tries > 2);
	assert_false(device_exists(*state, "layer"));
	assert_int_equal(pthread_create(&thread, NULL, appear_later, late), 0);
	assert_ok(*state, dmk_create(*state, "layer", table, &waits, NULL));
	assert_int_equal(pthread_join(thread, &made), 0);
	assert_null(made);
	remove_device(*state, "layer");
	/* EBUSY of the name itself is waited for likewise. */
	make_device(*state, "layer", "0 8 zero");
	assert_code(*state, dmk_create(*state, "layer", table, NULL, NULL), -EBUSY);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_CREATE);
	assert_code(*state, dmk_create(*state, "layer", table, &briefly, NULL), -EBUSY);
	assert_true(dmk_last_error(*state)->tries > 2);
	remove_device(*state, "layer");
	assert_int_equal(unlink("/dev/late"), 0);
	dmk_table_free(table);
}

static void hcsshim_linear_target_in_sectors_and_bytes(void **state)
{
	struct dmk_linear linear = { .device = RAM0, .offset_sectors = 64 };
	static uint8_t wrote[4096], got[4096];
	struct dmk_table *table;

	fill_pattern(wrote, sizeof(wrote), 1);
	assert_true(write_at(RAM0, 64 * 512, wrote, sizeof(wrote)));
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_linear(table, 0, 16, &linear), 0);
	assert_ok(*state, dmk_create(*state, "sectors", table, NULL, NULL));
	assert_true(read_at(node_path("sectors"), 0, got, sizeof(got)));
	assert_memory_equal(got, wrote, sizeof(got));
	dmk_table_reset(table);
	/* zeroSectorLinearTarget: the whole device, in bytes. */
	assert_int_equal(dmk_table_add_linear_bytes(table, RAM0, 0, 1048576), 0);
	assert_ok(*state, dmk_create(*state, "bytes", table, NULL, NULL));
	assert_true(read_at(node_path("bytes"), 64 * 512, got, sizeof(got)));
	assert_memory_equal(got, wrote, sizeof(got));
	dmk_table_reset(table);
	assert_int_equal(dmk_table_add_linear_bytes(table, RAM0, 0, 1048577), -EINVAL);
	assert_int_equal(dmk_table_add_linear_bytes(table, RAM0, 1, 512), -EINVAL);
	assert_int_equal(dmk_table_count(table), 0);
	dmk_table_free(table);
	remove_device(*state, "sectors");
	remove_device(*state, "bytes");
}

/* Formats with Debian's veritysetup; copies the value behind "LABEL:" out of what it prints. */
static void field_of(const char *text, const char *label, char *value, size_t size)
{
	const char *at = strstr(text, label);

	assert_non_null(at);
	at += strlen(label) + strspn(at + strlen(label), " \t");
	snprintf(value, size, "%.*s", (int)strcspn(at, " \t\n"), at);
}

static void format_verity(const char *options, char *root, size_t root_size, char *salt,
			  size_t salt_size)
{
	static char text[4096];
	char command[512];
	FILE *pipe;
	size_t n;

	snprintf(command, sizeof(command), "veritysetup format %s " RAM1 " " RAM1, options);
	pipe = popen(command, "re");
	assert_non_null(pipe);
	n = fread(text, 1, sizeof(text) - 1, pipe);
	text[n] = '\0';
	assert_int_equal(pclose(pipe), 0);
	field_of(text, "Root hash:", root, root_size);
	field_of(text, "Salt:", salt, salt_size);
}

static void check_verity_layer(struct dmk *dm, uint32_t superblock, const char *format_options)
{
	static uint8_t data[262144], got[262144];
	char root[129], salt[129];
	struct dmk_verity_image image = {
		.device = RAM1,
		.data_bytes = sizeof(data),
		.block_size_bytes = 4096,
		.superblock = superblock,
		.root_digest = root,
		.salt = salt,
	};
	struct dmk_verity_status status;
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_table *table;

	fill_pattern(data, sizeof(data), superblock + 7);
	assert_true(write_at(RAM1, 0, data, sizeof(data)));
	format_verity(format_options, root, sizeof(root), salt, sizeof(salt));
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_verity_image(table, &image), 0);
	assert_int_equal(dmk_table_size_sectors(table), sizeof(data) / 512);
	assert_ok(dm,
		  dmk_create(dm, "verity", table,
			     &(struct dmk_create_options){ .flags = DMK_CREATE_READONLY }, NULL));
	assert_true(read_at(node_path("verity"), 0, got, sizeof(got)));
	assert_memory_equal(got, data, sizeof(got));
	/* One byte changed below: that block fails, and the status says so. */
	data[100000] ^= 1;
	assert_true(write_at(RAM1, 0, data, sizeof(data)));
	assert_false(read_at(node_path("verity"), 98304, got, 4096));
	assert_true(read_at(node_path("verity"), 0, got, 4096));
	assert_ok(dm, dmk_get_status(dm, DMK_NAME("verity"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_verity_parse_status(segment.params, &status, NULL), 0);
	assert_int_equal(status.state, DMK_VERITY_CORRUPTED);
	dmk_verity_status_clear(&status);
	dmk_segments_free(segments);
	dmk_table_free(table);
	remove_device(dm, "verity");
}

static void hcsshim_verity_target_on_one_device(void **state)
{
	check_verity_layer(*state, 1, "--data-blocks=64 --hash-offset=262144");
	check_verity_layer(*state, 0, "--data-blocks=64 --hash-offset=262144 --no-superblock");
}

static void hcsshim_cuts_names_and_types(void **state)
{
	char name[200];
	struct dmk_table *table;

	memset(name, 'x', sizeof(name));
	name[128] = '\0';
	table = text_table("0 8 zero");
	assert_code(*state, dmk_create(*state, name, table, NULL, NULL), -ENAMETOOLONG);
	dmk_table_reset(table);
	assert_int_equal(dmk_table_add(table, 0, 8, "sixteen-bytes-xx", ""), -ENAMETOOLONG);
	assert_int_equal(dmk_table_add(table, 0, 8, "fifteen-bytes-x", ""), 0);
	/* The kernel knows no such target, and the error says which segment. */
	assert_code(*state, dmk_create(*state, "layer", table, NULL, NULL), -EINVAL);
	assert_int_equal(dmk_last_error(*state)->segment, 1);
	assert_string_equal(dmk_last_error(*state)->target, "fifteen-bytes-x");
	dmk_table_free(table);
}

static void hcsshim_errors_say_which_operation(void **state)
{
	struct dmk_table *table = text_table("0 8 zero\n8 8 linear /dev/nope 4096");
	const struct dmk_error *err = dmk_last_error(*state);
	char text[DMK_ERROR_TEXT_SIZE], expected[DMK_ERROR_TEXT_SIZE];
	int r = dmk_create(*state, "layer", table, NULL, NULL);

	assert_true(r == -ENODEV || r == -ENOENT);
	assert_int_equal(err->verb, DMK_VERB_CREATE);
	assert_int_equal(err->step, DMK_STEP_LOAD);
	assert_string_equal(err->device, "layer");
	assert_int_equal(err->segment, 2);
	assert_string_equal(err->target, "linear");
	assert_string_equal(err->argument, "/dev/nope");
	dmk_error_format(err, text, sizeof(text));
	snprintf(expected, sizeof(expected),
		 "create 'layer': segment 2 (linear): '/dev/nope': it does not exist: the "
		 "kernel says: linear: Device lookup failed (-%s); in: /dev/nope 4096",
		 dmk_errno_name(r));
	assert_string_equal(text, expected);
	dmk_table_free(table);
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		ROW(hcsshim_checks_the_version_for_every_call),
		ROW(hcsshim_create_device_returns_the_path),
		ROW(hcsshim_swallows_a_failed_mknod),
		ROW(hcsshim_remove_device_gives_up_after_100_ms),
		ROW(hcsshim_remove_device_ends_at_a_deadline),
		ROW(hcsshim_remove_device_of_dot_dot_slash),
		ROW(hcsshim_create_is_retried_until_the_context_ends),
		ROW(hcsshim_linear_target_in_sectors_and_bytes),
		ROW(hcsshim_verity_target_on_one_device),
		ROW(hcsshim_cuts_names_and_types),
		ROW(hcsshim_errors_say_which_operation),
	};

	return cmocka_run_group_tests_name("the ancestor's rows", tests, NULL, NULL);
}
