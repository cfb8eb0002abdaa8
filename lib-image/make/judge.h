/* SPDX-License-Identifier: MIT */
/* What digests say of blocks that are mended, and what follows from a mended block of the tree. */
#ifndef DMK_IMAGE_JUDGE_H
#define DMK_IMAGE_JUDGE_H

#include "hash/hasher.h"
#include "make/health.h"

struct dmk_judge {
	const struct dmk_image *image;
	struct dmk_health_map *map;
	const uint8_t *root; /* the root digest */
	struct dmk_hasher *hasher;
	uint32_t block_bytes; /* of data and tree */
	bool write;
	uint64_t mended_tree;  /* blocks so far */
	struct dmk_kept *kept; /* by their number, ascending: mended, but not written */
	size_t n_kept;
	size_t kept_capacity;
};

/* After a failure too dmk_judge_end() is needed. */
int dmk_judge_begin(struct dmk_judge *ret_judge, const struct dmk_image *image,
		    struct dmk_health_map *map, const uint8_t *root, bool write,
		    struct dmk_error *err) DMK_MUST_CHECK;
void dmk_judge_end(struct dmk_judge *judge);

/* 1: these bytes are the block, which is provable, by its digest; 0: they are not. */
int dmk_judge_check(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		    struct dmk_error *err) DMK_MUST_CHECK;
/* They are: written, or, of the tree, kept; what is below it is then judged by it. */
int dmk_judge_accept(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		     struct dmk_error *err) DMK_MUST_CHECK;
/* For what is not written: remembers the block, and finds it; NULL: it is not kept. */
int dmk_judge_keep(struct dmk_judge *judge, uint64_t block, const uint8_t *bytes,
		   struct dmk_error *err) DMK_MUST_CHECK;
const uint8_t *dmk_judge_kept(const struct dmk_judge *judge, uint64_t block);

#endif
