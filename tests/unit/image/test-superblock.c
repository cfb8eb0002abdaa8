/* SPDX-License-Identifier: MIT */
/* Superblocks that somebody else wrote, verity's and those of file systems: random ones and good
 * ones with some bytes changed. Whatever is taken has sound numbers, and what is not is told. */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit.h"
#include "look/algorithm.h"
#include "look/file-system.h"
#include "look/look.h"
#include "look/superblock.h"

#define ROUNDS 100000
#define FILE_ROUNDS 30000
#define FILE_BYTES 65536
#define MOST_BYTES ((uint64_t)INT64_MAX)

/* Where what stands in a superblock. */
enum {
	AT_VERSION = 8,
	AT_HASH_TYPE = 12,
	AT_ALGORITHM = 32,
	AT_DATA_BLOCK = 64,
	AT_HASH_BLOCK = 68,
	AT_DATA_BLOCKS = 72,
	AT_SALT_SIZE = 80,
	AT_SALT = 88,
};

/* xorshift: the same numbers in every run. */
static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t some(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void some_bytes(uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(some() >> 32);
}

/* Numbers at which something may overflow. */
static uint64_t some_number(void)
{
	static const uint64_t edges[] = { 0,	      1,	  2,	      255,
					  256,	      257,	  512,	      4096,
					  65536,      131072,	  UINT16_MAX, INT32_MAX,
					  UINT32_MAX, INT64_MAX,  UINT64_MAX, 1ULL << 31,
					  1ULL << 51, 1ULL << 52, 1ULL << 54, 1ULL << 63 };

	switch (some() % 4) {
	case 0:
		return some();
	case 1:
		return 1ULL << some() % 64;
	case 2:
		return some() % 1024;
	default:
		return edges[some() % DMK_ARRAY_SIZE(edges)] + some() % 3 - 1;
	}
}

static void good_info(struct dmk_image_info *info)
{
	static const char *const algorithms[] = { "sha1",   "sha256",	   "sha384",
						  "sha512", "blake2b-512", "md5" };

	*info = (struct dmk_image_info){
		.version = some() % 2,
		.data_block_size_bytes = 512u << some() % 8,
		.hash_block_size_bytes = 512u << some() % 8,
		.has_superblock = 1,
		.salt_size_bytes = (uint32_t)(some() % 257),
		.data_blocks = 1 + some() % 1000,
	};
	snprintf(info->algorithm, sizeof(info->algorithm), "%s",
		 algorithms[some() % DMK_ARRAY_SIZE(algorithms)]);
	snprintf(info->uuid, sizeof(info->uuid), "01234567-89ab-cdef-0123-%012" PRIx64,
		 some() & 0xffffffffffff);
	for (uint32_t i = 0; i < info->salt_size_bytes; i++)
		snprintf(info->salt + 2 * i, 3, "%02x", (unsigned)(some() % 256));
	if (info->salt_size_bytes == 0)
		snprintf(info->salt, sizeof(info->salt), "-");
}

static void put(uint8_t *place, uint64_t value, size_t size)
{
	value = htole64(value);
	memcpy(place, &value, size);
}

/* Of a good one a few numbers or bytes, or bytes of the algorithm's name. */
static void mutate(uint8_t *bytes)
{
	static const struct {
		int at;
		size_t size;
	} numbers[] = { { AT_VERSION, 4 },    { AT_HASH_TYPE, 4 },   { AT_DATA_BLOCK, 4 },
			{ AT_HASH_BLOCK, 4 }, { AT_DATA_BLOCKS, 8 }, { AT_SALT_SIZE, 2 } };

	for (unsigned n = 1 + some() % 3; n > 0; n--) {
		unsigned which = some() % (DMK_ARRAY_SIZE(numbers) + 3);

		if (which < DMK_ARRAY_SIZE(numbers))
			put(bytes + numbers[which].at, some_number(), numbers[which].size);
		else if (which == DMK_ARRAY_SIZE(numbers))
			some_bytes(bytes + AT_ALGORITHM, DMK_IMAGE_ALGORITHM_SIZE);
		else if (which == DMK_ARRAY_SIZE(numbers) + 1)
			bytes[AT_ALGORITHM + some() % 8] = (uint8_t)some();
		else
			bytes[some() % DMK_SUPERBLOCK_BYTES] ^= 1u << some() % 8;
	}
}

static bool is_power_of_2(uint64_t n, uint64_t least, uint64_t most)
{
	return n >= least && n <= most && (n & (n - 1)) == 0;
}

static void assert_sound_info(const struct dmk_image_info *info)
{
	const struct dmk_algorithm *algorithm = dmk_algorithm_find(info->algorithm, NULL);

	assert_true(info->version <= 1);
	assert_true(is_power_of_2(info->data_block_size_bytes, 512, 65536));
	assert_true(is_power_of_2(info->hash_block_size_bytes, 512, 65536));
	assert_non_null(algorithm);
	assert_int_equal(info->digest_size_bytes, algorithm->digest_bytes);
	assert_true(info->salt_size_bytes <= 256);
	assert_int_equal(strlen(info->salt), info->salt_size_bytes ? 2 * info->salt_size_bytes : 1);
	assert_int_equal(strlen(info->uuid), 36);
	assert_true(info->data_blocks >= 1);
}

/* Each level holds the digests of the one below, they lie one behind the other, and all is below
 * 2^63. */
static void assert_sound_tree(const struct dmk_image_info *info, const struct dmk_tree *tree)
{
	uint64_t below = info->data_blocks, at = 0, end;

	assert_true(info->data_blocks <= MOST_BYTES / info->data_block_size_bytes);
	assert_true(tree->levels <= DMK_IMAGE_MAX_LEVELS);
	assert_true(is_power_of_2(tree->per_block, 2, 65536));
	assert_true(tree->slot_bytes >= info->digest_size_bytes);
	assert_true((uint64_t)tree->slot_bytes * tree->per_block <= info->hash_block_size_bytes);
	for (uint32_t i = 0; i < tree->levels; i++) {
		assert_true(tree->blocks[i] < below);
		assert_true((below + tree->per_block - 1) / tree->per_block == tree->blocks[i]);
		below = tree->blocks[i];
	}
	assert_true(below == 1);
	for (uint32_t i = tree->levels; i-- > 0; at += tree->blocks[i])
		assert_true(tree->first[i] == at);
	assert_true(tree->n_blocks == at && info->tree_blocks == at);
	assert_false(__builtin_mul_overflow(at, info->hash_block_size_bytes, &end));
	assert_false(__builtin_add_overflow(end, tree->offset_bytes, &end));
	assert_true(end <= MOST_BYTES);
	assert_int_equal(tree->offset_bytes % info->hash_block_size_bytes, 0);
	assert_true(tree->offset_bytes == info->hash_start_block * info->hash_block_size_bytes);
	assert_true(tree->offset_bytes >= info->hash_offset_bytes + 512);
}

/* A refusal is a sentence that a terminal can show. */
static void assert_told(const struct dmk_error *err, int code)
{
	char text[DMK_ERROR_TEXT_SIZE];
	size_t length = dmk_error_format(err, text, sizeof(text));

	assert_int_equal(err->code, code);
	assert_true(err->detail[0]);
	assert_true(length < sizeof(text));
	for (size_t i = 0; i < length; i++)
		assert_true((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

/* Returns whether it was taken. */
static bool read_one(const uint8_t *bytes)
{
	struct dmk_image_info info = { .hash_offset_bytes = some_number() / 512 * 512 };
	uint8_t again[DMK_SUPERBLOCK_BYTES];
	struct dmk_error err = { 0 };
	struct dmk_tree tree;
	int r = dmk_superblock_read(bytes, &info, &err);

	if (r < 0) {
		assert_int_equal(r, -EINVAL);
		assert_told(&err, r);
		return false;
	}
	assert_sound_info(&info);
	dmk_superblock_write(&info, again);
	/* What nobody reads is zero in ours. */
	assert_memory_equal(again, bytes, AT_ALGORITHM);
	assert_string_equal((char *)again + AT_ALGORITHM, (const char *)bytes + AT_ALGORITHM);
	assert_memory_equal(again + AT_DATA_BLOCK, bytes + AT_DATA_BLOCK,
			    AT_SALT_SIZE + 2 - AT_DATA_BLOCK);
	assert_memory_equal(again + AT_SALT, bytes + AT_SALT, info.salt_size_bytes);
	r = dmk_tree_plan(&info, &tree, &err);
	if (r < 0)
		assert_told(&err, r);
	else
		assert_sound_tree(&info, &tree);
	return r == 0;
}

static void good_superblock(uint8_t bytes[DMK_SUPERBLOCK_BYTES])
{
	struct dmk_image_info info;

	good_info(&info);
	dmk_superblock_write(&info, bytes);
}

static void random_superblocks(void **unused)
{
	uint8_t bytes[DMK_SUPERBLOCK_BYTES];

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		some_bytes(bytes, sizeof(bytes));
		if (i % 4)
			memcpy(bytes, "verity\0\0\1\0\0", 12);
		read_one(bytes);
	}
}

static void good_superblocks(void **unused)
{
	uint8_t bytes[DMK_SUPERBLOCK_BYTES];
	struct dmk_image_info info = { 0 };

	(void)unused;
	for (int i = 0; i < ROUNDS / 10; i++) {
		good_superblock(bytes);
		assert_int_equal(dmk_superblock_read(bytes, &info, NULL), 0);
		assert_sound_info(&info);
	}
}

static void mutated_superblocks(void **unused)
{
	uint8_t bytes[DMK_SUPERBLOCK_BYTES];
	int taken = 0;

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		good_superblock(bytes);
		mutate(bytes);
		taken += read_one(bytes);
	}
	/* Neither all nor none: else nothing was tried. */
	print_message("# %d of %d were taken\n", taken, ROUNDS);
	assert_in_range(taken, ROUNDS / 20, ROUNDS / 20 * 19);
}

/* A file in memory with these bytes at that place, and zeros. */
static int memory_file(char path[32])
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, FILE_BYTES), 0);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static void put_bytes(int fd, const uint8_t *bytes, size_t size, uint64_t at)
{
	assert_int_equal(pwrite(fd, bytes, size, (off_t)at), (ssize_t)size);
}

static void assert_in_file(const struct dmk_image_info *info)
{
	uint64_t data_end = info->data_blocks * info->data_block_size_bytes;

	assert_sound_info(info);
	assert_true(info->data_blocks <= FILE_BYTES / info->data_block_size_bytes);
	assert_true(info->hash_offset_bytes >= data_end);
	assert_true(info->tree_offset_bytes >= info->hash_offset_bytes + 512);
	assert_true(info->tree_offset_bytes <= FILE_BYTES);
	assert_true(info->tree_blocks <=
		    (FILE_BYTES - info->tree_offset_bytes) / info->hash_block_size_bytes);
}

/* What is refused says why; what is not lies in its file. */
static bool is_taken(const struct dmk_image_options *options)
{
	struct dmk_image_info info = { 0 };
	struct dmk_error err = { 0 };
	int r = dmk_image_look(options, &info, &err);

	if (r < 0)
		assert_told(&err, r);
	else
		assert_in_file(&info);
	return r == 0;
}

/* Data and tree in one file: what is taken lies in it, and not in each other. */
static void superblocks_in_files(void **unused)
{
	char path[32];
	int fd = memory_file(path), taken = 0;

	(void)unused;
	for (int i = 0; i < FILE_ROUNDS; i++) {
		struct dmk_image_options options = {
			.data = path,
			.hash_offset_bytes = some() % (FILE_BYTES / 512 + 2) * 512,
		};
		uint8_t bytes[DMK_SUPERBLOCK_BYTES];

		good_superblock(bytes);
		if (i % 2)
			mutate(bytes);
		else
			put(bytes + AT_DATA_BLOCKS, some() % 100, 8);
		if (options.hash_offset_bytes < FILE_BYTES)
			put_bytes(fd, bytes, sizeof(bytes), options.hash_offset_bytes);
		taken += is_taken(&options);
		memset(bytes, 0, sizeof(bytes));
		if (options.hash_offset_bytes < FILE_BYTES)
			put_bytes(fd, bytes, sizeof(bytes), options.hash_offset_bytes);
	}
	print_message("# %d of %d were taken\n", taken, FILE_ROUNDS);
	assert_in_range(taken, FILE_ROUNDS / 50, FILE_ROUNDS / 2);
	close(fd);
}

/* Of a file system of about n blocks, the part that is read. */
static void some_file_system(uint8_t bytes[2048], unsigned kind)
{
	memset(bytes, 0, 2048);
	switch (kind) {
	case 0: /* ext */
		put(bytes + 1024 + 0x04, 1 + some() % 8, 4);
		put(bytes + 1024 + 0x18, some() % 3, 4);
		put(bytes + 1024 + 0x38, 0xef53, 2);
		put(bytes + 1024 + 0x5c, some() % 8, 4);
		put(bytes + 1024 + 0x60, some() % 2 ? 0x2c2 : 0x2, 4);
		break;
	case 1: /* squashfs */
		memcpy(bytes, "hsqs", 4);
		put(bytes + 28, 4, 2);
		put(bytes + 40, 96 + some() % 20000, 8);
		break;
	default: /* erofs */
		put(bytes + 1024, 0xe0f5e1e2, 4);
		put(bytes + 1024 + 12, 12, 1);
		put(bytes + 1024 + 36, 1 + some() % 8, 4);
	}
}

static void mutate_file_system(uint8_t bytes[2048], unsigned kind)
{
	static const struct {
		int at;
		size_t size;
	} places[3][6] = {
		{ { 1028, 4 }, { 1048, 4 }, { 1080, 2 }, { 1116, 4 }, { 1120, 4 }, { 1360, 4 } },
		{ { 0, 4 }, { 28, 2 }, { 40, 8 }, { 40, 8 }, { 40, 4 }, { 44, 4 } },
		{ { 1024, 4 }, { 1036, 1 }, { 1060, 4 }, { 1060, 4 }, { 1036, 1 }, { 1064, 4 } }
	};
	unsigned which = some() % 6;

	put(bytes + places[kind][which].at, some_number(), places[kind][which].size);
	if (some() % 4 == 0)
		bytes[some() % 2048] ^= 1u << some() % 8;
}

/* Returns whether it is one; then with a size that is one. */
static bool find_one(const struct dmk_file *file)
{
	char type[DMK_FILE_SYSTEM_TYPE_SIZE] = "";
	uint64_t size = 0;

	if (!dmk_file_system_find(file, 0, type, &size)) {
		assert_string_equal(type, "");
		assert_true(size == 0);
		return false;
	}
	assert_true(strcmp(type, "squashfs") == 0 || strcmp(type, "erofs") == 0 ||
		    strcmp(type, "ext2") == 0 || strcmp(type, "ext3") == 0 ||
		    strcmp(type, "ext4") == 0);
	assert_true(size > 0 && size <= MOST_BYTES);
	return true;
}

/* And a verity superblock somewhere behind it, which is found or not. */
static void mutated_file_systems(void **unused)
{
	char path[32];
	int fd = memory_file(path), taken = 0, found = 0;

	(void)unused;
	for (int i = 0; i < FILE_ROUNDS; i++) {
		struct dmk_file file = { .fd = fd, .path = path, .size_bytes = FILE_BYTES };
		struct dmk_image_options options = { .data = path };
		uint8_t bytes[2048], super[DMK_SUPERBLOCK_BYTES];
		uint64_t at = (1 + some() % 8) * 4096;
		unsigned kind = some() % 3;

		some_file_system(bytes, kind);
		put_bytes(fd, bytes, sizeof(bytes), 0);
		assert_true(find_one(&file));
		if (i % 2)
			mutate_file_system(bytes, kind);
		put_bytes(fd, bytes, sizeof(bytes), 0);
		good_superblock(super);
		put(super + AT_DATA_BLOCK, 512, 4);
		put(super + AT_DATA_BLOCKS, 1 + some() % 100, 8);
		if (some() % 4 == 0)
			mutate(super);
		put_bytes(fd, super, sizeof(super), at);
		found += find_one(&file);
		taken += is_taken(&options);
		memset(super, 0, sizeof(super));
		put_bytes(fd, super, sizeof(super), at);
	}
	print_message("# %d file systems of %d, %d with an image\n", found, FILE_ROUNDS, taken);
	assert_in_range(found, FILE_ROUNDS / 2, FILE_ROUNDS - 1);
	assert_in_range(taken, 100, found);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_superblocks),	cmocka_unit_test(random_superblocks),
		cmocka_unit_test(mutated_superblocks),	cmocka_unit_test(superblocks_in_files),
		cmocka_unit_test(mutated_file_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
