/* SPDX-License-Identifier: MIT */
/* The verbs that only look. A large reply is handed to the caller as the kernel wrote it: nothing
 * is copied. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "machine/modules.h"
#include "rows/target.h"

/* Most tables are one short line, and the kernel copies and wipes the whole of what it is given. */
#define FIRST_SEGMENTS (512 - sizeof(struct dm_ioctl))

struct dmk_segments {
	struct dm_ioctl *reply; /* NULL: the payload stands behind this struct */
	struct dmk_cursor start;
	struct dmk_cursor cursor;
	struct dmk_info info;
};

struct dmk_targets {
	struct dm_ioctl *reply;
	struct dmk_cursor cursor;
};

static int check_query(struct dmk *dm, const struct dmk_query_options *o)
{
	int r = dmk_check_options(dm, o->flags,
				  DMK_QUERY_INACTIVE | DMK_QUERY_FLUSH | DMK_QUERY_NO_OPEN_COUNT,
				  o->reserved);

	return r < 0 ? r : dmk_check_unused(dm, o->unused);
}

static uint32_t query_flags(const struct dmk_query_options *o)
{
	return (o->flags & DMK_QUERY_INACTIVE ? DM_QUERY_INACTIVE_TABLE_FLAG : 0) |
	       (o->flags & DMK_QUERY_NO_OPEN_COUNT ? DM_SKIP_BDGET_FLAG : 0);
}

int dmk_get_info(struct dmk *dm, const struct dmk_id *id, const struct dmk_query_options *options,
		 struct dmk_info *ret_info)
{
	static const struct dmk_query_options defaults;
	const struct dmk_query_options *o = options ? options : &defaults;
	struct dmk_call call = { .command = DM_DEV_STATUS_CMD, .step = DMK_STEP_STATUS, .id = id };
	int r = dmk_begin_id(dm, DMK_VERB_INFO, id);

	if (r == 0)
		r = check_query(dm, o);
	if (r < 0)
		return r;
	call.flags = query_flags(o);
	r = dmk_simple(dm, &call, ret_info);
	/* The kernel ignores the flag since 2.6.28 or so and counts all the same. */
	if (r == 0 && (o->flags & DMK_QUERY_NO_OPEN_COUNT))
		ret_info->open_count = -1;
	return r;
}

/*
 * Whether some table can hold a key now: a target that is loaded has keys, or is not known. With
 * DM_SECURE_DATA the kernel writes to all of a buffer, and a large one has room to spare.
 */
static bool keys_possible(struct dmk *dm)
{
	struct dmk_call call = { .command = DM_LIST_VERSIONS_CMD,
				 .step = DMK_STEP_TARGETS,
				 .reply_size = DMK_FIRST_REPLY };
	struct dmk_error before = dm->error;
	struct dmk_target_version loaded;
	struct dmk_cursor cursor;
	bool possible = false;
	int r = dmk_call(dm, &call, NULL);

	if (r == 0)
		r = dmk_reply_of(dm, DMK_STEP_TARGETS, &cursor);
	while (r >= 0 && !possible && (r = dmk_cursor_target(&cursor, &loaded)) == 1)
		possible = dmk_type_may_be_secret(loaded.type);
	dm->error = before;
	return possible || r < 0;
}

/* Most tables have none. */
DMK_FAST static bool holds_key(const struct dmk_cursor *reply)
{
	struct dmk_cursor cursor = *reply;
	struct dmk_segment segment;

	while (dmk_cursor_segment(&cursor, &segment) == 1)
		if (dmk_segment_is_secret(&segment))
			return true;
	return false;
}

/*
 * A large reply takes the connection's buffer with it. A small one is copied, and the buffer serves
 * again: to give a page away for each device and to get a new one costs more than the request.
 */
DMK_FAST static int take_segments(struct dmk *dm, const struct dmk_cursor *cursor,
				  struct dmk_segments **ret_segments)
{
	bool small = dm->request_size <= sizeof(struct dm_ioctl) + FIRST_SEGMENTS;
	bool key = dm->secret && holds_key(cursor); /* to be kept out of core dumps */
	struct dmk_segments *segments = malloc(sizeof(*segments) + (small ? cursor->size : 0));
	int r = segments ? dmk_reply_info(dm->buffer, &segments->info) : -ENOMEM;

	if (r < 0) {
		free(segments);
		return dmk_fail_step(dm, DMK_STEP_TABLE, r);
	}
	segments->start = *cursor;
	if (key)
		dmk_keep_buffer_out(dm);
	if (small) {
		segments->reply = NULL;
		segments->start.data = (char *)(segments + 1);
		if (key)
			dmk_no_dump(segments->start.data, cursor->size);
		if (cursor->size)
			memcpy(segments->start.data, cursor->data, cursor->size);
		/* The kernel wrote that much, and no key stands behind it. */
		if (dm->secret && cursor->size)
			dmk_wipe(cursor->data, cursor->size);
		dm->secret = false;
	} else {
		segments->reply = dmk_take_buffer(dm);
	}
	segments->cursor = segments->start;
	*ret_segments = segments;
	return 0;
}

/* A status can wait for I/O of the target's own, without a flush too: a thin pool's does. */
static bool is_limited(const struct dmk *dm, const struct dmk_query_options *o, uint32_t flags)
{
	bool has_limit = o->timeout_ms > 0 || dm->timeout_ms > 0 || dm->deadline_ns > 0;

	return (o->flags & DMK_QUERY_FLUSH) || (has_limit && !(flags & DM_STATUS_TABLE_FLAG));
}

/* The verb has begun. within: it ends there; NULL: as o says. */
DMK_FAST static int read_segments(struct dmk *dm, const struct dmk_id *id,
				  const struct dmk_query_options *o, uint32_t flags,
				  const struct dmk_limit *within,
				  struct dmk_segments **ret_segments)
{
	struct dmk_call call = { .command = DM_TABLE_STATUS_CMD,
				 .step = DMK_STEP_TABLE,
				 .id = id,
				 .payload_size = FIRST_SEGMENTS };
	struct dmk_cursor cursor;
	struct dmk_limit limit = { .end_ns = INT64_MAX };
	int r = 0;

	/* Flushing can take as long as the I/O below does: only on request. */
	call.flags = flags | query_flags(o) | (o->flags & DMK_QUERY_FLUSH ? 0 : DM_NOFLUSH_FLAG);
	if (within)
		limit = *within;
	else if (is_limited(dm, o, flags))
		r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &limit);
	if (r < 0)
		return r;
	r = dmk_simple_blocking(dm, &call, &limit, NULL);
	if (r == 0 && dm->buffer->flags & DM_BUFFER_FULL_FLAG) {
		uint64_t more = dmk_reply_estimate(call.command, dm->buffer, dm->request_size,
						   FIRST_SEGMENTS);

		call.payload_size = 0;
		call.reply_size = more < UINT32_MAX ? (size_t)more : UINT32_MAX;
		/* A target that is loaded only now may have one: our own copy is wiped all the
		 * same. */
		call.secret = call.flags & DM_SECURE_DATA_FLAG;
		if (call.secret && !keys_possible(dm))
			call.flags &= ~(uint32_t)DM_SECURE_DATA_FLAG;
		r = dmk_simple_blocking(dm, &call, &limit, NULL);
	}
	if (r == 0)
		r = dmk_reply_of(dm, DMK_STEP_TABLE, &cursor);
	return r < 0 ? r : take_segments(dm, &cursor, ret_segments);
}

static const struct dmk_query_options no_options;

DMK_FAST static int get_segments(struct dmk *dm, uint32_t verb, const struct dmk_id *id,
				 const struct dmk_query_options *options, uint32_t flags,
				 const struct dmk_limit *within, struct dmk_segments **ret_segments)
{
	const struct dmk_query_options *o = options ? options : &no_options;
	int r = dmk_begin_id(dm, verb, id);

	if (r == 0)
		r = check_query(dm, o);
	return r < 0 ? r : read_segments(dm, id, o, flags, within, ret_segments);
}

/* A table may hold a key: the kernel wipes its copy of the reply. */
#define TABLE_FLAGS (DM_STATUS_TABLE_FLAG | DM_SECURE_DATA_FLAG)

int dmk_read_table(struct dmk *dm, const struct dmk_id *id, struct dmk_segments **ret_segments)
{
	return read_segments(dm, id, &no_options, TABLE_FLAGS, NULL, ret_segments);
}

int dmk_read_status(struct dmk *dm, const struct dmk_id *id, struct dmk_segments **ret_segments)
{
	return read_segments(dm, id, &no_options, 0, NULL, ret_segments);
}

int dmk_get_table(struct dmk *dm, const struct dmk_id *id, const struct dmk_query_options *options,
		  struct dmk_segments **ret_segments)
{
	return get_segments(dm, DMK_VERB_TABLE, id, options, TABLE_FLAGS, NULL, ret_segments);
}

int dmk_get_status(struct dmk *dm, const struct dmk_id *id, const struct dmk_query_options *options,
		   struct dmk_segments **ret_segments)
{
	return get_segments(dm, DMK_VERB_STATUS, id, options, 0, NULL, ret_segments);
}

int dmk_get_status_within(struct dmk *dm, const struct dmk_id *id, const struct dmk_limit *limit,
			  struct dmk_segments **ret_segments)
{
	return get_segments(dm, DMK_VERB_STATUS, id, NULL, 0, limit, ret_segments);
}

int dmk_get_measurement(struct dmk *dm, const struct dmk_id *id,
			const struct dmk_query_options *options, struct dmk_segments **ret_segments)
{
	int r = dmk_begin_id(dm, DMK_VERB_STATUS, id);

	if (r == 0)
		r = dmk_connect(dm);
	/* An older driver overlooks the flag and answers with the status. */
	if (r == 0 && !dmk_driver_has(dm, 45))
		return dmk_fail_argument(dm, -EOPNOTSUPP, "measurements need driver version 4.45");
	return r < 0 ? r
		     : get_segments(dm, DMK_VERB_STATUS, id, options, DMK_MEASURE_FLAG, NULL,
				    ret_segments);
}

int dmk_segments_next(struct dmk_segments *segments, struct dmk_segment *ret_segment)
{
	return dmk_cursor_segment(&segments->cursor, ret_segment);
}

void dmk_segments_rewind(struct dmk_segments *segments)
{
	segments->cursor = segments->start;
}

uint32_t dmk_segments_count(const struct dmk_segments *segments)
{
	return segments->start.left;
}

const struct dmk_info *dmk_segments_info(const struct dmk_segments *segments)
{
	return &segments->info;
}

void dmk_segments_free(struct dmk_segments *segments)
{
	if (!segments)
		return;
	/* What the kernel wrote and no more: a page that nothing touched stays untouched. */
	if (segments->start.size)
		dmk_wipe(segments->start.data, segments->start.size);
	free(segments->reply);
	free(segments);
}

int dmk_get_deps(struct dmk *dm, const struct dmk_id *id, const struct dmk_query_options *options,
		 struct dmk_devno **ret_devnos, uint32_t *ret_count)
{
	static const struct dmk_query_options defaults;
	const struct dmk_query_options *o = options ? options : &defaults;
	struct dmk_call call = { .command = DM_TABLE_DEPS_CMD,
				 .step = DMK_STEP_DEPS,
				 .id = id,
				 .reply_size = DMK_FIRST_REPLY };
	struct dmk_cursor cursor;
	int r = dmk_begin_id(dm, DMK_VERB_DEPS, id);

	if (r == 0)
		r = check_query(dm, o);
	if (r < 0)
		return r;
	call.flags = query_flags(o);
	r = dmk_call(dm, &call, NULL);
	if (r == 0)
		r = dmk_reply_of(dm, DMK_STEP_DEPS, &cursor);
	if (r < 0)
		return r;
	r = dmk_cursor_deps(&cursor, ret_devnos, ret_count);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_DEPS, r) : 0;
}

static int get_targets(struct dmk *dm, const struct dmk_call *call,
		       struct dmk_targets **ret_targets)
{
	struct dmk_targets *targets;
	struct dmk_cursor cursor;
	int r = dmk_call(dm, call, NULL);

	if (r == 0)
		r = dmk_reply_of(dm, DMK_STEP_TARGETS, &cursor);
	if (r < 0)
		return r;
	targets = calloc(1, sizeof(*targets));
	if (!targets)
		return dmk_fail_step(dm, DMK_STEP_TARGETS, -ENOMEM);
	targets->reply = dmk_take_buffer(dm);
	targets->cursor = cursor;
	*ret_targets = targets;
	return 0;
}

int dmk_list_targets(struct dmk *dm, struct dmk_targets **ret_targets)
{
	struct dmk_call call = { .command = DM_LIST_VERSIONS_CMD,
				 .step = DMK_STEP_TARGETS,
				 .reply_size = DMK_FIRST_REPLY };

	dmk_begin(dm, DMK_VERB_TARGETS, NULL);
	return get_targets(dm, &call, ret_targets);
}

int dmk_targets_next(struct dmk_targets *targets, struct dmk_target_version *ret_target)
{
	return dmk_cursor_target(&targets->cursor, ret_target);
}

void dmk_targets_free(struct dmk_targets *targets)
{
	if (!targets)
		return;
	free(targets->reply);
	free(targets);
}

int dmk_get_target_version(struct dmk *dm, const char *type, struct dmk_version *ret_version)
{
	struct dmk_call call = { .command = DMK_CMD_TARGET_VERSION,
				 .step = DMK_STEP_TARGETS,
				 .name = type,
				 .reply_size = DMK_FIRST_REPLY };
	struct dmk_target_version target;
	struct dmk_targets *targets;
	int r;

	dmk_begin(dm, DMK_VERB_TARGETS, type);
	r = dmk_check_type(type, &dm->error);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	r = dmk_connect(dm);
	if (r == 0 && !dmk_driver_has(dm, dmk_command_find(DMK_CMD_TARGET_VERSION)->minor)) {
		call.command = DM_LIST_VERSIONS_CMD;
		call.name = NULL;
	}
	if (r < 0)
		return r;
	r = get_targets(dm, &call, &targets);
	if (r == -EINVAL)
		dmk_say_no_target(type, dm->error.detail, sizeof(dm->error.detail));
	if (r < 0)
		return r;
	while ((r = dmk_targets_next(targets, &target)) == 1)
		if (strcmp(target.type, type) == 0)
			break;
	if (r == 1)
		*ret_version = target.version;
	dmk_targets_free(targets);
	if (r == 1)
		return 0;
	if (r == 0)
		dmk_say_no_target(type, dm->error.detail, sizeof(dm->error.detail));
	return dmk_fail_step(dm, DMK_STEP_TARGETS, r < 0 ? r : -ENXIO);
}
