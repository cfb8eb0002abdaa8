/* SPDX-License-Identifier: MIT */
/* What reports, -S and the tree share: fields, their values, and who stands on whom. */
#ifndef DMSETUP_REPORT_H
#define DMSETUP_REPORT_H

#include "dmsetup/dmsetup.h"

/* ---- text.c --------------------------------------------------------------------------- */

struct dms_text {
	char *bytes; /* NULL: nothing was added */
	size_t length;
	size_t room;
	bool failed; /* no memory: what was added is lost */
};

void dms_text_add(struct dms_text *text, const char *more, size_t length);
void dms_text_puts(struct dms_text *text, const char *more);

/* Texts that live until all are freed. */
struct dms_pool {
	struct dms_chunk *first;
};

/* NULL: no memory. */
char *dms_keep(struct dms_pool *pool, const char *text, size_t length);
void dms_pool_free(struct dms_pool *pool);

/* ---- mangle.c ------------------------------------------------------------------------- */

/* The kernel's form of text; what is as in dms_text_in(). */
int dms_mangle_text(bool hex, const char *what, const char *text, char *out);
void dms_unmangle(const char *text, char *out);
/* A backslash that is itself mangled: auto mode refuses it. */
bool dms_mangled_twice(const struct dmsetup *d, const char *text);

/* ---- regex.c: the expressions of -S, which are not quite those of regcomp() ----------- */

struct dms_regex;

/* 0; or -1, and lines on stderr. */
int dms_regex_parse(const char *text, struct dms_regex **ret_regex);
/* 1: some part of text matches; 0: none; -1: no memory. */
int dms_regex_match(const struct dms_regex *regex, const char *text);

/* ---- graph.c: who stands on whom ------------------------------------------------------ */

struct dms_graph {
	struct dmk_graph *graph;
	/* Of the search: mappings as listed, below each at once what it needs. */
	const struct dmk_graph_node **order;
	uint32_t n;
	/* What stands on each node as the search met it: n_above of them from first_above on. */
	const struct dmk_graph_node **above;
	size_t *first_above;
};

/* One request for the list and one for each device. */
int dms_graph_read(struct dmsetup *d, struct dms_graph *ret_graph);
void dms_graph_free(struct dms_graph *graph);

/* ---- fields.c: one row for each field of -o ------------------------------------------- */

enum dms_field_id {
	DMS_F_NAME,
	DMS_F_MANGLED_NAME,
	DMS_F_UNMANGLED_NAME,
	DMS_F_UUID,
	DMS_F_MANGLED_UUID,
	DMS_F_UNMANGLED_UUID,
	DMS_F_READ_AHEAD,
	DMS_F_BLKDEVNAME,
	DMS_F_ATTR,
	DMS_F_TABLES_LOADED,
	DMS_F_SUSPENDED,
	DMS_F_READONLY,
	DMS_F_DEVNO,
	DMS_F_MAJOR,
	DMS_F_MINOR,
	DMS_F_OPEN,
	DMS_F_SEGMENTS,
	DMS_F_EVENTS,
	DMS_F_DEVICE_COUNT,
	DMS_F_DEVS_USED,
	DMS_F_DEVNOS_USED,
	DMS_F_BLKDEVS_USED,
	DMS_F_DEVICE_REF_COUNT,
	DMS_F_NAMES_USING_DEV,
	DMS_F_DEVNOS_USING_DEV,
	DMS_F_SUBSYSTEM,
	DMS_F_VG_NAME,
	DMS_F_LV_NAME,
	DMS_F_LV_LAYER,
	DMS_F_SELECTED,
	DMS_F_HELP,
	DMS_F_QUESTION,
	DMS_F_COUNT
};
#define DMS_F_BIT(field) (UINT64_C(1) << (field))

enum dms_section {
	DMS_S_NAME,
	DMS_S_INFO,
	DMS_S_DEPS,
	DMS_S_STACK, /* shown with those above, but not one of deps_all */
	DMS_S_SPLITNAME,
	DMS_S_SPECIAL,
	DMS_S_COUNT
};

struct dms_field {
	const char *id;
	const char *heading;
	const char *help;
	uint8_t width; /* of its column, at least; the heading's too */
	uint8_t section;
	bool number;
};

extern const struct dms_field dms_fields[DMS_F_COUNT];

/* The field that these bytes name, whatever their case and with or without '_'; or -1. */
int dms_field_find(const char *word, size_t length);
/* The fields of NAME_all, or 0; of "all", UINT64_MAX. */
uint64_t dms_field_group(const char *word, size_t length);
/* All there is to know, on stderr: of -o and -O, or of -S. */
void dms_field_help(bool select);
void dms_select_help(void);

/* ---- values.c ------------------------------------------------------------------------- */

union dms_value {
	const char *text;
	uint64_t number;
};

/* What a line is about. */
struct dms_subject {
	const char *name; /* the kernel's form; of splitname, the argument */
	const char *uuid;
	const char *subsystem; /* of splitname; NULL: a device */
	uint32_t major;
	uint32_t minor;
	uint32_t event_nr;
	bool has_event_nr;
	struct dmk_info info;
	bool has_info;
};

/* Where values come from; zero it, set d. */
struct dms_source {
	struct dmsetup *d;
	struct dms_pool pool; /* the texts of all values */
	struct dms_graph graph;
	bool has_graph;
};

/* What can become of a line. */
enum dms_outcome {
	DMS_FINE = 0,
	DMS_BAD = -1, /* stderr has been told */
	DMS_GONE = 1  /* the device is no longer there */
};

/* The values of the wanted fields into ret_values[DMS_F_COUNT]. */
int dms_values(struct dms_source *source, struct dms_subject *subject, uint64_t wanted,
	       union dms_value *ret_values);
struct dms_subject dms_subject_of(const struct dmk_device *device);
void dms_source_free(struct dms_source *source);

/* ---- select.c ------------------------------------------------------------------------- */

struct dms_selection {
	struct dms_condition *root; /* NULL: what `all` says */
	uint64_t fields;	    /* that it looks at */
	bool nothing;		    /* help was asked for: nothing is selected */
	struct dms_source source;   /* of dms_selected() */
};

/* 0; 1: help was asked for; -1. The caller has it freed by dms_select_free(). */
int dms_selection_parse(const char *text, struct dms_selection **ret_selection);
/* 1, 0, -1. selection may be NULL: all. */
int dms_selection_match(const struct dms_selection *selection, const union dms_value *values);

/* ---- report*.c ------------------------------------------------------------------------ */

struct dms_sort_key {
	uint8_t field;
	bool down;
};

enum dms_headings {
	DMS_HEADINGS_NONE,
	DMS_HEADINGS_SHORT,
	DMS_HEADINGS_FULL
};

struct dms_report {
	struct dms_source source;
	struct dms_selection *selection;
	uint8_t *columns; /* fields; one can come twice */
	size_t n_columns;
	struct dms_sort_key keys[DMS_F_COUNT];
	size_t n_keys;
	uint64_t wanted;    /* fields, of columns, keys and selection */
	uint64_t sections;  /* of the columns so far, for "all" */
	uint64_t otherwise; /* the fields that "all" means where there are none */
	bool help;	    /* of fields */
	bool select_help;
	uint32_t headings; /* enum dms_headings */
	bool aligned;
	const char *separator;
	struct dms_row *rows;
	struct dms_row **order;
	size_t n_rows;
	uint32_t width[DMS_F_COUNT];
};

/* Fills report from the options; usual is what -o stands for where it is not given. Zero it, set
 * otherwise. 0, -1; what it has allocated by then is the caller's. */
int dms_report_parse(struct dms_report *report, struct dmsetup *d, const char *usual);

#endif
