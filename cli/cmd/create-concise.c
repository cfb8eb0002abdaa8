/* SPDX-License-Identifier: MIT */
/* create --concise: several devices of one text, all or none. */
#include <string.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "read/tables.h"
#include "show/errors.h"
#include "show/results.h"
#include "show/secrets.h"

/* A key on the command line is for every process to see. */
static int check_secrets(struct cli *cli, struct dmk_concise *concise)
{
	struct dmk_concise_device device;
	struct dmk_segment segment;

	while (dmk_concise_next(concise, &device) == 1) {
		for (uint32_t i = 0; device.table && dmk_table_get(device.table, i, &segment) == 0;
		     i++) {
			if (has_secret(segment.type, segment.params))
				return usage_error(cli, segment.type,
						   "--concise would show the key of %s to every "
						   "process: give the text by standard input",
						   segment.type);
		}
	}
	return EXIT_DONE;
}

/* What a changing command says when it is done, of each device. */
static int all_done(struct cli *cli, struct dmk_concise *concise)
{
	struct dmk_concise_device device;
	struct dmk_info info;

	dmk_concise_rewind(concise);
	while (given(cli, OPT_JSON) && !given(cli, OPT_DRY_RUN) &&
	       dmk_concise_next(concise, &device) == 1) {
		if (dmk_get_info(cli->dm, DMK_NAME(device.name), NULL, &info) < 0)
			return fail(cli);
		json_info(cli, &info);
	}
	return EXIT_DONE;
}

/*
 * What a dm-mod.create= of the kernel's command line holds, pasted with its quotes or with the
 * shell's around all of it. How far in that begins; 0: it is none, and stays as it is.
 */
static size_t find_argument(const char *text, size_t *length)
{
	static const char word[] = "dm-mod.create=";
	const size_t n = sizeof(word) - 1;
	size_t begin = 0, end = *length;
	bool found = false;

	while (end && (text[end - 1] == '\n' || text[end - 1] == ' '))
		end--;
	for (;;) {
		if (end - begin > 1 && (text[begin] == '"' || text[begin] == '\'') &&
		    text[end - 1] == text[begin]) {
			begin++;
			end--;
		}
		if (found)
			break;
		/* For the kernel '_' is '-' there. */
		found = end - begin >= n && strncmp(text + begin, word, 2) == 0 &&
			(text[begin + 2] == '-' || text[begin + 2] == '_') &&
			strncmp(text + begin + 3, word + 3, n - 3) == 0;
		if (!found)
			return 0;
		begin += n;
	}
	*length = end - begin;
	return begin;
}

int create_concise(struct cli *cli, char **args, int n, const struct dmk_create_options *create)
{
	const uint64_t excluded = BIT(OPT_TABLE) | BIT(OPT_TABLE_FILE) | BIT(OPT_NO_TABLE) |
				  BIT(OPT_UUID) | BIT(OPT_MINOR) | BIT(OPT_CHECK) |
				  BIT(OPT_UNCHECKED) | BIT(OPT_OWNER);
	const char *spec = args[0];
	bool standard = strcmp(spec, "-") == 0;
	struct dmk_concise *concise = NULL;
	struct dmk_error error;
	struct bytes bytes = { 0 };
	size_t length = strlen(spec), skipped;
	int status = EXIT_DONE;

	if (n > 1 || (cli->options.given & excluded))
		return usage_error(cli, "concise",
				   "--concise SPEC has all of the devices in it: no TYPE, --table, "
				   "--table-file, --no-table, --uuid, --owner, --minor, --check or "
				   "--unchecked beside it");
	if (standard) {
		status = read_file(cli, spec, &bytes);
		spec = bytes.data;
		length = bytes.length;
	}
	skipped = find_argument(spec, &length);
	if (status == EXIT_DONE &&
	    dmk_concise_parse(spec + skipped, length, &concise, &error) < 0) {
		error.column += error.line == 1 ? (uint32_t)skipped : 0;
		status = fail_in_text(cli, &error, standard ? "-" : "--concise", spec,
				      skipped + length);
	}
	drop_bytes(&bytes);
	if (status == EXIT_DONE && dmk_concise_count(concise) == 0)
		status = usage_error(cli, "", "the text names no device");
	if (status == EXIT_DONE && !standard)
		status = check_secrets(cli, concise);
	if (status == EXIT_DONE)
		status = dmk_create_concise(cli->dm, concise, create) < 0 ? fail(cli)
									  : all_done(cli, concise);
	dmk_concise_free(concise);
	return status;
}
