/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/request.h"

static char text[1024];

/* A request with size bytes of payload, exactly as large as it says. */
static struct dm_ioctl *request(uint32_t command, const void *payload, size_t size)
{
	struct dm_ioctl *io = malloc(sizeof(*io) + size);

	dmk_request_init(io, command, (uint32_t)(sizeof(*io) + size));
	if (size)
		memcpy(io + 1, payload, size);
	return io;
}

static size_t format(uint32_t command, struct dm_ioctl *io)
{
	return dmk_request_format(command, io, io->data_size, text, sizeof(text));
}

static void headers(void **state)
{
	struct dm_ioctl *io = request(DM_DEV_REMOVE_CMD, NULL, 0);
	size_t length;

	(void)state;
	format(DM_DEV_REMOVE_CMD, io);
	assert_string_equal(text, "DM_DEV_REMOVE");
	memcpy(io->name, "data", 5);
	io->flags = DM_DEFERRED_REMOVE | DM_NOFLUSH_FLAG;
	io->event_nr = 0x10002;
	length = format(DM_DEV_REMOVE_CMD, io);
	assert_int_equal(length, strlen(text));
	assert_string_equal(
		text, "DM_DEV_REMOVE name=data flags=noflush,deferred-remove event_nr=0x10002");
	io->name[0] = '\0';
	io->flags = io->event_nr = 0;
	io->dev = dmk_dev_encode(254, 300);
	memcpy(io->uuid, "U-1", 4);
	format(DM_DEV_STATUS_CMD, io);
	assert_string_equal(text, "DM_DEV_STATUS uuid=U-1 dev=254:300");
	format(99, io);
	assert_string_equal(text, "(unknown command)");
	/* No NUL in either field. */
	memset(io->name, 'n', sizeof(io->name));
	memset(io->uuid, 'u', sizeof(io->uuid));
	assert_int_equal(format(DM_DEV_STATUS_CMD, io),
			 strlen("DM_DEV_STATUS name= uuid= dev=254:300") + DM_NAME_LEN +
				 DM_UUID_LEN);
	/* Too short for a header. */
	assert_int_equal(dmk_request_format(DM_DEV_STATUS_CMD, io, 100, text, sizeof(text)), 13);
	free(io);
}

static const struct dmk_segment first = { .length_sectors = 8,
					  .type = "linear",
					  .params = "/dev/a 0" };
static const struct dmk_segment second = { .start_sectors = 8,
					   .length_sectors = 4,
					   .type = "zero",
					   .params = "" };

static struct dm_ioctl *load(void)
{
	char payload[56 + 48];
	struct dm_ioctl *io;

	dmk_spec_write(payload, &first, 8);
	dmk_spec_write(payload + 56, &second, 0);
	io = request(DM_TABLE_LOAD_CMD, payload, sizeof(payload));
	io->target_count = 2;
	memcpy(io->name, "data", 5);
	return io;
}

static void tables(void **state)
{
	struct dm_ioctl *io = load();

	(void)state;
	format(DM_TABLE_LOAD_CMD, io);
	assert_string_equal(text,
			    "DM_TABLE_LOAD name=data targets=2: 0 8 linear /dev/a 0; 8 4 zero");
	io->flags = DM_SECURE_DATA_FLAG | DM_READONLY_FLAG;
	format(DM_TABLE_LOAD_CMD, io);
	assert_string_equal(
		text, "DM_TABLE_LOAD name=data flags=readonly,secure-data targets=2: (hidden)");
	free(io);
}

/* Cut anywhere, or lying about itself: what lies outside is not read. */
static void broken_tables(void **state)
{
	static const uint32_t bad[] = { 0, 1, 40, 41, 100, 104, 105, UINT32_MAX };
	uint32_t whole = sizeof(struct dm_ioctl) + 104;

	(void)state;
	for (uint32_t size = sizeof(struct dm_ioctl); size <= whole; size++) {
		struct dm_ioctl *io = load(), *cut = malloc(size);

		memcpy(cut, io, size);
		assert_in_range(
			dmk_request_format(DM_TABLE_LOAD_CMD, cut, size, text, sizeof(text)), 33,
			64);
		free(cut);
		free(io);
	}
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		struct dm_ioctl *io = load();

		memcpy((char *)(io + 1) + offsetof(struct dm_target_spec, next), &bad[i],
		       sizeof(bad[i]));
		io->target_count = UINT32_MAX;
		assert_in_range(format(DM_TABLE_LOAD_CMD, io), 33, 200);
		memset((char *)(io + 1) + 24, 't', io->data_size - sizeof(*io) - 24);
		assert_in_range(format(DM_TABLE_LOAD_CMD, io), 33, 400);
		free(io);
	}
}

static void messages(void **state)
{
	char payload[8 + 15] = { 0 };
	struct dm_ioctl *io;

	(void)state;
	payload[0] = 5;
	memcpy(payload + 8, "key set SECRET", 15);
	io = request(DM_TARGET_MSG_CMD, payload, sizeof(payload));
	memcpy(io->name, "c", 2);
	format(DM_TARGET_MSG_CMD, io);
	assert_string_equal(text, "DM_TARGET_MSG name=c sector=5: key set SECRET");
	io->flags = DM_SECURE_DATA_FLAG;
	format(DM_TARGET_MSG_CMD, io);
	assert_string_equal(text, "DM_TARGET_MSG name=c flags=secure-data sector=5: (hidden)");
	free(io);
	/* Without its NUL, and with less than a sector. */
	io = request(DM_TARGET_MSG_CMD, payload, sizeof(payload) - 1);
	format(DM_TARGET_MSG_CMD, io);
	assert_string_equal(text, "DM_TARGET_MSG sector=5: key set SECRET");
	free(io);
	io = request(DM_TARGET_MSG_CMD, payload, 7);
	format(DM_TARGET_MSG_CMD, io);
	assert_string_equal(text, "DM_TARGET_MSG");
	free(io);
}

static void texts(void **state)
{
	struct dm_ioctl *io = request(DM_DEV_RENAME_CMD, "new", 4);

	(void)state;
	memcpy(io->name, "old", 4);
	format(DM_DEV_RENAME_CMD, io);
	assert_string_equal(text, "DM_DEV_RENAME name=old: new");
	free(io);
	io = request(DM_DEV_SET_GEOMETRY_CMD, "1 2 3 4", 8);
	format(DM_DEV_SET_GEOMETRY_CMD, io);
	assert_string_equal(text, "DM_DEV_SET_GEOMETRY: 1 2 3 4");
	free(io);
}

static void one_line_whatever_the_bytes(void **state)
{
	struct dm_ioctl *io = request(DM_DEV_RENAME_CMD, "a\nb\x1b[2J", 8);

	(void)state;
	memcpy(io->name, "x\ny\r\x7f", 6);
	format(DM_DEV_RENAME_CMD, io);
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			fail_msg("byte 0x%02x in a trace", (unsigned char)*c);
	free(io);
}

static void cut_at_each_size(void **state)
{
	struct dm_ioctl *io = load();
	size_t length = format(DM_TABLE_LOAD_CMD, io);
	char whole[sizeof(text)];

	(void)state;
	memcpy(whole, text, sizeof(whole));
	assert_int_equal(dmk_request_format(DM_TABLE_LOAD_CMD, io, io->data_size, NULL, 0) > 0, 1);
	for (size_t size = 1; size < length + 2; size++) {
		size_t shown = size <= length ? size - 1 : length;

		memset(text, '#', sizeof(text));
		assert_true(dmk_request_format(DM_TABLE_LOAD_CMD, io, io->data_size, text, size) >=
			    shown);
		assert_int_equal(strlen(text), shown);
		assert_memory_equal(text, whole, shown);
		assert_int_equal(text[size], '#');
	}
	free(io);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(tables),
		cmocka_unit_test(broken_tables),
		cmocka_unit_test(messages),
		cmocka_unit_test(texts),
		cmocka_unit_test(one_line_whatever_the_bytes),
		cmocka_unit_test(cut_at_each_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
