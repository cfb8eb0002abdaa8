/* SPDX-License-Identifier: MIT */
/* The command: options, then one look into the command table, then its function. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/help.h"
#include "common/cli.h"
#include "common/json.h"
#include "common/nearest.h"
#include "common/numbers.h"
#include "common/signals.h"
#include "common/term.h"
#include "dmsetup/called.h"
#include "read/options.h"
#include "show/errors.h"
#include "show/transport.h"

/* libc's default is 1 to 4 KiB: a table of 100,000 segments would be thousands of writes. */
#define OUT_BUFFER_BYTES 65536

/* What other tools, and other words for the same, have for dmkit's. */
static const struct {
	const char *theirs, *ours;
} others[] = {
	{ "add", "create" },
	{ "cat", "table" },
	{ "close", "remove" },
	{ "del", "remove" },
	{ "delete", "remove" },
	{ "destroy", "remove" },
	{ "dump", "table" },
	{ "ls", "list" },
	{ "mknodes", "doctor --fix" },
	{ "mv", "rename" },
	{ "open", "create" },
	{ "reload", "load; and resume puts it in, replace does both" },
	{ "remove_all", "remove --all" },
	{ "rm", "remove" },
	{ "setgeometry", "set-geometry" },
	{ "setuuid", "set-uuid" },
	{ "show", "info, table or status" },
	{ "unload", "remove" },
	{ "watch", "monitor" },
	{ "wipe_table", "replace NAME error" },
};

static int unknown_command(struct cli *cli, const char *name)
{
	struct nearest nearest;
	char all[512];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (strcmp(name, others[i].theirs) == 0)
			return usage_error(cli, name, "no command '%s'; dmkit's word for it: %s",
					   name, others[i].ours);
	}
	nearest_begin(&nearest, name, strlen(name));
	for (size_t i = 0; command_at(i); i++)
		nearest_look(&nearest, command_at(i)->name);
	if (nearest.n)
		return usage_error(cli, name, "no command '%s'%s", name,
				   nearest_text(&nearest, ""));
	/* Nothing is near: say all that is allowed. */
	command_names(all, sizeof(all));
	return usage_error(cli, name, "no command '%s'; there are: %s", name, all);
}

/* That the command takes these options and so many arguments. 0 or EXIT_USAGE, reported. */
static int check_usage(struct cli *cli, char **args, int n)
{
	const struct command *command = cli->command;
	uint64_t addressed =
		cli->options.given & command->options & (BIT(OPT_UUID) | BIT(OPT_DEVNO));
	int min = command->min_args;
	int max = command->max_args;

	for (int i = 0; i < OPT_COUNT; i++) {
		if (given(cli, i) && !option_row(i)->global && !takes(command, i))
			return usage_error(cli, option_row(i)->name, "takes no --%s",
					   option_row(i)->name);
	}
	if ((command->flags & (CMD_DEVICE | CMD_DEVICES)) && addressed) {
		if (addressed == (BIT(OPT_UUID) | BIT(OPT_DEVNO)))
			return usage_error(cli, "uuid", "--uuid and --devno both name a device");
		min = min > 0 ? min - 1 : 0;
		max = command->flags & CMD_DEVICES ? 0 : max < 0 ? max : max - 1;
	}
	if (n < min) {
		return usage_error(cli, "", "needs %s%s%s", command->args,
				   addressed ? " without NAME" : "",
				   n == 0 ? "" : ", and got less");
	}
	if (max >= 0 && n > max)
		return usage_error(cli, args[max], "'%s' is one argument too many", args[max]);
	return EXIT_DONE;
}

static int connect_dm(struct cli *cli)
{
	int64_t ms = cli->options.deadline_ms;
	int r = dmk_new(&cli->dm);

	if (r < 0)
		return fail_errno(cli, r, "", "start");
	if (given(cli, OPT_DEADLINE)) {
		/* The whole command ends by then, not only each of its parts. */
		cli->deadline_ns = ms ? now_ns() + ms * 1000000 : 1;
		arm_deadline(cli);
	}
	if (given(cli, OPT_UDEV) && given(cli, OPT_NO_UDEV))
		return usage_error(cli, "udev", "--udev and --no-udev both say how it is");
	dmk_set_udev(cli->dm, cli->options.udev);
	transport_install(cli);
	if (cli->command->flags & CMD_CHANGES)
		signals_install(cli->dm);
	return EXIT_DONE;
}

/* "image" alone, or with a word that none of its commands has. */
static int unknown_in_group(struct cli *cli, char **args, int n)
{
	struct nearest nearest;
	char name[DMK_NAME_SIZE], all[512];

	if (given(cli, OPT_HELP) && n == 1) {
		print_group_help(args[0]);
		return EXIT_DONE;
	}
	group_names(args[0], all, sizeof(all));
	if (n == 1)
		return usage_error(cli, "", "'%s' needs one more word; there are: %s", args[0],
				   all);
	snprintf(name, sizeof(name), "%s %s", args[0], args[1]);
	nearest_begin(&nearest, name, strlen(name));
	for (size_t i = 0; command_at(i); i++) {
		if (command_in_group(command_at(i), args[0]))
			nearest_look(&nearest, command_at(i)->name);
	}
	if (nearest.n)
		return usage_error(cli, args[1], "no command '%s'%s", name,
				   nearest_text(&nearest, ""));
	return usage_error(cli, args[1], "no command '%s'; there are: %s", name, all);
}

static int run_command(struct cli *cli, char **args, int n)
{
	int status, words;

	cli->command = command_take(args, n, &words);
	if (!cli->command)
		return command_is_group(args[0]) ? unknown_in_group(cli, args, n)
						 : unknown_command(cli, args[0]);
	if (given(cli, OPT_HELP)) {
		print_command_help(cli, cli->command);
		return EXIT_DONE;
	}
	options_settle(&cli->options, cli->command);
	args += words;
	n -= words;
	status = check_usage(cli, args, n);
	if (status == EXIT_DONE)
		status = connect_dm(cli);
	if (status == EXIT_DONE)
		status = cli->command->run(cli, args, n);
	if (status == EXIT_DONE && given(cli, OPT_JSON) && cli->json.depth == 0 &&
	    !(cli->command->flags & (CMD_TEXT | CMD_LINES)))
		json_array(&cli->json, NULL);
	if (cli->json.depth > 0)
		json_close(&cli->json);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	int first;
	int status = options_parse(cli, argc, argv, &first);

	if (status != EXIT_DONE)
		return status;
	if (given(cli, OPT_VERSION)) {
		struct dmk_version version;

		dmk_library_version(&version);
		printf("dmkit %u.%u.%u\n", version.major, version.minor, version.patch);
		return EXIT_DONE;
	}
	if (first < argc)
		return run_command(cli, argv + first, argc - first);
	if (given(cli, OPT_JSON) && !given(cli, OPT_HELP))
		return usage_error(cli, "", "needs a command");
	print_usage(given(cli, OPT_HELP) ? stdout : stderr);
	return given(cli, OPT_HELP) ? EXIT_DONE : EXIT_USAGE;
}

/* 0, or the errno with which a result did not arrive: a full disk shows up here at the latest. */
static int close_output(void)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		return errno ? -errno : -EIO;
	/* Network file systems tell it at the close. One that was closed from the start, and was
	 * not needed, is no failure. */
	if (close(STDOUT_FILENO) < 0 && errno != EBADF)
		return -errno;
	return 0;
}

/* A result that did not arrive is a failure there as well. */
static int finish_dmsetup(int status)
{
	int r = close_output();

	if (status != 0)
		signals_pass_on();
	if (r == 0)
		return status;
	fprintf(stderr, "Failed to write to standard output: %s\n", dmk_errno_text(r));
	return 1;
}

static const char called_name[] = "dmsetup";

int main(int argc, char **argv)
{
	/* Static because stdio looks at it once more when main has returned. */
	static char out_buffer[OUT_BUFFER_BYTES];
	struct cli cli = { .json = { .out = stdout } };
	int status;
	int r;

	commands_set(command_rows, n_command_rows);
	setvbuf(stdout, out_buffer, _IOFBF, sizeof(out_buffer));
	if (argc > 1 && strcmp(argv[1], called_name) == 0) {
		argc--;
		argv++;
	}
	if (argc > 0 && dmsetup_is_called(argv[0]))
		return finish_dmsetup(dmsetup_main(argc, argv));
	cli.out_tty = term_is(stdout);
	cli.err_tty = term_is(stderr);

	status = run(&cli, argc, argv);
	dmk_free(cli.dm);

	r = close_output();
	if (r < 0 && status == EXIT_DONE)
		status = fail_errno(&cli, r, "", "write to standard output");
	if (status != EXIT_DONE)
		signals_pass_on();
	return status;
}
