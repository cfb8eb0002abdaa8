/* SPDX-License-Identifier: MIT */
/* One candidate of a completion, as the shells read it. */
#include <stdio.h>
#include <string.h>

#include "cmd/complete.h"

void complete_put(const struct completion *c, const char *text, size_t length, const char *after,
		  const char *help)
{
	size_t typed = strlen(c->rest);

	if (!length || typed > length || strncmp(text, c->rest, typed) != 0)
		return;
	/* Such a name cannot be told from the next line. */
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return;
	}
	printf("%.*s%.*s%s%s%s\n", (int)(c->rest - c->word), c->word, (int)length, text, after,
	       help ? "\t" : "", help ? help : "");
}

void complete_path(const struct completion *c)
{
	printf("\t%.*s\n", (int)(c->rest - c->word), c->word);
}
