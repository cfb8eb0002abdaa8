/* SPDX-License-Identifier: MIT */
/* What there is of commands, for those that help with them: main() hands the table over. */
#include <string.h>

#include "common/cli.h"
#include "read/options.h"

static const struct command *commands;
static size_t n_commands;

void commands_set(const struct command *rows, size_t n)
{
	commands = rows;
	n_commands = n;
}

const struct command *command_at(size_t index)
{
	return index < n_commands ? &commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < n_commands; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* How many words the name has that stand at the begin of words; 0: others stand there. */
static int words_of_name(const char *name, char *const *words, int n)
{
	for (int i = 0; i < n; i++) {
		size_t length = strlen(words[i]);

		if (strncmp(name, words[i], length) != 0)
			return 0;
		if (!name[length])
			return i + 1;
		if (name[length] != ' ')
			return 0;
		name += length + 1;
	}
	return 0;
}

const struct command *command_take(char *const *words, int n, int *ret_used)
{
	for (size_t i = 0; i < n_commands; i++) {
		*ret_used = words_of_name(commands[i].name, words, n);
		if (*ret_used)
			return &commands[i];
	}
	return NULL;
}

bool command_in_group(const struct command *command, const char *word)
{
	size_t length = strlen(word);

	return strncmp(command->name, word, length) == 0 && command->name[length] == ' ';
}

bool command_is_group(const char *word)
{
	for (size_t i = 0; i < n_commands; i++) {
		if (command_in_group(&commands[i], word))
			return true;
	}
	return false;
}

void command_names(char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < n_commands && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 commands[i].name);
}
