/* SPDX-License-Identifier: MIT */
/* Pure bytes: requests written, replies read with every offset checked. No fd, no context. */
#ifndef DMK_REQUEST_H
#define DMK_REQUEST_H

#include "dmkit.h"
#include "base/error.h"
#include "uapi.h"
#include "base/util.h"

enum dmk_command_flag {
	DMK_COMMAND_CHANGES = 1 << 0,	 /* something in the kernel */
	DMK_COMMAND_TEXT = 1 << 1,	 /* its payload is a string (rename) */
	DMK_COMMAND_BARE_REPLY = 1 << 2, /* success copies nothing back, or only a version */
	DMK_COMMAND_LOGS = 1 << 3	 /* a refusal is told in the kernel's log */
};

/* One row per command of the interface. The minor is the version stamp (T1): the lowest driver that
 * knows the command, since the kernel refuses a stamp above its own. */
struct dmk_command {
	const char *name;
	uint16_t minor;
	uint16_t flags;
};

/* NULL: no such command. */
const struct dmk_command *dmk_command_find(uint32_t command);

/* Header of a request of size bytes in all; everything else zero. */
void dmk_request_init(struct dm_ioctl *io, uint32_t command, uint32_t size);

/* The longest name is 127 bytes, the longest uuid 128; neither is cut (T8). */
int dmk_check_name(const char *name, struct dmk_error *err) DMK_MUST_CHECK;
/* ".", ".." and "control": older kernels, 6.1 too, give them to devices. */
bool dmk_name_has_no_node(const char *name);
/* One that a device is to get: none of these three. */
int dmk_check_new_name(const char *name, struct dmk_error *err) DMK_MUST_CHECK;
int dmk_check_uuid(const char *uuid, struct dmk_error *err) DMK_MUST_CHECK;
int dmk_check_type(const char *type, struct dmk_error *err) DMK_MUST_CHECK;
/* The same, but of what is between its first and its last byte nothing. */
int dmk_check_type_size(const char *type, struct dmk_error *err) DMK_MUST_CHECK;
int dmk_check_id(const struct dmk_id *id, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_request_id(struct dm_ioctl *io, const struct dmk_id *id);
/* How a sentence names the device: its name, its uuid or MAJOR:MINOR. Any id, checked or not. */
void dmk_id_text(const struct dmk_id *id, char *field, size_t size);

/* huge_encode_dev (T9): minor bits 0-7 and 20-31, major bits 8-19. */
uint64_t dmk_dev_encode(uint32_t major, uint32_t minor);
void dmk_dev_decode(uint64_t dev, uint32_t *ret_major, uint32_t *ret_minor);

/* What __dev_status() put into a reply's header. -EBADMSG: a string without end. */
int dmk_reply_info(const struct dm_ioctl *io, struct dmk_info *ret_info) DMK_MUST_CHECK;

/* The payload of a reply in a buffer of capacity bytes, and a cursor over it. */
struct dmk_cursor {
	char *data;
	size_t size;
	size_t position;
	uint32_t left;	   /* segments: how many the header still promises */
	bool has_event_nr; /* devices */
	bool has_uuid;	   /* devices */
};

/* -EBADMSG: data_start or data_size point outside the buffer. An absent payload has size 0. */
int dmk_reply_cursor(struct dm_ioctl *io, uint32_t capacity,
		     struct dmk_cursor *ret_cursor) DMK_MUST_CHECK;

/* 1: one more; 0: no more; -EBADMSG. Strings point into the reply. */
int dmk_cursor_device(struct dmk_cursor *cursor, struct dmk_device *ret_device) DMK_MUST_CHECK;
int dmk_cursor_segment(struct dmk_cursor *cursor, struct dmk_segment *ret_segment) DMK_MUST_CHECK;
int dmk_cursor_target(struct dmk_cursor *cursor,
		      struct dmk_target_version *ret_target) DMK_MUST_CHECK;
/* The whole payload as one string. */
int dmk_cursor_string(const struct dmk_cursor *cursor, const char **ret_string) DMK_MUST_CHECK;
/* The payload of DM_TABLE_DEPS; *ret_devnos is malloc'd, NULL for none. */
int dmk_cursor_deps(const struct dmk_cursor *cursor, struct dmk_devno **ret_devnos,
		    uint32_t *ret_count) DMK_MUST_CHECK;

/* How much payload to offer after a reply to command that offered payload_size and was too little.
 */
uint64_t dmk_reply_estimate(uint32_t command, struct dm_ioctl *io, uint32_t capacity,
			    uint64_t payload_size);

/* One segment of a TABLE_LOAD: its bytes, and its `next`, which counts from itself, not from the
 * first spec as in a reply (T2). */
size_t dmk_spec_size(size_t params_length);
void dmk_spec_write(char *at, const struct dmk_segment *segment, size_t params_length);

#endif
