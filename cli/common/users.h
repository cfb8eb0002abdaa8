/* SPDX-License-Identifier: MIT */
/* Holders, and users by name. */
#ifndef DMKIT_USERS_H
#define DMKIT_USERS_H

#include "dmkit.h"
#include "common/json.h"

/* Its number where it has no name. */
const char *user_name(uint32_t uid, char *buf, size_t size);
/* Whose process it is; "" where there is none, or it has ended. */
const char *holder_user(const struct dmk_holder *holder, char *buf, size_t size);
/* For sentences: its name is "root's sleep" then. */
void holder_name_user(struct dmk_holder *holder);

/* "mapping", "mount", ...; of enum dmk_holder_kind, "" for none. */
const char *holder_kind(uint32_t kind);
void json_holder(struct json *json, const struct dmk_holder *holder);

#endif
