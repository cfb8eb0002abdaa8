/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include <errno.h>
#include <string.h>

#include "dmkit.h"

/* glibc has strerrorname_np() since 2.32. */
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
#define HAVE_NAMES 1
#else
#define HAVE_NAMES 0
#endif

static void fixed_texts(void **state)
{
	(void)state;
	assert_string_equal(dmk_errno_text(EBUSY), "Device or resource busy");
	assert_string_equal(dmk_errno_text(-EBUSY), "Device or resource busy");
	assert_string_equal(dmk_errno_text(-ENXIO), "No such device or address");
	assert_string_equal(dmk_errno_text(-ENOTSUP), "Operation not supported");
	assert_string_equal(dmk_errno_text(-EBADMSG), "Bad message");
	assert_string_equal(dmk_errno_name(-EBUSY), "EBUSY");
	assert_string_equal(dmk_errno_name(ENODEV), "ENODEV");
}

static void unknown_numbers(void **state)
{
	static const int unknown[] = { 0, 41, 58, 134, 4095, -4095, INT32_MAX, -INT32_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_string_equal(dmk_errno_text(unknown[i]), "Unknown error");
		assert_string_equal(dmk_errno_name(unknown[i]), "E?");
	}
}

/* Each number that this C library knows is known here, in its words. */
static void glibc_wording(void **state)
{
	int compared = 0;

	(void)state;
	for (int i = 1; i < 200; i++) {
		if (strcmp(dmk_errno_name(i), "E?") == 0)
			continue;
		compared++;
#if HAVE_NAMES
		assert_string_equal(dmk_errno_text(i), strerrordesc_np(i));
		/* Two names of one number: either will do. */
		if (i != EDEADLK && i != ENOTSUP && i != EAGAIN)
			assert_string_equal(dmk_errno_name(i), strerrorname_np(i));
#endif
	}
	assert_in_range(compared, 130, 140);
#if HAVE_NAMES
	for (int i = 1; i < 200; i++)
		if (strerrorname_np(i))
			assert_string_not_equal(dmk_errno_name(i), "E?");
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_texts),
		cmocka_unit_test(unknown_numbers),
		cmocka_unit_test(glibc_wording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
