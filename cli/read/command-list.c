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

void command_names(char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < n_commands && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 commands[i].name);
}
