/* SPDX-License-Identifier: MIT */
#include "make/health.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"

#define PER_BYTE 4
/* Four that are neither BAD nor MENDED have this bit in none of their pairs. */
#define ANY_BAD 0x55

enum dmk_health dmk_health_get(const struct dmk_health_map *map, uint64_t block)
{
	return map->states[block / PER_BYTE] >> block % PER_BYTE * 2 & 3;
}

void dmk_health_set(struct dmk_health_map *map, uint64_t block, enum dmk_health health)
{
	uint8_t *byte = &map->states[block / PER_BYTE];
	unsigned shift = block % PER_BYTE * 2;

	*byte = (uint8_t)((*byte & ~(3u << shift)) | (unsigned)health << shift);
}

uint64_t dmk_health_next_bad(const struct dmk_health_map *map, uint64_t from, uint64_t to)
{
	while (from < to) {
		if (from % PER_BYTE == 0 && !(map->states[from / PER_BYTE] & ANY_BAD)) {
			from += PER_BYTE;
			continue;
		}
		if (dmk_health_get(map, from) == DMK_BAD)
			return from;
		from++;
	}
	return to;
}

struct dmk_node dmk_health_node(const struct dmk_health_map *map, uint64_t block)
{
	const struct dmk_tree *tree = &map->image->tree;
	int level = 0;

	if (block < map->n_data)
		return (struct dmk_node){ DMK_LEVEL_DATA, block };
	block -= map->n_data;
	/* The last level comes first. */
	while (block < tree->first[level])
		level++;
	return (struct dmk_node){ level, block - tree->first[level] };
}

uint64_t dmk_health_block(const struct dmk_health_map *map, struct dmk_node node)
{
	return node.level == DMK_LEVEL_DATA
		       ? node.block
		       : map->n_data + map->image->tree.first[node.level] + node.block;
}

uint64_t dmk_health_children(const struct dmk_health_map *map, struct dmk_node node,
			     uint64_t *ret_first)
{
	const struct dmk_tree *tree = &map->image->tree;
	uint64_t all = node.level == 0 ? map->n_data : tree->blocks[node.level - 1];
	uint64_t first = node.block * tree->per_block, left = all - first;
	struct dmk_node child = { node.level - 1, first };

	*ret_first = dmk_health_block(map, child);
	return left < tree->per_block ? left : tree->per_block;
}

bool dmk_health_provable(const struct dmk_health_map *map, uint64_t block)
{
	struct dmk_node node = dmk_health_node(map, block);

	while (++node.level < (int)map->image->tree.levels) {
		enum dmk_health health;

		node.block /= map->image->tree.per_block;
		health = dmk_health_get(map, dmk_health_block(map, node));
		if (health != DMK_GOOD && health != DMK_MENDED)
			return false;
	}
	return true;
}

static void take_range(struct dmk_health_map *map, const struct dmk_image_bad *range)
{
	uint64_t first = range->first_block + (range->area == DMK_IMAGE_DATA ? 0 : map->n_data);

	for (uint64_t i = 0; i < range->n_blocks && first + i < map->n_blocks; i++)
		dmk_health_set(map, first + i, range->unproved ? DMK_UNPROVED : DMK_BAD);
}

int dmk_health_begin(struct dmk_health_map *ret_map, const struct dmk_image *image,
		     const struct dmk_scan *scan, struct dmk_error *err)
{
	struct dmk_health_map map = {
		.image = image,
		.n_data = image->info.data_blocks,
		.n_blocks = image->info.data_blocks + image->tree.n_blocks,
	};

	if (map.n_blocks / PER_BYTE < SIZE_MAX)
		map.states = calloc((size_t)(map.n_blocks / PER_BYTE + 1), 1);
	if (!map.states)
		return dmk_fail(err, -ENOMEM, "no memory for the states of %" PRIu64 " blocks",
				map.n_blocks);
	for (size_t i = 0; i < scan->n_ranges; i++)
		take_range(&map, &scan->ranges[i]);
	*ret_map = map;
	return 0;
}

void dmk_health_end(struct dmk_health_map *map)
{
	free(map->states);
	map->states = NULL;
}

static struct dmk_image_bad describe(const struct dmk_health_map *map, struct dmk_node node,
				     enum dmk_health health, uint64_t n)
{
	const struct dmk_image *image = map->image;
	struct dmk_image_bad bad = {
		.area = DMK_IMAGE_DATA,
		.first_block = node.block,
		.n_blocks = n,
		.offset_bytes = node.block * image->info.data_block_size_bytes,
		.mendable = health == DMK_MENDED ? 1 : 2,
		.unproved = health == DMK_UNPROVED,
	};

	if (node.level == DMK_LEVEL_DATA)
		return bad;
	bad.area = (uint32_t)node.level == image->tree.levels - 1 ? DMK_IMAGE_ROOT : DMK_IMAGE_TREE;
	bad.level = (uint32_t)node.level;
	bad.first_block += image->tree.first[node.level];
	bad.offset_bytes =
		image->tree.offset_bytes + bad.first_block * image->info.hash_block_size_bytes;
	return bad;
}

static int add_level(const struct dmk_health_map *map, int level, uint64_t n_blocks,
		     struct dmk_scan *scan)
{
	uint64_t first = dmk_health_block(map, (struct dmk_node){ level, 0 });
	uint64_t n;

	for (uint64_t i = 0; i < n_blocks; i += n) {
		enum dmk_health health = dmk_health_get(map, first + i);
		struct dmk_image_bad bad;
		int r;

		for (n = 1; i + n < n_blocks && dmk_health_get(map, first + i + n) == health; n++)
			;
		if (health == DMK_GOOD)
			continue;
		bad = describe(map, (struct dmk_node){ level, i }, health, n);
		scan->counts.mendable += health == DMK_MENDED ? n : 0;
		r = dmk_scan_add(scan, &bad);
		if (r < 0)
			return r;
	}
	return 0;
}

int dmk_health_to_scan(const struct dmk_health_map *map, struct dmk_scan *scan,
		       struct dmk_error *err)
{
	struct dmk_scan anew = { .counts.checked_bytes = scan->counts.checked_bytes };
	int r = 0;

	for (int level = (int)map->image->tree.levels - 1; level >= 0 && r == 0; level--)
		r = add_level(map, level, map->image->tree.blocks[level], &anew);
	if (r == 0)
		r = add_level(map, DMK_LEVEL_DATA, map->n_data, &anew);
	if (r < 0) {
		dmk_scan_free(&anew);
		return dmk_fail(err, r, "no memory for ranges of bad blocks");
	}
	dmk_scan_count(&anew);
	dmk_scan_free(scan);
	*scan = anew;
	return 0;
}
