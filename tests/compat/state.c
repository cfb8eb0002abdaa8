/* SPDX-License-Identifier: MIT */
/* The kernel's state between two command lines: made, looked at, and taken away in this process,
 * because each program that is started costs more than all of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "compat.h"

#define COOKIE_PREFIX 0x0d4d

static struct dmk *dm;

static struct dmk *connection(void)
{
	if (!dm && dmk_new(&dm) < 0)
		die("no memory");
	return dm;
}

static _Noreturn void die_dm(const char *what)
{
	char why[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(dmk_last_error(dm), why, sizeof(why));
	die("%s: %s", what, why);
}

void state_reset(struct state *state)
{
	for (int i = 0; i < state->n_devices; i++) {
		free(state->devices[i].words[0]);
		text_free(&state->devices[i].told);
	}
	for (int i = 0; i < state->n_cookies; i++)
		free(state->cookies[i]);
	for (int i = 0; i < state->n_zeroed; i++)
		free(state->zeroed[i]);
	*state = (struct state){ .node_dir = "/dev/mapper" };
}

/* Every path of a folder but the control node, by name. */
static int node_names(const char *dir, struct dirent ***ret_names)
{
	int n = scandir(dir, ret_names, NULL, alphasort);

	return n < 0 ? 0 : n;
}

static bool is_device_entry(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "control") != 0;
}

static void clear_nodes(const char *dir)
{
	struct dirent **names = NULL;
	int n = node_names(dir, &names);
	char path[512];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (is_device_entry(names[i]->d_name) && unlink(path) < 0)
			die("%s: %s", path, strerror(errno));
		free(names[i]);
	}
	free(names);
}

/* Calls fn for each semaphore of a udev cookie. */
static void each_cookie(void (*fn)(int id, const struct semid_ds *ds, void *data), void *data)
{
	union {
		int val;
		struct semid_ds *buf;
		struct seminfo *info;
	} arg;
	struct seminfo info;
	struct semid_ds ds;
	int last;

	arg.info = &info;
	last = semctl(0, 0, SEM_INFO, arg);
	for (int i = 0; i <= last; i++) {
		int id;

		arg.buf = &ds;
		id = semctl(i, 0, SEM_STAT, arg);
		if (id >= 0 && (unsigned int)ds.sem_perm.__key >> 16 == COOKIE_PREFIX)
			fn(id, &ds, data);
	}
}

static void remove_cookie(int id, const struct semid_ds *ds, void *data)
{
	(void)ds;
	(void)data;
	semctl(id, 0, IPC_RMID);
}

/* Those that are held open, and how many. */
static int held_fds[8];
static int n_held;

static void hold(const struct dmk_info *info)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/held%d", n_held);
	unlink(path);
	if (mknod(path, S_IFBLK | 0600, makedev(info->major, info->minor)) < 0)
		die("%s: %s", path, strerror(errno));
	held_fds[n_held] = open(path, O_RDONLY | O_CLOEXEC);
	if (held_fds[n_held++] < 0)
		die("%s: %s", path, strerror(errno));
}

static void let_go(void)
{
	while (n_held > 0)
		close(held_fds[--n_held]);
}

/* A suspended device cannot go. */
static void wake(const struct dmk_id *id)
{
	struct dmk_resume_options resume = { .node_policy = DMK_NODE_NONE };
	struct dmk_info info;

	if (dmk_get_info(dm, id, NULL, &info) < 0 || !(info.flags & DMK_INFO_SUSPENDED))
		return;
	dmk_clear(dm, id, NULL);
	dmk_resume(dm, id, &resume, NULL);
}

static int remove_devices(void)
{
	struct dmk_remove_options once = { .node_policy = DMK_NODE_NONE, .timeout_ms = -1 };
	struct dmk_devices *devices;
	struct dmk_device device;
	int left = 0;

	if (dmk_list(connection(), NULL, &devices) < 0)
		die_dm("list");
	while (dmk_devices_next(devices, &device) == 1) {
		struct dmk_id id = { .major = device.major, .minor = device.minor };

		wake(&id);
		if (dmk_remove(dm, &id, &once, NULL) < 0)
			left++;
	}
	dmk_devices_free(devices);
	return left;
}

/* systemd-udevd has this file while it has events to look after. */
void state_settle(void)
{
	/* It has to hear of them first. */
	usleep(100000);
	for (int i = 0; i < 500 && access("/run/udev/queue", F_OK) == 0; i++)
		usleep(10000);
}

void state_clear(const struct state *state)
{
	let_go();
	/* A stack takes a round for each of its levels; what is just being closed, some time. */
	for (int round = 0; remove_devices() > 0; round++) {
		if (round == 200)
			die("devices are left over and cannot be removed");
		if (round > 10)
			usleep(20000);
	}
	if (state->udev)
		state_settle();
	each_cookie(remove_cookie, NULL);
	clear_nodes(state->node_dir);
}

static void tell_table(const struct dmk_id *id, uint32_t flags, struct text *text)
{
	struct dmk_query_options query = { .flags = flags };
	struct dmk_segments *segments;
	struct dmk_segment segment;

	if (dmk_get_table(dm, id, &query, &segments) < 0) {
		text_add(text, "\ttable: %s\n", dmk_errno_name(dmk_last_error(dm)->code));
		return;
	}
	while (dmk_segments_next(segments, &segment) == 1)
		text_add(text, "\t%s%llu %llu %s %s\n", flags ? "inactive " : "",
			 (unsigned long long)segment.start_sectors,
			 (unsigned long long)segment.length_sectors, segment.type, segment.params);
	dmk_segments_free(segments);
}

static void tell_device(const struct dmk_device *device, struct text *text)
{
	struct dmk_id id = { .major = device->major, .minor = device->minor };
	struct dmk_blockdev blockdev = { 0 };
	struct dmk_info info;
	char *reply = NULL;
	char number[32];

	if (dmk_get_info(dm, &id, NULL, &info) < 0)
		return;
	snprintf(number, sizeof(number), "%u:%u", device->major, device->minor);
	dmk_get_blockdev(number, &blockdev);
	text_add(text, "%s uuid '%s' %s flags %x open %d events %u segments %u ahead %u ro %u\n",
		 device->name, info.uuid, number, info.flags, info.open_count, info.event_nr,
		 info.target_count, blockdev.read_ahead_sectors, blockdev.readonly);
	tell_table(&id, 0, text);
	if (dmk_message(dm, &id, "@stats_list", NULL, &reply) == 0 && reply) {
		if (*reply)
			text_add(text, "\tstats %s\n", reply);
		free(reply);
	}
	if (info.flags & DMK_INFO_INACTIVE_TABLE)
		tell_table(&id, DMK_QUERY_INACTIVE, text);
}

static void tell_nodes(const char *dir, struct text *text)
{
	struct dirent **names = NULL;
	int n = node_names(dir, &names);

	for (int i = 0; i < n; i++) {
		char path[512], target[256] = "";
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (is_device_entry(names[i]->d_name) && lstat(path, &st) == 0) {
			if (S_ISLNK(st.st_mode) && readlink(path, target, sizeof(target) - 1) < 0)
				die("%s: %s", path, strerror(errno));
			text_add(text, "node %s mode %o %u:%u of %u:%u%s%s\n", names[i]->d_name,
				 st.st_mode, major(st.st_rdev), minor(st.st_rdev), st.st_uid,
				 st.st_gid, *target ? " -> " : "", target);
		}
		free(names[i]);
	}
	free(names);
}

static struct dmk_table *parse_table(char *lines)
{
	struct dmk_table *table;

	if (dmk_table_new(&table) < 0)
		die("no memory");
	for (char *c = lines; *c; c++)
		if (*c == ';')
			*c = '\n';
	if (dmk_table_parse(table, lines, strlen(lines)) < 0)
		die("the table '%s'", lines);
	return table;
}

/* dev NAME [OPTION]... [TABLE] */
static void build_device(struct device *device)
{
	/* A number of its own, which may still be on its way out: then it is tried again. */
	struct dmk_create_options o = { .flags = DMK_CREATE_FIXED_MINOR,
					.minor = device->minor,
					.node_policy = DMK_NODE_NONE,
					.timeout_ms = 10000 };
	struct dmk_table *table = NULL, *inactive = NULL;
	const char *name = device->words[1];
	bool suspended = false, held = false;
	struct dmk_info info;

	for (int i = 2; i < device->n; i++) {
		char *word = device->words[i];
		char *value = strchr(word, '=');

		if (strncmp(word, "uuid=", 5) == 0) {
			o.uuid = value + 1;
		} else if (strncmp(word, "minor=", 6) == 0) {
			o.minor = (uint32_t)atoi(value + 1);
		} else if (strcmp(word, "ro") == 0) {
			o.flags |= DMK_CREATE_READONLY;
		} else if (strcmp(word, "suspended") == 0) {
			suspended = true;
		} else if (strcmp(word, "held") == 0) {
			held = true;
		} else if (strncmp(word, "inactive=", 9) == 0) {
			inactive = parse_table(value + 1);
			value[strlen(value)] = '\0';
		} else {
			table = parse_table(word);
		}
	}
	if (dmk_create(connection(), name, table, &o, &info) < 0)
		die_dm("build");
	if (held)
		hold(&info);
	if (inactive && dmk_load(dm, DMK_NAME(name), inactive, NULL, NULL) < 0)
		die_dm("build");
	if (suspended && dmk_suspend(dm, DMK_NAME(name), NULL, NULL) < 0)
		die_dm("build");
	dmk_table_free(table);
	dmk_table_free(inactive);
}

/* As `dmsetup mknodes` would have left them: a node of each, so that verbs have one to move. */
static void build_nodes(const struct state *state)
{
	struct dmk_devices *devices;
	struct dmk_device device;
	char path[512];

	if (dmk_list(connection(), NULL, &devices) < 0)
		die_dm("list");
	while (dmk_devices_next(devices, &device) == 1) {
		snprintf(path, sizeof(path), "%s/%s", state->node_dir, device.name);
		if (mknod(path, S_IFBLK | 0600, makedev(device.major, device.minor)) < 0)
			die("%s: %s", path, strerror(errno));
	}
	dmk_devices_free(devices);
}

static void build_cookie(const char *word)
{
	char *value;
	key_t key = (key_t)strtoul(word, &value, 16);
	int id = semget(key, 1, 0600 | IPC_CREAT | IPC_EXCL);

	if (id < 0 || *value != '=' || semctl(id, 0, SETVAL, atoi(value + 1)) < 0)
		die("cookie %s: %s", word, strerror(errno));
}

/* A disk of which nothing is known any more. */
static void zero(const char *path)
{
	static const char zeros[1 << 20];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, zeros, sizeof(zeros)) != sizeof(zeros) || close(fd) < 0)
		die("%s: %s", path, strerror(errno));
}

/* What each one is like before a command, so that state_restore() finds those that are still so. */
static void remember(struct state *state)
{
	for (int i = 0; i < state->n_devices; i++) {
		struct device *device = &state->devices[i];
		struct dmk_info info;

		if (dmk_get_info(dm, DMK_NAME(device->words[1]), NULL, &info) < 0)
			die_dm("build");
		text_free(&device->told);
		tell_device(&(const struct dmk_device){ .name = device->words[1],
							.major = info.major,
							.minor = info.minor },
			    &device->told);
	}
}

void state_build(struct state *state)
{
	for (int i = 0; i < state->n_zeroed; i++)
		zero(state->zeroed[i]);
	mkdir(state->node_dir, 0755);
	for (int i = 0; i < state->n_devices; i++) {
		text_free(&state->devices[i].told);
		build_device(&state->devices[i]);
	}
	remember(state);
	if (!state->udev)
		build_nodes(state);
	for (int i = 0; i < state->n_cookies; i++)
		build_cookie(state->cookies[i]);
}

/* Removes what is not as it was. False: that, or what it stands below, cannot be. */
static bool remove_changed(struct state *state, bool *present)
{
	struct dmk_remove_options once = { .node_policy = DMK_NODE_NONE, .timeout_ms = -1 };
	struct dmk_devices *devices;
	struct dmk_device device;
	bool all = true;

	if (dmk_list(connection(), NULL, &devices) < 0)
		die_dm("list");
	while (dmk_devices_next(devices, &device) == 1) {
		struct dmk_id id = { .major = device.major, .minor = device.minor };
		struct text now = { 0 };
		bool same = false;

		tell_device(&device, &now);
		for (int i = 0; i < state->n_devices && !same; i++) {
			same = now.data && strcmp(now.data, state->devices[i].told.data) == 0;
			present[i] |= same;
		}
		text_free(&now);
		if (!same) {
			wake(&id);
			all &= dmk_remove(dm, &id, &once, NULL) == 0;
		}
	}
	dmk_devices_free(devices);
	return all;
}

void state_restore(struct state *state)
{
	bool present[MAX_DEVICES] = { false };

	if (state->n_zeroed || n_held || !remove_changed(state, present)) {
		state_clear(state);
		state_build(state);
		return;
	}
	each_cookie(remove_cookie, NULL);
	for (int i = 0; i < state->n_devices; i++)
		if (!present[i])
			build_device(&state->devices[i]);
	if (!state->udev) {
		clear_nodes(state->node_dir);
		build_nodes(state);
	}
	for (int i = 0; i < state->n_cookies; i++)
		build_cookie(state->cookies[i]);
}

struct told_cookies {
	const struct state *state;
	struct text *text;
};

/* Those that a command made, at random keys, which are not told. */
static void tell_cookie(int id, const struct semid_ds *ds, void *data)
{
	const struct told_cookies *told = data;

	for (int i = 0; i < told->state->n_cookies; i++)
		if (ds->sem_perm.__key == (key_t)strtoul(told->state->cookies[i], NULL, 16))
			return;
	text_add(told->text, "cookie value %d\n", semctl(id, 0, GETVAL));
}

static void tell_cookies(const struct state *state, struct text *text)
{
	struct told_cookies told = { state, text };

	for (int i = 0; i < state->n_cookies; i++) {
		int id = semget((key_t)strtoul(state->cookies[i], NULL, 16), 1, 0);

		if (id >= 0)
			text_add(text, "cookie %.7s value %d\n", state->cookies[i] + 1,
				 semctl(id, 0, GETVAL));
	}
	each_cookie(tell_cookie, &told);
}

void state_tell(const struct state *state, struct text *ret_text)
{
	struct dmk_devices *devices;
	struct dmk_device device;

	if (dmk_list(connection(), NULL, &devices) < 0)
		die_dm("list");
	while (dmk_devices_next(devices, &device) == 1)
		tell_device(&device, ret_text);
	dmk_devices_free(devices);
	tell_nodes(state->node_dir, ret_text);
	tell_cookies(state, ret_text);
}
