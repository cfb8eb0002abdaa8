/* SPDX-License-Identifier: MIT */
/* The benches that compare processes. The order turns round from one round to the next, and what is
 * compared is each round's ratio. */
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE "/dev/null"
#define OUT "/tmp/out"
#define WORDS 520

/* Who takes part, and by which program. */
static const struct {
	const char *name;
	const char *program;
} sides[] = { { "static", STATIC }, { "ordinary", ORDINARY }, { "dmsetup", DMSETUP } };
enum {
	STATIC_SIDE = 0,
	PEER = 2,
	N_SIDES
};

static unsigned side_of(unsigned round, unsigned turn)
{
	return round % 2 ? N_SIDES - 1 - turn : turn;
}

static void side_figure(const char *bench, unsigned side, const char *what, int64_t value)
{
	char series[64];

	snprintf(series, sizeof(series), "%s.%s", sides[side].name, what);
	figure(bench, series, value);
}

void bench_start(void)
{
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned turn = 0; turn < N_SIDES; turn++) {
			unsigned side = side_of(round, turn);
			struct cost cost = run_well(ARGS(sides[side].program, "version"), NONE);

			side_figure("start", side, "cpu", cost.cpu_ns);
			side_figure("start", side, "peak", cost.peak_bytes);
		}
		figure("start", "empty.cpu", run_well(ARGS(EMPTY), NONE).cpu_ns);
	}
	for (unsigned side = 0; side < N_SIDES; side++)
		side_figure("start", side, "syscalls",
			    trace(ARGS(sides[side].program, "version")).syscalls);
}

/* Without --verifyudev dmsetup makes no node where no udevd runs. */
static struct cost create(unsigned side, const char *name, const char *option, const char *table)
{
	if (side == PEER)
		return run_well(ARGS(DMSETUP, "--noudevsync", "--verifyudev", "create", name,
				     "--table", table, option),
				NONE);
	/* There is no tree below a verity of ours, and dmsetup reads no block either. */
	return run_well(
		ARGS(sides[side].program, "create", name, "--table", table, "--no-verify", option),
		NONE);
}

void bench_cycle(void)
{
	static const struct bare_segment zero = { 1 << 21, "zero", "" };
	struct stat st;

	bare_create("z", "", &zero);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned turn = 0; turn < N_SIDES; turn++) {
			unsigned side = side_of(round, turn);
			struct cost made = create(side, "t", NULL, "0 2048 linear /dev/mapper/z 8");
			struct cost gone;

			if (stat("/dev/mapper/t", &st) < 0)
				die("cycle: %s made no node", sides[side].name);
			if (side == PEER)
				gone = run_well(ARGS(DMSETUP, "--noudevsync", "--verifyudev",
						     "remove", "t"),
						NONE);
			else
				gone = run_well(ARGS(sides[side].program, "remove", "t"), NONE);
			if (stat("/dev/mapper/t", &st) == 0)
				die("cycle: %s left the node", sides[side].name);
			side_figure("cycle", side, "cpu", made.cpu_ns + gone.cpu_ns);
			side_figure("cycle", side, "wall", made.wall_ns + gone.wall_ns);
		}
	}
	bare_remove("z");
}

void bench_remove256(void)
{
	static const struct bare_segment zero = { 8, "zero", "" };
	char name[32];

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned turn = 0; turn < N_SIDES; turn++) {
			unsigned side = side_of(round, turn);
			struct cost cost;

			for (unsigned i = 0; i < 256; i++) {
				snprintf(name, sizeof(name), "r%03u", i);
				bare_create(name, "", &zero);
			}
			if (side == PEER)
				cost = run_well(
					ARGS(DMSETUP, "--noudevsync", "--verifyudev", "remove_all"),
					NONE);
			else
				cost = run_well(ARGS(sides[side].program, "remove", "--all"), NONE);
			if (bare_count())
				die("remove256: %s left devices", sides[side].name);
			for (unsigned i = 0; i < 256; i++) {
				snprintf(name, sizeof(name), "/dev/mapper/r%03u", i);
				if (unlink(name) == 0 && side != PEER)
					die("remove256: %s left %s", sides[side].name, name);
			}
			side_figure("remove256", side, "wall", cost.wall_ns);
			side_figure("remove256", side, "cpu", cost.cpu_ns);
			side_figure("remove256", side, "peak", cost.peak_bytes);
		}
	}
}

/* 256 times verity over a linear of its own, all of them over one device. */
static struct bare_segment stack_segment(unsigned i, bool verity, char *params, size_t size)
{
	if (verity)
		snprintf(params, size,
			 "1 /dev/mapper/linear%u /dev/mapper/linear%u 4096 4096 4 4 sha256 %064u -",
			 i, i, i);
	else
		snprintf(params, size, "/dev/mapper/z %u", i * 64);
	return (struct bare_segment){ verity ? 32 : 64, verity ? "verity" : "linear", params,
				      verity };
}

static void stacks_up(unsigned side, bool by_processes)
{
	int64_t start = clock_ns(CLOCK_MONOTONIC);

	for (unsigned i = 0; i < 512; i++) {
		char name[32], params[192], table[256];
		bool verity = i % 2;
		struct bare_segment segment = stack_segment(i / 2, verity, params, sizeof(params));

		snprintf(name, sizeof(name), "%s%u", segment.type, i / 2);
		if (by_processes) {
			snprintf(table, sizeof(table), "0 %u %s %s",
				 (unsigned)segment.length_sectors, segment.type, params);
			create(side, name, verity ? "--readonly" : NULL, table);
		} else {
			bare_create(name, "", &segment);
		}
	}
	if (by_processes)
		side_figure("stack512", side, "up", clock_ns(CLOCK_MONOTONIC) - start);
}

static char stack_names[512][16];

/* One process with all the names, those on top first. */
static void stacks_down(unsigned side)
{
	const char *args[WORDS] = { sides[side].program };
	unsigned n = 1;
	struct cost cost;

	if (side == PEER) {
		args[n++] = "--noudevsync";
		args[n++] = "--verifyudev";
	}
	args[n++] = "remove";
	for (unsigned i = 0; i < 512; i++)
		args[n++] = stack_names[i];
	cost = run_well(args, NONE);
	side_figure("stack512", side, "down", cost.wall_ns);
	side_figure("stack512", side, "down-cpu", cost.cpu_ns);
}

/* 64 processes of dmsetup at a time, in two steps: verity has to be gone first. */
static void stacks_down_by_xargs(void)
{
	int64_t wall = 0;

	for (unsigned half = 0; half < 2; half++) {
		FILE *file = fopen("/tmp/names", "we");

		if (!file)
			die("/tmp/names cannot be written");
		for (unsigned i = 0; i < 256; i++)
			fprintf(file, "%s\n", stack_names[half * 256 + i]);
		fclose(file);
		wall += run_well(ARGS(XARGS, "-a", "/tmp/names", "-n", "1", "-P", "64", DMSETUP,
				      "--noudevsync", "--verifyudev", "remove"),
				 NONE)
				.wall_ns;
	}
	figure("stack512", "xargs.down", wall);
}

void bench_stack512(void)
{
	static const struct bare_segment zero = { 1 << 21, "zero", "" };

	for (unsigned i = 0; i < 256; i++) {
		snprintf(stack_names[i], sizeof(stack_names[i]), "verity%u", i);
		snprintf(stack_names[256 + i], sizeof(stack_names[i]), "linear%u", i);
	}
	bare_create("z", "", &zero);
	for (unsigned side = 0; side <= N_SIDES; side++) {
		stacks_up(side, side == STATIC_SIDE || side == PEER);
		if (side == N_SIDES)
			stacks_down_by_xargs();
		else
			stacks_down(side);
		if (bare_count() != 1)
			die("stack512: devices are left");
	}
	bare_remove("z");
}

void bench_read100k(void)
{
	static const struct bare_segment zero = { 1 << 21, "zero", "" };
	const char *table = "/tmp/table";
	struct devno z = bare_create("z", "", &zero);

	write_table(table, 100000, z.major, z.minor);
	run_well(ARGS(STATIC, "create", "big", "--table-file", table), NONE);
	for (unsigned side = 0; side < N_SIDES; side++) {
		const char *const *args = ARGS(sides[side].program, "table", "big");

		run_well(args, OUT);
		if (!same_file(OUT, table))
			die("read100k: %s printed another table", sides[side].name);
		side_figure("read100k", side, "ioctls", trace(args).dm_ioctls[DM_TABLE_STATUS_CMD]);
	}
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned turn = 0; turn < N_SIDES; turn++) {
			unsigned side = side_of(round, turn);
			struct cost cost =
				run_well(ARGS(sides[side].program, "table", "big"), NONE);

			side_figure("read100k", side, "cpu", cost.cpu_ns);
			side_figure("read100k", side, "peak", cost.peak_bytes);
		}
	}
	bare_remove("big");
	bare_remove("z");
	unlink(table);
	unlink(OUT);
}

void bench_check1m(void)
{
	static const unsigned lines[] = { 100000, 1000000 };
	const char *table = "/tmp/table";

	for (unsigned size = 0; size < 2; size++) {
		write_table(table, lines[size], 254, 0);
		for (unsigned side = 0; side < PEER; side++) {
			struct cost cost = run_well(
				ARGS(sides[side].program, "check", "--offline", table), NONE);
			char what[32];

			snprintf(what, sizeof(what), "cpu.%u", lines[size]);
			side_figure("check1m", side, what, cost.cpu_ns);
			snprintf(what, sizeof(what), "peak.%u", lines[size]);
			side_figure("check1m", side, what, cost.peak_bytes);
		}
	}
	unlink(table);
}

/* The kernel makes one of them in half a millisecond; 10,000 of them are never taken away. */
static unsigned filled;

static void fill(unsigned n)
{
	static const struct bare_segment zero = { 8, "zero", "" };
	char name[32], uuid[32];

	for (; filled < n; filled++) {
		snprintf(name, sizeof(name), "bench-%05u", filled);
		snprintf(uuid, sizeof(uuid), "BENCH-%05u", filled);
		bare_create(name, uuid, &zero);
	}
}

/* Of which the least counts, see rows.py. */
#define TABLE_ROUNDS 7

static void tables(unsigned n)
{
	char what[32];

	fill(n);
	snprintf(what, sizeof(what), "cpu.%u", n);
	for (unsigned round = 0; round < TABLE_ROUNDS; round++) {
		for (unsigned turn = 0; turn < N_SIDES; turn++) {
			unsigned side = side_of(round, turn);
			struct cost cost = run_well(ARGS(sides[side].program, "table"), OUT);

			if (count_lines(OUT) != n)
				die("table5000: %s did not print %u lines", sides[side].name, n);
			side_figure("table5000", side, what, cost.cpu_ns);
		}
	}
}

void bench_table5000(void)
{
	tables(1000);
	tables(5000);
}

void bench_list10000(void)
{
	const char *const *peer =
		ARGS(DMSETUP, "info", "-c", "--noheadings", "-o", "name,uuid,events");

	fill(10000);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned turn = 0; turn < N_SIDES; turn++) {
			unsigned side = side_of(round, turn);
			const char *const *args =
				side == PEER ? peer : ARGS(sides[side].program, "list");
			struct cost cost = run_well(args, OUT);

			if (count_lines(OUT) != filled)
				die("list10000: %s did not print %u lines", sides[side].name,
				    filled);
			side_figure("list10000", side, "cpu", cost.cpu_ns);
			side_figure("list10000", side, "peak", cost.peak_bytes);
			if (round == 0)
				side_figure("list10000", side, "ioctls",
					    trace(args).dm_ioctls[DM_LIST_DEVICES_CMD]);
		}
	}
}

static void compare_library(const char *bench, const char *list)
{
	run_well(ARGS(LIBRARY_STATIC, bench, "static", list), "/dev/console");
	run_well(ARGS(LIBRARY_ORDINARY, bench, "ordinary", list), "/dev/console");
}

void bench_library(void)
{
	compare_library("library", NULL);
}

void bench_after_list(void)
{
	fill(10000);
	compare_library("after-list", "list");
}

void bench_million(const char *dmkit, const char *dmsetup)
{
	static const struct bare_segment zero = { 1 << 23, "zero", "" };
	const char *table = "/tmp/table";
	struct devno z = bare_create("z", "", &zero);
	int64_t wire = write_table(table, 1 << 20, z.major, z.minor);
	struct cost cost =
		run(ARGS(dmsetup, "--noudevsync", "--verifyudev", "create", "big", table), NONE);

	figure("million", "wire", wire);
	figure("million", "dmsetup.status", cost.status);
	if (cost.status == 0)
		run_well(ARGS(dmsetup, "--noudevsync", "--verifyudev", "remove", "big"), NONE);
	cost = run_well(ARGS(dmkit, "create", "big", "--table-file", table), NONE);
	figure("million", "static.create-peak", cost.peak_bytes);
	cost = run_well(ARGS(dmkit, "table", "big"), OUT);
	figure("million", "static.table-peak", cost.peak_bytes);
	figure("million", "static.equal", same_file(OUT, table));
	cost = run(ARGS(dmsetup, "table", "big"), OUT);
	figure("million", "dmsetup.table-status", cost.status);
	bare_remove("big");
	bare_remove("z");
}
