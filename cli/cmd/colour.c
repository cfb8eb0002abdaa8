/* SPDX-License-Identifier: MIT */
/* Colour on standard output. */
#include <stdlib.h>
#include <string.h>

#include "cmd/columns.h"

static bool coloured(const struct cli *cli)
{
	const char *none = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (given(cli, OPT_COLOR) && strcmp(cli->options.color, "auto") != 0)
		return strcmp(cli->options.color, "always") == 0;
	return cli->out_tty && !(none && *none) && terminal && *terminal &&
	       strcmp(terminal, "dumb") != 0;
}

void put_colour(const struct cli *cli, enum colour colour)
{
	static const char *const codes[] = {
		[COLOUR_NONE] = "0",	 [COLOUR_HEADING] = "1", [COLOUR_NAME] = "1",
		[COLOUR_WARNING] = "33", [COLOUR_PLACE] = "32",	 [COLOUR_GONE] = "31",
	};

	if (coloured(cli))
		printf("\033[%sm", codes[colour]);
}
