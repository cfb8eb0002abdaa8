/* SPDX-License-Identifier: MIT */
/* Failures on standard error: one line each, or one JSON object each. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/json.h"
#include "common/users.h"
#include "show/errors.h"
#include "show/output.h"

/* The kernel asks it of each of device-mapper's requests, and the first one is DM_VERSION. */
static bool is_not_permitted(const struct dmk_error *err)
{
	return (err->code == -EPERM || err->code == -EACCES) &&
	       (err->step == DMK_STEP_OPEN_CONTROL || err->step == DMK_STEP_VERSION);
}

/* Why there is no way to device-mapper, and what helps. */
static const char *hint_for(const struct dmk_error *err)
{
	if (is_not_permitted(err) && geteuid() != 0)
		return "run it as root (CAP_SYS_ADMIN)";
	if (is_not_permitted(err))
		return err->step == DMK_STEP_VERSION
			       ? "root lacks CAP_SYS_ADMIN here"
			       : "root lacks CAP_SYS_ADMIN here, or its container the device";
	if (err->step != DMK_STEP_OPEN_CONTROL)
		return "";
	if (err->code == -ENXIO) /* something else is there */
		return "remove it, and the next command makes the right one";
	return err->code == -ENODEV ? "load it with 'modprobe dm_mod'" : "";
}

struct report {
	const struct dmk_error *err;
	const char *text; /* the sentence, without the hint */
	const char *file;
	const char *hint;
	struct shown source; /* what of the table's text is shown; empty: none */
};

/*
 * Whether the sentence begins with the command's own name where the library's verb has another one:
 * the first step of wait, or of export, is an info for the library.
 */
static bool renames_verb(const struct cli *cli, uint32_t verb)
{
	const uint64_t steps =
		UINT64_C(1) << DMK_VERB_LIST | UINT64_C(1) << DMK_VERB_INFO |
		UINT64_C(1) << DMK_VERB_TABLE | UINT64_C(1) << DMK_VERB_STATUS |
		UINT64_C(1) << DMK_VERB_DEPS | UINT64_C(1) << DMK_VERB_TARGETS |
		UINT64_C(1) << DMK_VERB_SET_UUID | UINT64_C(1) << DMK_VERB_GEOMETRY |
		UINT64_C(1) << DMK_VERB_HOLDERS | UINT64_C(1) << DMK_VERB_CANCEL_REMOVE |
		UINT64_C(1) << DMK_VERB_PARSE | UINT64_C(1) << DMK_VERB_STACK |
		UINT64_C(1) << DMK_VERB_STACK_PLAN | UINT64_C(1) << DMK_VERB_STACK_APPLY |
		UINT64_C(1) << DMK_VERB_STACK_DOWN | UINT64_C(1) << DMK_VERB_STACK_LIST |
		UINT64_C(1) << DMK_VERB_COLLECT;

	return cli->command && verb < 64 && (steps >> verb & 1) &&
	       strcmp(dmk_verb_name(verb), cli->command->name) != 0;
}

/* What is in the way of the sentence is taken out of err. */
static void format(const struct cli *cli, struct dmk_error *err, char *text, size_t size)
{
	static const char nobody[] = "dmkit";
	const size_t without = sizeof(nobody) - 1;
	const bool renames = renames_verb(cli, err->verb);
	size_t length, rest;

	if (renames)
		err->verb = DMK_VERB_NONE;
	err->params[0] = '\0'; /* they have a line of their own, where they help */
	if (is_not_permitted(err) && geteuid() != 0) {
		/* That is all: not even whether it is there can be known. */
		err->step = DMK_STEP_NONE;
		err->argument[0] = err->detail[0] = '\0';
	}
	dmk_error_format(err, text, size);
	if (!renames)
		return;
	length = strlen(cli->command->name);
	rest = strnlen(text + without, size - length - 1);
	memmove(text + length, text + without, rest);
	text[length + rest] = '\0';
	memcpy(text, cli->command->name, length);
}

static void json_holders(struct json *json, const struct dmk_error *err)
{
	json_array(json, "holders");
	for (uint32_t i = 0; i < err->n_holders && i < DMK_MAX_HOLDERS; i++)
		json_holder(json, &err->holders[i]);
	json_close(json);
	json_u64(json, "holders_more", err->holders_more);
}

/* The bits of enum dmk_left by their names. */
static void json_left(struct json *json, uint32_t left)
{
	static const char *const names[] = { "suspended", "new-table",	 "former-loaded",
					     "inactive",  "error-table", "done",
					     "unknown" };

	json_array(json, "left");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (left & 1u << i)
			json_string(json, NULL, names[i]);
	json_close(json);
}

static void report_json(const struct cli *cli, const struct report *report)
{
	const char *command = cli->command ? cli->command->name : "";
	struct json json = { .out = stderr };
	const struct dmk_error *err = report->err;

	json_object(&json, NULL);
	json_object(&json, "error");
	json_string(&json, "cause", cause_word(err));
	json_string(&json, "step", dmk_step_name(err->step));
	json_string(&json, "verb",
		    err->verb == DMK_VERB_NONE || renames_verb(cli, err->verb)
			    ? command
			    : dmk_verb_name(err->verb));
	json_string(&json, "device", err->device);
	json_u64(&json, "segment", err->segment);
	json_string(&json, "target", err->target);
	json_string(&json, "params", err->params);
	json_string(&json, "argument", err->argument);
	json_string(&json, "errno", dmk_errno_name(err->code));
	json_i64(&json, "code", err->code);
	json_string(&json, "text", report->text);
	json_string(&json, "detail", err->detail);
	json_string(&json, "reason", err->reason);
	json_string(&json, "hint", report->hint);
	json_string(&json, "file", report->file);
	json_u64(&json, "line", err->line);
	json_u64(&json, "column", err->column);
	json_string(&json, "source", report->source.text);
	json_u64(&json, "tries", err->tries);
	json_i64(&json, "spent_ms", err->spent_ms);
	json_i64(&json, "undo_code", err->undo_code);
	json_left(&json, err->left);
	json_holders(&json, err);
	json_close(&json);
	json_close(&json);
}

void put_sentence(const struct cli *cli, const char *text)
{
	static const char head[] = "dmkit: ";

	fputs(head, stderr);
	put_folded(stderr, cli->err_tty, text, sizeof(head) - 1, FOLD_INDENT, fold_width(stderr));
	fputc('\n', stderr);
}

static void add_hint(char *text, size_t size, const char *hint)
{
	size_t length = strlen(text);

	if (*hint)
		snprintf(text + length, size - length, ": %s", hint);
}

static void report_line(const struct cli *cli, const struct report *report)
{
	const struct dmk_error *err = report->err;
	char line[DMK_ERROR_TEXT_SIZE + 1024] = "";

	if (*report->file)
		snprintf(line, sizeof(line), "%.768s:%u:%u: ", report->file, err->line,
			 err->column);
	snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s", report->text);
	add_hint(line, sizeof(line), report->hint);
	put_sentence(cli, line);
	put_shown(stderr, &report->source);
}

static void print(const struct cli *cli, const struct report *report)
{
	if (given(cli, OPT_JSON)) {
		report_json(cli, report);
		return;
	}
	/* What was printed so far belongs before the error where both go to one place. In an array
	 * there is no place for it. */
	fflush(stdout);
	report_line(cli, report);
}

/* This command has nothing open but what it was started with, and whoever left that open has it
 * too, or is gone. */
static void leave_out_self(struct dmk_error *err)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < err->n_holders && i < DMK_MAX_HOLDERS; i++)
		if (err->holders[i].pid != getpid())
			err->holders[kept++] = err->holders[i];
	err->n_holders = kept;
}

/* Where in "TYPE PARAMS" the word at fault stands; 0: it does not. */
static uint32_t find_word(const char *line, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = line; length && (at = strstr(at, word)); at++)
		if (at > line && at[-1] == ' ' && (at[length] == ' ' || !at[length]))
			return (uint32_t)(at - line) + 1;
	return 0;
}

static bool is_text(const struct cli *cli)
{
	return cli->options.given & (BIT(OPT_TABLE) | BIT(OPT_TABLE_FILE) | BIT(OPT_CONCISE));
}

/* The segment of a table that was given as text, with the word at fault; of one in words nothing,
 * as nobody wrote these. Not either where there is but one, and no word to point at. */
static void cut_segment(const struct cli *cli, const struct dmk_error *err, struct shown *shown)
{
	char line[sizeof(err->target) + sizeof(err->params) + 1];
	struct place place = { .line = line };

	if (!err->segment || !err->params[0] || strcmp(err->params, "(hidden)") == 0 ||
	    !is_text(cli))
		return;
	snprintf(line, sizeof(line), "%s %s", err->target, err->params);
	place.length = strlen(line);
	place.column = find_word(line, err->argument);
	if (place.column || err->segment > 1)
		cut_line(&place, true, shown);
}

static int fail_at(struct cli *cli, const struct dmk_error *err, const char *file,
		   const struct place *place)
{
	char text[DMK_ERROR_TEXT_SIZE];
	struct dmk_error told = *err, without_place;
	struct report report = { .err = &told, .text = text, .file = "" };
	int status = exit_code(err);

	leave_out_self(&told);
	if (err->verb == DMK_VERB_PARSE && !err->device[0] && cli->table_of)
		snprintf(told.device, sizeof(told.device), "%.190s", cli->table_of);
	without_place = told;
	for (uint32_t i = 0; i < told.n_holders; i++)
		holder_name_user(&without_place.holders[i]);
	/* Of words the unit was given. */
	if (place && place->said)
		without_place.argument[0] = '\0';
	if (cli->part || (!place && !is_text(cli)))
		without_place.meant_sectors = 0;
	/* Words of a table fail before the device's verb begins: the sentence says whose they were.
	 */
	if (err->verb == DMK_VERB_PARSE && !err->device[0] && cli->table_of && cli->table_verb)
		without_place.verb = cli->table_verb;

	/* FILE:LINE:COLUMN stands before the sentence then, where editors look for it. */
	if (place && err->line) {
		without_place.line = without_place.column = 0;
		report.file = file;
		/* Of a line whose target is not known any digits may be a key. */
		cut_line(place, err->target[0], &report.source);
	} else {
		cut_segment(cli, err, &report.source);
	}
	if (status != EXIT_NO_MAPPING || !say_not_there(cli, &told, text, sizeof(text)))
		format(cli, &without_place, text, sizeof(text));
	report.hint = hint_for(&told);
	print(cli, &report);
	return status;
}

/* said: the sentence has the word already. */
static int fail_in_part(struct cli *cli, const struct dmk_error *err, bool said)
{
	struct dmk_error told = *err;
	struct place place;

	told.line = find_in_part(cli->part, err->argument, &place);
	told.column = place.column;
	place.said = said;
	return fail_at(cli, &told, cli->part->file, &place);
}

int fail_with(struct cli *cli, const struct dmk_error *err)
{
	return cli->part ? fail_in_part(cli, err, false) : fail_at(cli, err, "", NULL);
}

int fail_in_text(struct cli *cli, const struct dmk_error *err, const char *file, const char *text,
		 size_t size)
{
	struct place place = { .column = err->column };

	find_line(text, size, err->line, 0, &place);
	return fail_at(cli, err, file, &place);
}

void say_error(struct cli *cli, const struct dmk_error *err, char *text, size_t size)
{
	struct dmk_error told = *err;

	format(cli, &told, text, size);
	add_hint(text, size, hint_for(err));
}

int fail_said(struct cli *cli, const struct dmk_error *err, const char *text)
{
	print(cli, &(struct report){ .err = err, .text = text, .file = "", .hint = "" });
	return exit_code(err);
}

int fail(struct cli *cli)
{
	return fail_with(cli, dmk_last_error(cli->dm));
}

int fail_errno(struct cli *cli, int code, const char *argument, const char *doing)
{
	struct dmk_error err = { .code = code };
	char text[512];

	snprintf(err.argument, sizeof(err.argument), "%s", argument);
	snprintf(text, sizeof(text), "%s%s%s: %s (-%s)", doing, *argument ? " " : "", argument,
		 dmk_errno_text(code), dmk_errno_name(code));
	print(cli, &(struct report){ .err = &err, .text = text, .file = "", .hint = "" });
	return exit_code(&err);
}

int usage_error(struct cli *cli, const char *argument, const char *format, ...)
{
	struct dmk_error err = { .code = -EINVAL, .step = DMK_STEP_ARGUMENTS };
	const char *command = cli->command ? cli->command->name : "";
	char text[DMK_ERROR_TEXT_SIZE];
	char what[768];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(err.argument, sizeof(err.argument), "%s", argument);
	snprintf(err.detail, sizeof(err.detail), "%.255s", what);
	if (cli->part) {
		err.verb = DMK_VERB_PARSE;
		return fail_in_part(cli, &err, true);
	}
	snprintf(text, sizeof(text), "%s%s%s (see 'dmkit help%s%s')", command, *command ? ": " : "",
		 what, *command ? " " : "", command);
	print(cli, &(struct report){ .err = &err, .text = text, .file = "", .hint = "" });
	return EXIT_USAGE;
}
