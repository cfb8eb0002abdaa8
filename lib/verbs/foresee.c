/* SPDX-License-Identifier: MIT */
/* Which tables cannot follow the live one, said before anything is changed. Only what is certain:
 * the rest Linux refuses itself, at the resume (`preresume` of thin-pool, cache, crypt, era, raid
 * and snapshot in 6.1). */
#include "swap.h"

#include <errno.h>
#include <string.h>

#include "check.h"
#include "rows/target.h"

#define METADATA_BLOCK_BYTES 4096

static int refuse(struct dmk *dm, const struct dmk_segment *segment, uint32_t index)
{
	dmk_name_segment(segment, index, &dm->error);
	return dmk_fail_step(dm, DMK_STEP_LOAD, -EINVAL);
}

/* What the live target of this type says of itself now. false: it cannot tell, or is none. */
static bool ask(struct dmk *dm, const struct dmk_id *id, const char *type,
		int (*parse)(const char *params, void *ret_status), void *ret_status)
{
	struct dmk_error before = dm->error;
	struct dmk_segments *segments;
	struct dmk_segment segment;
	bool known = false;

	if (dmk_read_status(dm, id, &segments) == 0) {
		known = dmk_segments_next(segments, &segment) == 1 &&
			strcmp(segment.type, type) == 0 && parse(segment.params, ret_status) == 0;
		dmk_segments_free(segments);
	}
	dm->error = before;
	return known;
}

static int pool_status(const char *params, void *ret_status)
{
	struct dmk_thin_pool_status *status = ret_status;
	int r = dmk_thin_pool_parse_status(params, status, NULL);

	if (r < 0 || status->options & DMK_THIN_POOL_STATUS_NUMBERS)
		return r;
	dmk_thin_pool_status_clear(status);
	return -ENODATA;
}

static int cache_status(const char *params, void *ret_status)
{
	struct dmk_cache_status *status = ret_status;
	int r = dmk_cache_parse_status(params, status, NULL);

	if (r < 0 || status->options & DMK_CACHE_STATUS_NUMBERS)
		return r;
	dmk_cache_status_clear(status);
	return -ENODATA;
}

static int too_small(struct dmk *dm, const struct dmk_segment *segment, const char *what,
		     uint64_t has, uint64_t given)
{
	dmk_fail(&dm->error, -EINVAL,
		 "a pool cannot shrink: it has %llu %s blocks, and this is %llu",
		 (unsigned long long)has, what, (unsigned long long)given);
	return refuse(dm, segment, 0);
}

/* A pool keeps what its metadata say: Linux overlooks another block size, and refuses at the
 * resume what is smaller. */
static int check_pool(struct dmk *dm, const struct dmk_id *id, const struct dmk_thin_pool *old,
		      const struct dmk_thin_pool *new, const struct dmk_segment *segment)
{
	struct dmk_thin_pool_status status;
	struct dmk_blockdev metadata;
	uint64_t blocks = segment->length_sectors / new->block_size_sectors;
	int r = 0;

	if (new->block_size_sectors != old->block_size_sectors) {
		dmk_fail(&dm->error, -EINVAL,
			 "a pool's blocks keep their size: these have %llu sectors, not %llu",
			 (unsigned long long)old->block_size_sectors,
			 (unsigned long long)new->block_size_sectors);
		return refuse(dm, segment, 0);
	}
	if (!ask(dm, id, "thin-pool", pool_status, &status))
		return 0;
	if (blocks < status.data.total) {
		r = too_small(dm, segment, "data", status.data.total, blocks);
	} else if (dmk_get_blockdev(new->metadata_device, &metadata) == 0) {
		blocks = metadata.size_bytes / METADATA_BLOCK_BYTES;
		if (blocks < status.metadata.total)
			r = too_small(dm, segment, "metadata", status.metadata.total, blocks);
	}
	dmk_thin_pool_status_clear(&status);
	return r;
}

static int compare_pools(struct dmk *dm, const struct dmk_id *id, const struct dmk_segment *live,
			 const struct dmk_segment *segment)
{
	struct dmk_thin_pool old, new;
	int r = 0;

	if (dmk_thin_pool_parse_table(live->params, &old, NULL) < 0)
		return 0;
	if (dmk_thin_pool_parse_table(segment->params, &new, NULL) == 0) {
		r = check_pool(dm, id, &old, &new, segment);
		dmk_thin_pool_clear(&new);
	}
	dmk_thin_pool_clear(&old);
	return r;
}

/* Linux refuses to drop a dirty block only at the resume, and then marks the metadata as damaged:
 * neither of the two caches can be put in any more before a repair. */
static int check_cache(struct dmk *dm, const struct dmk_id *id, const struct dmk_cache *new,
		       const struct dmk_segment *segment)
{
	struct dmk_cache_status status;
	struct dmk_blockdev fast;
	uint64_t blocks;
	int r = 0;

	if (dmk_get_blockdev(new->cache_device, &fast) < 0 ||
	    !ask(dm, id, "cache", cache_status, &status))
		return 0;
	blocks = fast.size_bytes / 512 / new->block_size_sectors;
	if (blocks < status.cache.total && status.dirty_blocks) {
		dmk_fail(&dm->error, -EINVAL,
			 "of the cache's %llu blocks %llu are dirty, this table has %llu: let the "
			 "policy 'cleaner' write them back first",
			 (unsigned long long)status.cache.total,
			 (unsigned long long)status.dirty_blocks, (unsigned long long)blocks);
		r = refuse(dm, segment, 0);
	}
	dmk_cache_status_clear(&status);
	return r;
}

static int compare_caches(struct dmk *dm, const struct dmk_id *id,
			  const struct dmk_segment *segment)
{
	struct dmk_cache new;
	int r;

	if (dmk_cache_parse_table(segment->params, &new, NULL) < 0)
		return 0;
	r = check_cache(dm, id, &new, segment);
	dmk_cache_clear(&new);
	return r;
}

int dmk_foresee_swap(struct dmk *dm, const struct dmk_id *id, struct dmk_former *former,
		     struct dmk_table *table)
{
	struct dmk_segment live, segment, first;
	const struct dmk_target *target;
	bool same = false;

	if (!former->known || table->unchecked || dmk_table_get(&former->table, 0, &live) < 0 ||
	    dmk_table_get(table, 0, &first) < 0)
		return 0;
	if (strcmp(live.type, "cache") == 0 && strcmp(first.type, "cache") == 0)
		return compare_caches(dm, id, &first);
	target = dmk_target_find(live.type);
	if (!target || !(target->flags & DMK_TARGET_IMMUTABLE))
		return 0;
	for (uint32_t i = 0; i < table->count; i++) {
		if (dmk_table_get(table, i, &segment) < 0 || strcmp(segment.type, "error") == 0)
			return 0;
		same = same || strcmp(segment.type, live.type) == 0;
	}
	if (!same) {
		dmk_fail(&dm->error, -EINVAL,
			 "a table of %s can be replaced by nothing but %s or error", live.type,
			 live.type);
		return refuse(dm, &first, 0);
	}
	return strcmp(live.type, "thin-pool") == 0 ? compare_pools(dm, id, &live, &first) : 0;
}
