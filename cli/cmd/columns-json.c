/* SPDX-License-Identifier: MIT */
/* Columns as keys of JSON objects. */
#include <string.h>

#include "cmd/columns.h"
#include "cmd/facts.h"
#include "cmd/places.h"
#include "common/cli.h"
#include "common/json.h"

void json_words(struct json *json, const char *key, const struct words *words)
{
	json_array(json, key);
	for (size_t i = 0; i < words->length; i += strlen(words->text + i) + 1)
		json_string(json, NULL, words->text + i);
	json_close(json);
}

static void json_types(struct json *json, const char *types)
{
	json_array(json, "types");
	while (*types) {
		size_t length = strcspn(types, ",");
		char type[DMK_TYPE_SIZE];

		snprintf(type, sizeof(type), "%.*s", (int)length, types);
		json_string(json, NULL, type);
		types += length + (types[length] == ',');
	}
	json_close(json);
}

static void json_number(struct json *json, const char *key, bool known, uint64_t value)
{
	if (known)
		json_u64(json, key, value);
	else
		json_null(json, key);
}

static void json_column(struct json *json, const struct facts *facts, enum column column,
			bool bytes)
{
	char kernel_name[32];

	switch (column) {
	case COLUMN_NAME:
		json_string(json, "name", facts->name);
		break;
	case COLUMN_DEVICE:
		json_u64(json, "major", facts->major);
		json_u64(json, "minor", facts->minor);
		break;
	case COLUMN_KERNEL_NAME:
		snprintf(kernel_name, sizeof(kernel_name), "dm-%u", facts->minor);
		json_string(json, "kernel_name", facts->mapping ? kernel_name : facts->name);
		break;
	case COLUMN_UUID:
		json_string(json, "uuid", facts->uuid ? facts->uuid : "");
		break;
	case COLUMN_EVENT:
		json_number(json, "event_nr", facts->has_event_nr, facts->event_nr);
		break;
	case COLUMN_SIZE:
		if (bytes)
			json_u64(json, "size_bytes", facts->size_sectors * 512);
		else
			json_u64(json, "size_sectors", facts->size_sectors);
		break;
	case COLUMN_TYPES:
		json_types(json, facts->types);
		break;
	case COLUMN_STATE:
		json_bool(json, "suspended", facts->flags & DMK_INFO_SUSPENDED);
		break;
	case COLUMN_TABLES:
		json_bool(json, "live_table", facts->flags & DMK_INFO_LIVE_TABLE);
		json_bool(json, "inactive_table", facts->flags & DMK_INFO_INACTIVE_TABLE);
		break;
	case COLUMN_RO:
		json_bool(json, "readonly", facts->flags & DMK_INFO_READONLY);
		break;
	case COLUMN_OPEN:
		json_number(json, "open_count", facts->open_count >= 0,
			    (uint64_t)facts->open_count);
		break;
	case COLUMN_SEGMENTS:
		json_u64(json, "target_count", facts->segments);
		break;
	default:
		break;
	}
}

void json_columns(struct cli *cli, const struct columns *columns, const struct facts *facts)
{
	struct json *json = &cli->json;
	bool mounts = false;

	for (uint32_t i = 0; i < columns->n; i++) {
		enum column column = columns->at[i];
		bool bytes = given(cli, OPT_BYTES) && facts->size_sectors <= UINT64_MAX / 512;

		/* Of what a disk has not there is no key. */
		if (facts->mapping || column <= COLUMN_SIZE)
			json_column(json, facts, column, bytes);
		/* Where it is mounted once, though two columns say it. */
		if ((column == COLUMN_MOUNT || column == COLUMN_USED_BY) && !mounts) {
			json_words(json, "mounts", &facts->mounts);
			mounts = true;
		}
		if (column == COLUMN_USED_BY)
			json_words(json, "used_by", &facts->users);
	}
}
