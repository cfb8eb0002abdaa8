/* SPDX-License-Identifier: MIT */
/* A connection to a driver in memory, one at a time, for the tests of verbs. */
#ifndef DMK_TEST_DRIVER_H
#define DMK_TEST_DRIVER_H

#include "unit.h"

#include "../fault/fake.h"

static struct fake *fake;
static struct dmk *dm;

/* As that of device-mapper 4.minor. */
static inline void open_driver(uint32_t minor)
{
	fake = fake_new(minor);
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, fake_transport, fake), 0);
}

static inline void close_driver(void)
{
	dmk_free(dm);
	fake_free(fake);
}

#endif
