/* SPDX-License-Identifier: MIT */
/* Who keeps a block device busy. */
#ifndef DMK_HOLDERS_H
#define DMK_HOLDERS_H

#include "dmkit.h"

/* Fills err's holders with those of major:minor: devices on top (sysfs), and mounts in this
 * process's mount namespace. What cannot be read adds none. */
void dmk_find_holders(uint32_t major, uint32_t minor, struct dmk_error *err);

#endif
