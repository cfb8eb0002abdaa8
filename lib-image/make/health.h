/* SPDX-License-Identifier: MIT */
/* How each block of an image is, while it is mended. Blocks are counted as parity covers them: those
 * of data, then those of the tree from its begin on, the root's first. */
#ifndef DMK_IMAGE_HEALTH_H
#define DMK_IMAGE_HEALTH_H

#include "look/look.h"
#include "scan.h"

#define DMK_LEVEL_DATA (-1) /* below the tree's level 0 */

enum dmk_health {
	DMK_GOOD = 0,
	DMK_BAD = 1,	  /* not what its digest says */
	DMK_UNPROVED = 2, /* not what a bad block of the tree says, which may be wrong */
	DMK_MENDED = 3
};

struct dmk_health_map {
	const struct dmk_image *image;
	uint64_t n_data;
	uint64_t n_blocks; /* with the tree's */
	uint8_t *states;   /* 2 bits each */
};

/* Where a block stands in the tree. */
struct dmk_node {
	int level;
	uint64_t block; /* of the level */
};

/* As the scan has seen it. */
int dmk_health_begin(struct dmk_health_map *ret_map, const struct dmk_image *image,
		     const struct dmk_scan *scan, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_health_end(struct dmk_health_map *map);
enum dmk_health dmk_health_get(const struct dmk_health_map *map, uint64_t block);
void dmk_health_set(struct dmk_health_map *map, uint64_t block, enum dmk_health health);
/* The first BAD one in [from, to), or to. */
uint64_t dmk_health_next_bad(const struct dmk_health_map *map, uint64_t from, uint64_t to);

struct dmk_node dmk_health_node(const struct dmk_health_map *map, uint64_t block);
uint64_t dmk_health_block(const struct dmk_health_map *map, struct dmk_node node);
/* The blocks whose digests the tree's block node has: *ret_first is the first one of how many. */
uint64_t dmk_health_children(const struct dmk_health_map *map, struct dmk_node node,
			     uint64_t *ret_first);
/* All blocks of the tree between it and the root digest are good by now. */
bool dmk_health_provable(const struct dmk_health_map *map, uint64_t block);

/* The scan anew. */
int dmk_health_to_scan(const struct dmk_health_map *map, struct dmk_scan *scan,
		       struct dmk_error *err) DMK_MUST_CHECK;

#endif
