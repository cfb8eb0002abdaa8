/* SPDX-License-Identifier: MIT */
/* What switch's two files share. */
#ifndef DMK_SWITCH_H
#define DMK_SWITCH_H

#include "rows/target.h"

extern const struct dmk_message dmk_switch_messages[1];

#endif
