/* SPDX-License-Identifier: MIT */
/* What a command says when it is done. */
#ifndef DMKIT_RESULTS_H
#define DMKIT_RESULTS_H

#include "common/cli.h"

void json_info(struct cli *cli, const struct dmk_info *info);
/* What a changing command says when it is done: with --json the device as it is, else nothing. */
int done(struct cli *cli, const struct dmk_info *info);
/* The same of one that has to do with udev. */
int done_udev(struct cli *cli, const struct dmk_info *info);
/* The same of a device that has no node of its name: the kernel's is told. */
int done_mount(struct cli *cli, const struct dmk_info *info);

/* ---- udev.c */
bool parse_udev(const char *text, uint32_t *ret_mode); /* false: neither auto, off nor on */
/* After a verb that succeeded: what udev did not do, and with --trace how it was. */
void note_udev(const struct cli *cli, const char *device);

#endif
