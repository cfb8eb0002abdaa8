/* SPDX-License-Identifier: MIT */
/* Tables that the kernel refuses: dmkit alone knows it before. And some that both take. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/dm-ioctl.h>

#include "one-target.h"

#define DIGEST " sha256 f0397bd8c690bea77c9d2e76ba7a9f6ece3da4f142e09676caa67b56664800a9 -"

/* What dmkit says, in part. The parameters are those of one segment from sector 0 on. */
static const struct refused {
	const char *type;
	uint64_t length;
	const char *params;
	const char *says;
} refused[] = {
	/* The world: only dmk_table_check() can know. */
	{ "linear", 100, "/dev/ram0 99999999", "its size is 32768 sectors" },
	{ "linear", 32769, "/dev/ram0 0", "there are no 32769 from sector 0 on" },
	{ "linear", 8, "/dev/ram0 32768", "there are no 8 from sector 32768 on" },
	{ "linear", 8, "/dev/nosuch 0", "it does not exist" },
	{ "linear", 8, "/etc/passwd 0", "it is not a block device" },
	{ "linear", 8, "/dev/null 0", "it is not a block device" },
	{ "linear", 8, "259:1048575 0", "there is no block device with this number" },
	{ "linear", 8, "/dev/loop-4k 1", "offset 1 is no multiple" },
	{ "linear", 9, "/dev/loop-4k 0", "the 9 that are taken are no multiple" },
	{ "striped", 65552, "2 8 /dev/ram0 0 /dev/ram1 8", "there are no 32776 from sector 0 on" },
	{ "striped", 65536, "2 8 /dev/ram0 0 /dev/ram1 8", "there are no 32768 from sector 8 on" },
	{ "mirror", 1024, "core 1 1024 2 /dev/ram0 0 /dev/ram1 32000", "from sector 32000 on" },
	{ "delay", 32768, "/dev/ram0 8 0", "from sector 8 on" },
	{ "delay", 8, "/dev/ram0 0 0 /dev/ram1 32768 0", "from sector 32768 on" },
	{ "delay", 8, "/dev/ram0 0 0 /dev/ram1 0 0 /dev/ram2 32764 0", "from sector 32764 on" },
	{ "flakey", 32769, "/dev/ram0 0 1 1", "there are no 32769" },
	{ "crypt", 8, "null-ecb - 0 /dev/ram0 32768", "there are no 8" },
	{ "unstriped", 32768, "2 8 0 /dev/ram0 8", "there are no 32768 from sector 8" },
	{ "dust", 32769, "/dev/ram0 0 512", "there are no 32769" },
	{ "log-writes", 40000, "/dev/ram0 /dev/ram1", "there are no 40000" },
	{ "snapshot-origin", 40000, "/dev/ram0", "there are no 40000" },
	{ "snapshot", 40000, "/dev/ram0 /dev/ram1 N 8", "there are no 40000" },
	{ "switch", 40000, "1 128 0 /dev/ram0 0", "there are no 40000" },
	{ "multipath", 8, "0 0 1 1 round-robin 0 1 1 /dev/nosuch 1", "it does not exist" },
	{ "thin-pool", 8, "/dev/nosuch /dev/ram1 128 0", "it does not exist" },
	{ "verity", 8, "1 /dev/nosuch 1:1 4096 4096 1 0" DIGEST, "it does not exist" },
	{ "raid", 8, "raid1 1 8 2 - /dev/nosuch - /dev/ram1", "it does not exist" },
	{ "nonesuch", 8, "", "this kernel has no target 'nonesuch'" },

	/* The words: refused when they are read. */
	{ "linear", 8, "/dev/ram0", "missing" },
	{ "linear", 8, "/dev/ram0 x", "must be a number of sectors" },
	{ "linear", 8, "/dev/ram0 0 0", "one word too many" },
	{ "striped", 8, "0 8", "must be" },
	{ "striped", 8, "2 8 /dev/ram0 0", "pairs" },
	{ "striped", 9, "2 8 /dev/ram0 0 /dev/ram1 0", "no multiple" },
	{ "delay", 8, "/dev/ram0 0", "missing" },
	{ "flakey", 8, "/dev/ram0 0 0 0", "must be" },
	{ "flakey", 8, "/dev/ram0 0 1 1 1 nosuch", "unknown" },
	{ "mirror", 8, "core 1 1000 2 1:0 0 1:1 0", "power of two" },
	{ "mirror", 8, "core 1 1024 1 1:0 0", "must be a number from 2" },
	{ "thin-pool", 8, "1:0 1:1 127 0", "block-size" },
	{ "thin-pool", 8, "1:0 1:1 128 0 1 nosuch", "unknown" },
	{ "verity", 8, "7 1:0 1:1 4096 4096 1 0" DIGEST, "version" },
	{ "verity", 8, "1 1:0 1:1 4000 4096 1 0" DIGEST, "power of two" },
	{ "unstriped", 8, "0 8 0 /dev/ram0 0", "stripes" },
	{ "crypt", 8, "aes-xts-plain64 00 0", "missing" },
	{ "switch", 8, "2 128 0 1:0 0", "pairs" },
	{ "zero", 8, "x", "too many" },
};

/* That the parameters are dmkit's to refuse, or the table's. */
static bool is_caught(struct dmk *dm, const struct refused *one, char *says, size_t size)
{
	struct dmk_table *table = new_table();
	char *text;
	const struct dmk_error *err;
	bool caught = true;

	assert_true(asprintf(&text, "0 %llu %s %s\n", (unsigned long long)one->length, one->type,
			     one->params) > 0);
	if (dmk_table_parse(table, text, strlen(text)) < 0)
		err = dmk_table_error(table);
	else if (dmk_table_check(dm, table, NULL) < 0)
		err = dmk_last_error(dm);
	else
		caught = false;
	says[0] = '\0';
	if (caught) {
		assert_int_equal(err->segment, 1);
		assert_int_equal(err->verb, DMK_VERB_PARSE);
		dmk_error_format(err, says, size);
	}
	dmk_table_free(table);
	free(text);
	return caught;
}

/* The type in a request that is on its way is "?": so the library reads no parameters. */
static int give_type(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	struct dm_ioctl *io = request;
	struct dm_target_spec *spec = (void *)((char *)request + io->data_start);

	if (command != DM_TABLE_LOAD_CMD)
		return dmk_transport_kernel(dm, command, request, size);
	assert_string_equal(spec->target_type, "?");
	strcpy(spec->target_type, userdata);
	return dmk_transport_kernel(dm, command, request, size);
}

static bool kernel_refuses(const struct refused *one)
{
	const struct dmk_create_options options = { .node_policy = DMK_NODE_NONE };
	struct dmk_table *table = new_table();
	struct dmk *dm;
	int r;

	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(dmk_set_transport(dm, give_type, (void *)(uintptr_t)one->type), 0);
	assert_int_equal(dmk_table_add(table, 0, one->length, "?", one->params), 0);
	r = dmk_create(dm, "refused", table, &options, NULL);
	assert_true(r == 0 || dmk_last_error(dm)->step == DMK_STEP_LOAD);
	if (r == 0)
		assert_ok(dm, dmk_remove(dm, DMK_NAME("refused"), NULL, NULL));
	dmk_table_free(table);
	dmk_free(dm);
	return r < 0;
}

static void check_refused_tables(void **state)
{
	unsigned not_caught = 0, not_refused = 0;

	assert_int_equal(system("truncate -s 16M /dev/shm/loop-4k && "
				"ln -sf $(losetup -f --show -b 4096 /dev/shm/loop-4k) "
				"/dev/loop-4k"),
			 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char says[DMK_ERROR_TEXT_SIZE];

		if (!is_caught(*state, &refused[i], says, sizeof(says)) ||
		    !strstr(says, refused[i].says)) {
			print_error("%s %s: dmkit says '%s', not '%s'\n", refused[i].type,
				    refused[i].params, says, refused[i].says);
			not_caught++;
		}
		if (!kernel_refuses(&refused[i])) {
			print_error("%s %s: the kernel takes it\n", refused[i].type,
				    refused[i].params);
			not_refused++;
		}
	}
	assert_int_equal(system("losetup -d $(readlink /dev/loop-4k) && "
				"rm /dev/loop-4k /dev/shm/loop-4k"),
			 0);
	assert_int_equal(not_caught, 0);
	assert_int_equal(not_refused, 0);
	assert_true(sizeof(refused) / sizeof(refused[0]) >= 40);
}

/* The largest that fits, and what only looks wrong. */
static void check_good_tables(void **state)
{
	static const char *const good[] = {
		"0 32768 linear /dev/ram0 0\n",
		"0 8 linear /dev/ram0 32760\n",
		"0 8 linear 1:0 0\n8 8 linear /dev/ram1 1\n16 8 zero\n",
		"0 65536 striped 2 8 /dev/ram0 0 /dev/ram1 0\n",
		"0 32768 delay /dev/ram0 0 0 /dev/ram1 0 0\n",
		"0 32760 flakey /dev/ram0 8 1 1\n",
		/* To open this number makes a device of md. */
		"0 8 linear 9:200 0\n",
		"0 1000000000 error\n",
		"0 8 multipath 0 0 0 0\n",
		/* A device of size 0 passes in Linux too: there may be no medium yet. */
		"0 8 linear /dev/loop7 8\n",
		/* A store may be smaller than its origin. */
		"0 32768 snapshot /dev/ram0 /dev/ram1 N 8\n",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct dmk_table *table = text_table(good[i]);

		assert_ok(*state, dmk_table_check(*state, table, NULL));
		assert_ok(*state, dmk_create(*state, "good", table, NULL, NULL));
		dmk_table_free(table);
		remove_device(*state, "good");
	}
}

static void check_the_device_itself(void **state)
{
	struct dmk *dm = *state;
	struct dmk_info info = make_device(dm, "self", "0 8 zero\n");
	struct dmk_check_options options = { .device = DMK_NAME("self") };
	struct dmk_table *table = text_table("0 4 zero\n4 4 linear /dev/mapper/self 0\n");

	assert_code(dm, dmk_table_check(dm, table, &options), -EINVAL);
	assert_int_equal(dmk_last_error(dm)->segment, 2);
	assert_string_equal(dmk_last_error(dm)->argument, "/dev/mapper/self");
	options.device = DMK_DEVNO(info.major, info.minor);
	assert_code(dm, dmk_table_check(dm, table, &options), -EINVAL);
	/* Of any other device it may be a part. */
	options.device = DMK_NAME("other");
	assert_ok(dm, dmk_table_check(dm, table, &options));
	assert_ok(dm, dmk_table_check(dm, table, NULL));
	options.reserved[2] = 1;
	assert_code(dm, dmk_table_check(dm, table, &options), -EINVAL);
	dmk_table_free(table);
	remove_device(dm, "self");
}

static void check_versions_and_hints(void **state)
{
	struct dmk *dm = *state;
	struct dmk_table *table = text_table("0 1048576 linear /dev/ram0 8\n");

	assert_code(dm, dmk_table_check(dm, table, NULL), -EINVAL);
	assert_true(dmk_last_error(dm)->meant_sectors == 2048);
	dmk_table_free(table);
	table = text_table("0 8 linear /dev/ram0 1048576\n");
	assert_code(dm, dmk_table_check(dm, table, NULL), -EINVAL);
	assert_true(dmk_last_error(dm)->meant_sectors == 2048);
	dmk_table_free(table);
	/* No more than the device has: sectors, then, and a few too many. */
	table = text_table("0 32768 linear /dev/ram0 512\n");
	assert_code(dm, dmk_table_check(dm, table, NULL), -EINVAL);
	assert_true(dmk_last_error(dm)->meant_sectors == 0);
	dmk_table_free(table);
	table = text_table("0 32257 linear /dev/ram0 1024\n");
	assert_code(dm, dmk_table_check(dm, table, NULL), -EINVAL);
	assert_true(dmk_last_error(dm)->meant_sectors == 0);
	dmk_table_free(table);
	/* The kernel says no more than EINVAL: the device's size comes from the check. */
	table = text_table("0 100 linear /dev/ram0 99999999\n");
	assert_code(dm, dmk_create(dm, "t", table, NULL, NULL), -EINVAL);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_LOAD);
	assert_string_equal(dmk_last_error(dm)->detail,
			    "its size is 32768 sectors: there are no 100 from sector 99999999 on");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(check_refused_tables),
		KERNEL_TEST(check_good_tables),
		KERNEL_TEST(check_the_device_itself),
		KERNEL_TEST(check_versions_and_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
