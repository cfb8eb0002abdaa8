/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_CALLED_H
#define DMKIT_CALLED_H

#include <stdbool.h>

/* dmsetup/main.c: whether the program's name is one of dmsetup's, and that command as a whole. */
bool dmsetup_is_called(const char *name);
int dmsetup_main(int argc, char **argv);

#endif
