/* SPDX-License-Identifier: MIT */
#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *or_default(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

/* What is proved, and what becomes of a block that is not. Where the bytes are is all one then. */
static bool same_image(const struct dmk_verity *a, const struct dmk_verity *b)
{
	return a->version == b->version && a->data_block_size_bytes == b->data_block_size_bytes &&
	       a->hash_block_size_bytes == b->hash_block_size_bytes &&
	       a->data_blocks == b->data_blocks && a->options == b->options &&
	       a->fec_roots == b->fec_roots &&
	       same_text(or_default(a->algorithm, "sha256"), or_default(b->algorithm, "sha256")) &&
	       same_text(a->root_digest, b->root_digest) &&
	       same_text(or_default(a->salt, "-"), or_default(b->salt, "-"));
}

static bool same_tables(const struct dmk_mapping *mapping, struct dmk_segments *segments)
{
	struct dmk_verity ours, theirs;
	struct dmk_segment own, found;
	bool same = false;

	if (dmk_segments_count(segments) != 1 || dmk_segments_next(segments, &found) != 1 ||
	    strcmp(found.type, "verity") != 0 || dmk_table_get(mapping->table, 0, &own) < 0 ||
	    found.length_sectors != own.length_sectors)
		return false;
	if (dmk_verity_parse_table(own.params, &ours, NULL) < 0)
		return false;
	/* A key's description is different each time. */
	if (mapping->options->signature)
		ours.options |= DMK_VERITY_ROOT_HASH_SIG;
	if (dmk_verity_parse_table(found.params, &theirs, NULL) == 0) {
		same = same_image(&ours, &theirs);
		dmk_verity_clear(&theirs);
	}
	dmk_verity_clear(&ours);
	return same;
}

/* Its table's own reply says which device it was. */
static int look_at(const struct dmk_mapping *mapping, const char *name, struct dmk_info *ret_info,
		   struct dmk_error *err)
{
	const struct dmk_id id = { .name = name };
	struct dmk_segments *segments;
	int r = dmk_get_table(mapping->dm, &id, NULL, &segments);

	if (r < 0)
		return r == -ENXIO ? r : dmk_layer_fail(err, mapping->dm, r);
	*ret_info = *dmk_segments_info(segments);
	if (strncmp(ret_info->uuid, DMK_LAYER_UUID_PREFIX, strlen(DMK_LAYER_UUID_PREFIX)) != 0)
		r = -EEXIST;
	/* Live, it goes by itself: that is armed before. */
	else if (!(ret_info->flags & DMK_INFO_LIVE_TABLE))
		r = -EAGAIN;
	else if (!(ret_info->flags & DMK_INFO_DEFERRED_REMOVE) || !same_tables(mapping, segments))
		r = -EEXIST;
	dmk_segments_free(segments);
	return r;
}

int dmk_share_find(struct dmk_layer *ret_layer, const struct dmk_mapping *mapping, const char *name,
		   struct dmk_error *err)
{
	struct dmk_layer layer = DMK_NO_LAYER;
	struct dmk_info now;
	char usual[32];
	int r = look_at(mapping, name, &layer.info, err);

	if (r < 0)
		return r;
	snprintf(usual, sizeof(usual), "/dev/dm-%u", layer.info.minor);
	r = dmk_held_open(&layer.held, usual, S_IFBLK, makedev(layer.info.major, layer.info.minor),
			  O_RDONLY);
	if (r < 0)
		return r == -ENXIO || r == -ENOENT || r == -ENODEV ? -EAGAIN : r;
	/* Held by now: is it still that one? A uuid is never used again. */
	r = dmk_get_info(mapping->dm,
			 &(struct dmk_id){ .major = layer.info.major, .minor = layer.info.minor },
			 NULL, &now);
	if (r == 0 && strcmp(now.uuid, layer.info.uuid) == 0 &&
	    (now.flags & DMK_INFO_DEFERRED_REMOVE)) {
		*ret_layer = layer;
		return 0;
	}
	dmk_held_close(&layer.held);
	return r < 0 && r != -ENXIO ? dmk_layer_fail(err, mapping->dm, r) : -EAGAIN;
}
