/* SPDX-License-Identifier: MIT */
/* `table --pretty`: a live table as the words that make it again. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/secrets.h"
#include "show/typed.h"

static void put_pair(const struct cli *cli, const char *key, const char *value)
{
	size_t size = strlen(key) + strlen(value) + 2;
	char *word = malloc(size);

	if (!word)
		abort();
	snprintf(word, size, "%s=%s", key, value);
	putchar(' ');
	put_quoted(stdout, cli->out_tty, word);
	explicit_bzero(word, size);
	free(word);
}

/* A key as the words that give it: from the keyring, none (an empty file), or hidden. */
static void put_secret(const struct cli *cli, const struct dmk_key_value *item)
{
	const char *description = *item->value == ':' ? strchr(item->value + 1, ':') : NULL;
	char text[HIDDEN_TEXT];

	if (description) {
		put_pair(cli, "keyring", description + 1);
		snprintf(text, sizeof(text), "%.*s", (int)(description - item->value - 1),
			 item->value + 1);
		put_pair(cli, "key-size", text);
	} else if (strcmp(item->value, "-") == 0) {
		put_pair(cli, "key-file", "/dev/null");
	} else {
		put_pair(cli, item->key,
			 given(cli, OPT_SHOW_KEYS) ? item->value : hidden_value(item, text));
	}
}

/* Writes one segment as words; false: dmkit does not know the target, or cannot read these
 * parameters. */
static bool put_segment(const struct cli *cli, const struct dmk_segment *segment, bool print)
{
	struct dmk_key_values values;

	if (dmk_params_to_keys(segment->type, segment->params, &values, NULL) < 0)
		return false;
	if (print) {
		put_quoted(stdout, cli->out_tty, segment->type);
		printf(" size=%" PRIu64 "s", segment->length_sectors);
	}
	for (uint32_t i = 0; print && i < values.count; i++) {
		const struct dmk_key_value *item = &values.items[i];

		if (item->info->flags & DMK_KEY_SECRET)
			put_secret(cli, item);
		else
			put_pair(cli, item->key, item->value);
	}
	dmk_key_values_clear(&values);
	return true;
}

static void put_line(const struct cli *cli, const struct dmk_segment *segment)
{
	char *owned = NULL;
	const char *params = shown_params(cli, segment->type, segment->params, &owned);
	size_t size = strlen(segment->type) + strlen(params) + 48;
	char *line = malloc(size);

	if (!line)
		abort();
	snprintf(line, size, "%" PRIu64 " %" PRIu64 " %s %s", segment->start_sectors,
		 segment->length_sectors, segment->type, params);
	put_quoted(stdout, cli->out_tty, line);
	explicit_bzero(line, size);
	free(line);
	free(owned);
}

/* The kernel's own text, for targets without words: still one line, printf makes the line breaks.
 */
static void put_text_form(const struct cli *cli, struct dmk_segments *segments)
{
	struct dmk_segment segment;

	fputs("--table ", stdout);
	if (dmk_segments_count(segments) == 1) {
		if (dmk_segments_next(segments, &segment) > 0)
			put_line(cli, &segment);
		return;
	}
	fputs("\"$(printf '%s\\n'", stdout);
	while (dmk_segments_next(segments, &segment) > 0) {
		putchar(' ');
		put_line(cli, &segment);
	}
	fputs(")\"", stdout);
}

int print_pretty(struct cli *cli, struct dmk_segments *segments, bool prefix)
{
	const struct dmk_info *info = dmk_segments_info(segments);
	struct dmk_segment segment;
	bool known = true;
	bool first = true;
	int r;

	while ((r = dmk_segments_next(segments, &segment)) > 0)
		known = known && put_segment(cli, &segment, false);
	if (r < 0)
		return fail_errno(cli, r, info->name, "table of");
	dmk_segments_rewind(segments);
	if (prefix) {
		put_text(stdout, cli->out_tty, info->name);
		fputs(": ", stdout);
	}
	if (info->flags & DMK_INFO_READONLY)
		fputs("--readonly ", stdout);
	if (dmk_segments_count(segments) == 0) {
		fputs("--no-table", stdout);
	} else if (!known) {
		put_text_form(cli, segments);
	} else {
		while (dmk_segments_next(segments, &segment) > 0) {
			if (!first)
				fputs(" + ", stdout);
			put_segment(cli, &segment, true);
			first = false;
		}
	}
	putchar('\n');
	return EXIT_DONE;
}
