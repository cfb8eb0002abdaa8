/* SPDX-License-Identifier: MIT */
/* What vdo's files have in common: vdo.c the table, vdo-status.c the status, vdo-message.c the
 * messages and their replies. */
#ifndef DMK_VDO_H
#define DMK_VDO_H

#include "rows/target.h"

#define DMK_VDO_N_MESSAGES 9

extern const struct dmk_target dmk_target_vdo;
extern const struct dmk_choice dmk_vdo_switches[];
extern const struct dmk_form dmk_vdo_status_form;
extern const struct dmk_message dmk_vdo_messages[DMK_VDO_N_MESSAGES];

#endif
