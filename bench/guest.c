/* SPDX-License-Identifier: MIT */
/* The first process of the machine that counts instructions: makes /dev/mapper, loads the modules,
 * does the benches that its arguments name, and turns the machine off. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guest.h"

static const struct {
	const char *name;
	void (*run)(void);
} benches[] = {
	{ "start", bench_start },	    { "cycle", bench_cycle },
	{ "library", bench_library },	    { "remove256", bench_remove256 },
	{ "stack512", bench_stack512 },	    { "stacks", bench_stacks },
	{ "read100k", bench_read100k },	    { "check1m", bench_check1m },
	{ "table5000", bench_table5000 },   { "list10000", bench_list10000 },
	{ "after-list", bench_after_list }, { "image", bench_image },
};

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	/* ENODEV: it is for instructions that this machine's CPU lacks; a plain one comes as well. */
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != ENODEV))
		die("%s: %s", path, strerror(errno));
	close(fd);
}

static void load_modules(void)
{
	FILE *list = fopen("/bench/modules", "re");
	char path[512];

	if (!list)
		die("/bench/modules: %s", strerror(errno));
	while (fgets(path, sizeof(path), list)) {
		path[strcspn(path, "\n")] = '\0';
		load_module(path);
	}
	fclose(list);
}

static void make_machine(void)
{
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("sys", "/sys", "sysfs", 0, NULL) < 0 ||
	    mount("dev", "/dev", "devtmpfs", 0, NULL) < 0)
		die("the machine cannot mount its file systems: %s", strerror(errno));
	load_modules();
	/* devtmpfs makes the folder and the node with the module. */
	if (mkdir("/dev/mapper", 0755) < 0 && errno != EEXIST)
		die("/dev/mapper: %s", strerror(errno));
	if (mknod("/dev/mapper/control", S_IFCHR | 0600, makedev(10, 236)) < 0 && errno != EEXIST)
		die("/dev/mapper/control: %s", strerror(errno));
	bare_open();
}

static void bench(const char *name)
{
	for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
		if (strcmp(benches[i].name, name) != 0)
			continue;
		printf("begin %s\n", name);
		fflush(stdout);
		benches[i].run();
		printf("end %s\n", name);
		return;
	}
	die("no bench is called '%s'", name);
}

static int usage(void)
{
	fputs("usage: guest files COMMAND...\n"
	      "       guest cost COMMAND...\n"
	      "       guest million DMKIT DMSETUP\n",
	      stderr);
	return 2;
}

int main(int argc, char *argv[])
{
	if (getpid() == 1) {
		make_machine();
		for (int i = 1; i < argc; i++)
			bench(argv[i]);
		printf("done\n");
		end(0);
	}
	if (argc > 2 && strcmp(argv[1], "files") == 0) {
		struct trace result = trace((const char *const *)argv + 2);

		figure("size", "files", result.files);
		figure("size", "file-bytes", result.file_bytes);
	} else if (argc > 2 && strcmp(argv[1], "cost") == 0) {
		struct cost cost = run_well((const char *const *)argv + 2, "/dev/null");

		figure("cost", "cpu", cost.cpu_ns);
		figure("cost", "wall", cost.wall_ns);
		figure("cost", "peak", cost.peak_bytes);
	} else if (argc == 4 && strcmp(argv[1], "million") == 0) {
		bare_open();
		bench_million(argv[2], argv[3]);
	} else {
		return usage();
	}
	return 0;
}
