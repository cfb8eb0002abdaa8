/* SPDX-License-Identifier: MIT */
/* export --stack: live devices as a stack file. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/stack.h"
#include "common/disks.h"
#include "common/numbers.h"
#include "show/errors.h"

#define PREFIX "DMKIT-"

struct writing {
	struct cli *cli;
	const struct dmk_graph *graph;
	const bool *wanted; /* of each of the graph's: those that the tables are of */
	struct dmk_segments **tables;
	uint32_t n;
	FILE *out;
	bool plain; /* so far all of it can stand in such a file */
};

const char *behind_stack(const char *uuid, const char *stack)
{
	size_t prefix = strlen(PREFIX), length = strlen(stack);

	if (!uuid || strncmp(uuid, PREFIX, prefix) != 0 ||
	    strncmp(uuid + prefix, stack, length) != 0 || uuid[prefix + length] != '-')
		return NULL;
	return uuid + prefix + length + 1;
}

bool stack_of_uuid(const char *uuid, char name[static DMK_STACK_NAME_SIZE])
{
	const char *begin = uuid ? uuid + strlen(PREFIX) : NULL;
	size_t length;

	if (!uuid || strncmp(uuid, PREFIX, strlen(PREFIX)) != 0)
		return false;
	length = strcspn(begin, "-");
	if (begin[length] != '-' || length >= DMK_STACK_NAME_SIZE)
		return false;
	snprintf(name, DMK_STACK_NAME_SIZE, "%.*s", (int)length, begin);
	return true;
}

/* Of a uuid of any stack: its part behind the stack's name; another one as it is. */
static const char *own_part(const char *uuid)
{
	const char *end = strncmp(uuid, PREFIX, strlen(PREFIX)) == 0
				  ? strchr(uuid + strlen(PREFIX), '-')
				  : NULL;

	return end ? end + 1 : uuid;
}

/* What a stack file has other ideas about. */
static bool can_stand(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || (*c == ' ' && c[1] == ';') ||
		    (*c == '$' && c[1] == '{'))
			return false;
	return !strchr(text, '"') || !strchr(text, '\'');
}

static void put_word(struct writing *writing, const char *key, const char *value)
{
	const char *quote = strchr(value, '"') ? "'" : strpbrk(value, " '") ? "\"" : "";

	writing->plain = writing->plain && can_stand(value);
	fprintf(writing->out, " %s%s=%s%s", quote, key, value, quote);
}

/* How a device is called in the file: by @NAME, else by its path, which may lead to the same one
 * after the next boot. */
static void device_text(const struct writing *writing, const char *number, char *buf, size_t size)
{
	const struct dmk_graph_node *node;
	uint32_t major, minor;
	char disk[256] = "";

	snprintf(buf, size, "%s", number);
	if (!parse_devno(number, &major, &minor))
		return;
	node = dmk_graph_find(writing->graph, major, minor);
	if (node && node->name) {
		snprintf(buf, size, "%s%s", writing->wanted[node->index] ? "@" : "/dev/mapper/",
			 node->name);
	} else {
		disk_name(major, minor, disk, sizeof(disk));
		if (*disk)
			snprintf(buf, size, "/dev/%s", disk);
	}
}

/* "8:16" or, of a DEVICE:OFFSET, "8:16:0s". */
static void put_device(struct writing *writing, const char *key, const char *value, bool offset)
{
	const char *colon = offset ? strrchr(value, ':') : NULL;
	char number[DMK_NAME_SIZE + 8], device[512], text[1024];

	snprintf(number, sizeof(number), "%.*s", colon ? (int)(colon - value) : (int)strlen(value),
		 value);
	device_text(writing, number, device, sizeof(device));
	snprintf(text, sizeof(text), "%s%s", device, colon ? colon : "");
	put_word(writing, key, text);
}

/* "[GROUP@]8:16[,ARG...]", of a path of multipath. */
static void put_record(struct writing *writing, const char *key, const char *value)
{
	size_t group = strspn(value, "0123456789");
	size_t begin = value[group] == '@' ? group + 1 : 0;
	size_t length = strcspn(value + begin, ",");
	char number[DMK_NAME_SIZE + 8], device[512], text[1024];

	snprintf(number, sizeof(number), "%.*s", (int)length, value + begin);
	device_text(writing, number, device, sizeof(device));
	snprintf(text, sizeof(text), "%.*s%s%s", (int)begin, value, device, value + begin + length);
	put_word(writing, key, text);
}

/* A key that the kernel's keyring has; others are not shown in words. */
static bool put_secret(struct writing *writing, const char *value)
{
	const char *description = *value == ':' ? strchr(value + 1, ':') : NULL;
	char bytes[32];

	if (!description)
		return false;
	put_word(writing, "keyring", description + 1);
	snprintf(bytes, sizeof(bytes), "%.*s", (int)(description - value - 1), value + 1);
	put_word(writing, "key-size", bytes);
	return true;
}

/* false: not as words. */
static bool put_segment(struct writing *writing, const struct dmk_segment *segment)
{
	struct dmk_key_values values;
	bool known = dmk_params_to_keys(segment->type, segment->params, &values, NULL) == 0;

	if (!known)
		return false;
	fprintf(writing->out, "table = %s size=%" PRIu64 "s", segment->type,
		segment->length_sectors);
	for (uint32_t i = 0; known && i < values.count; i++) {
		const struct dmk_key_value *item = &values.items[i];

		if (item->info->flags & DMK_KEY_SECRET)
			known = put_secret(writing, item->value);
		else if (item->info->kind == DMK_KEY_DEVICE ||
			 item->info->kind == DMK_KEY_DEVICE_OFFSET)
			put_device(writing, item->key, item->value,
				   item->info->kind == DMK_KEY_DEVICE_OFFSET);
		else if (item->info->kind == DMK_KEY_RECORD &&
			 strstr(item->info->fields, "device,"))
			put_record(writing, item->key, item->value);
		else
			put_word(writing, item->key, item->value);
	}
	fputc('\n', writing->out);
	dmk_key_values_clear(&values);
	return known;
}

static bool put_segments(struct writing *writing, struct dmk_segments *table)
{
	struct dmk_segment segment;
	bool known = true;

	dmk_segments_rewind(table);
	while (known && dmk_segments_next(table, &segment) > 0)
		known = put_segment(writing, &segment);
	return known;
}

/* The kernel's own text, of a target without words, or one that holds a key. */
static void put_lines(struct writing *writing, struct dmk_segments *table)
{
	struct dmk_segment segment;

	dmk_segments_rewind(table);
	while (dmk_segments_next(table, &segment) > 0) {
		const char *params = segment.params;

		fprintf(writing->out, "table-text = %" PRIu64 " %" PRIu64 " %s",
			segment.start_sectors, segment.length_sectors, segment.type);
		writing->plain = writing->plain && can_stand(params);
		while (*params) {
			size_t length = strcspn(params, " ");
			char word[512], device[512];

			if (length < sizeof(word)) {
				snprintf(word, sizeof(word), "%.*s", (int)length, params);
				device_text(writing, word, device, sizeof(device));
				fprintf(writing->out, " %s", device);
			} else {
				fprintf(writing->out, " %.*s", (int)length, params);
			}
			params += length + (params[length] == ' ');
		}
		fputc('\n', writing->out);
	}
}

static int put_table(struct writing *writing, struct dmk_segments *table)
{
	FILE *out = writing->out;
	char *text = NULL;
	size_t size = 0;
	bool known;

	/* All of it in one way. */
	writing->out = open_memstream(&text, &size);
	if (!writing->out) {
		writing->out = out;
		return -ENOMEM;
	}
	known = put_segments(writing, table);
	fclose(writing->out);
	writing->out = out;
	if (known)
		fputs(text, out);
	else
		put_lines(writing, table);
	explicit_bzero(text, size);
	free(text);
	return 0;
}

/* A thin device has to be in its pool first: a new pool does not have it. */
static void put_message(struct writing *writing, struct dmk_segments *table)
{
	struct dmk_segment segment;
	char number[DEVNO_TEXT], device[512];
	uint32_t id;

	dmk_segments_rewind(table);
	if (dmk_segments_next(table, &segment) <= 0 || strcmp(segment.type, "thin") != 0 ||
	    sscanf(segment.params, "%23s %" SCNu32, number, &id) != 2)
		return;
	device_text(writing, number, device, sizeof(device));
	if (*device == '@')
		fprintf(writing->out, "message = %s create_thin %" PRIu32 "\n", device + 1, id);
}

static int put_device_section(struct writing *writing, struct dmk_segments *table)
{
	const struct dmk_info *info = dmk_segments_info(table);
	const char *uuid = own_part(info->uuid);

	if (strpbrk(info->name, " :]'\"") || !can_stand(info->name) || *info->name == ';')
		return usage_error(
			writing->cli, info->name,
			"'%s' cannot be a section of a stack file: its name holds a blank, "
			"a colon, a bracket or a quote",
			info->name);
	if (dmk_segments_count(table) == 0)
		return usage_error(writing->cli, info->name,
				   "'%s' has no table, and a stack's device needs one", info->name);
	fprintf(writing->out, "\n[%s]\n", info->name);
	writing->plain = true;
	if (put_table(writing, table) < 0)
		return fail_errno(writing->cli, -ENOMEM, "", "export");
	put_message(writing, table);
	if (info->flags & DMK_INFO_READONLY)
		fputs("readonly = yes\n", writing->out);
	if (*uuid && strcmp(uuid, info->name) != 0)
		fprintf(writing->out, "uuid = %s\n", uuid);
	if (!writing->plain || !can_stand(uuid))
		return usage_error(writing->cli, info->name,
				   "the table or uuid of '%s' cannot stand in a stack file",
				   info->name);
	return EXIT_DONE;
}

/* The name of the stack that all are of; "": there is none. */
static void common_stack(const struct writing *writing, char name[static DMK_STACK_NAME_SIZE])
{
	*name = '\0';
	for (uint32_t i = 0; i < writing->n; i++) {
		const char *uuid = dmk_segments_info(writing->tables[i])->uuid;
		const char *own = own_part(uuid);
		size_t length = own > uuid ? (size_t)(own - uuid) - strlen(PREFIX) - 1 : 0;

		if (i == 0 && length < DMK_STACK_NAME_SIZE)
			snprintf(name, DMK_STACK_NAME_SIZE, "%.*s", (int)length,
				 uuid + strlen(PREFIX));
		if (!behind_stack(uuid, name)) {
			*name = '\0';
			return;
		}
	}
}

int format_stack(struct cli *cli, const struct dmk_graph *graph, const bool *wanted,
		 struct dmk_segments **tables, uint32_t n, char **ret_text)
{
	struct writing writing = {
		.cli = cli, .graph = graph, .wanted = wanted, .tables = tables, .n = n
	};
	char name[DMK_STACK_NAME_SIZE];
	size_t size = 0;
	char *text = NULL;
	int status = EXIT_DONE;

	writing.out = open_memstream(&text, &size);
	if (!writing.out)
		return fail_errno(cli, -ENOMEM, "", "export");
	common_stack(&writing, name);
	if (*name)
		fprintf(writing.out, "; stack %s\n", name);
	else
		fputs("; devices that are no stack yet\n", writing.out);
	for (uint32_t i = 0; status == EXIT_DONE && i < n; i++)
		status = put_device_section(&writing, tables[i]);
	if (fclose(writing.out) != 0 && status == EXIT_DONE)
		status = fail_errno(cli, -ENOMEM, "", "export");
	if (status == EXIT_DONE)
		*ret_text = text;
	else
		free(text);
	return status;
}
