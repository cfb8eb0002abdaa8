/* SPDX-License-Identifier: MIT */
/* dust: exactly the blocks that were told to be bad are bad, and each message's answer is read. */
#include <errno.h>

#include "target-io.h"

#define BLOCK 4096
#define BLOCKS 64

/* "a", of BLOCKS blocks from RAM0's block number `first` on. */
static void make(struct dmk *dm, uint32_t first)
{
	struct dmk_dust dust = { .device = RAM0,
				 .offset_sectors = (uint64_t)first * BLOCK / 512,
				 .block_size_bytes = BLOCK };
	struct dmk_table *table = new_table();

	assert_int_equal(dmk_table_add_dust(table, 0, BLOCKS * BLOCK / 512, &dust), 0);
	make_of(dm, "a", table);
}

static char *text_for(uint32_t kind, uint64_t block, uint32_t count)
{
	const struct dmk_dust_message message = { .message = kind,
						  .block = block,
						  .write_fail_count = count };
	char *text;

	assert_int_equal(dmk_dust_format_message(&message, &text, NULL), 0);
	return text;
}

/* Sends it and reads the answer, which the caller clears. */
static struct dmk_dust_reply ask(struct dmk *dm, uint32_t kind, uint64_t block)
{
	struct dmk_dust_reply parsed;
	char *reply = NULL;

	send_text(dm, "a", text_for(kind, block, 0), &reply);
	assert_int_equal(dmk_dust_parse_reply(kind, reply, &parsed, NULL), 0);
	free(reply);
	return parsed;
}

static void tell(struct dmk *dm, uint32_t kind, uint64_t block)
{
	struct dmk_dust_reply reply = ask(dm, kind, block);

	dmk_dust_reply_clear(&reply);
}

static bool is_bad(struct dmk *dm, uint64_t block)
{
	struct dmk_dust_reply reply = ask(dm, DMK_DUST_QUERYBLOCK, block);

	assert_int_equal(reply.block, block);
	return reply.found;
}

static uint64_t count_bad(struct dmk *dm)
{
	return ask(dm, DMK_DUST_COUNTBADBLOCKS, 0).n_blocks;
}

static bool can_read(uint64_t block)
{
	uint8_t bytes[BLOCK];

	return direct_read("/dev/mapper/a", block * BLOCK, bytes, sizeof(bytes));
}

static bool can_write(uint64_t block)
{
	uint8_t bytes[BLOCK] = { 0 };

	return direct_write("/dev/mapper/a", block * BLOCK, bytes, sizeof(bytes));
}

static void check_status(struct dmk *dm, uint32_t wanted, uint32_t quiet)
{
	char *text = text_of(dm, "a", true);
	struct dmk_dust_status status;

	assert_int_equal(dmk_dust_parse_status(text, &status, NULL), 0);
	assert_string_equal(status.device, "1:0");
	assert_int_equal(status.state, wanted);
	assert_int_equal(status.quiet, quiet);
	dmk_dust_status_clear(&status);
	free(text);
}

static void dust_fails_exactly_what_it_was_told(void **state)
{
	static const uint64_t bad[] = { 3, 0, 63, 40 };
	struct dmk_dust parsed;
	char *text;

	make(*state, 0);
	text = text_of(*state, "a", false);
	assert_int_equal(dmk_dust_parse_table(text, &parsed, NULL), 0);
	assert_int_equal(parsed.block_size_bytes, BLOCK);
	dmk_dust_clear(&parsed);
	free(text);
	check_copy(*state, "a", "dust", BLOCKS * BLOCK / 512);
	for (int i = 0; i < 4; i++)
		tell(*state, DMK_DUST_ADDBADBLOCK, bad[i]);
	check_status(*state, DMK_DUST_BYPASS, 0);
	for (uint64_t block = 0; block < BLOCKS; block++)
		assert_true(can_read(block));
	tell(*state, DMK_DUST_ENABLE, 0);
	check_status(*state, DMK_DUST_FAIL_READ_ON_BAD_BLOCK, 0);
	for (uint64_t block = 0; block < BLOCKS; block++) {
		bool told = block == 3 || block == 0 || block == 63 || block == 40;

		assert_int_equal(can_read(block), !told);
		assert_int_equal(is_bad(*state, block), told);
	}
	tell(*state, DMK_DUST_DISABLE, 0);
	check_status(*state, DMK_DUST_BYPASS, 0);
	assert_true(can_read(3));
	remove_device(*state, "a");
}

static void dust_heals_by_messages_and_writes(void **state)
{
	struct dmk_dust_reply reply;

	make(*state, 0);
	tell(*state, DMK_DUST_ENABLE, 0);
	assert_int_equal(count_bad(*state), 0);
	for (uint64_t block = 5; block < 9; block++)
		tell(*state, DMK_DUST_ADDBADBLOCK, block);
	assert_int_equal(count_bad(*state), 4);
	tell(*state, DMK_DUST_REMOVEBADBLOCK, 6);
	assert_true(can_read(6));
	assert_false(can_read(5));
	assert_true(can_write(5));
	assert_true(can_read(5));
	reply = ask(*state, DMK_DUST_LISTBADBLOCKS, 0);
	assert_int_equal(reply.n_blocks, 2);
	assert_int_equal(reply.blocks[0], 7);
	assert_int_equal(reply.blocks[1], 8);
	dmk_dust_reply_clear(&reply);
	assert_int_equal(ask(*state, DMK_DUST_CLEARBADBLOCKS, 0).found, 1);
	assert_int_equal(ask(*state, DMK_DUST_CLEARBADBLOCKS, 0).found, 0);
	assert_int_equal(ask(*state, DMK_DUST_LISTBADBLOCKS, 0).n_blocks, 0);
	assert_true(can_read(7));
	remove_device(*state, "a");
}

static void dust_fails_so_many_writes(void **state)
{
	make(*state, 0);
	tell(*state, DMK_DUST_ENABLE, 0);
	send_text(*state, "a", text_for(DMK_DUST_ADDBADBLOCK, 9, 2), NULL);
	assert_false(can_write(9));
	assert_false(can_write(9));
	assert_false(can_read(9));
	assert_true(can_write(9));
	assert_true(can_read(9));
	remove_device(*state, "a");
}

/* The kernel's numbers are those of the device below, whatever the offset. */
static void dust_counts_blocks_of_the_device(void **state)
{
	make(*state, 16);
	tell(*state, DMK_DUST_ENABLE, 0);
	tell(*state, DMK_DUST_ADDBADBLOCK, 2);
	tell(*state, DMK_DUST_ADDBADBLOCK, 18);
	for (uint64_t block = 0; block < BLOCKS; block++)
		assert_int_equal(can_read(block), block != 2);
	assert_false(can_read(18 - 16));
	remove_device(*state, "a");
}

static void dust_is_quiet_and_verbose_by_turns(void **state)
{
	make(*state, 0);
	tell(*state, DMK_DUST_QUIET, 0);
	check_status(*state, DMK_DUST_BYPASS, 1);
	tell(*state, DMK_DUST_QUIET, 0);
	check_status(*state, DMK_DUST_BYPASS, 0);
	remove_device(*state, "a");
}

static void dust_refuses(void **state)
{
	static const char *const refused[] = { "addbadblock 5", "removebadblock 6",
					       "addbadblock 1000000", "addbadblock 1 256",
					       "queryblock" };

	make(*state, 0);
	tell(*state, DMK_DUST_QUIET, 0);
	tell(*state, DMK_DUST_ADDBADBLOCK, 5);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_code(*state, dmk_message(*state, DMK_NAME("a"), refused[i], NULL, NULL),
			    -EINVAL);
	assert_int_equal(count_bad(*state), 1);
	remove_device(*state, "a");
}

/* A list that is longer than the first buffer for a reply. */
static void dust_lists_many_blocks(void **state)
{
	struct dmk_dust dust = { .device = RAM0, .block_size_bytes = 512 };
	struct dmk_table *table = new_table();
	struct dmk_dust_reply reply;

	assert_int_equal(dmk_table_add_dust(table, 0, RAM_SECTORS, &dust), 0);
	make_of(*state, "a", table);
	tell(*state, DMK_DUST_QUIET, 0);
	for (uint64_t block = 0; block < 8000; block++)
		tell(*state, DMK_DUST_ADDBADBLOCK, 20000 + block);
	reply = ask(*state, DMK_DUST_LISTBADBLOCKS, 0);
	assert_int_equal(reply.n_blocks, 8000);
	for (uint64_t i = 0; i < 8000; i++)
		assert_int_equal(reply.blocks[i], 20000 + i);
	dmk_dust_reply_clear(&reply);
	remove_device(*state, "a");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		TEST(dust_fails_exactly_what_it_was_told),
		TEST(dust_heals_by_messages_and_writes),
		TEST(dust_fails_so_many_writes),
		TEST(dust_counts_blocks_of_the_device),
		TEST(dust_is_quiet_and_verbose_by_turns),
		TEST(dust_refuses),
		TEST(dust_lists_many_blocks),
	};

	return cmocka_run_group_tests_name("dust", tests, NULL, NULL);
}
