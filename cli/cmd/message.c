/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/complete.h"
#include "cmd/stats-reply.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/json.h"
#include "read/devices.h"
#include "read/tables.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/secrets.h"

/* The words joined by blanks. free(), wiped: a message can set a key. NULL: no memory. */
static char *join(char **words, int n)
{
	size_t size = 1;
	char *text;
	char *end;

	for (int i = 0; i < n; i++)
		size += strlen(words[i]) + 1;
	text = malloc(size);
	if (!text)
		return NULL;
	end = text;
	*end = '\0';
	for (int i = 0; i < n; i++)
		end += sprintf(end, "%s%s", i ? " " : "", words[i]);
	return text;
}

static void print_reply(struct cli *cli, const struct dmk_id *id, const char *text,
			const char *reply)
{
	char number[DEVNO_TEXT];
	size_t length;

	if (given(cli, OPT_DRY_RUN))
		return;
	if (given(cli, OPT_JSON)) {
		json_item(cli);
		json_string(&cli->json, "device", device_word(id, number, sizeof(number)));
		if (reply)
			json_string(&cli->json, "reply", reply);
		else
			json_null(&cli->json, "reply");
		if (reply && !given(cli, OPT_RAW))
			show_reply(cli, text, reply);
		json_close(&cli->json);
		return;
	}
	if (!reply || (!given(cli, OPT_RAW) && show_reply(cli, text, reply)))
		return;
	put_reply(stdout, cli->out_tty, reply);
	length = strlen(reply);
	/* Some replies end in a line break of their own. */
	if (length > 0 && reply[length - 1] != '\n')
		putchar('\n');
}

/* Is name among type's messages? type NULL: among device-mapper's own. */
static const struct dmk_message_info *find_message(const char *type, const char *name)
{
	const struct dmk_message_info *info;

	for (uint32_t i = 0; (info = dmk_target_message(type, i)); i++) {
		if (strcmp(info->name, name) == 0)
			return info;
	}
	return NULL;
}

/* The type of the target that gets the message; "" where that cannot be told: sending says why. */
static void target_at(struct cli *cli, const struct dmk_id *id, uint64_t sector,
		      char type[static DMK_TYPE_SIZE])
{
	struct dmk_segments *segments;
	struct dmk_segment segment;

	*type = '\0';
	if (dmk_get_status(cli->dm, id, NULL, &segments) < 0)
		return;
	while (dmk_segments_next(segments, &segment) > 0) {
		if (sector >= segment.start_sectors &&
		    sector - segment.start_sectors < segment.length_sectors)
			snprintf(type, DMK_TYPE_SIZE, "%s", segment.type);
	}
	dmk_segments_free(segments);
}

/* Typed are a name alone and a name with KEY=VALUE words; all else is the kernel's own text. */
static bool looks_typed(char **args, int n)
{
	if (strpbrk(args[0], " _@"))
		return false;
	for (int i = 1; i < n; i++) {
		if (!strchr(args[i], '=') || strchr(args[i], ' '))
			return false;
	}
	return true;
}

/* Nothing was asked of the device, but it is the one that was meant. */
static int fail_text(struct cli *cli, const struct dmk_id *id, struct dmk_error *err)
{
	char number[32];

	snprintf(err->device, sizeof(err->device), "%s", device_word(id, number, sizeof(number)));
	return fail_with(cli, err);
}

/* *ret_text stays NULL where the words are no message that dmkit knows. */
static int typed_text(struct cli *cli, const struct dmk_id *id, char **args, int n, char **ret_text,
		      bool *ret_secret)
{
	struct key_words words = { 0 };
	const struct dmk_message_info *info = NULL;
	char type[DMK_TYPE_SIZE];
	const char *owner = type;
	struct dmk_error err;
	int status = EXIT_DONE;

	target_at(cli, id, cli->options.sector, type);
	if (*type)
		info = find_message(type, args[0]);
	if (!info) {
		owner = NULL;
		info = find_message(NULL, args[0]);
	}
	if (!info)
		return EXIT_DONE;
	words.pairs = calloc((size_t)n + MOST_SECRETS, sizeof(*words.pairs));
	if (!words.pairs)
		return fail_errno(cli, -ENOMEM, "", "read the message");
	for (; words.n < (uint32_t)n - 1; words.n++) {
		char *equals = strchr(args[words.n + 1], '=');

		*equals = '\0';
		words.pairs[words.n].key = args[words.n + 1];
		words.pairs[words.n].value = equals + 1;
	}
	status = key_words_take(cli, owner, args[0], &words);
	if (status == EXIT_DONE &&
	    dmk_message_from_keys(owner, args[0], words.pairs, words.n, ret_text, &err) < 0)
		status = fail_text(cli, id, &err);
	*ret_secret = info->secret;
	key_words_drop(&words);
	return status;
}

/* All of standard input, without the line's end. */
static int read_text(struct cli *cli, char **ret_text)
{
	struct bytes bytes = { 0 };
	int status = read_file(cli, "-", &bytes);

	if (status == EXIT_DONE && bytes.length && bytes.data[bytes.length - 1] == '\n')
		bytes.length--;
	if (status == EXIT_DONE && bytes.length && memchr(bytes.data, '\0', bytes.length))
		status = usage_error(cli, "-", "the message on standard input holds a NUL byte");
	if (status == EXIT_DONE) {
		*ret_text = calloc(1, bytes.length + 1);
		no_dump(*ret_text, bytes.length + 1);
		if (*ret_text && bytes.length)
			memcpy(*ret_text, bytes.data, bytes.length);
	}
	drop_bytes(&bytes);
	return status;
}

/* crypt's message with a key, where nobody can say that this is a crypt. */
static bool is_key_set(char **args, int n)
{
	for (int i = 1; i < n; i++) {
		if (strncmp(args[i], "key=", 4) == 0)
			return strcmp(args[0], "key-set") == 0;
	}
	return false;
}

/* What the words say, typed or not. */
static int text_of_words(struct cli *cli, const struct dmk_id *id, char **args, int n,
			 char **ret_text, bool *ret_secret)
{
	int status = EXIT_DONE;

	if (!given(cli, OPT_RAW) && looks_typed(args, n))
		status = typed_text(cli, id, args, n, ret_text, ret_secret);
	if (status != EXIT_DONE || *ret_text)
		return status;
	*ret_text = join(args, n);
	if (*ret_text && (message_has_key(*ret_text) || is_key_set(args, n)))
		return usage_error(
			cli, "key",
			"the message would show its key to every process: use key-set with "
			"key-file= or key-fd=, or --raw - with the text on standard input");
	return EXIT_DONE;
}

/* Why, where that is certain. What begins with @ is for device-mapper's core: its statistics. */
static int fail_message(struct cli *cli, const struct dmk_id *id, const char *text)
{
	struct dmk_error err = *dmk_last_error(cli->dm);
	char type[DMK_TYPE_SIZE];

	if (err.code == -ENOENT && *text == '@') {
		strcpy(err.detail, "there is no such region");
	} else if (err.code == -EINVAL && *text != '@') {
		target_at(cli, id, cli->options.sector, type);
		if (dmk_target_info_find(type) && !dmk_target_message(type, 0))
			snprintf(err.detail, sizeof(err.detail), "%s takes no messages", type);
	}
	return fail_with(cli, &err);
}

int cmd_message(struct cli *cli, char **args, int n)
{
	struct dmk_message_options options = { .sector = cli->options.sector };
	char *reply = NULL;
	char *text = NULL;
	bool secret = false;
	struct dmk_id id;
	int status = take_device(cli, &args, &n, &id);

	if (status != EXIT_DONE)
		return status;
	if (given(cli, OPT_RAW) && n != 1)
		return usage_error(cli, args[1], "--raw takes exactly one TEXT");
	if (given(cli, OPT_RAW) && strcmp(args[0], "-") == 0)
		status = read_text(cli, &text);
	else
		status = text_of_words(cli, &id, args, n, &text, &secret);
	if (status == EXIT_DONE && !text)
		status = fail_errno(cli, -ENOMEM, "", "read the message");
	if (status != EXIT_DONE) {
		if (text)
			explicit_bzero(text, strlen(text));
		free(text);
		return status;
	}
	if (secret)
		options.flags |= DMK_MESSAGE_SECRET;
	if (dmk_message(cli->dm, &id, text, &options, &reply) < 0)
		status = fail_message(cli, &id, text);
	else
		print_reply(cli, &id, text, reply);
	explicit_bzero(text, strlen(text));
	free(text);
	free(reply);
	return status;
}
