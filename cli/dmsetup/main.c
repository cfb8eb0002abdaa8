/* SPDX-License-Identifier: MIT */
/* The command called as dmsetup, or as another of that command's names. */
#include <stdlib.h>
#include <string.h>

#include "common/signals.h"
#include "dmsetup/called.h"
#include "dmsetup/options.h"
#include "dmsetup/verbs.h"

enum flag {
	REPEATED = 1 << 0, /* takes any number of devices; without one, all of them */
	NEEDED = 1 << 1,   /* the same, and without one it is an error */
	SELECTS = 1 << 2,  /* -S may choose instead */
	CHANGES = 1 << 3   /* a signal ends it in order */
};

static int help(struct dmsetup *d, char **words, int n);

static const struct verb {
	char name[18];
	int8_t min;
	int8_t max;
	uint8_t flags;
	int (*run)(struct dmsetup *d, char **words, int n);
	const char *words; /* for the usage */
} verbs[] = {
	{ "help", 0, 0, 0, help, "[-c]" },
	{ "create", 0, 2, CHANGES, dms_create,
	  "NAME [-u UUID] [-j MAJOR -m MINOR] [--notable | --table TABLE | FILE]\n"
	  "  create --concise [NAME,UUID,MINOR,ro|rw,TABLE[,TABLE]...[;...]]" },
	{ "remove", 0, -1, NEEDED | SELECTS | CHANGES, dms_remove,
	  "[--deferred] [--force] [--retry] DEVICE..." },
	{ "remove_all", 0, 0, CHANGES, dms_remove_all, "[--deferred] [--force]" },
	{ "suspend", 0, -1, NEEDED | SELECTS | CHANGES, dms_suspend,
	  "[--noflush] [--nolockfs] DEVICE..." },
	{ "resume", 0, -1, NEEDED | SELECTS | CHANGES, dms_resume,
	  "[--noflush] [--nolockfs] [--readahead N] DEVICE..." },
	{ "load", 0, 2, CHANGES, dms_load, "DEVICE [--table TABLE | FILE]" },
	{ "clear", 0, -1, NEEDED | SELECTS | CHANGES, dms_clear, "DEVICE..." },
	{ "reload", 0, 2, CHANGES, dms_load, "DEVICE [--table TABLE | FILE]" },
	{ "wipe_table", 0, -1, NEEDED | SELECTS | CHANGES, dms_wipe_table,
	  "[--noflush] [--nolockfs] DEVICE..." },
	{ "rename", 1, 2, CHANGES, dms_rename, "DEVICE [--setuuid] NAME-OR-UUID" },
	{ "measure", 0, -1, REPEATED | SELECTS, dms_measure, "[DEVICE...]" },
	{ "message", 2, -1, 0, dms_message, "DEVICE SECTOR MESSAGE..." },
	{ "ls", 0, 0, 0, dms_ls, "[--target TYPE] [--exec COMMAND] [--tree] [-o OPTIONS]" },
	{ "info", 0, -1, REPEATED, dms_info,
	  "[-c [-o FIELDS] [-O KEYS] [-S SELECTION]] [DEVICE...]" },
	{ "deps", 0, -1, REPEATED | SELECTS, dms_deps, "[-o OPTIONS] [DEVICE...]" },
	{ "status", 0, -1, REPEATED | SELECTS, dms_status,
	  "[--noflush] [--target TYPE] [DEVICE...]" },
	{ "table", 0, -1, REPEATED | SELECTS, dms_table,
	  "[--concise] [--target TYPE] [--showkeys] [DEVICE...]" },
	{ "wait", 0, 2, NEEDED, dms_wait, "DEVICE [EVENT-NR]" },
	{ "mknodes", 0, -1, REPEATED | CHANGES, dms_mknodes, "[DEVICE...]" },
	{ "mangle", 0, -1, REPEATED | CHANGES, dms_mangle, "[DEVICE...]" },
	{ "udevcreatecookie", 0, 0, 0, dms_udev_create_cookie, "" },
	{ "udevreleasecookie", 0, 1, CHANGES, dms_udev_release_cookie, "[COOKIE]" },
	{ "udevflags", 1, 1, 0, dms_udev_flags, "COOKIE" },
	{ "udevcomplete", 1, 1, 0, dms_udev_complete, "COOKIE" },
	{ "udevcomplete_all", 0, 1, 0, dms_udev_complete_all, "[AGE-IN-MINUTES]" },
	{ "udevcookies", 0, 0, 0, dms_udev_cookies, "" },
	{ "target-version", 1, -1, 0, dms_target_version, "TYPE..." },
	{ "targets", 0, 0, 0, dms_targets, "" },
	{ "version", 0, 0, 0, dms_version, "" },
	{ "setgeometry", 5, 5, 0, dms_set_geometry, "DEVICE CYLINDERS HEADS SECTORS START" },
	{ "splitname", 1, 2, 0, dms_report_splitname, "NAME [SUBSYSTEM]" },
};

/* On stderr always, as dmsetup's. */
static void usage(void)
{
	static const char more[] =
		"\n"
		"DEVICE is a name, a path, or for one device -u UUID or -j MAJOR -m MINOR. TABLE "
		"is\n"
		"lines of START LENGTH TARGET PARAMETERS; without --table and FILE they are read\n"
		"from stdin. dmkit(8) has the options.\n";

	fputs("Usage:\n"
	      "\n"
	      "dmsetup [OPTION...] VERB [ARGUMENT...]\n"
	      "\n",
	      stderr);
	for (size_t i = 0; i < DMS_COUNT_OF(verbs); i++)
		fprintf(stderr, "  %s %s\n", verbs[i].name, verbs[i].words);
	fputs(more, stderr);
}

static int help(struct dmsetup *d, char **words, int n)
{
	(void)words;
	(void)n;
	usage();
	if (!dms_given(d, DMS_COLUMNS))
		return 0;
	d->value[DMS_OPTIONS] = "help";
	d->given[DMS_OPTIONS] = 1;
	(void)dms_report_info(d, NULL, 0);
	return 0;
}

/* What is wrong with options that are each right. */
static int check_together(struct dmsetup *d)
{
	const char *text = NULL;

	if (dms_given(d, DMS_MAJOR) != dms_given(d, DMS_MINOR))
		text = "Please specify both major number and minor number.";
	else if (dms_given(d, DMS_TABLE) && dms_given(d, DMS_NOTABLE))
		text = "--table and --notable are incompatible.";
	else if (dms_given(d, DMS_ADDNODEONRESUME) && dms_given(d, DMS_ADDNODEONCREATE))
		text = "--addnodeonresume and --addnodeoncreate are incompatible.";
	if (!text)
		return 0;
	dms_error("%s", text);
	return -1;
}

/* -o where it is not of a report or a tree. */
static int read_show(struct dmsetup *d, const char *verb)
{
	static const char *const names[] = { "devno", "blkdevname", "devname" };
	const char *at = d->value[DMS_OPTIONS];

	if (dms_given(d, DMS_COLUMNS) || (verb && strcmp(verb, "splitname") == 0))
		return 0;
	if (dms_given(d, DMS_TREE))
		return dms_tree_options(at);
	while (at && *at) {
		size_t length = strcspn(at, ",");
		uint32_t i = 0;

		while (i < DMS_COUNT_OF(names) &&
		       (strlen(names[i]) != length || strncmp(at, names[i], length) != 0))
			i++;
		if (i == DMS_COUNT_OF(names)) {
			dms_error("Option not recognised: %.*s.", (int)length, at);
			return -1;
		}
		d->show = i;
		at += length;
		at += *at == ',';
	}
	return 0;
}

/* Where nodes are: below DM_DEV_DIR, /dev without it. */
static int set_node_dir(struct dmsetup *d)
{
	const char *dir = getenv("DM_DEV_DIR");
	size_t length;

	if (!dir || !*dir)
		dir = "/dev";
	length = strlen(dir);
	while (length > 1 && dir[length - 1] == '/')
		length--;
	if (*dir != '/' || length + sizeof("/mapper") > sizeof(d->node_dir)) {
		dms_error("Invalid DM_DEV_DIR environment variable value.");
		return -1;
	}
	snprintf(d->node_dir, sizeof(d->node_dir), "%.*s/mapper", (int)length, dir);
	return dmk_set_node_dir(d->dm, d->node_dir) < 0 ? -1 : 0;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < DMS_COUNT_OF(verbs); i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

static int run_verb(struct dmsetup *d, const struct verb *verb, char **words, int n)
{
	if (n < verb->min || (verb->max >= 0 && n > verb->max)) {
		dms_error("Incorrect number of arguments.");
		usage();
		return 1;
	}
	if ((verb->flags & NEEDED) && n == 0 && !dms_addressed(d) &&
	    !((verb->flags & SELECTS) && dms_given(d, DMS_SELECT))) {
		dms_error("No device specified.");
		return -1;
	}
	if (!(verb->flags & SELECTS) && verb->run != dms_info)
		d->given[DMS_SELECT] = 0;
	if (dms_given(d, DMS_SELECT) && verb->run != dms_info && dms_select_parse(d) < 0)
		return 1;
	if (verb->flags & CHANGES)
		signals_install(d->dm);
	return verb->run(d, words, n);
}

/* 0, -1: what failed has been told, or 1: and nothing more is to be said. */
static int run(struct dmsetup *d, int argc, char **argv, char **words)
{
	const struct verb *verb;
	int n = dms_read_options(d, argc, argv, words);

	if (n < 0 || check_together(d) < 0 || dms_mangle_init(d) < 0 ||
	    read_show(d, n > 0 ? words[0] : NULL) < 0) {
		dms_error("Couldn't process command line.");
		return 1;
	}
	if (set_node_dir(d) < 0)
		return 1;
	dms_udev_begin(d);
	if (strcmp(d->verb, "devmap_name") == 0)
		return dms_devmap_name(d, words, n);
	if (dms_given(d, DMS_HELP))
		return help(d, words, n);
	if (dms_given(d, DMS_VERSION))
		return dms_version(d, words, n);
	if (n == 0) {
		usage();
		return 1;
	}
	if (strcmp(words[0], "stats") == 0 || strcmp(words[0], "vdostats") == 0) {
		dms_error("dmsetup %s is not part of dmkit.", words[0]);
		return 1;
	}
	verb = find_verb(words[0]);
	if (!verb) {
		dms_error("Unknown command.");
		usage();
		return 1;
	}
	d->verb = verb->name;
	return run_verb(d, verb, words + 1, n - 1);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool dmsetup_is_called(const char *name)
{
	/* Looked at by each start: in one place, and no pointers to elsewhere. */
	static const char called_names[][12] = { "dmsetup", "devmap_name", "dmstats",
						 "losetup", "dmlosetup",   "dmvdostats" };

	for (size_t i = 0; i < DMS_COUNT_OF(called_names); i++)
		if (strcmp(base_name(name), called_names[i]) == 0)
			return true;
	return false;
}

int dmsetup_main(int argc, char **argv)
{
	struct dmsetup d = { .verb = base_name(argv[0]) };
	char **words;
	int r;

	if (strcmp(d.verb, "dmsetup") != 0 && strcmp(d.verb, "devmap_name") != 0) {
		dms_error("%s is not part of dmkit.", d.verb);
		return 1;
	}
	words = calloc((size_t)argc, sizeof(*words));
	if (!words || dmk_new(&d.dm) < 0) {
		free(words);
		dms_fail_memory();
		return 1;
	}
	r = run(&d, argc, argv, words);
	if (r < 0) {
		dms_error("Command failed.");
		if (d.reason[0])
			dms_error("Reason: %s", d.reason);
	}
	dms_select_free(d.selection);
	dmk_free(d.dm);
	free(words);
	/* These two are told whatever else is on the line. */
	return r == 0 || dms_given(&d, DMS_HELP) || dms_given(&d, DMS_VERSION) ? 0 : 1;
}
