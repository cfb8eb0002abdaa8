/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const struct {
	struct dmk_error err;
	const char *sentence;
} sentences[] = {
	{ { .code = 0, .verb = DMK_VERB_CREATE }, "no error" },
	{ { .code = -EACCES, .verb = DMK_VERB_LIST, .step = DMK_STEP_LIST },
	  "list: Permission denied" },
	{ { .code = -ENODEV,
	    .verb = DMK_VERB_CREATE,
	    .step = DMK_STEP_LOAD,
	    .device = "data",
	    .segment = 1,
	    .target = "linear",
	    .params = "/dev/vdx 4096",
	    .reason = "linear: Device lookup failed (-ENODEV)" },
	  "create 'data': segment 1 (linear): No such device: "
	  "the kernel says: linear: Device lookup failed (-ENODEV); in: /dev/vdx 4096" },
	{ { .code = -ENODEV,
	    .verb = DMK_VERB_CREATE,
	    .step = DMK_STEP_LOAD,
	    .device = "data",
	    .segment = 2,
	    .tries = 10,
	    .spent_ms = 700,
	    .target = "crypt",
	    .params = "(hidden)",
	    .argument = "/dev/vdx",
	    .detail = "it does not exist" },
	  "create 'data': segment 2 (crypt): '/dev/vdx': it does not exist "
	  "(No such device after 10 tries in 0.7 s)" },
	/* The errno's text tells no more than that it was refused. */
	{ { .code = -EINVAL,
	    .verb = DMK_VERB_MESSAGE,
	    .step = DMK_STEP_MESSAGE,
	    .device = "d",
	    .detail = "why" },
	  "message 'd': why" },
	{ { .code = -EBUSY,
	    .verb = DMK_VERB_CREATE,
	    .step = DMK_STEP_CREATE,
	    .device = "d",
	    .detail = "the name is taken" },
	  "create 'd': the name is taken (Device or resource busy)" },
	{ { .code = -EBUSY,
	    .verb = DMK_VERB_REMOVE,
	    .step = DMK_STEP_REMOVE,
	    .device = "d",
	    .detail = "not all processes can be seen from here" },
	  "remove 'd': Device or resource busy: not all processes can be seen from here" },
	{ { .code = -EBUSY,
	    .verb = DMK_VERB_RESUME,
	    .step = DMK_STEP_RESUME,
	    .device = "d",
	    .flags = DMK_ERROR_CHANGED,
	    .detail = "another process was there" },
	  "resume 'd': another process was there (Device or resource busy)" },
	{ { .code = -EBUSY,
	    .verb = DMK_VERB_REMOVE,
	    .step = DMK_STEP_REMOVE,
	    .device = "pool",
	    .tries = 25,
	    .spent_ms = 5049,
	    .n_holders = 2,
	    .holders = { { .kind = DMK_HOLDER_MAPPING, .minor = 3, .name = "thin1" },
			 { .kind = DMK_HOLDER_MOUNT, .where = "/srv", .pid = 812 } } },
	  "remove 'pool': Device or resource busy after 25 tries in 5.0 s: held by dm-3 "
	  "'thin1', "
	  "and by mount /srv (pid 812)" },
	{ { .code = -EBUSY,
	    .verb = DMK_VERB_REMOVE,
	    .step = DMK_STEP_REMOVE,
	    .device = "x",
	    .n_holders = 4,
	    .holders = { { .kind = DMK_HOLDER_LOOP, .major = 7, .minor = 3, .name = "loop3" },
			 { .kind = DMK_HOLDER_SWAP, .where = "/dev/dm-0" },
			 { .kind = DMK_HOLDER_MOUNT, .where = "/a b", .pid = 7, .name = "httpd" },
			 { .kind = DMK_HOLDER_OPEN, .pid = 9, .name = "dd" } } },
	  "remove 'x': Device or resource busy: held by loop3 (7:3), by swap on /dev/dm-0, "
	  "by mount /a b (pid 7, httpd), and by dd (pid 9)" },
	{ { .code = -EBUSY,
	    .verb = DMK_VERB_REMOVE,
	    .step = DMK_STEP_REMOVE,
	    .device = "x",
	    .tries = 1,
	    .n_holders = 1,
	    .holders_more = 3,
	    .holders = { { .kind = DMK_HOLDER_DEVICE,
			   .major = 9,
			   .minor = 127,
			   .name = "md127" } } },
	  "remove 'x': Device or resource busy: held by md127 (9:127), and by 3 more" },
	{ { .code = -EINVAL,
	    .verb = DMK_VERB_PARSE,
	    .step = DMK_STEP_ARGUMENTS,
	    .segment = 2,
	    .line = 3,
	    .column = 7,
	    .target = "zero",
	    .argument = "x",
	    .detail = "one word too many" },
	  "read table: line 3, column 7: segment 2 (zero): 'x': one word too many" },
	{ { .code = -EINVAL,
	    .verb = DMK_VERB_PARSE,
	    .step = DMK_STEP_ARGUMENTS,
	    .segment = 2,
	    .column = 4,
	    .target = "linear",
	    .params = "/a b",
	    .argument = "b",
	    .detail = "not a number" },
	  "read table: segment 2 (linear): 'b': not a number; in: /a b, column 4" },
	{ { .code = -EEXIST,
	    .verb = DMK_VERB_CREATE,
	    .step = DMK_STEP_MAKE_NODE,
	    .device = "d",
	    .argument = "/dev/mapper/d",
	    .detail = "a file stands in the node's place",
	    .undo_code = -EBUSY },
	  "create 'd': make node: '/dev/mapper/d': a file stands in the "
	  "node's place (File exists); "
	  "and undoing it failed: Device or resource busy" },
	{ { .code = -EINVAL, .verb = 999, .step = 999 }, "?: Invalid argument" },
	{ { .code = -4095 }, "dmkit: Unknown error" },
};

static void golden_sentences(void **state)
{
	char text[DMK_ERROR_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(sentences); i++) {
		assert_int_equal(dmk_error_format(&sentences[i].err, text, sizeof(text)),
				 strlen(sentences[i].sentence));
		assert_string_equal(text, sentences[i].sentence);
	}
}

/* Every room from none to more than enough: cut with a NUL, nothing behind it touched. */
static void cut_at_each_size(void **state)
{
	const struct dmk_error err = { .code = -ENODEV,
				       .verb = DMK_VERB_CREATE,
				       .step = DMK_STEP_LOAD,
				       .device = "data",
				       .segment = 1,
				       .target = "linear" };
	char whole[DMK_ERROR_TEXT_SIZE], text[DMK_ERROR_TEXT_SIZE + 1];
	size_t length = dmk_error_format(&err, whole, sizeof(whole));

	(void)state;
	assert_int_equal(length, strlen(whole));
	assert_int_equal(dmk_error_format(&err, NULL, 0), length);
	for (size_t size = 1; size < length + 3; size++) {
		size_t shown = size <= length ? size - 1 : length;

		memset(text, '#', sizeof(text));
		assert_int_equal(dmk_error_format(&err, text, size), length);
		assert_int_equal(strlen(text), shown);
		assert_memory_equal(text, whole, shown);
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], '#');
	}
}

/* What a terminal would act on is not passed through; other bytes are. */
static void control_bytes(void **state)
{
	struct dmk_error err = { .code = -EINVAL, .verb = DMK_VERB_INFO, .step = DMK_STEP_STATUS };
	char text[DMK_ERROR_TEXT_SIZE];

	(void)state;
	snprintf(err.device, sizeof(err.device), "a\n\x1b[31m\x7f\t\xc3\xa4");
	dmk_error_format(&err, text, sizeof(text));
	assert_string_equal(text, "info 'a??[31m??\xc3\xa4': Invalid argument");
}

/* A whole error, each field full to its last byte. */
static void longest_sentence(void **state)
{
	struct dmk_error *err = malloc(sizeof(*err));
	char text[2 * DMK_ERROR_TEXT_SIZE + 4096];
	size_t length;

	(void)state;
	memset(err, 0, sizeof(*err));
	err->code = -ENOTSUP;
	err->undo_code = -ENOTSUP;
	err->verb = DMK_VERB_CANCEL_REMOVE;
	err->step = DMK_STEP_REMOVE_ALL;
	err->segment = err->line = err->column = err->tries = err->holders_more = UINT32_MAX;
	err->spent_ms = INT64_MAX;
	err->n_holders = UINT32_MAX; /* hostile: more than there is room for */
	memset(err->device, 'd', sizeof(err->device) - 1);
	memset(err->target, 't', sizeof(err->target) - 1);
	memset(err->params, 'p', sizeof(err->params) - 1);
	memset(err->argument, 'a', sizeof(err->argument) - 1);
	memset(err->detail, 'e', sizeof(err->detail) - 1);
	memset(err->reason, 'r', sizeof(err->reason) - 1);
	for (size_t i = 0; i < DMK_MAX_HOLDERS; i++) {
		err->holders[i].kind = DMK_HOLDER_MOUNT;
		err->holders[i].pid = INT32_MAX;
		memset(err->holders[i].where, 'w', sizeof(err->holders[i].where) - 1);
		memset(err->holders[i].name, 'n', sizeof(err->holders[i].name) - 1);
	}
	length = dmk_error_format(err, text, sizeof(text));
	assert_int_equal(length, strlen(text));
	/* dmkit.h promises that this much room is always enough. */
	assert_in_range(length, 1, DMK_ERROR_TEXT_SIZE - 1);
	free(err);
}

static void filled_in_one_way(void **state)
{
	struct dmk_error err = { .verb = DMK_VERB_PARSE };
	char word[300];

	(void)state;
	assert_int_equal(dmk_fail(&err, -EINVAL, "at most %d", 7), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.detail, "at most 7");
	assert_int_equal(dmk_fail_word(&err, -ERANGE, "word and more", 4, 9, "too %s", "large"),
			 -ERANGE);
	assert_int_equal(err.code, -ERANGE);
	assert_int_equal(err.column, 9);
	assert_string_equal(err.argument, "word");
	assert_string_equal(err.detail, "too large");
	assert_int_equal(err.verb, DMK_VERB_PARSE);
	memset(word, 'w', sizeof(word));
	dmk_fail_word(&err, -EINVAL, word, sizeof(word), 0, "too long");
	assert_int_equal(strlen(err.argument), sizeof(err.argument) - 1);
	assert_string_equal(err.argument + sizeof(err.argument) - 4, "...");
	/* Nowhere to put it: the code alone. */
	assert_int_equal(dmk_fail(NULL, -EIO, "x"), -EIO);
	assert_int_equal(dmk_fail_word(NULL, -EIO, "w", 1, 1, "x"), -EIO);
}

/* One clause for each state, the worst first. */
static void what_is_left(void **state)
{
	static const struct {
		uint32_t left;
		const char *end;
	} cases[] = {
		{ 0, "resume 'd': Input/output error" },
		{ DMK_LEFT_SUSPENDED | DMK_LEFT_FORMER_LOADED,
		  "; the device stays suspended, with its former table loaded: a resume puts it "
		  "in" },
		{ DMK_LEFT_SUSPENDED | DMK_LEFT_NEW_TABLE,
		  "load one that it can run with, then resume" },
		{ DMK_LEFT_SUSPENDED, "load a table that it can run with before" },
		{ DMK_LEFT_NEW_TABLE, "; the device runs with the new table" },
		{ DMK_LEFT_INACTIVE | DMK_LEFT_UNKNOWN,
		  "; the new table is left in the inactive slot, where the next resume would find "
		  "it; "
		  "what else became of the device could not be asked" },
		{ DMK_LEFT_ERROR_TABLE, "; its table is now `error`: I/O to it fails" },
		{ DMK_LEFT_DONE, "; the rest of it is done, and stays" },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		const struct dmk_error err = { .code = -EIO,
					       .verb = DMK_VERB_RESUME,
					       .step = DMK_STEP_RESUME,
					       .device = "d",
					       .left = cases[i].left };
		char text[DMK_ERROR_TEXT_SIZE];
		size_t length = dmk_error_format(&err, text, sizeof(text));

		assert_string_equal(text + length - strlen(cases[i].end), cases[i].end);
	}
}

static void every_verb_and_step_has_a_name(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= DMK_VERB_UDEV; i++)
		assert_true(dmk_verb_name(i) && dmk_verb_name(i)[0] && dmk_verb_name(i)[0] != '?');
	for (uint32_t i = 1; i <= DMK_STEP_UDEV; i++)
		assert_true(dmk_step_name(i) && dmk_step_name(i)[0] && dmk_step_name(i)[0] != '?');
	assert_string_equal(dmk_verb_name(UINT32_MAX), "?");
	assert_string_equal(dmk_step_name(UINT32_MAX), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_sentences),
		cmocka_unit_test(cut_at_each_size),
		cmocka_unit_test(control_bytes),
		cmocka_unit_test(longest_sentence),
		cmocka_unit_test(filled_in_one_way),
		cmocka_unit_test(what_is_left),
		cmocka_unit_test(every_verb_and_step_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
