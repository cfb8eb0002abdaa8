/* SPDX-License-Identifier: MIT */
/* Which device, or devices, a command means. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "common/cli.h"
#include "common/nearest.h"
#include "common/numbers.h"
#include "common/signals.h"
#include "read/devices.h"
#include "show/errors.h"

/* A name has no '/', so nothing else than the node can be meant. */
const char *strip_node_dir(const char *word)
{
	static const char dir[] = "/dev/mapper/";

	return strncmp(word, dir, sizeof(dir) - 1) == 0 ? word + sizeof(dir) - 1 : word;
}

void address(const struct cli *cli, struct dmk_id *ret_id)
{
	*ret_id = (struct dmk_id){ 0 };
	if (given(cli, OPT_UUID)) {
		ret_id->uuid = cli->options.uuid;
	} else {
		ret_id->major = cli->options.major;
		ret_id->minor = cli->options.minor;
	}
}

/* What of a path can be a name: of /dev/vg/lv it is vg-lv, as LVM has it. */
static void name_of_path(const char *path, char name[static DMK_NAME_SIZE])
{
	static const char dev[] = "/dev/";
	const char *end = strrchr(path, '/');
	const char *start = path + (strncmp(path, dev, sizeof(dev) - 1) == 0 ? sizeof(dev) - 1 : 0);
	const char *slash = strchr(start, '/');

	if (start > path && slash && slash == end && strlen(start) < DMK_NAME_SIZE)
		snprintf(name, DMK_NAME_SIZE, "%.*s-%s", (int)(slash - start), start, slash + 1);
	else
		snprintf(name, DMK_NAME_SIZE, "%s", end ? end + 1 : path);
}

int fail_handle(struct cli *cli, const char *word, const char *format, ...)
{
	struct dmk_error err = { .code = -ENXIO };
	char text[DMK_ERROR_TEXT_SIZE];
	char name[DMK_NAME_SIZE];
	struct nearest nearest;
	size_t used = (size_t)snprintf(text, sizeof(text), "%s: ", cli->command->name);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - used, format, args);
	va_end(args);
	snprintf(err.device, sizeof(err.device), "%s", word);
	name_of_path(word, name);
	nearest_begin(&nearest, name, strlen(name));
	look_around(cli, name, &nearest);
	nearest_add(&nearest, text, sizeof(text));
	return fail_said(cli, &err, text);
}

/* What a word means that need not be the name itself. */
struct wanted {
	const char *name;
	bool numbered;	  /* by its number, and of that */
	bool minor_alone; /* all of device-mapper have one major */
	uint32_t major;
	uint32_t minor;
};

/* What libdevmapper leaves as it is. */
static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (c && strchr("#+-.:=@_", c));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at *s, where \xNN stands for one; *s is then behind it. */
static unsigned char next_byte(const char **s)
{
	const char *at = *s;

	if (at[0] == '\\' && at[1] == 'x' && hex_digit(at[2]) >= 0 && hex_digit(at[3]) >= 0) {
		*s += 4;
		return (unsigned char)(hex_digit(at[2]) << 4 | hex_digit(at[3]));
	}
	return (unsigned char)*(*s)++;
}

/* The same name, as it is or as libdevmapper mangles it. */
static bool same_mangled(const char *a, const char *b)
{
	while (*a && *b) {
		if (next_byte(&a) != next_byte(&b))
			return false;
	}
	return *a == *b;
}

/* MAJOR:MINOR or dm-N */
static bool parse_handle_number(const char *word, struct wanted *wanted)
{
	if (parse_devno(word, &wanted->major, &wanted->minor))
		return true;
	wanted->minor_alone = true;
	return parse_dm_minor(word, &wanted->minor);
}

/* Whether there are other readings of the word than the name itself. Most have none, and cost no
 * request. */
static bool has_readings(const char *word, bool in_node_dir, struct wanted *ret_wanted)
{
	*ret_wanted = (struct wanted){ .name = word };
	for (const char *c = word; *c; c++) {
		if (!is_plain(*c))
			return true;
	}
	if (in_node_dir || !parse_handle_number(word, ret_wanted))
		return false;
	ret_wanted->numbered = true;
	return true;
}

static bool is_wanted(const struct wanted *wanted, const struct dmk_device *device)
{
	if (wanted->numbered)
		return device->minor == wanted->minor &&
		       (wanted->minor_alone || device->major == wanted->major);
	return same_mangled(wanted->name, device->name);
}

/* ret_handle->name stays where a device has that very name, and where none is wanted. */
static int look_up(struct cli *cli, const struct wanted *wanted, struct handle *ret_handle)
{
	struct dmk_devices *devices;
	struct dmk_device device;
	bool found = false;
	int r;

	if (dmk_list(cli->dm, NULL, &devices) < 0)
		return fail(cli);
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		if (wanted->name && strcmp(device.name, wanted->name) == 0) {
			found = false;
			break;
		}
		if (!found && is_wanted(wanted, &device)) {
			snprintf(ret_handle->found, sizeof(ret_handle->found), "%s", device.name);
			ret_handle->id = *DMK_DEVNO(device.major, device.minor);
			found = true;
		}
	}
	dmk_devices_free(devices);
	if (r < 0)
		return fail_errno(cli, r, "", "list the devices");
	if (found)
		ret_handle->name = ret_handle->found;
	if (!found || !wanted->numbered)
		ret_handle->id = (struct dmk_id){ .name = ret_handle->name };
	return EXIT_DONE;
}

/* A path that leads to the node of a device, whoever made it. */
static int look_up_path(struct cli *cli, const char *path, struct handle *ret_handle)
{
	struct wanted wanted = { .numbered = true };
	struct stat st;
	int status;

	if (stat(path, &st) == 0) {
		if (!S_ISBLK(st.st_mode))
			return fail_handle(cli, path, "'%s' is no block device", path);
		wanted.major = major(st.st_rdev);
		wanted.minor = minor(st.st_rdev);
	} else if (errno != ENOENT && errno != ENOTDIR) {
		return fail_errno(cli, -errno, path, cli->command->name);
	} else if (strncmp(path, "/dev/", 5) == 0 && parse_dm_minor(path + 5, &wanted.minor)) {
		/* Not every machine has these nodes. */
		wanted.minor_alone = true;
	} else {
		return fail_handle(cli, path, "there is no '%s'", path);
	}
	status = look_up(cli, &wanted, ret_handle);
	if (status != EXIT_DONE || ret_handle->name)
		return status;
	if (wanted.minor_alone)
		return fail_handle(cli, path, "there is no mapping '%s'", path);
	return fail_handle(cli, path, "'%s' is %u:%u, which is no mapping", path, wanted.major,
			   wanted.minor);
}

int find_handle(struct cli *cli, const char *word, struct handle *ret_handle)
{
	const char *name = strip_node_dir(word);
	struct wanted wanted;

	ret_handle->name = NULL;
	if (strchr(name, '/'))
		return look_up_path(cli, word, ret_handle);
	/* A node in /dev/mapper that leads elsewhere is stale: there the name alone counts. */
	ret_handle->name = name;
	ret_handle->id = (struct dmk_id){ .name = name };
	if (!has_readings(name, name != word, &wanted))
		return EXIT_DONE;
	return look_up(cli, &wanted, ret_handle);
}

int take_device(struct cli *cli, char ***args, int *n, struct dmk_id *ret_id)
{
	int status;

	if (addressed(cli)) {
		address(cli, ret_id);
		return EXIT_DONE;
	}
	status = find_handle(cli, (*args)[0], &cli->handle);
	if (status != EXIT_DONE)
		return status;
	*ret_id = cli->handle.id;
	(*args)++;
	(*n)--;
	return EXIT_DONE;
}

const char *device_word(const struct dmk_id *id, char *buf, size_t size)
{
	if (id->name || id->uuid)
		return id->name ? id->name : id->uuid;
	snprintf(buf, size, "%u:%u", id->major, id->minor);
	return buf;
}

int each_fail(struct cli *cli, const struct each *each)
{
	const struct dmk_error *err = dmk_last_error(cli->dm);

	/* Removed since it was listed: then it is none of "all". */
	if (each->all && exit_code(err) == EXIT_NO_MAPPING)
		return EXIT_DONE;
	return fail(cli);
}

static int each_listed(struct cli *cli, each_fn fn)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID,
					    .name_prefix = cli->options.prefix };
	struct dmk_devices *devices;
	struct dmk_device device;
	int first = EXIT_DONE;
	int r;

	if (dmk_list(cli->dm, &options, &devices) < 0)
		return fail(cli);
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		struct each each = { .all = true, .prefix = true, .listed = &device };
		int status;

		each.id.name = device.name;
		status = fn(cli, &each);
		if (first == EXIT_DONE)
			first = status;
	}
	if (r < 0)
		first = fail_errno(cli, r, "", "list");
	dmk_devices_free(devices);
	return first;
}

int check_devices(struct cli *cli, int n)
{
	if (given(cli, OPT_PREFIX) && (n > 0 || addressed(cli)))
		return usage_error(cli, "prefix", "--prefix takes no NAME, no --uuid or --devno");
	/* All there are are looked at without a word, and never changed. */
	if ((cli->command->flags & CMD_CHANGES) && n == 0 && !given(cli, OPT_PREFIX) &&
	    !addressed(cli))
		return usage_error(cli, "", "needs NAME... or --prefix");
	return EXIT_DONE;
}

int each_device(struct cli *cli, char **names, int n, each_fn fn)
{
	struct each each = { .prefix = n > 1 };
	int first = check_devices(cli, n);

	if (first != EXIT_DONE)
		return first;
	if (addressed(cli)) {
		address(cli, &each.id);
		return fn(cli, &each);
	}
	if (n == 0)
		return each_listed(cli, fn);
	for (int i = 0; i < n; i++) {
		struct handle handle;
		int status;

		/* After Ctrl-C the others were not meant any more. */
		if (signals_caught())
			return first != EXIT_DONE
				       ? first
				       : fail_errno(cli, -ECANCELED, names[i], cli->command->name);
		status = find_handle(cli, names[i], &handle);
		each.id = handle.id;
		if (status == EXIT_DONE)
			status = fn(cli, &each);
		if (first == EXIT_DONE)
			first = status;
	}
	return first;
}

void query_options(const struct cli *cli, struct dmk_query_options *ret_options)
{
	*ret_options = (struct dmk_query_options){ 0 };
	if (given(cli, OPT_INACTIVE))
		ret_options->flags |= DMK_QUERY_INACTIVE;
	if (given(cli, OPT_FLUSH))
		ret_options->flags |= DMK_QUERY_FLUSH;
}
