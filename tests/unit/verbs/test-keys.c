/* SPDX-License-Identifier: MIT */
/* dmk_get_blockdev() is replaced here (-Wl,--wrap): devices of known sizes. */
#include "../lines.h"

#define DIGEST "f0397bd8c690bea77c9d2e76ba7a9f6ece3da4f142e09676caa67b56664800a9"
#define SHA1 "0123456789abcdef0123456789abcdef01234567"

int __wrap_dmk_get_blockdev(const char *device, struct dmk_blockdev *ret_blockdev);

int __wrap_dmk_get_blockdev(const char *device, struct dmk_blockdev *ret_blockdev)
{
	static const struct {
		const char *device;
		uint64_t sectors;
	} devices[] = {
		{ "/dev/a", 1000 }, { "/dev/b", 777 }, { "8:0", 5000 }, { "/dev/tiny", 3 }
	};

	for (size_t i = 0; i < DMK_ARRAY_SIZE(devices); i++) {
		if (strcmp(devices[i].device, device) == 0) {
			*ret_blockdev =
				(struct dmk_blockdev){ .size_bytes = devices[i].sectors * 512 };
			return 0;
		}
	}
	return -ENOENT;
}

/* "key=value key=value ..." into pairs. */
static uint32_t split(char *line, struct dmk_key_value *pairs, uint32_t room)
{
	uint32_t n = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *equals = strchr(word, '=');

		assert_true(equals && n < room);
		*equals = '\0';
		pairs[n++] = (struct dmk_key_value){ .key = word, .value = equals + 1 };
	}
	return n;
}

static int add(struct dmk_table *table, const char *type, const char *words)
{
	struct dmk_key_value pairs[64];
	char *line = strdup(words);
	uint32_t n = split(line, pairs, 64);
	int r = dmk_table_add_keys(table, type, pairs, n);

	free(line);
	return r;
}

static const struct {
	const char *type, *keys;
	uint64_t length;
	const char *params;
} good_cases[] = {
	{ "linear", "device=/dev/a", 1000, "/dev/a 0" },
	{ "linear", "device=/dev/a offset=1s", 999, "/dev/a 1" },
	{ "linear", "offset=1KiB device=8:0", 4998, "8:0 2" },
	{ "linear", "device=/dev/x offset=1MiB size=512MiB", 1048576, "/dev/x 2048" },
	{ "linear", "device=/dev/x offset=512 size=2048", 4, "/dev/x 1" },
	{ "linear", "device=/dev/x size=8388608T", 0, NULL },
	{ "linear", "device=/dev/x size=8191P", 18012199486226432u, "/dev/x 0" },
	{ "zero", "size=1s", 1, "" },
	{ "error", "size=1GiB", 2097152, "" },
	{ "striped", "chunk=8s device=/dev/a:0 device=/dev/b:1s", 1552, "2 8 /dev/a 0 /dev/b 1" },
	{ "striped", "device=/dev/a chunk=4KiB device=8:0", 2000, "2 8 /dev/a 0 8:0 0" },
	{ "striped", "device=8:0:2048s chunk=4KiB size=16s device=/dev/p:1:1MiB", 16,
	  "2 8 8:0 2048 /dev/p:1 2048" },
	{ "crypt", "cipher=aes-ecb key=00 device=/dev/a iv-offset=18446744073709551608s", 1000,
	  "aes-ecb 00 18446744073709551608 /dev/a 0" },
	/* Whole blocks of what is shown. */
	{ "writecache", "origin=/dev/b cache=/dev/a", 776, "s /dev/b /dev/a 4096 0" },
	{ "writecache", "origin=/dev/b cache=/dev/a block-size=512", 777, "s /dev/b /dev/a 512 0" },
	{ "ebs", "device=/dev/b emulated-sectors=4s", 776, "/dev/b 0 4" },
	{ "verity", "data=/dev/a hash=/dev/b data-blocks=16 hash-start=1 root-digest=" DIGEST, 128,
	  "1 /dev/a /dev/b 4096 4096 16 1 sha256 " DIGEST " -" },
	{ "verity",
	  "data=/dev/a hash=/dev/b data-blocks=16 hash-start=1 root-digest=" SHA1
	  " version=0 data-block-size=1KiB hash-block-size=512 algorithm=sha1 salt=Ab "
	  "size=30s "
	  "ignore-corruption=yes restart-on-corruption=no root-hash-sig-key-desc=k",
	  30,
	  "0 /dev/a /dev/b 1024 512 16 1 sha1 " SHA1
	  " Ab 3 ignore_corruption root_hash_sig_key_desc k" },
	{ "verity",
	  "data=/dev/a hash=/dev/b data-blocks=16 hash-start=1 root-digest=" DIGEST
	  " fec-roots=2 fec-blocks=17 fec-start=0 use-fec-from-device=8:0",
	  128,
	  "1 /dev/a /dev/b 4096 4096 16 1 sha256 " DIGEST
	  " - 8 use_fec_from_device 8:0 fec_blocks 17 fec_start 0 fec_roots 2" },
};

static void good_lines(void **state)
{
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(good_cases); i++) {
		int r = add(table, good_cases[i].type, good_cases[i].keys);

		if (!good_cases[i].params) {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		if (r < 0)
			fail_msg("%s %s: '%s': %s", good_cases[i].type, good_cases[i].keys,
				 dmk_table_error(table)->argument, dmk_table_error(table)->detail);
		assert_int_equal(dmk_table_error(table)->code, 0);
		assert_int_equal(dmk_table_get(table, 0, &segment), 0);
		assert_string_equal(segment.params, good_cases[i].params);
		assert_true(segment.length_sectors == good_cases[i].length);
		dmk_table_reset(table);
	}
	dmk_table_free(table);
}

static const struct {
	const char *type, *keys, *told;
} bad_cases[] = {
	{ "linear", "", "device: this key is missing, and linear needs it: the device below" },
	{ "linear", "offset=1s size=8s", "device: this key is missing" },
	{ "linear", "device=/dev/a ofset=1s",
	  "ofset: no such key; the nearest: offset; allowed: device offset size" },
	{ "linear", "device=/dev/a device=/dev/b", "device: given twice" },
	{ "linear", "device=/dev/a size=1s size=1s", "size: given twice" },
	{ "linear", "device= size=1s", "device: is empty" },
	{ "linear", "device=/dev/a\nb size=1s", "device holds a newline (byte 7, 0x0a)" },
	{ "linear", "device=/dev/a\001b size=1s", "device holds a control character" },
	{ "linear", "device=/dev/a offset=100",
	  "offset: '100' is no whole number of 512-byte sectors" },
	{ "linear", "device=/dev/a offset=x", "offset: 'x' is no size: 4096s is sectors, 1MiB" },
	{ "linear", "device=/dev/a offset=", "offset: '' is no size" },
	{ "linear", "device=/dev/a offset=1Mib", "'1Mib' is no size" },
	{ "linear", "device=/dev/a offset=-1s", "'-1s' is no size" },
	{ "linear", "device=/dev/a offset=18014398509481984s",
	  "offset: '18014398509481984s' is too large" },
	{ "linear", "device=/dev/a offset=99999999999999999999s", "is too large" },
	{ "linear", "device=/dev/a size=0", "size: must be at least one sector" },
	{ "linear", "device=/dev/a offset=1000s", "/dev/a: nothing is left of its 1000 sectors" },
	{ "zero", "", "size: this key is missing: zero has no device" },
	{ "error", "", "size: this key is missing: error has no device" },
	{ "zero", "device=/dev/a", "device: no such key; allowed: size" },
	{ "striped", "chunk=8s", "device: this key is missing" },
	{ "striped", "device=/dev/a", "chunk: this key is missing" },
	{ "striped", "chunk=0s device=/dev/a",
	  "chunk: '0s' is not allowed: must be a number of sectors" },
	{ "striped", "chunk=8s chunk=8s device=/dev/a", "chunk: given twice" },
	{ "striped", "chunk=8s device=/dev/a:", "device: '' is no size" },
	{ "striped", "chunk=8s device=:0 size=8s", "device: is empty" },
	{ "striped", "chunk=8s device=/dev/a:100 size=8s", "device: '100' is no whole number" },
	{ "striped", "chunk=8s device=/dev/pci-0:1f.2 size=8s", "device: '1f.2' is no size" },
	{ "striped", "chunk=8s device=/dev/tiny", "size: the 3 sectors that are left are too few" },
	{ "striped", "chunk=8s device=/dev/a size=7s", "size: 7 sectors are no multiple" },
	{ "verity", "data=/dev/a hash=/dev/b data-blocks=16 hash-start=1",
	  "root-digest: this key is missing" },
	{ "verity", "ignore-corruption=1",
	  "ignore-corruption: '1' is not allowed: must be yes or no" },
	{ "verity", "data-blocks=16s",
	  "data-blocks: '16s' is not allowed: must be a number of blocks" },
	{ "verity", "version=2", "version: '2' is not allowed: must be a number from 0 to 1" },
	{ "verity", "data-block-size=4095", "must be a power of two from 512 to 65536" },
	{ "verity", "fec-roots=25",
	  "fec-roots: '25' is not allowed: must be a number from 2 to 24" },
	{ "verity", "salt=0", "even number" },
	{ "verity", "what=0", "what: no such key; allowed: version data hash data-block-size" },
	{ "verity",
	  "data=/dev/a hash=/dev/b data-blocks=16 hash-start=1 root-digest=" DIGEST " size=129s",
	  "size: 129 sectors are more than the 128" },
	{ "verity",
	  "data=/dev/a hash=/dev/b data-blocks=16 hash-start=1 root-digest=" DIGEST
	  " ignore-corruption=yes panic-on-corruption=yes",
	  "panic-on-corruption: does not go together with ignore-corruption" },
	{ "crypt9", "device=/dev/a", "crypt9: dmkit does not know this target" },
};

static void bad_lines(void **state)
{
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad_cases); i++) {
		if (add(table, bad_cases[i].type, bad_cases[i].keys) != -EINVAL)
			fail_msg("%s %s is not refused", bad_cases[i].type, bad_cases[i].keys);
		assert_told(table, bad_cases[i].told);
		assert_string_equal(dmk_table_error(table)->target, bad_cases[i].type);
		assert_int_equal(dmk_table_error(table)->step, DMK_STEP_ARGUMENTS);
	}
	assert_int_equal(dmk_table_count(table), 0);
	assert_int_equal(dmk_table_add_keys(table, NULL, NULL, 0), -EINVAL);
	assert_int_equal(dmk_table_add_keys(table, "linear", NULL, 1), -EINVAL);
	assert_int_equal(dmk_table_add_keys(table, "linear", &(struct dmk_key_value){ 0 }, 1),
			 -EINVAL);
	assert_int_equal(
		dmk_table_add_keys(table, "striped", &(struct dmk_key_value){ .key = "device" }, 1),
		-EINVAL);
	dmk_table_free(table);
}

static void device_that_is_not_there(void **state)
{
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(add(table, "linear", "device=/dev/nothing"), -ENOENT);
	assert_told(table, "/dev/nothing: its size cannot be asked, and size= is not given");
	assert_int_equal(dmk_table_error(table)->step, DMK_STEP_BLOCKDEV);
	assert_int_equal(add(table, "linear", "device=/dev/nothing size=1s"), 0);
	dmk_table_free(table);
}

static void defaults_are_left_out(void **state)
{
	struct dmk_key_values values;

	(void)state;
	assert_int_equal(dmk_params_to_keys("linear", "8:16 0", &values, NULL), 0);
	assert_int_equal(values.count, 1);
	assert_string_equal(values.items[0].key, "device");
	assert_string_equal(values.items[0].value, "8:16");
	assert_int_equal(values.items[0].info->kind, DMK_KEY_DEVICE);
	dmk_key_values_clear(&values);

	assert_int_equal(dmk_params_to_keys("linear", "8:16 2048", &values, NULL), 0);
	assert_int_equal(values.count, 2);
	assert_string_equal(values.items[1].key, "offset");
	assert_string_equal(values.items[1].value, "2048s");
	assert_int_equal(values.items[1].number, 2048);
	dmk_key_values_clear(&values);

	assert_int_equal(dmk_params_to_keys("zero", "", &values, NULL), 0);
	assert_int_equal(values.count, 0);
	dmk_key_values_clear(&values);
	dmk_key_values_clear(&values);
	dmk_key_values_clear(NULL);
}

static void pairs_of_each_kind(void **state)
{
	static const char *const expected[] = {
		"data=1:0",
		"hash=1:1",
		"hash-block-size=8192",
		"data-blocks=16",
		"hash-start=1",
		"root-digest=" DIGEST,
		"ignore-corruption=yes",
		"root-hash-sig-key-desc=k",
	};
	struct dmk_key_values values;
	char pair[128];

	(void)state;
	assert_int_equal(dmk_params_to_keys("striped", "2 8 8:0 0 /dev/b 2048", &values, NULL), 0);
	assert_int_equal(values.count, 3);
	assert_string_equal(values.items[0].value, "8s");
	assert_string_equal(values.items[1].value, "8:0:0s");
	assert_string_equal(values.items[2].key, "device");
	assert_string_equal(values.items[2].value, "/dev/b:2048s");
	assert_int_equal(values.items[2].number, 2048);
	dmk_key_values_clear(&values);

	assert_int_equal(dmk_params_to_keys("verity",
					    "1 1:0 1:1 4096 8192 16 1 sha256 " DIGEST " - "
					    "3 root_hash_sig_key_desc k ignore_corruption",
					    &values, NULL),
			 0);
	assert_int_equal(values.count, DMK_ARRAY_SIZE(expected));
	for (size_t i = 0; i < DMK_ARRAY_SIZE(expected); i++) {
		snprintf(pair, sizeof(pair), "%s=%s", values.items[i].key, values.items[i].value);
		assert_string_equal(pair, expected[i]);
	}
	assert_int_equal(values.items[2].number, 8192);
	dmk_key_values_clear(&values);
}

static void keys_of_bad_parameters(void **state)
{
	struct dmk_key_values values = { .count = 5 };
	struct dmk_error err;

	(void)state;
	assert_int_equal(dmk_params_to_keys("nothing", "1:0 0", &values, &err), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.argument, "nothing");
	assert_int_equal(dmk_params_to_keys(NULL, "1:0 0", &values, &err), -ENOENT);
	assert_int_equal(dmk_params_to_keys("linear", "1:0 x", &values, &err), -EINVAL);
	assert_int_equal(err.column, 5);
	assert_string_equal(err.params, "1:0 x");
	assert_int_equal(dmk_params_to_keys("linear", NULL, &values, NULL), -EINVAL);
	assert_int_equal(values.count, 5);
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int code;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0, 0 },
		{ "4096", 0, 4096 },
		{ "4096s", 0, 2097152 },
		{ "1KiB", 0, 1024 },
		{ "1k", 0, 1024 },
		{ "2MiB", 0, 2097152 },
		{ "2M", 0, 2097152 },
		{ "3GiB", 0, UINT64_C(3) << 30 },
		{ "3G", 0, UINT64_C(3) << 30 },
		{ "4TiB", 0, UINT64_C(4) << 40 },
		{ "4T", 0, UINT64_C(4) << 40 },
		{ "5PiB", 0, UINT64_C(5) << 50 },
		{ "5P", 0, UINT64_C(5) << 50 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "36028797018963967s", 0, UINT64_MAX - 511 },
		{ "16383P", 0, UINT64_C(16383) << 50 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "36028797018963968s", -ERANGE, 0 },
		{ "16384P", -ERANGE, 0 },
		{ "99999999999999999999999s", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "MiB", -EINVAL, 0 },
		{ "1.5G", -EINVAL, 0 },
		{ "1 M", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1Mib", -EINVAL, 0 },
		{ "1MB", -EINVAL, 0 },
		{ "1Mi", -EINVAL, 0 },
		{ "1E", -EINVAL, 0 },
		{ "1ss", -EINVAL, 0 },
		{ "1MiBx", -EINVAL, 0 },
		{ "1\xcd", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		uint64_t bytes = 42;

		assert_int_equal(dmk_parse_size(cases[i].text, &bytes), cases[i].code);
		assert_true(bytes == (cases[i].code ? 42 : cases[i].bytes));
	}
	assert_int_equal(dmk_parse_size(NULL, NULL), -EINVAL);
}

/* Thousands of stripes: nothing looks at all pairs for each of them. */
static void many_pairs(void **state)
{
	enum {
		N = 20000
	};
	struct dmk_key_value *pairs = calloc(N + 2, sizeof(*pairs));
	struct dmk_key_values values;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	for (int i = 0; i < N; i++)
		pairs[i] = (struct dmk_key_value){ .key = "device", .value = "8:0:8s" };
	pairs[N] = (struct dmk_key_value){ .key = "chunk", .value = "8s" };
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "striped", pairs, N + 1), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_true(segment.length_sectors == (5000 - 8) / 8 * 8 * UINT64_C(20000));
	assert_int_equal(dmk_params_to_keys("striped", segment.params, &values, NULL), 0);
	assert_int_equal(values.count, N + 1);
	dmk_key_values_clear(&values);
	dmk_table_free(table);
	free(pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(device_that_is_not_there),
		cmocka_unit_test(defaults_are_left_out),
		cmocka_unit_test(pairs_of_each_kind),
		cmocka_unit_test(keys_of_bad_parameters),
		cmocka_unit_test(sizes),
		cmocka_unit_test(many_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
