/* SPDX-License-Identifier: MIT */
/* create and load: tables as text, out of --table, a file or stdin. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dmsetup/verbs.h"

/* One device to be made. */
struct plan {
	char name[DMS_TEXT_SIZE];
	char uuid[DMS_TEXT_SIZE]; /* empty: none */
	struct dmk_table *table;  /* NULL: none */
	bool readonly;
	bool fixed; /* minor is meant */
	uint32_t major;
	uint32_t minor;
};

static int fail_line(int number, const char *source)
{
	dms_error("Invalid format on line %d of table %s.", number, source);
	return -1;
}

/* The kernel takes a backslash for a quote of what follows it, dmsetup for a byte as any other: it
 * goes there doubled. *ret_quoted stays NULL where there is none. */
static int quote(const char *params, char **ret_quoted)
{
	size_t n = 0;
	char *to;

	for (const char *c = params; *c; c++)
		n += *c == '\\';
	if (n == 0)
		return 0;
	to = malloc(strlen(params) + n + 1);
	if (!to)
		return dms_fail_memory();
	*ret_quoted = to;
	for (; *params; params++) {
		if (*params == '\\')
			*to++ = '\\';
		*to++ = *params;
	}
	*to = '\0';
	return 0;
}

/* Tables carry keys: what held a line is wiped. */
static void drop_line(char *line, size_t room)
{
	if (line)
		explicit_bzero(line, room);
	free(line);
}

static int add_segment(struct dmk_table *table, const struct dmk_segment *segment, int number,
		       const char *source)
{
	char *quoted = NULL;
	int r = quote(segment->params, &quoted);

	if (r == 0 && dmk_table_add(table, segment->start_sectors, segment->length_sectors,
				    segment->type, quoted ? quoted : segment->params) < 0)
		r = dmk_table_error(table)->code == -ENOMEM ? dms_fail_memory()
							    : fail_line(number, source);
	drop_line(quoted, quoted ? strlen(quoted) : 0);
	return r;
}

#define SPACE " \t\v\f\r"

/* START LENGTH TYPE [PARAMETERS] [# comment]; numbers are what strtoull() makes of them, and the
 * kernel's to judge. */
static int add_line(struct dmk_table *table, char *line, int number, const char *source)
{
	struct dmk_segment segment = { 0 };
	char *at, *end;

	line += strspn(line, " \t");
	line[strcspn(line, "#\n")] = '\0';
	for (end = line + strlen(line); end > line && strchr(SPACE, end[-1]); end--)
		end[-1] = '\0';
	if (!*line)
		return 0;
	segment.start_sectors = strtoull(line, &at, 10);
	if (at == line)
		return fail_line(number, source);
	segment.length_sectors = strtoull(at, &end, 10);
	if (end == at)
		return fail_line(number, source);
	/* Nothing need stand between a number and what is none. */
	end += strspn(end, SPACE);
	if (!*end)
		return fail_line(number, source);
	segment.type = end;
	at = end + strcspn(end, SPACE);
	if (*at)
		*at++ = '\0';
	if (strlen(segment.type) >= DMK_TYPE_SIZE) {
		dms_error("Target type name %s is too long.", segment.type);
		return -1;
	}
	segment.params = at + strspn(at, SPACE);
	/* DMK_NEXT would be understood; one sector less is refused by the kernel all the same. */
	if (segment.start_sectors == DMK_NEXT)
		segment.start_sectors--;
	return add_segment(table, &segment, number, source);
}

static int add_lines(struct dmk_table *table, char *lines)
{
	int number = 0;

	while (lines) {
		char *next = strchr(lines, '\n');

		if (next)
			*next++ = '\0';
		if (add_line(table, lines, ++number, "") < 0)
			return -1;
		lines = next;
	}
	return 0;
}

static int add_stream(struct dmk_table *table, FILE *file, const char *source)
{
	char *line = NULL;
	size_t room = 0;
	int number = 0;
	int r = 0;

	while (r == 0 && getline(&line, &room, file) >= 0)
		r = add_line(table, line, ++number, source);
	drop_line(line, room);
	return r;
}

static int read_table(struct dmsetup *d, const char *path, struct dmk_table *table)
{
	char *copy;
	FILE *file;
	int r;

	if (dms_given(d, DMS_TABLE)) {
		copy = strdup(d->value[DMS_TABLE]);
		if (!copy)
			return dms_fail_memory();
		r = add_lines(table, copy);
		explicit_bzero(copy, strlen(d->value[DMS_TABLE]));
		free(copy);
		return r;
	}
	if (!path)
		return add_stream(table, stdin, "on stdin");
	file = fopen(path, "re");
	if (!file) {
		dms_error("Couldn't open '%s' for reading.", path);
		return -1;
	}
	r = add_stream(table, file, path);
	fclose(file);
	return r;
}

static int new_table(struct dmk_table **ret_table)
{
	if (dmk_table_new(ret_table) < 0)
		return dms_fail_memory();
	dmk_table_set_unchecked(*ret_table);
	return 0;
}

/* Everything after the device is there. Its messages name it by name and number. */
static int fill(struct dmsetup *d, const struct plan *plan, const struct dmk_id *id,
		const struct dmk_id *shown)
{
	struct dmk_load_options load = { .flags = plan->readonly ? DMK_LOAD_READONLY : 0 };
	struct dmk_info info;

	if (!plan->table || dmk_table_count(plan->table) == 0)
		return 0;
	if (dmk_load(d->dm, id, plan->table, &load, NULL) < 0)
		return dms_fail(d, "reload", shown);
	if (dms_resume_with(d, id, 0, &info) < 0)
		return dms_fail(d, "resume", shown);
	dms_set_read_ahead(d, &info);
	return 0;
}

static int make(struct dmsetup *d, const struct plan *plan)
{
	/* udevd makes a node when it hears of the device, which is on resume. */
	bool at_once = dms_given(d, DMS_ADDNODEONCREATE) && d->node_policy == DMK_NODE_DEFAULT &&
		       !dms_handshake(d);
	struct dmk_create_options options = {
		.flags = plan->fixed ? DMK_CREATE_FIXED_MINOR : 0,
		.minor = plan->minor,
		.uid = dms_node_uid(d),
		.gid = dms_node_gid(d),
		.mode = dms_node_mode(d),
		.node_policy = at_once ? DMK_NODE_ON_CREATE : DMK_NODE_NONE,
		.uuid = plan->uuid[0] ? plan->uuid : NULL,
	};
	struct dmk_id id = { .name = plan->name };
	struct dmk_id shown = { .name = plan->name, .uuid = options.uuid };
	struct dmk_remove_options undo = { .node_policy = d->node_policy };
	struct dmk_info info;
	int r;

	if (plan->fixed) {
		shown.major = plan->major;
		shown.minor = plan->minor;
	}
	if (dmk_create(d->dm, plan->name, NULL, &options, &info) < 0)
		return dms_fail(d, "create", &shown);
	if (plan->major && plan->major != info.major) {
		/* The kernel overlooks the major number: what was asked for is not there. */
		dms_error("device-mapper: resume ioctl on %s (%u:%u) failed: %s", plan->name,
			  plan->major, plan->minor, dmk_errno_text(-ENXIO));
		r = -1;
	} else {
		shown = (struct dmk_id){ .name = plan->name,
					 .major = info.major,
					 .minor = info.minor };
		r = fill(d, plan, &id, &shown);
	}
	if (r < 0) {
		/* Also where a signal was the reason. */
		dmk_set_cancel(d->dm, NULL, -1);
		(void)dmk_remove(d->dm, &id, &undo, NULL);
		return -1;
	}
	return dms_info_after(d, &id);
}

/* The next field of a concise text, unescaped in place; *ret_end is the ',' or ';' that ended it,
 * or the '\' that quotes nothing. */
static char *next_field(char **at, char *ret_end)
{
	char *field = *at + strspn(*at, " ");
	char *from = field, *to = field;

	for (; *from && *from != ',' && *from != ';'; from++) {
		if (*from == '\\' && !*++from) {
			from--;
			break;
		}
		*to++ = *from;
	}
	*ret_end = *from;
	*at = from + (*from ? 1 : 0);
	*to = '\0';
	return field;
}

static const char *or_null(const char *text)
{
	return text ? text : "(null)";
}

/* The tables of an entry, after its four fields, as lines. -1: there is none, or the last is empty.
 */
static int join_tables(char **at, char *end, char **ret_lines)
{
	char *lines = next_field(at, end);
	size_t length = strlen(lines);
	char *to = lines + length;

	*ret_lines = lines;
	while (*end == ',') {
		char *line = next_field(at, end);

		length = strlen(line);
		*to++ = '\n';
		memmove(to, line, length + 1);
		to += length;
	}
	/* Between others an empty one is an empty line; as the last it is one too few. */
	return length > 0 ? 0 : -1;
}

static int fail_fields(const char *what, char end, char *const *fields, const char *lines, int n)
{
	if (end == '\\')
		dms_error("Backslash must be followed by another character at end of string.");
	else
		dms_error("%sive comma-separated fields are required for each device", what);
	dms_error("Parsed %d fields: name: %s uuid: %s minor: %s flags: %s table: %s", n,
		  or_null(fields[0]), or_null(fields[1]), or_null(fields[2]), or_null(fields[3]),
		  or_null(lines));
	return -1;
}

/* The major number of device-mapper here, where a device can tell it: for messages. */
static uint32_t own_major(struct dmsetup *d)
{
	struct dmk_devices *devices;
	struct dmk_device device = { 0 };

	if (dmk_list(d->dm, NULL, &devices) < 0)
		return 0;
	(void)dmk_devices_next(devices, &device);
	dmk_devices_free(devices);
	return device.major;
}

static int plan_names(struct dmsetup *d, struct plan *plan, const char *name, const char *uuid)
{
	if (dms_check_name(name, ".") < 0 || dms_text_in(d, "name", name, plan->name) < 0)
		return -1;
	return uuid && *uuid ? dms_text_in(d, "UUID", uuid, plan->uuid) : 0;
}

/* One NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]... of a concise text. */
static int make_entry(struct dmsetup *d, char **at)
{
	char *fields[4] = { NULL }, *lines = NULL, end = ',';
	struct plan plan = { 0 };
	int n, r;

	for (n = 0; n < 4 && end == ','; n++)
		fields[n] = next_field(at, &end);
	if (n < 4 || end != ',')
		return fail_fields("F", end, fields, NULL, n);
	if (join_tables(at, &end, &lines) < 0 || end == '\\')
		return fail_fields("Incomplete entry: f", end, fields, lines, 5);
	if (*fields[3] && strcmp(fields[3], "ro") != 0 && strcmp(fields[3], "rw") != 0) {
		dms_error("Invalid flags parameter '%s' must be 'ro' or 'rw' or empty.", fields[3]);
		return -1;
	}
	plan.readonly = dms_given(d, DMS_READONLY) || strcmp(fields[3], "ro") == 0;
	if (*fields[2]) {
		plan.fixed = true;
		plan.minor = (uint32_t)strtoul(fields[2], NULL, 10);
		plan.major = own_major(d);
	}
	r = new_table(&plan.table);
	if (r == 0)
		r = plan_names(d, &plan, fields[0], fields[1]);
	if (r == 0)
		r = add_lines(plan.table, lines);
	if (r == 0)
		r = make(d, &plan);
	dmk_table_free(plan.table);
	return r;
}

static int make_entries(struct dmsetup *d, const char *text)
{
	char *copy = strdup(text);
	size_t size = strlen(text);
	char *at = copy;
	int r = 0;

	if (!copy)
		return dms_fail_memory();
	while (r == 0 && *at) {
		r = make_entry(d, &at);
		at += strspn(at, SPACE "\n");
	}
	drop_line(copy, size);
	return r;
}

static int create_concise(struct dmsetup *d, char **words, int n)
{
	char *line = NULL;
	size_t room = 0;
	int r = 0;

	if (n > 1) {
		dms_error("dmsetup create --concise takes at most one argument");
		return -1;
	}
	if (dms_given(d, DMS_TABLE) || dms_given(d, DMS_NOTABLE) || dms_given(d, DMS_MINOR) ||
	    dms_given(d, DMS_UUID) || dms_given(d, DMS_INACTIVE)) {
		dms_error("--concise is incompatible with --[no]table, --minor, --uuid and "
			  "--inactive.");
		return -1;
	}
	if (n == 1)
		return make_entries(d, words[0]);
	/* All of it is one text: a line may end inside of a table. */
	if (getdelim(&line, &room, '\0', stdin) >= 0)
		r = make_entries(d, line);
	drop_line(line, room);
	return r;
}

int dms_create(struct dmsetup *d, char **words, int n)
{
	struct plan plan = { .readonly = dms_given(d, DMS_READONLY),
			     .fixed = dms_given(d, DMS_MINOR),
			     .major = (uint32_t)d->number[DMS_MAJOR],
			     .minor = (uint32_t)d->number[DMS_MINOR] };
	int r = 0;

	if (dms_given(d, DMS_CONCISE))
		return create_concise(d, words, n);
	if (n == 0) {
		dms_error("Please provide a name for the new device.");
		return -1;
	}
	if (plan_names(d, &plan, words[0], d->value[DMS_UUID]) < 0)
		return -1;
	if (!dms_given(d, DMS_NOTABLE)) {
		r = new_table(&plan.table);
		if (r == 0)
			r = read_table(d, n > 1 ? words[1] : NULL, plan.table);
	}
	if (r == 0)
		r = make(d, &plan);
	dmk_table_free(plan.table);
	return r;
}

/* load DEVICE [FILE], or [FILE] where -u or -j names the device */
int dms_load(struct dmsetup *d, char **words, int n)
{
	struct dmk_load_options options = { .flags = dms_given(d, DMS_READONLY) ? DMK_LOAD_READONLY
										: 0 };
	bool addressed = dms_addressed(d);
	struct dmk_table *table = NULL;
	struct dms_device device;
	struct dmk_info info;
	int r;

	if (n == 0 && !addressed) {
		dms_error("Please specify device.");
		return -1;
	}
	if (dms_find(d, addressed ? NULL : words[0], &device) < 0)
		return -1;
	r = new_table(&table);
	if (r == 0)
		r = read_table(d, n > (addressed ? 0 : 1) ? words[n - 1] : NULL, table);
	if (r == 0 && dmk_load(d->dm, &device.id, table, &options, &info) < 0)
		r = dms_fail(d, "reload", &device.id);
	else if (r == 0)
		r = dms_replied(d, info.name, info.uuid);
	dmk_table_free(table);
	return r < 0 ? r : dms_info_after(d, &device.id);
}
