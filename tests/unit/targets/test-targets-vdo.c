/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_vdo vdo;
	struct dmk_vdo_status status;

	(void)state;
	assert_int_equal(dmk_vdo_parse_table("V4 253:1 262144 512 32768 16380 compression on "
					     "maxDiscard 1048575 physical 3 logical 2 hash 1 "
					     "bioRotationInterval 5 bio 6 ack 0 cpu 7 "
					     "deduplication off",
					     &vdo, NULL),
			 0);
	assert_string_equal(vdo.storage_device, "253:1");
	assert_int_equal(vdo.storage_device_blocks, 262144);
	assert_int_equal(vdo.minimum_io_size_bytes, 512);
	assert_int_equal(vdo.block_map_cache_blocks, 32768);
	assert_int_equal(vdo.block_map_era_blocks, 16380);
	assert_int_equal(vdo.options, 0x3ff);
	assert_int_equal(vdo.ack_threads, 0);
	assert_int_equal(vdo.bio_threads, 6);
	assert_int_equal(vdo.bio_rotation_interval, 5);
	assert_int_equal(vdo.cpu_threads, 7);
	assert_int_equal(vdo.hash_threads, 1);
	assert_int_equal(vdo.logical_threads, 2);
	assert_int_equal(vdo.physical_threads, 3);
	assert_int_equal(vdo.max_discard_blocks, 1048575);
	assert_int_equal(vdo.deduplication, DMK_VDO_OFF);
	assert_int_equal(vdo.compression, DMK_VDO_ON);
	dmk_vdo_clear(&vdo);
	dmk_vdo_clear(NULL);

	assert_int_equal(dmk_vdo_parse_status("/dev/dm-1 recovering recovering opening online 5 "
					      "18446744073709551615",
					      &status, NULL),
			 0);
	assert_string_equal(status.device, "/dev/dm-1");
	assert_int_equal(status.mode, DMK_VDO_RECOVERING);
	assert_int_equal(status.in_recovery, 1);
	assert_int_equal(status.index_state, DMK_VDO_INDEX_OPENING);
	assert_int_equal(status.compression, DMK_VDO_ON);
	assert_int_equal(status.used_blocks, 5);
	assert_true(status.total_blocks == UINT64_MAX);
	dmk_vdo_status_clear(&status);
	assert_int_equal(dmk_vdo_parse_status("/dev/a normal - online online 1 2", &status, NULL),
			 0);
	dmk_vdo_status_clear(&status);
}

static void bad_status(void **state)
{
	static const char *const lines[] = {
		"",
		"/dev/a",
		"/dev/a odd - online online 1 2",
		"/dev/a normal x online online 1 2",
		"/dev/a normal no online online 1 2",
		"/dev/a normal - x online 1 2",
		"/dev/a normal - online x 1 2",
		"/dev/a normal - online online x 2",
		"/dev/a normal - online online 1",
		"/dev/a normal - online online 1 2 3",
	};
	struct dmk_vdo_status status;
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_vdo_parse_status(lines[i], &status, &err), -EINVAL);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
}

static void builder(void **state)
{
	const struct dmk_vdo good = { .storage_device = "/dev/vdb",
				      .storage_device_blocks = 100000,
				      .minimum_io_size_bytes = 4096,
				      .block_map_cache_blocks = 32768,
				      .block_map_era_blocks = 16380,
				      .options = DMK_VDO_ACK,
				      .compression = DMK_VDO_ON };
	struct dmk_vdo vdo = good;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_vdo(table, 0, 8, &vdo), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "V4 /dev/vdb 100000 4096 32768 16380 ack 0 compression on");
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), -EINVAL);
	dmk_table_reset(table);
#define REFUSED(change, length, text)                                                   \
	do {                                                                            \
		vdo = good;                                                             \
		change;                                                                 \
		assert_int_equal(dmk_table_add_vdo(table, 0, (length), &vdo), -EINVAL); \
		assert_told(table, text);                                               \
	} while (0)
	REFUSED((void)0, 9, "size: 9 sectors are no multiple of 8");
	REFUSED((void)0, (UINT64_C(1) << 43) + 8, "more than 4 PiB");
	REFUSED(vdo.storage_device = NULL, 8, "storage-device: is missing");
	REFUSED(vdo.minimum_io_size_bytes = 1024, 8, "minimum-io-size: must be 512 or 4096");
	REFUSED(vdo.deduplication = 3, 8, "deduplication: must be one of off|on");
	REFUSED(vdo.options |= DMK_VDO_BIO, 8, "bio: 0 is not allowed");
	REFUSED(vdo.physical_threads = 1, 8, "all 0, or none of them");
	REFUSED(vdo.options = 1 << 13, 8, "options: unknown bits 0x2000");
	REFUSED(vdo.reserved[0] = 1, 8, "reserved");
#undef REFUSED
	dmk_table_free(table);
}

static void messages(void **state)
{
	static const char *const texts[] = { "stats",		"config",
					     "dump vdo queues", "dump-on-shutdown",
					     "compression on",	"index-close",
					     "index-create",	"index-disable",
					     "index-enable" };
	static const char *const what[] = { "vdo", "queues" };
	struct dmk_vdo_message message = { .compression = DMK_VDO_ON, .what = what, .n_what = 2 };
	const struct dmk_key_value pairs[] = { { .key = "what", .value = "vdo" },
					       { .key = "what", .value = "queues" } };
	struct dmk_error err;
	char *text;

	(void)state;
	for (uint32_t i = 0; i < DMK_ARRAY_SIZE(texts); i++) {
		message.message = i + 1;
		assert_int_equal(dmk_vdo_format_message(&message, &text, &err), 0);
		assert_string_equal(text, texts[i]);
		free(text);
		assert_int_equal(strncmp(texts[i], dmk_target_message("vdo", i)->name,
					 strlen(dmk_target_message("vdo", i)->name)),
				 0);
	}
	assert_null(dmk_target_message("vdo", DMK_ARRAY_SIZE(texts)));
	assert_int_equal(dmk_message_from_keys("vdo", "dump", pairs, 2, &text, &err), 0);
	assert_string_equal(text, "dump vdo queues");
	free(text);
	assert_int_equal(dmk_message_from_keys("vdo", "dump", NULL, 0, &text, &err), 0);
	assert_string_equal(text, "dump");
	free(text);
	assert_int_equal(dmk_message_from_keys("vdo", "compression", NULL, 0, &text, &err),
			 -EINVAL);
	message = (struct dmk_vdo_message){ .message = DMK_VDO_MESSAGE_COMPRESSION };
	assert_int_equal(dmk_vdo_format_message(&message, &text, &err), -EINVAL);
	message = (struct dmk_vdo_message){ .message = DMK_VDO_MESSAGE_DUMP, .n_what = 1 };
	message.what = (const char *const[]){ "everything" };
	assert_int_equal(dmk_vdo_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "everything");
	message.message = 10;
	assert_int_equal(dmk_vdo_format_message(&message, &text, &err), -EINVAL);
	assert_int_equal(dmk_vdo_format_message(NULL, &text, NULL), -EINVAL);
}

static void replies(void **state)
{
	static const char stats[] =
		"{ version : 36, dataBlocksUsed : 18446744073709551615, mode : read-only, "
		"packer : { compressedFragmentsWritten : 1, compressedBlocksWritten : 2, }, "
		"journal : { diskFull : 0, entries : { started : 3, }, blocks : { started : 4, }, "
		"}, instance : 5, }";
	static const struct {
		const char *key;
		const char *value;
		uint64_t number;
	} expected[] = {
		{ "version", "36", 36 },
		{ "dataBlocksUsed", "18446744073709551615", UINT64_MAX },
		{ "mode", "read-only", 0 },
		{ "packer.compressedFragmentsWritten", "1", 1 },
		{ "packer.compressedBlocksWritten", "2", 2 },
		{ "journal.diskFull", "0", 0 },
		{ "journal.entries.started", "3", 3 },
		{ "journal.blocks.started", "4", 4 },
		{ "instance", "5", 5 },
	};
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	assert_int_equal(dmk_vdo_parse_reply(stats, &values, &err), 0);
	assert_int_equal(values.count, DMK_ARRAY_SIZE(expected));
	for (size_t i = 0; i < DMK_ARRAY_SIZE(expected); i++) {
		assert_string_equal(values.items[i].key, expected[i].key);
		assert_string_equal(values.items[i].value, expected[i].value);
		assert_true(values.items[i].number == expected[i].number);
		assert_null(values.items[i].info);
	}
	dmk_key_values_clear(&values);
	/* A blank too many, as the kernel has it. */
	assert_int_equal(dmk_vdo_parse_reply("{ version : 1, slabSize : 524288, index :  { "
					     "memorySize : 0.25, isSparse : 0, }, }",
					     &values, &err),
			 0);
	assert_int_equal(values.count, 4);
	assert_string_equal(values.items[2].key, "index.memorySize");
	assert_string_equal(values.items[2].value, "0.25");
	assert_int_equal(values.items[2].number, 0);
	dmk_key_values_clear(&values);
	assert_int_equal(dmk_vdo_parse_reply("{ }", &values, &err), 0);
	assert_int_equal(values.count, 0);
	dmk_key_values_clear(&values);
	/* Whatever the kernel had no room for. */
	for (size_t length = 0; length < strlen(stats); length++) {
		char *cut = strndup(stats, length);

		assert_int_equal(dmk_vdo_parse_reply(cut, &values, &err), -EINVAL);
		assert_true(err.column && err.column <= length + 1);
		free(cut);
	}
}

static void bad_replies(void **state)
{
	static const char *const lines[] = {
		"x", "{ a 1, }", "{ a : 1, } b", "} {", "{ a : 1, }, }",
	};
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_vdo_parse_reply(lines[i], &values, &err), -EINVAL);
		assert_true(err.detail[0] && err.column);
		assert_int_equal(dmk_vdo_parse_reply(lines[i], &values, NULL), -EINVAL);
	}
	assert_int_equal(dmk_vdo_parse_reply(NULL, &values, &err), -EINVAL);
}

/* Eight braces in each other are read, nine are not. */
static void deep_replies(void **state)
{
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	for (int depth = 8; depth <= 9; depth++) {
		struct dmk_text text = { 0 };

		for (int i = 0; i < depth; i++)
			dmk_text_add(&text, "{ a : ");
		dmk_text_add(&text, "1, }");
		for (int i = 1; i < depth; i++)
			dmk_text_add(&text, ", }");
		if (depth == 8) {
			assert_int_equal(dmk_vdo_parse_reply(text.data, &values, &err), 0);
			assert_int_equal(values.count, 1);
			assert_string_equal(values.items[0].key, "a.a.a.a.a.a.a.a");
			dmk_key_values_clear(&values);
		} else {
			assert_int_equal(dmk_vdo_parse_reply(text.data, &values, &err), -EINVAL);
			assert_string_equal(err.detail, "too many braces in each other");
		}
		dmk_text_free(&text);
	}
}

static void what_every_vdo_takes(void **state)
{
	static const struct {
		const char *params;
		const char *argument;
	} rows[] = {
		{ "V4 8:0 262144 4096 32768 16380 nosuch 1", "nosuch" },
		{ "V4 8:0 262144 4096 32768 16380 ack 2 other 4294967295 maxDiscard 8", "other" },
		{ "V3 8:0 262144 4096 32768 16380 auto", "V3" },
		{ "V1 8:0 262144 4096 off 0 32768 16380 on auto vdo .", "V1" },
		{ "8:0 4096 off 0 32768 16380 on auto vdo ack=2,bio=4", "8:0" },
	};
	struct dmk_key_values values;
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		err = (struct dmk_error){ 0 };
		if (dmk_target_check("vdo", rows[i].params, 8, false, &err) != 1)
			fail_msg("'%s': '%s': %s", rows[i].params, err.argument, err.detail);
		assert_string_equal(err.argument, rows[i].argument);
		assert_int_equal(err.code, 0);
		/* They have no keys. */
		assert_int_equal(dmk_params_to_keys("vdo", rows[i].params, &values, NULL), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),      cmocka_unit_test(what_every_vdo_takes),
		cmocka_unit_test(bad_status),  cmocka_unit_test(builder),
		cmocka_unit_test(messages),    cmocka_unit_test(replies),
		cmocka_unit_test(bad_replies), cmocka_unit_test(deep_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
