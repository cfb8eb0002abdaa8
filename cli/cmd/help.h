/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_HELP_H
#define DMKIT_HELP_H

#include "common/cli.h"

void print_usage(FILE *out);
void print_command_help(const struct cli *cli, const struct command *command);
/* Of all commands whose first word this is. */
void print_group_help(const char *group);
void group_names(const char *group, char *buf, size_t size); /* "image format, image info" */
int print_target_help(struct cli *cli, const char *type);
void print_target_keys(const char *type);
void print_core_messages(void);
/* Help, kind, default and the like of a key in one line. */
void describe_key(const struct dmk_key *key, char *line, size_t size);
int unknown_topic(struct cli *cli, const char *topic);
int help_json(struct cli *cli, const char *topic);
void print_dmsetup_help(struct cli *cli);
void print_manual(void);

extern const char *const exit_texts[EXIT_CODES]; /* what each one means */

#endif
