/* SPDX-License-Identifier: MIT */
/* --dry-run and --trace: the library's transport hook, so that no verb knows of either. */
#include <inttypes.h>
#include <stdlib.h>

#include "common/cli.h"
#include "common/json.h"
#include "common/numbers.h"
#include "show/output.h"
#include "show/transport.h"

#define VERSION_COMMAND 0 /* DM_VERSION */

/* The line, whole, however long: with --dry-run it is the result. free(); NULL: no memory. */
static char *whole_line(uint32_t command, const void *request, uint32_t size)
{
	for (size_t room = 4096;; room *= 2) {
		char *line = malloc(room);

		if (!line || dmk_request_format(command, request, size, line, room) < room)
			return line;
		free(line);
	}
}

static void print_dry(struct cli *cli, uint32_t command, const void *request, uint32_t size)
{
	char *line = whole_line(command, request, size);

	if (!line)
		return;
	if (given(cli, OPT_JSON)) {
		json_item(cli);
		json_string(&cli->json, "request", line);
		json_close(&cli->json);
	} else {
		put_text(stdout, cli->out_tty, line);
		putchar('\n');
	}
	free(line);
}

static int hook(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	struct cli *cli = userdata;
	bool dry = given(cli, OPT_DRY_RUN);
	char line[DMK_ERROR_TEXT_SIZE] = "";
	int64_t start = now_ns();
	int answer;

	/* Before it is sent: the answer is written over it. */
	if (given(cli, OPT_TRACE))
		dmk_request_format(command, request, size, line, sizeof(line));

	if (dry && dmk_command_changes(command)) {
		print_dry(cli, command, request, size);
		answer = DMK_NOT_SENT;
	} else {
		answer = dmk_transport_kernel(dm, command, request, size);
		/* A dry run of a create has no need of a kernel: the only thing it asks is the
		 * version. */
		if (dry && command == VERSION_COMMAND && answer < 0)
			answer = DMK_NOT_SENT;
	}
	if (given(cli, OPT_TRACE)) {
		fputs("dmkit: trace: ", stderr);
		put_text(stderr, cli->err_tty, line);
		fprintf(stderr, " -> %s%s in %" PRId64 " us\n", answer < 0 ? "-" : "",
			answer == DMK_NOT_SENT ? "not sent"
			: answer < 0	       ? dmk_errno_name(answer)
					       : "0",
			(now_ns() - start) / 1000);
	}
	return answer;
}

void transport_install(struct cli *cli)
{
	if (given(cli, OPT_DRY_RUN) || given(cli, OPT_TRACE))
		dmk_set_transport(cli->dm, hook, cli);
	if (given(cli, OPT_DRY_RUN))
		dmk_set_dry_run(cli->dm);
}

void arm_deadline(struct cli *cli)
{
	int64_t left_ms;

	if (!given(cli, OPT_DEADLINE))
		return;
	left_ms = (cli->deadline_ns - now_ns()) / 1000000;
	dmk_set_timeout(cli->dm, left_ms > 0 ? left_ms : -1);
}
