/* SPDX-License-Identifier: MIT */
#include "stacks.h"

#define ROOT_HASH "5a0c2ba2c0d8a4b9f1d0ac95b4d9a4bb0c2f8fd4c7d15de6e5a6a7d5d9c5b101"
#define OTHER_HASH "6a0c2ba2c0d8a4b9f1d0ac95b4d9a4bb0c2f8fd4c7d15de6e5a6a7d5d9c5b101"

const struct shape shapes[] = {
	{ "linear", "disk - 64 linear 8:0 0\n", "disk - 128 linear 8:0 0\n" },
	{ "several segments",
	  "disk - 64 linear 8:0 0\n"
	  "disk - 64 linear 8:16 0\n"
	  "disk - 8 zero\n",
	  "disk - 64 linear 8:0 0\n"
	  "disk - 64 linear 8:32 0\n"
	  "disk - 16 zero\n"
	  "more - 64 linear @disk 8\n" },
	{ "striped",
	  "left - 512 linear 8:0 0\n"
	  "right - 512 linear 8:16 0\n"
	  "both - 1024 striped 2 64 @left 0 @right 0\n",
	  "left - 512 linear 8:0 512\n"
	  "right - 512 linear 8:16 0\n"
	  "both - 1024 striped 2 128 @left 0 @right 0\n" },
	{ "snapshot and origin",
	  "base - 512 linear 8:0 0\n"
	  "store - 64 linear 8:16 0\n"
	  "origin - 512 snapshot-origin @base\n"
	  "snap - 512 snapshot @base @store P 8\n",
	  "base - 512 linear 8:0 0\n"
	  "origin - 512 snapshot-origin @base\n"
	  "copy - 512 linear @origin 0\n" },
	{ "snapshot of a live origin",
	  "base - 512 linear 8:0 0\n"
	  "store - 64 linear 8:16 0\n"
	  "origin - 512 snapshot-origin @base\n"
	  "used - 512 linear @origin 0\n",
	  "base - 512 linear 8:0 0\n"
	  "store - 128 linear 8:32 0\n"
	  "lower - 64 linear @store 64\n"
	  "origin - 512 snapshot-origin @base\n"
	  "one - 512 snapshot @base @store P 8\n"
	  "two - 512 snapshot @base @lower P 16\n"
	  "second - 512 snapshot-origin @base\n"
	  "over - 512 linear @one 0\n"
	  "used - 512 linear @origin 0\n" },
	{ "thin pool",
	  "meta - 8192 linear 8:0 0\n"
	  "data - 65536 linear 8:16 0\n"
	  "pool - 65536 thin-pool @meta @data 128 0\n"
	  "one - 2048 thin @pool 1\n"
	  "one ! pool create_thin 1\n"
	  "two - 4096 thin @pool 2\n"
	  "two ! pool create_thin 2\n",
	  "meta - 8192 linear 8:0 0\n"
	  "data - 131072 linear 8:16 0\n"
	  "pool - 131072 thin-pool @meta @data 128 0 1 skip_block_zeroing\n"
	  "one - 4096 thin @pool 1\n"
	  "one ! pool create_thin 1\n"
	  "three - 4096 thin @pool 3\n"
	  "three ! pool create_snap 3 1\n" },
	{ "cache",
	  "meta - 8192 linear 8:0 0\n"
	  "fast - 4096 linear 8:16 0\n"
	  "slow - 65536 linear 8:32 0\n"
	  "disk - 65536 cache @meta @fast @slow 128 1 writethrough smq 0\n",
	  "meta - 8192 linear 8:0 0\n"
	  "fast - 8192 linear 8:16 0\n"
	  "slow - 65536 linear 8:32 0\n"
	  "disk - 65536 cache @meta @fast @slow 128 1 writeback smq 0\n" },
	{ "verity over linear",
	  "image - 1024 linear 8:0 0\n"
	  "tree r 64 linear 8:16 0\n"
	  "root r 1024 verity 1 @image @tree 4096 4096 128 1 sha256 " ROOT_HASH " -\n",
	  "image - 1024 linear 8:0 2048\n"
	  "tree r 64 linear 8:16 0\n"
	  "root r 1024 verity 1 @image @tree 4096 4096 128 1 sha256 " OTHER_HASH " -\n"
	  "extra - 8 error\n" },
	{ "raid",
	  "m0 - 64 linear 8:0 0\n"
	  "d0 - 4096 linear 8:0 64\n"
	  "m1 - 64 linear 8:16 0\n"
	  "d1 - 4096 linear 8:16 64\n"
	  "disk - 4096 raid raid1 1 0 2 @m0 @d0 @m1 @d1\n",
	  "m0 - 64 linear 8:0 0\n"
	  "d0 - 4096 linear 8:0 64\n"
	  "m2 - 64 linear 8:32 0\n"
	  "d2 - 4096 linear 8:32 64\n"
	  "disk - 4096 raid raid1 1 0 2 @m0 @d0 @m2 @d2\n" },
	{ "crypt over linear",
	  "part - 4096 linear 8:0 0\n"
	  "plain - 4096 crypt aes-xts-plain64 "
	  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 0 @part 0\n",
	  "part - 8192 linear 8:0 0\n"
	  "plain - 8192 crypt aes-xts-plain64 "
	  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 0 @part 0 1 "
	  "allow_discards\n" },
	{ "mirror",
	  "a - 1024 linear 8:0 0\n"
	  "b - 1024 linear 8:16 0\n"
	  "disk - 1024 mirror core 1 1024 2 @a 0 @b 0\n",
	  "a - 1024 linear 8:0 0\n"
	  "c - 1024 linear 8:32 0\n"
	  "disk - 1024 mirror core 1 1024 2 @a 0 @c 0 1 handle_errors\n" },
	{ "delay",
	  "disk - 1024 linear 8:0 0\n"
	  "late - 1024 delay @disk 0 500\n",
	  "disk r 1024 linear 8:0 0\n"
	  "late r 1024 delay @disk 0 100 @disk 0 200\n" },
	{ "levels",
	  "one - 1024 linear 8:0 0\n"
	  "two - 1024 linear @one 0\n"
	  "three - 1024 linear @two 0\n"
	  "four - 1024 linear @three 0\n"
	  "aside - 1024 linear @one 0\n"
	  "alone - 8 zero\n",
	  "one - 1024 linear 8:0 0\n"
	  "two - 2048 linear @new 0\n"
	  "new - 2048 linear 8:16 0\n"
	  "three - 1024 linear @two 0\n"
	  "five - 2048 linear @two 0\n"
	  "alone - 8 zero\n" },
	{ "gone under a change",
	  "low - 1024 linear 8:0 0\n"
	  "middle - 1024 linear @low 0\n"
	  "high - 512 linear @middle 512\n",
	  "middle - 512 linear 8:0 0\n" },
};

const size_t n_shapes = sizeof(shapes) / sizeof(shapes[0]);
