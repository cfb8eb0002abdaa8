/* SPDX-License-Identifier: MIT */
/* One small image, damaged in each way that a way to decode is for: 600 blocks of data, a tree of 38,
 * 3 and 1 blocks, parity of 4 roots in 3 rows. Block n is in row n % 3; the tree's follow data's. */
#include "../unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dmkit-image.h"

#define BLOCK 512
#define N_DATA 600
#define N_TREE 42
#define ROOTS 4
#define ROWS 3
#define ZERO_BLOCK 7 /* is zeros */
#define LEVEL_1 601  /* its first block; that of the root is before it */
#define LEVEL_0 604
#define PER_BLOCK 16 /* digests */
#define MOST_BYTES (1 << 20)

struct made {
	struct dmk_image_info info;
	uint8_t bytes[MOST_BYTES];
	size_t size;
};

static struct made good, other; /* data of other differs in its block 5 alone */
static uint8_t bytes[MOST_BYTES];
static char path[] = "/tmp/test-mend-XXXXXX";
static uint64_t told_good, told_bad; /* blocks that are mended, and those that are not */

static void write_file(const uint8_t *from, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(from, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static size_t read_file(uint8_t *to)
{
	FILE *file = fopen(path, "r");
	size_t size;

	assert_non_null(file);
	size = fread(to, 1, MOST_BYTES, file);
	assert_int_equal(fclose(file), 0);
	return size;
}

static void tell(void *userdata, const struct dmk_image_bad *bad)
{
	(void)userdata;
	*(bad->mendable == 1 ? &told_good : &told_bad) += bad->n_blocks;
}

static const struct dmk_image_options all_options = {
	.flags = DMK_IMAGE_FEC_APPENDED,
	.data_block_size_bytes = BLOCK,
	.hash_block_size_bytes = BLOCK,
	.data_blocks = N_DATA,
	.fec_roots = ROOTS,
	.salt = "aa",
	.data = path,
	.bad = tell,
};

static void make(struct made *made, const uint8_t *data)
{
	write_file(data, N_DATA * BLOCK);
	assert_int_equal(dmk_image_format(&all_options, &made->info, NULL), 0);
	assert_int_equal(made->info.tree_blocks, N_TREE);
	assert_int_equal(made->info.fec_blocks, ROWS * ROOTS);
	made->size = read_file(made->bytes);
}

static int make_both(void **state)
{
	static uint8_t data[N_DATA * BLOCK];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(rand() >> 7);
	memset(data + ZERO_BLOCK * BLOCK, 0, BLOCK);
	make(&good, data);
	data[5 * BLOCK] ^= 1;
	make(&other, data);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	return unlink(path);
}

static int begin(void **state)
{
	(void)state;
	memcpy(bytes, good.bytes, good.size);
	told_good = told_bad = 0;
	return 0;
}

static uint64_t place(uint32_t block)
{
	return block < N_DATA ? (uint64_t)block * BLOCK
			      : good.info.tree_offset_bytes + (uint64_t)(block - N_DATA) * BLOCK;
}

static void spoil(uint32_t block)
{
	for (uint32_t i = 0; i < BLOCK; i++)
		bytes[place(block) + i] ^= (uint8_t)(1 + rand() % 255);
}

static void spoil_byte(uint32_t block, uint32_t at)
{
	bytes[place(block) + at] ^= 0x10;
}

static void forge(uint32_t block)
{
	memcpy(bytes + place(block), other.bytes + place(block), BLOCK);
}

static int mend(uint32_t flags, struct dmk_image_counts *counts)
{
	struct dmk_image_options options = all_options;

	options.flags |= flags;
	options.root_digest = good.info.root_digest;
	options.hash_offset_bytes = good.info.hash_offset_bytes;
	write_file(bytes, good.size);
	return dmk_image_repair(&options, counts, NULL);
}

static void assert_file(const uint8_t *wanted)
{
	static uint8_t now[MOST_BYTES];

	assert_int_equal(read_file(now), good.size);
	assert_memory_equal(now, wanted, good.size);
}

/* First a dry run, which has to say the same. */
static void assert_all_mended(uint64_t n)
{
	struct dmk_image_counts counts;

	assert_int_equal(mend(DMK_IMAGE_DRY_RUN, &counts), 0);
	assert_file(bytes);
	assert_int_equal(counts.mendable, n);
	assert_int_equal(told_good, n);
	assert_int_equal(mend(0, &counts), 0);
	assert_int_equal(counts.bad_data + counts.bad_tree, n);
	assert_int_equal(counts.mendable, n);
	assert_int_equal(counts.unproved, 0);
	assert_int_equal(told_good, 2 * n);
	assert_int_equal(told_bad, 0);
}

static void assert_none_mended(uint64_t n)
{
	struct dmk_image_counts counts;

	assert_int_equal(mend(0, &counts), -EBADMSG);
	assert_file(bytes);
	assert_int_equal(counts.mendable, 0);
	assert_int_equal(told_good, 0);
	assert_int_equal(told_bad, n);
}

static void test_nothing_bad(void **state)
{
	(void)state;
	assert_all_mended(0);
	assert_file(good.bytes);
}

static void test_as_many_as_roots(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ROOTS; i++)
		for (uint32_t row = 0; row < ROWS; row++)
			spoil(i * 30 + row);
	assert_all_mended(ROOTS * ROWS);
	assert_file(good.bytes);
}

static void test_one_more(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= ROOTS; i++)
		spoil(i * ROWS);
	assert_none_mended(ROOTS + 1);
}

/* A byte here and there: two of each codeword, whose places nobody knows. */
static void test_many_with_few_errors(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		spoil_byte(i * ROWS, i / 2);
	assert_all_mended(100);
	assert_file(good.bytes);
}

static void test_bad_parity(void **state)
{
	uint64_t first_row = good.info.fec_offset_bytes;

	(void)state;
	spoil(0);
	spoil(ROWS);
	for (uint32_t i = 0; i < BLOCK; i++)
		bytes[first_row + i * ROOTS + 1] ^= 0x33;
	assert_all_mended(2);
	/* Parity has no digest: it stays as it is. */
	memcpy(bytes, good.bytes, first_row);
	assert_file(bytes);
}

static void test_no_parity_left(void **state)
{
	(void)state;
	spoil(0);
	spoil(1);
	memset(bytes + good.info.fec_offset_bytes, 0xee, ROWS * ROOTS * BLOCK);
	assert_none_mended(2);
}

/* Known to be zeros by its digest, so that it needs no parity, and four are left. */
static void test_zeros(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= ROOTS; i++)
		spoil(ZERO_BLOCK % ROWS + i * ROWS);
	assert_all_mended(ROOTS + 1);
	assert_file(good.bytes);
}

/* What of data is bad below it is found once it is mended. */
static void test_root(void **state)
{
	(void)state;
	spoil(N_DATA);
	spoil(N_DATA % ROWS);
	spoil(N_DATA % ROWS + 1);
	assert_all_mended(3);
	assert_file(good.bytes);
}

/* Of two more in the second one's row no digest tells, of one in the root's. */
static void test_whole_path(void **state)
{
	(void)state;
	spoil(N_DATA);
	spoil(LEVEL_1);
	spoil(LEVEL_0);
	spoil(0);
#ifdef HAVE_ISAL
	spoil(PER_BLOCK);
	assert_all_mended(5);
#else
	assert_all_mended(4);
#endif
	assert_file(good.bytes);
}

/* As many as roots, of one of which no digest tells while the block of the tree is bad. */
static void test_guess(void **state)
{
	(void)state;
	spoil(LEVEL_0);
	for (uint32_t i = 0; i < ROOTS - 1; i++)
		spoil(i == 0 ? 1 : 300 + LEVEL_0 % ROWS + i * ROWS);
	assert_all_mended(ROOTS);
	assert_file(good.bytes);
}

/* Data and the digest of it, both of another image: one fits the other, and is bad all the same. */
static void test_forged(void **state)
{
	(void)state;
	forge(5);
	forge(LEVEL_0);
	assert_all_mended(2);
	assert_file(good.bytes);
}

static void test_forged_path(void **state)
{
	(void)state;
	forge(5);
	forge(LEVEL_0);
	forge(LEVEL_1);
	assert_all_mended(3);
	assert_file(good.bytes);
	/* With the root too it is the other image. */
	begin(NULL);
	memcpy(bytes, other.bytes, other.size);
	assert_int_not_equal(mend(0, NULL), 0);
	assert_file(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_bad, begin),
		cmocka_unit_test_setup(test_as_many_as_roots, begin),
		cmocka_unit_test_setup(test_one_more, begin),
		cmocka_unit_test_setup(test_many_with_few_errors, begin),
		cmocka_unit_test_setup(test_bad_parity, begin),
		cmocka_unit_test_setup(test_no_parity_left, begin),
		cmocka_unit_test_setup(test_zeros, begin),
		cmocka_unit_test_setup(test_root, begin),
		cmocka_unit_test_setup(test_whole_path, begin),
		cmocka_unit_test_setup(test_guess, begin),
		cmocka_unit_test_setup(test_forged, begin),
		cmocka_unit_test_setup(test_forged_path, begin),
	};

	return cmocka_run_group_tests(tests, make_both, forget);
}
