/* SPDX-License-Identifier: MIT */
/* table and status: the same lines, asked differently. */
#include <stdlib.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "common/json.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/secrets.h"
#include "show/typed.h"

static bool is_status(const struct cli *cli)
{
	return cli->command->run == cmd_status;
}

static void json_segment(struct cli *cli, const struct dmk_segment *segment)
{
	struct json *json = &cli->json;
	char *owned = NULL;

	json_object(json, NULL);
	if (is_status(cli)) {
		json_status(json, segment);
	} else {
		const char *params = shown_params(cli, segment->type, segment->params, &owned);

		json_u64(json, "start_sectors", segment->start_sectors);
		json_u64(json, "length_sectors", segment->length_sectors);
		json_string(json, "type", segment->type);
		json_string(json, "params", params);
		json_table_keys(cli, json, segment->type, segment->params);
	}
	json_close(json);
	free(owned);
}

static int print_json(struct cli *cli, struct dmk_segments *segments)
{
	const struct dmk_info *info = dmk_segments_info(segments);
	struct json *json = &cli->json;
	struct dmk_segment segment;
	int r;

	json_item(cli);
	json_string(json, "name", info->name);
	json_string(json, "uuid", info->uuid);
	json_u64(json, "major", info->major);
	json_u64(json, "minor", info->minor);
	json_bool(json, "readonly", info->flags & DMK_INFO_READONLY);
	json_bool(json, "suspended", info->flags & DMK_INFO_SUSPENDED);
	json_array(json, "segments");
	while ((r = dmk_segments_next(segments, &segment)) > 0)
		json_segment(cli, &segment);
	json_close(json);
	json_close(json);
	return r;
}

static void put_line(const struct cli *cli, struct lines *lines, const char *name,
		     const struct dmk_segment *segment)
{
	char *owned = NULL;
	const char *params = segment->params;

	if (*params && !is_status(cli))
		params = shown_params(cli, segment->type, params, &owned);
	if (name) {
		lines_name(lines, name, ':');
		lines_byte(lines, ' ');
	}
	lines_number(lines, segment->start_sectors, ' ');
	lines_number(lines, segment->length_sectors, ' ');
	/* No blank at the end of a line where there is nothing to say. */
	lines_text(lines, segment->type, *params ? ' ' : '\n');
	if (*params)
		lines_text(lines, params, '\n');
	free(owned);
}

static void put_prefix(const struct cli *cli, const char *name)
{
	put_text(stdout, cli->out_tty, name);
	fputs(": ", stdout);
}

static int print_lines(struct cli *cli, struct dmk_segments *segments, bool prefix)
{
	const char *name = dmk_segments_info(segments)->name;
	struct lines *lines = cli->lines;
	struct dmk_segment segment;
	int r;

	/* A device without a table is a line of its own among several, and nothing alone. */
	if (prefix && dmk_segments_count(segments) == 0) {
		lines_name(lines, name, ':');
		lines_byte(lines, '\n');
	}
	while ((r = dmk_segments_next(segments, &segment)) > 0) {
		if (is_status(cli) && !given(cli, OPT_RAW)) {
			lines_flush(lines);
			if (prefix)
				put_prefix(cli, name);
			put_status(cli, &segment, dmk_segments_count(segments) > 1);
			putchar('\n');
		} else {
			put_line(cli, lines, prefix ? name : NULL, &segment);
		}
	}
	return r;
}

static int one(struct cli *cli, const struct each *each)
{
	struct dmk_query_options options;
	struct dmk_segments *segments;
	int status = EXIT_DONE;
	int r;

	query_options(cli, &options);
	if (is_status(cli))
		r = dmk_get_status(cli->dm, &each->id, &options, &segments);
	else
		r = dmk_get_table(cli->dm, &each->id, &options, &segments);
	if (r < 0) {
		lines_flush(cli->lines);
		return each_fail(cli, each);
	}

	if (given(cli, OPT_PRETTY)) {
		status = print_pretty(cli, segments, each->prefix);
	} else {
		if (given(cli, OPT_JSON))
			r = print_json(cli, segments);
		else
			r = print_lines(cli, segments, each->prefix);
		if (r < 0) {
			lines_flush(cli->lines);
			status = fail_errno(cli, r, dmk_segments_info(segments)->name,
					    "read the reply for");
		}
	}
	dmk_segments_free(segments);
	return status;
}

static int each_one(struct cli *cli, char **args, int n)
{
	struct lines lines;
	int status;

	lines_begin(&lines, cli);
	cli->lines = &lines;
	status = each_device(cli, args, n, one);
	lines_flush(&lines);
	return status;
}

int cmd_table(struct cli *cli, char **args, int n)
{
	if (given(cli, OPT_PRETTY) && given(cli, OPT_JSON))
		return usage_error(cli, "pretty", "--pretty and --json are two forms of the same");
	return each_one(cli, args, n);
}

int cmd_status(struct cli *cli, char **args, int n)
{
	return each_one(cli, args, n);
}
