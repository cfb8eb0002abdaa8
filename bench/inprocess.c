/* SPDX-License-Identifier: MIT */
/* The library beside bare requests, in this one process. */
#include <dmkit.h>
#include <stdlib.h>
#include <time.h>

#include "guest.h"

#define ROUNDS 40

static _Noreturn void refused(const struct dmk_error *error)
{
	char why[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(error, why, sizeof(why));
	die("%s", why);
}

/* From nothing to nothing, the table included, as the bare one writes its request anew. */
static void library_cycle(struct dmk *dm)
{
	const struct dmk_linear linear = { .device = "/dev/mapper/z", .offset_sectors = 8 };
	struct dmk_table *table;

	if (dmk_table_new(&table) < 0)
		die("no memory");
	if (dmk_table_add_linear(table, 0, 2048, &linear) < 0)
		refused(dmk_table_error(table));
	if (dmk_create(dm, "t", table, NULL, NULL) < 0)
		refused(dmk_last_error(dm));
	dmk_table_free(table);
	if (dmk_remove(dm, DMK_NAME("t"), NULL, NULL) < 0)
		refused(dmk_last_error(dm));
}

static void bare_cycle(void)
{
	static const struct bare_segment linear = { 2048, "linear", "/dev/mapper/z 8" };

	bare_create("t", "", &linear);
	bare_remove("t");
}

static void one(const char *bench, struct dmk *dm)
{
	int64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	if (dm)
		library_cycle(dm);
	else
		bare_cycle();
	figure(bench, dm ? "library.cpu" : "bare.cpu", clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

static void compare(const char *bench, struct dmk *dm)
{
	static const struct bare_segment zero = { 1 << 21, "zero", "" };

	bare_create("z", "", &zero);
	/* The first ones also open the control node and fill caches. */
	library_cycle(dm);
	bare_cycle();
	for (unsigned round = 0; round < ROUNDS; round++) {
		one(bench, round % 2 ? NULL : dm);
		one(bench, round % 2 ? dm : NULL);
	}
	bare_remove("z");
}

static struct dmk *connect_new(void)
{
	struct dmk *dm;

	if (dmk_new(&dm) < 0)
		die("no memory");
	return dm;
}

void bench_library(void)
{
	struct dmk *dm = connect_new();

	compare("library", dm);
	dmk_free(dm);
}

void bench_after_list(void)
{
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk *dm = connect_new();
	struct dmk_devices *devices;
	struct dmk_device device;
	unsigned n = 0;

	fill(10000);
	if (dmk_list(dm, &options, &devices) < 0)
		refused(dmk_last_error(dm));
	while (dmk_devices_next(devices, &device) == 1)
		n++;
	dmk_devices_free(devices);
	if (n != bare_count())
		die("after-list: the library lists %u devices, the kernel has %u", n, bare_count());
	compare("after-list", dm);
	dmk_free(dm);
}
