/* SPDX-License-Identifier: MIT */
/*
 * What dmkit says of tables, and what this kernel does: `judge CASES` as root, in the lab. A case
 * is a line "LENGTH TYPE PARAMETERS", \xNN a byte. For each of them one line of fields with a tab
 * between them, as compare.py reads them:
 *
 *   case, refused by the grammar, by dmk_table_check(), by the kernel: its table ...
 *   its table, through keys and back
 *   the typed text through keys: refused, the kernel's table of it
 *   resume refused, status, status refused
 *
 * "" is: not refused, or not tried. /dev/mapper/pool, on ram6 and ram7, is for thin.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dmkit.h>

#define NAME "against"
#define TEXT 65536
#define DISKS 6
#define WIPED 65536

struct judged {
	char grammar[1024];
	char check[1024];
	char kernel[1024];
	char table[TEXT];
	char read_back[1024];
	char again[TEXT];
	char by_keys[1024];
	char keys_table[TEXT];
	char resume[1024];
	char status[TEXT];
	char status_read[1024];
};

static struct dmk *dm;

static void die(const char *what)
{
	fprintf(stderr, "judge: %s: %s\n", what, dm ? dmk_last_error(dm)->detail : "");
	exit(2);
}

/* An error's own words; the kernel's, where it has some. */
static void say(char buf[1024], const struct dmk_error *err)
{
	if (err->reason[0])
		snprintf(buf, 1024, "%s", err->reason);
	else if (err->detail[0])
		snprintf(buf, 1024, "'%s': %s", err->argument, err->detail);
	else
		snprintf(buf, 1024, "%s", dmk_errno_name(err->code));
}

static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		char digits[3] = "";

		if (s[0] == '\\' && s[1] == 'x' && s[2] && s[3]) {
			memcpy(digits, s + 2, 2);
			*out++ = (char)strtoul(digits, NULL, 16);
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* What an earlier case wrote is none of this one's. */
static void wipe(void)
{
	static const char zeros[WIPED];
	char path[32];

	for (int i = 0; i < DISKS; i++) {
		int fd;

		snprintf(path, sizeof(path), "/dev/ram%d", i);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || pwrite(fd, zeros, WIPED, 0) != WIPED || fsync(fd) < 0)
			die(path);
		close(fd);
	}
}

static struct dmk_table *new_table(void)
{
	struct dmk_table *table;

	if (dmk_table_new(&table) < 0)
		die("no memory");
	return table;
}

static void ask_dmkit(uint64_t length, const char *type, const char *params, struct judged *judged)
{
	struct dmk_table *table = new_table();

	if (dmk_table_add(table, 0, length, type, params) < 0)
		say(judged->grammar, dmk_table_error(table));
	else if (dmk_table_check(dm, table, NULL) < 0)
		say(judged->check, dmk_last_error(dm));
	dmk_table_free(table);
}

/* A device without a table, and this one loaded: 0, or what the kernel says. */
static int load(uint64_t length, const char *type, const char *params, char why[1024])
{
	struct dmk_load_options options = { 0 };
	struct dmk_create_options create = { .node_policy = DMK_NODE_NONE };
	struct dmk_table *table = new_table();
	int r;

	/* Else it refuses for that alone. */
	if (strcmp(type, "verity") == 0) {
		options.flags |= DMK_LOAD_READONLY;
		create.flags |= DMK_CREATE_READONLY;
	}
	wipe();
	if (dmk_create(dm, NAME, NULL, &create, NULL) < 0)
		die("create");
	dmk_table_set_unchecked(table);
	r = dmk_table_add(table, 0, length, type, params);
	if (r < 0)
		say(why, dmk_table_error(table));
	else if ((r = dmk_load(dm, DMK_NAME(NAME), table, &options, NULL)) < 0)
		say(why, dmk_last_error(dm));
	dmk_table_free(table);
	return r;
}

static void drop(void)
{
	static const struct dmk_remove_options options = { .timeout_ms = 10000 };

	if (dmk_remove(dm, DMK_NAME(NAME), &options, NULL) < 0)
		die("remove");
}

static void read_text(bool status, uint32_t flags, char text[TEXT])
{
	const struct dmk_query_options options = { .flags = flags };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	int r = status ? dmk_get_status(dm, DMK_NAME(NAME), &options, &segments)
		       : dmk_get_table(dm, DMK_NAME(NAME), &options, &segments);

	if (r < 0 || dmk_segments_next(segments, &segment) != 1)
		die("read back");
	snprintf(text, TEXT, "%s", segment.params);
	dmk_segments_free(segments);
}

/* params -> keys -> params */
static void through_keys(uint64_t length, const char *type, const char *params, char text[TEXT],
			 char why[1024])
{
	struct dmk_key_values values = { 0 };
	struct dmk_table *table = new_table();
	struct dmk_key_value *pairs;
	struct dmk_segment segment;
	struct dmk_error err;
	char size[32];

	if (dmk_params_to_keys(type, params, &values, &err) < 0) {
		say(why, &err);
		dmk_table_free(table);
		return;
	}
	pairs = calloc(values.count + 1, sizeof(*pairs));
	if (!pairs)
		die("no memory");
	for (size_t i = 0; i < values.count; i++)
		pairs[i] = values.items[i];
	snprintf(size, sizeof(size), "%llus", (unsigned long long)length);
	pairs[values.count] = (struct dmk_key_value){ .key = "size", .value = size };
	if (dmk_table_add_keys(table, type, pairs, (uint32_t)values.count + 1) < 0)
		say(why, dmk_table_error(table));
	else if (dmk_table_get(table, 0, &segment) == 0)
		snprintf(text, TEXT, "%s", segment.params);
	dmk_table_free(table);
	free(pairs);
	dmk_key_values_clear(&values);
}

/* md's threads take user-mode-linux down at a raid's resume, and Linux 6.1 goes down with a merge
 * of a store that dmkit refuses for that. */
static bool may_resume(const char *type, const struct judged *judged)
{
	return strcmp(type, "raid") != 0 &&
	       (strcmp(type, "snapshot-merge") != 0 || !judged->grammar[0]);
}

static void read_taken(uint64_t length, const char *type, struct judged *judged)
{
	struct dmk_key_values values = { 0 };
	struct dmk_error err;

	read_text(false, DMK_QUERY_INACTIVE, judged->table);
	if (may_resume(type, judged)) {
		if (dmk_resume(dm, DMK_NAME(NAME), NULL, NULL) < 0) {
			say(judged->resume, dmk_last_error(dm));
		} else {
			read_text(false, 0, judged->table);
			read_text(true, 0, judged->status);
			if (dmk_status_to_keys(type, judged->status, &values, &err) < 0)
				say(judged->status_read, &err);
			dmk_key_values_clear(&values);
		}
	}
	through_keys(length, type, judged->table, judged->again, judged->read_back);
}

static void type_again(uint64_t length, const char *type, const char *params, struct judged *judged)
{
	static char text[TEXT];

	text[0] = '\0';
	through_keys(length, type, params, text, judged->by_keys);
	if (judged->by_keys[0])
		return;
	if (load(length, type, text, judged->by_keys) == 0) {
		read_text(false, DMK_QUERY_INACTIVE, judged->keys_table);
		if (may_resume(type, judged) && dmk_resume(dm, DMK_NAME(NAME), NULL, NULL) == 0)
			read_text(false, 0, judged->keys_table);
	}
	drop();
}

static void put(const char *text)
{
	putchar('\t');
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' ? ' ' : *text);
}

static void judge(char *line)
{
	static struct judged judged;
	char *type, *params, *end;
	uint64_t length = strtoull(line, &end, 10);

	memset(&judged, 0, sizeof(judged));
	fputs(line, stdout);
	type = end + (*end == ' ');
	params = type + strcspn(type, " ");
	if (*params)
		*params++ = '\0';
	unescape(params);
	ask_dmkit(length, type, params, &judged);
	if (load(length, type, params, judged.kernel) == 0) {
		read_taken(length, type, &judged);
		drop();
		if (!judged.grammar[0])
			type_again(length, type, params, &judged);
	} else {
		drop();
	}
	put(judged.grammar);
	put(judged.check);
	put(judged.kernel);
	put(judged.table);
	put(judged.read_back);
	put(judged.again);
	put(judged.by_keys);
	put(judged.keys_table);
	put(judged.resume);
	put(judged.status);
	put(judged.status_read);
	putchar('\n');
	fflush(stdout);
}

static void make_pool(void)
{
	struct dmk_table *table = new_table();

	if (dmk_table_add(table, 0, 32768, "thin-pool", "/dev/ram6 /dev/ram7 128 0") < 0 ||
	    dmk_create(dm, "pool", table, NULL, NULL) < 0 ||
	    dmk_message(dm, DMK_NAME("pool"), "create_thin 0", NULL, NULL) < 0)
		die("pool");
	dmk_table_free(table);
}

int main(int argc, char **argv)
{
	static char line[TEXT];
	FILE *cases = argc == 2 ? fopen(argv[1], "re") : NULL;

	if (!cases) {
		fputs("usage: judge CASES\n", stderr);
		return 2;
	}
	if (dmk_new(&dm) < 0)
		die("no memory");
	make_pool();
	while (fgets(line, sizeof(line), cases)) {
		line[strcspn(line, "\n")] = '\0';
		judge(line);
	}
	fclose(cases);
	if (dmk_remove(dm, DMK_NAME("pool"), NULL, NULL) < 0)
		die("pool");
	dmk_free(dm);
	return 0;
}
