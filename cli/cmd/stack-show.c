/* SPDX-License-Identifier: MIT */
/* A plan, for people and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "cmd/columns.h"
#include "cmd/stack.h"
#include "common/disks.h"
#include "show/output.h"

static const struct kind {
	const char *word;
	const char *will, *did; /* "2 to make", "2 made" */
	enum colour colour;
	char mark;
} kinds[] = {
	[DMK_PLAN_KEEP] = { "keep", NULL, NULL, COLOUR_NONE, '=' },
	[DMK_PLAN_CREATE] = { "create", "to make", "made", COLOUR_PLACE, '+' },
	[DMK_PLAN_CHANGE] = { "change", "to change", "changed", COLOUR_WARNING, '~' },
	[DMK_PLAN_REMOVE] = { "remove", "to remove", "removed", COLOUR_GONE, '-' },
	[DMK_PLAN_PAUSE] = { "pause", "to pause", "paused", COLOUR_NONE, '|' },
};

static const struct {
	uint32_t flag;
	const char *key;
	const char *words;
} flags[] = {
	{ DMK_PLAN_OPEN, "open", "open" },
	{ DMK_PLAN_SHRINKS, "shrinks", "shrinks" },
	{ DMK_PLAN_SUSPENDED, "suspended", "is suspended" },
	{ DMK_PLAN_INACTIVE, "inactive_table", "has a second table, which goes" },
	{ DMK_PLAN_HALF_MADE, "half_made", "is there without a table" },
	{ DMK_PLAN_DEFERRED, "deferred_removal", "goes when it is closed, and will not" },
};

/* Some lines of a table. */
struct lines_of {
	const char *text;
	const char *end;
};

/* Without its line break, which the last one has not. */
static size_t first_line(const struct lines_of *lines)
{
	const char *stop = memchr(lines->text, '\n', (size_t)(lines->end - lines->text));

	return (size_t)((stop ? stop : lines->end) - lines->text);
}

static void go_behind(struct lines_of *lines, size_t length)
{
	lines->text += length;
	lines->text += lines->text < lines->end;
}

static bool take_same(struct lines_of *one, struct lines_of *other)
{
	size_t length = first_line(one);

	if (!length || length != first_line(other) || memcmp(one->text, other->text, length) != 0)
		return false;
	go_behind(one, length);
	go_behind(other, length);
	return true;
}

static void put_lines(const struct cli *cli, struct lines_of lines, char mark, enum colour colour)
{
	while (lines.text < lines.end) {
		size_t length = first_line(&lines);
		char *line = strndup(lines.text, length);

		if (!line)
			return;
		printf("    ");
		put_colour(cli, colour);
		printf("%c ", mark);
		put_text(stdout, cli->out_tty, line);
		put_colour(cli, COLOUR_NONE);
		putchar('\n');
		free(line);
		go_behind(&lines, length);
	}
}

/* From the first segment on that is another one. */
static void put_difference(const struct cli *cli, const struct dmk_plan_step *step)
{
	const char *before = step->before ? step->before : "",
		   *after = step->after ? step->after : "";
	struct lines_of old = { before, before + strlen(before) };
	struct lines_of new = { after, after + strlen(after) };

	while (take_same(&old, &new))
		;
	put_lines(cli, old, '-', COLOUR_GONE);
	put_lines(cli, new, '+', COLOUR_PLACE);
}

static void put_flags(const struct dmk_plan_step *step)
{
	const uint32_t both = DMK_PLAN_READONLY | DMK_PLAN_WAS_READONLY;
	const char *before = " (";

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (step->flags & flags[i].flag) {
			printf("%s%s", before, flags[i].words);
			before = ", ";
		}
	}
	if (step->kind == DMK_PLAN_CHANGE && (step->flags & both) && (step->flags & both) != both) {
		printf("%s%s", before,
		       step->flags & DMK_PLAN_READONLY ? "becomes read-only" : "becomes writable");
		before = ", ";
	}
	if (*before == ',')
		putchar(')');
}

static void put_step(const struct cli *cli, const struct dmk_plan_step *step, bool done)
{
	const struct kind *kind = &kinds[step->kind];
	char number[DEVNO_TEXT];

	if (step->kind == DMK_PLAN_KEEP)
		return;
	put_colour(cli, kind->colour);
	printf("%c ", kind->mark);
	put_text(stdout, cli->out_tty, step->name);
	if (step->major)
		printf(" %s", format_devno(step->major, step->minor, number));
	if (!done)
		put_flags(step);
	put_colour(cli, COLOUR_NONE);
	putchar('\n');
	if (!done && step->kind != DMK_PLAN_PAUSE)
		put_difference(cli, step);
}

static void json_lines(struct json *json, const char *key, const char *text)
{
	char line[4096];

	if (!text) {
		json_null(json, key);
		return;
	}
	json_array(json, key);
	while (*text) {
		size_t length = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		json_string(json, NULL, line);
		text += length + (text[length] == '\n');
	}
	json_close(json);
}

static void json_step(struct cli *cli, const char *stack, const struct dmk_plan_step *step)
{
	struct json *json = &cli->json;

	json_item(cli);
	json_string(json, "stack", stack);
	json_string(json, "name", step->name);
	json_string(json, "action", kinds[step->kind].word);
	if (step->major) {
		json_u64(json, "major", step->major);
		json_u64(json, "minor", step->minor);
	} else {
		json_null(json, "major");
		json_null(json, "minor");
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		json_bool(json, flags[i].key, step->flags & flags[i].flag);
	json_bool(json, "readonly", step->flags & DMK_PLAN_READONLY);
	json_bool(json, "was_readonly", step->flags & DMK_PLAN_WAS_READONLY);
	json_lines(json, "before", step->before);
	json_lines(json, "after", step->after);
	json_close(json);
}

uint32_t show_plan(struct cli *cli, const char *stack, struct dmk_plan *plan, bool done)
{
	uint32_t counts[ARRAY_SIZE(kinds)] = { 0 };
	const char *before = ": ";
	struct dmk_plan_step step;

	while (dmk_plan_next(plan, &step) == 1) {
		counts[step.kind]++;
		if (given(cli, OPT_JSON))
			json_step(cli, stack, &step);
		else
			put_step(cli, &step, done);
	}
	if (given(cli, OPT_JSON))
		return dmk_plan_changes(plan);
	put_text(stdout, cli->out_tty, stack);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].will && counts[i]) {
			printf("%s%u %s", before, counts[i], done ? kinds[i].did : kinds[i].will);
			before = ", ";
		}
	}
	puts(*before == ',' ? "" : ": nothing to do");
	return dmk_plan_changes(plan);
}
