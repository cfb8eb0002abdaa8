/* SPDX-License-Identifier: MIT */
/*
 * The structs of dmkit-targets.h: which field of them has which word of a text. fields/TYPE.txt
 * says so in lines of these kinds, with what follows from it behind a tab, there or on the next
 * lines; fields that are not named are zero:
 *
 *   table PARAMS, status PARAMS: FIELD=VALUE ..., what the typed parser gives
 *   no table PARAMS, no status PARAMS: it is refused; a piece of the words, or nothing
 *   table-keys PARAMS, status-keys PARAMS: KEY=VALUE ..., "(secret)" before what is a key
 *   good FIELD=VALUE ...: nothing; it is what each value to build begins with
 *   build LENGTH FIELD=VALUE ...: the segment's text, or "! " and a piece of the refusal
 *   build-keys KEY=VALUE ...: the same
 *   message FIELD=VALUE ...: the message's text, or a refusal
 *   message-keys NAME KEY=VALUE ...: the same
 *   alone: nothing; no other segment may stand beside one that was built
 *
 * `unused` and `reserved` and the numbers of messages are tried without a line.
 * FIELD is a path: groups[0].paths[1].device. "FIELD-" is NULL. \s is a blank in a VALUE.
 */
#include "struct-text.h"

struct file {
	const struct typed *typed;
	FILE *stream;
	char line[LINE], next[LINE]; /* the next one is read already */
	char expected[LINE];
	char good[LINE];
	bool alone;
	int tables, statuses, builds;
	uint64_t messages; /* a bit for each */
};

/* A line up to its tab, and in expected what is behind it, also on the next lines. */
static bool next_entry(struct file *file)
{
	char *tab = strchr(file->next, '\t');
	size_t length = 0;

	snprintf(file->line, sizeof(file->line), "%.*s", (int)strcspn(file->next, "\t"),
		 file->next);
	length = (size_t)snprintf(file->expected, LINE, "%s", tab ? tab + 1 : "");
	file->next[0] = '\0';
	while (next_line(file->stream, file->next, sizeof(file->next))) {
		if (file->next[0] == '\t')
			length += (size_t)snprintf(file->expected + length, LINE - length,
						   length ? " %s" : "%s", file->next + 1);
		else if (file->next[0])
			break;
		assert_true(length < LINE);
		file->next[0] = '\0';
	}
	return file->line[0];
}

/* What is behind the word, if the line begins with it; NULL: it does not. */
static char *after(char *line, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(line, word, length) != 0 || (line[length] && line[length] != ' '))
		return NULL;
	return line + length + (line[length] == ' ');
}

static void expect(const struct file *file, const char *got)
{
	if (strcmp(got, file->expected) != 0)
		fail_msg("%s\n\tgives    %s\n\tand not  %s", file->line, got, file->expected);
}

/* text is what was made, unless r says that it was refused. */
static void expect_made(const struct file *file, int r, const char *text,
			const struct dmk_error *err)
{
	bool bad = strncmp(file->expected, "! ", 2) == 0;
	char told[1024];

	snprintf(told, sizeof(told), "%s: %s", err->argument, err->detail);
	if (r == 0) {
		expect(file, text);
	} else if (!bad || !strstr(told, file->expected + 2)) {
		fail_msg("%s\n\tis refused with '%s' and not  %s", file->line, told,
			 file->expected);
	} else {
		assert_int_equal(r, -EINVAL);
		assert_int_equal(err->code, -EINVAL);
	}
}

static void check_parsed(const struct file *file, const struct reader *reader, const char *text)
{
	struct dmk_text fields = { 0 };
	struct dmk_error err;
	void *value = malloc(reader->of->size);

	memset(value, 0xa5, reader->of->size);
	if (reader->parse(text, value, &err) < 0)
		fail_msg("'%s' is refused: '%s': %s", text, err.argument, err.detail);
	add_fields(&fields, "", reader->of, value, NULL);
	expect(file, fields.data ? fields.data + 1 : "");
	dmk_value_clear(value, reader->of->size);
	assert_true(dmk_all_zero(value, reader->of->size));
	dmk_text_free(&fields);
	free(value);
}

static void check_refused(const struct file *file, const struct reader *reader, const char *text)
{
	unsigned char *value = malloc(reader->of->size);
	bool status = reader == &file->typed->status;
	struct dmk_error err;
	char told[1024];

	memset(value, 0xa5, reader->of->size);
	if (reader->parse(text, value, &err) != -EINVAL)
		fail_msg("'%s' is not refused", text);
	snprintf(told, sizeof(told), "%s: %s", err.argument, err.detail);
	if (!strstr(told, file->expected))
		fail_msg("'%s' is refused with '%s' and not  %s", text, told, file->expected);
	assert_int_equal(err.code, -EINVAL);
	assert_true(err.detail[0] && err.column >= status && err.column <= strlen(text) + 1);
	assert_int_equal(err.verb, status ? DMK_VERB_PARSE_STATUS : DMK_VERB_PARSE);
	assert_int_equal(reader->parse(text, value, NULL), -EINVAL);
	for (size_t i = 0; i < reader->of->size; i++)
		assert_int_equal(value[i], 0xa5);
	free(value);
}

static void check_keys(const struct file *file,
		       int (*to_keys)(const char *, const char *, struct dmk_key_values *,
				      struct dmk_error *),
		       const char *text)
{
	struct dmk_text keys = { 0 };
	struct dmk_key_values values;

	assert_int_equal(to_keys(file->typed->type, text, &values, NULL), 0);
	for (size_t i = 0; i < values.count; i++) {
		dmk_text_add(&keys,
			     values.items[i].info->flags & DMK_KEY_SECRET ? " %s=(secret)" : " %s=",
			     values.items[i].key);
		add_text(&keys, values.items[i].value);
	}
	expect(file, keys.data ? keys.data + 1 : "");
	dmk_text_free(&keys);
	dmk_key_values_clear(&values);
}

/* Nothing that is as long as a key stands in an error about a target that has one. */
static void check_hides(const struct file *file, const struct dmk_error *err, const char *text)
{
	if (!dmk_type_is_secret(file->typed->type) || !text || strlen(text) < 16)
		return;
	assert_null(memmem(err, sizeof(*err), text, 16));
	assert_null(memmem(err, sizeof(*err), text + strlen(text) - 16, 15));
}

static void check_hides_all(const struct file *file, const struct dmk_error *err, char *value)
{
	const char *text;

	for (const struct field *field = file->typed->table.of->fields; field->name; field++) {
		memcpy(&text, value + field->offset, sizeof(text));
		if (field->kind == TEXT && !field->is_list)
			check_hides(file, err, text);
	}
}

/* What was added beside another segment, or refused there. */
static void expect_beside(const struct file *file, const struct dmk_table *table, int r)
{
	assert_int_equal(r, file->alone ? -EINVAL : 0);
	if (file->alone)
		assert_told(table, "must be the only segment of its table");
}

static void check_segment(const struct file *file, struct dmk_table *table, int r)
{
	struct dmk_segment segment = { 0 };

	if (r == 0) {
		assert_int_equal(dmk_table_get(table, 0, &segment), 0);
		assert_string_equal(segment.type, file->typed->type);
	} else {
		assert_told(table, "");
		assert_string_equal(dmk_table_error(table)->target, file->typed->type);
		assert_int_equal(dmk_table_count(table), 0);
	}
	expect_made(file, r, segment.params, dmk_table_error(table));
	if (r == 0)
		expect_beside(file, table, dmk_table_add_zero(table, DMK_NEXT, 8));
}

/* The byte of a field that must be zero, the last one where there are several; NULL: it may be
 * anything. */
static char *zero_byte(const struct field *field, char *value)
{
	if (strcmp(field->name, "unused") != 0 && strcmp(field->name, "reserved") != 0)
		return NULL;
	return value + field->offset + (field->n ? field->n - 1 : 0) * field->size;
}

static void check_build(struct file *file, const char *words)
{
	const struct structure *of = file->typed->table.of;
	char *value = calloc(1, of->size), *fields, good[LINE], given[LINE];
	void *memory = NULL;
	struct dmk_table *table;
	uint64_t length = strtoull(words, &fields, 0);
	int r;

	snprintf(good, sizeof(good), "%s", file->good);
	snprintf(given, sizeof(given), "%s", fields);
	set_fields(of, value, good, &memory);
	set_fields(of, value, given, &memory);
	assert_int_equal(dmk_table_new(&table), 0);
	r = file->typed->add(table, length, value);
	if (r < 0)
		check_hides_all(file, dmk_table_error(table), value);
	check_segment(file, table, r);
	if (r == 0) {
		dmk_table_reset(table);
		assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), 0);
		expect_beside(file, table, file->typed->add(table, length, value));
		dmk_table_reset(table);
	}
	for (const struct field *field = of->fields; r == 0 && field->name; field++) {
		char *byte = zero_byte(field, value);

		if (!byte)
			continue;
		*byte = 1;
		assert_int_equal(file->typed->add(table, length, value), -EINVAL);
		assert_told(table, field->name);
		*byte = 0;
	}
	assert_int_equal(file->typed->add(table, length, NULL), -EINVAL);
	dmk_table_free(table);
	dmk_arena_free(&memory);
	free(value);
}

/* "KEY=VALUE ..." */
static uint32_t read_pairs(char *words, struct dmk_key_value *pairs)
{
	uint32_t n = 0;
	char *save = NULL;

	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *value = strchr(word, '=');

		assert_true(value && n < 16);
		*value++ = '\0';
		pairs[n++] = (struct dmk_key_value){ .key = word, .value = unescape(value) };
	}
	return n;
}

static void check_build_keys(const struct file *file, const char *words)
{
	struct dmk_key_value pairs[16];
	struct dmk_table *table;
	char given[LINE];
	uint32_t n;
	int r;

	snprintf(given, sizeof(given), "%s", words);
	n = read_pairs(given, pairs);
	assert_int_equal(dmk_table_new(&table), 0);
	r = dmk_table_add_keys(table, file->typed->type, pairs, n);
	for (uint32_t i = 0; r < 0 && i < n; i++)
		check_hides(file, dmk_table_error(table), pairs[i].value);
	check_segment(file, table, r);
	dmk_table_free(table);
}

static void check_message(struct file *file, const char *words)
{
	const struct structure *of = file->typed->message.of;
	char *value = calloc(1, of->size), given[LINE], *text = NULL, *none = NULL;
	void *memory = NULL;
	struct dmk_error err;
	uint32_t message;
	int r;

	snprintf(given, sizeof(given), "%s", words);
	set_fields(of, value, given, &memory);
	memcpy(&message, value, sizeof(message));
	r = file->typed->message.format(value, &text, &err);
	expect_made(file, r, text, &err);
	if (r == 0) {
		file->messages |= UINT64_C(1) << (message - 1);
		value[of->size - 1] = 1; /* of the reserved ones */
		assert_int_equal(file->typed->message.format(value, &none, &err), -EINVAL);
		assert_string_equal(err.argument, "reserved");
		assert_null(none);
	} else {
		assert_int_equal(err.verb, DMK_VERB_MESSAGE);
		assert_int_equal(file->typed->message.format(value, &text, NULL), -EINVAL);
		assert_null(text);
	}
	free(text);
	dmk_arena_free(&memory);
	free(value);
}

static void check_message_keys(const struct file *file, const char *words)
{
	struct dmk_key_value pairs[16];
	char given[LINE], *rest = given, *text = NULL;
	struct dmk_error err;
	const char *name;
	int r;

	snprintf(given, sizeof(given), "%s", words);
	name = strsep(&rest, " ");
	r = dmk_message_from_keys(strcmp(file->typed->type, "core") == 0 ? NULL : file->typed->type,
				  name, pairs, rest ? read_pairs(rest, pairs) : 0, &text, &err);
	expect_made(file, r, text, &err);
	free(text);
}

static void check_entry(struct file *file)
{
	const struct typed *typed = file->typed;
	char *rest;

	if ((rest = after(file->line, "table"))) {
		check_parsed(file, &typed->table, rest);
		file->tables++;
	} else if ((rest = after(file->line, "status"))) {
		check_parsed(file, &typed->status, rest);
		file->statuses++;
	} else if ((rest = after(file->line, "no table"))) {
		check_refused(file, &typed->table, rest);
	} else if ((rest = after(file->line, "no status"))) {
		check_refused(file, &typed->status, rest);
	} else if ((rest = after(file->line, "table-keys"))) {
		check_keys(file, dmk_params_to_keys, rest);
	} else if ((rest = after(file->line, "status-keys"))) {
		check_keys(file, dmk_status_to_keys, rest);
	} else if ((rest = after(file->line, "good"))) {
		snprintf(file->good, sizeof(file->good), "%s", rest);
	} else if ((rest = after(file->line, "build"))) {
		check_build(file, rest);
		file->builds++;
	} else if ((rest = after(file->line, "build-keys"))) {
		check_build_keys(file, rest);
	} else if ((rest = after(file->line, "message"))) {
		check_message(file, rest);
	} else if ((rest = after(file->line, "message-keys"))) {
		check_message_keys(file, rest);
	} else if (after(file->line, "alone")) {
		file->alone = true;
	} else {
		fail_msg("a line that nobody knows: %s", file->line);
	}
}

/* Each was made, and there are no others. */
static void check_all_messages(const struct file *file)
{
	const struct dmk_target *target = dmk_target_find(file->typed->type);
	uint32_t n = (target ? target : &dmk_core_messages)->n_messages;
	uint32_t *value = calloc(1, file->typed->message.of->size);
	struct dmk_error err;
	char *text = NULL;

	assert_true(file->messages == (UINT64_C(1) << n) - 1);
	assert_int_equal(file->typed->message.format(value, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "message");
	value[0] = n + 1; /* its kind is the first field of each */
	assert_int_equal(file->typed->message.format(value, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "message");
	assert_int_equal(file->typed->message.format(NULL, &text, NULL), -EINVAL);
	assert_null(text);
	free(value);
}

/* All of the file, and that it says something of each struct and message. */
static void fields(void **state)
{
	struct file *file = calloc(1, sizeof(*file));

	file->typed = *state;
	file->stream = open_lines("fields", file->typed->type);
	for (next_entry(file); next_entry(file);)
		check_entry(file);
	fclose(file->stream);
	assert_true(!file->typed->add || (file->tables > 0 && file->builds > 0));
	assert_true(!file->typed->status.of || file->statuses > 0);
	if (file->typed->message.of)
		check_all_messages(file);
	free(file);
}

int main(void)
{
	static struct CMUnitTest tests[DMK_ARRAY_SIZE(all_typed)];

	for (size_t i = 0; i < DMK_ARRAY_SIZE(tests); i++) {
		tests[i].name = all_typed[i].type;
		tests[i].test_func = fields;
		tests[i].initial_state = (void *)(uintptr_t)&all_typed[i];
	}
	return _cmocka_run_group_tests("fields", tests, DMK_ARRAY_SIZE(tests), NULL, NULL);
}
