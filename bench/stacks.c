/* SPDX-License-Identifier: MIT */
/* Stacks of a text: one process of dmkit beside dmsetup's, and what is asked where nothing or little
 * changes. The static command reads no stack file: Debian has no libinih for musl. */
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE "/dev/null"
#define TEXT "/tmp/bench.stack"
#define LINES "/tmp/lines"
#define STACKS 256
#define DEVICES 1000

static char names[STACKS][16], files[STACKS][24], devices[2 * STACKS][16];

static FILE *open_text(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		die("%s cannot be written", path);
	return file;
}

/* ---- 256 of verity over linear ---- */

static void put_verity(FILE *file, const char *format, unsigned i, const char *below)
{
	fprintf(file, format, i, below, i, below, i, i);
}

static void put_stack(FILE *file, unsigned i)
{
	fprintf(file, "[linear%u]\ntable = linear device=/dev/mapper/z offset=%us size=64s\n", i,
		i * 64);
	put_verity(file,
		   "[verity%u]\nreadonly = yes\nno-verify = yes\n"
		   "table = verity data=%slinear%u hash=%slinear%u data-blocks=4 "
		   "hash-start=4 root-digest=%064u\n",
		   i, "@");
}

/* As one text, and as 256. Then the names of the devices, those on top first. */
static void write_stacks(void)
{
	FILE *all = open_text(TEXT);

	for (unsigned i = 0; i < STACKS; i++) {
		FILE *file;

		snprintf(names[i], sizeof(names[i]), "s%u", i);
		snprintf(files[i], sizeof(files[i]), "/tmp/s%u.stack", i);
		file = open_text(files[i]);
		put_stack(file, i);
		fclose(file);
		put_stack(all, i);
	}
	fclose(all);
	for (unsigned i = 0; i < 2 * STACKS; i++)
		snprintf(devices[i], sizeof(devices[i]), "%s%u", i < STACKS ? "verity" : "linear",
			 i % STACKS);
}

/* Arguments for 256 processes of dmsetup: a line each argument. */
static void write_lines(bool verity)
{
	FILE *file = open_text(LINES);

	for (unsigned i = 0; i < STACKS; i++) {
		if (!verity)
			fprintf(file, "linear%u\n--table\n0 64 linear /dev/mapper/z %u\n", i,
				i * 64);
		else
			put_verity(file,
				   "verity%u\n--readonly\n--table\n0 32 verity 1 %slinear%u "
				   "%slinear%u "
				   "4096 4096 4 4 sha256 %064u -\n",
				   i, "/dev/mapper/");
	}
	fclose(file);
}

static int64_t by_xargs(const char *at_a_time)
{
	int64_t wall = 0;

	for (unsigned verity = 0; verity < 2; verity++) {
		write_lines(verity);
		wall += run_well(ARGS(XARGS, "-a", LINES, "-d", "\n", "-n", verity ? "4" : "3",
				      "-P", at_a_time, DMSETUP, "--noudevsync", "--verifyudev",
				      "create"),
				 NONE)
				.wall_ns;
	}
	return wall;
}

static int64_t by_bare_requests(void)
{
	const int64_t start = clock_ns(CLOCK_MONOTONIC);

	for (unsigned i = 0; i < STACKS; i++) {
		char params[192];
		struct bare_segment linear = { 64, "linear", params },
				    verity = { 32, "verity", params, true };

		snprintf(params, sizeof(params), "/dev/mapper/z %u", i * 64);
		bare_create(devices[STACKS + i], "", &linear);
		snprintf(params, sizeof(params),
			 "1 /dev/mapper/linear%u /dev/mapper/linear%u 4096 4096 4 4 sha256 %064u -",
			 i, i, i);
		bare_create(devices[i], "", &verity);
	}
	return clock_ns(CLOCK_MONOTONIC) - start;
}

/* One process with all that is behind its first words. */
static int64_t with_all(const char *const first[], const char *words, size_t size, unsigned n)
{
	const char *args[2 * STACKS + 8];
	unsigned used = 0;

	for (; *first; first++)
		args[used++] = *first;
	for (unsigned i = 0; i < n; i++)
		args[used++] = words + i * size;
	args[used] = NULL;
	return run_well(args, NONE).wall_ns;
}

#define WITH_ALL(words, ...)                                        \
	with_all(ARGS(__VA_ARGS__), (words)[0], sizeof((words)[0]), \
		 sizeof(words) / sizeof((words)[0]))

static void made(const char *how, int64_t wall_ns)
{
	char what[32];

	snprintf(what, sizeof(what), "%s.up", how);
	figure("stacks", what, wall_ns);
	if (bare_count() != 2 * STACKS + 1)
		die("stacks: %s has not made all devices", how);
}

static void gone(const char *how, int64_t wall_ns)
{
	char what[32];

	snprintf(what, sizeof(what), "%s.down", how);
	figure("stacks", what, wall_ns);
	if (bare_count() != 1)
		die("stacks: %s has left devices", how);
}

static void up_and_down(void)
{
	write_stacks();
	made("bare", by_bare_requests());
	gone("remove", WITH_ALL(devices, ORDINARY, "remove"));
	made("dmsetup", by_xargs("1"));
	gone("dmsetup", WITH_ALL(devices, DMSETUP, "--noudevsync", "--verifyudev", "remove"));
	made("xargs", by_xargs("64"));
	gone("remove", WITH_ALL(devices, ORDINARY, "remove"));
	made("one", run_well(ARGS(ORDINARY, "apply", TEXT), NONE).wall_ns);
	gone("one", run_well(ARGS(ORDINARY, "down", "bench"), NONE).wall_ns);
	made("each", WITH_ALL(files, ORDINARY, "apply"));
	gone("each", WITH_ALL(names, ORDINARY, "down"));
}

/* ---- one of 1,000 devices ---- */

/* Pairs of linear over linear; of the first pair the lower one begins elsewhere. */
static void write_thousand(unsigned first_sector)
{
	FILE *file = open_text(TEXT);

	for (unsigned i = 0; i < DEVICES / 2; i++)
		fprintf(file,
			"[low%u]\ntable = linear device=/dev/mapper/z offset=%us size=64s\n"
			"[high%u]\ntable = linear device=@low%u\n",
			i, i ? i * 64 : first_sector, i, i);
	fclose(file);
}

static void count_requests(const char *series, const char *verb)
{
	const struct trace trace_ = trace(ARGS(ORDINARY, verb, TEXT));
	char what[48];
	int64_t each = 0;

	for (unsigned i = 0; i < sizeof(trace_.dm_ioctls) / sizeof(trace_.dm_ioctls[0]); i++)
		each += i == DM_VERSION_CMD || i == DM_LIST_DEVICES_CMD ? 0 : trace_.dm_ioctls[i];
	snprintf(what, sizeof(what), "%s.lists", series);
	figure("stacks", what, trace_.dm_ioctls[DM_LIST_DEVICES_CMD]);
	snprintf(what, sizeof(what), "%s.each", series);
	figure("stacks", what, each);
	snprintf(what, sizeof(what), "%s.loads", series);
	figure("stacks", what, trace_.dm_ioctls[DM_TABLE_LOAD_CMD]);
	snprintf(what, sizeof(what), "%s.suspends", series);
	figure("stacks", what, trace_.dm_ioctls[DM_DEV_SUSPEND_CMD]);
}

static void one_of_thousand(void)
{
	write_thousand(0);
	run_well(ARGS(ORDINARY, "apply", TEXT), NONE);
	count_requests("plan", "plan");
	count_requests("apply", "apply");
	for (unsigned round = 0; round < 3; round++)
		figure("stacks", "unchanged.cpu",
		       run_well(ARGS(ORDINARY, "apply", TEXT), NONE).cpu_ns);
	write_thousand(8);
	count_requests("change", "apply");
	run_well(ARGS(ORDINARY, "down", "bench"), NONE);
	if (bare_count() != 1)
		die("stacks: down has left devices");
	unlink(TEXT);
}

void bench_stacks(void)
{
	static const struct bare_segment zero = { 1 << 21, "zero", "" };

	bare_create("z", "", &zero);
	up_and_down();
	one_of_thousand();
	bare_remove("z");
}
