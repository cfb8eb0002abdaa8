/* SPDX-License-Identifier: MIT */
/* Keys of a stack file that are options of create, read as these are. */
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "read/options.h"
#include "read/stacks.h"

static const char *const other_keys[] = { "table", "table-text", "message", "owner" };

/* Keys that are options of create. */
static const enum opt option_keys[] = { OPT_READONLY, OPT_UUID,	     OPT_MINOR,
					OPT_UID,      OPT_GID,	     OPT_MODE,
					OPT_NO_NODE,  OPT_NO_VERIFY, OPT_READ_AHEAD };

/* key-file and the like, of the target of the table. */
bool is_stack_key_word(const char *type, const char *word)
{
	struct dmk_key key;
	char buf[KEY_WORD_SIZE];
	const char *found;

	for (uint32_t i = 0; dmk_target_key(type, i, &key) == 0; i++) {
		for (unsigned k = 0;
		     (key.flags & DMK_KEY_SECRET) && (found = key_word(&key, k, buf)); k++)
			if (strcmp(found, word) == 0)
				return true;
	}
	return false;
}

/* USER or USER:GROUP, as chown(1) has it. */
static const char *store_owner(struct options *options, char *value)
{
	char *colon = strchr(value, ':');
	const char *allowed = NULL;

	if (colon)
		*colon = '\0';
	if (colon && (options->given & BIT(OPT_GID)))
		return "the group once, here or as gid";
	if (*value || !colon)
		allowed = option_store(options, OPT_UID, value);
	options->given |= BIT(OPT_UID);
	if (!allowed && colon) {
		options->given |= BIT(OPT_GID);
		allowed = option_store(options, OPT_GID, colon + 1);
	}
	return allowed;
}

static const char *store_yes_or_no(struct options *options, enum opt option, const char *value)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return "yes or no";
	/* Given or not is all that such an option says. */
	if (!yes)
		options->given &= ~BIT(option);
	return NULL;
}

static enum opt option_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_keys); i++)
		if (strcmp(option_row(option_keys[i])->name, key) == 0)
			return option_keys[i];
	return strcmp(key, "owner") == 0 ? OPT_UID : OPT_COUNT;
}

static const char *store_value(struct options *options, const char *key, char *value)
{
	enum opt option = option_of(key);

	options->given |= BIT(option);
	if (!option_row(option)->value)
		return store_yes_or_no(options, option, value);
	if (strcmp(key, "owner") == 0)
		return store_owner(options, value);
	return option_store(options, option, value);
}

/* Whether one before it says the same. */
static bool is_second(const struct stack_section *section, const struct stack_entry *entry)
{
	for (const struct stack_entry *other = section->entries; other < entry; other++)
		if (option_of(other->key) == option_of(entry->key))
			return true;
	return false;
}

static int take_value(struct cli *cli, const struct stack_entry *entry, struct stack_keys *keys)
{
	const char *allowed;
	char *value;
	int status = expand_vars(cli, entry->pieces[0].text, &value);

	if (status != EXIT_DONE)
		return status;
	allowed = store_value(&keys->options, entry->key, value);
	if (allowed)
		status = usage_error(cli, entry->pieces[0].text, "%s '%.64s': allowed is %s",
				     entry->key, entry->pieces[0].text, allowed);
	if (option_of(entry->key) == OPT_UUID)
		keys->uuid = value; /* the option points there */
	else
		free(value);
	return status;
}

static int take_option(struct cli *cli, const struct stack_text *text,
		       const struct stack_section *section, const struct stack_entry *entry,
		       struct stack_keys *keys)
{
	const struct text_piece key = { entry->key, entry->line, entry->column };
	const struct text_part part = { text->file, text->bytes.data, text->bytes.length,
					entry->pieces, entry->n };
	int status;

	if (is_second(section, entry))
		return fail_stack_text(cli, text, &key, "%s is given twice", entry->key);
	if (entry->n > 1)
		return fail_stack_text(cli, text, &entry->pieces[1],
				       "%s has one value, on one line", entry->key);
	cli->part = &part;
	status = take_value(cli, entry, keys);
	cli->part = NULL;
	return status;
}

static bool is_other_key(const struct stack_section *section, const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_keys); i++)
		if (strcmp(key, other_keys[i]) == 0)
			return true;
	for (uint32_t i = 0; i < section->n; i++) {
		char type[DMK_TYPE_SIZE];

		if (strcmp(section->entries[i].key, "table") != 0)
			continue;
		if (sscanf(section->entries[i].pieces[0].text, "%15s", type) == 1 &&
		    is_stack_key_word(type, key))
			return true;
	}
	return false;
}

static int unknown_key(struct cli *cli, const struct stack_text *text,
		       const struct stack_entry *entry)
{
	const struct text_piece key = { entry->key, entry->line, entry->column };
	char all[256] = "";
	size_t used = 0;
	struct nearest nearest;

	nearest_begin(&nearest, entry->key, strlen(entry->key));
	for (size_t i = 0; i < ARRAY_SIZE(other_keys) + ARRAY_SIZE(option_keys); i++) {
		const char *name =
			i < ARRAY_SIZE(other_keys)
				? other_keys[i]
				: option_row(option_keys[i - ARRAY_SIZE(other_keys)])->name;

		nearest_look(&nearest, name);
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "",
					 name);
	}
	return fail_stack_text(
		cli, text, &key, "no key '%.40s'%s%s", entry->key,
		nearest.n ? nearest_text(&nearest, "") : "; there are: ", nearest.n ? "" : all);
}

int stack_keys_take(struct cli *cli, const struct stack_text *text,
		    const struct stack_section *section, struct stack_keys *keys)
{
	int status = EXIT_DONE;

	for (uint32_t i = 0; status == EXIT_DONE && i < section->n; i++) {
		const struct stack_entry *entry = &section->entries[i];

		if (option_of(entry->key) != OPT_COUNT)
			status = take_option(cli, text, section, entry, keys);
		else if (!is_other_key(section, entry->key))
			status = unknown_key(cli, text, entry);
	}
	return status;
}

void stack_keys_drop(struct stack_keys *keys)
{
	free(keys->uuid);
	*keys = (struct stack_keys){ 0 };
}
