/* SPDX-License-Identifier: MIT */
/* targets, target-version, version */
#include "cmd/commands.h"
#include "common/cli.h"
#include "common/json.h"
#include "show/errors.h"
#include "show/output.h"

#define VERSION_TEXT 40

/* Not among the other strings: see static.ld. */
static const char number_format[] = "%u.%u.%u";
static const char version_format[] = "dmkit   %s\ndriver  %s\n";

static const char *version_text(const struct dmk_version *version, char buf[static VERSION_TEXT])
{
	snprintf(buf, VERSION_TEXT, number_format, version->major, version->minor, version->patch);
	return buf;
}

static void print_target(struct cli *cli, const char *type, const struct dmk_version *version)
{
	char text[VERSION_TEXT];

	version_text(version, text);
	if (given(cli, OPT_JSON)) {
		json_item(cli);
		json_string(&cli->json, "type", type);
		json_string(&cli->json, "version", text);
		json_u64(&cli->json, "major", version->major);
		json_u64(&cli->json, "minor", version->minor);
		json_u64(&cli->json, "patch", version->patch);
		json_close(&cli->json);
		return;
	}
	put_padded(stdout, cli->out_tty, type, cli->out_tty ? DMK_TYPE_SIZE + 1 : 0);
	printf("%s%s\n", cli->out_tty ? "" : "\t", text);
}

int cmd_targets(struct cli *cli, char **args, int n)
{
	struct dmk_target_version target;
	struct dmk_targets *targets;
	int status = EXIT_DONE;
	int r;

	(void)args;
	(void)n;
	if (dmk_list_targets(cli->dm, &targets) < 0)
		return fail(cli);
	while ((r = dmk_targets_next(targets, &target)) > 0)
		print_target(cli, target.type, &target.version);
	if (r < 0)
		status = fail_errno(cli, r, "", "read the list of targets");
	dmk_targets_free(targets);
	return status;
}

/* The sentence is the library's, and without the step's names: nothing else is to be said. */
static int fail_target(struct cli *cli)
{
	struct dmk_error err = *dmk_last_error(cli->dm);
	char text[sizeof(err.detail) + 32];

	if (err.step != DMK_STEP_TARGETS || !err.detail[0])
		return fail(cli);
	err.verb = DMK_VERB_NONE; /* in JSON the command's */
	snprintf(text, sizeof(text), "%s: %s", cli->command->name, err.detail);
	fail_said(cli, &err, text);
	return EXIT_FAILED;
}

int cmd_target_version(struct cli *cli, char **args, int n)
{
	int first = EXIT_DONE;

	for (int i = 0; i < n; i++) {
		struct dmk_version version;

		if (dmk_get_target_version(cli->dm, args[i], &version) == 0) {
			print_target(cli, args[i], &version);
		} else {
			int status = fail_target(cli);

			if (first == EXIT_DONE)
				first = status;
		}
	}
	return first;
}

/* Its own needs no kernel, and no rights. */
int cmd_version(struct cli *cli, char **args, int n)
{
	struct dmk_version library;
	struct dmk_version driver;
	char library_text[VERSION_TEXT];
	char driver_text[VERSION_TEXT];
	char why[DMK_ERROR_TEXT_SIZE], note[DMK_ERROR_TEXT_SIZE + 8];
	bool known = dmk_driver_version(cli->dm, &driver) == 0;

	(void)args;
	(void)n;
	dmk_library_version(&library);
	version_text(&library, library_text);
	if (known)
		version_text(&driver, driver_text);
	else
		say_error(cli, dmk_last_error(cli->dm), why, sizeof(why));
	if (given(cli, OPT_JSON)) {
		json_item(cli);
		json_string(&cli->json, "dmkit", library_text);
		if (known) {
			json_string(&cli->json, "driver", driver_text);
		} else {
			json_null(&cli->json, "driver");
			json_string(&cli->json, "why", why);
		}
		json_close(&cli->json);
		return EXIT_DONE;
	}
	printf(version_format, library_text, known ? driver_text : "none");
	if (!known) {
		snprintf(note, sizeof(note), "note: %s", why);
		put_sentence(cli, note);
	}
	return EXIT_DONE;
}
