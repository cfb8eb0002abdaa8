/* SPDX-License-Identifier: MIT */
/* Key material that is shown: zeros in the kernel's text, and how long it is in the typed forms. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

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
