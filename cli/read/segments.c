/* SPDX-License-Identifier: MIT */
/* The one grammar of targets: TYPE key=value ... + TYPE key=value ... */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/numbers.h"
#include "common/signals.h"
#include "read/tables.h"
#include "show/errors.h"
#include "show/transport.h"

#define DISK_PAUSE_MS 20

static bool is_joiner(const char *word)
{
	return strcmp(word, "+") == 0;
}

/* words[1...] as pairs. Splits the words in place. */
static int split_words(struct cli *cli, char **words, int n, struct key_words *pairs)
{
	for (int i = 1; i < n; i++) {
		char *equals = strchr(words[i], '=');

		if (!equals || equals == words[i])
			return usage_error(cli, words[i],
					   "'%s' is not KEY=VALUE; segments are joined by +",
					   words[i]);
		*equals = '\0';
		pairs->pairs[pairs->n].key = words[i];
		pairs->pairs[pairs->n++].value = equals + 1;
	}
	return EXIT_DONE;
}

static bool has_key(const struct key_words *words, const char *key)
{
	for (uint32_t i = 0; i < words->n; i++)
		if (strcmp(words->pairs[i].key, key) == 0)
			return true;
	return false;
}

static int fail_segment(struct cli *cli, const char *type, const struct key_words *words,
			const struct dmk_error *err)
{
	struct dmk_error told = *err;
	size_t used = strlen(told.detail);

	if (told.code == -EINVAL && strcmp(told.argument, type) == 0)
		snprintf(told.detail + used, sizeof(told.detail) - used,
			 "; %s takes any target's parameters as they are",
			 cli->part ? "table-text =" : "--table");
	else if (strcmp(told.argument, "key") == 0 && !has_key(words, "key"))
		snprintf(told.detail + used, sizeof(told.detail) - used,
			 "; give key-file=, key-fd= or keyring=");
	return fail_with(cli, &told);
}

/* One segment: words[0] is the type. */
static int add_segment(struct cli *cli, const struct segment_sink *sink, char **words, int n)
{
	struct key_words pairs = { 0 };
	int status;

	if (strcmp(words[0], "-") == 0)
		return usage_error(cli, "-",
				   "'-' is no target: --table-file - reads a table's text "
				   "from standard input");
	if (strchr(words[0], '='))
		return usage_error(cli, words[0],
				   "a segment begins with a target's type, not with '%s'",
				   words[0]);
	/* As many as words, and one for each key that several words make. */
	pairs.pairs = calloc((size_t)n + MOST_SECRETS, sizeof(*pairs.pairs));
	if (!pairs.pairs)
		return fail_errno(cli, -ENOMEM, "", "read the table");
	status = split_words(cli, words, n, &pairs);
	if (status == EXIT_DONE)
		status = key_words_take(cli, words[0], NULL, &pairs);
	if (status == EXIT_DONE && sink->add(sink->to, words[0], pairs.pairs, pairs.n) < 0)
		status = fail_segment(cli, words[0], &pairs, sink->error(sink->to));
	key_words_drop(&pairs);
	return status;
}

int add_words_to(struct cli *cli, const struct segment_sink *sink, char **words, int n)
{
	int begin = 0;

	for (int i = 0; i <= n; i++) {
		int status;

		if (i < n && !is_joiner(words[i]))
			continue;
		if (i == begin)
			return usage_error(cli, "+",
					   "an empty segment: + stands between two segments");
		status = add_segment(cli, sink, words + begin, i - begin);
		if (status != EXIT_DONE)
			return status;
		begin = i + 1;
	}
	return EXIT_DONE;
}

struct filling {
	struct cli *cli;
	struct dmk_table *table;
};

/* A create waits until the deadline for a disk that still has to appear; here too, where its size
 * is asked. */
static bool wait_for_disk(struct cli *cli, const struct dmk_error *err)
{
	if (cli->table_verb != DMK_VERB_CREATE || given(cli, OPT_DRY_RUN) ||
	    !given(cli, OPT_DEADLINE) || err->step != DMK_STEP_BLOCKDEV ||
	    (err->code != -ENOENT && err->code != -ENXIO && err->code != -ENODEV))
		return false;
	if (signals_caught() || now_ns() >= cli->deadline_ns)
		return false;
	poll(NULL, 0, DISK_PAUSE_MS);
	return true;
}

static int add_to_table(void *to, const char *type, const struct dmk_key_value *pairs, uint32_t n)
{
	const struct filling *filling = to;
	int r;

	do
		r = dmk_table_add_keys(filling->table, type, pairs, n);
	while (r < 0 && wait_for_disk(filling->cli, dmk_table_error(filling->table)));
	arm_deadline(filling->cli);
	return r;
}

static const struct dmk_error *error_of_table(const void *to)
{
	const struct filling *filling = to;

	return dmk_table_error(filling->table);
}

int add_words(struct cli *cli, struct dmk_table *table, char **words, int n)
{
	struct filling filling = { cli, table };
	const struct segment_sink sink = { add_to_table, error_of_table, &filling };

	return add_words_to(cli, &sink, words, n);
}

/* Whether standard input is a pipe or a file: its text was perhaps meant. */
static bool is_fed(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size > 0));
}

int get_table(struct cli *cli, char **words, int n, struct dmk_table **ret_table)
{
	int sources = (n > 0) + given(cli, OPT_TABLE) + given(cli, OPT_TABLE_FILE) +
		      given(cli, OPT_NO_TABLE);
	struct dmk_table *table;
	int status;
	int r;

	if (sources == 0)
		return usage_error(
			cli, "", "no table: needs TYPE KEY=VALUE..., --table or --table-file%s%s",
			cli->command->options & BIT(OPT_NO_TABLE) ? ", or --no-table" : "",
			is_fed() ? "; --table-file - takes the text on standard input" : "");
	if (sources > 1)
		return usage_error(
			cli, "",
			"more than one table: words, --table, --table-file%s exclude each other",
			cli->command->options & BIT(OPT_NO_TABLE) ? ", --no-table" : "");
	if (given(cli, OPT_UNCHECKED) && !given(cli, OPT_TABLE) && !given(cli, OPT_TABLE_FILE))
		return usage_error(cli, "unchecked",
				   "--unchecked is for the text of --table or --table-file");
	if (given(cli, OPT_NO_TABLE)) {
		*ret_table = NULL;
		return EXIT_DONE;
	}
	r = dmk_table_new(&table);
	if (r < 0)
		return fail_errno(cli, r, "", "read the table");
	status = n > 0 ? add_words(cli, table, words, n) : add_text(cli, table);
	if (status == EXIT_DONE && dmk_table_count(table) == 0)
		status = usage_error(cli, "", "the table is empty");
	if (status == EXIT_DONE)
		*ret_table = table;
	else
		dmk_table_free(table);
	return status;
}
