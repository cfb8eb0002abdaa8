/* SPDX-License-Identifier: MIT */
/* What the tests with a real udevd share, beside those of the real kernel. */
#ifndef DMK_TEST_UDEV_H
#define DMK_TEST_UDEV_H

#include "../kernel/support.h"

#define PATIENCE_MS 60000 /* the machine may be slow; more than any deadline here */

/* Set-up and tear-down: as connect_kernel() and leave_nothing(), and no cookie is left either. */
int with_udev(void **state);
int no_cookies(void **state);

/* The last verb's part with udev; the longest wait is remembered. */
struct dmk_udev_state udev_state(struct dmk *dm);
int64_t longest_wait_ms(void);
/* The last verb waited for udev and has nothing to say of it. */
void assert_no_note(struct dmk *dm);
void assert_note(struct dmk *dm, uint32_t note);

/* As udev makes it: the link, whither it leads, and, unless `bare`, the one by-id. */
void assert_linked(const struct dmk_info *info, bool bare);
/* Until udev has made or removed what it makes at its end: settle does not know of events that a
 * udevd that stood still has not read. */
void wait_by_id(const char *name, bool there);
/* Waits until the kernel has told udevd that this device is gone. */
void wait_gone(const struct dmk_info *info);
/* A node of our own. */
void assert_own_node(const struct dmk_info *info);
/* Nothing by that name, anywhere that udev makes links. */
void assert_no_link(const char *name);
void zero_device(struct dmk *dm, const char *name, const struct dmk_create_options *options,
		 struct dmk_info *ret_info);
uint32_t count_cookies(struct dmk *dm);

/* Runs it; the words end in NULL. The exit status, or 128 + a signal. */
int run(const char *word, ...) __attribute__((sentinel));
/* Words of a shell. */
int shell(const char *command);
int udevd_pid(void);
/* All that udevd has to do is done. */
void settle(void);
/* A rule of another package's, which is there from now on. */
void rule(const char *text);
void no_rule(void);
int64_t ms_now(void);

#endif
