/* SPDX-License-Identifier: MIT */
/* A stack as it is added: what is refused at once, and what as a whole, with device and line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"
#include "base/util.h"
#include "dmkit-stack.h"
#include "fault/fake.h"

static struct dmk_stack *stack;

static int begin(void **state)
{
	(void)state;
	return dmk_stack_new("st", &stack);
}

static int end(void **state)
{
	(void)state;
	dmk_stack_free(stack);
	return 0;
}

static void add(const char *name, uint32_t line)
{
	const struct dmk_stack_device options = { .line = line };

	assert_int_equal(dmk_stack_add_device(stack, name, &options), 0);
}

static void add_raw(uint64_t length, const char *type, const char *params)
{
	assert_int_equal(dmk_stack_add_segment(stack, DMK_NEXT, length, type, params), 0);
}

static void assert_error(const struct dmk_error *err, int code, const char *device, uint32_t line,
			 const char *argument, const char *detail)
{
	assert_int_equal(err->code, code);
	assert_string_equal(err->device, device);
	assert_int_equal(err->line, line);
	assert_string_equal(err->argument, argument);
	if (!strstr(err->detail, detail))
		fail_msg("'%s' is not in '%s'", detail, err->detail);
}

/* The stack as a whole. */
static void assert_refused(const struct dmk_stack_options *options, int code, const char *device,
			   uint32_t line, const char *argument, const char *detail)
{
	struct fake *fake = fake_new(47);
	struct dmk_plan *plan;
	struct dmk *dm;

	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, fake_transport, fake), 0);
	assert_int_equal(dmk_stack_plan(dm, stack, options, &plan), code);
	assert_error(dmk_last_error(dm), code, device, line, argument, detail);
	/* Before anything is asked. */
	assert_int_equal(fake->calls, 0);
	dmk_free(dm);
	fake_free(fake);
}

static char *table_of(const char *name)
{
	struct fake *fake = fake_new(47);
	struct dmk_plan_step step;
	struct dmk_plan *plan;
	char *text = NULL;
	struct dmk *dm;
	int r;

	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, fake_transport, fake), 0);
	r = dmk_stack_plan(dm, stack, NULL, &plan);
	if (r < 0)
		fail_msg("%s: %s", dmk_last_error(dm)->device, dmk_last_error(dm)->detail);
	while (dmk_plan_next(plan, &step) == 1)
		if (strcmp(step.name, name) == 0)
			text = strdup(step.after);
	dmk_plan_free(plan);
	dmk_free(dm);
	fake_free(fake);
	return text;
}

static void names(void **state)
{
	static const char *const bad[] = { "",
					   "a-b",
					   "a b",
					   "a/b",
					   "\xc3\xa4",
					   "01234567890123456789012345678901234567890123456789012"
					   "345678901234" };
	struct dmk_stack *other;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++)
		assert_true(dmk_stack_new(bad[i], &other) < 0);
	assert_int_equal(dmk_stack_new("A.b_c+9", &other), 0);
	assert_string_equal(dmk_stack_name(other), "A.b_c+9");
	dmk_stack_free(other);
	dmk_stack_free(NULL);
}

static void devices(void **state)
{
	static const char *const bad[] = { "", "a/b", "a b", "a:b", "..", "control", "a\\b" };
	struct dmk_stack_device options = { .line = 7 };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++)
		assert_true(dmk_stack_add_device(stack, bad[i], &options) < 0);
	add("a", 3);
	assert_int_equal(dmk_stack_add_device(stack, "a", &options), -EEXIST);
	assert_error(dmk_stack_error(stack), -EEXIST, "a", 7, "a", "of this name already");
	options.uuid = "a"; /* that of a, whose name it is */
	assert_int_equal(dmk_stack_add_device(stack, "b", &options), -EEXIST);
	assert_error(dmk_stack_error(stack), -EEXIST, "b", 7, "DMKIT-st-a", "of this uuid already");
	options.uuid = "";
	assert_int_equal(dmk_stack_add_device(stack, "b", &options), -EINVAL);
	options.uuid = NULL;
	options.mode = 01777;
	assert_int_equal(dmk_stack_add_device(stack, "b", &options), -EINVAL);
	options.mode = 0;
	options.flags = DMK_CREATE_EPHEMERAL;
	assert_int_equal(dmk_stack_add_device(stack, "b", &options), -EINVAL);
	options.flags = 0;
	options.reserved[1] = 1;
	assert_int_equal(dmk_stack_add_device(stack, "b", &options), -EINVAL);
	assert_int_equal(dmk_stack_count(stack), 1);
}

static void uuids(void **state)
{
	char name[DMK_NAME_SIZE + 1];

	(void)state;
	memset(name, 'n', 119);
	name[119] = '\0';
	assert_int_equal(dmk_stack_add_device(stack, name, NULL), 0); /* 9 + 119 bytes */
	memset(name, 'm', 120);
	name[120] = '\0';
	assert_int_equal(dmk_stack_add_device(stack, name, NULL), -ENAMETOOLONG);
}

static void segments(void **state)
{
	const struct dmk_key_value no_key[] = { { .key = "devise", .value = "8:0" } };
	const struct dmk_key_value bad[] = { { .key = "device", .value = "8:0" },
					     { .key = "size", .value = "many" } };

	(void)state;
	assert_int_equal(dmk_stack_add_segment(stack, DMK_NEXT, 8, "zero", NULL), -EINVAL);
	assert_int_equal(dmk_stack_add_message(stack, "a", "text"), -EINVAL);
	add("a", 4);
	assert_int_equal(dmk_stack_add_keys(stack, "linear", no_key, 1), -EINVAL);
	assert_error(dmk_stack_error(stack), -EINVAL, "a", 4, "devise", "no such key");
	assert_int_equal(dmk_stack_add_keys(stack, "linear", bad, 2), -EINVAL);
	assert_error(dmk_stack_error(stack), -EINVAL, "a", 4, "size", "");
	assert_int_equal(dmk_stack_add_keys(stack, "liner", bad, 1), -EINVAL);
	assert_int_equal(dmk_stack_add_segment(stack, DMK_NEXT, 8, "linear", "8:0"), -EINVAL);
	assert_int_equal(dmk_stack_add_segment(stack, DMK_NEXT, 0, "zero", ""), -EINVAL);
	assert_int_equal(dmk_stack_error(stack)->segment, 1);
	add_raw(8, "zero", "");
	assert_int_equal(dmk_stack_add_segment(stack, DMK_NEXT, 8, "zero", "much"), -EINVAL);
	assert_int_equal(dmk_stack_error(stack)->segment, 2);
	assert_int_equal(dmk_stack_add_message(stack, "a", ""), -EINVAL);
}

static void unknown_names(void **state)
{
	const struct dmk_key_value on_x[] = { { .key = "device", .value = "@x" } };

	(void)state;
	add("a", 2);
	add_raw(8, "linear", "@b 0");
	assert_refused(NULL, -EINVAL, "a", 2, "@b", "no such device");
	add("b", 5);
	assert_int_equal(dmk_stack_add_keys(stack, "linear", on_x, 1), 0);
	assert_refused(NULL, -EINVAL, "b", 5, "@x", "no such device");
	add("x", 6);
	add_raw(8, "zero", "");
	assert_int_equal(dmk_stack_add_message(stack, "y", "text"), 0);
	assert_refused(NULL, -EINVAL, "x", 6, "y", "no such device");
}

static void circles(void **state)
{
	(void)state;
	add("over", 1);
	add_raw(8, "linear", "@a 0");
	add("a", 2);
	add_raw(8, "linear", "@b 0");
	add("b", 3);
	add_raw(8, "linear", "@c 0");
	add("c", 4);
	add_raw(8, "linear", "@a 0");
	assert_refused(NULL, -EINVAL, "a", 2, "", "it stands on itself: a > b > c > a");
}

static void circle_of_one(void **state)
{
	(void)state;
	add("a", 2);
	add_raw(8, "linear", "@a 0");
	assert_refused(NULL, -EINVAL, "a", 2, "", "it stands on itself: a > a");
}

static void circle_of_sizes(void **state)
{
	const struct dmk_key_value on_a[] = { { .key = "device", .value = "@a" } };
	const struct dmk_key_value on_b[] = { { .key = "device", .value = "@b" } };

	(void)state;
	add("a", 2);
	assert_int_equal(dmk_stack_add_keys(stack, "linear", on_b, 1), 0);
	add("b", 3);
	assert_int_equal(dmk_stack_add_keys(stack, "linear", on_a, 1), 0);
	assert_refused(NULL, -EINVAL, "b", 3, "", "its size follows from its own");
}

static void no_table(void **state)
{
	(void)state;
	add("a", 9);
	assert_refused(NULL, -EINVAL, "a", 9, "", "no table");
}

static void gap(void **state)
{
	(void)state;
	add("a", 9);
	assert_int_equal(dmk_stack_add_segment(stack, 0, 8, "zero", ""), 0);
	assert_int_equal(dmk_stack_add_segment(stack, 16, 8, "zero", ""), 0);
	assert_refused(NULL, -EINVAL, "a", 9, "", "a gap of 8 sectors");
}

/* Of devices that come later, of several segments, less an offset, in whole stripes. */
static void sizes(void **state)
{
	const struct dmk_key_value on_b[] = { { .key = "device", .value = "@b" },
					      { .key = "offset", .value = "16s" } };
	const struct dmk_key_value stripes[] = { { .key = "chunk", .value = "8s" },
						 { .key = "device", .value = "@a:8s" },
						 { .key = "device", .value = "@b" } };
	char *text;

	(void)state;
	add("s", 0);
	assert_int_equal(dmk_stack_add_keys(stack, "striped", stripes, 3), 0);
	add("a", 0);
	assert_int_equal(dmk_stack_add_keys(stack, "linear", on_b, 2), 0);
	add("b", 0);
	add_raw(64, "zero", "");
	add_raw(68, "linear", "8:0 0");
	text = table_of("a");
	assert_string_equal(text, "0 116 linear @b 16");
	free(text);
	text = table_of("s");
	assert_string_equal(text, "0 208 striped 2 8 @a 8 @b 0");
	free(text);
}

static struct dmk_error noted;
static unsigned n_noted;

static void note(void *userdata, const struct dmk_error *err)
{
	(void)userdata;
	noted = *err;
	n_noted++;
}

/* An apply with a timeout waits for a disk whose size it has to ask; a plan does not. */
static void late_disk(void **state)
{
	const struct dmk_stack_options shortly = { .timeout_ms = 50 };
	struct dmk_key_value late[] = { { "device", "/dev/mapper/no-such", 0 } };
	struct fake *fake = fake_new(47);
	const struct dmk_error *err;
	struct dmk_plan *plan;
	struct dmk *dm;

	(void)state;
	add("l", 3);
	assert_int_equal(dmk_stack_add_keys(stack, "linear", late, 1), 0);
	assert_int_equal(dmk_new(&dm), 0);
	err = dmk_last_error(dm);
	assert_int_equal(dmk_set_transport(dm, fake_transport, fake), 0);
	assert_int_equal(dmk_stack_apply(dm, stack, &shortly, NULL), -ENOENT);
	assert_in_range(err->tries, 2, 100);
	assert_in_range(err->spent_ms, 40, 20000);
	assert_error(err, -ENOENT, "l", 3, "/dev/mapper/no-such", "its size cannot be asked");
	assert_int_equal(err->verb, DMK_VERB_STACK_APPLY);
	assert_int_equal(dmk_stack_apply(dm, stack, NULL, NULL), -ENOENT);
	assert_in_range(err->tries, 0, 1);
	assert_int_equal(dmk_stack_plan(dm, stack, &shortly, &plan), -ENOENT);
	assert_in_range(err->tries, 0, 1);
	assert_int_equal(fake->calls, 0);
	dmk_free(dm);
	fake_free(fake);
}

static void overlaps(void **state)
{
	const struct dmk_stack_options told = { .note = note };
	const struct dmk_stack_options strict = { .flags = DMK_STACK_STRICT };
	struct fake *fake = fake_new(47);
	struct dmk_plan *plan;
	struct dmk *dm;

	(void)state;
	add("base", 1);
	add_raw(64, "linear", "8:0 0");
	add("a", 2);
	add_raw(32, "linear", "@base 0");
	add("b", 3);
	add_raw(32, "linear", "@base 32");
	add("o", 4);
	add_raw(32, "snapshot-origin", "@b");
	add("snap", 4);
	add_raw(32, "snapshot", "@b 8:16 P 8");
	add("other", 4);
	add_raw(32, "snapshot", "@b 8:32 P 8");
	add("twice", 5);
	add_raw(8, "linear", "@a 0");
	add_raw(8, "linear", "@a 0");
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, fake_transport, fake), 0);
	assert_int_equal(dmk_stack_plan(dm, stack, &strict, &plan), 0);
	dmk_plan_free(plan);
	add("c", 7);
	add_raw(16, "linear", "@base 24");
	n_noted = 0;
	assert_int_equal(dmk_stack_plan(dm, stack, &told, &plan), 0);
	dmk_plan_free(plan);
	assert_int_equal(n_noted, 2);
	assert_error(&noted, 0, "b", 3, "@base", "sectors 32 to 39 of it are device 'c' too");
	dmk_free(dm);
	fake_free(fake);
	assert_refused(&strict, -EEXIST, "c", 7, "@base", "sectors 24 to 31 of it are device 'a'");
}

static void options(void **state)
{
	const struct dmk_stack_options unknown = { .flags = 1 << 20 };
	const struct dmk_stack_options time = { .timeout_ms = -2 };

	(void)state;
	add("a", 1);
	add_raw(8, "zero", "");
	assert_refused(&unknown, -EINVAL, "st", 0, "", "");
	assert_refused(&time, -EINVAL, "st", 0, "", "timeout");
}

#define STACK_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STACK_TEST(names),	   STACK_TEST(devices),		STACK_TEST(uuids),
		STACK_TEST(segments),	   STACK_TEST(unknown_names),	STACK_TEST(circles),
		STACK_TEST(circle_of_one), STACK_TEST(circle_of_sizes), STACK_TEST(no_table),
		STACK_TEST(gap),	   STACK_TEST(sizes),		STACK_TEST(overlaps),
		STACK_TEST(late_disk),	   STACK_TEST(options),
	};

	return cmocka_run_group_tests_name("stack text", tests, NULL, NULL);
}
