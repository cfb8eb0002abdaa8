/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"
#include "targets/needs.h"

#define HEADER_SIZE sizeof(struct dm_ioctl)
#define MAX_SEGMENTS 1048576 /* DM_MAX_TARGETS, which the uapi header does not have */

int dmk_table_new(struct dmk_table **ret_table)
{
	struct dmk_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	*ret_table = table;
	return 0;
}

void dmk_table_reset(struct dmk_table *table)
{
	if (table->secret)
		dmk_wipe(table->data, table->capacity);
	free(table->data);
	free(table->newer);
	*table = (struct dmk_table){ 0 };
}

void dmk_table_free(struct dmk_table *table)
{
	if (!table)
		return;
	dmk_table_reset(table);
	free(table);
}

const struct dmk_error *dmk_table_error(const struct dmk_table *table)
{
	return &table->error;
}

void dmk_table_set_unchecked(struct dmk_table *table)
{
	table->unchecked = true;
}

static bool is_newer(const struct dmk_table *table, const char *type)
{
	for (uint32_t i = 0; i < table->n_newer; i++)
		if (strcmp(table->newer[i], type) == 0)
			return true;
	return false;
}

int dmk_table_set_target_version(struct dmk_table *table, const char *type,
				 const struct dmk_version *version)
{
	struct dmk_error *err = dmk_table_begin(table);
	struct dmk_version known;
	char(*newer)[DMK_TYPE_SIZE];
	int r = dmk_check_type(type, err);

	if (r < 0)
		return r;
	known = dmk_newest_known(type);
	if (known.major == 0 || !dmk_version_less(&known, version) || is_newer(table, type))
		return 0;
	newer = realloc(table->newer, (table->n_newer + 1) * sizeof(*newer));
	if (!newer)
		return dmk_fail(err, -ENOMEM, "no memory");
	table->newer = newer;
	dmk_copy_text(newer[table->n_newer++], sizeof(*newer), type);
	return 0;
}

uint32_t dmk_table_count(const struct dmk_table *table)
{
	return table->count;
}

uint64_t dmk_table_size_sectors(const struct dmk_table *table)
{
	return table->end_sectors;
}

size_t dmk_table_payload_size(const struct dmk_table *table)
{
	return table->size ? table->size - HEADER_SIZE : 0;
}

struct dmk_error *dmk_table_begin(struct dmk_table *table)
{
	struct dmk_error *err = &table->error;

	if (err->code != 0 || err->target[0])
		*err = (struct dmk_error){ 0 };
	err->verb = DMK_VERB_PARSE;
	err->step = DMK_STEP_ARGUMENTS;
	err->segment = table->count + 1;
	return err;
}

struct dmk_table_mark dmk_table_mark(const struct dmk_table *table)
{
	return (struct dmk_table_mark){
		.size = table->size,
		.count = table->count,
		.secret = table->secret,
		.alone = table->alone,
		.readonly = table->readonly,
		.on_trial = table->on_trial,
		.end_sectors = table->end_sectors,
	};
}

void dmk_table_rollback(struct dmk_table *table, const struct dmk_table_mark *mark)
{
	if (table->secret && table->size > mark->size)
		dmk_wipe(table->data + mark->size, table->size - mark->size);
	table->size = mark->size;
	table->count = mark->count;
	table->secret = mark->secret;
	table->alone = mark->alone;
	table->readonly = mark->readonly;
	table->on_trial = mark->on_trial;
	table->end_sectors = mark->end_sectors;
	table->walk_index = 0;
	table->walk_offset = 0;
}

static int reserve(struct dmk_table *table, size_t more)
{
	size_t size = table->size ? table->size : HEADER_SIZE;
	size_t capacity = table->capacity ? table->capacity : HEADER_SIZE + 256;
	char *data;

	while (capacity - size < more)
		capacity += capacity / 2;
	if (capacity == table->capacity)
		return 0;
	if (table->secret) {
		/* realloc() could leave the key behind in the old place. */
		data = malloc(capacity);
		if (data) {
			dmk_no_dump(data, capacity);
			memcpy(data, table->data, size);
			dmk_wipe(table->data, table->capacity);
			free(table->data);
		}
	} else {
		data = realloc(table->data, capacity);
	}
	if (!data)
		return -ENOMEM;
	table->data = data;
	table->capacity = capacity;
	return 0;
}

static int check_range(struct dmk_table *table, const struct dmk_segment *segment,
		       const struct dmk_columns *columns)
{
	struct dmk_error *err = &table->error;
	unsigned long long start = segment->start_sectors;
	unsigned long long end = table->end_sectors;

	err->column = columns->start;
	if (start > end && table->count == 0)
		return dmk_fail(err, -EINVAL, "the first segment starts at sector %llu, not at 0",
				start);
	/* "0 2048 ...", then "1048576 2048 ...": the first line's end in bytes. */
	if (start > end && start / 512 == end && start % 512 == 0)
		err->meant_sectors = end;
	if (start > end)
		return dmk_fail(
			err, -EINVAL,
			"a gap of %llu sectors: it starts at %llu, but segment %u ends at %llu",
			start - end, start, table->count, end);
	if (start < end)
		return dmk_fail(err, -EINVAL,
				"an overlap of %llu sectors: it starts at %llu, but segment %u "
				"ends at %llu",
				end - start, start, table->count, end);
	err->column = columns->length;
	if (segment->length_sectors == 0)
		return dmk_fail(err, -EINVAL, "a segment is at least one sector long");
	if (segment->length_sectors > DMK_MAX_SECTORS - start)
		return dmk_fail(err, -EOVERFLOW,
				"it would end beyond sector %llu, the largest there is",
				(unsigned long long)DMK_MAX_SECTORS);
	err->column = 0;
	if (table->count == MAX_SEGMENTS)
		return dmk_fail(err, -EOVERFLOW, "a table has at most %d segments", MAX_SEGMENTS);
	return 0;
}

/* What the kernel calls a singleton: a pool, say, is the whole of its device. */
static int check_alone(struct dmk_table *table, const struct dmk_target *target,
		       const struct dmk_columns *columns)
{
	bool alone = target && (target->flags & DMK_TARGET_ALONE);

	if (table->count == 0) {
		table->alone = alone;
		return 0;
	}
	if (!alone && !table->alone)
		return 0;
	table->error.column = columns->type;
	return dmk_fail(&table->error, -EINVAL, "%s must be the only segment of its table",
			alone ? target->info.type : "segment 1's target");
}

static int check_params(struct dmk_table *table, const char *params, size_t length,
			const struct dmk_columns *columns)
{
	struct dmk_error *err = &table->error;
	const char *bad = memchr(params, '\n', length);
	const char *nul = memchr(params, '\0', length);

	err->column = columns->params;
	if (length > DMK_MAX_PARAMS_BYTES)
		return dmk_fail(err, -E2BIG, "parameters of %zu bytes: at most %llu are allowed",
				length, (unsigned long long)DMK_MAX_PARAMS_BYTES);
	if (nul && (!bad || nul < bad))
		bad = nul;
	if (!bad) {
		err->column = 0;
		return 0;
	}
	if (columns->params)
		err->column = columns->params + (uint32_t)(bad - params);
	return dmk_fail(err, -EINVAL, "parameters may not contain a %s byte",
			*bad ? "newline" : "NUL");
}

static bool is_secret(const char *type, const char *params)
{
	const struct dmk_segment segment = { .type = type, .params = params };

	return dmk_segment_is_secret(&segment);
}

static void keep_secret(struct dmk_table *table)
{
	if (!table->secret)
		dmk_no_dump(table->data, table->capacity);
	table->secret = true;
}

/* What an error says of the segment, once it is known to be sound enough to be said. */
static void describe(struct dmk_error *err, const char *type, const char *params)
{
	dmk_copy_text(err->target, sizeof(err->target), type);
	dmk_copy_text(err->params, sizeof(err->params), dmk_shown_params(type, params));
}

bool dmk_table_owns(const struct dmk_table *table, const char *s)
{
	uintptr_t begin = (uintptr_t)table->data;

	return begin && (uintptr_t)s >= begin && (uintptr_t)s - begin < table->size;
}

/* reserve(), where the segment's strings may be the table's own, of dmk_table_get(): they move with
 * it. */
static int make_room(struct dmk_table *table, size_t more, struct dmk_segment *segment)
{
	bool own_type = dmk_table_owns(table, segment->type);
	bool own_params = dmk_table_owns(table, segment->params);
	uintptr_t before = (uintptr_t)table->data;
	size_t type = (uintptr_t)segment->type - before;
	size_t params = (uintptr_t)segment->params - before;
	int r = reserve(table, more);

	if (own_type)
		segment->type = table->data + type;
	if (own_params)
		segment->params = table->data + params;
	return r;
}

int dmk_table_append(struct dmk_table *table, const struct dmk_segment *given, size_t params_length,
		     const void *value, const struct dmk_columns *columns)
{
	const struct dmk_target *target = dmk_target_find(given->type);
	struct dmk_segment copy = *given, *segment = &copy;
	struct dmk_table_mark mark = dmk_table_mark(table);
	struct dmk_error *err = &table->error;
	size_t spec = dmk_spec_size(params_length);
	const char *params;
	int r;

	err->segment = table->count + 1;
	r = table->unchecked ? 0 : check_range(table, segment, columns);
	if (r == 0 && !table->unchecked)
		r = check_alone(table, target, columns);
	if (r == 0)
		r = check_params(table, segment->params, params_length, columns);
	/* Before the table moves: its own strings may be what the value has. */
	if (r == 0 && value && !table->unchecked) {
		r = dmk_target_check_value(target, value, segment->length_sectors, err);
		if (r < 0)
			describe(err, segment->type, segment->params);
	}
	if (r == 0 && make_room(table, spec, segment) < 0)
		r = dmk_fail(err, -ENOMEM, "no memory for the segment");
	if (r < 0)
		return r;
	if (table->size == 0)
		table->size = HEADER_SIZE;
	dmk_spec_write(table->data + table->size, segment, params_length);
	params = table->data + table->size + sizeof(struct dm_target_spec);
	table->size += spec;
	table->count++;
	table->end_sectors += segment->length_sectors;
	if (target ? target->flags & DMK_TARGET_SECRET : is_secret(segment->type, params))
		keep_secret(table);
	if (target && !table->unchecked) {
		table->readonly |= (target->flags & DMK_TARGET_READONLY) != 0;
		table->on_trial |= target->trial != NULL;
	}
	r = table->unchecked || value
		    ? 0
		    : dmk_target_check(segment->type, params, segment->length_sectors,
				       is_newer(table, segment->type), err);
	if (r > 0) {
		/* Left to the kernel: dmk_table_check() says what. */
		err->argument[0] = err->detail[0] = '\0';
		err->column = err->flags = 0;
		return 0;
	}
	if (r < 0) {
		describe(err, segment->type, params);
		/* What concerns no single word stands at the parameters' begin. */
		if (columns->params)
			err->column = columns->params + (err->column ? err->column - 1 : 0);
		dmk_table_rollback(table, &mark);
	}
	return r;
}

int dmk_table_add_read(struct dmk_table *table, uint64_t start_sectors, uint64_t length_sectors,
		       const char *type, const char *params, const void *value)
{
	static const struct dmk_columns no_text;
	const struct dmk_segment segment = {
		.start_sectors = start_sectors == DMK_NEXT ? table->end_sectors : start_sectors,
		.length_sectors = length_sectors,
		.type = type,
		.params = params,
	};

	return dmk_table_append(table, &segment, strlen(params), value, &no_text);
}

int dmk_table_add(struct dmk_table *table, uint64_t start_sectors, uint64_t length_sectors,
		  const char *type, const char *params)
{
	struct dmk_error *err = dmk_table_begin(table);
	/* Of an unchecked table the kernel judges the type; it has to fit. */
	int r = table->unchecked ? dmk_check_type_size(type, err) : dmk_check_type(type, err);

	if (r < 0)
		return r;
	return dmk_table_add_read(table, start_sectors, length_sectors, type, params ? params : "",
				  NULL);
}

int dmk_table_get(struct dmk_table *table, uint32_t index, struct dmk_segment *ret_segment)
{
	struct dm_target_spec spec;
	const char *at;

	if (index >= table->count)
		return -ERANGE;
	if (index < table->walk_index || table->walk_offset == 0) {
		table->walk_index = 0;
		table->walk_offset = HEADER_SIZE;
	}
	for (;;) {
		at = table->data + table->walk_offset;
		memcpy(&spec, at, sizeof(spec));
		if (table->walk_index == index)
			break;
		table->walk_offset += spec.next;
		table->walk_index++;
	}
	*ret_segment = (struct dmk_segment){
		.start_sectors = spec.sector_start,
		.length_sectors = spec.length,
		.type = at + offsetof(struct dm_target_spec, target_type),
		.params = at + sizeof(spec),
	};
	return 0;
}
