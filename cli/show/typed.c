/* SPDX-License-Identifier: MIT */
/* Table text and status text as typed values, in JSON and for people. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/json.h"
#include "common/numbers.h"
#include "show/output.h"
#include "show/secrets.h"
#include "show/typed.h"

static const char *unit_of(const struct dmk_key *key)
{
	switch (key->kind) {
	case DMK_KEY_SECTORS:
		return "sectors";
	case DMK_KEY_BYTES:
		return "bytes";
	case DMK_KEY_BLOCKS:
		return "blocks";
	case DMK_KEY_MS:
		return "ms";
	case DMK_KEY_RATIO: /* its parts have it */
		return "";
	default:
		return key->unit ? key->unit : "";
	}
}

/* Whether name already ends in the unit, or in one of it: "highest_mapped_sector". */
static bool ends_in(const char *name, const char *unit)
{
	size_t length = strlen(name), n = strlen(unit);
	const char *last = strrchr(name, '_');
	const char *word = last ? last + 1 : name;

	if (length >= n && strcmp(name + length - n, unit) == 0)
		return true;
	return n > 1 && unit[n - 1] == 's' && strlen(word) == n - 1 &&
	       strncmp(word, unit, n - 1) == 0;
}

void json_key_name(const struct dmk_key *key, char buf[static JSON_KEY_SIZE])
{
	const char *unit = unit_of(key);
	size_t length;

	snprintf(buf, JSON_KEY_SIZE, "%s", key->name);
	for (char *c = buf; *c; c++) {
		if (*c == '-')
			*c = '_';
	}
	length = strlen(buf);
	if (*unit && !ends_in(buf, unit))
		snprintf(buf + length, JSON_KEY_SIZE - length, "_%s", unit);
}

static void json_device_offset(struct json *json, const char *name,
			       const struct dmk_key_value *value)
{
	/* The last colon: MAJOR:MINOR has one of its own. */
	const char *colon = strrchr(value->value, ':');
	size_t length = colon ? (size_t)(colon - value->value) : strlen(value->value);
	char *device = strndup(value->value, length);

	json_object(json, name);
	json_string(json, "device", device ? device : "");
	json_u64(json, "offset_sectors", value->number);
	json_close(json);
	free(device);
}

static void json_ratio(struct json *json, const char *name, const struct dmk_key_value *value)
{
	const char *unit = value->info->unit ? value->info->unit : "blocks";
	char key[JSON_KEY_SIZE];

	json_object(json, name);
	snprintf(key, sizeof(key), "used_%s", unit);
	json_u64(json, key, value->number);
	snprintf(key, sizeof(key), "total_%s", unit);
	json_u64(json, key, value->total);
	json_close(json);
}

bool is_yes_or_no(const struct dmk_key *key)
{
	return key->allowed &&
	       (strcmp(key->allowed, "no|yes") == 0 || strcmp(key->allowed, "yes|no") == 0);
}

static void json_value(struct json *json, const char *name, const struct dmk_key_value *value)
{
	switch (value->info->kind) {
	case DMK_KEY_NUMBER:
	case DMK_KEY_SECTORS:
	case DMK_KEY_BYTES:
	case DMK_KEY_BLOCKS:
	case DMK_KEY_MS:
		json_u64(json, name, value->number);
		break;
	case DMK_KEY_SIGNED:
		json_i64(json, name, (int64_t)value->number);
		break;
	case DMK_KEY_FLAG:
		json_bool(json, name, strcmp(value->value, "yes") == 0);
		break;
	case DMK_KEY_DEVICE_OFFSET:
		json_device_offset(json, name, value);
		break;
	case DMK_KEY_RATIO:
		json_ratio(json, name, value);
		break;
	case DMK_KEY_RECORD:
		json_record(json, name, value->info->fields, value->value);
		break;
	case DMK_KEY_CHOICE:
		if (is_yes_or_no(value->info))
			json_bool(json, name, strcmp(value->value, "yes") == 0);
		else
			json_string(json, name, value->value);
		break;
	default:
		json_string(json, name, value->value);
	}
}

/* The value of a key that was left out, so that a reader need not know dmkit's defaults. */
static void json_default(struct json *json, const struct dmk_key *key)
{
	struct dmk_key_value value = { .key = key->name, .value = key->fallback, .info = key };
	char name[JSON_KEY_SIZE];

	json_key_name(key, name);
	if (key->kind == DMK_KEY_NUMBER || key->kind == DMK_KEY_BLOCKS || key->kind == DMK_KEY_MS ||
	    key->kind == DMK_KEY_SIGNED) {
		if (!parse_number(key->fallback, UINT64_MAX, &value.number))
			return;
	} else if (key->kind == DMK_KEY_BYTES || key->kind == DMK_KEY_SECTORS) {
		if (dmk_parse_size(key->fallback, &value.number) < 0)
			return;
		if (key->kind == DMK_KEY_SECTORS)
			value.number /= 512;
	} else if (key->kind == DMK_KEY_DEVICE_OFFSET || key->kind == DMK_KEY_RATIO ||
		   key->kind == DMK_KEY_RECORD) {
		return;
	}
	json_value(json, name, &value);
}

/* Where the values of another key begin. */
static uint32_t after_key(const struct dmk_key_values *values, uint32_t first)
{
	uint32_t i = first;

	while (i < values->count && values->items[i].info == values->items[first].info)
		i++;
	return i;
}

/* Which letter's name: "A=alive|D=dead". */
static void put_health(struct json *json, const char *names, char letter)
{
	char name[32] = { letter, '\0' };

	for (const char *at = names; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (at[0] == letter && at[1] == '=') {
			snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 2, "|"), at + 2);
			break;
		}
	}
	json_string(json, "health", name);
}

/* The values that are a device for each letter of the health; values->count: there are none. */
static uint32_t find_devices(const struct dmk_key_values *values, uint32_t health)
{
	size_t n = strlen(values->items[health].value);

	for (uint32_t i = 0; i < health; i = after_key(values, i)) {
		if (values->items[i].info->kind == DMK_KEY_DEVICE &&
		    (values->items[i].info->flags & DMK_KEY_REPEATED) &&
		    after_key(values, i) - i == n)
			return i;
	}
	return values->count;
}

static bool stands_in_legs(const struct dmk_key_values *values, uint32_t first)
{
	for (uint32_t i = first; i < values->count; i++) {
		if (values->items[i].info->kind == DMK_KEY_HEALTH)
			return find_devices(values, i) == first;
	}
	return false;
}

/* A letter a leg: an array of objects, with the legs' devices where the status has them. */
static void json_legs(struct json *json, const struct dmk_key_values *values, uint32_t health)
{
	const struct dmk_key_value *value = &values->items[health];
	uint32_t devices = find_devices(values, health);

	json_array(json, "legs");
	for (uint32_t i = 0; value->value[i]; i++) {
		json_object(json, NULL);
		if (devices < values->count)
			json_string(json, "device", values->items[devices + i].value);
		put_health(json, value->info->allowed, value->value[i]);
		json_close(json);
	}
	json_close(json);
}

/* Values first to one of another key: one that may stand several times is an array, also of one. */
static uint32_t json_same_key(struct json *json, const struct dmk_key_values *values,
			      uint32_t first)
{
	const struct dmk_key *key = values->items[first].info;
	uint32_t i = first;
	char name[JSON_KEY_SIZE];

	if (key->flags & DMK_KEY_LAYOUT)
		return first + 1;
	if (key->kind == DMK_KEY_HEALTH) {
		json_legs(json, values, first);
		return first + 1;
	}
	if (stands_in_legs(values, first))
		return after_key(values, first);
	json_key_name(key, name);
	if (!(key->flags & DMK_KEY_REPEATED)) {
		json_value(json, name, &values->items[first]);
		return first + 1;
	}
	json_array(json, name);
	while (i < values->count && values->items[i].info == key)
		json_value(json, NULL, &values->items[i++]);
	json_close(json);
	return i;
}

static bool has_key(const struct dmk_key_values *values, const char *name)
{
	for (uint32_t i = 0; i < values->count; i++) {
		if (strcmp(values->items[i].key, name) == 0)
			return true;
	}
	return false;
}

void json_table_keys(const struct cli *cli, struct json *json, const char *type, const char *params)
{
	struct dmk_key_values values;
	struct dmk_key key;

	if (dmk_params_to_keys(type, params, &values, NULL) < 0)
		return;
	json_object(json, "keys");
	for (uint32_t i = 0; i < values.count;) {
		struct dmk_key_value *value = &values.items[i];
		char hidden[HIDDEN_TEXT];

		if (is_secret(value) && !given(cli, OPT_SHOW_KEYS))
			value->value = hidden_value(value, hidden);
		i = json_same_key(json, &values, i);
	}
	for (uint32_t i = 0; dmk_target_key(type, i, &key) == 0; i++) {
		/* A size is not among the parameters: it is the segment's length. */
		if (key.fallback && !(key.flags & DMK_KEY_LAYOUT) &&
		    strcmp(key.name, "size") != 0 && !has_key(&values, key.name))
			json_default(json, &key);
	}
	json_close(json);
	dmk_key_values_clear(&values);
}

void json_status_values(struct json *json, const char *type, const char *params)
{
	struct dmk_key_values values;

	if (dmk_status_to_keys(type, params, &values, NULL) < 0)
		return;
	json_object(json, "values");
	for (uint32_t i = 0; i < values.count;)
		i = json_same_key(json, &values, i);
	json_close(json);
	dmk_key_values_clear(&values);
}

/* How many thousandths of the whole, rounded. */
static uint64_t thousandths(uint64_t part, uint64_t whole)
{
	while (part > UINT64_MAX / 2000 || whole > UINT64_MAX / 2000) {
		part >>= 1;
		whole >>= 1;
	}
	return whole ? (part * 1000 + whole / 2) / whole : 0;
}

static void put_value(const struct dmk_key_value *value, bool tty)
{
	uint64_t tenths;

	switch (value->info->kind) {
	case DMK_KEY_RATIO:
		tenths = thousandths(value->number, value->total);
		printf("%" PRIu64 "/%" PRIu64 " %s (%" PRIu64 ".%" PRIu64 " %%)", value->number,
		       value->total, value->info->unit ? value->info->unit : "blocks", tenths / 10,
		       tenths % 10);
		break;
	case DMK_KEY_MS:
		printf("%" PRIu64 " ms", value->number);
		break;
	case DMK_KEY_BLOCKS:
		printf("%" PRIu64 " blocks", value->number);
		break;
	case DMK_KEY_NUMBER:
		printf("%" PRIu64 "%s%s", value->number, value->info->unit ? " " : "",
		       value->info->unit ? value->info->unit : "");
		break;
	default:
		put_text(stdout, tty, value->value);
	}
}

bool put_status_values(const struct cli *cli, const char *type, const char *params)
{
	struct dmk_key_values values;
	const char *before = NULL;

	if (dmk_status_to_keys(type, params, &values, NULL) < 0)
		return false;
	for (uint32_t i = 0; i < values.count; i++) {
		const struct dmk_key_value *value = &values.items[i];
		bool same = before && strcmp(before, value->key) == 0;
		bool flag = value->info->kind == DMK_KEY_FLAG;

		if (i)
			fputs(same ? " " : ", ", stdout);
		if (!same)
			printf("%s%s", value->key, flag ? "" : " ");
		if (!flag)
			put_value(value, cli->out_tty);
		before = value->key;
	}
	dmk_key_values_clear(&values);
	return true;
}

void put_status(const struct cli *cli, const struct dmk_segment *segment, bool several)
{
	char size[SIZE_TEXT];

	if (several)
		printf("%" PRIu64 "s+%s ", segment->start_sectors,
		       format_size(segment->length_sectors, size));
	put_text(stdout, cli->out_tty, segment->type);
	if (*segment->params) {
		fputs(": ", stdout);
		if (!put_status_values(cli, segment->type, segment->params))
			put_text(stdout, cli->out_tty, segment->params);
	}
}

void json_status(struct json *json, const struct dmk_segment *segment)
{
	json_u64(json, "start_sectors", segment->start_sectors);
	json_u64(json, "length_sectors", segment->length_sectors);
	json_string(json, "type", segment->type);
	json_string(json, "status", segment->params);
	json_status_values(json, segment->type, segment->params);
}
