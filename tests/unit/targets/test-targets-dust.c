/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_dust_status status;
	struct dmk_dust dust;

	(void)state;
	assert_int_equal(dmk_dust_parse_table("8:0 7 4096", &dust, NULL), 0);
	assert_string_equal(dust.device, "8:0");
	assert_int_equal(dust.offset_sectors, 7);
	assert_int_equal(dust.block_size_bytes, 4096);
	dmk_dust_clear(&dust);
	dmk_dust_clear(NULL);
	assert_int_equal(dmk_dust_parse_status("8:0 fail_read_on_bad_block quiet", &status, NULL),
			 0);
	assert_string_equal(status.device, "8:0");
	assert_int_equal(status.state, DMK_DUST_FAIL_READ_ON_BAD_BLOCK);
	assert_int_equal(status.quiet, 1);
	dmk_dust_status_clear(&status);
	assert_int_equal(dmk_dust_parse_status("8:0 bypass verbose", &status, NULL), 0);
	assert_int_equal(status.state, DMK_DUST_BYPASS);
	assert_int_equal(status.quiet, 0);
	dmk_dust_status_clear(&status);
	assert_int_equal(dmk_dust_parse_status("8:0 bypass", &status, NULL), -EINVAL);
	assert_int_equal(dmk_dust_parse_status("8:0 maybe quiet", &status, NULL), -EINVAL);
	assert_int_equal(dmk_dust_parse_status("8:0 bypass quiet 1", &status, NULL), -EINVAL);
}

static void blocks_fit_the_segment(void **state)
{
	struct dmk_dust dust = { .device = "a", .block_size_bytes = 2048 };
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	/* Both as Linux 6.1 answers. */
	assert_int_equal(dmk_table_add_dust(table, 0, 3, &dust), -EINVAL);
	assert_told(table, "blksz: 2048 bytes are more than the segment's 3 sectors");
	assert_int_equal(dmk_table_add_dust(table, 0, 4, &dust), 0);
	dust.block_size_bytes = 768;
	assert_int_equal(dmk_table_add_dust(table, DMK_NEXT, 8, &dust), -EINVAL);
	assert_told(table, "blksz: 768 is not allowed: must be a power of two");
	dmk_table_free(table);
}

static void messages(void **state)
{
	static const struct {
		uint32_t message, count;
		const char *text;
	} good[] = {
		{ DMK_DUST_ADDBADBLOCK, 0, "addbadblock 60" },
		{ DMK_DUST_ADDBADBLOCK, 255, "addbadblock 60 255" },
		{ DMK_DUST_REMOVEBADBLOCK, 0, "removebadblock 60" },
		{ DMK_DUST_QUERYBLOCK, 0, "queryblock 60" },
		{ DMK_DUST_COUNTBADBLOCKS, 0, "countbadblocks" },
		{ DMK_DUST_CLEARBADBLOCKS, 0, "clearbadblocks" },
		{ DMK_DUST_LISTBADBLOCKS, 0, "listbadblocks" },
		{ DMK_DUST_ENABLE, 0, "enable" },
		{ DMK_DUST_DISABLE, 0, "disable" },
		{ DMK_DUST_QUIET, 0, "quiet" },
	};
	struct dmk_dust_message message = { .block = 60 };
	struct dmk_error err;
	char *text = NULL;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(good); i++) {
		message.message = good[i].message;
		message.write_fail_count = good[i].count;
		assert_int_equal(dmk_dust_format_message(&message, &text, &err), 0);
		assert_string_equal(text, good[i].text);
		free(text);
	}
	text = NULL;
	message = (struct dmk_dust_message){ .message = DMK_DUST_ADDBADBLOCK,
					     .write_fail_count = 256 };
	assert_int_equal(dmk_dust_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "write-fail-count");
	message = (struct dmk_dust_message){ 0 };
	assert_int_equal(dmk_dust_format_message(&message, &text, NULL), -EINVAL);
	message.message = 10;
	assert_int_equal(dmk_dust_format_message(&message, &text, &err), -EINVAL);
	message = (struct dmk_dust_message){ .message = DMK_DUST_ENABLE, .reserved = { 1 } };
	assert_int_equal(dmk_dust_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "reserved");
	assert_int_equal(dmk_dust_format_message(NULL, &text, &err), -EINVAL);
	assert_null(text);
}

static void messages_by_key(void **state)
{
	static const struct dmk_key_value block = { .key = "block", .value = "60" };
	static const struct dmk_key_value both[] = { { .key = "write-fail-count", .value = "2" },
						     { .key = "block", .value = "60" } };
	struct dmk_error err;
	char *text = NULL;

	(void)state;
	assert_int_equal(dmk_message_from_keys("dust", "addbadblock", &block, 1, &text, NULL), 0);
	assert_string_equal(text, "addbadblock 60");
	free(text);
	assert_int_equal(dmk_message_from_keys("dust", "addbadblock", both, 2, &text, NULL), 0);
	assert_string_equal(text, "addbadblock 60 2");
	free(text);
	assert_int_equal(dmk_message_from_keys("dust", "enable", NULL, 0, &text, NULL), 0);
	assert_string_equal(text, "enable");
	free(text);
	text = NULL;
	assert_int_equal(dmk_message_from_keys("dust", "queryblock", NULL, 0, &text, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "block");
	assert_int_equal(dmk_message_from_keys("dust", "removebadblock", both, 2, &text, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "write-fail-count");
	assert_null(text);
}

/* Each text as Linux 6.1 answered. */
static void replies(void **state)
{
	struct dmk_dust_reply reply;

	(void)state;
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_QUERYBLOCK,
					      "dust_query_block: block 5 found in badblocklist",
					      &reply, NULL),
			 0);
	assert_int_equal(reply.message, DMK_DUST_QUERYBLOCK);
	assert_int_equal(reply.found, 1);
	assert_int_equal(reply.block, 5);
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_QUERYBLOCK,
					      "dust_query_block: block 18446744073709551615 not "
					      "found in badblocklist",
					      &reply, NULL),
			 0);
	assert_int_equal(reply.found, 0);
	assert_true(reply.block == UINT64_MAX);
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_COUNTBADBLOCKS,
					      "countbadblocks: 895 badblock(s) found", &reply,
					      NULL),
			 0);
	assert_int_equal(reply.n_blocks, 895);
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_CLEARBADBLOCKS,
					      "dust_clear_badblocks: badblocks cleared", &reply,
					      NULL),
			 0);
	assert_int_equal(reply.found, 1);
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_CLEARBADBLOCKS,
					      "dust_clear_badblocks: no badblocks found", &reply,
					      NULL),
			 0);
	assert_int_equal(reply.found, 0);
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_LISTBADBLOCKS, "5\n9\n12\n", &reply, NULL),
			 0);
	assert_int_equal(reply.n_blocks, 3);
	assert_int_equal(reply.blocks[0], 5);
	assert_int_equal(reply.blocks[2], 12);
	dmk_dust_reply_clear(&reply);
	assert_null(reply.blocks);
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_LISTBADBLOCKS, "No blocks in badblocklist",
					      &reply, NULL),
			 0);
	assert_int_equal(reply.n_blocks, 0);
	assert_null(reply.blocks);
	assert_int_equal(dmk_dust_parse_reply(DMK_DUST_ENABLE, NULL, &reply, NULL), 0);
	assert_int_equal(reply.message, DMK_DUST_ENABLE);
	dmk_dust_reply_clear(&reply);
	dmk_dust_reply_clear(NULL);
}

static void bad_replies(void **state)
{
	static const struct {
		uint32_t kind;
		const char *text;
	} bad[] = {
		{ 0, "" },
		{ 10, "" },
		{ DMK_DUST_ENABLE, "x" },
		{ DMK_DUST_QUERYBLOCK, NULL },
		{ DMK_DUST_QUERYBLOCK, "q: block" },
		{ DMK_DUST_QUERYBLOCK, "q: block 5 in badblocklist" },
		{ DMK_DUST_QUERYBLOCK, "q: block 5 not not found in badblocklist" },
		{ DMK_DUST_QUERYBLOCK, "q: block x found in badblocklist" },
		{ DMK_DUST_QUERYBLOCK, "q block 5 found in badblocklist" },
		{ DMK_DUST_QUERYBLOCK, "q: block 5 found in badblocklist 5" },
		{ DMK_DUST_COUNTBADBLOCKS, "c: -1 badblock(s) found" },
		{ DMK_DUST_COUNTBADBLOCKS, "c: 1 badblocks found" },
		{ DMK_DUST_CLEARBADBLOCKS, "c: badblocks found" },
		{ DMK_DUST_CLEARBADBLOCKS, "c: no badblocks cleared" },
		{ DMK_DUST_LISTBADBLOCKS, "1 2 x" },
		{ DMK_DUST_LISTBADBLOCKS, "No blocks" },
		{ DMK_DUST_LISTBADBLOCKS, "18446744073709551616" },
	};
	struct dmk_dust_reply reply = { .block = 7 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		if (dmk_dust_parse_reply(bad[i].kind, bad[i].text, &reply, &err) != -EINVAL)
			fail_msg("'%s' is not refused", bad[i].text);
		assert_true(err.detail[0]);
		assert_int_equal(dmk_dust_parse_reply(bad[i].kind, bad[i].text, &reply, NULL),
				 -EINVAL);
	}
	assert_int_equal(reply.block, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),   cmocka_unit_test(blocks_fit_the_segment),
		cmocka_unit_test(messages), cmocka_unit_test(messages_by_key),
		cmocka_unit_test(replies),  cmocka_unit_test(bad_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
