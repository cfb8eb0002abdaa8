/* SPDX-License-Identifier: MIT */
/* The commands, by name. */
#ifndef DMKIT_COMMANDS_H
#define DMKIT_COMMANDS_H

#include "common/cli.h"

/* commands.c: all of them */
extern const struct command command_rows[];
extern const size_t n_command_rows;

int cmd_create(struct cli *cli, char **args, int n);
int cmd_replace(struct cli *cli, char **args, int n);
int cmd_load(struct cli *cli, char **args, int n);
int cmd_check(struct cli *cli, char **args, int n);
/* --check: what dmk_table_check() says of the table that id gets. 0 or an exit code, reported. */
int check_first(struct cli *cli, struct dmk_table *table, const struct dmk_id *id);
int cmd_clear(struct cli *cli, char **args, int n);
int cmd_suspend(struct cli *cli, char **args, int n);
int cmd_resume(struct cli *cli, char **args, int n);
int cmd_remove(struct cli *cli, char **args, int n);
int cmd_rename(struct cli *cli, char **args, int n);
int cmd_set_uuid(struct cli *cli, char **args, int n);
int cmd_set_geometry(struct cli *cli, char **args, int n);
int cmd_list(struct cli *cli, char **args, int n);
int cmd_tree(struct cli *cli, char **args, int n);
int cmd_info(struct cli *cli, char **args, int n);
int cmd_table(struct cli *cli, char **args, int n);
int cmd_status(struct cli *cli, char **args, int n);
int cmd_deps(struct cli *cli, char **args, int n);
/* All of --concise. 0 or an exit code, reported. */
int create_concise(struct cli *cli, char **args, int n, const struct dmk_create_options *create);
int cmd_doctor(struct cli *cli, char **args, int n);
int cmd_export(struct cli *cli, char **args, int n);
int cmd_holders(struct cli *cli, char **args, int n);
int cmd_message(struct cli *cli, char **args, int n);
int cmd_wait(struct cli *cli, char **args, int n);
int cmd_monitor(struct cli *cli, char **args, int n);
int cmd_image_format(struct cli *cli, char **args, int n);
int cmd_image_verify(struct cli *cli, char **args, int n);
int cmd_image_repair(struct cli *cli, char **args, int n);
int cmd_image_info(struct cli *cli, char **args, int n);
int cmd_image_map(struct cli *cli, char **args, int n);
int cmd_image_mount(struct cli *cli, char **args, int n);
int cmd_image_umount(struct cli *cli, char **args, int n);
int cmd_targets(struct cli *cli, char **args, int n);
int cmd_target_version(struct cli *cli, char **args, int n);
int cmd_version(struct cli *cli, char **args, int n);
int cmd_help(struct cli *cli, char **args, int n);
int cmd_plan(struct cli *cli, char **args, int n);
int cmd_apply(struct cli *cli, char **args, int n);
int cmd_down(struct cli *cli, char **args, int n);
int cmd_stacks(struct cli *cli, char **args, int n);
int cmd_gc(struct cli *cli, char **args, int n);
int cmd_with(struct cli *cli, char **args, int n);
int cmd_complete(struct cli *cli, char **args, int n);

/* ---- snapshot-note.c */
/* Of a snapshot that was made: who has to be resumed before longer writes are saved whole. */
void note_snapshot(struct cli *cli, const char *name);

#endif
