/* SPDX-License-Identifier: MIT */
/* The fields of -o, -O and -S: names, headings, widths and help. */
#include <string.h>

#include "dmsetup/report/report.h"

#define TEXT(section, id, width, heading, help)                  \
	{                                                        \
		id, heading, help, width, DMS_S_##section, false \
	}
#define NUMBER(section, id, width, heading, help)               \
	{                                                       \
		id, heading, help, width, DMS_S_##section, true \
	}

/* In the order of enum dms_field_id. The headings and ids are what scripts look for. */
const struct dms_field dms_fields[DMS_F_COUNT] = {
	TEXT(NAME, "name", 16, "Name", "Name of mapped device."),
	TEXT(NAME, "mangled_name", 16, "MangledName", "Mangled name of mapped device."),
	TEXT(NAME, "unmangled_name", 16, "UnmangledName", "Unmangled name of mapped device."),
	TEXT(NAME, "uuid", 32, "UUID", "Unique (optional) identifier for mapped device."),
	TEXT(NAME, "mangled_uuid", 32, "MangledUUID",
	     "Mangled unique (optional) identifier for mapped device."),
	TEXT(NAME, "unmangled_uuid", 32, "UnmangledUUID",
	     "Unmangled unique (optional) identifier for mapped device."),
	NUMBER(NAME, "read_ahead", 6, "RAhead", "Read ahead value."),
	TEXT(INFO, "blkdevname", 16, "BlkDevName", "Name of block device."),
	TEXT(INFO, "attr", 4, "Stat",
	     "(L)ive, (I)nactive, (s)uspended, (r)ead-only, read-(w)rite."),
	TEXT(INFO, "tables_loaded", 6, "Tables",
	     "Which of the live and inactive table slots are filled."),
	TEXT(INFO, "suspended", 9, "Suspended", "Whether the device is suspended."),
	TEXT(INFO, "readonly", 9, "Read-only", "Whether the device is read-only or writeable."),
	TEXT(INFO, "devno", 5, "DevNo", "Device major and minor numbers"),
	NUMBER(INFO, "major", 3, "Maj", "Block device major number."),
	NUMBER(INFO, "minor", 3, "Min", "Block device minor number."),
	NUMBER(INFO, "open", 4, "Open", "Number of references to open device, if requested."),
	NUMBER(INFO, "segments", 4, "Targ", "Number of segments in live table, if present."),
	NUMBER(INFO, "events", 6, "Event", "Number of most recent event."),
	NUMBER(DEPS, "device_count", 5, "#Devs", "Number of devices used by this one."),
	TEXT(STACK, "devs_used", 16, "DevNamesUsed",
	     "List of names of mapped devices used by this one."),
	TEXT(DEPS, "devnos_used", 16, "DevNosUsed",
	     "List of device numbers of devices used by this one."),
	TEXT(DEPS, "blkdevs_used", 16, "BlkDevNamesUsed",
	     "List of names of block devices used by this one."),
	NUMBER(STACK, "device_ref_count", 5, "#Refs",
	       "Number of mapped devices referencing this one."),
	TEXT(STACK, "names_using_dev", 8, "RefNames",
	     "List of names of mapped devices using this one."),
	TEXT(STACK, "devnos_using_dev", 9, "RefDevNos",
	     "List of device numbers of mapped devices using this one."),
	TEXT(SPLITNAME, "subsystem", 6, "Subsys",
	     "Userspace subsystem responsible for this device."),
	TEXT(SPLITNAME, "vg_name", 4, "VG", "LVM Volume Group name."),
	TEXT(SPLITNAME, "lv_name", 4, "LV", "LVM Logical Volume name."),
	TEXT(SPLITNAME, "lv_layer", 7, "LVLayer", "LVM device layer."),
	NUMBER(SPECIAL, "selected", 8, "Selected", "Set if item passes selection criteria."),
	NUMBER(SPECIAL, "help", 4, "Help", "Show help."),
	NUMBER(SPECIAL, "?", 4, "Help", "Show help."),
};

static const struct {
	const char *prefix; /* of its _all; NULL: it has none */
	const char *title;
} sections[] = {
	[DMS_S_NAME] = { "name", "Mapped Device Name" },
	[DMS_S_INFO] = { "info", "Mapped Device Information" },
	[DMS_S_DEPS] = { "deps", "Mapped Device Relationship Information" },
	[DMS_S_STACK] = { NULL, NULL },
	[DMS_S_SPLITNAME] = { "splitname", "Mapped Device Name Components" },
	[DMS_S_SPECIAL] = { NULL, "Special" },
};

/* Whether the bytes are id with id2 after it, whatever their case and with or without '_'. */
static bool is_word(const char *word, size_t length, const char *id, const char *id2)
{
	const char *end = word + length;

	for (;;) {
		while (*id == '_')
			id++;
		while (word < end && *word == '_')
			word++;
		if (*id == '\0') {
			if (!id2)
				return word == end;
			id = id2;
			id2 = NULL;
			continue;
		}
		if (word == end ||
		    (*word >= 'A' && *word <= 'Z' ? *word | 0x20 : *word) != (int)*id)
			return false;
		word++;
		id++;
	}
}

int dms_field_find(const char *word, size_t length)
{
	for (int i = 0; i < DMS_F_COUNT; i++) {
		if (is_word(word, length, dms_fields[i].id, NULL))
			return i;
	}
	return -1;
}

uint64_t dms_field_group(const char *word, size_t length)
{
	uint64_t group = 0;

	if (is_word(word, length, "all", NULL))
		return UINT64_MAX;
	for (size_t i = 0; i < DMS_COUNT_OF(sections); i++) {
		if (!sections[i].prefix || !is_word(word, length, sections[i].prefix, "all"))
			continue;
		for (int field = 0; field < DMS_F_COUNT; field++) {
			if (dms_fields[field].section == i)
				group |= DMS_F_BIT(field);
		}
	}
	return group;
}

static void put_title(const char *title, const char *rest)
{
	size_t length = strlen(title) + strlen(rest);

	fprintf(stderr, "%s%s\n", title, rest);
	while (length-- > 0)
		fputc('-', stderr);
	fputc('\n', stderr);
}

/* Ids are padded to the longest of dmsetup's own, which is one of its statistics. */
static void put_field(const char *id, const char *help, const char *type)
{
	fprintf(stderr, "  %-21s - %s%s\n", id, help, type);
}

void dms_field_help(bool select)
{
	unsigned section = DMS_S_COUNT;

	for (size_t i = 0; i < DMS_F_COUNT; i++) {
		const struct dms_field *field = &dms_fields[i];
		const char *type = "";

		if (field->section != section && sections[field->section].title) {
			const char *prefix = sections[field->section].prefix;

			if (section != DMS_S_COUNT)
				fputs(" \n", stderr);
			section = field->section;
			put_title(sections[section].title, " Fields");
			if (!select && prefix) {
				char all[16];

				snprintf(all, sizeof(all), "%s_all", prefix);
				put_field(all, "All fields in this section.", "");
			}
		}
		if (select)
			type = i >= DMS_F_HELP ? " [unselectable number]"
			       : field->number ? " [number]"
					       : " [string]";
		put_field(field->id, field->help, type);
	}
	fputs(" \n", stderr);
}

void dms_select_help(void)
{
	static const char comparisons[] = "  Comparison operators:\n"
					  "        =~  - Matching regular expression. [regex]\n"
					  "        !~  - Not matching regular expression. [regex]\n"
					  "         =  - Equal to. [number, string]\n"
					  "        !=  - Not equal to. [number, string]\n"
					  "        >=  - Greater than or equal to. [number]\n"
					  "         >  - Greater than. [number]\n"
					  "        <=  - Less than or equal to. [number]\n"
					  "         <  - Less than. [number]\n"
					  " \n"
					  "  Logical and grouping operators:\n"
					  "        &&  - All fields must match\n"
					  "         ,  - All fields must match\n"
					  "        ||  - At least one field must match\n"
					  "         #  - At least one field must match\n"
					  "         !  - Logical negation\n"
					  "         (  - Left parenthesis\n"
					  "         )  - Right parenthesis\n"
					  " \n";

	put_title("Selection operands", "");
	put_field("field", "Reporting field.", "");
	put_field("number", "Non-negative integer value.", "");
	put_field("string", "Characters quoted by ' or \" or unquoted.", "");
	put_field("regular expression",
		  "Characters quoted by ' or \" or enclosed by ( ), [ ] or { }, or unquoted.", "");
	fputs(" \n", stderr);
	put_title("Selection operators", "");
	fputs(comparisons, stderr);
}
