/* SPDX-License-Identifier: MIT */
/* dmk_table_check() in a world of our own: what is asked, how often, and what is no error. */
#include "../driver.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../fake-os.h"
#include "base/util.h"

static uint64_t size_bytes;
static int block_bytes;
static unsigned asked;

static int answer(unsigned long command, void *argument)
{
	switch (command) {
	case BLKGETSIZE64:
		asked++;
		memcpy(argument, &size_bytes, sizeof(size_bytes));
		return 0;
	case BLKSSZGET:
	case BLKPBSZGET:
		*(int *)argument = block_bytes;
		return 0;
	case BLKROGET:
		*(int *)argument = 0;
		return 0;
	case BLKRAGET:
		*(long *)argument = 256;
		return 0;
	default:
		return -ENOTTY;
	}
}

static int set_up(void **state)
{
	(void)state;
	os_reset();
	os.ioctl = answer;
	size_bytes = 512 * 1000;
	block_bytes = 512;
	asked = 0;
	os_add((struct os_file){ .path = "/dev/vdb", .mode = S_IFBLK, .major = 252 });
	os_add((struct os_file){
		.path = "/dev/shut", .mode = S_IFBLK, .major = 252, .error = EACCES });
	os_add((struct os_file){ .path = "/sys/dev/block", .mode = S_IFDIR });
	os_add((struct os_file){ .path = "/sys/class/block/cciss!c0d0", .mode = S_IFDIR });
	os_add((struct os_file){ .path = "/proc/devices",
				 .content = "Character devices:\n251 x\nBlock devices:\n"
					    "  7 loop\n252 virtblk\n" });
	return 0;
}

static int check(const char *text, struct dmk_error *ret_error)
{
	struct dmk_table *table;
	int r;

	open_driver(47);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_parse(table, text, strlen(text)), 0);
	r = dmk_table_check(dm, table, NULL);
	*ret_error = *dmk_last_error(dm);
	assert_int_equal(ret_error->code, r);
	dmk_table_free(table);
	close_driver();
	assert_int_equal(os.open_fds, 0);
	return r;
}

static void tables(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *argument;
		uint64_t meant;
	} cases[] = {
		{ "0 1000 linear /dev/vdb 0\n", 0, "", 0 },
		{ "0 1001 linear /dev/vdb 0\n", -EINVAL, "/dev/vdb", 0 },
		{ "0 1 linear /dev/vdb 1000\n", -EINVAL, "/dev/vdb", 0 },
		{ "0 8 linear /dev/vdb 51200\n", -EINVAL, "/dev/vdb", 100 },
		{ "0 51200 linear /dev/vdb 0\n", -EINVAL, "/dev/vdb", 100 },
		{ "0 51201 linear /dev/vdb 0\n", -EINVAL, "/dev/vdb", 0 },
		/* Both are too large, and one of them alone helps nothing. */
		{ "0 51200 linear /dev/vdb 51200\n", -EINVAL, "/dev/vdb", 0 },
		{ "0 8 linear /dev/none 0\n", -ENOENT, "/dev/none", 0 },
		/* Linux up to 6.4 knows a disk's name without its node. */
		{ "0 8 linear /dev/cciss/c0d0 0\n", 0, "", 0 },
		{ "0 8 linear PARTUUID=1234-01 0\n", 0, "", 0 },
		/* Numbers: loop makes its devices, 251 is no block driver's yet, 252 has none. */
		{ "0 8 linear 7:99 0\n", 0, "", 0 },
		{ "0 8 linear 251:1 0\n", 0, "", 0 },
		{ "0 8 linear 252:9 0\n", -ENXIO, "252:9", 0 },
		/* Who may not look does not know. */
		{ "0 8 linear /dev/shut 0\n", -EACCES, "/dev/shut", 0 },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct dmk_error err;

		if (check(cases[i].text, &err) != cases[i].code)
			fail_msg("%s: %s", cases[i].text, dmk_errno_name(err.code));
		assert_string_equal(err.argument, cases[i].argument);
		assert_int_equal(err.meant_sectors, cases[i].meant);
		assert_int_equal(err.segment, cases[i].code ? 1 : 0);
	}
}

struct noted {
	unsigned n;
	struct dmk_error last;
};

static void take_note(void *userdata, const struct dmk_error *note)
{
	struct noted *noted = userdata;

	noted->n++;
	noted->last = *note;
}

static int check_release(const char *text, const struct dmk_check_options *options,
			 struct dmk_error *ret_error)
{
	struct dmk_table *table;
	int r;

	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_parse(table, text, strlen(text)), 0);
	r = dmk_table_check(dm, table, options);
	*ret_error = *dmk_last_error(dm);
	assert_int_equal(ret_error->code, r);
	dmk_table_free(table);
	dmk_free(dm);
	return r;
}

/* Offline: neither the control node nor the device is there. */
static void releases(void **state)
{
	static const struct {
		const char *text;
		uint32_t release;
		int code;
		unsigned notes;
		const char *argument;
	} cases[] = {
		{ "0 8 linear /dev/none 0\n", DMK_LINUX(3, 0), 0, 0, "" },
		{ "0 8 zero\n8 8 dust 1:0 0 512\n", DMK_LINUX(5, 1), -EINVAL, 0, "dust" },
		{ "0 8 zero\n8 8 dust 1:0 0 512\n", DMK_LINUX(5, 2), 0, 0, "" },
		{ "0 8 flakey 1:0 0 1 1\n", DMK_LINUX(3, 0), 0, 1, "flakey" },
		{ "0 8 flakey 1:0 0 1 1\n", DMK_LINUX(3, 1), 0, 0, "" },
		{ "0 8 flakey 1:0 0 1 1 1 error_reads\n", DMK_LINUX(6, 3), -EINVAL, 0,
		  "error_reads" },
		{ "0 8 nosuch\n8 8 nosuch2\n", DMK_LINUX(6, 1), 0, 2, "nosuch2" },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct noted noted = { 0 };
		struct dmk_check_options options = { .flags = DMK_CHECK_OFFLINE,
						     .linux_release = cases[i].release,
						     .note = take_note,
						     .userdata = &noted };
		struct dmk_error err;

		if (check_release(cases[i].text, &options, &err) != cases[i].code)
			fail_msg("%s: %s", cases[i].text, dmk_errno_name(err.code));
		assert_int_equal(noted.n, cases[i].notes);
		assert_string_equal(noted.n ? noted.last.argument : err.argument,
				    cases[i].argument);
		assert_int_equal(noted.last.code, 0);
		options.note = NULL;
		assert_int_equal(check_release(cases[i].text, &options, &err), cases[i].code);
	}
}

static void bad_options(void **state)
{
	static const struct dmk_check_options bad[] = {
		{ .flags = 2, .linux_release = DMK_LINUX(6, 1) },
		{ .flags = DMK_CHECK_OFFLINE },
		{ .flags = DMK_CHECK_OFFLINE, .linux_release = DMK_LINUX(2, 6) },
		{ .flags = DMK_CHECK_OFFLINE, .linux_release = 0x10000 },
		{ .flags = DMK_CHECK_OFFLINE,
		  .linux_release = DMK_LINUX(6, 1),
		  .reserved = { 0, 0, 0, 1 } },
	};
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(check_release("0 8 zero\n", &bad[i], &err), -EINVAL);
		assert_int_equal(err.segment, 0);
	}
}

static void blocks(void **state)
{
	struct dmk_error err;

	(void)state;
	block_bytes = 4096;
	size_bytes = 512 * 1024;
	assert_int_equal(check("0 8 linear /dev/vdb 8\n", &err), 0);
	assert_int_equal(check("0 8 linear /dev/vdb 4\n", &err), -EINVAL);
	assert_non_null(strstr(err.detail, "offset 4 is no multiple"));
	assert_int_equal(check("0 12 linear /dev/vdb 0\n", &err), -EINVAL);
	assert_non_null(strstr(err.detail, "the 12 that are taken"));
	/* No medium yet: Linux lets it pass. */
	size_bytes = 0;
	assert_int_equal(check("0 12 linear /dev/vdb 4\n", &err), 0);
}

static void many_segments_ask_once(void **state)
{
	char text[64 * 300], *end = text;
	struct dmk_error err;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		end += sprintf(end, "%u 1 linear /dev/vdb %u\n", i, i);
	assert_int_equal(check(text, &err), 0);
	assert_int_equal(asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(tables, set_up),
		cmocka_unit_test_setup(releases, set_up),
		cmocka_unit_test_setup(bad_options, set_up),
		cmocka_unit_test_setup(blocks, set_up),
		cmocka_unit_test_setup(many_segments_ask_once, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
