/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct dmk_command commands[DMK_CMD_COUNT] = {
	[DM_VERSION_CMD] = { "DM_VERSION", 0, DMK_COMMAND_BARE_REPLY },
	[DM_REMOVE_ALL_CMD] = { "DM_REMOVE_ALL", 0, DMK_COMMAND_CHANGES },
	[DM_LIST_DEVICES_CMD] = { "DM_LIST_DEVICES", 0, 0 },
	[DM_DEV_CREATE_CMD] = { "DM_DEV_CREATE", 0, DMK_COMMAND_CHANGES | DMK_COMMAND_LOGS },
	[DM_DEV_REMOVE_CMD] = { "DM_DEV_REMOVE", 0, DMK_COMMAND_CHANGES },
	[DM_DEV_RENAME_CMD] = { "DM_DEV_RENAME", 0,
				DMK_COMMAND_CHANGES | DMK_COMMAND_LOGS | DMK_COMMAND_TEXT },
	[DM_DEV_SUSPEND_CMD] = { "DM_DEV_SUSPEND", 0, DMK_COMMAND_CHANGES | DMK_COMMAND_LOGS },
	[DM_DEV_STATUS_CMD] = { "DM_DEV_STATUS", 0, 0 },
	[DM_DEV_WAIT_CMD] = { "DM_DEV_WAIT", 0, 0 },
	[DM_TABLE_LOAD_CMD] = { "DM_TABLE_LOAD", 0, DMK_COMMAND_CHANGES | DMK_COMMAND_LOGS },
	[DM_TABLE_CLEAR_CMD] = { "DM_TABLE_CLEAR", 0, DMK_COMMAND_CHANGES },
	[DM_TABLE_DEPS_CMD] = { "DM_TABLE_DEPS", 0, 0 },
	[DM_TABLE_STATUS_CMD] = { "DM_TABLE_STATUS", 0, 0 },
	[DM_LIST_VERSIONS_CMD] = { "DM_LIST_VERSIONS", 1, 0 },
	[DM_TARGET_MSG_CMD] = { "DM_TARGET_MSG", 2, DMK_COMMAND_CHANGES | DMK_COMMAND_LOGS },
	[DM_DEV_SET_GEOMETRY_CMD] = { "DM_DEV_SET_GEOMETRY", 6,
				      DMK_COMMAND_CHANGES | DMK_COMMAND_LOGS | DMK_COMMAND_TEXT |
					      DMK_COMMAND_BARE_REPLY },
	[DMK_CMD_ARM_POLL] = { "DM_DEV_ARM_POLL", 37, 0 },
	[DMK_CMD_TARGET_VERSION] = { "DM_GET_TARGET_VERSION", 41, 0 },
};

const struct dmk_command *dmk_command_find(uint32_t command)
{
	return command < DMK_CMD_COUNT ? &commands[command] : NULL;
}

DMK_FAST void dmk_request_init(struct dm_ioctl *io, uint32_t command, uint32_t size)
{
	memset(io, 0, sizeof(*io));
	io->version[0] = 4;
	io->version[1] = commands[command].minor;
	io->data_size = size;
	io->data_start = sizeof(*io);
}

DMK_FAST static int check_string(const char *what, const char *s, size_t size, bool slash_allowed,
				 struct dmk_error *err)
{
	size_t length = 0;
	bool slash = false;

	/* Once for each of many devices: in one pass. */
	for (; s && s[length]; length++)
		slash |= s[length] == '/';
	if (length == 0)
		return dmk_fail(err, -EINVAL, "a %s may not be empty", what);
	if (length >= size)
		return dmk_fail_word(err, -ENAMETOOLONG, s, length, 0,
				     "a %s is at most %zu bytes long, this one has %zu", what,
				     size - 1, length);
	if (slash && !slash_allowed)
		return dmk_fail_word(err, -EINVAL, s, length, 0, "a %s may not contain '/'", what);
	return 0;
}

bool dmk_name_has_no_node(const char *name)
{
	static const char *const taken[] = { ".", "..", "control" };

	if (*name != '.' && *name != 'c')
		return false;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(taken); i++)
		if (strcmp(name, taken[i]) == 0)
			return true;
	return false;
}

int dmk_check_name(const char *name, struct dmk_error *err)
{
	return check_string("name", name, DM_NAME_LEN, false, err);
}

int dmk_check_new_name(const char *name, struct dmk_error *err)
{
	int r = dmk_check_name(name, err);

	if (r == 0 && dmk_name_has_no_node(name))
		return dmk_fail_word(err, -EINVAL, name, strlen(name), 0,
				     "no device may have the name '%s'", name);
	return r;
}

int dmk_check_uuid(const char *uuid, struct dmk_error *err)
{
	return check_string("uuid", uuid, DM_UUID_LEN, false, err);
}

int dmk_check_type_size(const char *type, struct dmk_error *err)
{
	return check_string("target type", type, DM_MAX_TYPE_NAME, true, err);
}

int dmk_check_type(const char *type, struct dmk_error *err)
{
	int r = dmk_check_type_size(type, err);

	for (const char *c = type; r == 0 && *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return dmk_fail_word(err, -EINVAL, type, strlen(type), 0,
					     "a target type is one word");
	return r;
}

int dmk_check_id(const struct dmk_id *id, struct dmk_error *err)
{
	int given = !!id->name + !!id->uuid + !!id->major;

	if (given != 1)
		return dmk_fail(err, -EINVAL,
				"a device is named by exactly one of name, uuid and device number");
	if (!dmk_all_zero(id->reserved, sizeof(id->reserved)))
		return dmk_fail(err, -EINVAL, "reserved words of struct dmk_id are not zero");
	if (id->name)
		return dmk_check_name(id->name, err);
	if (id->uuid)
		return dmk_check_uuid(id->uuid, err);
	if (id->major > 0xfff || id->minor > 0xfffff)
		return dmk_fail(err, -EINVAL, "no device number is above 4095:1048575");
	return 0;
}

void dmk_request_id(struct dm_ioctl *io, const struct dmk_id *id)
{
	if (id->name) /* it fits: dmk_check_id() */
		strcpy(io->name, id->name);
	else if (id->uuid)
		strcpy(io->uuid, id->uuid);
	else
		io->dev = dmk_dev_encode(id->major, id->minor);
}

void dmk_id_text(const struct dmk_id *id, char *field, size_t size)
{
	if (id->name)
		dmk_copy_text(field, size, id->name);
	else if (id->uuid)
		dmk_copy_text(field, size, id->uuid);
	else
		dmk_print_text(field, size, "%u:%u", id->major, id->minor);
}

uint64_t dmk_dev_encode(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | ((uint64_t)major << 8) | ((uint64_t)(minor & ~0xffu) << 12);
}

void dmk_dev_decode(uint64_t dev, uint32_t *ret_major, uint32_t *ret_minor)
{
	*ret_major = (uint32_t)(dev & 0xfff00) >> 8;
	*ret_minor = (uint32_t)((dev & 0xff) | ((dev >> 12) & 0xfff00));
}

static uint32_t info_flags(uint32_t flags)
{
	return (flags & DM_SUSPEND_FLAG ? DMK_INFO_SUSPENDED : 0) |
	       (flags & DM_READONLY_FLAG ? DMK_INFO_READONLY : 0) |
	       (flags & DM_ACTIVE_PRESENT_FLAG ? DMK_INFO_LIVE_TABLE : 0) |
	       (flags & DM_INACTIVE_PRESENT_FLAG ? DMK_INFO_INACTIVE_TABLE : 0) |
	       (flags & DM_DEFERRED_REMOVE ? DMK_INFO_DEFERRED_REMOVE : 0) |
	       (flags & DM_INTERNAL_SUSPEND_FLAG ? DMK_INFO_INTERNAL_SUSPEND : 0);
}

/* As the kernel ends them, in its zeros; another transport may have other bytes behind the NUL. */
static bool is_ended(const char *field, size_t size)
{
	return field[size - 1] == '\0' || memchr(field, 0, size);
}

DMK_FAST int dmk_reply_info(const struct dm_ioctl *io, struct dmk_info *ret_info)
{
	if (!is_ended(io->name, sizeof(io->name)) || !is_ended(io->uuid, sizeof(io->uuid)))
		return -EBADMSG;
	memset(ret_info, 0, sizeof(*ret_info));
	ret_info->flags = info_flags(io->flags);
	dmk_dev_decode(io->dev, &ret_info->major, &ret_info->minor);
	ret_info->open_count = io->open_count;
	ret_info->event_nr = io->event_nr;
	ret_info->target_count = io->target_count;
	dmk_copy_text(ret_info->name, sizeof(ret_info->name), io->name);
	dmk_copy_text(ret_info->uuid, sizeof(ret_info->uuid), io->uuid);
	return 0;
}

DMK_FAST int dmk_reply_cursor(struct dm_ioctl *io, uint32_t capacity, struct dmk_cursor *ret_cursor)
{
	struct dmk_cursor cursor = { 0 };

	/* A reply without payload has the header's bare 305 bytes, less than data_start. */
	if (io->data_size > capacity || io->data_start < offsetof(struct dm_ioctl, data) ||
	    io->data_start > capacity)
		return -EBADMSG;
	if (io->data_size > io->data_start) {
		cursor.data = (char *)io + io->data_start;
		cursor.size = io->data_size - io->data_start;
	}
	cursor.left = io->target_count;
	*ret_cursor = cursor;
	return 0;
}

/* The NUL of the string at offset, inside the payload; NULL: it has none. */
DMK_FAST static const char *end_at(const struct dmk_cursor *cursor, size_t offset)
{
	return offset < cursor->size ? memchr(cursor->data + offset, 0, cursor->size - offset)
				     : NULL;
}

static const char *string_at(const struct dmk_cursor *cursor, size_t offset)
{
	return end_at(cursor, offset) ? cursor->data + offset : NULL;
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* What follows a list entry's name, aligned to 8: event_nr, flags and, where those say so, the uuid
 * (T13). */
DMK_FAST static int device_tail(const struct dmk_cursor *cursor, size_t offset,
				struct dmk_device *device)
{
	uint32_t words[2];

	if (!cursor->has_event_nr)
		return 0;
	offset = align8(offset);
	if (offset > cursor->size || cursor->size - offset < sizeof(words))
		return -EBADMSG;
	memcpy(words, cursor->data + offset, sizeof(words));
	device->event_nr = words[0];
	device->has_event_nr = 1;
	if (!cursor->has_uuid)
		return 0;
	if (words[1] & DM_NAME_LIST_FLAG_HAS_UUID) {
		device->uuid = string_at(cursor, offset + sizeof(words));
		return device->uuid ? 0 : -EBADMSG;
	}
	device->uuid = "";
	return 0;
}

DMK_FAST int dmk_cursor_device(struct dmk_cursor *cursor, struct dmk_device *ret_device)
{
	const size_t name_offset =
		offsetof(struct dm_name_list, name); /* 12 on every machine (T13) */
	struct dmk_device device = { 0 };
	size_t left = cursor->size - cursor->position;
	const char *end;
	uint32_t next;
	uint64_t dev;
	int r;

	if (left == 0)
		return 0;
	if (left < name_offset)
		return -EBADMSG;
	memcpy(&dev, cursor->data + cursor->position, sizeof(dev));
	memcpy(&next, cursor->data + cursor->position + sizeof(dev), sizeof(next));
	if (dev == 0) { /* "flags no data" */
		cursor->position = cursor->size;
		return 0;
	}
	end = end_at(cursor, cursor->position + name_offset);
	if (!end)
		return -EBADMSG;
	device.name = cursor->data + cursor->position + name_offset;
	dmk_dev_decode(dev, &device.major, &device.minor);
	r = device_tail(cursor, (size_t)(end - cursor->data) + 1, &device);
	if (r < 0)
		return r;
	if (next != 0 && (next < name_offset || next > left))
		return -EBADMSG;
	cursor->position = next ? cursor->position + next : cursor->size;
	*ret_device = device;
	return 1;
}

DMK_FAST int dmk_cursor_segment(struct dmk_cursor *cursor, struct dmk_segment *ret_segment)
{
	struct dm_target_spec spec;
	const char *params;
	char *at;

	if (cursor->left == 0)
		return 0;
	if (cursor->size < sizeof(spec) || cursor->position > cursor->size - sizeof(spec))
		return -EBADMSG;
	at = cursor->data + cursor->position;
	memcpy(&spec, at, sizeof(spec));
	/* The kernel writes 15 of the 16 bytes: the last is whatever our buffer held. */
	at[offsetof(struct dm_target_spec, target_type) + sizeof(spec.target_type) - 1] = '\0';
	params = string_at(cursor, cursor->position + sizeof(spec));
	if (!params)
		return -EBADMSG;
	/* `next` counts from the first spec here (T2), and the last one may point past the end. */
	if (spec.next < cursor->position + sizeof(spec) ||
	    (cursor->left > 1 && spec.next > cursor->size))
		return -EBADMSG;
	cursor->position = spec.next;
	cursor->left--;
	*ret_segment = (struct dmk_segment){
		.start_sectors = spec.sector_start,
		.length_sectors = spec.length,
		.type = at + offsetof(struct dm_target_spec, target_type),
		.params = params,
	};
	return 1;
}

int dmk_cursor_target(struct dmk_cursor *cursor, struct dmk_target_version *ret_target)
{
	const size_t name_offset = offsetof(struct dm_target_versions, name);
	struct dmk_target_version target = { 0 };
	size_t left = cursor->size - cursor->position;
	uint32_t words[4]; /* next, version[3] */

	if (left == 0)
		return 0;
	if (left < name_offset)
		return -EBADMSG;
	memcpy(words, cursor->data + cursor->position, sizeof(words));
	target.type = string_at(cursor, cursor->position + name_offset);
	if (!target.type)
		return -EBADMSG;
	target.version.major = words[1];
	target.version.minor = words[2];
	target.version.patch = words[3];
	if (words[0] != 0 && (words[0] < name_offset || words[0] > left))
		return -EBADMSG;
	cursor->position = words[0] ? cursor->position + words[0] : cursor->size;
	*ret_target = target;
	return 1;
}

int dmk_cursor_string(const struct dmk_cursor *cursor, const char **ret_string)
{
	const char *s = string_at(cursor, 0);

	if (!s)
		return -EBADMSG;
	*ret_string = s;
	return 0;
}

int dmk_cursor_deps(const struct dmk_cursor *cursor, struct dmk_devno **ret_devnos,
		    uint32_t *ret_count)
{
	const size_t start = offsetof(struct dm_target_deps, dev);
	struct dmk_devno *devnos = NULL;
	uint32_t count = 0;

	if (cursor->size > 0 && cursor->size < start)
		return -EBADMSG;
	if (cursor->size)
		memcpy(&count, cursor->data, sizeof(count));
	if (count > 0 &&
	    (cursor->size < start || count > (cursor->size - start) / sizeof(uint64_t)))
		return -EBADMSG;
	if (count > 0) {
		devnos = calloc(count, sizeof(*devnos));
		if (!devnos)
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t dev;

		memcpy(&dev, cursor->data + start + i * sizeof(dev), sizeof(dev));
		dmk_dev_decode(dev, &devnos[i].major, &devnos[i].minor);
	}
	*ret_devnos = devnos;
	*ret_count = count;
	return 0;
}

/*
 * A TABLE_STATUS reply that was cut short tells how many targets there are and has some of them:
 * their average gives the size of all, with room for what differs. Other replies only say "more".
 */
uint64_t dmk_reply_estimate(uint32_t command, struct dm_ioctl *io, uint32_t capacity,
			    uint64_t payload_size)
{
	uint64_t more = payload_size * 4;
	uint64_t estimate, used = 0, seen = 0;
	struct dmk_cursor cursor;
	struct dmk_segment segment;

	if (command != DM_TABLE_STATUS_CMD || dmk_reply_cursor(io, capacity, &cursor) < 0)
		return more;
	while (dmk_cursor_segment(&cursor, &segment) == 1) {
		if (cursor.position > cursor.size)
			break;
		used = cursor.position;
		seen++;
	}
	if (seen == 0)
		return more;
	estimate = (used / seen + 16) * io->target_count + 4096;
	return estimate > payload_size * 2 ? estimate : payload_size * 2;
}

size_t dmk_spec_size(size_t params_length)
{
	return align8(sizeof(struct dm_target_spec) + params_length + 1);
}

void dmk_spec_write(char *at, const struct dmk_segment *segment, size_t params_length)
{
	size_t size = dmk_spec_size(params_length);
	struct dm_target_spec spec = {
		.sector_start = segment->start_sectors,
		.length = segment->length_sectors,
		.next = (uint32_t)size,
	};

	memcpy(spec.target_type, segment->type, strlen(segment->type));
	memcpy(at, &spec, sizeof(spec));
	memcpy(at + sizeof(spec), segment->params, params_length);
	memset(at + sizeof(spec) + params_length, 0, size - sizeof(spec) - params_length);
}
