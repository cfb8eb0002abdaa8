/* SPDX-License-Identifier: MIT */
#include "blocks.h"

#include <fcntl.h>
#include <sys/uio.h>

#define BYTES_AT_A_TIME (128 * 1024)
#define AHEAD_BYTES (8 << 20)
#define FEWEST 16
#define MOST 512 /* less than IOV_MAX, 1024 */

uint32_t dmk_blocks_at_a_time(uint32_t block_size_bytes)
{
	uint32_t n = BYTES_AT_A_TIME / block_size_bytes;

	return n < FEWEST ? FEWEST : n > MOST ? MOST : n;
}

typedef ssize_t (*many_fn)(int fd, const struct iovec *places, int n, off_t offset);

/* At most MOST of them, in one call, which is only asked for: what it leaves is done block by block,
 * by those who know what to do and say. Returns how many blocks are whole. */
static uint32_t move_many(const struct dmk_blocks *blocks, uint32_t first, uint32_t n, many_fn call)
{
	uint64_t at = blocks->offset_bytes + (uint64_t)first * blocks->block_bytes;
	struct iovec places[MOST];
	ssize_t moved;

	for (uint32_t i = 0; i < n; i++)
		places[i] = (struct iovec){ dmk_hasher_block(blocks->hasher, first + i),
					    blocks->block_bytes };
	moved = call(blocks->file->fd, places, (int)n, (off_t)(blocks->file->begin_bytes + at));
	return moved < 0 ? 0 : (uint32_t)((size_t)moved / blocks->block_bytes);
}

static int move_one(const struct dmk_blocks *blocks, uint32_t i, bool is_write,
		    struct dmk_error *err)
{
	uint64_t at = blocks->offset_bytes + (uint64_t)i * blocks->block_bytes;
	uint8_t *block = dmk_hasher_block(blocks->hasher, i);

	return is_write ? dmk_file_write(blocks->file, block, blocks->block_bytes, at, err)
			: dmk_file_read(blocks->file, block, blocks->block_bytes, at, err);
}

static int move(const struct dmk_blocks *blocks, bool is_write, struct dmk_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < blocks->n && r == 0;) {
		uint32_t some = blocks->n - i < MOST ? blocks->n - i : MOST;
		uint32_t whole = move_many(blocks, i, some, is_write ? pwritev : preadv);

		i += whole;
		if (whole < some)
			r = move_one(blocks, i++, is_write, err);
	}
	return r;
}

/* The disk brings what will be asked for next while we hash what is there already. Each thread is
 * somewhere else in the file, and the kernel would not see that they read on. */
static void read_ahead(const struct dmk_blocks *blocks)
{
	uint64_t at = blocks->offset_bytes + AHEAD_BYTES - 1;
	uint64_t size_bytes = (uint64_t)blocks->n * blocks->block_bytes;

	at -= at % AHEAD_BYTES;
	if (at < blocks->offset_bytes + size_bytes)
		(void)posix_fadvise(blocks->file->fd, (off_t)(blocks->file->begin_bytes + at),
				    AHEAD_BYTES, POSIX_FADV_WILLNEED);
}

int dmk_blocks_read(const struct dmk_blocks *blocks, struct dmk_error *err)
{
	read_ahead(blocks);
	return move(blocks, false, err);
}

int dmk_blocks_write(const struct dmk_blocks *blocks, struct dmk_error *err)
{
	return move(blocks, true, err);
}
