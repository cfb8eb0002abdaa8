/* SPDX-License-Identifier: MIT */
/* Key material that is shown: zeros in the kernel's text, and how long it is in the typed forms. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cli.h"
#include "show/secrets.h"

const char *shown_params(const struct cli *cli, const char *type, const char *params,
			 char **ret_owned)
{
	int r = given(cli, OPT_SHOW_KEYS) ? 0 : dmk_params_hide_keys(type, params, ret_owned);

	if (r < 0)
		return "(hidden)";
	return r > 0 ? *ret_owned : params;
}

bool has_secret(const char *type, const char *params)
{
	char *hidden = NULL;
	int r = dmk_params_hide_keys(type, params, &hidden);

	free(hidden);
	return r != 0;
}

/* As the kernel ends a word: its isspace() is that of Latin-1. */
static size_t word_length(const char *text, bool blank)
{
	size_t length = 0;

	while (text[length] && (strchr(" \t\n\v\f\r\xa0", text[length]) != NULL) == blank)
		length += !blank && text[length] == '\\' && text[length + 1] ? 2 : 1;
	return length;
}

bool message_has_key(const char *text)
{
	/* "key set HEX": "key wipe" has no third word, ":32:logon:name" only names a key, "-" is
	 * none. */
	if (!dmk_message_is_secret(text))
		return false;
	for (int word = 0; word < 3; word++) {
		text += word_length(text, true);
		if (word < 2)
			text += word_length(text, false);
	}
	return *text && *text != ':' && !(*text == '-' && word_length(text, false) == 1);
}

void no_dump(void *bytes, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)bytes & ~(page - 1);

	if (bytes)
		(void)madvise((void *)begin, (uintptr_t)bytes + size - begin, MADV_DONTDUMP);
}

bool is_secret(const struct dmk_key_value *value)
{
	/* ":32:logon:name" only names a key, "-" is none. */
	return value->info && (value->info->flags & DMK_KEY_SECRET) && *value->value &&
	       *value->value != ':' && strcmp(value->value, "-") != 0;
}

const char *hidden_value(const struct dmk_key_value *value, char buf[static HIDDEN_TEXT])
{
	snprintf(buf, HIDDEN_TEXT, "hidden, %zu bytes", strlen(value->value) / 2);
	return buf;
}
