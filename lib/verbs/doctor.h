/* SPDX-License-Identifier: MIT */
/* What is wrong on this machine: the parts of the search. */
#ifndef DMK_DOCTOR_H
#define DMK_DOCTOR_H

#include "findings.h"

/* ---- doctor-nodes.c: 0 or -ENOMEM ---- */
/* The nodes of all devices and whatever else of device-mapper's is in the node folder; only_name
 * NULL: all of that. */
int dmk_examine_nodes(struct dmk *dm, struct dmk_findings *findings,
		      const struct dmk_listing *listing, const char *only_name) DMK_MUST_CHECK;
int dmk_mend_node(struct dmk *dm, const struct dmk_finding *finding) DMK_MUST_CHECK;

/* ---- doctor-cookies.c: likewise ---- */
int dmk_examine_cookies(struct dmk *dm, struct dmk_findings *findings) DMK_MUST_CHECK;
int dmk_mend_cookie(struct dmk *dm, const struct dmk_finding *finding) DMK_MUST_CHECK;

/* ---- doctor-disks.c: likewise ---- */
/* What a device with a live table stands on. */
int dmk_examine_disks(struct dmk *dm, struct dmk_findings *findings,
		      const struct dmk_listed *device) DMK_MUST_CHECK;

/* ---- doctor-status.c: likewise ---- */
/* What the targets of a device with a live table say of themselves. */
int dmk_examine_status(struct dmk *dm, struct dmk_findings *findings,
		       const struct dmk_listed *device) DMK_MUST_CHECK;

/* ---- doctor-udev.c: likewise ---- */
/* A byte of a name that udev and libdevmapper do not write as \xHH. */
bool dmk_is_plain(char c);
/* What libdevmapper's programs make of a device's name, and udev of it. */
int dmk_examine_name(struct dmk_findings *findings, const struct dmk_listed *device) DMK_MUST_CHECK;
int dmk_examine_udev(struct dmk *dm, struct dmk_findings *findings,
		     const struct dmk_listed *device) DMK_MUST_CHECK;
/* Links that udevd made of such names come back when they are removed: their advice says so. */
void dmk_advise_links(struct dmk_findings *findings);

#endif
