/* SPDX-License-Identifier: MIT */
/* What the tests on the real kernel share. They run as root in the lab, and leave nothing behind.
 */
#ifndef DMK_TEST_SUPPORT_H
#define DMK_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "dmkit.h"

#define RAM0 "/dev/ram0" /* 16 MiB each, in the lab */
#define RAM1 "/dev/ram1"
#define RAM_SECTORS 32768

/* cmocka's set-up and tear-down of every test: *state is a fresh struct dmk; at the end no device
 * is left. */
int connect_kernel(void **state);
int leave_nothing(void **state);

/* Succeeds, or shows the sentence of the error. */
#define assert_ok(dm, call) check_ok((dm), (call), #call, __FILE__, __LINE__)
void check_ok(struct dmk *dm, int result, const char *call, const char *file, int line);
/* Fails with this code, and the error says so too. */
#define assert_code(dm, call, code) check_code((dm), (call), (code), #call, __FILE__, __LINE__)
void check_code(struct dmk *dm, int result, int code, const char *call, const char *file, int line);

/* What kernels differ in. */
bool linux_since(unsigned int major, unsigned int minor);
/* The version of a target, its module loaded. */
bool target_since(struct dmk *dm, const char *target, uint32_t major, uint32_t minor);
/* What the kernel answers where a device's path leads nowhere, or to what is no block device. */
int no_such_path(void);
int no_block_device(void);
/* Whether ram disks know discards: since Linux 6.9. */
bool ram_discards(void);

/* A table that the caller frees. */
struct dmk_table *text_table(const char *text);
/* A device of one table in text form. */
struct dmk_info make_device(struct dmk *dm, const char *name, const char *text);
void remove_device(struct dmk *dm, const char *name);
bool device_exists(struct dmk *dm, const char *name);
uint32_t count_devices(struct dmk *dm);

/* The node of name: its device number, or 0 where there is none. */
dev_t node_rdev(const char *name);
bool node_is(const char *name, const struct dmk_info *info);
const char *node_path(const char *name); /* in one of four rotating buffers */

/* size bytes at offset of a device or file; false: an I/O error. */
bool read_at(const char *path, uint64_t offset, void *bytes, size_t size);
bool write_at(const char *path, uint64_t offset, const void *bytes, size_t size);
void fill_pattern(uint8_t *bytes, size_t size, uint32_t seed);

#endif
