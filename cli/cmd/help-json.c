/* SPDX-License-Identifier: MIT */
/* `help --json`: what help says, for programs. cli/help-schema.json describes it. */
#include <string.h>

#include "cmd/help.h"
#include "common/cli.h"
#include "common/json.h"
#include "read/options.h"
#include "read/tables.h"
#include "show/output.h"
#include "show/typed.h"

static const char *const kinds[] = {
	[DMK_KEY_TEXT] = "text",     [DMK_KEY_DEVICE] = "device",
	[DMK_KEY_NUMBER] = "number", [DMK_KEY_SECTORS] = "sectors",
	[DMK_KEY_BYTES] = "bytes",   [DMK_KEY_FLAG] = "flag",
	[DMK_KEY_HEX] = "hex",	     [DMK_KEY_DEVICE_OFFSET] = "device-offset",
	[DMK_KEY_BLOCKS] = "blocks", [DMK_KEY_CHOICE] = "choice",
	[DMK_KEY_RATIO] = "ratio",   [DMK_KEY_MS] = "ms",
	[DMK_KEY_SIGNED] = "signed", [DMK_KEY_RECORD] = "record",
	[DMK_KEY_HEALTH] = "health",
};

static void put_optional(struct json *json, const char *key, const char *text)
{
	if (text && *text)
		json_string(json, key, text);
}

/* Parts of a text with the separator between them, or at its end, as an array. */
static void put_parts(struct json *json, const char *key, const char *text, char separator)
{
	const char by[] = { separator, '\0' };

	json_array(json, key);
	while (*text) {
		size_t length = strcspn(text, by);
		char part[256];

		snprintf(part, sizeof(part), "%.*s", (int)length, text);
		json_string(json, NULL, part);
		text += length + (text[length] != '\0');
	}
	json_close(json);
}

static void put_key(struct json *json, const struct dmk_key *key)
{
	char name[KEY_WORD_SIZE];

	json_object(json, NULL);
	json_string(json, "name", key->name);
	json_string(json, "kind",
		    key->kind < ARRAY_SIZE(kinds) && kinds[key->kind] ? kinds[key->kind] : "text");
	put_optional(json, "help", key->help);
	json_key_name(key, name);
	json_string(json, "json", name);
	json_bool(json, "required", key->flags & DMK_KEY_REQUIRED);
	json_bool(json, "repeated", key->flags & DMK_KEY_REPEATED);
	json_bool(json, "layout", key->flags & DMK_KEY_LAYOUT);
	json_bool(json, "secret", key->flags & DMK_KEY_SECRET);
	put_optional(json, "default", key->fallback);
	put_optional(json, "unit", key->unit);
	put_optional(json, "since", key->since);
	put_optional(json, "fields", key->fields);
	if (key->allowed)
		put_parts(json, "allowed", key->allowed, '|');
	if (key->flags & DMK_KEY_SECRET) {
		json_array(json, "given_by");
		for (unsigned i = 0; key_word(key, i, name); i++)
			json_string(json, NULL, name);
		json_close(json);
	}
	json_close(json);
}

static void put_message(struct json *json, const char *type, const struct dmk_message_info *info)
{
	struct dmk_key key;

	json_string(json, "name", info->name);
	json_string(json, "help", info->help);
	put_optional(json, "since", info->since);
	json_bool(json, "secret", info->secret);
	json_array(json, "keys");
	for (uint32_t i = 0; dmk_message_key(type, info->name, i, &key) == 0; i++)
		put_key(json, &key);
	json_close(json);
	json_close(json);
}

static void begin(struct cli *cli, const char *kind)
{
	json_item(cli);
	json_string(&cli->json, "kind", kind);
}

static void put_target(struct cli *cli, const struct dmk_target_info *info)
{
	struct json *json = &cli->json;
	const struct dmk_message_info *message;
	struct dmk_key key;

	begin(cli, "target");
	json_string(json, "name", info->type);
	json_string(json, "summary", info->summary);
	json_string(json, "example", info->example);
	json_array(json, "keys");
	for (uint32_t i = 0; dmk_target_key(info->type, i, &key) == 0; i++)
		put_key(json, &key);
	json_close(json);
	json_array(json, "status");
	for (uint32_t i = 0; dmk_target_status_key(info->type, i, &key) == 0; i++)
		put_key(json, &key);
	json_close(json);
	json_array(json, "messages");
	for (uint32_t i = 0; (message = dmk_target_message(info->type, i)); i++) {
		json_object(json, NULL);
		put_message(json, info->type, message);
	}
	json_close(json);
	json_close(json);
}

static void put_core_messages(struct cli *cli)
{
	const struct dmk_message_info *info;

	for (uint32_t i = 0; (info = dmk_target_message(NULL, i)); i++) {
		begin(cli, "message");
		put_message(&cli->json, NULL, info);
	}
}

static void put_option(struct json *json, const struct command *command, enum opt option)
{
	const struct option_row *row = option_row(option);

	json_string(json, "name", row->name);
	put_optional(json, "value", row->value);
	json_string(json, "help", option_help(command, option));
	json_close(json);
}

static void put_command(struct cli *cli, const struct command *command)
{
	struct json *json = &cli->json;

	begin(cli, "command");
	json_string(json, "name", command->name);
	json_string(json, "arguments", command->args);
	json_u64(json, "min_arguments", (uint64_t)command->min_args);
	if (command->max_args < 0)
		json_null(json, "max_arguments");
	else
		json_u64(json, "max_arguments", (uint64_t)command->max_args);
	json_string(json, "devices",
		    command->flags & CMD_DEVICES  ? "several"
		    : command->flags & CMD_DEVICE ? "one"
						  : "none");
	json_bool(json, "changes", command->flags & CMD_CHANGES);
	json_string(json, "summary", command->summary);
	put_optional(json, "details", command->details);
	put_parts(json, "examples", command->examples, '\n');
	json_array(json, "options");
	for (int i = 0; i < OPT_COUNT; i++) {
		/* Of those of all commands the ones that mean more in this one. */
		if (!(command->options & BIT(i)) &&
		    option_help(command, (enum opt)i) == option_row((enum opt)i)->help)
			continue;
		if (!(command->options & BIT(i)) && !option_row((enum opt)i)->global)
			continue;
		json_object(json, NULL);
		put_option(json, command, (enum opt)i);
	}
	json_close(json);
	json_close(json);
}

/* What is true of all commands. */
static void put_program(struct cli *cli)
{
	struct json *json = &cli->json;
	struct dmk_version version;
	char text[48];

	dmk_library_version(&version);
	snprintf(text, sizeof(text), "%u.%u.%u", version.major, version.minor, version.patch);
	begin(cli, "program");
	json_string(json, "name", "dmkit");
	json_string(json, "version", text);
	json_array(json, "exit_codes");
	for (int i = 0; i < EXIT_CODES; i++) {
		if (!exit_texts[i])
			continue;
		json_object(json, NULL);
		json_u64(json, "code", (uint64_t)i);
		json_string(json, "help", exit_texts[i]);
		json_close(json);
	}
	json_close(json);
	json_close(json);
	for (int i = 0; i < OPT_COUNT; i++) {
		if (!option_row((enum opt)i)->global)
			continue;
		begin(cli, "option");
		put_option(json, NULL, (enum opt)i);
	}
}

/* Whether the topic takes in what has this name. */
static bool takes_in(const char *topic, const char *name)
{
	return !topic || strcmp(topic, name) == 0;
}

int help_json(struct cli *cli, const char *topic)
{
	const struct dmk_target_info *info;
	/* `help targets` is the list of targets. */
	bool targets = takes_in(topic, "targets");

	if (!topic)
		put_program(cli);
	for (size_t i = 0; command_at(i); i++) {
		if (takes_in(topic, command_at(i)->name) && (!topic || !targets))
			put_command(cli, command_at(i));
	}
	for (uint32_t i = 0; (info = dmk_target_info_at(i)); i++) {
		if (targets || takes_in(topic, info->type))
			put_target(cli, info);
	}
	if (takes_in(topic, "messages"))
		put_core_messages(cli);
	if (takes_in(topic, "dmsetup"))
		print_dmsetup_help(cli);
	return cli->json.depth > 0 ? EXIT_DONE : unknown_topic(cli, topic);
}
