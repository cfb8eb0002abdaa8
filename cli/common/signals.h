/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_SIGNALS_H
#define DMKIT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "dmkit.h"

void signals_install(struct dmk *dm);
bool signals_caught(void);
/* Those that would end this process, or a child's end, wait for wait_for_child(); the mask from
 * before is the child's. false: one came already. */
bool signals_hold(sigset_t *ret_before);
/* Until the child ends: its wait status. What is sent to this process goes on to the child; what the
 * terminal sends, it has got itself. */
int wait_for_child(pid_t child);
/* Ends the process by the signal that ended the command, if one did. */
void signals_pass_on(void);

#endif
