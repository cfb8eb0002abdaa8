/* SPDX-License-Identifier: MIT */
/*
 * No key remains in memory. Each test gives the library a key made at random, in every way there
 * is, lets it fail and succeed, frees what it made, and then looks through all of its own memory,
 * stack and heap, for any eight bytes of the key, as bytes or as hex digits. The test itself keeps
 * the key masked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "key-scan.h"
#include "support.h"

/* In every place where it could be left, it would be found. */
static void the_scan_finds_a_key(void **state)
{
	static uint8_t in_data[KEY_SIZE];
	char *in_heap = with_key("x", "y");
	char on_stack[HEX_SIZE];
	uint8_t *mapped =
		mmap(NULL, WINDOW * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(mapped != MAP_FAILED);
	assert_true(scan() >= HEX_SIZE / (2 * PIECE));
	free_text(in_heap);
	assert_int_equal(scan(), 0);
	put_hex(on_stack);
	assert_true(scan() > 0);
	wipe(on_stack, sizeof(on_stack));
	for (int i = 0; i < KEY_SIZE; i++)
		in_data[i] = masked[i] ^ MASK;
	assert_true(scan() >= KEY_SIZE / PIECE);
	wipe(in_data, sizeof(in_data));
	/* One piece alone, across the border of two windows. */
	for (int i = 0; i < PIECE; i++)
		mapped[WINDOW - 4 + i] = masked[24 + i] ^ MASK;
	assert_true(scan() > 0);
	munmap(mapped, WINDOW * 3);
	assert_int_equal(scan(), 0);
}

/* As the device's table has it now: as text, as values, as keys, and as another table. */
static void read_table_back(struct dmk *dm)
{
	struct dmk_key_value pairs[32];
	struct dmk_key_values values;
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_crypt crypt;
	struct dmk_table *table;
	char *hidden = NULL;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_true(count_pieces((const uint8_t *)segment.params, strlen(segment.params)) > 0);
	if (strcmp(segment.type, "crypt") == 0) {
		assert_int_equal(dmk_crypt_parse_table(segment.params, &crypt, NULL), 0);
		dmk_crypt_clear(&crypt);
	}
	assert_int_equal(dmk_params_hide_keys(segment.type, segment.params, &hidden), 1);
	assert_int_equal(count_pieces((const uint8_t *)hidden, strlen(hidden)), 0);
	free(hidden);
	assert_int_equal(dmk_params_to_keys(segment.type, segment.params, &values, NULL), 0);
	memcpy(pairs, values.items, values.count * sizeof(pairs[0]));
	pairs[values.count] = (struct dmk_key_value){ .key = "size", .value = "8s" };
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, segment.type, pairs, values.count + 1), 0);
	dmk_table_free(table);
	dmk_key_values_clear(&values);
	dmk_segments_free(segments);
}

static void a_table_of_text(void **state)
{
	char *text = with_key("0 8 zero\n8 8 crypt aes-xts-plain64 ",
			      " 0 " RAM0 " 0\n16 8 zero\n24 8 linear " RAM0 " 0\n");
	struct dmk_table *table = text_table(text);
	struct dmk_segments *segments;

	free_text(text);
	/* It grows, and each growth moves it. */
	for (int i = 0; i < 300; i++)
		assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "zero", NULL), 0);
	assert_ok(*state, dmk_create(*state, "a", table, NULL, NULL));
	assert_ok(*state, dmk_load(*state, DMK_NAME("a"), table, NULL, NULL));
	assert_ok(*state, dmk_replace(*state, DMK_NAME("a"), table, NULL, NULL));
	dmk_table_reset(table);
	assert_int_equal(scan(), 0);
	dmk_table_free(table);
	/* A reply that grows as well. */
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), NULL, &segments));
	dmk_segments_free(segments);
	assert_int_equal(scan(), 0);
	remove_device(*state, "a");
	assert_int_equal(scan(), 0);
}

static void a_table_of_values(void **state)
{
	char *key = with_key("", "");
	struct dmk_crypt crypt = { .cipher = "aes-xts-plain64", .key = key };
	struct dmk_table *table;
	char device[512] = "/dev";

	/* What follows the key makes the text grow, which moves it. */
	for (int i = 0; i < 200; i++)
		strcat(device, "/");
	crypt.device = strcat(device, "ram0");

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_crypt(table, 0, 8, &crypt), 0);
	/* The caller's, and one in the table: no other was left on the way. */
	assert_int_equal(scan(), 2 * HEX_SIZE / (2 * PIECE));
	assert_ok(*state, dmk_create(*state, "a", table, NULL, NULL));
	dmk_table_free(table);
	free_text(key);
	assert_int_equal(scan(), 0);
	read_table_back(*state);
	assert_int_equal(scan(), 0);
	remove_device(*state, "a");
}

static void a_table_of_integrity(void **state)
{
	static const uint8_t zeros[8192];
	char *key = with_key("", "");
	struct dmk_integrity integrity = { .device = RAM1,
					   .mode = DMK_INTEGRITY_JOURNAL,
					   .internal_hash = "hmac(sha256)",
					   .internal_hash_key = key,
					   .journal_mac = "hmac(sha256)",
					   .journal_mac_key = key };
	struct dmk_table *table;

	assert_true(write_at(RAM1, 0, zeros, sizeof(zeros)));
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_integrity(table, 0, 8000, &integrity), 0);
	assert_ok(*state, dmk_create(*state, "a", table, NULL, NULL));
	dmk_table_free(table);
	free_text(key);
	read_table_back(*state);
	remove_device(*state, "a");
	assert_int_equal(scan(), 0);
}

static void no_key_in(const struct dmk_error *err)
{
	char sentence[DMK_ERROR_TEXT_SIZE];

	assert_true(err->code < 0);
	dmk_error_format(err, sentence, sizeof(sentence));
	assert_int_equal(count_pieces((const uint8_t *)err, sizeof(*err)), 0);
	assert_int_equal(count_pieces((const uint8_t *)sentence, strlen(sentence)), 0);
}

/* The former table is read before a swap, kept, and loaded again: with its key. */
static void a_swap_that_is_refused(void **state)
{
	static const uint8_t zeros[65536];
	struct dmk_table *handover = text_table("0 8 snapshot " RAM1 " /dev/ram2 P 8");
	char *text = with_key("0 8 crypt aes-xts-plain64 ", " 0 " RAM0 " 0");

	assert_true(write_at("/dev/ram2", 0, zeros, sizeof(zeros)));
	make_device(*state, "s", "0 8 snapshot " RAM1 " /dev/ram2 P 8");
	make_device(*state, "a", text);
	free_text(text);
	assert_code(*state, dmk_replace(*state, DMK_NAME("a"), handover, NULL, NULL), -EINVAL);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_RESUME);
	assert_int_equal(dmk_last_error(*state)->left, 0);
	no_key_in(dmk_last_error(*state));
	assert_int_equal(scan(), 0);
	read_table_back(*state);
	assert_ok(*state, dmk_load(*state, DMK_NAME("a"), handover, NULL, NULL));
	assert_code(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL), -EINVAL);
	assert_int_equal(scan(), 0);
	/* One that is refused at the load, and one that is taken. */
	dmk_table_reset(handover);
	assert_int_equal(dmk_table_add(handover, 0, 8, "linear", "/dev/none 0"), 0);
	assert_code(*state, dmk_replace(*state, DMK_NAME("a"), handover, NULL, NULL),
		    no_such_path());
	assert_int_equal(scan(), 0);
	dmk_table_reset(handover);
	assert_int_equal(dmk_table_add(handover, 0, 8, "zero", NULL), 0);
	assert_ok(*state, dmk_replace(*state, DMK_NAME("a"), handover, NULL, NULL));
	assert_int_equal(scan(), 0);
	dmk_table_free(handover);
	remove_device(*state, "a");
	remove_device(*state, "s");
}

static void a_message(void **state)
{
	struct dmk_message_options secret = { .flags = DMK_MESSAGE_SECRET };
	struct dmk_crypt_message message = { .message = DMK_CRYPT_KEY_SET };
	struct dmk_key_value pair = { .key = "key" };
	char *key = with_key("", ""), *text, zeros[HEX_SIZE + 1];
	char *table = with_key("0 8 crypt aes-xts-plain64 ", " 0 " RAM0 " 0");

	memset(zeros, '1', HEX_SIZE);
	zeros[HEX_SIZE] = '\0';
	make_device(*state, "a", table);
	free_text(table);
	message.key = key;
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("a"), NULL, NULL));
	assert_int_equal(dmk_crypt_format_message(&message, &text, NULL), 0);
	assert_ok(*state, dmk_message(*state, DMK_NAME("a"), text, &secret, NULL));
	free_text(text);
	pair.value = key;
	assert_int_equal(dmk_message_from_keys("crypt", "key-set", &pair, 1, &text, NULL), 0);
	free_text(key);
	assert_ok(*state, dmk_message(*state, DMK_NAME("a"), text, &secret, NULL));
	assert_int_equal(scan() > 0, 1); /* the caller's text */
	free_text(text);
	assert_int_equal(scan(), 0);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL));
	read_table_back(*state);
	/* Refused: not suspended, and no such device. */
	text = with_key("key set ", "");
	assert_int_equal(dmk_message(*state, DMK_NAME("a"), text, &secret, NULL), -EINVAL);
	assert_int_equal(dmk_message(*state, DMK_NAME("b"), text, &secret, NULL), -ENXIO);
	free_text(text);
	assert_int_equal(scan(), 0);
	remove_device(*state, "a");
}

static void loads_that_fail(void **state)
{
	const struct {
		const char *before, *behind;
		int code;
	} cases[] = {
		{ "0 8 crypt aes-xts-plain64 ", " 0 /dev/no-such-device 0", no_such_path() },
		{ "0 8 crypt aes-xts-plain64 ", " 0 /dev/null 0", no_block_device() },
		{ "0 8 crypt aes-xts-plain64 ", " 0 250:77 0", -ENXIO },
		{ "0 8 crypt no-such-cipher ", " 0 " RAM0 " 0", -ENOENT },
		{ "0 8 crypt aes-cbc-brand-new ", " 0 " RAM0 " 0", -EINVAL },
		{ "0 8 crypt aes-xts-plain64 ", " 0 " RAM0 " 0 1 high_priority",
		  linux_since(6, 10) ? 0 : -EINVAL },
		{ "0 8 crypt aes-xts-plain64 ", " 0 " RAM0 " 32768", -EINVAL },
		{ "0 8 integrity /dev/no-such-device 0 - J 1 internal_hash:hmac(sha256):", "",
		  no_such_path() },
		{ "0 8 integrity " RAM0 " 0 - J 1 internal_hash:hmac(no-such-hash):", "", -ENOENT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = with_key(cases[i].before, cases[i].behind);
		struct dmk_table *table = text_table(text);
		int r = dmk_create(*state, "a", table, NULL, NULL);

		free_text(text);
		assert_int_equal(r, cases[i].code);
		dmk_table_free(table);
		if (r == 0) {
			remove_device(*state, "a");
			continue;
		}
		assert_string_equal(dmk_last_error(*state)->params, "(hidden)");
		no_key_in(dmk_last_error(*state));
		assert_false(device_exists(*state, "a"));
		assert_int_equal(scan(), 0);
	}
}

static void texts_that_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "0 8 crypt ", "" },
		{ "0 8 crypt aes-xts-plain64 ", "0 0 " RAM0 " 0" },
		{ "0 8 crypt aes-xts-plain64 ", " " RAM0 " 0 0" },
		{ "0 8 crypt aes-xts-plain64 0 ", " " RAM0 " 0" },
		{ "0 8 crypt aes-xts-plain64 - 0 " RAM0 " 0 1 ", "" },
		{ "0 7 crypt aes-xts-plain64 ", " 0 " RAM0 " 0 1 sector_size:4096" },
		{ "0 8 integrity " RAM0 " 0 - J 1 internal_hash:hmac(sha256):", "f" },
		{ "0 8 integrity " RAM0 " 0 - J 1 internal_hsh:hmac(sha256):", "" },
		{ "0 8 integrity " RAM0 " 0 - J internal_hash:hmac(sha256):", "" },
		/* The second line is at fault, the first one is taken back. */
		{ "0 8 crypt aes-xts-plain64 ", " 0 " RAM0 " 0\n8 8 linear x" },
	};
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = with_key(cases[i][0], cases[i][1]);
		struct dmk_crypt crypt;
		struct dmk_error err;

		assert_int_equal(dmk_table_parse(table, text, strlen(text)), -EINVAL);
		assert_int_equal(dmk_crypt_parse_table(text, &crypt, &err), -EINVAL);
		free_text(text);
		no_key_in(dmk_table_error(table));
		no_key_in(&err);
		/* The table was not freed yet. */
		assert_int_equal(scan(), 0);
	}
	dmk_table_free(table);
}

static char trace[65536];
static size_t trace_length;

static int tracing(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	(void)userdata;
	trace_length += dmk_request_format(command, request, size, trace + trace_length,
					   sizeof(trace) - trace_length);
	return dmk_transport_kernel(dm, command, request, size);
}

static void traces(void **state)
{
	struct dmk_message_options secret = { .flags = DMK_MESSAGE_SECRET };
	char *table = with_key("0 8 crypt aes-xts-plain64 ", " 0 " RAM0 " 0");
	char *text = with_key("key set ", "");
	struct dmk *dm;

	(void)state;
	trace_length = 0;
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, tracing, NULL), 0);
	make_device(dm, "a", table);
	assert_ok(dm, dmk_suspend(dm, DMK_NAME("a"), NULL, NULL));
	assert_ok(dm, dmk_message(dm, DMK_NAME("a"), text, &secret, NULL));
	assert_ok(dm, dmk_resume(dm, DMK_NAME("a"), NULL, NULL));
	read_table_back(dm);
	remove_device(dm, "a");
	free_text(table);
	free_text(text);
	assert_true(trace_length < sizeof(trace));
	assert_non_null(
		strstr(trace, "DM_TABLE_LOAD name=a flags=secure-data targets=1: (hidden)"));
	assert_non_null(strstr(trace, "DM_TARGET_MSG name=a flags=secure-data sector=0: (hidden)"));
	assert_int_equal(count_pieces((const uint8_t *)trace, trace_length), 0);
	/* The connection is still there. */
	assert_int_equal(scan(), 0);
	dmk_free(dm);
}

static int dumped_loads, dumped_messages;

/* As if the process crashed in the request. */
static int crashing(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	(void)userdata;
	if (command == 9) { /* DM_TABLE_LOAD */
		dumped_loads++;
		assert_int_equal(scan_mappings(true), 0);
	} else if (command == 14) { /* DM_TARGET_MSG */
		dumped_messages++;
		assert_int_equal(scan_mappings(true), 0);
	}
	return dmk_transport_kernel(dm, command, request, size);
}

static void no_core_dump_has_it(void **state)
{
	char *text = with_key("0 8 crypt aes-xts-plain64 ", " 0 " RAM0 " 0");
	struct dmk_table *table = text_table(text);
	struct dmk_segments *segments;
	char *message =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct dmk *dm;

	(void)state;
	free_text(text);
	assert_true(message != MAP_FAILED);
	assert_int_equal(madvise(message, 4096, MADV_DONTDUMP), 0);
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, crashing, NULL), 0);
	assert_int_equal(scan_mappings(true), 0); /* the table */
	assert_ok(dm, dmk_create(dm, "a", table, NULL, NULL));
	dmk_table_free(table);
	assert_ok(dm, dmk_get_table(dm, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(scan_mappings(true), 0);
	dmk_segments_free(segments);
	assert_ok(dm, dmk_suspend(dm, DMK_NAME("a"), NULL, NULL));
	*put_hex(stpcpy(message, " KEY\tset ")) = '\0';
	assert_ok(dm, dmk_message(dm, DMK_NAME("a"), message, NULL, NULL));
	munmap(message, 4096);
	assert_true(dumped_loads > 0 && dumped_messages > 0);
	remove_device(dm, "a");
	dmk_free(dm);
	assert_int_equal(scan(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_key, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_scan_finds_a_key), TEST(a_table_of_text),	  TEST(a_table_of_values),
		TEST(a_table_of_integrity), TEST(a_swap_that_is_refused), TEST(a_message),
		TEST(loads_that_fail),	    TEST(texts_that_are_refused), TEST(traces),
		TEST(no_core_dump_has_it),
	};

	return cmocka_run_group_tests_name("secret memory", tests, NULL, NULL);
}
