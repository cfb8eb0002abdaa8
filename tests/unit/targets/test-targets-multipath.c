/* SPDX-License-Identifier: MIT */
#include "../lines.h"

/* More groups and paths than room grows by at once, and the kernel's limit. */
static void many(void **state)
{
	enum {
		PATHS = 1024
	};
	struct dmk_key_value *pairs = calloc(PATHS + 3, sizeof(*pairs));
	char(*texts)[16] = calloc(PATHS + 1, sizeof(*texts));
	struct dmk_multipath multipath;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	pairs[0] = (struct dmk_key_value){ .key = "group", .value = "round-robin" };
	pairs[1] = (struct dmk_key_value){ .key = "size", .value = "8s" };
	for (int i = 0; i <= PATHS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "8:%d,1", i);
		pairs[i + 2] = (struct dmk_key_value){ .key = "path", .value = texts[i] };
	}
	assert_int_equal(dmk_table_add_keys(table, "multipath", pairs, PATHS + 2), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_int_equal(dmk_multipath_parse_table(segment.params, &multipath, NULL), 0);
	assert_int_equal(multipath.groups[0].n_paths, PATHS);
	for (int i = 0; i < PATHS; i++) {
		texts[i][strcspn(texts[i], ",")] = '\0';
		assert_string_equal(multipath.groups[0].paths[i].device, texts[i]);
		texts[i][strlen(texts[i])] = ',';
	}
	dmk_multipath_clear(&multipath);
	dmk_table_reset(table);
	assert_int_equal(dmk_table_add_keys(table, "multipath", pairs, PATHS + 3), -EINVAL);
	assert_told(table, "path: a group may have at most 1024");
	dmk_table_free(table);
	free(pairs);
	free(texts);
}

static void generated(void **state)
{
	static const char *const selectors[] = { "round-robin", "queue-length", "service-time" };
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint32_t groups = 1 + (uint32_t)(next_random(&seed) % 5);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, "0 0 %u %u", groups,
			     1 + (unsigned int)(next_random(&seed) % groups));
		for (uint32_t g = 0; g < groups; g++) {
			uint32_t which = next_random(&seed) % 3;
			uint32_t n = 1 + (uint32_t)(next_random(&seed) % 8);
			uint32_t args = next_random(&seed) % (which == 2 ? 3 : 2);

			dmk_text_add(&text, " %s 0 %u %u", selectors[which], n, args);
			for (uint32_t k = 0; k < n; k++) {
				dmk_text_add(&text, " 8:%u",
					     (unsigned int)(next_random(&seed) % 256));
				if (args > 0)
					dmk_text_add(&text, " %u",
						     (unsigned int)next_random(&seed));
				if (args > 1)
					dmk_text_add(&text, " %u",
						     (unsigned int)(next_random(&seed) % 101));
			}
		}
		check_round_trip(dmk_target_find("multipath"), text.data);
		check_keys_round_trip("multipath", text.data, 8);
		dmk_text_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
