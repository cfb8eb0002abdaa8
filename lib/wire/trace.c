/* SPDX-License-Identifier: MIT */
/* A request as one line, for --trace and --dry-run. Reads only what lies inside the request. */
#include <string.h>

#include "request.h"

static void put_flags(struct dmk_room *trace, uint32_t flags)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
		{ DM_READONLY_FLAG, "readonly" },
		{ DM_SUSPEND_FLAG, "suspend" },
		{ DM_PERSISTENT_DEV_FLAG, "persistent-dev" },
		{ DM_STATUS_TABLE_FLAG, "status-table" },
		{ DM_SKIP_BDGET_FLAG, "skip-bdget" },
		{ DM_SKIP_LOCKFS_FLAG, "skip-lockfs" },
		{ DM_NOFLUSH_FLAG, "noflush" },
		{ DM_QUERY_INACTIVE_TABLE_FLAG, "query-inactive" },
		{ DM_UUID_FLAG, "uuid" },
		{ DM_SECURE_DATA_FLAG, "secure-data" },
		{ DM_DEFERRED_REMOVE, "deferred-remove" },
		{ DMK_MEASURE_FLAG, "measure" },
	};
	const char *separator = " flags=";

	for (size_t i = 0; i < DMK_ARRAY_SIZE(names); i++) {
		if (!(flags & names[i].bit))
			continue;
		dmk_room_add(trace, "%s%s", separator, names[i].name);
		separator = ",";
	}
}

static void put_header(struct dmk_room *trace, const struct dm_ioctl *io)
{
	uint32_t major, minor;

	if (io->name[0])
		dmk_room_add(trace, " name=%.*s", DM_NAME_LEN, io->name);
	if (io->uuid[0])
		dmk_room_add(trace, " uuid=%.*s", DM_UUID_LEN, io->uuid);
	if (io->dev) {
		dmk_dev_decode(io->dev, &major, &minor);
		dmk_room_add(trace, " dev=%u:%u", major, minor);
	}
	put_flags(trace, io->flags);
	if (io->event_nr)
		dmk_room_add(trace, " event_nr=0x%x", io->event_nr);
}

static void put_table(struct dmk_room *trace, const struct dm_ioctl *io, const char *data,
		      size_t size)
{
	const char *separator = ": ";

	dmk_room_add(trace, " targets=%u", io->target_count);
	if (io->flags & DM_SECURE_DATA_FLAG) {
		dmk_room_add(trace, ": (hidden)");
		return;
	}
	for (uint32_t i = 0; i < io->target_count && size > sizeof(struct dm_target_spec); i++) {
		struct dm_target_spec spec;
		const char *params = data + sizeof(spec);

		memcpy(&spec, data, sizeof(spec));
		dmk_room_add(trace, "%s%llu %llu %.*s", separator,
			     (unsigned long long)spec.sector_start, (unsigned long long)spec.length,
			     DM_MAX_TYPE_NAME, spec.target_type);
		if (params[0])
			dmk_room_add(trace, " %.*s", (int)strnlen(params, size - sizeof(spec)),
				     params);
		separator = "; ";
		if (spec.next <= sizeof(spec) || spec.next >= size)
			break;
		data += spec.next;
		size -= spec.next;
	}
}

static void put_message(struct dmk_room *trace, const struct dm_ioctl *io, const char *data,
			size_t size)
{
	uint64_t sector;

	if (size <= sizeof(sector))
		return;
	memcpy(&sector, data, sizeof(sector));
	dmk_room_add(trace, " sector=%llu: ", (unsigned long long)sector);
	if (io->flags & DM_SECURE_DATA_FLAG)
		dmk_room_add(trace, "(hidden)");
	else
		dmk_room_add(trace, "%.*s",
			     (int)strnlen(data + sizeof(sector), size - sizeof(sector)),
			     data + sizeof(sector));
}

size_t dmk_request_format(uint32_t command, const void *request, uint32_t request_size, char *buf,
			  size_t size)
{
	const struct dmk_command *row = dmk_command_find(command);
	struct dmk_room trace = { .buf = buf, .size = size };
	const char *data = (const char *)request + sizeof(struct dm_ioctl);
	struct dm_ioctl io;

	if (size)
		buf[0] = '\0';
	dmk_room_add(&trace, "%s", row ? row->name : "(unknown command)");
	if (!row || request_size < sizeof(io))
		return trace.length;
	memcpy(&io, request, sizeof(io));
	put_header(&trace, &io);
	if (command == DM_TABLE_LOAD_CMD)
		put_table(&trace, &io, data, request_size - sizeof(io));
	else if (command == DM_TARGET_MSG_CMD)
		put_message(&trace, &io, data, request_size - sizeof(io));
	else if (row->flags & DMK_COMMAND_TEXT)
		dmk_room_add(&trace, ": %.*s", (int)strnlen(data, request_size - sizeof(io)), data);
	if (size)
		dmk_one_line(buf);
	return trace.length;
}

int dmk_command_changes(uint32_t command)
{
	const struct dmk_command *row = dmk_command_find(command);

	return row && (row->flags & DMK_COMMAND_CHANGES) ? 1 : 0;
}
