/* SPDX-License-Identifier: MIT */
/* The library beside bare requests, in one process: `library BENCH SIDE`, and with `list` after one
 * list of all devices. */
#include <dmkit.h>
#include <stdio.h>
#include <time.h>

#include "guest.h"

#define ROUNDS 40

static struct dmk *dm;

static _Noreturn void refused(const struct dmk_error *error)
{
	char why[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(error, why, sizeof(why));
	die("%s", why);
}

/* From nothing to nothing, the table included, as the bare one writes its request anew. */
static void library_cycle(void)
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

static int64_t cpu_of(void (*work)(void))
{
	int64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	work();
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

static void compare(const char *bench, const char *side)
{
	static const struct bare_segment zero = { 1 << 21, "zero", "" };
	char series[2][64];

	snprintf(series[0], sizeof(series[0]), "%s.library", side);
	snprintf(series[1], sizeof(series[1]), "%s.bare", side);
	bare_create("z", "", &zero);
	/* The first ones open the control node, and musl's malloc() gives a page back and takes it
	 * again, until it has seen that a hundred times. */
	for (unsigned i = 0; i < 120; i++) {
		library_cycle();
		bare_cycle();
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned turn = 0; turn < 2; turn++) {
			unsigned which = (round + turn) % 2;

			figure(bench, series[which], cpu_of(which ? bare_cycle : library_cycle));
		}
	}
	bare_remove("z");
}

static void list(void)
{
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	unsigned n = 0;

	if (dmk_list(dm, &options, &devices) < 0)
		refused(dmk_last_error(dm));
	while (dmk_devices_next(devices, &device) == 1)
		n++;
	dmk_devices_free(devices);
	if (n != bare_count())
		die("%u devices are listed, and there are %u", n, bare_count());
}

int main(int argc, char *argv[])
{
	if (argc < 3)
		die("usage: library BENCH SIDE [list]");
	bare_open();
	if (dmk_new(&dm) < 0)
		die("no memory");
	if (argc > 3)
		list();
	compare(argv[1], argv[2]);
	dmk_free(dm);
	return 0;
}
