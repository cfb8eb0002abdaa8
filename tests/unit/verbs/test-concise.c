/* SPDX-License-Identifier: MIT */
/* Devices as one text: written and read, the kernel's limits, and made all or none. */
#include "../driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define KEY "00112233445566778899aabbccddeeff"
#define ZEROS "00000000000000000000000000000000"

static int set_up(void **state)
{
	(void)state;
	open_driver(47);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_driver();
	return 0;
}

/* "NAME|UUID|FLAGS|MINOR|START LENGTH TYPE PARAMS;...\n" of each. */
static const char *as_text(struct dmk_concise *concise)
{
	static char text[2048];
	struct dmk_concise_device device;
	struct dmk_segment segment;
	size_t used = 0;

	text[0] = '\0';
	while (dmk_concise_next(concise, &device) == 1) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s|%s|%x|%u|",
					 device.name, device.uuid ? device.uuid : "-", device.flags,
					 device.minor);
		for (uint32_t i = 0; device.table && dmk_table_get(device.table, i, &segment) == 0;
		     i++)
			used += (size_t)snprintf(text + used, sizeof(text) - used,
						 "%llu %llu %s %s;",
						 (unsigned long long)segment.start_sectors,
						 (unsigned long long)segment.length_sectors,
						 segment.type, segment.params);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n",
					 device.table ? "" : "none");
	}
	return text;
}

static const struct {
	const char *text, *devices;
} good[] = {
	{ "", "" },
	{ " \n", "" },
	{ "a,,,rw,0 8 zero", "a|-|0|0|0 8 zero ;\n" },
	{ "a,,,,0 8 zero;", "a|-|0|0|0 8 zero ;\n" },
	{ "a,,,rw,0 8 zero;\n", "a|-|0|0|0 8 zero ;\n" },
	{ "a,U-1,5,ro,0 8 zero ,8 8 error", "a|U-1|3|5|0 8 zero ;8 8 error ;\n" },
	{ "a,,0,,0 8 zero\n;\n b , U , 1048575 , ro , 0 8 error\n",
	  "a|-|2|0|0 8 zero ;\nb|U|3|1048575|0 8 error ;\n" },
	{ "a,,,rw;b,,,", "a|-|0|0|none\nb|-|0|0|none\n" },
	{ "a\\,b\\;c\\\\d,u\\,1,,rw,0 8 own x\\,y\\;z\\\\", "a,b;c\\d|u,1|0|0|0 8 own x,y;z\\;\n" },
	{ "\\ a\\ ,\\b,,,0 8 zero", " a |b|0|0|0 8 zero ;\n" },
	{ "a b,,,rw,0 8 linear /dev/a 5", "a b|-|0|0|0 8 linear /dev/a 5;\n" },
	{ "a,,,rw,0 8 zero\n8 8 error", "a|-|0|0|0 8 zero ;8 8 error ;\n" },
};

static void good_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(good); i++) {
		struct dmk_concise *concise;
		struct dmk_error error;
		size_t size = strlen(good[i].text);
		/* Not one byte behind it may be read. */
		char *text = dmk_copy_bytes(good[i].text, size);

		assert_int_equal(dmk_concise_parse(text, size, &concise, &error), 0);
		assert_int_equal(error.code, 0);
		assert_string_equal(as_text(concise), good[i].devices);
		dmk_concise_rewind(concise);
		assert_string_equal(as_text(concise), good[i].devices);
		dmk_concise_free(concise);
		free(text);
	}
	dmk_concise_free(NULL);
}

static const struct {
	const char *text;
	size_t size; /* 0: the string's */
	int code;
	uint32_t line, column, segment;
	const char *device, *argument;
} bad[] = {
	{ "a", 0, -EINVAL, 1, 1, 0, "a", "a" },
	{ "a,,,rw,0 8 zero;b", 0, -EINVAL, 1, 17, 0, "b", "b" },
	{ "a,u,5;", 0, -EINVAL, 1, 5, 0, "a", "5" },
	{ ";", 0, -EINVAL, 1, 1, 0, "", "" },
	{ "a,,,rw,0 8 zero;;", 0, -EINVAL, 1, 17, 0, "", "" },
	{ ",,,rw,0 8 zero", 0, -EINVAL, 1, 1, 0, "", "" },
	{ "a/b,,,rw,0 8 zero", 0, -EINVAL, 1, 1, 0, "a/b", "a/b" },
	{ "a,,,xx,0 8 zero", 0, -EINVAL, 1, 5, 0, "a", "xx" },
	{ "a,,x,rw,0 8 zero", 0, -EINVAL, 1, 4, 0, "a", "x" },
	{ "a,,0x5,rw,0 8 zero", 0, -EINVAL, 1, 4, 0, "a", "0x5" },
	{ "a,,1048576,rw,0 8 zero", 0, -EINVAL, 1, 4, 0, "a", "1048576" },
	{ "a,,,rw,", 0, -EINVAL, 1, 8, 0, "a", "" },
	{ "a,,,rw,0 8 zero,", 0, -EINVAL, 1, 17, 0, "a", "" },
	{ "a,,,rw,0 8 zero,# 8", 0, -EINVAL, 1, 17, 0, "a", "# 8" },
	{ "a,,,rw,0 8 zero\\", 0, -EINVAL, 1, 8, 0, "a", "0 8 zero" },
	{ "a,,,rw,0 8 zero,9 8 zero", 0, -EINVAL, 1, 17, 2, "a", "" },
	{ "a,,,rw,0 8 zero;\nb\\,b,,,,0 8 \\linear\\ /dev/a  x", 0, -EINVAL, 2, 30, 1, "b,b", "x" },
	{ "a,,,rw,0 8 zero\n8 8 zero x", 0, -EINVAL, 2, 10, 2, "a", "x" },
	{ "a,,\0,rw,0 8 zero", 16, -EINVAL, 1, 4, 0, "", "" },
	{ "a,,,rw,0 8 sixteen--letters x", 0, -ENAMETOOLONG, 1, 12, 1, "a", "sixteen--letters" },
};

static void bad_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		size_t size = bad[i].size ? bad[i].size : strlen(bad[i].text);
		char *text = dmk_copy_bytes(bad[i].text, size);
		struct dmk_concise *concise = NULL;
		struct dmk_error error;

		assert_int_equal(dmk_concise_parse(text, size, &concise, &error), bad[i].code);
		assert_null(concise);
		if (error.line != bad[i].line || error.column != bad[i].column ||
		    error.segment != bad[i].segment || strcmp(error.device, bad[i].device) != 0 ||
		    strcmp(error.argument, bad[i].argument) != 0)
			fail_msg("'%s': line %u, column %u, segment %u of '%s': '%s'", bad[i].text,
				 error.line, error.column, error.segment, error.device,
				 error.argument);
		assert_int_equal(error.code, bad[i].code);
		assert_int_equal(error.verb, DMK_VERB_PARSE);
		assert_int_equal(error.step, DMK_STEP_ARGUMENTS);
		assert_string_not_equal(error.detail, "");
		assert_int_equal(dmk_concise_parse(text, size, &concise, NULL), bad[i].code);
		free(text);
	}
}

/* Any bytes: read or refused, and nothing is read or written where it may not be (sanitize). */
static void any_bytes(void **state)
{
	static const char letters[] = ",,,;;\\\\ \n0189abrw#";
	uint32_t random = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct dmk_concise *concise;
		struct dmk_error error;
		size_t size = strlen(good[(size_t)round % DMK_ARRAY_SIZE(good)].text);
		char *text = dmk_copy_bytes(good[(size_t)round % DMK_ARRAY_SIZE(good)].text, size);

		for (int changes = round % 5; size > 0 && changes >= 0; changes--) {
			random = random * 1664525 + 1013904223;
			text[(random >> 16) % size] =
				letters[(random >> 8) % (sizeof(letters) - 1)];
		}
		if (dmk_concise_parse(text, size, &concise, &error) == 0) {
			(void)as_text(concise);
			dmk_concise_free(concise);
		} else if (error.line == 0 || error.column == 0 ||
			   error.column > (uint32_t)size + 1 || !error.detail[0]) {
			fail_msg("'%.*s': line %u, column %u: '%s'", (int)size, text, error.line,
				 error.column, error.detail);
		}
		free(text);
	}
}

static void long_names(void **state)
{
	static const char rest[] = ",,,rw,0 8 zero";
	char text[256 + sizeof(rest)];
	struct dmk_concise *concise;
	struct dmk_error error;

	(void)state;
	for (size_t length = 126; length <= 130; length++) {
		int r;

		memset(text, 'n', length);
		memcpy(text + length, rest, sizeof(rest));
		r = dmk_concise_parse(text, strlen(text), &concise, &error);
		assert_int_equal(r, length < DMK_NAME_SIZE ? 0 : -ENAMETOOLONG);
		if (r == 0)
			dmk_concise_free(concise);
		/* The same as a uuid. */
		memcpy(text, "a,", 2);
		memset(text + 2, 'u', length);
		memcpy(text + 2 + length, rest + 1, sizeof(rest) - 1);
		r = dmk_concise_parse(text, strlen(text), &concise, &error);
		assert_int_equal(r, length < DMK_UUID_SIZE ? 0 : -ENAMETOOLONG);
		if (r == 0)
			dmk_concise_free(concise);
	}
}

static struct dmk_segments *table_of(const char *name)
{
	struct dmk_segments *segments;

	assert_int_equal(dmk_get_table(dm, DMK_NAME(name), NULL, &segments), 0);
	return segments;
}

static void written_and_read(void **state)
{
	struct dmk_segments *devices[3];
	struct dmk_concise *concise;
	char *text;

	(void)state;
	fake_add_device(fake, "a,b;c\\", "u,1");
	fake_set_live(fake_find(fake, "a,b;c\\"), 8, "zero", "");
	fake_set_live(fake_find(fake, "a,b;c\\"), 8, "own", "x,y z");
	fake_find(fake, "a,b;c\\")->readonly = true;
	fake_add_device(fake, " b ", "");
	fake_add_device(fake, "c", "U");
	fake_set_live(fake_find(fake, "c"), 1, "error", "");
	devices[0] = table_of("a,b;c\\");
	devices[1] = table_of(" b ");
	devices[2] = table_of("c");
	for (int again = 0; again < 2; again++) {
		assert_int_equal(dmk_concise_format(devices, 3, 0, &text, NULL), 0);
		assert_string_equal(text, "a\\,b\\;c\\\\,u\\,1,0,ro,0 8 zero ,8 8 own x\\,y z;"
					  "\\ b\\ ,,1,rw;c,U,2,rw,0 1 error ");
		if (!again)
			free(text);
	}
	assert_int_equal(dmk_concise_parse(text, strlen(text), &concise, NULL), 0);
	assert_int_equal(dmk_concise_count(concise), 3);
	assert_string_equal(as_text(concise), "a,b;c\\|u,1|3|0|0 8 zero ;8 8 own x,y z;\n"
					      " b |-|2|1|none\nc|U|2|2|0 1 error ;\n");
	dmk_concise_free(concise);
	free(text);
	assert_int_equal(dmk_concise_format(devices, 0, 0, &text, NULL), 0);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(dmk_concise_format(devices, 1, 1 << 3, &text, NULL), -EINVAL);
	for (int i = 0; i < 3; i++)
		dmk_segments_free(devices[i]);
}

static void keys(void **state)
{
	struct dmk_segments *device;
	struct dmk_error error;
	char *text = NULL;

	(void)state;
	fake_set_live(fake_add_device(fake, "k", ""), 8, "crypt", "aes-cbc-plain " KEY " 0 7:0 0");
	device = table_of("k");
	assert_int_equal(dmk_concise_format(&device, 1, 0, &text, &error), -EINVAL);
	assert_null(text);
	assert_string_equal(error.device, "k");
	assert_string_equal(error.argument, "crypt");
	assert_int_equal(error.segment, 1);
	assert_int_equal(dmk_concise_format(&device, 1, DMK_CONCISE_HIDE_KEYS, &text, NULL), 0);
	assert_string_equal(text, "k,,0,rw,0 8 crypt aes-cbc-plain " ZEROS " 0 7:0 0");
	free(text);
	assert_int_equal(dmk_concise_format(&device, 1, DMK_CONCISE_SHOW_KEYS, &text, NULL), 0);
	assert_string_equal(text, "k,,0,rw,0 8 crypt aes-cbc-plain " KEY " 0 7:0 0");
	free(text);
	dmk_segments_free(device);
}

static void boot_refuses(struct dmk_segments *device, const char *name, const char *argument)
{
	struct dmk_error error;
	char *text = NULL;

	assert_int_equal(dmk_concise_format(&device, 1, DMK_CONCISE_BOOT, &text, &error), -EINVAL);
	assert_null(text);
	assert_string_equal(error.device, name);
	assert_string_equal(error.argument, argument);
	assert_non_null(strstr(error.detail, "dm-mod.create= cannot say it: "));
	dmk_segments_free(device);
}

static void boot_words(void **state)
{
	static const char *const names[] = {
		"a,b", "a;b", "a\\b", "a\"b", " a", "a ", "a\tb", "a\nb",
	};
	struct dmk_segments *device;
	char *text;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(names); i++) {
		fake_set_live(fake_add_device(fake, names[i], ""), 8, "linear", "7:0 0");
		boot_refuses(table_of(names[i]), names[i], names[i]);
	}
	fake_set_live(fake_add_device(fake, "u", "u,1"), 8, "linear", "7:0 0");
	boot_refuses(table_of("u"), "u", "u,1");
	fake_set_live(fake_add_device(fake, "z", ""), 8, "zero", "");
	boot_refuses(table_of("z"), "z", "zero");
	fake_set_live(fake_add_device(fake, "c", ""), 8, "crypt",
		      "capi:authenc(hmac(sha256),xts(aes))-random :64:logon:k 0 7:0 0");
	boot_refuses(table_of("c"), "c",
		     "capi:authenc(hmac(sha256),xts(aes))-random :64:logon:k 0 7:0 0");
	fake_add_device(fake, "none", "");
	boot_refuses(table_of("none"), "none", "");
	fake_set_live(fake_add_device(fake, "a b", "u 1"), 8, "linear", "7:0 0");
	device = table_of("a b");
	assert_int_equal(dmk_concise_format(&device, 1, DMK_CONCISE_BOOT, &text, NULL), 0);
	assert_string_equal(text, "a b,u 1,12,rw,0 8 linear 7:0 0");
	free(text);
	dmk_segments_free(device);
	fake_find(fake, "a b")->minor = 255;
	device = table_of("a b");
	assert_int_equal(dmk_concise_format(&device, 1, DMK_CONCISE_BOOT, &text, NULL), 0);
	free(text);
	dmk_segments_free(device);
	fake_find(fake, "a b")->minor = 256;
	boot_refuses(table_of("a b"), "a b", "256");
}

static void boot_numbers(void **state)
{
	struct dmk_segments *devices[257];
	struct dmk_error error;
	char *text = NULL;
	char params[128];

	(void)state;
	/* 256 segments are allowed, 257 are too many. */
	fake_add_device(fake, "d", "");
	for (int i = 0; i < 256; i++)
		fake_set_live(fake_find(fake, "d"), 1, "linear", "");
	devices[0] = table_of("d");
	assert_int_equal(dmk_concise_format(devices, 1, DMK_CONCISE_BOOT, &text, NULL), 0);
	free(text);
	dmk_segments_free(devices[0]);
	fake_set_live(fake_find(fake, "d"), 1, "linear", "");
	boot_refuses(table_of("d"), "d", "257");

	/* To the byte: "l,,1,rw,0 1 linear " and the parameters. */
	for (int size = 4095; size <= 4096; size++) {
		char *long_params = calloc(1, 4096);

		memset(long_params, 'x', (size_t)size - strlen("l,,1,rw,0 1 linear "));
		fake_set_live(fake_add_device(fake, size == 4095 ? "l" : "m", ""), 1, "linear",
			      long_params);
		if (size == 4096)
			fake_find(fake, "m")->minor = 2;
		devices[0] = table_of(size == 4095 ? "l" : "m");
		assert_int_equal(dmk_concise_format(devices, 1, DMK_CONCISE_BOOT, &text, &error),
				 size == 4095 ? 0 : -EINVAL);
		assert_string_equal(error.argument, size == 4095 ? "" : "4096");
		if (size == 4095) {
			assert_int_equal(strlen(text), 4095);
			free(text);
		}
		free(long_params);
		dmk_segments_free(devices[0]);
	}
	fake_set_live(fake_add_device(fake, "x", ""), 1, "linear", "");
	for (int i = 0; i < 257; i++)
		devices[i] = table_of("x");
	snprintf(params, sizeof(params), "%d", 257);
	assert_int_equal(dmk_concise_format(devices, 257, DMK_CONCISE_BOOT, &text, &error),
			 -EINVAL);
	assert_string_equal(error.argument, params);
	for (int i = 0; i < 257; i++)
		dmk_segments_free(devices[i]);
}

/* Before the second load, which fails. */
static void cancel_later(struct fake *now, uint32_t command, uint32_t number, void *flag)
{
	(void)number;
	if (command == DM_TABLE_LOAD_CMD && now->calls_of[command] == 2)
		*(volatile int32_t *)flag = 1;
}

static void all_or_none(void **state)
{
	static const char three[] = "a,U,7,ro,0 8 zero;b,,,rw;c,,,rw,0 8 error";
	struct dmk_create_options options = { .node_policy = DMK_NODE_NONE };
	struct dmk_concise *concise;
	static volatile int32_t cancel;

	(void)state;
	assert_int_equal(dmk_concise_parse(three, strlen(three), &concise, NULL), 0);
	fake_add_rule(fake, DM_TABLE_LOAD_CMD, 2, 1, FAKE_BEFORE, -EINVAL);
	/* An undo is not cancelled. */
	dmk_set_cancel(dm, &cancel, -1);
	fake->on_call = cancel_later;
	fake->on_call_data = (void *)(uintptr_t)&cancel;
	assert_int_equal(dmk_create_concise(dm, concise, &options), -EINVAL);
	assert_string_equal(dmk_last_error(dm)->device, "c");
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_LOAD);
	assert_int_equal(dmk_last_error(dm)->undo_code, 0);
	assert_null(fake_find(fake, "a"));
	assert_null(fake_find(fake, "b"));
	assert_null(fake_find(fake, "c"));
	dmk_set_cancel(dm, NULL, -1);
	fake->on_call = NULL;

	assert_int_equal(dmk_create_concise(dm, concise, &options), 0);
	assert_int_equal(dmk_last_error(dm)->code, 0);
	assert_int_equal(fake_find(fake, "a")->minor, 7);
	assert_string_equal(fake_find(fake, "a")->uuid, "U");
	assert_true(fake_find(fake, "a")->readonly);
	assert_null(fake_find(fake, "b")->live);
	assert_string_equal(fake_find(fake, "c")->live->targets[0].type, "error");

	/* There already: what was there stays. */
	assert_int_equal(dmk_create_concise(dm, concise, &options), -EBUSY);
	assert_non_null(fake_find(fake, "a"));
	options.uuid = "x";
	assert_int_equal(dmk_create_concise(dm, concise, &options), -EINVAL);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_ARGUMENTS);
	dmk_concise_free(concise);
}

/* An undo that fails is told beside the first error. */
static void undo_fails(void **state)
{
	static const char two[] = "a,,,rw,0 8 zero;a,,,rw,0 8 zero";
	struct dmk_create_options options = { .node_policy = DMK_NODE_NONE };
	struct dmk_concise *concise;

	(void)state;
	assert_int_equal(dmk_concise_parse(two, strlen(two), &concise, NULL), 0);
	fake_add_rule(fake, DM_DEV_REMOVE_CMD, 1, 0, FAKE_BEFORE, -EPERM);
	assert_int_equal(dmk_create_concise(dm, concise, &options), -EBUSY);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_CREATE);
	assert_int_equal(dmk_last_error(dm)->undo_code, -EPERM);
	dmk_concise_free(concise);
}

#define DRIVER_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_texts),  cmocka_unit_test(bad_texts),
		cmocka_unit_test(any_bytes),   cmocka_unit_test(long_names),
		DRIVER_TEST(written_and_read), DRIVER_TEST(keys),
		DRIVER_TEST(boot_words),       DRIVER_TEST(boot_numbers),
		DRIVER_TEST(all_or_none),      DRIVER_TEST(undo_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
