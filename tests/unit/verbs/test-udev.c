/* SPDX-License-Identifier: MIT */
/* The handshake as a caller sees it, on a fake kernel, a fake udevd and one fake semaphore. */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../../fault/fake.h"
#include "../../fault/memfs.h"
#include "../../fault/wraps.h"
#include "kernel/context.h"
#include "dmkit.h"
#include "wire/uapi.h"

#define COOKIE 0x0d4d1234u

static struct fake *fake;
static struct dmk *dm;
static struct dmk_table *table;

static int set_up(void **state)
{
	(void)state;
	wraps_reset();
	memfs_reset(true);
	fake = fake_new(47);
	if (dmk_new(&dm) < 0 || dmk_table_new(&table) < 0 ||
	    dmk_table_add_zero(table, DMK_NEXT, 8) < 0 || dmk_set_node_dir(dm, MEMFS_DIR) < 0 ||
	    dmk_set_transport(dm, fake_transport, fake) < 0)
		return -1;
	return memfs_mknod(MEMFS "dm-0", S_IFBLK | 0600, makedev(FAKE_MAJOR, 0));
}

static int tear_down(void **state)
{
	(void)state;
	dmk_table_free(table);
	dmk_free(dm);
	fake_free(fake);
	return 0;
}

static void links(void)
{
	memfs_symlink("../dm-0", MEMFS_DIR "/data");
}

static void misleads(void)
{
	memfs_symlink("../dm-7", MEMFS_DIR "/data");
}

static void does_nothing(void)
{
}

static struct dmk_udev_state state_now(void)
{
	struct dmk_udev_state udev;

	assert_int_equal(dmk_get_udev_state(dm, &udev), 0);
	return udev;
}

static uint32_t event_of_last(void)
{
	uint32_t last = fake->calls - 1;

	/* A look at the device, for the sake of its node, has none. */
	while (last && fake->log[last].command == DM_DEV_STATUS_CMD)
		last--;
	return fake->log[last].io.event_nr;
}

static const char *link_of_data(void)
{
	static char link[64];
	ssize_t n = memfs_readlink(MEMFS_DIR "/data", link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = '\0';
	return link;
}

static void off_by_itself(void **state)
{
	struct dmk_create_options options = { .udev_cookie = COOKIE, .udev_flags = 2 };

	(void)state;
	assert_int_equal(state_now().handshake, 0);
	assert_int_equal(state_now().why, DMK_UDEV_WHY_NODE_DIR);
	/* The caller's cookie is left alone, so that its wait has an end. */
	wraps.semaphores = wraps.semaphore_value = 1;
	assert_int_equal(dmk_create(dm, "data", table, &options, NULL), 0);
	assert_int_equal(event_of_last(), 0x20000);
	assert_int_equal(wraps.semaphore_value, 1);
	assert_string_equal(link_of_data(), "");
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_OFF), 0);
	assert_int_equal(state_now().why, DMK_UDEV_WHY_ASKED);
	assert_int_equal(state_now().handshake, 0);
	assert_int_equal(dmk_set_udev(dm, 3), -EINVAL);
	dmk_set_dry_run(dm);
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	assert_int_equal(state_now().why, DMK_UDEV_WHY_DRY_RUN);
	assert_int_equal(state_now().handshake, 0);
}

static void cookie_and_flags(void **state)
{
	struct dmk_create_options options = { .udev_flags = DMK_UDEV_LOW_PRIORITY };

	(void)state;
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	wraps.udevd = links;
	assert_int_equal(dmk_create(dm, "data", table, &options, NULL), 0);
	assert_int_equal(event_of_last() >> 16, DMK_UDEV_LOW_PRIORITY | DMK_UDEV_PRIMARY_SOURCE);
	assert_int_not_equal(event_of_last() & 0xffff, 0);
	assert_int_equal(wraps.semaphores, 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_NONE);
	assert_string_equal(link_of_data(), "../dm-0");
	/* The kernel tells udev nothing: nothing is waited for. */
	wraps.udevd = NULL;
	assert_int_equal(dmk_resume(dm, DMK_NAME("data"), NULL, NULL), 0);
	assert_int_equal(wraps.semaphores, 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_NONE);
}

static void late_and_wrong(void **state)
{
	struct dmk_remove_options once = { .timeout_ms = -1 };

	(void)state;
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	assert_int_equal(dmk_set_deadline(dm, 1), 0);
	assert_int_equal(dmk_create(dm, "data", table, NULL, NULL), 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_MADE);
	assert_string_equal(link_of_data(), "../dm-0");
	assert_int_equal(dmk_remove(dm, DMK_NAME("data"), &once, NULL), 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_REMOVED);
	assert_string_equal(link_of_data(), "");
	wraps.udevd = misleads;
	assert_int_equal(dmk_create(dm, "data", table, NULL, NULL), 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_WRONG);
	assert_string_equal(link_of_data(), "../dm-0");
	wraps.udevd = does_nothing;
	assert_int_equal(dmk_remove(dm, DMK_NAME("data"), &once, NULL), 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_LEFT);
	assert_string_equal(link_of_data(), "");
	/* A note is of the last verb alone. */
	assert_int_equal(dmk_remove_all(dm, &once), 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_NONE);
}

/* Nobody's link, a file: that is not udev's to mend. */
static void what_stands_there(void **state)
{
	(void)state;
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	wraps.udevd = does_nothing;
	assert_int_equal(memfs_mknod(MEMFS_DIR "/data", S_IFREG | 0600, 0), 0);
	assert_int_equal(dmk_create(dm, "data", table, NULL, NULL), -EEXIST);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_MAKE_NODE);
	assert_null(fake_find(fake, "data"));
	assert_int_equal(wraps.semaphores, 0);
}

static void no_semaphore(void **state)
{
	uint32_t cookie;

	(void)state;
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	wraps.no_semaphores = ENOSPC;
	links();
	assert_int_equal(dmk_create(dm, "data", table, NULL, NULL), 0);
	assert_int_equal(state_now().note, DMK_UDEV_NOTE_NO_COOKIE);
	assert_int_equal(state_now().error, -ENOSPC);
	assert_int_equal(event_of_last(), DMK_UDEV_PRIMARY_SOURCE << 16);
	assert_string_equal(link_of_data(), "../dm-0");
	assert_int_equal(dmk_udev_cookie_create(dm, &cookie), -ENOSPC);
	assert_string_equal(dmk_last_error(dm)->detail,
			    "the system's table of semaphores is full: kernel.sem");
}

/* While udevd is told. */
static void cancel_the_wait(struct fake *told, uint32_t command, uint32_t number, void *flag)
{
	(void)told;
	(void)number;
	if (command == DM_DEV_SUSPEND_CMD)
		*(volatile int32_t *)flag = 1;
}

static void canceled(void **state)
{
	static volatile int32_t now;

	(void)state;
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	assert_int_equal(dmk_set_cancel(dm, &now, -1), 0);
	fake->on_call = cancel_the_wait;
	fake->on_call_data = (void *)(uintptr_t)&now;
	wraps.udevd = links;
	assert_int_equal(dmk_create(dm, "data", table, NULL, NULL), -ECANCELED);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_UDEV);
	assert_int_equal(dmk_last_error(dm)->undo_code, 0);
	assert_null(fake_find(fake, "data"));
	assert_int_equal(wraps.semaphores, 0);
}

static void the_callers_cookie(void **state)
{
	struct dmk_create_options options = { .udev_cookie = COOKIE };
	struct dmk_remove_options removal = { .udev_cookie = COOKIE, .timeout_ms = -1 };

	(void)state;
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	assert_int_equal(dmk_create(dm, "data", table, &options, NULL), -ENOENT);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_UDEV);
	assert_null(fake_find(fake, "data"));
	wraps.semaphores = wraps.semaphore_value = 1;
	assert_int_equal(dmk_create(dm, "data", table, &options, NULL), 0);
	assert_int_equal(event_of_last(), DMK_UDEV_PRIMARY_SOURCE << 16 | 0x1234);
	assert_int_equal(wraps.semaphore_value, 2);
	assert_string_equal(link_of_data(), "");
	/* A request that fails takes its part back. */
	fake_open(fake_find(fake, "data"));
	assert_int_equal(dmk_remove(dm, DMK_NAME("data"), &removal, NULL), -EBUSY);
	assert_int_equal(wraps.semaphore_value, 2);
	assert_int_equal(dmk_udev_cookie_add(dm, COOKIE), 0);
	assert_int_equal(dmk_udev_cookie_complete(dm, COOKIE), 0);
	assert_int_equal(dmk_udev_cookie_complete(dm, COOKIE), 0);
	assert_int_equal(wraps.semaphore_value, 1);
	/* One that cannot be counted up is not counted down either. */
	wraps.semaphore_value = 32767;
	assert_int_equal(dmk_create(dm, "more", table, &options, NULL), -ERANGE);
	assert_int_equal(dmk_remove(dm, DMK_NAME("data"), &removal, NULL), -ERANGE);
	assert_int_equal(wraps.semaphore_value, 32767);
	wraps.semaphore_value = 1;
	assert_int_equal(dmk_udev_cookie_wait(dm, COOKIE, -2), -EINVAL);
	wraps.udevd = does_nothing;
	assert_int_equal(dmk_udev_cookie_wait(dm, COOKIE, 0), 0);
	assert_int_equal(wraps.semaphores, 0);
	assert_int_equal(dmk_udev_cookie_remove(dm, COOKIE), -ENOENT);
	assert_int_equal(dmk_udev_cookie_add(dm, 0x1234), -EINVAL);
	assert_int_equal(dmk_udev_cookie_add(dm, 0x0d4d0000), -EINVAL);
}

static void sent_as_it_is(void **state)
{
	struct dmk_create_options options = { .udev_cookie = 0x1234, .udev_flags = 0x20 };

	(void)state;
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_ON), 0);
	assert_int_equal(dmk_create(dm, "data", table, &options, NULL), 0);
	assert_int_equal(event_of_last(), 0x201234);
	assert_int_equal(wraps.semaphores, 0);
	options.udev_cookie = 0x0d4d0000;
	assert_int_equal(dmk_create(dm, "more", table, &options, NULL), -EINVAL);
	options.udev_cookie = 0x10000;
	assert_int_equal(dmk_create(dm, "more", table, &options, NULL), -EINVAL);
}

static void all_have_texts(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= DMK_UDEV_WHY_NO_RULES; i++)
		assert_string_not_equal(dmk_udev_why_text(i), "?");
	for (uint32_t i = 1; i <= DMK_UDEV_NOTE_NO_COOKIE; i++)
		assert_true(dmk_udev_note_text(i)[1]);
	assert_string_equal(dmk_udev_note_text(DMK_UDEV_NOTE_NONE), "");
	assert_string_equal(dmk_udev_why_text(UINT32_MAX), "?");
	assert_string_equal(dmk_udev_note_text(UINT32_MAX), "?");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(off_by_itself),	  TEST(cookie_and_flags), TEST(late_and_wrong),
		TEST(what_stands_there),  TEST(no_semaphore),	  TEST(canceled),
		TEST(the_callers_cookie), TEST(sent_as_it_is),	  TEST(all_have_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
