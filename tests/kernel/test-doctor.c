/* SPDX-License-Identifier: MIT */
/* What is wrong, and mending it, through the API: what a command cannot do in between. The kinds of
 * findings are tests/cli/doctor.sh's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "support.h"

/* The only finding, or one of these kinds. */
static struct dmk_finding find(struct dmk *dm, uint32_t kind)
{
	struct dmk_findings *findings;
	struct dmk_finding finding, found = { 0 };

	assert_ok(dm, dmk_examine(dm, NULL, &findings));
	while (dmk_findings_next(findings, &finding) == 1) {
		if (finding.kind == kind)
			found = finding;
	}
	dmk_findings_free(findings);
	return found;
}

static uint32_t count(struct dmk *dm)
{
	struct dmk_findings *findings;
	struct dmk_finding finding;
	uint32_t n = 0;

	assert_ok(dm, dmk_examine(dm, NULL, &findings));
	while (dmk_findings_next(findings, &finding) == 1)
		n++;
	dmk_findings_rewind(findings);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(dmk_findings_next(findings, &finding), 1);
	assert_int_equal(dmk_findings_next(findings, &finding), 0);
	dmk_findings_free(findings);
	return n;
}

static void facts(void **state)
{
	const struct dmk_facts *facts;
	struct dmk_findings *findings;

	make_device(*state, "a", "0 8 zero");
	assert_ok(*state, dmk_examine(*state, NULL, &findings));
	facts = dmk_findings_get_facts(findings);
	assert_int_equal(facts->flags, DMK_FACT_DM | DMK_FACT_CONTROL_NODE | DMK_FACT_LISTED |
					       DMK_FACT_KERNEL_LOG);
	assert_int_equal(facts->n_devices, 1);
	assert_int_equal(facts->control_major, 10);
	assert_int_equal(facts->control_minor, facts->misc_minor);
	assert_int_equal(facts->driver.major, 4);
	dmk_findings_free(findings);
	remove_device(*state, "a");
}

static void bad_options(void **state)
{
	struct dmk_examine_options options = { .flags = 1 };
	struct dmk_finding finding = { .kind = DMK_FINDING_SUSPENDED };
	struct dmk_findings *findings = NULL;

	assert_code(*state, dmk_examine(*state, &options, &findings), -EINVAL);
	options = (struct dmk_examine_options){ .reserved = { 1 } };
	assert_code(*state, dmk_examine(*state, &options, &findings), -EINVAL);
	assert_null(findings);
	assert_code(*state, dmk_mend(*state, &finding), -EOPNOTSUPP);
	finding.flags = DMK_FINDING_CAN_MEND;
	assert_code(*state, dmk_mend(*state, &finding), -EOPNOTSUPP);
}

static void a_sick_status(void **state)
{
	struct dmk_info info = make_device(*state, "it's", "0 16 multipath 0 0 0 0");
	struct dmk_finding finding = find(*state, DMK_FINDING_STATUS_BAD);

	assert_string_equal(finding.name, "it's");
	assert_int_equal(finding.major, info.major);
	assert_int_equal(finding.minor, info.minor);
	assert_int_equal(finding.flags, 0);
	assert_int_equal(finding.start_sectors, 0);
	assert_string_equal(finding.target, "multipath");
	assert_string_equal(finding.field, "paths");
	assert_string_equal(finding.value, "0");
	assert_non_null(strstr(finding.detail, "no path"));
	assert_non_null(strstr(finding.advice, "dmkit replace 'it'\\''s' "));
	assert_code(*state, dmk_mend(*state, &finding), -EOPNOTSUPP);
	remove_device(*state, "it's");
	assert_int_equal(count(*state), 0);
}

static void a_second_table(void **state)
{
	struct dmk_table *table = text_table("0 8 error");
	struct dmk_finding finding;

	make_device(*state, "a", "0 8 zero");
	assert_int_equal(count(*state), 0);
	assert_ok(*state, dmk_load(*state, DMK_NAME("a"), table, NULL, NULL));
	dmk_table_free(table);
	finding = find(*state, DMK_FINDING_SECOND_TABLE);
	assert_string_equal(finding.name, "a");
	assert_int_equal(finding.flags, DMK_FINDING_NOTE);
	assert_int_equal(count(*state), 1);
	assert_ok(*state, dmk_clear(*state, DMK_NAME("a"), NULL));
	assert_int_equal(count(*state), 0);
	remove_device(*state, "a");
}

/* Between the look and the mend the device is renamed, gone, or another one has come. */
static void what_changed_meanwhile_is_left_alone(void **state)
{
	struct dmk_info info = make_device(*state, "a", "0 8 zero");
	struct dmk_finding finding;
	struct stat st;

	assert_int_equal(unlink(node_path("a")), 0);
	finding = find(*state, DMK_FINDING_NODE_MISSING);
	assert_string_equal(finding.name, "a");
	assert_int_equal(finding.minor, info.minor);
	assert_ok(*state, dmk_rename(*state, DMK_NAME("a"), "b", NULL, NULL));
	assert_ok(*state, dmk_mend(*state, &finding));
	assert_int_equal(node_rdev("a"), 0);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("b"), NULL, NULL));
	assert_ok(*state, dmk_mend(*state, &finding));
	assert_int_equal(node_rdev("a"), 0);

	assert_int_equal(mknod(node_path("c"), S_IFBLK | 0600, makedev(info.major, 999)), 0);
	finding = find(*state, DMK_FINDING_NODE_STALE);
	assert_string_equal(finding.path, node_path("c"));
	assert_int_equal(unlink(node_path("c")), 0);
	info = make_device(*state, "c", "0 8 zero");
	assert_ok(*state, dmk_mend(*state, &finding));
	assert_true(node_is("c", &info));
	remove_device(*state, "c");
	/* A file in its place is not what was found. */
	assert_int_equal(mknod(node_path("c"), S_IFREG | 0600, 0), 0);
	assert_ok(*state, dmk_mend(*state, &finding));
	assert_int_equal(stat(node_path("c"), &st), 0);
	assert_int_equal(unlink(node_path("c")), 0);
	assert_int_equal(count(*state), 0);
}

static void nodes_are_synced(void **state)
{
	struct dmk_info a = make_device(*state, "a", "0 8 zero");
	struct dmk_info b = make_device(*state, "b", "0 8 zero");
	struct dmk_info bare;

	assert_ok(*state, dmk_create(*state, "bare", NULL, NULL, &bare));
	assert_int_equal(unlink(node_path("a")), 0);
	assert_int_equal(unlink(node_path("b")), 0);
	assert_int_equal(mknod(node_path("b"), S_IFBLK | 0600, makedev(a.major, a.minor)), 0);
	assert_int_equal(mknod(node_path("gone"), S_IFBLK | 0600, makedev(a.major, 999)), 0);
	/* One alone, then the rest. */
	assert_ok(*state, dmk_sync_nodes(*state, "a"));
	assert_true(node_is("a", &a));
	assert_false(node_is("b", &b));
	assert_int_equal(node_rdev("bare"), 0);
	assert_ok(*state, dmk_sync_nodes(*state, "gone"));
	assert_int_equal(node_rdev("gone"), 0);
	assert_ok(*state, dmk_sync_nodes(*state, "never was"));
	assert_ok(*state, dmk_sync_nodes(*state, NULL));
	assert_true(node_is("b", &b));
	assert_true(node_is("bare", &bare));
	assert_ok(*state, dmk_sync_nodes(*state, NULL));

	/* What is in the way is named, and the others are made all the same. */
	assert_int_equal(unlink(node_path("a")), 0);
	assert_int_equal(unlink(node_path("b")), 0);
	assert_int_equal(mkdir(node_path("a"), 0700), 0);
	assert_code(*state, dmk_sync_nodes(*state, NULL), -EEXIST);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_MAKE_NODE);
	assert_int_equal(dmk_last_error(*state)->verb, DMK_VERB_SYNC_NODES);
	assert_string_equal(dmk_last_error(*state)->device, "a");
	assert_true(node_is("b", &b));
	assert_int_equal(rmdir(node_path("a")), 0);
	assert_code(*state, dmk_sync_nodes(*state, "a/b"), -EINVAL);
	remove_device(*state, "a");
	remove_device(*state, "b");
	remove_device(*state, "bare");
}

int main(void)
{
#define DOCTOR_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		DOCTOR_TEST(facts),
		DOCTOR_TEST(bad_options),
		DOCTOR_TEST(a_sick_status),
		DOCTOR_TEST(a_second_table),
		DOCTOR_TEST(what_changed_meanwhile_is_left_alone),
		DOCTOR_TEST(nodes_are_synced),
	};

	return cmocka_run_group_tests_name("kernel doctor", tests, NULL, NULL);
}
