/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_SIGNALS_H
#define DMKIT_SIGNALS_H

#include <stdbool.h>

#include "dmkit.h"

void signals_install(struct dmk *dm);
const volatile int32_t *signals_flag(void); /* not 0: one was */
bool signals_caught(void);
/* Ends the process by the signal that ended the command, if one did. */
void signals_pass_on(void);

#endif
