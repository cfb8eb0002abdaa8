/* SPDX-License-Identifier: MIT */
/* What of tables and messages is for nobody's eye. */
#ifndef DMKIT_SECRETS_H
#define DMKIT_SECRETS_H

#include "common/cli.h"

/* params for the eye: key material as zeros unless --show-keys. free(*ret_owned) after use. */
const char *shown_params(const struct cli *cli, const char *type, const char *params,
			 char **ret_owned);
bool has_secret(const char *type, const char *params);
/* The message sets a key that stands in it; one that only names a key does not. */
bool message_has_key(const char *text);
/* Leaves the pages that hold these bytes out of core dumps. */
void no_dump(void *bytes, size_t size);
bool is_secret(const struct dmk_key_value *value);
/* "hidden, 64 bytes" */
#define HIDDEN_TEXT 48
const char *hidden_value(const struct dmk_key_value *value, char buf[static HIDDEN_TEXT]);

#endif
