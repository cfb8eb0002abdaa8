/* SPDX-License-Identifier: MIT */
#include "../lines.h"

/* As long as a message may be. */
static void long_marks(void **state)
{
	struct dmk_log_writes_message message = { .message = DMK_LOG_WRITES_MARK };
	struct dmk_error err;
	char mark[4065], *text = NULL;

	(void)state;
	memset(mark, 'm', sizeof(mark));
	mark[4063] = '\0';
	message.mark = mark;
	assert_int_equal(dmk_log_writes_format_message(&message, &text, NULL), 0);
	assert_int_equal(strlen(text), 5 + 4063);
	free(text);
	mark[4063] = 'm';
	mark[4064] = '\0';
	assert_int_equal(dmk_log_writes_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "mark");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
