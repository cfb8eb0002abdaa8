/* SPDX-License-Identifier: MIT */
/* A device that goes with an fd: opened, then its removal deferred. */
#ifndef DMK_EPHEMERAL_H
#define DMK_EPHEMERAL_H

#include "kernel/context.h"

/* The device with this number, opened for reading, whoever makes nodes. -ENXIO: what has its node is
 * another. */
int dmk_open_device(struct dmk *dm, const struct dmk_info *info, int *ret_fd) DMK_MUST_CHECK;
/* One that is open goes with its last close from now on; its node stays until then. */
int dmk_arm_removal(struct dmk *dm, const struct dmk_info *info) DMK_MUST_CHECK;

#endif
