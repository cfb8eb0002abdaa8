/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/complete.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/json.h"
#include "common/users.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/output.h"

/* Not this command itself, which has open what it was started with. */
static bool next(struct dmk_holders *holders, struct dmk_holder *holder)
{
	do {
		if (dmk_holders_next(holders, holder) == 0)
			return false;
	} while (holder->pid == getpid());
	return true;
}

static void print_json(struct cli *cli, const char *word, struct dmk_holders *holders)
{
	const struct dmk_holders_scope *scope = dmk_holders_get_scope(holders);
	struct json *json = &cli->json;
	struct dmk_holder holder;

	json_item(cli);
	json_string(json, "device", word);
	json_u64(json, "major", scope->major);
	json_u64(json, "minor", scope->minor);
	json_array(json, "holders");
	while (next(holders, &holder))
		json_holder(json, &holder);
	json_close(json);
	json_u64(json, "processes", scope->processes);
	json_u64(json, "processes_unseen", scope->processes_unseen);
	json_u64(json, "places_unseen", scope->places_unseen);
	json_bool(json, "some_hidden", scope->flags & DMK_HOLDERS_SOME_HIDDEN);
	json_bool(json, "cut_short", scope->flags & DMK_HOLDERS_CUT_SHORT);
	json_close(json);
}

/* KIND and who, then the process where one is known. */
static void print_line(const struct cli *cli, struct dmk_holder *holder)
{
	holder_name_user(holder);
	put_padded(stdout, false, holder_kind(holder->kind), 9);
	switch (holder->kind) {
	case DMK_HOLDER_MAPPING:
		if (!holder->name[0])
			printf("dm-%u", holder->minor);
		/* fall through */
	case DMK_HOLDER_DEVICE:
	case DMK_HOLDER_LOOP:
		put_text(stdout, cli->out_tty, holder->name);
		printf(" (%u:%u)", holder->major, holder->minor);
		break;
	case DMK_HOLDER_MOUNT:
	case DMK_HOLDER_SWAP:
		put_text(stdout, cli->out_tty, holder->where);
		break;
	default:
		put_text(stdout, cli->out_tty, holder->name);
	}
	if (holder->pid)
		printf(" (pid %d", holder->pid);
	if (holder->pid && holder->kind == DMK_HOLDER_MOUNT) {
		fputs(", ", stdout);
		put_text(stdout, cli->out_tty, holder->name);
	}
	puts(holder->pid ? ")" : "");
}

static void print_lines(const struct cli *cli, struct dmk_holders *holders)
{
	const struct dmk_holders_scope *scope = dmk_holders_get_scope(holders);
	struct dmk_holder holder;

	while (next(holders, &holder))
		print_line(cli, &holder);
	if (scope->processes_unseen)
		printf("not seen %u of %u processes: they may not be looked at\n",
		       scope->processes_unseen, scope->processes);
	if (scope->places_unseen)
		printf("not seen %u other places where a holder may be\n", scope->places_unseen);
	if (scope->flags & DMK_HOLDERS_SOME_HIDDEN)
		puts("not seen processes that /proc does not list here");
	if (scope->flags & DMK_HOLDERS_CUT_SHORT)
		puts("not seen what is left: the time was over");
}

/* Any block device, by path; a mapping's node is its name. */
static bool is_path(const char *word)
{
	static const char dir[] = "/dev/mapper/";

	return strchr(word, '/') && strncmp(word, dir, sizeof(dir) - 1) != 0;
}

int cmd_holders(struct cli *cli, char **args, int n)
{
	struct dmk_holders *holders;
	const char *word = n ? args[0] : NULL;
	char number[DEVNO_TEXT];
	struct dmk_id id;
	int status;
	int r;

	if (word && is_path(word)) {
		r = dmk_find_blockdev_holders(word, &holders);
		if (r == -ENOENT || r == -ENOTDIR)
			return fail_handle(cli, word, "there is no '%s'", word);
		if (r < 0)
			return fail_errno(cli, r, word, "look at device");
	} else {
		status = take_device(cli, &args, &n, &id);
		if (status != EXIT_DONE)
			return status;
		if (dmk_find_holders(cli->dm, &id, &holders) < 0)
			return fail(cli);
		word = device_word(&id, number, sizeof(number));
	}
	if (given(cli, OPT_JSON))
		print_json(cli, word, holders);
	else
		print_lines(cli, holders);
	dmk_holders_free(holders);
	return EXIT_DONE;
}
