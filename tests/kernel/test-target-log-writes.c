/* SPDX-License-Identifier: MIT */
/* log-writes: the log has the writes, the flush and the marks, in order. */
#include <endian.h>
#include <errno.h>

#include "target-io.h"

#define SECTORS 2048
#define LOG_MAGIC UINT64_C(0x6a736677736872)

/* The flags of an entry. */
#define FLUSH 1
#define MARK 8

struct entry {
	uint64_t sector, n_sectors, flags, data_length;
};

static void get_status(struct dmk *dm, struct dmk_log_writes_status *ret)
{
	char *text = text_of(dm, "a", true);

	assert_int_equal(dmk_log_writes_parse_status(text, ret, NULL), 0);
	free(text);
}

/* The log is written by a thread of the kernel's: until it has so many entries. */
static void wait_for_entries(struct dmk *dm, uint64_t n)
{
	struct dmk_log_writes_status status;
	int64_t deadline = now_ms() + 5000;

	do
		get_status(dm, &status);
	while (status.logged_entries < n && now_ms() < deadline);
	assert_int_equal(status.logged_entries, n);
}

static void make(struct dmk *dm, const char *log)
{
	struct dmk_log_writes log_writes = { .device = RAM0, .log_device = log };
	struct dmk_table *table = new_table();

	assert_int_equal(dmk_table_add_log_writes(table, 0, SECTORS, &log_writes), 0);
	make_of(dm, "a", table);
}

/* Entry at *sector of the log; *sector is then the next one's, *ret_data where its data are. */
static struct entry read_entry(uint64_t *sector, uint8_t head[512], uint64_t *ret_data)
{
	uint64_t words[4];
	struct entry entry;

	assert_true(direct_read(RAM1, *sector * 512, head, 512));
	memcpy(words, head, sizeof(words));
	entry = (struct entry){ le64toh(words[0]), le64toh(words[1]), le64toh(words[2]),
				le64toh(words[3]) };
	*ret_data = *sector + 1;
	*sector = *ret_data + entry.n_sectors;
	return entry;
}

static void log_writes_has_it_all_in_order(void **state)
{
	const struct dmk_log_writes_message mark = { .message = DMK_LOG_WRITES_MARK,
						     .mark = "after-the-write" };
	uint8_t wrote[4096], got[4096], head[512], super[512];
	uint64_t sector = 1, data, words[3];
	struct dmk_log_writes parsed;
	struct entry entry;
	char *text;

	fill_pattern(super, sizeof(super), 77);
	assert_true(direct_write(RAM1, 0, super, sizeof(super)));
	make(*state, RAM1);
	text = text_of(*state, "a", false);
	assert_int_equal(dmk_log_writes_parse_table(text, &parsed, NULL), 0);
	assert_string_equal(parsed.device, "1:0");
	assert_string_equal(parsed.log_device, "1:1");
	dmk_log_writes_clear(&parsed);
	free(text);
	wait_for_entries(*state, 0);
	fill_pattern(wrote, sizeof(wrote), 21);
	assert_true(write_at(node_path("a"), 8 * 512, wrote, sizeof(wrote)));
	wait_for_entries(*state, 2);
	assert_int_equal(dmk_log_writes_format_message(&mark, &text, NULL), 0);
	send_text(*state, "a", text, NULL);
	wait_for_entries(*state, 3);
	assert_true(direct_read(RAM0, 8 * 512, got, sizeof(got)));
	assert_memory_equal(got, wrote, sizeof(got));
	assert_code(*state, dmk_message(*state, DMK_NAME("a"), "mark two words", NULL, NULL),
		    -EINVAL);
	remove_device(*state, "a");

	assert_true(direct_read(RAM1, 0, super, sizeof(super)));
	memcpy(words, super, sizeof(words));
	assert_true(le64toh(words[0]) == LOG_MAGIC);
	assert_int_equal(le64toh(words[1]), 1);
	assert_int_equal(le64toh(words[2]), 4);
	entry = read_entry(&sector, head, &data);
	assert_int_equal(entry.sector, 8);
	assert_int_equal(entry.n_sectors, 8);
	assert_int_equal(entry.flags & (FLUSH | MARK), 0);
	assert_true(direct_read(RAM1, data * 512, got, sizeof(got)));
	assert_memory_equal(got, wrote, sizeof(got));
	entry = read_entry(&sector, head, &data);
	assert_int_equal(entry.flags & FLUSH, FLUSH);
	entry = read_entry(&sector, head, &data);
	assert_int_equal(entry.flags, MARK);
	assert_int_equal(entry.data_length, strlen(mark.mark));
	assert_memory_equal(head + 32, mark.mark, strlen(mark.mark));
	entry = read_entry(&sector, head, &data);
	assert_int_equal(entry.flags, MARK);
	assert_memory_equal(head + 32, "dm-log-writes-end", 17);
}

static void log_writes_copies_its_table(void **state)
{
	make(*state, "/dev/ram2");
	check_copy(*state, "a", "log-writes", SECTORS);
	remove_device(*state, "a");
}

/* A log that is full ends the logging, not the writes. */
static void log_writes_says_that_the_log_failed(void **state)
{
	char path[32];
	int loop = make_loop(path, sizeof(path), 8192), tries = 0;
	struct dmk_log_writes_status status;
	uint8_t block[4096] = { 0 };

	make(*state, path);
	/* The log is written by a thread of the kernel's, when it comes to it. */
	do {
		assert_true(write_at(node_path("a"), tries % 100 * UINT64_C(4096), block,
				     sizeof(block)));
		usleep(10000);
		get_status(*state, &status);
	} while (!(status.options & DMK_LOG_WRITES_LOGGING_DISABLED) && ++tries < 3000);
	assert_true(status.options & DMK_LOG_WRITES_LOGGING_DISABLED);
	assert_in_range(status.logged_entries, 0, 3);
	assert_true(status.highest_allocated_sector > 0);
	remove_device(*state, "a");
	remove_loop(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(log_writes_has_it_all_in_order, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(log_writes_copies_its_table, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(log_writes_says_that_the_log_failed, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("log-writes", tests, NULL, NULL);
}
