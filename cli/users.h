/* SPDX-License-Identifier: MIT */
/* Users by name. */
#ifndef DMKIT_USERS_H
#define DMKIT_USERS_H

#include "dmkit.h"

/* Its number where it has no name. */
const char *user_name(uint32_t uid, char *buf, size_t size);
/* Whose process it is; "" where there is none, or it has ended. */
const char *holder_user(const struct dmk_holder *holder, char *buf, size_t size);
/* For sentences: its name is "root's sleep" then. */
void holder_name_user(struct dmk_holder *holder);

#endif
