/* SPDX-License-Identifier: MIT */
/* What every test needs, in the order in which cmocka wants it. */
#ifndef DMK_TEST_UNIT_H
#define DMK_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
