/* SPDX-License-Identifier: MIT */
/* thin on the real kernel: the pool's blocks are where they should be. */
#include "one-target.h"

#define BLOCK 65536

static void make_pool(struct dmk *dm)
{
	wipe_metadata();
	make_device(dm, "p", "0 32768 thin-pool " RAM0 " " RAM1 " 128 0");
}

static void pool_message(struct dmk *dm, const struct dmk_thin_pool_message *message)
{
	char *text = NULL;

	assert_int_equal(dmk_thin_pool_format_message(message, &text, NULL), 0);
	assert_ok(dm, try_message(dm, "p", text));
}

static void create_thin(struct dmk *dm, uint32_t id)
{
	struct dmk_thin_pool_message message = { .message = DMK_THIN_POOL_CREATE_THIN, .id = id };

	pool_message(dm, &message);
}

static struct dmk_thin_status parse_status(struct dmk *dm, const char *name)
{
	char *params = status_of(dm, name);
	struct dmk_thin_status status;

	assert_int_equal(dmk_thin_parse_status(params, &status, NULL), 0);
	free(params);
	return status;
}

static void thin_by_keys(void **state)
{
	uint8_t *bytes = pattern(BLOCK, 1), *zeros = pages(BLOCK);
	struct dmk_thin_status status;
	struct dmk_thin thin;
	struct dmk_info pool;
	char *params, number[32];

	make_pool(*state);
	create_thin(*state, 3);
	make_by_keys(*state, "v", "thin", "pool=/dev/mapper/p id=3 size=16MiB");
	params = table_of(*state, "v", "thin");
	assert_int_equal(dmk_thin_parse_table(params, &thin, NULL), 0);
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("p"), NULL, &pool));
	snprintf(number, sizeof(number), "%u:%u", pool.major, pool.minor);
	assert_string_equal(thin.pool_device, number);
	assert_int_equal(thin.id, 3);
	assert_null(thin.external_origin);
	dmk_thin_clear(&thin);
	free(params);

	status = parse_status(*state, "v");
	assert_int_equal(status.state, DMK_THIN_OK);
	assert_int_equal(status.options, DMK_THIN_STATUS_MAPPED);
	assert_int_equal(status.mapped_sectors, 0);
	dmk_thin_status_clear(&status);
	assert_true(direct_write(node_path("v"), 5 * BLOCK, bytes, BLOCK));
	status = parse_status(*state, "v");
	assert_int_equal(status.options, DMK_THIN_STATUS_MAPPED | DMK_THIN_STATUS_HIGHEST);
	assert_int_equal(status.mapped_sectors, 128);
	assert_int_equal(status.highest_mapped_sector, 6 * 128 - 1);
	dmk_thin_status_clear(&status);
	assert_true(holds(node_path("v"), 5 * BLOCK, bytes, BLOCK));
	assert_true(holds(node_path("v"), 4 * BLOCK, zeros, BLOCK));
	remove_device(*state, "v");
	remove_device(*state, "p");
	free(bytes);
	free(zeros);
}

static void thin_snapshot_keeps_its_origins_data(void **state)
{
	struct dmk_thin_pool_message snap = { .message = DMK_THIN_POOL_CREATE_SNAP,
					      .id = 1,
					      .origin = 0 };
	uint8_t *before = pattern(4 * BLOCK, 10), *after = pattern(BLOCK, 11);
	struct dmk_thin_pool_status status;
	char *params;

	make_pool(*state);
	create_thin(*state, 0);
	make_device(*state, "v", "0 32768 thin /dev/mapper/p 0");
	assert_true(direct_write(node_path("v"), 0, before, 4 * BLOCK));
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("v"), NULL, NULL));
	pool_message(*state, &snap);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("v"), NULL, NULL));
	make_device(*state, "s", "0 32768 thin /dev/mapper/p 1");
	/* A whole block, and part of another one, which has to be copied first. */
	assert_true(direct_write(node_path("v"), BLOCK, after, BLOCK));
	assert_true(direct_write(node_path("v"), 2 * BLOCK + 4096, after, 4096));
	assert_true(holds(node_path("s"), 0, before, 4 * BLOCK));
	assert_true(holds(node_path("v"), 0, before, BLOCK));
	assert_true(holds(node_path("v"), BLOCK, after, BLOCK));
	assert_true(holds(node_path("v"), 2 * BLOCK, before + 2 * BLOCK, 4096));
	assert_true(holds(node_path("v"), 2 * BLOCK + 4096, after, 4096));
	assert_true(
		holds(node_path("v"), 2 * BLOCK + 8192, before + 2 * BLOCK + 8192, BLOCK - 8192));
	params = status_of(*state, "p");
	assert_int_equal(dmk_thin_pool_parse_status(params, &status, NULL), 0);
	assert_int_equal(status.data.used, 6);
	dmk_thin_pool_status_clear(&status);
	free(params);
	/* The other way round, too. */
	assert_true(direct_write(node_path("s"), 3 * BLOCK, after, BLOCK));
	assert_true(holds(node_path("v"), 3 * BLOCK, before + 3 * BLOCK, BLOCK));
	remove_device(*state, "s");
	remove_device(*state, "v");
	remove_device(*state, "p");
	free(before);
	free(after);
}

static void thin_external_origin(void **state)
{
	uint8_t *outside = pattern(4 * BLOCK, 20), *inside = pattern(BLOCK, 21);
	struct dmk_thin thin = { .pool_device = "/dev/mapper/p", .id = 0, .external_origin = RAM2 };
	struct dmk_table *table = new_table();
	char *params;

	assert_true(direct_write(RAM2, 0, outside, 4 * BLOCK));
	make_pool(*state);
	create_thin(*state, 0);
	assert_int_equal(dmk_table_add_thin(table, DMK_NEXT, RAM_SECTORS, &thin), 0);
	make_of(*state, "v", table);
	params = table_of(*state, "v", "thin");
	assert_int_equal(dmk_thin_parse_table(params, &thin, NULL), 0);
	assert_string_equal(thin.external_origin, "1:2");
	assert_int_equal(thin.options, DMK_THIN_EXTERNAL_ORIGIN);
	dmk_thin_clear(&thin);
	free(params);
	assert_true(holds(node_path("v"), 0, outside, 4 * BLOCK));
	assert_true(direct_write(node_path("v"), BLOCK, inside, BLOCK));
	assert_true(holds(node_path("v"), 0, outside, BLOCK));
	assert_true(holds(node_path("v"), BLOCK, inside, BLOCK));
	assert_true(holds(RAM2, 0, outside, 4 * BLOCK));
	remove_device(*state, "v");
	remove_device(*state, "p");
	free(outside);
	free(inside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(thin_by_keys),
		KERNEL_TEST(thin_snapshot_keeps_its_origins_data),
		KERNEL_TEST(thin_external_origin),
	};

	return cmocka_run_group_tests_name("kernel target thin", tests, NULL, NULL);
}
