/* SPDX-License-Identifier: MIT */
/*
 * What holds for every target in the registry, whichever there are: a new one is tested by being
 * there. Its golden lines parse and print back, its bad lines are refused, its rows and messages
 * are sound, its example is made of its own keys.
 */
#include "../lines.h"

#define MOST_TARGETS 64

static void golden_tables(void **state)
{
	check_golden_tables(*state);
}

static void bad_lines(void **state)
{
	check_bad_lines(*state);
}

static void golden_statuses(void **state)
{
	const struct dmk_target *target = *state;
	FILE *file = open_lines("golden", target->info.type);
	struct golden golden;
	char line[4096];
	int n = 0;

	while (next_line(file, line, sizeof(line))) {
		struct dmk_key_values values;
		struct dmk_error err;

		if (!read_golden(line, "status:", &golden))
			continue;
		n++;
		if (target->status)
			check_form_round_trip(target->status, golden.params);
		if (dmk_status_to_keys(target->info.type, golden.params, &values, &err) < 0)
			fail_msg("'%s': '%s': %s", golden.params, err.argument, err.detail);
		assert_true(target->status ? values.count > 0 : values.count == 0);
		dmk_key_values_clear(&values);
	}
	fclose(file);
	assert_true(n > 0 || !target->status);
}

/* A status and the keys that it gives, as one text each. */
struct said {
	char *status;
	char *keys;
};

struct sayings {
	struct said *items;
	size_t n;
};

/* Nothing where it cannot be read: a golden line in which a word was replaced. */
static char *keys_of(const char *type, const char *status)
{
	struct dmk_key_values values;
	struct dmk_text text = { 0 };
	struct dmk_error err;

	if (dmk_status_to_keys(type, status, &values, &err) < 0)
		return NULL;
	for (size_t i = 0; i < values.count; i++)
		dmk_text_add(&text, "%s=%s ", values.items[i].key, values.items[i].value);
	dmk_key_values_clear(&values);
	assert_int_equal(dmk_text_error(&text), 0);
	return text.data;
}

/* What two statuses that are not the same say is not the same. */
static void add_status(struct sayings *all, const char *type, const char *status)
{
	struct said said = { .keys = keys_of(type, status) };

	if (!said.keys)
		return;
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->items[i].status, status) == 0) {
			free(said.keys);
			return;
		}
		if (strcmp(all->items[i].keys, said.keys) == 0)
			fail_msg("'%s' and '%s' both give '%s'", all->items[i].status, status,
				 said.keys);
	}
	said.status = strdup(status);
	all->items = realloc(all->items, (all->n + 1) * sizeof(said));
	assert_non_null(all->items);
	all->items[all->n++] = said;
}

/* The golden line, and again with each of its words replaced by `word`. */
static void add_with(struct sayings *all, const char *type, const char *status, const char *word)
{
	size_t start = 0;

	while (status[start]) {
		size_t length = strcspn(status + start, " ");
		char other[4096];

		snprintf(other, sizeof(other), "%.*s%s%s", (int)start, status, word,
			 status + start + length);
		add_status(all, type, other);
		start += length;
		start += strspn(status + start, " ");
	}
}

static void statuses_differ(void **state)
{
	const struct dmk_target *target = *state;
	FILE *file = open_lines("golden", target->info.type);
	struct sayings all = { 0 };
	struct golden golden;
	char line[4096];

	while (target->status && next_line(file, line, sizeof(line))) {
		if (!read_golden(line, "status:", &golden))
			continue;
		add_status(&all, target->info.type, golden.params);
		add_with(&all, target->info.type, golden.params, "0");
		add_with(&all, target->info.type, golden.params, "-");
	}
	fclose(file);
	for (size_t i = 0; i < all.n; i++) {
		free(all.items[i].status);
		free(all.items[i].keys);
	}
	free(all.items);
}

/* The size of a positional row's field. */
static size_t size_of_field(const struct dmk_row *row)
{
	if (row->kind == DMK_KEY_SECTORS || row->kind == DMK_KEY_BLOCKS ||
	    (row->flags & DMK_ROW_WIDE))
		return sizeof(uint64_t);
	if (dmk_row_is_number(row) || row->kind == DMK_KEY_CHOICE)
		return sizeof(uint32_t);
	return sizeof(const char *);
}

/* golden's keys but this one into the table. */
static int add_without(struct dmk_table *table, const struct dmk_target *target,
		       const struct golden *golden, const char *key)
{
	struct dmk_key_values values;
	struct dmk_key_value pairs[64];
	uint32_t n = 0;
	char size[32];
	int r;

	assert_int_equal(dmk_params_to_keys(target->info.type, golden->params, &values, NULL), 0);
	assert_true(values.count < 63);
	for (size_t i = 0; i < values.count; i++)
		if (strcmp(values.items[i].key, key) != 0)
			pairs[n++] = values.items[i];
	snprintf(size, sizeof(size), "%llus", (unsigned long long)golden->length_sectors);
	pairs[n++] = (struct dmk_key_value){ .key = "size", .value = size };
	r = dmk_table_add_keys(table, target->info.type, pairs, n);
	dmk_key_values_clear(&values);
	return r;
}

static void check_zero(const struct dmk_target *target, const struct golden *golden,
		       const struct dmk_row *row)
{
	void *value = malloc(target->table.value_size);
	struct dmk_segment by_keys, by_value;
	struct dmk_table *keys, *values;
	int r;

	assert_int_equal(dmk_table_new(&keys), 0);
	assert_int_equal(dmk_table_new(&values), 0);
	assert_int_equal(dmk_form_parse(&target->table, golden->params, value, NULL), 0);
	memset((unsigned char *)value + row->offset, 0, size_of_field(row));
	r = dmk_table_add_value(values, target->info.type, 0, golden->length_sectors, value,
				target->table.value_size);
	if (add_without(keys, target, golden, row->name) != r)
		fail_msg("'%s' without %s: %s", golden->params, row->name,
			 dmk_table_error(r < 0 ? values : keys)->detail);
	if (r == 0) {
		assert_int_equal(dmk_table_get(keys, 0, &by_keys), 0);
		assert_int_equal(dmk_table_get(values, 0, &by_value), 0);
		assert_string_equal(by_keys.params, by_value.params);
	}
	dmk_table_free(keys);
	dmk_table_free(values);
	dmk_form_clear(&target->table, value);
	free(value);
}

/* A field that is zero is the key that is left out. */
static void zero_is_left_out(void **state)
{
	const struct dmk_target *target = *state;
	FILE *file = open_lines("golden", target->info.type);
	struct golden golden;
	char line[4096];

	while (next_line(file, line, sizeof(line))) {
		if (!read_golden(line, "table:", &golden))
			continue;
		for (uint32_t i = 0; i < target->table.n_rows; i++) {
			const struct dmk_row *row = &target->table.rows[i];

			if (!row->word && row->has_fallback && !row->is_custom)
				check_zero(target, &golden, row);
		}
	}
	fclose(file);
}

struct told {
	char text[256];
};

static int tell(void *userdata, const struct dmk_row *row, const struct dmk_trouble *trouble,
		const char *value)
{
	struct told *told = userdata;
	size_t length = strlen(told->text);

	assert_true(strlen(value) > 0);
	snprintf(told->text + length, sizeof(told->text) - length, " %s%s", row->name,
		 trouble->note ? "?" : "");
	return 0;
}

/*
 * A status that means trouble has a line "sick:" after it with the rows that say so, those that are
 * mere notes with a question mark; one without is healthy.
 */
static void sick_statuses(void **state)
{
	const struct dmk_target *target = *state;
	FILE *file = open_lines("golden", target->info.type);
	char line[4096], status[4096] = "";
	struct told told = { "" };
	struct golden golden;

	while (next_line(file, line, sizeof(line))) {
		bool sick = strncmp(line, "sick:", 5) == 0;

		if (sick ? strcmp(told.text, line + 5) != 0 : told.text[0] != '\0')
			fail_msg("'%s' tells '%s', not '%s'", status, told.text,
				 sick ? line + 5 : "");
		told.text[0] = '\0';
		if (!read_golden(line, "status:", &golden))
			continue;
		snprintf(status, sizeof(status), "%s", golden.params);
		assert_int_equal(dmk_target_troubles(target->info.type, status, tell, &told), 0);
	}
	fclose(file);
	assert_string_equal(told.text, "");
}

/* Text of one line, a mend that may name the device, and what the row's kind can be asked. */
static void check_trouble(const struct dmk_form *form, const struct dmk_row *row)
{
	assert_false(row->is_custom || (row->key_flags & DMK_KEY_REPEATED));
	for (const struct dmk_trouble *trouble = row->trouble; trouble->when; trouble++) {
		assert_true(strlen(trouble->what) > 8 && strlen(trouble->mend) > 8);
		assert_null(strchr(trouble->what, '@'));
		switch (trouble->when) {
		case DMK_TROUBLE_IS:
			assert_true(row->kind == DMK_KEY_CHOICE || row->kind == DMK_KEY_FLAG ||
				    dmk_row_is_number(row));
			break;
		case DMK_TROUBLE_ABOVE:
			assert_true(dmk_row_is_number(row));
			break;
		case DMK_TROUBLE_FULL:
			assert_true(trouble->value > 0 && trouble->value <= 100);
			assert_true(trouble->other < form->n_rows);
			assert_true(row->kind == DMK_KEY_RATIO ||
				    (dmk_row_is_number(row) && trouble->other));
			assert_true(!trouble->other ||
				    dmk_row_is_number(&form->rows[trouble->other]));
			break;
		default:
			assert_int_equal(trouble->when, DMK_TROUBLE_HAS);
			assert_true((row->kind == DMK_KEY_TEXT || row->kind == DMK_KEY_HEALTH) &&
				    strlen(trouble->letters) > 0);
		}
	}
}

/* An error says what it was that could not be read, or made. */
static void errors_say_what(void **state)
{
	const struct dmk_target *target = *state;
	struct dmk_key_values values;
	struct dmk_error err;
	char text[64], *made;

	assert_int_equal(dmk_status_to_keys(target->info.type, "a b c d e f g h i j k l m n o p q",
					    &values, &err),
			 -EINVAL);
	assert_int_equal(err.verb, DMK_VERB_PARSE_STATUS);
	dmk_error_format(&err, text, sizeof(text));
	assert_int_equal(strncmp(text, "read status: ", 13), 0);
	assert_int_equal(dmk_message_from_keys(target->info.type, "nosuch", NULL, 0, &made, &err),
			 -ENOENT);
	assert_int_equal(err.verb, DMK_VERB_MESSAGE);
}

static bool is_key_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length > 0 && name[length] == '\0' && name[0] != '-' && name[length - 1] != '-';
}

static void check_row(const struct dmk_form *form, uint32_t index)
{
	const struct dmk_row *row = &form->rows[index];
	const struct dmk_key as_key = dmk_row_key(row), *key = &as_key;
	struct dmk_version version;
	char text[64];

	if (!is_key_name(key->name))
		fail_msg("'%s' is no name for a key", key->name);
	assert_non_null(key->help);
	assert_true(strlen(key->help) > 3);
	assert_true(key->kind >= DMK_KEY_TEXT && key->kind <= DMK_KEY_HEALTH);
	assert_true(row->offset < form->value_size && row->count_offset < form->value_size);
	/* A key is required, or there is a value without it, or it may be left out. */
	assert_false((key->flags & DMK_KEY_REQUIRED) && (key->fallback || row->word));
	if (*key->since)
		assert_true(sscanf(key->since, "%u.%u", &version.major, &version.minor) == 2);
	/* A release of Linux in its help is the row's. */
	snprintf(text, sizeof(text), "(Linux %u.%u", row->release >> 8, row->release & 0xffU);
	if (row->release)
		assert_non_null(strstr(key->help, text));
	else
		assert_int_not_equal(sscanf(key->help, "%*[^(](Linux %u", &version.major), 1);
	for (uint32_t i = 0; i < index; i++)
		assert_string_not_equal(form->rows[i].name, key->name);
	if (key->kind != DMK_KEY_CHOICE)
		return;
	assert_non_null(row->choices);
	assert_non_null(key->allowed);
	for (const struct dmk_choice *choice = row->choices; choice->word; choice++) {
		snprintf(text, sizeof(text), "%s", choice->name);
		if (!strstr(key->allowed, text))
			fail_msg("%s: '%s' is not among '%s'", key->name, text, key->allowed);
	}
}

static void rows_are_sound(void **state)
{
	const struct dmk_target *target = *state;

	assert_true(strlen(target->info.summary) > 5);
	assert_non_null(target->table.syntax);
	assert_int_equal(target->info.n_keys, target->table.n_rows + 1);
	for (uint32_t i = 0; i < target->table.n_rows; i++)
		check_row(&target->table, i);
	for (uint32_t i = 0; i < target->table.n_rows; i++)
		assert_null(target->table.rows[i].trouble);
	for (uint32_t i = 0; target->status && i < target->status->n_rows; i++) {
		check_row(target->status, i);
		if (target->status->rows[i].trouble)
			check_trouble(target->status, &target->status->rows[i]);
	}
	for (uint32_t i = 0; i < target->n_messages; i++) {
		const struct dmk_message *message = &target->messages[i];

		assert_true(is_key_name(message->info.name));
		assert_true(strlen(message->info.help) > 3);
		assert_int_equal(message->info.n_keys, message->form.n_rows);
		for (uint32_t k = 0; k < message->form.n_rows; k++)
			check_row(&message->form, k);
		for (uint32_t k = 0; k < i; k++)
			assert_string_not_equal(target->messages[k].info.name, message->info.name);
	}
}

static bool knows_key(const struct dmk_target *target, const char *word, size_t length)
{
	static const char *const suffixes[] = { "", "-file", "-fd", "-format" };
	struct dmk_key key;
	char name[128];

	for (uint32_t i = 0; dmk_target_key(target->info.type, i, &key) == 0; i++) {
		bool secret = key.flags & DMK_KEY_SECRET;

		for (size_t k = 0; k < (secret ? DMK_ARRAY_SIZE(suffixes) : 1); k++) {
			snprintf(name, sizeof(name), "%s%s", key.name, suffixes[k]);
			if (strlen(name) == length && memcmp(name, word, length) == 0)
				return !secret || k > 0;
		}
		if (secret && ((length == 7 && memcmp(word, "keyring", 7) == 0) ||
			       (length == 8 && memcmp(word, "key-size", 8) == 0)))
			return true;
	}
	return false;
}

/* "[--readonly] TYPE KEY=VALUE...": every required key is in it, and no other than the target's. */
static void the_example_is_of_its_keys(void **state)
{
	const struct dmk_target *target = *state;
	char example[512], *save = NULL;
	bool type = false;

	snprintf(example, sizeof(example), "%s", target->info.example);
	for (char *word = strtok_r(example, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		size_t length = strcspn(word, "=");

		if (!type && strncmp(word, "--", 2) == 0)
			continue;
		if (!type) {
			assert_string_equal(word, target->info.type);
			type = true;
			continue;
		}
		if (word[length] != '=' || !knows_key(target, word, length))
			fail_msg("'%s' of the example is no key", word);
	}
	assert_true(type);
	for (uint32_t i = 0; i < target->table.n_rows; i++) {
		const struct dmk_row *row = &target->table.rows[i];
		char needed[128];

		snprintf(needed, sizeof(needed), " %s=", row->name);
		if ((row->key_flags & DMK_KEY_REQUIRED) && !(row->key_flags & DMK_KEY_SECRET) &&
		    !strstr(target->info.example, needed))
			fail_msg("the example has no '%s'", needed);
	}
}

static void core_messages_are_sound(void **state)
{
	const struct dmk_message_info *info;
	struct dmk_key key;
	uint32_t n = 0;

	(void)state;
	for (; (info = dmk_target_message(NULL, n)); n++) {
		assert_true(is_key_name(info->name));
		for (uint32_t k = 0; k < info->n_keys; k++)
			assert_int_equal(dmk_message_key(NULL, info->name, k, &key), 0);
		assert_int_equal(dmk_message_key(NULL, info->name, info->n_keys, &key), -ENOENT);
	}
	assert_true(n > 0);
}

struct check {
	const char *what;
	CMUnitTestFunction run;
};

int main(void)
{
	static const struct check checks[] = {
		{ "golden tables", golden_tables },
		{ "golden statuses", golden_statuses },
		{ "statuses that differ give other keys", statuses_differ },
		{ "sick statuses", sick_statuses },
		{ "bad lines", bad_lines },
		{ "errors say what", errors_say_what },
		{ "zero is left out", zero_is_left_out },
		{ "rows are sound", rows_are_sound },
		{ "the example is of its keys", the_example_is_of_its_keys },
	};
	static struct CMUnitTest tests[MOST_TARGETS * DMK_ARRAY_SIZE(checks) + 1];
	static char names[DMK_ARRAY_SIZE(tests)][80];
	const struct dmk_target_info *info;
	size_t n = 0;

	for (uint32_t i = 0; i < MOST_TARGETS && (info = dmk_target_info_at(i)); i++) {
		for (size_t k = 0; k < DMK_ARRAY_SIZE(checks); k++) {
			snprintf(names[n], sizeof(names[n]), "%s: %s", info->type, checks[k].what);
			tests[n].name = names[n];
			tests[n].test_func = checks[k].run;
			/* The target behind the info: cmocka hands state to the test as it is. */
			tests[n].initial_state = (void *)(uintptr_t)dmk_target_find(info->type);
			n++;
		}
	}
	tests[n].name = "device-mapper's own messages are sound";
	tests[n++].test_func = core_messages_are_sound;
	return _cmocka_run_group_tests("every target", tests, n, NULL, NULL);
}
