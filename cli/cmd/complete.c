/* SPDX-License-Identifier: MIT */
/*
 * What may stand for the last word of a command line, for the completions of shells: one candidate
 * a line, with a tab and what it is behind it. One that ends in = goes on with a value. A line that
 * begins with a tab: here goes a path, behind the text that follows the tab. Nothing is an error.
 */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/complete.h"
#include "cmd/help.h"
#include "common/cli.h"
#include "dmkit-stack.h"
#include "read/options.h"
#include "read/tables.h"

static void put_word(const struct completion *c, const char *text, const char *help)
{
	complete_put(c, text, strlen(text), "", help);
}

/* "one|two|three" */
static void put_choices(const struct completion *c, const char *choices)
{
	for (;;) {
		size_t length = strcspn(choices, "|");

		complete_put(c, choices, length, "", NULL);
		if (!choices[length])
			return;
		choices += length + 1;
	}
}

/* ---- options ---- */

static void complete_options(const struct completion *c)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = option_row((enum opt)i);

		if ((i != OPT_SET && option_in(c->given, c->image_given, (enum opt)i)) ||
		    !(row->global || (c->command && takes(c->command, (enum opt)i))))
			continue;
		complete_put(c, row->name, strlen(row->name), row->value ? "=" : "",
			     option_help(c->command, (enum opt)i));
	}
}

/* Those of libdmkit-image: its refusal of another one lists them. */
static const char algorithms[] =
	"blake2b-512|blake2s-256|md4|md5|rmd160|sha1|sha224|sha256|sha3-224|sha3-256|sha3-384|"
	"sha3-512|sha384|sha512|sm3|wp512";

static void complete_option_value(const struct completion *c, enum opt option)
{
	const char *value = option_row(option)->value;

	if (option == OPT_UUID && c->command && c->command->run != cmd_create &&
	    c->command->run != cmd_image_format)
		complete_devices(c, DEVICE_UUID);
	else if (option == OPT_DEVNO)
		complete_devices(c, DEVICE_NUMBER);
	else if (option == OPT_PREFIX)
		complete_devices(c, DEVICE_NAME);
	else if (value && strcmp(value, "FILE") == 0)
		complete_path(c);
	else if (option == OPT_ALGORITHM)
		put_choices(c, algorithms);
	else if (option == OPT_FEC) {
		put_word(c, "appended", "behind the tree");
		complete_path(c);
	} else if (value && strchr(value, '|') && !strchr(value, '['))
		put_choices(c, value);
}

/* ---- keys ---- */

static int key_at(const struct keys_of *of, uint32_t index, struct dmk_key *ret_key)
{
	if (of->message)
		return dmk_message_key(of->type, of->message, index, ret_key);
	return dmk_target_key(of->type, index, ret_key);
}

static void complete_value(const struct completion *c, const struct dmk_key *key)
{
	if (key->kind == DMK_KEY_DEVICE || key->kind == DMK_KEY_DEVICE_OFFSET)
		complete_path(c);
	else if (key->kind == DMK_KEY_FLAG)
		put_choices(c, "yes|no");
	else if (key->kind == DMK_KEY_CHOICE && key->allowed)
		put_choices(c, key->allowed);
}

/* The words of this segment, or message, that were written already have the key. */
static bool has_key(const struct completion *c, const struct keys_of *of, const char *name)
{
	size_t length = strlen(name);

	for (int i = of->first; i < c->n; i++) {
		if (strncmp(c->args[i], name, length) == 0 && c->args[i][length] == '=')
			return true;
	}
	return false;
}

/* The key, or its value where the word has this key and a = already. */
static void complete_key(const struct completion *c, const struct keys_of *of,
			 const struct dmk_key *key)
{
	size_t length = strlen(key->name);
	char line[1024];

	if (c->rest != c->word) {
		if (strncmp(c->word, key->name, length) == 0 && c->word[length] == '=')
			complete_value(c, key);
		return;
	}
	if (!(key->flags & DMK_KEY_REPEATED) && has_key(c, of, key->name))
		return;
	describe_key(key, line, sizeof(line));
	complete_put(c, key->name, length, "=", line);
}

/* What says where a secret key is: a file, what is in it, and others. */
static void complete_secret(const struct completion *c, const struct keys_of *of,
			    const struct dmk_key *secret)
{
	char word[KEY_WORD_SIZE];

	for (unsigned i = 0; key_word(secret, i, word); i++) {
		static const uint8_t kinds[] = { DMK_KEY_DEVICE, DMK_KEY_NUMBER, DMK_KEY_CHOICE,
						 DMK_KEY_TEXT, DMK_KEY_NUMBER };
		const struct dmk_key key = {
			.name = word, .kind = kinds[i], .help = secret->help, .allowed = "raw|hex"
		};

		complete_key(c, of, &key);
	}
}

static void complete_keys(const struct completion *at, const struct keys_of *of)
{
	const char *equals = strchr(at->word, '=');
	struct completion c = *at;
	struct dmk_key key;

	if (equals)
		c.rest = equals + 1;
	for (uint32_t i = 0; key_at(of, i, &key) == 0; i++) {
		if (key.flags & DMK_KEY_SECRET)
			complete_secret(&c, of, &key);
		else if (!(key.flags & DMK_KEY_LAYOUT))
			complete_key(&c, of, &key);
	}
}

/* ---- arguments ---- */

static void complete_targets(const struct completion *c)
{
	const struct dmk_target_info *info;

	for (uint32_t i = 0; (info = dmk_target_info_at(i)); i++)
		put_word(c, info->type, info->summary);
}

/* TYPE [KEY=VALUE]... + ...: from the first word behind NAME. */
static void complete_table(const struct completion *c, int first)
{
	struct keys_of of = { .first = c->n };

	if (c->given &
	    (BIT(OPT_TABLE) | BIT(OPT_TABLE_FILE) | BIT(OPT_NO_TABLE) | BIT(OPT_CONCISE)))
		return;
	while (of.first > first && strcmp(c->args[of.first - 1], "+") != 0)
		of.first--;
	if (of.first == c->n) {
		complete_targets(c);
		return;
	}
	of.type = c->args[of.first];
	complete_keys(c, &of);
	put_word(c, "+", "one more segment");
}

static void complete_messages(const struct completion *c, const char *type)
{
	const struct dmk_message_info *info;

	for (uint32_t i = 0; (info = dmk_target_message(type, i)); i++)
		put_word(c, info->name, info->help);
}

/* NAME MESSAGE [KEY=VALUE]... */
static void complete_message(const struct completion *c, int first)
{
	char type[DMK_TYPE_SIZE];
	struct keys_of of = { .type = type, .first = first + 1 };

	if (c->given & BIT(OPT_RAW))
		return;
	complete_type(c, first > 0 ? c->args[0] : NULL, type);
	if (c->n == first) {
		if (*type)
			complete_messages(c, type);
		complete_messages(c, NULL);
		return;
	}
	of.message = c->args[first];
	complete_keys(c, &of);
	of.type = NULL;
	complete_keys(c, &of);
}

/* Of names of two words the first, once. */
static void complete_commands(const struct completion *c)
{
	char group[16] = "", all[512];

	for (size_t i = 0; command_at(i); i++) {
		const char *name = command_at(i)->name;
		size_t length = strcspn(name, " ");

		if (!name[length]) {
			put_word(c, name, command_at(i)->summary);
		} else if (!*group || !command_in_group(command_at(i), group)) {
			snprintf(group, sizeof(group), "%.*s", (int)length, name);
			group_names(group, all, sizeof(all));
			put_word(c, group, all);
		}
	}
}

/* The second words of the names that begin so. */
static void complete_group(const struct completion *c, const char *group)
{
	for (size_t i = 0; command_at(i); i++) {
		if (command_in_group(command_at(i), group))
			put_word(c, command_at(i)->name + strlen(group) + 1,
				 command_at(i)->summary);
	}
}

/* Files, and of map and mount verity's switches behind them. */
static void complete_image(const struct completion *c)
{
	const struct keys_of of = { .type = "verity" };
	struct completion at = *c;
	const char *equals = strchr(c->word, '=');
	struct dmk_key key;

	if (c->command->run == cmd_image_map && c->n == 0)
		return;
	if (c->command->run == cmd_image_map || c->command->run == cmd_image_mount) {
		if (equals)
			at.rest = equals + 1;
		for (uint32_t i = 0; c->n >= 3 && dmk_target_key(of.type, i, &key) == 0; i++) {
			if (key.kind == DMK_KEY_FLAG)
				complete_key(&at, &of, &key);
		}
	}
	if (c->n < (c->command->max_args < 0 ? 4 : c->command->max_args) && !equals)
		complete_path(c);
}

static void complete_topics(const struct completion *c)
{
	complete_commands(c);
	put_word(c, "messages", "device-mapper's own messages");
	put_word(c, "dmsetup", "dmsetup's commands and dmkit's");
	complete_targets(c);
}

/* FILE, or TYPE KEY=VALUE... */
static void complete_with(const struct completion *c)
{
	if (c->n == 0)
		complete_path(c);
	complete_table(c, 0);
}

/* Those that are up, and files. */
static void complete_stacks(const struct completion *c)
{
	struct dmk_stack_state state;
	struct dmk_stacks *stacks;

	if (dmk_list_stacks(c->cli->dm, &stacks) == 0) {
		while (dmk_stacks_next(stacks, &state) == 1)
			put_word(c, state.name, NULL);
		dmk_stacks_free(stacks);
	}
	complete_path(c);
}

static void complete_argument(const struct completion *c)
{
	const struct command *command = c->command;
	bool table = command->run == cmd_create || command->run == cmd_replace ||
		     command->run == cmd_load;
	bool addressed = c->given & (BIT(OPT_UUID) | BIT(OPT_DEVNO)) && command->run != cmd_create;
	int first = addressed ? 0 : 1; /* NAME stands before it */

	if (command->flags & CMD_DEVICES ? !addressed : command->flags & CMD_DEVICE && c->n < first)
		complete_devices(c, DEVICE_NAME);
	else if (table && c->n >= first)
		complete_table(c, first);
	else if (command->run == cmd_message)
		complete_message(c, first);
	else if (command->run == cmd_target_version)
		complete_targets(c);
	else if (command->run == cmd_with)
		complete_with(c);
	else if (command->run == cmd_down)
		complete_stacks(c);
	else if (command->run == cmd_check || command->run == cmd_plan || command->run == cmd_apply)
		complete_path(c);
	else if (command->run == cmd_help && c->n == 0)
		complete_topics(c);
	else if (command->run == cmd_help && c->n == 1)
		complete_group(c, c->args[0]);
	else if (command_in_group(command, "image"))
		complete_image(c);
}

/* ---- the line ---- */

/* An option that stands before the last word; true: the next word is its value. */
static bool take_option(struct completion *c, const char *word, enum opt *ret_option)
{
	size_t length = strcspn(word + 2, "=");

	*ret_option = option_find(word + 2, length);
	if (*ret_option == OPT_COUNT)
		return false;
	if (*ret_option < OPT_IMAGE)
		c->given |= BIT(*ret_option);
	else
		c->image_given |= IMAGE_BIT(*ret_option);
	return option_row(*ret_option)->value && !word[2 + length];
}

/* A word of the command's name; false: there is none such. */
static bool take_name(struct completion *c, char *word)
{
	int n = c->name[0] ? 1 : 0, used;

	c->name[n] = word;
	c->command = command_take(c->name, n + 1, &used);
	return c->command || (n == 0 && command_is_group(word));
}

int cmd_complete(struct cli *cli, char **args, int n)
{
	struct completion c = { .cli = cli, .word = n > 0 ? args[n - 1] : "", .args = args };
	enum opt option = OPT_COUNT;
	bool is_value = false, ended = false;
	const char *equals;

	for (int i = 0; i < n - 1; i++) {
		if (is_value) {
			if (option == OPT_UUID)
				c.uuid = args[i];
			is_value = false;
		} else if (!ended && strcmp(args[i], "--") == 0) {
			ended = true;
		} else if (!ended && args[i][0] == '-' && args[i][1]) {
			if (strncmp(args[i], "--", 2) == 0)
				is_value = take_option(&c, args[i], &option);
		} else if (!c.command) {
			if (!take_name(&c, args[i]))
				return EXIT_DONE;
		} else {
			args[c.n++] = args[i];
		}
	}
	c.rest = c.word;
	equals = strchr(c.word, '=');
	if (is_value) {
		complete_option_value(&c, option);
	} else if (!ended && strncmp(c.word, "--", 2) == 0 && equals) {
		take_option(&c, c.word, &option);
		c.rest = equals + 1;
		if (option != OPT_COUNT)
			complete_option_value(&c, option);
	} else if (!ended && *c.word == '-') {
		c.rest = c.word + strspn(c.word, "-");
		complete_options(&c);
	} else if (!c.command && c.name[0]) {
		complete_group(&c, c.name[0]);
	} else if (!c.command) {
		complete_commands(&c);
	} else {
		complete_argument(&c);
	}
	return EXIT_DONE;
}
