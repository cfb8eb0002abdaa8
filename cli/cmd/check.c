/* SPDX-License-Identifier: MIT */
/* check: tables as text, refused as compilers do it: place, sentence, line, caret, hint. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "common/json.h"
#include "read/tables.h"
#include "show/errors.h"

struct source {
	const char *file;
	const char *text;
	size_t size;
};

/* That nobody may look, or that memory is short, is no error of the table. */
static bool is_found(const struct dmk_error *err)
{
	return err->verb == DMK_VERB_PARSE && err->code != -EACCES && err->code != -EPERM &&
	       err->code != -ENOMEM;
}

/* Where in the line a word of the error stands: at the number that was meant otherwise, else the
 * argument behind start and length. */
static uint32_t find_column(const struct dmk_error *err, const struct place *place)
{
	char number[24];
	const char *sought = err->argument;
	uint32_t column = 1;
	size_t i = 0;

	if (err->meant_sectors) {
		snprintf(number, sizeof(number), "%" PRIu64, err->meant_sectors * 512);
		sought = number;
	}
	for (unsigned word = 1;; word++) {
		size_t begin;

		while (i < place->length && is_blank(place->line[i]))
			i++;
		begin = i;
		while (i < place->length && !is_blank(place->line[i]))
			i++;
		if (i == begin)
			return column;
		if (word == 3)
			column = (uint32_t)begin + 1;
		if ((word > 2 || err->meant_sectors) && i - begin == strlen(sought) &&
		    memcmp(place->line + begin, sought, i - begin) == 0)
			return (uint32_t)begin + 1;
	}
}

static void make_texts(const struct dmk_error *err, struct place *place)
{
	const char *argument = err->argument;
	/* A target that is the word at fault is named once. */
	bool named = err->target[0] && strcmp(err->target, argument) != 0 &&
		     !(err->flags & DMK_ERROR_NO_TARGET);

	snprintf(place->text, sizeof(place->text), "%s%s%s%s%s%s", named ? err->target : "",
		 named ? ": " : "", argument[0] ? "'" : "", argument, argument[0] ? "': " : "",
		 err->detail[0] ? err->detail : dmk_errno_text(err->code));
	if (err->meant_sectors)
		snprintf(place->hint, sizeof(place->hint),
			 "device-mapper counts in 512-byte sectors: did you mean %" PRIu64 "?",
			 err->meant_sectors);
}

static void put(struct cli *cli, const struct source *source, const struct dmk_error *err,
		bool note)
{
	struct place place = { .file = source->file, .note = note };

	find_line(source->text, source->size, err->line, err->segment, &place);
	place.column = err->line ? err->column : find_column(err, &place);
	if (place.column == 0)
		place.column = 1;
	make_texts(err, &place);
	put_place(cli, &place, err);
}

static int report(struct cli *cli, const struct source *source, const struct dmk_error *err)
{
	put(cli, source, err, false);
	return EXIT_USAGE;
}

struct notes {
	struct cli *cli;
	const struct source *source;
};

static void put_note(void *userdata, const struct dmk_error *note)
{
	const struct notes *notes = userdata;

	put(notes->cli, notes->source, note, true);
}

/* One line on standard error, as dmkit's other notes: the table is taken. */
static void put_first_note(void *userdata, const struct dmk_error *note)
{
	const struct cli *cli = userdata;
	struct json json = { .out = stderr };
	char text[768];

	if (given(cli, OPT_JSON)) {
		json_object(&json, NULL);
		json_object(&json, "note");
		json_u64(&json, "segment", note->segment);
		json_string(&json, "target", note->target);
		json_string(&json, "argument", note->argument);
		json_string(&json, "text", note->detail);
		json_close(&json);
		json_close(&json);
		return;
	}
	snprintf(text, sizeof(text), "note: segment %u: %s: '%s': %s", note->segment, note->target,
		 note->argument, note->detail);
	put_sentence(cli, text);
}

/* What the words do not tell. 0 or a negative errno, in cli->dm. source NULL: a command's words. */
static int check_world(struct cli *cli, const struct source *source, const struct dmk_id *id,
		       struct dmk_table *table)
{
	struct notes notes = { .cli = cli, .source = source };
	const struct dmk_check_options options = {
		.flags = given(cli, OPT_OFFLINE) ? DMK_CHECK_OFFLINE : 0,
		.linux_release = cli->options.linux_release,
		.device = id,
		.note = source ? put_note : put_first_note,
		.userdata = source ? (void *)&notes : cli,
	};

	if (given(cli, OPT_OFFLINE) && !options.linux_release)
		return 0;
	return dmk_table_check(cli->dm, table, &options);
}

static int check_text(struct cli *cli, const struct source *source, struct dmk_table *table)
{
	struct dmk_error empty = {
		.code = -EINVAL, .verb = DMK_VERB_PARSE, .line = 1, .detail = "the table is empty"
	};
	const struct dmk_error *err = dmk_table_error(table);

	if (parse_text(cli, table, source->text, source->size) < 0)
		return is_found(err)
			       ? report(cli, source, err)
			       : fail_in_text(cli, err, source->file, source->text, source->size);
	if (dmk_table_count(table) == 0)
		return report(cli, source, &empty);
	if (check_world(cli, source, NULL, table) == 0)
		return EXIT_DONE;
	err = dmk_last_error(cli->dm);
	return is_found(err) ? report(cli, source, err) : fail(cli);
}

static int check_file(struct cli *cli, const char *path)
{
	struct source source = { .file = path };
	struct bytes bytes = { 0 };
	struct dmk_table *table;
	int status = read_file(cli, path, &bytes);
	int r;

	if (status == EXIT_DONE) {
		r = dmk_table_new(&table);
		source.text = bytes.data;
		source.size = bytes.length;
		status =
			r < 0 ? fail_errno(cli, r, path, "check") : check_text(cli, &source, table);
		if (r == 0)
			dmk_table_free(table);
	}
	drop_bytes(&bytes);
	return status;
}

/* Where TYPE stands in create's words, [NAME] TYPE KEY=VALUE...; -1: these are files. */
static int find_words(char **args, int n)
{
	for (int i = 0; i < n && i < 3; i++) {
		if (strcmp(args[i], "-") == 0 || access(args[i], F_OK) == 0)
			return -1;
	}
	if (n > 1 && dmk_target_info_find(args[1]))
		return 1;
	if (dmk_target_info_find(args[0]))
		return 0;
	for (int i = 1; i < n && i < 3; i++) {
		if (strchr(args[i], '='))
			return i - 1;
	}
	return -1;
}

/* As if they stood in a file, but that the words at fault have no place. */
static int check_words(struct cli *cli, const char *name, char **words, int n)
{
	const struct dmk_id id = { .name = name };
	struct dmk_table *table;
	int status, r = dmk_table_new(&table);

	if (r < 0)
		return fail_errno(cli, r, "", "read the table");
	cli->table_of = name ? name : "";
	cli->table_verb = DMK_VERB_INFO; /* in sentences that is this command's own name */
	status = add_words(cli, table, words, n);
	if (status != EXIT_DONE)
		status = is_found(dmk_table_error(table)) ? EXIT_USAGE : status;
	else if (check_world(cli, NULL, name ? &id : NULL, table) < 0)
		status = is_found(dmk_last_error(cli->dm)) ? (fail(cli), EXIT_USAGE) : fail(cli);
	dmk_table_free(table);
	return status;
}

int cmd_check(struct cli *cli, char **args, int n)
{
	int status = EXIT_DONE;
	int type = find_words(args, n);

	if (type >= 0)
		return check_words(cli, type ? args[0] : NULL, args + type, n - type);
	for (int i = 0; i < n; i++) {
		int one = check_file(cli, args[i]);

		if (status == EXIT_DONE)
			status = one;
	}
	return status;
}

int check_first(struct cli *cli, struct dmk_table *table, const struct dmk_id *id)
{
	if (!given(cli, OPT_CHECK) || !table || check_world(cli, NULL, id, table) == 0)
		return EXIT_DONE;
	return fail(cli);
}
