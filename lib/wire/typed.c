/* SPDX-License-Identifier: MIT */
/*
 * Typed values by the name of their target: five functions, which the wrappers of dmkit-targets.h
 * call. A caller's struct may be of another size than this library's: an older one has fewer
 * fields, and of a newer one the fields that are not known here must be zero.
 */
#include "typed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static int fail_size(struct dmk_error *err, size_t size)
{
	return dmk_refuse(err, "size", "of %zu bytes is no struct's", size);
}

/* Fields of the one that the other has too. */
static size_t common_bytes(const struct dmk_form *form, size_t size)
{
	size_t ours = form->value_size - DMK_TAIL_BYTES, theirs = size - DMK_TAIL_BYTES;

	return ours < theirs ? ours : theirs;
}

static void *tail_of(const void *value, size_t size)
{
	return (unsigned char *)value + size - DMK_TAIL_BYTES;
}

/* A copy of a caller's value as ours: free(). */
static int take_value(const struct dmk_form *form, const void *value, size_t size, void **ret_ours,
		      struct dmk_error *err)
{
	size_t common;

	if (!value)
		return dmk_fail(err, -EINVAL, "no values are given");
	if (size < DMK_TAIL_BYTES)
		return fail_size(err, size);
	common = common_bytes(form, size);
	if (!dmk_all_zero((const unsigned char *)value + common, size - DMK_TAIL_BYTES - common))
		return dmk_refuse(err, "value",
				  "has a field that this library does not know: it is older than "
				  "the header");
	*ret_ours = calloc(1, form->value_size);
	if (!*ret_ours)
		return dmk_fail(err, -ENOMEM, "no memory");
	memcpy(*ret_ours, value, common);
	memcpy(tail_of(*ret_ours, form->value_size), tail_of(value, size), DMK_TAIL_BYTES);
	return 0;
}

int dmk_table_add_form(struct dmk_table *table, const struct dmk_target *target,
		       uint64_t start_sectors, uint64_t length_sectors, const void *value)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	int r = dmk_form_format(&target->table, value, &text, &table->error);

	if (r < 0)
		return r;
	if (length_sectors == 0 && target->length_sectors)
		length_sectors = target->length_sectors(value);
	return dmk_table_add_read(table, start_sectors, length_sectors, target->info.type,
				  text.data ? text.data : "", value);
}

int dmk_table_add_value(struct dmk_table *table, const char *type, uint64_t start_sectors,
			uint64_t length_sectors, const void *value, size_t size)
{
	const struct dmk_target *target = dmk_target_find(type);
	struct dmk_error *err = dmk_table_begin(table);
	DMK_CLEANUP(dmk_free_ptr) void *ours = NULL;
	int r;

	dmk_copy_text(err->target, sizeof(err->target), type ? type : "");
	if (!target)
		return dmk_fail_no_target(err, type);
	r = take_value(&target->table, value, size, &ours, err);
	if (r == 0)
		r = dmk_form_fill(&target->table, ours, err);
	if (r == 0)
		r = dmk_form_validate(&target->table, ours, false, err);
	return r < 0 ? r : dmk_table_add_form(table, target, start_sectors, length_sectors, ours);
}

static int parse(const struct dmk_form *form, const char *text, void *ret_value, size_t size,
		 struct dmk_error *err)
{
	void *value;
	int r;

	if (size < DMK_TAIL_BYTES)
		return fail_size(err, size);
	value = malloc(form->value_size);
	if (!value)
		return dmk_fail(err, -ENOMEM, "no memory");
	r = dmk_form_parse(form, text, value, err);
	if (r == 0) {
		memset(ret_value, 0, size);
		memcpy(ret_value, value, common_bytes(form, size));
		memcpy(tail_of(ret_value, size), tail_of(value, form->value_size), DMK_TAIL_BYTES);
	}
	dmk_wipe(value, form->value_size);
	free(value);
	return r;
}

int dmk_value_parse_table(const char *type, const char *params, void *ret_value, size_t size,
			  struct dmk_error *ret_error)
{
	const struct dmk_target *target = dmk_target_find(type);
	bool secret = dmk_type_may_be_secret(type ? type : "");

	dmk_begin_parse(ret_error, DMK_VERB_PARSE, type ? type : "", secret ? "(hidden)" : params);
	if (!target)
		return dmk_fail_no_target(ret_error, type);
	return parse(&target->table, params, ret_value, size, ret_error);
}

int dmk_value_parse_status(const char *type, const char *params, void *ret_status, size_t size,
			   struct dmk_error *ret_error)
{
	const struct dmk_target *target = dmk_target_find(type);

	dmk_begin_parse(ret_error, DMK_VERB_PARSE_STATUS, type ? type : "", params);
	if (!target)
		return dmk_fail_no_target(ret_error, type);
	if (!target->status)
		return dmk_refuse(ret_error, type, "its status is always empty");
	return parse(target->status, params, ret_status, size, ret_error);
}

int dmk_value_format_message(const char *type, const void *message, size_t size, char **ret_text,
			     struct dmk_error *ret_error)
{
	const struct dmk_target *target = type ? dmk_target_find(type) : &dmk_core_messages;
	const struct dmk_message *found;
	const struct dmk_form *form;
	DMK_CLEANUP(dmk_free_ptr) void *ours = NULL;
	uint32_t kind = 0;
	int r;

	dmk_begin_parse(ret_error, DMK_VERB_MESSAGE, type ? type : "", "");
	if (!target)
		return dmk_fail_no_target(ret_error, type);
	/* Each message struct begins with it; its enum's order is that of `messages`. */
	if (message && size >= sizeof(kind))
		memcpy(&kind, message, sizeof(kind));
	if (message && (kind < 1 || kind > target->n_messages))
		return dmk_refuse(ret_error, "message",
				  "%" PRIu32 " is none of the messages: 1 to %" PRIu32, kind,
				  target->n_messages);
	found = &target->messages[message ? kind - 1 : 0];
	form = found->typed ? found->typed : &found->form;
	r = take_value(form, message, size, &ours, ret_error);
	if (r == 0)
		r = dmk_form_validate(form, ours, false, ret_error);
	if (r == 0)
		r = dmk_message_print(found, form, ours, ret_text, ret_error);
	if (ours)
		dmk_wipe(ours, form->value_size);
	return r;
}

void dmk_value_clear(void *value, size_t size)
{
	if (!value || size < DMK_TAIL_BYTES)
		return;
	dmk_arena_free((void **)tail_of(value, size));
	dmk_wipe(value, size);
}
