/* SPDX-License-Identifier: MIT */
/* Between the files of the fake driver. */
#ifndef DMK_TEST_FAKE_INTERNAL_H
#define DMK_TEST_FAKE_INTERNAL_H

#include "fake.h"

/* The kernel's own copy of a request. */
struct frame {
	struct fake *fake;
	struct dm_ioctl *io;
	uint32_t size; /* of what was copied in */
	const struct fake_rule *rule;
};

typedef int (*fake_command)(struct frame *frame);

size_t fake_align(size_t n);
uint64_t fake_dev(uint32_t minor);
/* get_result_buffer() */
char *fake_result(struct frame *frame, size_t *ret_length);
/* __find_device_hash_cell() and __dev_status() */
struct fake_device *fake_lookup(struct frame *frame);
void fake_status(struct frame *frame, const struct fake_device *device);

/* Who has it open: processes, and each device one of whose tables names it. */
int32_t fake_opens(const struct fake *fake, const struct fake_device *device);
/* Carries out deferred removals: a table went, or a device. */
void fake_settle(struct fake *fake);

void fake_free_table(struct fake_table *table);
/* A string inside the frame, its NUL included; NULL: it has no end. */
const char *fake_string(const struct frame *frame, size_t offset);

int fake_remove_all(struct frame *frame);
int fake_create(struct frame *frame);
int fake_remove(struct frame *frame);
int fake_rename(struct frame *frame);
int fake_suspend(struct frame *frame);
int fake_dev_status(struct frame *frame);
int fake_wait(struct frame *frame);
int fake_geometry(struct frame *frame);
int fake_arm_poll(struct frame *frame);

int fake_load(struct frame *frame);
int fake_clear(struct frame *frame);
int fake_deps(struct frame *frame);
int fake_table_status(struct frame *frame);
int fake_message(struct frame *frame);
void fake_retrieve_status(struct frame *frame, const struct fake_table *table);

int fake_list(struct frame *frame);
int fake_list_versions(struct frame *frame);
int fake_target_version(struct frame *frame);
bool fake_knows_target(const char *type);

#endif
