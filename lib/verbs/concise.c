/* SPDX-License-Identifier: MIT */
/* Whole devices as one text, NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]...[;...]: written and read. The
 * kernel reads a narrower form of it at boot. */
#include "concise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/request.h"
#include "wire/table.h"

/* What drivers/md/dm-init.c of Linux 5.1 to 6.12 takes. */
#define BOOT_BYTES 4096 /* the last one is a NUL */
#define BOOT_DEVICES 256
#define BOOT_TARGETS 256
#define BOOT_MINOR 255 /* it reads a minor as a device number, whose minor's low byte this is */

static const char *const boot_targets[] = {
	"crypt", "delay", "linear", "snapshot-origin", "striped", "verity",
};

struct dmk_concise {
	struct entry {
		char name[DMK_NAME_SIZE];
		char uuid[DMK_UUID_SIZE];
		uint32_t flags;
		uint32_t minor;
		struct dmk_table *table; /* NULL: none */
	} * entries;
	uint32_t n;
	uint32_t room;
	uint32_t position;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- writing ---- */

struct writer {
	struct dmk_text text;
	uint32_t flags;
	struct dmk_error *err;
};

static int fail_boot(struct writer *writer, const char *word, const char *what)
{
	return dmk_fail_word(writer->err, -EINVAL, word, strlen(word), 0,
			     "dm-mod.create= cannot say it: %s", what);
}

/* ends: blanks at both ends would be taken for none of it. */
static int add_field(struct writer *writer, const char *s, bool ends)
{
	size_t length = strlen(s);

	for (size_t i = 0; i < length; i++) {
		bool end = ends && (i == 0 || i == length - 1) && is_space(s[i]);
		bool special = strchr(",;\\", s[i]);

		/* Nothing can be escaped there, and the command line is cut at quotes. */
		if ((writer->flags & DMK_CONCISE_BOOT) &&
		    (special || end || s[i] == '"' || (unsigned char)s[i] < 0x20))
			return fail_boot(writer, s,
					 "a comma, semicolon, backslash, quote or control "
					 "character, or a blank at an end");
		if (special || end)
			dmk_text_add_bytes(&writer->text, "\\", 1);
		dmk_text_add_bytes(&writer->text, s + i, 1);
	}
	return 0;
}

static int check_boot_target(struct writer *writer, const struct dmk_segment *segment)
{
	for (size_t i = 0; i < DMK_ARRAY_SIZE(boot_targets); i++) {
		if (strcmp(segment->type, boot_targets[i]) == 0)
			return 0;
	}
	return fail_boot(writer, segment->type,
			 "only crypt, delay, linear, snapshot-origin, striped and verity can be "
			 "made at boot");
}

static int add_segment(struct writer *writer, const struct dmk_segment *segment)
{
	char *hidden = NULL;
	int r = 0;

	if (writer->flags & DMK_CONCISE_BOOT)
		r = check_boot_target(writer, segment);
	if (r == 0 && !(writer->flags & DMK_CONCISE_SHOW_KEYS))
		r = dmk_params_hide_keys(segment->type, segment->params, &hidden);
	if (r < 0)
		return r;
	if (hidden && !(writer->flags & DMK_CONCISE_HIDE_KEYS)) {
		free(hidden);
		return dmk_fail_word(writer->err, -EINVAL, segment->type, strlen(segment->type), 0,
				     "its table holds a key, which is shown only on request");
	}
	dmk_text_add(&writer->text, ",%llu %llu ", (unsigned long long)segment->start_sectors,
		     (unsigned long long)segment->length_sectors);
	r = add_field(writer, segment->type, false);
	dmk_text_add_bytes(&writer->text, " ", 1);
	if (r == 0)
		r = add_field(writer, hidden ? hidden : segment->params, false);
	free(hidden);
	return r;
}

static int check_boot_device(struct writer *writer, const struct dmk_info *info, uint32_t n)
{
	char number[24];

	if (n == 0)
		return fail_boot(writer, "", "a device without a table");
	dmk_print_text(number, sizeof(number), "%u", n);
	if (n > BOOT_TARGETS)
		return fail_boot(writer, number, "at most 256 segments a device");
	dmk_print_text(number, sizeof(number), "%u", info->minor);
	if (info->minor > BOOT_MINOR)
		return fail_boot(writer, number, "a minor is at most 255");
	return 0;
}

static int add_device(struct writer *writer, struct dmk_segments *segments)
{
	const struct dmk_info *info = dmk_segments_info(segments);
	struct dmk_segment segment;
	uint32_t number = 0;
	int r = 0;

	if (writer->err)
		dmk_copy_text(writer->err->device, sizeof(writer->err->device), info->name);
	if (writer->flags & DMK_CONCISE_BOOT)
		r = check_boot_device(writer, info, dmk_segments_count(segments));
	if (r == 0)
		r = add_field(writer, info->name, true);
	dmk_text_add_bytes(&writer->text, ",", 1);
	if (r == 0)
		r = add_field(writer, info->uuid, true);
	dmk_text_add(&writer->text, ",%u,%s", info->minor,
		     info->flags & DMK_INFO_READONLY ? "ro" : "rw");
	dmk_segments_rewind(segments);
	while (r == 0 && (r = dmk_segments_next(segments, &segment)) == 1) {
		number++;
		r = add_segment(writer, &segment);
		if (r < 0 && writer->err)
			writer->err->segment = number;
	}
	dmk_segments_rewind(segments);
	return r;
}

static int check_boot_text(struct writer *writer, uint32_t n)
{
	char number[24];

	if (writer->err)
		writer->err->device[0] = '\0';
	dmk_print_text(number, sizeof(number), "%u", n);
	if (n > BOOT_DEVICES)
		return fail_boot(writer, number, "at most 256 devices");
	dmk_print_text(number, sizeof(number), "%zu", writer->text.length);
	if (writer->text.length >= BOOT_BYTES)
		return fail_boot(writer, number, "at most 4095 characters in all");
	return 0;
}

int dmk_concise_format(struct dmk_segments *const *devices, uint32_t n, uint32_t flags,
		       char **ret_text, struct dmk_error *ret_error)
{
	const uint32_t allowed = DMK_CONCISE_SHOW_KEYS | DMK_CONCISE_HIDE_KEYS | DMK_CONCISE_BOOT;
	struct dmk_error error = { .verb = DMK_VERB_EXPORT };
	struct writer writer = { .flags = flags, .err = &error };
	int r = 0;

	if (flags & ~allowed)
		r = dmk_fail(&error, -EINVAL, "unknown option flags 0x%x", flags & ~allowed);
	dmk_text_add_bytes(&writer.text, "", 0);
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		if (i > 0)
			dmk_text_add_bytes(&writer.text, ";", 1);
		r = add_device(&writer, devices[i]);
	}
	if (r == 0 && (flags & DMK_CONCISE_BOOT))
		r = check_boot_text(&writer, n);
	if (r == 0)
		r = dmk_text_error(&writer.text);
	error.code = r;
	error.step = r < 0 ? DMK_STEP_ARGUMENTS : DMK_STEP_NONE;
	if (ret_error)
		*ret_error = error;
	if (r == 0)
		*ret_text = writer.text.data;
	else
		dmk_text_free(&writer.text);
	return r;
}

/* ---- reading ---- */

struct reader {
	const char *text;
	size_t size;
	size_t position;
	size_t begin;	      /* of the field, its first byte that counts */
	struct dmk_text word; /* the field, without the backslashes */
	struct dmk_error error;
};

/* Line and column of a byte of the text. */
static void set_place(struct reader *reader, size_t at)
{
	uint32_t line = 1, column = 1;

	for (size_t i = 0; i < at && i < reader->size; i++) {
		column++;
		if (reader->text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	reader->error.line = line;
	reader->error.column = column;
}

/* Where byte `at` of the word stands in the text. */
static size_t place_of(const struct reader *reader, size_t at)
{
	size_t place = reader->begin;

	while (at-- > 0 && place < reader->size)
		place += reader->text[place] == '\\' ? 2 : 1;
	return place;
}

static int fail_field(struct reader *reader, const char *what)
{
	set_place(reader, reader->begin);
	return dmk_fail_word(&reader->error, -EINVAL, reader->word.data ? reader->word.data : "",
			     reader->word.length, reader->error.column, "%s", what);
}

/* Reads the next field, blanks at its ends left out unless escaped; *ret_end is what ended it, ','
 * or ';' or NUL. */
static int next_field(struct reader *reader, char *ret_end)
{
	const char *text = reader->text;
	size_t keep = 0;
	char c = '\0';

	dmk_text_free(&reader->word); /* wipes: it may have been a key */
	while (reader->position < reader->size && is_space(text[reader->position]))
		reader->position++;
	reader->begin = reader->position;
	dmk_text_add_bytes(&reader->word, "", 0);
	while (reader->position < reader->size) {
		bool escaped = text[reader->position] == '\\';

		reader->position += escaped;
		if (reader->position == reader->size) {
			fail_field(reader,
				   "a backslash stands before the character that it escapes");
			return -EINVAL;
		}
		c = text[reader->position++];
		if (!escaped && (c == ',' || c == ';'))
			break;
		dmk_text_add_bytes(&reader->word, &c, 1);
		if (escaped || !is_space(c))
			keep = reader->word.length;
		c = '\0';
	}
	if (dmk_text_error(&reader->word) < 0)
		return dmk_fail(&reader->error, -ENOMEM, "no memory");
	reader->word.length = keep;
	reader->word.data[keep] = '\0';
	*ret_end = c;
	return 0;
}

static int read_head(struct reader *reader, struct entry *entry, char *ret_end)
{
	static const char five[] = "a device is NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]...";
	struct dmk_error *err = &reader->error;
	char end;
	int r = next_field(reader, &end);

	if (r < 0)
		return r;
	dmk_copy_text(err->device, sizeof(err->device), reader->word.data);
	if (end != ',')
		return fail_field(reader, five);
	r = dmk_check_new_name(reader->word.data, err);
	if (r < 0) {
		set_place(reader, reader->begin);
		return r;
	}
	memcpy(entry->name, reader->word.data, reader->word.length + 1);

	r = next_field(reader, &end);
	if (r < 0 || end != ',')
		return r < 0 ? r : fail_field(reader, five);
	r = reader->word.length ? dmk_check_uuid(reader->word.data, err) : 0;
	if (r < 0) {
		set_place(reader, reader->begin);
		return r;
	}
	memcpy(entry->uuid, reader->word.data, reader->word.length + 1);

	r = next_field(reader, &end);
	if (r < 0 || end != ',')
		return r < 0 ? r : fail_field(reader, five);
	if (reader->word.length) {
		uint64_t minor;

		if (dmk_parse_u64(reader->word.data, reader->word.length, 1048575, &minor) < 0)
			return fail_field(reader,
					  "a minor is a number from 0 to 1048575, or nothing");
		entry->minor = (uint32_t)minor;
		entry->flags |= DMK_CREATE_FIXED_MINOR;
	}

	r = next_field(reader, ret_end);
	if (r < 0)
		return r;
	if (strcmp(reader->word.data, "ro") == 0)
		entry->flags |= DMK_CREATE_READONLY;
	else if (reader->word.length && strcmp(reader->word.data, "rw") != 0)
		return fail_field(reader, "flags are ro or rw, or nothing, which is rw");
	return 0;
}

/* The table's own error, at its place in this text. */
static int fail_table(struct reader *reader, const struct dmk_table *table)
{
	struct dmk_error *err = &reader->error;
	const char *line = reader->word.data;
	char device[sizeof(err->device)];
	size_t at;

	memcpy(device, err->device, sizeof(device));
	*err = *dmk_table_error(table);
	memcpy(err->device, device, sizeof(device));
	for (uint32_t i = 1; i < err->line; i++) {
		const char *end = strchr(line, '\n');

		line = end ? end + 1 : line;
	}
	at = (size_t)(line - reader->word.data) + (err->column ? err->column - 1 : 0);
	set_place(reader, place_of(reader, at));
	return err->code;
}

static int read_table(struct reader *reader, struct entry *entry, char *end)
{
	int r = dmk_table_new(&entry->table);

	while (r == 0 && *end == ',') {
		uint32_t before = dmk_table_count(entry->table);

		r = next_field(reader, end);
		if (r < 0)
			return r;
		if (dmk_table_parse(entry->table, reader->word.data, reader->word.length) < 0)
			return fail_table(reader, entry->table);
		if (dmk_table_count(entry->table) == before)
			return fail_field(reader, "a TABLE is START LENGTH TYPE PARAMETERS");
	}
	return r;
}

static struct entry *new_entry(struct dmk_concise *concise)
{
	if (concise->n == concise->room) {
		uint32_t room = concise->room ? 2 * concise->room : 4;
		struct entry *entries = realloc(concise->entries, room * sizeof(*entries));

		if (!entries)
			return NULL;
		concise->entries = entries;
		concise->room = room;
	}
	concise->entries[concise->n] = (struct entry){ 0 };
	return &concise->entries[concise->n++];
}

static int read_devices(struct reader *reader, struct dmk_concise *concise)
{
	for (;;) {
		struct entry *entry;
		char end;
		int r;

		while (reader->position < reader->size && is_space(reader->text[reader->position]))
			reader->position++;
		if (reader->position == reader->size)
			return 0;
		entry = new_entry(concise);
		if (!entry)
			return dmk_fail(&reader->error, -ENOMEM, "no memory");
		r = read_head(reader, entry, &end);
		if (r == 0 && end == ',')
			r = read_table(reader, entry, &end);
		if (r < 0)
			return r;
	}
}

int dmk_concise_parse(const char *text, size_t size, struct dmk_concise **ret_concise,
		      struct dmk_error *ret_error)
{
	struct reader reader = { .text = text, .size = size };
	struct dmk_concise *concise = calloc(1, sizeof(*concise));
	const char *nul = size ? memchr(text, '\0', size) : NULL;
	int r;

	reader.error = (struct dmk_error){ .verb = DMK_VERB_PARSE };
	if (!concise) {
		r = dmk_fail(&reader.error, -ENOMEM, "no memory");
	} else if (nul) {
		reader.begin = (size_t)(nul - text);
		r = fail_field(&reader, "a NUL byte");
	} else {
		r = read_devices(&reader, concise);
	}
	dmk_text_free(&reader.word);
	reader.error.verb = DMK_VERB_PARSE;
	reader.error.step = r < 0 ? DMK_STEP_ARGUMENTS : DMK_STEP_NONE;
	if (r == 0)
		reader.error.device[0] = '\0';
	if (ret_error)
		*ret_error = reader.error;
	if (r == 0)
		*ret_concise = concise;
	else
		dmk_concise_free(concise);
	return r;
}

struct dmk_concise_device dmk_concise_at(const struct dmk_concise *concise, uint32_t index)
{
	const struct entry *entry = &concise->entries[index];

	return (struct dmk_concise_device){
		.name = entry->name,
		.uuid = entry->uuid[0] ? entry->uuid : NULL,
		.flags = entry->flags,
		.minor = entry->minor,
		.table = entry->table,
	};
}

int dmk_concise_next(struct dmk_concise *concise, struct dmk_concise_device *ret_device)
{
	if (concise->position == concise->n)
		return 0;
	*ret_device = dmk_concise_at(concise, concise->position++);
	return 1;
}

void dmk_concise_rewind(struct dmk_concise *concise)
{
	concise->position = 0;
}

uint32_t dmk_concise_count(const struct dmk_concise *concise)
{
	return concise->n;
}

void dmk_concise_free(struct dmk_concise *concise)
{
	if (!concise)
		return;
	for (uint32_t i = 0; i < concise->n; i++)
		dmk_table_free(concise->entries[i].table);
	free(concise->entries);
	free(concise);
}
