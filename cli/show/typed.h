/* SPDX-License-Identifier: MIT */
/* Tables and statuses by their keys. */
#ifndef DMKIT_TYPED_H
#define DMKIT_TYPED_H

#include "common/cli.h"

/* ---- records.c */
/* A value of kind RECORD. */
void json_record(struct json *json, const char *name, const char *fields, const char *text);

/* ---- typed.c */
/* "hash-start" of kind BLOCKS is "hash_start_blocks": the unit is in the name, once. */
#define JSON_KEY_SIZE 64
void json_key_name(const struct dmk_key *key, char buf[static JSON_KEY_SIZE]);
bool is_yes_or_no(
	const struct dmk_key *key); /* a CHOICE of these two, which JSON has as a boolean */
/* Into the object that is open, for targets that dmkit knows; nothing for others. */
void json_table_keys(const struct cli *cli, struct json *json, const char *type,
		     const char *params);
void json_status_values(struct json *json, const char *type, const char *params);
/* The same for people, "key value, key value"; false: it cannot be read. */
bool put_status_values(const struct cli *cli, const char *type, const char *params);
/* One segment of a status, "thin-pool: metadata 12/1024 blocks (1.2 %), ..."; of several segments
 * each says where it is. And the same as keys of the object that is open. */
void put_status(const struct cli *cli, const struct dmk_segment *segment, bool several);
void json_status(struct json *json, const struct dmk_segment *segment);

/* ---- pretty.c */
/* The table as words of the grammar. 0 or an exit code, reported. */
int print_pretty(struct cli *cli, struct dmk_segments *segments, bool prefix);

#endif
