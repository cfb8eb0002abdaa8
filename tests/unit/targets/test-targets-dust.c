/* SPDX-License-Identifier: MIT */
#include "../lines.h"

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
		cmocka_unit_test(replies),
		cmocka_unit_test(bad_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
