/* SPDX-License-Identifier: MIT */
/* Whether there is a module for a target that the kernel has not. */
#ifndef DMK_MODULES_H
#define DMK_MODULES_H

#include <stdbool.h>
#include <stddef.h>

/* "this kernel has no target 'linar', and no module dm-linar; the nearest: linear" */
void dmk_say_no_target(const char *type, char *text, size_t size);

#endif
