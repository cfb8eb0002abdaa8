/* SPDX-License-Identifier: MIT */
/*
 * One piece of work on N things, for a count of its instructions: `growth WORK N`. The commands are
 * the real ones; behind the transport hook stands a driver that answers in the same time whatever N
 * is. Device i is named after i, has minor number i, and every fourth begins a new stack.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "read/options.h"
#include "wire/uapi.h"

#define MAJOR 254

static uint32_t n_devices;
static uint32_t n_targets = 1;

struct reply {
	struct dm_ioctl *io;
	size_t size;
	size_t used;
};

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Room for bytes more; NULL: too little. */
static void *room_for(struct reply *reply, size_t bytes)
{
	void *at = (char *)reply->io + reply->used;

	if (bytes > reply->size - reply->used) {
		reply->io->flags |= DM_BUFFER_FULL_FLAG;
		return NULL;
	}
	memset(at, 0, bytes);
	reply->used += bytes;
	return at;
}

static uint32_t which(const struct dm_ioctl *io)
{
	return io->name[0] ? (uint32_t)atoi(io->name + 1)
			   : (uint32_t)((io->dev & 0xff) | ((io->dev >> 12) & 0xfff00));
}

static uint64_t number(uint32_t i)
{
	return (i & 0xff) | MAJOR << 8 | (uint64_t)(i & ~0xffu) << 12;
}

static void answer_list(struct reply *reply)
{
	for (uint32_t i = 0; i < n_devices; i++) {
		size_t name_size = align8(12 + 9);
		size_t size = align8(name_size + 8 + 11);
		char *at = room_for(reply, size);
		uint64_t dev = number(i);
		uint32_t next = i + 1 < n_devices ? (uint32_t)size : 0;
		uint32_t words[2] = { i, DM_NAME_LIST_FLAG_HAS_UUID };

		if (!at)
			return;
		memcpy(at, &dev, sizeof(dev));
		memcpy(at + 8, &next, sizeof(next));
		snprintf(at + 12, 9, "d%07u", i % 10000000);
		memcpy(at + name_size, words, sizeof(words));
		snprintf(at + name_size + 8, 11, "U-%08u", i % 100000000);
	}
}

static void answer_status(struct dm_ioctl *io)
{
	uint32_t i = which(io);

	snprintf(io->name, sizeof(io->name), "d%07u", i % 10000000);
	io->dev = number(i);
	io->target_count = n_targets;
	io->flags |= DM_ACTIVE_PRESENT_FLAG;
}

static void answer_table(struct reply *reply)
{
	uint32_t i = which(reply->io);
	size_t start = reply->used;

	for (uint32_t t = 0; t < n_targets; t++) {
		struct dm_target_spec spec = { .sector_start = t * 8, .length = 8 };
		char params[32];
		char *at;

		snprintf(params, sizeof(params), "%u:%u %u", MAJOR, i ? i - 1 : 0, t * 8);
		at = room_for(reply, align8(sizeof(spec) + strlen(params) + 1));
		if (!at)
			return;
		memcpy(spec.target_type, "linear", 7);
		spec.next = (uint32_t)(reply->used - start);
		memcpy(at, &spec, sizeof(spec));
		memcpy(at + sizeof(spec), params, strlen(params));
	}
}

static void answer_deps(struct reply *reply)
{
	uint32_t i = which(reply->io);
	uint32_t count = i % 4 != 0;
	uint64_t below = number(i - 1);
	char *at = room_for(reply, 8 + 8 * count);

	if (!at)
		return;
	memcpy(at, &count, sizeof(count));
	if (count)
		memcpy(at + 8, &below, sizeof(below));
}

static int driver(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	struct reply reply = { .io = request, .size = size, .used = sizeof(struct dm_ioctl) };
	struct dm_ioctl *io = request;

	(void)dm;
	(void)userdata;
	io->version[1] = 47;
	switch (command) {
	case DM_VERSION_CMD:
	case DM_DEV_REMOVE_CMD:
		return 0;
	case DM_LIST_DEVICES_CMD:
		answer_list(&reply);
		break;
	case DM_TABLE_STATUS_CMD:
		answer_table(&reply);
		break;
	case DM_TABLE_DEPS_CMD:
		answer_deps(&reply);
		break;
	case DM_DEV_STATUS_CMD:
		break;
	default:
		return -ENOTTY;
	}
	if (command != DM_LIST_DEVICES_CMD)
		answer_status(io);
	io->data_start = sizeof(*io);
	io->data_size = (uint32_t)reply.used;
	return 0;
}

/* words[0] is a command, as in main(). */
static int run(const char *word, char **args, int n, uint64_t options)
{
	struct cli cli = { .json = { .out = stdout }, .options = { .given = options } };
	int status;

	if (dmk_new(&cli.dm) < 0 || dmk_set_transport(cli.dm, driver, NULL) < 0)
		return EXIT_FAILED;
	cli.command = command_find(word);
	status = cli.command->run(&cli, args, n);
	dmk_free(cli.dm);
	return status;
}

/* The lines of a table, or the same by calls. */
static int table(uint32_t n, bool parse)
{
	char *text = malloc((size_t)n * 64), *at = text;
	struct dmk_table *lines;
	int r = text ? dmk_table_new(&lines) : -ENOMEM;

	for (uint32_t i = 0; r == 0 && parse && i < n; i++)
		at += sprintf(at, "%u 8 linear 7:0 %u\n", i * 8, i * 8);
	if (r == 0 && parse)
		r = dmk_table_parse(lines, text, (size_t)(at - text));
	for (uint32_t i = 0; r == 0 && !parse && i < n; i++) {
		struct dmk_linear linear = { .device = "7:0", .offset_sectors = i * 8 };

		r = dmk_table_add_linear(lines, DMK_NEXT, 8, &linear);
	}
	if (r == 0 && dmk_table_count(lines) != n)
		r = -EINVAL;
	dmk_table_free(lines);
	free(text);
	return r < 0;
}

static int check_file(uint32_t n)
{
	char path[] = "/tmp/growth-XXXXXX";
	char *args[] = { path };
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int status;

	if (!file)
		return EXIT_FAILED;
	for (uint32_t i = 0; i < n; i++)
		fprintf(file, "%u 8 linear 7:0 %u\n", i * 8, i * 8);
	fclose(file);
	status = run("check", args, 1, BIT(OPT_OFFLINE));
	unlink(path);
	return status;
}

int main(int argc, char **argv)
{
	static const char *const of_all[] = { "list", "info", "table", "status", "deps", "tree" };
	const char *work = argc == 3 ? argv[1] : "";
	uint32_t n = argc == 3 ? (uint32_t)atoi(argv[2]) : 0;
	char name[] = "d0000000", *one[] = { name };

	commands_set(command_rows, n_command_rows);
	n_devices = n;
	for (size_t i = 0; i < ARRAY_SIZE(of_all); i++)
		if (strcmp(work, of_all[i]) == 0)
			return run(work, NULL, 0, 0);
	if (strcmp(work, "remove") == 0)
		return run(work, NULL, 0, BIT(OPT_ALL) | BIT(OPT_NO_NODE));
	if (strcmp(work, "parse") == 0 || strcmp(work, "build") == 0)
		return table(n, *work == 'p');
	if (strcmp(work, "check") == 0)
		return check_file(n);
	n_targets = n;
	if (strcmp(work, "read") == 0)
		return run("table", one, 1, 0);
	fprintf(stderr, "usage: growth WORK N\n");
	return EXIT_USAGE;
}
