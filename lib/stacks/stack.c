/* SPDX-License-Identifier: MIT */
/* A stack as it is added: all is copied, and what can be told by itself is checked at once. */
#include "stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rows/target.h"
#include "verbs/keys.h"
#include "wire/request.h"
#include "wire/table.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+"
#define MOST_DEVICES 1048576 /* minors that the kernel has */

void dmk_stack_prefix(const char *stack, char *prefix, size_t size)
{
	dmk_print_text(prefix, size, DMK_STACK_UUID "%s-", stack);
}

int dmk_stack_check_name(const char *name, struct dmk_error *err)
{
	if (!name || !name[0])
		return dmk_fail(err, -EINVAL, "a stack needs a name");
	if (strlen(name) >= DMK_STACK_NAME_SIZE)
		return dmk_fail_word(err, -ENAMETOOLONG, name, strlen(name), 0,
				     "a stack's name is at most %d bytes long",
				     DMK_STACK_NAME_SIZE - 1);
	if (name[strspn(name, NAME_LETTERS)])
		return dmk_refuse(err, name, "a stack's name is letters, digits, '.', '_' and '+'");
	return 0;
}

int dmk_stack_new(const char *name, struct dmk_stack **ret_stack)
{
	struct dmk_stack *stack;
	int r = dmk_stack_check_name(name, NULL);

	if (r < 0)
		return r;
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return -ENOMEM;
	dmk_copy_text(stack->name, sizeof(stack->name), name);
	*ret_stack = stack;
	return 0;
}

static void drop_device(struct dmk_wanted *device)
{
	dmk_arena_free(&device->owned);
	free(device->segments);
	free(device->messages);
	dmk_edges_free(&device->before);
	dmk_table_free(device->table);
}

void dmk_stack_free(struct dmk_stack *stack)
{
	if (!stack)
		return;
	for (uint32_t i = 0; i < stack->n; i++)
		drop_device(&stack->devices[i]);
	free(stack->devices);
	free(stack->order);
	dmk_names_free(&stack->names);
	dmk_names_free(&stack->uuids);
	free(stack);
}

const char *dmk_stack_name(const struct dmk_stack *stack)
{
	return stack->name;
}

uint32_t dmk_stack_count(const struct dmk_stack *stack)
{
	return stack->n;
}

const struct dmk_error *dmk_stack_error(const struct dmk_stack *stack)
{
	return &stack->error;
}

int dmk_stack_name_device(const struct dmk_wanted *device, int r, struct dmk_error *err)
{
	dmk_copy_text(err->device, sizeof(err->device), device->name);
	err->line = device->options.line;
	err->column = 0;
	return r;
}

void dmk_stack_unresolve(struct dmk_stack *stack)
{
	if (!stack->order)
		return;
	for (uint32_t i = 0; i < stack->n; i++) {
		struct dmk_wanted *device = &stack->devices[i];

		dmk_table_free(device->table);
		dmk_edges_free(&device->before);
		device->table = NULL;
		device->n_below = 0;
	}
	free(stack->order);
	stack->order = NULL;
}

/* What is added changes the whole. */
static struct dmk_error *begin(struct dmk_stack *stack)
{
	dmk_stack_unresolve(stack);
	stack->error = (struct dmk_error){ .verb = DMK_VERB_STACK, .step = DMK_STEP_ARGUMENTS };
	return &stack->error;
}

static int no_memory(struct dmk_error *err)
{
	return dmk_fail(err, -ENOMEM, "no memory");
}

/* ---- devices ---- */

/* @NAME has to end somewhere. */
static int check_device_name(const char *name, struct dmk_error *err)
{
	int r = dmk_check_new_name(name, err);

	if (r < 0)
		return r;
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f || *at == ':' || *at == '\\')
			return dmk_refuse(err, name,
					  "a name in a stack holds no blank, ':' or backslash");
	return 0;
}

static int check_options(const struct dmk_stack_device *o, struct dmk_error *err)
{
	const uint32_t ahead = DMK_CREATE_READ_AHEAD | DMK_CREATE_READ_AHEAD_MINIMUM;
	const uint32_t allowed =
		DMK_CREATE_READONLY | DMK_CREATE_FIXED_MINOR | DMK_CREATE_NO_VERIFY | ahead;

	if (o->flags & ~allowed)
		return dmk_fail(err, -EINVAL, "unknown flags 0x%x", o->flags & ~allowed);
	if (o->unused || !dmk_all_zero(o->reserved, sizeof(o->reserved)))
		return dmk_fail(err, -EINVAL, "reserved words must be zero");
	if (o->mode & ~0777u)
		return dmk_fail(err, -EINVAL,
				"a node's mode is permission bits alone, at most 0777");
	if (o->node_policy > DMK_NODE_NONE)
		return dmk_fail(err, -EINVAL, "unknown node policy %u", o->node_policy);
	if (o->minor > 0xfffff || (o->minor && !(o->flags & DMK_CREATE_FIXED_MINOR)))
		return dmk_fail(err, -EINVAL,
				"a fixed minor needs its flag and is at most 1048575");
	if ((o->flags & ahead) && o->node_policy == DMK_NODE_NONE)
		return dmk_fail(err, -EINVAL, "read-ahead is set through the node: it needs one");
	return 0;
}

/* "DMKIT-STACK-" and what the options say, or the name. */
static int make_uuid(const struct dmk_stack *stack, struct dmk_wanted *device,
		     struct dmk_error *err)
{
	const char *own = device->options.uuid ? device->options.uuid : device->name;
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	int r;

	dmk_text_add(&text, DMK_STACK_UUID "%s-%s", stack->name, own);
	if (dmk_text_error(&text) < 0)
		return no_memory(err);
	if (!own[0])
		return dmk_fail(err, -EINVAL, "the uuid is empty");
	r = dmk_check_uuid(text.data, err);
	if (r < 0)
		return r;
	device->uuid = dmk_arena_text(&device->owned, text.data, text.length);
	return device->uuid ? 0 : no_memory(err);
}

static int fill_device(const struct dmk_stack *stack, struct dmk_wanted *device, const char *name,
		       struct dmk_error *err)
{
	int r = check_device_name(name, err);

	if (r == 0)
		r = check_options(&device->options, err);
	if (r < 0)
		return r;
	device->name = dmk_arena_text(&device->owned, name, strlen(name));
	if (!device->name)
		return no_memory(err);
	r = make_uuid(stack, device, err);
	device->options.uuid = NULL; /* the caller's; it is in ours */
	return r;
}

static int make_room(struct dmk_stack *stack, struct dmk_error *err)
{
	uint32_t room = stack->room ? stack->room * 2 : 16;
	struct dmk_wanted *devices;

	if (stack->n == MOST_DEVICES)
		return dmk_fail(err, -EOVERFLOW, "a stack has at most %d devices", MOST_DEVICES);
	if (stack->n < stack->room)
		return 0;
	devices = realloc(stack->devices, room * sizeof(*devices));
	if (!devices)
		return no_memory(err);
	stack->devices = devices;
	stack->room = room;
	return 0;
}

int dmk_stack_add_device(struct dmk_stack *stack, const char *name,
			 const struct dmk_stack_device *options)
{
	struct dmk_error *err = begin(stack);
	struct dmk_wanted device = { 0 };
	int r = make_room(stack, err);

	if (options)
		device.options = *options;
	err->line = device.options.line;
	dmk_copy_text(err->device, sizeof(err->device), name ? name : "");
	if (r == 0)
		r = fill_device(stack, &device, name, err);
	if (r == 0 && dmk_names_find(&stack->names, name, strlen(name)) != DMK_NO_INDEX)
		r = dmk_fail_word(err, -EEXIST, name, strlen(name), 0,
				  "the stack has a device of this name already");
	if (r == 0 &&
	    dmk_names_find(&stack->uuids, device.uuid, strlen(device.uuid)) != DMK_NO_INDEX)
		r = dmk_fail_word(err, -EEXIST, device.uuid, strlen(device.uuid), 0,
				  "the stack has a device of this uuid already");
	/* Room for both first: then neither can fail. */
	if (r == 0 &&
	    (dmk_names_reserve(&stack->names) < 0 || dmk_names_reserve(&stack->uuids) < 0))
		r = no_memory(err);
	if (r < 0) {
		drop_device(&device);
		return r;
	}
	r = dmk_names_add(&stack->names, device.name, stack->n);
	if (r == 0)
		r = dmk_names_add(&stack->uuids, device.uuid, stack->n);
	stack->devices[stack->n++] = device;
	return r;
}

/* ---- what is added to the last device ---- */

static struct dmk_wanted *last_device(struct dmk_stack *stack, struct dmk_error *err)
{
	if (stack->n == 0) {
		dmk_fail(err, -EINVAL, "no device was added yet");
		return NULL;
	}
	dmk_stack_name_device(&stack->devices[stack->n - 1], 0, err);
	err->segment = stack->devices[stack->n - 1].n_segments + 1;
	return &stack->devices[stack->n - 1];
}

static int append(struct dmk_wanted *device, const struct dmk_wanted_segment *segment,
		  struct dmk_error *err)
{
	struct dmk_wanted_segment *segments =
		realloc(device->segments, (device->n_segments + 1) * sizeof(*segments));

	if (!segments)
		return no_memory(err);
	device->segments = segments;
	segments[device->n_segments++] = *segment;
	return 0;
}

/* The table's failure as the stack's. */
static int take_error(const struct dmk_table *table, int r, struct dmk_error *err)
{
	struct dmk_error whole = *dmk_table_error(table);

	whole.code = r;
	whole.verb = err->verb;
	whole.line = err->line;
	whole.segment = err->segment;
	memcpy(whole.device, err->device, sizeof(whole.device));
	*err = whole;
	return r;
}

/* The only segment of a table that was made to read it. */
static int keep_segment(struct dmk_wanted *device, struct dmk_table *table, uint64_t start_sectors,
			struct dmk_error *err)
{
	struct dmk_wanted_segment kept = { .start_sectors = start_sectors };
	struct dmk_segment segment;
	int r = dmk_table_get(table, 0, &segment);

	if (r < 0)
		return dmk_fail(err, r, "no segment");
	kept.length_sectors = segment.length_sectors;
	kept.type = dmk_arena_text(&device->owned, segment.type, strlen(segment.type));
	kept.params = dmk_arena_text(&device->owned, segment.params, strlen(segment.params));
	if (!kept.type || !kept.params)
		return no_memory(err);
	if (table->secret)
		dmk_no_dump((char *)kept.params, strlen(kept.params));
	return append(device, &kept, err);
}

/* Of a device of the stack nothing is known yet. */
static int no_size_yet(void *userdata, const char *device, uint64_t *ret_sectors)
{
	(void)userdata;
	(void)ret_sectors;
	return device[0] == '@' ? -EAGAIN : 0;
}

/* Copies of the pairs, until all devices are known. */
static int keep_pairs(struct dmk_wanted *device, const char *type,
		      const struct dmk_key_value *pairs, uint32_t n, struct dmk_error *err)
{
	struct dmk_wanted_segment kept = { .start_sectors = DMK_NEXT, .n_pairs = n };

	kept.type = dmk_arena_text(&device->owned, type, strlen(type));
	kept.pairs = dmk_arena_array(&device->owned, n ? n : 1, sizeof(*kept.pairs));
	if (!kept.type || !kept.pairs)
		return no_memory(err);
	for (uint32_t i = 0; i < n; i++) {
		size_t length = strlen(pairs[i].value);
		char *value = dmk_arena_text(&device->owned, pairs[i].value, length);

		kept.pairs[i].key =
			dmk_arena_text(&device->owned, pairs[i].key, strlen(pairs[i].key));
		kept.pairs[i].value = value;
		if (!kept.pairs[i].key || !value)
			return no_memory(err);
		if (dmk_type_may_be_secret(type))
			dmk_no_dump(value, length);
	}
	return append(device, &kept, err);
}

/* The device that gets it, and a table of its own to read it. */
static int begin_segment(struct dmk_stack *stack, struct dmk_wanted **ret_device,
			 struct dmk_table **ret_table, struct dmk_error *err)
{
	*ret_device = last_device(stack, err);
	if (!*ret_device)
		return err->code;
	return dmk_table_new(ret_table) < 0 ? no_memory(err) : 0;
}

int dmk_stack_add_keys(struct dmk_stack *stack, const char *type, const struct dmk_key_value *pairs,
		       uint32_t n)
{
	struct dmk_error *err = begin(stack);
	struct dmk_wanted *device;
	struct dmk_table *table;
	int r = begin_segment(stack, &device, &table, err);

	if (r < 0)
		return r;
	r = dmk_table_add_keys_sized(table, type, pairs, n, no_size_yet, NULL);
	if (r == -EAGAIN || dmk_is_late_disk(dmk_table_error(table), r))
		r = keep_pairs(device, type, pairs, n, err);
	else if (r < 0)
		r = take_error(table, r, err);
	else
		r = keep_segment(device, table, DMK_NEXT, err);
	dmk_table_free(table);
	return r;
}

int dmk_stack_add_segment(struct dmk_stack *stack, uint64_t start_sectors, uint64_t length_sectors,
			  const char *type, const char *params)
{
	struct dmk_error *err = begin(stack);
	struct dmk_wanted *device;
	struct dmk_table *table;
	int r = begin_segment(stack, &device, &table, err);

	if (r < 0)
		return r;
	/* Where it starts is judged with all of them. */
	r = dmk_table_add(table, DMK_NEXT, length_sectors, type, params);
	r = r < 0 ? take_error(table, r, err) : keep_segment(device, table, start_sectors, err);
	dmk_table_free(table);
	return r;
}

int dmk_stack_add_message(struct dmk_stack *stack, const char *device, const char *text)
{
	struct dmk_error *err = begin(stack);
	struct dmk_wanted *last = last_device(stack, err);
	struct dmk_wanted_message message = { .index = DMK_NO_INDEX };
	struct dmk_wanted_message *messages;

	if (!last)
		return err->code;
	err->segment = 0;
	if (!device || !device[0] || !text || !text[0])
		return dmk_fail(err, -EINVAL, "a message has a device and a text");
	message.device = dmk_arena_text(&last->owned, device, strlen(device));
	message.text = dmk_arena_text(&last->owned, text, strlen(text));
	messages = realloc(last->messages, (last->n_messages + 1) * sizeof(*messages));
	if (messages)
		last->messages = messages;
	if (!messages || !message.device || !message.text)
		return no_memory(err);
	if (dmk_message_is_secret(text))
		dmk_no_dump((char *)message.text, strlen(text));
	messages[last->n_messages++] = message;
	return 0;
}
