/* SPDX-License-Identifier: MIT */
/* Requests with keys: what is sent, and sent again, and what is said of it. */
#include <errno.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "dmkit.h"
#include "base/util.h"

#define KEY "00112233445566778899aabbccddeeff"
#define TRIES 4

/* A kernel that zeroes what it was given with DM_SECURE_DATA, as copy_params() does, and ends the
 * first tries of one command as a signal does. */
static struct {
	uint32_t command;
	int refuses; /* and does so at once */
	uint32_t tries;
	uint32_t flags; /* of the last try */
	uint32_t size;
	unsigned char sent[2048]; /* the first try */
	char line[512];		  /* and how --trace shows it */
} kernel;

static int answer(struct dm_ioctl *io)
{
	memset(io, 0, sizeof(*io));
	io->version[0] = 4;
	io->version[1] = 47;
	io->data_size = offsetof(struct dm_ioctl, data);
	io->data_start = offsetof(struct dm_ioctl, data);
	io->dev = 0xfe00;
	strcpy(io->name, "a");
	return 0;
}

/* Behind it there is room for the answer. */
static size_t sent_size(uint32_t command, const struct dm_ioctl *io)
{
	const char *message = (const char *)(io + 1) + sizeof(struct dm_target_msg);

	if (command == DM_TABLE_STATUS_CMD)
		return sizeof(*io);
	if (command == DM_TARGET_MSG_CMD)
		return (size_t)(message + strlen(message) + 1 - (const char *)io);
	return sizeof(*io) + 48;
}

static int transport(struct dmk *dm, void *data, uint32_t command, void *request, uint32_t size)
{
	struct dm_ioctl *io = request;

	(void)dm;
	(void)data;
	/* Which targets there are: not to be told, and so any may have keys. */
	if (command == DM_LIST_VERSIONS_CMD)
		return -EINVAL;
	if (command == DM_DEV_SUSPEND_CMD) { /* with the table that was loaded */
		(void)answer(io);
		io->flags = DM_ACTIVE_PRESENT_FLAG | DM_UEVENT_GENERATED_FLAG;
		io->target_count = 1;
		return 0;
	}
	if (command != kernel.command)
		return answer(io);
	/* check_version() */
	if (io->version[0] != 4)
		return -EINVAL;
	if (++kernel.tries == 1) {
		kernel.size = size;
		memcpy(kernel.sent, request,
		       size < sizeof(kernel.sent) ? size : sizeof(kernel.sent));
		dmk_request_format(command, request, size, kernel.line, sizeof(kernel.line));
	}
	assert_int_equal(size, kernel.size);
	assert_memory_equal(request, kernel.sent, sent_size(command, io));
	kernel.flags = io->flags;
	if (kernel.refuses)
		return kernel.refuses;
	if (kernel.tries < TRIES) {
		if (io->flags & DM_SECURE_DATA_FLAG)
			memset(request, 0, size);
		return -EINTR;
	}
	return answer(io);
}

static struct dmk *connect_to(uint32_t command)
{
	struct dmk *dm;

	memset(&kernel, 0, sizeof(kernel));
	kernel.command = command;
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_udev(dm, DMK_UDEV_OFF), 0);
	assert_int_equal(dmk_set_transport(dm, transport, NULL), 0);
	return dm;
}

static void an_interrupted_load(void **state)
{
	static const struct dmk_create_options options = { .node_policy = DMK_NODE_NONE };
	struct dmk *dm = connect_to(DM_TABLE_LOAD_CMD);
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add(table, 0, 8, "crypt", "aes-xts-plain64 :32:logon:k 0 7:0 0"),
			 0);
	assert_int_equal(dmk_create(dm, "a", table, &options, NULL), 0);
	assert_int_equal(kernel.tries, TRIES);
	assert_true(kernel.flags & DM_SECURE_DATA_FLAG);
	/* The table is as it was. */
	assert_int_equal(dmk_load(dm, DMK_NAME("a"), table, NULL, NULL), 0);
	dmk_table_free(table);
	dmk_free(dm);
}

static void an_interrupted_message(void **state)
{
	const struct dmk_message_options options = { .flags = DMK_MESSAGE_SECRET };
	struct dmk *dm = connect_to(DM_TARGET_MSG_CMD);

	(void)state;
	assert_int_equal(dmk_message(dm, DMK_NAME("a"), "anything " KEY, &options, NULL), 0);
	assert_int_equal(kernel.tries, TRIES);
	assert_true(kernel.flags & DM_SECURE_DATA_FLAG);
	dmk_free(dm);
}

static void an_interrupted_question(void **state)
{
	struct dmk *dm = connect_to(DM_TABLE_STATUS_CMD);
	struct dmk_segments *segments;

	(void)state;
	assert_int_equal(dmk_get_table(dm, DMK_NAME("a"), NULL, &segments), 0);
	assert_int_equal(kernel.tries, TRIES);
	assert_true(kernel.flags & DM_SECURE_DATA_FLAG);
	dmk_segments_free(segments);
	dmk_free(dm);
}

/* As the kernel splits a message, not by how it begins. */
static void key_messages(void **state)
{
	static const struct {
		const char *text;
		bool secret;
	} cases[] = {
		{ "key set " KEY, true },
		{ " key set " KEY, true },
		{ "key\tset\t" KEY, true },
		{ "\t\v\f\r\n KEY set " KEY, true },
		{ "Key wipe", true },
		{ "k\\ey\xa0set " KEY, true },
		{ "key", true },
		{ "keys set " KEY, false },
		{ "key\\ set " KEY, false },
		{ "@stats_list key", false },
		{ "set key " KEY, false },
		{ "k", false },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct dmk *dm = connect_to(DM_TARGET_MSG_CMD);

		assert_int_equal(dmk_message(dm, DMK_NAME("a"), cases[i].text, NULL, NULL), 0);
		assert_int_equal(!!(kernel.flags & DM_SECURE_DATA_FLAG), cases[i].secret);
		assert_int_equal(strstr(kernel.line, "(hidden)") != NULL, cases[i].secret);
		if (cases[i].secret)
			assert_null(strstr(kernel.line, KEY));
		dmk_free(dm);
	}
}

/* A target that is only nearly one with keys: no request and no error shows what may be one. */
static void mistyped_targets(void **state)
{
	static const struct {
		const char *type;
		bool sounds; /* like one with keys: a mere typo is the kernel's to show */
	} types[] = {
		{ "Crypt", true },     { "dm-crypt", true }, { "lcrypt", true },
		{ "INTEGRITY", true }, { "8crypt:", true },  { "cyrpt", false },
	};
	static const char params[] = "aes-xts-plain64 " KEY KEY " 0 7:0 0";

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(types); i++) {
		struct dmk *dm = connect_to(DM_TABLE_LOAD_CMD);
		char text[DMK_ERROR_TEXT_SIZE];
		struct dmk_table *table;
		char *hidden = NULL;

		assert_int_equal(dmk_table_new(&table), 0);
		assert_int_equal(dmk_table_add(table, 0, 8, types[i].type, params), 0);
		assert_int_equal(dmk_load(dm, DMK_NAME("a"), table, NULL, NULL), 0);
		assert_true(kernel.flags & DM_SECURE_DATA_FLAG);
		assert_non_null(strstr(kernel.line, ": (hidden)"));
		kernel.refuses = -EINVAL;
		assert_int_equal(dmk_load(dm, DMK_NAME("a"), table, NULL, NULL), -EINVAL);
		dmk_error_format(dmk_last_error(dm), text, sizeof(text));
		assert_non_null(strstr(text, types[i].type));
		assert_null(strstr(text, KEY));
		assert_int_equal(dmk_params_hide_keys(types[i].type, params, &hidden),
				 types[i].sounds);
		if (types[i].sounds)
			assert_string_equal(hidden, "(hidden)");
		free(hidden);
		dmk_table_free(table);
		dmk_free(dm);
	}
}

static void unreadable_lines(void **state)
{
	static const char *const lines[] = {
		"0,8,crypt,aes-xts-plain64," KEY KEY ",0,7:0,0",
		KEY " 0 8 crypt aes-xts-plain64",
		"0 " KEY KEY " 8 crypt",
		"0 8 " KEY KEY " crypt",
		"0 8crypt:aes-xts-plain64:" KEY ":0",
		"0 8 aes-xts-plain64-and-more-bytes-than-a-type-has-and-then-some-that-are-cut:" KEY
			KEY,
	};
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		const struct dmk_error *err = dmk_table_error(table);

		assert_true(dmk_table_parse(table, lines[i], strlen(lines[i])) < 0);
		assert_null(strstr(err->argument, "00112233"));
		assert_null(strstr(err->params, "00112233"));
		assert_null(strstr(err->detail, "00112233"));
		assert_int_equal(err->line, 1);
	}
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupted_load),	   cmocka_unit_test(an_interrupted_message),
		cmocka_unit_test(an_interrupted_question), cmocka_unit_test(key_messages),
		cmocka_unit_test(mistyped_targets),	   cmocka_unit_test(unreadable_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
