/* SPDX-License-Identifier: MIT */
/* Writes JSON as it comes: no tree, no copy. It depends on nothing else of the command but utf8.c.
 */
#ifndef DMKIT_JSON_H
#define DMKIT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH 8

struct json {
	FILE *out;
	unsigned depth;
	char closer[JSON_DEPTH]; /* ']' or '}' */
	bool filled[JSON_DEPTH]; /* something stands in it already */
};

/* key is NULL for an element of an array and for the outermost value. */
void json_array(struct json *json, const char *key);
void json_object(struct json *json, const char *key);
void json_close(struct json *json);
/* Bytes that are not UTF-8 become \u00XX; then a second key, KEY_hex, holds all bytes exactly. */
void json_string(struct json *json, const char *key, const char *value);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_i64(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

#endif
